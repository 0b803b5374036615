"""Guardrails: policies that keep recovery points from being destroyed, and notices of the calls that could do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from resilient_redshift.contract.guardrails import (
    KEY_ACTIONS,
    KEY_POLICY_ACTIONS,
    RECOVERY_POINT_ACTIONS,
    Guardrails,
)
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import EVENT_PATTERN_LIMIT
from resilient_redshift.stack.event_rules import notice_target
from resilient_redshift.stack.policy_sizes import longest_size
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.settings import StackSettings
from resilient_redshift.stack.topics import check_topic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces.aws_sns import ITopicRef

_CLOUDTRAIL: Final = "AWS API Call via CloudTrail"
#: The role of a caller; IAM users and the root user have none.
_ROLE_OF_CALLER: Final = ("userIdentity", "sessionContext", "sessionIssuer", "arn")
#: A cluster's automated retention and its name are parameters of a call that changes much else, such as the node type.
#: No policy can deny these changes alone.
_CHANGES_OF_CLUSTERS: Final = ("automatedSnapshotRetentionPeriod", "newClusterIdentifier")
_TEXT: Final = (
    "<caller> called <call> in account <account>, <region>, at <time>. The call can destroy recovery points or stop "
    "new ones. If nobody planned it, see docs/guardrails.md of resilient_redshift, 'When a notice arrives'."
)
_VALUES: Final[Mapping[str, str]] = {
    "caller": "$.detail.userIdentity.arn",
    "call": "$.detail.eventName",
    "account": "$.account",
    "region": "$.region",
    "time": "$.time",
}


@typed
class RecoveryGuardrails(Construct):
    """Policies that keep everybody but a few roles from destroying recovery points, and notices of such calls.

    The policies deny the calls that delete snapshots, clusters, grants and schedules, switch the copy off, can lower a
    retention, or make a key unusable. Redshift has no condition key for a retention, so a policy cannot allow a higher
    one and deny a lower one. The roles of ``break_glass_roles`` may make every call. The library's own roles may make
    the calls of Redshift; the policies recognise them by their path.

    The construct makes a managed policy (``AWS::IAM::ManagedPolicy``), which you attach to users and roles. The managed
    policy only denies, so it is no permissions boundary: a boundary with it alone would allow nothing. An administrator
    can detach it. A service control policy of AWS Organizations holds against administrators too:
    ``service_control_policy`` is its document.

    Args:
        scope: in a stack of the Region to watch. Make one in each Region that has clusters or copies.
        construct_id: the id in that scope.
        break_glass_roles: the roles that may make every call: at least one ARN, in which ``*`` and ``?`` are wildcards,
            such as ``arn:aws:iam::*:role/BreakGlass``. A name or path needs a literal part. The ARN has the role's path
            (IAM User Guide, ``aws:PrincipalArn``).
        deployment_roles: the roles with which CloudFormation deploys, as ARNs with wildcards. They may change key
            policies and the library's roles. They may not delete a cluster or a key. Default: the CloudFormation
            execution roles of all CDK bootstrap stacks, ``cdk-*-cfn-exec-role-*``.
        role_paths: the paths of the library's roles in all stacks and apps that the policies reach: at least one, each
            2 to 512 ASCII characters without blanks and wildcards that begin and end with a slash (IAM API,
            CreateRole), not ``/``. Default: the ``role_path`` of this stack's ``StackSettings``.
        keys: the ARNs of the keys to guard, with wildcards. Default: every key of the accounts to which you attach a
            policy.
        notify: a topic of this Region and account. It gets a message for each accepted call of that kind in this
            Region and account that no role of the library made; CloudTrail must log management events there
            (EventBridge User Guide, "AWS service events delivered via AWS CloudTrail"). Default: no message.

    Raises:
        ResilientRedshiftError: without a break-glass role, for an ARN or a path that the policies cannot use, when the
            library's roles have no path of their own, when a policy or a rule would be larger than AWS takes, and for a
            topic of another Region or account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        break_glass_roles: Sequence[str],
        deployment_roles: Sequence[str] | None = None,
        role_paths: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        notify: ITopicRef | None = None,
    ) -> None:
        problems = Problems(lambda: where(scope, construct_id, "RecoveryGuardrails"))
        stack = stack_of(scope)
        parts = arn_parts_of(stack)
        own_paths = [StackSettings.of(stack).role_path or "/"] if role_paths is None else role_paths
        guardrails = Guardrails.checked(
            problems,
            partition=parts.partition,
            break_glass_roles=break_glass_roles,
            role_paths=own_paths,
            deployment_roles=deployment_roles,
            keys=keys,
            measure=longest_size,
        )
        patterns: Mapping[str, dict[str, Any]] = {}
        if notify is not None:
            check_topic(problems, "notify", notify, stack)
            own = [f"arn:{parts.partition}:iam::{parts.account}:role{path}" for path in own_paths]
            patterns = _patterns(own, keys)
            _check_sizes(problems, patterns)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        remember_place(self, stack, scope, construct_id)
        #: The document of a service control policy, for an account or an organizational unit. It may hold tokens, for
        #: example as the content of an ``organizations.CfnPolicy``.
        self.service_control_policy: dict[str, Any] = guardrails.service_control_policy()
        #: The document of a resource control policy for keys.
        self.resource_control_policy: dict[str, Any] = guardrails.resource_control_policy()
        #: The statements to add to the policy of a key.
        self.key_statements: list[dict[str, Any]] = guardrails.key_statements()
        #: The managed policy. Attach it to users and roles; it is no permissions boundary.
        self.policy: iam.CfnManagedPolicy = iam.CfnManagedPolicy(
            self,
            "Policy",
            description="Denies calls that destroy Redshift recovery points; allows nothing (resilient_redshift)",
            policy_document=guardrails.managed_policy(),
        )
        #: The ARN of the managed policy.
        self.managed_policy_arn: str = self.policy.ref
        #: The rules that publish a message for each call; empty without ``notify``.
        self.rules: list[events.CfnRule] = []
        if notify is not None:
            topic_arn = StackServices.of(self).notify(notify)
            self.rules = [self._rule(name, pattern, topic_arn) for name, pattern in patterns.items()]

    def _rule(self, construct_id: str, pattern: Mapping[str, Any], topic_arn: str) -> events.CfnRule:
        return events.CfnRule(
            self,
            construct_id,
            description="reports calls that can destroy recovery points (resilient_redshift)",
            event_pattern=pattern,
            state="ENABLED",
            targets=[notice_target(self, "Notice", topic_arn, _TEXT, _VALUES)],
        )


