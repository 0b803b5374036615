"""The verdict on one plan: fine, missed or unknown. Pure functions, without AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.snapshots import Choice, choose, same_cluster
from resilient_redshift.cloud.redshift.states import Meaning
from resilient_redshift.cloud.restore.drills import last_failed, no_verdict_since
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cli.gather import Observation, Primary, Recovery
    from resilient_redshift.cli.plans import Plan

_WORD: Final = {FINE: "fine", MISSED: "missed", UNKNOWN: "unknown"}
#: A drill counts as missing only when it is later than this.
_DRILL_GRACE: Final = timedelta(days=1)
#: This many inconclusive drills in a row are worth a note.
_INCONCLUSIVE_DRILLS: Final = 2


@dataclass
class Verdict:
    """The verdict on one plan.

    Args:
        missed: what is certainly missed.
        unknown: what is unknown.
        notes: what is worth knowing, and changes no verdict.
        fine: the reason, when nothing is missed or unknown.
        choice: what a failover would take now. None if that is unknown.
    """

    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fine: str = ""
    choice: Choice | None = None

    @property
    def status(self) -> int:
        """The exit status. A certain miss counts more than something unknown."""
        return MISSED if self.missed else UNKNOWN if self.unknown else FINE

    @property
    def word(self) -> str:
        """The verdict in one word: ``fine``, ``missed`` or ``unknown``."""
        return _WORD[self.status]

    @property
    def line(self) -> str:
        """The verdict in one line, with its reasons."""
        reasons = [*self.missed, *self.unknown] or [self.fine]
        return f"{self.word}: {'; '.join(reasons)}"


def judge(observation: Observation, now: datetime) -> Verdict:
    """Judge a plan by what both Regions say."""
    verdict = Verdict(unknown=list(observation.spoiled))
    recovery, primary = observation.recovery.value, observation.primary.value
    if recovery is None:
        verdict.unknown.append(f"the recovery Region cannot be read: {_problem(observation.recovery.problem)}")
    else:
        _judge_points(verdict, observation.plan, recovery, now)
        _judge_drills(verdict, observation.plan, recovery.drills, now)
        if recovery.plan is None:
            where = observation.plan.recovery
            verdict.unknown.append(f"no usable plan record in {where}: a failover could not be started")
        elif recovery.plan.machine("restore") is None:
            verdict.notes.append("the record names no restore machine: deploy the recovery stack with this release")
        verdict.unknown += recovery.spoiled
        verdict.notes += recovery.problems
    if primary is None:
        problem = _problem(observation.primary.problem)
        if observation.primary.unreachable:
            verdict.notes.append(f"primary unreachable: {problem}")
        else:
            verdict.unknown.append(f"the primary Region cannot be read: {problem}")
    else:
        _judge_primary(verdict, observation.plan, primary, recovery)
    return verdict


def worst(verdicts: Iterable[Verdict]) -> int:
    """The exit status of several verdicts: 1 if one is missed, else 2 if one is unknown, else 0."""
    statuses = {verdict.status for verdict in verdicts}
    return MISSED if MISSED in statuses else UNKNOWN if UNKNOWN in statuses else FINE


def copy_differences(plan: Plan, cluster: Mapping[str, Any]) -> list[str]:
    """The differences between the live copy configuration and the recorded one. Empty if they are the same."""
    live = cluster.get("ClusterSnapshotCopyStatus")
    if not live:
        return ["off"]
    copy, recovery = plan.part("copy"), plan.part("recovery")
    recorded = {
        "DestinationRegion": plan.recovery,
        "RetentionPeriod": copy.get("keep_automated_days"),
        "ManualSnapshotRetentionPeriod": copy.get("keep_manual_days"),
    }
    if cluster.get("Encrypted"):
        recorded["SnapshotCopyGrantName"] = recovery.get("snapshot_copy_grant_name")
    return [
        f"{name} is {live.get(name)}, recorded {value}"
        for name, value in recorded.items()
        if value is not None and live.get(name) != value
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
        number = len(choice.candidates)
        verdict.missed.append(f"{AMBIGUOUS_LINEAGE}: there are copies of {number} clusters called {plan.cluster}")
    elif choice.outcome == NO_RECOVERY_POINT or choice.point is None:
        verdict.missed.append(f"no usable copy in {plan.recovery}")
    else:
        age = now - choice.point.created
        text = f"the newest copy in {plan.recovery} is {words.span(age)} old"
        objective = plan.objective_seconds
        if objective is None:
            verdict.unknown.append(f"{text}, and the objective is not understood")
        elif age.total_seconds() > objective:
            verdict.missed.append(f"{text}, the objective is {words.span(objective)}")
        else:
            verdict.fine = f"{text}, within the objective of {words.span(objective)}"


def _judge_drills(verdict: Verdict, plan: Plan, drills: Mapping[str, Any] | None, now: datetime) -> None:
    if drills is None:
        return
    if last_failed(drills):
        verdict.missed.append(f"the last drill failed: {drills['last']['outcome']}")
    if drills.get("inconclusive", 0) >= _INCONCLUSIVE_DRILLS:
        verdict.notes.append(f"{drills['inconclusive']} drills in a row were inconclusive")
    gap = plan.part("drill").get("longest_gap_seconds")
    since = no_verdict_since(drills)
    if gap and since is not None:
        age = now - since
        if age > timedelta(seconds=gap) + _DRILL_GRACE:
            verdict.notes.append(f"no drill for {words.span(age)}, though one is due every {words.span(gap)}")


def _judge_primary(verdict: Verdict, plan: Plan, primary: Primary, recovery: Recovery | None) -> None:
    cluster = primary.cluster
    if cluster is None:
        verdict.notes.append(f"there is no cluster {plan.cluster} in {plan.primary}")
        return
    _judge_state(verdict, plan, cluster)
    differences = copy_differences(plan, cluster)
    live = cluster.get("ClusterSnapshotCopyStatus") or {}
    if not live:
        verdict.missed.append(f"nothing is copied: the copy of {plan.cluster} is off")
    elif live.get("DestinationRegion") != plan.recovery:
        verdict.missed.append(f"{plan.cluster} is copied to {live.get('DestinationRegion')}, not to {plan.recovery}")
    else:
        verdict.notes += [f"the copy is not as recorded: {difference}" for difference in differences]
    created, recorded = cluster.get("ClusterCreateTime"), recovery.lineage if recovery else None
    if created is not None and recorded is not None and not same_cluster(created, recorded):
        verdict.notes.append(
            f"the cluster in {plan.primary} was created {words.iso(created)}, the recorded lineage is "
            f"{words.iso(recorded)}: the cluster was replaced, and its copies count only if you accept them (--lineage)"
        )


def _judge_state(verdict: Verdict, plan: Plan, cluster: ClusterTypeDef) -> None:
    state = states.of(cluster.get("ClusterStatus", "unknown"))
    text = f"the cluster {plan.cluster} is {state.name!r}"
    if state.meaning is Meaning.NEEDS_SOMEBODY:
        verdict.missed.append(f"{text}: {state.happens}; {state.to_do}")
    elif state.meaning is Meaning.GOING:
        verdict.missed.append(f"{text}, so it is being deleted")
    elif state.meaning is Meaning.UNKNOWN:
        verdict.unknown.append(f"{text}, and this release does not know that state: look at the cluster's events")
    elif state.name == states.PAUSED:
        verdict.notes.append("the cluster is paused: no snapshot is taken")


def _problem(problem: object) -> str:
    return str(getattr(problem, "message", problem))
