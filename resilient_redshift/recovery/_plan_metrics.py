"""The metrics of a plan: drills and failovers, and retention tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from resilient_redshift.contract import names
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._metrics import RESTORE_METRICS, metric_of_plan
from resilient_redshift.recovery.sql_check import BUILT_IN

if TYPE_CHECKING:
    import aws_cdk as cdk
    from aws_cdk import aws_cloudwatch as cloudwatch
    from constructs import IConstruct

    from resilient_redshift.recovery._plan_record import PlanRecords


@typed
class PlanMetrics:
    """Adds metrics to a plan that keeps its name and its records."""

    if TYPE_CHECKING:
        plan_name: str
        _records: PlanRecords

    def metric(
        self,
        metric_name: str,
        *,
        check_name: str | None = None,
        statistic: str | None = None,
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A metric of this plan in the namespace ``ResilientRedshift``, in the recovery Region.

        Metrics of drills are written once the plan has a rehearsal, and metrics of tiers once its rules keep their
        copies for different times.

        Args:
            metric_name: a metric that ``RecoveryRestore.metric`` or ``RecoveryTiers.metric`` lists.
            check_name: for ``DrillCheckFailed`` a check that the plan has by now: ``answers``, ``tables``, ``size`` or
                the name of an ``SqlCheck`` of ``protect`` or ``rehearse``. Default: no check, as for all other metrics.
            statistic: such as ``Maximum``. Default: Sum for metrics of tiers, Maximum for all others.
            period: the length of a data point. Default: 5 minutes.

        Returns:
            The metric, in the account and Region of the site.

        Raises:
            ResilientRedshiftError: for a metric that is not written; for a check that the plan does not have; and for a
                check with another metric than ``DrillCheckFailed``, or that metric without a check.
        """
        plan = cast("IConstruct", self)
        problems = Problems(lambda: f"{path_of(plan)} (RecoveryPlan.metric)")
        checks = (*BUILT_IN, *(check.name for check in self._records.contents.checks))
        if check_name is not None and metric_name == names.METRIC_DRILL_CHECK_FAILED:
            why = "no other check is written; rehearse adds its checks to the plan's"
            problems.check(check_name in checks, "check_name", check_name, f"one of {', '.join(checks)}", why)
        of_tiers = metric_name in names.TIER_METRICS
        return metric_of_plan(
            problems,
            plan,
            metric_name,
            (*RESTORE_METRICS, *names.TIER_METRICS),
            plan_name=self.plan_name,
            check_name=check_name,
            statistic=statistic or ("Sum" if of_tiers else "Maximum"),
            period=period,
        )

    def metric_drill_age(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The seconds since the last verdict of a drill, or since drills are watched; the maximum of a period."""
        return self.metric(names.METRIC_DRILL_AGE, period=period)

    def metric_drill_failed(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """1 while the last verdict of a drill is bad, otherwise 0; the maximum of a period."""
        return self.metric(names.METRIC_DRILL_FAILED, period=period)

    def metric_drill_recovery_time(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The seconds until the last drill's cluster answered every check; the maximum of a period."""
        return self.metric(names.METRIC_DRILL_RECOVERY_TIME, period=period)

    def metric_drill_recovery_point(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The age in seconds of the last drill's snapshot when the drill began; the maximum of a period."""
        return self.metric(names.METRIC_DRILL_RECOVERY_POINT, period=period)

    def metric_drills_inconclusive(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of inconclusive drills in a row; the maximum of a period."""
        return self.metric(names.METRIC_DRILLS_INCONCLUSIVE, period=period)

    def metric_drill_left_behind(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of clusters that drills left behind; the maximum of a period."""
        return self.metric(names.METRIC_DRILL_LEFT_BEHIND, period=period)

    def metric_rto_missed(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """1, once, when a failover takes longer than the plan promises; the maximum of a period."""
        return self.metric(names.METRIC_RTO_MISSED, period=period)

    def metric_tiers_applied(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of runs that applied the retention tiers."""
        return self.metric(names.METRIC_TIERS_APPLIED, period=period)

    def metric_copies_tiered(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of copies that got the retention of their rule when a run saw them first."""
        return self.metric(names.METRIC_COPIES_TIERED, period=period)

    def metric_copies_raised(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of copies whose retention was raised."""
        return self.metric(names.METRIC_COPIES_RAISED, period=period)

    def metric_copies_in_doubt(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of copies that kept more than the retention of their rule."""
        return self.metric(names.METRIC_COPIES_IN_DOUBT, period=period)

    def metric_copies_failed(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of copies that could not be given the retention of their rule."""
        return self.metric(names.METRIC_COPIES_FAILED, period=period)

    def metric_drill_check_failed(self, check_name: str, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """1 for a check that failed, 0 for a check that passed; the maximum of a period.

        Args:
            check_name: ``answers``, ``tables``, ``size`` or the name of an ``SqlCheck`` that the plan has by now.
            period: the length of a data point. Default: 5 minutes.
        """
        return self.metric(names.METRIC_DRILL_CHECK_FAILED, check_name=check_name, period=period)
