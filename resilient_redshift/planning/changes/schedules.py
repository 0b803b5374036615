"""Compares when snapshots of one cluster are taken: its snapshot schedule, and the rules for manual snapshots."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction
from resilient_redshift.planning.changes.retentions import days_in_words
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.changes._coverage import Coverage
    from resilient_redshift.planning.quota import SnapshotRule

_NOTHING: Final = "-"
_STAY: Final = "existing snapshots stay until their retention ends"


def schedule_changes(before: ClusterPicture, after: ClusterPicture, coverage: Coverage) -> Iterator[AspectChange]:
    """Every schedule that changes.

    Args:
        before: the cluster before.
        after: the cluster after.
        coverage: the sources of snapshots before and after.
    """
    yield from _automated(before, after)
    former = {rule.name: rule for rule in before.rules}
    names = {rule.name for rule in after.rules}
    for rule in after.rules:
        old = former.get(rule.name)
        if old is None:
            direction = Direction.BETTER if coverage.gained(f"of rule {rule.name}") else Direction.CHANGED
            yield _rule(rule, _NOTHING, _in_words(after, rule), direction)
        elif old.schedule != rule.schedule:
            yield _other_times(before, after, old, rule, coverage)
    for rule in before.rules:
        if rule.name not in names:
            lost = coverage.lost(f"of rule {rule.name}", copied=False)
            lost = lost or coverage.lost(f"of rule {rule.name}", copied=True)
            # a rule that is there and is not counted, such as a disabled one, has a note that says why
            why = [note for note in after.notes if note.startswith(f"rule {rule.name} is not counted")]
            direction = Direction.WORSE if lost else Direction.CHANGED
            yield _rule(rule, _in_words(before, rule), _NOTHING, direction, note="; ".join([*why, _STAY]))


def _automated(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    if not before.keep_automated or not after.keep_automated:
        return
    old, new = (_definitions(each) for each in (before, after))
    gaps = before.automated_gap, after.automated_gap
    if old == new and gaps[0] == gaps[1]:
        return
    direction = Direction.CHANGED
    if gaps[0] != gaps[1]:
        direction = Direction.WORSE if gaps[1] > gaps[0] else Direction.BETTER
    yield AspectChange(
        aspect=Aspect.SCHEDULE,
        what="gap between automated snapshots",
        before=f"at most {in_words(gaps[0])} ({old})",
        after=f"at most {in_words(gaps[1])} ({new})",
        direction=direction,
    )


def _definitions(cluster: ClusterPicture) -> str:
    return ", ".join(cluster.schedule_definitions) or "no schedule"


def _other_times(
    before: ClusterPicture, after: ClusterPicture, old: SnapshotRule, new: SnapshotRule, coverage: Coverage
) -> AspectChange:
    was, now = before.pauses.gap_of([old.schedule]), after.pauses.gap_of([new.schedule])
    if was == now:
        texts = old.schedule.expression, new.schedule.expression
        return _rule(new, *texts, Direction.CHANGED, what="times of manual snapshots")
    better = isinstance(now, timedelta) and (isinstance(was, str) or now < was)
    worse = not better and coverage.lost(f"of rule {old.name}", copied=False)
    direction = Direction.BETTER if better else Direction.WORSE if worse else Direction.CHANGED
    return _rule(new, _in_words(before, old), _in_words(after, new), direction)


def _rule(
    rule: SnapshotRule, before: str, after: str, direction: Direction, *, what: str = "manual snapshots", note: str = ""
) -> AspectChange:
    return AspectChange(
        aspect=Aspect.SCHEDULE,
        what=f"{what} of rule {rule.name}",
        before=before,
        after=after,
        direction=direction,
        note=note,
    )


def _in_words(cluster: ClusterPicture, rule: SnapshotRule) -> str:
    gap = cluster.pauses.gap_of([rule.schedule])
    apart = f"at most {in_words(gap)} apart" if isinstance(gap, timedelta) else "at times that nobody knows"
    return f"{apart}, kept {days_in_words(rule.keep)}"
