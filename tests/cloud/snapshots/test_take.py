"""Each row of the table "Manual snapshot" in the semantics, phase after phase over the model of Redshift's API."""

from __future__ import annotations

import datetime as dt

import pytest

from emulator.redshift_model import ACCOUNT
from resilient_redshift.cloud.redshift import states
from tests.cloud.snapshots.take_world import BASE, CLUSTER, DAY, REGION, SCHEDULED, TakeWorld

HOUR = 3600
FAILED = [("ManualSnapshotFailed",)]
SKIPPED = [("ManualSnapshotSkipped",)]
TAKEN = [("ManualSnapshotTaken",), ("ManualSnapshotSize",), ("ManualSnapshotMinutes",)]


def failed(outcome: str) -> list[tuple[str, ...]]:
    return [*FAILED, ("ManualSnapshotFailed", outcome)]


def skipped(outcome: str) -> list[tuple[str, ...]]:
    return [*SKIPPED, ("ManualSnapshotSkipped", outcome)]


def test_normal() -> None:
    # GIVEN an available cluster
    world = TakeWorld()
    # WHEN the rule's event arrives
    run = world.run()
    # THEN one snapshot is there, available, named after the scheduled minute, tagged, with its own retention
    assert run.outcome == "Taken"
    assert run.output["snapshot_identifier"] == BASE
    assert world.manual() == [BASE]
    snapshot = world.snapshot()
    assert snapshot["Status"] == "available"
    assert snapshot["ManualSnapshotRetentionPeriod"] == 7
    assert snapshot["Tags"] == {
        "resilient-redshift:rule": "nightly",
        "resilient-redshift:plan": "sales",
        "resilient-redshift:keep-in-recovery": "30",
        "resilient-redshift:execution": run.name,
    }
    assert world.metrics.names() == TAKEN
    assert world.metrics.published[1]["Value"] == 102_400
    assert world.metrics.published[2]["Value"] == 5


def test_kept_for_ever_and_without_optional_input() -> None:
    world = TakeWorld()
    run = world.run(keep_days=-1, plan=None, keep_in_recovery_days=None, gap_seconds=None)
    assert run.outcome == "Taken"
    assert world.snapshot()["ManualSnapshotRetentionPeriod"] == -1
    assert world.snapshot()["Tags"] == {
        "resilient-redshift:rule": "nightly",
        "resilient-redshift:execution": run.name,
    }


def test_on_demand_is_named_after_the_start_and_tagged_with_the_reason() -> None:
    world = TakeWorld()
    run = world.run(scheduled_time=None, reason="  before <the> migration!")
    assert run.outcome == "Taken"
    assert run.output["snapshot_identifier"] == "sales-nightly-ondemand-20261124t030020z"
    tags = world.snapshot(run.output["snapshot_identifier"])["Tags"]
    assert tags["resilient-redshift:reason"] == "before _the_ migration_"


def test_a_long_or_reserved_reason_is_cut_and_defused() -> None:
    world = TakeWorld()
    run = world.run(scheduled_time=None, reason="aws:" + "x" * 300)
    assert run.outcome == "Taken"
    reason = world.snapshot(run.output["snapshot_identifier"])["Tags"]["resilient-redshift:reason"]
    assert len(reason) == 256
    assert not reason.startswith("aws:")


def test_an_on_demand_name_never_equals_a_scheduled_one() -> None:
    # GIVEN a rule whose name ends like the infix of on-demand names, fired at the same second
    world = TakeWorld()
    world.run(rule="nightly", scheduled_time=None)
    name = "sales-nightly-ondemand-20261124t0300z"
    # THEN its scheduled name is shorter by the seconds
    assert world.manual() == ["sales-nightly-ondemand-20261124t030020z"]
    assert name not in world.manual()


def test_duplicate_delivery_takes_and_tells_once() -> None:
    # GIVEN one event delivered twice
    world = TakeWorld()
    # WHEN both runs go side by side
    first, second = world.together()
    # THEN there is one snapshot, both say so, and the numbers are published once
    assert (first.outcome, second.outcome) == ("Taken", "Taken")
    assert (first.output["joined"], second.output["joined"]) == (False, True)
    assert world.manual() == [BASE]
    assert world.metrics.names() == TAKEN


