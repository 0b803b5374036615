"""After the failover, and back: docs/failback.md step by step, with real deployments (issue 4, part 4)."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, Environment
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms

import resilient_redshift as rr
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, Scene, copy_status, deploy, network, snapshots, synth

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

PLAN = f"{CLUSTER}-{PRIMARY}"
BACK = f"{CLUSTER}-{RECOVERY}"
DIVERGED = f"{CLUSTER}-diverged"
HOUR = dt.timedelta(hours=1)
#: Calls that make, replace, change or delete a cluster.
TOUCHES = {"CreateCluster", "RestoreFromClusterSnapshot", "ModifyCluster", "DeleteCluster", "ResizeCluster"}


class Warehouse:
    """The rows of the only table, by Region; and what the machines do."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws

    def write(self, region: str, rows: int) -> None:
        """Insert rows through the Data API, as a client does."""
        data = self.aws.client("redshift-data", region)
        admin = self.cluster(region)["MasterUsername"]
        given = {"ClusterIdentifier": CLUSTER, "Database": "dev", "DbUser": admin}
        insert = "insert into orders values " + ", ".join(["(1)"] * rows)  # noqa: S608 - ours
        asked = data.execute_statement(**given, Sql=insert)["Id"]
        self.aws.advance(dt.timedelta(seconds=10))
        assert data.describe_statement(Id=asked)["Status"] == "FINISHED"

    def rows(self, region: str, cluster: str = CLUSTER) -> int:
        """The rows that stand in a cluster."""
        [found] = self.aws.model("content", region, cluster)["tables"].values()
        return int(found["rows"])

    def cluster(self, region: str, name: str = CLUSTER) -> dict[str, Any]:
        """A cluster as DescribeClusters tells it."""
        found: dict[str, Any] = self.aws.client("redshift", region).describe_clusters(ClusterIdentifier=name)
        return dict(found["Clusters"][0])

    def run(self, region: str, machine: str, given: dict[str, Any]) -> dict[str, Any]:
        """Run a state machine of a Region to its end; return its output, or its report where it failed."""
        states = self.aws.client("stepfunctions", region)
        [arn] = (
            each["stateMachineArn"] for each in states.list_state_machines()["stateMachines"] if machine in each["name"]
        )
        started = states.start_execution(stateMachineArn=arn, input=json.dumps(given))["executionArn"]
        self.aws.settle()
        ended = states.describe_execution(executionArn=started)
        told = ended.get("output") or ended.get("cause") or ""
        assert told.startswith("{"), ended
        return dict(json.loads(told))

    def restore(self, region: str, plan: str, mode: str = "failover", **given: Any) -> dict[str, Any]:
        """Run the site's machine."""
        return self.run(region, "Restore", {"plan": plan, "mode": mode, **given})

    def points(self) -> set[tuple[str, str]]:
        """Every recovery point that nobody's retention ends during this story: manual ones, in both Regions."""
        return {
            (region, each["SnapshotIdentifier"])
            for region in (PRIMARY, RECOVERY)
            for name in (CLUSTER, DIVERGED)
            for each in snapshots(self.aws, region, kind="manual", cluster=name)
            if each["Status"] == "available"
        }

    def changes(self, since: int) -> list[dict[str, Any]]:
        """Calls since then that changed something in Redshift, and were taken."""
        return [
            call
            for call in self.aws.calls(since)
            if call["service"] == "redshift" and call["mutating"] and call["error"] is None
        ]


def resources(aws: EmulatedAws, stack: str, kind: str) -> list[str]:
    """The physical ids of a stack's resources of a type."""
    found = aws.client("cloudformation", PRIMARY).describe_stack_resources(StackName=stack)["StackResources"]
    return [each["PhysicalResourceId"] for each in found if each["ResourceType"] == kind]


