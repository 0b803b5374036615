"""Whether security groups belong to a VPC, where synth knows both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import aws_ec2 as ec2

from resilient_redshift.core.references import referred
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.errors import Problems


def check_security_groups(
    problems: Problems, argument: str, groups: Iterable[ec2.ISecurityGroup], vpc: ec2.IVpc
) -> None:
    """Record a problem for each security group of another VPC.

    A group that the app imports by its id passes, because CDK does not know its VPC. A group passes too where only the
    deployment knows whether its VPC is the same.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        groups: the security groups.
        vpc: the VPC in which they are used.
    """
    here = None
    for group in groups:
        vpc_id = _vpc_id(group)
        if vpc_id is None:
            continue
        here = here or _place(vpc.vpc_id)
        there = _place(vpc_id)
        # a VPC that the app makes has no literal id, so a literal beside a reference proves nothing
        if here and there and here.literal == there.literal and here.name != there.name:
            got = f"{path_of(group)}, which belongs to {there.name}"
            why = "a security group works in its own VPC only (EC2 API, CreateSecurityGroup: VpcId)"
            problems.add(argument, got, f"security groups of the VPC {here.name}", why)


@dataclass(frozen=True, slots=True)
class _Vpc:
    """What identifies a VPC: its literal id, or the path of the construct that makes it."""

    name: str
    literal: bool


def _vpc_id(group: ec2.ISecurityGroup) -> str | None:
    """The id of a group's VPC, as the group's L1 has it; None for an imported group."""
    l1 = group if isinstance(group, ec2.CfnSecurityGroup) else group.node.default_child
    return l1.vpc_id if isinstance(l1, ec2.CfnSecurityGroup) else None


def _place(vpc_id: str) -> _Vpc | None:
    """What identifies the VPC of an id; None for a token that is no reference."""
    if known(vpc_id):
        return _Vpc(vpc_id, literal=True)
    target = referred(vpc_id)
    return None if target is None else _Vpc(path_of(target), literal=False)
