"""What a watcher remembers of a watch from one run to the next: open findings, pauses, lineage, the daily run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.findings import Finding, finding
from resilient_redshift.cloud.phases import cut
from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract.understood import object_of, read_time
from resilient_redshift.contract.watching import CLOSED, FINDINGS, OPENED, PROBLEM, SEVERITIES
from resilient_redshift.rules.naming import short_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.redshift.states import State

#: For so long a replaced cluster is a finding in its own Region. With a plan, the recovery Region has a finding until
#: somebody accepts the copies of the new cluster.
REPLACED_FOR: Final = timedelta(days=1)
REPLACED_ALONE_FOR: Final = timedelta(days=7)
#: An association of a snapshot schedule may be changing for so long. Terraform waits 75 minutes for it.
ASSOCIATION_PATIENCE: Final = timedelta(minutes=90)
#: For so long a repair counts against the number of repairs that a watch may have.
REPAIRS_COUNT_FOR: Final = timedelta(days=1)
#: The clocks of Lambda and of Parameter Store differ by less. No stack is deleted and deployed again as fast.
_CLOCKS_DIFFER: Final = timedelta(minutes=1)
_LONGEST_TEXT: Final = 120
#: The longest value of a parameter of the standard tier (Systems Manager API, PutParameter: Value).
_LONGEST: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Pause:
    """The pause of a cluster, as far as it excuses an old recovery point.

    Args:
        since: since when the cluster is paused. None: it is not.
        excused_until: until when a pause that is over excuses an old recovery point. None: there is none.
        began: when the pause began. None: there is none, or the watch is younger than the pause.
    """

    since: datetime | None = None
    excused_until: datetime | None = None
    began: datetime | None = None

    @property
    def excuse(self) -> str:
        """The excuse in words. Empty: there is none."""
        if self.since is not None:
            return f"the cluster is paused since {iso(self.since)}"
        if self.excused_until is not None:
            return f"the cluster was paused, which excuses an old recovery point until {iso(self.excused_until)}"
        return ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A finding that opened or closed, or whose severity changed.

    Args:
        finding: the finding.
        state: ``opened`` or ``closed``.
        since: since when the finding is open.
    """

    finding: Finding
    state: str
    since: str


