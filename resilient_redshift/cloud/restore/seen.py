"""What DescribeClusters says of one cluster, and whether that cluster is a restore that failed.

This module imports no botocore: the command asks the same, and shows its help without botocore.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.cloud.restore.run import RestoredCluster
from resilient_redshift.contract.names import TAG_AVAILABLE_SINCE, TAG_EXECUTION, TAG_FENCE, TAG_PLAN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cloud.restore.run import Run

#: How far the clocks of AWS and of this run may differ.
CLOCK_SLACK: Final = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A cluster as DescribeClusters shows it.

    Args:
        identifier: its identifier.
        state: its state.
        created: when it was created. None: AWS does not say.
        tags: its tags.
        namespace: the ARN of its namespace, which no other cluster has. Empty: AWS does not say.
        restore: how far the restore is: ``starting``, ``restoring``, ``completed`` or ``failed`` (Redshift API,
            RestoreStatus). Empty: AWS does not say.
        facts: what the report and the endpoint say of it.
        percent: how much of the data is restored. None: AWS does not say.
        seconds_left: how long the restore still takes. None: AWS does not say.
        copied_to: the Region that its snapshots are copied to. Empty: the copy is off.
        fenced: whether its only security group is the one of a fence, which lets nobody in.
    """

    identifier: str
    state: states.State
    created: datetime | None
    tags: Mapping[str, str]
    namespace: str = ""
    restore: str = ""
    facts: RestoredCluster = field(default_factory=RestoredCluster)
    percent: int | None = None
    seconds_left: int | None = None
    copied_to: str = ""
    fenced: bool = False

    @property
    def made_by(self) -> str:
        """The name of the execution that made it. Empty: its tags do not say."""
        return self.tags.get(TAG_EXECUTION, "")

    @property
    def was_available(self) -> bool:
        """Whether it may have been available: a run saw it so, or its restore was completed."""
        return TAG_AVAILABLE_SINCE in self.tags or self.restore == "completed"

    def belongs_to(self, plan: str) -> bool:
        """Whether its tags say that a run of a plan made it."""
        return self.tags.get(TAG_PLAN) == plan

    def younger_than(self, moment: datetime) -> bool:
        """Whether it was created after a moment, as far as AWS says when it was created."""
        return self.created is None or self.created >= moment - CLOCK_SLACK

    @property
    def failed(self) -> bool:
        """Whether it does not become available unless somebody acts. One that is being deleted is past that."""
        if self.state.meaning is states.Meaning.GOING:
            return False
        return self.restore == "failed" or self.state.meaning is states.Meaning.NEEDS_SOMEBODY


def seen(cluster: Mapping[str, Any]) -> Seen:
    """Read one item of DescribeClusters."""
    restore = cluster.get("RestoreStatus") or {}
    size, done = restore.get("SnapshotSizeInMegaBytes", 0), restore.get("ProgressInMegaBytes", 0)
    seconds = restore.get("EstimatedTimeToCompletionInSeconds", 0)
    endpoint = cluster.get("Endpoint") or {}
    tags = tags_of(cluster.get("Tags", []))
    groups = [group["VpcSecurityGroupId"] for group in cluster.get("VpcSecurityGroups") or ()]
    return Seen(
        identifier=cluster["ClusterIdentifier"],
        state=states.of(str(cluster.get("ClusterStatus", ""))),
        created=cluster.get("ClusterCreateTime"),
        tags=tags,
        namespace=str(cluster.get("ClusterNamespaceArn") or ""),
        restore=str(restore.get("Status", "")).lower(),
        facts=RestoredCluster(
            endpoint=endpoint.get("Address"),
            port=endpoint.get("Port"),
            database=cluster.get("DBName"),
            admin_user=cluster.get("MasterUsername"),
            secret_arn=cluster.get("MasterPasswordSecretArn"),
            node_type=cluster.get("NodeType"),
            number_of_nodes=cluster.get("NumberOfNodes"),
        ),
        percent=min(100, int(100 * done / size)) if size else None,
        seconds_left=int(seconds) if seconds else None,
        copied_to=str((cluster.get("ClusterSnapshotCopyStatus") or {}).get("DestinationRegion") or ""),
        fenced=groups == [tags.get(TAG_FENCE)],
    )


def is_failed_restore(run: Run, cluster: Seen) -> bool:
    """Whether a cluster is what a run of this plan restored in vain: it failed, and it was never available."""
    return failed_in_vain(run.request.plan, cluster)


def failed_in_vain(plan: str, cluster: Seen) -> bool:
    """Whether a cluster is what a run of a plan restored in vain: it failed, and it was never available."""
    ours = cluster.belongs_to(plan) and cluster.made_by != ""
    return ours and cluster.failed and not cluster.was_available and cluster.state != states.KEY_UNUSABLE
