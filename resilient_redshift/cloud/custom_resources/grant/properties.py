"""The properties of a snapshot copy grant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.contract.names import GRANT_TYPE
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED

if TYPE_CHECKING:
    from resilient_redshift.cloud.custom_resources.events import Request

#: A key, and not an alias. A grant keeps the key that its alias named once, whatever key the alias names later.
_KEY_ARN: Final = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):[0-9]{12}:key/(?P<id>[A-Za-z0-9-]+)")


@dataclass(frozen=True)
class WantedGrant:
    """The grant that a request wants to exist."""

    name: str
    key: str
    destroy: bool

    @property
    def physical_id(self) -> str:
        """An id that names the grant. Another name is another resource."""
        return f"snapshot-copy-grant/{self.name}"

    def has_key(self, live_key: str) -> bool:
        """Return whether a grant's live key, an ARN or a key id, is the wanted one."""
        return live_key == self.key or ("/" not in live_key and live_key == self.key.rpartition("/")[2])


def wanted(request: Request) -> WantedGrant:
    """Read the properties.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    reader = Reader(GRANT_TYPE, request.properties)
    name = reader.text("SnapshotCopyGrantName", LABEL, LABEL_ALLOWED)
    key = reader.text("KmsKeyId", _KEY_ARN, "the ARN of a key (not of an alias)")
    matched = _KEY_ARN.fullmatch(key or "")
    if matched is not None and matched["region"] != request.region:
        reader.problem(
            "KmsKeyId", f"a key of {request.region}", "a grant and its key live in the Region that receives the copies"
        )
    destroy = reader.destroy()
    reader.done()
    return WantedGrant(name or "", key or "", destroy)
