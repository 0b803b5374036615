"""The watch of a plan that has failed over: the restored cluster is the warehouse."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from emulator.redshift_model import CopyConfig
from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, THERE

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster
    from tests.cloud.watch.world import WatchWorld

THIRD = "eu-west-1"
OURS = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-1"}


@pytest.fixture
def restored(world: WatchWorld) -> Cluster:
    """A cluster that a failover restored 21 hours ago, with a snapshot of its own; the primary's cluster is gone."""
    now = world.clock.now()
    world.copied("copy:rs:restored", hours=24)
    world.model.given_grant(THIRD, "third", world.model.given_key(THIRD))
    cluster = world.model.given_cluster(
        THERE,
        "sales",
        tags=dict(OURS),
        create_time=now - dt.timedelta(hours=21),
        copy=CopyConfig(THIRD, 7, 30, "third"),
    )
    world.model.given_snapshot(THERE, cluster, "rs:sales-away", kind="automated", age_days=3 / 24)
    snapshot = {
        "identifier": "copy:rs:restored",
        "created": (now - dt.timedelta(hours=24)).isoformat(),
        "lineage": world.cluster.create_time.isoformat(),
    }
    published = {
        "cluster": "sales",
        "endpoint": "sales.restored",
        "port": 5439,
        "database": "dev",
        "admin_user": "admin",
        "execution": "failover-1",
        "at": cluster.create_time.isoformat(),
        "snapshot": snapshot,
    }
    world.put(THERE, names.endpoint_name(PLAN), json.dumps(published))
    return cluster


def test_a_protected_restored_cluster_is_a_warning_and_its_own_snapshot_is_the_age(
    world: WatchWorld, restored: Cluster
) -> None:
    # GIVEN a primary that is lost WHEN watched THEN no copy is overdue, and the way back is the only warning
    world.watch()
    assert restored.copy is not None
    assert (world.codes(), world.severity) == ({"FailedOver": "opened"}, 1)
    assert world.values()["RecoveryPointAge"] == 3 * 3600


def test_a_restored_cluster_that_is_copied_nowhere_is_a_problem(world: WatchWorld, restored: Cluster) -> None:
    restored.copy = None
    world.watch()
    assert (world.codes(), world.severity) == ({"FailedOverUnprotected": "opened"}, 2)


def test_a_restored_cluster_without_a_snapshot_is_as_old_as_itself(world: WatchWorld, restored: Cluster) -> None:
    del world.model.world.snapshots[(THERE, "rs:sales-away")]
    world.watch()
    assert world.values()["RecoveryPointAge"] == (world.clock.now() - restored.create_time).total_seconds()
    assert world.codes()["RecoveryPointOverdue"] == "opened"


def test_a_published_cluster_that_is_paused_over_a_weekend_is_excused(world: WatchWorld, restored: Cluster) -> None:
    # GIVEN a published cluster that is watched, and then paused for two days
    world.watch()
    world.later(hours=1)
    restored.status = "paused"
    world.watch()
    world.later(days=2)
    world.watch()
    # THEN its old snapshot is no problem, and the alarm on the age is excused
    assert (world.severity, world.values()["ClusterPaused"]) == (1, 1)
    # WHEN it is available again THEN the pause excuses for one gap more
    restored.status = "available"
    world.watch()
    assert (world.severity, world.values()["ClusterPaused"]) == (1, 1)
    world.later(hours=9)
    world.watch()
    assert "ClusterPaused" not in world.values()


def test_a_published_cluster_that_is_gone_is_a_problem(world: WatchWorld, restored: Cluster) -> None:
    del world.model.world.clusters[(THERE, restored.identifier)]
    world.watch()
    assert world.codes()["FailedOverUnprotected"] == "opened"


@pytest.mark.parametrize(
    ("status", "writes"), [("available", True), ("paused", False), ("deleting", False), ("", False)]
)
def test_a_primary_that_sends_heartbeats_is_a_second_writer(
    world: WatchWorld, restored: Cluster, status: str, writes: bool
) -> None:
    # GIVEN the primary Region back, with its cluster alive, paused, going or renamed
    assert restored.identifier == "sales"
    world.cluster.status = status
    if not status:
        del world.model.world.clusters[(HERE, "sales")]
    world.watch(HERE)
    # WHEN the recovery Region is watched THEN only one that may write is a second writer
    world.watch()
    assert ("TwoWriters" in world.codes()) == writes
    # AND what a fenced primary lacks is no finding here
    assert {"CopyOff", "ClusterMissing"}.isdisjoint(world.codes())


def test_a_heartbeat_from_before_the_failover_proves_no_second_writer(world: WatchWorld, restored: Cluster) -> None:
    world.watch(HERE)
    world.later(hours=1.1)
    world.watch()
    assert restored.copy is not None
    assert "TwoWriters" not in world.codes()
