"""Which recovery point a restore takes: the newest usable one of the plan's own cluster, or a named outcome with what there is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import names
from tests.cloud.restore.record import CLUSTER, HOME, LINEAGES, NOW, PLAN
from tests.cloud.restore.world import RestoreWorld

FROZEN = {names.TAG_PLAN: PLAN, names.TAG_FROZEN_FROM: HOME}
HERE = {"source_region": None, "kind": "manual"}


def a_world(**settings_: Any) -> RestoreWorld:
    """A world whose restores are refused, so that a run ends with its choice."""
    world = RestoreWorld(**settings_)
    world.fail("RestoreFromClusterSnapshot", "UnauthorizedOperation", None)
    return world


def chosen(world: RestoreWorld) -> list[str]:
    """The snapshots that the run tried to restore."""
    return [asked["SnapshotIdentifier"] for asked in world.asked("RestoreFromClusterSnapshot")]


def test_none_at_all() -> None:
    world = RestoreWorld()
    run = world.failover()
    assert (run.status, run.outcome) == ("FAILED", "NoRecoveryPoint")
    assert world.clusters() == []


@pytest.mark.parametrize("status", ["creating", "failed", "deleted", "cancelled"])
def test_what_is_not_available_is_listed_and_not_taken(status: str) -> None:
    # GIVEN only a snapshot that is not there yet, or never will be WHEN failed over THEN it is listed with its status
    world = RestoreWorld()
    only = world.copied(status=status)
    run = world.failover()
    assert run.outcome == "NoRecoveryPoint"
    [candidate] = world.report(run)["candidates"]
    assert (candidate["identifier"], candidate["status"]) == (only.identifier, status)
    assert not chosen(world)


@pytest.mark.parametrize("status", ["creating", "failed"])
def test_the_next_older_is_taken_and_its_age_told(status: str) -> None:
    world = RestoreWorld()
    world.copied(age_hours=1, status=status)
    older = world.copied(age_hours=9)
    report = world.report(world.failover())
    assert report["snapshot"]["identifier"] == older.identifier
    assert report["recovery_point_seconds"] == 9 * 3600


@pytest.mark.parametrize(
    "other",
    [
        {"source_region": "eu-west-1"},
        {"cluster_identifier": "sales-eu"},
        HERE,
        {**HERE, "tags": {names.TAG_FROZEN_FROM: HOME}},
        {**HERE, "tags": {**FROZEN, names.TAG_PLAN: "another"}},
        {**HERE, "tags": {**FROZEN, names.TAG_FROZEN_FROM: "eu-west-1"}},
    ],
    ids=str,
)
def test_what_is_not_of_this_cluster_is_not_taken(other: dict[str, Any]) -> None:
    # GIVEN a newer namesake from another Region, another cluster's, or one that was made here WHEN failed over
    world = a_world()
    ours = world.copied(age_hours=9)
    namesake = world.a_home(born_days=10, name="elsewhere")
    world.copied(
        "theirs", age_hours=1, cluster_create_time=namesake.create_time, **{"cluster_identifier": CLUSTER, **other}
    )
    world.failover()
    # THEN it is not taken, nor does it make the choice ambiguous
    assert chosen(world) == [ours.identifier]


@pytest.mark.parametrize("other", [{"source_region": "eu-west-1"}, HERE], ids=str)
def test_only_namesakes_are_no_recovery_point(other: dict[str, Any]) -> None:
    world = RestoreWorld()
    world.copied("theirs", **other)
    assert world.failover().outcome == "NoRecoveryPoint"
    assert not chosen(world)


def test_a_frozen_one_is_as_good_as_a_copy() -> None:
    # GIVEN a copied automated snapshot that `freeze` made permanent, which no longer says where it came from
    world = RestoreWorld()
    world.copied(age_hours=9)
    frozen = world.copied("sales-frozen", age_hours=1, **HERE, tags=FROZEN)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored"
    assert (report["snapshot"]["identifier"], report["snapshot"]["type"]) == (frozen.identifier, "manual")


@pytest.mark.parametrize("kind", ["automated", "manual"])
def test_of_equal_ones_the_identifier_decides_always_the_same(kind: str) -> None:
    choices = set()
    for pair in (("aa", "bb"), ("bb", "aa")):
        world = a_world()
        for name in pair:
            world.copied(name, kind=kind)
        world.failover()
        choices.add(chosen(world)[0])
    assert len(choices) == 1


def test_what_is_older_than_acceptable_is_not_taken() -> None:
    # GIVEN a failover that accepts no older data WHEN the newest is older THEN it is listed and not taken
    world = RestoreWorld()
    old = world.copied(age_hours=5)
    run = world.failover(not_before=iso(NOW - dt.timedelta(hours=4)))
    assert run.outcome == "NoRecoveryPoint"
    assert [one["identifier"] for one in world.report(run)["candidates"]] == [old.identifier]


def test_what_is_just_as_old_as_acceptable_is_taken() -> None:
    world = a_world()
    old = world.copied(age_hours=5)
    world.failover(not_before=(NOW - dt.timedelta(hours=5)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert chosen(world) == [old.identifier]


# Lineages.


def two_lineages(world: RestoreWorld, *, older_first: bool = False) -> list[Any]:
    """A former cluster of this name and the one of today, each with two copies; the newest of each is returned."""
    former = world.a_home(born_days=800)
    today = world.a_home(born_days=3)
    ages = (1, 5) if older_first else (5, 1)
    newest = []
    for cluster, age, name in ((former, ages[0], "former"), (today, ages[1], "today")):
        newest.append(world.copied(f"{name}-new", age_hours=age, cluster=cluster))
        world.copied(f"{name}-old", age_hours=age + 30, cluster=cluster)
    return newest


def test_two_lineages_and_none_recorded_are_ambiguous() -> None:
    world = RestoreWorld()
    newest = two_lineages(world)
    run = world.failover()
    # THEN nothing is restored, and the newest of each lineage is shown
    assert run.outcome == "AmbiguousLineage"
    assert {(c["identifier"], c["lineage"]) for c in world.report(run)["candidates"]} == {
        (one.identifier, iso(one.cluster_create_time)) for one in newest
    }
    assert not chosen(world)
    assert LINEAGES not in world.fakes.parameters


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize("text", [iso, lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"), dt.datetime.isoformat])
def test_an_accepted_lineage_is_taken_and_recorded(index: int, text: Any) -> None:
    # GIVEN two lineages, whichever was recorded WHEN the operator accepts one THEN its newest is taken, and it is recorded
    world = RestoreWorld()
    newest = two_lineages(world)
    world.fakes.parameters[LINEAGES] = iso(newest[0].cluster_create_time)
    report = world.report(world.failover(lineage=text(newest[index].cluster_create_time)))
    assert report["snapshot"]["identifier"] == newest[index].identifier
    assert dt.datetime.fromisoformat(world.fakes.parameters[LINEAGES]) == newest[index].cluster_create_time


def test_a_lineage_that_no_snapshot_has_is_no_recovery_point() -> None:
    world = RestoreWorld()
    two_lineages(world)
    run = world.failover(lineage="2020-01-01T00:00:00Z")
    assert run.outcome == "NoRecoveryPoint"
    assert LINEAGES not in world.fakes.parameters


def test_a_newer_lineage_than_the_recorded_one_is_ambiguous() -> None:
    world = RestoreWorld()
    newest = two_lineages(world)
    world.fakes.parameters[LINEAGES] = iso(newest[0].cluster_create_time)
    assert world.failover().outcome == "AmbiguousLineage"
    assert dt.datetime.fromisoformat(world.fakes.parameters[LINEAGES]) == newest[0].cluster_create_time


def test_an_older_lineage_than_the_recorded_one_is_let_lie() -> None:
    # GIVEN old snapshots of a former cluster of this name WHEN the recorded one has newer ones THEN those are taken
    world = a_world()
    newest = two_lineages(world)
    world.fakes.parameters[LINEAGES] = iso(newest[1].cluster_create_time)
    world.failover()
    assert chosen(world) == ["today-new"]


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_a_lineage_is_recorded_at_first_sight(mode: str) -> None:
    world = RestoreWorld()
    world.copied()
    world.run(world.given(mode))
    assert dt.datetime.fromisoformat(world.fakes.parameters[LINEAGES]) == world.home.create_time


def test_a_lineage_that_cannot_be_recorded_fails_no_failover() -> None:
    world = RestoreWorld()
    world.copied()
    world.fail("PutParameter", "AccessDeniedException", None)
    report = world.report(world.failover())
    assert report["outcome"] == "Restored"
    assert report["warnings"]


def test_a_recorded_lineage_that_is_no_time_is_not_obeyed_silently() -> None:
    # GIVEN a parameter that somebody garbled WHEN failed over THEN the run ends by a name, or takes the only lineage there is
    world = RestoreWorld()
    world.copied()
    world.fakes.parameters[LINEAGES] = "garbled"
    assert world.failover().outcome in {"Restored", "AmbiguousLineage", "RecordNotUnderstood"}


# A given snapshot.


@pytest.mark.parametrize("index", [0, 1])
def test_a_given_snapshot_is_taken_whatever_its_lineage_and_age(index: int) -> None:
    world = a_world()
    two_lineages(world)
    name = ("former-old", "today-old")[index]
    world.failover(snapshot=name)
    assert chosen(world) == [name]


@pytest.mark.parametrize(
    "attributes",
    [
        {"source_region": "eu-west-1"},
        {"cluster_identifier": "sales-eu"},
        HERE,
        {"status": "creating"},
        {"status": "failed"},
    ],
    ids=str,
)
def test_a_given_snapshot_must_be_this_clusters(attributes: dict[str, Any]) -> None:
    world = RestoreWorld()
    world.copied("better", age_hours=5)
    world.copied("asked-for", **attributes)
    assert world.failover(snapshot="asked-for").outcome == "NoRecoveryPoint"
    assert not chosen(world)


def test_a_given_snapshot_that_is_not_there_is_named() -> None:
    world = RestoreWorld()
    world.copied("better")
    run = world.failover(snapshot="asked-for")
    assert run.outcome == "NoRecoveryPoint"
    assert "asked-for" in world.report(run)["message"]
    assert not chosen(world)


# Gone in between.


def test_a_snapshot_that_goes_between_find_and_restore_gives_way_to_the_next() -> None:
    # GIVEN a newest one that somebody deletes right before it is restored WHEN failed over THEN the next older is restored
    world = RestoreWorld()
    newest, older = world.copied(age_hours=1), world.copied(age_hours=9)
    world.before("RestoreFromClusterSnapshot", lambda: world.lose(newest))
    report = world.report(world.failover())
    assert report["outcome"] == "Restored", report
    assert report["snapshot"]["identifier"] == older.identifier
    assert report["recovery_point_seconds"] == 9 * 3600
    assert any(newest.identifier in str(one) for one in report["attempts"])


def test_several_that_go_one_after_the_other() -> None:
    world = RestoreWorld()
    points = [world.copied(age_hours=hours) for hours in (1, 9, 17)]
    world.before("RestoreFromClusterSnapshot", lambda: world.lose(points[0]))
    world.before("RestoreFromClusterSnapshot", lambda: world.lose(points[1]), skip=1)
    assert world.report(world.failover())["snapshot"]["identifier"] == points[2].identifier


def test_the_last_one_that_goes_leaves_none() -> None:
    world = RestoreWorld()
    only = world.copied()
    world.before("RestoreFromClusterSnapshot", lambda: world.lose(only))
    assert world.failover().outcome == "NoRecoveryPoint"
    assert world.clusters() == []


def test_a_given_one_that_goes_is_not_replaced() -> None:
    world = RestoreWorld()
    given_, _ = world.copied("given"), world.copied("other", age_hours=9)
    world.before("RestoreFromClusterSnapshot", lambda: world.lose(given_))
    assert world.failover(snapshot="given").outcome == "NoRecoveryPoint"
    assert chosen(world) == ["given"]


def test_a_copy_that_was_under_way_when_the_region_went_is_not_waited_for() -> None:
    # GIVEN a copy that was being written when the primary Region was lost WHEN failed over THEN the one before is restored
    world = RestoreWorld()
    before = world.copied(age_hours=9)
    world.copied("half", age_hours=1, status="creating")
    world.model.region_down(HOME)
    run = world.failover()
    assert world.report(run)["snapshot"]["identifier"] == before.identifier
