"""Which other runs of the machine are under way, and which of two goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore import rivals
from resilient_redshift.cloud.restore.calls import FEW, MANY, Again, CallFailed, Ended, wait_out
from resilient_redshift.cloud.restore.request import DRILL
from resilient_redshift.contract.outcomes import ALREADY_RUNNING, SKIPPED_FAILOVER
from resilient_redshift.contract.understood import object_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

#: Step Functions API, ListExecutions: maxResults is 1000 at most; a run reads this many pages of 100.
_MOST_PAGES: Final = 20
_PAGE: Final = 100
#: A failover reads the input of this many other runs at a look: those that may be of its plan, by their name.
_MOST_READ: Final = 10
#: What a run knows of an execution whose input it could not read.
_UNREADABLE: Final = "? "
#: What a run knows of an execution that is over.
_NOTHING: Final = " "
#: A drill looks for a failover this often, in seconds.
LOOK_SECONDS: Final = 19


def look(run: Run, aws: Aws, *, certain: bool = False) -> dict[str, datetime]:
    """Find the other running executions of the machine, and remember what each one does in ``run.others``.

    Args:
        run: the run.
        aws: the surroundings.
        certain: whether a failover needs the answer, too, because it decides whose a cluster is. Default: it does not.

    Returns:
        When each one started, by its name.

    Raises:
        Again: a call failed with an error that passes.
        CallFailed: a call failed for good, and the run is a drill or needs the answer. Otherwise a failover goes on
            with a warning, because the name of its cluster is a lock, too.
    """
    needed = certain or run.is_drill
    try:
        started = _running(run, aws)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY if needed else FEW)
        if needed:
            raise
        run.warn(str(error))
        return {}
    unknown = _unknown(run, started)
    # the name of its cluster is a failover's lock, so it does not read the input of every run of the Region
    for name in unknown if run.is_drill else unknown[:_MOST_READ]:
        run.others[name] = _what_it_does(run, aws, name)
    run.looked_at = aws.now()
    return started


def _unknown(run: Run, started: Iterable[str]) -> list[str]:
    """Forget the executions that are over, and return those whose input the run must still read."""
    run.others = {name: what for name, what in run.others.items() if name in started and what != _UNREADABLE}
    plan = run.request.plan
    run.others |= {name: what for name in started if (what := rivals.by_name(name, plan)) and name not in run.others}
    return [name for name in started if name not in run.others]


def _running(run: Run, aws: Aws) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = aws.call(
            "stepfunctions",
            "ListExecutions",
            stateMachineArn=run.machine,
            statusFilter="RUNNING",
            maxResults=_PAGE,
            nextToken=token,
        )
        found |= {one["name"]: one["startDate"] for one in answer["executions"] if one["executionArn"] != run.execution}
        token = answer.get("nextToken")
        if token is None:
            break
    return found


def _what_it_does(run: Run, aws: Aws, name: str) -> str:
    """The mode and the plan of another execution; neither if it is over."""
    arn = f"{run.execution.rpartition(':')[0]}:{name}"
    try:
        found = aws.call("stepfunctions", "DescribeExecution", executionArn=arn)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY if run.is_drill else FEW)
        if error.meaning is Meaning.MISSING:
            return _UNREADABLE
        if run.is_drill:
            raise
        run.warn(str(error))
        return _UNREADABLE
    given = object_of(found.get("input"))
    if given is None:
        return _UNREADABLE
    return rivals.what_it_does(given) if found.get("status") == "RUNNING" else _NOTHING


def is_any_drill_under_way(run: Run, aws: Aws) -> bool:
    """Whether a drill of any plan of the site is under way, as far as the run may look."""
    started = look(run, aws)
    return any(run.others[name].startswith(f"{DRILL} ") for name in started)


def yield_to_failover(run: Run) -> None:
    """End a drill if any failover of the Region is under way.

    Raises:
        Ended: a failover is under way.
    """
    for name, plan in rivals.failovers(run):
        raise Ended(SKIPPED_FAILOVER, f"the failover {name} of {plan} is running; a drill yields to it")


def yield_to_earlier(run: Run, started: dict[str, datetime]) -> None:
    """End the run if another one does the same for the same plan and started earlier.

    Args:
        run: the run.
        started: when each other execution started, by its name.

    Raises:
        Ended: there is such a run.
    """
    me = (run.started, run.name)
    for name in rivals.of_this_plan(run):
        # Step Functions may keep more digits than the text of the start time has
        at = started[name].replace(microsecond=started[name].microsecond // 1000 * 1000)
        if (at, name) < me:
            mode = run.request.mode
            raise Ended(ALREADY_RUNNING, f"the {mode} {name} of this plan is running since {at:%Y-%m-%dT%H:%M:%SZ}")


def look_for_failover(run: Run, aws: Aws) -> None:
    """Let a drill look for a failover while it waits. What cannot be read now is read at the next look.

    Raises:
        Ended: a failover is under way, or the function may not look for one.
    """
    if run.looked_at is not None and (aws.now() - run.looked_at).total_seconds() < LOOK_SECONDS:
        return
    run.looked_at = aws.now()
    try:
        unknown = _unknown(run, _running(run, aws))
    except CallFailed as error:
        if error.refused:
            raise
        unknown = []
    for name in unknown:
        try:
            run.others[name] = _what_it_does(run, aws, name)
        except Again:
            continue
        except CallFailed as error:
            if error.refused:
                raise
    yield_to_failover(run)
