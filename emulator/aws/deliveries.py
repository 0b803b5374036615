"""What services of AWS deliver to topics and other targets: through a topic's policy and its key; what arrives and what is refused.

* A topic without a policy of its own has SNS's default policy, which lets in what the account's own alarms and Redshift publish [D].
  EventBridge needs a statement of its own, without a condition [D] EventBridge guide, "Using resource-based policies".
* A key of the account lets in whom its own policy names; the key that AWS manages for SNS lets no service in [D] SNS guide, key management.
  Which condition keys a service passes to KMS is not documented, so none is passed: a statement with such a condition lets nobody in [U].
"""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core.iam_evaluator import EvalContext, caller_arn, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms, sns

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence

CLOUDWATCH: Final = "cloudwatch.amazonaws.com"
EVENTS: Final = "events.amazonaws.com"
REDSHIFT: Final = "redshift.amazonaws.com"
_publish: Final = sns.publish_internal
_AWS_KEY: Final = "alias/aws/sns"
_KEY_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
#: These publish in the name of the account: SNS's default policy asks for its number as AWS:SourceOwner.
_OWNED: Final = (CLOUDWATCH, REDSHIFT)


@dataclasses.dataclass
class Delivery:
    """One message to one target.

    Attributes:
        at: when.
        region: where.
        service: who sends it: a service's principal, or the ARN of a caller of sns:Publish.
        source: the ARN of the alarm, the rule or the event subscription; empty for a caller of sns:Publish.
        target: the ARN of the topic or of another target.
        subject: the message's subject.
        body: the message's text.
        refused: why it did not arrive; None if it did.
    """

    at: dt.datetime
    region: str
    service: str
    source: str
    target: str
    subject: str
    body: str
    refused: str | None = None


class Deliveries:
    """All deliveries, in order."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        """Begin empty; ``now`` is the virtual time."""
        self._now = now
        self.entries: list[Delivery] = []

    def record(self, target: str, body: str, *, service: str, source: str = "", subject: str = "") -> Delivery:
        """Note a delivery."""
        made = Delivery(self._now(), get_region(), service, source, target, subject, body)
        self.entries.append(made)
        return made

    def publish(self, topic: str, body: str, *, service: str, source: str, subject: str = "") -> Delivery:
        """Let a service publish to a topic, if the topic's policy and its key let it."""
        made = self.record(topic, body, service=service, source=source, subject=subject)
        made.refused = topic_refusal(topic, service, source)
        if made.refused is None:
            sns._fanout(topic, "message", body, subject)
        return made


def install(deliveries: Deliveries) -> None:
    """Note what callers of sns:Publish send, too; IAM was asked about them before."""
    publish = _publish

    def published(topic_arn: str, message: Any, subject: str = "", **more: Any) -> Any:
        answer = publish(topic_arn, message, subject, **more)
        if answer is not None:
            text = message if isinstance(message, str) else json.dumps(message)
            deliveries.record(topic_arn, text, service=caller_arn(), subject=subject)
        return answer

    sns.publish_internal = functools.wraps(publish)(published)


def topic_refusal(topic: str, service: str, source: str) -> str | None:
    """Why a service cannot publish to a topic of this Region; None if it can."""
    found = sns._topics.get(topic)
    if found is None:
        return f"the topic {topic} does not exist in {get_region()}"
    attributes = found["attributes"]
    context = {"aws:sourcearn": source, "aws:sourceaccount": get_account_id()}
    if service in _OWNED:
        context["aws:sourceowner"] = get_account_id()
    policy = attributes.get("Policy")
    if not allows(policy, service, ("sns:Publish",), topic, context, conditions=service != EVENTS):
        return f"the policy of the topic {topic} does not let {service} publish"
    key = attributes.get("KmsMasterKeyId")
    return _key_refusal(str(key), service) if key else None


def _key_refusal(name: str, service: str) -> str | None:
    if _AWS_KEY in name:
        return f"the key {_AWS_KEY} lets no service in"
    found = _key(name)
    if found is None or found["KeyState"] != "Enabled":
        return f"the key {name} {'does not exist' if found is None else 'is ' + found['KeyState']}"
    if not allows(found.get("Policy"), service, _KEY_ACTIONS, found["Arn"], {}):
        return f"the policy of the key {found['Arn']} does not let {service} use it"
    return None


def _key(name: str) -> Any:
    """ministack's record of a key of this Region, by its id, ARN or alias; None if there is none."""
    alias = name if name.startswith("alias/") else name.split(":", 5)[-1] if ":alias/" in name else ""
    arn = f"arn:aws:kms:{get_region()}:{get_account_id()}:{alias}"
    return kms._keys.get(str(kms._aliases.get(arn)) if alias else name.rsplit("/", 1)[-1])


def key_of_topic(topic: str) -> str | None:
    """The ARN of the customer's key that encrypts a topic of this Region; None without one."""
    found = sns._topics.get(topic)
    name = found and found["attributes"].get("KmsMasterKeyId")
    key = _key(str(name)) if name and _AWS_KEY not in str(name) else None
    return None if key is None else str(key["Arn"])


def allows(
    policy: Any,
    service: str,
    actions: Sequence[str],
    resource: str,
    context: dict[str, str],
    *,
    conditions: bool = True,
) -> bool:
    """Whether a resource's own policy lets a service do something; the service is no principal of the account.

    Args:
        policy: the policy, as text.
        service: the service's principal.
        actions: what it does; all of it must be allowed.
        resource: the resource's ARN.
        context: the condition keys that the service sends.
        conditions: whether an allowing statement may have a condition.
    """
    if policy and not conditions:
        parsed = json.loads(policy)
        kept = [each for each in parsed["Statement"] if each["Effect"] == "Deny" or not each.get("Condition")]
        policy = json.dumps({**parsed, "Statement": kept})
    context = {**context, "aws:principalisawsservice": "true", "aws:principalservicename": service}
    asked = [
        # a service calls over TLS
        EvalContext("*", "Service", "", action, resource, get_region(), secure_transport=True, service_context=context)
        for action in actions
    ]
    return bool(policy) and all(
        evaluate_resource_policy(policy, each, service=service).decision == "Allow" for each in asked
    )
