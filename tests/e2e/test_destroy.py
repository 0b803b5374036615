"""Destroyed in the wrong order and in the natural one, deployed again, retired at last (issue 3, scenario 7)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, Scene, copy_status, deploy, snapshots, synth

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

PROD = "Prod"
SITE = "Recoveryuswest2"
FINAL = f"{CLUSTER}-final-snapshot"
NOT_LONG = dt.timedelta(minutes=45)


@dataclasses.dataclass(frozen=True)
class Step:
    """One run of the CLI: how long it took in virtual time, and what stood before and after it."""

    run: CdkRun
    took: dt.timedelta
    status: dict[str, Any] | None
    points: dict[str, set[str]]
    lost: set[str]
    lost_at_home: set[str]
    stacks: dict[str, str]
    grants: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Story:
    """Runs the CLI and looks.

    Attributes:
        aws: where.
        folder: where assemblies go.
    """

    aws: EmulatedAws
    folder: Path

    def scene(self, generation: int = 1) -> Scene:
        """A cluster with a nightly rule, and its site."""
        return Scene(aws=self.aws, key_generation=generation)

    def points(self, region: str, kind: str | None = None) -> set[str]:
        """The recovery points of a Region."""
        return {each["SnapshotIdentifier"] for each in snapshots(self.aws, region, kind=kind)}

    def step(self, *arguments: str, generation: int = 1) -> Step:
        """Run the CLI; manual snapshots at home and all copies count as recovery points."""
        since, home, away = self.aws.now(), self.points(PRIMARY, "manual"), self.points(RECOVERY)
        if arguments[0] == "deploy":
            run = deploy(self.aws, self.folder, self.scene(generation))
        else:
            run = self.aws.cdk(*arguments, "--force", app=synth(self.folder, self.scene(generation).build))
        clusters = self.aws.client("redshift", PRIMARY).describe_clusters()["Clusters"]
        return Step(
            run,
            self.aws.now() - since,
            copy_status(self.aws) if clusters else None,
            {PRIMARY: self.points(PRIMARY), RECOVERY: self.points(RECOVERY)},
            away - self.points(RECOVERY),
            home - self.points(PRIMARY),
            {
                stack["StackName"]: stack["StackStatus"]
                for region in (PRIMARY, RECOVERY)
                for stack in self.aws.client("cloudformation", region).describe_stacks()["Stacks"]
                if not stack["StackName"].startswith("CDKToolkit")
            },
            self.grants(),
        )

    def grants(self) -> dict[str, str]:
        """The keys of the grants in the recovery Region, by name."""
        found = self.aws.client("redshift", RECOVERY).describe_snapshot_copy_grants()["SnapshotCopyGrants"]
        return {grant["SnapshotCopyGrantName"]: grant["KmsKeyId"] for grant in found}


@pytest.fixture(scope="module")
def story(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Both stacks, and three days."""
    found = Story(aws, tmp_path_factory.mktemp("destroy"))
    first = found.step("deploy")
    assert first.run.ok, first.run.output
    aws.advance(dt.timedelta(days=3))
    return found


@pytest.fixture(scope="module")
def site_first(aws: EmulatedAws, story: Story) -> Step:
    """The wrong order: the recovery stack goes while the cluster copies there; then a day passes."""
    return story.step("destroy", SITE, "--exclusively")


@pytest.fixture(scope="module")
def night_after(aws: EmulatedAws, story: Story, site_first: Step) -> set[str]:
    """The copies that arrive in the night after."""
    assert site_first.run.ok, site_first.run.output
    aws.advance(dt.timedelta(days=1))
    return story.points(RECOVERY) - site_first.points[RECOVERY]


@pytest.fixture(scope="module")
def then_cluster(story: Story, night_after: set[str]) -> Step:
    """Then the cluster's stack."""
    assert night_after
    return story.step("destroy", PROD)


@pytest.fixture(scope="module")
def again_refused(story: Story, then_cluster: Step) -> Step:
    """Deployed again, as it was."""
    assert then_cluster.run.ok, then_cluster.run.output
    return story.step("deploy")


@pytest.fixture(scope="module")
def again(aws: EmulatedAws, story: Story, again_refused: Step) -> Step:
    """Deployed again with a new generation of key and grant; a day passes."""
    assert not again_refused.run.ok
    found = story.step("deploy", generation=2)
    aws.advance(dt.timedelta(days=1))
    return found


@pytest.fixture(scope="module")
def natural_refused(story: Story, again: Step) -> Step:
    """The natural order; the former cluster's final snapshot still stands."""
    assert again.run.ok, again.run.output
    return story.step("destroy", "--all", generation=2)


