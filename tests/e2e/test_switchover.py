"""There and back with the command, with real deployments: a failover, its way home, and a planned switchover."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from resilient_redshift.cli.main import cli
from resilient_redshift.cli.tools import Tools
from tests.e2e.operator import rights
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, Scene, copy_status, deploy, snapshots

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

    import resilient_redshift as rr
    from emulator.aws import EmulatedAws

PLAN, BACK = f"{CLUSTER}-{PRIMARY}", f"{CLUSTER}-{RECOVERY}"
HOUR = dt.timedelta(hours=1)
#: Waits as short as a test can do with.
QUICK = {
    "modify_seconds": 20,
    "snapshot_seconds": 20,
    "copy_start_seconds": 5,
    "copy_seconds": 20,
    "restore_seconds": 60,
    "restore_starting_seconds": 10,
    "pause_seconds": 20,
    "delete_seconds": 20,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reversed(Scene):
    """The scene with a way home."""

    def build(self, app: cdk.App) -> rr.RecoveryPlan:
        """Declare both stacks."""
        plan = super().build(app)
        plan.reverse()
        return plan


class Warehouse:
    """The rows of the only table, by Region; and an operator, who has the rights of docs/switchover.md."""

    def __init__(self, aws: EmulatedAws) -> None:
        self.aws = aws
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": aws.account}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        iam = aws.client("iam", RECOVERY)
        role = iam.create_role(RoleName="operator", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self._role = str(role)
        iam.put_role_policy(RoleName="operator", PolicyName="switchover", PolicyDocument=rights("switchover"))
        iam.put_role_policy(RoleName="operator", PolicyName="reads", PolicyDocument=self._reads())
        self._env = aws.sign_in(self._role)

    def _reads(self) -> str:
        """The first five statements of docs/cli.md and StartRuns, for the machines of both Regions."""
        policy = json.loads(rights())
        wanted = [one for one in policy["Statement"] if one["Sid"] in _READS]
        for one in wanted:
            if one["Sid"] in {"ListRuns", "StartRuns", "WatchRuns"}:
                kind = "execution" if one["Sid"] == "WatchRuns" else "stateMachine"
                one["Resource"] = [f"arn:aws:states:*:{self.aws.account}:{kind}:*"]
        return json.dumps({**policy, "Statement": wanted})

    def run(self, *words: str, region: str = RECOVERY) -> Result:
        """Run a command to its end. AWS's time passes while it waits."""
        tools = Tools(
            clock=self.aws.now,
            sleep=lambda seconds: self.aws.advance(dt.timedelta(seconds=seconds)),
            interactive=lambda: False,
            region=region,
        )
        before = dict(os.environ)
        os.environ.update(self._env)
        try:
            result = CliRunner().invoke(
                cli, [*words, *(["--yes"] if words[0] != "status" else [])], obj=tools, catch_exceptions=False
            )
        finally:
            os.environ.clear()
            os.environ.update(before)
        return result

    def write(self, region: str, rows: int) -> None:
        """Insert rows through the Data API, as a client does."""
        data = self.aws.client("redshift-data", region)
        given = {"ClusterIdentifier": CLUSTER, "Database": "dev", "DbUser": self.cluster(region)["MasterUsername"]}
        insert = "insert into orders values " + ", ".join(["(1)"] * rows)  # noqa: S608 - ours
        asked = data.execute_statement(**given, Sql=insert)["Id"]
        self.aws.advance(dt.timedelta(seconds=10))
        assert data.describe_statement(Id=asked)["Status"] == "FINISHED"

    def rows(self, region: str, cluster: str = CLUSTER) -> int:
        """The rows that are in a cluster."""
        [found] = self.aws.model("content", region, cluster)["tables"].values()
        return int(found["rows"])

    def cluster(self, region: str, name: str = CLUSTER) -> dict[str, Any]:
        """A cluster as DescribeClusters shows it."""
        found: dict[str, Any] = self.aws.client("redshift", region).describe_clusters(ClusterIdentifier=name)
        return dict(found["Clusters"][0])

    def clusters(self, region: str) -> set[str]:
        """The names of all clusters of a Region."""
        found = self.aws.client("redshift", region).describe_clusters()["Clusters"]
        return {str(each["ClusterIdentifier"]) for each in found}

    def published(self) -> set[str]:
        """The endpoints that are published in both Regions."""
        folder = "/resilient-redshift/endpoints/"
        return {
            each["Name"].removeprefix(folder)
            for region in (PRIMARY, RECOVERY)
            for each in self.aws.client("ssm", region).get_parameters_by_path(Path=folder)["Parameters"]
        }

    def changes(self, since: int) -> list[dict[str, Any]]:
        """Calls since then that changed something in Redshift, and were taken."""
        return [
            call
            for call in self.aws.calls(since)
            if call["service"] == "redshift" and call["mutating"] and call["error"] is None
        ]

    def refusals(self) -> list[dict[str, Any]]:
        """What IAM refused the operator."""
        return [
            call for call in self.aws.calls(0) if call["principal"] == self._role and "Denied" in str(call["error"])
        ]


