"""The phases of a restore, and the function that the state machine calls for each of them.

A failover and a drill take the same way. A drill first removes what former drills left, yields to a failover, and
deletes its cluster in the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.phases import CRASHED, End, Step, answer, cut
from resilient_redshift.cloud.restore import choose, leftovers, others, plan, preflight, removal
from resilient_redshift.cloud.restore.bring_back import bring_back, wanted
from resilient_redshift.cloud.restore.calls import (
    AGAIN_SECONDS,
    FEW,
    MANY,
    Again,
    Aws,
    CallFailed,
    Ended,
    aws_in,
    wait_out,
)
from resilient_redshift.cloud.restore.checks import CHECK, PUBLISH, check
from resilient_redshift.cloud.restore.cluster import every, look
from resilient_redshift.cloud.restore.drill_clusters import (
    DELETE_CLUSTER,
    PREFLIGHT,
    REMOVE_LEFTOVERS,
    delete_cluster,
    remove_leftovers,
)
from resilient_redshift.cloud.restore.ladder_progress import Ladder
from resilient_redshift.cloud.restore.publish import publish
from resilient_redshift.cloud.restore.reporting import REPORT, go_on, report
from resilient_redshift.cloud.restore.request import copy_problem, problems, target_problem
from resilient_redshift.cloud.restore.restoring import (
    CHOOSE_SNAPSHOT,
    MAKE_ROOM,
    RESTORE,
    WAIT_FOR_CLUSTER,
    restore,
    taken,
    to_restore,
)
from resilient_redshift.cloud.restore.run import Removal, Run
from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.cloud.restore.rungs import first_rungs
from resilient_redshift.cloud.restore.seen import is_failed_restore
from resilient_redshift.cloud.restore.waiting import BRING_BACK, REPLACE_CLUSTER, replace_cluster, wait_for_cluster
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import (
    ACCESS_DENIED,
    FAILED,
    INVALID_REQUEST,
    KEY_UNAVAILABLE,
    NOT_READY,
    PRIMARY_NOT_ASKED,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from resilient_redshift.cloud.aws.runtime import LambdaContext

READ_PLAN: Final = "ReadPlan"
#: The fields of a run that never change their meaning.
_OF_EVERY_RELEASE: Final = ("input", "execution", "machine", "started", "record")
_LONGEST_CAUSE: Final = 500
_LONGEST_MESSAGE: Final = 2000


def read_plan(run: Run, aws: Aws) -> Step:
    """The phase ``ReadPlan``: check the input, read the plan's record, and see who else is at work.

    Raises:
        Ended: the input or the record is wrong, or another run goes on instead.
    """
    wrong = problems(run.input)
    if wrong:
        # an input may be as long as a whole run may be; what is wrong is in the message
        run.input = {"plan": run.request.plan, "mode": run.request.mode}
        raise Ended(INVALID_REQUEST, "; ".join(wrong))
    record = plan.read(run, aws)
    run.record = record
    wrong_target = "" if run.is_drill else target_problem(run.target, record["cluster"]["identifier"])
    not_possible = wrong_target or copy_problem(run.request.copy_to, aws.region)
    if not_possible:
        run.record = {}
        raise Ended(INVALID_REQUEST, not_possible)
    run.give_up_at = run.started + run.patience()
    if not run.is_drill:
        run.with_schedule = "snapshot_schedule" in record.get("restore", {})
        cluster = record["cluster"]
        run.warn(
            f"{PRIMARY_NOT_ASKED}: if {cluster['identifier']} in {cluster['region']} is alive, there are two "
            "writers now"
        )
    started = others.look(run, aws)
    others.yield_to_failover(run)
    others.yield_to_earlier(run, started)
    return Step(next=REMOVE_LEFTOVERS if run.is_drill else PREFLIGHT)


def check_before(run: Run, aws: Aws) -> Step:
    """The phase ``Preflight``: look at all that a restore needs, and whether the name is free.

    Raises:
        Ended: something is missing, or the name is taken.
    """
    no_key = preflight.check_key(run, aws)
    preflight.check_subnet_group(run, aws)
    preflight.check_parameter_group(run, aws)
    preflight.check_security_groups(run, aws)
    preflight.check_roles(run, aws)
    try:
        cluster = look(aws, run.target)
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY if run.is_drill else FEW)
        if run.is_drill and error.refused:
            raise
        run.warn(str(error))
        cluster = None
    if no_key:
        raise Ended(KEY_UNAVAILABLE, f"{no_key}; without it no copy can be restored")
    if run.missing:
        raise Ended(NOT_READY, f"missing in {aws.region}: {', '.join(run.missing)}")
    if cluster is None:
        return Step(next=CHOOSE_SNAPSHOT)
    replaceable = run.request.replace_failed and is_failed_restore(run, cluster)
    if replaceable and cluster.made_by not in others.look(run, aws, certain=True):
        run.own = Removal(names=[run.target])
        run.warn(f"replaced: {run.target}, which the run {cluster.made_by} restored in vain ({cluster.state.name})")
        return Step(next=REPLACE_CLUSTER)
    raise taken(run, aws, cluster)


def choose_snapshot(run: Run, aws: Aws) -> Step:
    """The phase ``ChooseSnapshot``.

    Raises:
        Ended: there is no usable snapshot, or the operator must say which lineage is meant.
    """
    run.lineage = choose.recorded_lineage(run, aws)
    choose.choose_snapshot(run, aws, choose.read_published(run, aws))
    choose.write_lineage(run, aws)
    run.ladder = Ladder(rungs=first_rungs(run))
    chosen = f"chose {run.chosen.identifier} of {iso(run.chosen.created)}" if run.chosen else ""
    chosen += f": {run.point_chosen}" if run.point_chosen else ""
    return to_restore(run, aws, says=chosen)


def make_room(run: Run, aws: Aws) -> Step:
    """The phase ``MakeRoom``: delete the clusters of drills, because a failover met a quota."""
    run.room_until = run.room_until or aws.now() + removal.PATIENCE_TO_MAKE_ROOM
    if run.room is None:
        try:
            run.room = Removal(names=leftovers.drills_of_the_site(every(aws)))
        except CallFailed as error:
            wait_out(run, aws.now(), error, MANY)
            raise
    seconds = removal.go_on(run, aws, run.room, removal.PATIENCE_TO_MAKE_ROOM)
    if seconds is not None:
        return Step(next=MAKE_ROOM, wait_seconds=seconds)
    if not run.room.every and aws.now() < run.room_until and others.is_any_drill_under_way(run, aws):
        # the drill may not have tagged its cluster yet. It yields within seconds, and deletes the cluster itself
        run.room = None
        return Step(next=MAKE_ROOM, wait_seconds=AGAIN_SECONDS, says="waiting for a drill that yields")
    if run.room.removed:
        run.warn(f"deleted to make room, clusters of drills: {', '.join(run.room.removed)}")
    return to_restore(run, aws)


def wait_and_bring_back(run: Run, aws: Aws) -> Step:
    """The phase ``WaitForCluster``. When the cluster is available, the run knows what to bring back."""
    step = wait_for_cluster(run, aws)
    if step.next == BRING_BACK:
        run.bring_back = wanted(run)
    return step


PHASES: Final[Mapping[str, Callable[[Run, Aws], Step | End]]] = {
    READ_PLAN: read_plan,
    REMOVE_LEFTOVERS: remove_leftovers,
    PREFLIGHT: check_before,
    CHOOSE_SNAPSHOT: choose_snapshot,
    RESTORE: restore,
    MAKE_ROOM: make_room,
    WAIT_FOR_CLUSTER: wait_and_bring_back,
    REPLACE_CLUSTER: replace_cluster,
    BRING_BACK: bring_back,
    CHECK: check,
    PUBLISH: publish,
    DELETE_CLUSTER: delete_cluster,
    REPORT: report,
}
#: The phases before the plan is known, and after the outcome is known. In all others a drill looks for a failover, and
#: a failover looks at its objective.
_NOT_LOOKING: Final = frozenset({READ_PLAN, DELETE_CLUSTER, REPORT})


def run_phase(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run one phase. Lambda's handler string is ``handler.restore.run_phase``.

    Args:
        event: ``{"phase", "run"}``, and ``crash`` if the function died before.
        context: Lambda's context object.

    Returns:
        ``{"run", "next", "wait_seconds", "says"}``; at the end also the report.
    """
    region = context.invoked_function_arn.split(":")[3]
    return run_phase_in(event, aws_in(region, context))


