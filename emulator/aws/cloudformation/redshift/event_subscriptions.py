"""AWS::Redshift::EventSubscription, from its published schema [S]: another name is another resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws.cloudformation.redshift.api import change_tags, tag_list, tag_map

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Properties, Redshift

EVENT_SUBSCRIPTION = "AWS::Redshift::EventSubscription"
CREATE_ONLY = ("SubscriptionName",)
_SETTINGS = ("SnsTopicArn", "SourceType", "SourceIds", "EventCategories", "Severity", "Enabled")


def create(redshift: Redshift, properties: Properties) -> tuple[str, dict[str, Any]]:
    """Create a subscription under the template's name."""
    name = str(properties["SubscriptionName"])
    redshift("CreateEventSubscription", SubscriptionName=name, Tags=tag_list(tag_map(properties)), **_given(properties))
    return name, _attributes(redshift, name)


def update(redshift: Redshift, name: str, old: Properties, new: Properties) -> tuple[str, dict[str, Any]]:
    """Change the settings and the tags in place."""
    redshift("ModifyEventSubscription", SubscriptionName=name, **_given(new))
    change_tags(redshift, redshift.arn(redshift.region(), f"eventsubscription:{name}"), old, new)
    return name, _attributes(redshift, name)


def _given(properties: Properties) -> dict[str, Any]:
    return {field: properties[field] for field in _SETTINGS if field in properties}


def _attributes(redshift: Redshift, name: str) -> dict[str, Any]:
    [found] = redshift("DescribeEventSubscriptions", SubscriptionName=name)["EventSubscriptionsList"]
    return {"CustSubscriptionId": name, "CustomerAwsId": found["CustomerAwsId"], "Status": found["Status"]}
