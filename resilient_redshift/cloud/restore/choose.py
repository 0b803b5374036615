"""Chooses the snapshot that a run restores."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.redshift.snapshots import (
    CHOSEN,
    RecoveryPoint,
    newest_first,
    recovery_points,
    same_cluster,
    why_not_usable,
)
from resilient_redshift.cloud.restore import drill_point, published
from resilient_redshift.cloud.restore.calls import FEW, MANY, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.cluster import look
from resilient_redshift.cloud.restore.proposal import in_use, left_out, propose
from resilient_redshift.cloud.restore.run import Candidate, Point
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract.names import endpoint_name, lineage_name
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE, NO_RECOVERY_POINT
from resilient_redshift.contract.stored import read_lineage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.published import Published
    from resilient_redshift.cloud.restore.run import Run

#: Redshift API, DescribeClusterSnapshots: MaxRecords is 20 to 100. A run reads this many pages at most.
_PAGE: Final = 100
_MOST_PAGES: Final = 100
#: How many older snapshots a run keeps, for the case that the newest one is gone or too new for the engine. Half of
#: them are the next older ones; the others are each the newest one of another engine.
_MOST_OLDER: Final = 24
_MOST_CANDIDATES: Final = 10


def recorded_lineage(run: Run, aws: Aws) -> datetime | None:
    """The ClusterCreateTime that is recorded for the plan, in the record or at first sight.

    Without the parameter the run goes on with what the record says. Where the parameter cannot be read or is not
    understood, it does so with a warning, and records nothing unless the operator accepts a lineage.
    """
    run.may_record_lineage = False
    try:
        text: object = aws.call("ssm", "GetParameter", Name=lineage_name(run.request.plan))["Parameter"]["Value"]
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        if error.meaning is not Meaning.MISSING:
            if run.is_drill and error.refused:
                raise
            run.warn(str(error))
        run.may_record_lineage = error.meaning is Meaning.MISSING
        text = None
    lineage = read_lineage(text, run.request.plan, run.record)
    if lineage.problem:
        run.warn(f"{lineage.problem}; --lineage writes it anew")
    return lineage.time


def read_published(run: Run, aws: Aws) -> Published | None:
    """What the last failover of the plan published, if its cluster lives. Newer copies of the primary diverged from it.

    A run that cannot read what is published goes on with a warning, and leaves no copy out. A run that cannot look at
    the published cluster takes it for a living one.
    """
    last = _read_endpoint(run, aws)
    if last is None:
        return None
    try:
        living = in_use(last, look(aws, last.cluster))
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        if run.is_drill and error.refused:
            raise
        run.warn(f"{error}; so it is unknown whether the published cluster {last.cluster} lives")
        return last
    run.endpoint_gone = living is None
    return living


def _read_endpoint(run: Run, aws: Aws) -> Published | None:
    try:
        text = aws.call("ssm", "GetParameter", Name=endpoint_name(run.request.plan))["Parameter"]["Value"]
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        if error.meaning is Meaning.MISSING:
            return None
        if run.is_drill and error.refused:
            raise
        run.warn(f"{error}; so it is unknown whether the newest copy diverged from a published cluster")
        return None
    try:
        found = published.read(text, run.request.plan)
    except published.NotUnderstoodError as error:
        run.warn(f"{error}; so it is unknown whether the newest copy diverged from a published cluster")
        return None
    for problem in found.problems if found else ():
        run.warn(problem)
    return found


def write_lineage(run: Run, aws: Aws) -> None:
    """Record the lineage of the chosen snapshot: at first sight, or as the operator accepted it.

    At first sight, what another run wrote in the meantime stays.
    """
    if run.chosen is None:
        return
    lineage = run.chosen.lineage
    accepted = run.request.lineage is not None
    if accepted:
        new = run.lineage is None or not same_cluster(run.lineage, lineage)
    else:
        new = run.may_record_lineage and run.lineage is None and run.request.snapshot is None
    if not new:
        return
    try:
        aws.call(
            "ssm",
            "PutParameter",
            Name=lineage_name(run.request.plan),
            Value=iso(lineage),
            Type="String",
            Overwrite=accepted,
        )
    except CallFailed as error:
        wait_out(run, aws.now(), error, FEW)
        if error.meaning is Meaning.EXISTS:
            return
        if run.is_drill and error.refused:
            raise
        run.warn(str(error))


def choose_snapshot(run: Run, aws: Aws, last: Published | None) -> None:
    """Choose the newest usable snapshot of the right lineage, or the one that the operator named or a drill asks for.

    Args:
        run: the run.
        aws: the surroundings.
        last: what the last failover published. None: there was none.

    Raises:
        Ended: there is none, or the operator must say which lineage is meant.
        Again: a call failed with an error that passes.
    """
    try:
        snapshots, whole = _read_all(aws)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        raise
    identifier = run.record["cluster"]["identifier"]
    ours = [one for one in snapshots if one.get("ClusterIdentifier") == identifier]
    choice = propose(run.record, recovery_points(ours), lineage=run.lineage, published=last, request=run.request)
    diverged = left_out(choice, last)
    if diverged:
        run.warn(diverged)
    if choice.outcome == AMBIGUOUS_LINEAGE:
        run.candidates = [_candidate(point) for point in choice.candidates[:_MOST_CANDIDATES]]
        raise Ended(AMBIGUOUS_LINEAGE, _ambiguous(run, choice.candidates))
    if choice.outcome != CHOSEN or choice.point is None:
        gone_apart = frozenset(point.identifier for point in choice.diverged)
        raise Ended(NO_RECOVERY_POINT, _none(run, ours, aws.region, gone_apart))
    if not whole:
        run.warn(f"only the first {_PAGE * _MOST_PAGES} snapshots of the Region were looked at")
    raw = {one["SnapshotIdentifier"]: one for one in ours}
    points = [_point(point, raw[point.identifier], run) for point in choice.usable]
    if run.measures_newest:
        any_point = replace(run.request, snapshot=None)
        newest = propose(run.record, recovery_points(ours), lineage=run.lineage, published=last, request=any_point)
        run.newest_created = newest.point.created if newest.point else None
    index = drill_point.choose(points, run)
    if index is None:
        raise Ended(NO_RECOVERY_POINT, drill_point.none_so_old(points, run))
    run.chosen, run.older = points[index], _worth_keeping(points[index + 1 :])
    which = drill_point.which(run.request, len(points))
    run.point_chosen = f"{run.chosen.identifier} is {which}" if which else ""
    if run.measured_point is None:
        return
    age = int((run.started - run.measured_point).total_seconds())
    objective = run.objective("recovery_point_seconds")
    if objective is not None and age > objective:
        run.warn(f"the recovery point is {age} seconds old; the objective is {objective}")


def _worth_keeping(older: Sequence[Point]) -> list[Point]:
    """The next older snapshots, and of what is older than these the newest one of each engine."""
    half = _MOST_OLDER // 2
    kept = list(older[:half])
    engines = {point.engine for point in kept}
    for point in older[half:]:
        if point.engine not in engines and len(kept) < _MOST_OLDER:
            engines.add(point.engine)
            kept.append(point)
    return kept


def _read_all(aws: Aws) -> tuple[list[SnapshotTypeDef], bool]:
    """Every snapshot of the Region.

    AWS does not document whether one may ask by a cluster that lives in another Region. So a run asks for all.

    Returns:
        The snapshots, and whether these are all of them.
    """
    found: list[SnapshotTypeDef] = []
    marker: str | None = None
    for _ in range(_MOST_PAGES):
        answer = aws.call("redshift", "DescribeClusterSnapshots", MaxRecords=_PAGE, Marker=marker)
        found += answer["Snapshots"]
        marker = answer.get("Marker")
        if not marker:
            return found, True
    return found, False


def _point(point: RecoveryPoint, snapshot: SnapshotTypeDef, run: Run) -> Point:
    return Point(
        identifier=point.identifier,
        type="automated" if point.automated else "manual",
        created=point.created,
        lineage=point.lineage,
        # a frozen snapshot may have no source Region; its tags say that it is of the plan's own
        source_region=point.source_region or run.record["cluster"]["region"],
        size_megabytes=point.size_megabytes,
        node_type=point.node_type,
        number_of_nodes=point.number_of_nodes,
        enhanced_vpc_routing=snapshot.get("EnhancedVpcRouting") is True,
        engine=snapshot.get("EngineFullVersion"),
    )


def _candidate(point: RecoveryPoint) -> Candidate:
    return Candidate(
        identifier=point.identifier,
        type="automated" if point.automated else "manual",
        status=point.status,
        created=point.created,
        lineage=point.lineage,
    )


def _ambiguous(run: Run, candidates: Iterable[RecoveryPoint]) -> str:
    recorded = "none is recorded" if run.lineage is None else f"the recorded one is of {iso(run.lineage)}"
    listed = "; ".join(f"{iso(one.lineage)}, newest {one.identifier} of {iso(one.created)}" for one in candidates)
    return (
        f"there are snapshots of more than one cluster {run.record['cluster']['identifier']}, as their "
        f"ClusterCreateTime shows ({recorded}): {listed}. Say which one with lineage or snapshot"
    )


def _none(run: Run, snapshots: Sequence[SnapshotTypeDef], region: str, diverged: Collection[str]) -> str:
    """Why there is nothing to restore: what exists, by reason, each with the newest."""
    cluster, request = run.record["cluster"], run.request
    why: dict[str, list[RecoveryPoint | None]] = {}
    for snapshot in snapshots:
        reason = _why_not(run, snapshot)
        if snapshot["SnapshotIdentifier"] in diverged:
            reason = "diverged from what the last failover restored (snapshot or lineage takes one all the same)"
        why.setdefault(reason, []).append(RecoveryPoint.of(snapshot))
    reasons = []
    for reason, points in why.items():
        newest = newest_first(point for point in points if point is not None)
        example = f" (newest {newest[0].identifier} of {iso(newest[0].created)})" if newest else ""
        reasons.append(f"{len(points)} {reason}{example}")
        run.candidates += [_candidate(point) for point in newest[:1]]
    run.candidates = sorted(run.candidates, key=lambda one: one.created or run.started, reverse=True)[:_MOST_CANDIDATES]
    given = "" if request.snapshot is None else f"the given snapshot {request.snapshot} is not a usable one: "
    others = ": " + ", ".join(reasons) if reasons else ", and no other"
    return f"{given}there is no usable snapshot of {cluster['identifier']} from {cluster['region']} in {region}{others}"


def _why_not(run: Run, snapshot: SnapshotTypeDef) -> str:
    request, home = run.request, run.record["cluster"]["region"]
    point = RecoveryPoint.of(snapshot)
    if request.snapshot is not None and snapshot["SnapshotIdentifier"] != request.snapshot:
        return "not the one given"
    if point is None:
        return f"{snapshot.get('Status')}, of an unknown time"
    if not point.is_of(cluster=point.cluster, source_region=home, plan=request.plan):
        return f"from {point.source_region}" if point.source_region else "made in this Region"
    return why_not_usable(point, accepted=request.lineage, not_before=request.not_before) or "of another lineage"
