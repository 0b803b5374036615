"""Subnet groups and parameter groups that exist already: by name, as an L1, or as an L2 of the alpha module."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.parameter_groups import ENFORCED, parameters_of
from resilient_redshift.core.environment import check_environment, stack_environment
from resilient_redshift.core.references import foreign_stack
from resilient_redshift.core.tree import path_of, ref_of
from resilient_redshift.rules.naming import check_group_name
from resilient_redshift.rules.tokens import literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    import aws_cdk as cdk
    from aws_cdk import aws_redshift_alpha as alpha
    from aws_cdk.interfaces.aws_redshift import IClusterParameterGroupRef, IClusterSubnetGroupRef

    from resilient_redshift.errors import Problems

    #: A subnet group that exists already: its name, a ``CfnClusterSubnetGroup``, or an alpha ``IClusterSubnetGroup``.
    SubnetGroup: TypeAlias = str | IClusterSubnetGroupRef | alpha.IClusterSubnetGroup
    #: A parameter group that exists already: its name, a ``CfnClusterParameterGroup``, or an alpha
    #: ``IClusterParameterGroup``.
    ParameterGroup: TypeAlias = str | IClusterParameterGroupRef | alpha.IClusterParameterGroup


@dataclass(frozen=True, kw_only=True, slots=True)
class ParameterGroupFacts:
    """What synth knows about a parameter group that exists already.

    Attributes:
        name: the group's name; a token where the app makes the group.
        family: the group's family; None where the app does not make the group.
        parameters: what the group sets; None where the app does not make the group, or a value is a token.
    """

    name: str
    family: str | None = None
    parameters: Mapping[str, str] | None = None


def name_of(group: SubnetGroup | ParameterGroup) -> str:
    """The name of a subnet group or a parameter group; a token where the app makes the group."""
    if isinstance(group, str):
        return group
    if isinstance(group, redshift.CfnClusterSubnetGroup | redshift.CfnClusterParameterGroup):
        return ref_of(group)
    anything: Any = group
    for member in ("cluster_subnet_group_name", "cluster_parameter_group_name"):
        if hasattr(anything, member):
            return str(getattr(anything, member))
    if hasattr(anything, "cluster_subnet_group_ref"):
        return str(anything.cluster_subnet_group_ref.cluster_subnet_group_name)
    return str(anything.cluster_parameter_group_ref.parameter_group_name)


def check_group(problems: Problems, argument: str, group: SubnetGroup | ParameterGroup, stack: cdk.Stack) -> None:
    """Check a subnet group or a parameter group.

    Args:
        problems: gets a problem for a name that AWS refuses, and for a group of another Region or account.
        argument: the argument's name, as the user writes it.
        group: the group.
        stack: the stack that uses the group.
    """
    if not isinstance(group, str):
        check_environment(problems, argument, group, stack_environment(stack))
        return
    check_group_name(problems, argument, group)
    there = foreign_stack(group, stack)
    if there is not None:
        why = "a group is of one Region, and CDK would carry its name across with an export"
        got = f"a reference to the stack '{path_of(there)}'"
        problems.add(argument, got, "a name, or a group of the stack's own Region", why)


def parameter_group_facts(
    problems: Problems, argument: str, group: ParameterGroup, stack: cdk.Stack
) -> ParameterGroupFacts:
    """Check a parameter group as :func:`check_group` does, and return what synth knows about it.

    A group of the app that turns an enforced parameter off, or leaves it out, is a problem too.

    Args:
        problems: gets each problem.
        argument: the argument's name, as the user writes it.
        group: the group.
        stack: the stack that uses the group.
    """
    check_group(problems, argument, group, stack)
    name = name_of(group)
    l1 = group if isinstance(group, redshift.CfnClusterParameterGroup) else _default_child(group)
    if not isinstance(l1, redshift.CfnClusterParameterGroup):
        return ParameterGroupFacts(name=name)
    parameters = parameters_of(l1)
    for parameter, value in ENFORCED.items() if parameters is not None else ():
        got = parameters.get(parameter) if parameters is not None else None
        allowed = f"a group that sets {parameter!r} to {value!r}"
        why = "a cluster without it needs an aws_redshift.CfnCluster of its own"
        problems.check(got == value, argument, f"a group that sets it to {got!r}", allowed, why)
    return ParameterGroupFacts(name=name, family=literal(l1.parameter_group_family), parameters=parameters)


def _default_child(group: Any) -> Any:  # noqa: ANN401 - a group of either kind
    # jsii's proxy of an imported group has no child
    return None if isinstance(group, str) else group.node.default_child
