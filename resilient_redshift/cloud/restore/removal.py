"""Deletes clusters, one after the other, and waits until each one is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.aws.meanings import PASSING_AT_HOME, Meaning
from resilient_redshift.cloud.restore.calls import CallFailed
from resilient_redshift.cloud.restore.cluster import look

if TYPE_CHECKING:
    from datetime import datetime

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Removal, Run

#: How long a run waits for one cluster to be gone, and at least after Redshift accepted the deletion.
PATIENCE: Final = timedelta(hours=2)
PATIENCE_TO_MAKE_ROOM: Final = timedelta(minutes=30)
_AFTER_ACCEPTANCE: Final = timedelta(minutes=30)
_LOOK_SECONDS: Final = 20
#: A deletion takes minutes as a rule. After this time the run looks less often.
_SOON: Final = timedelta(minutes=15)
_AGAIN_SECONDS: Final = 60
#: The errors after which the same deletion works later.
_LATER: Final = PASSING_AT_HOME | {Meaning.BUSY}


def go_on(run: Run, aws: Aws, removal: Removal, patience: timedelta) -> int | None:
    """Take the next step: delete a cluster, or look whether it is gone.

    Args:
        run: the run, for its warnings.
        aws: the surroundings.
        removal: the clusters, and how far their deletion got.
        patience: how long to wait for one cluster.

    Returns:
        How many seconds to wait before the next step. None: every cluster is gone or given up.
    """
    now = aws.now()
    if not removal.removing:
        if not removal.names:
            return None
        removal.removing, removal.until, removal.asked_at = removal.names.pop(0), now + patience, None
    if removal.asked_at is None:
        return _delete(run, aws, removal, now)
    return _look(run, aws, removal, now)


def _delete(run: Run, aws: Aws, removal: Removal, now: datetime) -> int:
    """Call DeleteCluster. The role allows it for drills' clusters, and for clusters that were never available."""
    try:
        aws.call("redshift", "DeleteCluster", ClusterIdentifier=removal.removing, SkipFinalClusterSnapshot=True)
    except CallFailed as error:
        if error.code == "ClusterNotFound":
            return _gone(removal)
        if error.meaning in _LATER and removal.until is not None and now < removal.until:
            return _AGAIN_SECONDS
        # IAM judges by the cluster's tags, so it refuses the deletion of a cluster that is gone
        if error.refused and _is_gone(aws, removal.removing):
            return _gone(removal)
        return _kept(run, removal, str(error))
    removal.asked_at = now
    removal.until = max(removal.until or now, now + _AFTER_ACCEPTANCE)
    return _LOOK_SECONDS


def _is_gone(aws: Aws, name: str) -> bool:
    """Whether a cluster is gone. What cannot be read is not gone."""
    try:
        return look(aws, name) is None
    except CallFailed:
        return False


def _look(run: Run, aws: Aws, removal: Removal, now: datetime) -> int:
    try:
        there = look(aws, removal.removing) is not None
    except CallFailed as error:
        if error.passes and removal.until is not None and now < removal.until:
            return _pause(removal, now)
        return _kept(run, removal, str(error))
    if not there:
        return _gone(removal)
    if removal.until is not None and now < removal.until:
        return _pause(removal, now)
    return _kept(run, removal, "")


def _pause(removal: Removal, now: datetime) -> int:
    """How long to wait: longer after a while, because the history of an execution holds 25,000 events."""
    return _LOOK_SECONDS if now - (removal.asked_at or now) < _SOON else _AGAIN_SECONDS


def _gone(removal: Removal) -> int:
    removal.removed.append(removal.removing)
    removal.removing = ""
    return 0


def _kept(run: Run, removal: Removal, why: str) -> int:
    removal.kept.append(removal.removing)
    removal.removing = ""
    if why:
        run.warn(why)
    return 0