def test_delivery_again_hours_later_joins() -> None:
    world = TakeWorld()
    world.run()
    world.clock.advance(6 * HOUR)
    assert world.run().output["joined"]
    assert world.manual() == [BASE]
    assert world.metrics.names() == TAKEN


def test_a_lost_answer_is_no_join() -> None:
    # GIVEN a create whose answer gets lost: the retry meets its own snapshot
    world = TakeWorld()
    world.model.faults.fail_next("CreateClusterSnapshot", "ServiceUnavailable", after=True)
    run = world.run()
    # THEN the run knows it by its tag, and publishes
    assert run.outcome == "Taken"
    assert not run.output["joined"]
    assert world.metrics.names() == TAKEN


@pytest.mark.parametrize(
    ("owner", "tags"),
    [
        (CLUSTER, {}),
        (CLUSTER, {"resilient-redshift:rule": "monthly"}),
        ("other", {"resilient-redshift:rule": "nightly"}),
    ],
)
def test_name_taken_by_somebody_else(owner: str, tags: dict[str, str]) -> None:
    world = TakeWorld()
    cluster = (
        world.model.given_cluster(REGION, owner) if owner != CLUSTER else world.model.world.cluster(REGION, CLUSTER)
    )
    world.model.given_snapshot(REGION, cluster, BASE, tags=tags, retention=3)
    run = world.run()
    assert run.outcome == "NameTaken"
    assert f"a snapshot {BASE} exists already, of cluster {owner}" in run.cause
    assert world.snapshot()["ManualSnapshotRetentionPeriod"] == 3
    assert world.snapshot()["Tags"] == tags
    assert world.metrics.names() == failed("NameTaken")


def test_busy_then_taken() -> None:
    # GIVEN a resize that takes 40 minutes
    world = TakeWorld()
    world.model.faults.busy(REGION, CLUSTER, 40 * 60, "resizing")
    world.model.settings.snapshot_seconds = 90
    run = world.run()
    # THEN it is tried every 5 minutes and taken at last, under the scheduled minute's name
    assert run.outcome == "Taken"
    assert world.manual() == [BASE]
    assert world.calls("CreateClusterSnapshot") == 9
    # AND waiting for it begins with minutes again
    assert (world.clock.now() - SCHEDULED).total_seconds() == 20 + 40 * 60 + 2 * 60


def test_a_running_automated_snapshot_is_waited_for() -> None:
    world = TakeWorld()
    world.clock.advance_to(SCHEDULED + dt.timedelta(hours=4, seconds=5))  # the automated one began at 7:00
    run = world.run()
    assert run.outcome == "Taken"
    assert run.states.count("TakeSnapshot") > 1


@pytest.mark.parametrize(("gap", "until"), [(DAY, 6 * HOUR), (2 * HOUR, 2 * HOUR), (None, 6 * HOUR)])
def test_busy_until_the_next_occurrence_or_six_hours(gap: int | None, until: int) -> None:
    world = TakeWorld()
    world.model.faults.busy(REGION, CLUSTER, DAY)
    run = world.run(gap_seconds=gap)
    assert run.outcome == "SkippedBusy"
    assert "the cluster was busy (modifying)" in run.output["message"]
    assert run.status == "SUCCEEDED"
    passed = (world.clock.now() - SCHEDULED).total_seconds()
    assert until - 600 <= passed < until  # so the next occurrence never meets this one
    assert world.metrics.names() == skipped("SkippedBusy")
    assert world.manual() == []


@pytest.mark.parametrize("status", ["hardware-failure", "storage-full", "incompatible-network", "inaccessible-kms-key"])
def test_a_cluster_that_needs_somebody_fails_at_once(status: str) -> None:
    # GIVEN a cluster in a state that no waiting ends
    world = TakeWorld()
    world.model.world.cluster(REGION, CLUSTER).status = status
    before = world.clock.now()
    run = world.run()
    # THEN the run fails, and the alarm rings, instead of being skipped in silence six hours later
    assert run.outcome == "Failed"
    # AND it says what AWS does next, and what to do
    state = states.of(status)
    assert f"the cluster is {status}: {state.happens}; what to do: {state.to_do}" in run.cause
    assert world.clock.now() == before
    assert world.metrics.names() == failed("Failed")


