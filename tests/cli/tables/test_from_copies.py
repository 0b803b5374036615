"""A bad load noticed when only the recovery Region has data from before it: scratch restore, UNLOAD, COPY, deletion."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from emulator.redshift_model.content import Column
from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, RESTORE, THERE, Scene, record, words_of
from tests.cli.tables.bad_load import (
    ATTACHED,
    COLUMNS,
    COPIES,
    LOADED,
    ROLE,
    asked,
    copied,
    good,
    restoring,
    rows,
    scratch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

SCRATCH = "restored-table-98938f4d"
START = "stepfunctions:StartExecution"


@pytest.fixture
def bad(scene: Scene) -> Scene:
    """Only a copy has the good rows."""
    copied(scene)
    return scene


def run(scene: Scene, *options: str) -> Result:
    return scene.run(*COPIES, "--before", LOADED, *options)


def statements(scene: Scene, word: str) -> list[str]:
    found = [text for one in scene.model.world.statements.values() for text in one.sqls]
    return [text for text in found if text.startswith(word)]


def test_the_table_comes_home_and_nothing_is_left_but_files(bad: Scene) -> None:
    # GIVEN a copy from before the bad load WHEN the table comes home THEN its rows are there, and the scratch cluster not
    result = run(bad, "--yes")
    assert result.exit_code == 0, result.output
    assert (rows(bad), rows(bad, "public.orders"), scratch(bad)) == (1000, 7, [])
    assert f"{SCRATCH}: deleted" in result.output
    assert "Restored: public.orders_before in sales, 1000 rows of copy:rs:sales-5" in result.output
    assert "aws s3 rm --region us-east-1 --recursive s3://transfer/tables/table-98938f4d-" in result.output
    # AND the new table is like the old one
    table = bad.model.content(HERE, "sales").tables["public.orders_before"]
    assert [(c.name.lower(), c.type, c.not_null, c.sortkey) for c in table.columns] == [
        (c.name.lower(), c.type, c.not_null, c.sortkey) for c in COLUMNS
    ]


def test_the_plans_machine_restores_and_publishes_nothing(bad: Scene) -> None:
    run(bad, "--yes")
    [given] = asked(bad, START)
    assert json.loads(given["input"]) == {
        "plan": PLAN,
        "mode": "failover",
        "snapshot": "copy:rs:sales-5",
        "target": SCRATCH,
        "publish": False,
        "reason": "restore-table public.orders as public.orders_before",
    }


def test_the_statements_quote_every_name(bad: Scene) -> None:
    run(bad, "--yes")
    [unload] = statements(bad, "UNLOAD")
    assert unload.startswith(
        """UNLOAD ('select "id", "Größe", "day" from "public"."orders"') TO 's3://transfer/tables/"""
    )
    assert unload.endswith(f"IAM_ROLE '{ROLE}' FORMAT AS PARQUET MANIFEST REGION 'us-east-1'")
    assert "ALLOWOVERWRITE" not in unload
    [copy] = statements(bad, "COPY")
    assert copy.endswith(f"part-manifest' IAM_ROLE '{ROLE}' FORMAT AS PARQUET MANIFEST")


def test_a_dry_run_starts_nothing(bad: Scene) -> None:
    result = run(bad, "--dry-run")
    assert (result.exit_code, asked(bad, START)) == (0, [])
    for text in (SCRATCH, "deleted at the end", "defaults, identities, keys", "no other failover of this plan"):
        assert text in result.output
    assert "a restore, which no drill has measured; then UNLOAD and COPY" in result.output


def test_the_last_drill_says_how_long_it_takes(bad: Scene) -> None:
    last = {"outcome": "Passed", "ended": "2026-11-22T06:41:10Z", "execution": "drill-1", "recovery_time_seconds": 2460}
    drills = {"since": "2026-10-24T08:15:00Z", "last": last, "inconclusive": 0}
    bad.put(THERE, names.drills_name(PLAN), json.dumps(drills))
    assert "41 min in the last drill; then UNLOAD and COPY" in run(bad, "--dry-run").output


def test_json_says_what_came_and_what_is_left(bad: Scene) -> None:
    told = json.loads(run(bad, "--yes", "--json").stdout)
    assert (told["outcome"], told["rows"], told["snapshot"]) == ("Restored", 1000, "copy:rs:sales-5")
    assert told["scratch"] == {"identifier": SCRATCH, "result": "deleted"}


# interrupted at any point, the same command goes on


def stops_at(scene: Scene, look: int) -> None:
    """Let the operator press Ctrl-C in the sleep after so many others."""
    slept = iter(range(10_000))

    def sleep(seconds: float) -> None:
        scene.clock.advance(seconds)
        if next(slept) == look:
            raise KeyboardInterrupt

    scene._sleep = sleep  # type: ignore[method-assign]


