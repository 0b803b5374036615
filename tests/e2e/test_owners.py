"""Who owns a copy: constructs that move, stacks that claim one cluster (issue 3, scenario 5)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, Environment
from constructs import Construct

import resilient_redshift as rr
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, copy_status, snapshots, synth, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

GRANT = "ours"
ON = {
    "DestinationRegion": RECOVERY,
    "RetentionPeriod": 7,
    "ManualSnapshotRetentionPeriod": 90,
    "SnapshotCopyGrantName": GRANT,
}


@dataclasses.dataclass(frozen=True)
class Step:
    """One run of the CLI, and what stood after it."""

    run: CdkRun
    changes: list[str]
    status: dict[str, Any] | None
    copies: set[str]
    owner: str
    stack_ids: dict[str, str]


def owned(aws: EmulatedAws, name: str, *, moved: bool = False, keep: int = 7) -> Callable[[cdk.App], None]:
    """Declare a stack that owns the cluster's copy, with the removal policy that asks for its end."""

    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, name, env=Environment(account=aws.account, region=PRIMARY))
        rr.SnapshotCopy(
            Construct(stack, "Vault") if moved else stack,
            "Mirror" if moved else "Copy",
            cluster=rr.ExistingCluster.from_identifier(stack, "Warehouse", CLUSTER, encrypted=True),
            destination_region=RECOVERY,
            snapshot_copy_grant_name=GRANT,
            keep_automated=Duration.days(keep),
            keep_manual=Duration.days(90),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )

    return build


def step(aws: EmulatedAws, *arguments: str, app: Path) -> Step:
    """Run the CLI and look."""
    before = aws.mark()
    run = aws.cdk(*arguments, app=app)
    cluster = aws.client("redshift", PRIMARY).describe_clusters(ClusterIdentifier=CLUSTER)["Clusters"][0]
    stacks = aws.client("cloudformation", PRIMARY).describe_stacks()["Stacks"]
    return Step(
        run,
        [c["operation"] for c in aws.calls(before) if c["service"] == "redshift" and c["mutating"]],
        copy_status(aws),
        {each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY)},
        {tag["Key"]: tag["Value"] for tag in cluster["Tags"]}.get("resilient-redshift:copy-owner", ""),
        {each["StackName"]: each["StackId"] for each in stacks},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where assemblies go."""
    return tmp_path_factory.mktemp("owners")


@pytest.fixture(scope="module")
def first(aws: EmulatedAws, folder: Path) -> Step:
    """A first stack switches the copy on; a day later there are copies."""
    aws.model("given_cluster", PRIMARY, CLUSTER, encrypted=True)
    aws.client("redshift", RECOVERY).create_snapshot_copy_grant(SnapshotCopyGrantName=GRANT)
    found = step(aws, "deploy", "First", app=synth(folder, owned(aws, "First")))
    assert found.run.ok, found.run.output
    take_snapshot(aws, "by-hand")
    aws.advance(dt.timedelta(days=1))
    return dataclasses.replace(found, copies={each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY)})


@pytest.fixture(scope="module")
def second(aws: EmulatedAws, folder: Path, first: Step) -> Step:
    """A second stack claims the same cluster with the same values."""
    assert len(first.copies) > 1
    return step(aws, "deploy", "Second", app=synth(folder, owned(aws, "Second")))


@pytest.fixture(scope="module")
def changed(aws: EmulatedAws, folder: Path, second: Step) -> Step:
    """The first stack still believes that the copy is its own, and lowers a retention."""
    assert second.run.ok, second.run.output
    return step(aws, "deploy", "First", app=synth(folder, owned(aws, "First", keep=5)))


@pytest.fixture(scope="module")
def deleted(aws: EmulatedAws, folder: Path, changed: Step) -> Step:
    """The first stack goes, with the removal policy that asks for the copy's end."""
    assert not changed.run.ok
    return step(aws, "destroy", "First", "--force", app=synth(folder, owned(aws, "First")))


@pytest.fixture(scope="module")
def moved(aws: EmulatedAws, folder: Path, deleted: Step) -> Step:
    """The second stack's construct is moved and renamed."""
    assert deleted.run.ok, deleted.run.output
    return step(aws, "deploy", "Second", app=synth(folder, owned(aws, "Second", moved=True)))


def test_a_second_stack_takes_an_equal_copy_over(first: Step, second: Step) -> None:
    # GIVEN a copy that a first stack switched on
    # WHEN a second stack claims it with equal values
    assert second.run.ok, second.run.output
    # THEN nothing but its owner's tags changes
    assert (second.status, set(second.changes)) == (ON, {"CreateTags"})
    assert (first.owner, second.owner) == (first.stack_ids["First"], second.stack_ids["Second"])
    assert first.copies <= second.copies


def test_the_former_owner_can_change_nothing_and_is_told_who_can(second: Step, changed: Step) -> None:
    # GIVEN a copy that another stack owns by now
    # WHEN the former owner changes a retention
    # THEN its deployment fails, names the owner, and touches nothing
    assert not changed.run.ok
    assert second.stack_ids["Second"] in changed.run.output
    assert "change it there; if that stack is gone" in " ".join(changed.run.output.split())
    assert (changed.status, changed.owner, changed.changes) == (ON, second.owner, [])


def test_the_copy_stays_on_when_the_first_of_two_stacks_is_deleted(changed: Step, deleted: Step) -> None:
    # GIVEN two stacks that claimed one cluster, each with the removal policy DESTROY
    # WHEN the first is deleted
    assert deleted.run.ok, deleted.run.output
    # THEN the copy and its owner stay as they are, and every copy
    assert "First" not in deleted.stack_ids
    assert (deleted.status, deleted.owner, deleted.changes) == (ON, changed.owner, [])
    assert changed.copies <= deleted.copies


def test_the_copy_stays_on_when_its_construct_is_moved_and_renamed(deleted: Step, moved: Step) -> None:
    # GIVEN a construct with the removal policy DESTROY, which created its copy or owns it
    # WHEN it is moved into another construct and renamed
    assert moved.run.ok, moved.run.output
    # THEN CloudFormation creates the new one and deletes the old one, and only a tag changes
    assert (moved.status, moved.owner, set(moved.changes)) == (ON, deleted.owner, {"CreateTags"})
    assert deleted.copies <= moved.copies
