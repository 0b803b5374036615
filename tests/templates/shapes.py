"""The shapes of apps that every law, check and golden file is held against; each is declared once a session."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import Duration, Environment
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import aws_sns as sns

import resilient_redshift as rr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from constructs import Construct

    from tests.templates.resolve import Template

ROOT: Final = Path(__file__).parent.parent.parent
ACCOUNT: Final = "123456789012"
CLUSTERS: Final = 20
#: The longest that CloudFormation takes, and the longest that Redshift takes.
LONGEST_STACK_NAME: Final = 128
LONGEST_IDENTIFIER: Final = 63
OBJECTIVES: Final = rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4))
BANK_BOUNDARY: Final = "workload-boundary"
BANK_ROLE_PATH: Final = "/data/warehouse/"
BANK_LOG_DAYS: Final = 3653
BANK_KEY: Final = "LogKey"
#: The newest Python that CDK has, so that cdk-nag has no finding which the library would not acknowledge.
BANK_RUNTIME: Final = "python3.14"
BANK_TAGS: Final = {"cost-center": "4711", "owner": "data-platform"}


@dataclass(frozen=True)
class Shape:
    """A synthesized app."""

    name: str
    app: cdk.App
    templates: Mapping[str, Template] = field(repr=False)
    folder: Path

    def stack(self, name: str) -> cdk.Stack:
        """A stack of the app, by its name in ``templates``."""
        (found,) = (
            node for node in self.app.node.find_all() if isinstance(node, cdk.Stack) and node.artifact_id == name
        )
        return found


def example(app: cdk.App) -> None:
    """The real ``app.py``, with the context of ``cdk.json``."""
    importlib.import_module("app").build(app)


def twenty(app: cdk.App) -> None:
    """What one pair of stacks must hold, with every name as long as it may be."""
    alike(app, CLUSTERS)


def alike(app: cdk.App, clusters: int) -> None:
    """So many clusters in one pair of stacks, each with a plan, a rule and a rehearsal, and names as long as they may be."""
    home, away = _pair(app, "Many", stack_name="m" * LONGEST_STACK_NAME)
    site = rr.RecoverySite(away, "Site", vpc=vpc_of(away), manual_snapshot_quota=1000)
    for number in range(clusters):
        identifier = f"cluster-{number:02}-".ljust(LONGEST_IDENTIFIER, "x")
        cluster = rr.ResilientCluster(
            home, f"Cluster{number}", cluster_identifier=identifier, vpc=vpc_of(home), node_type="ra3.large"
        )
        plan = site.protect(
            cluster,
            objectives=OBJECTIVES,
            plan_name=f"plan-{number:02}-".ljust(LONGEST_IDENTIFIER, "x"),
            manual_snapshot_quota=1000,
            repair=rr.Repair(replace=True),
        )
        plan.keep_manual_snapshots("Nightly", schedule=nightly(), keep=Duration.days(7))
        plan.rehearse("Monthly")


def standalone(app: cdk.App) -> None:
    """Each concern on each kind of cluster that is not ours, without any plan."""
    home, away = _pair(app, "Standalone")
    grant = rr.SnapshotCopyGrant(
        away,
        "Grant",
        snapshot_copy_grant_name="standalone",
        encryption_key=kms.Key(away, "Key", enable_key_rotation=True),
    )
    plain = _l1(home)
    plain.with_(rr.AutomatedSnapshotRetention(Duration.days(14)))
    second = alpha.Cluster(
        home,
        "Second",
        master_user=alpha.Login(master_username="warehouse_admin"),
        vpc=vpc_of(home),
        cluster_name="from-alpha",
        node_type=alpha.NodeType.RA3_LARGE,
        port=5440,
    )
    clusters: dict[str, Any] = {
        "Old": rr.ExistingCluster.from_identifier(home, "Legacy", "legacy", encrypted=True),
        "Plain": plain,
        "Alpha": rr.ExistingCluster.from_alpha(second),
    }
    for number, (name, cluster) in enumerate(clusters.items()):
        rr.SnapshotCopy(
            home,
            f"{name}Copy",
            cluster=cluster,
            destination_region="us-west-2",
            snapshot_copy_grant_name=grant.snapshot_copy_grant_name if number else None,
            removal_policy=cdk.RemovalPolicy.DESTROY if number else cdk.RemovalPolicy.RETAIN,
        )
        schedule = events.Schedule.cron(hour=str(number), minute="0")
        rr.ManualSnapshotRule(home, f"{name}Rule", cluster=cluster, schedule=schedule, keep=Duration.days(3))
    rr.SnapshotSchedule(home, "Often", times=[every_four_hours()], clusters=[clusters["Old"], plain])
    rr.SnapshotSchedule(
        home,
        "Daily",
        times=[rr.SnapshotTimes.cron(hour="3")],
        clusters=[clusters["Alpha"]],
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )


def every_four_hours() -> rr.SnapshotTimes:
    """Redshift's own schedule, better than none."""
    return rr.SnapshotTimes.every(Duration.hours(4))


