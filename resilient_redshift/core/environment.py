"""Where things lie: the environment of a construct, the subnets and Availability Zones of a VPC. Each is read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import aws_cdk as cdk

from resilient_redshift.core.tree import path_of, remember_path
from resilient_redshift.rules.tokens import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import Stack
    from aws_cdk import aws_ec2 as ec2
    from aws_cdk.interfaces import IEnvironmentAware
    from constructs import IConstruct

    from resilient_redshift.errors import Problems


@dataclass(frozen=True, slots=True)
class Environment:
    """An account and a Region; ``None`` where the deployment decides."""

    account: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class Subnets:
    """The chosen subnets, and in how many Availability Zones they can lie at most (``None``: not known)."""

    ids: Sequence[str]
    zones: int | None


@dataclass(frozen=True, slots=True)
class ArnParts:
    """What a stack's ARNs hold; tokens where the deployment decides."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str, name: str) -> str:
        """An ARN of the stack's Region and account, the resource and its name with a colon between."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}:{name}"


_stacks: Final[WeakKeyDictionary[IConstruct, Stack]] = WeakKeyDictionary()
_names: Final[WeakKeyDictionary[Stack, ArnParts]] = WeakKeyDictionary()
_environments: Final[WeakKeyDictionary[Any, Environment]] = WeakKeyDictionary()
_default_subnets: Final[WeakKeyDictionary[ec2.IVpc, Subnets]] = WeakKeyDictionary()


def stack_of(construct: IConstruct) -> Stack:
    """The construct's stack."""
    found = _stacks.get(construct)
    if found is None:
        found = _stacks[construct] = cdk.Stack.of(construct)
    return found


def remember_place(construct: IConstruct, stack: Stack, scope: IConstruct, construct_id: str) -> None:
    """Note the stack and path of a construct just made, as others will ask for them."""
    _stacks[construct] = stack
    if "/" not in construct_id:  # CDK writes another character
        remember_path(construct, f"{path_of(scope)}/{construct_id}")


def remember_environment(construct: IEnvironmentAware, environment: Environment) -> None:
    """Note where a resource just made lies: in its stack."""
    _environments[construct] = environment


def arn_parts_of(stack: Stack) -> ArnParts:
    """The stack's partition, Region and account."""
    found = _names.get(stack)
    if found is None:
        found = _names[stack] = ArnParts(stack.partition, stack.region, stack.account)
    return found


def stack_environment(stack: Stack) -> Environment:
    """The account and Region that a stack is declared for."""
    found = _environments.get(stack)
    if found is None:
        parts = arn_parts_of(stack)
        found = _environments[stack] = Environment(literal(parts.account), literal(parts.region))
    return found


def environment_of(construct: IEnvironmentAware) -> Environment:
    """The account and Region where a resource lies: its own for an imported one, otherwise its stack's."""
    found = _environments.get(construct)
    if found is None:
        env = construct.env
        found = _environments[construct] = Environment(literal(env.account), literal(env.region))
    return found


def check_environment(
    problems: Problems, argument: str, construct: IEnvironmentAware, here: Environment, *, account: bool = True
) -> None:
    """Check that what was passed lies in the Region, and mostly the account, of the construct that gets it."""
    there = environment_of(construct)
    if there.region and here.region:
        allowed = f"in the Region of the stack, {here.region}"
        problems.check(there.region == here.region, argument, f"one in {there.region}", allowed, "Redshift is regional")
    if account and there.account and here.account:
        allowed = f"in the account of the stack, {here.account}"
        problems.check(there.account == here.account, argument, f"one in {there.account}", allowed)


def select_subnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> Subnets:
    """The subnets of a selection; of none, what the VPC chooses (private with egress, else isolated, else public)."""
    if selection is None:
        found = _default_subnets.get(vpc)
        if found is None:
            found = _default_subnets[vpc] = _of(vpc.select_subnets())
        return found
    if selection.subnets:  # imported ones may not know their Zone, which select_subnets would refuse
        return Subnets([subnet.subnet_id for subnet in selection.subnets], _zones(list(map(_zone, selection.subnets))))
    return _of(
        vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnet_type=selection.subnet_type,
        )
    )


def _of(selected: ec2.SelectedSubnets) -> Subnets:
    return Subnets(selected.subnet_ids, None if selected.is_pending_lookup else _zones(selected.availability_zones))


def _zone(subnet: ec2.ISubnet) -> str | None:
    try:
        return subnet.availability_zone
    except RuntimeError:  # "You cannot reference a Subnet's availability zone if it was not supplied"
        return None


def _zones(names: Sequence[str | None]) -> int | None:
    """How many Zones these are at most: equal tokens are one Zone, an encoded list may hold many."""
    if any(name is None or "#{Token[" in name for name in names):
        return None
    return len(set(names))
