"""The topics that a stack notifies: which topics it can notify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_sns as sns

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.errors import Problems

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
    l1 = l1_of(topic)
    key = None if l1 is None else l1.kms_master_key_id
    if key is not None and _AWS_KEY in str(stack.resolve(key)):
        why = "the policy of that key does not let CloudWatch use it, and nobody can change it: no alarm would arrive"
        problems.add(argument, f"a topic with the key {_AWS_KEY}", "a topic with a key of yours, or without a key", why)
    if topic.topic_ref.topic_arn.endswith(_FIFO) if l1 is None else l1.fifo_topic is True:
        why = "SNS API, Publish: each message to a FIFO topic needs a MessageGroupId, which no report and no alarm has"
        problems.add(argument, "a FIFO topic", "a standard topic", why)


def l1_of(topic: Any) -> sns.CfnTopic | None:  # noqa: ANN401 - a topic of any kind
    """The L1 of a topic of the app; None for an imported topic."""
    l1 = topic if isinstance(topic, sns.CfnTopic) else topic.node.default_child
    return l1 if isinstance(l1, sns.CfnTopic) else None
