"""PutCompositeAlarm with a suppressor, which ministack drops."""

from __future__ import annotations

import functools
from typing import Any, Final

from ministack.services import cloudwatch

_SUPPRESSOR: Final = ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")
_put = cloudwatch._put_composite_alarm
_transition = cloudwatch._transition_composite
_given: dict[str, dict[str, Any]] = {}  # by alarm, while one is put


def put(params: Any, given: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
    """Put a composite alarm; its suppressor counts from its first state on."""
    name = str(given.get("AlarmName", ""))
    _given[name] = {key: given[key] for key in _SUPPRESSOR if given.get(key) is not None}
    try:
        answer = _put(params, given, is_cbor, is_json)
        if name in cloudwatch._composite_alarms:
            cloudwatch._composite_alarms[name].update(_given[name])
        return answer
    finally:
        del _given[name]


def transition(alarm: dict[str, Any], *more: Any) -> None:
    """Change a composite alarm's state."""
    alarm.update(_given.get(str(alarm["AlarmName"]), {}))
    _transition(alarm, *more)


def keep_suppressors() -> None:
    """Replace ministack's way of storing composite alarms."""
    cloudwatch._put_composite_alarm = functools.wraps(_put)(put)
    cloudwatch._transition_composite = functools.wraps(_transition)(transition)
