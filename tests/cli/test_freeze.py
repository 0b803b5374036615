"""Freeze: copied automated snapshots become manual ones, once, newest first."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from emulator.redshift_model import ApiError
from resilient_redshift.cli import frozen_snapshots
from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint
from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, THERE, Scene, words_of

NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
NAMES = ("sales-frozen-20261123t061500z", "sales-frozen-20261122t221500z", "sales-frozen-20261122t141500z")


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Three automated copies and a manual one; the primary is gone."""
    for number in range(3):
        scene.copied(f"copy:rs:sales-{number}", hours=2 + 8 * number)
    scene.copied("sales-nightly-20261122t0300z", hours=29, kind="manual")
    scene.account.dark = {HERE}
    return scene


def frozen(scene: Scene) -> dict[str, Any]:
    return {
        one.identifier: one for one in scene.model.snapshots(THERE, "sales", "manual") if "-frozen-" in one.identifier
    }


def copies(scene: Scene) -> list[str]:
    calls = scene.model.calls
    return [call.params["TargetSnapshotIdentifier"] for call in calls if call.operation == "CopyClusterSnapshot"]


def test_automated_copies_are_kept_for_ever(ready: Scene) -> None:
    # GIVEN a dead primary WHEN frozen THEN each automated copy has a manual twin, tagged, for ever; newest first
    result = ready.run("freeze", PLAN, "--yes", "--newest", "3")
    assert result.exit_code == 0
    assert copies(ready) == list(NAMES)
    for one in frozen(ready).values():
        assert one.retention == -1
        assert one.tags == {names.TAG_PLAN: PLAN, names.TAG_FROZEN_FROM: HERE}
    assert not ready.account.operations(HERE)
    for told in ("3 manual snapshots more, 300.0 GB in all", "1 manual snapshot in us-west-2 now", "kept for ever"):
        assert told in result.output


def test_a_frozen_one_can_be_restored_from(ready: Scene) -> None:
    # GIVEN that Redshift may show no SourceRegion on them
    ready.run("freeze", PLAN, "--yes")
    for one in ready.model.snapshots(THERE, "sales"):
        if one.identifier in NAMES:
            one.source_region = None
        else:
            ready.model.world.drop(one, "expired")
    seen = json.loads(ready.run("status", PLAN, "--json").stdout)["plans"][0]["recovery"]
    assert seen["newest"] == NAMES[0]
    assert {point["kind"] for point in seen["recovery_points"]} == {"frozen"}


def test_a_second_run_makes_nothing_twice(ready: Scene) -> None:
    ready.run("freeze", PLAN, "--yes", "--newest", "3")
    before = len(ready.model.mutating_calls())
    result = ready.run("freeze", PLAN, "--yes", "--newest", "3")
    assert result.exit_code == 0
    assert result.output.count("there already") == 6
    assert len(ready.model.mutating_calls()) == before


@pytest.mark.parametrize(("first", "second", "days"), [("10", "forever", -1), ("10", "20", 20), ("20", "10", 20)])
def test_retention_is_only_ever_raised(ready: Scene, first: str, second: str, days: int) -> None:
    ready.run("freeze", PLAN, "--yes", "--newest", "1", "--keep", first)
    ready.run("freeze", PLAN, "--yes", "--newest", "1", "--keep", second)
    assert [one.retention for one in frozen(ready).values()] == [days]


def test_without_a_number_one_a_day_is_taken(ready: Scene) -> None:
    # GIVEN two copies of yesterday and one of today WHEN frozen THEN the newest of each day is, and the other is named
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 0
    assert copies(ready) == list(NAMES[:2])
    assert "left out        1 older snapshot of the same days: one a day is kept" in result.output
    cost = "cost            2 manual snapshots more, 200.0 GB in all; AWS bills each by its full size, each month, until you"
    assert cost in result.output


