"""What watches the drills of one plan: an hourly run that cleans up and tells their age, and the alarms on it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from constructs import Construct

from resilient_redshift.contract import names, record
from resilient_redshift.schedules.eventbridge import longest_gap_of
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events

    from resilient_redshift.recovery._restore_machine import RestoreMachine
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.schedules.eventbridge import Schedule

#: How long after its time a drill may end before somebody is told: it restores, checks and deletes a whole cluster.
LATE: Final = timedelta(days=1)
_HOUR: Final = 3600
_SILENT_HOURS: Final = 3
_TWICE: Final = 2
#: Stands for the age while nobody tells it: more than any objective.
_NEVER: Final = 10**9


class DrillWatch(Construct):
    """One for each plan that has a rehearsal; made by the first one."""

    def __init__(
        self, scope: Construct, construct_id: str, *, plan_name: str, objectives: Objectives, machine: RestoreMachine
    ) -> None:
        super().__init__(scope, construct_id)
        self._plan = plan_name
        self._services = StackServices.of(self)
        self._schedules: list[Schedule] = []
        self._age: cloudwatch.CfnAlarm | None = None
        #: Starts the machine each hour, to clean up and to tell the drills' age.
        self.rule: events.CfnRule = machine.hourly(
            self,
            "Cleanup",
            plan=plan_name,
            description=f"removes what drills of '{plan_name}' left behind, tells their age (resilient_redshift)",
            target_id="Cleanup",
            given={"plan": plan_name, "mode": "cleanup"},
        )
        self.rule.node.add_dependency(machine.events_policy, machine.plans_policy)
        point, time = (record.seconds(span) for span in (objectives.recovery_point, objectives.recovery_time))
        #: Ring as their names say; all watch the last drill that had a verdict.
        self.alarms: list[cloudwatch.CfnAlarm] = [
            self._alarm(
                "FailedAlarm",
                names.METRIC_DRILL_FAILED,
                "the last drill failed: the plan does not bring the cluster back as promised; see its report",
            ),
            self._alarm(
                "SlowAlarm",
                names.METRIC_DRILL_RECOVERY_TIME,
                f"the last drill took longer than the recovery time of {time} s",
                threshold=time,
                comparison_operator="GreaterThanThreshold",
            ),
            self._alarm(
                "StaleAlarm",
                names.METRIC_DRILL_RECOVERY_POINT,
                f"the last drill found no snapshot younger than the recovery point of {point} s",
                threshold=point,
                comparison_operator="GreaterThanThreshold",
            ),
            self._alarm(
                "InconclusiveAlarm",
                names.METRIC_DRILLS_INCONCLUSIVE,
                "two drills one after the other proved nothing: no capacity, or a quota",
                threshold=_TWICE,
            ),
            self._alarm(
                "LeftBehindAlarm",
                names.METRIC_DRILL_LEFT_BEHIND,
                "a drill's cluster could not be deleted, and costs by the hour; look for drill-... in this Region",
            ),
        ]

    @property
    def longest_gap(self) -> timedelta | None:
        """The longest time between two drills; None where no rehearsal is on."""
        return longest_gap_of(self._schedules) if self._schedules else None

    def add(self, schedule: Schedule) -> None:
        """Expect drills at the times of one more schedule."""
        self._schedules.append(schedule)
        gap = longest_gap_of(self._schedules)
        seconds = record.seconds(gap + LATE)
        if self._age is not None:
            self._age.threshold = seconds
            return
        self._age = self._services.alarm(
            "MissedAlarm",
            scope=self,
            alarm_description=f"no drill of '{self._plan}' had a verdict in its time and a day more, or nobody tells; "
            "see its rule and the dead-letter queue in this stack",
            metrics=[
                # filled, because an alarm that misses a few points goes on judging by older ones
                {"id": "filled", "expression": f"FILL(age, {_NEVER})", "label": "seconds since the last drill"},
                self._metric("age", names.METRIC_DRILL_AGE),
            ],
            threshold=seconds,
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=_SILENT_HOURS,
            treat_missing_data="breaching",
        )
        self.alarms.append(self._age)

    def _alarm(self, construct_id: str, metric: str, says: str, **settings: Any) -> cloudwatch.CfnAlarm:  # noqa: ANN401
        return self._services.alarm(
            construct_id,
            scope=self,
            alarm_description=f"plan '{self._plan}': {says}",
            namespace=names.METRIC_NAMESPACE,
            metric_name=metric,
            dimensions=[{"name": names.DIMENSION_PLAN, "value": self._plan}],
            statistic="Maximum",
            period=_HOUR,
            # there is none before the first verdict, and later silence rings another alarm: this one stays as it is
            **{"treat_missing_data": "ignore", **settings},
        )

    def _metric(self, name: str, metric: str) -> dict[str, Any]:
        dimensions = [{"name": names.DIMENSION_PLAN, "value": self._plan}]
        return {
            "id": name,
            "metricStat": {
                "metric": {
                    "namespace": names.METRIC_NAMESPACE,
                    "metricName": metric,
                    "dimensions": dimensions,
                },
                "period": _HOUR,
                "stat": "Maximum",
            },
            "returnData": False,
        }
