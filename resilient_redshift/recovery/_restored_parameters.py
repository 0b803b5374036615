"""The parameter group of a restored cluster: that of the options, or a new one with the right parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.groups import name_of
from resilient_redshift.cluster_ref.parameter_groups import FAMILY, parameter_group
from resilient_redshift.core.tree import ref_of

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_redshift as redshift
    from constructs import Construct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery.restore_options import RestoreOptions


def restored_parameter_group(
    plan: Construct, stack: cdk.Stack, restore: RestoreOptions | None, facts: ClusterFacts
) -> tuple[redshift.CfnClusterParameterGroup | None, str]:
    """The parameter group of a restored cluster, and its name.

    Args:
        plan: the plan's construct. A new group is its child where the content holds a token.
        stack: the recovery stack.
        restore: the options; None for no options.
        facts: what synth knows about the cluster.

    Returns:
        The group, or None where the options have a group that exists already; and the group's name.
    """
    if restore is not None and restore.parameter_group is not None:
        return None, name_of(restore.parameter_group)
    chosen = restore.parameters if restore is not None else None
    family = restore.parameter_group_family if restore is not None else None
    parameters = chosen if chosen is not None else facts.parameters or {}
    made = parameter_group(
        plan, stack, family or facts.parameter_group_family or FAMILY, dict(sorted(parameters.items()))
    )
    return made, ref_of(made)
