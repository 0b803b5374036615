"""Compares how long each kind of snapshot of one cluster is kept, and counts what a deployment deletes at once.

* A lower retention of automated snapshots deletes the older ones at once, and 0 deletes all of them. Source: Redshift
  API, ModifyCluster: AutomatedSnapshotRetentionPeriod.
* A lower retention of copied automated snapshots deletes the older copies at once. Source: Redshift API,
  ModifySnapshotCopyRetentionPeriod. Our own copy refuses that deployment unless the user accepts the loss.
* A retention that the template does not have any more changes nothing in AWS. Source: docs/evidence.md,
  CloudFormation's resource provider for AWS::Redshift::Cluster.
* Every other retention is written on a snapshot when Redshift takes or copies it, so a change counts for new snapshots
  alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes._counts import MORE_CHANGES, automated_older_than
from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.recovery_point import in_words, kept_days
from resilient_redshift.planning.sources import BACKUPS, COPIED_AUTOMATED, COPIED_MANUAL, MANUAL
from resilient_redshift.rules.limits import DEFAULT_COPY_DAYS
from resilient_redshift.rules.node_types import family_of
from resilient_redshift.rules.retention import DAY, FOREVER_DAYS, Forever
from resilient_redshift.schedules.eventbridge import UNBOUNDED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from resilient_redshift.planning._pictures import ClusterPicture, Copy
    from resilient_redshift.planning.changes._coverage import Coverage
    from resilient_redshift.planning.quota import SnapshotRule
    from resilient_redshift.planning.reading.template import Resource

_NEW_ONLY: Final = "counts for new snapshots only; existing snapshots keep their retention"
_NEW_COPIES_ONLY: Final = "counts for new copies only; existing copies keep their retention"
#: What a deployment does about a retention that the template does not have any more.
STAYS: Final = "CloudFormation leaves the retention of an existing cluster as it is; a new cluster has the default"
_AUTOMATED: Final = "automated snapshots"
_RETENTION: Final = "retention of {}"
_OF_AUTOMATED: Final = _RETENTION.format(_AUTOMATED)
_OF_COPIES: Final = _RETENTION.format(COPIED_AUTOMATED)
_OF_NATIVE_COPIES: Final = f"{_OF_COPIES} (SnapshotCopyRetentionPeriod)"
#: The retentions that also count for existing snapshots.
REACH_EXISTING: Final = frozenset({_OF_AUTOMATED, _OF_COPIES, _OF_NATIVE_COPIES})


def days_in_words(days: int | Forever | None) -> str:
    """A retention in words: ``7 d``, ``for ever``, ``off`` or ``unknown``."""
    if days is None:
        return "unknown"
    return in_words(kept_days(days)) if isinstance(days, Forever) or days else "off"


def retention_changes(before: ClusterPicture, after: ClusterPicture, coverage: Coverage) -> Iterator[AspectChange]:
    """Every retention that changes.

    Args:
        before: the cluster before.
        after: the cluster after.
        coverage: the sources of snapshots before and after.
    """
    yield from _automated(before, after, coverage)
    yield from _copies(before, after, coverage)
    yield from _native_copies(before, after)
    yield from _rules(before, after, coverage)
    yield from _default_of_manual(before, after)


def _automated(before: ClusterPicture, after: ClusterPicture, coverage: Coverage) -> Iterator[AspectChange]:
    old, new = before.keep_automated, after.keep_automated
    if old == new:
        return
    deleted, note = None, ""
    if _is_left_out(after, "AutomatedSnapshotRetentionPeriod"):
        note = STAYS
    elif old is not None and new is not None and new < old:
        family = family_of(after.node_type)
        if family is not None and new < family.shortest_automated_retention:
            note = f"the deployment fails: Redshift cannot switch off automated snapshots of {family.name} nodes"
        else:
            deleted = automated_older_than(before, new, old)
            what = (
                f"automated snapshots that are older than {in_words(new * DAY)}" if new else "all automated snapshots"
            )
            note = _joined(f"Redshift deletes {what} at once", "" if before.schedule_definitions else MORE_CHANGES)
    yield AspectChange(
        aspect=Aspect.RETENTION,
        what=_OF_AUTOMATED,
        before=days_in_words(old),
        after=days_in_words(new),
        direction=_direction(old, new, lost=bool(deleted) or not new or coverage.lost(_AUTOMATED)),
        snapshots_deleted=deleted or None,
        note=note,
    )


def _copies(before: ClusterPicture, after: ClusterPicture, coverage: Coverage) -> Iterator[AspectChange]:
    for old, new in zip(before.copies, after.copies, strict=False):
        if old.region != new.region:
            continue  # the copies in the former Region keep their retention (copies.py says so)
        if old.keep_automated != new.keep_automated:
            yield _copied_automated(before, old, new, coverage)
        if old.keep_manual != new.keep_manual:
            lost = not before.rules or any(coverage.lost(source_of(COPIED_MANUAL, rule)) for rule in before.rules)
            yield AspectChange(
                aspect=Aspect.RETENTION,
                what=_RETENTION.format(COPIED_MANUAL),
                before=days_in_words(old.keep_manual),
                after=days_in_words(new.keep_manual),
                direction=_direction(old.keep_manual, new.keep_manual, lost=lost),
                note=_NEW_COPIES_ONLY,
            )


def _copied_automated(cluster: ClusterPicture, old: Copy, new: Copy, coverage: Coverage) -> AspectChange:
    deleted, note = None, ""
    if old.keep_automated and new.keep_automated and new.keep_automated < old.keep_automated:
        count = automated_older_than(cluster, new.keep_automated, old.keep_automated) if cluster.keep_automated else 0
        about = "" if cluster.schedule_definitions else MORE_CHANGES
        if new.resource is not None and new.resource.literal("AcceptLossOfCopies") == "true":
            deleted = count or None
            note = _joined(
                f"Redshift deletes copies that are older than {in_words(new.keep_automated * DAY)} at once", about
            )
        elif count:
            note = f"the deployment fails while there are older copies, at most {count}, and deletes none of them"
            note = f"{note}; accept_loss_of_copies=True deletes them"
    return AspectChange(
        aspect=Aspect.RETENTION,
        what=_OF_COPIES,
        before=days_in_words(old.keep_automated),
        after=days_in_words(new.keep_automated),
        direction=_direction(
            old.keep_automated,
            new.keep_automated,
            lost=bool(deleted) or coverage.lost(COPIED_AUTOMATED),
        ),
        snapshots_deleted=deleted,
        note=note,
    )


def _native_copies(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """The retention of the copy that ``AWS::Redshift::Cluster`` itself has."""
    if before.resource is None or after.resource is None or not (before.native_copy and after.native_copy):
        return
    old, new = (_native_retention(each) for each in (before.resource, after.resource))
    if old == new:
        return
    manual = before.resource.boolean("SnapshotCopyManual") or after.resource.boolean("SnapshotCopyManual")
    deleted, note = None, _NEW_COPIES_ONLY if manual else ""
    if _is_left_out(after, "SnapshotCopyRetentionPeriod"):
        note = STAYS
    elif not manual and old is not None and new is not None and new < old:
        deleted = automated_older_than(before, new, old) if before.keep_automated else None
        note = _joined(
            f"if the copy is on, Redshift deletes copies that are older than {in_words(new * DAY)} at once",
            "" if before.schedule_definitions else MORE_CHANGES,
        )
    yield AspectChange(
        aspect=Aspect.RETENTION,
        what=f"{_RETENTION.format(COPIED_MANUAL)} (SnapshotCopyRetentionPeriod)" if manual else _OF_NATIVE_COPIES,
        before=days_in_words(old),
        after=days_in_words(new),
        direction=_direction(old, new, lost=True),
        snapshots_deleted=deleted,
        note=note,
    )


def _native_retention(cluster: Resource) -> int | None:
    return cluster.integer("SnapshotCopyRetentionPeriod", DEFAULT_COPY_DAYS)


def _rules(before: ClusterPicture, after: ClusterPicture, coverage: Coverage) -> Iterator[AspectChange]:
    for kind, former, later in rules_by_kind(before, after):
        for name, rule in later.items():
            old = former.get(name)
            if old is None:
                continue
            keeps = [(kind, old.keep, rule.keep)]
            if kind == MANUAL and before.copies and after.copies:
                keeps.append((COPIED_MANUAL, old.kept_in_recovery, rule.kept_in_recovery))
            for what, was, now in keeps:
                if was != now:
                    yield AspectChange(
                        aspect=Aspect.RETENTION,
                        what=_RETENTION.format(source_of(what, rule)),
                        before=days_in_words(was),
                        after=days_in_words(now),
                        direction=_direction(was, now, lost=coverage.lost(source_of(what, rule))),
                        note=_NEW_ONLY,
                    )


def rules_by_kind(
    before: ClusterPicture, after: ClusterPicture
) -> Iterator[tuple[str, dict[str, SnapshotRule], dict[str, SnapshotRule]]]:
    """The rules that take manual snapshots before and after, by their names; for each kind of rule with its snapshots.

    Args:
        before: the cluster before.
        after: the cluster after.
    """
    for kind, rules in ((MANUAL, (before.rules, after.rules)), (BACKUPS, (before.backups, after.backups))):
        former, later = ({rule.name: rule for rule in each} for each in rules)
        yield kind, former, later


def source_of(kind: str, rule: SnapshotRule) -> str:
    """The name of the source of a rule's snapshots."""
    return f"{kind} of rule {rule.name}"


