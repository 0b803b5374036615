"""What the readers find: runs, ages, alarms and switchovers, each with its source, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

from resilient_redshift.cloud.restore.standing_parts import STANDBY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.verdict import Verdict

#: How much the clocks of two services may differ.
_CLOCKS: Final = timedelta(minutes=1)
K = TypeVar("K", str, tuple[str, str])


@dataclass(frozen=True, kw_only=True)
class Window:
    """The time that a report is about.

    Args:
        since: the beginning.
        until: the end, at most the time of the report.
        at: the time of the report.
        to_the_last: whether the end is the time of the report, so that whatever there is counts. AWS's clocks and this
            machine's may differ by seconds.
    """

    since: datetime
    until: datetime
    at: datetime
    to_the_last: bool = False

    def holds(self, moment: datetime) -> bool:
        """Whether a moment is in the window."""
        return self.since <= moment and self.reaches(moment)

    def reaches(self, moment: datetime) -> bool:
        """Whether a moment is before the end of the window."""
        return self.to_the_last or moment < self.until

    @property
    def asked_until(self) -> datetime:
        """The end to ask AWS for."""
        return self.until + _CLOCKS if self.to_the_last else self.until


@dataclass(frozen=True, kw_only=True, order=True)
class Gap:
    """Something that the report does not know.

    Args:
        what: what is not known.
        why: why not.
        source: the call or the object that would have said it.
    """

    what: str
    why: str
    source: str


@dataclass(kw_only=True)
class Run:
    """One run of the restore machine.

    Args:
        execution: the name of the execution.
        mode: ``failover`` or ``drill``. Empty: nothing says it.
        outcome: the outcome of its report, or the status of Step Functions if it left no report.
        started: when it started.
        ended: when it ended. None: it runs.
        report: what is understood of its report. Empty: it left none.
        sources: where this was read: the object in the bucket, the execution, or both.
        arn: the ARN of the execution. Empty: Step Functions has forgotten it, or could not be read.
        trigger: what started it, as its input says. Empty: nobody knows the input.
        reason: the reason that a person gave. Empty: none.
        caller: who called StartExecution, as CloudTrail says. Empty: not known.
        caller_source: the event of CloudTrail that says it.
    """

    execution: str
    mode: str
    outcome: str
    started: datetime
    ended: datetime | None
    report: Mapping[str, Any] = field(default_factory=dict)
    sources: Sequence[str] = ()
    arn: str = ""
    trigger: str = ""
    reason: str = ""
    caller: str = ""
    caller_source: str = ""


@dataclass(frozen=True, kw_only=True)
class Ages:
    """The age of the recovery point in the recovery Region, by the hour.

    Args:
        start: the first hour that was asked for.
        end: the end of the last hour that was asked for.
        by_hour: the highest age of each hour that has data, in seconds.
        paused: the hours in which the paused cluster excused an old recovery point.
        source: the call.
    """

    start: datetime
    end: datetime
    by_hour: Mapping[datetime, float]
    paused: frozenset[datetime]
    source: str


@dataclass(frozen=True, kw_only=True)
class Episode:
    """A time in which an alarm was in the state ALARM.

    Args:
        alarm: the name of the alarm.
        opened: when it began. None: before what CloudWatch remembers.
        closed: when it ended. None: it had not ended by the end of the report's time.
        source: the call.
    """

    alarm: str
    opened: datetime | None
    closed: datetime | None
    source: str


@dataclass(frozen=True, kw_only=True)
class Switchover:
    """One planned switchover, or its rehearsal, as its last state in Parameter Store says.

    Args:
        state: the state.
        written: when that state was written.
        source: the parameter and its version.
    """

    state: Mapping[str, Any]
    written: datetime
    source: str


@dataclass(kw_only=True)
class Evidence:
    """All that is known of one plan. Each reader adds what it finds.

    Args:
        observation: what both Regions say now.
        verdict: the verdict on that.
        runs: the runs of the restore machine, by the name of the execution.
        runs_unread: whether runs may exist that could not be read.
        ages: the ages of the recovery point. None: they could not be read.
        alarm_names: the alarms of the plan that were found.
        alarms: the times in which they rang.
        switchovers: the switchovers, the oldest first.
        limits: what AWS keeps no longer, and so nobody can read.
        gaps: what could not be read, though it may exist.
    """

    observation: Observation
    verdict: Verdict
    runs: dict[str, Run] = field(default_factory=dict)
    runs_unread: bool = False
    ages: Ages | None = None
    alarm_names: list[str] = field(default_factory=list)
    alarms: list[Episode] = field(default_factory=list)
    switchovers: list[Switchover] = field(default_factory=list)
    limits: list[Gap] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def plan(self) -> Plan:
        """The plan, as its recovery Region has it, or else as the command began with it."""
        return self.observation.plan

    @property
    def ordered_runs(self) -> list[Run]:
        """The runs, the oldest first."""
        return sorted(self.runs.values(), key=lambda run: (run.started, run.execution))

    def lacks_watch(self, what: str, why: str, source: str) -> None:
        """Note data of the watcher that are not there. A way home that stands by has no watcher, and lacks nothing."""
        if self.verdict.word == STANDBY:
            self.ends(what, "the plan is a way home that stands by, and is not watched", source)
        else:
            self.lacks(what, why, source)

    def lacks(self, what: str, why: str, source: str) -> None:
        """Note what could not be read."""
        self.gaps.append(Gap(what=what, why=why, source=source))

    def lacks_runs(self, what: str, why: str, source: str) -> None:
        """Note runs that could not be read."""
        self.runs_unread = True
        self.lacks(what, why, source)

    def ends(self, what: str, why: str, source: str) -> None:
        """Note what AWS keeps no longer."""
        self.limits.append(Gap(what=what, why=why, source=source))


def grouped(evidence: Sequence[Evidence], key: Callable[[Plan], K]) -> dict[K, list[Evidence]]:
    """The evidence in groups of plans that share something, such as a Region, sorted by it."""
    groups: dict[K, list[Evidence]] = {}
    for one in evidence:
        groups.setdefault(key(one.plan), []).append(one)
    return {name: groups[name] for name in sorted(groups)}
