"""The state machine that takes manual snapshots: one per stack, for every rule and every cluster in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift import definitions
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.compliance import wildcard_finding
from resilient_redshift.stack.iam import allow, inline_policy
from resilient_redshift.stack.machines import Machine, telling_statements
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from constructs import IConstruct

#: On one cluster's snapshots (service authorization reference, Amazon Redshift).
SNAPSHOT_ACTIONS: Final = (
    "redshift:CreateClusterSnapshot",
    "redshift:CreateTags",
    "redshift:DeleteClusterSnapshot",
    "redshift:ModifyClusterSnapshot",
)
#: What could lose a snapshot, and the names that the definition gives, as IAM matches them ("?" is one character).
LOSING_ACTIONS: Final = ("redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot")
OWN_SNAPSHOTS: Final = ("*/*-????????t????z*", "*/*-ondemand-????????t??????z*")
#: On clusters. CreateClusterSnapshot takes the cluster beside the snapshot, as AWS Backup's own policy does too;
#: the snapshot's ARN, which holds the cluster's name, is what limits it. Once per stack: a role's inline policies
#: together hold 10,240 characters, and 20 clusters with names of 63 characters must fit.
CLUSTER_ACTIONS: Final = ("redshift:CreateClusterSnapshot", "redshift:DescribeClusters")
#: Only reads, and is asked by the snapshot's name, not the cluster's (the only resource type that it takes).
READ_ACTIONS: Final = ("redshift:DescribeClusterSnapshots",)
_ID: Final = "Snapshots"
_ANY: Final = (
    "DescribeClusterSnapshots only reads, and is asked by the snapshot's name; PutMetricData is limited to our "
    "namespace; log delivery and X-Ray support no resource type (service authorization reference)"
)
_ANY_CLUSTER: Final = (
    "DescribeClusters only reads, and CreateClusterSnapshot needs the snapshot too; snapshots are limited to each "
    "cluster by a policy of its own, and one statement per cluster more would break the 10,240 characters of a role "
    "at 20 clusters"
)
_ANY_SNAPSHOT: Final = "the snapshots of this one cluster, whose names hold a time and are unknown before"


class SnapshotMachine(Machine):
    """Takes manual snapshots as ``definitions/manual_snapshot.asl.json`` says; get it with :meth:`of`."""

    def __init__(self, services: StackServices) -> None:
        super().__init__(services, _ID)
        self._policies: dict[str, iam.CfnPolicy] = {}
        _machine_of.remember(services, self)
        any_cluster = wildcard_finding(self._stack, self._arn("cluster", "*"))
        self._build(
            definitions.MANUAL_SNAPSHOT,
            statements=self._common_statements(),
            findings={"AwsSolutions-IAM5[Resource::*]": _ANY, any_cluster: _ANY_CLUSTER},
            description="a run that should have taken a manual snapshot failed, timed out or was aborted: its error is "
            "the outcome, its cause says what to do",
            label="snapshots not taken",
        )

    @classmethod
    def of(cls, scope: IConstruct) -> SnapshotMachine:
        """Return the machine of the stack that ``scope`` is in."""
        return _machine_of(StackServices.of(scope))

    def cluster_policy(self, cluster_key: str, cluster_identifier: str) -> iam.CfnPolicy:
        """Let the machine take, tag, mend and (if failed) delete one cluster's snapshots; its rules depend on it.

        Args:
            cluster_key: names the cluster in the construct's id: stable, the same for the same cluster.
            cluster_identifier: the cluster's identifier; a token inside the cluster's stack.
        """
        policy_id = f"Cluster{short_hash(cluster_key)}"
        if policy_id not in self._policies:
            snapshots = self._arn("snapshot", f"{cluster_identifier}/*")
            policy = inline_policy(self, policy_id, [allow(SNAPSHOT_ACTIONS, snapshots)], self._role_name)
            # on the machine, whose questions are asked once; the finding names the cluster
            SynthChecks.of(self).acknowledge(self, snapshots, _ANY_SNAPSHOT)
            self._policies[policy_id] = policy
        return self._policies[policy_id]

    def _common_statements(self) -> list[dict[str, Any]]:
        return [
            allow(READ_ACTIONS, "*"),
            allow(CLUSTER_ACTIONS, self._arn("cluster", "*")),
            *telling_statements(),
            # a thief of the role cannot touch snapshots of other names: by hand, final, another tool's
            {
                "Effect": "Deny",
                "Action": list(LOSING_ACTIONS),
                # DeleteClusterSnapshot takes the cluster too: were it asked for, a Deny on it would stop every deletion
                "NotResource": [
                    *(self._arn("snapshot", name) for name in OWN_SNAPSHOTS),
                    self._arn("cluster", "*"),
                ],
            },
        ]


@Remembered
def _machine_of(services: StackServices) -> SnapshotMachine:
    return SnapshotMachine(services)