@pytest.mark.parametrize(("gap", "minutes"), [(DAY, 30), (20 * 60, 15)])
def test_an_unknown_state_is_waited_for_a_short_time(gap: int, minutes: int) -> None:
    # GIVEN a cluster that refuses a snapshot, in a state that this release does not know
    world = TakeWorld()
    world.model.world.cluster(REGION, CLUSTER).status = "defragmenting"
    before = world.clock.now()
    # WHEN a snapshot is due
    run = world.run(gap_seconds=gap)
    # THEN the run waits for half an hour, or until the next snapshot is due, and fails with the state's name
    assert run.outcome == "Failed"
    assert "is 'defragmenting', a state that this release does not know" in run.cause
    assert minutes - 5 <= (world.clock.now() - before).total_seconds() / 60 <= minutes
    assert world.metrics.names() == failed("Failed")


def test_an_unknown_state_that_ends_is_no_failure() -> None:
    world = TakeWorld()
    world.model.faults.busy(REGION, CLUSTER, 25 * 60, "defragmenting")
    assert world.run().outcome == "Taken"


def test_only_the_time_in_the_unknown_state_counts() -> None:
    # GIVEN a state that is not known for 20 minutes, then a resize, then that state for 20 minutes again
    world = TakeWorld()
    world.model.faults.busy(REGION, CLUSTER, 60 * 60, "defragmenting")
    cluster = world.model.world.cluster(REGION, CLUSTER)
    world.clock.call_later(20 * 60, lambda: setattr(cluster, "status", "resizing"))
    world.clock.call_later(40 * 60, lambda: setattr(cluster, "status", "defragmenting"))
    # WHEN / THEN
    assert world.run().outcome == "Taken"


def test_a_refusal_while_the_snapshot_is_there_is_no_busy_cluster() -> None:
    # GIVEN a create whose answer got lost, and AWS looks at the cluster's state before it looks at the name
    world = TakeWorld()
    world.model.faults.fail_next("CreateClusterSnapshot", "ServiceUnavailable", after=True)
    world.model.faults.fail_next("CreateClusterSnapshot", "InvalidClusterState")
    run = world.run()
    # THEN the run finds its snapshot, and does not wait for it to let the cluster go
    assert run.outcome == "Taken"
    assert not run.output["joined"]
    assert world.calls("DescribeClusters") == 0


def test_paused_is_skipped_at_once() -> None:
    world = TakeWorld()
    world.model.call(REGION, "PauseCluster", {"ClusterIdentifier": CLUSTER})
    world.clock.advance(HOUR)
    before = world.clock.now()
    run = world.run()
    assert run.outcome == "SkippedPaused"
    assert "a paused cluster cannot be backed up" in run.output["message"]
    assert run.status == "SUCCEEDED"
    assert world.clock.now() == before
    assert world.metrics.names() == skipped("SkippedPaused")


def test_pausing_is_waited_for_and_then_skipped() -> None:
    world = TakeWorld()
    world.model.call(REGION, "PauseCluster", {"ClusterIdentifier": CLUSTER})
    assert world.run().outcome == "SkippedPaused"


def test_no_cluster_fails() -> None:
    world = TakeWorld()
    del world.model.world.clusters[(REGION, CLUSTER)]
    run = world.run()
    assert run.outcome == "SkippedNoCluster"
    assert run.status == "FAILED"
    assert world.metrics.names() == failed("SkippedNoCluster")


@pytest.mark.parametrize("status", ["deleting", "final-snapshot"])
def test_a_cluster_that_is_going_is_no_cluster(status: str) -> None:
    world = TakeWorld()
    world.model.world.cluster(REGION, CLUSTER).status = status
    run = world.run()
    assert (run.outcome, run.status) == ("SkippedNoCluster", "FAILED")
    assert f"gone or going: {status}" in run.cause
    assert world.calls("CreateClusterSnapshot") == 1


def test_late_by_more_than_the_gap() -> None:
    world = TakeWorld()
    world.clock.advance(2 * HOUR)
    run = world.run(gap_seconds=2 * HOUR)
    assert run.outcome == "SkippedLate"
    assert run.status == "SUCCEEDED"
    assert "later than the rule's own gap" in run.output["message"]
    assert world.model.calls == []
    assert world.metrics.names() == skipped("SkippedLate")


def test_late_within_the_gap_keeps_the_scheduled_name() -> None:
    world = TakeWorld()
    world.clock.advance(3 * HOUR)
    assert world.run().output["snapshot_identifier"] == BASE


