"""The function that applies retention tiers, and its rights: one for each site, for all plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.contract import names
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.snapshots.machine import OWN_SNAPSHOTS, READ_ACTIONS
from resilient_redshift.stack.compliance import acknowledge, wildcard_finding
from resilient_redshift.stack.functions import ScheduledFunction
from resilient_redshift.stack.iam import Statement, allow, inline_policy, metric_statement

if TYPE_CHECKING:
    from aws_cdk import aws_iam as iam
    from constructs import Construct

#: Actions on the copies of one cluster's snapshots. Source: service authorization reference, Amazon Redshift.
COPY_ACTIONS: Final = ("redshift:CreateTags", "redshift:ModifyClusterSnapshot")
#: What the function may do to plan records (service authorization reference, AWS Systems Manager).
RECORD_ACTIONS: Final = ("ssm:GetParameter",)
_ANY: Final = (
    "DescribeClusterSnapshots only reads, and a copy's cluster has no ARN in this Region; PutMetricData is limited to "
    "our namespace; X-Ray supports no resource type (service authorization reference)"
)
_ANY_PLAN: Final = (
    "records hold no secret, and each plan's by its name would break the 10,240 characters of a role at 20 plans; what "
    "may be changed is limited to each plan's cluster by a policy of its own"
)
_ANY_SNAPSHOT: Final = "the copies of this one cluster's snapshots, whose names hold a time and are unknown before"


class TiersFunction(ScheduledFunction):
    """Applies the tiers of each plan that :meth:`plan_policy` lets in.

    Lambda runs ``cloud/snapshots/tiers_function.py``.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        any_plan = wildcard_finding(self._stack, self._plan_records())
        self._build(
            "handler.tiers.apply_tiers",
            statements=self._common_statements(),
            findings={"AwsSolutions-IAM5[Resource::*]": _ANY, any_plan: _ANY_PLAN},
            description="resilient_redshift: retention tiers of copied manual snapshots",
        )

    def plan_policy(self, plan_name: str, cluster_identifier: str) -> iam.CfnPolicy:
        """The policy that lets the function set the retention and the tag of the copies of one plan's cluster.

        Args:
            plan_name: the plan's name.
            cluster_identifier: the identifier of the plan's cluster.

        Returns:
            The policy. The plan's rule depends on it.
        """
        # AWS may put "copy:" before the name of a copied manual snapshot, as it does for automated ones
        copies = self._arn("snapshot", f"{cluster_identifier}/*{cluster_identifier}-*")
        policy = inline_policy(self, f"Plan{short_hash(plan_name)}", [allow(COPY_ACTIONS, copies)], self._role_name)
        acknowledge(policy, {wildcard_finding(self._stack, copies): _ANY_SNAPSHOT})
        return policy

    def _plan_records(self) -> str:
        parts = self._arn_parts
        return f"arn:{parts.partition}:ssm:{parts.region}:{parts.account}:parameter{names.PLAN_RECORD_FOLDER}*"

    def _common_statements(self) -> list[Statement]:
        return [
            allow(READ_ACTIONS, "*"),
            allow(RECORD_ACTIONS, self._plan_records()),
            metric_statement(),
            # whoever steals the role cannot change the retention of a snapshot with another name: one that a person or
            # another tool took, or a final snapshot
            {
                "Action": "redshift:ModifyClusterSnapshot",
                "Effect": "Deny",
                "NotResource": [self._arn("snapshot", name) for name in OWN_SNAPSHOTS],
            },
            # whoever steals the role can write no tag but this one, because the tags say to which plan and rule a
            # snapshot belongs and how long it is kept
            {
                "Action": "redshift:CreateTags",
                "Effect": "Deny",
                "Resource": self._arn("snapshot", "*/*"),
                "Condition": {"ForAnyValue:StringNotEquals": {"aws:TagKeys": [names.TAG_TIER_APPLIED]}},
            },
        ]
