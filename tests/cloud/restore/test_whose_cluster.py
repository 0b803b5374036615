"""Whose a cluster is: a run touches, tags, publishes and deletes only what it made for certain."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names
from tests.cloud.restore.record import AWAY, CLUSTER, ENDPOINTS, LINEAGES
from tests.cloud.restore.world import RestoreWorld

THEIRS = {"owner": "somebody"}


def made_again(world: RestoreWorld, **attributes: Any) -> None:
    """Somebody deletes the cluster, and makes one of his own under its name."""
    world.model.world.clusters.pop((AWAY, CLUSTER))
    world.clock.advance(60)
    world.model.given_cluster(AWAY, CLUSTER, create_time=world.clock.now(), tags=dict(THEIRS), **attributes)


@pytest.mark.parametrize("status", ["available", "incompatible-network"])
def test_a_cluster_that_took_the_name_is_not_touched(status: str) -> None:
    # GIVEN a failover that cannot tag its cluster yet WHEN somebody deletes it and makes another one under its name
    world = RestoreWorld(restore_seconds=600)
    world.copied()
    world.fail("CreateTags", "InvalidClusterState", 3)
    world.before("DescribeClusters", lambda: made_again(world, status=status), skip=3)
    run = world.failover()
    # THEN the run fails, and the other cluster is as it was
    assert run.outcome == "Failed"
    assert "another cluster has its name" in run.cause
    assert world.cluster().tags == THEIRS
    assert not world.asked("DeleteCluster")
    assert ENDPOINTS not in world.fakes.parameters


def test_nothing_is_adopted_where_nobody_can_say_who_is_at_work() -> None:
    # GIVEN a name that somebody takes right before the call, and a list of runs that is throttled
    world = RestoreWorld()
    world.copied()
    world.before(
        "RestoreFromClusterSnapshot",
        lambda: world.model.given_cluster(AWAY, CLUSTER, create_time=world.clock.now(), status="creating"),
    )
    world.fail("ListExecutions", "Throttling", None, skip=1)
    # WHEN failed over THEN the cluster is not taken for the run's own
    run = world.failover()
    assert run.outcome == "Failed"
    assert world.cluster().tags == {}


def test_a_failed_cluster_that_is_gone_is_no_obstacle() -> None:
    # GIVEN a restore that fails, and somebody who deletes its cluster WHEN IAM refuses the deletion of what is not there
    world = RestoreWorld()
    world.copied()
    world.model.faults.next_restores("incompatible-restore")
    world.before("DeleteCluster", lambda: world.model.world.clusters.pop((AWAY, CLUSTER)))
    world.fail("DeleteCluster", "AccessDenied")
    # THEN the run goes on to the next way
    assert world.failover().outcome == "Restored"


@pytest.mark.parametrize("code", ["Throttling", "AccessDenied"])
def test_a_lineage_that_cannot_be_read_is_not_recorded_anew(code: str) -> None:
    # GIVEN a recorded lineage, and copies of another cluster alone WHEN the parameter cannot be read
    world = RestoreWorld()
    world.copied(cluster=world.a_home(born_days=1))
    recorded = iso(world.home.create_time)
    world.fakes.parameters[LINEAGES] = recorded
    world.fail("GetParameter", code, None, skip=1)
    world.failover()
    # THEN the recorded lineage stays
    assert world.fakes.parameters[LINEAGES] == recorded


def test_a_snapshot_whose_state_passes_is_waited_for() -> None:
    # GIVEN a snapshot that is busy for half a minute WHEN restored THEN the run does not take an older one
    world = RestoreWorld()
    newest = world.copied(age_hours=1)
    world.copied(age_hours=9)
    world.fail("RestoreFromClusterSnapshot", "InvalidClusterSnapshotState", 2)
    report = world.report(world.failover())
    assert report["snapshot"]["identifier"] == newest.identifier


def a_failover_without_faults() -> RestoreWorld:
    world = RestoreWorld()
    world.copied()
    assert world.failover().outcome == "Restored"
    return world


def test_the_mark_of_an_available_cluster_is_tried_until_it_is_there() -> None:
    # GIVEN a cluster that is busy right after its restore WHEN marked THEN the mark is there in the end
    world = RestoreWorld()
    world.copied()
    looks = len(a_failover_without_faults().asked("DescribeClusters"))
    world.before("DescribeClusters", lambda: world.fail("CreateTags", "InvalidClusterState", 3), skip=looks - 1)
    assert world.failover().outcome == "Restored"
    assert not world.faults
    assert names.TAG_AVAILABLE_SINCE in world.cluster().tags


def test_services_without_an_answer_cost_a_failover_a_quarter_of_a_minute_each() -> None:
    # GIVEN IAM and KMS that never answer WHEN failed over THEN our own part of the time stays short
    world = RestoreWorld()
    world.copied()
    for operation in ("GetRole", "DescribeKey"):
        world.fail(operation, "ServiceUnavailable", None)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored"
    assert report["overhead_seconds"] <= 60
    assert len(report["warnings"]) >= 3
