"""Taking over clusters that stand already, and copies that are on (issue 3, scenario 6)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, Environment
from aws_cdk import aws_redshift as redshift

import resilient_redshift as rr
from emulator.redshift_model import CopyConfig
from tests.e2e.scene import ELSEWHERE, PRIMARY, RECOVERY, copy_status, snapshots, synth, take_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

GRANT = "ours"
ON = {
    "DestinationRegion": RECOVERY,
    "RetentionPeriod": 7,
    "ManualSnapshotRetentionPeriod": 30,
    "SnapshotCopyGrantName": GRANT,
}
FOREIGN = CopyConfig(ELSEWHERE, 5, 60, None)
SHORTEST_GAP = dt.timedelta(minutes=3)


@dataclasses.dataclass(frozen=True)
class Step:
    """One deployment: what it changed, and what stood after it."""

    run: CdkRun
    changes: list[dict[str, Any]]
    status: dict[str, dict[str, Any] | None]
    copies: dict[str, set[str]]

    def of(self, cluster: str, *operations: str) -> list[dict[str, Any]]:
        """The successful calls that changed a cluster, by whomever."""
        return [
            call
            for call in self.changes
            if call["operation"] in operations
            and call["error"] is None
            and call["params"].get("ClusterIdentifier") == cluster
        ]


def ours(stack: cdk.Stack, cluster: Any, construct_id: str, **arguments: Any) -> None:
    """Declare the copy that every cluster here ends with."""
    rr.SnapshotCopy(
        stack,
        construct_id,
        cluster=cluster,
        destination_region=RECOVERY,
        snapshot_copy_grant_name=GRANT,
        keep_automated=Duration.days(7),
        keep_manual=Duration.days(30),
        **arguments,
    )


def existing(aws: EmulatedAws, name: str, *clusters: str, **arguments: Any) -> Callable[[cdk.App], None]:
    """Declare a stack that copies clusters which were made elsewhere."""

    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, name, env=Environment(account=aws.account, region=PRIMARY))
        for each in clusters:
            cluster = rr.ExistingCluster.from_identifier(stack, each, each, encrypted=True)
            ours(stack, cluster, f"Copy{each}", **arguments)

    return build


@dataclasses.dataclass(frozen=True)
class Native:
    """A stack with two clusters whose copies were set up by the L1's own properties.

    Attributes:
        aws: where it is deployed.
        touched: whether the clusters have a tag more, and the stack is told to retain ``forgotten``.
        swept: ``swept`` changes over to ours in one deployment.
        forgotten: the stack forgets ``forgotten``, which an ExistingCluster then names.
    """

    aws: EmulatedAws
    touched: bool = False
    swept: bool = False
    forgotten: bool = False

    def build(self, app: cdk.App) -> None:
        """Declare it."""
        stack = cdk.Stack(app, "Native", env=Environment(account=self.aws.account, region=PRIMARY))
        swept = self.cluster(stack, "swept", native=not self.swept)
        if self.swept:
            ours(stack, swept, "CopySwept")
        if self.forgotten:
            ours(stack, rr.ExistingCluster.from_identifier(stack, "Kept", "forgotten", encrypted=True), "CopyForgotten")
        else:
            forgotten = self.cluster(stack, "forgotten", native=True)
            if self.touched:
                forgotten.apply_removal_policy(cdk.RemovalPolicy.RETAIN)

    def cluster(self, stack: cdk.Stack, name: str, *, native: bool) -> redshift.CfnCluster:
        """Declare a cluster, with or without copy properties of its own."""
        given: dict[str, Any] = {
            "destination_region": RECOVERY,
            "snapshot_copy_grant_name": GRANT,
            "snapshot_copy_retention_period": 7,
        }
        return redshift.CfnCluster(
            stack,
            name.title(),
            cluster_identifier=name,
            cluster_type="multi-node",
            node_type="ra3.large",
            number_of_nodes=2,
            db_name="dev",
            master_username="warehouse",
            manage_master_password=True,
            encrypted=True,
            manual_snapshot_retention_period=30,
            tags=[cdk.CfnTag(key="touched", value=str(self.touched))],
            **(given if native else {}),
        )


def both(*builds: Callable[[cdk.App], None]) -> Callable[[cdk.App], None]:
    """One app of several stacks."""

    def build(app: cdk.App) -> None:
        for each in builds:
            each(app)

    return build


def step(aws: EmulatedAws, app: Path, *clusters: str) -> Step:
    """Deploy, and look."""
    before = aws.mark()
    run = aws.cdk("deploy", "--all", app=app)
    live = {each["ClusterIdentifier"] for each in aws.client("redshift", PRIMARY).describe_clusters()["Clusters"]}
    return Step(
        run,
        [call for call in aws.calls(before) if call["service"] == "redshift" and call["mutating"]],
        {each: copy_status(aws, each) for each in clusters if each in live},
        {
            each: {
                found["SnapshotIdentifier"]
                for where in (RECOVERY, ELSEWHERE)
                for found in snapshots(aws, where, cluster=each)
            }
            for each in clusters
        },
    )


def recovery_points(aws: EmulatedAws, region: str, *clusters: str) -> dict[str, set[str]]:
    """Take manual snapshots, wait a day, and see which copies there are."""
    for each in clusters:
        take_snapshot(aws, f"{each}-by-hand", cluster=each)
    aws.advance(dt.timedelta(days=1))
    found = {name: {each["SnapshotIdentifier"] for each in snapshots(aws, region, cluster=name)} for name in clusters}
    assert all(f"{name}-by-hand" in found[name] and len(found[name]) > 1 for name in clusters)
    return found


@pytest.fixture(scope="module")
def folder(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where assemblies go; and the grant that all share."""
    aws.client("redshift", RECOVERY).create_snapshot_copy_grant(SnapshotCopyGrantName=GRANT)
    return tmp_path_factory.mktemp("take-over")


