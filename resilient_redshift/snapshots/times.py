"""The times at which Redshift takes automated snapshots, in Redshift's own dialect of schedules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import LONGEST_SCHEDULE_GAP, SHORTEST_SCHEDULE_GAP
from resilient_redshift.rules.retention import is_span, to_timedelta
from resilient_redshift.rules.tokens import known
from resilient_redshift.schedules.redshift import check_definition, check_snapshot_schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.rules.retention import Span
    from resilient_redshift.schedules.eventbridge import Schedule

_HOUR: Final = timedelta(hours=1)
_SHORTEST_HOURS: Final = SHORTEST_SCHEDULE_GAP // _HOUR
_LONGEST_HOURS: Final = LONGEST_SCHEDULE_GAP // _HOUR
_FORMAT: Final = "Redshift Management Guide: snapshot schedule format"
_ARGUMENTS: Final = {"Minutes": "minute", "Hours": "hour", "Day-of-week": "week_day"}


@typed
@dataclass(frozen=True)
class SnapshotTimes:
    """Times at which Redshift takes automated snapshots. Use :meth:`every` or :meth:`cron` to make them.

    Args:
        expression: one definition of a snapshot schedule: ``rate(N hours)``, or ``cron(Minutes Hours Day-of-week)``
            with three fields, in UTC. EventBridge's cron is another dialect, with six fields.

    Raises:
        ResilientRedshiftError: when Redshift would refuse the definition (management guide, "Snapshot schedule
            format"). The construct that gets several definitions checks the times between their snapshots.
    """

    expression: str

    def __post_init__(self) -> None:
        """Check the definition."""
        problems = Problems("SnapshotTimes")
        if problems.check(
            known(self.expression),
            "expression",
            self.expression,
            "rate(N hours) or cron(Minutes Hours Day-of-week), a literal",
            "synth checks the longest time between two snapshots",
        ):
            check_definition(problems, "expression", self.expression)
        problems.raise_if_any()

    @classmethod
    def every(cls, interval: Span) -> SnapshotTimes:
        """A snapshot every N hours. AWS does not document from when Redshift counts the hours.

        Args:
            interval: the time between two snapshots: a ``Duration`` or ``timedelta`` of 1 to 24 whole hours, known at
                synth.

        Raises:
            ResilientRedshiftError: for any other interval (management guide, "Snapshot schedule format").
        """
        problems = Problems("SnapshotTimes.every")
        length = to_timedelta(interval) if is_span(interval) and known(interval) else None
        ok = length is not None and not length % _HOUR and SHORTEST_SCHEDULE_GAP <= length <= LONGEST_SCHEDULE_GAP
        allowed = f"a Duration of {_SHORTEST_HOURS} to {_LONGEST_HOURS} whole hours, known at synth"
        problems.check(ok, "interval", interval, allowed, _FORMAT)
        problems.raise_if_any()
        assert length is not None  # noqa: S101 - the check above recorded a problem otherwise
        hours = length // _HOUR
        return cls(f"rate({hours} hour{'' if hours == 1 else 's'})")

    @classmethod
    def cron(cls, *, minute: str = "0", hour: str = "*", week_day: str = "*") -> SnapshotTimes:
        """Snapshots at fixed times of the day, in UTC.

        Args:
            minute: one number from ``0`` to ``59``. A wildcard or a list is not possible, because snapshots must be at
                least one hour apart. Default: ``0``.
            hour: ``0`` to ``23``, with ``, - * /``. For example, ``15/2`` means 15, 17, 19, 21 and 23. Default: every
                hour.
            week_day: ``1`` (Sunday) to ``7``, or ``SUN`` to ``SAT``, with ``, - * /``. Default: every day.

        Raises:
            ResilientRedshiftError: for any other value; the error names each wrong argument (management guide,
                "Snapshot schedule format").
        """
        problems = Problems("SnapshotTimes.cron")
        for name, value in (("minute", minute), ("hour", hour), ("week_day", week_day)):
            ok = known(value) and bool(value) and not set(value) & set(" ()")
            problems.check(ok, name, value, "a text without spaces, known at synth", _FORMAT)
        problems.raise_if_any()
        expression = f"cron({minute} {hour} {week_day})"
        check_definition(problems, "cron", expression, arguments=_ARGUMENTS)
        problems.raise_if_any()
        return cls(expression)


def check_times(problems: Problems, argument: str, times: Sequence[SnapshotTimes]) -> tuple[Schedule, ...]:
    """Check that several times can make one schedule.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        times: one or more times, whose snapshots must be at least one hour and at most 24 hours apart (management
            guide, "Snapshot schedule format").

    Returns:
        The schedules of the times that are right.
    """
    return check_snapshot_schedule(problems, argument, [each.expression for each in times])
