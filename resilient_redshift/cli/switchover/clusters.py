"""A cluster as a switchover sees it, and the changes that it makes to one: each a single call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.redshift import client
from resilient_redshift.cloud.redshift import clusters, states
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.redshift.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cloud.redshift.states import State


@dataclass(frozen=True, kw_only=True)
class Live:
    """A cluster, as DescribeClusters shows it.

    Args:
        identifier: its identifier.
        region: its Region.
        state: its state.
        created: its ClusterCreateTime.
        encrypted: whether it is encrypted.
        groups: its security groups, by id.
        groups_active: whether all of them are in force.
        vpc: its VPC. Empty: it is in none.
        copy: its snapshot copy. None: it is off.
        tags: its tags.
        namespace: the ARN of its namespace. Empty: AWS does not say.
    """

    identifier: str
    region: str
    state: State
    created: datetime
    encrypted: bool
    groups: tuple[str, ...]
    groups_active: bool
    vpc: str
    copy: Mapping[str, Any] | None
    tags: Mapping[str, str]
    namespace: str

    @property
    def name(self) -> str:
        """Identifier and Region."""
        return f"{self.identifier} in {self.region}"

    def arn(self, caller: str) -> str:
        """The cluster's ARN.

        Args:
            caller: an ARN of the same account, for a cluster whose namespace AWS does not show.
        """
        _, partition, _, _, account, *_ = (self.namespace or caller).split(":")
        return f"arn:{partition}:redshift:{self.region}:{account}:cluster:{self.identifier}"

    @property
    def available(self) -> bool:
        """Whether it takes changes now."""
        return self.state.meaning is Meaning.AVAILABLE

    def require_hope(self) -> None:
        """Raise an error unless the cluster is available or will be by itself.

        Raises:
            CliError: the cluster waits for somebody, is being deleted, or is in a state that nobody knows.
        """
        if self.available or self.state.passes:
            return
        if self.state.meaning is Meaning.UNKNOWN:
            raise CliError(f"{self.name} is {self.state.name!r}, and this release does not know that state")
        why = f": {self.state.happens}" if self.state.happens else ""
        raise CliError(f"{self.name} is {self.state.name!r}{why}", self.state.to_do)


def look(aws: Aws, region: str, identifier: str) -> Live | None:
    """Read a cluster. None: no cluster has this identifier."""
    found = clusters.describe(client(aws, region), identifier)
    if found is None:
        return None
    groups = found.get("VpcSecurityGroups", [])
    return Live(
        identifier=found["ClusterIdentifier"],
        region=region,
        state=states.of(found.get("ClusterStatus", "")),
        created=found["ClusterCreateTime"],
        encrypted=bool(found.get("Encrypted", True)),
        groups=tuple(sorted(group["VpcSecurityGroupId"] for group in groups)),
        groups_active=all(group.get("Status", "active") == "active" for group in groups),
        vpc=found.get("VpcId", ""),
        copy=found.get("ClusterSnapshotCopyStatus"),
        tags=tags_of(found.get("Tags", [])),
        namespace=found.get("ClusterNamespaceArn", ""),
    )


def change(aws: Aws, cluster: Live, operation: str, **parameters: object) -> None:
    """Change a cluster.

    Args:
        aws: calls to AWS.
        cluster: the cluster.
        operation: the operation, as the API spells it.
        parameters: its parameters besides the identifier.
    """
    aws.call(cluster.region, "redshift", operation, ClusterIdentifier=cluster.identifier, **parameters)
