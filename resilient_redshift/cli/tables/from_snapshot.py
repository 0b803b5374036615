"""One table back from a snapshot in the cluster's own Region: Redshift does it (RestoreTableFromClusterSnapshot)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import outlook, plans, words
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.tables import live as lives
from resilient_redshift.cli.tables import requests
from resilient_redshift.cli.tables.database import Database
from resilient_redshift.cli.tables.job import resumable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tables.job import Job
    from resilient_redshift.cli.tables.live import Candidates, Live
    from resilient_redshift.cli.tables.requests import Request
    from resilient_redshift.cli.tables.shape import Shape
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

JSON_VERSION: Final = 1
#: The outcome of each end of a request (Redshift API, TableRestoreStatus).
_OUTCOMES: Final = {requests.SUCCEEDED: "Restored", "FAILED": "Failed", "CANCELED": "Canceled"}
_LISTED_AT_MOST: Final = 10
#: What Redshift does not bring back with a table (Redshift Management Guide, "Restoring a table from a snapshot").
LEFT_OUT: Final = "foreign keys, views and grants of the table"


@dataclass(kw_only=True)
class _Seen:
    """What is known before the start: what the database says, the requests of the cluster, and what is unknown."""

    live: Live
    names: Mapping[str, str]
    new: Shape | None = None
    new_known: bool = False
    source: Shape | None = None
    own: Request | None = None
    other: Request | None = None
    notes: list[str] = field(default_factory=list)


def restore(tools: Tools, job: Job, *, yes: bool, dry_run: bool) -> int:
    """Bring the table back, or go on with it.

    Args:
        tools: the world around the command.
        job: what is asked for.
        yes: whether ``--yes`` was passed. Then nothing is asked.
        dry_run: whether only to show what would happen.

    Returns:
        The exit status: 0 if the table is there, 1 if Redshift could not restore it.

    Raises:
        CliError: a rule forbids it, the user declined, or AWS could not be asked.
    """
    plan = plans.find(tools.aws, job.plan)
    live = lives.read(tools.aws, plan)
    live.require_available()
    seen = _look(tools, job, live)
    done = _done_before(job, seen)
    if done is not None:
        return _show_end(tools, live, done)
    request = seen.own if seen.own is not None and seen.own.active else None
    if request is not None:
        tools.screen.say(f"{plan.name}: this table restore runs already, from {request.snapshot}", "bold")
    else:
        point = _checked(tools, job, plan, seen)
        _show(tools, job, plan, seen, point)
    if dry_run:
        tools.screen.say("nothing was started: --dry-run")
        if tools.json:
            snapshot = request.snapshot if request is not None else point.identifier
            print_json({"version": JSON_VERSION, "way": "snapshot", "outcome": "DryRun", "snapshot": snapshot})
        return FINE
    if request is None:
        where = f"{seen.names['TargetDatabaseName']} of {live.identifier}"
        confirm(tools, f"Restore {job.source} as the new table {job.new} in {where}?", yes=yes)
        request = requests.begin(tools, live, point.identifier, seen.names)
    with resumable(tools, job, f"the restore of {job.new} runs on in Redshift, which cannot cancel it"):
        ended = requests.follow(tools, live, request)
    status = _show_end(tools, live, ended)
    if status == FINE:
        _show_rows(tools, job, seen)
    return status


def _look(tools: Tools, job: Job, live: Live) -> _Seen:
    names = requests.names_of(job, live)
    seen = _Seen(live=live, names=names)
    listed = ask(lambda: requests.read_all(tools, live))
    if listed.problem is not None:
        seen.notes.append(f"cannot tell whether another table restore runs ({listed.problem.message})")
    seen.own = requests.own(listed.value or [], names)
    seen.other = next((one for one in listed.value or [] if one.active and one != seen.own), None)

    new = ask(lambda: _database(tools, live, names["TargetDatabaseName"]).shape(job.new))
    seen.new, seen.new_known = new.value, new.problem is None
    if new.problem is not None:
        seen.notes.append(
            f"cannot tell whether {job.new} is free, nor whether {job.source} has an interleaved sort key"
        )
        seen.notes.append(f"  {new.problem.message}; Redshift checks both")
        return seen
    source = ask(lambda: _database(tools, live, names["SourceDatabaseName"]).shape(job.source))
    seen.source = source.value
    if source.problem is not None:
        seen.notes.append(f"cannot tell whether {job.source} has an interleaved sort key ({source.problem.message})")
    return seen


def _database(tools: Tools, live: Live, name: str) -> Database:
    return Database(tools=tools, region=live.region, cluster=live.identifier, user=live.admin_user, name=name)


def _show_rows(tools: Tools, job: Job, seen: _Seen) -> None:
    """Show the rows of both tables, where they can be counted."""
    if not seen.new_known:
        return
    new = ask(lambda: _database(tools, seen.live, seen.names["TargetDatabaseName"]).count(job.new))
    old = ask(lambda: _database(tools, seen.live, seen.names["SourceDatabaseName"]).count(job.source))
    counts = ["cannot be counted" if one.value is None else str(one.value) for one in (new, old)]
    tools.screen.fact("rows", f"{counts[0]} in {job.new}, {counts[1]} in {job.source} now")


def _done_before(job: Job, seen: _Seen) -> Request | None:
    """The same restore, if it ended well before and its table is still there, as far as that is known."""
    last = seen.own
    there = seen.new is not None or not seen.new_known
    same = last is not None and job.snapshot in {None, last.snapshot}
    return last if last is not None and same and there and last.status == requests.SUCCEEDED else None


def _checked(tools: Tools, job: Job, plan: Plan, seen: _Seen) -> RecoveryPoint:
    """Check Redshift's rules, and choose the snapshot.

    Raises:
        CliError: a rule forbids the restore.
    """
    live = seen.live
    if seen.other is not None:
        hint = "Redshift restores one table of a cluster at a time: run it again when that one is done"
        raise CliError(f"another table restore runs in {live.identifier}: {seen.other}", hint)
    if seen.new is not None:
        raise CliError(f"{job.new} exists, and a restore never overwrites a table", "choose another name: --as")
    if seen.source is not None and seen.source.interleaved:
        hint = "--from-copies can: it unloads the table from a scratch cluster"
        raise CliError(f"{job.source} has an interleaved sort key, and Redshift restores no such table", hint)
    found = lives.candidates(tools.aws, live, before=job.before, snapshot=job.snapshot)
    if found.chosen is None:
        _refuse_all(tools, job, plan, live, found)
    assert found.chosen is not None  # noqa: S101 - refused above
    seen.notes += lives.notes(found.chosen, live, found.versions.get(found.chosen.identifier, ""))
    return found.chosen


def _refuse_all(tools: Tools, job: Job, plan: Plan, live: Live, found: Candidates) -> None:
    shown = [one for one in found.refused if job.snapshot in {None, one[0].identifier}][:_LISTED_AT_MOST]
    if shown:
        rows = [(point.identifier, words.minute(point.created), reason) for point, reason in shown]
        tools.screen.say(f"  the snapshots of {live.identifier} in {live.region}, none of them usable:", "yellow")
        tools.screen.table(("snapshot", "data of", "why not"), rows)
    what = f"snapshot {job.snapshot}" if job.snapshot else "usable snapshot"
    when = f" from before {words.iso(job.before)}" if job.before else ""
    copies = ask(lambda: lives.copies_before(outlook.snapshots(tools.aws, plan.recovery), plan, job.before))
    if copies.problem is not None:
        hint = f"whether {plan.recovery} has a copy is unknown: {copies.problem.message}"
    elif copies.value:
        hint = f"{plan.recovery} has the copy {copies.value[0].identifier} of {words.minute(copies.value[0].created)}"
        hint += ": --from-copies --role ARN --bucket s3://... takes that"
    else:
        hint = f"{plan.recovery} has no copy from that time either"
    raise CliError(f"no {what} of {live.identifier} in {live.region}{when}", hint)


def _show(tools: Tools, job: Job, plan: Plan, seen: _Seen, point: RecoveryPoint) -> None:
    screen, names, live = tools.screen, seen.names, seen.live
    screen.say(f"{plan.name}: one table back, from a snapshot", "bold")
    screen.fact("table", f"{job.source} of database {names['SourceDatabaseName']}")
    screen.fact("as", f"{job.new} in database {names['TargetDatabaseName']} of {live.identifier} in {live.region}")
    show_point(tools, job, point)
    screen.fact("left out", LEFT_OUT)
    screen.fact("stays", f"{job.source} as it is now: compare the two, then decide")
    for note in seen.notes:
        screen.say(f"  ! {note}", "yellow")


def show_point(tools: Tools, job: Job, point: RecoveryPoint) -> None:
    """Show the snapshot that the table comes from."""
    tools.screen.fact("snapshot", point.identifier)
    age = f", {words.span(job.before - point.created)} before that" if job.before else ""
    tools.screen.fact("data of", f"{words.minute(point.created)}{age}")


def _show_end(tools: Tools, live: Live, request: Request) -> int:
    outcome = _OUTCOMES.get(request.status, request.status)
    good = request.status == requests.SUCCEEDED
    message = request.message if request.message and not good else str(request)
    tools.screen.say(f"{outcome}: {message}", "bold green" if good else "bold red")
    if tools.json:
        value: dict[str, Any] = {
            "version": JSON_VERSION,
            "way": "snapshot",
            "outcome": outcome,
            "cluster": live.identifier,
            "region": live.region,
            "snapshot": request.snapshot,
            "table": request.names[5],
            "schema": request.names[4],
            "database": request.names[3],
            "request": request.id,
            "message": request.message,
        }
        print_json(value)
    return FINE if good else MISSED
