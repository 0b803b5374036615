"""A snapshot copy grant as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.cloud.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient


@dataclass(frozen=True)
class LiveGrant:
    """What DescribeSnapshotCopyGrants says about one grant."""

    key: str
    tags: Mapping[str, str]


def read(client: RedshiftClient, name: str) -> LiveGrant | None:
    """The grant now, None where there is none of this name (or none that is visible yet)."""
    try:
        return find(client, name)
    except (client.exceptions.SnapshotCopyGrantNotFoundFault, Busy):
        return None


def find(client: RedshiftClient, name: str) -> LiveGrant:
    """The grant now; AWS's own error where it does not show, so that a loop knows how long to wait for it.

    Raises:
        Busy: AWS answers, and names none.
    """
    found = client.describe_snapshot_copy_grants(SnapshotCopyGrantName=name)["SnapshotCopyGrants"]
    if not found:
        raise Busy(f"the grant {name!r} does not show")
    tags = {tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags", []) if "Key" in tag}
    return LiveGrant(found[0].get("KmsKeyId", ""), tags)
