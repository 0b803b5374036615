"""AWS::CloudWatch::AlarmMuteRule, which ministack lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import get_account_id, get_region
from ministack.services.cloudformation import provisioners

from emulator.aws.cloudwatch.mutes import MuteRule

if TYPE_CHECKING:
    from collections.abc import Callable

_TYPE: Final = "AWS::CloudWatch::AlarmMuteRule"
#: Who is told of each rule, and of its end (None): Region, name, rule.
listeners: list[Callable[[str, str, MuteRule | None], None]] = []


def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Make the rule."""
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    return _put(str(name), properties)


def update(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Change the rule; another name is another rule [S]."""
    if new.get("Name", physical_id) == old.get("Name", physical_id):
        return _put(physical_id, new)
    made = create(logical_id or physical_id, new, stack_name)
    delete(physical_id, old)
    return made


def delete(physical_id: str, _properties: dict[str, Any]) -> None:
    """Delete the rule."""
    _tell(physical_id, None)


def _put(name: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    _tell(name, MuteRule.of(properties))
    arn = f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm-mute-rule:{name}"
    return name, {"Arn": arn, "Status": "SCHEDULED", "MuteType": "RECURRING"}


def _tell(name: str, rule: MuteRule | None) -> None:
    for listener in listeners:
        listener(get_region(), name, rule)


def install() -> None:
    """Add the type."""
    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
