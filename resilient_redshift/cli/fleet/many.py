"""``resilient-redshift failover --all`` and ``--group``: the plans of a Region, in waves, with one question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import restore_run, words
from resilient_redshift.cli.confirmation import confirm, end_dry_run
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.fleet import candidates, listing
from resilient_redshift.cli.fleet.candidates import DONE, FOLLOW, LEFT_OUT, STANDBY, START
from resilient_redshift.cli.fleet.progress_view import progress_view
from resilient_redshift.cli.fleet.waves import Waves
from resilient_redshift.cli.output import print_json
from resilient_redshift.cloud.restore.request import FAILOVER
from resilient_redshift.contract.outcomes import GOOD_RESTORE_OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.fleet.candidates import Candidate
    from resilient_redshift.cli.fleet.waves import Progress
    from resilient_redshift.cli.tools import Tools

JSON_VERSION: Final = 1
#: So many failovers run at the same time unless the option says otherwise. Redshift's quotas of clusters and nodes are
#: for a Region, and each restore takes some of them.
AT_ONCE: Final = 5


def fail_over_many(tools: Tools, group: str | None, *, at_once: int, yes: bool, dry_run: bool) -> int:
    """Bring back the clusters of many plans.

    Args:
        tools: the world around the command.
        group: the group of the plans. None: every plan whose recovery Region this is.
        at_once: how many failovers run at the same time, at most. A group that is larger starts whole.
        yes: whether ``--yes`` was passed.
        dry_run: whether nothing is started.

    Returns:
        The exit status: 0 if every cluster is back, 1 if one is not.

    Raises:
        CliError: there is nothing to start, the user declined, or following ended.
    """
    region = tools.aws.region
    found, unread = restore_run.patiently(tools, lambda: candidates.selected(tools.aws, region, group))
    if not found:
        which = f" of the group {group!r}" if group else ""
        others = candidates.selected(tools.aws, region, None)[0] if group else []
        hint = "; ".join(unread) or listing.hint_at_groups(others)
        raise CliError(f"no plan{which} has its recovery Region in {region}", hint)
    state = candidates.read(tools.aws, region, found)
    every = [candidates.candidate(state, plan) for plan in found]
    _show(tools, every, [*state.notes, *unread])
    going = [one for one in every if one.what in {START, FOLLOW}]
    left_out = [one for one in every if one.what == LEFT_OUT]
    start = sum(one.what == START for one in going)
    if not going and left_out:
        raise CliError("there is nothing to start", "each line says why; fail over one plan alone to see more")
    if dry_run:
        what = "failover" if start == 1 else f"{start} failovers" if start else ""
        end_dry_run(tools, what, plans=[_candidate_json(one) for one in every])
    if start:
        confirm(tools, f"Start {words.count(start, 'failover')} in {region}?", yes=yes)
    ended = _run(tools, going, at_once)
    return _show_result(tools, every, ended, left_out)


def _run(tools: Tools, going: Sequence[Candidate], at_once: int) -> list[Progress]:
    with progress_view(tools) as show:
        return Waves(tools, at_once, show).run(going)


def _show(tools: Tools, every: Sequence[Candidate], notes: Sequence[str]) -> None:
    rows = [
        [one.plan.name, str(one.plan.record.get("group") or "-"), one.what, *_lost(tools, one)]
        for one in sorted(every, key=lambda one: (one.what != START, one.plan.name))
    ]
    tools.screen.table(("plan", "group", "what", "lost: everything after"), rows)
    for note in notes:
        tools.screen.say(f"  ! {note}", "yellow")
    starting = [one for one in every if one.what == START]
    if starting:
        primaries = ", ".join(sorted({one.plan.primary for one in starting}))
        tools.screen.say(
            f"  ! two writers: the clusters in {primaries} may still be alive, or come back; stop the loads that reach "
            "them",
            "yellow",
        )


def _lost(tools: Tools, one: Candidate) -> list[str]:
    if one.point is None:
        return [one.why or "not known before the start"]
    return [f"{words.minute(one.point.created)}, {words.span(tools.now() - one.point.created)} ago"]


def _show_result(
    tools: Tools, every: Sequence[Candidate], ended: Sequence[Progress], left_out: Sequence[Candidate]
) -> int:
    rows = []
    for one in ended:
        report = one.execution.report if one.execution else {}
        cluster = report.get("cluster") or {}
        where = f"{cluster['endpoint']}:{cluster.get('port', '?')}" if "endpoint" in cluster else ""
        rows.append([one.plan.name, one.outcome, where or one.problem or str(report.get("message", ""))])
    tools.screen.table(("plan", "outcome", "endpoint, or why not"), rows)
    good = [one for one in ended if one.outcome in GOOD_RESTORE_OUTCOMES]
    there = sum(one.what == DONE for one in every)
    standby = sum(one.what == STANDBY for one in every)
    total = len(every) - standby
    fine = len(good) == len(ended) and not left_out
    more = f", {standby} on standby" if standby else ""
    text = f"back: {len(good) + there} of {words.count(total, 'cluster')}{more}"
    tools.screen.say(text, "bold green" if fine else "bold red")
    for one in ended:
        if one.execution is not None:
            what = "its next steps" if one in good else "its report"
            command = restore_run.watch_command(tools, one.plan, FAILOVER, one.execution.name)
            tools.screen.command(command, f"  {one.plan.name}, {what}")
    status = FINE if fine else MISSED
    if tools.json:
        by_name = {one.plan.name: one for one in ended}
        value = [{**_candidate_json(one), **_progress_json(by_name.get(one.plan.name))} for one in every]
        print_json({"version": JSON_VERSION, "plans": value, "exit_status": status})
    return status


def _candidate_json(one: Candidate) -> dict[str, Any]:
    point = {} if one.point is None else {"snapshot": one.point.identifier, "data_of": words.iso(one.point.created)}
    why = {"why": one.why} if one.why else {}
    return {"plan": one.plan.name, "group": one.plan.record.get("group"), "what": one.what, **why, **point}


def _progress_json(one: Progress | None) -> dict[str, Any]:
    if one is None:
        return {}
    report = dict(one.execution.report) if one.execution else {}
    problem = {"problem": one.problem} if one.problem else {}
    return {"execution": one.arn or None, "outcome": one.outcome, **problem, "report": report}
