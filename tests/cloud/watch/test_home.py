"""The cluster's own Region: configuration, states, keys and own snapshots, with a plan and without one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.watch import home
from resilient_redshift.contract import names, watching
from tests.cli.scene import HERE, PLAN, THERE

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld


def found(world: WatchWorld) -> dict[str, str]:
    """The severities of what the primary's watcher finds, as its heartbeat has them."""
    world.watch(HERE)
    [plan] = world.heartbeat()["plans"].values() or [{}]
    return {one["code"]: one["severity"] for one in plan.get("findings", ())}


def test_a_cluster_that_is_as_it_should_be_is_named_in_the_heartbeat(world: WatchWorld) -> None:
    world.taken(hours=1)
    world.watch(HERE)
    beat = world.heartbeat()
    assert (beat["plans"], beat["all_named"]) == ({PLAN: {}}, True)
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
    # AND after a day the new cluster is the known one here; the recovery Region goes on until its copies are accepted
    world.later(days=1.1)
    assert "LineageChanged" not in found(world)


def test_a_cluster_that_came_home_with_a_plan_is_no_surprise(world: WatchWorld) -> None:
    # GIVEN a cluster that the restore machine of the way home made WHEN watched THEN nobody is called at night
    world.watch(HERE)
    world.cluster.create_time = world.clock.now()
    world.cluster.tags[names.TAG_PLAN] = "sales-us-west-2"
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


def test_a_quota_that_is_nearly_used_is_a_warning(world: WatchWorld) -> None:
    # GIVEN an applied quota of 4, and four manual snapshots WHEN watched THEN it is a warning and a metric
    world.account.quota = 4
    for number in range(4):
        world.taken(f"manual-{number}", kind="manual")
    assert found(world) == {"ManualSnapshotQuota": "warning"}
    assert world.values(HERE)["ManualSnapshotQuotaUsed"] == 100
    # WHEN none was applied THEN AWS's default counts
    world.account.quota = None
    assert found(world) == {}


def test_a_quota_that_may_not_be_read_is_a_warning_and_no_failure_of_the_run(world: WatchWorld) -> None:
    world.account.denied = {"service-quotas:GetServiceQuota"}
    assert found(world) == {"ManualSnapshotQuota": "warning"}


def test_what_differs_from_what_is_declared_is_found(world: WatchWorld) -> None:
    # GIVEN what the stack declares of the cluster, and a cluster that somebody changed by hand
    key = world.model.given_key(HERE)
    declared = {"automated_days": 14, "snapshot_schedule": "nightly", "encryption_key": key}
    world.change_record(HERE, watch_for={"declared": declared})
    world.cluster.kms_key_id = world.model.given_key(HERE)
    assert found(world) == {"ClusterDrift": "warning"}
    [plan] = world.heartbeat()["plans"].values()
    for part in ("kept 7 days, declared are 14 days", "declared is nightly", "declared is arn:aws:kms"):
        assert part in plan["findings"][0]["text"]
    # WHEN automated snapshots are off THEN it is a problem
    world.cluster.automated_retention = 0
    assert found(world) == {"ClusterDrift": "problem"}


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "gone"])
def test_the_declared_key_must_be_usable(world: WatchWorld, state: str) -> None:
    key = world.model.given_key(HERE)
    world.change_record(HERE, watch_for={"declared": {"encryption_key": key}})
    world.cluster.kms_key_id = key
    if state == "gone":
        del world.model.world.keys[key]
    else:
        world.model.set_key_state(key, state)
    # THEN it is a problem, whatever becomes of the cluster
    assert found(world)["KeyUnavailable"] == "problem"


def test_a_plan_record_that_is_gone_is_a_warning_with_an_age(world: WatchWorld) -> None:
    world.taken(hours=1)
    world.put(HERE, names.plan_record_name(PLAN), None)
    codes = found(world)
    assert codes["CannotTell"] == "warning"
    assert world.values(HERE)["RecoveryPointAge"] == 3600


def test_a_watch_record_that_is_spoiled_is_a_failure_and_stops_no_other_watch(world: WatchWorld) -> None:
    world.put(HERE, watching.watch_name("0a1b", "spoiled"), '{"version": 2}')
    assert "/resilient-redshift/watches/0a1b/spoiled is not understood: version is 2" in world.watch_in_vain(HERE)
    assert "RecoveryPointAge" in world.values(HERE)


def test_a_cluster_that_is_deleted_while_it_is_paused_is_missing_and_not_excused(world: WatchWorld) -> None:
    world.cluster.status = "paused"
    world.watch(HERE)
    del world.model.world.clusters[(HERE, "sales")]
    assert found(world) == {"ClusterMissing": "problem"}
    assert "paused_since" not in world.heartbeat()["plans"][PLAN]


def test_a_bug_in_one_watch_is_in_the_heartbeat_and_stops_no_other_watch(
    world: WatchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(home, "judge", broken)
    assert "ZeroDivisionError" in world.watch_in_vain(HERE)
    assert world.heartbeat()["plans"][PLAN]["findings"][0]["code"] == "CannotTell"


def test_a_heartbeat_that_is_not_taken_is_a_failure(world: WatchWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a recovery Region that takes no heartbeat WHEN the primary's watcher runs THEN the run fails, and says so
    put = world.account._PutParameter

    def refuse(region: str, params: dict[str, Any]) -> dict[str, Any]:
        if region == THERE:
            return world.account._answer("ssm", region, "Unsent", {})
        return put(region, params)

    monkeypatch.setattr(world.account, "_PutParameter", refuse)
    world.account.denied = {"ssm:Unsent"}
    assert THERE in world.watch_in_vain(HERE)


def test_a_cluster_alone_that_was_replaced_is_a_finding_for_a_week(world: WatchWorld) -> None:
    world.watch_alone()
    world.watch(HERE)
    world.cluster.create_time = world.clock.now()
    world.watch(HERE)
    assert world.codes()["LineageChanged"] == "opened"
    world.later(days=2)
    world.watch(HERE)
    assert "LineageChanged" not in world.codes()
    world.later(days=6)
    world.watch(HERE)
    assert world.codes()["LineageChanged"] == "closed"
