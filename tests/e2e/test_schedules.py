"""Redshift's own schedules, deployed by the real CLI: given, changed in place, moved, taken back, with IAM asked each time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import Duration, Environment
from aws_cdk import aws_logs as logs
from constructs import Construct

import resilient_redshift as rr
from tests.e2e.scene import PRIMARY, synth

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

CLUSTERS = ("sales", "finance")
TAKEN = "taken"


def deploy(
    aws: EmulatedAws,
    folder: Path,
    clusters: tuple[str, ...] = CLUSTERS,
    *,
    name: str = "Scheduled",
    hours: int = 4,
    moved: bool = False,
    removal: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
    made: bool = True,
    fails: bool = False,
) -> CdkRun:
    """Deploy a stack with one schedule for some clusters, or with something else only."""

    def build(app: cdk.App) -> None:
        stack = cdk.Stack(app, name, env=Environment(account=aws.account, region=PRIMARY))
        cdk.CfnWaitConditionHandle(stack, "Something")
        if made:
            schedule = rr.SnapshotSchedule(
                Construct(stack, "Elsewhere") if moved else stack,
                "Often",
                times=[rr.SnapshotTimes.every(Duration.hours(hours))],
                clusters=[rr.ExistingCluster.from_identifier(stack, name.title(), name) for name in clusters],
                removal_policy=removal,
            )
            if fails:  # a name that is taken, after everything that hangs on the schedule
                group = logs.CfnLogGroup(stack, "Taken", log_group_name=TAKEN)
                found = [node for node in stack.node.find_all() if isinstance(node, cdk.CfnResource)]
                group.node.add_dependency(
                    schedule, *(node for node in found if node.cfn_resource_type.endswith("ScheduleAssociation"))
                )

    return aws.cdk("deploy", "--all", "--method", "change-set", app=synth(folder, build))


def live(aws: EmulatedAws, clusters: tuple[str, ...] = CLUSTERS) -> list[Any]:
    """Each cluster's definitions, or the state of an association that is not active."""
    client = aws.client("redshift", PRIMARY)
    found = {each["ScheduleIdentifier"]: each for each in client.describe_snapshot_schedules()["SnapshotSchedules"]}
    named = {each["ClusterIdentifier"]: each for each in client.describe_clusters()["Clusters"]}
    return [
        found[named[each]["SnapshotScheduleIdentifier"]]["ScheduleDefinitions"]
        if named[each].get("SnapshotScheduleState") == "ACTIVE"
        else named[each].get("SnapshotScheduleState")
        for each in clusters
    ]


def test_the_life_of_a_schedule(aws: EmulatedAws, tmp_path: Path) -> None:
    # GIVEN two clusters that no stack made
    for name in CLUSTERS:
        aws.model("given_cluster", PRIMARY, name, encrypted=True)
    aws.client("logs", PRIMARY).create_log_group(logGroupName=TAKEN)

    # WHEN deployed THEN both have the schedule, and their snapshots come at its times
    run = deploy(aws, tmp_path)
    assert run.returncode == 0, run.output
    assert live(aws) == [["rate(4 hours)"]] * 2
    aws.advance(dt.timedelta(hours=25))
    taken = aws.client("redshift", PRIMARY).describe_cluster_snapshots(ClusterIdentifier="sales")["Snapshots"]
    assert len(taken) == 6

    # WHEN the same is deployed again THEN nothing changes
    before = aws.mark()
    assert deploy(aws, tmp_path).returncode == 0
    assert not [call for call in aws.calls(before) if call["service"] == "redshift" and call["mutating"]]

    # WHEN the times change THEN they reach the clusters in place
    run = deploy(aws, tmp_path, hours=6)
    assert run.returncode == 0, run.output
    assert live(aws) == [["rate(6 hours)"]] * 2

    # WHEN the construct moves with other times, which changes the generated name, and the deployment fails after that
    run = deploy(aws, tmp_path, hours=12, moved=True, fails=True)
    # THEN the clusters have the former schedule, and not the other one with nothing in the template to tell of it
    assert run.returncode != 0
    assert live(aws) == [["rate(6 hours)"]] * 2

    # WHEN the construct moves, which changes the generated name, and asks for its end THEN the clusters have the new one
    run = deploy(aws, tmp_path, hours=6, moved=True, removal=cdk.RemovalPolicy.DESTROY)
    assert run.returncode == 0, run.output
    assert live(aws) == [["rate(6 hours)"]] * 2

    # WHEN it is removed THEN each cluster has again what it had before this stack: none; the first schedule was to be
    # kept, and so was the one of the deployment that failed, which was adopted then
    run = deploy(aws, tmp_path, made=False)
    assert run.returncode == 0, run.output
    aws.advance(dt.timedelta(minutes=5))
    assert live(aws) == [None] * 2
    left = aws.client("redshift", PRIMARY).describe_snapshot_schedules()["SnapshotSchedules"]
    assert [each["AssociatedClusterCount"] for each in left] == [0, 0]


def test_both_keys_end_it(aws: EmulatedAws, tmp_path: Path) -> None:
    # GIVEN a cluster with a schedule of its own stack, which then asks for its end
    clusters = ("hr",)
    aws.model("given_cluster", PRIMARY, "hr", encrypted=True)
    assert deploy(aws, tmp_path, clusters, name="Ending").returncode == 0
    run = deploy(aws, tmp_path, clusters, name="Ending", removal=cdk.RemovalPolicy.DESTROY)
    assert run.returncode == 0, run.output
    # WHEN the stack is destroyed THEN the cluster lets the schedule go first, and it goes
    run = aws.cdk("destroy", "--all", "--force", app=max(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime))
    assert run.returncode == 0, run.output
    assert live(aws, clusters) == [None]
    names = [
        each["ScheduleIdentifier"]
        for each in aws.client("redshift", PRIMARY).describe_snapshot_schedules()["SnapshotSchedules"]
    ]
    assert not [name for name in names if "ending" in name]
