"""Manual snapshots on a schedule: named after cluster, rule and time, tagged, kept as long as their rule says."""

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
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import check_environment, remember_place, stack_environment, stack_of
from resilient_redshift.core.tree import expression_of, path_of
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import check_rule_name
from resilient_redshift.rules.retention import Forever, Keep, days
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule
from resilient_redshift.snapshots._machine import SnapshotMachine
from resilient_redshift.snapshots._on_deploy import REASON, start_on_deploy
from resilient_redshift.snapshots._quota import check_quota
from resilient_redshift.stack.alarms import FIVE_MINUTES, AlarmMetric, at_first
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.schedules.eventbridge import Schedule

_DAY: Final = 86_400
_LONGEST_TAG: Final = 256
_TAG_VALUE: Final = re.compile(r"[A-Za-z0-9 _.:/=+@-]{1,256}")
_FORECAST: Final = "the quota is forecast from it"
_RETENTION: Final = "Redshift API: ManualSnapshotRetentionPeriod"


class ManualSnapshotRule(Construct):
    """An EventBridge rule that takes manual snapshots of one cluster, through the stack's shared state machine.

    A snapshot is called ``<cluster>-<rule>-yyyymmddthhmmz`` after its scheduled minute (UTC), so that an event
    delivered twice takes one snapshot. The machine waits until it is available. Every run ends in a named outcome, as
    its output or its error and as a metric with the dimensions ``ClusterIdentifier`` and ``Rule``: Taken; SkippedBusy,
    SkippedPaused and SkippedLate; NameTaken, SkippedNoCluster, QuotaExceeded, Failed, Stuck, AccessDenied and
    InvalidRequest, which fail the run and ring an alarm. Removing the rule deletes no snapshot.

    Args:
        scope: in a stack of the cluster's account and Region.
        construct_id: the id in that scope.
        cluster: any cluster: a ResilientCluster, a CfnCluster or an ExistingCluster; one of another stack needs a
            literal identifier.
        schedule: when, in UTC; known at synth.
        keep: how long each snapshot is kept, 1 to 3653 whole days or FOREVER; known at synth. It is written on the
            snapshot; a change holds for snapshots taken from then on.
        keep_in_recovery: how long copies of these snapshots are to be kept in the recovery Region, 1 to 3653 whole days
            or FOREVER; written as a tag. Default: as long as ``keep``.
        rule_name: a part of each snapshot's name: 1 to 63 lower-case letters, digits and single hyphens, a letter first
            and no hyphen last; once per cluster in the app. Default: the id in lower case.
        plan: the name of the recovery plan that the snapshots belong to, written as a tag. Default: no such tag.
        notify: a topic of this Region and account that is told of failed runs and lost events of the stack's rules, and
            when this rule skips a snapshot because the cluster is busy. Default: the alarms on failed runs and lost
            events tell nobody but the topics of the stack's other rules; there is none on busy clusters.
        enabled: whether the rule fires; snapshots on demand work either way. Default: it fires.
        run_on_deploy: take one snapshot when the rule is deployed, after the cluster's SnapshotCopy in the stack is
            on, and one more whenever the rule is deployed with another cluster, name, plan or retention; also where the
            rule does not fire. The deployment starts it and does not wait for it: the alarm on failed runs tells. It is
            called and tagged like one on demand, with the reason ``first deployment``; renaming or moving the construct
            takes none (within 90 days of the run: Step Functions API, StartExecution). Default: the first snapshot is
            the first scheduled one.
        manual_snapshot_quota: manual snapshots that the account may have in this Region; the largest that any rule so
            far gave counts. Default: 20, AWS's own ("Quotas and limits", Redshift Management Guide).

    Raises:
        ResilientRedshiftError: a schedule that is none, never fires or is a token; a retention out of range; a name
            that AWS refuses or another rule has; a cluster or topic of another Region or account; or more manual
            snapshots, over all rules of the app in this account and Region, than the quota allows (FOREVER counts over
            365 days).
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
        if problems.check(
            known(name), "rule_name", "a token", "a literal", "it becomes a part of each snapshot's name"
        ):
            check_rule_name(problems, "rule_name", name)
        identifier = _identifier(problems, cluster, facts, stack)
        parsed, kept, kept_in_recovery = check_rule(problems, schedule, keep, keep_in_recovery)
        if plan is not None and problems.check(
            known(plan), "plan", "a token", "a literal", "snapshots are found by it"
        ):
            problems.check(_TAG_VALUE.fullmatch(plan) is not None, "plan", plan, "a legal value of a tag")
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
        if manual_snapshot_quota is not None:
            problems.check_count("manual_snapshot_quota", manual_snapshot_quota)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - where there is none, a problem was raised
        cluster_name = facts.identifier or path_of(cluster)
        counted = check_quota(
            problems,
            stack,
            name=f"{cluster_name}/{name}",
            schedule=parsed,
            keep_days=kept,
            quota=manual_snapshot_quota,
            on_deploy=run_on_deploy,
        )
        _claim(problems, stack, cluster_name, name, place)
        problems.raise_if_any()
        if enabled:
            counted.count()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        gap = parsed.shortest_gap()
        #: The rule's name, a part of each snapshot's name.
        self.rule_name = name
        #: The cluster's identifier; a token inside the cluster's stack.
        self.cluster_identifier = identifier
        #: The schedule's expression.
        self.schedule_expression = parsed.expression
        #: The days that each snapshot is kept; -1 for ever.
        self.keep_days = kept
        #: The days that copies of the snapshots are to be kept in the recovery Region; -1 for ever.
        self.keep_in_recovery_days = kept_in_recovery
        #: Whether the rule fires.
        self.enabled = enabled
        self._input: dict[str, Any] = {
            "cluster_identifier": identifier,
            "rule": name,
            "keep_days": kept,
            "keep_in_recovery_days": kept_in_recovery,
            **({} if plan is None else {"plan": plan}),
        }
        machine = SnapshotMachine.of(stack)
        #: The stack's shared state machine.
        self.state_machine_arn: str = machine.state_machine_arn
        scheduled = {} if gap >= UNBOUNDED else {"gap_seconds": int(gap.total_seconds())}
        cluster_policy = machine.cluster_policy(cluster_name, identifier)
        self.resource = self._rule(machine, scheduled, (machine.events_policy, cluster_policy))
        if run_on_deploy:
            start_on_deploy(
                self,
                cluster=cluster,
                facts=facts,
                machine=machine,
                policies=(machine.policy, cluster_policy),
                given=self.on_demand_input(REASON),
            )
        if notify is not None:
            self._tell(notify)

    def on_demand_input(self, reason: str) -> dict[str, Any]:
        """Return the input with which a run of the state machine takes one more snapshot, now.

        It is called ``<cluster>-<rule>-ondemand-yyyymmddthhmmssz`` after the run's start, and otherwise like this
        rule's own.

        Args:
            reason: why, 1 to 256 characters; written as a tag, in which characters that tags do not allow become ``_``.

        Raises:
            ResilientRedshiftError: an empty or too long reason.
        """
        problems = Problems(f"{self.node.path} (ManualSnapshotRule)")
        ok = not known(reason) or 1 <= len(reason.strip()) <= _LONGEST_TAG
        problems.check(ok, "reason", reason, f"1 to {_LONGEST_TAG} characters", "it becomes a tag of the snapshot")
        problems.raise_if_any()
        return {**self._input, "reason": reason}

    def grant_start_execution(self, grantee: iam.IGrantable) -> iam.Grant:
        """Let somebody start the stack's snapshot machine: snapshots on demand of any cluster with a rule there."""
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
            metric_name: such as ``ManualSnapshotTaken``.
            outcome: only one outcome of ``ManualSnapshotSkipped`` or ``ManualSnapshotFailed``. Default: all of them.
            statistic: such as ``Sum``, ``Maximum``. Default: Sum.
            period: the length of a data point. Default: 5 minutes.
        """
        return cloudwatch.Metric(
            namespace=names.METRIC_NAMESPACE,
            metric_name=metric_name,
            dimensions_map=self._dimensions(outcome),
            statistic=statistic,
            period=period,
        ).attach_to(self)

    def metric_taken(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """How many snapshots became available."""
        return self.metric(names.METRIC_SNAPSHOT_TAKEN, period=period)

    def metric_skipped(self, *, outcome: str | None = None, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """How many were skipped because the cluster was busy or paused, or the event late."""
        return self.metric(names.METRIC_SNAPSHOT_SKIPPED, outcome=outcome, period=period)

    def metric_failed(self, *, outcome: str | None = None, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """How many runs failed."""
        return self.metric(names.METRIC_SNAPSHOT_FAILED, outcome=outcome, period=period)

    def metric_minutes(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """How many minutes a snapshot took to become available; the maximum of a period."""
        return self.metric(names.METRIC_SNAPSHOT_MINUTES, statistic="Maximum", period=period)

    def metric_size(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The size of a snapshot in megabytes, its whole backup; the maximum of a period."""
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
            # a late event is the machine's to judge, so delivery goes on as long as EventBridge can
            targets=[machine.target("Snapshots", {**self._input, **scheduled}, patience=_DAY, scheduled=True)],
        )
        rule.node.add_dependency(*policies)
        return rule

    def _tell(self, notify: ITopicRef) -> None:
        arn = StackServices.of(self).notify(notify)
        skipped = AlarmMetric(
            name=names.METRIC_SNAPSHOT_SKIPPED,
            dimensions=self._dimensions("SkippedBusy"),
            statistic="Sum",
            period=FIVE_MINUTES,
        )
        cloudwatch.CfnAlarm(
            self,
            "BusyAlarm",
            alarm_description=f"a manual snapshot '{self.rule_name}' was skipped: the cluster stayed busy",
            alarm_actions=[arn],
            **at_first(skipped),
        )

    def _dimensions(self, outcome: str | None) -> dict[str, str]:
        dimensions = {names.DIMENSION_CLUSTER: self.cluster_identifier, names.DIMENSION_RULE: self.rule_name}
        return dimensions if outcome is None else {**dimensions, names.DIMENSION_OUTCOME: outcome}


