"""Manual snapshots on a schedule.

The name of a snapshot comes from the cluster, the rule and the time. The rule sets the tags and the retention.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import SNAPSHOT_SKIPPED_BUSY
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.tree import expression_of, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import LONGEST_DELIVERY_SECONDS, LONGEST_TAG_VALUE, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_rule_name
from resilient_redshift.rules.retention import Forever, Keep, days
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule
from resilient_redshift.snapshots.machine import SnapshotMachine
from resilient_redshift.snapshots.on_deploy import REASON, start_on_deploy
from resilient_redshift.snapshots.quota import check_quota
from resilient_redshift.stack.alarms import FIVE_MINUTES, AlarmMetric, at_first, check_dimension, check_metric_name
from resilient_redshift.stack.conditions import exists_with, exists_without
from resilient_redshift.stack.naming_path import naming_path
from resilient_redshift.stack.recorded import Recorded
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.synth_checks import SynthChecks
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.schedules.eventbridge import Schedule

_TAG_VALUE: Final = re.compile(rf"[A-Za-z0-9 _.:/=+@-]{{1,{LONGEST_TAG_VALUE}}}")
_FORECAST: Final = "synth forecasts the number of snapshots from it"
_RETENTION: Final = "Redshift API: ManualSnapshotRetentionPeriod"


@typed
class ManualSnapshotRule(Construct):
    """An EventBridge rule that takes manual snapshots of one cluster, through the stack's shared state machine.

    The name of a snapshot is ``<cluster>-<rule>-yyyymmddthhmmz``, with its scheduled minute in UTC. An event that
    EventBridge delivers twice therefore takes one snapshot. The machine waits until the snapshot is available. Every
    run ends with a named outcome. The outcome is in the run's output or error, and in a metric with the dimensions
    ``ClusterIdentifier`` and ``Rule``. The outcomes are:

    * Taken;
    * SkippedBusy, SkippedPaused and SkippedLate;
    * NameTaken, SkippedNoCluster, QuotaExceeded, Failed, Stuck, AccessDenied and InvalidRequest. With one of these the
      run fails, and an alarm goes into the ALARM state.

    No snapshot is deleted when you remove the rule.

    Args:
        scope: a scope in a stack of the cluster's account and Region.
        construct_id: the id in that scope.
        cluster: any cluster: a ResilientCluster, a CfnCluster or an ExistingCluster. A cluster of another stack needs a
            literal identifier.
        schedule: when the rule takes a snapshot, in UTC; known at synth.
        keep: how long each snapshot is kept, 1 to 3653 whole days or FOREVER; known at synth. Redshift stores the
            retention with the snapshot, so a change counts only for the snapshots that are taken from then on.
        keep_in_recovery: how long the copies of these snapshots are to be kept in the recovery Region, 1 to 3653 whole
            days or FOREVER; known at synth. The value becomes a tag of each snapshot. Default: as long as ``keep``.
        rule_name: the rule's name, a part of each snapshot's name: 1 to 63 lower-case letters, digits and single
            hyphens, a letter first and no hyphen last. A cluster's rules in the app need different names. Default: the
            construct's id in lower case.
        plan: the name of the recovery plan to which the snapshots belong. The name becomes a tag of each snapshot.
            Default: no such tag.
        notify: a topic of this Region and account. The topic gets the alarms on failed runs and lost events of all
            rules of the stack, and an alarm on this rule's snapshots that were skipped because the cluster was busy.
            Default: the alarms on failed runs and lost events notify only the topics of the stack's other rules, and
            there is no alarm on a busy cluster.
        enabled: whether the rule fires. You can take snapshots on demand in both cases. Default: the rule fires.
        run_on_deploy: whether a deployment of the rule takes one snapshot. The snapshot comes after the cluster's
            SnapshotCopy in the stack is on. Each deployment that changes the cluster, name, plan or retention takes one
            more. A rule that is not enabled takes the snapshot too. The deployment starts the snapshot and does not
            wait for it; the alarm on failed runs reports a failure. The snapshot has the name and the tags of a
            snapshot on demand, with the reason ``first deployment``. A deployment that only renames or moves the
            construct takes no snapshot within 90 days of the run (Step Functions API, StartExecution). Default: the
            first snapshot is the first scheduled snapshot.
        manual_snapshot_quota: how many manual snapshots AWS has granted the account in this Region, 1 or more. Pass it
            where Service Quotas shows another number (service ``redshift``, code L-2E428669); the argument does not ask
            AWS for more. The largest number that any rule so far has counts. Default: 700, AWS's own quota ("Quotas and
            limits", Redshift Management Guide).

    Raises:
        ResilientRedshiftError: when the schedule is not a schedule, never fires or is a token; when a retention is out
            of its range or a token; when AWS would refuse the name, or another rule has it; when the cluster or the
            topic is in another Region or account; when all rules of the app together would have more manual snapshots
            in this account and Region than the quota allows (FOREVER counts over 365 days).
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster: IClusterRef,
        schedule: events.Schedule,
        keep: Keep,
        keep_in_recovery: Keep | None = None,
        rule_name: str | None = None,
        plan: str | None = None,
        notify: ITopicRef | None = None,
        enabled: bool = True,
        run_on_deploy: bool = False,
        manual_snapshot_quota: int | None = None,
    ) -> None:
        place = where(scope, construct_id, "ManualSnapshotRule")
        problems = Problems(place)
        stack = stack_of(scope)
        facts = facts_of(cluster)
        name = construct_id.lower() if rule_name is None else rule_name
        if problems.check(known(name), "rule_name", "a token", "a literal", "each snapshot's name contains it"):
            check_rule_name(problems, "rule_name", name)
        identifier = _identifier(problems, cluster, facts, stack)
        parsed, keep_days, keep_in_recovery_days = check_rule(problems, schedule, keep, keep_in_recovery)
        if plan is not None and problems.check(
            known(plan), "plan", "a token", "a literal", "a recovery finds the snapshots by it"
        ):
            problems.check(
                _TAG_VALUE.fullmatch(plan) is not None, "plan", plan, "a text that a tag can have as its value"
            )
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if manual_snapshot_quota is not None:
            problems.check_count("manual_snapshot_quota", manual_snapshot_quota)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - without a schedule the line above raises
        cluster_name = facts.identifier or path_of(cluster)
        counted = check_quota(
            problems,
            stack,
            name=f"{cluster_name}/{name}",
            schedule=parsed,
            keep_days=keep_days,
            quota=manual_snapshot_quota,
            on_deploy=run_on_deploy,
        )
        _claim(problems, stack, cluster_name, name, place)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        if enabled:
            counted.count(self)
        remember_place(self, stack, scope, construct_id)
        gap = parsed.shortest_gap()
        #: The rule's name; each snapshot's name contains it.
        self.rule_name = name
        #: The cluster's identifier; a token inside the cluster's stack.
        self.cluster_identifier = identifier
        #: The schedule's expression.
        self.schedule_expression = parsed.expression
        #: The days that each snapshot is kept; -1 means for ever.
        self.keep_days = keep_days
        #: The days that copies of the snapshots are to be kept in the recovery Region; -1 means for ever.
        self.keep_in_recovery_days = keep_in_recovery_days
        #: Whether the rule fires.
        self.enabled = enabled
        self._input: dict[str, Any] = {
            "cluster_identifier": identifier,
            "rule": name,
            "keep_days": keep_days,
            "keep_in_recovery_days": keep_in_recovery_days,
            **({} if plan is None else {"plan": plan}),
        }
        machine = SnapshotMachine.of(stack)
        #: The ARN of the stack's shared state machine.
        self.state_machine_arn: str = machine.state_machine_arn
        scheduled = {} if gap >= UNBOUNDED else {"gap_seconds": int(gap.total_seconds())}
        cluster_policy = machine.cluster_policy(facts.identifier or naming_path(cluster), identifier)
        self.resource = self._rule(machine, scheduled, (machine.events_policy, cluster_policy))
        parts: list[IConstruct] = [self.resource, cluster_policy]
        if run_on_deploy:
            on_deploy = start_on_deploy(
                self,
                cluster=cluster,
                facts=facts,
                machine=machine,
                policies=(machine.policy, cluster_policy),
                machine_input=self.on_demand_input(REASON),
            )
            parts.append(on_deploy)
        if notify is not None:
            parts.append(self._busy_alarm(notify))
        if stack_of(cluster) is stack:
            exists_with(facts.l1, *parts)
        else:
            exists_without(facts.l1, f"the rule '{path_of(self)}'")
            self._name_at_synth(facts)

    def on_demand_input(self, reason: str) -> dict[str, Any]:
        """Return the input with which you start the state machine to take one more snapshot now.

        The name of the snapshot is ``<cluster>-<rule>-ondemand-yyyymmddthhmmssz``, with the second of the run's start.
        Apart from the name and the reason, the snapshot is like the scheduled snapshots of this rule.

        Args:
            reason: why you take the snapshot, 1 to 256 characters. The reason becomes a tag of the snapshot; each
                character that a tag does not allow becomes ``_``.

        Raises:
            ResilientRedshiftError: when the reason is empty or too long.
        """
        problems = Problems(f"{self.node.path} (ManualSnapshotRule)")
        ok = not known(reason) or 1 <= len(reason.strip()) <= LONGEST_TAG_VALUE
        problems.check(ok, "reason", reason, f"1 to {LONGEST_TAG_VALUE} characters", "it becomes a tag of the snapshot")
        problems.raise_if_any()
        return {**self._input, "reason": reason}

    def grant_start_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let a principal start the stack's snapshot machine.

        The principal can then take snapshots on demand of every cluster that has a rule in the stack.

        Args:
            grantee: the principal.
        """
        return iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["states:StartExecution"],
            resource_arns=[self.state_machine_arn],
        )

    def metric(
        self,
        metric_name: str,
        *,
        outcome: str | None = None,
        statistic: str = "Sum",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of this rule in the namespace ``ResilientRedshift``.

        Args:
            metric_name: ``ManualSnapshotTaken``, ``ManualSnapshotSkipped``, ``ManualSnapshotFailed``,
                ``ManualSnapshotMinutes`` or ``ManualSnapshotSize``.
            outcome: one outcome of ``ManualSnapshotSkipped`` or ``ManualSnapshotFailed``. Default: all outcomes.
            statistic: the statistic of a period, such as ``Sum`` or ``Maximum``. Default: ``Sum``.
            period: the length of a period. Default: 5 minutes.

        Raises:
            ResilientRedshiftError: for a metric that is not written, and when ``outcome`` has not 1 to 255 characters
                (CloudWatch API, Dimension).
        """
        problems = Problems(f"{path_of(self)} (ManualSnapshotRule.metric)")
        check_metric_name(problems, metric_name, names.METRICS)
        check_dimension(problems, "outcome", outcome)
        problems.raise_if_any()
        return cloudwatch.Metric(
            namespace=names.METRIC_NAMESPACE,
            metric_name=metric_name,
            dimensions_map=self._dimensions(outcome),
            statistic=statistic,
            period=period,
        ).attach_to(self)

    def metric_taken(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of snapshots that became available."""
        return self.metric(names.METRIC_SNAPSHOT_TAKEN, period=period)

    def metric_skipped(self, *, outcome: str | None = None, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of snapshots that were skipped because the cluster was busy or paused, or the event was late."""
        return self.metric(names.METRIC_SNAPSHOT_SKIPPED, outcome=outcome, period=period)

    def metric_failed(self, *, outcome: str | None = None, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of failed runs."""
        return self.metric(names.METRIC_SNAPSHOT_FAILED, outcome=outcome, period=period)

    def metric_minutes(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The minutes until a snapshot became available; the maximum of a period."""
        return self.metric(names.METRIC_SNAPSHOT_MINUTES, statistic="Maximum", period=period)

    def metric_size(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The size of a snapshot's whole backup, in megabytes; the maximum of a period."""
        return self.metric(names.METRIC_SNAPSHOT_SIZE, statistic="Maximum", period=period)

    def _rule(
        self, machine: SnapshotMachine, scheduled: dict[str, int], policies: tuple[iam.CfnPolicy, ...]
    ) -> events.CfnRule:
        rule = events.CfnRule(
            self,
            "Resource",
            description=f"manual snapshots '{self.rule_name}' (resilient_redshift)",
            schedule_expression=self.schedule_expression,
            state="ENABLED" if self.enabled else "DISABLED",
            targets=[self._target(machine, {**self._input, **scheduled})],
        )
        rule.node.add_dependency(*policies)
        return rule

    @staticmethod
    def _target(machine: SnapshotMachine, machine_input: dict[str, Any]) -> dict[str, Any]:
        """The rule's target. EventBridge tries to deliver as long as it can, because the machine judges late events."""
        return machine.target("Snapshots", machine_input, patience=LONGEST_DELIVERY_SECONDS, scheduled=True)

    def _busy_alarm(self, notify: ITopicRef) -> cloudwatch.CfnAlarm:
        arn = StackServices.of(self).notify(notify)
        skipped = AlarmMetric(
            name=names.METRIC_SNAPSHOT_SKIPPED,
            dimensions=self._dimensions(SNAPSHOT_SKIPPED_BUSY),
            statistic="Sum",
            period=FIVE_MINUTES,
        )
        return cloudwatch.CfnAlarm(
            self,
            "BusyAlarm",
            alarm_description=f"a manual snapshot '{self.rule_name}' was skipped: the cluster stayed busy",
            alarm_actions=[arn],
            **at_first(skipped),
        )

    def _name_at_synth(self, facts: ClusterFacts) -> None:
        """Let synth check that the cluster of another stack keeps the name by which the rule calls it."""
        if facts.l1 is not None:
            by = f"the rule '{path_of(self)}' has recorded"
            effect = "it would take snapshots of a cluster that does not exist"
            recorded = Recorded(by=by, properties={"ClusterIdentifier": facts.identifier}, effect=effect)
            SynthChecks.of(facts.l1).record(facts.l1, recorded)

    def _dimensions(self, outcome: str | None) -> dict[str, str]:
        dimensions = {names.DIMENSION_CLUSTER: self.cluster_identifier, names.DIMENSION_RULE: self.rule_name}
        return dimensions if outcome is None else {**dimensions, names.DIMENSION_OUTCOME: outcome}


def check_rule(
    problems: Problems, schedule: events.Schedule, keep: Keep, keep_in_recovery: Keep | None
) -> tuple[Schedule | None, int, int]:
    """Check a rule's schedule and retentions.

    Args:
        problems: collects the problems of the call.
        schedule: the schedule, known at synth.
        keep: the retention of the snapshots, 1 to 3653 whole days or FOREVER; known at synth (Redshift API,
            ManualSnapshotRetentionPeriod).
        keep_in_recovery: the retention of their copies, with the same range; None for the retention of the snapshots.

    Returns:
        The schedule, and both retentions in days. After a problem the schedule is None, and a retention is 0.
    """
    keep_days = _days(problems, "keep", keep)
    copy_days = keep_days if keep_in_recovery is None else _days(problems, "keep_in_recovery", keep_in_recovery)
    expression = expression_of(schedule)
    if not problems.check(known(expression), "schedule", "a token", "known at synth", _FORECAST):
        return None, keep_days, copy_days
    return check_schedule(problems, "schedule", expression), keep_days, copy_days


def _identifier(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, stack: cdk.Stack) -> str:
    """The identifier by which the rule names its cluster.

    Inside the cluster's stack it is a token, so that CloudFormation makes the rule after the cluster. In another stack
    it is the literal identifier.
    """
    if stack_of(cluster) is stack:
        return facts.identifier_token
    check_environment(problems, "cluster", cluster, stack_environment(stack))
    allowed = "a cluster of this stack, or one with a literal cluster_identifier"
    why = (
        "a reference between stacks would tie their deployments together; "
        "ExistingCluster.from_identifier refers to a cluster of another stack by its name"
    )
    problems.check(facts.identifier is not None, "cluster", path_of(cluster), allowed, why)
    return facts.identifier or ""


def _days(problems: Problems, argument: str, value: Keep) -> int:
    literal = isinstance(value, Forever) or known(value)
    if not problems.check(literal, argument, "a token", "known at synth", _FORECAST):
        return 0
    return days(problems, argument, value, minimum=1, maximum=MOST_MANUAL_DAYS, forever=True, why=_RETENTION)


def _claim(problems: Problems, stack: cdk.Stack, cluster: str, name: str, place: str) -> None:
    """Record a problem when the snapshots of another rule would have the same names."""
    holder = claim(problems, stack, "manual snapshots", f"{cluster}-{name}", place)
    why = f"the names of the snapshots of '{holder}' begin with {cluster}-{name}- too"
    problems.check(not holder, "rule_name", name, "a name that makes other snapshot names", why)
