"""Who may publish to a topic and use its key: CloudWatch, EventBridge, Redshift and the library's own functions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import IValidation

from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.references import referred
from resilient_redshift.core.regions import service_endpoints
from resilient_redshift.core.tree import after, path_of
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.iam import Statement, allow_principal, document
from resilient_redshift.stack.resource_policies import add_unless_allowed, may_deny_services
from resilient_redshift.stack.topics import l1_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct

PUBLISH: Final = "sns:Publish"
#: What a publisher does with the key of a topic (SNS Developer Guide, key management).
KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey*")
#: What the policy that SNS gives a new topic allows to the topic's account (EventBridge User Guide, resource-based
#: policies, which shows it).
_ACCOUNT_ACTIONS: Final = (
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:GetTopicAttributes",
    "sns:ListSubscriptionsByTopic",
    PUBLISH,
    "sns:RemovePermission",
    "sns:SetTopicAttributes",
    "sns:Subscribe",
)
_ALIAS: Final = re.compile(r"alias/[A-Za-z0-9/_-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Publisher:
    """A service of AWS that publishes to topics.

    Attributes:
        principal: the service's principal.
        sends_account: whether a condition on ``aws:SourceAccount`` in the policy of a topic works for this service.
            EventBridge supports no condition (EventBridge User Guide, resource-based policies; SNS Developer Guide, key
            management), and AWS does not document the keys that Redshift sends. A condition that does not work would
            lose every message in silence.
    """

    principal: str
    sends_account: bool = False


CLOUDWATCH: Final = Publisher(principal="cloudwatch.amazonaws.com", sends_account=True)
EVENTBRIDGE: Final = Publisher(principal="events.amazonaws.com")
#: The principal that sends Redshift's own events (SNS Developer Guide, key management).
REDSHIFT: Final = Publisher(principal="redshift.amazonaws.com")


def let_publish(scope: IConstruct, topic: ITopicRef) -> None:
    """Let CloudWatch and EventBridge publish to a topic, and let them and the library's functions use its key.

    The policies are read when the app is finished, because a later call can give the topic one. The policy of SNS,
    which a topic without a policy has, lets no rule of EventBridge publish. Such a topic gets a policy with what that
    policy allows, and with what is missing.

    Args:
        scope: the construct that gets the warnings: on a topic and a key outside the app, and on a policy that may deny
            what is allowed.
        topic: a topic of the Region and account of the alarms.
    """
    _publishing(topic).add(scope, CLOUDWATCH, EVENTBRIDGE)


def let_redshift_publish(scope: IConstruct, topic: ITopicRef, subscription: cdk.CfnResource) -> None:
    """Let Redshift publish its own events to a topic, as :func:`let_publish` lets CloudWatch.

    Args:
        scope: the construct that gets the warnings.
        topic: a topic of the Region and account of the subscription.
        subscription: Redshift's subscription, which Redshift refuses until it may publish to the topic (Redshift API,
            CreateEventSubscription: SNSNoAuthorization).
    """
    publishing = _publishing(topic)
    publishing.add(scope, REDSHIFT)
    publishing.subscriptions.append(subscription)


@Remembered
def _publishing(topic: ITopicRef) -> _Publishing:
    publishing = _Publishing(topic)
    stack_of(topic).node.add_validation(publishing)
    return publishing


@jsii.implements(IValidation)
class _Publishing:
    """Changes the policies. CDK validates an app after its Aspects, and before it writes the templates."""

    def __init__(self, topic: ITopicRef) -> None:
        self._topic = topic
        self._scopes: dict[str, IConstruct] = {}
        self._publishers: dict[str, Publisher] = {}
        self.subscriptions: list[cdk.CfnResource] = []

    def add(self, scope: IConstruct, *publishers: Publisher) -> None:
        """Add publishers, and a construct that gets the warnings."""
        self._scopes.setdefault(scope.node.path, scope)
        self._publishers |= {each.principal: each for each in publishers}

    def validate(self) -> list[str]:
        self._open_topic()
        self._open_key()
        return []

    def _open_topic(self) -> None:
        topic, stack, arn = self._topic, stack_of(self._topic), self._topic.topic_ref.topic_arn
        l1 = l1_of(topic)
        policies = _policies_of(stack, arn)
        if l1 is not None and not policies:
            _give_policy(topic, l1)
            policies = _policies_of(stack, arn)
        elsewhere = [] if l1 is None else _policies_elsewhere(l1)
        for policy in [*policies, *elsewhere]:
            for publisher in self._publishers.values():
                add_unless_allowed(policy, "policy_document", _publish(stack, arn, publisher))
        for policy in policies:
            for subscription in self.subscriptions:
                if stack_of(subscription) is stack:
                    after(subscription, policy)
        if not policies:
            self._warn(Warn.NOTIFY_TOPIC_POLICY, _of_policy(topic, self._publishers))
        elif elsewhere:
            self._warn(Warn.NOTIFY_TOPIC_POLICY, _of_elsewhere(topic, elsewhere))
        elif any(may_deny_services(policy, "policy_document", PUBLISH, arn) for policy in policies):
            self._warn(Warn.NOTIFY_TOPIC_POLICY, _of_deny(topic, self._publishers))

    def _open_key(self) -> None:
        l1 = l1_of(self._topic)
        key = None if l1 is None else _key_of(l1)
        if isinstance(key, kms.CfnKey):
            for statement in _use(key, self._publishers):
                add_unless_allowed(key, "key_policy", statement)
        elif l1 is not None and key is not None:
            self._warn(Warn.NOTIFY_KEY_POLICY, _of_key(l1, self._publishers))

    def _warn(self, warning: Warn, message: str) -> None:
        for scope in self._scopes.values():
            warn(scope, warning, message)


def _policies_of(stack: cdk.Stack, arn: str) -> list[sns.CfnTopicPolicy]:
    wanted = stack.resolve(arn)
    policies = (node for node in stack.node.find_all() if isinstance(node, sns.CfnTopicPolicy))
    return [policy for policy in policies if wanted in stack.resolve(policy.topics)]


def _policies_elsewhere(topic: sns.CfnTopic) -> list[sns.CfnTopicPolicy]:
    """The policies that other stacks of the app give a topic. Each of them replaces that of the topic's own stack."""
    stack = stack_of(topic)
    policies = (node for node in stack.node.root.node.find_all() if isinstance(node, sns.CfnTopicPolicy))
    return [
        policy
        for policy in policies
        if stack_of(policy) is not stack
        and any(path_of(one) == path_of(topic) for one in map(referred, policy.topics) if one is not None)
    ]