@dataclass
class Memory:
    """The memory of one watch.

    Args:
        value: what the parameter holds.
        now: the time.
    """

    value: dict[str, Any]
    now: datetime
    _before: str = field(init=False)

    def __post_init__(self) -> None:
        """Begin with what the parameter holds. A new watch is watched from now on."""
        self._before = self.text
        self.value.setdefault("since", iso(self.now))

    @classmethod
    def of(cls, text: str | None, now: datetime, made: datetime | None = None) -> Memory:
        """Read a memory. It is begun anew if it is spoiled, or of a former watch of that name, whose stack was deleted.

        Args:
            text: the text of the parameter. None: there is none.
            now: the time.
            made: when the record of the watch was made. None: it was changed since then, or nobody knows.
        """
        value = object_of(text) or {}
        since = read_time(value.get("since"))
        if made is not None and since is not None and made - since > _CLOCKS_DIFFER:
            value = {}
        return cls({name: part for name, part in value.items() if isinstance(part, _KINDS.get(name, ()))}, now)

    @property
    def text(self) -> str:
        """The text of the parameter."""
        text = json.dumps(self.value, separators=(",", ":"), sort_keys=True)
        if len(text) > _LONGEST:
            for one in self.value.get("open", {}).values():
                one.pop("text", None)
            text = json.dumps(self.value, separators=(",", ":"), sort_keys=True)
        return text

    @property
    def changed(self) -> bool:
        """Whether the parameter must be written."""
        return self.text != self._before

    def time(self, name: str) -> datetime | None:
        """A time that is remembered. None: there is none."""
        return read_time(self.value.get(name))

    def first(self, name: str) -> datetime:
        """Since when something is the case: since now, unless it is remembered."""
        known = self.time(name)
        if known is None:
            self.value[name] = iso(self.now)
        return known or self.now

    def forget(self, name: str) -> None:
        """Forget what is not the case any more."""
        self.value.pop(name, None)

    def pause(self, state: State | None, longest_gap: timedelta) -> Pause:
        """Remember whether the cluster is paused.

        Args:
            state: the cluster's state. None: it could not be read, or there is no cluster; then nothing changes.
            longest_gap: for so long a pause that is over excuses an old recovery point.
        """
        if state is not None and state.meaning is Meaning.PAUSED:
            self._forget_excuse()
            paused_since = self.first("paused_since")
            return Pause(since=paused_since, began=self._began(paused_since))
        since = self.time("paused_since")
        if state is not None and since is not None:
            self.forget("paused_since")
            self.value["excused_until"] = iso(self.now + longest_gap)
            if self._began(since) is not None:
                self.value["excused_from"] = iso(since)
            since = None
            if "rules" in self.value:  # what a rule missed in the pause does not count
                self.value["rules"] = dict.fromkeys(self.value["rules"], iso(self.now))
        until = self.time("excused_until")
        if until is not None and not self.now < until <= self.now + longest_gap:
            self._forget_excuse()
            until = None
        return Pause(since=since, excused_until=until, began=self._began(since) or self.time("excused_from"))

    def _began(self, paused_since: datetime | None) -> datetime | None:
        """When a pause began. A pause that the first run of the watch found had begun before, nobody knows when."""
        return None if paused_since is None or iso(paused_since) == self.value["since"] else paused_since

    def _forget_excuse(self) -> None:
        self.forget("excused_until")
        self.forget("excused_from")

    def lineage(self, created: datetime | None, what: str, lasts: timedelta = REPLACED_FOR) -> Iterable[Finding]:
        """Remember the ClusterCreateTime of a cluster, and find that it is another cluster than before.

        Args:
            created: the ClusterCreateTime. None: there is no cluster, or AWS does not say.
            what: the cluster, in words.
            lasts: for so long another cluster is a finding.
        """
        known = self.time("lineage")
        if created is not None and (known is None or not same_cluster(known, created)):
            self.value["lineage"] = iso(created)
            if known is not None:
                self.value["former_lineage"], self.value["replaced_at"] = iso(known), iso(self.now)
        at, former, present = self.time("replaced_at"), self.time("former_lineage"), self.time("lineage")
        if at is None or former is None or present is None:
            return
        if self.now - at >= lasts:
            self.forget("replaced_at")
            self.forget("former_lineage")
            return
        yield finding(
            "LineageChanged",
            f"{what} was replaced: it was created {iso(present)}, the cluster before it {iso(former)}. This finding "
            f"ends {iso(at + lasts)}",
        )

    def association(self, *, changing: bool, schedule: str) -> Iterable[Finding]:
        """Find a snapshot schedule whose association is being changed for too long."""
        if not changing:
            self.forget("association_since")
        elif self.now - self.first("association_since") > ASSOCIATION_PATIENCE:
            since = self.value["association_since"]
            yield finding("AssociationPending", f"the snapshot schedule {schedule} is being given since {since}")

    def rules(self, rules: Iterable[Mapping[str, Any]]) -> dict[str, datetime]:
        """Remember since when each rule is enabled with its schedule.

        Args:
            rules: the rules of the plan's record.
        """
        known = self.value.get("rules", {})
        enabled = {
            rule["rule"]: short_hash(rule["rule"], rule["schedule"])
            for rule in rules
            if rule.get("enabled") is True and "schedule" in rule
        }
        kept = {key: known[key] if read_time(known.get(key)) else iso(self.now) for key in enabled.values()}
        if kept:
            self.value["rules"] = kept
        else:
            self.forget("rules")
        return {name: read_time(kept[key]) or self.now for name, key in enabled.items()}

    def repairs(self) -> list[datetime]:
        """When repairs were tried within the last day, the oldest first."""
        times = [read_time(one) for one in self.value.get("repairs", ())]
        return sorted(one for one in times if one is not None and self.now - one < REPAIRS_COUNT_FOR)

    def remember_repair(self) -> None:
        """Remember that a repair is tried now."""
        self.value["repairs"] = [*map(iso, self.repairs()), iso(self.now)]

    def forget_repair(self) -> None:
        """Forget the last repair, because it had nothing to change, or changed nothing."""
        self.value["repairs"] = [iso(one) for one in self.repairs()][:-1]
        if not self.value["repairs"]:
            self.forget("repairs")

    def due_today(self) -> bool:
        """Whether no run of this UTC day has done what is done once a day."""
        return self.value.get("daily") != f"{self.now:%Y-%m-%d}"

    def done_today(self) -> None:
        """Remember that it is done."""
        self.value["daily"] = f"{self.now:%Y-%m-%d}"

    def changes(self, findings: Mapping[str, Finding]) -> list[Change]:
        """What opened, closed or changed its severity since the last run.

        Args:
            findings: the present findings, one for each code.
        """
        known = self._open
        found = [
            Change(finding=one, state=OPENED, since=known.get(code, {}).get("since", iso(self.now)))
            for code, one in findings.items()
            if known.get(code, {}).get("severity") != one.severity
        ]
        for code, one in known.items():
            if code not in findings:
                text = one.get("text") or code
                over = finding(code, f"no longer so: {text}", severity=one["severity"])
                found.append(Change(finding=over, state=CLOSED, since=one["since"]))
        return found

    def remember(self, findings: Mapping[str, Finding]) -> None:
        """Remember the present findings, once they are told."""
        known = self._open
        self.value["open"] = {
            code: known[code]
            if known.get(code, {}).get("severity") == one.severity
            else {
                "since": known.get(code, {}).get("since", iso(self.now)),
                "severity": one.severity,
                "text": cut(one.text, _LONGEST_TEXT),
            }
            for code, one in findings.items()
        }
        if not findings:
            self.forget("open")

    def open_since(self, *codes: str) -> datetime | None:
        """Since when one of some findings is open. None: it is not."""
        times = [read_time(self._open[code]["since"]) for code in codes if code in self._open]
        return min((one for one in times if one is not None), default=None)

    @property
    def _open(self) -> dict[str, dict[str, str]]:
        return {
            code: one
            for code, one in self.value.get("open", {}).items()
            if code in FINDINGS and isinstance(one, dict) and one.get("severity") in SEVERITIES and one.get("since")
        }


#: What the memory holds, with the type of each.
_KINDS: Final[Mapping[str, type]] = {
    "since": str,
    "open": dict,
    "paused_since": str,
    "excused_until": str,
    "excused_from": str,
    "lineage": str,
    "former_lineage": str,
    "replaced_at": str,
    "association_since": str,
    "protected_since": str,
    "daily": str,
    "changed_by": str,
    "readiness": dict,
    "repairs": list,
    "rules": dict,
}


def by_code(findings: Iterable[Finding]) -> dict[str, Finding]:
    """One finding for each code: the highest severity, and all texts."""
    grouped: dict[str, list[Finding]] = {}
    for one in findings:
        grouped.setdefault(one.code, []).append(one)
    return {
        code: Finding(
            code=code,
            severity=PROBLEM if any(one.is_problem for one in some) else some[0].severity,
            text="; ".join(dict.fromkeys(one.text for one in some)),
            what_to_do=some[0].what_to_do,
            unknown=all(one.unknown for one in some),
        )
        for code, some in grouped.items()
    }
