"""The snapshots of a Region, and the choice of a recovery point: the contract's rule, one sentence a test."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.redshift_model import Clock, RedshiftModel
from emulator.redshift_model.client import hooked
from resilient_redshift.cloud.redshift import snapshots
from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint, choose, rule_in_name, why_not_usable
from resilient_redshift.contract import names

if TYPE_CHECKING:
    import random

HERE, THERE, PLAN = "us-east-1", "us-west-2", "sales-us-east-1"
BORN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
REBORN = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC)


def point(name: str, hours: float = 1, **fields: Any) -> RecoveryPoint:
    given_: dict[str, Any] = {
        "identifier": name,
        "cluster": "sales",
        "automated": True,
        "status": "available",
        "created": NOW - dt.timedelta(hours=hours),
        "lineage": BORN,
        "source_region": HERE,
    }
    return RecoveryPoint(**{**given_, **fields})


def chosen(*points: RecoveryPoint, **rule: Any) -> str:
    """The outcome, or the chosen one's name."""
    choice = choose(points, cluster="sales", source_region=HERE, plan=PLAN, **rule)
    return choice.point.identifier if choice.point else choice.outcome


@pytest.mark.parametrize("empty", [False, True])
def test_one_snapshot_is_read_by_its_name(empty: bool) -> None:
    # GIVEN a Region with one snapshot WHEN read by its name and by another one THEN it is there, and the other is not
    model = RedshiftModel(Clock())
    model.given_snapshot(HERE, model.given_cluster(HERE, "sales"), "mine")

    def answer(_service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if empty and params["SnapshotIdentifier"] != "mine":
            return {"Snapshots": []}  # whether AWS answers so or with an error is not documented
        found: dict[str, Any] = model.call(region, operation, params)
        return found

    client = hooked("redshift", HERE, answer)
    found = snapshots.read(client, "mine")
    assert found is not None
    assert found["SnapshotIdentifier"] == "mine"
    assert snapshots.read(client, "theirs") is None


def test_the_newest_data_wins_automated_or_manual() -> None:
    assert chosen(point("b", 3), point("a", 2, automated=False), point("c", 4)) == "a"


def test_of_equally_new_ones_the_first_name_wins() -> None:
    assert chosen(point("b"), point("a"), point("c")) == "a"


def test_lineages_are_compared_to_the_second() -> None:
    # GIVEN an answer with milliseconds and a record without WHEN compared THEN it is one cluster
    precise = BORN.replace(microsecond=123000)
    assert chosen(point("a", lineage=precise), lineage=BORN) == "a"
    assert chosen(point("a", 1, lineage=precise), point("b", 2)) == "a"


def test_a_given_snapshot_of_another_lineage_than_the_accepted_one_is_not_taken() -> None:
    assert chosen(point("a"), snapshot="a", accepted=REBORN) == "NoRecoveryPoint"


@pytest.mark.parametrize(
    "foreign",
    [
        {"cluster": "sales-2"},
        {"source_region": "eu-west-1"},
        {"source_region": None},
        {"status": "creating"},
        {"status": "failed"},
    ],
)
def test_what_is_not_usable_is_passed_by(foreign: dict[str, Any]) -> None:
    # GIVEN a newer one that is another cluster's, another Region's, of here, or not available
    assert chosen(point("ours", 5), point("other", 1, **foreign)) == "ours"
    assert chosen(point("other", 1, **foreign)) == "NoRecoveryPoint"


def test_a_frozen_one_without_source_region_is_ours_by_its_tags() -> None:
    tags = {names.TAG_FROZEN_FROM: HERE, names.TAG_PLAN: PLAN}
    assert chosen(point("frozen", source_region=None, automated=False, tags=tags)) == "frozen"
    for wrong in ({names.TAG_PLAN: "other"}, {names.TAG_FROZEN_FROM: "eu-west-1"}):
        assert chosen(point("frozen", source_region=None, tags={**tags, **wrong})) == "NoRecoveryPoint"


def test_one_that_is_too_old_is_not_usable() -> None:
    bound = NOW - dt.timedelta(hours=3)
    assert chosen(point("a", 3), point("b", 4), not_before=bound) == "a"
    assert chosen(point("b", 4), not_before=bound) == "NoRecoveryPoint"


def test_two_lineages_without_a_recorded_one_are_ambiguous() -> None:
    # GIVEN copies of two clusters that had the name WHEN none is recorded THEN nobody guesses; the newest of each is shown
    points = [
        point("old-1", 9),
        point("old-2", 8),
        point("new-1", 2, lineage=REBORN),
        point("new-0", 3, lineage=REBORN),
    ]
    choice = choose(points, cluster="sales", source_region=HERE, plan=PLAN)
    assert choice.outcome == "AmbiguousLineage"
    assert choice.point is None
    assert [one.identifier for one in choice.candidates] == ["new-1", "old-2"]


def test_a_newer_one_of_another_lineage_than_the_recorded_is_ambiguous() -> None:
    old, new = point("old", 8), point("new", 2, lineage=REBORN)
    assert chosen(old, new, lineage=BORN) == "AmbiguousLineage"
    assert chosen(new, lineage=BORN) == "AmbiguousLineage"


def test_an_older_one_of_another_lineage_does_no_harm() -> None:
    assert chosen(point("old", 8), point("new", 2, lineage=REBORN), lineage=REBORN) == "new"


def test_an_accepted_lineage_ends_the_doubt_either_way() -> None:
    old, new = point("old", 8), point("new", 2, lineage=REBORN)
    assert chosen(old, new, lineage=BORN, accepted=REBORN) == "new"
    assert chosen(old, new, lineage=REBORN, accepted=BORN) == "old"
    assert chosen(old, new, accepted=BORN) == "old"


def test_a_given_snapshot_is_taken_whatever_its_lineage() -> None:
    old, new = point("old", 8), point("new", 2, lineage=REBORN)
    assert chosen(old, new, lineage=BORN, snapshot="new") == "new"
    assert chosen(old, new, snapshot="old") == "old"


def test_a_given_snapshot_must_be_ours_and_usable() -> None:
    stranger = point("stranger", 1, source_region="eu-west-1")
    assert chosen(point("ours"), stranger, snapshot="stranger") == "NoRecoveryPoint"
    assert chosen(point("ours"), snapshot="gone") == "NoRecoveryPoint"


POINTS = st.builds(
    point,
    st.sampled_from("abcdef"),
    st.integers(0, 5),
    automated=st.booleans(),
    lineage=st.sampled_from([BORN, REBORN]),
    source_region=st.sampled_from([HERE, "eu-west-1", None]),
    status=st.sampled_from(["available", "creating", "failed"]),
)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(POINTS, max_size=7, unique_by=lambda one: one.identifier),
    st.sampled_from([None, BORN, REBORN]),
    st.randoms(),
)
def test_nothing_usable_of_the_lineage_is_newer_and_order_does_not_matter(
    points: list[RecoveryPoint], accepted: dt.datetime | None, shuffle: random.Random
) -> None:
    # GIVEN any snapshots in any order WHEN chosen THEN it is the newest usable one of one lineage, or none, or doubt
    choice = choose(points, cluster="sales", source_region=HERE, plan=PLAN, accepted=accepted)
    ours = [one for one in points if one.available and one.source_region == HERE]
    if choice.point is not None:
        rivals = [one for one in ours if one.lineage == choice.point.lineage]
        newest = max(one.created for one in rivals)
        assert choice.point.created == newest
        assert choice.point.identifier == min(one.identifier for one in rivals if one.created == newest)
        assert accepted in {None, choice.point.lineage}
        assert accepted or {one.lineage for one in ours} == {choice.point.lineage}
    elif choice.outcome == "NoRecoveryPoint":
        assert not [one for one in ours if accepted in {None, one.lineage}]
    else:
        assert accepted is None
        assert {one.lineage for one in ours} == {BORN, REBORN}
    shuffle.shuffle(points)
    assert choose(points, cluster="sales", source_region=HERE, plan=PLAN, accepted=accepted) == choice


