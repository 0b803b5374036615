"""Makes copied automated snapshots permanent, one by one; pure planning, and the calls that carry it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError, ThrottledError, UnreachableError
from resilient_redshift.contract.names import TAG_FROZEN_FROM, TAG_PLAN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.recovery_points import RecoveryPoint
    from resilient_redshift.cli.tools import Tools

FROZEN: Final = "frozen"
THERE_ALREADY: Final = "there already"
KEPT_LONGER: Final = "kept longer now"
FAILED: Final = "failed"
NOT_TRIED: Final = "not tried"
_FOREVER: Final = -1
_LOST: Final = frozenset({"failed", "cancelled"})
#: CopyClusterSnapshot's error names (Redshift API).
_QUOTA: Final = "ClusterSnapshotQuotaExceeded"
_TAKEN: Final = "ClusterSnapshotAlreadyExists"
#: Seconds between attempts where the connection is lost: the name makes a second attempt harmless.
_AGAIN: Final = (1.0, 3.0)


@dataclass(kw_only=True)
class Frozen:
    """One snapshot to freeze: what becomes of what, and how it went."""

    point: RecoveryPoint
    name: str
    result: str = NOT_TRIED
    reason: str = ""
    status: str = ""


def frozen_name(cluster: str, created: datetime) -> str:
    """The name of the manual snapshot, by the time of its data: a second run finds the first one's."""
    return f"{cluster}-frozen-{words.stamp(created)}"


def to_freeze(usable: Sequence[RecoveryPoint], cluster: str, newest: int | None) -> list[Frozen]:
    """The automated ones, the newest first: where the quota ends it, the oldest are left out."""
    automated = [point for point in usable if point.automated]
    return [
        Frozen(point=point, name=frozen_name(cluster, point.created))
        for point in (automated if newest is None else automated[:newest])
    ]


def freeze_all(
    tools: Tools, plan: Plan, wanted: Sequence[Frozen], there: Mapping[str, RecoveryPoint], days: int
) -> None:
    """Freeze one after the other; the quota ends it, any other failure is told and the next one tried."""
    for one in wanted:
        try:
            one.result = _freeze(tools, plan, one, there.get(one.name), days)
        except CliError as error:
            one.result = FAILED
            one.reason = error.message
            if isinstance(error, ApiError) and error.code.startswith(_QUOTA):
                one.reason = "the quota of manual snapshots is reached"
                return
            if isinstance(error, UnreachableError):
                return


def look_at(wanted: Sequence[Frozen], points: Iterable[RecoveryPoint]) -> None:
    """Note what Redshift says of each manual one now: it may take a while, and may fail."""
    statuses = {point.identifier: point.status for point in points}
    for one in wanted:
        one.status = statuses.get(one.name, "")
        if one.status in _LOST:
            one.result, one.reason = FAILED, f"Redshift says {one.status}"


def _freeze(tools: Tools, plan: Plan, one: Frozen, there: RecoveryPoint | None, days: int) -> str:
    result = FROZEN
    arn = there.arn if there else None
    if there is None:
        try:
            answer = _copy(tools, plan, one, days)
            arn = answer["Snapshot"].get("SnapshotArn")
        except ApiError as error:
            if not error.code.startswith(_TAKEN):
                raise
            result = THERE_ALREADY  # by an answer that was lost, or another run at this moment
    else:
        result = _kept_at_least(tools, plan, there, days)
    tags = {TAG_PLAN: plan.name, TAG_FROZEN_FROM: plan.primary}
    if there is None or any(there.tags.get(key) != value for key, value in tags.items()):
        given = [{"Key": key, "Value": value} for key, value in tags.items()]
        _patiently(tools, plan.recovery, "CreateTags", ResourceName=arn or _beside(one), Tags=given)
    return result


def _copy(tools: Tools, plan: Plan, one: Frozen, days: int) -> dict[str, Any]:
    wanted = {
        "SourceSnapshotIdentifier": one.point.identifier,
        "TargetSnapshotIdentifier": one.name,
        "ManualSnapshotRetentionPeriod": days,
    }
    try:  # rights that are narrowed to a cluster's snapshots are looked up by the cluster's name
        return _patiently(
            tools, plan.recovery, "CopyClusterSnapshot", SourceSnapshotClusterIdentifier=plan.cluster, **wanted
        )
    except ApiError as error:
        if not error.code.startswith("ClusterNotFound"):
            raise
    # it "must be the identifier for a valid cluster" (Redshift API), and the cluster lives elsewhere, or is gone
    return _patiently(tools, plan.recovery, "CopyClusterSnapshot", **wanted)


def _kept_at_least(tools: Tools, plan: Plan, there: RecoveryPoint, days: int) -> str:
    """Only ever longer: a former run may have asked for less."""
    end = there.expires()
    if end is None:
        return THERE_ALREADY
    start = there.retention_start or there.created
    if days != _FOREVER and days <= (end - start).days:
        return THERE_ALREADY
    _patiently(
        tools,
        plan.recovery,
        "ModifyClusterSnapshot",
        SnapshotIdentifier=there.identifier,
        ManualSnapshotRetentionPeriod=days,
    )
    return KEPT_LONGER


def _patiently(tools: Tools, region: str, operation: str, **parameters: object) -> dict[str, Any]:
    for pause in _AGAIN:
        try:
            return tools.aws.call(region, "redshift", operation, **parameters)
        except (UnreachableError, ThrottledError):
            tools.sleep(pause)
    return tools.aws.call(region, "redshift", operation, **parameters)


def _beside(one: Frozen) -> str:
    """The ARN of the manual one, from that of the automated one: the same cluster's, another name."""
    return f"{(one.point.arn or '').rpartition('/')[0]}/{one.name}"
