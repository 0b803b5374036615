"""The checks look at every database, and many slow ones end within the limits of a run's history."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.redshift_model import Content, Table
from resilient_redshift.recovery.sql_check import MOST_CHECKS
from tests.cloud.restore.record import AWAY, CLUSTER, ENDPOINTS, HOME, NOW
from tests.cloud.restore.world import RestoreWorld
from tests.phases.driver import HISTORY_LIMIT

EMPTY: dict[str, Any] = {}
#: A tenth of the snapshot's 100 GB, in blocks of 1 MB.
ENOUGH = 10_240


def warehouse(
    *, own: dict[str, Any] = EMPTY, checks: list[dict[str, str]] | None = None, **databases: Any
) -> RestoreWorld:
    """A plan whose cluster has tables of these megabytes in its own database and in others."""
    world = RestoreWorld(record={"checks": checks} if checks else None)
    content = world.model.given_content(HOME, CLUSTER, own)
    content.databases = {name: one if isinstance(one, Content) else holding(one) for name, one in databases.items()}
    world.copied(content=content.copy())
    return world


def holding(megabytes: int) -> Content:
    return Content({"public.facts": Table(5, megabytes)} if megabytes else {})


def answers(world: RestoreWorld, mode: str = "failover") -> dict[str, dict[str, Any]]:
    run = world.do(mode)
    return {check["name"]: check for check in world.report(run)["checks"]}


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_warehouse_whose_data_are_in_other_databases_is_verified(mode: str) -> None:
    # GIVEN an empty database of the cluster's own, and two others that have enough together WHEN restored
    world = warehouse(analytics=ENOUGH - 1, staging=1, unused=0)
    run = world.do(mode)
    # THEN the run is good, and the report has the sum
    assert run.outcome == {"failover": "Restored", "drill": "Passed"}[mode]
    found = {check["name"]: check.get("got") for check in world.report(run)["checks"]}
    assert (found["tables"], found["size"]) == ("1", str(ENOUGH))


def test_no_other_database_is_asked_when_the_own_one_has_enough() -> None:
    world = warehouse(own={"public.a": (5, ENOUGH)}, analytics=1)
    answers(world)
    assert {call["Database"] for call in world.asked("ExecuteStatement")} == {"dev"}
    assert not any("svv_redshift_databases" in call["Sql"] for call in world.asked("ExecuteStatement"))


def test_databases_that_have_too_little_together_are_unverified() -> None:
    found = answers(warehouse(own={"public.a": (5, 7)}, analytics=8, staging=9))
    assert (found["size"]["passed"], found["size"]["got"]) == (False, "24")
    assert found["tables"]["passed"]


def test_a_database_that_gives_no_answer_is_named() -> None:
    # GIVEN one database whose tables cannot be read WHEN the others have too little THEN the error names it
    broken = Content(answers={"select count(*) from svv_table_info": {"error": "ERROR: permission denied"}})
    found = answers(warehouse(analytics=broken))["tables"]
    assert not found["passed"]
    assert "0 in all, and no answer of analytics (FAILED: ERROR: permission denied)" in found["error"]
    # and where the others have enough, it does not matter
    assert answers(warehouse(analytics=broken, staging=ENOUGH))["tables"]["passed"]


def test_databases_that_cannot_be_listed_are_named() -> None:
    listing = "select database_name from svv_redshift_databases where database_type = 'local' order by database_name"
    world = RestoreWorld()
    content = world.model.given_content(HOME, CLUSTER, EMPTY, {listing: {"error": "ERROR: no such view"}})
    world.copied(content=content.copy())
    assert "the other databases (FAILED: ERROR: no such view)" in answers(world)["tables"]["error"]


def test_a_check_of_a_plan_runs_in_its_database() -> None:
    # GIVEN a table that one other database has WHEN checked there, and in the cluster's own THEN only there it is
    sql = "select count(*) from facts"
    checks = [{"name": "there", "sql": sql, "expected": "5", "database": "analytics"}]
    checks += [{"name": "here", "sql": sql, "expected": "5"}]
    checks += [{"name": "nowhere", "sql": sql, "expected": "5", "database": "gone"}]
    found = answers(warehouse(own={"public.a": (5, ENOUGH)}, checks=checks, analytics=1))
    assert {name: found[name]["passed"] for name in ("there", "here", "nowhere")} == {
        "there": True,
        "here": False,
        "nowhere": False,
    }
    assert 'database "gone" does not exist' in found["nowhere"]["error"]


@pytest.mark.parametrize("seconds", [1, 100, 700, 90_000])
def test_many_slow_checks_fit_into_a_history(seconds: int) -> None:
    # GIVEN as many checks as a plan may have, each slow, in a warehouse of sixty databases WHEN failed over
    queries = [f"select slow({number})" for number in range(MOST_CHECKS)]
    checks = [{"name": f"c{number}", "sql": sql, "expected": "1"} for number, sql in enumerate(queries)]
    world = RestoreWorld(record={"checks": checks})
    slow = {sql: {"rows": [[1]], "seconds": seconds} for sql in queries}
    content = world.model.given_content(HOME, CLUSTER, EMPTY, slow)
    content.databases = {f"d{number}": holding(1) for number in range(58)} | {"large": holding(ENOUGH)}
    world.copied(content=content.copy())
    run = world.failover()
    # THEN the checks are over within their time, half of the history is left, and the endpoint is known in any case
    assert run.outcome == ("Restored" if seconds < 200 else "RestoredUnverified")
    assert run.events < HISTORY_LIMIT / 2
    assert (world.clock.now() - NOW).total_seconds() < 4.5 * 3600
    assert world.parameter(ENDPOINTS)["verified"] is (seconds < 200)


def test_a_run_that_dies_in_its_checks_has_published_its_endpoint() -> None:
    # GIVEN a failover that somebody stops while it checks WHEN it is over THEN the endpoint is known, and not verified
    world = warehouse(own={"public.a": (5, ENOUGH)})
    world.kill_at(phase="Check")
    assert world.failover().status == "ABORTED"
    published = world.parameter(ENDPOINTS)
    assert (published["cluster"], published["verified"]) == (CLUSTER, False)


def test_what_is_published_stays_until_the_new_cluster_is_verified() -> None:
    # GIVEN a published endpoint that clients use WHEN a failover fails its checks THEN it stays; a good one replaces it
    before = {"cluster": "restored-before", "verified": True}
    for tables, cluster in ((EMPTY, "restored-before"), ({"public.a": (5, ENOUGH)}, CLUSTER)):
        world = warehouse(own=tables)
        world.model.given_cluster(AWAY, "restored-before")
        world.fakes.parameters[ENDPOINTS] = json.dumps(before)
        report = world.report(world.failover())
        published = world.parameter(ENDPOINTS)
        assert (published["cluster"], published["verified"]) == (cluster, True)
        assert ("not published" in report["message"]) is (cluster != CLUSTER)


def test_an_endpoint_whose_cluster_is_gone_is_replaced_before_the_checks() -> None:
    # GIVEN a published endpoint whose cluster was deleted WHEN a failover fails its checks
    world = warehouse(own=EMPTY)
    world.fakes.parameters[ENDPOINTS] = json.dumps({"cluster": CLUSTER, "endpoint": "gone.example", "verified": True})
    report = world.report(world.failover())
    # THEN clients find the cluster that there is, and that it is not verified
    published = world.parameter(ENDPOINTS)
    assert report["outcome"] == "RestoredUnverified"
    assert published["endpoint"] != "gone.example"
    assert published["verified"] is False
