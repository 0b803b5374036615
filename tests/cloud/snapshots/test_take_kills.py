"""A run whose function dies, whose answers get lost, and that another run crosses: at each call and at each phase."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ApiError
from resilient_redshift.cloud.snapshots.take import DELETE_FAILED, PHASES, REPORT, TAKE, WAIT
from resilient_redshift.contract.outcomes import SNAPSHOT_OUTCOMES
from tests.cloud.snapshots.take_world import BASE, CLUSTER, REGION, TakeWorld
from tests.phases.driver import FunctionDied

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.phases.driver import Execution

TAKEN = ("ManualSnapshotTaken",)


def plain(_world: TakeWorld) -> None:
    """An available cluster."""


def eventful(world: TakeWorld) -> None:
    """A busy cluster, and a first snapshot that fails."""
    world.model.faults.busy(REGION, CLUSTER, 400, "modifying")
    world.model.faults.next_manual_snapshots("failed")


def joined(world: TakeWorld) -> None:
    """A second delivery, whose retention and tags differ."""
    world.run(keep_days=3, plan="other")
    world.asked.clear()
    world.metrics.published.clear()


SCENES = [plain, eventful, joined]
every_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)


def taken_once(world: TakeWorld, run: Execution, scene: Callable[[TakeWorld], None]) -> None:
    """The snapshot is there once, as the rule wants it, and the run says so."""
    assert run.outcome == "Taken", run.cause
    assert world.manual() == [f"{BASE}-r1" if scene is eventful else BASE]
    snapshot = world.snapshot(run.output["snapshot_identifier"])
    assert (snapshot["Status"], snapshot["ManualSnapshotRetentionPeriod"]) == ("available", 7)
    assert snapshot["Tags"]["resilient-redshift:plan"] == "sales"
    assert run.output["joined"] is (scene is joined)


def calls_of(scene: Callable[[TakeWorld], None]) -> list[str]:
    """The calls of a run that nothing disturbs."""
    world = TakeWorld()
    scene(world)
    world.run()
    return world.asked


@every_scene
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_call_is_made_good(scene: Callable[[TakeWorld], None], after: bool) -> None:
    calls = calls_of(scene)
    assert len(set(calls)) >= (2 if scene is joined else 3)
    for number, operation in enumerate(calls, 1):
        # GIVEN a scene
        world = TakeWorld()
        scene(world)
        # WHEN the function dies at one of its calls, before or after the call took effect
        world.strike(FunctionDied(), number, number, after=after)
        run = world.run()
        # THEN Step Functions calls the phase again, and the snapshot is taken once
        taken_once(world, run, scene)
        # AND its metrics are published once, unless the function died after that
        twice = after and operation == "PutMetricData"
        assert world.metrics.names().count(TAKEN) == (0 if scene is joined else 1 + twice), (number, operation)


@every_scene
@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_phase_is_made_good(scene: Callable[[TakeWorld], None], after: bool) -> None:
    for number in itertools.count(1):
        world = TakeWorld()
        scene(world)
        # WHEN the function dies at the beginning or the end of one phase
        dying = Dying(world, number=number, after=after)
        run = world.run()
        taken_once(world, run, scene)
        if not dying.died:  # the run has fewer phases
            assert number > len(set(run.states))
            break


@pytest.mark.parametrize("phase", sorted(PHASES))
@pytest.mark.parametrize("after", [False, True])
def test_a_function_that_dies_again_and_again_ends_the_run_with_a_name(phase: str, after: bool) -> None:
    # GIVEN a run that goes through each phase
    world = TakeWorld()
    eventful(world)
    # WHEN the function dies at each call of one phase
    Dying(world, phase=phase, after=after)
    run = world.run()
    # THEN the run ends as Failed with the reason, and says so in its metrics
    assert run.states[-1] == "Crashed"
    if phase != REPORT:
        assert (run.status, run.outcome) == ("FAILED", "Failed")
        assert "the function that takes the snapshot died: Lambda.Unknown: the function died" in run.cause
        assert world.metrics.names() == [("ManualSnapshotFailed",), ("ManualSnapshotFailed", "Failed")]
    else:
        # AND a snapshot that was there before remains one that was taken
        assert (run.status, run.outcome) == ("SUCCEEDED", "Taken")
        assert "the report was cut short" in run.output["message"]
        assert TAKEN in world.metrics.names()
    # AND nothing but a failed snapshot was deleted
    assert all(call.params["SnapshotIdentifier"] == BASE for call in deletions(world))


@every_scene
@pytest.mark.parametrize(
    ("code", "after"), [("Throttling", False), ("ServiceUnavailable", False), ("InternalFailure", True)]
)
def test_a_passing_fault_at_any_call_is_passed_over(scene: Callable[[TakeWorld], None], code: str, after: bool) -> None:
    status = 400 if code == "Throttling" else 503
    for number, operation in enumerate(calls_of(scene), 1):
        world = TakeWorld()
        scene(world)
        # WHEN a call fails twice, or its answer gets lost twice
        world.strike(ApiError(code, "words", status), number, number + 1, after=after)
        run = world.run()
        taken_once(world, run, scene)
        twice = 2 * (after and operation == "PutMetricData") + (after and number == len(calls_of(scene)) - 1)
        assert 0 <= world.metrics.names().count(TAKEN) - (scene is not joined) <= twice, (number, operation)


PERMANENT = {"AccessDenied": "AccessDenied", "ExpiredToken": "AccessDenied", "ValidationError": "InvalidRequest"}
PERMANENT |= {"UnsupportedOperation": "InvalidRequest", "SomethingNew": "Failed"}


@pytest.mark.parametrize("code", PERMANENT)
@every_scene
def test_a_permanent_fault_at_any_call_has_its_outcome(scene: Callable[[TakeWorld], None], code: str) -> None:
    for number, operation in enumerate(calls_of(scene), 1):
        world = TakeWorld()
        scene(world)
        before = world.manual()
        # WHEN one call is refused for good
        world.strike(ApiError(code, "words", 403), number, number)
        run = world.run()
        # THEN the run ends with the outcome of that code, and AWS's words
        if operation in {"DeleteClusterSnapshot", "PutMetricData"} or deleting(run, number, calls_of(scene)):
            # a failed snapshot that stays and metrics that are missing change no outcome
            assert run.outcome == "Taken"
        else:
            assert run.outcome == PERMANENT[code], (number, operation)
            assert operation in run.cause
            assert "words" in run.cause
            assert ("ManualSnapshotFailed", run.outcome) in world.metrics.names() or scene is joined
        # AND no snapshot is gone that was there
        assert set(before) <= set(world.manual())
        assert run.outcome in SNAPSHOT_OUTCOMES


@pytest.mark.parametrize("fate", ["available", "failed"])
def test_two_runs_that_cross_at_any_phase_take_one_snapshot(fate: str) -> None:
    for first in itertools.count(1):
        # GIVEN one event that is delivered twice, and a run that has come so far
        world = TakeWorld()
        world.model.faults.next_manual_snapshots(fate)
        world.machine.by_turns = True
        run, steps = world.machine.start(world.given())
        for until in itertools.islice(steps, first):
            world.clock.advance_to(until)
        ended, deleted = run.status != "RUNNING", DELETE_FAILED in run.states
        # WHEN the other run goes through from its start to its end, and then the first one goes on
        other = world.run()
        for until in steps:
            world.clock.advance_to(until)
        # THEN there is one snapshot, both say so, and one of them publishes
        assert (run.outcome, other.outcome) == ("Taken", "Taken")
        wanted = [BASE if fate == "available" else f"{BASE}-r1"]
        if deleted:
            # the failed snapshot's name is free again, so a delivery from then on takes one snapshot more
            wanted = [BASE, f"{BASE}-r1"]
        assert world.manual() == wanted
        assert [run.output["joined"], other.output["joined"]].count(False) == len(wanted)
        assert world.metrics.names().count(TAKEN) == len(wanted)
        if ended:
            break


def test_a_snapshot_of_somebody_else_is_never_touched_by_a_run_that_dies() -> None:
    # GIVEN a failed snapshot of our name that no rule made
    world = TakeWorld()
    cluster = world.model.world.cluster(REGION, CLUSTER)
    world.model.given_snapshot(REGION, cluster, BASE, status="failed", tags={"mine": "stays"})
    Dying(world, phase=WAIT, times=1, after=True)
    # WHEN / THEN
    assert world.run().outcome == "NameTaken"
    assert world.manual() == [BASE]


def test_the_phase_that_deletes_looks_at_the_snapshot_first() -> None:
    # GIVEN a run that saw its snapshot fail, and a delivery hours later that took the snapshot anew under that name
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")

    def taken_anew(_execution: Execution, phase: str) -> None:
        if phase == DELETE_FAILED:
            world.model.world.snapshots.pop((REGION, BASE))
            tags = {"resilient-redshift:rule": "nightly"}
            world.model.given_snapshot(REGION, world.model.world.cluster(REGION, CLUSTER), BASE, tags=tags)

    world.machine.watch = taken_anew
    # WHEN the run comes to delete it
    world.run()
    # THEN it stays
    assert BASE in world.manual()
    assert deletions(world) == []


class Dying:
    """A function that dies in a phase: the ``number``-th one, or each of a name, at its beginning or at its end."""

    def __init__(
        self, world: TakeWorld, *, number: int = 0, phase: str = "", times: int = 1_000, after: bool = False
    ) -> None:
        self.handle, self.want, self.phase, self.times, self.after = world.handle, number, phase, times, after
        self.number = 0
        self.died = 0
        world.machine.handle = self

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        self.number += 1
        dies = (self.number == self.want or event["phase"] == self.phase) and self.died < self.times
        self.died += dies
        if dies and not self.after:
            raise FunctionDied
        answer = self.handle(event)
        if dies:
            raise FunctionDied
        return answer


def deletions(world: TakeWorld) -> list[Any]:
    return [call for call in world.model.calls if call.operation == "DeleteClusterSnapshot"]


def deleting(run: Execution, number: int, calls: list[str]) -> bool:
    """Whether a call is the look right before a deletion."""
    return calls[number - 1] == "DescribeClusterSnapshots" and calls[number : number + 1] == ["DeleteClusterSnapshot"]


assert {TAKE, WAIT, DELETE_FAILED, REPORT} == set(PHASES)
