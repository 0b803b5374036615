"""EventBridge's events: which there were, and how a rule delivers one to a topic or a queue: by the policy of the topic or queue."""

from __future__ import annotations

import contextvars
import dataclasses
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, sqs

from emulator.aws.deliveries import EVENTS, allows

if TYPE_CHECKING:
    import datetime as dt

    from emulator.aws.world import EmulatedWorld

_dispatch = eventbridge._dispatch_event


@dataclasses.dataclass
class Event:
    """One event that a bus took: a custom one, or one of AWS's."""

    at: dt.datetime
    region: str
    bus: str
    source: str
    detail_type: str
    detail: Any


@dataclasses.dataclass
class Attempt:
    """What a rule delivers now, and why it could not."""

    rule: str
    refused: str | None = None


attempt: contextvars.ContextVar[Attempt | None] = contextvars.ContextVar("emulated_aws_attempt", default=None)


def install(world: EmulatedWorld) -> None:
    """Keep every event, and publish to topics as EventBridge."""

    def dispatched(event: dict[str, Any], view: Any = None) -> None:
        detail = event.get("Detail") or "{}"
        world.events.append(
            Event(
                world.now(),
                get_region(),
                str(event.get("EventBusName", "default")),
                str(event.get("Source", "")),
                str(event.get("DetailType", "")),
                json.loads(detail) if isinstance(detail, str) else detail,
            )
        )
        _dispatch(event, view)

    def to_topic(arn: str, payload: str) -> None:
        present = attempt.get() or Attempt("")
        present.refused = world.deliveries.publish(arn, payload, service=EVENTS, source=present.rule).refused

    eventbridge._dispatch_event = dispatched
    eventbridge._dispatch_to_sns = to_topic


def queue_refusal(arn: str, rule: str) -> str | None:
    """Why a rule may not send to a queue; None if it may. A queue without a policy lets nobody in [D] EventBridge guide."""
    found = sqs.queue_policy_for_arn(arn)
    context = {"aws:sourcearn": rule, "aws:sourceaccount": get_account_id()}
    if found is not None and allows(found[0], EVENTS, ("sqs:SendMessage",), arn, context):
        return None
    return f"{EVENTS} is not authorized to perform: sqs:SendMessage on resource: {arn}"


def send(source: str, detail_type: str, detail: dict[str, Any], resources: list[str]) -> None:
    """Send an event of AWS's to the present Region's default bus."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": resources}
    eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
