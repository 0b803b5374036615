"""What a run is asked for: the input of the restore machine, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.phases import cut, size
from resilient_redshift.contract import drill_points
from resilient_redshift.contract.names import RESTORED_CLUSTERS
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED, REGION
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAILOVER: Final = "failover"
DRILL: Final = "drill"
MODES: Final = (FAILOVER, DRILL)
#: The longest input, in bytes of JSON.
LONGEST_INPUT: Final = 8192
_LONGEST_REASON: Final = 300
_LONGEST_SHOWN: Final = 80
_MOST_NODES: Final = 200
_PLAN: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_SNAPSHOT: Final = re.compile(r"[A-Za-z][A-Za-z0-9:._-]{0,254}")
_NODE_TYPE: Final = re.compile(r"[a-z0-9]+[.][a-z0-9]+")
_GRANT: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_TIME: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.]\d+)?)?(?:Z|[+]00:00)")
_COPY_FIELDS: Final = frozenset({"region", "snapshot_copy_grant_name", "keep_automated_days", "keep_manual_days"})
_TIME_ALLOWED: Final = "a time in UTC, ISO 8601, such as 2026-11-24T03:00:00Z"


@dataclass(frozen=True, kw_only=True)
class Request:
    """The input of a run, as far as it is right.

    Args:
        plan: the plan's name. Empty: the input names none.
        mode: ``failover`` or ``drill``. Empty: the input names neither.
        snapshot: the snapshot to restore. Default: the newest usable one.
        target: the identifier of the restored cluster. Default: the protected cluster's.
        not_before: the oldest acceptable time of the data. Default: any.
        lineage: the ClusterCreateTime that the operator accepts. Default: the recorded one.
        node_type: the node type. Default: as recorded, or as in the snapshot.
        number_of_nodes: the number of nodes. Default: as recorded, or as in the snapshot.
        copy_to: where the restored cluster's snapshots are copied. Default: as recorded, or nowhere.
        point: which recovery point a drill restores: ``newest``, ``random``, or the newest one that is at least that
            many seconds old. Default: the newest usable one.
        scheduled_time: the time that a rehearsal was scheduled for. Default: the run was started by hand.
        reason: why an operator started the run. Default: none is given.
        replace_failed: whether a run deletes a cluster that a former run of the plan restored in vain.
        publish: whether a failover publishes its cluster's endpoint and moves the DNS record. Default: only a failover
            into the protected cluster's own identifier does.
    """

    plan: str = ""
    mode: str = ""
    snapshot: str | None = None
    target: str | None = None
    not_before: datetime | None = None
    lineage: datetime | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None
    copy_to: Mapping[str, Any] | None = field(default=None, hash=False)
    point: str | float | None = None
    scheduled_time: datetime | None = None
    reason: str | None = None
    replace_failed: bool = False
    publish: bool | None = None

    @classmethod
    def of(cls, given: object) -> Request:
        """Read an input. What is wrong is left out; :func:`problems` says what that is."""
        if not isinstance(given, Mapping):
            return cls()
        right = {name: given[name] for name, rule in _RULES.items() if name in given and rule.fits(given[name])}
        for name in ("not_before", "lineage", "scheduled_time"):
            if name in right:
                right[name] = _time(right[name])
        reason = right.pop("reason", None)
        if isinstance(reason, str) and reason:
            right["reason"] = cut(reason, _LONGEST_REASON)
        return cls(**right)


def problems(given: object) -> list[str]:
    """What is wrong with an input. Each problem names the field, what it must be, and what it is."""
    if not isinstance(given, Mapping):
        return ["the input must be an object with plan and mode"]
    return list(_problems(given))


def _problems(given: Mapping[str, Any]) -> Iterator[str]:
    if size(given) > LONGEST_INPUT:
        yield f"the input must have {LONGEST_INPUT} bytes at most, because the run carries it from phase to phase"
    unknown = [_shown(name) for name in given if name not in _RULES]
    if unknown:
        # a mistyped "target" or "publish" would otherwise move the clients
        yield f"{cut(', '.join(unknown), _LONGEST_SHOWN)}: no such field; an input may have {', '.join(_RULES)}"
    for name, rule in _RULES.items():
        if name in given or rule.needed:
            value = given.get(name)
            if not rule.fits(value):
                yield f"{name} must be {rule.allowed}, got {_shown(value)}"
    yield from _not_of_the_mode(given)


def _not_of_the_mode(given: Mapping[str, Any]) -> Iterator[str]:
    """What an input has that its mode, or its snapshot, leaves no room for."""
    point = given.get("point")
    names_another_point = _is_point(point) and drill_points.is_other(point)
    if given.get("mode") != DRILL:
        if names_another_point:
            yield "point is for a drill; a failover takes the newest usable one, or the snapshot that it names"
        return
    if given.get("target") is not None:
        yield "target is not for a drill, whose cluster is named by the time"
    for name in ("copy_to", "replace_failed", "publish"):
        if given.get(name) is not None:
            yield f"{name} is not for a drill"
    if given.get("snapshot") is not None and names_another_point:
        yield "point is not for a drill that names its snapshot"


def target_problem(target: str, cluster: str) -> str:
    """Why a failover may not restore into a name. Empty if it may: the function's role allows no other names."""
    if target == cluster or target.startswith(RESTORED_CLUSTERS):
        return ""
    return f"target must be {cluster} or begin with {RESTORED_CLUSTERS}, got {target}"


