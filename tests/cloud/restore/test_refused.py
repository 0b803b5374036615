"""What ends a restore before anything is made: bad inputs, records, things that are missing, a target that exists, other runs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from resilient_redshift.contract import names
from tests.cloud.restore.record import (
    AWAY,
    CLUSTER,
    LINEAGES,
    PARAMETER_GROUP,
    PLAN,
    RECORD,
    ROLE,
    SECURITY_GROUP,
    SUBNET_GROUP,
)
from tests.cloud.restore.world import RestoreWorld

MAKES = ("RestoreFromClusterSnapshot", "CreateTags", "DeleteCluster", "EnableLogging")


def made(world: RestoreWorld) -> list[str]:
    """Whatever changed something at Redshift."""
    return [call.operation for call in world.calls if call.operation in MAKES]


@pytest.mark.parametrize(
    "given",
    [
        None,
        [],
        "x",
        {},
        {"plan": PLAN},
        {"mode": "failover"},
        {"plan": PLAN, "mode": "restore"},
        {"plan": "", "mode": "failover"},
        {"plan": 1, "mode": "failover"},
        {"plan": "../other", "mode": "failover"},
        {"plan": PLAN, "mode": "failover", "snapshot": 5},
        {"plan": PLAN, "mode": "failover", "snapshot": ""},
        {"plan": PLAN, "mode": "failover", "target": "other-cluster"},
        {"plan": PLAN, "mode": "failover", "target": "drill-12345678-x"},
        {"plan": PLAN, "mode": "failover", "target": "restored-"},
        {"plan": PLAN, "mode": "failover", "target": "restored-Upper"},
        {"plan": PLAN, "mode": "failover", "target": "restored-" + "x" * 60},
        {"plan": PLAN, "mode": "failover", "target": "restored-a--b"},
        {"plan": PLAN, "mode": "failover", "not_before": "yesterday"},
        {"plan": PLAN, "mode": "failover", "lineage": "yesterday"},
        {"plan": PLAN, "mode": "failover", "number_of_nodes": 0},
        {"plan": PLAN, "mode": "failover", "number_of_nodes": "2"},
        {"plan": PLAN, "mode": "failover", "number_of_nodes": 1.5},
        {"plan": PLAN, "mode": "failover", "node_type": 2},
        {"plan": PLAN, "mode": "failover", "copy_to": "eu-west-1"},
        {"plan": PLAN, "mode": "failover", "copy_to": {}},
        {"plan": PLAN, "mode": "drill", "scheduled_time": "yesterday"},
    ],
    ids=str,
)
def test_an_input_that_is_none_is_refused(given: Any) -> None:
    world = RestoreWorld()
    world.copied()
    run = world.run(given)
    assert (run.status, run.outcome) == ("FAILED", "InvalidRequest")
    assert not made(world)
    assert world.report(run)["message"]


@pytest.mark.parametrize("mode", ["failover", "drill", "cleanup"])
def test_a_missing_record_is_named(mode: str) -> None:
    world = RestoreWorld()
    world.copied()
    del world.fakes.parameters[RECORD]
    run = world.do(mode)
    assert (run.status, run.outcome) == ("FAILED", "RecordMissing")
    assert RECORD in run.cause
    assert not made(world)


@pytest.mark.parametrize("mode", ["failover", "drill", "cleanup"])
@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"version": None},
        {"plan": "another"},
        {"cluster": {"identifier": None}},
        {"cluster": {"region": AWAY}},
        {"recovery": {"region": "eu-west-1"}},
    ],
    ids=str,
)
def test_a_record_that_is_not_understood_touches_nothing(mode: str, change: dict[str, Any]) -> None:
    # GIVEN a record that a restore must not act on WHEN run THEN it says so
    world = RestoreWorld(record=change)
    world.copied()
    world.model.given_cluster(AWAY, "sales-of-somebody")
    run = world.do(mode)
    assert (run.status, run.outcome) == ("FAILED", "RecordNotUnderstood")
    assert not made(world)


@pytest.mark.parametrize(
    ("change", "refusing"),
    [
        ({"drill": 5}, ["cleanup", "drill"]),
        ({"drill": {"cluster_prefix": ""}}, ["cleanup", "drill"]),
        ({"drill": {"cluster_prefix": "sales"}}, ["cleanup", "drill"]),
        ({"drill": {"cluster_prefix": "drill-"}}, ["cleanup", "drill"]),
        ({"objectives": None}, ["drill"]),
        ({"objectives": {"recovery_time_seconds": "soon"}}, ["drill"]),
        ({"restore": {"port": "5439", "iam_role_arns": 7, "node_type": [], "dns": {"record_name": "a"}}}, ["drill"]),
        ({"recovery": {"notify_topic": 5, "report_bucket": {}, "site": 7}}, ["drill"]),
        ({"rules": 5, "copy": "x", "functions": [], "protected_since": "?"}, []),
        ({"machines": 5}, ["cleanup"]),
    ],
    ids=str,
)
def test_what_is_wrong_stops_only_what_needs_it(change: dict[str, Any], refusing: list[str]) -> None:
    # GIVEN a record with a wrong field WHEN run THEN only a run that needs the field ends with it, before it made anything
    for mode in ("failover", "drill", "cleanup"):
        world = RestoreWorld(record=change)
        world.copied()
        run = world.do(mode)
        report = world.report(run)
        if mode in refusing:
            assert (run.status, run.outcome) == ("FAILED", "RecordNotUnderstood")
            assert not made(world)
            assert f"{RECORD} is not understood: " in report["message"]
        else:
            assert run.outcome == {"failover": "Restored", "drill": "Passed", "cleanup": "Cleaned"}[mode]
        if mode == "failover":
            # and a failover says what it could not use
            assert any(f"{RECORD} is not understood: " in warning for warning in report["warnings"])


def test_a_check_that_is_not_understood_is_not_passed() -> None:
    # GIVEN a record with a check that lacks its query WHEN run
    broken = {"checks": [{"name": "rows"}]}
    worlds = RestoreWorld(record=broken), RestoreWorld(record=broken)
    for world in worlds:
        world.copied()
    failover, drill = worlds[0].failover(), worlds[1].drill()
    # THEN a failover keeps the cluster and says that it is not verified; a drill finds it out before it makes anything
    assert failover.outcome == "RestoredUnverified"
    assert "checks[0].sql is missing" in worlds[0].report(failover)["message"]
    assert worlds[0].clusters() == [CLUSTER]
    assert drill.outcome == "RecordNotUnderstood"


@pytest.mark.parametrize("value", ["", "{", "null", "[]", '"text"', "1"])
def test_a_record_that_is_no_object_is_named(value: str) -> None:
    world = RestoreWorld()
    world.fakes.parameters[RECORD] = value
    assert world.failover().outcome == "RecordNotUnderstood"


def test_a_record_of_a_later_release_with_more_in_it_is_read() -> None:
    world = RestoreWorld(record={"new_thing": {"a": 1}, "recovery": {"newer": [1]}, "restore": {"newest": None}})
    world.copied()
    assert world.failover().outcome == "Restored"


# Preflight.


def take_away(world: RestoreWorld, thing: str) -> str:
    """Remove one thing that a restore needs, and return how the report shall call it."""
    if thing == "subnet group":
        del world.model.world.subnet_groups[(AWAY, SUBNET_GROUP)]
        return SUBNET_GROUP
    if thing == "parameter group":
        del world.model.world.parameter_groups[(AWAY, PARAMETER_GROUP)]
        return PARAMETER_GROUP
    if thing == "security group":
        world.fakes.security_groups.clear()
        return SECURITY_GROUP
    world.fakes.roles.clear()
    return ROLE.rsplit("/", 1)[-1]


THINGS = ["subnet group", "parameter group", "security group", "role"]


@pytest.mark.parametrize("mode", ["failover", "drill"])
@pytest.mark.parametrize("thing", THINGS)
def test_what_is_missing_is_named_before_anything_is_made(thing: str, mode: str) -> None:
    world = RestoreWorld()
    world.copied()
    name = take_away(world, thing)
    run = world.do(mode)
    assert (run.status, run.outcome) == ("FAILED", "NotReady")
    [missing] = world.report(run)["missing"]
    assert name in missing
    assert not made(world)


def test_everything_that_is_missing_is_named_at_once() -> None:
    # GIVEN a site that lost all that a restore needs WHEN failed over THEN one report names it all
    world = RestoreWorld(record={"recovery": {"security_groups": [SECURITY_GROUP, "sg-2"]}})
    world.copied()
    names = [take_away(world, thing) for thing in THINGS]
    run = world.failover()
    assert run.outcome == "NotReady"
    missing = world.report(run)["missing"]
    assert all(any(name in text for text in missing) for name in [*names, "sg-2"]), missing
    assert not made(world)


def test_a_missing_key_is_named_with_the_rest() -> None:
    # GIVEN a disabled key and a missing group WHEN failed over THEN both are named, whichever of the two names ends the run
    world = RestoreWorld()
    world.copied()
    world.model.set_key_state(world.key, "Disabled")
    name = take_away(world, "parameter group")
    run = world.failover()
    assert run.outcome in {"KeyUnavailable", "NotReady"}
    assert world.key in run.cause
    assert name in run.cause


def test_a_key_that_is_gone_is_unavailable() -> None:
    world = RestoreWorld()
    world.copied()
    del world.model.world.keys[world.key]
    run = world.failover()
    assert run.outcome == "KeyUnavailable"
    assert world.key in run.cause


# The target.


@pytest.mark.parametrize("target", [None, "restored-sales"])
@pytest.mark.parametrize(
    "tags", [{}, {"team": "x"}, {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-9"}], ids=str
)
def test_a_target_that_exists_is_not_touched(target: str | None, tags: dict[str, str]) -> None:
    # GIVEN a cluster of the target's name, whoever's, even an earlier failover's WHEN failed over THEN it stays as it is
    world = RestoreWorld()
    world.copied()
    theirs = world.model.given_cluster(AWAY, target or CLUSTER, tags=dict(tags))
    run = world.failover(target=target)
    assert run.outcome == "TargetExists"
    assert not made(world)
    assert world.cluster(target or CLUSTER) is theirs
    assert theirs.tags == tags


@pytest.mark.parametrize("code", ["ServiceUnavailable", "InternalFailure", "Throttling"])
def test_a_restore_whose_answer_was_lost_is_adopted(code: str) -> None:
    # GIVEN a restore that AWS accepted, and whose answer never came WHEN it is tried again THEN the cluster is ours
    world = RestoreWorld()
    world.copied()
    world.fail("RestoreFromClusterSnapshot", code, after=True)
    run = world.failover()
    assert run.outcome == "Restored", run.cause
    assert len(world.asked("RestoreFromClusterSnapshot")) == 2
    assert world.cluster().tags[names.TAG_EXECUTION] == run.name


def test_a_cluster_that_somebody_makes_in_between_is_not_adopted() -> None:
    # GIVEN somebody's cluster that takes the name between preflight and restore, tagged as theirs WHEN failed over
    world = RestoreWorld()
    world.copied()
    tags = {names.TAG_EXECUTION: "failover-theirs", names.TAG_PLAN: PLAN}
    world.before("RestoreFromClusterSnapshot", lambda: world.model.given_cluster(AWAY, CLUSTER, tags=dict(tags)))
    run = world.failover()
    # THEN it stays as it is
    assert run.outcome == "TargetExists"
    assert world.cluster().tags == tags


def test_an_older_untagged_cluster_is_not_adopted() -> None:
    # GIVEN an untagged cluster that was there before our first call, but that preflight did not see WHEN failed over
    world = RestoreWorld()
    world.copied()
    world.before("RestoreFromClusterSnapshot", lambda: world.drilled(CLUSTER, age_hours=0.1))
    assert world.failover().outcome == "TargetExists"
    assert world.cluster().tags == {}


# Other runs.


def test_a_second_failover_of_a_plan_is_refused_with_the_firsts_name() -> None:
    world = RestoreWorld()
    world.copied()
    world.running("failover", "failover-first")
    world.clock.advance(5)
    run = world.failover()
    assert (run.status, run.outcome) == ("FAILED", "AlreadyRunning")
    assert "failover-first" in run.cause
    assert not made(world)


@pytest.mark.parametrize(
    ("mode", "changes"),
    [("drill", {}), ("failover", {"plan": "another"}), ("drill", {"plan": "another"})],
)
def test_a_failover_minds_no_other_run(mode: str, changes: dict[str, Any]) -> None:
    world = RestoreWorld()
    world.copied()
    for _ in range(5):  # more than one page of executions
        world.running(mode, **changes)
    assert world.failover().outcome == "Restored"


def test_a_run_with_an_input_that_nobody_understands_is_passed_over() -> None:
    world = RestoreWorld()
    world.copied()
    for number, given in enumerate((None, [], "x", {}, {"plan": PLAN}, {"mode": "failover"})):
        world.running(name=f"odd-{number}").given = given
    assert world.failover().outcome == "Restored"


@pytest.mark.parametrize("seed", [None, *range(8)])
def test_of_two_failovers_at_once_exactly_one_restores(seed: int | None) -> None:
    # GIVEN two starts in the same instant WHEN both run, phase by phase in any order
    world = RestoreWorld()
    world.copied()
    turns = None if seed is None else random.Random(seed)  # noqa: S311
    runs = world.together((0, world.given("failover")), (0, world.given("failover")), turns=turns)
    # THEN one restores, the other ends by name, and one cluster exists, tagged by the one that restored it
    outcomes = sorted(run.outcome for run in runs)
    assert outcomes in (["AlreadyRunning", "Restored"], ["Restored", "TargetExists"]), outcomes
    winner = next(run for run in runs if run.outcome == "Restored")
    assert world.clusters() == [CLUSTER]
    assert world.cluster().tags[names.TAG_EXECUTION] == winner.name


@pytest.mark.parametrize("delay", [1, 20, 45, 90])
def test_a_second_start_a_little_later_is_refused(delay: int) -> None:
    world = RestoreWorld()
    world.copied()
    first, second = world.together((0, world.given("failover")), (delay, world.given("failover")))
    assert first.outcome == "Restored"
    assert second.outcome in {"AlreadyRunning", "TargetExists"}


def test_two_plans_fail_over_side_by_side() -> None:
    # GIVEN another plan of the site, of another cluster WHEN both fail over THEN neither minds the other
    world = RestoreWorld()
    world.copied()
    world.another_plan("orders")
    runs = world.together((0, world.given("failover")), (0, world.given("failover", plan="orders")))
    assert [run.outcome for run in runs] == ["Restored", "Restored"], [run.cause for run in runs]
    assert world.clusters() == ["orders", CLUSTER]


def test_a_failover_after_a_failover_needs_another_name() -> None:
    world = RestoreWorld()
    world.copied()
    assert world.failover().outcome == "Restored"
    assert world.failover().outcome == "TargetExists"
    assert world.failover(target="restored-again").outcome == "Restored"
    assert LINEAGES in world.fakes.parameters
