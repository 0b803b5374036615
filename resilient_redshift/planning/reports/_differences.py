"""What a comparison says about a cluster, as rows of before and after, and which clusters its report shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from resilient_redshift.planning.changes.comparison import Direction, Presence
from resilient_redshift.planning.reports._judgements import has_open, lost

if TYPE_CHECKING:
    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.changes.comparison import (
        AspectChange,
        ClusterChange,
        Comparison,
        FailureChange,
    )
    from resilient_redshift.planning.checks.findings import ClusterKey, Finding
    from resilient_redshift.planning.reports.formats import ReportOptions

_NOTHING: Final = "-"
_ORDER: Final = (Direction.WORSE, Direction.BETTER, Direction.CHANGED, Direction.SAME)


class ChangedRow(NamedTuple):
    """One thing of a cluster before and after, in words."""

    direction: Direction
    what: str
    before: str
    after: str


def changed_rows(change: ClusterChange) -> list[ChangedRow]:
    """What differs: worse, then better things first. For a cluster that is new or gone, every failure."""
    one_sided = change.presence is not Presence.BOTH
    rows = [_failure_row(each) for each in change.failures if one_sided or each.direction is not Direction.SAME]
    rows += [ChangedRow(each.direction, each.what, each.before, each.after) for each in change.aspects]
    return sorted(rows, key=lambda row: _ORDER.index(row.direction))


def changes_shown(comparison: Comparison, options: ReportOptions) -> list[ClusterChange]:
    """The clusters that the options choose, in the order of the comparison."""
    chosen = [each for each in comparison.clusters if options.names(each.cluster)]
    if not options.only_gaps:
        return chosen
    missed = newly_missed(comparison)
    return [each for each in chosen if has_open(findings_of(each, missed)) or each.direction is Direction.WORSE]


def is_change(change: ClusterChange) -> bool:
    """Whether anything about the cluster differs."""
    return change.direction is not Direction.SAME or change.presence is not Presence.BOTH or bool(change.findings)


def was_renamed(change: ClusterChange) -> bool:
    """Whether the cluster had another name, stack or Region before."""
    return change.former is not None and change.former.in_words != change.cluster.in_words


def notes_of(change: ClusterChange) -> list[str]:
    """What else the reader must know about the changes of a cluster. A finding tells the note of its aspect itself."""
    told = {finding.subject for finding in change.findings}
    return [f"{each.what}: {note}" for each in change.aspects if each.what not in told and (note := _note(each))]


def newly_missed(comparison: Comparison) -> dict[ClusterKey, list[Finding]]:
    """What each cluster of the head misses of the policy, and did not miss before."""
    found: dict[ClusterKey, list[Finding]] = {}
    for result in comparison.check.clusters:
        found.setdefault(result.cluster, []).extend(finding for finding in result.findings if finding.new)
    return found


def findings_of(change: ClusterChange, missed: dict[ClusterKey, list[Finding]]) -> list[Finding]:
    """The findings about one cluster: what gets worse, then what it newly misses of the policy."""
    of_head = [] if change.presence is Presence.GONE else missed.get(change.cluster, [])
    return [*change.findings, *of_head]


def _note(aspect: AspectChange) -> str:
    if aspect.snapshots_deleted is None:
        return aspect.note
    deleted = f"the deployment deletes {aspect.snapshots_deleted} recovery points at most"
    return f"{deleted}; {aspect.note}" if aspect.note else deleted


def _failure_row(change: FailureChange) -> ChangedRow:
    rows = [row for row in (change.after, change.before) if row is not None]
    moved = len({row.where for row in rows}) > 1
    before, after = (_state(row, with_place=moved) for row in (change.before, change.after))
    return ChangedRow(change.direction, rows[0].failure if rows else str(change.failure), before, after)


def _state(row: Protection | None, *, with_place: bool) -> str:
    if row is None:
        return _NOTHING
    return f"{lost(row)} in {row.where}" if with_place and row.where != _NOTHING else lost(row)
