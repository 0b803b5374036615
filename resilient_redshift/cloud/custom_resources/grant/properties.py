"""The properties of a snapshot copy grant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.contract.names import GRANT_TYPE
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED

if TYPE_CHECKING:
    from resilient_redshift.cloud.custom_resources.events import Request

#: A key, not an alias: a grant stays with the key that its alias named once, whatever the alias names later.
_KEY_ARN: Final = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/(?P<id>[A-Za-z0-9-]+)")


@dataclass(frozen=True)
class Wanted:
    """What a request wants of a grant."""

    name: str
    key: str
    destroy: bool

    @property
    def physical_id(self) -> str:
        """Names the grant: another name is another resource."""
        return f"snapshot-copy-grant/{self.name}"

    def has_key(self, live: str) -> bool:
        """Whether a grant's live key, an ARN or a key id, is the wanted one."""
        return live == self.key or ("/" not in live and live == self.key.rpartition("/")[2])


def wanted(request: Request) -> Wanted:
    """Read the properties.

    Raises:
        Refused: some property cannot be used; all are told.
    """
    reader = Reader(GRANT_TYPE, request.properties)
    name = reader.text("SnapshotCopyGrantName", LABEL, LABEL_ALLOWED)
    key = reader.text("KmsKeyId", _KEY_ARN, "the ARN of a key (not of an alias)")
    matched = _KEY_ARN.fullmatch(key or "")
    if matched is not None and matched["region"] != request.region:
        reader.problem(
            "KmsKeyId", f"a key of {request.region}", "a grant and its key live in the Region that receives the copies"
        )
    destroy = reader.choice("RemovalPolicy", "retain", "destroy") == "destroy"
    reader.done()
    return Wanted(name or "", key or "", destroy)


def removable(request: Request) -> Wanted | None:
    """What a Delete may remove: nothing without the first key, for unusable properties, or for an id not of ours."""
    try:
        read = wanted(request)
    except Refused:
        return None
    return read if read.destroy and request.physical_id == read.physical_id else None
