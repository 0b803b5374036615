"""The text of ``status``: both Regions, then the verdict in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import FINE, MISSED
from resilient_redshift.cli.restore_view import show_points
from resilient_redshift.cloud.redshift.snapshots import newest_first
from resilient_redshift.cloud.watch.drift import copy_differences
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.gather import Observation, Primary, Recovery
    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.verdict import Verdict
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.sight import Look

_LISTED_AT_MOST: Final = 12
_UNREAD: Final = "cannot be read"
_STYLES: Final = {FINE: "bold green", MISSED: "bold red"}


def show(screen: Screen, observation: Observation, verdict: Verdict, now: datetime) -> None:
    """Show one plan."""
    plan = observation.plan
    screen.say(plan.name, "bold")
    point, time = (words.span_of(each) for each in (plan.objective_seconds, plan.recovery_time_seconds))
    objectives = f"recovery point {point}, time {time}"
    screen.fact("objectives", objectives)
    for label, text in _scheduled(plan):
        screen.fact(label, text)
    screen.say(f"\nprimary: {plan.cluster} in {plan.primary}", "bold")
    if observation.primary.value is None:
        screen.say("  primary unreachable" if observation.primary.unreachable else "  cannot be read", "yellow")
    else:
        _show_primary(screen, observation, observation.primary.value, now)
    screen.say(f"\nrecovery: {plan.recovery}", "bold")
    if observation.recovery.value is None:
        screen.say("  recovery Region unreachable" if observation.recovery.unreachable else "  cannot be read", "red")
    else:
        _show_recovery(screen, observation, observation.recovery.value, verdict, now)
    screen.say()
    choice = verdict.choice
    if choice is not None and choice.outcome == AMBIGUOUS_LINEAGE:
        screen.say("candidates, the newest of each cluster that had this name:", "yellow")
        show_points(screen, choice.candidates, plan.rule_names, now)
        screen.say(
            "choose the cluster that a failover brings back: --lineage, with the time in the last column", "yellow"
        )
    show_verdict(screen, verdict)


def show_verdict(screen: Screen, verdict: Verdict) -> None:
    """Show the notes, what mends what is missed, and the verdict in one line."""
    for note in verdict.notes:
        screen.say(f"note: {note}", "yellow")
    if verdict.standing:
        for label, commands in (("to mend it", verdict.standing.commands), ("or instead", verdict.standing.instead)):
            for command in commands:
                screen.command(command, label, "yellow")
    screen.say(verdict.line, _STYLES.get(verdict.status, "bold yellow"))


def _show_primary(screen: Screen, observation: Observation, primary: Primary, now: datetime) -> None:
    cluster = primary.cluster
    days = None
    if cluster is not None:
        days = cluster.get("AutomatedSnapshotRetentionPeriod")
        nodes = f"{cluster.get('NumberOfNodes', '?')} x {cluster.get('NodeType', '?')}"
        screen.fact("cluster", f"{cluster.get('ClusterStatus', '?')}, {nodes}")
        screen.fact("copy", _copy(observation, cluster))
        name = cluster.get("SnapshotScheduleIdentifier")
        times = ", ".join(primary.schedule) or "?"
        screen.fact("schedule", f"{name}: {times}" if name else "none: about every 8 hours (AWS's default)")
    _show_points(screen, primary.points, observation.plan.rule_names, days, now)


def _show_recovery(
    screen: Screen, observation: Observation, recovery: Recovery, verdict: Verdict, now: datetime
) -> None:
    if recovery.lineage.problem:
        screen.fact("lineage", _UNREAD, "yellow")
    elif recovery.lineage.value is not None:
        screen.fact("lineage", f"a cluster created {words.iso(recovery.lineage.value)}")
    screen.fact("last drill", _drill(recovery.drills, now, due=bool(observation.plan.rehearsals)))
    for name, since in (recovery.drills.value or {}).get("leftovers", {}).items():
        age = words.span(now - words.parse_time(since))
        screen.fact("left behind", f"{name}, found {age} ago; the hourly clean-up deletes it", "yellow")
    for run in recovery.running.value or ():
        screen.fact("running", f"{run.name}, for {words.span(now - run.started)}", "bold")
    published = recovery.published.value
    if recovery.published.problem:
        screen.fact("failed over", _UNREAD, "yellow")
    elif published is not None:
        doubt = "" if published.verified else "; NOT verified: a check failed, or is not over yet"
        screen.fact("failed over", f"{words.minute(published.at)}: {published.cluster}, {published.address}{doubt}")
    _show_restored(screen, verdict)
    _show_points(screen, recovery.points, observation.plan.rule_names, observation.plan.keep_automated_days, now)


def _show_restored(screen: Screen, verdict: Verdict) -> None:
    standing = verdict.standing
    if standing is None or standing.restored is None:
        return
    cluster, facts = standing.restored, standing.restored.facts
    copied = f"copied to {cluster.copied_to}" if cluster.copied_to else "copied NOWHERE"
    nodes = f"{facts.number_of_nodes or '?'} x {facts.node_type or '?'}"
    screen.fact("now", f"{cluster.identifier}: {cluster.state.name}, {nodes}, {copied}")


def _copy(observation: Observation, cluster: Mapping[str, Any]) -> str:
    live = cluster.get("ClusterSnapshotCopyStatus")
    if not live:
        return "OFF"
    automated, manual = (
        words.retention(live.get(name)) for name in ("RetentionPeriod", "ManualSnapshotRetentionPeriod")
    )
    text = f"to {live.get('DestinationRegion')}, automated {automated}, manual {manual}"
    return text + ("; NOT as recorded" if copy_differences(observation.plan.record, cluster) else "; as recorded")


def _scheduled(plan: Plan) -> Iterator[tuple[str, str]]:
    """The scheduled snapshots and drills. Each Region's record names all of them, so one Region is enough."""
    for rule in plan.rules:
        keep, keep_copies = words.retention(rule.get("keep_days")), words.retention(rule.get("keep_in_recovery_days"))
        text = f"{rule['rule']}: {rule.get('schedule', '?')}, kept {keep}, copies {keep_copies}{_off(rule)}"
        yield "snapshots", text
    for rehearsal in plan.rehearsals:
        yield "drills", f"{rehearsal.get('name', '?')}: {rehearsal.get('schedule', '?')}{_off(rehearsal)}"