def environments(app: cdk.App) -> None:
    """Production and development in one account and the same Regions."""
    for name in ("Prod", "Dev"):
        home, away = _pair(app, name)
        _protected(home, away, identifier=f"sales-{name.lower()}")


def govcloud(app: cdk.App) -> None:
    """GovCloud, with the partition written as a literal where CDK is asked to."""
    _protected(*_pair(app, "Gov", "us-gov-west-1", "us-gov-east-1"))


def china(app: cdk.App) -> None:
    """China."""
    home, away = _pair(app, "China", "cn-north-1", "cn-northwest-1")
    _protected(home, away, repair=rr.Repair()).rehearse("Monthly")


def stage(app: cdk.App) -> None:
    """Both stacks in one Stage, as a pipeline deploys them."""
    _protected(*_pair(cdk.Stage(app, "Production"), "Staged"))


def agnostic(app: cdk.App) -> None:
    """A stack for any account and Region: everything that stays in one Region, and guardrails."""
    stack = cdk.Stack(app, "Agnostic")
    cluster = rr.ResilientCluster(stack, "Warehouse", vpc=vpc_of(stack), node_type="ra3.large")
    rr.ManualSnapshotRule(stack, "Nightly", cluster=cluster, schedule=nightly(), keep=Duration.days(7))
    rr.SnapshotCopyGrant(
        stack,
        "Grant",
        snapshot_copy_grant_name="agnostic",
        encryption_key=kms.Key(stack, "Key", enable_key_rotation=True),
    )
    rr.RecoveryGuardrails(
        stack,
        "Guardrails",
        break_glass_roles=[f"arn:{stack.partition}:iam::{stack.account}:role/BreakGlass"],
        role_paths=["/resilient-redshift/"],
        notify=sns.Topic.from_topic_arn(
            stack, "Operators", f"arn:{stack.partition}:sns:{stack.region}:{stack.account}:operators"
        ),
    )


def bank(app: cdk.App) -> None:
    """What a bank asks of everything that is made, and each of our constructs that makes a role, a log group or a queue."""
    home, away = _pair(app, "Bank")
    rr.StackSettings(role_path=BANK_ROLE_PATH, log_retention=Duration.days(BANK_LOG_DAYS)).apply(app)
    for stack in (home, away):
        key = kms.Key(stack, BANK_KEY, enable_key_rotation=True)
        rr.StackSettings(encryption_key=key, lambda_vpc=vpc_of(stack), lambda_runtime=BANK_RUNTIME).apply(stack)
    iam.PermissionsBoundary.of(app).apply(iam.ManagedPolicy.from_managed_policy_name(home, "Boundary", BANK_BOUNDARY))
    for name, value in BANK_TAGS.items():
        cdk.Tags.of(app).add(name, value)
    plan = _protected(home, away, repair=rr.Repair(replace=True, accept_loss_of_copies=True))
    plan.keep_manual_snapshots(
        "Monthly",
        schedule=events.Schedule.cron(day="1", hour="4", minute="0"),
        keep=Duration.days(90),
        keep_in_recovery=Duration.days(180),
        run_on_deploy=True,
    )
    plan.rehearse("Monthly", checks=[rr.SqlCheck("select count(*) > 0 from sales")])
    site = away.node.find_child("Site")
    assert isinstance(site, rr.RecoverySite)
    site.region_switch_step()
    cluster = rr.ExistingCluster.from_identifier(home, "Legacy", "legacy")
    rr.SnapshotSchedule(home, "Often", times=[rr.SnapshotTimes.every(Duration.hours(4))], clusters=[cluster])


