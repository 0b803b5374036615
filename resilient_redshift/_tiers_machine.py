"""The state machine that applies retention tiers: one per site, for every plan in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from constructs import Construct

from resilient_redshift import _definitions
from resilient_redshift import _records as records
from resilient_redshift._compliance import INLINE_POLICIES, acknowledge, wildcard_finding
from resilient_redshift._naming import short_hash
from resilient_redshift._network import names_of, stack_of
from resilient_redshift._snapshot_machine import (
    LOG_DELIVERY_ACTIONS,
    METRIC_ACTIONS,
    OWN_SNAPSHOTS,
    READ_ACTIONS,
    TRACE_ACTIONS,
)
from resilient_redshift._stack_services import StackServices
from resilient_redshift._state_machines import allow, failures_alarm, inline_policy, service_role, state_machine

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam

#: On the copies of one cluster's snapshots (service authorization reference, Amazon Redshift).
COPY_ACTIONS: Final = ("redshift:CreateTags", "redshift:ModifyClusterSnapshot")
RECORD_ACTIONS: Final = ("ssm:GetParameter",)
_ANY: Final = (
    "DescribeClusterSnapshots only reads, and a copy's cluster has no ARN in this Region; PutMetricData is limited to "
    "our namespace; log delivery and X-Ray support no resource type (service authorization reference)"
)
_ANY_PLAN: Final = (
    "records hold no secret, and each plan's by its name would break the 10,240 characters of a role at 20 plans; what "
    "may be changed is limited to each plan's cluster by a policy of its own"
)
_ANY_SNAPSHOT: Final = "the copies of this one cluster's snapshots, whose names hold a time and are unknown before"


class TiersMachine(Construct):
    """Applies tiers as ``_definitions/recovery_tiers.asl.json`` says, for the plans that were let in."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self._stack = stack_of(self)
        self._names = names_of(self._stack)
        services = StackServices.of(self)
        #: The role that the machine runs with.
        self.role = service_role(self, "Role", "states.amazonaws.com", self._names)
        self._role_name: str = self.role.ref
        #: What the machine may do whatever the plan.
        self.policy = inline_policy(self, "Policy", self._common_statements(), self._role_name)
        #: The state machine.
        self.state_machine = state_machine(
            self,
            _definitions.RECOVERY_TIERS,
            services=services,
            partition=self._names.partition,
            role=self.role,
            policy=self.policy,
        )
        #: Its ARN.
        self.state_machine_arn: str = self.state_machine.ref
        events_role = service_role(self, "EventsRole", "events.amazonaws.com", self._names)
        #: The role with which EventBridge starts the machine, for all plans.
        self.events_role_arn: str = events_role.attr_arn
        start = [allow(("states:StartExecution",), self.state_machine_arn)]
        #: What the events role may do; a rule depends on it.
        self.events_policy = inline_policy(self, "EventsPolicy", start, events_role.ref)
        acknowledge(self, INLINE_POLICIES)
        any_plan = wildcard_finding(self._stack, self._plan_records())
        acknowledge(self.policy, {"AwsSolutions-IAM5[Resource::*]": _ANY, any_plan: _ANY_PLAN})
        #: Rings when a run failed.
        self.alarm = failures_alarm(
            self,
            services,
            self.state_machine_arn,
            description="a run that should have given copied manual snapshots their tier failed, timed out or was "
            "aborted: its error is the outcome, its cause says what to do",
            label="runs that applied no tiers",
        )

    def plan_policy(self, plan_name: str, cluster_identifier: str) -> iam.CfnPolicy:
        """Let the machine re-date and mark the copies of one plan's cluster; the plan's rule depends on it."""
        # AWS may put "copy:" before the name of a copy, as it does for automated ones
        copies = self._names.arn("redshift", "snapshot", f"{cluster_identifier}/*{cluster_identifier}-*")
        policy = inline_policy(self, f"Plan{short_hash(plan_name)}", [allow(COPY_ACTIONS, copies)], self._role_name)
        acknowledge(policy, {wildcard_finding(self._stack, copies): _ANY_SNAPSHOT})
        return policy

    def _plan_records(self) -> str:
        names = self._names
        return f"arn:{names.partition}:ssm:{names.region}:{names.account}:parameter{records.PLAN_RECORD_FOLDER}*"

    def _common_statements(self) -> list[dict[str, Any]]:
        snapshots = self._names.arn("redshift", "snapshot", "*/*")
        return [
            allow(READ_ACTIONS, "*"),
            allow(RECORD_ACTIONS, self._plan_records()),
            {
                **allow(METRIC_ACTIONS, "*"),
                "Condition": {"StringEquals": {"cloudwatch:namespace": records.METRIC_NAMESPACE}},
            },
            allow((*LOG_DELIVERY_ACTIONS, *TRACE_ACTIONS), "*"),
            # a thief of the role cannot re-date copies of other names: by hand, final, another tool's
            {
                "Action": "redshift:ModifyClusterSnapshot",
                "Effect": "Deny",
                "NotResource": [self._names.arn("redshift", "snapshot", name) for name in OWN_SNAPSHOTS],
            },
            # nor write any tag but the mark: tags tell whose a snapshot is and how long it is to be kept
            {
                "Action": "redshift:CreateTags",
                "Effect": "Deny",
                "Resource": snapshots,
                "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": [records.TAG_TIER_APPLIED]}},
            },
        ]