def copy_problem(copy_to: Mapping[str, Any] | None, region: str) -> str:
    """Why the new cluster's snapshots may not be copied to a Region. Empty if they may, or if no copy is asked for.

    Args:
        copy_to: where they are copied, as the input says it.
        region: the Region of the new cluster.
    """
    if copy_to is None or copy_to["region"] != region:
        return ""
    return f"copy_to must be another Region than {region}, whose loss would take the cluster and its copies"


def _shown(value: object) -> str:
    text = "nothing" if value is None else value if isinstance(value, str) else json.dumps(value)
    return cut(text, _LONGEST_SHOWN)


def _time(value: object) -> datetime | None:
    """Read a time. None: it is none, or there is no such day."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return None


def _text(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _whole(value: object, least: int, most: int) -> bool:
    """Whether a value is a whole number. JSON has one kind of numbers, so 2.0 is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return least <= value <= most and value == int(value)


def _copy_to(value: object) -> bool:
    if not isinstance(value, Mapping) or not _text(REGION)(value.get("region")):
        return False
    if not _COPY_FIELDS.issuperset(value):
        return False
    automated, manual = value.get("keep_automated_days"), value.get("keep_manual_days")
    grant = value.get("snapshot_copy_grant_name")
    return (
        (grant is None or _text(_GRANT)(grant))
        and (automated is None or _whole(automated, 1, MOST_AUTOMATED_DAYS))
        and (manual is None or manual == FOREVER_DAYS or _whole(manual, 1, MOST_MANUAL_DAYS))
    )


@dataclass(frozen=True)
class _Rule:
    """What a field must be: the check, the same in words, and whether the field must be there."""

    fits: Callable[[object], bool]
    allowed: str
    needed: bool = False


def _is_point(value: object) -> bool:
    if isinstance(value, str):
        return value in {drill_points.NEWEST, drill_points.RANDOM}
    return _whole(value, 1, int(drill_points.LONGEST_AGE.total_seconds()))


def _is_time(value: object) -> bool:
    return _time(value) is not None


_RULES: Final[Mapping[str, _Rule]] = {
    "plan": _Rule(_text(_PLAN), "the name of a recovery plan", needed=True),
    "mode": _Rule(lambda value: value in MODES, "failover or drill", needed=True),
    "snapshot": _Rule(_text(_SNAPSHOT), "the identifier of a snapshot"),
    "target": _Rule(_text(LABEL), f"an identifier of a cluster, {LABEL_ALLOWED}"),
    "not_before": _Rule(_is_time, _TIME_ALLOWED),
    "lineage": _Rule(_is_time, _TIME_ALLOWED),
    "point": _Rule(_is_point, drill_points.ALLOWED),
    "scheduled_time": _Rule(_is_time, _TIME_ALLOWED),
    "node_type": _Rule(_text(_NODE_TYPE), "one such as ra3.large"),
    "number_of_nodes": _Rule(lambda value: _whole(value, 1, _MOST_NODES), "a whole number from 1"),
    "copy_to": _Rule(
        _copy_to,
        "an object with region, and may have snapshot_copy_grant_name, keep_automated_days "
        f"(1 to {MOST_AUTOMATED_DAYS}) and keep_manual_days ({FOREVER_DAYS} or 1 to {MOST_MANUAL_DAYS})",
    ),
    "replace_failed": _Rule(lambda value: isinstance(value, bool), "true or false"),
    "publish": _Rule(lambda value: isinstance(value, bool), "true or false"),
    # any reason is taken: an operator in an outage types what comes to mind
    "reason": _Rule(lambda _value: True, "a text"),
}
