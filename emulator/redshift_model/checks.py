"""Checks of parameters that botocore leaves to the service."""

from __future__ import annotations

import re
from typing import Any

from emulator.redshift_model.errors import ApiError, api_error
from emulator.redshift_model.state import FOREVER

_IDENTIFIER = re.compile(r"[a-z](?:-?[a-z0-9])*\Z")
MAX_DAYS_MANUAL = 3653
MAX_DAYS_AUTOMATED = 35
_KEY_LENGTH, _VALUE_LENGTH = 128, 256


def invalid(message: str) -> ApiError:
    """InvalidParameterValue: that this code answers bad values is a guess; the query API lists it [D]."""
    return api_error("InvalidParameterValue", message)


def identifier(value: str, what: str, maximum: int = 63) -> str:
    """Check a cluster's or grant's name: lower-case alphanumerics and single hyphens, a letter first [S] botocore."""
    if len(value) > maximum or not _IDENTIFIER.match(value):
        raise invalid(
            f"The parameter {what} is not a valid identifier ({value!r}). Identifiers must begin with a letter, contain only "
            f"ASCII letters, digits and hyphens, and not end with a hyphen or contain two consecutive hyphens."
        )
    return value


def snapshot_identifier(value: str) -> str:
    """Check a snapshot's name, 1-255 [S] botocore; that it is stored in lower case is a guess (case is not specified)."""
    return identifier(value.lower(), "SnapshotIdentifier", 255)


def manual_days(value: int | None, default: int = FOREVER) -> int:
    """-1 or 1..3653 [S] botocore, else InvalidRetentionPeriodFault."""
    days = default if value is None else value
    if days != FOREVER and not 1 <= days <= MAX_DAYS_MANUAL:
        raise api_error(
            "InvalidRetentionPeriodFault", f"The retention period {days} must be -1 or between 1 and 3653 days."
        )
    return days


def copied_automated_days(value: int | None) -> int:
    """1..35, 7 unless given [S] botocore, else InvalidRetentionPeriodFault."""
    days = 7 if value is None else value
    if not 1 <= days <= MAX_DAYS_AUTOMATED:
        raise api_error("InvalidRetentionPeriodFault", f"The retention period {days} must be between 1 and 35 days.")
    return days


def automated_days(value: int, node_type: str) -> int:
    """0..35; RA3 and RG 1..35 [S] botocore; the error's code is a guess."""
    least = 1 if node_type.startswith(("ra3.", "rg.")) else 0
    if not least <= value <= MAX_DAYS_AUTOMATED:
        raise api_error(
            "InvalidRetentionPeriodFault",
            f"The automated snapshot retention period {value} must be between {least} and 35 days for {node_type}.",
        )
    return value


def tags(given: list[dict[str, Any]] | None) -> dict[str, str]:
    """Tags as a mapping; InvalidTagFault for reserved, empty or too long ones ([D] general rules of AWS tags)."""
    found: dict[str, str] = {}
    for tag in given or []:
        key, value = str(tag.get("Key", "")), str(tag.get("Value", ""))
        if not 1 <= len(key) <= _KEY_LENGTH or len(value) > _VALUE_LENGTH or key.lower().startswith("aws:"):
            raise api_error("InvalidTagFault", f"The tag {key!r}={value!r} is not valid.")
        found[key] = value
    return found


def tag_limit(count: int, limit: int) -> None:
    """TagLimitExceededFault above ``limit`` (50 [S] botocore CreateTags)."""
    if count > limit:
        raise api_error("TagLimitExceededFault", f"You have exceeded the number of tags allowed ({limit}).")


def tag_list(given: dict[str, str]) -> list[dict[str, str]]:
    """Tags in the API's shape."""
    return [{"Key": key, "Value": value} for key, value in given.items()]
