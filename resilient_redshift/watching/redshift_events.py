"""Redshift's own error events, sent to the topics that a stack notifies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_redshift as redshift

from resilient_redshift.contract.generated_names import event_subscription_name
from resilient_redshift.core.memory import Remembered
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.topic_policies import let_redshift_publish

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import IConstruct

_SEVERITY: Final = "ERROR"


def subscribe(scope: IConstruct, topic: ITopicRef) -> redshift.CfnEventSubscription | None:
    """Send the events of severity ERROR of every cluster and snapshot of the stack's account and Region to a topic.

    A second call for the same stack and topic changes nothing. The subscription names no source and no category: the
    events of snapshots name snapshots, which nobody knows before, and CloudFormation does not know the category
    DataSharing, whose events a list of all others would leave out.

    Args:
        scope: a construct of the stack.
        topic: a topic of the stack's Region and account, checked by ``check_topic``.

    Returns:
        The subscription; None where ``StackSettings(redshift_events=False)`` applies to the stack.
    """
    services = StackServices.of(scope)
    if not services.redshift_events:
        return None
    subscriptions = _subscriptions(services)
    arn = topic.topic_ref.topic_arn
    if arn not in subscriptions:
        key = arn if known(arn) else naming_path(topic)
        subscription = redshift.CfnEventSubscription(
            services,
            f"RedshiftEvents{short_hash(key)}",
            subscription_name=event_subscription_name(naming_stack(services), naming_path(services), key),
            severity=_SEVERITY,
            sns_topic_arn=arn,
        )
        let_redshift_publish(services, topic, subscription)
        subscriptions[arn] = subscription
    return subscriptions[arn]


@Remembered
def _subscriptions(_services: StackServices) -> dict[str, redshift.CfnEventSubscription]:
    """The subscriptions of a stack, by the ARN of the topic."""
    return {}
