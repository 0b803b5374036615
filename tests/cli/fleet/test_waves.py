"""``failover --all`` and ``--group``: which plans start, in which waves, and how the whole ends."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.fleet.candidates import START, Candidate
from resilient_redshift.cli.fleet.waves import Progress, Waves
from resilient_redshift.cli.plans import Plan
from resilient_redshift.cli.tools import Tools
from resilient_redshift.contract import names
from tests.cli.scene import HERE, RESTORE, THERE, Scene, record

if TYPE_CHECKING:
    from collections.abc import Sequence

GROUPS = {"orders": "shop", "stock": "shop", "crm": None, "logs": None}


@pytest.fixture
def scene() -> Scene:
    """Four more plans, two of them of one group; each cluster has a copy. The first plan is not of the fleet."""
    scene = Scene()
    for region in (HERE, THERE):
        scene.put(region, names.plan_record_name("sales-us-east-1"), None)
    for name, group in GROUPS.items():
        for region in (HERE, THERE):
            scene.put_record(region, record(region, f"{name}-plan", name, **({"group": group} if group else {})))
        cluster = scene.given_cluster(name)
        scene.model.given_snapshot(THERE, cluster, f"copy:rs:{name}-1", kind="automated", age_days=0.1)
    return scene


def shown(scene: Scene, *options: str) -> dict[str, Any]:
    result = scene.run("failover", "--region", THERE, "--dry-run", "--json", *options)
    assert result.exit_code == 0, result.output
    return {one["plan"]: one for one in json.loads(result.stdout)["plans"]}


def test_all_takes_every_plan_whose_recovery_region_this_is(scene: Scene) -> None:
    # GIVEN four plans WHEN all are asked for THEN each starts, with what would be lost
    plans = shown(scene, "--all")
    assert {name: one["what"] for name, one in plans.items()} == {f"{name}-plan": "start" for name in GROUPS}
    assert plans["crm-plan"]["snapshot"] == "copy:rs:crm-1"


def test_a_group_takes_its_plans_alone(scene: Scene) -> None:
    assert set(shown(scene, "--group", "shop")) == {"orders-plan", "stock-plan"}


def test_a_plan_without_a_copy_is_left_out_with_its_reason(scene: Scene) -> None:
    # GIVEN a plan without any copy WHEN all are asked for THEN the others start, and the line says why it does not
    scene.put_record(THERE, record(THERE, "new-plan", "new"))
    found = shown(scene, "--all")["new-plan"]
    assert (found["what"], found["why"]) == ("left out", "NoRecoveryPoint: no usable copy of new")


def test_a_cluster_that_is_there_already_is_not_touched(scene: Scene) -> None:
    scene.model.given_cluster(THERE, "crm")
    found = shown(scene, "--all")["crm-plan"]
    assert (found["what"], found["why"]) == ("left out", "a cluster crm is there already, available")


def test_a_dry_run_of_a_group_that_runs_already_would_start_nothing(scene: Scene) -> None:
    # GIVEN a group whose failovers run already WHEN it is run dry THEN the JSON and the text say that nothing would start
    for name in ("orders", "stock"):
        scene.account.given_run(RESTORE, f"failover-{name}-plan-20261123t081500z", plan=f"{name}-plan", mode="failover")
    result = scene.run("failover", "--group", "shop", "--region", THERE, "--dry-run", "--json")
    assert (result.exit_code, json.loads(result.stdout)["would_start"]) == (0, False)
    assert "there is nothing to start" in result.stderr


def test_what_cannot_be_read_leaves_no_plan_out(scene: Scene) -> None:
    # GIVEN a right to list snapshots that is missing WHEN all are asked for THEN each still starts: the machine decides
    scene.account.denied.add("redshift:DescribeClusterSnapshots")
    result = scene.run("failover", "--all", "--region", THERE, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "the machine checks for itself" in result.output
    assert "4 failovers would start now" in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ([], "give one of PLAN, --all and --group"),
        (["crm-plan", "--all"], "give one of PLAN, --all and --group"),
        (["--all", "--snapshot", "s"], "--snapshot: for one plan only"),
        (["crm-plan", "--at-once", "2"], "--at-once goes with --all and --group"),
    ],
)
def test_options_that_do_not_go_together_are_refused(scene: Scene, options: list[str], problem: str) -> None:
    result = scene.run("failover", *options, "--region", THERE)
    assert result.exit_code == 2
    assert problem in " ".join(result.output.split())
    assert not scene.account.runs


def test_an_unknown_group_is_said(scene: Scene) -> None:
    result = scene.run("failover", "--group", "other", "--region", THERE)
    assert result.exit_code == 2
    assert "no plan of the group 'other' has its recovery Region in us-west-2" in result.output
    assert "hint: there are the groups: shop" in result.output


class Machine:
    """Executions that each end after some looks; what is started together, and how many run at a time."""

    def __init__(self, scene: Scene, *, looks: int = 2, fails: Sequence[str] = ()) -> None:
        self.scene, self.looks, self.fails = scene, looks, fails
        self.most = 0

    def tick(self, _seconds: float) -> None:
        """Let each running execution come one look nearer to its end."""
        running = [run for run in self.scene.account.runs.values() if run.status == "RUNNING"]
        self.most = max(self.most, len(running))
        self.scene.clock.advance(300)
        for run in running:
            if self.scene.clock.now() - run.started >= dt.timedelta(minutes=5 * self.looks):
                plan = json.loads(run.input)["plan"]
                run.status = "FAILED" if plan in self.fails else "SUCCEEDED"
                run.ended = self.scene.clock.now()
                run.output = json.dumps({"outcome": "NoCapacity" if plan in self.fails else "Restored"})


def waves(scene: Scene, machine: Machine, at_once: int) -> tuple[list[Progress], list[tuple[str, ...]]]:
    tools = Tools(session=scene.account.session, clock=scene.clock.now, sleep=machine.tick, region=THERE)
    plans = [
        Plan(
            name=f"{name}-plan",
            read_in=THERE,
            cluster=name,
            primary=HERE,
            recovery=THERE,
            record={"machines": {"restore": RESTORE}, **({"group": group} if group else {})},
        )
        for name, group in GROUPS.items()
    ]
    seen: list[tuple[str, ...]] = []
    ended = Waves(
        tools, at_once, lambda progress: seen.append(tuple(one.plan.name for one in progress if one.runs))
    ).run([Candidate(plan=plan, what=START) for plan in plans])
    return ended, seen


def test_no_more_run_at_a_time_than_asked_for(scene: Scene) -> None:
    # GIVEN four plans WHEN two may run at a time THEN two run, and all end
    machine = Machine(scene)
    ended, _ = waves(scene, machine, 2)
    assert machine.most == 2
    assert [one.outcome for one in ended] == ["Restored"] * 4


def test_what_belongs_together_starts_together(scene: Scene) -> None:
    # GIVEN a group of two, and room for one at a time WHEN the waves run THEN the group starts whole, and first
    _, seen = waves(scene, Machine(scene), 1)
    assert seen[0] == ("orders-plan", "stock-plan")
    assert all(len(names) == 1 for names in seen if names and names != seen[0])


def test_one_that_fails_keeps_no_other_back(scene: Scene) -> None:
    ended, _ = waves(scene, Machine(scene, fails=["orders-plan"]), 2)
    outcomes = {one.plan.name: one.outcome for one in ended}
    assert outcomes == {
        "orders-plan": "NoCapacity",
        **{f"{name}-plan": "Restored" for name in ("stock", "crm", "logs")},
    }


def test_ctrl_c_leaves_what_runs_and_says_how_to_go_on(scene: Scene) -> None:
    # GIVEN two that run and two that wait WHEN the user interrupts THEN nothing is stopped, and the message counts both
    machine = Machine(scene)

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    machine.tick = interrupt  # type: ignore[method-assign]
    with pytest.raises(CliError) as caught:
        waves(scene, machine, 2)
    assert caught.value.status == 130
    assert caught.value.message == "stopped watching; 2 failovers run on, 2 were not started"
    assert {run.status for run in scene.account.runs.values()} == {"RUNNING"}


def test_the_same_command_follows_what_runs(scene: Scene) -> None:
    # GIVEN a failover that a command started before it was interrupted
    machine = Machine(scene)
    machine.tick = lambda _seconds: (_ for _ in ()).throw(KeyboardInterrupt())  # type: ignore[method-assign]
    with pytest.raises(CliError):
        waves(scene, machine, 1)
    # WHEN all are asked for again THEN it is followed, and not started a second time
    plans = shown(scene, "--all")
    assert {plans["orders-plan"]["what"], plans["stock-plan"]["what"]} == {"follow"}
    assert plans["crm-plan"]["what"] == "start"


def test_a_restore_beside_does_not_count_as_the_cluster_that_is_brought_back(scene: Scene) -> None:
    # GIVEN somebody who restores a copy of a cluster beside it WHEN all are asked for THEN that plan is no success
    scene.account.given_run(RESTORE, "failover-crm-plan-20261123t081000z", plan="crm-plan", mode="failover", target="x")
    found = shown(scene, "--all")["crm-plan"]
    assert found["what"] == "left out"
    assert "failover-crm-plan-20261123t081000z restores beside" in found["why"]
