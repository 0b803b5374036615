"""The verdict on one plan: fine, missed or unknown. Pure functions, without AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN
from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.cloud.restore.drills import last_failed, no_verdict_since
from resilient_redshift.cloud.restore.standing import FAILED_OVER
from resilient_redshift.cloud.restore.standing import judge as standing_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mypy_boto3_redshift.type_defs import ClusterTypeDef

    from resilient_redshift.cli.gather import Observation, Recovery
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cloud.redshift.snapshots import Choice
    from resilient_redshift.cloud.restore.standing import Standing

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
        fine: what is as it should be, when nothing is missed.
        standing: the state of the plan, and what a failover would take now. None if no plan was read.
    """

    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fine: str = ""
    standing: Standing | None = None

    @property
    def status(self) -> int:
        """The exit status. A certain miss counts more than something unknown."""
        return MISSED if self.missed else UNKNOWN if self.unknown else FINE

    @property
    def word(self) -> str:
        """The verdict in one word: ``fine``, ``missed`` or ``unknown``."""
        return _WORD[self.status]

    @property
    def choice(self) -> Choice | None:
        """What a failover would take now. None if that is unknown."""
        return self.standing.choice if self.standing else None

    @property
    def line(self) -> str:
        """The verdict in one line, with its reasons. If something is unknown, it also says what is fine."""
        reasons = [*self.missed, *self.unknown, *([self.fine] if self.fine and not self.missed else [])]
        return f"{self.word}: {'; '.join(reasons)}"


def judge(observation: Observation, now: datetime) -> Verdict:
    """Judge a plan by what both Regions say."""
    plan, recovery, primary = observation.plan, observation.recovery.value, observation.primary.value
    standing = standing_of(plan.record, observation.sight, now)
    verdict = Verdict(
        missed=standing.missed,
        unknown=[*observation.spoiled, *standing.unknown],
        notes=standing.notes,
        fine=standing.fine,
        standing=standing,
    )
    if recovery is not None:
        _judge_record(verdict, plan, recovery)
        _judge_drills(verdict, plan, recovery, now)
        verdict.unknown += recovery.spoiled
    if primary is not None:
        verdict.unknown += primary.problems
        # after a failover the primary's copy is off, because somebody fenced the primary
        if primary.cluster is not None and standing.where != FAILED_OVER:
            _judge_copy(verdict, plan, primary.cluster, recovery)
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


def _judge_record(verdict: Verdict, plan: Plan, recovery: Recovery) -> None:
    if recovery.plan is None and recovery.record_read:
        verdict.unknown.append(f"no usable plan record in {plan.recovery}: a failover could not be started")
    elif recovery.plan is not None and recovery.plan.lacks:
        lacks = "; ".join(recovery.plan.lacks)
        verdict.unknown.append(
            f"no failover can be started with the plan record in {plan.recovery}: {lacks} (docs/recovery.md, 'When the "
            "record is gone or changed')"
        )


def _judge_drills(verdict: Verdict, plan: Plan, recovery: Recovery, now: datetime) -> None:
    drills = recovery.drills.value
    if recovery.drills.problem:
        also = recovery.drills.problem == recovery.published.problem  # one call reads all of these
        why = "" if also else f": {recovery.drills.problem}"
        verdict.unknown.append(f"the last drill {'and the plan record ' if also else ''}could not be read{why}")
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


def _judge_copy(verdict: Verdict, plan: Plan, cluster: ClusterTypeDef, recovery: Recovery | None) -> None:
    differences = copy_differences(plan, cluster)
    live = cluster.get("ClusterSnapshotCopyStatus") or {}
    if not live:
        verdict.missed.append(f"nothing is copied: the copy of {plan.cluster} is off")
    elif live.get("DestinationRegion") != plan.recovery:
        verdict.missed.append(f"{plan.cluster} is copied to {live.get('DestinationRegion')}, not to {plan.recovery}")
    else:
        verdict.notes += [f"the copy is not as recorded: {difference}" for difference in differences]
    created, recorded = cluster.get("ClusterCreateTime"), recovery.lineage.value if recovery else None
    if created is not None and recorded is not None and not same_cluster(created, recorded):
        verdict.notes.append(
            f"the cluster in {plan.primary} was created {words.iso(created)}, the recorded lineage is "
            f"{words.iso(recorded)}: the cluster was replaced, and its copies count only if you accept them (--lineage)"
        )
