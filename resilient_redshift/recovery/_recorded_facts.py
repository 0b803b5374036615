"""What a plan takes from a cluster's definition. Synth compares it with the finished templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cluster_ref.facts import parameter_group_of
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.recovery._restored_settings import log_exports_of
from resilient_redshift.recovery.restore_options import RestoreOptions
from resilient_redshift.stack.conditions import exists_without
from resilient_redshift.stack.recorded import Recorded
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk import aws_events as events
    from aws_cdk import aws_redshift as redshift
    from constructs import Construct

    from resilient_redshift.cluster_ref.facts import ClusterFacts


def compare_at_synth(
    plan: Construct,
    facts: ClusterFacts,
    restore: RestoreOptions | None,
    parameter_group: redshift.CfnClusterParameterGroup | None,
) -> None:
    """Let synth compare what a plan takes from its cluster with the finished templates.

    A setter, an escape hatch, a mixin or an Aspect can still change the cluster after ``protect``.

    Args:
        plan: the plan.
        facts: what synth knew about the cluster when the plan was made.
        restore: the options; None for no options. What they say is not taken from the cluster.
        parameter_group: the parameter group of the restored cluster; None for one that exists already.
    """
    if facts.l1 is None:
        return
    exists_without(facts.l1, f"the plan '{path_of(plan)}'")
    options = restore or RestoreOptions()
    checks = SynthChecks.of(facts.l1)
    by = f"the plan '{path_of(plan)}' has recorded"
    effect = "a failover would look for copies under the recorded name and find none"
    checks.record(facts.l1, Recorded(by=by, properties={"ClusterIdentifier": facts.identifier}, effect=effect))
    checks.record(facts.l1, Recorded(by=by, properties=_taken(facts, facts.l1, options)))
    relocation = facts.l1.availability_zone_relocation
    if relocation is not None:
        effect = "the watcher would report a drift that is none"
        checks.record(facts.l1, Recorded(by=by, properties={"AvailabilityZoneRelocation": relocation}, effect=effect))
    original = parameter_group_of(facts.l1)
    if parameter_group is not None and options.parameters is None and original is not None:
        family = () if options.parameter_group_family is not None else ("ParameterGroupFamily",)
        SynthChecks.of(stack_of(plan)).equal(parameter_group, original, ("Parameters", *family))


def compare_rule_at_synth(plan: Construct, rule: events.CfnRule, *, schedule: str, enabled: bool, effect: str) -> None:
    """Let synth compare what a plan has recorded of a rule of EventBridge with the finished template.

    Args:
        plan: the plan.
        rule: the rule, which an Aspect may disable.
        schedule: the recorded schedule.
        enabled: whether the rule is recorded as enabled.
        effect: what would go wrong with another schedule or state, in words.
    """
    properties = {"ScheduleExpression": schedule, "State": "ENABLED" if enabled else "DISABLED"}
    by = f"the plan '{path_of(plan)}' has recorded"
    SynthChecks.of(rule).record(rule, Recorded(by=by, properties=properties, effect=effect))


def _taken(facts: ClusterFacts, l1: redshift.CfnCluster, options: RestoreOptions) -> dict[str, object]:
    """The cluster's properties that the record holds or that the checks of ``protect`` have used."""
    wanted: tuple[tuple[str, object, object], ...] = (
        ("NodeType", options.node_type, facts.node_type),
        ("NumberOfNodes", options.number_of_nodes, facts.number_of_nodes),
        ("MultiAZ", options.multi_az, facts.multi_az),
        ("Port", options.port, facts.port),
        ("MaintenanceTrackName", options.maintenance_track_name, facts.maintenance_track_name),
        ("Encrypted", None, facts.encrypted),
    )
    taken = {name: fact for name, option, fact in wanted if option is None and fact is not None}
    if options.iam_role_arns is None and facts.iam_role_arns is not None:
        taken["IamRoles"] = list(facts.iam_role_arns)
    if options.log_exports is None:
        taken["LoggingProperties"] = list(log_exports_of(facts))
    if options.parameters is None and options.parameter_group is None:
        taken["ClusterParameterGroupName"] = l1.cluster_parameter_group_name
    taken["AutomatedSnapshotRetentionPeriod"] = l1.automated_snapshot_retention_period
    return taken
