"""Shows what a restore would do, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import moves, words
from resilient_redshift.cloud.redshift.snapshots import newest_first
from resilient_redshift.cloud.restore import drill_point
from resilient_redshift.cloud.restore.request import DRILL
from resilient_redshift.cloud.restore.rungs import first_rungs
from resilient_redshift.contract.outcomes import FAILED_STALE, GOOD_RESTORE_OUTCOMES, PRIMARY_NOT_ASKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.outlook import Outlook
    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen

_LISTED_AT_MOST: Final = 10
#: Somebody stopped the execution, or it ran longer than it may.
_NO_REPORT: Final = "the run ended without a report, and its cluster may be left: check whether the cluster exists"


def show_plan(screen: Screen, outlook: Outlook, now: datetime) -> None:
    """Show what the run will do."""
    plan, request = outlook.plan, outlook.run.request
    title = "drill: restore, check, measure, delete" if outlook.run.is_drill else "failover"
    screen.say(f"{plan.name}: {title}", "bold")
    screen.fact("cluster", f"{plan.cluster} of {plan.primary}")
    if request.replace_failed and outlook.failed_restore is not None:
        screen.fact("deletes first", failed_restore_text(outlook.failed_restore), "bold yellow")
    screen.fact("into", f"{outlook.target} in {plan.recovery}{_nodes(outlook)}")
    _show_point(screen, outlook, now)
    screen.fact("takes", _duration(outlook))
    recovery = plan.part("recovery")
    groups = ", ".join(recovery.get("security_groups", []))
    screen.fact(
        "network", f"subnet group {recovery.get('subnet_group', '?')}; security groups {groups or '?'}; not public"
    )
    for label, text in moves.facts(outlook):
        screen.fact(label, text)
    if outlook.run.copy_to is not None:
        screen.fact("copied to", str(outlook.run.copy_to["region"]))
    for note in (*_warnings(outlook, now), *outlook.notes):
        screen.say(f"  ! {note}", "yellow")


def failed_restore_text(cluster: Seen) -> str:
    """A cluster that a run restored in vain, in words."""
    return f"{cluster.identifier}: {cluster.state.name}, restored in vain by {cluster.made_by}, never available"


def show_points(screen: Screen, points: Sequence[RecoveryPoint], rules: Sequence[str], now: datetime) -> None:
    """List snapshots, the newest first."""
    rows = [
        (
            point.identifier,
            point.kind(rules),
            point.status,
            words.minute(point.created),
            words.span(now - point.created),
            words.size(point.size_megabytes),
            words.iso(point.lineage),
        )
        for point in newest_first(points)[:_LISTED_AT_MOST]
    ]
    screen.table(("snapshot", "kind", "status", "data of", "age", "size", "lineage"), rows, right=(4, 5))
    if len(points) > _LISTED_AT_MOST:
        screen.say(f"  and {len(points) - _LISTED_AT_MOST} older ones", "dim")


def show_outcome(screen: Screen, execution: Execution, *, primary_is_fenced: bool = False) -> None:
    """Show how an execution ended, and what the user needs next. Only the ARN of a secret is shown.

    Args:
        screen: where.
        execution: the execution.
        primary_is_fenced: whether the command itself fenced the primary, so that there are no two writers. Default: no.
    """
    report = execution.report
    style = "bold green" if execution.outcome in GOOD_RESTORE_OUTCOMES else "bold red"
    screen.say(f"{execution.outcome}: {report.get('message') or execution.cause or _NO_REPORT}", style)
    _show_cluster(screen, report.get("cluster") or {}, gone=report.get("mode") == DRILL)
    _show_times(screen, report)
    checks = report.get("checks") or []
    if checks:
        screen.fact("checks", f"{sum(bool(check['passed']) for check in checks)} of {len(checks)} passed")
    for check in checks:
        if not check["passed"]:
            reason = check.get("error") or f"got {check.get('got', 'nothing')!r}, expected {check['expected']!r}"
            screen.say(f"  ! {check['name']}: {reason}", "red")
    for name in ("missing", "warnings", "leftovers"):
        for text in report.get(name) or []:
            if not (primary_is_fenced and text.startswith(PRIMARY_NOT_ASKED)):
                screen.say(f"  ! {name.rstrip('s') if name != 'missing' else name}: {text}", "yellow")
    for one in report.get("candidates") or []:
        screen.say(f"  candidate {one['identifier']} of {one.get('created', '?')}, lineage {one.get('lineage', '?')}")
    cost = report.get("cost")
    if cost:
        nodes = words.count(cost["number_of_nodes"], f"{cost['node_type']} node")
        screen.fact("cost", f"{nodes}, {cost['node_hours']:.1f} node hours")
    screen.fact("execution", execution.arn)


def _show_cluster(screen: Screen, cluster: Mapping[str, Any], *, gone: bool) -> None:
    if not cluster:
        return
    screen.fact("cluster", str(cluster["identifier"]))
    if gone:  # a drill deletes its cluster, so the endpoint would mislead
        return
    if "endpoint" in cluster:
        database = f", database {cluster['database']}" if "database" in cluster else ""
        screen.fact("endpoint", f"{cluster['endpoint']}:{cluster.get('port', '?')}{database}", "bold")
    if "admin_user" in cluster:
        screen.fact("admin user", str(cluster["admin_user"]))
    if "secret_arn" in cluster:
        screen.fact("its secret", str(cluster["secret_arn"]))


def _show_times(screen: Screen, report: Mapping[str, Any]) -> None:
    objectives = report.get("objectives") or {}
    snapshot = report.get("snapshot") or {}
    if "recovery_point_seconds" in report:
        before = f"{words.span(report['recovery_point_seconds'])} before the start"
        screen.fact("recovery point", before + _against(report, objectives, "recovery_point_seconds"))
        screen.fact(
            "data of", f"{words.minute_of(snapshot.get('created'))}, snapshot {snapshot.get('identifier', '?')}"
        )
    if "recovery_time_seconds" in report:
        parts = ""
        if "restore_seconds" in report and "overhead_seconds" in report:
            restore, overhead = (words.span(report[name]) for name in ("restore_seconds", "overhead_seconds"))
            waited = report.get("refused_seconds")
            refused = f", waiting for capacity {words.span(waited)}" if waited is not None else ""
            parts = f"; Redshift's restore {restore}{refused}, our own steps {overhead}"
        total = words.span(report["recovery_time_seconds"])
        screen.fact("recovery time", total + _against(report, objectives, "recovery_time_seconds") + parts)


def _against(report: Mapping[str, Any], objectives: Mapping[str, Any], name: str) -> str:
    if name not in objectives:
        return ""
    relation = "within" if report[name] <= objectives[name] else "OVER"
    return f", {relation} the objective of {words.span(objectives[name])}"


def _show_point(screen: Screen, outlook: Outlook, now: datetime) -> None:
    point = outlook.choice.point if outlook.choice else None
    if point is None:
        if not outlook.run.is_drill:
            screen.fact("lost", "unknown: nobody could read which copy the machine will take", "bold yellow")
        return
    age, objective = now - point.created, outlook.plan.objective_seconds
    late = objective is not None and age.total_seconds() > objective
    screen.fact(
        "snapshot", f"{point.identifier} ({point.kind(outlook.plan.rule_names)}, {words.size(point.size_megabytes)})"
    )
    relation = "?" if objective is None else "OLDER than" if late else "within"
    against = f"{relation} the objective of {words.span_of(objective)}"
    since = f"{words.minute(point.created)}, {words.span(age)} ago"
    label, text = ("data of", since) if outlook.run.is_drill else ("lost", f"everything written after {since}")
    screen.fact(label, f"{text}: {against}", "red" if late else "bold")
    screen.fact("lineage", f"a cluster created {words.iso(point.lineage)}")
    which = drill_point.which(outlook.run.request, len(outlook.choice.usable) if outlook.choice else 0)
    if which:
        screen.fact("restores", f"{which}; the report says which. The newest one above is not restored")


def _duration(outlook: Outlook) -> str:
    """How long the restore took the last time that somebody measured it."""
    seconds, objective = outlook.last_drill.get("recovery_time_seconds"), outlook.plan.recovery_time_seconds
    promised = f"the objective is {words.span_of(objective)} until the cluster answers"
    if seconds is None:
        return f"not known, no drill has measured it; {promised}"
    return f"{words.span(seconds)} in the last drill, {words.minute_of(outlook.last_drill.get('ended'))}; {promised}"


def _nodes(outlook: Outlook) -> str:
    first = first_rungs(outlook.run)[0]
    kind, number = first.node_type, first.number_of_nodes
    if kind and number:
        return f", {number} x {kind}"
    if kind:
        return f", {kind}, the rest as the snapshot says"
    if number:
        return f", {words.count(number, 'node')}, the rest as the snapshot says"
    return ", nodes as the snapshot says"


def _warnings(outlook: Outlook, now: datetime) -> list[str]:
    point = outlook.choice.point if outlook.choice else None
    objective = outlook.plan.objective_seconds
    late = point is not None and objective is not None and (now - point.created).total_seconds() > objective
    if not outlook.run.is_drill:
        cluster = f"{outlook.plan.cluster} in {outlook.plan.primary}"
        drills = [run.name for run in outlook.running if run.input.get("mode") == DRILL]
        return [
            f"two writers: {cluster} may still be alive, or come back; stop the loads that reach it",
            *(f"the drill {name} runs; it yields and deletes its cluster" for name in drills),
        ]
    return [
        "a drill costs the cluster's node hours; at the end the cluster is deleted without a final snapshot",
        *([f"the copy is older than the objective: the outcome will be {FAILED_STALE}"] if late else []),
    ]
