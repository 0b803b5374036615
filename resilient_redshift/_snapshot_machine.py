"""The state machine that takes manual snapshots: one per stack, for every rule and every cluster in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from resilient_redshift import _definitions
from resilient_redshift._naming import short_hash
from resilient_redshift._network import names_of, stack_of
from resilient_redshift._records import METRIC_NAMESPACE
from resilient_redshift._stack_services import StackServices, acknowledge, wildcard_finding

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
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
_INLINE: Final = (
    "each policy names one cluster, or this machine, and lives and dies with it; a role takes 10 managed policies, "
    "and a stack may hold 20 clusters"
)
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
        self._services = services
        self._policies: dict[str, iam.CfnPolicy] = {}
        setattr(services, _ATTRIBUTE, self)
        #: The role that the machine runs with.
        self.role = self._role("Role", "states.amazonaws.com")
        self._role_name: str = self.role.ref
        #: What the machine may do whatever the cluster.
        self.policy = self._policy("Policy", self._common_statements(), self._role_name)
        #: The state machine.
        self.state_machine = self._machine()
        #: Its ARN.
        self.state_machine_arn: str = self.state_machine.ref
        events_role = self._role("EventsRole", "events.amazonaws.com")
        #: The role with which EventBridge starts the machine, for all rules of the stack.
        self.events_role_arn: str = events_role.attr_arn
        start = [_allow(("states:StartExecution",), self.state_machine_arn)]
        #: What the events role may do; a rule depends on it.
        self.events_policy = self._policy("EventsPolicy", start, events_role.ref)
        acknowledge(self, {"NIST.800.53.R5-IAMNoInlinePolicy": _INLINE})
        any_cluster = wildcard_finding(self._stack, self._arn("cluster", "*"))
        acknowledge(self.policy, {"AwsSolutions-IAM5[Resource::*]": _ANY, any_cluster: _ANY_CLUSTER})
        #: Rings when a run failed.
        self.alarm = self._failures_alarm()

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
            policy = self._policy(policy_id, [_allow(SNAPSHOT_ACTIONS, snapshots)], self._role_name)
            # on the machine, whose questions are asked once; the finding names the cluster
            self._validations.acknowledge(
                cdk.Acknowledgment(id=wildcard_finding(self._stack, snapshots), reason=_ANY_SNAPSHOT)
            )
            self._policies[policy_id] = policy
        return self._policies[policy_id]

    def _machine(self) -> stepfunctions.CfnStateMachine:
        services = self._services
        machine = stepfunctions.CfnStateMachine(
            self,
            "Resource",
            role_arn=self.role.attr_arn,
            definition_string=_definitions.definition_string(_definitions.MANUAL_SNAPSHOT),
            definition_substitutions={"Partition": self._names.partition},
            logging_configuration={
                "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": services.log_group_arn}}],
                "includeExecutionData": True,
                "level": "ALL",
            },
            tracing_configuration={"enabled": True},
        )
        # Step Functions tries the log delivery when the machine is made
        machine.node.add_dependency(self.policy)
        # cfn-lint's check of definitions applies no DefinitionSubstitutions and knows no partition but aws: it would
        # call every ARN of an SDK integration an error (a test applies the substitution and checks without this)
        machine.add_metadata("cfn-lint", {"config": {"ignore_checks": ["E3601"]}})
        return machine

    def _failures_alarm(self) -> cloudwatch.CfnAlarm:
        """Ring when a run failed, timed out or was aborted: no snapshot was taken, and nobody wished that."""
        names = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
        dimensions = [{"name": "StateMachineArn", "value": self.state_machine_arn}]
        single: list[dict[str, Any]] = [
            {
                "id": f"m{index}",
                "metricStat": {
                    "metric": {"namespace": "AWS/States", "metricName": name, "dimensions": dimensions},
                    "period": 300,
                    "stat": "Sum",
                },
                "returnData": False,
            }
            for index, name in enumerate(names)
        ]
        total = " + ".join(f"FILL(m{index}, 0)" for index in range(len(names)))
        return self._services.alarm(
            "Alarm",
            scope=self,
            alarm_description="a run that should have taken a manual snapshot failed, timed out or was aborted: "
            "its error is the outcome, its cause says what to do",
            metrics=[{"id": "total", "expression": total, "label": "snapshots not taken"}, *single],
        )

    def _common_statements(self) -> list[dict[str, Any]]:
        namespace = {"StringEquals": {"cloudwatch:namespace": METRIC_NAMESPACE}}
        return [
            _allow(READ_ACTIONS, "*"),
            _allow(CLUSTER_ACTIONS, self._arn("cluster", "*")),
            {**_allow(METRIC_ACTIONS, "*"), "Condition": namespace},
            _allow((*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS), "*"),
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

    def _role(self, construct_id: str, service: str) -> iam.CfnRole:
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            # no other account's machine or rule may borrow it (confused deputy)
            "Condition": {"StringEquals": {"aws:SourceAccount": self._names.account}},
        }
        return iam.CfnRole(
            self, construct_id, assume_role_policy_document={"Version": "2012-10-17", "Statement": [trust]}
        )

    def _policy(self, construct_id: str, statements: list[dict[str, Any]], role_name: str) -> iam.CfnPolicy:
        return iam.CfnPolicy(
            self,
            construct_id,
            policy_name=construct_id,
            policy_document={"Version": "2012-10-17", "Statement": statements},
            roles=[role_name],
        )

    def _arn(self, resource: str, name: str) -> str:
        return self._names.arn("redshift", resource, name)


def _allow(actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions[0] if len(actions) == 1 else list(actions), "Resource": resource}
