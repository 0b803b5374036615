"""The heartbeat: how the primary's watcher tells the recovery Region about the cluster, without being called."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import Finding, cannot_tell, finding
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.words import iso, span
from resilient_redshift.contract.stored import read_heartbeat
from resilient_redshift.contract.understood import read_time
from resilient_redshift.contract.watching import FINDINGS, HEARTBEAT_VERSION, heartbeat_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.restore.sight import Look
    from resilient_redshift.cloud.watch.memory import Pause
    from resilient_redshift.contract.stored import Stored

#: A heartbeat expires after so many runs without another one.
RUNS: Final = 4
#: A heartbeat expires after four runs of an hour at the latest, whatever its writer says.
_LONGEST_LIFE: Final = RUNS * timedelta(hours=1)
#: The clocks of two Regions differ by less.
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
#: How long a new watch waits for its first heartbeat: the primary's stack may be deployed later.
FIRST_WAIT: Final = timedelta(days=1)
_LONGEST_TEXT: Final = 300
#: The longest value of a parameter of the advanced tier (Systems Manager API, PutParameter: Value).
_LONGEST: Final = 8192
_DEEPEST_CUT: Final = 60


def expiry(now: datetime, interval: timedelta) -> datetime:
    """When a heartbeat that is sent now expires."""
    return now + RUNS * interval


def plan_entry(pause: Pause, findings: Iterable[Finding]) -> dict[str, Any]:
    """What the heartbeat says of one plan. Empty: the plan is as it should be."""
    entry: dict[str, Any] = {}
    if pause.since:
        entry["paused_since"] = iso(pause.since)
    if pause.excused_until:
        entry["excused_until"] = iso(pause.excused_until)
    if pause.began:
        entry["excused_from"] = iso(pause.began)
    shown = [
        {"code": one.code, "severity": one.severity, "text": cut(one.text, _LONGEST_TEXT) or one.code}
        for one in findings
    ]
    return entry | ({"findings": shown} if shown else {})


def write(plans: Mapping[str, Mapping[str, Any]], now: datetime, interval: timedelta) -> str:
    """The text of a heartbeat. What does not fit is cut, and then counted.

    It names each plan. Where they do not fit, it names those that are not as they should be.

    Args:
        plans: what to say of each plan.
        now: the time.
        interval: the time from one run to the next.
    """
    kept = {name: dict(entry) for name, entry in plans.items()}
    text = _text(kept, now, interval, 0, all_named=True)
    if len(text.encode()) <= _LONGEST:
        return text
    kept = {name: entry for name, entry in kept.items() if entry}
    for longest in (_LONGEST_TEXT, _DEEPEST_CUT):
        for entry in kept.values():
            for one in entry.get("findings", ()):
                one["text"] = cut(one["text"], longest)
        text = _text(kept, now, interval, 0)
        if len(text.encode()) <= _LONGEST:
            return text
    # pauses first, because without its pause a plan would ring; then problems
    fitting: dict[str, Any] = {}
    room = _LONGEST - len(_text({}, now, interval, len(kept)).encode())
    for name in sorted(kept, key=lambda name: (_rank(kept[name]), name)):
        room -= len(_json({name: kept[name]}).encode())  # the braces are a comma's worth and more
        if room < 0:
            break
        fitting[name] = kept[name]
    return _text(fitting, now, interval, len(kept) - len(fitting))


def _rank(entry: Mapping[str, Any]) -> int:
    if "paused_since" in entry or "excused_until" in entry:
        return 0
    return 1 if any(one["severity"] == "problem" for one in entry.get("findings", ())) else 2


def _text(
    plans: Mapping[str, Any], now: datetime, interval: timedelta, left_out: int, *, all_named: bool = False
) -> str:
    value = {"version": HEARTBEAT_VERSION, "at": iso(now), "expires": iso(expiry(now, interval)), "plans": plans}
    value |= {"all_named": True} if all_named else {}
    value |= {"left_out": left_out} if left_out else {}
    return _json(value)


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What the recovery Region knows of the primary by the last heartbeat.

    Args:
        fresh: whether the heartbeat has not expired.
        excuse: why an old recovery point is no fault. Empty: there is no excuse.
        excused_from: when the pause began that is the excuse. None: there is none, or it is unknown.
        paused: whether the cluster is paused at this time.
        findings: what the primary's watcher found.
        silence: the findings about the heartbeat itself.
        complete: whether the heartbeat says how the plan is.
    """

    fresh: bool = False
    excuse: str = ""
    excused_from: datetime | None = None
    paused: bool = False
    findings: tuple[Finding, ...] = ()
    silence: tuple[Finding, ...] = ()
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class Listener:
    """Reads heartbeats for the recovery Region.

    Args:
        now: the time.
        looks: the text of each heartbeat, by the name of its parameter.
    """

    now: datetime
    looks: Mapping[str, Look[str]] = field(default_factory=dict)

    def hear(self, plan: str, sender: Mapping[str, str], watched_since: datetime | None) -> Heard:
        """What the last heartbeat says of a plan.

        Args:
            plan: the plan's name.
            sender: the Region and the id of the primary's watcher.
            watched_since: since when the plan is watched here.
        """
        region, watcher = sender["region"], sender.get("watcher")
        if not watcher:
            return Heard()
        name = heartbeat_name(region, watcher)
        look = self.looks[name]
        if look.problem:
            return Heard(silence=(cannot_tell(f"the heartbeat of {region} could not be read: {look.problem}"),))
        since = self.now if watched_since is None else watched_since
        new_since = since if self.now - since < FIRST_WAIT else None
        if look.value is None:
            never = finding("PrimarySilent", f"the watcher in {region} never sent a heartbeat")
            return Heard(silence=(never,) if new_since is None else ())
        return self._heard(read_heartbeat(look.value, name), plan, region, new_since)

    def _heard(self, stored: Stored, plan: str, region: str, new_since: datetime | None) -> Heard:
        """What a heartbeat says of a plan, whose watch is new since then."""
        at, expires = (read_time(stored.value.get(name)) for name in ("at", "expires"))
        if at is None or expires is None or "version" not in stored.value:
            wrong = "; ".join(stored.understood.wrong("version", "at", "expires"))
            return Heard(silence=(cannot_tell(f"the heartbeat of {region} is not understood: {wrong}"),))
        if at - self.now > _CLOCKS_DIFFER:
            return Heard(silence=(cannot_tell(f"the heartbeat of {region} is of the future: {iso(at)}"),))
        expires = min(expires, at + _LONGEST_LIFE)
        if expires > self.now:
            return self._fresh(stored, plan, region, is_new=new_since is not None)
        if new_since is not None and expires <= new_since:
            return Heard()  # of a stack that was deleted; the one that is deployed now sends the next heartbeat
        text = f"the watcher in {region} is silent for {span(self.now - at)}"
        return Heard(silence=(finding("PrimarySilent", text),))

    def _fresh(self, stored: Stored, plan: str, region: str, *, is_new: bool) -> Heard:
        value = stored.value
        plans, left_out = value.get("plans", {}), value.get("left_out", 0)
        if plan not in plans and left_out:
            text = f"the heartbeat of {region} has no room for {left_out} plans with findings; this may be one of them"
            return Heard(fresh=True, complete=False, silence=(cannot_tell(text),))
        if plan not in plans and value.get("all_named") and not is_new:
            text = f"the watcher in {region} does not watch this plan: the record of its watch is gone or of no use"
            return Heard(fresh=True, complete=False, silence=(cannot_tell(text),))
        entry = plans.get(plan, {})
        # what is left out may be a finding of this plan
        spoiled = "; ".join(stored.understood.said)
        unread = [cannot_tell(f"the heartbeat of {region} is not understood in full: {spoiled}")] if spoiled else []
        return Heard(
            fresh=True,
            excuse=self._excuse(entry, region),
            excused_from=read_time(entry.get("excused_from")),
            paused="paused_since" in entry,
            findings=tuple(_findings(entry, region)),
            silence=tuple(unread),
            complete=not spoiled,
        )

    def _excuse(self, entry: Mapping[str, Any], region: str) -> str:
        until = read_time(entry.get("excused_until"))
        if "paused_since" in entry:
            return f"the cluster in {region} is paused since {entry['paused_since']}"
        if until is not None and until > self.now:
            return f"the cluster in {region} was paused, which excuses an old recovery point until {iso(until)}"
        return ""


def _findings(entry: Mapping[str, Any], region: str) -> Iterable[Finding]:
    for one in entry.get("findings", ()):
        if one["code"] in FINDINGS:
            unknown = one["code"] == "CannotTell"
            yield finding(one["code"], f"{region}: {one['text']}", severity=one["severity"], unknown=unknown)
        else:  # of a newer release
            yield cannot_tell(f"{region}: {one['code']}: {one['text']}", severity=one["severity"])
