"""When automated snapshots are taken, in Redshift's own dialect of schedules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.rules.retention import to_timedelta
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.redshift import check_definition, check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.rules.retention import Span
    from resilient_redshift.schedules.eventbridge import Schedule

_HOUR: Final = timedelta(hours=1)
_MOST_HOURS: Final = 24
_FORMAT: Final = "Redshift Management Guide: snapshot schedule format"
_ARGUMENTS: Final = {"Minutes": "minute", "Hours": "hour", "Day-of-week": "week_day"}


@dataclass(frozen=True)
class SnapshotTimes:
    """Times at which Redshift takes automated snapshots; made by :meth:`every` and :meth:`cron`.

    Args:
        expression: one definition of a snapshot schedule: ``rate(N hours)``, or ``cron(Minutes Hours Day-of-week)``
            with three fields, in UTC; EventBridge's cron has six and is another dialect.

    Raises:
        ResilientRedshiftError: when Redshift would refuse the definition (management guide, "Snapshot schedule
            format"). How several definitions fit together is checked where they are used.
    """

    expression: str

    def __post_init__(self) -> None:
        """Check the definition."""
        problems = Problems("SnapshotTimes")
        if problems.check(
            isinstance(self.expression, str) and known(self.expression),
            "expression",
            self.expression,
            "rate(N hours) or cron(Minutes Hours Day-of-week), a literal",
            "the longest gap is checked at synth",
        ):
            check_definition(problems, "expression", self.expression)
        problems.raise_if_any()

    @classmethod
    def every(cls, interval: Span) -> SnapshotTimes:
        """Every so many hours; from when Redshift counts is not documented.

        Args:
            interval: a ``Duration`` or ``timedelta`` of 1 to 24 whole hours, known at synth.

        Raises:
            ResilientRedshiftError: for any other interval (management guide, "Snapshot schedule format").
        """
        problems = Problems("SnapshotTimes.every")
        found: timedelta | None = None
        if isinstance(interval, timedelta) or hasattr(interval, "to_milliseconds"):
            found = to_timedelta(interval) if known(interval) else None
        ok = found is not None and not found % _HOUR and _HOUR <= found <= _MOST_HOURS * _HOUR
        problems.check(ok, "interval", interval, f"known, a Duration of 1 to {_MOST_HOURS} whole hours", _FORMAT)
        problems.raise_if_any()
        assert found is not None  # noqa: S101 - checked above
        hours = found // _HOUR
        return cls(f"rate({hours} hour{'' if hours == 1 else 's'})")

    @classmethod
    def cron(cls, *, minute: str = "0", hour: str = "*", week_day: str = "*") -> SnapshotTimes:
        """At fixed times of the day, in UTC.

        Args:
            minute: one of ``0`` to ``59``; no wildcard, no list, as snapshots are at least one hour apart. Default:
                ``0``.
            hour: ``0`` to ``23``, with ``, - * /``. ``15/2`` is 15, 17, 19, 21 and 23. Default: every hour.
            week_day: ``1`` (Sunday) to ``7``, or ``SUN`` to ``SAT``, with ``, - * /``. Default: every day.

        Raises:
            ResilientRedshiftError: for a value outside these, each under its own name (management guide, "Snapshot
                schedule format").
        """
        problems = Problems("SnapshotTimes.cron")
        for name, value in (("minute", minute), ("hour", hour), ("week_day", week_day)):
            ok = isinstance(value, str) and known(value) and bool(value) and not set(value) & set(" ()")
            problems.check(ok, name, value, "a text without spaces, known", _FORMAT)
        problems.raise_if_any()
        expression = f"cron({minute} {hour} {week_day})"
        check_definition(problems, "cron", expression, arguments=_ARGUMENTS)
        problems.raise_if_any()
        return cls(expression)


def check_times(problems: Problems, argument: str, times: Sequence[SnapshotTimes]) -> tuple[Schedule, ...]:
    """Check that some times make one schedule; return what could be read."""
    wrong = [each for each in times if not isinstance(each, SnapshotTimes)]
    if wrong:
        problems.add(argument, wrong[0], "SnapshotTimes, one or more")
        return ()
    return check_snapshot_schedule(problems, argument, [each.expression for each in times])
