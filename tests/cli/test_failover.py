"""Failover: shown, asked, started once, followed, told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from emulator.redshift_model import ApiError
from resilient_redshift.contract import names, outcomes
from tests.cli.restoring import FULL, SECRET, machine, report, started
from tests.cli.scene import HERE, PLAN, RESTORE, THERE, Scene, record, words_of


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """A copy two hours old, a machine that restores it, and a primary that is gone."""
    scene.copied(hours=2)
    machine(scene, "ReadPlan", "Restore", ends=report(**FULL))
    scene.account.dark = {HERE}
    return scene


def test_it_works_with_the_primary_dead(ready: Scene) -> None:
    # GIVEN a dead primary WHEN failed over THEN the endpoint and the secret's ARN are told, and the primary never asked
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    for told in ("sales.example.us-west-2:5439", "warehouse_admin", SECRET, "1 of 1 passed", "Restored"):
        assert told in result.output
    assert "30 min, within the objective of 2 h; Redshift's restore 29 min 30 s, our own steps 30 s" in result.output
    assert not ready.account.operations(HERE)
    assert started(ready) == {"plan": PLAN, "mode": "failover"}
    [run] = ready.account.runs.values()
    assert run.name == "failover-sales-us-east-1-20261123t081500z"


def test_the_wait_for_capacity_is_none_of_our_own_steps(ready: Scene) -> None:
    machine(ready, ends=report(**{**FULL, "refused_seconds": 1200, "recovery_time_seconds": 3000}))
    shown = "50 min, within the objective of 2 h; Redshift's restore 29 min 30 s, waiting for capacity 20 min, our own"
    assert shown in ready.run("failover", PLAN, "--yes").output


def test_nothing_that_a_terminal_obeys_is_passed_on(ready: Scene) -> None:
    # GIVEN a warehouse whose answers hold escape sequences WHEN told THEN the reader's terminal is told letters only
    evil = "\x1b]0;owned\x07\x9b31m\x1b[2J"
    check = {"name": "who", "sql": "select 1", "expected": "x", "got": evil, "passed": False}
    ended = report("RestoredUnverified", checks=[check], warnings=[evil], message=f"got {evil}")
    machine(ready, "ReadPlan", ends=ended)
    result = ready.run("failover", PLAN, "--yes")
    assert not set("\x1b\x07\x9b") & set(result.output + result.stderr)


def test_what_will_happen_is_shown_before(ready: Scene) -> None:
    result = ready.run("failover", PLAN)
    for told in (
        "sales in us-west-2, 2 x ra3.large",
        "copy:rs:sales-1 (automated, 100.0 GB)",
        "2 h ago: within the objective of 10 h",
        "subnet group site-subnets; security groups sg-0123456789abcdef0; not public",
        "two writers",
    ):
        assert told in result.output


def test_what_is_lost_is_said_with_its_time(ready: Scene) -> None:
    # GIVEN a copy two hours old WHEN failed over THEN the screen says what nobody gets back
    assert (
        "lost            everything written after 2026-11-23 06:15 UTC, 2 h ago: within"
        in ready.run("failover", PLAN).output
    )


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (
            {"recovery_time_seconds": 2470, "outcome": "Passed", "ended": "2026-11-22T06:41:10Z"},
            "41 min 10 s in the last drill, 2026-11-22 06:41 UTC; the objective is 2 h",
        ),
        (
            {"outcome": "Inconclusive", "ended": "2026-11-22T06:41:10Z"},
            "not known, no drill has measured it; the objective is 2 h",
        ),
        (None, "not known, no drill has measured it"),
    ],
    ids=["measured", "inconclusive", "none"],
)
def test_how_long_it_takes_is_what_the_last_drill_took(ready: Scene, last: dict[str, Any] | None, shown: str) -> None:
    if last is not None:
        kept = {"since": "2026-10-24T08:15:00Z", "last": {"execution": "drill-1", **last}, "inconclusive": 0}
        ready.put(THERE, names.drills_name(PLAN), json.dumps(kept))
    assert f"takes           {shown}" in ready.run("failover", PLAN).output


def test_a_recorded_copy_is_shown_before(ready: Scene) -> None:
    # GIVEN a plan whose new cluster is copied home WHEN failed over THEN the screen says where its snapshots go
    restore = {"node_type": "ra3.large", "number_of_nodes": 2, "copy_to": {"region": "eu-west-1"}}
    ready.put_record(THERE, record(THERE, restore=restore))
    assert "copied to       eu-west-1" in ready.run("failover", PLAN).output


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--node-type", "ra3.4xlarge"], "us-west-2, ra3.4xlarge, the rest as the snapshot says"),
        (["--number-of-nodes", "4"], "us-west-2, 4 x ra3.large"),
    ],
)
def test_the_nodes_are_shown_as_the_machine_takes_them(ready: Scene, options: list[str], shown: str) -> None:
    # GIVEN a plan that records two nodes of a type WHEN another type is asked for THEN the recorded number is none of it
    assert shown in ready.run("failover", PLAN, *options).output


@pytest.mark.parametrize(
    ("restore", "shown"),
    [
        ({}, "us-west-2, nodes as the snapshot says"),
        ({"number_of_nodes": 4}, "us-west-2, 4 nodes, the rest as the snapshot says"),
        ({"node_type": "ra3.large"}, "us-west-2, ra3.large, the rest as the snapshot says"),
    ],
)
def test_the_nodes_are_shown_as_far_as_they_are_said(ready: Scene, restore: dict[str, Any], shown: str) -> None:
    ready.put_record(THERE, record(THERE, restore=restore))
    assert shown in ready.run("failover", PLAN).output


def test_without_a_terminal_and_without_yes_it_refuses(ready: Scene) -> None:
    result = ready.run("failover", PLAN)
    assert result.exit_code == 2
    assert "there is no terminal to ask at, so nothing was started hint: pass --yes" in words_of(result)
    assert not ready.account.runs


@pytest.mark.parametrize(("answer", "status", "runs"), [("y\n", 0, 1), ("n\n", 2, 0), ("\n", 2, 0), ("", 2, 0)])
def test_it_asks(ready: Scene, answer: str, status: int, runs: int) -> None:
    ready.interactive = True
    result = ready.run("failover", PLAN, answer=answer)
    assert "Start the failover? It publishes the endpoint of sales. [y/N]" in result.stderr
    assert (result.exit_code, len(ready.account.runs)) == (status, runs)


def test_everything_that_is_said_reaches_the_machine(ready: Scene) -> None:
    arguments = (
        "--snapshot copy:rs:sales-1 --target restored-sales --not-before 2026-11-23T00:00 --node-type ra3.4xlarge "
        "--number-of-nodes 4 --copy-to eu-west-1 --copy-grant away"
    )
    lineage = ready.cluster.create_time.isoformat()
    assert ready.run("failover", PLAN, "--yes", *arguments.split(), "--lineage", lineage).exit_code == 0
    assert started(ready) == {
        "plan": PLAN,
        "mode": "failover",
        "snapshot": "copy:rs:sales-1",
        "target": "restored-sales",
        "not_before": "2026-11-23T00:00:00Z",
        "lineage": "2026-10-24T08:15:00Z",
        "node_type": "ra3.4xlarge",
        "number_of_nodes": 4,
        "copy_to": {"region": "eu-west-1", "snapshot_copy_grant_name": "away"},
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--target", "sales-2"], "--target must be sales or begin with restored-"),
        (["--target", "Restored"], "lower-case letters"),
        (["--not-before", "yesterday"], "is not a time such as"),
        (["--node-type", "ra3large"], "is not a node type such as"),
        (["--number-of-nodes", "0"], "0 is not in the range"),
        (["--node-type", "ra3.4xlarge", "--number-of-nodes", "1"], "2 or more for ra3.4xlarge"),
        (["--copy-to", "europe"], "a Region's name"),
        (["--copy-grant", "away"], "--copy-grant needs --copy-to"),
        (["--copy-to", "us-west-2"], "--copy-to must be another Region than us-west-2"),
        (["--snapshot", "bad name"], "--snapshot must be the identifier of a snapshot, got bad name"),
        (["--not-before", "1999-01-01"], "--not-before must be a time in UTC"),
    ],
)
def test_wrong_values_start_nothing(ready: Scene, arguments: list[str], words: str) -> None:
    result = ready.run("failover", PLAN, "--yes", *arguments)
    assert result.exit_code == 2
    assert words in words_of(result)
    assert not ready.account.runs


def test_a_second_start_is_refused_with_the_first_ones_name(ready: Scene) -> None:
    first = ready.account.given_run(RESTORE, "failover-first", plan=PLAN, mode="failover")
    ready.account.on_poll = lambda run: None
    ready.clock.advance(90)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    told = words_of(result)
    assert "a failover of sales-us-east-1 runs already, for 1 min 30 s: failover-first" in told
    assert "resilient-redshift failover sales-us-east-1 --region us-west-2 --attach failover-first" in told
    assert list(ready.account.runs) == [first.arn]


def test_anothers_failover_and_a_drill_do_not_stop_it(ready: Scene) -> None:
    other = ready.account.given_run(RESTORE, "failover-other", plan="other", mode="failover")
    drill = ready.account.given_run(RESTORE, "drill-ours", plan=PLAN, mode="drill")
    go_on = ready.account.on_poll
    ready.account.on_poll = lambda run: None if run in (other, drill) else go_on(run)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert "the drill drill-ours runs; it yields" in result.output


def test_two_lineages_are_refused_with_the_candidates(ready: Scene) -> None:
    # GIVEN copies of two clusters of that name WHEN failed over THEN the newest of each is shown, and one may be accepted
    ready.copied("older", hours=9, cluster_create_time=ready.clock.now().replace(microsecond=123000))
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "older" in result.output
    assert "2026-11-23T08:15:00.123Z" in result.output
    assert "AmbiguousLineage of sales: there are copies of 2 clusters of one name" in words_of(result)
    assert not ready.account.runs
    assert ready.run("failover", PLAN, "--yes", "--lineage", "2026-11-23T08:15:00Z").exit_code == 0
    assert started(ready)["lineage"] == "2026-11-23T08:15:00Z"


def test_copies_of_one_other_cluster_are_not_called_several(ready: Scene) -> None:
    # GIVEN a recorded lineage, as after a way home, and copies of a former cluster alone WHEN rehearsed THEN it says so
    ready.put(THERE, names.lineage_name(PLAN), "2026-11-23T08:00:00Z")
    result = ready.run("drill", PLAN, "--yes")
    assert result.exit_code == 2
    assert "the copies are of another cluster of that name than the recorded one" in words_of(result)


def test_a_lineage_of_nobody_is_refused(ready: Scene) -> None:
    result = ready.run("failover", PLAN, "--yes", "--lineage", "2020-01-01")
    assert result.exit_code == 2
    assert "no copy of sales has the lineage 2020-01-01T00:00:00Z hint: there are: 2026-10-24T08:15:00Z" in words_of(
        result
    )


def test_without_a_usable_copy_it_shows_what_is_there(scene: Scene) -> None:
    scene.copied("copy:rs:half", hours=1, status="creating")
    result = scene.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "copy:rs:half" in result.output
    assert "NoRecoveryPoint: no usable copy of sales in us-west-2" in words_of(result)


@pytest.mark.parametrize(("option", "value"), [("--snapshot", "typo"), ("--not-before", "2026-11-23T08:00:00Z")])
def test_an_option_that_leaves_no_copy_over_is_named(ready: Scene, option: str, value: str) -> None:
    # GIVEN a copy that could be taken WHEN an option leaves it out THEN that is what is told, not that it is unusable
    result = ready.run("failover", PLAN, "--yes", option, value)
    assert result.exit_code == 2
    assert f"no usable copy of sales in us-west-2 that matches {option}" in words_of(result)
    assert f"without {option} the newest usable copy is taken" in words_of(result)


def test_a_target_that_is_there_is_refused(ready: Scene) -> None:
    ready.model.given_cluster(THERE, "sales")
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    words = words_of(result)
    assert "a cluster sales is there already, available hint: take another name: --target restored-sales" in words
    assert ready.run("failover", PLAN, "--yes", "--target", "restored-sales").exit_code == 0


def test_a_target_that_a_failover_of_this_plan_made_is_told_as_such(ready: Scene) -> None:
    # GIVEN a warehouse that a colleague has brought back WHEN failed over again THEN it says so, and by which run
    tags = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-1"}
    ready.model.given_cluster(THERE, "sales", tags=tags)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "a cluster sales is there already, available, made by failover-1" in words_of(result)
    assert "hint: if this is the cluster that you want, let people in" in words_of(result)


FAILED = "incompatible-restore"
OURS = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-1"}


def test_a_failed_restore_of_a_former_run_is_refused_with_the_option_that_replaces_it(ready: Scene) -> None:
    # GIVEN the name of a cluster that a run of the plan restored in vain WHEN failed over THEN nothing is deleted by itself
    ready.model.given_cluster(THERE, "sales", status=FAILED, tags=OURS)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "a cluster sales is there already, incompatible-restore, made by failover-1" in words_of(result)
    assert "hint: that run restored it in vain: --replace-failed deletes it first; or take another" in words_of(result)
    assert not ready.account.runs


def test_replacing_a_failed_restore_is_shown_asked_and_left_to_the_machine(ready: Scene) -> None:
    # GIVEN the same WHEN the operator passes the option THEN the cluster is named before the start, and the input says so
    ready.model.given_cluster(THERE, "sales", status=FAILED, tags=OURS)
    ready.interactive = True
    result = ready.run("failover", PLAN, "--replace-failed", answer="y\n")
    assert result.exit_code == 0
    shown = "deletes first   sales: incompatible-restore, restored in vain by failover-1, never available"
    assert shown in result.output
    assert "Delete the cluster sales, which was restored in vain, and start the failover? It publishes" in result.stderr
    assert started(ready) == {"plan": PLAN, "mode": "failover", "replace_failed": True}
    assert "redshift:DeleteCluster" not in ready.account.operations()


@pytest.mark.parametrize(
    ("status", "tags"),
    [
        ("available", OURS),
        (FAILED, {**OURS, names.TAG_AVAILABLE_SINCE: "2026-11-23T08:00:00Z"}),
        (FAILED, {**OURS, names.TAG_PLAN: "crm"}),
        (FAILED, {}),
    ],
)
def test_another_cluster_is_not_replaced(ready: Scene, status: str, tags: dict[str, str]) -> None:
    # GIVEN a cluster that lived, or that is somebody else's WHEN the option is passed THEN the start is refused all the same
    ready.model.given_cluster(THERE, "sales", status=status, tags=tags)
    result = ready.run("failover", PLAN, "--yes", "--replace-failed")
    assert result.exit_code == 2
    assert "--replace-failed deletes only what a run of this plan restored in vain, not this cluster" in words_of(
        result
    )
    assert not ready.account.runs


def test_where_the_cluster_may_not_be_seen_the_question_says_what_may_be_deleted(ready: Scene) -> None:
    ready.account.denied = {"redshift:DescribeClusters"}
    ready.interactive = True
    result = ready.run("failover", PLAN, "--replace-failed", "--target", "restored-sales", answer="n\n")
    assert "It deletes a cluster restored-sales that a former run restored in vain. [y/N]" in result.stderr
    assert not ready.account.runs


@pytest.mark.parametrize("target", [[], ["--target", "restored-sales"]])
def test_a_run_that_met_a_failed_restore_says_the_command_that_replaces_it(ready: Scene, target: list[str]) -> None:
    # GIVEN a cluster that a former run restored in vain, and that appears after the start WHEN the run ends TargetExists
    def go_on(run: Any) -> None:
        ready.model.given_cluster(THERE, target[-1] if target else "sales", status=FAILED, tags=OURS)
        ready.account.end(run, report("TargetExists"), failed=True)

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--yes", *target)
    # THEN the command that deletes it is shown
    assert result.exit_code == 1
    command = " ".join(["resilient-redshift failover sales-us-east-1 --region us-west-2", *target, "--replace-failed"])
    assert f"this deletes it and starts again: {command}\n" in result.output


@pytest.mark.parametrize("denied", [set(), {"redshift:DescribeClusters"}])
def test_a_run_that_met_another_cluster_does_not(ready: Scene, denied: set[str]) -> None:
    def go_on(run: Any) -> None:
        ready.account.denied = denied
        ready.model.given_cluster(THERE, "sales", status="available", tags=OURS)
        ready.account.end(run, report("TargetExists"), failed=True)

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 1
    assert "--replace-failed" not in result.output


def test_an_old_copy_is_shown_as_such_and_restored_all_the_same(scene: Scene) -> None:
    scene.copied(hours=30)
    machine(scene, ends=report())
    result = scene.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert "1 d 6 h ago: OLDER than the objective of 10 h" in result.output


@pytest.mark.parametrize(
    "outcome", [name for name in outcomes.RESTORE_OUTCOMES if name not in {"Restored", "Passed", "Cleaned"}]
)
def test_every_other_outcome_is_1(ready: Scene, outcome: str) -> None:
    machine(ready, ends=report(outcome, missing=["subnet group site-subnets"]), failed=True)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 1
    assert f"{outcome}: {outcome}, says the machine" in result.output
    assert "missing: subnet group site-subnets" in result.output


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_a_run_that_told_nothing_is_1(ready: Scene, status: str) -> None:
    def stop(run: object) -> None:
        run.status = status  # type: ignore[attr-defined]

    ready.account.on_poll = stop
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 1
    assert f"{status}: the run ended without a report" in result.output


def test_failed_checks_are_told_by_name(ready: Scene) -> None:
    checks = [
        {"name": "fresh", "sql": "select", "expected": "true", "got": "false", "passed": False},
        {"name": "rows", "sql": "select", "expected": "true", "error": "relation is missing", "passed": False},
    ]
    machine(ready, ends=report("RestoredUnverified", checks=checks), failed=True)
    output = ready.run("failover", PLAN, "--yes").output
    assert "0 of 2 passed" in output
    assert "fresh: got 'false', expected 'true'" in output
    assert "rows: relation is missing" in output


def test_json_has_standard_output_for_itself(ready: Scene) -> None:
    result = ready.run("failover", PLAN, "--yes", "--json")
    told = json.loads(result.stdout)
    assert told == {
        "version": 1,
        "execution": f"{RESTORE.replace('stateMachine', 'execution')}:failover-sales-us-east-1-20261123t081500z",
        "status": "SUCCEEDED",
        "outcome": "Restored",
        "report": report(**FULL),
    }
    assert "sales.example.us-west-2:5439" in result.stderr


def test_it_goes_on_to_the_recovery_region_by_itself(ready: Scene) -> None:
    # GIVEN the primary as the default Region, still alive THEN the record there leads to the recovery Region
    ready.account.dark = set()
    ready.region = HERE
    assert ready.run("failover", PLAN, "--yes").exit_code == 0
    assert ready.account.operations(HERE) == ["ssm:GetParameter"]


def test_a_dead_default_region_says_what_to_do(ready: Scene) -> None:
    ready.region = HERE
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "us-east-1 does not answer" in words_of(result)
    assert "pass the recovery Region: --region" in words_of(result)


def test_a_plan_without_a_machine_says_what_to_do(ready: Scene) -> None:
    ready.put_record(THERE, record(THERE, machines={}))
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "has no restore machine in us-west-2 hint: deploy the recovery stack" in words_of(result)


def test_a_machine_that_is_gone_says_what_to_do(ready: Scene) -> None:
    ready.account.machines.clear()
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert f"there is no state machine {RESTORE}" in words_of(result)


@pytest.mark.parametrize(
    "denied",
    [
        "stepfunctions:ListExecutions",
        "redshift:DescribeClusterSnapshots",
        "redshift:DescribeClusters",
        "stepfunctions:GetExecutionHistory",
    ],
)
def test_what_may_not_be_seen_does_not_stop_it(ready: Scene, denied: str) -> None:
    # GIVEN an operator who may start, but not see everything THEN the machine, which looks for itself, is started
    ready.account.denied = {denied}
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert denied.endswith("History") or "AccessDenied" in result.output


@pytest.mark.parametrize(
    "operation", ["ListExecutions", "DescribeClusterSnapshots", "DescribeClusters", "GetParameter of the lineage"]
)
@pytest.mark.parametrize("kind", ["throttled", "hanging"])
def test_what_cannot_be_seen_in_an_outage_does_not_stop_it(
    ready: Scene, monkeypatch: pytest.MonkeyPatch, operation: str, kind: str
) -> None:
    # GIVEN one API of the recovery Region that throttles or hangs WHEN failed over
    name, answer = operation.partition(" ")[0], ready.account._answer

    def struck(service: str, region: str, called: str, params: dict[str, Any]) -> dict[str, Any]:
        if called == name and (name != "GetParameter" or "lineages" in params["Name"]):
            if kind == "hanging":
                raise ReadTimeoutError(endpoint_url=f"https://{service}.{region}.example.com")
            raise ApiError("ThrottlingException", "Rate exceeded")
        return answer(service, region, called, params)

    monkeypatch.setattr(ready.account, "_answer", struck)
    result = ready.run("failover", PLAN, "--yes")
    # THEN the machine, which looks for itself, is started, and the screen says what nobody saw
    assert result.exit_code == 0
    assert len(ready.account.runs) == 1
    unknown = "lost            unknown: nobody could read which copy the machine will take"
    assert (unknown in result.output) == (operation in {"DescribeClusterSnapshots", "GetParameter of the lineage"})
    assert f"({'no answer' if kind == 'hanging' else 'ThrottlingException'}); the machine " in result.output


@pytest.mark.parametrize(("times", "status"), [(2, 0), (9, 2)])
def test_a_record_whose_reading_is_throttled_is_read_again(
    ready: Scene, monkeypatch: pytest.MonkeyPatch, times: int, status: int
) -> None:
    # GIVEN many operators at once, so that AWS throttles the first call WHEN failed over THEN it is made again
    answer, left = ready.account._answer, [None] * times

    def throttled(service: str, region: str, called: str, params: dict[str, Any]) -> dict[str, Any]:
        if called == "GetParameter" and "/plans/" in params["Name"] and left:
            left.pop()
            raise ApiError("ThrottlingException", "Rate exceeded")
        return answer(service, region, called, params)

    monkeypatch.setattr(ready.account, "_answer", throttled)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == status
    assert "ThrottlingException: Rate exceeded; trying again" in result.output
    assert ready.sleeps[:2] == [1, 2]
    assert bool(ready.account.runs) == (status == 0)


def test_one_who_may_not_start_it_is_told(ready: Scene) -> None:
    ready.account.denied = {"stepfunctions:StartExecution"}
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "StartExecution in us-west-2: AccessDenied" in words_of(result)
    assert "docs/cli.md has the policy" in words_of(result)


@pytest.mark.parametrize("when", ["lost", "lost_answers"])
def test_a_start_whose_answer_is_lost_starts_one(ready: Scene, when: str) -> None:
    getattr(ready.account, when)["stepfunctions:StartExecution"] = 2
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert result.output.count("trying again under the same name") == 2
    assert len(ready.account.runs) == 1


def test_a_start_that_nobody_answers_says_that_it_may_be_running(ready: Scene) -> None:
    ready.account.lost["stepfunctions:StartExecution"] = 99
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "the execution may be running" in words_of(result)
