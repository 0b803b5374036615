"""The recovery Region: what a failover would lose, the heartbeat of the primary, and the days after a failover."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, RESTORE, THERE

if TYPE_CHECKING:
    from tests.cloud.watch.world import WatchWorld


def test_a_plan_that_is_as_it_should_be_has_an_age_and_no_finding(world: WatchWorld) -> None:
    # GIVEN a copy of two hours, and a heartbeat
    world.copied(hours=2)
    world.watch(HERE)
    # WHEN the recovery Region is watched THEN the age is what a failover would lose, and nothing is found
    assert world.watch()["problems"] == 0
    assert world.values() == {
        "RecoveryPointAge": 7200,
        "FindingSeverity": 0,
        "RecoveryPoints": 1,
        "BillableBackupStorage": 0,
        "ManualSnapshotQuotaUsed": 0,
    }
    assert world.codes() == {}


def test_nothing_in_the_recovery_region_calls_the_primary_region(world: WatchWorld) -> None:
    # GIVEN a dark primary Region WHEN the recovery Region is watched THEN no call goes there
    world.copied(hours=2)
    world.account.dark = {HERE}
    world.watch()
    assert world.account.operations(HERE) == []
    assert world.values()["RecoveryPointAge"] == 7200


def test_a_copy_older_than_the_objective_is_a_problem(world: WatchWorld) -> None:
    world.copied(hours=10.1)
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}
    assert world.severity == 2


def test_a_copy_older_than_three_quarters_of_the_objective_is_a_warning(world: WatchWorld) -> None:
    world.copied(hours=8)
    world.watch()
    assert (world.codes(), world.severity) == ({"RecoveryPointAging": "opened"}, 1)


def test_a_copy_that_is_still_being_created_does_not_count(world: WatchWorld) -> None:
    world.copied("older", hours=3)
    world.copied("newer", hours=1, status="creating")
    world.watch()
    assert world.values()["RecoveryPointAge"] == 3 * 3600


def test_without_any_copy_the_age_is_the_time_since_the_protection_began(world: WatchWorld) -> None:
    # GIVEN a plan that was deployed nine hours ago, and no copy yet
    world.protected(hours=9)
    world.watch()
    # THEN the age counts from then on, and nothing is overdue yet
    assert (world.values()["RecoveryPointAge"], world.codes()) == (9 * 3600, {})
    # WHEN the objective is over THEN it is a problem
    world.later(hours=2)
    world.watch()
    assert (world.values()["RecoveryPointAge"], world.codes()["RecoveryPointOverdue"]) == (11 * 3600, "opened")
    # AND the history was asked once only
    assert world.account.operations(THERE).count("ssm:GetParameterHistory") == 1


def test_an_old_copy_of_a_paused_cluster_is_excused(world: WatchWorld) -> None:
    # GIVEN a cluster that is paused, and a copy that is older than the objective
    world.copied(hours=12)
    world.cluster.status = "paused"
    world.watch(HERE)
    world.watch()
    # THEN the age is published, the pause too, and nothing is found
    assert world.values()["RecoveryPointAge"] == 12 * 3600
    assert world.values()["ClusterPaused"] == 1
    assert (world.codes(), world.severity) == ({}, 0)


def test_a_pause_that_is_over_excuses_for_one_gap_more(world: WatchWorld) -> None:
    # GIVEN a cluster that was paused over a weekend, and is available again
    world.change_record(HERE, watch_for={"longest_gap_seconds": 4 * 3600})
    world.copied(hours=60)
    world.cluster.status = "paused"
    world.watch(HERE)
    world.cluster.status = "available"
    world.watch(HERE)
    # WHEN the first gap is not over THEN the old copy is excused
    world.watch()
    assert (world.codes(), world.values()["ClusterPaused"]) == ({}, 1)
    # WHEN it is over, and no copy came THEN it is overdue
    world.later(hours=4.1)
    world.watch(HERE)
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}
    assert "ClusterPaused" not in world.values()


def test_a_cluster_that_is_paused_every_night_does_not_hide_a_copy_that_stopped(world: WatchWorld) -> None:
    # GIVEN a copy that is older than the objective while the cluster is available
    world.change_record(HERE, watch_for={"longest_gap_seconds": 24 * 3600})
    world.copied(hours=30)
    world.watch(HERE)
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}
    # WHEN the cluster is paused THEN the snapshot of the pause and its copy have four hours
    world.later(hours=1)
    world.cluster.status = "paused"
    world.watch(HERE)
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "closed"}
    # AND then the copy was too old already when the pause began
    world.later(hours=5)
    world.watch(HERE)
    world.watch()
    assert (world.codes(), world.severity) == ({"RecoveryPointOverdue": "opened"}, 2)
    assert "too old already when the pause of the cluster began" in world.text("RecoveryPointOverdue")
    # AND the resume excuses nothing either
    world.cluster.status = "available"
    world.watch(HERE)
    world.watch()
    assert (world.codes(), world.severity) == ({}, 2)


def test_a_pause_that_is_older_than_the_watch_excuses_an_old_copy(world: WatchWorld) -> None:
    # GIVEN a watch that is deployed while the cluster is paused for days WHEN hours pass THEN nothing is found
    world.copied(hours=40)
    world.cluster.status = "paused"
    for _ in range(2):
        world.watch(HERE)
        world.watch()
        assert (world.codes(), world.severity) == ({}, 0)
        world.later(hours=6)


def test_an_expired_heartbeat_excuses_nothing(world: WatchWorld) -> None:
    # GIVEN the heartbeat of a paused cluster, and a primary's watcher that is silent since then
    world.copied(hours=12)
    world.cluster.status = "paused"
    world.watch(HERE)
    world.watch()
    world.later(hours=1.1)
    # WHEN the heartbeat has expired THEN the old copy is a problem, and the silence is a warning
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened", "PrimarySilent": "opened"}


def test_a_watcher_that_never_sent_a_heartbeat_is_a_finding_after_a_day(world: WatchWorld) -> None:
    world.copied(hours=2)
    world.watch()
    assert world.codes() == {}
    world.later(days=1.1)
    world.copied("copy:rs:sales-2", hours=2)
    world.watch()
    assert world.codes() == {"PrimarySilent": "opened"}


def test_the_findings_of_the_primary_are_findings_here(world: WatchWorld) -> None:
    # GIVEN a copy that somebody switched off
    world.copied(hours=2)
    world.cluster.copy = None
    world.watch(HERE)
    world.watch()
    assert (world.codes(), world.severity) == ({"CopyOff": "opened"}, 2)
    assert world.text("CopyOff").startswith(f"{HERE}: nothing is copied")


def test_copies_of_two_clusters_are_a_problem_and_have_an_age(world: WatchWorld) -> None:
    world.copied("old", hours=9, cluster_create_time=world.clock.now())
    world.copied("new", hours=1)
    world.watch()
    assert world.codes()["LineageChanged"] == "opened"
    assert world.values()["RecoveryPointAge"] == 3600


def test_what_could_not_be_read_is_a_problem_without_an_age(world: WatchWorld) -> None:
    # GIVEN no right to list snapshots WHEN watched THEN the run ends with an error that names it, and has no age
    world.account.denied = {"redshift:DescribeClusterSnapshots"}
    error = world.watch_in_vain()
    assert f"redshift:DescribeClusterSnapshots in {THERE}: AccessDenied" in error
    assert "RecoveryPointAge" not in world.values()
    assert (world.codes(), world.severity) == ({"CannotTell": "opened"}, 2)


def test_throttling_passes(world: WatchWorld) -> None:
    world.copied(hours=2)
    world.account.fail["DescribeClusterSnapshots"] = ["Throttling"] * 3
    world.watch()
    assert round(world.values()["RecoveryPointAge"] / 3600, 1) == 2


def test_a_disabled_key_is_a_problem(world: WatchWorld) -> None:
    world.copied(hours=2)
    world.model.set_key_state(world.key, "Disabled")
    world.watch()
    assert world.codes() == {"KeyUnavailable": "opened"}
    # WHEN somebody enables it THEN the finding closes
    world.model.set_key_state(world.key, "Enabled")
    world.watch()
    assert (world.codes(), world.severity) == ({"KeyUnavailable": "closed"}, 0)


def test_an_event_is_sent_once(world: WatchWorld) -> None:
    world.copied(hours=11)
    world.watch()
    assert world.codes() == {"RecoveryPointOverdue": "opened"}
    world.later(minutes=15)
    world.watch()
    assert (world.codes(), world.severity) == ({}, 2)


def test_a_record_that_no_failover_can_use_is_not_ready(world: WatchWorld) -> None:
    world.copied(hours=2)
    world.put(THERE, names.plan_record_name(PLAN), None)
    world.watch()
    assert world.codes()["NotReady"] == "opened"


def test_clusters_that_drills_left_are_a_warning(world: WatchWorld) -> None:
    # GIVEN a drill's cluster of four hours WHEN a run is at work on it THEN it is none; afterwards it is left over
    world.copied(hours=1)
    prefix = names.drill_prefix(PLAN, THERE)
    tags = {names.TAG_PLAN: PLAN, names.TAG_DRILL: "true", names.TAG_EXECUTION: "drill-1"}
    born = world.clock.now() - dt.timedelta(hours=4)
    world.model.given_cluster(THERE, f"{prefix}202611230500", tags=tags, create_time=born)
    run = world.account.given_run(RESTORE, "drill-1", plan=PLAN)
    world.watch()
    assert world.codes() == {}
    run.status = "SUCCEEDED"
    world.watch()
    assert world.codes() == {"DrillLeftovers": "opened"}
