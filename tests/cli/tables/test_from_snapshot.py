"""A bad load noticed late: Redshift restores one table from a snapshot in the cluster's own Region."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model.content import Column
from tests.cli.scene import HERE, HOUR, THERE, Scene, record, words_of
from tests.cli.tables.bad_load import LOADED, TABLE, asked, copied, rows, spoiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

START = "redshift:RestoreTableFromClusterSnapshot"


@pytest.fixture
def bad(scene: Scene) -> Scene:
    """Snapshots from before and after the bad load."""
    spoiled(scene)
    return scene


def run(scene: Scene, *options: str, answer: str | None = None) -> Result:
    return scene.run(*TABLE, "--before", LOADED, *options, answer=answer)


def test_the_table_comes_back_beside_the_bad_one(bad: Scene) -> None:
    # GIVEN a bad load two hours ago WHEN the table is restored THEN the good rows are beside the bad ones
    result = run(bad, "--yes")
    assert result.exit_code == 0, result.output
    assert (rows(bad), rows(bad, "public.orders")) == (1000, 7)
    for text in ("rs:sales-5", "3 h before that", "foreign keys, views and grants", "Restored: dev.public.orders as"):
        assert text in result.output
    assert "1000 in public.orders_before, 7 in public.orders now" in result.output


def test_it_asks_and_a_dry_run_does_not(bad: Scene) -> None:
    bad.interactive = True
    result = run(bad, answer="n\n")
    assert "Restore public.orders as the new table public.orders_before in dev of sales? [y/N]" in result.stderr
    assert result.exit_code == 2
    dry = run(bad, "--dry-run")
    assert (dry.exit_code, "rs:sales-5" in dry.output) == (0, True)
    assert asked(bad, START) == []


def test_without_a_time_the_newest_data_is_taken(bad: Scene) -> None:
    assert bad.run(*TABLE, "--yes").exit_code == 0
    assert rows(bad) == 7


def while_restoring(scene: Scene, happens: Callable[[], None]) -> None:
    """Let something happen once, when Redshift restores the table."""
    done: list[bool] = []

    def sleep(seconds: float) -> None:
        scene.clock.advance(seconds)
        if scene.model.world.table_restores and not done:
            done.append(True)
            happens()

    scene._sleep = sleep  # type: ignore[method-assign]


def test_ctrl_c_leaves_it_running_and_the_same_command_attaches(bad: Scene) -> None:
    def ctrl_c() -> None:
        raise KeyboardInterrupt

    # GIVEN a restore that runs WHEN the operator stops watching
    while_restoring(bad, ctrl_c)
    stopped = run(bad, "--yes")
    assert stopped.exit_code == 130
    assert "runs on in Redshift, which cannot cancel it hint: the same command goes on: resilient" in words_of(stopped)
    # THEN the same command asks nothing, starts nothing, and tells the end
    again = run(bad)
    assert again.exit_code == 0
    assert "runs already, from rs:sales-5" in again.output
    assert (len(asked(bad, START)), rows(bad)) == (1, 1000)


def test_what_is_done_is_told_and_not_done_again(bad: Scene) -> None:
    assert run(bad, "--yes").exit_code == 0
    again = run(bad)
    assert (again.exit_code, len(asked(bad, START))) == (0, 1)


def test_a_lost_answer_is_no_second_request(bad: Scene) -> None:
    # GIVEN an answer of Redshift that gets lost WHEN restored THEN the request that began is followed
    bad.account.lost_answers[START] = 1
    assert run(bad, "--yes").exit_code == 0
    assert len(bad.model.world.table_restores) == 1


def test_an_interrupted_connection_ends_nothing(bad: Scene) -> None:
    while_restoring(bad, lambda: bad.account.lost.update({"redshift:DescribeTableRestoreStatus": 5}))
    assert run(bad, "--yes").exit_code == 0


def test_after_an_hour_without_an_answer_the_command_says_how_to_go_on(bad: Scene) -> None:
    while_restoring(bad, lambda: bad.account.lost.update({"redshift:DescribeTableRestoreStatus": 10_000}))
    lost = run(bad, "--yes")
    assert lost.exit_code == 2
    assert "runs on in Redshift, which cannot cancel it" in words_of(lost)
    bad.account.lost.clear()
    assert run(bad).exit_code == 0


def test_a_log_is_not_silent_for_long(bad: Scene) -> None:
    bad.model.settings.table_restore_seconds = 900
    assert "restore the table: 20." in run(bad, "--yes").output


def test_a_restore_that_fails_is_1(bad: Scene) -> None:
    # GIVEN somebody who takes the name meanwhile WHEN Redshift fails THEN its words are shown
    def take() -> None:
        tables = bad.model.content(HERE, "sales").tables
        tables["public.orders_before"] = tables["public.orders"]

    while_restoring(bad, take)
    result = run(bad, "--yes", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["outcome"] == "Failed"
    assert "a table of that name exists" in json.loads(result.stdout)["message"]


def test_json_says_where_the_table_is(bad: Scene) -> None:
    told = json.loads(run(bad, "--yes", "--json", "--database", "dev").stdout)
    assert told | {"request": ""} == {
        "version": 1,
        "way": "snapshot",
        "outcome": "Restored",
        "cluster": "sales",
        "region": HERE,
        "snapshot": "rs:sales-5",
        "table": "orders_before",
        "schema": "public",
        "database": "dev",
        "request": "",
        "message": "",
    }


# the rules, each refused with its reason before anything starts


def refused(scene: Scene, *options: str) -> str:
    result = run(scene, "--yes", *options)
    assert result.exit_code == 2, result.output
    assert asked(scene, START) == []
    return words_of(result)


def test_the_new_name_must_be_free(bad: Scene) -> None:
    assert "public.orders exists, and a restore never overwrites a table" in refused(bad, "--as", "orders")


def test_interleaved_sort_keys_are_for_copies(scene: Scene) -> None:
    spoiled(scene, columns=(Column("id", sortkey=1), Column("day", "date", sortkey=-2)))
    assert "interleaved sort key, and Redshift restores no such table hint: --from-copies can" in refused(scene)


def test_one_at_a_time(bad: Scene) -> None:
    names = {"SourceDatabaseName": "dev", "SourceTableName": "orders", "NewTableName": "another"}
    given = {"ClusterIdentifier": "sales", "SnapshotIdentifier": "rs:sales-1", **names}
    bad.model.call(HERE, "RestoreTableFromClusterSnapshot", given)
    assert "another table restore runs in sales: dev.public.orders as dev.public.another from rs:sales-1" in refused(
        bad
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"node_type": "rg.large"}, "from before a resize: rg.large, now ra3.large"),
        ({"status": "failed"}, "its status is failed"),
        ({"cluster_create_time": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "of another cluster, created 2026-01-01"),
        ({"source_region": "eu-west-1"}, "a copy from eu-west-1"),
        ({"age_days": HOUR}, "not from before 2026-11-23T06:15:00Z"),
    ],
)
def test_a_snapshot_that_redshift_would_refuse_is_not_taken(scene: Scene, change: dict[str, Any], reason: str) -> None:
    # GIVEN one snapshot, which Redshift would refuse WHEN asked THEN it is listed with the reason
    scene.model.given_snapshot(HERE, scene.cluster, "one", **{"age_days": 5 * HOUR, **change})
    text = refused(scene)
    assert "no usable snapshot of sales in us-east-1 from before 2026-11-23T06:15:00Z" in text
    assert reason in text


def test_the_copies_elsewhere_are_named(scene: Scene) -> None:
    copied(scene)
    assert "us-west-2 has the copy copy:rs:sales-5 of 2026-11-23 03:15 UTC: --from-copies" in refused(scene)
    scene.account.dark = {THERE}
    scene.region = HERE
    assert "whether us-west-2 has a copy is unknown" in refused(scene)


def test_a_snapshot_that_is_asked_for_is_taken_or_refused(bad: Scene) -> None:
    assert "not from before" in refused(bad, "--snapshot", "rs:sales-1")
    assert "no snapshot nothing of sales" in refused(bad, "--snapshot", "nothing")
    assert bad.run(*TABLE, "--snapshot", "rs:sales-1", "--yes").exit_code == 0


def test_a_cluster_that_is_busy_takes_no_table(bad: Scene) -> None:
    bad.cluster.status = "resizing"
    assert "sales in us-east-1 is resizing, so it takes no table" in refused(bad)


def test_after_a_failover_the_plan_of_the_way_home_is_named(bad: Scene) -> None:
    bad.model.world.clusters.clear()
    none = "there is no cluster sales in us-east-1 that could take the table hint: is the warehouse in us-west-2 now?"
    assert f"{none} a plan of the way home can (plan.reverse)" in refused(bad)
    bad.put_record(THERE, record(THERE, reversed_by="sales-us-west-2"))
    assert f"{none} pass the plan sales-us-west-2" in refused(bad)


# what cannot be told is said, and Redshift decides


def test_another_number_of_nodes_and_a_newer_engine_are_notes(bad: Scene) -> None:
    bad.cluster.number_of_nodes = 4
    bad.model.settings.engine_version = "1.0.110000"
    text = words_of(run(bad, "--dry-run"))
    assert "had 2 nodes, and now has 4: Redshift refuses if that was a classic resize" in text
    assert "is of engine version 1.0.120000, and the cluster runs 1.0.110000" in text


def test_without_the_data_api_redshift_checks(bad: Scene) -> None:
    bad.account.denied = {"redshift-data:ExecuteStatement"}
    result = run(bad, "--yes")
    assert result.exit_code == 0
    assert "cannot tell whether public.orders_before is free" in result.output
    assert rows(bad) == 1000


def test_a_database_that_does_not_answer_in_time_is_not_waited_for(bad: Scene) -> None:
    bad.model.settings.statement_seconds = 1e6
    assert "cannot tell whether public.orders_before is free" in run(bad, "--dry-run").output


def test_the_recovery_region_may_be_away(bad: Scene) -> None:
    bad.region, bad.account.dark = HERE, {THERE}
    assert run(bad, "--yes").exit_code == 0
