"""The watch over a plan, in both Regions: it begins with the plan's first deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from constructs import Construct

from resilient_redshift.cluster_ref.source_key import source_key_arn
from resilient_redshift.contract import watching
from resilient_redshift.contract.record import seconds
from resilient_redshift.copies.manual_retention import manual_retention_of
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.stack.services import StackServices
from resilient_redshift.watching.actions import Told
from resilient_redshift.watching.metrics import watch_metric
from resilient_redshift.watching.mute import check_window, mute_rules
from resilient_redshift.watching.repair import RepairedCopy
from resilient_redshift.watching.watches import watch_primary, watch_recovery

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_ssm as ssm
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.copies.copy import SnapshotCopy
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.rules.retention import Span
    from resilient_redshift.watching.alarms import WatchAlarms
    from resilient_redshift.watching.repair import Repair


def repaired_copy(
    asked: Repair | None, cluster: IClusterRef, facts: ClusterFacts, key: IKeyRef | None, recovery_region: str
) -> RepairedCopy | None:
    """The copy that the watcher repairs; None if nobody asks for it. The plan's copy has checked the arguments.

    Args:
        asked: what the watcher may do.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        key: the key that encrypts the cluster, as the user passed it; None for the key in the cluster's definition.
        recovery_region: the Region of the copies.
    """
    if asked is None:
        return None
    stack, path = stack_of(cluster), path_of(cluster)
    key_arn = source_key_arn(Problems(path), facts, stack, path) if key is None else key_arn_of(key)
    return RepairedCopy(
        cluster=facts.identifier_token, cluster_key=key_arn, recovery_region=recovery_region, asked=asked
    )


@typed
class PlanWatch:
    """Adds the watch to a plan that keeps its site, its records and its copy."""

    if TYPE_CHECKING:
        plan_name: str
        objectives: Objectives
        copy: SnapshotCopy
        primary_record: ssm.CfnParameter
        recovery_record: ssm.CfnParameter
        _site: SiteBase
        _identifier: str
        _primary: Construct

    def _watch(self, region: str, repaired: RepairedCopy | None) -> None:
        """Watch the plan in both Regions.

        Args:
            region: the cluster's Region.
            repaired: the copy that the watcher repairs; None if it repairs none.
        """
        plan, site = cast("Construct", self), self._site
        cluster = {"identifier": self._identifier, "region": region}
        watch_primary(
            self._primary,
            plan=self.plan_name,
            cluster=cluster,
            recovery_region=site.region,
            every=site.check_every,
            # without the copy, the first look would find that it is off
            needed=(self.primary_record, manual_retention_of(self.copy).resource),
            repaired=repaired,
        )
        machine = parts_of(site.restore).machine
        warnings = site.notify_warnings
        self._alarms: WatchAlarms = watch_recovery(
            plan,
            plan=self.plan_name,
            cluster=cluster,
            primary_stack=stack_of(self._primary),
            machine=machine.state_machine_arn,
            function=machine.function.function_arn,
            recovery_point_seconds=seconds(self.objectives.recovery_point),
            every=site.check_every,
            told=Told(
                alarm_actions=site.alarm_actions,
                warning_topics=() if warnings is None else (StackServices.of(plan).reach(warnings),),
                warning_actions=site.warning_actions,
            ),
            needed=(self.recovery_record,),
        )
        #: The alarm that notifies people of problems with the plan, in the recovery Region.
        self.alarm: cloudwatch.CfnCompositeAlarm = self._alarms.problem
        #: The alarm that notifies people of warnings; None where the site tells nobody of warnings.
        self.warning_alarm: cloudwatch.CfnAlarm | None = self._alarms.warning

    def mute(
        self, construct_id: str, *, schedule: cloudwatch.ScheduleExpression, duration: Span
    ) -> cloudwatch.CfnAlarmMuteRule:
        """Let the plan's watch notify nobody in planned windows. An alarm that lasts notifies at the end of the window.

        The watch goes on: its alarms change their states, and its metrics and events are written. Not every Region has
        this type of resource (docs/watching.md).

        Args:
            construct_id: the id of the rule in this construct.
            schedule: when a window begins: once (``at``) or again and again (``cron``).
            duration: how long a window lasts: 1 minute to 15 days in whole minutes, known at synth.

        Returns:
            The rule, in the recovery Region.

        Raises:
            ResilientRedshiftError: for an id that the plan has already, and for a schedule or a duration that
                CloudWatch refuses (CloudWatch API, Schedule).
        """
        plan = cast("Construct", self)
        problems = Problems(f"{path_of(plan)} (RecoveryPlan.mute)")
        is_free = plan.node.try_find_child(construct_id) is None
        problems.check(is_free, "construct_id", construct_id, "an id that the plan does not have yet")
        window = check_window(problems, schedule, duration)
        problems.raise_if_any()
        [rule] = mute_rules(
            Construct(plan, construct_id),
            what=f"the plan '{self.plan_name}'",
            window=window,
            alarm_names=self._alarms.names,
        )
        return rule

    def metric_recovery_point_age(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The age in seconds of the recovery point that a failover would take now; the maximum of a period.

        It is what a disaster would lose now. The metric is of the recovery Region.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._watch_metric(watching.METRIC_RECOVERY_POINT_AGE, period)

    def metric_primary_recovery_point_age(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The age in seconds of the cluster's newest usable snapshot in its own Region; the maximum of a period.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._watch_metric(watching.METRIC_RECOVERY_POINT_AGE, period, owner=self._primary)

    def metric_finding_severity(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """0 without a finding, 1 for a warning, 2 for a problem; the maximum of a period.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._watch_metric(watching.METRIC_FINDING_SEVERITY, period)

    def metric_recovery_points(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of usable recovery points in the recovery Region, once a day; the maximum of a period.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._watch_metric(watching.METRIC_RECOVERY_POINTS, period)

    def metric_billable_backup_storage(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The bytes of recovery points that AWS bills in the recovery Region, once a day; the maximum of a period.

        Args:
            period: the length of a data point. Default: 5 minutes.
        """
        return self._watch_metric(watching.METRIC_BILLABLE_STORAGE, period)

    def _watch_metric(
        self, name: str, period: cdk.Duration | None, *, owner: Construct | None = None
    ) -> cloudwatch.Metric:
        plan = cast("Construct", self)
        dimensions = {watching.dimension_of(watching.RECOVERY): self.plan_name}
        problems = Problems(f"{path_of(plan)} (RecoveryPlan)")
        return watch_metric(problems, owner or plan, name, dimensions, statistic="Maximum", period=period)