def run_phase_in(event: Mapping[str, Any], aws: Aws) -> dict[str, Any]:
    """Do the work of :func:`run_phase` with the clients and the clock of ``aws``."""
    phase = str(event["phase"])
    try:
        run = Run.from_json(event["run"])
    except ValueError as error:
        return _of_another_release(event["run"], error)
    try:
        if phase == CRASHED:
            way: Step | End = _crashed(run, aws, event.get("crash"))
        else:
            run, way = _take(phase, run, aws)
    except Exception as error:  # noqa: BLE001 - a bug is an outcome, too: the run cleans up and reports
        log.write("ERROR", "phase failed", execution=run.name, phase=phase, because=f"{type(error).__name__}: {error}")
        way = _give_up(run, aws, phase, f"{phase}: {type(error).__name__}: {error}")
    run.phase = way.next if isinstance(way, Step) else ""
    log.write("INFO", "phase", execution=run.name, plan=run.request.plan, phase=phase, next=run.phase)
    return answer(run.to_json(), way)


def _of_another_release(raw: Mapping[str, Any], error: ValueError) -> dict[str, Any]:
    """End a run that a release changed under way. A drill looks for its cluster, and deletes it."""
    run = Run.from_json({name: raw[name] for name in _OF_EVERY_RELEASE if name in raw})
    run.first_restore_at = run.started
    way = conclude(run, FAILED, f"this library was deployed while the run was under way: {error}")
    run.phase = way.next
    return answer(run.to_json(), way)


