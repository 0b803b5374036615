"""One run that takes a manual snapshot: what it was asked for, and what it knows so far.

The state machine carries a run from phase to phase as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeGuard

from resilient_redshift.contract import names
from resilient_redshift.contract.understood import LARGEST_NUMBER, is_text
from resilient_redshift.rules.limits import LONGEST_TAG_VALUE, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import stored_identifier
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

#: The form of a run in JSON. A function reads the runs that an earlier release began, so a field keeps its meaning.
VERSION: Final = 1
#: How long a run waits for a busy cluster, unless the rule's next snapshot is due before.
LONGEST_BUSY_SECONDS: Final = 6 * 3600
#: How long the second try waits for a busy cluster at least.
SECOND_TRY_BUSY: Final = timedelta(hours=1)
_MOMENT: Final = re.compile(
    r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?Z"
)
_NO_TAG_CHARACTER: Final = re.compile(r"[^A-Za-z0-9 _.:/=+@-]")
#: The longest message, in characters. AWS's own words can be longer.
_LONGEST_MESSAGE: Final = 900
_ALLOWED: Final = (
    "the input must be an object with cluster_identifier, rule and keep_days (-1 or 1 to 3653), and may have "
    "scheduled_time (UTC, ISO 8601, ending with Z), gap_seconds, keep_in_recovery_days, plan, reason and settle_seconds"
)


class BadInput(Exception):  # noqa: N818 - the name says what is the case
    """The input of a run is not understood."""


class OtherRelease(Exception):  # noqa: N818 - the name says what is the case
    """Another release began this run, and this release cannot read it."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """The input of a run.

    Args:
        cluster_identifier: the cluster.
        rule: the rule's name, a part of the snapshot's name.
        keep_days: the retention; -1 means for ever.
        keep_in_recovery_days: the retention of the copy, for its tag. Default: no tag.
        plan: the plan's name, for its tag. Default: no tag.
        reason: why a person wants the snapshot, as a tag can have it. Default: no tag.
        scheduled_time: the minute for which the rule fired. Default: the snapshot is on demand.
        gap_seconds: the shortest time between two events of the rule. Default: unknown.
        settle_seconds: for how long a refused access may pass. Default: not at all.
    """

    cluster_identifier: str
    rule: str
    keep_days: int
    keep_in_recovery_days: int | None = None
    plan: str | None = None
    reason: str | None = None
    scheduled_time: str | None = None
    gap_seconds: float | None = None
    settle_seconds: float | None = None

    @classmethod
    def of(cls, given: object) -> Request:
        """Read an input. A person who starts a run by hand may pass anything.

        Raises:
            BadInput: a field is missing, or has a value that this library cannot work with.
        """
        if not isinstance(given, Mapping):
            raise BadInput(_ALLOWED)
        values = {field.name: given[field.name] for field in fields(cls) if field.name in given}
        required = {field.name for field in fields(cls)[:3]}
        if not required <= values.keys() or not all(_CHECKS[name](value) for name, value in values.items()):
            raise BadInput(_ALLOWED)
        for name in ("keep_days", "keep_in_recovery_days"):
            if name in values:
                values[name] = int(values[name])
        for name in ("gap_seconds", "settle_seconds"):
            if name in values:
                # JSON has no infinity, and a run must fit into JSON
                values[name] = min(values[name], LARGEST_NUMBER)
        values["cluster_identifier"] = stored_identifier(values["cluster_identifier"])
        if "reason" in values:
            values["reason"] = _tag_value(values["reason"])
        return cls(**values)

    @property
    def scheduled_minute(self) -> datetime | None:
        """The scheduled time, cut to the minute."""
        return None if self.scheduled_time is None else _time(self.scheduled_time[:16] + "Z")

    @property
    def tags(self) -> dict[str, str]:
        """The tags that each snapshot of the rule has, whichever run made it."""
        tags = {names.TAG_RULE: self.rule}
        if self.plan is not None:
            tags[names.TAG_PLAN] = self.plan
        if self.keep_in_recovery_days is not None:
            tags[names.TAG_KEEP_IN_RECOVERY] = str(self.keep_in_recovery_days)
        return tags


@dataclass(kw_only=True)
class Run:
    """A run. Its phases change it.

    Args:
        request: the input.
        execution: the execution's ARN.
        machine: the state machine's ARN.
        started: when the execution began.
        second_try: whether the first snapshot failed, and this is the second one.
        failed_at: when the first snapshot was seen to have failed.
        created: whether a call of this run made the snapshot. False also where the answer of that call is lost.
        waiting_since: when the run began to wait for the snapshot.
        looks_without: how many looks in a row showed no snapshot.
        progress: what the last look showed of the snapshot's progress.
        progress_at: when that changed last.
        errors: how many calls in a row failed with an error that passes by itself.
        unknown_since: since when the cluster is in a state that this release does not know.
        retention_corrected: whether this run corrected the snapshot's retention.
        tags_corrected: whether this run corrected the snapshot's tags.
        joined: whether another run made the snapshot.
        megabytes: the size of the snapshot.
        minutes: how long Redshift took to make it.
        outcome: the outcome. Empty until the end.
        message: what happened, and what to do.
    """

    request: Request
    execution: str
    machine: str
    started: datetime
    second_try: bool = False
    failed_at: datetime | None = None
    created: bool = False
    waiting_since: datetime | None = None
    looks_without: int = 0
    progress: str = ""
    progress_at: datetime | None = None
    errors: int = 0
    unknown_since: datetime | None = None
    retention_corrected: bool = False
    tags_corrected: bool = False
    joined: bool = False
    megabytes: float | None = None
    minutes: float | None = None
    outcome: str = ""
    message: str = ""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Run:
        """Read a run, as a phase answered it or as the state machine began it.

        Raises:
            BadInput: the input of the run is not understood.
            OtherRelease: another release began the run.
        """
        if "version" not in value:
            request = Request.of(value["input"])
            started = _time(value["started"])
            return cls(request=request, execution=value["execution"], machine=value["machine"], started=started)
        if value["version"] != VERSION:
            raise OtherRelease(f"another release began this run: its version is {value['version']}, not {VERSION}")
        given = {field.name: value[field.name] for field in fields(cls) if field.name in value}
        times = {name: _time(given[name]) for name in _TIMES if given.get(name) is not None}
        return cls(**{**given, **times, "request": Request(**value["request"])})

    def to_json(self) -> dict[str, Any]:
        """The run as JSON."""
        values = asdict(self)
        times = {name: values[name].isoformat() for name in _TIMES if values[name] is not None}
        return {"version": VERSION, **values, **times}

    @property
    def execution_name(self) -> str:
        """The execution's name. It is a tag of each snapshot that the run makes."""
        return self.execution.rsplit(":", 1)[-1]

    @property
    def base(self) -> str:
        """The name of the first snapshot.

        It holds the scheduled minute, so that a second delivery of one event meets the same name. On demand it holds
        seconds.
        """
        minute = self.request.scheduled_minute
        time = f"ondemand-{self.started:%Y%m%dt%H%M%S}z" if minute is None else f"{minute:%Y%m%dt%H%M}z"
        return f"{self.request.cluster_identifier}-{self.request.rule}-{time}"

    @property
    def snapshot(self) -> str:
        """The name of the snapshot that the run makes now."""
        return f"{self.base}-r1" if self.second_try else self.base

    @property
    def snapshot_arn(self) -> str:
        """The snapshot's ARN. The machine's own ARN has the partition, the Region and the account."""
        _, partition, _, region, account, *_ = self.machine.split(":")
        return f"arn:{partition}:redshift:{region}:{account}:snapshot:{self.request.cluster_identifier}/{self.snapshot}"

    @property
    def tags(self) -> dict[str, str]:
        """The tags with which this run makes a snapshot."""
        tags = {**self.request.tags, names.TAG_EXECUTION: self.execution_name}
        if self.request.reason is not None:
            tags[names.TAG_REASON] = self.request.reason
        return tags

    @property
    def late(self) -> bool:
        """Whether the event came so late that the rule's next snapshot is due."""
        minute, gap = self.request.scheduled_minute, self.request.gap_seconds
        return minute is not None and gap is not None and (self.started - minute).total_seconds() > gap

    @property
    def busy_until(self) -> datetime:
        """How long the run waits for a busy cluster."""
        wait: float = LONGEST_BUSY_SECONDS
        if self.request.scheduled_minute is not None and self.request.gap_seconds is not None:
            wait = min(wait, self.request.gap_seconds)
        until = (self.request.scheduled_minute or self.started) + timedelta(seconds=wait)
        return until if self.failed_at is None else max(until, self.failed_at + SECOND_TRY_BUSY)

    @property
    def settles_until(self) -> datetime:
        """Until when a refused access may pass by itself, because the function's role is new."""
        return self.started + timedelta(seconds=min(self.request.settle_seconds or 0, LONGEST_BUSY_SECONDS))

    def end(self, outcome: str, message: str) -> None:
        """Set the outcome, and what happened."""
        self.outcome, self.message = outcome, message[:_LONGEST_MESSAGE]


