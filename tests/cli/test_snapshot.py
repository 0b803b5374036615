"""A snapshot now, for the step before a risky change in a pipeline."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import CopyConfig
from resilient_redshift.cli.snapshot import machine_input
from resilient_redshift.cloud.snapshots.take_run import Request
from resilient_redshift.contract import names
from tests.cli.restoring import machine, started
from tests.cli.scene import HERE, PLAN, RULES, SNAPSHOTS, THERE, Scene, record, words_of

if TYPE_CHECKING:
    from tests.cli.fakes import Run

TAKEN: dict[str, Any] = {"outcome": "Taken", "message": "sales-nightly is available", "megabytes": 102400}
WEEKLY = {**RULES[0], "rule": "weekly", "keep_days": 30}


def test_it_is_taken_through_the_only_rule(scene: Scene) -> None:
    # GIVEN a plan with one rule WHEN asked without --wait THEN the machine is started with that rule's input, no more
    result = scene.run("snapshot", PLAN, "--reason", "before the migration")
    assert result.exit_code == 0
    assert started(scene) == {
        "cluster_identifier": "sales",
        "rule": "nightly",
        "keep_days": 7,
        "keep_in_recovery_days": 14,
        "plan": PLAN,
        "reason": "before the migration",
    }
    [run] = scene.account.runs.values()
    assert (run.machine, run.name, run.polls) == (SNAPSHOTS, "ondemand-sales-nightly-20261123t081500z", 0)


def test_the_input_is_of_fields_that_the_machine_knows(scene: Scene) -> None:
    from resilient_redshift.cli.plans import parse

    plan = parse(json.dumps(record(HERE)), PLAN, HERE)
    assert Request.of(machine_input(plan, plan.rules[0], "why")).reason == "why"
    assert set(machine_input(plan, plan.rules[0], "why")) <= {field.name for field in fields(Request)}


def test_wait_until_it_is_taken(scene: Scene) -> None:
    machine(scene, "TakeSnapshot", "WaitForSnapshot", ends=TAKEN)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait")
    assert result.exit_code == 0
    assert "Taken: sales-nightly is available" in result.output
    assert "100.0 GB" in result.output


def test_the_wait_between_two_phases_is_no_step(scene: Scene) -> None:
    # GIVEN a run that waits before it looks again WHEN followed THEN its phases are shown, and not the wait
    machine(scene, "TakeSnapshot", "Wait", "WaitForSnapshot", ends=TAKEN)
    steps = [
        line.split("  ")[-1] for line in scene.run("snapshot", PLAN, "--reason", "why", "--wait").output.splitlines()
    ]
    assert "wait for the snapshot" in steps
    assert "wait" not in steps


@pytest.mark.parametrize(("outcome", "failed"), [("SkippedPaused", False), ("QuotaExceeded", True)])
def test_any_other_outcome_is_1(scene: Scene, outcome: str, failed: bool) -> None:
    machine(scene, ends={"outcome": outcome, "message": "no room"}, failed=failed)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait")
    assert result.exit_code == 1
    assert f"{outcome}: no room" in result.output


def test_several_rules_want_a_name(scene: Scene) -> None:
    scene.put_record(HERE, record(HERE, rules=[*RULES, WEEKLY]))
    result = scene.run("snapshot", PLAN, "--reason", "why")
    assert result.exit_code == 2
    assert "choose one with --rule: nightly, weekly" in words_of(result)
    assert scene.run("snapshot", PLAN, "--reason", "why", "--rule", "weekly").exit_code == 0
    assert started(scene)["keep_days"] == 30


def test_an_unknown_rule_and_none_at_all_are_refused(scene: Scene) -> None:
    assert "has no rule 'hourly' hint: its rules: nightly" in words_of(
        scene.run("snapshot", PLAN, "--reason", "why", "--rule", "hourly")
    )
    scene.put_record(HERE, record(HERE, rules=[]))
    assert "has no rule of manual snapshots" in words_of(scene.run("snapshot", PLAN, "--reason", "why"))


def test_without_a_machine_it_says_what_to_do(scene: Scene) -> None:
    scene.put_record(HERE, record(HERE, machines={}))
    result = scene.run("snapshot", PLAN, "--reason", "why")
    assert result.exit_code == 2
    assert "has no snapshot machine in us-east-1" in words_of(result)


def test_it_never_asks_the_recovery_region_when_begun_at_home(scene: Scene) -> None:
    scene.region = HERE
    scene.account.dark = {THERE}
    assert scene.run("snapshot", PLAN, "--reason", "why").exit_code == 0


@pytest.mark.parametrize("reason", ["", "   ", "x" * 257])
def test_a_reason_that_no_tag_can_hold_is_refused(scene: Scene, reason: str) -> None:
    result = scene.run("snapshot", PLAN, "--reason", reason)
    assert result.exit_code == 2
    assert "1 to 256 characters" in words_of(result)
    assert not scene.account.calls


def test_json_tells_the_execution_and_the_report(scene: Scene) -> None:
    arn = f"{SNAPSHOTS.replace('stateMachine', 'execution')}:ondemand-sales-nightly-20261123t081500z"
    result = scene.run("snapshot", PLAN, "--reason", "why", "--json")
    assert json.loads(result.stdout) == {"version": 1, "execution": arn, "status": "RUNNING"}
    machine(scene, ends=TAKEN)
    scene.clock.advance(1)
    told = json.loads(scene.run("snapshot", PLAN, "--reason", "why", "--json", "--wait").stdout)
    assert (told["status"], told["outcome"], told["report"]) == ("SUCCEEDED", "Taken", TAKEN)


def test_ctrl_c_while_waiting_is_130(scene: Scene) -> None:
    def stop(run: Run) -> None:
        raise KeyboardInterrupt

    scene.account.on_poll = stop
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait")
    assert result.exit_code == 130
    assert "runs on" in result.stderr


def taking(scene: Scene, *, tagged: bool = True) -> None:
    """The machine takes the snapshot at the first look, and ends when it is available."""

    def go_on(run: Run) -> None:
        if run.polls == 1:
            tags = [{"Key": names.TAG_EXECUTION, "Value": run.name}] if tagged else []
            given = {"ClusterIdentifier": "sales", "SnapshotIdentifier": "sales-nightly-ondemand", "Tags": tags}
            scene.model.perform("redshift", HERE, "CreateClusterSnapshot", given)
        found = scene.model.world.snapshots[(HERE, "sales-nightly-ondemand")]
        if found.status == "available" and run.status == "RUNNING":
            scene.account.end(run, TAKEN)

    scene.account.on_poll = go_on


def test_a_timeout_is_for_the_copy_alone(scene: Scene) -> None:
    # GIVEN a length, and nobody who waits for the copy WHEN asked THEN it is refused before anything is taken
    result = scene.run("snapshot", PLAN, "--reason", "why", "--timeout", "30m")
    assert result.exit_code == 2
    assert "--timeout needs --wait-copy" in result.stderr
    assert not scene.account.runs


def test_wait_copy_waits_for_the_copy_of_exactly_this_snapshot(scene: Scene) -> None:
    # GIVEN an older copy WHEN the new one is waited for THEN it is the one with the new snapshot's data that counts
    scene.copied("sales-nightly-20261122t0300z", kind="manual", hours=29)
    taking(scene)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy")
    assert result.exit_code == 0
    assert "waiting for the copy in us-west-2" in result.output
    assert "Copied: us-west-2 has sales-nightly-ondemand, the copy of sales-nightly-ondemand" in result.output
    assert scene.model.world.snapshots[(THERE, "sales-nightly-ondemand")].status == "available"


def test_a_copy_that_does_not_come_in_time_is_1(scene: Scene) -> None:
    scene.model.world.silent_copies.add((HERE, "sales"))
    taking(scene)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy", "--timeout", "30m")
    assert result.exit_code == 1
    assert "Taken: sales-nightly is available" in result.output
    assert "no copy in us-west-2 within 30 min; sales-nightly-ondemand is there" in result.output


def test_json_has_the_copy(scene: Scene) -> None:
    taking(scene)
    told = json.loads(scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy", "--json").stdout)
    name = "sales-nightly-ondemand"
    assert told["outcome"] == "Taken"
    assert told["copy"] == {"region": THERE, "state": "available", "snapshot": name, "source": name}


@pytest.mark.parametrize("change", ["off", "elsewhere", "gone"])
def test_a_copy_that_cannot_come_is_refused_before_anything(scene: Scene, change: str) -> None:
    if change == "gone":
        del scene.model.world.clusters[(HERE, "sales")]
    else:
        scene.cluster.copy = None if change == "off" else CopyConfig("eu-west-1", 7, 7, None)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy")
    assert result.exit_code == 2
    assert "nothing was started" in words_of(result)
    assert not scene.account.runs


def test_a_snapshot_that_nobody_can_name_is_said(scene: Scene) -> None:
    taking(scene, tagged=False)
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy", "--json")
    assert result.exit_code == 2
    assert "shows no snapshot with the tag resilient-redshift:execution=ondemand-sales" in words_of(result)
    assert json.loads(result.stdout)["execution"].startswith("arn:")


def test_ctrl_c_while_waiting_for_the_copy_is_130(scene: Scene) -> None:
    taking(scene)
    sleep = scene._sleep

    def stop(seconds: float) -> None:
        if seconds > 5:
            raise KeyboardInterrupt
        sleep(seconds)

    scene._sleep = stop  # type: ignore[method-assign]
    result = scene.run("snapshot", PLAN, "--reason", "why", "--wait-copy")
    assert result.exit_code == 130
    assert "the copy of sales-nightly-ondemand to us-west-2 goes on" in words_of(result)


@pytest.mark.parametrize("length", ["0h", "8d", "soon", "4", "-1h"])
def test_a_timeout_that_is_none_is_refused(scene: Scene, length: str) -> None:
    result = scene.run("snapshot", PLAN, "--reason", "why", "--timeout", length)
    assert result.exit_code == 2
    assert "is not a length such as '90m' or '4h'" in words_of(result)
