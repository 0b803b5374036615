"""Small apps to deploy: the library's constructs with as little beside them as AWS allows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import Duration, Environment
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events

import resilient_redshift as rr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

PRIMARY = "us-east-1"
RECOVERY = "us-west-2"
ELSEWHERE = "eu-west-1"
CLUSTER = "sales"

#: No snapshot and no outage makes a cluster busy for longer.
LONGEST_WAIT = dt.timedelta(days=2)

_numbers = itertools.count(1)


def network(aws: EmulatedAws, stack: cdk.Stack) -> ec2.IVpc:
    """The Region's default VPC, which stands already: its resources are no concern of ours."""
    subnets = aws.client("ec2", stack.region).describe_subnets()["Subnets"]
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Network",
        vpc_id=subnets[0]["VpcId"],
        availability_zones=[subnet["AvailabilityZone"] for subnet in subnets],
        isolated_subnet_ids=[subnet["SubnetId"] for subnet in subnets],
        isolated_subnet_route_table_ids=["rtb-0123456789abcdef0" for _ in subnets],
    )


def synth(folder: Path, build: Callable[[cdk.App], Any], *, watched: bool = False) -> Path:
    """Make the cloud assembly of an app in a new folder.

    Args:
        folder: the folder.
        build: builds the app.
        watched: whether the watchers run every 15 minutes. Default: they look in deployments only, because most tests
            let days pass and look at something else.
    """
    outdir = folder / f"assembly-{next(_numbers)}"
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    build(app)
    for node in () if watched else app.node.find_all():
        if isinstance(node, events.CfnRule) and (node.description or "").startswith("the watch over recovery points"):
            node.state = "DISABLED"
    app.synth()
    return outdir


@dataclasses.dataclass(frozen=True, kw_only=True)
class Scene:
    """A cluster and its plan; change a field with ``dataclasses.replace`` for the next deployment.

    Attributes:
        aws: where it is deployed.
        recovery_region: where the copies go.
        cluster: how the cluster is declared; an ExistingCluster for False.
        keep_automated: days of copied automated snapshots.
        key_generation: of the site.
        accept_loss: the second key for a shorter retention.
        replace_existing: take over a copy that goes elsewhere.
        rule: whether a nightly rule takes manual snapshots.
        keep_in_recovery: days of the nightly rule's copies; as at home unless given.
        prefix: of the stacks' names.
        plan_arguments: more for ``protect``.
    """

    aws: EmulatedAws
    recovery_region: str = RECOVERY
    ours: bool = True
    keep_automated: int = 7
    key_generation: int = 1
    rule: bool = True
    keep_in_recovery: int | None = None
    prefix: str = ""
    cluster_id: str = "Warehouse"
    plan_arguments: dict[str, Any] = dataclasses.field(default_factory=dict)

    def build(self, app: cdk.App) -> rr.RecoveryPlan:
        """Declare both stacks."""
        prod = cdk.Stack(app, f"{self.prefix}Prod", env=Environment(account=self.aws.account, region=PRIMARY))
        recovery = cdk.Stack(
            app,
            f"{self.prefix}Recovery{self.recovery_region.replace('-', '')}",
            env=Environment(account=self.aws.account, region=self.recovery_region),
        )
        site = rr.RecoverySite(recovery, "Site", vpc=network(self.aws, recovery), key_generation=self.key_generation)
        plan = site.protect(
            self.cluster(prod),
            objectives=rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4)),
            keep_automated=Duration.days(self.keep_automated),
            **self.plan_arguments,
        )
        if self.rule:
            plan.keep_manual_snapshots(
                "Nightly",
                schedule=events.Schedule.cron(hour="3", minute="0"),
                keep=Duration.days(7),
                keep_in_recovery=None if self.keep_in_recovery is None else Duration.days(self.keep_in_recovery),
            )
        return plan

    def cluster(self, stack: cdk.Stack) -> Any:
        """The cluster, ours or one that stands already."""
        if self.ours:
            return rr.ResilientCluster(
                stack, self.cluster_id, cluster_identifier=CLUSTER, vpc=network(self.aws, stack), node_type="ra3.large"
            )
        return rr.ExistingCluster.from_identifier(stack, self.cluster_id, CLUSTER, encrypted=True, parameters={})


