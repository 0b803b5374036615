"""One table back from a copy in the recovery Region: a scratch restore there, UNLOAD, COPY into the live cluster."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, outlook, plans, words
from resilient_redshift.cli.aws import ask
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.next_steps import Commands
from resilient_redshift.cli.output import print_json
from resilient_redshift.cli.tables import live as lives
from resilient_redshift.cli.tables.database import Database
from resilient_redshift.cli.tables.from_snapshot import JSON_VERSION, show_point
from resilient_redshift.cli.tables.job import FailedError, resumable
from resilient_redshift.cli.tables.scratch import LEFT, Scratch
from resilient_redshift.cli.tables.shape import copy, create_table, unload
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.redshift.snapshots import same_cluster
from resilient_redshift.cloud.restore.request import FAILOVER
from resilient_redshift.rules.naming import short_hash

if TYPE_CHECKING:
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tables.job import Job
    from resilient_redshift.cli.tables.live import Live
    from resilient_redshift.cli.tables.shape import Shape
    from resilient_redshift.cli.tools import Tools
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
    from resilient_redshift.cloud.restore.seen import Seen

#: What a table from copies comes without.
_LEFT_OUT: Final = "defaults, identities, keys and all other constraints, views and grants; the admin user owns it"
#: What S3 says of a bucket in us-east-1, and of old ones in Europe (S3 API, GetBucketLocation).
_LOCATIONS: Final = {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}


@dataclass(kw_only=True)
class _Work:
    """One job on its way."""

    tools: Tools
    job: Job
    plan: Plan
    live: Live
    scratch: Scratch
    notes: list[str] = field(default_factory=list)

    @property
    def database(self) -> str:
        """The database of the table."""
        return self.job.database or self.live.database

    @property
    def target(self) -> Database:
        """The database that takes the table."""
        return _database(self.tools, self.live, self.job.to_database or self.database)


def _database(tools: Tools, cluster: Live, name: str) -> Database:
    return Database(tools=tools, region=cluster.region, cluster=cluster.identifier, user=cluster.admin_user, name=name)


def restore(tools: Tools, job: Job, *, yes: bool, dry_run: bool) -> int:
    """Bring the table back, or go on with it.

    Args:
        tools: the world around the command.
        job: what is asked for.
        yes: whether ``--yes`` was passed. Then nothing is asked.
        dry_run: whether only to show what would happen.

    Returns:
        The exit status: 0 if the table is there with all its rows.

    Raises:
        CliError: nothing was started, or the table did not come back. In the second case the scratch cluster is
            deleted first, unless the job keeps it, or the connection was lost.
    """
    plan = plans.find_in_recovery_region(tools.aws, job.plan)
    live = lives.read(tools.aws, plan)
    live.require_available()
    live.require_role(job.role, tools.profile)
    work = _Work(tools=tools, job=job, plan=plan, live=live, scratch=Scratch(tools=tools, plan=plan, job=job))
    cluster, arn = work.scratch.look(), work.scratch.running()
    if cluster is not None and arn is None and not work.scratch.is_ours(cluster):
        raise CliError(f"a cluster {cluster.identifier} is there, and this command did not make it")
    if cluster is not None and cluster.state.meaning is states.Meaning.GOING:
        return _after_the_deletion(work)
    resumed = cluster is not None or arn is not None
    point = None
    if resumed:
        tools.screen.say(f"{plan.name}: goes on with the scratch cluster {work.scratch.identifier}", "bold")
        _check_same_snapshot(work, cluster)
    else:
        point = _checked(work)
        _show(work, point)
    if dry_run:
        tools.screen.say("nothing was started: --dry-run")
        if tools.json:
            print_json(_said("DryRun", snapshot=None if point is None else point.identifier))
        return FINE
    if point is not None:
        nodes = "its nodes cost until it is deleted"
        confirm(tools, f"Restore the scratch cluster {work.scratch.identifier} in {plan.recovery} ({nodes})?", yes=yes)
        arn = work.scratch.start(point.identifier)
    runs_on = f"the scratch cluster {work.scratch.identifier} stays, and costs its nodes"
    with resumable(tools, job, runs_on):
        return _to_the_end(work, arn, resumed=resumed)


def _said(outcome: str, **facts: object) -> dict[str, Any]:
    """What ``--json`` says of an outcome."""
    return {"version": JSON_VERSION, "way": "copies", "outcome": outcome, **facts}


def _to_the_end(work: _Work, arn: str | None, *, resumed: bool) -> int:
    """Restore, unload, copy and compare. A failure deletes the scratch cluster, too."""
    try:
        if arn is not None:
            work.scratch.follow(arn)
        result = _transfer(work, resumed=resumed)
    except FailedError as error:
        raise FailedError(error.message, error.hint, facts=_said("Failed", **_clean_up(work))) from error
    left = _clean_up(work)
    outcome = "LeftBehind" if left["scratch"]["result"].startswith(LEFT) else "Restored"
    screen, files = work.tools.screen, result["files"]
    text = f"{work.job.new} in {work.live.identifier}, {result['rows']} rows of {result['snapshot']}"
    screen.say(f"{outcome}: {text}", "bold green" if outcome == "Restored" else "bold red")
    screen.fact("files", f"{files} stay until you delete them:")
    commands = Commands(region=work.live.region, profile=work.tools.profile)
    screen.command(commands.aws("s3", "rm", "--recursive", files))
    if work.tools.json:
        print_json(_said(outcome, **result, **left))
    return FINE if outcome == "Restored" else MISSED


def _transfer(work: _Work, *, resumed: bool) -> dict[str, Any]:
    """Unload the table from the scratch cluster, and copy it into the live one, each once.

    Raises:
        FailedError: a step failed. The live cluster has no new table then.
    """
    job, tools = work.job, work.tools
    scratch, cluster = work.scratch.live(job.role)
    source = _database(tools, scratch, work.database)
    shape = source.shape(job.source)
    _check_shape(job, shape, work.scratch.snapshot_of(cluster))
    assert shape is not None  # noqa: S101 - checked above
    run = cluster.made_by
    folder = f"{job.bucket}/{run}/"

    def files(stamp: str) -> str:
        return f"{folder}{stamp}/part-"

    tools.screen.say(f"  unload {job.source} to {folder}")
    unloaded = source.once(
        f"{run}-unload-{short_hash(job.bucket)}",
        f"unload {job.source}",
        lambda stamp: [unload(job.source, shape, files(stamp), job.role, work.live.region)],
    )
    rows = source.count(job.source)
    if not resumed or work.target.find(f"{run}-copy-") is not None or work.target.shape(job.new) is None:
        tools.screen.say(f"  copy these files into {job.new}")
        # one transaction: there is no table without its rows, and no row comes twice
        work.target.once(
            f"{run}-copy",
            f"copy into {job.new}",
            lambda _: [create_table(job.new, shape), copy(job.new, files(unloaded.stamp), job.role)],
        )
    loaded = work.target.count(job.new)
    if loaded != rows:
        hint = f"{job.new} stays: look at it, and drop it by hand"
        raise FailedError(f"{job.new} has {loaded} rows, and the table in the copy has {rows}", hint)
    return {
        "cluster": work.live.identifier,
        "region": work.live.region,
        "snapshot": work.scratch.snapshot_of(cluster),
        "table": job.new.table,
        "schema": job.new.schema,
        "database": work.target.name,
        "rows": rows,
        "files": folder,
    }


def _clean_up(work: _Work) -> dict[str, Any]:
    """Delete the scratch cluster, unless the job keeps it."""
    screen = work.tools.screen
    if work.job.keep_scratch:
        screen.say(f"  the scratch cluster {work.scratch.identifier} stays, and costs its nodes; this deletes it:")
        screen.command(work.scratch.delete_command)
        return {"scratch": {"identifier": work.scratch.identifier, "result": "kept"}}
    result = work.scratch.delete()
    screen.say(
        f"  the scratch cluster {work.scratch.identifier}: {result}", "yellow" if result.startswith(LEFT) else ""
    )
    return {"scratch": {"identifier": work.scratch.identifier, "result": result}}


def _after_the_deletion(work: _Work) -> int:
    """Tell the end of a job whose command was interrupted when it deleted the scratch cluster.

    Raises:
        FailedError: the job had failed before.
    """
    left = _clean_up(work)
    there = work.target.shape(work.job.new) is not None
    message = f"{work.job.new} is {'' if there else 'not '}in {work.live.identifier}, and the scratch cluster went"
    if not there:
        raise FailedError(message, "run it again from the start", facts=_said("Failed", **left))
    if work.tools.json:
        print_json(_said("Restored", **left))
    work.tools.screen.say(f"Restored: {message}", "bold green")
    return FINE


def _check_shape(job: Job, shape: Shape | None, snapshot: str) -> None:
    if shape is None:
        raise FailedError(f"there is no table {job.source} in the snapshot {snapshot}")
    if not shape.is_table:
        raise FailedError(f"{job.source} is no table in the snapshot {snapshot}")
    if shape.not_in_parquet:
        columns = ", ".join(shape.not_in_parquet)
        raise FailedError(
            f"these columns of {job.source} do not survive UNLOAD and COPY in Parquet: {columns}",
            "--keep-scratch keeps the scratch cluster: unload the table there by hand, as text",
        )


def _check_same_snapshot(work: _Work, cluster: Seen | None) -> None:
    """Refuse another snapshot than the one that the scratch cluster holds.

    Raises:
        CliError: the options ask for another one.
    """
    if cluster is None or work.job.snapshot is None:
        return
    there = work.scratch.snapshot_of(cluster)
    if there not in {work.job.snapshot, "?"}:
        hint = f"go on without --snapshot, or delete the scratch cluster first: {work.scratch.delete_command}"
        raise CliError(f"the scratch cluster holds {there}, not {work.job.snapshot}", hint)


def _checked(work: _Work) -> RecoveryPoint:
    """Check what the way needs, before anything starts, and choose the copy.

    Raises:
        CliError: something is missing.
    """
    job, plan, live = work.job, work.plan, work.live
    if job.role not in (plan.part("restore").get("iam_role_arns") or []):
        work.notes.append(
            "the plan does not attach the role to a restored cluster (RestoreOptions, iam_role_arns): this command "
            "stops when the scratch cluster is there, and says how to attach it"
        )
    _check_no_failover(work)
    _check_bucket(work)
    new = ask(lambda: work.target.shape(job.new))
    if new.problem is not None:
        raise CliError(f"cannot tell whether {job.new} is free: {new.problem.message}", new.problem.hint)
    if new.value is not None:
        raise CliError(f"{job.new} exists, and nothing overwrites a table", "choose another name: --as")
    now = ask(lambda: _database(work.tools, live, work.database).shape(job.source)).value
    if now is not None and now.not_in_parquet:
        work.notes.append(f"{', '.join(now.not_in_parquet)}: such columns do not survive UNLOAD and COPY in Parquet")
    return _choose(work)


def _choose(work: _Work) -> RecoveryPoint:
    job, plan, live = work.job, work.plan, work.live
    points = lives.copies_before(outlook.snapshots(work.tools.aws, plan.recovery), plan, job.before)
    if job.snapshot is not None:
        points = [point for point in points if point.identifier == job.snapshot]
    right = [p for p in points if job.snapshot or live.created is None or same_cluster(p.lineage, live.created)]
    if right:
        return right[0]
    what = f"usable copy {job.snapshot}" if job.snapshot else f"usable copy of {plan.cluster}"
    when = f" from before {words.iso(job.before)}" if job.before else ""
    hint = "'status' lists the copies"
    if points:
        others = ", ".join(f"{point.identifier} ({words.minute(point.created)})" for point in points[:3])
        hint = f"those of another cluster of that name, for --snapshot: {others}"
    raise CliError(f"no {what} in {plan.recovery}{when}", hint)


def _check_no_failover(work: _Work) -> None:
    """A plan has one failover at a time, and the scratch restore is one that publishes nothing."""
    answer = ask(lambda: executions.running(work.tools.aws, outlook.restore_machine(work.plan), work.plan.name))
    for run in answer.value or []:
        if run.input.get("plan") == work.plan.name and run.input.get("mode") == FAILOVER:
            raise CliError(f"a failover of {work.plan.name} runs: {run.name}", "wait for its end")
    if answer.problem is not None:
        work.notes.append(f"cannot tell whether a failover runs ({answer.problem.message})")


def _check_bucket(work: _Work) -> None:
    """COPY from Parquet reads a bucket in the cluster's own Region alone.

    Raises:
        CliError: the bucket lies elsewhere.
    """
    bucket, region = work.job.bucket.removeprefix("s3://").partition("/")[0], work.live.region
    answer = ask(lambda: work.tools.aws.call(region, "s3", "GetBucketLocation", Bucket=bucket))
    if answer.value is None:
        why = answer.problem.message if answer.problem else "no answer"
        work.notes.append(f"cannot tell where the bucket {bucket} lies ({why}); it must lie in {region}")
        return
    place = answer.value.get("LocationConstraint")
    place = _LOCATIONS.get(place, place)
    if place != region:
        raise CliError(
            f"the bucket {bucket} lies in {place}", f"COPY from Parquet reads from {region} alone: pass a bucket there"
        )


def _show(work: _Work, point: RecoveryPoint) -> None:
    job, plan, live, screen = work.job, work.plan, work.live, work.tools.screen
    screen.say(f"{plan.name}: one table back, from a copy", "bold")
    screen.fact("table", f"{job.source} of database {work.database}")
    screen.fact("as", f"{job.new} in database {work.target.name} of {live.identifier} in {live.region}")
    show_point(work.tools, job, point)
    screen.fact("scratch", f"{work.scratch.identifier} in {plan.recovery}, deleted at the end")
    screen.fact("files", f"{job.bucket}/, Parquet, written by {job.role}; they stay")
    screen.fact("takes", _time(work))
    screen.fact("left out", _LEFT_OUT)
    screen.fact("meanwhile", "no other failover of this plan starts until the scratch cluster is restored")
    for note in work.notes:
        screen.say(f"  ! {note}", "yellow")


def _time(work: _Work) -> str:
    """How long the restore took in the last drill, where there was one."""
    last = ask(lambda: outlook.last_drill(work.tools.aws, work.plan)).value or {}
    seconds = last.get("recovery_time_seconds")
    restore = (
        "a restore, which no drill has measured" if seconds is None else f"{words.span(seconds)} in the last drill"
    )
    return f"{restore}; then UNLOAD and COPY"
