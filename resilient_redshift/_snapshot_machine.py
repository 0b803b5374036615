"""The state machine that takes manual snapshots: one per stack, for every rule and every cluster in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift import _definitions
from resilient_redshift._compliance import INLINE_POLICIES, acknowledge, wildcard_finding
from resilient_redshift._naming import short_hash
from resilient_redshift._network import names_of, stack_of
from resilient_redshift._records import METRIC_NAMESPACE
from resilient_redshift._stack_services import StackServices
from resilient_redshift._state_machines import allow, failures_alarm, inline_policy, service_role, state_machine

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
METRIC_ACTIONS: Final = ("cloudwatch:PutMetricData",)
#: Neither supports resource types (Step Functions guide, "Logging using CloudWatch Logs" and "X-Ray").
LOG_DELIVERY_ACTIONS: Final = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
TRACE_ACTIONS: Final = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
_ID: Final = "Snapshots"
_ATTRIBUTE: Final = "_resilient_redshift_machine"
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


class SnapshotMachine(Construct):
    """Takes manual snapshots as ``_definitions/manual_snapshot.asl.json`` says; get it with :meth:`of`."""

    def __init__(self, services: StackServices) -> None:
        super().__init__(services, _ID)
        self._stack = stack_of(services)
        self._names = names_of(self._stack)
        self._validations = cdk.Validations.of(self)
        self._policies: dict[str, iam.CfnPolicy] = {}
        setattr(services, _ATTRIBUTE, self)
        #: The role that the machine runs with.
        self.role = service_role(self, "Role", "states.amazonaws.com", self._names)
        self._role_name: str = self.role.ref
        #: What the machine may do whatever the cluster.
        self.policy = inline_policy(self, "Policy", self._common_statements(), self._role_name)
        #: The state machine.
        self.state_machine = state_machine(
            self,
            _definitions.MANUAL_SNAPSHOT,
            services=services,
            partition=self._names.partition,
            role=self.role,
            policy=self.policy,
        )
        #: Its ARN.
        self.state_machine_arn: str = self.state_machine.ref
        events_role = service_role(self, "EventsRole", "events.amazonaws.com", self._names)
        #: The role with which EventBridge starts the machine, for all rules of the stack.
        self.events_role_arn: str = events_role.attr_arn
        start = [allow(("states:StartExecution",), self.state_machine_arn)]
        #: What the events role may do; a rule depends on it.
        self.events_policy = inline_policy(self, "EventsPolicy", start, events_role.ref)
        acknowledge(self, INLINE_POLICIES)
        any_cluster = wildcard_finding(self._stack, self._arn("cluster", "*"))
        acknowledge(self.policy, {"AwsSolutions-IAM5[Resource::*]": _ANY, any_cluster: _ANY_CLUSTER})
        #: Rings when a run failed.
        self.alarm = failures_alarm(
            self,
            services,
            self.state_machine_arn,
            description="a run that should have taken a manual snapshot failed, timed out or was aborted: its error is "
            "the outcome, its cause says what to do",
            label="snapshots not taken",
        )

    @classmethod
    def of(cls, scope: IConstruct) -> SnapshotMachine:
        """Return the machine of the stack that ``scope`` is in."""
        services = StackServices.of(scope)
        found = getattr(services, _ATTRIBUTE, None) or services.node.try_find_child(_ID)
        return cast("SnapshotMachine", found) if found is not None else cls(services)

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
            self._validations.acknowledge(
                cdk.Acknowledgment(id=wildcard_finding(self._stack, snapshots), reason=_ANY_SNAPSHOT)
            )
            self._policies[policy_id] = policy
        return self._policies[policy_id]

    def _common_statements(self) -> list[dict[str, Any]]:
        namespace = {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}}
        return [
            allow(READ_ACTIONS, "*"),
            allow(CLUSTER_ACTIONS, self._arn("cluster", "*")),
            {**allow(METRIC_ACTIONS, "*"), "Condition": namespace},
            allow((*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS), "*"),
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

    def _arn(self, resource: str, name: str) -> str:
        return self._names.arn("redshift", resource, name)
