"""The names that the library generates for grants, schedules and subscriptions, from a stack's name and a path.

A deployed resource keeps its generated name for ever: a provider refuses an update to another one.
"""

from __future__ import annotations

import re
from typing import Final

from resilient_redshift.rules.naming import short_hash

_GRANT: Final = re.compile(r"recovery-[0-9a-f]{8}")
_LONGEST_WORD: Final = 24
_SCHEDULE: Final = re.compile(rf"s[a-z0-9]{{0,{_LONGEST_WORD}}}[0-9a-f]{{12}}")


def grant_name(stack_name: str, site_path: str, generation: int) -> str:
    """The default name of a site's grant.

    Account and Region are no part of the name, because a grant's name is unique in account and Region anyway.

    Args:
        stack_name: the name of the site's stack.
        site_path: the site's path, as ``naming_path`` returns it.
        generation: the number of the key and the grant.
    """
    return f"recovery-{short_hash(stack_name, site_path, str(generation))}"


def schedule_identifier(stack_name: str, scope_path: str, construct_id: str) -> str:
    """The default identifier of a snapshot schedule: letters and digits.

    Args:
        stack_name: the name of the schedule's stack; "" for a token.
        scope_path: the path of the schedule's parent, as ``naming_path`` returns it.
        construct_id: the schedule's id in that parent.
    """
    word = re.sub(r"[^a-z0-9]", "", f"{scope_path}{construct_id}".lower())[:_LONGEST_WORD]
    return f"s{word}{short_hash(stack_name, scope_path, construct_id, length=12)}"


def event_subscription_name(stack_name: str, services_path: str, topic: str) -> str:
    """The name of the subscription that sends Redshift's events to a topic: letters, digits and single hyphens.

    Source: Redshift API, CreateEventSubscription: SubscriptionName.

    Args:
        stack_name: the name of the subscription's stack; "" for a token.
        services_path: the path of the stack's shared services, as ``naming_path`` returns it.
        topic: the topic's ARN, or its path where synth does not know the ARN.
    """
    return f"resilient-redshift-{short_hash(stack_name, services_path, topic, length=12)}"


def switch_function_name(stack_name: str, site_path: str, primary_region: str) -> str:
    """The name of the two functions of an ARC Region switch step, the same in both Regions (Lambda API: 64 characters).

    Args:
        stack_name: the name of the site's stack; "" for a token.
        site_path: the site's path, as ``naming_path`` returns it.
        primary_region: the Region of the clusters.
    """
    return f"resilient-redshift-switch-{short_hash(stack_name, site_path, primary_region, length=12)}"


def is_generated_grant(name: object) -> bool:
    """Whether a name has the form of :func:`grant_name`."""
    return isinstance(name, str) and _GRANT.fullmatch(name) is not None


def is_generated_schedule(name: object) -> bool:
    """Whether a name has the form of :func:`schedule_identifier`."""
    return isinstance(name, str) and _SCHEDULE.fullmatch(name) is not None
