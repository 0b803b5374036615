"""The state machine and the function that take manual snapshots, for every rule and every cluster of a stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift import definitions
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.stack.compliance import wildcard_finding
from resilient_redshift.stack.functions import MachineFunction
from resilient_redshift.stack.iam import allow, inline_policy, metric_statement
from resilient_redshift.stack.machines import Machine, writing_statement
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from constructs import IConstruct

#: What the function may do to the snapshots of one cluster (service authorization reference, Amazon Redshift).
SNAPSHOT_ACTIONS: Final = (
    "redshift:CreateClusterSnapshot",
    "redshift:CreateTags",
    "redshift:DeleteClusterSnapshot",
    "redshift:ModifyClusterSnapshot",
)
#: The actions that could lose a snapshot.
LOSING_ACTIONS: Final = ("redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot")
#: The patterns of the names that the function gives to snapshots. In IAM, "?" matches one character.
OWN_SNAPSHOTS: Final = ("*/*-????????t????z*", "*/*-ondemand-????????t??????z*")
#: What the function may do to every cluster. CreateClusterSnapshot is allowed on the cluster beside the snapshot, as in
#: AWS Backup's own policy. The right on the snapshot limits the action, because the snapshot's ARN contains the
#: cluster's name. One statement serves all clusters of a stack: the inline policies of a role hold 10,240 characters,
#: and 20 clusters with names of 63 characters must fit.
CLUSTER_ACTIONS: Final = ("redshift:CreateClusterSnapshot", "redshift:DescribeClusters")
#: What the function may read, on "*". The action supports the resource type cluster only, but the function passes the
#: name of a snapshot and no cluster.
READ_ACTIONS: Final = ("redshift:DescribeClusterSnapshots",)
_ID: Final = "Snapshots"
_HANDLER: Final = "handler.snapshots.take_snapshot"
_ANY: Final = (
    "DescribeClusterSnapshots only reads, and supports no resource type snapshot; PutMetricData is limited to our "
    "namespace; X-Ray supports no resource type (service authorization reference)"
)
_ANY_LOG: Final = "log delivery and X-Ray support no resource type (service authorization reference)"
_ANY_CLUSTER: Final = (
    "DescribeClusters only reads, and CreateClusterSnapshot needs the snapshot too; snapshots are limited to each "
    "cluster by a policy of its own, and one statement per cluster more would break the 10,240 characters of a role "
    "at 20 clusters"
)
_ANY_SNAPSHOT: Final = "the snapshots of this one cluster, whose names hold a time and are unknown before"


class SnapshotMachine(Machine):
    """Takes manual snapshots, with the definition ``take_snapshot.asl.json``. Use :meth:`of` to get the machine."""

    def __init__(self, services: StackServices) -> None:
        super().__init__(services, _ID)
        self._policies: dict[str, iam.CfnPolicy] = {}
        _machine_of.remember(services, self)
        any_cluster = wildcard_finding(self._stack, self._arn("cluster", "*"))
        #: The function that each Task of the machine calls. It alone may take snapshots.
        self.function = MachineFunction(
            self,
            "Function",
            handler=_HANDLER,
            statements=self._common_statements(),
            findings={"AwsSolutions-IAM5[Resource::*]": _ANY, any_cluster: _ANY_CLUSTER},
            description="resilient_redshift: manual snapshots",
        )
        self._build(
            definitions.TAKE_SNAPSHOT,
            statements=[writing_statement()],
            findings={"AwsSolutions-IAM5[Resource::*]": _ANY_LOG},
            description="a run that should have taken a manual snapshot failed, timed out or was aborted: its error is "
            "the outcome, its cause says what to do",
            label="snapshots not taken",
            function_arn=self.function.function_arn,
        )

    @classmethod
    def of(cls, scope: IConstruct) -> SnapshotMachine:
        """The machine of the scope's stack, made on the first call."""
        return _machine_of(StackServices.of(scope))

    def cluster_policy(self, cluster_key: str, cluster_identifier: str) -> iam.CfnPolicy:
        """Let the function take and tag the snapshots of one cluster, correct their retention, and delete failed ones.

        Args:
            cluster_key: a text that is always the same for one cluster; the id of the policy comes from it.
            cluster_identifier: the cluster's identifier; a token inside the cluster's stack.

        Returns:
            The policy. The cluster's rules must depend on it.
        """
        policy_id = f"Cluster{short_hash(cluster_key)}"
        if policy_id not in self._policies:
            snapshots = self._arn("snapshot", f"{cluster_identifier}/*")
            policy = inline_policy(self, policy_id, [allow(SNAPSHOT_ACTIONS, snapshots)], self.function.role_name)
            # on the machine, so that one call to jsii passes the findings of all clusters; each finding names its
            # cluster
            SynthChecks.of(self).acknowledge(self, snapshots, _ANY_SNAPSHOT)
            self._policies[policy_id] = policy
        return self._policies[policy_id]

    def _common_statements(self) -> list[dict[str, Any]]:
        return [
            allow(READ_ACTIONS, "*"),
            allow(CLUSTER_ACTIONS, self._arn("cluster", "*")),
            metric_statement(),
            # A stolen role cannot delete or change snapshots with other names: those taken by people, final snapshots,
            # another tool's.
            {
                "Effect": "Deny",
                "Action": list(LOSING_ACTIONS),
                # IAM may check DeleteClusterSnapshot against the cluster's ARN as well. Without that ARN in this list,
                # this Deny would block every deletion.
                "NotResource": [
                    *(self._arn("snapshot", name) for name in OWN_SNAPSHOTS),
                    self._arn("cluster", "*"),
                ],
            },
        ]


@Remembered
def _machine_of(services: StackServices) -> SnapshotMachine:
    return SnapshotMachine(services)
