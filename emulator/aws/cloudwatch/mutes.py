"""Mute rules [D] CloudWatch guide, "Alarm mute rules" and "How alarm mute rules work".

A muted alarm changes its state, and runs no action. When its last window ends, or its rule is changed or deleted, it runs the action of
its present state, unless that is the state from before the window [D for a return to OK; I for any other].
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_DURATION: Final = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_LONGEST: Final = dt.timedelta(days=15)
Alarm = tuple[str, str]  # Region, name


@dataclasses.dataclass(frozen=True)
class MuteRule:
    """One rule.

    Attributes:
        alarms: the names of the alarms that it mutes.
        expression: ``cron(Minutes Hours Day-of-month Month Day-of-week)`` or ``at(yyyy-MM-ddThh:mm)``.
        duration: how long each window is: a minute to 15 days.
        zone: the time zone of the expression and of the two dates.
        start: the rule mutes nothing before.
        expire: the rule mutes nothing from then on.
    """

    alarms: frozenset[str]
    expression: str
    duration: dt.timedelta
    zone: ZoneInfo
    start: dt.datetime | None = None
    expire: dt.datetime | None = None

    @classmethod
    def of(cls, properties: dict[str, Any]) -> MuteRule:
        """Read the properties of ``AWS::CloudWatch::AlarmMuteRule``, which are the parameters of PutAlarmMuteRule.

        Raises:
            ValueError: an expression or a duration that AWS refuses.
        """
        schedule = properties["Rule"]["Schedule"]
        zone = ZoneInfo(schedule.get("Timezone") or "UTC")
        found = _DURATION.fullmatch(schedule["Duration"])
        days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
        duration = dt.timedelta(days=days, hours=hours, minutes=minutes)
        if not dt.timedelta(minutes=1) <= duration <= _LONGEST:
            raise ValueError(f"Duration {schedule['Duration']}: PT1M to P15D in ISO 8601")
        names = (properties.get("MuteTargets") or {}).get("AlarmNames") or []
        if len(names) > 100:
            raise ValueError("a mute rule targets up to 100 alarms")
        dates = [_moment(properties.get(name), zone) for name in ("StartDate", "ExpireDate")]
        made = cls(frozenset(names), schedule["Expression"], duration, zone, *dates)
        made.end_of_window(dt.datetime(2000, 1, 1, tzinfo=dt.UTC))  # reads the expression
        return made

    def end_of_window(self, now: dt.datetime) -> dt.datetime | None:
        """When the window that is open now ends; None if none is open."""
        if (self.start is not None and now < self.start) or (self.expire is not None and now >= self.expire):
            return None
        begun = self._last_start(now.astimezone(self.zone).replace(tzinfo=None))
        if begun is None:
            return None
        end = begun.replace(tzinfo=self.zone).astimezone(dt.UTC) + self.duration
        end = end if self.expire is None else min(end, self.expire)
        return end if now < end else None

    def _last_start(self, now: dt.datetime) -> dt.datetime | None:
        """The last time at which the expression opened a window that may still be open, in the rule's zone."""
        kind, _, rest = self.expression.partition("(")
        written = rest.removesuffix(")")
        if kind == "at":
            once = dt.datetime.fromisoformat(written)
            return once if once <= now else None
        fields = written.split()
        if kind != "cron" or len(fields) != 5:
            raise ValueError(f"{self.expression}: cron(Minutes Hours Day-of-month Month Day-of-week) or at(...)")
        minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
        month_days, months = _numbers(fields[2], 1, 31), _numbers(fields[3], 1, 12, _MONTHS)
        week_days = {day % 7 for day in _numbers(fields[4], 0, 7, _DAYS)}
        for back in range(_LONGEST.days + 2):
            day = now.date() - dt.timedelta(days=back)
            of_month, of_week = day.day in month_days, day.isoweekday() % 7 in week_days
            # two restricted fields: one of them is enough, as in standard cron [I]
            met = of_month or of_week if fields[2] != "*" and fields[4] != "*" else of_month and of_week
            times = (dt.datetime.combine(day, dt.time(h, m)) for h in hours for m in minutes)
            past = [time for time in times if time <= now]
            if met and day.month in months and past:
                return max(past)
        return None


def _moment(value: Any, zone: ZoneInfo) -> dt.datetime | None:
    if not value:
        return None
    found = dt.datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> set[int]:
    def one(text: str) -> int:
        return names.index(text.upper()) + low if text.upper() in names else int(text)

    found: set[int] = set()
    for part in field.split(","):
        first, dash, last = part.partition("-")
        if part == "*":
            found |= set(range(low, high + 1))
        else:
            begin, end = one(first), one(last if dash else first)
            end += 7 if end < begin and names is _DAYS else 0  # SAT-SUN
            found |= set(range(begin, end + 1))
    if not found or min(found) < low or max(found) > high:
        raise ValueError(f"{field}: {low} to {high}")
    return found


class Mutes:
    """The mute rules, and the alarms whose actions they hold back."""

    def __init__(self, now: Callable[[], dt.datetime], later: Callable[[float, Callable[[], None]], None]) -> None:
        """Begin without a rule.

        Args:
            now: the virtual time.
            later: calls something after a number of seconds.
        """
        self._now = now
        self._later = later
        self._rules: dict[tuple[str, str], MuteRule] = {}
        self._held: dict[Alarm, Callable[[], None]] = {}

    def put(self, region: str, name: str, rule: MuteRule | None) -> None:
        """Make, change or delete (None) a rule; what it does not mute any more runs at once."""
        self._rules.pop((region, name), None)
        if rule is not None:
            self._rules[(region, name)] = rule
        self._release()

    def hold(self, region: str, alarm: str, when_over: Callable[[], None]) -> bool:
        """Tell whether an alarm is muted now; then ``when_over`` is called at the end, unless an earlier call is waiting."""
        end = self._end(region, alarm)
        if end is None:
            return False
        self._held.setdefault((region, alarm), when_over)
        self._wait(end)
        return True

    def _end(self, region: str, alarm: str) -> dt.datetime | None:
        return max(self._ends(region, alarm), default=None)

    def _ends(self, region: str, alarm: str) -> Iterator[dt.datetime]:
        for (where, _), rule in self._rules.items():
            end = rule.end_of_window(self._now()) if where == region and alarm in rule.alarms else None
            if end is not None:
                yield end

    def _wait(self, end: dt.datetime) -> None:
        self._later((end - self._now()).total_seconds(), self._release)

    def _release(self) -> None:
        for (region, alarm), when_over in list(self._held.items()):
            end = self._end(region, alarm)
            if end is None:
                del self._held[(region, alarm)]
                when_over()
            else:
                self._wait(end)
