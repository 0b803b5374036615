"""A switchover from its beginning to its end, and what is there afterwards."""

from __future__ import annotations

from emulator.redshift_model import CopyConfig
from tests.cli.scene import HERE, NAME, PLAN, THERE, words_of
from tests.cli.switchover.warehouse import BACK, Warehouse


def test_a_row_written_just_before_the_fence_is_there_afterwards(warehouse: Warehouse) -> None:
    # GIVEN a client that writes until the fence cuts it off
    def write_while_open(_region: str, operation: str, done: bool) -> None:
        if not done and operation == "redshift:ModifyCluster" and warehouse.is_open(warehouse.cluster):
            warehouse.write(rows=7)

    warehouse.account.on_call = write_while_open
    # WHEN an operator switches over
    result = warehouse.switchover("--fence", answer="y\n")
    # THEN the new cluster has all rows, and is published; the report says until when that is so
    assert result.exit_code == 0, result.output
    assert warehouse.rows(THERE) == 1007
    assert warehouse.published(THERE, PLAN)
    complete = (warehouse.fence() or {})["complete"][11:19]
    assert f"recovery point zero: everything until {complete} UTC, when the fence was complete" in words_of(result)
    # THEN the next steps are commands
    assert "aws redshift pause-cluster --region us-east-1 --cluster-identifier sales\n" in result.output
    # AND nobody reads of two writers: the command itself fenced the primary
    assert "two writers" not in words_of(result)


def test_without_a_fence_the_report_says_what_is_not_known(warehouse: Warehouse) -> None:
    # GIVEN writers that the operator stopped
    # WHEN an operator switches over without a fence
    result = warehouse.switchover(answer="y\n")
    # THEN the operator was asked, the report claims nothing, and the clients were never cut off
    assert "Are all writers of sales in us-east-1 stopped" in words_of(result)
    assert "if sales is alive, there are two writers now" in words_of(result)
    assert "nothing was fenced, so it is not known whether anybody wrote after that" in words_of(result)
    assert "zero" not in words_of(result)
    assert warehouse.is_open(warehouse.cluster)


def test_it_deletes_no_cluster_and_no_snapshot(warehouse: Warehouse) -> None:
    # GIVEN a warehouse that goes to the other Region and home again
    warehouse.away()
    # WHEN the operator comes home
    assert warehouse.switchover("--fence", plan=BACK).exit_code == 0
    # THEN no call deleted anything but parameters
    deletions = {call for call in warehouse.account.operations() if "Delete" in call}
    assert deletions == {"ssm:DeleteParameter"}


def test_the_way_home_frees_the_name_and_leaves_no_endpoint(warehouse: Warehouse) -> None:
    # GIVEN a warehouse that was switched over, with a row that was written away
    warehouse.away()
    warehouse.write(THERE)
    # WHEN the operator comes home
    result = warehouse.switchover("--fence", plan=BACK)
    # THEN the row is at home; the old cluster is renamed and paused, and copies nothing
    assert result.exit_code == 0, result.output
    assert warehouse.rows(HERE) == 1001
    [retired] = [one for (_, name), one in warehouse.model.world.clusters.items() if "-retired-" in name]
    warehouse.clock.advance(60)
    assert (retired is warehouse.cluster, retired.status, retired.copy) == (True, "paused", None)
    assert f"--cluster-identifier {retired.identifier} --final-cluster-snapshot-identifier" in result.output
    # THEN nothing is published any more, the automation was notified, and the lineage is that of the new cluster
    assert not warehouse.published(THERE, PLAN)
    assert not warehouse.published(HERE, BACK)
    assert [(region, event["DetailType"]) for region, event in warehouse.account.events] == [
        (THERE, "Endpoint Withdrawn")
    ]
    home = warehouse.model.cluster(HERE, NAME)
    assert home is not None
    lineage = warehouse.account.parameters[(THERE, f"/resilient-redshift/lineages/{PLAN}")]
    assert lineage[:19] == home.create_time.isoformat()[:19]


def test_round_trips_repeat(warehouse: Warehouse) -> None:
    # GIVEN a warehouse that went away and came home, with its copy as the machine leaves it
    warehouse.away()
    assert warehouse.switchover("--fence", plan=BACK).exit_code == 0
    home = warehouse.model.cluster(HERE, NAME)
    assert home is not None
    home.copy = CopyConfig(THERE, 14, 14, "sales-grant")
    warehouse.clock.advance(3600)
    # WHEN it goes away once more
    result = warehouse.switchover("--fence")
    # THEN the former copy there, which this command fenced, makes room
    assert result.exit_code == 0, result.output
    assert warehouse.published(THERE, PLAN)


def test_a_rehearsal_measures_and_changes_nothing(warehouse: Warehouse) -> None:
    # GIVEN a warehouse at work
    # WHEN an operator rehearses a switchover
    result = warehouse.switchover("--rehearse", answer="y\n")
    # THEN clients were never cut off, nothing is published, and the drill's cluster is gone
    assert result.exit_code == 0, result.output
    assert warehouse.is_open(warehouse.cluster)
    assert warehouse.fence() is None
    assert not warehouse.published(THERE, PLAN)
    warehouse.clock.advance(60)
    assert [key for key in warehouse.model.world.clusters if key[0] == THERE] == []
    # THEN the next plan shows how long each step took
    plan = words_of(warehouse.switchover("--dry-run"))
    assert "last time snapshot 2 s, copy" in plan
    assert "(rehearsal of 2026-11-23 08:" in plan


def test_a_copy_that_is_off_is_switched_on_first(warehouse: Warehouse) -> None:
    # GIVEN a cluster that is copied nowhere, and a record that says how
    warehouse.cluster.copy = None
    # WHEN an operator switches over
    result = warehouse.switchover("--fence", answer="y\n")
    # THEN the question says so, and the copy has the plan's settings
    assert "It switches the copy to us-west-2 on." in words_of(result)
    assert result.exit_code == 0, result.output
    assert warehouse.cluster.copy == CopyConfig(THERE, 14, 14, "sales-grant")
