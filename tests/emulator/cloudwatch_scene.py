"""CloudWatch in this process: its alarms on a virtual clock, without a server."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, eventbridge, kms, sns, sqs
from ministack.services.cloudformation import provisioners

from emulator.aws import cloudformation
from emulator.aws.cloudwatch import service
from emulator.aws.timeline import Timeline
from emulator.aws.world import EmulatedWorld
from emulator.redshift_model import ACCOUNT, Clock, RedshiftModel
from tests.emulator.scene import HERE

START = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
AT_ONE: dict[str, Any] = {
    "Namespace": "N",
    "MetricName": "M",
    "Statistic": "Maximum",
    "Period": 300,
    "EvaluationPeriods": 1,
    "Threshold": 1,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}


class Watched:
    """One world with alarms, in one Region."""

    def __init__(self) -> None:
        for module in (cloudwatch, eventbridge, kms, sns, sqs):
            module.reset()
        timeline = Timeline(Clock(START))
        self.world = EmulatedWorld(RedshiftModel(timeline.clock), timeline, "", 0)
        cloudformation.install(self.world.model)
        self.alarms = service.install(self.world)

    def advance(self, minutes: float) -> None:
        """Let time pass."""
        self.world.timeline.advance_to(self.world.now() + minutes * MINUTE)

    def elapsed(self) -> float:
        """The minutes since the start."""
        return (self.world.now() - START) / MINUTE

    def make(self, kind: str, name: str, **properties: Any) -> str:
        """Make a resource as CloudFormation does, and return its physical id."""
        with request_scope(ACCOUNT, HERE):
            return str(provisioners._provision_resource(kind, name, properties, "s")[0])

    def change(self, kind: str, name: str, old: dict[str, Any], new: dict[str, Any]) -> None:
        """Change a resource as CloudFormation does."""
        with request_scope(ACCOUNT, HERE):
            provisioners._update_resource(kind, name, old, new, "s", name, {})

    def delete(self, kind: str, name: str, **properties: Any) -> None:
        """Delete a resource as CloudFormation does."""
        with request_scope(ACCOUNT, HERE):
            provisioners._delete_resource(kind, name, properties, "s", name)

    def alarm(self, name: str = "a", **properties: Any) -> None:
        """Make an alarm: one on the metric M of at least 1, unless said otherwise."""
        basis = {} if "Metrics" in properties else AT_ONE
        self.make("AWS::CloudWatch::Alarm", name, AlarmName=name, **{**basis, **properties})

    def composite(self, rule: str, name: str = "c", **properties: Any) -> None:
        """Make a composite alarm."""
        self.make("AWS::CloudWatch::CompositeAlarm", name, AlarmName=name, AlarmRule=rule, **properties)

    def put(self, value: float, name: str = "M", ago: float = 0, namespace: str = "N", **dimensions: str) -> None:
        """Put one datapoint, a number of minutes ago."""
        stamp = (self.world.now() - ago * MINUTE).timestamp()
        with request_scope(ACCOUNT, HERE):
            cloudwatch._store_datum(namespace, name, dimensions, stamp, "None", value, None, None, None)

    def set_state(self, name: str, state: str) -> None:
        """Set an alarm to a state by hand."""
        given = {"AlarmName": name, "StateValue": state, "StateReason": "by hand"}
        with request_scope(ACCOUNT, HERE):
            cloudwatch._set_alarm_state({}, given, is_cbor=False, is_json=True)

    def state(self, name: str = "a") -> str:
        """The state of an alarm."""
        return self.alarms.states(HERE)[name]

    def changes(self, name: str = "a") -> list[tuple[float, str]]:
        """The changes of an alarm: minutes since the start, and the state."""
        return [
            ((each["at"] - START) / MINUTE, each["after"])
            for each in self.alarms.actions.changes
            if each["alarm"] == name
        ]

    def topic(self, name: str = "t", **attributes: Any) -> str:
        """A topic with these attributes, by its ARN."""
        entries = {}
        for number, (key, value) in enumerate(attributes.items(), 1):
            text = value if isinstance(value, str) else json.dumps(value)
            entries |= {f"Attributes.entry.{number}.key": [key], f"Attributes.entry.{number}.value": [text]}
        with request_scope(ACCOUNT, HERE):
            sns._create_topic({"Name": [name], **entries})
        return f"arn:aws:sns:{HERE}:{ACCOUNT}:{name}"

    def delivered(self) -> list[tuple[float, str]]:
        """What arrived: minutes since the start, and the subject's first word."""
        return [
            ((each.at - START) / MINUTE, each.subject.partition(":")[0])
            for each in self.world.deliveries.entries
            if each.refused is None
        ]