@pytest.mark.parametrize("count", [1, 20, 21, 45])
def test_quota_exceeded_counts_all_pages_and_deletes_nothing(count: int) -> None:
    world = TakeWorld(manual_snapshot_quota=count)
    cluster = world.model.world.cluster(REGION, CLUSTER)
    for index in range(count):
        world.model.given_snapshot(REGION, cluster, f"theirs-{index}", age_days=1)
    run = world.run()
    assert run.outcome == "QuotaExceeded"
    assert f"used up by {count} of them" in run.cause
    assert len(world.manual()) == count
    assert world.metrics.names() == failed("QuotaExceeded")


@pytest.mark.parametrize("fate", ["failed", "cancelled"])
def test_a_failed_snapshot_is_deleted_and_tried_once_more(fate: str) -> None:
    world = TakeWorld()
    world.model.faults.next_manual_snapshots(fate)
    run = world.run()
    assert run.outcome == "Taken"
    assert world.manual() == [f"{BASE}-r1"]
    assert world.snapshot(f"{BASE}-r1")["Tags"]["resilient-redshift:rule"] == "nightly"
    assert world.metrics.names() == TAKEN


def test_two_failures_fail_and_leave_the_second_for_inspection() -> None:
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed", "failed")
    run = world.run()
    assert run.outcome == "Failed"
    assert f"{BASE}-r1 ended failed, as did the one before it" in run.cause
    assert world.manual() == [f"{BASE}-r1"]
    assert world.metrics.names() == failed("Failed")


def test_a_failed_snapshot_that_cannot_be_deleted_does_not_stop_the_second_try() -> None:
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")
    world.model.faults.fail_next("DeleteClusterSnapshot", "AccessDenied")
    assert world.run().outcome == "Taken"
    assert world.manual() == [BASE, f"{BASE}-r1"]


def test_duplicates_meet_in_the_second_try_too() -> None:
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")
    runs = world.together(3)
    assert [run.outcome for run in runs] == ["Taken"] * 3
    assert [run.output["joined"] for run in runs].count(False) == 1
    assert world.manual() == [f"{BASE}-r1"]
    assert world.metrics.names() == TAKEN


def test_the_second_try_has_an_hour_of_its_own() -> None:
    # GIVEN an hourly rule, a snapshot that fails just before the next is due, and a cluster that is then busy
    world = TakeWorld()
    world.model.settings.snapshot_seconds = 58 * 60
    world.model.faults.next_manual_snapshots("failed")
    run, steps = world.machine.start(world.given(gap_seconds=HOUR))
    for until in steps:
        world.clock.advance_to(until)
        if run.states[-1:] == ["WaitForSnapshot"] and BASE in world.manual() and world.snapshot()["Status"] == "failed":
            world.model.settings.snapshot_seconds = 300
            world.model.faults.busy(REGION, CLUSTER, 20 * 60)
    assert run.outcome == "Taken"
    assert world.calls("DescribeClusters") == 4
    assert world.manual() == [f"{BASE}-r1"]


@pytest.mark.parametrize(("fates", "outcome"), [(["failed", "failed"], "Failed"), (["stuck"], "Stuck")])
def test_duplicates_tell_of_a_failure_once(fates: list[str], outcome: str) -> None:
    world = TakeWorld()
    world.model.faults.next_manual_snapshots(*fates)
    runs = world.together()
    assert [run.outcome for run in runs] == [outcome] * 2
    assert world.metrics.names() == failed(outcome)


def test_the_second_try_of_a_paused_cluster_is_a_failure() -> None:
    # GIVEN a first snapshot that failed, and a cluster that was paused meanwhile
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("failed")
    run, steps = world.machine.start(world.given())
    for until in steps:
        world.clock.advance_to(until)
        if "TakeSnapshot" in run.states:
            world.model.world.cluster(REGION, CLUSTER).status = "paused"
    assert run.outcome == "Failed"
    assert f"{BASE} failed, and the second try met a cluster that was paused" in run.cause


def test_stuck_is_left_as_it_is() -> None:
    # GIVEN a snapshot that is creating for ever and makes no progress
    world = TakeWorld()
    world.model.faults.next_manual_snapshots("stuck")
    run = world.run()
    # THEN the run ends after two hours without progress
    assert run.outcome == "Stuck"
    assert "EstimatedSecondsToCompletion" in run.cause
    assert world.manual() == [BASE]
    assert world.snapshot()["Status"] == "creating"
    assert 2 * HOUR <= (world.clock.now() - SCHEDULED).total_seconds() < 3 * HOUR
    assert world.metrics.names() == failed("Stuck")


