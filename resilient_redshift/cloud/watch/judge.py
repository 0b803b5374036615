"""Judges one plan by what was read of it: the one function of ``resilient-redshift status`` and of the watcher.

It is pure. Nothing is judged by a look that was not made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.findings import cannot_tell, finding
from resilient_redshift.cloud.restore.drills import last_failed, no_verdict_since
from resilient_redshift.cloud.restore.standing import judge as standing_of
from resilient_redshift.cloud.restore.standing_parts import FAILED_OVER, STANDBY
from resilient_redshift.cloud.watch import drift, keys, snapshots
from resilient_redshift.cloud.words import span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from resilient_redshift.cloud.findings import Finding
    from resilient_redshift.cloud.restore.standing_parts import Standing
    from resilient_redshift.cloud.watch.view import View

#: A drill counts as missing only when it is later than this.
_DRILL_GRACE: Final = timedelta(days=1)
#: This many inconclusive drills in a row are worth a note.
_INCONCLUSIVE_DRILLS: Final = 2


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """The judgement on one plan.

    Args:
        standing: the state of the plan, and what a failover would take now.
        findings: what is wrong, and what could not be read.
        remarks: what is worth knowing, and changes no verdict.
    """

    standing: Standing
    findings: tuple[Finding, ...]
    remarks: tuple[str, ...]


def judge(view: View, now: datetime) -> Judgement:
    """Judge a plan.

    Args:
        view: what was read of the plan.
        now: the time.
    """
    standing = standing_of(view.record, view.sight, now)
    if standing.where == STANDBY:
        # nothing is copied or rehearsed yet, so only what a switchover home will read counts
        unread = map(cannot_tell, (*view.spoiled, *view.recovery_spoiled))
        return Judgement(standing=standing, findings=(*unread, *_record(view)), remarks=())
    remarks = [*standing.remarks, *_remarks_on_drills(view, now)]
    found = [
        *map(cannot_tell, view.spoiled),
        *standing.findings,
        *_record(view),
        *_drills(view),
        *map(cannot_tell, view.recovery_spoiled),
        *map(cannot_tell, view.home_problems),
    ]
    # after a failover the primary may be fenced and its copy off, on purpose
    if standing.where != FAILED_OVER:
        found += [*_cluster(view), *snapshots.at_home(view, now)]
    found += [*snapshots.in_recovery(view, standing, now), *keys.judge(view.keys)]
    return Judgement(standing=standing, findings=tuple(found), remarks=tuple(remarks))


def _record(view: View) -> Iterator[Finding]:
    lacks, region = view.recovery_record, view.record["recovery"]["region"]
    if not lacks.made or lacks.problem:
        return
    if lacks.value is None:
        text = f"no usable plan record in {region}: a failover could not be started"
        yield finding("NotReady", text, unknown=True)
    elif lacks.value:
        yield finding(
            "NotReady",
            f"no failover can be started with the plan record in {region}: {'; '.join(lacks.value)} "
            "(docs/recovery.md, 'When the record is gone or changed')",
            unknown=True,
        )


def _drills(view: View) -> Iterator[Finding]:
    drills = view.drills
    if drills.problem:
        also = drills.problem == view.sight.published.problem  # one call reads all of these
        why = "" if also else f": {drills.problem}"
        yield cannot_tell(f"the last drill {'and the plan record ' if also else ''}could not be read{why}")
    if drills.value is not None and last_failed(drills.value):
        yield finding("DrillFailed", f"the last drill failed: {drills.value['last']['outcome']}")


def _remarks_on_drills(view: View, now: datetime) -> Iterator[str]:
    drills = view.drills.value
    if drills is None:
        return
    if drills.get("inconclusive", 0) >= _INCONCLUSIVE_DRILLS:
        yield f"{drills['inconclusive']} drills in a row were inconclusive"
    gap, since = view.record.get("drill", {}).get("longest_gap_seconds"), no_verdict_since(drills)
    if gap and since is not None and now - since > timedelta(seconds=gap) + _DRILL_GRACE:
        yield f"no drill for {span(now - since)}, though one is due every {span(gap)}"


def _cluster(view: View) -> Iterator[Finding]:
    cluster = view.cluster.value
    if cluster is None:
        return
    yield from drift.judge_copy(view.record, cluster)
    yield from drift.judge_lineage(view.record, cluster, view.sight.lineage.value)
    yield from drift.judge_declared(view.record.get("watch_for", {}).get("declared", {}), cluster)
