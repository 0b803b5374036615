"""The JSON that ``status --json`` prints: version 1, described in docs/cli.md. An unknown value is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cloud.redshift.snapshots import newest_first
from resilient_redshift.cloud.watch.drift import copy_differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.gather import Observation, Primary, Recovery
    from resilient_redshift.cli.verdict import Verdict
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.sight import Look
    from resilient_redshift.cloud.restore.standing_parts import Standing

JSON_VERSION: Final = 1


def as_mapping(verdicts: Iterable[tuple[Observation, Verdict]], now: datetime) -> dict[str, Any]:
    """The JSON of all plans."""
    return {
        "version": JSON_VERSION,
        "at": words.iso(now),
        "plans": [_plan(observation, verdict, now) for observation, verdict in verdicts],
    }


def _plan(observation: Observation, verdict: Verdict, now: datetime) -> dict[str, Any]:
    plan = observation.plan
    return {
        "plan": plan.name,
        "cluster": plan.cluster,
        "objectives": dict(plan.part("objectives")),
        "rules": [dict(rule) for rule in plan.rules],
        "rehearsals": [dict(rehearsal) for rehearsal in plan.rehearsals],
        "verdict": {
            "status": verdict.word,
            "exit_status": verdict.status,
            "line": verdict.line,
            "missed": verdict.missed,
            "unknown": verdict.unknown,
            "notes": verdict.notes,
            **_ways(verdict.standing),
        },
        **_known({"standing": verdict.standing.where if verdict.standing else None}),
        "primary": {
            "region": plan.primary,
            **_side(observation.primary.problem, unreachable=observation.primary.unreachable),
            **(_primary(observation, observation.primary.value, now) if observation.primary.value else {}),
        },
        "recovery": {
            "region": plan.recovery,
            **_side(observation.recovery.problem, unreachable=observation.recovery.unreachable),
            **(_recovery(observation, observation.recovery.value, verdict, now) if observation.recovery.value else {}),
        },
    }


def _ways(standing: Standing | None) -> dict[str, Any]:
    """The commands of the two ways to mend what is missed."""
    return _known({"commands": standing.commands or None, "instead": standing.instead or None}) if standing else {}


def _side(problem: object, *, unreachable: bool) -> dict[str, Any]:
    return {"reachable": not unreachable, **({} if problem is None else {"problem": str(problem)})}


def _primary(observation: Observation, primary: Primary, now: datetime) -> dict[str, Any]:
    cluster = primary.cluster
    days = None if cluster is None else cluster.get("AutomatedSnapshotRetentionPeriod")
    known = primary.points.value
    points = {} if known is None else {"recovery_points": _points(known, observation, days, now)}
    if cluster is None:
        return points
    live = cluster.get("ClusterSnapshotCopyStatus")
    return {
        "cluster": _known(
            {
                "status": cluster.get("ClusterStatus"),
                "lineage": _time(cluster.get("ClusterCreateTime")),
                "node_type": cluster.get("NodeType"),
                "number_of_nodes": cluster.get("NumberOfNodes"),
            }
        ),
        **({"copy": _copy(live)} if live else {}),
        "copy_differences": copy_differences(observation.plan.record, cluster),
        **_known(
            {
                "schedule": _known(
                    {
                        "identifier": cluster.get("SnapshotScheduleIdentifier"),
                        "definitions": list(primary.schedule) or None,
                        "state": cluster.get("SnapshotScheduleState"),
                    }
                )
                if cluster.get("SnapshotScheduleIdentifier")
                else None
            }
        ),
        **points,
    }


def _recovery(observation: Observation, recovery: Recovery, verdict: Verdict, now: datetime) -> dict[str, Any]:
    choice = verdict.choice
    usable = {point.identifier for point in choice.usable} if choice else set()
    point = choice.point if choice else None
    return {
        **_known(
            {
                "record": None if _record_unread(recovery) else recovery.plan is not None,
                "outcome": choice.outcome if choice else None,
                "newest": point.identifier if point else None,
                "newest_age_seconds": _age(point.created, now) if point else None,
                "lineage": _time(recovery.lineage.value),
                "candidates": [one.identifier for one in choice.candidates] if choice and choice.candidates else None,
                "drills": recovery.drills.value,
                "endpoint": recovery.published.value.value if recovery.published.value else None,
                "restored": _restored(verdict, now),
                "beside": _beside(verdict),
                "unread": _unread(recovery),
                "running": None
                if recovery.running.value is None
                else [
                    {"execution": run.arn, "mode": run.input.get("mode"), "started": words.iso(run.started)}
                    for run in recovery.running.value
                ],
                "recovery_points": None
                if recovery.points.value is None
                else [
                    {**item, "usable": item["identifier"] in usable}
                    for item in _points(recovery.points.value, observation, observation.plan.keep_automated_days, now)
                ],
            }
        ),
    }


def _restored(verdict: Verdict, now: datetime) -> dict[str, Any] | None:
    """The published cluster. None if nothing is published, or if the cluster is gone or could not be read."""
    standing = verdict.standing
    if standing is None or standing.restored is None:
        return None
    cluster = standing.restored
    return _known(
        {
            "cluster": cluster.identifier,
            "status": cluster.state.name,
            "lineage": _time(cluster.created),
            "copied_to": cluster.copied_to or None,
            "newest_copy": standing.copied.identifier if standing.copied else None,
            "newest_copy_age_seconds": _age(standing.copied.created, now) if standing.copied else None,
        }
    )


def _beside(verdict: Verdict) -> list[dict[str, Any]] | None:
    beside = verdict.standing.beside if verdict.standing else []
    return [
        _known(
            {
                "cluster": one.cluster.identifier,
                "status": one.cluster.state.name,
                "hours": None if one.hours is None else round(one.hours, 1),
                "node_hours": None if one.node_hours is None else round(one.node_hours, 1),
            }
        )
        for one in beside
    ] or None


def _record_unread(recovery: Recovery) -> bool:
    """Whether nobody knows if there is a record. The command may have begun with it."""
    return recovery.plan is None and not recovery.record_read


def _unread(recovery: Recovery) -> list[str] | None:
    """The fields that are absent because they could not be read."""
    looks: dict[str, Look[Any]] = {
        "endpoint": recovery.published,
        "lineage": recovery.lineage,
        "drills": recovery.drills,
        "running": recovery.running,
        "recovery_points": recovery.points,
        "restored": recovery.clusters,
        "beside": recovery.clusters,
    }
    unread = [name for name, look in looks.items() if look.problem]
    return (["record"] if _record_unread(recovery) else []) + unread or None


def _points(
    points: Sequence[RecoveryPoint], observation: Observation, days: int | None, now: datetime
) -> list[dict[str, Any]]:
    return [
        _known(
            {
                "identifier": point.identifier,
                "kind": point.kind(observation.plan.rule_names),
                "status": point.status,
                "created": words.iso(point.created),
                "age_seconds": _age(point.created, now),
                "size_megabytes": point.size_megabytes,
                "expires": _time(point.expires(days)),
                "lineage": words.iso(point.lineage),
            }
        )
        for point in newest_first(points)
    ]


def _copy(live: Mapping[str, Any]) -> dict[str, Any]:
    return _known(
        {
            "region": live.get("DestinationRegion"),
            "keep_automated_days": live.get("RetentionPeriod"),
            "keep_manual_days": live.get("ManualSnapshotRetentionPeriod"),
            "snapshot_copy_grant_name": live.get("SnapshotCopyGrantName"),
        }
    )


def _age(moment: datetime, now: datetime) -> int:
    return int((now - moment).total_seconds())


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else words.iso(moment)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
