"""Makes copied automated snapshots permanent: copies each to a manual snapshot in the same Region."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError, ThrottledError, UnreachableError
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift.snapshots import FAILED_STATUSES
from resilient_redshift.contract.names import TAG_FROZEN_FROM, TAG_PLAN, frozen_snapshot_name
from resilient_redshift.planning.quota import DEFAULT_QUOTA
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

FROZEN: Final = "frozen"
THERE_ALREADY: Final = "there already"
KEPT_LONGER: Final = "kept longer now"
FAILED: Final = "failed"
NOT_TRIED: Final = "not tried"
QUOTA_REACHED: Final = "the quota of manual snapshots is reached"
#: The quota of manual snapshots, not that of tags (Redshift API, CopyClusterSnapshot).
_QUOTA: Final = "ClusterSnapshotQuotaExceeded"
#: A freeze that is not asked for a number fills at most this much of the quota. A full quota stops the snapshots that
#: somebody takes by hand, and the copies of manual snapshots that still arrive.
_FULLEST_PERCENT: Final = 80
#: The cluster does not exist. The snapshot may (Redshift API, CopyClusterSnapshot).
_NO_CLUSTER: Final = "ClusterNotFound"
#: Seconds between attempts if the connection is lost. A second attempt is harmless, because it uses the same name.
_RETRY_PAUSES: Final = (1.0, 3.0)


@dataclass(kw_only=True)
class FrozenSnapshot:
    """One snapshot to freeze, and how that went.

    Args:
        point: the automated snapshot.
        name: the identifier of the manual snapshot.
        result: one of the results above.
        reason: why the result is not a good one.
        status: what Redshift says about the manual snapshot at the end.
    """

    point: RecoveryPoint
    name: str
    result: str = NOT_TRIED
    reason: str = ""
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a freeze takes of the usable automated snapshots.

    Args:
        snapshots: the snapshots to freeze, the newest first: if the quota is too small, only the oldest are left out.
        thinned: how many are left out because a newer one of the same day is taken.
        without_room: how many are left out because they would fill the quota.
    """

    snapshots: Sequence[FrozenSnapshot]
    thinned: int = 0
    without_room: int = 0


