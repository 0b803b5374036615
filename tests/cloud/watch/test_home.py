"""The cluster's own Region: configuration, states, keys and own snapshots, with a plan and without one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.cli.scene import HERE, THERE

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld


def found(world: WatchWorld) -> dict[str, str]:
    """The severities of what the primary's watcher finds, as its heartbeat has them."""
    world.watch(HERE)
    [plan] = world.heartbeat()["plans"].values() or [{}]
    return {one["code"]: one["severity"] for one in plan.get("findings", ())}


def test_a_cluster_that_is_as_it_should_be_is_not_in_the_heartbeat(world: WatchWorld) -> None:
    world.taken(hours=1)
    world.watch(HERE)
    beat = world.heartbeat()
    assert beat["plans"] == {}
    at, expires = (dt.datetime.fromisoformat(beat[name]) for name in ("at", "expires"))
    assert expires - at == dt.timedelta(hours=1)
    # AND the primary writes only its age each run
    assert world.values(HERE) == {
        "RecoveryPointAge": 3600,
        "RecoveryPoints": 1,
        "BillableBackupStorage": 0,
        "ManualSnapshotQuotaUsed": 0,
    }


def test_a_heartbeat_expires_after_four_intervals_of_the_rule(world: WatchWorld) -> None:
    world.watch(HERE, interval_seconds=3600)
    beat = world.heartbeat()
    at, expires = (dt.datetime.fromisoformat(beat[name]) for name in ("at", "expires"))
    assert expires - at == dt.timedelta(hours=4)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"copy": None}, "CopyOff"),
        ({"status": "inaccessible-kms-key"}, "ClusterNeedsAttention"),
        ({"status": "unheard-of"}, "ClusterStateUnknown"),
        ({"status": "deleting"}, "ClusterMissing"),
    ],
    ids=["copy-off", "key", "unknown", "deleting"],
)
def test_a_change_of_the_cluster_is_found(world: WatchWorld, change: dict[str, object], code: str) -> None:
    for name, value in change.items():
        setattr(world.cluster, name, value)
    assert code in found(world)


def test_a_renamed_cluster_is_missing_under_its_name(world: WatchWorld) -> None:
    world.cluster.identifier = "renamed"
    world.model.world.clusters[(HERE, "renamed")] = world.model.world.clusters.pop((HERE, "sales"))
    assert found(world) == {"ClusterMissing": "problem"}


def test_a_cluster_made_again_under_its_name_is_another_lineage(world: WatchWorld) -> None:
    world.watch(HERE)
    world.cluster.create_time = world.clock.now()
    assert found(world) == {"LineageChanged": "problem"}
    # AND after a week the new cluster is the known one
    world.later(days=8)
    assert "LineageChanged" not in found(world)


def test_who_changed_the_copy_is_named(world: WatchWorld) -> None:
    # GIVEN a copy that a pipeline switched off, and a trail that shows the call after one run
    world.cluster.copy = None
    assert found(world) == {"CopyOff": "problem"}
    detail = (
        '{"requestParameters": {"clusterIdentifier": "sales"}, "userIdentity": {"arn": "arn:aws:iam::1:role/mdaa"}}'
    )
    event = {"EventName": "DisableSnapshotCopy", "EventTime": world.clock.now(), "CloudTrailEvent": detail}
    world.account.trail = [{**event, "Username": "mdaa"}]
    world.later(minutes=15)
    # WHEN watched again THEN the finding names the role and the call
    found(world)
    [plan] = world.heartbeat()["plans"].values()
    assert "arn:aws:iam::1:role/mdaa called DisableSnapshotCopy" in plan["findings"][0]["text"]


def test_a_trail_that_may_not_be_read_is_no_failure(world: WatchWorld) -> None:
    world.cluster.copy = None
    world.account.denied = {"cloudtrail:LookupEvents"}
    assert found(world) == {"CopyOff": "problem"}


def test_a_recovery_region_that_does_not_answer_is_a_failure_of_the_run_that_measured_all_the_same(
    world: WatchWorld,
) -> None:
    world.taken(hours=1)
    world.account.dark = {THERE}
    assert f"ssm:PutParameter in {THERE}" in world.watch_in_vain(HERE)
    assert world.values(HERE)["RecoveryPointAge"] >= 3600


def test_a_cluster_alone_is_judged_by_its_own_snapshots(world: WatchWorld) -> None:
    world.watch_alone()
    world.taken(hours=11)
    world.watch(HERE)
    assert world.codes() == {"RecoveryPointOverdue": "opened"}
    assert world.values(HERE)["FindingSeverity"] == 2
    dimensions = [one["Dimensions"] for _, one in world.account.metrics if one["MetricName"] == "RecoveryPointAge"]
    assert dimensions == [[{"Name": "ClusterIdentifier", "Value": "sales"}]]
    # AND no heartbeat is sent
    assert THERE not in {region for region, _, _ in world.account.calls}


def test_a_paused_cluster_alone_is_excused(world: WatchWorld) -> None:
    world.watch_alone()
    world.taken(hours=11)
    world.cluster.status = "paused"
    world.watch(HERE)
    assert world.codes() == {}
    assert world.values(HERE)["ClusterPaused"] == 1