@pytest.mark.parametrize("look", [7, 12, 16, 20, 23, 26])
def test_after_ctrl_c_the_same_command_goes_on(bad: Scene, look: int) -> None:
    # GIVEN a command that is interrupted WHEN it is run again THEN each step has happened once
    stops_at(bad, look)
    stopped = run(bad, "--yes")
    if stopped.exit_code == 0:
        pytest.fail(f"it was over before look {look}")
    assert stopped.exit_code == 130
    again = run(bad, "--yes")
    assert again.exit_code == 0, again.output + again.stderr
    assert (rows(bad), scratch(bad)) == (1000, [])
    assert [len(asked(bad, START)), len(statements(bad, "UNLOAD")), len(statements(bad, "COPY"))] == [1, 1, 1]


def test_after_ctrl_c_in_the_deletion_the_same_command_tells_the_end(bad: Scene) -> None:
    def stop() -> None:
        if any(cluster.status == "deleting" for cluster in bad.model.world.clusters.values()):
            raise KeyboardInterrupt

    each_sleep(bad, stop)
    assert run(bad, "--yes").exit_code == 130
    each_sleep(bad, lambda: None)
    again = run(bad)
    assert (again.exit_code, scratch(bad), len(asked(bad, START))) == (0, [], 1)
    assert "Restored: public.orders_before is in sales" in again.output


def test_another_snapshot_than_the_scratch_clusters_is_refused(bad: Scene) -> None:
    stops_at(bad, 12)
    run(bad, "--yes")
    text = words_of(run(bad, "--yes", "--snapshot", "copy:rs:sales-1"))
    assert "the scratch cluster holds copy:rs:sales-5, not copy:rs:sales-1" in text


def test_after_a_failure_that_is_mended_a_kept_cluster_is_used_again(bad: Scene) -> None:
    # GIVEN a COPY that fails because somebody takes the role away, and a scratch cluster that is kept
    def detach() -> None:
        if bad.model.world.unloaded:
            bad.cluster.described = {}

    each_sleep(bad, detach)
    assert "not authorized to assume IAM Role" in failed(bad, "--keep-scratch")
    # WHEN the role is back THEN the same command copies, without another restore or UNLOAD
    each_sleep(bad, lambda: None)
    bad.cluster.described = dict(ATTACHED)
    assert run(bad, "--keep-scratch").exit_code == 0
    assert (rows(bad), len(asked(bad, START)), len(statements(bad, "UNLOAD"))) == (1000, 1, 1)


def test_another_bucket_is_unloaded_to_anew(bad: Scene) -> None:
    stops_at(bad, 20)
    run(bad, "--yes")
    bad.account.buckets["other"] = HERE
    assert bad.run(*COPIES, "--before", LOADED, "--bucket", "s3://other").exit_code == 0
    assert rows(bad) == 1000


# the scratch cluster goes after a failure too, and no other cluster ever


def failed(scene: Scene, *options: str) -> str:
    result = run(scene, "--yes", *options)
    assert result.exit_code == 1, result.output + result.stderr
    assert rows(scene) is None
    return words_of(result)


def test_a_table_that_is_not_in_the_copy_fails(bad: Scene) -> None:
    result = bad.run("restore-table", PLAN, "public.nothing", *COPIES[3:], "--yes")
    assert result.exit_code == 1
    assert "there is no table public.nothing in the snapshot copy:rs:sales-1" in words_of(result)
    assert scratch(bad) == []


def test_types_that_parquet_loses_fail(scene: Scene) -> None:
    copied(scene, columns=(Column("id"), Column("more", "super"), Column("place", "geometry")))
    text = failed(scene)
    assert "do not survive UNLOAD and COPY in Parquet: more (super), place (geometry)" in text
    assert scratch(scene) == []


def test_interleaved_sort_keys_come_home(scene: Scene) -> None:
    copied(scene, columns=(Column("id", sortkey=1), Column("day", "date", sortkey=-2)))
    assert run(scene, "--yes").exit_code == 0
    assert "INTERLEAVED SORTKEY" in statements(scene, "CREATE")[0]


def test_a_failing_unload_deletes_the_scratch_cluster(bad: Scene) -> None:
    bad.model.world.bucket_regions["transfer"] = "eu-west-1"
    assert "unload public.orders in dev of restored-table-98938f4d: ERROR: S3ServiceException" in failed(bad)
    assert scratch(bad) == []


def test_a_failing_restore_deletes_what_it_left(bad: Scene) -> None:
    restoring(bad, "Failed")
    text = failed(bad)
    assert "the scratch restore ended in Failed" in text
    assert scratch(bad) == []


def test_a_plan_whose_checks_fail_goes_on(bad: Scene) -> None:
    # GIVEN a check that asks for newer data than the copy has WHEN restored THEN the table comes home, and it is said
    restoring(bad, "RestoredUnverified")
    result = run(bad, "--yes")
    assert (result.exit_code, rows(bad)) == (0, 1000)
    assert "a check of the plan failed on the scratch cluster" in result.output


def test_rows_that_are_missing_are_said(bad: Scene) -> None:
    # GIVEN files that somebody cuts WHEN copied THEN the counts differ, and the status is 1
    def cut() -> None:
        for one in bad.model.world.unloaded.values():
            one.table.rows = 999

    each_sleep(bad, cut)
    result = run(bad, "--yes")
    assert result.exit_code == 1
    assert "public.orders_before has 999 rows, and the table in the copy has 1000" in words_of(result)


