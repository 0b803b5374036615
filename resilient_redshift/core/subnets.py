"""The subnets that a selection chooses in a VPC, the number of their Availability Zones, and their way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.core.memory import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aws_cdk import aws_ec2 as ec2
    from constructs import IDependable

    from resilient_redshift.errors import Problems


@dataclass(frozen=True, slots=True)
class Subnets:
    """The chosen subnets.

    Attributes:
        ids: the subnets' ids.
        zones: the most Availability Zones that the subnets can be in; None where synth does not know the Zones.
        routes: returns what the subnets' routes out of the VPC depend on. It is a question to jsii.
    """

    ids: Sequence[str]
    zones: int | None
    routes: Callable[[], Sequence[IDependable]]


#: The subnets of a call that chooses none.
NO_SUBNETS: Final = Subnets((), None, tuple)


def checked_subnets(problems: Problems, argument: str, vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> Subnets:
    """The subnets of a selection. Record a problem when the VPC has none.

    Args:
        problems: collects the problems of the call.
        argument: the name of the argument with the selection, as the user writes it.
        vpc: the VPC.
        selection: what the user passed.

    Returns:
        The subnets; none after a problem.
    """
    try:
        return select_subnets(vpc, selection)
    except RuntimeError as error:  # jsii's error, when the VPC has no such subnets
        problems.add(argument, "a selection without subnets", "subnets that the VPC has", str(error))
        return NO_SUBNETS


def select_subnets(vpc: ec2.IVpc, selection: ec2.SubnetSelection | None) -> Subnets:
    """The subnets of a selection that the caller has checked.

    Without a selection the VPC chooses: private subnets with egress. A VPC without such subnets chooses isolated
    subnets, and a VPC without those chooses public subnets.
    """
    if selection is None:
        return _default_subnets(vpc)
    if selection.subnets:  # CDK's method refuses imported subnets of an unknown Zone
        chosen = selection.subnets
        return Subnets(
            [subnet.subnet_id for subnet in chosen],
            _zones(list(map(_zone, chosen))),
            lambda: [subnet.internet_connectivity_established for subnet in chosen],
        )
    return _subnets(
        vpc.select_subnets(
            availability_zones=selection.availability_zones,
            one_per_az=selection.one_per_az,
            subnet_filters=selection.subnet_filters,
            subnet_group_name=selection.subnet_group_name,
            subnet_type=selection.subnet_type,
        )
    )


@Remembered
def _default_subnets(vpc: ec2.IVpc) -> Subnets:
    return _subnets(vpc.select_subnets())


def _subnets(selected: ec2.SelectedSubnets) -> Subnets:
    return Subnets(
        selected.subnet_ids,
        None if selected.is_pending_lookup else _zones(selected.availability_zones),
        lambda: [selected.internet_connectivity_established],
    )


def _zone(subnet: ec2.ISubnet) -> str | None:
    try:
        return subnet.availability_zone
    except RuntimeError:  # "You cannot reference a Subnet's availability zone if it was not supplied"
        return None


def _zones(names: Sequence[str | None]) -> int | None:
    """The most Zones that these names can mean. Equal tokens mean one Zone. An encoded list may hold many Zones."""
    if any(name is None or "#{Token[" in name for name in names):
        return None
    return len(set(names))