@pytest.fixture(scope="module")
def first(aws: EmulatedAws, folder: Path) -> Step:
    """Two clusters of the console: one does not copy, one copies as we want; and two with the L1's own properties."""
    aws.model("given_cluster", PRIMARY, "plain", encrypted=True)
    aws.model("given_cluster", PRIMARY, "equal", encrypted=True, copy=CopyConfig(RECOVERY, 7, 30, GRANT))
    app = synth(folder, both(existing(aws, "Adopting", "plain", "equal"), Native(aws).build))
    return step(aws, app, "plain", "equal", "swept", "forgotten")


@pytest.fixture(scope="module")
def refused(aws: EmulatedAws, folder: Path, first: Step) -> tuple[set[str], Step]:
    """One that copies elsewhere, and has copies there; nobody said that it may be second."""
    assert first.run.ok, first.run.output
    aws.model("given_cluster", PRIMARY, "astray", encrypted=True, copy=FOREIGN)
    before = recovery_points(aws, ELSEWHERE, "astray")["astray"]
    return before, step(aws, synth(folder, existing(aws, "Replacing", "astray")), "astray")


@pytest.fixture(scope="module")
def second(aws: EmulatedAws, folder: Path, refused: tuple[set[str], Step]) -> Step:
    """The same with ``replace_existing``; and the clusters with native properties get a tag, and then copies."""
    assert not refused[1].run.ok
    replacing = existing(aws, "Replacing", "astray", replace_existing=True)
    app = synth(folder, both(replacing, Native(aws, touched=True).build))
    return step(aws, app, "astray", "swept", "forgotten")


@pytest.fixture(scope="module")
def copied(aws: EmulatedAws, second: Step) -> dict[str, set[str]]:
    """The copies that there are before the change-over begins."""
    assert second.run.ok, second.run.output
    return recovery_points(aws, RECOVERY, "swept", "forgotten")


@pytest.fixture(scope="module")
def failed(aws: EmulatedAws, folder: Path, copied: dict[str, set[str]]) -> Step:
    """Changed over, while AWS refuses our EnableSnapshotCopy."""
    assert copied
    aws.faults("fail_next", "EnableSnapshotCopy", "LimitExceededFault")
    return step(aws, synth(folder, Native(aws, touched=True, swept=True).build), "swept", "forgotten")


@pytest.fixture(scope="module")
def changed(aws: EmulatedAws, folder: Path, failed: Step) -> Step:
    """Changed over on both ways at once."""
    assert not failed.run.ok
    everything = Native(aws, touched=True, swept=True, forgotten=True)
    return step(aws, synth(folder, everything.build), "swept", "forgotten")