_READS = {"ReadPlans", "ReadRedshift", "ReadMetrics", "ListRuns", "WatchRuns", "StartRuns"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where assemblies go."""
    return tmp_path_factory.mktemp("switchover")


@pytest.fixture(scope="module")
def world(aws: EmulatedAws, folder: Path) -> Warehouse:
    """Both stacks with a way home; a day of snapshots and copies of a thousand rows, and then rows that no copy has."""
    run = deploy(aws, folder, Reversed(aws=aws))
    assert run.ok, run.output
    aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": 1000})
    aws.advance(dt.timedelta(days=1))
    aws.settings(**QUICK)
    warehouse = Warehouse(aws)
    warehouse.write(PRIMARY, 7)
    return warehouse


@dataclasses.dataclass(frozen=True)
class Home:
    """The way home after a failover, and what was there then."""

    switchover: Result
    rows: int
    published: set[str]
    clusters: set[str]
    cluster: dict[str, Any]
    old: dict[str, Any]
    old_rows: int


@pytest.fixture(scope="module")
def home(aws: EmulatedAws, world: Warehouse) -> Home:
    """The Region is lost; people work in the other one; the Region is back, is fenced, and people come home."""
    aws.region_down(PRIMARY)
    ended(world.run("failover", PLAN))
    world.write(RECOVERY, 20)
    aws.region_up(PRIMARY)
    aws.advance(HOUR)
    world.write(PRIMARY, 3)  # a job that came back
    ended(world.run("fence", PLAN, region=PRIMARY))
    world.write(RECOVERY, 30)
    switchover = ended(world.run("switchover", BACK, "--fence", region=PRIMARY))
    aws.advance(HOUR)
    clusters = world.clusters(PRIMARY)
    [retired] = clusters - {CLUSTER}
    old, old_rows = world.cluster(PRIMARY, retired), world.rows(PRIMARY, retired)
    return Home(switchover, world.rows(PRIMARY), world.published(), clusters, world.cluster(PRIMARY), old, old_rows)


@dataclasses.dataclass(frozen=True)
class Deployed:
    """The deployments at home, and the first drill after them."""

    unchanged: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    copy: dict[str, Any]
    drill: Result


@pytest.fixture(scope="module")
def deployed(aws: EmulatedAws, folder: Path, world: Warehouse, home: Home) -> Deployed:
    """Somebody deploys the stacks unchanged, and then with a change of the copy; a day later somebody drills."""
    assert home.published == set()
    since = aws.mark()
    run = deploy(aws, folder, Reversed(aws=aws))
    assert run.ok, run.output
    unchanged, since = world.changes(since), aws.mark()
    run = deploy(aws, folder, Reversed(aws=aws, keep_automated=8))
    assert run.ok, run.output
    changed = world.changes(since)
    aws.advance(dt.timedelta(days=1))
    return Deployed(unchanged, changed, copy_status(aws) or {}, world.run("drill", PLAN))


def ended(result: Result) -> Result:
    """A command that ended well."""
    assert result.exit_code == 0, result.output + result.stderr
    return result


def test_nothing_that_was_written_away_is_lost(home: Home) -> None:
    # GIVEN rows written in the recovery Region until the fence
    # WHEN the warehouse is home again THEN it has all of them, and the report says so
    assert home.rows == 1000 + 20 + 30
    assert "zero: everything until" in home.switchover.output
    assert home.published == set()


def test_the_old_cluster_keeps_its_rows_under_another_name(home: Home) -> None:
    # GIVEN a cluster that came back with rows that no other has
    # WHEN it made room THEN it is paused with every row, and copies nothing
    assert (home.old["ClusterStatus"], home.old.get("ClusterSnapshotCopyStatus")) == ("paused", None)
    assert home.old_rows == 1000 + 7 + 3


def test_the_stacks_own_the_right_cluster_and_make_none_anew(
    aws: EmulatedAws, world: Warehouse, home: Home, deployed: Deployed
) -> None:
    # GIVEN stacks that never heard of all this
    # WHEN they are deployed unchanged THEN they change nothing, because the copy goes the right way again already
    assert deployed.unchanged == []
    # AND with another retention they change that of the restored cluster; none is made, replaced or deleted
    assert {call["operation"] for call in deployed.changed} <= {"ModifySnapshotCopyRetentionPeriod", "CreateTags"}
    assert (deployed.copy["DestinationRegion"], deployed.copy["RetentionPeriod"]) == (RECOVERY, 8)
    assert world.clusters(PRIMARY) == home.clusters
    assert resources(aws, "AWS::Redshift::Cluster") == {CLUSTER}


def test_the_restored_cluster_has_what_the_template_says(aws: EmulatedAws, home: Home) -> None:
    # GIVEN a way home that the plan made from the cluster's own stack
    # WHEN the cluster is home THEN it has the key, the network and the security groups of the stack
    assert home.cluster["KmsKeyId"].rpartition("/")[2] in resources(aws, "AWS::KMS::Key")
    groups = {each["VpcSecurityGroupId"] for each in home.cluster["VpcSecurityGroups"]}
    assert groups <= resources(aws, "AWS::EC2::SecurityGroup")
    assert home.cluster["ClusterSubnetGroupName"] in resources(aws, "AWS::Redshift::ClusterSubnetGroup")


def resources(aws: EmulatedAws, kind: str) -> set[str]:
    """The physical ids of the cluster's stack's resources of a type."""
    found = aws.client("cloudformation", PRIMARY).describe_stack_resources(StackName="Prod")["StackResources"]
    return {each["PhysicalResourceId"] for each in found if each["ResourceType"] == kind}


def test_the_first_plan_works_again_without_a_word(deployed: Deployed) -> None:
    # GIVEN copies of the cluster that was lost, and new ones of the restored one
    # WHEN an operator drills THEN the machine takes the new cluster's copies
    assert deployed.drill.exit_code == 0, deployed.drill.output + deployed.drill.stderr


def test_a_planned_switchover_loses_nothing_and_needs_no_right_more(
    aws: EmulatedAws, world: Warehouse, deployed: Deployed
) -> None:
    # GIVEN the warehouse at home, with rows that no copy has yet
    assert deployed.drill.exit_code == 0
    world.write(PRIMARY, 11)
    rows, taken = world.rows(PRIMARY), len(snapshots(aws, PRIMARY, kind="manual"))
    # WHEN an operator moves it THEN every row is there, one snapshot more was taken, and one endpoint is published
    ended(world.run("switchover", PLAN, "--fence"))
    assert world.rows(RECOVERY) == rows
    assert len(snapshots(aws, PRIMARY, kind="manual")) == taken + 1
    assert world.published() == {PLAN}
    # AND nobody calls the fenced cluster a second writer, and IAM refused the operator nothing
    assert "two writers" not in world.run("status", PLAN).output
    assert world.refusals() == []
