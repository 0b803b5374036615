"""What follows a change of an alarm's state: history, composite alarms, an event, and the actions, unless they are held back."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import get_account_id, get_region, request_scope
from ministack.services import cloudwatch

from emulator.aws.cloudwatch.mutes import Mutes
from emulator.aws.cloudwatch.suppression import Suppression, suppressor_of
from emulator.aws.deliveries import CLOUDWATCH
from emulator.aws.events import send

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws.world import EmulatedWorld

_ACTIONS: Final = {"ALARM": "AlarmActions", "OK": "OKActions", "INSUFFICIENT_DATA": "InsufficientDataActions"}


class AlarmActions:
    """The changes of all alarms, and what they set off.

    Attributes:
        changes: every change: when, where, which alarm, from what to what, and why.
        mutes: the mute rules.
    """

    def __init__(self, world: EmulatedWorld) -> None:
        """Act in ``world``."""
        self._world = world
        later = world.timeline.clock.call_later
        self.changes: list[dict[str, Any]] = []
        self.mutes = Mutes(world.now, later)
        self._suppression = Suppression(self._state_of, later)

    def change(self, old: str, record: dict[str, Any], new: str, reason: str) -> None:
        """Put a metric alarm into another state, with all that follows."""
        record.update(StateValue=new, StateReason=reason, StateUpdatedTimestamp=int(self._world.timeline.epoch()))
        cloudwatch._record_history(record["AlarmName"], old, new, reason)
        self.changed(record, old, new, reason)
        cloudwatch._evaluate_parent_alarms(record)

    def changed(self, record: dict[str, Any], old: str, new: str, reason: str) -> None:
        """Do what follows a change of a metric alarm or a composite one; its composite alarms come by themselves."""
        region, name = get_region(), str(record["AlarmName"])
        self.changes.append(
            {"at": self._world.now(), "region": region, "alarm": name, "before": old, "after": new, "reason": reason}
        )
        self._tell_eventbridge(record, old, new, reason)
        for composite in cloudwatch._composite_alarms.values():
            if suppressor_of(composite) == name:
                self._suppression.suppressor_changed(composite, old, new)
        run = self._once_over(region, record, old)
        if name in cloudwatch._composite_alarms:
            self._suppression.changed(record, run)
        else:
            run()

    def _once_over(self, region: str, record: dict[str, Any], old: str) -> Callable[[], None]:
        """Build what runs the actions of the state that the alarm is in by then, unless a mute rule holds them back."""

        def unmuted() -> None:
            with request_scope(self._world.account, region):
                if self._record(record) is not None and self._record(record)["StateValue"] != old:
                    self._run(self._record(record), old)

        def run() -> None:
            with request_scope(self._world.account, region):
                present = self._record(record)
                if present is not None and not self.mutes.hold(region, str(record["AlarmName"]), unmuted):
                    self._run(present, old)

        return run

    @staticmethod
    def _record(record: dict[str, Any]) -> Any:
        """The alarm as it is defined now; None if it is gone."""
        name = record["AlarmName"]
        return cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)

    def _state_of(self, name: str) -> str | None:
        found = self._record({"AlarmName": name})
        return None if found is None else str(found["StateValue"])

    def _run(self, record: dict[str, Any], old: str) -> None:
        """Run the actions of the state that an alarm is in; a topic's policy and key are asked, other actions are recorded only."""
        state, name, region = str(record["StateValue"]), str(record["AlarmName"]), get_region()
        if not record.get("ActionsEnabled", True) or region in self._world.down:
            return
        subject = f'{state}: "{name}" in {region}'[:100]
        for action in record.get(_ACTIONS[state]) or []:
            deliver = self._world.deliveries.publish if ":sns:" in action else self._world.deliveries.record
            deliver(action, _message(record, old), service=CLOUDWATCH, source=record["AlarmArn"], subject=subject)

    def _tell_eventbridge(self, record: dict[str, Any], old: str, new: str, reason: str) -> None:
        """Send the event that each change of a state is [D] CloudWatch guide, "Alarm events and EventBridge"."""
        detail = {
            "alarmName": record["AlarmName"],
            "state": {"value": new, "reason": reason, "timestamp": self._world.now().isoformat()},
            "previousState": {"value": old},
            "configuration": {"description": record.get("AlarmDescription") or ""},
        }
        send("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [record["AlarmArn"]])


def _message(record: dict[str, Any], old: str) -> str:
    """What CloudWatch publishes, as JSON text [D] CloudWatch guide; fewer members in Trigger than there."""
    updated = dt.datetime.fromtimestamp(record["StateUpdatedTimestamp"], dt.UTC)
    said = {
        "AlarmName": record["AlarmName"],
        "AlarmDescription": record.get("AlarmDescription") or None,
        "AWSAccountId": get_account_id(),
        "NewStateValue": record["StateValue"],
        "NewStateReason": record["StateReason"],
        "StateChangeTime": updated.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Region": get_region(),
        "AlarmArn": record["AlarmArn"],
        "OldStateValue": old,
    }
    if record.get("AlarmRule"):
        return json.dumps({**said, "AlarmRule": record["AlarmRule"]})
    names = ("MetricName", "Namespace", "Period", "EvaluationPeriods", "Threshold", "TreatMissingData", "Dimensions")
    return json.dumps({**said, "Trigger": {name: record.get(name) for name in names}})
