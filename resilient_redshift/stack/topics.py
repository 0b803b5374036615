"""The topics that the alarms of a stack notify: where they must be, and who may publish to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import IValidation

from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.references import referred
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.iam import allow_principal
from resilient_redshift.stack.resource_policies import add_unless_allowed

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct

    from resilient_redshift.errors import Problems

_CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
_PUBLISH: Final = ("sns:Publish",)
#: What a service does with the key of a topic to which it publishes (SNS Developer Guide, key management).
_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey*")
_ALIAS: Final = re.compile(r"alias/[A-Za-z0-9/_-]+")
#: The key that AWS manages for SNS. Its policy lets no service in (SNS Developer Guide, key management).
_AWS_KEY: Final = "alias/aws/sns"
#: How the name of a FIFO topic ends (SNS API, CreateTopic).
_FIFO: Final = ".fifo"


def check_topic(problems: Problems, argument: str, topic: ITopicRef, stack: cdk.Stack) -> None:
    """Record a problem when the alarms of a stack can never notify a topic.

    The topic must be in the Region and account of the alarms (CloudWatch API). Where only the deployment decides one
    of the two values, a topic that the same stack made or imported passes, and a topic of another stack does not. A
    topic of the app must not have the key that AWS manages for SNS. A FIFO topic is refused, because every message to
    it needs a ``MessageGroupId`` (SNS API, Publish).

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        topic: the topic that the user passed.
        stack: the stack of the alarms.
    """
    env = topic.env
    foreign = cdk.Stack.of(topic) is not stack
    for what, theirs, own in (("Region", env.region, stack.region), ("account", env.account, stack.account)):
        if theirs == own or not (foreign or (known(theirs) and known(own))):
            continue
        allowed = f"a topic in {own}" if known(own) else f"a topic in this stack's own {what}"
        got = theirs if known(theirs) else f"a topic of a stack without a {what}"
        problems.add(argument, got, allowed, f"an alarm can notify only a topic of its own {what}")
    l1 = _l1_of(topic)
    key = None if l1 is None else l1.kms_master_key_id
    if key is not None and _AWS_KEY in str(stack.resolve(key)):
        why = "the policy of that key does not let CloudWatch use it, and nobody can change it: no alarm would arrive"
        problems.add(argument, f"a topic with the key {_AWS_KEY}", "a topic with a key of yours, or without a key", why)
    if topic.topic_ref.topic_arn.endswith(_FIFO) if l1 is None else l1.fifo_topic is True:
        why = "SNS API, Publish: each message to a FIFO topic needs a MessageGroupId, which no report and no alarm has"
        problems.add(argument, "a FIFO topic", "a standard topic", why)


def let_alarms_notify(scope: IConstruct, topic: ITopicRef) -> None:
    """Let CloudWatch publish to a topic, and use the key of a topic of the app.

    A topic without a policy needs nothing: SNS gives it a policy that lets the account's alarms publish. The policies
    are read when the app is finished, because a later call can give the topic one. The policy of a topic that the app
    imports can be elsewhere (docs/recovery.md).

    Args:
        scope: the construct that gets the warning on a key outside the app.
        topic: a topic of the Region and account of the alarms.
    """
    _let_in(topic)
    l1 = _l1_of(topic)
    if l1 is not None:
        _warn_of_key(scope, l1)


@Remembered
def _let_in(topic: ITopicRef) -> None:
    stack_of(topic).node.add_validation(_LetIn(topic))


@jsii.implements(IValidation)
class _LetIn:
    """Changes the policies. CDK validates an app after its Aspects, and before it writes the templates."""

    def __init__(self, topic: ITopicRef) -> None:
        self._topic = topic

    def validate(self) -> list[str]:
        stack = stack_of(self._topic)
        arn = self._topic.topic_ref.topic_arn
        account = {"StringEquals": {"aws:SourceAccount": arn_parts_of(stack).account}}
        publish = {**allow_principal({"Service": _CLOUDWATCH}, _PUBLISH, arn), "Condition": account}
        for node in stack.node.find_all():
            if isinstance(node, sns.CfnTopicPolicy) and stack.resolve(arn) in stack.resolve(node.topics):
                add_unless_allowed(node, "policy_document", _CLOUDWATCH, _PUBLISH, publish)
        l1 = _l1_of(self._topic)
        key = None if l1 is None else _key_of(l1)
        if isinstance(key, kms.CfnKey):
            # no condition: AWS does not document which keys of a condition CloudWatch passes to KMS
            use = allow_principal({"Service": _CLOUDWATCH}, _KEY_ACTIONS)
            add_unless_allowed(key, "key_policy", _CLOUDWATCH, _KEY_ACTIONS, use)
        return []


def _warn_of_key(scope: IConstruct, topic: sns.CfnTopic) -> None:
    key = _key_of(topic)
    if key is not None and not isinstance(key, kms.CfnKey):
        message = (
            f"the key of the topic '{topic.node.path}' is outside this app: make sure that its policy lets "
            f"{_CLOUDWATCH} use it ({', '.join(_KEY_ACTIONS)}); otherwise no alarm reaches the topic"
        )
        warn(scope, Warn.NOTIFY_KEY_POLICY, message)


def _l1_of(topic: Any) -> sns.CfnTopic | None:  # noqa: ANN401 - a topic of any kind
    """The L1 of a topic of the app; None for an imported topic."""
    l1 = topic if isinstance(topic, sns.CfnTopic) else topic.node.default_child
    return l1 if isinstance(l1, sns.CfnTopic) else None


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
