"""The alarms of one watch: its recovery point is too old, something is wrong, and the one that notifies people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.contract.watching import (
    METRIC_CLUSTER_PAUSED,
    METRIC_FINDING_SEVERITY,
    METRIC_RECOVERY_POINT_AGE,
    PROBLEM,
    SEVERITIES,
    WARNING,
)
from resilient_redshift.core.tree import after, ref_of
from resilient_redshift.stack.alarms import AlarmMetric, at_first, at_least_or_missing, last_value_at_least, overdue
from resilient_redshift.stack.compliance import UNDER_ANOTHER_ALARM, acknowledge
from resilient_redshift.stack.services import StackServices
from resilient_redshift.watching.actions import bound
from resilient_redshift.watching.watcher import PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from constructs import Construct

    from resilient_redshift.watching.actions import Told

_PAGE: Final = "docs/watching.md"
#: One period of the last ones is enough: a look that is late must not let a pause seem over.
_LATELY: Final = {"evaluation_periods": PERIODS, "datapoints_to_alarm": 1}


@dataclass(frozen=True, kw_only=True, slots=True)
class WatchAlarms:
    """The alarms of one watch.

    Attributes:
        problem: the composite alarm over the others; it alone notifies ``notify``.
        age: the newest usable recovery point is too old, or nobody measures it.
        severity: a finding is a problem, or nobody looks.
        paused: a paused cluster excuses an old recovery point.
        warning: a finding is a warning or a problem; None where nobody is told of warnings.
    """

    problem: cloudwatch.CfnCompositeAlarm
    age: cloudwatch.CfnAlarm
    severity: cloudwatch.CfnAlarm
    paused: cloudwatch.CfnAlarm
    warning: cloudwatch.CfnAlarm | None

    @property
    def names(self) -> list[str]:
        """The names of the alarms that notify somebody."""
        notifying = (self.problem,) if self.warning is None else (self.problem, self.warning)
        return [ref_of(alarm) for alarm in notifying]


def watch_alarms(
    scope: Construct,
    *,
    what: str,
    dimensions: Mapping[str, str],
    period: int,
    recovery_point_seconds: int,
    first_look: cdk.CfnResource,
    told: Told,
    to_see: str,
) -> WatchAlarms:
    """Make the alarms of one watch.

    Args:
        scope: the parent.
        what: the watch in words, such as "plan 'sales'".
        dimensions: the dimensions of its metrics.
        period: the length of a period, in seconds.
        recovery_point_seconds: the age that a recovery point may have.
        first_look: the resource after which the metrics have data.
        told: who hears of it. Without anybody for warnings, there is no warning alarm.
        to_see: how a person sees what is wrong, in words.
    """

    def metric(name: str) -> AlarmMetric:
        return AlarmMetric(name=name, dimensions=dimensions, statistic="Maximum", period=period)

    def alarm(construct_id: str, properties: Mapping[str, Any], meaning: str, **more: Any) -> cloudwatch.CfnAlarm:  # noqa: ANN401 - properties of CloudFormation
        description = f"{what}: {meaning}"
        made = cloudwatch.CfnAlarm(scope, construct_id, alarm_description=description, **properties, **more)
        after(made, first_look)
        return made

    acknowledge(scope, UNDER_ANOTHER_ALARM)
    notifies = "the alarm over this one notifies people"
    severity = metric(METRIC_FINDING_SEVERITY)
    age = alarm(
        "AgeAlarm",
        overdue(
            metric(METRIC_RECOVERY_POINT_AGE),
            seconds=recovery_point_seconds,
            periods=PERIODS,
            query_id="age",
            label="seconds since the newest usable recovery point",
        ),
        f"the newest usable recovery point is older than {recovery_point_seconds} s, or nobody measures it; {notifies}",
    )
    problems = alarm(
        "SeverityAlarm",
        at_least_or_missing(
            severity, SEVERITIES[PROBLEM], periods=PERIODS, query_id="severity", label="the highest severity"
        ),
        f"a finding is a problem, or nobody looks; {notifies}",
    )
    paused = alarm(
        "PausedAlarm",
        {**at_first(metric(METRIC_CLUSTER_PAUSED)), **_LATELY},
        "the cluster is paused, which excuses an old recovery point; nothing is wrong",
    )
    warning = None
    if told.of_warnings:
        warning = alarm(
            "WarningAlarm",
            last_value_at_least(severity, SEVERITIES[WARNING]),
            f"a finding is a warning or worse. {to_see}; {_PAGE} says what to do about each finding",
            alarm_actions=list(told.warning_topics),
        )
        also = bound(warning, "warning_actions", told.warning_actions)
        warning.alarm_actions = [*told.warning_topics, *also]
    rule = f'(ALARM("{ref_of(age)}") AND NOT ALARM("{ref_of(paused)}")) OR ALARM("{ref_of(problems)}")'
    services = StackServices.of(scope)
    problem = services.composite_alarm(
        "Alarm",
        rule,
        description=f"{what}: the data that a disaster would lose now is more than {recovery_point_seconds} s old, "
        f"something that protects it is broken, or nobody watches. {to_see}; {_PAGE} says what to do about each "
        "finding",
        scope=scope,
    )
    services.act(problem, bound(problem, "alarm_actions", told.alarm_actions))
    return WatchAlarms(problem=problem, age=age, severity=problems, paused=paused, warning=warning)