def _give_policy(topic: ITopicRef, l1: sns.CfnTopic) -> None:
    """Give a topic a policy that allows what the policy of SNS allows, which the new one replaces."""
    arn = topic.topic_ref.topic_arn
    account = {"StringEquals": {"aws:SourceOwner": arn_parts_of(stack_of(topic)).account}}
    statement = {**allow_principal({"AWS": "*"}, _ACCOUNT_ACTIONS, arn), "Condition": account}
    if isinstance(topic, sns.TopicBase):
        topic.add_to_resource_policy(iam.PolicyStatement.from_json(statement))
        return
    policy = sns.CfnTopicPolicy(l1, "Policy", topics=[arn], policy_document=document([statement]))
    # CloudFormation would reset the topic's policy when it deletes this one, also after another one has replaced it
    policy.apply_removal_policy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)


def _publish(stack: cdk.Stack, arn: str, publisher: Publisher) -> Statement:
    statement = allow_principal({"Service": publisher.principal}, (PUBLISH,), arn)
    if publisher.sends_account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": arn_parts_of(stack).account}}
    return statement


def _use(key: kms.CfnKey, publishers: Mapping[str, Publisher]) -> list[Statement]:
    """What the policy of a topic's key must allow: to each service, and to roles of the account through SNS.

    The statements for services have no condition: AWS documents for none of them which keys of a condition it passes to
    KMS, and EventBridge supports none (SNS Developer Guide, key management). The library's functions have the right in
    policies of their roles, and a key's policy must let those decide.
    """
    parts = arn_parts_of(stack_of(key))
    account = allow_principal({"AWS": f"arn:{parts.partition}:iam::{parts.account}:root"}, KEY_ACTIONS)
    through_sns = {"StringEquals": {"kms:ViaService": service_endpoints("sns", parts.region)}}
    services = [allow_principal({"Service": each.principal}, KEY_ACTIONS) for each in publishers.values()]
    return [*services, {**account, "Condition": through_sns}]


def _of_policy(topic: ITopicRef, publishers: Mapping[str, Publisher]) -> str:
    arn = topic.topic_ref.topic_arn
    name = arn if known(arn) else f"'{topic.node.path}'"
    return (
        f"this app imports the topic {name}, and does not have its policy. Make sure that the policy lets each of "
        f"{_names(publishers)} call {PUBLISH}, and that the topic's key, if it has one, lets them call "
        f"{' and '.join(KEY_ACTIONS)}; otherwise no message reaches the topic. docs/recovery.md has the statements"
    )


def _of_elsewhere(topic: ITopicRef, policies: Iterable[sns.CfnTopicPolicy]) -> str:
    stacks = ", ".join(sorted({f"'{path_of(stack_of(policy))}'" for policy in policies}))
    return (
        f"the topic '{topic.node.path}' has a policy in its own stack, and another one in the stack {stacks}. A topic "
        "keeps only the policy that was deployed last, so what the other one allows is lost: make one policy, in the "
        "stack of the topic"
    )


def _of_deny(topic: ITopicRef, publishers: Mapping[str, Publisher]) -> str:
    return (
        f"a policy of the topic '{topic.node.path}' may deny {PUBLISH} to {_names(publishers)}, so that no message "
        "reaches the topic: add the condition aws:PrincipalIsAWSService of false to its Deny statement"
    )


def _of_key(topic: sns.CfnTopic, publishers: Mapping[str, Publisher]) -> str:
    return (
        f"the key of the topic '{topic.node.path}' is outside this app: make sure that its policy lets "
        f"{_names(publishers)} use it ({', '.join(KEY_ACTIONS)}); otherwise no message reaches the topic"
    )


def _names(publishers: Iterable[str]) -> str:
    return ", ".join(sorted(publishers))


def _key_of(topic: sns.CfnTopic) -> object:
    """The key of a topic: a ``CfnKey`` of the app, or what the topic says of another key; None without a key."""
    named = topic.kms_master_key_id
    if named is None:
        return None
    target = referred(named) or _alias_of(topic, named)
    if isinstance(target, kms.CfnAlias):
        target = referred(target.target_key_id)
    return target if isinstance(target, kms.CfnKey) else named


def _alias_of(topic: sns.CfnTopic, named: str) -> kms.CfnAlias | None:
    """The alias of the topic's stack whose name or ARN a text is."""
    stack = stack_of(topic)
    found = _ALIAS.search(str(stack.resolve(named)))
    aliases = (node for node in stack.node.find_all() if isinstance(node, kms.CfnAlias)) if found is not None else ()
    return next((alias for alias in aliases if found is not None and alias.alias_name == found[0]), None)