def deploy(aws: EmulatedAws, folder: Path, scene: Scene, *arguments: str) -> CdkRun:
    """Synthesize and deploy with the real CLI."""
    return aws.cdk("deploy", "--all", *arguments, app=synth(folder, scene.build))


def copy_status(aws: EmulatedAws, cluster: str = CLUSTER, region: str = PRIMARY) -> dict[str, Any] | None:
    """The live configuration of a cluster's copy, as DescribeClusters says it; None if it is off."""
    found = aws.client("redshift", region).describe_clusters(ClusterIdentifier=cluster)["Clusters"][0]
    status: dict[str, Any] | None = found.get("ClusterSnapshotCopyStatus")
    return status


def snapshots(
    aws: EmulatedAws, region: str, *, kind: str | None = None, cluster: str = CLUSTER
) -> list[dict[str, Any]]:
    """The snapshots of a cluster that stand in a Region, all pages, oldest data first."""
    pages = aws.client("redshift", region).get_paginator("describe_cluster_snapshots").paginate()
    found = [snapshot for page in pages for snapshot in page["Snapshots"]]
    return sorted(
        (each for each in found if each["ClusterIdentifier"] == cluster and kind in {None, each["SnapshotType"]}),
        key=lambda each: (each["SnapshotCreateTime"], each["SnapshotIdentifier"]),
    )


def is_free(aws: EmulatedAws, cluster: str = CLUSTER) -> bool:
    """Whether a cluster of the primary Region is available, and no snapshot of it under way: Redshift takes one at a time."""
    [found] = aws.client("redshift", PRIMARY).describe_clusters(ClusterIdentifier=cluster)["Clusters"]
    under_way = [each for each in snapshots(aws, PRIMARY, cluster=cluster) if each["Status"] == "creating"]
    return found["ClusterStatus"] == "available" and not under_way


def wait_until(aws: EmulatedAws, met: Callable[[], bool], step: dt.timedelta) -> None:
    """Let time pass until something is so; AssertionError after days."""
    end = aws.now() + LONGEST_WAIT
    while not met():
        assert aws.now() < end, f"after {LONGEST_WAIT}: {snapshots(aws, PRIMARY)[-2:]}"
        aws.advance(step)


def take_snapshot(aws: EmulatedAws, identifier: str, *, cluster: str = CLUSTER, **more: Any) -> None:
    """Take a snapshot by hand as soon as the cluster is free."""
    wait_until(aws, lambda: is_free(aws, cluster), dt.timedelta(minutes=1))
    aws.client("redshift", PRIMARY).create_cluster_snapshot(
        SnapshotIdentifier=identifier, ClusterIdentifier=cluster, **more
    )


def switch_rules(aws: EmulatedAws, region: str, word: str = "", *, on: bool) -> list[str]:
    """Enable or disable the library's rules whose description holds a word; their names."""
    client = aws.client("events", region)
    found = [
        each["Name"]
        for each in client.list_rules()["Rules"]
        if word in each.get("Description", "") and "(resilient_redshift)" in each.get("Description", "")
    ]
    for name in found:
        (client.enable_rule if on else client.disable_rule)(Name=name)
    return found


def fire_rule(aws: EmulatedAws, region: str, word: str) -> None:
    """Let the only rule whose description holds a word fire once, at its next time, and let end what it starts.

    The rule is disabled before and after. So it fires once whatever the minute is, and never beside a test.
    """
    [rule] = switch_rules(aws, region, word, on=True)
    due = aws.next_firing(region, rule)
    assert due is not None, rule
    aws.advance_to(due)
    switch_rules(aws, region, word, on=False)
    aws.settle()


def executions(aws: EmulatedAws, region: str, machine: str) -> list[dict[str, Any]]:
    """All executions of the only state machine whose name or ARN holds a word, newest first, as they are described."""
    states = aws.client("stepfunctions", region)
    (arn,) = (
        each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"] if machine in each["name"]
    )
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=arn)
    return [
        states.describe_execution(executionArn=each["executionArn"]) for page in pages for each in page["executions"]
    ]
