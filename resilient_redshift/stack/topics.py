"""The check of an SNS topic that the alarms of a stack are to notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.errors import Problems


def check_topic(problems: Problems, argument: str, topic: ITopicRef, stack: cdk.Stack) -> None:
    """Record a problem when a topic is in another Region or account than the alarms (CloudWatch API).

    Where only the deployment decides one of the two values, a topic that the same stack made or imported passes, and a
    topic of another stack does not.

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
