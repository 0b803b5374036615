"""Thirty failovers at a time while AWS throttles: all of them start, and nobody reads the others' inputs."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from emulator.redshift_model import ApiError
from tests.cli.fleet.many import given_plans
from tests.cli.restoring import report
from tests.cli.scene import RESTORE, THERE, Scene

#: Every so many calls of an operation, one is throttled as often as botocore attempts it.
EVERY, ATTEMPTS = 4, 3


def throttle(scene: Scene, *operations: str) -> None:
    """Throttle every fourth call of some operations, all its attempts."""
    made: Counter[str] = Counter()
    answer = scene.account._answer

    def throttled(service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation in operations:
            made[operation] += 1
            if made[operation] % (EVERY + ATTEMPTS) >= EVERY:
                raise ApiError("ThrottlingException", "Rate exceeded", 400)
        return answer(service, region, operation, params)

    scene.account._answer = throttled  # type: ignore[method-assign]


@pytest.fixture
def fleet(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Thirty plans whose runs end well after half a minute; botocore does not wait between its attempts."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    given_plans(scene, 30, copies=1)

    def go_on(run: Any) -> None:
        if run.status == "RUNNING" and (scene.clock.now() - run.started).total_seconds() > 30:
            scene.account.end(run, report(plan=json.loads(run.input)["plan"]))

    scene.account.on_poll = go_on
    return scene


def test_thirty_failovers_start_and_end_while_aws_throttles(fleet: Scene) -> None:
    # GIVEN thirty plans, and AWS that throttles each kind of call WHEN all fail over at the same time
    throttle(fleet, "StartExecution", "DescribeExecution", "ListExecutions", "GetExecutionHistory")
    result = fleet.run("failover", "--all", "--at-once", "30", "--yes", "--json")
    # THEN each is started once, under one name, and comes back
    assert result.exit_code == 0, result.stderr[-2000:]
    assert {one["outcome"] for one in json.loads(result.stdout)["plans"]} == {"Restored"}
    # AND each plan's next steps are one command away
    assert "back: 30 of 30 clusters" in result.stderr
    again = f"resilient-redshift failover plan-000 --region {THERE} --attach failover-plan-000-"
    assert f"  plan-000, its next steps: {again}" in result.stderr
    assert len(fleet.account.runs) == 30


def test_single_failovers_start_while_thirty_others_run(fleet: Scene) -> None:
    # GIVEN twenty-nine failovers under way, and AWS that throttles every reading of an input
    for number in range(29):
        plan = f"plan-{number:03}"
        name = f"failover-{plan}-20261123t081500z"
        fleet.account.given_run(RESTORE, name, plan=plan, mode="failover")
    before = len(fleet.account.runs)
    # WHEN one more is asked for THEN it starts, and nobody read the input of another one
    fleet.ready()
    result = fleet.run("failover", "plan-029", "--yes")
    assert result.exit_code == 0, result.output + result.stderr
    read = {params["executionArn"] for _, name, params in fleet.account.calls if name.endswith("DescribeExecution")}
    assert len(fleet.account.runs) == before + 1
    assert all("plan-029" in arn for arn in read)


def test_a_start_without_an_answer_is_tried_again_under_the_same_name(fleet: Scene) -> None:
    # GIVEN a network that loses the answers of the first start, however often one command attempts it
    fleet.account.lost_answers["stepfunctions:StartExecution"] = 12
    # WHEN all fail over THEN nothing is called "not started", and nothing is started twice
    result = fleet.run("failover", "--all", "--at-once", "30", "--yes", "--json")
    assert result.exit_code == 0, result.stderr[-2000:]
    assert len(fleet.account.runs) == 30


def test_a_missing_right_to_watch_ends_at_once_and_says_that_all_runs_on(fleet: Scene) -> None:
    fleet.account.denied.add("stepfunctions:DescribeExecution")
    result = fleet.run("failover", "--all", "--at-once", "30", "--yes", "--json")
    assert result.exit_code == 2
    assert "DescribeExecution; the failovers run on" in result.stderr
    # AND JSON is whole, and names what was started
    assert set(json.loads(result.stdout)["executions"]) == set(fleet.account.runs)
    assert len(fleet.account.runs) == 30
