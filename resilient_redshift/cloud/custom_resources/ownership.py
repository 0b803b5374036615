"""The owner of a copy, a grant, a schedule or an association, as tags on the thing itself.

The record is kept only in these tags, so nothing else can disagree with it. The owner is a stack *and* a resource in
it, and the record says whether that resource created the thing or adopted it. Without the resource, the Delete of a
renamed construct would destroy the thing. Without the origin, the rollback of a Create that adopted the thing would. So
the removal of an adopted thing takes two deployments (docs/decisions/0003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import TAG_COPY_OWNER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift.type_defs import TagTypeDef

    from resilient_redshift.cloud.custom_resources.events import Request

#: The kinds of records. A schedule and an association have the same kind: one is on a schedule, the other on a cluster.
COPY: Final = "copy"
GRANT: Final = "grant"
SCHEDULE: Final = "schedule"

CREATED: Final = "created"
ADOPTED: Final = "adopted"

_TAG_NAMES: Final[dict[str, tuple[str, str, str]]] = {
    COPY: (TAG_COPY_OWNER, "resilient-redshift:copy-owner-resource", "resilient-redshift:copy-origin"),
    GRANT: (
        "resilient-redshift:grant-owner",
        "resilient-redshift:grant-owner-resource",
        "resilient-redshift:grant-origin",
    ),
    SCHEDULE: (
        "resilient-redshift:schedule-owner",
        "resilient-redshift:schedule-owner-resource",
        "resilient-redshift:schedule-origin",
    ),
}


def tag_names(kind: str) -> tuple[str, str, str]:
    """Return the tags of a record: the stack, the logical id of its resource, and the origin of the ownership."""
    return _TAG_NAMES[kind]


@dataclass(frozen=True)
class Record:
    """A recorded owner. A part whose tag is missing is empty."""

    stack: str
    resource: str
    origin: str

    def tags(self, kind: str) -> dict[str, str]:
        """Return the record as tags."""
        return dict(zip(tag_names(kind), (self.stack, self.resource, self.origin), strict=True))

    @property
    def complete(self) -> bool:
        """Whether no part is missing. An incomplete record is the rest of one that somebody removed."""
        return bool(self.stack and self.resource and self.origin)

    def is_of(self, request: Request) -> bool:
        """Return whether the requesting resource is the owner."""
        return self.stack == request.stack and self.resource == request.logical_id

    def may_destroy(self, request: Request) -> bool:
        """Return whether the second key is turned: the requesting resource is the owner, and not only by adoption."""
        return self.is_of(request) and self.origin == CREATED


def read(kind: str, tags: Mapping[str, str]) -> Record | None:
    """Return the record in the tags of a thing, or None where no owner is recorded."""
    stack, resource, origin = (tags.get(name, "") for name in tag_names(kind))
    return Record(stack, resource, origin) if stack else None


def adopted_by(request: Request) -> Record:
    """Return the record of a resource that found the thing and did not make it."""
    return Record(request.stack, request.logical_id, ADOPTED)


def created_by(request: Request) -> Record:
    """Return the record of a resource that makes the thing."""
    return Record(request.stack, request.logical_id, CREATED)


def updated_by(request: Request, former: Record | None, *, destroy: bool) -> Record:
    """Return the record after an update in place.

    An update that asks for destruction gives the second key. No update takes the second key away.

    Args:
        request: the update.
        former: the record before the update, or None.
        destroy: whether the removal policy is ``destroy``.
    """
    if destroy:
        return created_by(request)
    return former if former is not None and former.is_of(request) and former.origin else adopted_by(request)


def missing(tags: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the wanted tags that have to be written. There are none where each one is as wanted already.

    Where one tag of a record is absent or different, the whole record is returned.
    """
    new = {name for name, value in wanted.items() if tags.get(name) != value}
    for names in _TAG_NAMES.values():
        if new.intersection(names):
            new.update(names)
    return {name: value for name, value in wanted.items() if name in new}


def removed_by_somebody(what: str, stays: str, command: str) -> str:
    """Explain that a Delete with the first key finds no complete record of an owner.

    Args:
        what: the thing that had the tags, like "the cluster 'sales'".
        stays: what stays as it is.
        command: the command that ends it by hand.
    """
    return (
        f"somebody removed the owner's tags from {what} (a tool that manages its tags?), so nobody can say whether "
        f"this resource may end it; {stays} stays; to end it, run '{command}' and delete again; to keep it, delete "
        "again and retain this resource; nothing was changed"
    )


def as_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Return tags in the form of the API."""
    return [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