def _patterns(own_roles: Sequence[str], keys: Sequence[str] | None) -> Mapping[str, dict[str, Any]]:
    """The pattern of each rule, by the rule's id.

    Args:
        own_roles: how the ARNs of the library's roles begin.
        keys: the ARNs of the guarded keys; None for all keys.
    """
    by_others = _by_others(own_roles)
    changes = [{"requestParameters": {name: [{"exists": True}]}} for name in _CHANGES_OF_CLUSTERS]
    of_keys: dict[str, Any] = {"eventName": _calls((*KEY_ACTIONS, *KEY_POLICY_ACTIONS))}
    if keys is not None:
        # EventBridge has no '?', and refuses two wildcards in a row
        of_keys["resources"] = {"ARN": [{"wildcard": re.sub(r"[*?]+", "*", key)} for key in keys]}
    return {
        "Calls": _pattern("redshift", {"eventName": _calls(RECOVERY_POINT_ACTIONS), **by_others}),
        "Changes": _pattern("redshift", {"eventName": ["ModifyCluster"], "$or": changes, **by_others}),
        "Keys": _pattern("kms", of_keys),
    }


def _pattern(service: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "source": [f"aws.{service}"],
        "detail-type": [_CLOUDTRAIL],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], **detail},
    }


def _check_sizes(problems: Problems, patterns: Mapping[str, dict[str, Any]]) -> None:
    """Check that EventBridge takes each pattern."""
    size = max(map(longest_size, patterns.values()))
    allowed = f"so few and so short that the pattern of each rule has at most {EVENT_PATTERN_LIMIT} characters"
    names, why = "role_paths' and 'keys", "EventBridge quotas; without 'notify' no rule is made"
    problems.check(size <= EVENT_PATTERN_LIMIT, names, f"{size} characters", allowed, why)


def _calls(actions: Sequence[str]) -> list[str]:
    """The names of calls in CloudTrail, from actions of IAM."""
    return [action.partition(":")[2] for action in actions]


def _by_others(own_roles: Sequence[str]) -> dict[str, Any]:
    """The part of a pattern that leaves out the calls of the library's own roles.

    Args:
        own_roles: how the ARNs of these roles begin.
    """
    excluded: Any = [{"exists": False}, {"anything-but": {"prefix": list(own_roles)}}]
    for name in reversed(_ROLE_OF_CALLER):
        excluded = {name: excluded}
    return dict(excluded)
