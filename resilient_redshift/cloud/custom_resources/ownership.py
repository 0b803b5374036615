"""Who owns a copy or a grant, as tags on the thing itself, so that no memory of ours can differ from it.

The owner is the stack *and* the resource in it. A construct that is renamed inside one stack arrives as a Create of its
new logical id and then a Delete of the old one, for the same thing and from the same stack: with the stack alone
recorded, that Delete would turn the second key. And the record says how the owner came to it: whoever *adopted* what
stood already does not get the second key by that, because the rollback of such a Create is a Delete like any other, and
would end what was there before. A later update in place, which asks for destruction, gives it: removal is two deploys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift.type_defs import TagTypeDef

    from resilient_redshift.cloud.custom_resources.events import Request

_PREFIX: Final = "resilient-redshift:"
#: Equal to ``_records.TAG_COPY_OWNER``; a test compares them.
COPY: Final = "copy"
GRANT: Final = "grant"

CREATED: Final = "created"
ADOPTED: Final = "adopted"


def tag_names(kind: str) -> tuple[str, str, str]:
    """The tags that hold a record: the stack, the logical id of its resource, and how it came to be the owner."""
    return (f"{_PREFIX}{kind}-owner", f"{_PREFIX}{kind}-owner-resource", f"{_PREFIX}{kind}-origin")


@dataclass(frozen=True)
class Record:
    """The owner as recorded; a part that is missing is empty."""

    stack: str
    resource: str
    origin: str

    def tags(self, kind: str) -> dict[str, str]:
        """The record as tags."""
        return dict(zip(tag_names(kind), (self.stack, self.resource, self.origin), strict=True))

    def is_of(self, request: Request) -> bool:
        """Whether the asking resource is the owner."""
        return self.stack == request.stack and self.resource == request.logical_id

    def may_destroy(self, request: Request) -> bool:
        """The second key: the asking resource is the owner, and not by adoption alone."""
        return self.is_of(request) and self.origin == CREATED


def read(kind: str, tags: Mapping[str, str]) -> Record | None:
    """The record in a thing's tags, None where there is no owner."""
    stack, resource, origin = (tags.get(name, "") for name in tag_names(kind))
    return Record(stack, resource, origin) if stack else None


def on_arrival(request: Request) -> Record:
    """The record for a resource that found the thing standing, equal to what it wants."""
    return Record(request.stack, request.logical_id, ADOPTED)


def on_creation(request: Request) -> Record:
    """The record for a resource that makes the thing."""
    return Record(request.stack, request.logical_id, CREATED)


def on_update(request: Request, found: Record | None, *, destroy: bool) -> Record:
    """The record after an update in place: asking for destruction gives the second key, nothing takes it away."""
    if destroy:
        return on_creation(request)
    return found if found is not None and found.is_of(request) and found.origin else on_arrival(request)


def missing(tags: Mapping[str, str], wanted: Mapping[str, str]) -> dict[str, str]:
    """The tags that still have to be written; none, so that a no-op writes nothing."""
    return {name: value for name, value in wanted.items() if tags.get(name) != value}


def as_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Tags as the API takes them."""
    return [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