def test_the_second_try_has_its_own_two_hours() -> None:
    # GIVEN a first snapshot that failed after nearly two hours without progress, and a second one that begins as it ended
    world = TakeWorld()
    world.told = {"BackupProgressInMegaBytes": 0.0, "EstimatedSecondsToCompletion": 0}
    world.model.faults.next_manual_snapshots("stuck", "stuck")
    run, steps = world.machine.start(world.given())
    for until in steps:
        world.clock.advance_to(until)
        first = next((s for s in world.model.world.snapshots.values() if s.identifier == BASE), None)
        if first is not None and (world.clock.now() - SCHEDULED).total_seconds() > 1.8 * HOUR:
            first.status = "failed"
    # THEN the second one may do nothing for as long
    assert run.outcome == "Stuck"
    assert world.manual() == [f"{BASE}-r1"]
    assert (world.clock.now() - SCHEDULED).total_seconds() > 3.7 * HOUR


@pytest.mark.parametrize(("megabytes", "hours"), [(1_000, 12), (10 * 1_048_576, 22), (500 * 1_048_576, 72)])
def test_stuck_while_progressing_ends_by_size(megabytes: float, hours: int) -> None:
    # GIVEN progress all the time, but no end
    world = TakeWorld()
    world.model.settings.snapshot_seconds = 30 * DAY
    world.model.world.cluster(REGION, CLUSTER).size_megabytes = megabytes
    run = world.run()
    assert run.outcome == "Stuck"
    assert hours * HOUR <= (world.clock.now() - SCHEDULED).total_seconds() < (hours + 1) * HOUR
    assert run.events < 25_000


def test_a_long_snapshot_is_waited_for() -> None:
    world = TakeWorld()
    world.model.settings.snapshot_seconds = 11 * HOUR
    run = world.run()
    assert run.outcome == "Taken"
    assert world.metrics.published[2]["Value"] == 660


def test_retention_and_tags_of_a_joined_snapshot_are_mended() -> None:
    # GIVEN the same rule's snapshot of that minute, taken before the retention was changed
    world = TakeWorld()
    cluster = world.model.world.cluster(REGION, CLUSTER)
    tags = {"resilient-redshift:rule": "nightly", "resilient-redshift:keep-in-recovery": "1", "mine": "stays"}
    world.model.given_snapshot(REGION, cluster, BASE, tags=tags, retention=3)
    run = world.run()
    assert run.outcome == "Taken"
    snapshot = world.snapshot()
    assert snapshot["ManualSnapshotRetentionPeriod"] == 7
    assert snapshot["Tags"] == {
        "resilient-redshift:rule": "nightly",
        "resilient-redshift:keep-in-recovery": "30",
        "resilient-redshift:plan": "sales",
        "mine": "stays",
    }
    called = next(call for call in world.model.calls if call.operation == "CreateTags")
    assert called.params["ResourceName"] == f"arn:aws:redshift:us-east-1:{ACCOUNT}:snapshot:{CLUSTER}/{BASE}"


@pytest.mark.parametrize(("kept", "asked"), [(365, 7), (-1, 7), (-1, 3653)])
def test_a_joined_snapshot_is_never_kept_shorter(kept: int, asked: int) -> None:
    # GIVEN a snapshot that another run made
    world = TakeWorld()
    world.run(keep_days=kept, keep_in_recovery_days=kept)
    # WHEN somebody starts the machine for the same minute with a shorter retention
    run = world.run(keep_days=asked, keep_in_recovery_days=asked, plan="another")
    # THEN the longer one stays, of the snapshot and of its copy, and the other tags are mended
    assert (run.outcome, run.output["joined"]) == ("Taken", True)
    snapshot = world.snapshot()
    assert snapshot["ManualSnapshotRetentionPeriod"] == kept
    assert snapshot["Tags"]["resilient-redshift:keep-in-recovery"] == str(kept)
    assert snapshot["Tags"]["resilient-redshift:plan"] == "another"
    assert world.calls("ModifyClusterSnapshot") == 0