def test_expiry_is_by_retention() -> None:
    automated = point("rs")
    manual = point("m", automated=False, retention_days=7, retention_start=NOW)
    assert automated.expires(14) == automated.created + dt.timedelta(days=14)
    assert automated.expires() is None
    assert manual.expires(14) == NOW + dt.timedelta(days=7)
    assert dataclasses.replace(manual, retention_days=-1).expires(14) is None


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("sales-nightly-20261122t0300z", "nightly"),
        ("copy:sales-nightly-20261122t0300z-r1", "nightly"),
        ("sales-nightly-eu-20261122t0300z", "nightly-eu"),
        ("sales-nightly-ondemand-20261122t030011z", "nightly"),
        ("sales-frozen-20261122t030011z", None),
        ("by-hand", None),
    ],
)
def test_a_name_tells_its_rule(name: str, rule: str | None) -> None:
    assert rule_in_name(name, "sales", ["nightly", "nightly-eu", "frozen"]) == rule
    assert point(name, automated=False).kind(["nightly", "nightly-eu"]) == (f"manual {rule}" if rule else "manual")


def test_a_snapshot_without_a_time_tells_nothing() -> None:
    assert RecoveryPoint.of({"SnapshotIdentifier": "new", "Status": "creating"}) is None


@pytest.mark.parametrize(
    ("fields", "bounds", "why"),
    [
        ({}, {}, ""),
        ({"status": "creating"}, {}, "its status is 'creating'"),
        ({}, {"not_before": NOW}, "which is before 2026-11-23T08:00:00"),
        ({}, {"not_before": NOW - dt.timedelta(hours=1)}, ""),
        ({}, {"accepted": REBORN}, "its cluster was created 2026-01-01T00:00:00"),
        ({}, {"accepted": BORN}, ""),
    ],
    ids=str,
)
def test_what_a_restore_cannot_take_tells_why(fields: dict[str, Any], bounds: dict[str, Any], why: str) -> None:
    reason = why_not_usable(point("a", **fields), **bounds)
    assert (reason == "") is (why == "")
    assert why in reason


