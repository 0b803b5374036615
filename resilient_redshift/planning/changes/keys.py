"""Compares the encryption of one cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning.changes import _texts
from resilient_redshift.planning.changes._resources import key_is_deleted
from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.changes._resources import Resources
    from resilient_redshift.planning.reading.template import Resource

KEY: Final = "KmsKeyId"
_ENCRYPTED: Final = "Encrypted"
#: Source: KMS API, ScheduleKeyDeletion.
_KEY_DELETED: Final = (
    "the change also deletes the former key, so what it encrypts becomes unreadable 7 to 30 days later"
)
# source: Redshift Management Guide, "Changing cluster encryption"
_COPY_IS_ON: Final = "Redshift refuses to change the encryption while snapshots are copied: switch the copy off first"
_ENCRYPTS_AGAIN: Final = (
    "Redshift encrypts the data again and takes no snapshot until that ends; existing snapshots need the former key"
)


def key_changes(
    before: ClusterPicture, after: ClusterPicture, former: Resources, later: Resources
) -> Iterator[AspectChange]:
    """What changes about the cluster's own encryption.

    Args:
        before: the cluster before.
        after: the cluster after.
        former: the resources before.
        later: the resources after.
    """
    old, new = before.resource, after.resource
    if old is None or new is None:
        return
    note = _COPY_IS_ON if before.copies or before.native_copy else _ENCRYPTS_AGAIN
    deleted = key_is_deleted(old, former, later)
    yield from encryption_change(Aspect.KEY, "key of the cluster", (old, new), KEY, note, deleted=deleted)
    risks = ["" if each.deleted_key is None else each.deleted_key.sentence for each in (before, after)]
    yield from deletion_with_stack("snapshots readable after the stack is deleted", *risks)
    yield from encryption_change(Aspect.KEY, "encryption of the cluster", (old, new), _ENCRYPTED, note)


def encryption_change(
    aspect: Aspect, what: str, sides: tuple[Resource, Resource], name: str, note: str, *, deleted: bool = False
) -> Iterator[AspectChange]:
    """A change of a property that decides about encryption; also one whose value stays while its key is deleted.

    Args:
        aspect: what of the cluster changes.
        what: the property in words.
        sides: the resource with the property, before and after.
        name: the property.
        note: what the reader must know about another value.
        deleted: whether the change may delete the former key; that is worse. Default: it does not.
    """
    same = _texts.same(*sides, name)
    if same and not deleted:
        return
    before, after = (_texts.in_words(each, name) for each in sides)
    yield AspectChange(
        aspect=aspect,
        what=what,
        before=before,
        after=after,
        direction=Direction.WORSE if deleted else Direction.CHANGED,
        note="; ".join([*([] if same else [note]), *([_KEY_DELETED] if deleted else [])]),
    )


def deletion_with_stack(what: str, before: str, after: str) -> Iterator[AspectChange]:
    """A change of what a stack deletes together with itself, such as a key.

    Args:
        what: what stays, in words.
        before: why it does not stay before; empty when it does.
        after: why it does not stay after; empty when it does.
    """
    if bool(before) != bool(after):
        yield AspectChange(
            aspect=Aspect.KEY,
            what=what,
            before="no" if before else "yes",
            after="no" if after else "yes",
            direction=Direction.WORSE if after else Direction.BETTER,
            note=after,
        )
