"""Compares the copy of one cluster's snapshots: where the copies go, and which grant and key encrypt them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import CLUSTER_TYPE
from resilient_redshift.planning._keys import is_retained
from resilient_redshift.planning._verdicts import UNKNOWN_REGION
from resilient_redshift.planning.changes import _texts
from resilient_redshift.planning.changes._resources import key_is_deleted
from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction
from resilient_redshift.planning.changes.keys import KEY, deletion_with_stack, encryption_change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning._pictures import ClusterPicture, Copy
    from resilient_redshift.planning.changes._resources import Resources
    from resilient_redshift.planning.reading.template import Resource

_GRANT: Final = "SnapshotCopyGrantName"
_DESTINATION: Final = "DestinationRegion"
_WHAT: Final = "destination of snapshot copies"
_NATIVE: Final = "DestinationRegion of the cluster"
# sources: docs/snapshot-copy.md, "Delete"; Redshift Management Guide, "Copying snapshots to another AWS Region"
_STAYS_ON: Final = "the copy stays on in AWS, as its DeletionPolicy says, but no template describes it any more"
_OFF: Final = "copied automated snapshots stay until their retention ends, and copied manual snapshots stay"
_MOVES: Final = (
    "existing copies stay in the former Region until their retention ends, and existing snapshots are not copied again"
)
# source: docs/evidence.md, CloudFormation's resource provider for AWS::Redshift::Cluster
_NATIVE_MOVES: Final = "the deployment fails while the copy is on: remove DestinationRegion first, and add it later"
_NATIVE_OFF: Final = f"CloudFormation switches the copy off; {_OFF}"
_NATIVE_FOLLOWED: Final = "CloudFormation switches its own copy off first; snapshots in between are not copied"
_NATIVE_GRANT: Final = "CloudFormation does not change the grant of a copy that is on"
_NEW_GRANT: Final = "the copy is switched off and on again; existing copies need the former grant and its key"
_OTHER_KEY: Final = "the key of a grant never changes: give the grant of the new key another name"


def copy_changes(
    before: ClusterPicture, after: ClusterPicture, former: Resources, later: Resources
) -> Iterator[AspectChange]:
    """What changes about the copy of snapshots, except for its retentions.

    Args:
        before: the cluster before.
        after: the cluster after.
        former: the resources before.
        later: the resources after.
    """
    yield from _destination(before, after, later)
    yield from _native_destination(before, after)
    sides = _copying(before), _copying(after)
    if sides[0] is not None and sides[1] is not None:
        yield from _grant(sides[0], sides[1], former, later)
    risks = [next((copy.risk for copy in each.copies), "") for each in (before, after)]
    yield from deletion_with_stack("copies readable after the stack is deleted", *risks)


def _destination(before: ClusterPicture, after: ClusterPicture, later: Resources) -> Iterator[AspectChange]:
    old, new = (next(iter(each.copies), None) for each in (before, after))
    places = _place(old), _place(new)
    if places[0] == places[1]:
        return
    direction, notes = Direction.CHANGED, [_MOVES]
    if old is None:
        direction, notes = Direction.BETTER, [_NATIVE_FOLLOWED] if before.native_copy else []
    elif new is None:
        direction, notes = Direction.WORSE, [note for note in after.notes if note.startswith(("copy ", "copies "))]
        if old.resource is None or not later.has(old.resource):
            notes.append(_STAYS_ON if old.resource is None or is_retained(old.resource) else _OFF)
    yield AspectChange(
        aspect=Aspect.COPY,
        what=_WHAT,
        before=places[0],
        after=places[1],
        direction=direction,
        note="; ".join(notes),
    )


def _place(copy: Copy | None) -> str:
    return _texts.NOTHING if copy is None else copy.region or UNKNOWN_REGION


def _native_destination(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """The destination of the copy that ``AWS::Redshift::Cluster`` itself has."""
    old, new = before.resource, after.resource
    if old is None or new is None or _texts.same(old, new, _DESTINATION):
        return
    direction, note = Direction.CHANGED, ""
    if before.native_copy and after.native_copy:
        note = _NATIVE_MOVES
    elif before.native_copy:
        direction, note = (Direction.CHANGED, _NATIVE_FOLLOWED) if after.copies else (Direction.WORSE, _NATIVE_OFF)
    yield AspectChange(
        aspect=Aspect.COPY,
        what=_NATIVE,
        before=_texts.in_words(old, _DESTINATION),
        after=_texts.in_words(new, _DESTINATION),
        direction=direction,
        note=note,
    )


def _copying(cluster: ClusterPicture) -> Resource | None:
    """The resource that configures the copy: the copy itself, or a cluster with a destination of its own."""
    copy = next(iter(cluster.copies), None)
    if copy is not None:
        return copy.resource
    return cluster.resource if cluster.native_copy else None


def _grant(old: Resource, new: Resource, former: Resources, later: Resources) -> Iterator[AspectChange]:
    grants = former.grant(old), later.grant(new)
    deleted = grants[0] is not None and key_is_deleted(grants[0], former, later)
    if not _texts.same(old, new, _GRANT):
        note = _NATIVE_GRANT if old.kind == new.kind == CLUSTER_TYPE else _NEW_GRANT
        yield from encryption_change(Aspect.GRANT, "grant of the copies", (old, new), _GRANT, note, deleted=deleted)
    elif grants[0] is not None and grants[1] is not None:
        what = f"key of grant {_texts.in_words(new, _GRANT)}"
        yield from encryption_change(Aspect.KEY, what, (grants[0], grants[1]), KEY, _OTHER_KEY, deleted=deleted)
