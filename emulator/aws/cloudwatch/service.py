"""Puts the alarms into ministack's CloudWatch: what it stores comes here, and what it evaluated is evaluated here."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region, request_scope
from ministack.services import cloudwatch, eventbridge, sns

from emulator.aws.cloudformation.types import alarms as alarm_records
from emulator.aws.cloudformation.types import mute_rules
from emulator.aws.cloudwatch.actions import AlarmActions
from emulator.aws.cloudwatch.evaluation import AlarmWatch
from emulator.aws.cloudwatch.reading import get_metric_data
from emulator.aws.cloudwatch.series import statistics_of
from emulator.aws.threads import counted_threading
from emulator.aws.virtual_modules import virtual_datetime, virtual_time

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld

_store, _record = cloudwatch._store_datum, cloudwatch.record_metric
_put_alarm = cloudwatch._put_metric_alarm


class CloudWatch:
    """The alarms of one world.

    Attributes:
        actions: the changes of states, and what they set off.
        watch: the evaluation.
    """

    def __init__(self, world: EmulatedWorld) -> None:
        """Begin without alarms."""
        self._account = world.account
        self.actions = AlarmActions(world)
        self.watch = AlarmWatch(world, self.actions.change)

    def states(self, region: str) -> dict[str, str]:
        """The state of each alarm of a Region, composite ones too."""
        with request_scope(self._account, region):
            found = [*cloudwatch._alarms.values(), *cloudwatch._composite_alarms.values()]
            return {str(record["AlarmName"]): str(record["StateValue"]) for record in found}


def install(world: EmulatedWorld) -> CloudWatch:
    """Bring CloudWatch's alarms under the virtual time, in ministack's place."""
    alarms = CloudWatch(world)
    world.timeline.add_source(alarms.watch)
    for module in (cloudwatch, eventbridge, sns):  # made here, for one process may build several worlds
        module.time = virtual_time(world.timeline)
    cloudwatch.datetime = virtual_datetime(world.timeline)
    sns._threading = counted_threading(world.timeline)  # a subscribed function is an actor

    def stored(*given: Any) -> None:  # namespace, name, dimensions, timestamp, ...
        points: list[dict[str, Any]] = cloudwatch._metric_bucket((*given[:2], cloudwatch._dims_key(given[2])))
        before = len(points)
        _store(*given)
        _notice(alarms, given[0], given[1], given[2], points[before:])

    def recorded(
        namespace: str, metric_name: str, value: float, unit: str = "None", dimensions: dict[str, str] | None = None
    ) -> None:
        _record(namespace, metric_name, value, unit, dimensions)
        points = cloudwatch._metric_bucket((namespace, metric_name, cloudwatch._dims_key(dimensions or {})))
        _notice(alarms, namespace, metric_name, dimensions or {}, points[-1:])

    def changed(alarm: dict[str, Any], old_state: str, new_state: str, reason: str) -> None:
        if alarm["AlarmName"] in cloudwatch._alarms:  # SetAlarmState holds until the next evaluation [D]
            alarms.watch.put(alarm)
        alarms.actions.changed(alarm, old_state, new_state, reason)

    def put_alarm(params: Any, given: dict[str, Any], is_cbor: bool, is_json: bool = False) -> Any:
        metrics = (given or {}).get("Metrics")
        if not metrics:
            return _put_alarm(params, given, is_cbor, is_json)
        answer = _put_alarm(params, {**given, **alarm_records.STAND_IN}, is_cbor, is_json)
        made = cloudwatch._alarms.get(given["AlarmName"])
        if made is not None:
            made.update(alarm_records.over_metrics(metrics))
            alarms.watch.put(made)
        return answer

    cloudwatch._put_metric_alarm = put_alarm
    cloudwatch._store_datum = functools.wraps(_store)(stored)
    cloudwatch.record_metric = recorded
    cloudwatch._evict_old_metrics = lambda: None  # two weeks, looked for at each call; CloudWatch keeps 15 months [D]
    cloudwatch._evaluate_all_alarms = lambda: None
    cloudwatch._evaluate_alarm = alarms.watch.put
    cloudwatch._dispatch_alarm_actions = changed
    cloudwatch._get_metric_data = lambda params, cbor_data, is_cbor, is_json=False: get_metric_data(
        alarms.watch, params, cbor_data, is_cbor, is_json
    )
    mute_rules.listeners[:] = [alarms.actions.mutes.put]
    return alarms


def _notice(alarms: CloudWatch, namespace: str, name: str, dimensions: dict[str, str], points: list[Any]) -> None:
    if points:
        key = (get_region(), namespace, name, cloudwatch._dims_key(dimensions))
        statistics = statistics_of(points, cloudwatch._point_stats)
        alarms.watch.datapoint(key, points[0]["Timestamp"], statistics)
