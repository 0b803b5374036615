"""Which alarm is evaluated when: every minute in principle [D], here only in the minutes in which its datapoints differ.

An alarm is looked at in the minute after it was made or changed, after new data, after SetAlarmState, and when a datapoint comes into
another of its periods. In between the row of datapoints is the same, and so is the state. Ninety days of empty alarms cost nothing.
"""

from __future__ import annotations

import datetime as dt
import heapq
import logging
import threading
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region, request_scope
from ministack.services import cloudwatch

from emulator.aws.cloudwatch.metric_alarms import Key, MetricAlarm
from emulator.aws.cloudwatch.series import Series, Statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws.world import EmulatedWorld

_log = logging.getLogger("emulated-aws.cloudwatch")
Name = tuple[str, str]  # Region, alarm


class AlarmWatch:
    """The alarms of all Regions, as a source of the timeline."""

    def __init__(self, world: EmulatedWorld, changed: Callable[[str, dict[str, Any], str, str], None]) -> None:
        """Watch over ``world``'s alarms.

        Args:
            world: the world.
            changed: called in the alarm's Region after each change of a metric alarm: old state, record, new state, reason.
        """
        self._world = world
        self._changed = changed
        self._series: dict[Key, Series] = {}
        self._alarms: dict[Name, MetricAlarm] = {}
        self._readers: dict[Key, set[Name]] = {}
        self._due: dict[Name, int] = {}
        self._queue: list[tuple[int, Name]] = []
        self._asleep: set[Name] = set()
        self._lock = threading.RLock()  # data arrive on the event loop, time moves elsewhere

    # What happens to alarms and metrics

    def put(self, alarm: dict[str, Any]) -> None:
        """Take in an alarm that was made, changed, or set to a state; it is evaluated within a minute."""
        name = (get_region(), str(alarm["AlarmName"]))
        try:
            made = MetricAlarm(name[0], alarm)
        except ValueError:
            _log.exception("the alarm %s is not evaluated", name[1])
            return
        with self._lock:
            self._alarms[name] = made
            for metric in made.metrics.values():
                self._series.setdefault(metric.key, Series())
                self._readers.setdefault(metric.key, set()).add(name)
            self._look_at(name, made.moment_after(self._world.timeline.epoch()))

    def datapoint(self, key: Key, timestamp: float, statistics: Statistics) -> None:
        """Take in a datapoint."""
        with self._lock:
            self._series.setdefault(key, Series()).add(timestamp, statistics)
            now = self._world.timeline.epoch()
            for name in self._readers.get(key, ()):
                alarm = self._alarms.get(name)
                if alarm is not None:
                    self._look_at(name, alarm.moment_after(max(now, timestamp)))

    def series(self, key: Key) -> Series:
        """The datapoints of a metric; none for one that was never reported."""
        return self._series.get(key) or Series()

    def region_up(self) -> None:
        """Look again at the alarms of Regions that are back."""
        with self._lock:
            for name in [each for each in self._asleep if each[0] not in self._world.down]:
                self._asleep.remove(name)
                self._look_at(name, self._alarms[name].moment_after(self._world.timeline.epoch()))

    def _look_at(self, name: Name, moment: int) -> None:
        due = self._due.get(name)
        if due is None or moment < due:
            self._due[name] = moment
            heapq.heappush(self._queue, (moment, name))

    # As a source of the timeline

    def next_due(self) -> dt.datetime | None:
        """When the next alarm is looked at."""
        with self._lock:
            while self._queue and self._due.get(self._queue[0][1]) != self._queue[0][0]:
                heapq.heappop(self._queue)
            return dt.datetime.fromtimestamp(self._queue[0][0], dt.UTC) if self._queue else None

    def fire(self) -> None:
        """Evaluate the alarms that are due."""
        now = self._world.timeline.epoch()
        while True:
            with self._lock:
                if not self._queue or self._queue[0][0] > now:
                    return
                moment, name = heapq.heappop(self._queue)
                if self._due.get(name) != moment:
                    continue
                del self._due[name]
                alarm = self._alarms[name]
            with request_scope(self._world.account, name[0]):
                self._evaluate(name, alarm, moment)

    def _evaluate(self, name: Name, alarm: MetricAlarm, moment: int) -> None:
        if cloudwatch._alarms.get(name[1]) is not alarm.record:  # deleted, or replaced by another one
            self._forget(name, alarm)
            return
        if name[0] in self._world.down:
            self._asleep.add(name)
            return
        old = alarm.record["StateValue"]
        with self._lock:
            row = alarm.row(moment, self._series)
            following = alarm.changes_after(moment, self._series)
            if following is not None:
                self._look_at(name, following)
        new = alarm.criteria.state(row, old)
        if new != old:
            self._changed(old, alarm.record, new, _reason(alarm, row, new))

    def _forget(self, name: Name, alarm: MetricAlarm) -> None:
        with self._lock:
            if self._alarms.get(name) is alarm:
                del self._alarms[name]
                for metric in alarm.metrics.values():
                    self._readers[metric.key].discard(name)


def _reason(alarm: MetricAlarm, row: list[float | None], state: str) -> str:
    """Why, in words that resemble AWS's."""
    shown = ", ".join("missing" if value is None else f"{value:g}" for value in row[: alarm.criteria.periods])
    criteria = alarm.criteria
    return (
        f"{state}: the last datapoints [{shown}] against {criteria.comparison} {criteria.threshold:g} "
        f"({criteria.to_alarm} of {criteria.periods}, missing data {criteria.missing})"
    )
