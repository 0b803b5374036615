"""Which SNS topics the alarms of a stack can notify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift.errors import Problems


def check_topic(problems: Problems, argument: str, topic: ITopicRef, stack: cdk.Stack) -> None:
    """Record a problem where alarms in ``stack`` cannot tell ``topic``: another Region or account (CloudWatch API)."""
    env = topic.env
    foreign = cdk.Stack.of(topic) is not stack
    for what, theirs, ours in (("Region", env.region, stack.region), ("account", env.account, stack.account)):
        if theirs == ours or not (foreign or (known(theirs) and known(ours))):
            continue
        allowed = f"a topic in {ours}" if known(ours) else f"a topic in this stack's own {what}"
        got = theirs if known(theirs) else f"one of a stack without a {what}"
        problems.add(argument, got, allowed, f"an alarm tells topics of its own {what} only")