def _default_of_manual(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    if before.resource is None or after.resource is None:
        return
    name = "ManualSnapshotRetentionPeriod"
    old, new = (each.integer(name, FOREVER_DAYS) for each in (before.resource, after.resource))
    if old != new:
        yield AspectChange(
            aspect=Aspect.RETENTION,
            what=_RETENTION.format("manual snapshots that have none of their own"),
            before=days_in_words(old),
            after=days_in_words(new),
            direction=_direction(old, new, lost=True),
            note=STAYS if _is_left_out(after, name) else _NEW_ONLY,
        )


def _is_left_out(cluster: ClusterPicture, name: str) -> bool:
    """Whether the template contains the cluster, and says nothing about a property of it."""
    return cluster.resource is not None and values.absent(cluster.resource.properties.get(name))


def _direction(old: int | Forever | None, new: int | Forever | None, *, lost: bool) -> Direction:
    """What another retention does. A shorter one is worse, unless another source is as good as the former one.

    Args:
        old: the retention before; None when it is unknown.
        new: the retention after; None when it is unknown.
        lost: whether no source after the change is as good as the former one.
    """
    if old is None:
        return Direction.CHANGED
    if new is None or _length(new) < _length(old):
        return Direction.WORSE if lost else Direction.CHANGED
    return Direction.BETTER


def _length(days: int | Forever) -> timedelta:
    kept = kept_days(days)
    return UNBOUNDED if isinstance(kept, Forever) else kept


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
