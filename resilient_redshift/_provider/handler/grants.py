"""A snapshot copy grant as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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
        found = client.describe_snapshot_copy_grants(SnapshotCopyGrantName=name)["SnapshotCopyGrants"]
    except client.exceptions.SnapshotCopyGrantNotFoundFault:
        return None
    if not found:
        return None
    tags = {tag["Key"]: tag.get("Value", "") for tag in found[0].get("Tags", []) if "Key" in tag}
    return LiveGrant(found[0].get("KmsKeyId", ""), tags)
