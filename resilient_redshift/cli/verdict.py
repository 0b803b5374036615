"""One verdict on one plan: fine, missed, or nobody can tell. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CANNOT_TELL, FINE, MISSED
from resilient_redshift.cli.recovery_points import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT, Choice, choose, same_cluster
from resilient_redshift.contract.outcomes import NOT_FAILED_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from resilient_redshift.cli.gather import Primary, Recovery, Seen
    from resilient_redshift.cli.plans import Plan

_WORD: Final = {FINE: "fine", MISSED: "missed", CANNOT_TELL: "unknown"}
_DRILL_GRACE: Final = timedelta(days=1)
_TWICE: Final = 2


@dataclass
class Verdict:
    """What to think of a plan.

    ``missed`` has what is missed for certain, ``unknown`` what cannot be told, ``notes`` what is worth knowing;
    ``choice`` is what a failover would take now, None where nobody can tell.
    """

    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fine: str = ""
    choice: Choice | None = None

    @property
    def status(self) -> int:
        """The exit status: what is missed for certain counts more than what nobody can tell."""
        return MISSED if self.missed else CANNOT_TELL if self.unknown else FINE

    @property
    def word(self) -> str:
        """``fine``, ``missed`` or ``unknown``."""
        return _WORD[self.status]

    @property
    def line(self) -> str:
        """The one line."""
        reasons = [*self.missed, *self.unknown] or [self.fine]
        return f"{self.word}: {'; '.join(reasons)}"


def judge(seen: Seen, now: datetime) -> Verdict:
    """Judge by what was seen."""
    verdict = Verdict()
    recovery, primary = seen.recovery.value, seen.primary.value
    if recovery is None:
        verdict.unknown.append(f"the recovery Region cannot be read: {_problem(seen.recovery.problem)}")
    else:
        _judge_points(verdict, seen.plan, recovery, now)
        _judge_drills(verdict, seen.plan, recovery.drills, now)
        if recovery.plan is None:
            verdict.unknown.append(f"no plan record in {seen.plan.recovery}: a failover could not be started")
        elif recovery.plan.machine("restore") is None:
            verdict.notes.append("the record knows no restore machine: deploy the recovery stack with this release")
        verdict.notes += recovery.problems
    if primary is None:
        words_ = "primary unreachable" if seen.primary.unreachable else "the primary Region cannot be read"
        verdict.notes.append(f"{words_}: {_problem(seen.primary.problem)}")
    else:
        _judge_primary(verdict, seen.plan, primary, recovery)
    return verdict


def worst(verdicts: Iterable[Verdict]) -> int:
    """The exit status of several: 1 if one is missed, else 2 if nobody can tell of one, else 0."""
    found = {verdict.status for verdict in verdicts}
    return MISSED if MISSED in found else CANNOT_TELL if CANNOT_TELL in found else FINE


def copy_differences(plan: Plan, cluster: Mapping[str, Any]) -> list[str]:
    """Where the live copy configuration is another than the record's; empty: as recorded."""
    live = cluster.get("ClusterSnapshotCopyStatus")
    if not live:
        return ["off"]
    copy, recovery = plan.part("copy"), plan.part("recovery")
    wanted = {
        "DestinationRegion": plan.recovery,
        "RetentionPeriod": copy.get("keep_automated_days"),
        "ManualSnapshotRetentionPeriod": copy.get("keep_manual_days"),
    }
    if cluster.get("Encrypted"):
        wanted["SnapshotCopyGrantName"] = recovery.get("snapshot_copy_grant_name")
    return [
        f"{name} is {live.get(name)}, recorded {value}" for name, value in wanted.items() if live.get(name) != value
    ]


def _judge_points(verdict: Verdict, plan: Plan, recovery: Recovery, now: datetime) -> None:
    choice = choose(
        recovery.points,
        cluster=plan.cluster,
        source_region=plan.primary,
        plan=plan.name,
        lineage=recovery.lineage,
    )
    verdict.choice = choice
    if choice.outcome == AMBIGUOUS_LINEAGE:
        several = len(choice.candidates)
        verdict.missed.append(f"{AMBIGUOUS_LINEAGE}: copies of {several} clusters called {plan.cluster} are there")
    elif choice.outcome == NO_RECOVERY_POINT or choice.point is None:
        verdict.missed.append(f"no usable copy in {plan.recovery}")
    else:
        age = now - choice.point.created
        told = f"the newest copy in {plan.recovery} is {words.span(age)} old"
        if age.total_seconds() > plan.objective_seconds:
            verdict.missed.append(f"{told}, the objective is {words.span(plan.objective_seconds)}")
        else:
            verdict.fine = f"{told}, within the objective of {words.span(plan.objective_seconds)}"


def _judge_drills(verdict: Verdict, plan: Plan, drills: Mapping[str, Any] | None, now: datetime) -> None:
    if drills is None:
        return
    last = drills.get("last") or {}
    outcome = last.get("outcome")
    if last.get("failed", outcome is not None and outcome not in NOT_FAILED_OUTCOMES):
        told = f"the last drill failed: {outcome}"
        verdict.missed.append(
            told if outcome not in NOT_FAILED_OUTCOMES else "the last drill that told anything failed"
        )
    if drills.get("inconclusive", 0) >= _TWICE:
        verdict.notes.append(f"{drills['inconclusive']} drills in a row were inconclusive")
    gap = plan.part("drill").get("longest_gap_seconds")
    at = last.get("ended") or drills.get("since")
    if gap and at:
        silent = now - words.parsed(at)
        if silent > timedelta(seconds=gap) + _DRILL_GRACE:
            verdict.notes.append(f"no drill for {words.span(silent)}, though one is due each {words.span(gap)}")


def _judge_primary(verdict: Verdict, plan: Plan, primary: Primary, recovery: Recovery | None) -> None:
    cluster = primary.cluster
    if cluster is None:
        verdict.notes.append(f"there is no cluster {plan.cluster} in {plan.primary}")
        return
    differences = copy_differences(plan, cluster)
    live = cluster.get("ClusterSnapshotCopyStatus") or {}
    if not live:
        verdict.missed.append(f"nothing is copied: the copy of {plan.cluster} is off")
    elif live.get("DestinationRegion") != plan.recovery:
        verdict.missed.append(f"{plan.cluster} is copied to {live.get('DestinationRegion')}, not to {plan.recovery}")
    else:
        verdict.notes += [f"the copy is not as recorded: {difference}" for difference in differences]
    if cluster.get("ClusterStatus") == "paused":
        verdict.notes.append("the cluster is paused: no snapshot is taken")
    created, recorded = cluster.get("ClusterCreateTime"), recovery.lineage if recovery else None
    if created is not None and recorded is not None and not same_cluster(created, recorded):
        verdict.notes.append(
            f"the cluster in {plan.primary} was created {words.iso(created)}, the recorded lineage is "
            f"{words.iso(recorded)}: it was replaced, and its copies are taken only if you accept them (--lineage)"
        )


def _problem(problem: object) -> str:
    return str(getattr(problem, "message", problem))