@pytest.mark.parametrize(("fullest", "taken"), [(2, 1), (3, 2), (1, 1), (0, 1)])
def test_without_a_number_room_is_left_in_the_quota(
    ready: Scene, monkeypatch: pytest.MonkeyPatch, fullest: int, taken: int
) -> None:
    # GIVEN one manual snapshot, and a quota of which a freeze may fill so many WHEN frozen THEN it stops there
    monkeypatch.setattr(frozen_snapshots, "DEFAULT_QUOTA", 100)
    monkeypatch.setattr(frozen_snapshots, "_FULLEST_PERCENT", fullest)
    result = ready.run("freeze", PLAN, "--yes")
    # THEN the newest is taken in any case, and what has no room is named
    assert copies(ready) == list(NAMES[:taken])
    assert ("room in the quota is left for what still arrives" in result.output) == (taken < 2)


def test_a_fifth_of_the_quota_stays_free() -> None:
    manual = RecoveryPoint(
        identifier="x", cluster="y", automated=False, status="available", created=NOW, lineage=NOW, source_region=None
    )
    assert frozen_snapshots.room([]) == 560
    assert frozen_snapshots.room([manual] * 559) == 1
    assert frozen_snapshots.room([manual] * 700) == 0


def test_with_nothing_new_it_does_not_ask(ready: Scene) -> None:
    # GIVEN a freeze that is over, and nobody at a terminal WHEN frozen again THEN it says so and ends well
    ready.run("freeze", PLAN, "--yes", "--keep", "10")
    before = len(ready.model.mutating_calls())
    result = ready.run("freeze", PLAN, "--keep", "10")
    assert result.exit_code == 0
    assert "nothing is new" in result.output
    assert len(ready.model.mutating_calls()) == before
    # AND to keep them longer costs more, so it asks
    assert ready.run("freeze", PLAN, "--keep", "20").exit_code == 2


def test_statuses_that_could_not_be_read_are_unknown(ready: Scene) -> None:
    # GIVEN a Region that answers no more once the copies are made
    copy_ = ready.account._answer
    seen: list[str] = []

    def answer(service: str, region: str, operation: str, params: dict[str, Any]) -> Any:
        seen.append(operation)
        if operation == "DescribeClusterSnapshots" and "CopyClusterSnapshot" in seen:
            raise ApiError("AccessDenied", "no more", 403)
        return copy_(service, region, operation, params)

    ready.account._answer = answer  # type: ignore[method-assign]
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 2
    assert "it is unknown whether Redshift wrote them: redshift:DescribeClusterSnapshots" in result.output


def test_only_the_newest(ready: Scene) -> None:
    ready.run("freeze", PLAN, "--yes", "--newest", "2")
    assert copies(ready) == list(NAMES[:2])


def test_the_quota_ends_it_and_says_so(ready: Scene) -> None:
    # GIVEN room for one more WHEN frozen THEN the newest is safe, the rest is named, and the status is 1
    ready.model.settings.manual_snapshot_quota = 2
    result = ready.run("freeze", PLAN, "--yes", "--newest", "3")
    assert result.exit_code == 1
    assert sorted(frozen(ready)) == [NAMES[0]]
    assert "the quota of manual snapshots is reached" in result.output
    assert "2 of 3 are not frozen; ask AWS for a higher quota" in result.output
    assert copies(ready) == list(NAMES[:2])


def test_one_that_fails_does_not_stop_the_others(ready: Scene) -> None:
    ready.model.faults.fail_next("CopyClusterSnapshot", "ClusterSnapshotNotFoundFault")
    result = ready.run("freeze", PLAN, "--yes", "--newest", "3")
    assert result.exit_code == 1
    assert sorted(frozen(ready)) == sorted(NAMES[1:])
    assert "failed" in result.output


@pytest.mark.parametrize("when", ["lost", "lost_answers"])
def test_a_lost_answer_makes_one_and_tags_it(ready: Scene, when: str) -> None:
    getattr(ready.account, when)["redshift:CopyClusterSnapshot"] = 1
    assert ready.run("freeze", PLAN, "--yes", "--newest", "3").exit_code == 0
    assert {names.TAG_FROZEN_FROM in one.tags for one in frozen(ready).values()} == {True}
    assert len(frozen(ready)) == 3


