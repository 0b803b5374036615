"""What the function of retention tiers does with each kind of copy, over the model of Redshift's API."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.snapshots.tiers_run import MOST_SNAPSHOTS
from resilient_redshift.contract import names
from tests.cloud.snapshots.world import (
    AWAY,
    CLUSTER,
    CONFIGURED,
    HOME,
    MONTHLY,
    NIGHTLY,
    TAG,
    TiersWorld,
    counts,
)


def test_each_copy_gets_its_rules_tier_and_a_mark() -> None:
    # GIVEN copies of two rules as they arrive WHEN the function runs
    world = TiersWorld()
    nightly, monthly = world.copied("nightly"), world.copied("monthly")
    output = world.applied()
    # THEN each has its rule's retention, is marked, and counted
    assert (nightly.retention, monthly.retention) == (NIGHTLY, MONTHLY)
    assert (nightly.tags, monthly.tags) == ({TAG: str(NIGHTLY)}, {TAG: str(MONTHLY)})
    assert counts(output) == {"tiered": 2}
    assert world.numbers() == dict(zip(names.TIER_METRICS, (1, 2, 0, 0, 0), strict=True))


def test_a_second_run_changes_nothing() -> None:
    # GIVEN a run WHEN the next one comes THEN it makes no mutating call, and tells its zeros
    world = TiersWorld()
    world.copied()
    world.applied()
    before = len(world.model.calls)
    assert counts(world.applied()) == {}
    assert world.model.mutating_calls(before) == []
    assert world.numbers() == dict(zip(names.TIER_METRICS, (1, 0, 0, 0, 0), strict=True))


def test_how_many_calls_a_run_makes() -> None:
    # GIVEN nothing to do, and then two copies WHEN run THEN it is as many calls as the page says
    world = TiersWorld()
    world.applied()
    assert world.asked == ["GetParameter", "DescribeClusterSnapshots", "PutMetricData"]
    world.copied("nightly", age_hours=1)
    world.copied("nightly", age_hours=2)
    world.applied()
    assert len(world.asked) == 3 + 2 * 3


@pytest.mark.parametrize("suffix", ["", "-r1"])
def test_the_second_try_of_a_snapshot_is_the_rules_too(suffix: str) -> None:
    world = TiersWorld()
    copy = world.copied(name=f"{CLUSTER}-nightly-20261124t0300z{suffix}")
    assert counts(world.applied()) == {"tiered": 1}
    assert copy.retention == NIGHTLY


@pytest.mark.parametrize(
    "name",
    [
        "by-hand",
        f"{CLUSTER}-final-snapshot",
        f"{CLUSTER}-nightly",
        f"{CLUSTER}-weekly-20261124t0300z",
        f"{CLUSTER}-nightly-20261124t0300z-r2",
        f"{CLUSTER}-nightly-20261124t0300z-kept",
        f"{CLUSTER}-nightly-2026112403z",
        f"x-{CLUSTER}-nightly-20261124t0300z",
    ],
)
def test_a_name_that_no_rule_gives_is_not_touched(name: str) -> None:
    # GIVEN a copy of this cluster that is by hand, final, another tool's, or of a rule that is gone WHEN run
    world = TiersWorld()
    copy = world.copied(name=name)
    # THEN nothing happens to it
    assert counts(world.applied()) == {}
    assert (copy.retention, copy.tags) == (CONFIGURED, {})
    assert not world.model.mutating_calls()


@pytest.mark.parametrize(
    "other",
    [
        {"source_region": "eu-west-1"},
        {"source_region": None},
        {"cluster_identifier": "sales-eu"},
        {"kind": "automated", "retention": 7, "retention_start": None},
        {"status": "creating"},
        {"status": "failed"},
    ],
    ids=str,
)
def test_what_is_no_available_copy_of_this_cluster_is_not_touched(other: dict[str, Any]) -> None:
    # GIVEN a namesake from elsewhere, a snapshot made here, another cluster's, or one that is not there yet WHEN run
    world = TiersWorld()
    copy = world.copied(**other)
    # THEN nothing happens to it
    assert counts(world.applied()) == {}
    assert copy.tags == {}
    assert not world.model.mutating_calls()


def test_another_lineage_is_not_touched_where_the_record_knows_it() -> None:
    # GIVEN a record with the cluster's creation time, and a copy of a former cluster of that name WHEN run
    world = TiersWorld()
    former = world.copied(cluster_create_time=world.clock.now() - dt.timedelta(days=400))
    ours = world.copied("monthly")
    lineage = world.cluster.create_time.strftime("%Y-%m-%dT%H:%M:%SZ")
    world.tell_whole({**world.record(), "lineage": lineage})
    # THEN only the copy of this one gets its tier
    assert counts(world.applied()) == {"tiered": 1}
    assert (former.tags, ours.tags) == ({}, {TAG: str(MONTHLY)})


def test_rules_whose_names_begin_alike_are_told_apart() -> None:
    # GIVEN rules "nightly" and "nightly-eu" WHEN copies of both arrive THEN each gets its own
    world = TiersWorld()
    world.tell(**{"nightly": 10, "nightly-eu": 20, "monthly": 180})
    short, long = world.copied("nightly"), world.copied("nightly-eu")
    world.applied()
    assert (short.retention, long.retention) == (10, 20)


def test_a_name_with_the_prefix_of_automated_copies_is_understood() -> None:
    # GIVEN that AWS might call copies of manual snapshots as it calls automated ones WHEN run THEN the tier is found
    world = TiersWorld()
    copy = world.copied(name=f"copy:{CLUSTER}-nightly-20261124t0300z")
    world.applied()
    assert copy.retention == NIGHTLY


def test_all_pages_are_read() -> None:
    # GIVEN copies on three pages among others' snapshots WHEN run THEN each gets its tier
    world = TiersWorld()
    copies = [world.copied(age_hours=hours) for hours in range(1, 131)]
    for number in range(125):
        world.copied(name=f"other-{number}")
    assert counts(world.applied()) == {"tiered": 130}
    assert world.asked.count("DescribeClusterSnapshots") == 3 + 130
    assert {copy.retention for copy in copies} == {NIGHTLY}


def test_more_copies_than_one_run_has_time_for() -> None:
    # GIVEN calls so slow that 13 minutes do not suffice WHEN run
    world = TiersWorld(seconds_per_call=3)
    copies = [world.copied(age_hours=hours) for hours in range(1, 101)]
    started = world.clock.monotonic()
    run = world.run()
    # THEN it says so loudly and in time, and the next runs do the rest
    assert run.outcome == "Unfinished"
    assert "copies; the next one goes on" in run.reason
    assert 13 * 60 <= world.clock.monotonic() - started < 14 * 60
    world.applied()
    assert {copy.retention for copy in copies} == {NIGHTLY}


def test_days_of_hourly_copies_get_their_tier_in_one_run() -> None:
    # GIVEN a week of hourly copies without a tier, and calls of a second: as long as four weeks and a quarter second
    world = TiersWorld(seconds_per_call=1)
    world.tell(hourly=8, monthly=MONTHLY)
    copies = [world.copied("hourly", age_hours=hours) for hours in range(1, 7 * 24)]
    started = world.clock.monotonic()
    # WHEN run THEN one run is enough, within Lambda's time
    world.applied()
    assert {copy.retention for copy in copies} == {8}
    assert world.clock.monotonic() - started < 13 * 60


def test_more_snapshots_than_one_run_reads() -> None:
    # GIVEN more manual snapshots in the Region than a run reads WHEN run
    world = TiersWorld(manual_snapshot_quota=5000)
    copies = [world.copied(age_hours=hours) for hours in range(1, 4)]
    for number in range(MOST_SNAPSHOTS):
        world.copied(name=f"other-{number}")
    run = world.run()
    # THEN it says that it did not see all, and those that it saw have their tier
    assert run.outcome == "Unfinished"
    assert sum(not {"SnapshotType", "MaxRecords"} - call.params.keys() for call in world.model.calls) == 40
    assert world.numbers()["CopiesTiered"] == sum(copy.retention == NIGHTLY for copy in copies)


def test_a_page_of_fat_tags_is_read() -> None:
    # GIVEN snapshots with 49 long tags each, more than 1 MiB a page WHEN run THEN the copy among them gets its tier
    world = TiersWorld()
    fat = {f"{number:0120}": "x" * 256 for number in range(49)}
    for number in range(80):
        world.copied(name=f"other-{number}", tags=fat)
    copy = world.copied()
    world.applied()
    assert copy.retention == NIGHTLY


def test_force_is_never_said() -> None:
    # GIVEN a run that lowers and raises WHEN its calls are read THEN none forces, and none deletes
    world = TiersWorld()
    world.copied(age_hours=400)
    world.copied("monthly", retention=3)
    world.applied()
    calls = world.model.mutating_calls()
    assert {call.operation for call in calls} == {"ModifyClusterSnapshot", "CreateTags"}
    assert all("Force" not in call.params for call in calls)


def test_it_asks_only_its_own_region() -> None:
    # GIVEN a run WHEN its calls are read THEN the primary Region is never asked
    world = TiersWorld()
    world.copied()
    world.applied()
    assert {call.region for call in world.model.calls} == {AWAY}
    assert HOME != AWAY
