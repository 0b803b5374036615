"""Event subscriptions: made, changed, described and deleted. ``events`` says what reaches them."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import checks
from emulator.redshift_model.errors import api_error
from emulator.redshift_model.paging import answer, exclusive, page, tagged

if TYPE_CHECKING:
    from emulator.redshift_model.world import Handler, Params, World

MOST = 20  # for an account and Region [D] Redshift quotas
_NAME = re.compile(r"(?=.{1,255}$)[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*")  # [S] CreateEventSubscription
_SEVERITIES = ("ERROR", "INFO")  # [S]
_FIELDS = ("SnsTopicArn", "SourceType", "SourceIds", "EventCategories", "Severity", "Enabled")


@dataclasses.dataclass
class EventSubscription:
    """One subscription of one Region."""

    name: str
    settings: dict[str, Any]
    tags: dict[str, str] = dataclasses.field(default_factory=dict)


def find(world: World, region: str, name: str) -> EventSubscription:
    """The subscription, or SubscriptionNotFound [S]."""
    found = world.event_subscriptions.get((region, name))
    if found is None:
        raise api_error("SubscriptionNotFoundFault", f"Subscription {name} not found.")
    return found


def create(world: World, region: str, params: Params) -> dict[str, Any]:
    """CreateEventSubscription: enabled, and of every severity, unless told otherwise [S]."""
    name = params["SubscriptionName"]
    if not _NAME.fullmatch(name):
        raise checks.invalid(f"Invalid subscription name {name}.")
    if (region, name) in world.event_subscriptions:
        raise api_error("SubscriptionAlreadyExistFault", f"Subscription {name} already exists.")
    if sum(at == region for at, _ in world.event_subscriptions) >= MOST:
        raise api_error("EventSubscriptionQuotaExceededFault", f"The quota of {MOST} event subscriptions is reached.")
    settings = {"Enabled": True, "Severity": "INFO", **_settings(params)}
    if world.topic_refusal is not None:
        arn = f"arn:{world.partition}:redshift:{region}:{world.account}:eventsubscription:{name}"
        refusal = world.topic_refusal(region, settings["SnsTopicArn"], arn)
        if refusal is not None:
            raise api_error("SNSNoAuthorizationFault", refusal)
    found = EventSubscription(name, settings, checks.tags(params.get("Tags")))
    world.event_subscriptions[(region, name)] = found
    return {"EventSubscription": shape(world, found)}


def modify(world: World, region: str, params: Params) -> dict[str, Any]:
    """ModifyEventSubscription: what is given [S]."""
    found = find(world, region, params["SubscriptionName"])
    found.settings |= _settings(params)
    return {"EventSubscription": shape(world, found)}


def delete(world: World, region: str, params: Params) -> dict[str, Any]:
    """DeleteEventSubscription [S]."""
    del world.event_subscriptions[(region, find(world, region, params["SubscriptionName"]).name)]
    return {}


def describe(world: World, region: str, params: Params) -> dict[str, Any]:
    """DescribeEventSubscriptions: one by name, or all of this Region by page and tag [S]."""
    exclusive(params, "SubscriptionName", "Marker")
    name = params.get("SubscriptionName")
    every = [each for (at, _), each in world.event_subscriptions.items() if at == region]
    found = [find(world, region, name)] if name else every
    chosen, marker = page(params, [each for each in found if tagged(params, each.tags)], lambda each: each.name)
    return answer("EventSubscriptionsList", [shape(world, each) for each in chosen], marker)


def shape(world: World, found: EventSubscription) -> dict[str, Any]:
    """Shape a subscription as the API shows it [S]."""
    settings = found.settings
    return {
        "CustomerAwsId": world.account,
        "CustSubscriptionId": found.name,
        "SnsTopicArn": settings["SnsTopicArn"],
        "Status": "active",
        "SourceIdsList": settings.get("SourceIds", []),
        "EventCategoriesList": settings.get("EventCategories", []),
        "Severity": settings["Severity"],
        "Enabled": settings["Enabled"],
        "Tags": checks.tag_list(found.tags),
    }


def _settings(params: Params) -> dict[str, Any]:
    if params.get("Severity", "INFO") not in _SEVERITIES:
        raise api_error("SubscriptionSeverityNotFoundFault", f"Severity {params['Severity']} not found.")
    return {field: params[field] for field in _FIELDS if field in params}


OPERATIONS: dict[str, Handler] = {
    "CreateEventSubscription": create,
    "ModifyEventSubscription": modify,
    "DeleteEventSubscription": delete,
    "DescribeEventSubscriptions": describe,
}