def each_sleep(scene: Scene, happens: Callable[[], None]) -> None:
    def sleep(seconds: float) -> None:
        scene.clock.advance(seconds)
        happens()

    scene._sleep = sleep  # type: ignore[method-assign]


def test_it_may_be_kept(bad: Scene) -> None:
    result = run(bad, "--yes", "--keep-scratch")
    assert (result.exit_code, scratch(bad)) == (0, [SCRATCH])
    assert f"delete-cluster --region us-west-2 --cluster-identifier {SCRATCH}" in result.output


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {names.TAG_PLAN: "another", names.TAG_EXECUTION: "table-98938f4d-20261123t081513z"},
        {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-sales-us-east-1-20261123t081513z"},
    ],
)
def test_a_cluster_of_another_is_never_deleted(bad: Scene, tags: dict[str, str]) -> None:
    # GIVEN a cluster of that name that this command did not make WHEN asked THEN nothing starts, and it stays
    bad.model.given_cluster(THERE, SCRATCH, tags=tags, content=good(), described=dict(ATTACHED))
    result = run(bad, "--yes")
    assert result.exit_code == 2
    assert "this command did not make it" in words_of(result)
    assert scratch(bad) == [SCRATCH]


def test_one_that_lost_its_tags_is_left_and_said(bad: Scene) -> None:
    def untag() -> None:
        for (region, _), cluster in bad.model.world.clusters.items():
            if region == THERE and bad.model.world.unloaded and rows(bad):
                cluster.tags = {}

    each_sleep(bad, untag)
    result = run(bad, "--yes")
    assert "left: its tags do not say that this command made it" in words_of(result)
    assert (result.exit_code, scratch(bad)) == (1, [SCRATCH])


def test_one_that_may_not_be_deleted_is_left_behind(bad: Scene) -> None:
    # GIVEN an operator without the right WHEN the table is home THEN the cluster that costs is the outcome
    bad.account.denied = {"redshift:DeleteCluster"}
    result = run(bad, "--yes", "--json")
    assert (result.exit_code, rows(bad), json.loads(result.stdout)["outcome"]) == (1, 1000, "LeftBehind")
    assert f"delete-cluster --region us-west-2 --cluster-identifier {SCRATCH}" in words_of(result)


def test_a_busy_one_is_deleted_when_redshift_lets_it_go(bad: Scene) -> None:
    bad.model.faults.fail_next("DeleteCluster", "InvalidClusterStateFault", times=2)
    assert run(bad, "--yes").exit_code == 0
    assert scratch(bad) == []


# what is missing is said before anything starts


def refused(scene: Scene, *options: str) -> str:
    result = run(scene, "--yes", *options)
    assert result.exit_code == 2, result.output
    assert asked(scene, START) == []
    return words_of(result)


def test_the_role_must_be_attached_to_the_live_cluster(bad: Scene) -> None:
    bad.cluster.described = {}
    text = refused(bad)
    assert f"the role {ROLE} is not attached to sales in us-east-1 hint: aws redshift modify-cluster-iam-roles" in text


def test_the_role_of_the_scratch_cluster_may_be_attached_by_hand(bad: Scene) -> None:
    # GIVEN a plan without the role WHEN the scratch cluster is there THEN the command says how to attach it, and stops
    bad.put_record(THERE, record(THERE))
    restoring(bad, IamRoles=[])
    result = run(bad, "--yes")
    assert result.exit_code == 2
    assert "the plan does not attach the role" in result.output
    assert f"--cluster-identifier {SCRATCH} --add-iam-roles {ROLE}; then the same command goes on" in words_of(result)
    # WHEN it is attached THEN the same command goes on
    bad.model.world.clusters[(THERE, SCRATCH)].described = dict(ATTACHED)
    assert run(bad).exit_code == 0
    assert rows(bad) == 1000


def test_the_bucket_must_lie_at_home(bad: Scene) -> None:
    bad.account.buckets["transfer"] = THERE
    assert "the bucket transfer lies in us-west-2 hint: COPY from Parquet reads from us-east-1 alone" in refused(bad)


def test_a_bucket_that_nobody_can_look_at_is_a_note(bad: Scene) -> None:
    bad.account.denied = {"s3:GetBucketLocation"}
    result = run(bad, "--yes")
    assert result.exit_code == 0
    assert "cannot tell where the bucket transfer lies" in result.output


def test_the_new_name_must_be_free(bad: Scene) -> None:
    assert "public.orders exists, and nothing overwrites a table" in refused(bad, "--as", "orders")


def test_a_failover_comes_first(bad: Scene) -> None:
    bad.account.given_run(RESTORE, "failover-1", plan=PLAN, mode="failover")
    assert f"a failover of {PLAN} runs: failover-1" in refused(bad)


def test_without_a_copy_from_before_there_is_nothing(bad: Scene) -> None:
    text = words_of(bad.run(*COPIES, "--before", "2026-11-20", "--yes"))
    assert "no usable copy of sales in us-west-2 from before 2026-11-20T00:00:00Z" in text