def test_a_cluster_made_outside_cdk_gets_its_copy(first: Step) -> None:
    # GIVEN a cluster that was made by hand and copies nowhere
    # WHEN its copy is declared over an ExistingCluster
    assert first.run.ok, first.run.output
    # THEN it is on
    assert first.status["plain"] == ON


def test_an_equal_copy_is_adopted_without_a_gap(first: Step) -> None:
    # GIVEN a cluster whose copy somebody switched on with the same values
    # WHEN it is declared
    assert first.run.ok, first.run.output
    # THEN it never goes off
    assert first.status["equal"] == ON
    assert first.of("equal", "DisableSnapshotCopy", "EnableSnapshotCopy", "ModifySnapshotCopyRetentionPeriod") == []


def test_a_copy_that_goes_elsewhere_is_not_touched(refused: tuple[set[str], Step]) -> None:
    # GIVEN a cluster that copies to another Region
    before, found = refused
    # WHEN ours is declared without replace_existing
    assert not found.run.ok
    # THEN the deployment says what to do, and nothing changed
    assert "replace_existing=True" in found.run.output
    assert found.changes == []
    assert (found.status["astray"] or {})["DestinationRegion"] == ELSEWHERE
    assert before <= found.copies["astray"]


def test_replace_existing_swaps_it_in_one_deployment(refused: tuple[set[str], Step], second: Step) -> None:
    # GIVEN the same
    # WHEN replace_existing is passed
    assert second.run.ok, second.run.output
    # THEN the copy goes where we want, was off between two calls only, and the old copies are kept
    (off,) = second.of("astray", "DisableSnapshotCopy")
    (on,) = second.of("astray", "EnableSnapshotCopy")
    assert second.status["astray"] == ON
    assert dt.timedelta() <= on["at"] - off["at"] < dt.timedelta(minutes=1)
    assert refused[0] <= second.copies["astray"]


def test_the_native_properties_copy_nothing_until_the_cluster_is_touched(first: Step, second: Step) -> None:
    # GIVEN clusters with the L1's DestinationRegion
    # WHEN they are created, and then get a tag
    created, touched = ({name: each.status[name] for name in ("swept", "forgotten")} for each in (first, second))
    # THEN the copy is off at first and on afterwards: the ground of the tests below
    assert created == {"swept": None, "forgotten": None}
    assert touched == {"swept": ON, "forgotten": ON}


def test_a_change_over_that_fails_leaves_the_native_copy_on(copied: dict[str, set[str]], failed: Step) -> None:
    # GIVEN a cluster whose native properties leave in the deployment that brings our SnapshotCopy
    # WHEN AWS refuses ours
    assert not failed.run.ok
    assert failed.of("swept", "DisableSnapshotCopy")
    # THEN the rollback switches the native one on again, and no copy is lost
    assert failed.status == {"swept": ON, "forgotten": ON}
    assert copied["swept"] <= failed.copies["swept"]


def test_in_one_deployment_the_copy_is_off_for_a_moment(copied: dict[str, set[str]], changed: Step) -> None:
    # GIVEN a cluster whose native properties leave in the deployment that brings our SnapshotCopy
    # WHEN it is deployed
    assert changed.run.ok, changed.run.output
    # THEN CloudFormation switches the copy off and ours switches it on again soon after; old copies are kept
    (off,) = changed.of("swept", "DisableSnapshotCopy")
    (on,) = changed.of("swept", "EnableSnapshotCopy")
    assert changed.status["swept"] == ON
    assert dt.timedelta() <= on["at"] - off["at"] < SHORTEST_GAP
    assert copied["swept"] <= changed.copies["swept"]


def test_a_stack_that_forgets_the_cluster_leaves_no_gap(copied: dict[str, set[str]], changed: Step) -> None:
    # GIVEN a cluster that its stack retains
    # WHEN the stack forgets it, and declares our copy over an ExistingCluster in the same deployment
    assert changed.run.ok, changed.run.output
    # THEN the copy is never off, the cluster stands, and every copy is kept
    assert changed.of("forgotten", "DisableSnapshotCopy", "EnableSnapshotCopy", "DeleteCluster") == []
    assert changed.status["forgotten"] == ON
    assert copied["forgotten"] <= changed.copies["forgotten"]