@pytest.fixture
def model() -> RedshiftModel:
    """A Region with 230 snapshots of two clusters, which are three pages."""
    model = RedshiftModel(Clock())
    for name, kind in (("sales", "automated"), ("other", "manual")):
        cluster = model.given_cluster(HERE, name)
        for number in range(115):
            model.given_snapshot(HERE, cluster, f"{name}-{number}", kind=kind, age_days=number / 1000)
    return model


def names_of(found: list[Any]) -> set[str]:
    return {one["SnapshotIdentifier"] for one in found}


def test_all_pages_are_read_each_as_large_as_aws_allows(model: RedshiftModel) -> None:
    found = snapshots.read_all(model.client(HERE))
    assert len(found) == len(names_of(found)) == 230
    asked = [call.params for call in model.calls if call.operation == "DescribeClusterSnapshots"]
    assert [one["MaxRecords"] for one in asked] == [100, 100, 100]


@pytest.mark.parametrize("narrowed", [{"cluster": "sales"}, {"snapshot_type": "automated"}], ids=str)
def test_each_page_is_narrowed_in_the_same_way(model: RedshiftModel, narrowed: dict[str, str]) -> None:
    found = snapshots.read_all(model.client(HERE), **narrowed)
    assert names_of(found) == {f"sales-{number}" for number in range(115)}


def test_a_failure_is_awss_and_is_not_repeated(model: RedshiftModel) -> None:
    model.faults.fail_next("DescribeClusterSnapshots", "Throttling")
    client = model.client(HERE)
    with pytest.raises(client.exceptions.ClientError, match="Throttling"):
        snapshots.read_all(client)
    assert len(model.calls) == 1


def test_recovery_points_leave_out_what_has_no_time(model: RedshiftModel) -> None:
    found = snapshots.read_all(model.client(HERE))
    del found[0]["SnapshotCreateTime"]
    assert len(snapshots.recovery_points(found)) == 229