@pytest.fixture(scope="module")
def natural(aws: EmulatedAws, story: Story, natural_refused: Step) -> Step:
    """Once more, when the old final snapshot was deleted by hand; only the site is named."""
    assert not natural_refused.run.ok
    aws.client("redshift", PRIMARY).delete_cluster_snapshot(SnapshotIdentifier=FINAL)
    return story.step("destroy", SITE, generation=2)


def test_a_site_destroyed_first_takes_nothing_with_it(site_first: Step, night_after: set[str]) -> None:
    # GIVEN a cluster that copies to a site
    # WHEN the site's stack is destroyed first
    assert site_first.run.ok, site_first.run.output
    # THEN it goes at once, no recovery point goes, and the copy stays on: the next night's copies arrive, too
    assert list(site_first.stacks) == [PROD]
    assert site_first.took < NOT_LONG
    assert (site_first.lost, site_first.lost_at_home) == (set(), set())
    assert (site_first.status or {})["DestinationRegion"] == RECOVERY
    assert any("nightly" in name for name in night_after)


def test_the_clusters_stack_leaves_a_final_snapshot_and_every_copy(then_cluster: Step) -> None:
    # GIVEN that cluster without its site's stack
    # WHEN its stack is destroyed
    assert then_cluster.run.ok, then_cluster.run.output
    # THEN it goes, with a final snapshot at home; manual snapshots and all copies stay
    assert (then_cluster.stacks, then_cluster.took < NOT_LONG) == ({}, True)
    assert FINAL in then_cluster.points[PRIMARY]
    assert (then_cluster.lost, then_cluster.lost_at_home) == (set(), set())


def test_deployed_again_the_kept_grant_is_not_given_another_key(again_refused: Step) -> None:
    # GIVEN a site whose stack was destroyed: its grant and key were kept
    # WHEN the same is deployed again
    assert not again_refused.run.ok
    # THEN the deployment says what to do, before it makes a cluster, and nothing is lost
    assert "raise key_generation" in " ".join(again_refused.run.output.split())
    assert again_refused.stacks == {SITE: "ROLLBACK_COMPLETE"}
    assert again_refused.took < NOT_LONG
    assert (again_refused.lost, again_refused.lost_at_home) == (set(), set())


def test_deployed_again_with_a_new_generation_it_copies_again(again_refused: Step, again: Step) -> None:
    # GIVEN the same
    # WHEN it is deployed with the next key_generation
    assert again.run.ok, again.run.output
    # THEN the new cluster copies under the new grant, beside the copies of the former one
    (new,) = set(again.grants) - set(again_refused.grants)
    assert (again.status or {})["SnapshotCopyGrantName"] == new
    assert len(set(again.grants.values())) == 2
    assert (again.lost, again.lost_at_home) == (set(), set())


def test_a_final_snapshot_that_stands_already_is_not_overwritten(natural_refused: Step) -> None:
    # GIVEN the final snapshot of a former cluster
    # WHEN the cluster's stack is destroyed in the natural order
    assert not natural_refused.run.ok
    # THEN that fails with the reason, rather soon, and nothing is lost: the cluster stands and copies
    assert FINAL in natural_refused.run.output
    assert natural_refused.stacks[PROD] == "DELETE_FAILED"
    assert natural_refused.took < NOT_LONG
    assert (natural_refused.status or {})["DestinationRegion"] == RECOVERY
    assert (natural_refused.lost, natural_refused.lost_at_home) == (set(), set())


def test_the_natural_order_leaves_every_copy(natural: Step) -> None:
    # GIVEN that somebody has deleted the old final snapshot
    # WHEN the site's stack is destroyed: the CLI takes the stacks that depend on it with it, and first
    assert natural.run.ok, natural.run.output
    # THEN both go, with another final snapshot; manual snapshots and all copies stay
    assert (natural.stacks, natural.took < NOT_LONG) == ({}, True)
    assert FINAL in natural.points[PRIMARY]
    assert (natural.lost, natural.lost_at_home) == (set(), set())


def test_a_site_is_retired_by_hand_when_its_last_copy_is_gone(aws: EmulatedAws, story: Story, natural: Step) -> None:
    # GIVEN both stacks gone, grants and keys kept
    assert natural.points[RECOVERY]
    assert len(natural.grants) == 2
    # WHEN the retention of the last copy is over
    aws.advance(dt.timedelta(days=8))
    assert story.points(RECOVERY) == set()
    # THEN grants and keys can be deleted as docs/recovery.md says
    redshift, kms = aws.client("redshift", RECOVERY), aws.client("kms", RECOVERY)
    for grant, key in story.grants().items():
        redshift.delete_snapshot_copy_grant(SnapshotCopyGrantName=grant)
        assert kms.schedule_key_deletion(KeyId=key)["KeyState"] == "PendingDeletion"
    assert story.grants() == {}
    # AND the final snapshot at home is what is left
    assert story.points(PRIMARY) >= {FINAL}