def _off(item: Mapping[str, Any]) -> str:
    return "; OFF" if item.get("enabled") is False else ""


def _drill(look: Look[Mapping[str, Any]], now: datetime, *, due: bool) -> str:
    drills = look.value
    if look.problem:
        return _UNREAD
    if drills is None:
        return "none yet" if due else "none, and none is planned"
    last = drills.get("last")
    if not last and not drills.get("since"):
        return "?"
    if not last:
        return f"none since {words.minute_of(drills.get('since'))}"
    end = words.parse_time(last["ended"]) if last.get("ended") else None
    seconds = last.get("recovery_time_seconds")
    parts = [str(last.get("outcome", "?"))]
    parts += [f"{words.minute(end)}, {words.span(now - end)} ago"] if end else []
    parts += [f"recovery time {words.span(seconds)}"] if seconds is not None else []
    return ", ".join(parts)


def _show_points(
    screen: Screen, look: Look[Sequence[RecoveryPoint]], rules: Sequence[str], days: int | None, now: datetime
) -> None:
    points = look.value or ()
    if look.problem:
        screen.say("  the snapshots cannot be read", "yellow")
        return
    if not points:
        screen.say("  no snapshot", "yellow")
        return
    rows = [
        (
            point.identifier,
            point.kind(rules) if point.available else f"{point.kind(rules)}, {point.status}",
            words.minute(point.created),
            words.span(now - point.created),
            words.size(point.size_megabytes),
            _expiry(point, days, now),
        )
        for point in newest_first(points)[:_LISTED_AT_MOST]
    ]
    screen.table(("snapshot", "kind", "data of", "age", "size", "expires"), rows, right=(3, 4))
    if len(points) > _LISTED_AT_MOST:
        screen.say(f"  and {len(points) - _LISTED_AT_MOST} older ones (--json lists all)", "dim")


def _expiry(point: RecoveryPoint, days: int | None, now: datetime) -> str:
    end = point.expires(days)
    if end is not None:
        return "now" if end <= now else f"in {words.span(end - now)}"
    return "?" if point.automated or point.retention_days is None else "never"