def test_a_cluster_that_is_not_in_that_region_does_not_matter(ready: Scene) -> None:
    # GIVEN that Redshift takes the name of no cluster that is not there WHEN frozen THEN it is left out
    ready.model.settings.manual_copy_wants_cluster = True
    assert ready.run("freeze", PLAN, "--yes", "--newest", "3").exit_code == 0
    assert sorted(frozen(ready)) == sorted(NAMES)


def test_a_run_that_died_before_the_tags_is_mended(ready: Scene) -> None:
    ready.run("freeze", PLAN, "--yes")
    frozen(ready)[NAMES[1]].tags.clear()
    assert ready.run("freeze", PLAN, "--yes").exit_code == 0
    assert frozen(ready)[NAMES[1]].tags == {names.TAG_PLAN: PLAN, names.TAG_FROZEN_FROM: HERE}


def test_it_shows_and_asks(ready: Scene) -> None:
    assert ready.run("freeze", PLAN).exit_code == 2
    ready.interactive = True
    assert ready.run("freeze", PLAN, answer="n\n").exit_code == 2
    assert not frozen(ready)
    result = ready.run("freeze", PLAN, answer="y\n")
    assert result.exit_code == 0
    assert NAMES[0] in result.output


def test_two_lineages_want_a_choice(ready: Scene) -> None:
    born = ready.clock.now()
    ready.copied("copy:rs:other", hours=1, cluster_create_time=born)
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 2
    assert "AmbiguousLineage" in words_of(result)
    assert not frozen(ready)
    assert ready.run("freeze", PLAN, "--yes", "--lineage", born.isoformat()).exit_code == 0
    assert list(frozen(ready)) == ["sales-frozen-20261123t071500z"]


def test_a_stranger_under_that_name_is_left_alone(ready: Scene) -> None:
    ready.copied(NAMES[0], hours=5, kind="manual")
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 2
    assert f"{NAMES[0]} is there already, but holds other data" in words_of(result)
    assert not copies(ready)


def test_nothing_to_freeze_says_so(scene: Scene) -> None:
    assert "no usable copied automated snapshot of sales" in words_of(scene.run("freeze", PLAN, "--yes"))


@pytest.mark.parametrize("keep", ["0", "3654", "always", "-1"])
def test_a_wrong_time_to_keep_is_refused(ready: Scene, keep: str) -> None:
    result = ready.run("freeze", PLAN, "--yes", "--keep", keep)
    assert result.exit_code == 2
    assert "neither 1 to 3653 nor 'forever'" in words_of(result)


def test_one_that_is_still_written_is_told(ready: Scene) -> None:
    ready.model.settings.manual_copy_seconds = 600
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 0
    assert f"{NAMES[0]}: creating" in result.output
    assert "Redshift still writes them" in result.output


def test_one_that_redshift_could_not_write_is_1(ready: Scene) -> None:
    ready.run("freeze", PLAN, "--yes")
    frozen(ready)[NAMES[1]].status = "failed"
    result = ready.run("freeze", PLAN, "--yes")
    assert result.exit_code == 1
    assert "Redshift says failed" in result.output


def test_json_tells_each(ready: Scene) -> None:
    told = json.loads(ready.run("freeze", PLAN, "--yes", "--newest", "1", "--json").stdout)
    assert told == {
        "version": 1,
        "plan": PLAN,
        "region": THERE,
        "snapshots": [
            {
                "automated": "copy:rs:sales-0",
                "manual": NAMES[0],
                "created": "2026-11-23T06:15:00Z",
                "result": "frozen",
                "status": "available",
            }
        ],
    }


def test_another_failure_than_a_full_quota_asks_nobody_to_delete_snapshots(ready: Scene) -> None:
    # GIVEN that the credentials may copy and may not tag WHEN frozen
    ready.account.denied = {"redshift:CreateTags"}
    result = ready.run("freeze", PLAN, "--yes", "--newest", "1")
    # THEN the text says what is there, and how to go on
    assert result.exit_code == 1
    shown = words_of(result)
    assert "the manual snapshot is there, but without its tags: redshift:CreateTags in us-west-2: AccessDenied" in shown
    assert "1 of 1 are not frozen; mend what is said above, and run it again" in shown
    assert "delete" not in result.output.replace("until you delete them", "")
