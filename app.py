"""The example: a warehouse in one Region, and what it takes to have it back in another. Run it with ``make demo``."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import Duration, Environment, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

import resilient_redshift as rr


class Region(Stack):
    """A stack that knows its Zones, so that synth needs no account and asks AWS nothing."""

    @property
    def availability_zones(self) -> list[str]:
        """The first three Zones."""
        return [self.region + zone for zone in "abc"]


def build(app: cdk.App) -> tuple[rr.ResilientCluster, rr.RecoveryPlan]:
    """Declare both stacks."""
    account = app.node.try_get_context("account") or "123456789012"  # cdk deploy -c account=...
    prod = Region(app, "Warehouse", env=Environment(account=account, region="us-east-1"))
    recovery = Region(app, "WarehouseRecovery", env=Environment(account=account, region="us-west-2"))

    warehouse = rr.ResilientCluster(
        prod,
        "Warehouse",
        cluster_identifier="sales",
        vpc=network(prod),
        node_type="ra3.large",
        number_of_nodes=2,
        automated_snapshots=rr.AutomatedSnapshots(keep=Duration.days(14)),
    )
    told = operators(recovery)
    site = rr.RecoverySite(recovery, "Site", vpc=network(recovery), notify=told, notify_warnings=told)
    plan = site.protect(
        warehouse,
        objectives=rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4)),
        keep_automated=Duration.days(14),
        restore=rr.RestoreOptions(node_type="ra3.large", number_of_nodes=2),
        notify_primary=operators(prod),
        checks=[rr.SqlCheck("select max(day) >= current_date - 2 from orders", name="recent orders")],
    )
    plan.keep_manual_snapshots(
        "Nightly",
        schedule=events.Schedule.cron(hour="3", minute="0"),
        keep=Duration.days(7),
        keep_in_recovery=Duration.days(10),
    )
    plan.keep_manual_snapshots(
        "Monthly",
        schedule=events.Schedule.cron(day="1", hour="4", minute="0"),
        keep=Duration.days(180),
    )
    plan.rehearse("Drill", schedule=events.Schedule.cron(day="15", hour="6", minute="0"))  # once a month
    plan.reverse()  # the way home
    return warehouse, plan


def network(stack: Stack) -> ec2.Vpc:
    """A VPC of private subnets that stands for yours; what it lacks is acknowledged, so synth tells of the rest."""
    vpc = ec2.Vpc(
        stack,
        "Network",
        max_azs=3,
        nat_gateways=0,
        subnet_configuration=[ec2.SubnetConfiguration(name="Warehouse", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)],
        restrict_default_security_group=False,
    )
    reason = "the example's network stands for yours, whose owners run it with flow logs and a closed group"
    findings = (
        "AwsSolutions-VPC7",
        "NIST.800.53.R5-VPCFlowLogsEnabled",
        "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
    )
    cdk.Validations.of(vpc).acknowledge(*(cdk.Acknowledgment(id=finding, reason=reason) for finding in findings))
    return vpc


def operators(stack: Stack) -> sns.Topic:
    """An encrypted topic. The library lets CloudWatch publish to it."""
    key = kms.Key(stack, "OperatorsKey", enable_key_rotation=True)
    return sns.Topic(stack, "Operators", master_key=key, enforce_ssl=True)


if __name__ == "__main__":
    app = cdk.App()
    build(app)
    # synth, and a pull request with it, fails on a finding that nobody has acknowledged with a reason
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app), NIST80053R5Checks(app))
    app.synth()
