"""One run of the watcher: it reads the Region once, judges each watch, and tells."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.findings import cannot_tell
from resilient_redshift.cloud.restore.sight import NOT_LOOKED
from resilient_redshift.cloud.watch import away, heartbeat, home, region, repair, storage, tell, writers
from resilient_redshift.cloud.watch.calls import CallFailed, Calls
from resilient_redshift.cloud.watch.memory import Memory, Pause, by_code
from resilient_redshift.cloud.watch.parameters import Parameters, in_folder
from resilient_redshift.cloud.watch.readiness_reading import Reader
from resilient_redshift.cloud.watch.watched import Known, Watched, WatchRecord
from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name, plan_record_name
from resilient_redshift.contract.stored import read_watch, unusable_watch
from resilient_redshift.contract.watching import (
    ALONE,
    MEMORY_FOLDER,
    PRIMARY,
    PROBLEM,
    RECOVERY,
    heartbeat_name,
    memory_name,
    watch_folder,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resilient_redshift.cloud.restore.sight import Look
    from resilient_redshift.cloud.watch.calls import Surroundings
    from resilient_redshift.cloud.watch.memory import Change

DEFAULT_INTERVAL: Final = timedelta(minutes=15)


@dataclass
class Run:
    """One run.

    Args:
        surroundings: the clients, the clock and the time that is left.
        watcher: the id of the watcher.
        interval: the time from one run to the next.
        only: the name of the one watch to look at. Default: every watch.
        calls: the calls of the run.
        failures: what failed besides calls.
    """

    surroundings: Surroundings
    watcher: str
    interval: timedelta = DEFAULT_INTERVAL
    only: str = ""
    calls: Calls = field(init=False)
    failures: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Begin now."""
        self.calls = Calls(self.surroundings, new_role=bool(self.only))
        self.now = self.surroundings.now()
        self._remembers = True
        self._quota: tuple[int, Look[float]] = (0, NOT_LOOKED)

    def look(self) -> list[Watched]:
        """Look at the watches and judge them. Nothing is told yet.

        Raises:
            CallFailed: the records of the watches could not be read.
        """
        records = self._records()
        if not records:
            return []
        memories = self._memories()
        known = self._known(records)
        watched = []
        for record in records:
            text = memories.get(memory_name(self.watcher, record.name))
            watched.append(self._watch(record, Memory.of(text, self.now, record.made), known))
        if not self._remembers:
            _not_remembered(watched, "what the watcher remembers of earlier runs could not be read")
        self._judge_quota(watched, known)
        writers.name_writers(self.calls, watched, self.now)
        return watched

    def repair(self, watched: Iterable[Watched]) -> None:
        """Repair the copies whose records ask for it. A failure is a failure of the run, and stops no other repair."""
        for each in watched:
            if repair.is_due(each):
                remember = functools.partial(self._remember, each) if self._remembers else None
                failure = repair.attempt(each, self.surroundings, self.calls, remember)
                self.failures += [failure] if failure else []

    def tell(self, watched: Sequence[Watched]) -> None:
        """Tell what was found: metrics first, then heartbeats, events and the log. A failure does not stop the rest."""
        data = [one for each in watched for one in tell.metrics_of(each, self.now)]
        daily = self._daily(watched)
        self._try("metrics", lambda: tell.put_metrics(self.calls, [*data, *daily]))
        for text, place in self._heartbeats(watched):
            self._try("heartbeat", lambda text=text, place=place: self._send(text, place))
        if self._remembers:
            self._tell_changes(watched)
        lost = []
        for each in watched:
            tell.log_watch(each, self.now)
            if (
                self._remembers
                and each.memory.changed
                and not self._try("memory", lambda each=each: self._remember(each))
            ):
                lost.append(each)
        if lost:
            # CloudWatch takes the highest value of a period
            _not_remembered(lost, "what the watcher remembers could not be written")
            again = [one for each in lost for one in tell.severity_of(each, self.now)]
            self._try("metrics", lambda: tell.put_metrics(self.calls, again))

    @property
    def problems(self) -> list[str]:
        """Everything that failed in the run."""
        return list(dict.fromkeys([*self.failures, *self.calls.failures]))

    def _records(self) -> list[WatchRecord]:
        """The records of the watches. One that is not understood is a failure of the run."""
        found = []
        folder = in_folder(self.calls, watch_folder(self.watcher))
        for parameter in sorted(folder):
            stored = read_watch(folder[parameter].text, parameter)
            wrong = unusable_watch(stored)
            name = parameter.removeprefix(watch_folder(self.watcher))
            if self.only not in {"", name}:
                continue
            if wrong:
                self.failures.append(f"the watch record {parameter} is not understood: {'; '.join(wrong)}")
                continue
            found.append(WatchRecord(value=stored.value, parameter=parameter, made=folder[parameter].made))
        return found

    def _memories(self) -> dict[str, str]:
        """What is remembered. A run that cannot read it still measures, but sends no event and remembers nothing."""
        try:
            shown = in_folder(self.calls, f"{MEMORY_FOLDER}{self.watcher}/")
            return {name: one.text for name, one in shown.items()}
        except CallFailed:
            self._remembers = False
            return {}

    def _known(self, records: Iterable[WatchRecord]) -> Known:
        names, hearts = [], []
        for record in records:
            if record.side != ALONE:
                names.append(plan_record_name(record.plan))
            if record.side == RECOVERY:
                names += [name(record.plan) for name in (lineage_name, drills_name, endpoint_name)]
                sender = record.value["heartbeat"]
                hearts += [heartbeat_name(sender["region"], sender["watcher"])] if "watcher" in sender else []
        parameters = Parameters(self.calls, [*names, *hearts])
        looks = {name: parameters.look(name) for name in hearts}
        return Known(
            calls=self.calls,
            now=self.now,
            region=region.read(self.calls),
            parameters=parameters,
            keys=region.Keys(self.calls),
            listener=heartbeat.Listener(now=self.now, looks=looks),
            # a first look is short, and what its new role may not do yet is no finding
            readiness=None if self.only else Reader(self.calls.unneeded),
        )

    def _watch(self, record: WatchRecord, memory: Memory, known: Known) -> Watched:
        """Look at one watch. A bug in one watch does not stop the others."""
        watch = away.watch if record.side == RECOVERY else home.watch
        try:
            watched = watch(record, memory, known)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other watches go on
            text = f"the watch {record.name} failed: {type(error).__name__}: {error}"
            self.failures.append(text)
            watched = Watched(record=record, memory=memory, findings=[cannot_tell(text, severity=PROBLEM)])
        return watched

    def _judge_quota(self, watched: Iterable[Watched], known: Known) -> None:
        if known.region.snapshots.value is None:
            return
        self._quota = (known.region.manual, known.region.quota)
        found = home.quota_findings(known.region.manual, known.region.quota, self.calls.region)
        for each in watched:
            each.findings += found if each.uses_manual else []

    def _daily(self, watched: Iterable[Watched]) -> list[dict[str, Any]]:
        """What one run a day does for each watch."""
        due = [each for each in watched if each.memory.due_today()]
        if not due:
            return []
        total = None
        if any(storage.needs_total(each.snapshots or ()) for each in due):
            total = self.calls.look(lambda: self.calls.call("redshift", "DescribeStorage")).value
        data = []
        for each in due:
            each.memory.done_today()
            billable = None if each.snapshots is None else storage.billable_bytes(each.snapshots, total)
            data += tell.daily_metrics_of(each, billable, self.now)
        used, quota = self._quota
        if quota.value:
            data.append(tell.quota_metric(used, quota.value, self.now))
        return data

    def _heartbeats(self, watched: Iterable[Watched]) -> list[tuple[str, str]]:
        """The heartbeat for each recovery Region: its text and the Region."""
        plans: dict[str, dict[str, Any]] = {}
        for each in watched:
            if each.record.side == PRIMARY:
                place = str(each.record.value["heartbeat"]["region"])
                findings = by_code(each.findings).values()
                plans.setdefault(place, {})[each.record.plan] = heartbeat.plan_entry(each.pause or Pause(), findings)
        return [(heartbeat.write(entries, self.now, self.interval), place) for place, entries in plans.items()]

    def _send(self, text: str, place: str) -> None:
        self.calls.telling(place).call(
            "ssm",
            "PutParameter",
            Name=heartbeat_name(self.calls.region, self.watcher),
            Value=text,
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )

    def _tell_changes(self, watched: Iterable[Watched]) -> None:
        """Send an event for each change. What EventBridge does not take is sent again by the next run."""
        changes: list[tuple[Watched, Change]] = []
        for each in watched:
            changes += [(each, change) for change in each.memory.changes(by_code(each.findings))]
        refused = tell.put_events(self.calls, [tell.event_of(each, change) for each, change in changes])
        not_told = {id(changes[index][0]) for index in refused}
        for each in watched:
            if id(each) not in not_told:
                each.memory.remember(by_code(each.findings))

    def _remember(self, watched: Watched) -> None:
        self.calls.telling().call(
            "ssm",
            "PutParameter",
            Name=memory_name(self.watcher, watched.record.name),
            Value=watched.memory.text,
            Type="String",
            Overwrite=True,
        )

    def _try(self, what: str, attempt: Any) -> bool:  # noqa: ANN401 - any function without arguments
        try:
            attempt()
        except CallFailed as failure:
            log.write("ERROR", "not told", what=what, because=str(failure))
            return False
        return True


def _not_remembered(watched: Iterable[Watched], text: str) -> None:
    """Find that the memory of watches is out of reach.

    Without any recovery point, the age of a cluster in its own Region counts from what is remembered. It would begin
    anew with each run, so it is a problem, and is not written.
    """
    for each in watched:
        begins_anew = each.record.side != RECOVERY and each.usable is not None and not each.usable
        if begins_anew:
            each.age = None
        each.findings.append(cannot_tell(text, severity=PROBLEM if begins_anew else ""))
