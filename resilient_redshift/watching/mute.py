"""Planned windows in which the alarms of a watch notify nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.rules.retention import is_span, to_timedelta
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import Construct

    from resilient_redshift.errors import Problems
    from resilient_redshift.rules.retention import Span

_MINUTE: Final = timedelta(minutes=1)
#: CloudWatch API, Schedule: Duration.
_LONGEST: Final = timedelta(days=15)
#: CloudWatch API, MuteTargets: AlarmNames.
MOST_ALARMS: Final = 100
#: The two forms of an expression: a time, or minutes, hours, days of the month, months and days of the week
#: (CloudWatch API, Schedule: Expression).
_EXPRESSION: Final = re.compile(
    r"at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}\)|cron\([A-Z0-9*,/-]+( [A-Z0-9*,/-]+){4}\)"
)
_ALLOWED: Final = "cron(Minutes Hours Day-of-month Month Day-of-week) or at(yyyy-mm-ddThh:mm), known at synth"


def check_window(
    problems: Problems, schedule: cloudwatch.ScheduleExpression, duration: Span
) -> tuple[str, str | None, timedelta]:
    """The expression, the time zone and the length of a window; record a problem for one that CloudWatch refuses.

    Args:
        problems: where to record each problem.
        schedule: when the window begins.
        duration: how long it lasts.
    """
    expression = schedule.expression_string
    ok = known(expression) and _EXPRESSION.fullmatch(expression) is not None
    problems.check(ok, "schedule", expression, _ALLOWED, "CloudWatch API: Schedule, Expression")
    length = to_timedelta(duration) if is_span(duration) and known(duration) else None
    fits = length is not None and not length % _MINUTE and _MINUTE <= length <= _LONGEST
    allowed = "a Duration of 1 minute to 15 days in whole minutes, known at synth"
    problems.check(fits, "duration", duration, allowed, "CloudWatch API: Schedule, Duration")
    zone = schedule.time_zone
    return expression, None if zone is None else zone.timezone_name, length if fits and length else _MINUTE


def mute_rules(
    scope: Construct, *, what: str, window: tuple[str, str | None, timedelta], alarm_names: Sequence[str]
) -> list[cloudwatch.CfnAlarmMuteRule]:
    """Make rules that keep alarms from notifying anybody in planned windows. An alarm that lasts notifies at the end.

    Args:
        scope: the parent of the rules.
        what: what is muted, in words.
        window: from :func:`check_window`.
        alarm_names: the names of the alarms.

    Returns:
        One rule for each 100 alarms.
    """
    expression, zone, length = window
    schedule = {"expression": expression, "duration": f"PT{length // _MINUTE}M"}
    return [
        cloudwatch.CfnAlarmMuteRule(
            scope,
            "Resource" if first == 0 else f"Resource{first // MOST_ALARMS + 1}",
            description=f"resilient_redshift: no alarm of {what} notifies anybody in this window",
            rule={"schedule": schedule if zone is None else {**schedule, "timezone": zone}},
            mute_targets={"alarmNames": list(alarm_names[first : first + MOST_ALARMS])},
        )
        for first in range(0, len(alarm_names), MOST_ALARMS)
    ]
