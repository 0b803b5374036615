"""The present state of a snapshot copy grant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resilient_redshift.cloud.errors import Busy
from resilient_redshift.cloud.redshift.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient


@dataclass(frozen=True)
class LiveGrant:
    """What DescribeSnapshotCopyGrants says about one grant."""

    key: str
    tags: Mapping[str, str]


def read(client: RedshiftClient, name: str) -> LiveGrant | None:
    """Read a grant.

    Args:
        client: a Redshift client of the grant's Region.
        name: the grant's name.

    Returns:
        The grant's present state, or None where no grant of this name exists or is visible yet.
    """
    try:
        return find(client, name)
    except (client.exceptions.SnapshotCopyGrantNotFoundFault, Busy):
        return None


def find(client: RedshiftClient, name: str) -> LiveGrant:
    """Read a grant that must exist.

    Where the grant is not visible, AWS's error is raised; the retry loop chooses its wait by that error.

    Args:
        client: a Redshift client of the grant's Region.
        name: the grant's name.

    Raises:
        Busy: AWS answers, and the answer holds no grant.
    """
    answer = client.describe_snapshot_copy_grants(SnapshotCopyGrantName=name)["SnapshotCopyGrants"]
    if not answer:
        raise Busy(f"Redshift does not show the grant {name!r} yet")
    grant = answer[0]
    tags = tags_of(grant.get("Tags", []))
    return LiveGrant(grant.get("KmsKeyId", ""), tags)