def _take(phase: str, run: Run, aws: Aws) -> tuple[Run, Step | End]:
    """Take one phase, and judge how it went."""
    try:
        if phase not in _NOT_LOOKING:
            _look_around(run, aws)
        before = run.to_json()
        try:
            way = PHASES[phase](run, aws)
        except Again as again:
            run = Run.from_json(before)
            run.tries[again.call] = run.tries.get(again.call, 0) + 1
            says = f"{again.call} failed ({again.code}); it is called again"
            return run, Step(next=phase, wait_seconds=again.wait_seconds, says=says)
    except Ended as ended:
        return run, conclude(run, ended.outcome, ended.message)
    except CallFailed as error:
        return run, conclude(run, _outcome_of(error), str(error))
    run.tries = {}
    return run, way


def _look_around(run: Run, aws: Aws) -> None:
    if run.is_drill:
        others.look_for_failover(run, aws)
        return
    objective = None if run.rto_missed else run.recovery_time_objective
    if objective is not None and aws.now() - run.started > objective:
        _say_that_the_objective_is_missed(run, aws, objective)


def _say_that_the_objective_is_missed(run: Run, aws: Aws, objective: timedelta) -> None:
    run.rto_missed = True
    run.warn(f"the restore takes longer than its objective of {round(objective.total_seconds())} seconds")
    data = {
        "MetricName": names.METRIC_RTO_MISSED,
        "Dimensions": [{"Name": names.DIMENSION_PLAN, "Value": run.request.plan}],
        "Value": 1,
        "Unit": "Count",
    }
    try:
        aws.call("cloudwatch", "PutMetricData", Namespace=names.METRIC_NAMESPACE, MetricData=[data])
    except CallFailed as error:
        run.warn(str(error))


def conclude(run: Run, outcome: str, message: str) -> Step:
    """End the run with an outcome. A drill that sent a restore deletes its cluster first.

    Args:
        run: the run.
        outcome: the outcome, as of a failover; the report says what it means for a drill.
        message: what happened, and what to do.
    """
    if run.ending:
        run.warn(message)
        if run.phase == DELETE_CLUSTER:
            own = run.own or Removal(names=[run.target])
            run.own = Removal(removed=own.removed, kept=[name for name in own.every if name not in own.removed])
        return Step(next=REPORT)
    run.outcome, run.message, run.ending = outcome, cut(message, _LONGEST_MESSAGE), True
    run.tries, run.own = {}, None
    made_something = run.is_drill and run.first_restore_at is not None
    return Step(next=DELETE_CLUSTER if made_something else REPORT, says=outcome)


def _outcome_of(error: CallFailed) -> str:
    """The outcome of an error that nothing helps against."""
    return ACCESS_DENIED if error.refused else KEY_UNAVAILABLE if error.meaning is Meaning.KEY else FAILED


def _crashed(run: Run, aws: Aws, crash: object) -> Step:
    """Go on after the function died in a phase: killed, out of memory, or out of time."""
    cause = crash.get("Cause") if isinstance(crash, dict) else None
    phase = run.phase or READ_PLAN
    return _give_up(run, aws, phase, f"the function died in {phase}: {cause}")


def _give_up(run: Run, aws: Aws, phase: str, why: str) -> Step:
    """Go on after a bug in a phase. The run cleans up and reports, as far as it still can."""
    why = cut(why, _LONGEST_CAUSE)
    return go_on(run, aws.now(), why) if phase == REPORT else conclude(run, FAILED, why)