def check_rule(
    problems: Problems, schedule: events.Schedule, keep: Keep, keep_in_recovery: Keep | None
) -> tuple[Schedule | None, int, int]:
    """Record what is wrong with a rule's schedule and retentions.

    Returns:
        The schedule, None where it is none, and both retentions in days, 0 where one is none.
    """
    kept = _days(problems, "keep", keep)
    kept_in_recovery = kept if keep_in_recovery is None else _days(problems, "keep_in_recovery", keep_in_recovery)
    if not problems.check(isinstance(schedule, events.Schedule), "schedule", schedule, "an events.Schedule"):
        return None, kept, kept_in_recovery
    expression = expression_of(schedule)
    if not problems.check(known(expression), "schedule", "a token", "known at synth", _FORECAST):
        return None, kept, kept_in_recovery
    return check_schedule(problems, "schedule", expression), kept, kept_in_recovery


def _identifier(problems: Problems, cluster: IClusterRef, facts: ClusterFacts, stack: cdk.Stack) -> str:
    """By token inside the cluster's stack, which orders the rule after the cluster; literally from another one."""
    if stack_of(cluster) is stack:
        return facts.identifier_token
    check_environment(problems, "cluster", cluster, stack_environment(stack))
    allowed = "a cluster of this stack, or one with a literal cluster_identifier"
    why = "a reference between stacks would tie their deployments together"
    problems.check(facts.identifier is not None, "cluster", path_of(cluster), allowed, why)
    return facts.identifier or ""


def _days(problems: Problems, argument: str, value: Keep) -> int:
    literal = isinstance(value, Forever) or known(value)
    if not problems.check(literal, argument, "a token", "known at synth", _FORECAST):
        return 0
    return days(problems, argument, value, minimum=1, maximum=MOST_MANUAL_DAYS, forever=True, why=_RETENTION)


def _claim(problems: Problems, stack: cdk.Stack, cluster: str, name: str, place: str) -> None:
    """Record a problem where another rule's snapshots would have the same names."""
    former = claim(problems, stack, "manual snapshots", f"{cluster}-{name}", place)
    allowed = "a name of its own"
    problems.check(
        not former, "rule_name", name, allowed, f"snapshots of '{former}' are called {cluster}-{name}-... too"
    )
