"""Compares when snapshots of one cluster are taken: its snapshot schedule, and the rules for manual snapshots."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction
from resilient_redshift.planning.changes.retentions import days_in_words, rules_by_kind, source_of
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.planning.sources import COPIED_MANUAL, gap_of

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
    for kind, former, later in rules_by_kind(before, after):
        for name, rule in later.items():
            old, source = former.get(name), source_of(kind, rule)
            if old is None:
                direction = Direction.BETTER if coverage.gained(source) else Direction.CHANGED
                yield _change(source, _NOTHING, _in_words(after, rule), direction)
            elif old.schedule != rule.schedule:
                yield _other_times(source, (before, old), (after, rule), coverage)
        for name, rule in former.items():
            if name not in later:
                yield _gone(kind, (before, rule), after, coverage)


def _gone(
    kind: str, former: tuple[ClusterPicture, SnapshotRule], after: ClusterPicture, coverage: Coverage
) -> AspectChange:
    """A rule that is not there any more, or is not counted any more."""
    before, rule = former
    lost = any(coverage.lost(source_of(each, rule)) for each in (kind, COPIED_MANUAL))
    # a rule that is there and is not counted, such as a disabled one, has a note that says why
    why = [note for note in after.notes if note.startswith(f"rule {rule.name} is not counted")]
    return _change(
        source_of(kind, rule),
        _in_words(before, rule),
        _NOTHING,
        Direction.WORSE if lost else Direction.CHANGED,
        note="; ".join([*why, _STAY]),
    )


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
    source: str,
    former: tuple[ClusterPicture, SnapshotRule],
    later: tuple[ClusterPicture, SnapshotRule],
    coverage: Coverage,
) -> AspectChange:
    (before, old), (after, new) = former, later
    was, now = gap_of(before.pauses, [old]), gap_of(after.pauses, [new])
    if was == now:
        texts = old.schedule.expression, new.schedule.expression
        return _change(f"times of {source}", *texts, Direction.CHANGED)
    better = isinstance(now, timedelta) and (isinstance(was, str) or now < was)
    worse = not better and coverage.lost(source)
    direction = Direction.BETTER if better else Direction.WORSE if worse else Direction.CHANGED
    return _change(source, _in_words(before, old), _in_words(after, new), direction)


def _change(what: str, before: str, after: str, direction: Direction, *, note: str = "") -> AspectChange:
    return AspectChange(aspect=Aspect.SCHEDULE, what=what, before=before, after=after, direction=direction, note=note)


def _in_words(cluster: ClusterPicture, rule: SnapshotRule) -> str:
    gap = gap_of(cluster.pauses, [rule])
    apart = f"at most {in_words(gap)} apart" if isinstance(gap, timedelta) else "at times that nobody knows"
    return f"{apart}, kept {days_in_words(rule.keep)}"