@pytest.mark.parametrize(("kept", "asked"), [(7, 365), (7, -1), (3653, -1)])
def test_a_joined_snapshot_is_kept_longer(kept: int, asked: int) -> None:
    world = TakeWorld()
    world.run(keep_days=kept, keep_in_recovery_days=kept)
    assert world.run(keep_days=asked, keep_in_recovery_days=asked).outcome == "Taken"
    snapshot = world.snapshot()
    assert snapshot["ManualSnapshotRetentionPeriod"] == asked
    assert snapshot["Tags"]["resilient-redshift:keep-in-recovery"] == str(asked)


def test_a_retention_in_recovery_that_is_no_number_is_mended() -> None:
    world = TakeWorld()
    world.run()
    key = "resilient-redshift:keep-in-recovery"
    next(s for s in world.model.world.snapshots.values() if s.identifier == BASE).tags[key] = "long"
    assert world.run().outcome == "Taken"
    assert world.snapshot()["Tags"][key] == "30"


def test_a_runs_own_snapshot_gets_the_retention_that_the_run_asked_for() -> None:
    # GIVEN a snapshot of this run that shows a longer retention than the run asked for
    world = TakeWorld()
    world.told = {"ManualSnapshotRetentionPeriod": 365}
    # WHEN / THEN
    assert world.run().outcome == "Taken"
    assert world.calls("ModifyClusterSnapshot") == 1


def test_an_equal_joined_snapshot_is_not_changed() -> None:
    world = TakeWorld()
    world.run()
    world.run()
    assert world.calls("ModifyClusterSnapshot") == 0
    assert world.calls("CreateTags") == 0


def test_a_correction_that_does_not_show_is_made_once() -> None:
    # GIVEN a joined snapshot that goes on showing the retention and the tags that it had
    world = TakeWorld()
    world.run(keep_days=3, plan="other")
    shown = world.snapshot()
    tags = [{"Key": key, "Value": value} for key, value in shown["Tags"].items()]
    world.told = {"ManualSnapshotRetentionPeriod": 3, "Tags": tags}
    # WHEN / THEN
    assert world.run().outcome == "Taken"
    assert (world.calls("ModifyClusterSnapshot"), world.calls("CreateTags")) == (1, 1)


def test_a_mending_that_is_denied_fails() -> None:
    world = TakeWorld()
    world.run()
    world.model.faults.fail_next("ModifyClusterSnapshot", "AccessDenied")
    run = world.run(keep_days=14)
    assert run.outcome == "AccessDenied"
    assert f"{BASE} is available, but ModifyClusterSnapshot" in run.cause


def test_access_denied_fails_at_once() -> None:
    world = TakeWorld()
    world.model.faults.deny_for(DAY)
    before = world.clock.now()
    run = world.run()
    assert run.outcome == "AccessDenied"
    assert "not authorized" in run.cause
    assert world.clock.now() == before
    assert world.calls("CreateClusterSnapshot") == 1
    assert world.metrics.names() == failed("AccessDenied")


def test_an_invalid_identifier_fails_at_once() -> None:
    world = TakeWorld()
    before = world.clock.now()
    run = world.run(rule="not--legal")
    assert run.outcome == "InvalidRequest"
    assert world.clock.now() == before
    assert world.calls("CreateClusterSnapshot") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"cluster_identifier": None},
        {"cluster_identifier": ""},
        {"cluster_identifier": 7},
        {"rule": None},
        {"rule": ["a"]},
        {"keep_days": None},
        {"keep_days": 0},
        {"keep_days": 3654},
        {"keep_days": 1.5},
        {"keep_days": "7"},
        {"keep_in_recovery_days": 0},
        {"scheduled_time": "yesterday"},
        {"scheduled_time": "2026-11-24T03:00:00+01:00"},
        {"scheduled_time": 5},
        {"gap_seconds": 0},
        {"gap_seconds": "day"},
        {"plan": ""},
        {"reason": {}},
    ],
)
def test_input_that_cannot_work_is_named(change: dict[str, object]) -> None:
    world = TakeWorld()
    run = world.run(**change)
    assert run.outcome == "InvalidRequest"
    assert "keep_days" in run.cause
    assert world.model.calls == []


@pytest.mark.parametrize("given", [None, [], "x", {}, [1]])
def test_input_that_is_no_object_is_named(given: object) -> None:
    assert TakeWorld().machine.run(given).outcome == "InvalidRequest"