def _text(value: object) -> bool:
    return is_text(value) and 1 <= len(str(value)) <= LONGEST_TAG_VALUE


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _days(value: object) -> bool:
    return _number(value) and value % 1 == 0 and (value == FOREVER_DAYS or 1 <= value <= MOST_MANUAL_DAYS)


def _seconds(value: object) -> bool:
    return _number(value) and value > 0


def _moment(value: object) -> bool:
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        return False
    try:
        _time(value)
    except ValueError:  # such as the 31st of February
        return False
    return True


def _reason(value: object) -> bool:
    return isinstance(value, str) and bool(value)


#: What each field of the input may be.
_CHECKS: Final[Mapping[str, Callable[[object], bool]]] = {
    "cluster_identifier": _text,
    "rule": _text,
    "keep_days": _days,
    "keep_in_recovery_days": _days,
    "plan": _text,
    "reason": _reason,
    "scheduled_time": _moment,
    "gap_seconds": _seconds,
    "settle_seconds": _seconds,
}
#: The fields of a run that are times.
_TIMES: Final = ("started", "failed_at", "waiting_since", "progress_at", "unknown_since")


def _tag_value(text: str) -> str:
    """A text that a tag can have as its value: no other characters, no prefix of AWS's own, not too long."""
    legal = _NO_TAG_CHARACTER.sub("_", text.strip())
    return re.sub(r"^aws:", "aws_", legal)[:LONGEST_TAG_VALUE]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
