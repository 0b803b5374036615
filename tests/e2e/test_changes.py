"""Retentions, the grant's key and the recovery Region, each changed by one deployment (issue 3, scenario 3)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.scene import ELSEWHERE, PRIMARY, RECOVERY, Scene, synth
from tests.e2e.watching import Found, Seen, look, off, stack_status, watch

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

#: One second for each call of Redshift: what lies between switching off and on can be told then.
CALL = dt.timedelta(seconds=1)


class Story:
    """The deployments of one plan, one after the other."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws = aws
        self.folder = folder
        self.scene = Scene(aws=aws, keep_automated=7, keep_in_recovery=10)

    def change(self, *stacks: str, **fields: Any) -> Seen:
        """Change fields of the scene (for good) and deploy some of its stacks."""
        self.scene = dataclasses.replace(self.scene, **fields)
        app = synth(self.folder, self.scene.build)

        def act() -> CdkRun:
            return self.aws.cdk("deploy", *stacks, "--exclusively", "--method", "direct", app=app)

        return watch(self.aws, act)


@pytest.fixture(scope="module")
def story(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A cluster that has copied for five days."""
    aws.bootstrap(ELSEWHERE)
    told = Story(aws, tmp_path_factory.mktemp("changes"))
    run = aws.cdk("deploy", "--all", app=synth(told.folder, told.scene.build))
    assert run.ok, run.output
    aws.advance(dt.timedelta(days=5))
    return told


@pytest.fixture(scope="module")
def automated(story: Story) -> Seen:
    """Copied automated snapshots for 14 days instead of 7."""
    return story.change("Prod", keep_automated=14)


@pytest.fixture(scope="module")
def manual(story: Story, automated: Seen) -> Seen:
    """Copied manual snapshots for 16 days instead of 10."""
    assert automated.run.ok, automated.run.output
    return story.change("Prod", keep_in_recovery=16)


@pytest.fixture(scope="module")
def refused(story: Story, manual: Seen) -> Seen:
    """Three days later (the memory of the raise is over): 3 days instead of 14."""
    assert manual.run.ok, manual.run.output
    story.aws.advance(dt.timedelta(days=3))
    return story.change("Prod", keep_automated=3)


@pytest.fixture(scope="module")
def refused_status(story: Story, refused: Seen) -> str:
    """What CloudFormation made of the refusal."""
    assert not refused.run.ok
    return stack_status(story.aws)


@pytest.fixture(scope="module")
def accepted(story: Story, refused_status: str) -> Seen:
    """The same with the second key."""
    assert refused_status
    return story.change("Prod", plan_arguments={"accept_loss_of_copies": True})


@pytest.fixture(scope="module")
def key(story: Story, accepted: Seen) -> Seen:
    """Another key: a new generation of key and grant, and the copy swapped over."""
    assert accepted.run.ok, accepted.run.output
    story.aws.settings(seconds_per_call=CALL.total_seconds())
    return story.change("--all", key_generation=2, plan_arguments={})


@pytest.fixture(scope="module")
def night_after_key(story: Story, key: Seen) -> Found:
    """A night later."""
    assert key.run.ok, key.run.output
    story.aws.advance(dt.timedelta(days=1))
    return look(story.aws)


@pytest.fixture(scope="module")
def region(story: Story, night_after_key: Found) -> Seen:
    """Another recovery Region."""
    assert night_after_key.status
    return story.change("--all", recovery_region=ELSEWHERE)


@pytest.fixture(scope="module")
def night_after_region(story: Story, region: Seen) -> Found:
    """A night later."""
    assert region.run.ok, region.run.output
    story.aws.advance(dt.timedelta(days=1))
    return look(story.aws)


@pytest.fixture(scope="module")
def week_after_region(story: Story, night_after_region: Found) -> Found:
    """Five more days."""
    assert night_after_region.status
    story.aws.advance(dt.timedelta(days=5))
    return look(story.aws)


def _grant(aws: EmulatedAws, name: str, region: str) -> dict[str, Any]:
    (found,) = aws.client("redshift", region).describe_snapshot_copy_grants(SnapshotCopyGrantName=name)[
        "SnapshotCopyGrants"
    ]
    return dict(found)


# one retention, then the other


def test_the_retention_of_automated_copies_changes_in_place(automated: Seen) -> None:
    # GIVEN copies that are kept 7 days WHEN a deployment says 14
    assert automated.run.ok, automated.run.output
    # THEN one call changes that, and nothing else differs
    assert automated.before.status is not None
    assert automated.after.status == {**automated.before.status, "RetentionPeriod": 14}
    assert automated.changes == ["ModifySnapshotCopyRetentionPeriod"]


def test_a_longer_retention_reaches_the_automated_copies_that_stand(automated: Seen, refused: Seen) -> None:
    # GIVEN copies of five days, promised 7
    assert automated.lost == []
    assert len(automated.before.of(RECOVERY, "automated")) >= 5 * 3 - 1
    # WHEN 14 are deployed, and three more days have passed
    standing = {each["SnapshotIdentifier"] for each in refused.before.of(RECOVERY, "automated")}
    # THEN all of them stand, the oldest for longer than 7 days
    assert {each["SnapshotIdentifier"] for each in automated.before.of(RECOVERY, "automated")} <= standing
    assert _older(refused, 7)


def test_the_retention_of_manual_copies_changes_in_place(manual: Seen) -> None:
    # GIVEN copies that arrive with 10 days WHEN a rule says 16
    assert manual.run.ok, manual.run.output
    # THEN one call changes that, and nothing else differs
    assert manual.before.status is not None
    assert manual.after.status == {**manual.before.status, "ManualSnapshotRetentionPeriod": 16}
    assert manual.changes == ["ModifySnapshotCopyRetentionPeriod"]


def test_manual_copies_that_stand_keep_the_retention_that_they_came_with(manual: Seen, refused: Seen) -> None:
    # GIVEN five copies with 10 days WHEN the next come with 16
    assert (manual.lost, manual.altered) == ([], [])
    # THEN the five are as they were, and the three nights since have 16
    days = [each["ManualSnapshotRetentionPeriod"] for each in refused.before.of(RECOVERY, "manual")]
    assert days == [10] * 5 + [16] * 3


# a shorter one


def test_a_shorter_retention_that_would_delete_copies_is_refused_with_their_number(refused: Seen) -> None:
    # GIVEN copies of eight days WHEN a deployment says 3
    assert not refused.run.ok
    # THEN it fails, with how many would go
    assert (
        f"it would delete {len(_older(refused, 3))} automated snapshot(s) in {RECOVERY} at once" in refused.run.output
    )


def test_the_rollback_of_a_refused_retention_passes(refused: Seen, refused_status: str) -> None:
    # GIVEN the refusal WHEN CloudFormation has rolled back
    assert refused_status == "UPDATE_ROLLBACK_COMPLETE"
    # THEN copy and copies are as before, and nobody has tried to change them
    assert refused.tried == []
    assert (refused.after.status, refused.after.tags) == (refused.before.status, refused.before.tags)
    assert (refused.lost, refused.altered) == ([], [])


def test_with_the_second_key_the_shorter_retention_passes(accepted: Seen) -> None:
    # GIVEN accept_loss_of_copies WHEN the same is deployed
    assert accepted.run.ok, accepted.run.output
    # THEN just the copies outside of it go
    assert accepted.after.status == {**(accepted.before.status or {}), "RetentionPeriod": 3}
    assert {name for _, name in accepted.lost} == _older(accepted, 3)
    assert {place for place, _ in accepted.lost} == {RECOVERY}


def _older(seen: Seen, days: int) -> set[str]:
    return {
        each["SnapshotIdentifier"]
        for each in seen.before.of(RECOVERY, "automated")
        if seen.before.at - each["SnapshotCreateTime"] >= dt.timedelta(days=days)
    }


# another key


def test_another_key_is_another_grant_in_one_deployment(aws: EmulatedAws, key: Seen) -> None:
    # GIVEN a copy with a grant WHEN the site's key generation is raised
    assert key.run.ok, key.run.output
    # THEN the copy has another grant with another key, and all else as before
    assert key.before.status is not None
    assert key.after.status is not None
    old, new = (found.status["SnapshotCopyGrantName"] for found in (key.before, key.after) if found.status)
    assert key.after.status == {**key.before.status, "SnapshotCopyGrantName": new}
    assert _grant(aws, old, RECOVERY)["KmsKeyId"] != _grant(aws, new, RECOVERY)["KmsKeyId"]


@pytest.mark.parametrize("which", ["key", "region"])
def test_a_swap_is_off_for_one_look_and_one_call(which: str, request: pytest.FixtureRequest) -> None:
    # GIVEN a second for each call WHEN another key or Region is deployed
    seen: Seen = request.getfixturevalue(which)
    # THEN the copy was off once, from one call to the next but one
    assert seen.changes == ["DisableSnapshotCopy", "EnableSnapshotCopy"]
    assert off(seen.calls) == [(2 * CALL, ["DescribeClusters"])]


@pytest.mark.parametrize("which", ["key", "region"])
def test_a_swap_leaves_every_recovery_point_as_it_was(which: str, request: pytest.FixtureRequest) -> None:
    # GIVEN automated and manual copies in the recovery Region, and a snapshot under way at home
    seen: Seen = request.getfixturevalue(which)
    assert [each["Status"] for each in seen.before.of(PRIMARY, "automated")][-1] == "creating"
    assert len(seen.before.of(RECOVERY, "automated")) >= 8
    assert len(seen.before.of(RECOVERY, "manual")) >= 7
    # WHEN the copy has been swapped THEN each stands as it did, under its own key
    assert (seen.lost, seen.altered) == ([], [])


@pytest.mark.parametrize("which", ["key", "region"])
def test_a_swap_forgets_its_way_back(which: str, request: pytest.FixtureRequest) -> None:
    # GIVEN a swap that worked
    seen: Seen = request.getfixturevalue(which)
    # WHEN it is over THEN the cluster's tags are those of before
    assert seen.after.tags == seen.before.tags


def test_copies_after_another_key_are_under_it(aws: EmulatedAws, key: Seen, night_after_key: Found) -> None:
    # GIVEN copies under the old key WHEN a night has passed
    fresh = [each for name, each in night_after_key.snapshots.items() if name not in key.after.snapshots]
    copies = [each for each in fresh if each.get("SourceRegion") == PRIMARY]
    # THEN the new ones, automated and manual, are under the new key
    assert key.after.status is not None
    assert {each["SnapshotType"] for each in copies} == {"automated", "manual"}
    assert {each["KmsKeyId"] for each in copies} == {
        _grant(aws, key.after.status["SnapshotCopyGrantName"], RECOVERY)["KmsKeyId"]
    }


# another Region


def test_another_recovery_region_in_one_deployment(aws: EmulatedAws, region: Seen) -> None:
    # GIVEN copies in one Region WHEN a site elsewhere protects the cluster
    assert region.run.ok, region.run.output
    # THEN the copy goes there, with that site's grant and the same retentions
    status = region.after.status
    assert status is not None
    assert status == {
        **(region.before.status or {}),
        "DestinationRegion": ELSEWHERE,
        "SnapshotCopyGrantName": status["SnapshotCopyGrantName"],
    }
    assert _grant(aws, status["SnapshotCopyGrantName"], ELSEWHERE)


def test_copies_arrive_in_the_new_region_and_no_more_in_the_old(region: Seen, night_after_region: Found) -> None:
    # GIVEN the swap WHEN a night has passed
    fresh = {name for name in night_after_region.snapshots if name not in region.after.snapshots}
    # THEN both kinds have arrived there, and none here
    assert {place for place, _ in fresh} == {PRIMARY, ELSEWHERE}
    assert night_after_region.of(ELSEWHERE, "automated")
    assert [each["ManualSnapshotRetentionPeriod"] for each in night_after_region.of(ELSEWHERE, "manual")] == [16]


def test_what_is_left_in_the_old_region_lives_as_long_as_it_was_promised(
    region: Seen, week_after_region: Found
) -> None:
    # GIVEN copies in the Region that the cluster has left, automated ones with 3 days, manual ones with 10 and 16
    # WHEN six days have passed
    found = {each["SnapshotIdentifier"] for each in week_after_region.of(RECOVERY, "manual")}
    # THEN automated ones have aged out, and manual ones stand unless their own days are over
    promised = {
        each["SnapshotIdentifier"]
        for each in region.after.of(RECOVERY, "manual")
        if week_after_region.at - each["SnapshotCreateTime"] < dt.timedelta(days=each["ManualSnapshotRetentionPeriod"])
    }
    assert region.after.of(RECOVERY, "automated")
    assert week_after_region.of(RECOVERY, "automated") == []
    assert found == promised
    assert len(found) >= 3


def test_the_old_grants_stand_for_the_old_copies(aws: EmulatedAws, week_after_region: Found) -> None:
    # GIVEN three generations of places WHEN all is swapped THEN both grants of the old Region are there
    assert week_after_region
    found = aws.client("redshift", RECOVERY).describe_snapshot_copy_grants()["SnapshotCopyGrants"]
    keys = {each["KmsKeyId"] for each in week_after_region.of(RECOVERY, "manual")}
    assert keys <= {each["KmsKeyId"] for each in found}
    assert len(found) == 2
