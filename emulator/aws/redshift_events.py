"""Redshift's events on their way to the topics of event subscriptions: JSON text, through the topic's policy and its key.

The message is that of a sample of 2015 [3]: no member names the event's id, which stands behind the ``#`` of a link. Redshift publishes as
``redshift.amazonaws.com`` [D] SNS guide, key management.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ministack.core.responses import request_scope

from emulator.aws.deliveries import REDSHIFT
from emulator.redshift_model.events import wanted

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld
    from emulator.redshift_model.events import RedshiftEvent

_PAGE = "http://docs.aws.amazon.com/redshift/latest/mgmt/working-with-event-notifications.html"


def install(world: EmulatedWorld) -> None:
    """Publish what happens to the subscriptions that want it."""
    model = world.model.world

    def publish(event: RedshiftEvent) -> None:
        with request_scope(world.account, event.region):
            for (region, name), subscription in list(model.event_subscriptions.items()):
                if region == event.region and wanted(event, subscription.settings):
                    source = model.arn(region, f"eventsubscription:{name}")
                    world.deliveries.publish(
                        subscription.settings["SnsTopicArn"],
                        message(event),
                        service=REDSHIFT,
                        source=source,
                        subject=f"[Amazon Redshift {event.severity}] - {event.source}"[:100],
                    )

    model.on_event = publish


def message(event: RedshiftEvent) -> str:
    """The text of a notification."""
    console = (
        f"https://console.aws.amazon.com/redshift/home?region={event.region}#{event.source_type}:id={event.source}"
    )
    return json.dumps(
        {
            "Event Source": event.source_type,
            "Resource": event.source,
            "Event Time": event.at.strftime("%Y-%m-%d %H:%M:%S.000"),
            "Identifier Link": console,
            "Severity": event.severity,
            "Category": [event.category.title()],
            "About this Event": f"{_PAGE}#{event.identifier} ",
            "Event Message": event.message,
        }
    )
