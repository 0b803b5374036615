"""The watch over the drills of one plan: an hourly run that cleans up and measures, and the alarms on the drills."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from constructs import Construct

from resilient_redshift.contract import names
from resilient_redshift.contract.record import seconds
from resilient_redshift.recovery._hourly_runs import SILENT_HOURS, run_in_deployment
from resilient_redshift.schedules.eventbridge import longest_gap_of
from resilient_redshift.stack.alarms import (
    AlarmMetric,
    last_value_above,
    last_value_at_least,
    overdue,
    plan_metric,
)
from resilient_redshift.stack.event_rules import hourly_rule
from resilient_redshift.stack.services import StackServices

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
    from aws_cdk import aws_events as events

    from resilient_redshift.recovery._clean_up_function import CleanUpFunction
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.schedules.eventbridge import Schedule

#: How long after its scheduled time a drill may end before it counts as missed. A drill restores, checks and deletes a
#: whole cluster.
LATE: Final = timedelta(days=1)
#: After this many inconclusive drills in a row, an alarm goes into the ALARM state.
_MOST_INCONCLUSIVE: Final = 2


class DrillWatch(Construct):
    """The clean-up rule and the alarms of one plan's drills. The plan's first rehearsal makes it.

    Args:
        scope: the parent.
        construct_id: the id in that scope.
        plan_name: the plan's name.
        objectives: what the plan promises.
        clean_up: the function that cleans up after drills.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, plan_name: str, objectives: Objectives, clean_up: CleanUpFunction
    ) -> None:
        super().__init__(scope, construct_id)
        self._plan = plan_name
        self._clean_up = clean_up
        self._services = StackServices.of(self)
        #: The schedules of the plan's drills that start by themselves.
        self.schedules: list[Schedule] = []
        self._missed_alarm: cloudwatch.CfnAlarm | None = None
        #: The rule that calls the function each hour, to clean up and to measure the age of the last verdict.
        self.rule: events.CfnRule = hourly_rule(
            self,
            "Cleanup",
            plan=plan_name,
            description=f"removes what drills of '{plan_name}' left behind, measures their age (resilient_redshift)",
            target=clean_up.target("Cleanup", {"plan": plan_name}),
        )
        self.rule.node.add_dependency(clean_up.permission)
        point, time = seconds(objectives.recovery_point), seconds(objectives.recovery_time)
        #: The alarms on the last drill that had a verdict.
        self.alarms: list[cloudwatch.CfnAlarm] = [
            self._alarm(
                "FailedAlarm",
                last_value_at_least(self._metric(names.METRIC_DRILL_FAILED)),
                "the last drill failed: the plan does not bring the cluster back as promised; see its report",
            ),
            self._alarm(
                "SlowAlarm",
                last_value_above(self._metric(names.METRIC_DRILL_RECOVERY_TIME), time),
                f"the last drill took longer than the recovery time of {time} s",
            ),
            self._alarm(
                "StaleAlarm",
                last_value_above(self._metric(names.METRIC_DRILL_RECOVERY_POINT), point),
                f"the last drill found no snapshot younger than the recovery point of {point} s",
            ),
            self._alarm(
                "InconclusiveAlarm",
                last_value_at_least(self._metric(names.METRIC_DRILLS_INCONCLUSIVE), _MOST_INCONCLUSIVE),
                "two drills one after the other proved nothing: no capacity, or a quota",
            ),
            self._alarm(
                "LeftBehindAlarm",
                last_value_at_least(self._metric(names.METRIC_DRILL_LEFT_BEHIND)),
                "a drill's cluster could not be deleted, and costs by the hour; look for drill-... in this Region",
            ),
        ]

    def add(self, schedule: Schedule) -> None:
        """Expect drills at the times of one more schedule. An alarm reports a drill that is missing."""
        self.schedules.append(schedule)
        gap = longest_gap_of(self.schedules)
        limit = seconds(gap + LATE)
        if self._missed_alarm is not None:
            self._missed_alarm.threshold = limit
            return
        age = self._metric(names.METRIC_DRILL_AGE)
        self._missed_alarm = self._services.alarm(
            "MissedAlarm",
            overdue(age, seconds=limit, periods=SILENT_HOURS, query_id="age", label="seconds since the last drill"),
            description=f"no drill of '{self._plan}' had a verdict in its time and a day more, or nobody tells; "
            "see its rule and the dead-letter queue in this stack",
            scope=self,
        )
        self.alarms.append(self._missed_alarm)
        needed = (self._clean_up.policy,)
        run_in_deployment(self._clean_up, "CleanUp", plan=self._plan, alarm=self._missed_alarm, needed=needed)

    def _alarm(self, construct_id: str, properties: dict[str, Any], meaning: str) -> cloudwatch.CfnAlarm:
        description = f"plan '{self._plan}': {meaning}"
        return self._services.alarm(construct_id, properties, description=description, scope=self)

    def _metric(self, name: str) -> AlarmMetric:
        return plan_metric(name, self._plan)