SHAPES: Final[Mapping[str, Callable[[cdk.App], None]]] = {
    shape.__name__: shape
    for shape in (example, twenty, standalone, environments, govcloud, china, stage, agnostic, bank)
}
STACKS: Final[Mapping[str, tuple[str, ...]]] = {
    "example": ("Warehouse", "WarehouseRecovery"),
    "twenty": ("Many", "ManyRecovery"),
    "standalone": ("Standalone", "StandaloneRecovery"),
    "environments": ("Prod", "ProdRecovery", "Dev", "DevRecovery"),
    "govcloud": ("Gov", "GovRecovery"),
    "china": ("China", "ChinaRecovery"),
    "stage": ("ProductionStagedAD91D327", "ProductionStagedRecovery65D0EC75"),
    "agnostic": ("Agnostic",),
    "bank": ("Bank", "BankRecovery"),
}
#: Every template, as "shape/stack".
TEMPLATES: Final = tuple(f"{shape}/{stack}" for shape, stacks in STACKS.items() for stack in stacks)


def declare(name: str, folder: Path) -> cdk.App:
    """Declare a shape without synthesizing it."""
    context = {"aws:cdk:enable-path-metadata": True}  # as the CLI does: it counts in a template's size
    if name == "example":
        context |= json.loads((ROOT / "cdk.json").read_text())["context"]
    if name == "govcloud":
        context |= {"@aws-cdk/core:enablePartitionLiterals": True}
    app = cdk.App(
        outdir=str(folder),
        context=context,
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=False,
    )
    SHAPES[name](app)
    return app


def synthesize(name: str, folder: Path) -> Shape:
    """Declare and synthesize a shape."""
    app = declare(name, folder)
    assembly = app.synth()
    nested = [inner.nested_assembly for inner in assembly.nested_assemblies]
    templates = {stack.id: dict(stack.template) for part in (assembly, *nested) for stack in part.stacks}
    assert set(templates) == set(STACKS[name])
    return Shape(name, app, templates, folder)


def nightly() -> events.Schedule:
    return events.Schedule.cron(hour="3", minute="0")


def vpc_of(stack: cdk.Stack) -> ec2.IVpc:
    """A VPC that somebody else owns: no resources."""
    found = stack.node.try_find_child("Vpc")
    zones = [f"zone-{letter}" for letter in "abc"]
    return found or ec2.Vpc.from_vpc_attributes(  # type: ignore[return-value]
        stack,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=zones,
        private_subnet_ids=[f"subnet-0123456789abcdef{number}" for number, _ in enumerate(zones)],
    )


def _pair(
    scope: Construct,
    name: str,
    region: str = "us-east-1",
    recovery: str = "us-west-2",
    *,
    stack_name: str | None = None,
) -> tuple[cdk.Stack, cdk.Stack]:
    home = cdk.Stack(scope, name, stack_name=stack_name, env=Environment(account=ACCOUNT, region=region))
    away_name = f"{stack_name[:-1]}r" if stack_name else None
    away = cdk.Stack(scope, f"{name}Recovery", stack_name=away_name, env=Environment(account=ACCOUNT, region=recovery))
    return home, away


def _protected(
    home: cdk.Stack, away: cdk.Stack, *, identifier: str = "sales", repair: rr.Repair | None = None
) -> rr.RecoveryPlan:
    cluster = rr.ResilientCluster(
        home, "Warehouse", cluster_identifier=identifier, vpc=vpc_of(home), node_type="ra3.large"
    )
    plan = rr.RecoverySite(away, "Site", vpc=vpc_of(away)).protect(cluster, objectives=OBJECTIVES, repair=repair)
    plan.keep_manual_snapshots("Nightly", schedule=nightly(), keep=Duration.days(5))
    return plan


def _l1(stack: cdk.Stack) -> redshift.CfnCluster:
    return redshift.CfnCluster(
        stack,
        "Plain",
        cluster_identifier="plain",
        cluster_type="multi-node",
        number_of_nodes=2,
        node_type="ra3.large",
        db_name="dev",
        master_username="warehouse_admin",
        manage_master_password=True,
        encrypted=True,
        enhanced_vpc_routing=True,
        publicly_accessible=False,
    )