def reverse(aws: EmulatedAws, app: cdk.App) -> rr.RecoveryPlan:
    """The app of its own that names the restored cluster, and protects it in the old primary Region."""
    away = cdk.Stack(app, "SalesAway", env=Environment(account=aws.account, region=RECOVERY))
    home = cdk.Stack(app, "SalesHome", env=Environment(account=aws.account, region=PRIMARY))
    old = aws.client("redshift", PRIMARY).describe_clusters(ClusterIdentifier=DIVERGED)["Clusters"][0]
    [group] = old["VpcSecurityGroups"]
    site = rr.RecoverySite(
        home,
        "Site",
        vpc=network(aws, home),
        security_groups=[ec2.SecurityGroup.from_security_group_id(home, "Clients", group["VpcSecurityGroupId"])],
        encryption_key=kms.Key.from_key_arn(home, "Key", old["KmsKeyId"]),
    )
    sales = rr.ExistingCluster.from_identifier(
        away,
        "Sales",
        CLUSTER,
        encrypted=True,
        node_type="ra3.large",
        number_of_nodes=2,
        parameters={"enable_user_activity_logging": "true", "require_ssl": "true"},
    )
    plan = site.protect(
        sales, objectives=rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4))
    )
    plan.keep_manual_snapshots(
        "NightlyAway", schedule=events.Schedule.cron(hour="3", minute="30"), keep=Duration.days(7)
    )
    return plan


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where assemblies go."""
    return tmp_path_factory.mktemp("failback")


@pytest.fixture(scope="module")
def world(aws: EmulatedAws) -> Warehouse:
    """What is looked at."""
    return Warehouse(aws)


@pytest.fixture(scope="module")
def first(aws: EmulatedAws, folder: Path, world: Warehouse) -> CdkRun:
    """Both stacks of the first app; a day of snapshots and copies of a thousand rows; then some rows that no copy has."""
    run = deploy(aws, folder, Scene(aws=aws))
    assert run.ok, run.output
    aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": 1000})
    aws.advance(dt.timedelta(days=1))
    world.write(PRIMARY, 7)
    return run


@dataclasses.dataclass(frozen=True)
class Step:
    """What a step of the page ended with."""

    report: dict[str, Any]
    points: set[tuple[str, str]]
    changes: list[dict[str, Any]] = dataclasses.field(default_factory=list)


@pytest.fixture(scope="module")
def away(aws: EmulatedAws, world: Warehouse, first: CdkRun) -> Step:
    """The Region is lost, the cluster comes back in the other one, and people work there."""
    assert first.ok
    before = world.points()
    aws.region_down(PRIMARY)
    report = world.restore(RECOVERY, PLAN)
    assert world.rows(RECOVERY) == 1000
    world.write(RECOVERY, 20)
    return Step(report, before)


@pytest.fixture(scope="module")
def fenced(aws: EmulatedAws, world: Warehouse, away: Step) -> Step:
    """Step 1: the Region answers again, a job writes to the old cluster, and it is fenced."""
    assert away.report["outcome"] == "Restored", away.report
    aws.region_up(PRIMARY)
    aws.advance(HOUR)
    world.write(PRIMARY, 3)
    home = aws.client("redshift", PRIMARY)
    home.disable_snapshot_copy(ClusterIdentifier=CLUSTER)
    home.modify_cluster(ClusterIdentifier=CLUSTER, NewClusterIdentifier=DIVERGED)
    aws.advance(HOUR)
    home.pause_cluster(ClusterIdentifier=DIVERGED)
    aws.advance(HOUR)
    return Step({}, world.points())


@dataclasses.dataclass(frozen=True)
class Meddling:
    """A deployment that should not have been, and what the page says to do then."""

    run: CdkRun
    status: str
    mended: str
    changes: list[dict[str, Any]]
    points: set[tuple[str, str]]


@pytest.fixture(scope="module")
def meddled(aws: EmulatedAws, folder: Path, world: Warehouse, fenced: Step) -> Meddling:
    """Somebody deploys the first app, with a change of the copy, while there is no cluster of that name."""
    assert fenced.points
    since = aws.mark()
    run = deploy(aws, folder, Scene(aws=aws, keep_automated=9))
    stacks = aws.client("cloudformation", PRIMARY)

    def status() -> str:
        return str(stacks.describe_stacks(StackName="Prod")["Stacks"][0]["StackStatus"])

    failed = status()
    events_ = stacks.describe_stack_events(StackName="Prod")["StackEvents"]
    copy = next(e["LogicalResourceId"] for e in events_ if e["ResourceType"] == "Custom::RedshiftSnapshotCopy")
    stacks.continue_update_rollback(StackName="Prod", ResourcesToSkip=[copy])
    aws.settle()
    return Meddling(run, failed, status(), world.changes(since), world.points())


@pytest.fixture(scope="module")
def protected(aws: EmulatedAws, folder: Path, world: Warehouse, meddled: Meddling) -> CdkRun:
    """Step 2: an app of its own protects the restored cluster where it is; people work on."""
    assert not meddled.run.ok
    run = aws.cdk("deploy", "--all", app=synth(folder, lambda app: reverse(aws, app)))
    assert run.ok, run.output
    world.write(RECOVERY, 30)
    aws.advance(dt.timedelta(days=1))
    world.write(RECOVERY, 40)
    return run


@pytest.fixture(scope="module")
def rehearsed(world: Warehouse, protected: CdkRun) -> dict[str, Any]:
    """Step 3: a drill of the way back, while the fenced cluster stands."""
    assert protected.ok
    return world.restore(PRIMARY, BACK, "drill")


@pytest.fixture(scope="module")
def switched(aws: EmulatedAws, world: Warehouse, rehearsed: dict[str, Any]) -> Step:
    """Step 4: nobody writes any more, the last snapshot arrives, and is restored under the old name."""
    assert rehearsed["outcome"] == "Passed", rehearsed
    taken = world.run(
        RECOVERY,
        "ResilientRedshiftSnapshots",
        {
            "cluster_identifier": CLUSTER,
            "rule": "nightlyaway",
            "keep_days": 7,
            "plan": BACK,
            "reason": "return",
        },
    )
    aws.advance(HOUR)
    points = world.points()
    report = world.restore(PRIMARY, BACK, snapshot=taken["snapshot_identifier"])
    return Step(report, points)


@pytest.fixture(scope="module")
def home(aws: EmulatedAws, folder: Path, world: Warehouse, switched: Step) -> Step:
    """Step 5: the first app is deployed with one changed property of its copy, which turns the copy round."""
    assert switched.report["outcome"] == "Restored", switched.report
    aws.client("redshift", RECOVERY).pause_cluster(ClusterIdentifier=CLUSTER)
    aws.client("ssm", RECOVERY).delete_parameter(Name=f"/resilient-redshift/endpoints/{PLAN}")
    world.write(PRIMARY, 50)
    since = aws.mark()
    run = deploy(aws, folder, Scene(aws=aws, keep_automated=8))
    assert run.ok, run.output
    return Step({}, world.points(), world.changes(since))


def test_the_failover_brings_back_what_was_copied(away: Step) -> None:
    # GIVEN a day of copies, and seven rows after them
    # WHEN the Region is lost and the machine of the other one has run
    assert away.report["outcome"] == "Restored", away.report
    # THEN the cluster stands there under its name; the seven rows are what a recovery point costs
    assert away.report["cluster"]["identifier"] == CLUSTER


def test_the_fenced_cluster_keeps_its_data_and_bothers_nobody(
    aws: EmulatedAws, world: Warehouse, away: Step, fenced: Step, protected: CdkRun
) -> None:
    # GIVEN the old cluster with rows that no other has
    assert protected.ok
    # WHEN it was fenced as the page says
    old = world.cluster(PRIMARY, DIVERGED)
    # THEN it is paused under another name with every row, copies nothing, and no manual snapshot is gone
    assert (old["ClusterStatus"], world.rows(PRIMARY, DIVERGED)) == ("paused", 1010)
    assert copy_status(aws, DIVERGED) is None
    names = {name for _, name in fenced.points}
    assert {name for _, name in away.points} <= names


def test_a_deployment_that_touches_the_copy_meanwhile_changes_nothing_and_is_mended(
    fenced: Step, meddled: Meddling
) -> None:
    # GIVEN a fenced cluster, and a first app that nobody kept from being deployed
    # WHEN it is deployed with a change of the copy
    assert not meddled.run.ok
    assert "there is no cluster 'sales' in us-east-1; nothing was changed" in " ".join(meddled.run.output.split())
    # THEN not even the rollback finds the cluster; nothing was changed, and the page's command ends it
    assert (meddled.status, meddled.mended) == ("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")
    assert (meddled.changes, meddled.points) == ([], fenced.points)


def test_the_restored_cluster_is_protected_from_an_app_of_its_own(aws: EmulatedAws, protected: CdkRun) -> None:
    # GIVEN a cluster that no stack owns
    # WHEN the app of its own is deployed, with a site in the old primary Region
    assert protected.ok, protected.output
    # THEN its copies arrive there, beside the first plan's record, and no stack holds the cluster
    back = [each for each in snapshots(aws, PRIMARY) if each.get("SourceRegion") == RECOVERY]
    assert {each["SnapshotType"] for each in back} == {"automated", "manual"}
    parameters = aws.client("ssm", PRIMARY)
    for plan in (PLAN, BACK):
        record = parameters.get_parameter(Name=f"/resilient-redshift/plans/{plan}")["Parameter"]["Value"]
        assert json.loads(record)["plan"] == plan
    away = aws.client("cloudformation", RECOVERY)
    held = [
        each["ResourceType"]
        for stack in away.describe_stacks()["Stacks"]
        for each in away.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
    ]
    assert "AWS::Redshift::Cluster" not in held


def test_nothing_that_was_written_meanwhile_is_lost(world: Warehouse, switched: Step, home: Step) -> None:
    # GIVEN rows written in the recovery Region until the writers stopped
    assert home.changes
    # WHEN the last snapshot was restored at home, and people write there
    assert switched.report["outcome"] == "Restored", switched.report
    # THEN all of them are there: 1000 copied, 90 written away, 50 since
    assert world.rows(RECOVERY) == 1000 + 20 + 30 + 40
    assert world.rows(PRIMARY) == 1090 + 50


def test_the_first_stack_owns_the_restored_cluster_and_only_switches_its_copy_on(
    aws: EmulatedAws, home: Step, switched: Step
) -> None:
    # GIVEN the first app, whose stack believes in a cluster of that name, and never heard of all this
    # WHEN it is deployed with one property of its copy changed
    # THEN nobody makes, replaces, changes or deletes a cluster; the copy goes the right way round again
    assert {call["operation"] for call in home.changes} == {"EnableSnapshotCopy", "CreateTags"}
    assert (copy_status(aws) or {})["DestinationRegion"] == RECOVERY
    assert aws.client("cloudformation", PRIMARY).describe_stacks(StackName="Prod")["Stacks"][0]["StackStatus"] == (
        "UPDATE_COMPLETE"
    )
    assert resources(aws, "Prod", "AWS::Redshift::Cluster") == [CLUSTER]
    assert switched.points <= home.points


def test_the_restored_cluster_has_what_the_first_stacks_template_says(
    aws: EmulatedAws, world: Warehouse, home: Step
) -> None:
    # GIVEN a site that was given the key and the security group of the first stack
    assert home.changes
    # WHEN its machine has restored THEN the cluster has them
    cluster = world.cluster(PRIMARY)
    keys, groups = (resources(aws, "Prod", kind) for kind in ("AWS::KMS::Key", "AWS::EC2::SecurityGroup"))
    assert cluster["KmsKeyId"].rpartition("/")[2] in keys
    assert [each["VpcSecurityGroupId"] for each in cluster["VpcSecurityGroups"]] == groups
    assert (cluster["Encrypted"], cluster["PubliclyAccessible"]) == (True, False)


def test_the_same_deployment_once_more_changes_nothing(
    aws: EmulatedAws, folder: Path, world: Warehouse, home: Step
) -> None:
    # GIVEN the first app, home again
    assert home.changes
    since = aws.mark()
    # WHEN it is deployed again as it is
    run = deploy(aws, folder, Scene(aws=aws, keep_automated=8))
    # THEN nobody changes anything
    assert run.ok, run.output
    assert world.changes(since) == []


def test_the_first_plan_works_again_once_the_new_lineage_is_accepted(
    aws: EmulatedAws, world: Warehouse, home: Step
) -> None:
    # GIVEN copies of the cluster that was lost, and new ones of the restored one
    assert home.changes
    aws.advance(dt.timedelta(days=1))
    # WHEN a drill of the first plan runs without a word, and with the new lineage
    unsure = world.restore(RECOVERY, PLAN, "drill")
    born = f"{world.cluster(PRIMARY)['ClusterCreateTime']:%Y-%m-%dT%H:%M:%S.%fZ}"
    accepted = world.restore(RECOVERY, PLAN, "drill", lineage=born)
    # THEN the machine takes the new cluster's copies only when told to, and what it made is gone
    assert unsure["outcome"] == "AmbiguousLineage"
    assert accepted["outcome"] == "Passed", accepted
    assert accepted["snapshot"]["lineage"] >= born[:19]
    names = {each["ClusterIdentifier"] for each in aws.client("redshift", RECOVERY).describe_clusters()["Clusters"]}
    assert names == {CLUSTER}
