"""Drills by hand: their own name, their own refusals."""

from __future__ import annotations

import pytest

from tests.cli.restoring import FULL, machine, report, started
from tests.cli.scene import PLAN, RESTORE, Scene, words_of


def test_a_drill_that_passes_is_0(scene: Scene) -> None:
    scene.copied(hours=2)
    cost = {"node_type": "ra3.large", "number_of_nodes": 2, "node_hours": 1.25}
    machine(scene, "Restore", ends=report("Passed", "drill", cost=cost))
    result = scene.run("drill", PLAN, "--yes")
    assert result.exit_code == 0
    assert started(scene) == {"plan": PLAN, "mode": "drill"}
    assert "a drill costs the cluster's node hours" in result.output
    assert "2 ra3.large nodes, 1.2 node hours" in result.output
    assert "two writers" not in result.output


def test_a_drills_cluster_is_gone_so_no_endpoint_is_told(scene: Scene) -> None:
    scene.copied(hours=2)
    machine(scene, ends=report("Passed", "drill", **FULL))
    result = scene.run("drill", PLAN, "--yes")
    assert "recovery time" in result.output
    assert "endpoint" not in result.output
    assert "secret" not in result.output


@pytest.mark.parametrize(
    ("option", "point", "said"),
    [
        ("random", "random", "a random one of 2 usable recovery points"),
        ("2d", 172_800, "the newest of 2 usable recovery points that is at least 2 d old"),
    ],
)
def test_an_older_point_is_told_before(scene: Scene, option: str, point: str | int, said: str) -> None:
    # GIVEN two copies WHEN a drill is to restore another one than the newest
    scene.copied(hours=2)
    scene.copied("copy:rs:sales-2", hours=60)
    machine(scene, "Restore", ends=report("Passed", "drill"))
    result = scene.run("drill", PLAN, "--yes", "--point", option)
    # THEN the screen says which, and the machine is asked for it
    assert said in words_of(result)
    assert started(scene) == {"plan": PLAN, "mode": "drill", "point": point}


def test_a_point_and_a_snapshot_are_refused(scene: Scene) -> None:
    result = scene.run("drill", PLAN, "--yes", "--point", "random", "--snapshot", "mine")
    assert result.exit_code == 2
    assert "--point is not for a drill that names its snapshot" in words_of(result)
    assert not scene.account.calls


@pytest.mark.parametrize("outcome", ["SkippedFailover", "AlreadyRunning", "Inconclusive"])
def test_one_that_proved_nothing_is_1(scene: Scene, outcome: str) -> None:
    scene.copied(hours=2)
    machine(scene, ends=report(outcome, "drill"))
    assert scene.run("drill", PLAN, "--yes").exit_code == 1


def test_a_stale_copy_is_told_before(scene: Scene) -> None:
    scene.copied(hours=30)
    machine(scene, ends=report("FailedStale", "drill"), failed=True)
    result = scene.run("drill", PLAN, "--yes")
    assert result.exit_code == 1
    assert "the outcome will be FailedStale" in result.output


def test_a_drill_waits_for_a_failover_of_any_plan(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.given_run(RESTORE, "failover-other", plan="other", mode="failover")
    result = scene.run("drill", PLAN, "--yes")
    assert result.exit_code == 2
    assert "a failover of other runs" in words_of(result)
    assert len(scene.account.runs) == 1


def test_a_second_drill_is_refused(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.given_run(RESTORE, "drill-first", plan=PLAN, mode="drill")
    result = scene.run("drill", PLAN, "--yes")
    assert result.exit_code == 2
    assert "--attach drill-first" in words_of(result)


@pytest.mark.parametrize("option", ["--target=restored-sales", "--replace-failed", "--copy-to=eu-west-1"])
def test_a_drill_takes_no_option_of_a_failover(scene: Scene, option: str) -> None:
    assert "No such option" in words_of(scene.run("drill", PLAN, option))
