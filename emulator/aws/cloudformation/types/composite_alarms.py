"""AWS::CloudWatch::CompositeAlarm, which ministack's CloudFormation lacks; its CloudWatch has them."""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from emulator.aws.cloudwatch.composites import keep_suppressors

_TYPE: Final = "AWS::CloudWatch::CompositeAlarm"
_NUMBERS: Final = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Make the alarm."""
    name = properties.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    return _put(str(name), properties)


def update(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Change the alarm; another name is another alarm [S]."""
    if new.get("AlarmName", physical_id) == old.get("AlarmName", physical_id):
        return _put(physical_id, new)
    made = create(logical_id or physical_id, new, stack_name)
    delete(physical_id, old)
    return made


def delete(physical_id: str, _properties: dict[str, Any]) -> None:
    """Delete the alarm."""
    _answered(cloudwatch._delete_alarms({}, {"AlarmNames": [physical_id]}, is_cbor=False, is_json=True))


def _put(name: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    given = {**properties, "AlarmName": name}
    given.update({key: int(given[key]) for key in _NUMBERS if key in given})
    given["ActionsEnabled"] = str(given.get("ActionsEnabled", True)).lower() != "false"
    _answered(cloudwatch._put_composite_alarm({}, given, is_cbor=False, is_json=True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _answered(answer: Any) -> None:
    status, _, body = answer
    if status >= 400:
        raise ValueError(json.loads(body).get("message") or body)


def install() -> None:
    """Add the type, and let CloudWatch keep suppressors."""
    keep_suppressors()
    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        "create": create,
        "update": update,
        "update_with_logical_id": True,
        "delete": delete,
    }