def room(existing: Iterable[RecoveryPoint]) -> int:
    """How many manual snapshots a freeze may add by itself. It leaves a fifth of the quota for what still arrives.

    Args:
        existing: the snapshots of the Region.
    """
    manual = sum(not point.automated for point in existing)
    return max(0, DEFAULT_QUOTA * _FULLEST_PERCENT // 100 - manual)


def select(
    usable: Sequence[RecoveryPoint], cluster: str, existing: Mapping[str, RecoveryPoint], newest: int | None
) -> Selection:
    """Choose the automated snapshots to freeze.

    Args:
        usable: the usable recovery points, the newest first.
        cluster: the cluster's identifier.
        existing: the snapshots of the Region, by identifier.
        newest: how many to freeze. Default: the newest one of each day (UTC), as far as there is :func:`room`. The
            newest of all is always taken.
    """
    automated = [point for point in usable if point.automated]
    if newest is not None:
        return Selection(snapshots=[_frozen(point, cluster) for point in automated[:newest]])
    by_day: dict[date, RecoveryPoint] = {}
    for point in automated:
        by_day.setdefault(point.created.astimezone(UTC).date(), point)
    daily = [_frozen(point, cluster) for point in by_day.values()]
    new = [snapshot for snapshot in daily if snapshot.name not in existing]
    left_out = {snapshot.name for snapshot in new[max(1, room(existing.values())) :]}
    kept = [snapshot for snapshot in daily if snapshot.name not in left_out]
    return Selection(snapshots=kept, thinned=len(automated) - len(daily), without_room=len(left_out))


def is_new(snapshot: FrozenSnapshot, existing: Mapping[str, RecoveryPoint], days: int) -> bool:
    """Whether a freeze makes a manual snapshot, or keeps one longer. Both cost money."""
    there = existing.get(snapshot.name)
    return there is None or keeps_longer(there, days)


def keeps_longer(existing: RecoveryPoint, days: int) -> bool:
    """Whether a manual snapshot is kept longer with this retention. Its retention is never lowered."""
    if existing.expires() is None:
        return False
    return days == FOREVER_DAYS or days > (existing.retention_days or 0)


def _frozen(point: RecoveryPoint, cluster: str) -> FrozenSnapshot:
    return FrozenSnapshot(point=point, name=frozen_snapshot_name(cluster, words.stamp(point.created)))


def freeze_all(
    tools: Tools, plan: Plan, snapshots: Sequence[FrozenSnapshot], existing: Mapping[str, RecoveryPoint], days: int
) -> None:
    """Freeze the snapshots one by one, and write the results into them.

    A full quota or a lost connection ends the loop. After any other failure the next snapshot is tried.

    Args:
        tools: the world around the command.
        plan: the plan record of the recovery Region.
        snapshots: the snapshots to freeze.
        existing: the snapshots of the Region, by identifier.
        days: how long to keep the manual snapshots. -1 for ever.
    """
    for snapshot in snapshots:
        try:
            snapshot.result = _freeze(tools, plan, snapshot, existing.get(snapshot.name), days)
        except CliError as error:
            snapshot.result = FAILED
            snapshot.reason = error.message
            if isinstance(error, ApiError) and error.code == _QUOTA:
                snapshot.reason = QUOTA_REACHED
                return
            if isinstance(error, UnreachableError):
                return


def add_statuses(snapshots: Sequence[FrozenSnapshot], points: Iterable[RecoveryPoint]) -> None:
    """Write into each snapshot what Redshift says now: the copy may take a while, and may fail."""
    statuses = {point.identifier: point.status for point in points}
    for snapshot in snapshots:
        snapshot.status = statuses.get(snapshot.name, "")
        if snapshot.status in FAILED_STATUSES:
            snapshot.result, snapshot.reason = FAILED, f"Redshift says {snapshot.status}"


def _freeze(tools: Tools, plan: Plan, snapshot: FrozenSnapshot, existing: RecoveryPoint | None, days: int) -> str:
    result = FROZEN
    arn = existing.arn if existing else None
    if existing is None:
        try:
            answer = _copy(tools, plan, snapshot, days)
            arn = answer["Snapshot"].get("SnapshotArn")
        except ApiError as error:
            if error.meaning is not Meaning.EXISTS:
                raise
            result = THERE_ALREADY  # by an attempt whose answer was lost, or by another run
    else:
        result = _keep_at_least(tools, plan, existing, days)
    tags = {TAG_PLAN: plan.name, TAG_FROZEN_FROM: plan.primary}
    if existing is None or any(existing.tags.get(key) != value for key, value in tags.items()):
        items = [{"Key": key, "Value": value} for key, value in tags.items()]
        try:
            _call_patiently(tools, plan.recovery, "CreateTags", ResourceName=arn or _manual_arn(snapshot), Tags=items)
        except CliError as error:
            error.message = f"the manual snapshot is there, but without its tags: {error.message}"
            raise
    return result


def _copy(tools: Tools, plan: Plan, snapshot: FrozenSnapshot, days: int) -> dict[str, Any]:
    parameters = {
        "SourceSnapshotIdentifier": snapshot.point.identifier,
        "TargetSnapshotIdentifier": snapshot.name,
        "ManualSnapshotRetentionPeriod": days,
    }
    try:  # a policy for one cluster's snapshots applies only to a call that names the cluster
        return _call_patiently(
            tools, plan.recovery, "CopyClusterSnapshot", SourceSnapshotClusterIdentifier=plan.cluster, **parameters
        )
    except ApiError as error:
        if error.code != _NO_CLUSTER:
            raise
    # the parameter "must be the identifier for a valid cluster" (Redshift API), but the cluster lives elsewhere, or is
    # gone
    return _call_patiently(tools, plan.recovery, "CopyClusterSnapshot", **parameters)


def _keep_at_least(tools: Tools, plan: Plan, existing: RecoveryPoint, days: int) -> str:
    """Raise the retention of a manual snapshot. The retention is never lowered: an earlier run may want it longer."""
    if not keeps_longer(existing, days):
        return THERE_ALREADY
    _call_patiently(
        tools,
        plan.recovery,
        "ModifyClusterSnapshot",
        SnapshotIdentifier=existing.identifier,
        ManualSnapshotRetentionPeriod=days,
    )
    return KEPT_LONGER


def _call_patiently(tools: Tools, region: str, operation: str, **parameters: object) -> dict[str, Any]:
    for pause in _RETRY_PAUSES:
        try:
            return tools.aws.call(region, "redshift", operation, **parameters)
        except (UnreachableError, ThrottledError):
            tools.sleep(pause)
    return tools.aws.call(region, "redshift", operation, **parameters)


def _manual_arn(snapshot: FrozenSnapshot) -> str:
    """The ARN of the manual snapshot: that of the automated one, with the other identifier at its end."""
    return f"{(snapshot.point.arn or '').rpartition('/')[0]}/{snapshot.name}"
