"""The whole public API as a user writes it, for the type checker alone (`make lint`): nothing here runs.

Every construct is fed L2s, L1s and references, because jsii's own types accept fewer of them than one would think.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_type

import aws_cdk as cdk
from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk.interfaces.aws_kms import IKeyRef
from aws_cdk.interfaces.aws_redshift import ClusterReference, IClusterRef

import resilient_redshift as rr
from resilient_redshift import planning

if TYPE_CHECKING:
    from aws_cdk.aws_redshift_alpha import Cluster as AlphaCluster
    from aws_cdk.aws_redshift_alpha import ClusterParameterGroup as AlphaParameterGroup
    from aws_cdk.aws_redshift_alpha import ClusterSubnetGroup as AlphaSubnetGroup
    from aws_cdk.aws_redshift_alpha import ICluster as ImportedAlphaCluster
    from aws_cdk.aws_redshift_alpha import IClusterParameterGroup as ImportedAlphaParameterGroup
    from aws_cdk.aws_redshift_alpha import IClusterSubnetGroup as ImportedAlphaSubnetGroup
    from aws_cdk.interfaces.aws_sns import ITopicRef


def clusters(stack: cdk.Stack, vpc: ec2.Vpc, found: ec2.IVpc, key: kms.Key, role: iam.Role) -> rr.ResilientCluster:
    """A cluster with nothing but what it must have, and one with every argument."""
    rr.ResilientCluster(stack, "Least", vpc=found, node_type="ra3.large")
    group = ec2.SecurityGroup(stack, "Group", vpc=vpc)
    imported = ec2.SecurityGroup.from_security_group_id(stack, "Imported", "sg-1")
    return rr.ResilientCluster(
        stack,
        "Most",
        vpc=vpc,
        node_type="ra3.large",
        number_of_nodes=2,
        cluster_identifier="sales",
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        database_name="dev",
        master_username="warehouse_admin",
        port=5440,
        encryption_key=key,
        security_groups=[group, imported],
        automated_snapshots=rr.AutomatedSnapshots(keep=Duration.days(14)),
        manual_snapshot_retention=rr.FOREVER,
        parameters={"statement_timeout": "1000"},
        parameter_group_family="redshift-1.0",
        audit_log_exports=["userlog"],
        multi_az=False,
        availability_zone_relocation=True,
        iam_roles=[role, iam.Role.from_role_name(stack, "Loader", "loader")],
        preferred_maintenance_window="sat:10:00-sat:10:30",
        maintenance_track_name="trailing",
        removal_policy=RemovalPolicy.DESTROY,
        accept_loss_of_cluster=True,
    )


def clusters_from_snapshots(
    stack: cdk.Stack, found: ec2.IVpc, key: kms.CfnKey, role: iam.CfnRole
) -> rr.ResilientClusterFromSnapshot:
    """The same from a snapshot."""
    rr.ResilientClusterFromSnapshot(
        stack, "Born", snapshot_identifier="yearend", cluster_identifier="born", vpc=found, node_type="ra3.large"
    )
    cluster = rr.ResilientClusterFromSnapshot(
        stack,
        "BornWithAll",
        snapshot_identifier="rs:sales-2026-11-24-01-02-03",
        snapshot_cluster_identifier="sales",
        owner_account="222222222222",
        cluster_identifier="sales-2025",
        vpc=found,
        node_type="ra3.large",
        number_of_nodes=2,
        vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED),
        database_name="dev",
        master_username="warehouse_admin",
        port=5440,
        encryption_key=key,
        security_groups=[ec2.SecurityGroup(stack, "BornGroup", vpc=found)],
        automated_snapshots=rr.AutomatedSnapshots(keep=Duration.days(14)),
        manual_snapshot_retention=timedelta(days=90),
        parameters={"statement_timeout": "1000"},
        parameter_group_family="redshift-1.0",
        audit_log_exports=["userlog"],
        multi_az=False,
        availability_zone_relocation=True,
        iam_roles=[role],
        preferred_maintenance_window="sat:10:00-sat:10:30",
        maintenance_track_name="trailing",
        removal_policy=RemovalPolicy.RETAIN,
        accept_loss_of_cluster=False,
    )
    reference: IClusterRef = cluster
    connectable: ec2.IConnectable = cluster
    connectable.connections.allow_default_port_from(cluster)
    assert_type(reference.cluster_ref, ClusterReference)
    assert_type(cluster.snapshot_identifier, str)
    assert_type(cluster.cluster_identifier, str)
    assert_type(cluster.metric_cpu_utilization(), cloudwatch.Metric)
    return cluster


def groups_that_exist(
    stack: cdk.Stack,
    found: ec2.IVpc,
    subnets: redshift.CfnClusterSubnetGroup,
    parameters: redshift.CfnClusterParameterGroup,
    *,
    alpha_subnets: AlphaSubnetGroup | ImportedAlphaSubnetGroup,
    alpha_parameters: AlphaParameterGroup | ImportedAlphaParameterGroup,
) -> None:
    """Subnet groups and parameter groups of each kind."""
    for subnet_group in ("subnets", subnets, alpha_subnets):
        for parameter_group in ("default.redshift-1.0", parameters, alpha_parameters):
            rr.ResilientCluster(
                stack,
                "WithGroups",
                vpc=found,
                node_type="ra3.large",
                subnet_group=subnet_group,
                parameter_group=parameter_group,
            )
            rr.ResilientClusterFromSnapshot(
                stack,
                "BornWithGroups",
                snapshot_identifier="yearend",
                cluster_identifier="born",
                vpc=found,
                node_type="ra3.large",
                subnet_group=subnet_group,
                parameter_group=parameter_group,
            )
            rr.RestoreOptions(parameter_group=parameter_group)
        rr.RecoverySite(stack, "SiteWithGroup", vpc=found, subnet_group=subnet_group)


def cluster_as_value(
    cluster: rr.ResilientCluster, instance: ec2.Instance, stack: cdk.Stack, role: iam.Role, plain_role: iam.CfnRole
) -> None:
    """What a cluster is and tells."""
    reference: IClusterRef = cluster
    connectable: ec2.IConnectable = cluster
    cluster.connections.allow_default_port_from(instance)
    instance.connections.allow_to(connectable, ec2.Port.tcp(5440))
    assert_type(reference.cluster_ref, ClusterReference)
    assert_type(cluster.cluster_identifier, str)
    assert_type(cluster.cluster_arn, str)
    assert_type(cluster.cluster_namespace_arn, str)
    assert_type(cluster.cluster_endpoint_address, str)
    assert_type(cluster.cluster_endpoint_port, str)
    assert_type(cluster.admin_secret_arn, str)
    assert_type(cluster.secret, secretsmanager.ISecret)
    cluster.secret.grant_read(role)
    assert_type(cluster.add_outputs(), Mapping[str, cdk.CfnOutput])
    cluster.add_iam_role(role)
    cluster.add_iam_role(plain_role)
    cluster.add_iam_role(iam.Role.from_role_name(stack, "Unloader", "unloader"))
    assert_type(cluster.subnet_group, redshift.CfnClusterSubnetGroup | None)
    assert_type(cluster.subnet_group_name, str)
    assert_type(cluster.parameter_group, redshift.CfnClusterParameterGroup | None)
    assert_type(cluster.parameter_group_name, str)
    assert_type(cluster.security_groups, tuple[ec2.ISecurityGroup, ...])
    key: IKeyRef = cluster.encryption_key
    cdk.CfnOutput(stack, "KeyArn", value=key.key_ref.key_arn)
    for metric in (
        cluster.metric("CPUUtilization", statistic="p99", period=Duration.minutes(1), label="CPU"),
        cluster.metric_cpu_utilization(),
        cluster.metric_health_status(period=Duration.minutes(1)),
        cluster.metric_maintenance_mode(),
        cluster.metric_percentage_disk_space_used(),
        cluster.metric_database_connections(),
    ):
        assert_type(metric, cloudwatch.Metric)
        metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    cluster.apply_removal_policy(RemovalPolicy.RETAIN)
    cluster.with_(rr.AutomatedSnapshotRetention(timedelta(days=3)))


def any_cluster(
    stack: cdk.Stack,
    ours: rr.ResilientCluster,
    plain: redshift.CfnCluster,
    alpha: AlphaCluster,
    imported: ImportedAlphaCluster,
) -> list[IClusterRef]:
    """Each kind of cluster, as the one type that every concern takes."""
    existing = rr.ExistingCluster.from_identifier(
        stack,
        "Existing",
        "legacy",
        encrypted=True,
        multi_az=False,
        availability_zone_relocation=None,
        node_type="ra3.large",
        number_of_nodes=2,
        parameters={},
        parameter_group_family="redshift-1.0",
        port=5439,
        iam_role_arns=["arn:aws:iam::111122223333:role/loader"],
        audit_log_exports=("userlog",),
        maintenance_track_name="current",
    )
    assert_type(existing, rr.ExistingCluster)
    assert_type(existing.cluster_identifier, str)
    plain.with_(rr.AutomatedSnapshotRetention(Duration.days(14)))
    plain.with_(rr.AutomatedSnapshotRetention(Duration.days(0), accept_loss_of_automated_snapshots=True))
    owned = rr.ExistingCluster.from_alpha(alpha)
    assert_type(owned, rr.ExistingCluster)
    owned.with_(rr.AutomatedSnapshotRetention(Duration.days(14)))
    return [ours, existing, plain, owned, rr.ExistingCluster.from_alpha(imported)]


def rules(
    stack: cdk.Stack, cluster: IClusterRef, topic: sns.Topic, bare: sns.CfnTopic, role: iam.Role
) -> rr.ManualSnapshotRule:
    """Scheduled snapshots, told to topics of each kind."""
    named = sns.Topic.from_topic_arn(stack, "Named", "arn:aws:sns:us-east-1:111122223333:named")
    topics: list[ITopicRef | None] = [topic, bare, named, None]
    for index, notify in enumerate(topics):
        rr.ManualSnapshotRule(
            stack,
            f"Rule{index}",
            cluster=cluster,
            schedule=events.Schedule.rate(Duration.hours(12)),
            keep=timedelta(days=2),
            keep_in_recovery=rr.FOREVER,
            rule_name=f"rule{index}",
            plan="sales",
            notify=notify,
            enabled=True,
            run_on_deploy=True,
            manual_snapshot_quota=100,
        )
    rule = rr.ManualSnapshotRule(
        stack, "Rule", cluster=cluster, schedule=events.Schedule.cron(hour="3", minute="0"), keep=Duration.days(7)
    )
    assert_type(rule.rule_name, str)
    assert_type(rule.cluster_identifier, str)
    assert_type(rule.schedule_expression, str)
    assert_type(rule.keep_days, int)
    assert_type(rule.keep_in_recovery_days, int)
    assert_type(rule.enabled, bool)
    assert_type(rule.state_machine_arn, str)
    assert_type(rule.resource, events.CfnRule)
    assert_type(rule.grant_start_execution(role), iam.Grant)
    stack.to_json_string(rule.on_demand_input("before the migration"))
    for metric in (
        rule.metric("ManualSnapshotTaken", outcome="Failed", statistic="Sum", period=Duration.hours(1)),
        rule.metric_taken(),
        rule.metric_skipped(outcome="SkippedBusy"),
        rule.metric_failed(),
        rule.metric_minutes(),
        rule.metric_size(),
    ):
        assert_type(metric, cloudwatch.Metric)
    return rule


def copies(stack: cdk.Stack, cluster: IClusterRef, key: kms.Key, plain_key: kms.CfnKey) -> None:
    """Grant and copy, under keys of each kind."""
    found = kms.Key.from_key_arn(stack, "Found", "arn:aws:kms:us-west-2:111122223333:key/1")
    keys: list[IKeyRef] = [key, plain_key, found]
    for index, encryption_key in enumerate(keys):
        grant = rr.SnapshotCopyGrant(
            stack,
            f"Grant{index}",
            snapshot_copy_grant_name=f"grant-{index}",
            encryption_key=encryption_key,
            removal_policy=RemovalPolicy.RETAIN,
        )
        assert_type(grant.snapshot_copy_grant_name, str)
        assert_type(grant.resource, cdk.CustomResource)
    rr.SnapshotCopy(stack, "Least", cluster=cluster, destination_region="us-west-2")
    rr.SnapshotCopy(stack, "InTimedelta", cluster=cluster, destination_region="us-west-2", keep_automated=timedelta(7))
    copy = rr.SnapshotCopy(
        stack,
        "Most",
        cluster=cluster,
        destination_region="us-west-2",
        snapshot_copy_grant_name="grant-0",
        keep_automated=Duration.days(14),
        keep_manual=rr.FOREVER,
        cluster_encryption_key=plain_key,
        removal_policy=RemovalPolicy.DESTROY,
        accept_loss_of_copies=True,
        replace_existing=True,
    )
    assert_type(copy.destination_region, str)
    assert_type(copy.resource, cdk.CustomResource)


def schedules(stack: cdk.Stack, cluster: IClusterRef, plain: redshift.CfnCluster) -> None:
    """Redshift's own schedules, for clusters of each kind."""
    times = [
        rr.SnapshotTimes.every(timedelta(hours=4)),
        rr.SnapshotTimes.every(Duration.hours(4)),
        rr.SnapshotTimes.cron(minute="30", hour="0/12", week_day="MON-FRI"),
        rr.SnapshotTimes("rate(12 hours)"),
    ]
    assert_type(times[0].expression, str)
    schedule = rr.SnapshotSchedule(stack, "Least", times=times)
    rr.SnapshotSchedule(
        stack,
        "Most",
        times=tuple(times),
        clusters=[cluster, plain],
        schedule_identifier="every-four-hours",
        removal_policy=RemovalPolicy.DESTROY,
        replace_existing=True,
    )
    schedule.associate(cluster)
    assert_type(schedule.schedule_identifier, str)
    assert_type(schedule.resource, cdk.CustomResource)


def tiers(stack: cdk.Stack, topic: sns.Topic, bare: sns.CfnTopic) -> None:
    """Retention tiers without a plan."""
    rr.RecoveryTiers(stack, "Least")
    rr.RecoveryTiers(stack, "Bare", notify=bare)
    made = rr.RecoveryTiers(stack, "Most", notify=topic)
    assert_type(made.add_plan("sales", cluster_identifier="sales"), events.CfnRule)
    assert_type(made.function_arn, str)
    assert_type(made.failures_alarm, cloudwatch.CfnAlarm)
    assert_type(made.silence_alarms, list[cloudwatch.CfnAlarm])
    metric = made.metric("CopiesTiered", plan_name="sales", statistic="SampleCount", period=Duration.hours(1))
    assert_type(metric, cloudwatch.Metric)


def guardrails(stack: cdk.Stack, topic: sns.Topic, bare: sns.CfnTopic, role: iam.Role) -> None:
    """Policies against the destruction of recovery points."""
    rr.RecoveryGuardrails(stack, "Bare", break_glass_roles=(role.role_arn,), notify=bare)
    made = rr.RecoveryGuardrails(
        stack,
        "Most",
        break_glass_roles=["arn:aws:iam::*:role/BreakGlass"],
        deployment_roles=["arn:aws:iam::*:role/deployment"],
        role_paths=["/resilient-redshift/"],
        keys=["arn:aws:kms:*:*:key/1f0c6a52"],
        notify=topic,
    )
    assert_type(made.policy, iam.CfnManagedPolicy)
    assert_type(made.managed_policy_arn, str)
    assert_type(made.service_control_policy, dict[str, Any])
    assert_type(made.resource_control_policy, dict[str, Any])
    assert_type(made.key_statements, list[dict[str, Any]])
    assert_type(made.rules, list[events.CfnRule])


def settings(app: cdk.App, stage: cdk.Stage, stack: cdk.Stack, key: kms.Key, plain_key: kms.CfnKey) -> None:
    """What a company asks of roles and logs."""
    rr.StackSettings().apply(app)
    rr.StackSettings(role_path="/data/", log_retention=timedelta(days=365)).apply(stage)
    rr.StackSettings(log_retention=Duration.days(90), encryption_key=key).apply(stack)
    rr.StackSettings(encryption_key=plain_key).apply(stack)
    vpc = ec2.Vpc(stack, "FunctionVpc")
    groups = [ec2.SecurityGroup(stack, "FunctionGroup", vpc=vpc)]
    rr.StackSettings(lambda_vpc=vpc, lambda_runtime="python3.12").apply(stack)
    rr.StackSettings(
        lambda_vpc=vpc, lambda_vpc_subnets=ec2.SubnetSelection(one_per_az=True), lambda_security_groups=groups
    )
    told = rr.StackSettings.of(stack)
    assert_type(told, rr.StackSettings)
    assert_type(told.role_path, str | None)
    assert_type(told.log_retention, timedelta | None)
    assert_type(told.encryption_key, IKeyRef | None)


def restores(
    stack: cdk.Stack, key: kms.Key, plain_key: kms.CfnKey, role: iam.Role, bare: s3.CfnBucket
) -> rr.RecoveryDrill:
    """The way back without a plan construct."""
    bucket = s3.Bucket(stack, "Bucket")
    rr.RecoveryRestore(stack, "Least").add_plan("sales", cluster_identifier="sales", encryption_key=plain_key)
    rr.RecoveryRestore(stack, "Bare", report_bucket=bare)
    restore = rr.RecoveryRestore(stack, "Most", notify=sns.Topic(stack, "Topic"), report_bucket=bucket)
    policy = restore.add_plan(
        "crm",
        cluster_identifier="crm",
        encryption_key=key,
        iam_role_arns=["arn:aws:iam::111122223333:role/loader"],
        dns_record=rr.DnsRecord("Z1", "crm.example.com", ttl=Duration.minutes(1)),
    )
    assert_type(policy, iam.CfnPolicy)
    assert_type(restore.state_machine_arn, str)
    assert_type(restore.failures_alarm, cloudwatch.CfnAlarm)
    assert_type(restore.slow_failover_alarms, dict[str, cloudwatch.CfnAlarm])
    assert_type(restore.grant_start_execution(role), iam.Grant)
    assert_type(restore.metric("RtoMissed", plan_name="crm", period=Duration.hours(1)), cloudwatch.Metric)
    drill = rr.RecoveryDrill(
        stack,
        "Weekly",
        restore=restore,
        plan_name="crm",
        objectives=rr.Objectives(recovery_point=timedelta(days=1), recovery_time=timedelta(hours=1)),
        schedule=events.Schedule.rate(Duration.days(7)),
        node_type="ra3.large",
        number_of_nodes=2,
        enabled=True,
    )
    assert_type(drill.rule, events.CfnRule)
    assert_type(drill.cleanup_rule, events.CfnRule)
    assert_type(drill.alarms, list[cloudwatch.CfnAlarm])
    assert_type(drill.longest_gap, timedelta | None)
    assert_type(drill.metric("DrillAge", statistic="Average"), cloudwatch.Metric)
    assert_type(drill.metric("DrillCheckFailed", check_name="size"), cloudwatch.Metric)
    return drill


def recovery(
    recovery_stack: cdk.Stack, vpc: ec2.Vpc, cluster: IClusterRef, key: kms.Key, topic: sns.Topic, *, role: iam.Role
) -> None:
    """Site, plan and its values."""
    site = rr.RecoverySite(recovery_stack, "Least", vpc=vpc)
    site = rr.RecoverySite(
        recovery_stack,
        "Most",
        vpc=vpc,
        vpc_subnets=ec2.SubnetSelection(subnets=list(vpc.isolated_subnets)),
        encryption_key=key,
        key_generation=2,
        snapshot_copy_grant_name="recovery",
        security_groups=[ec2.SecurityGroup(recovery_stack, "Group", vpc=vpc)],
        notify=topic,
        manual_snapshot_quota=50,
        report_bucket=s3.Bucket.from_bucket_name(recovery_stack, "Reports", "reports"),
    )
    assert_type(site.region, str)
    assert_type(site.account, str | None)
    assert_type(site.manual_snapshot_quota, int)
    assert_type(site.snapshot_copy_grant, rr.SnapshotCopyGrant)
    assert_type(site.snapshot_copy_grant_name, str)
    assert_type(site.subnet_group_name, str)
    assert_type(site.subnet_group, redshift.CfnClusterSubnetGroup | None)
    assert_type(site.subnet_zones, int | None)
    assert_type(site.security_groups, tuple[ec2.ISecurityGroup, ...])
    site.protect(cluster, objectives=rr.Objectives(recovery_point=timedelta(days=1), recovery_time=timedelta(hours=1)))
    shared = rr.RecoverySite.from_attributes(
        recovery_stack,
        "Shared",
        snapshot_copy_grant_name="recovery",
        encryption_key=kms.Key.from_key_arn(recovery_stack, "SiteKey", "arn:aws:kms:us-west-2:111122223333:key/1"),
        subnet_group_name="recovery-subnets",
        security_groups=[ec2.SecurityGroup.from_security_group_id(recovery_stack, "SiteGroup", "sg-1")],
        subnet_zones=3,
        notify=topic,
        manual_snapshot_quota=50,
        report_bucket=s3.Bucket.from_bucket_name(recovery_stack, "SharedReports", "reports"),
    )
    assert_type(shared, rr.ImportedRecoverySite)
    assert_type(shared.restore, rr.RecoveryRestore)
    assert_type(site.add_outputs(), Mapping[str, cdk.CfnOutput])
    hourly = rr.Objectives(recovery_point=timedelta(days=1), recovery_time=timedelta(hours=1))
    assert_type(shared.protect(cluster, objectives=hourly, plan_name="shared"), rr.RecoveryPlan)
    plan = site.protect(
        cluster,
        objectives=rr.Objectives(
            recovery_point=Duration.hours(26), recovery_time=Duration.hours(4), expected_copy_time=Duration.minutes(30)
        ),
        restore=rr.RestoreOptions(
            node_type="ra3.large",
            number_of_nodes=2,
            multi_az=True,
            port=5440,
            parameters={"require_ssl": "true"},
            parameter_group_family="redshift-1.0",
            iam_role_arns=["arn:aws:iam::111122223333:role/loader", role.role_arn],
            default_iam_role_arn=role.role_arn,
            maintenance_track_name="trailing",
            catalog_name="sales",
            redshift_idc_application_arn="arn:aws:redshift:us-west-2:111122223333:redshiftidcapplication:1",
            log_exports=("userlog",),
            dns_record=rr.DnsRecord("Z1", "dwh.example.com", ttl=timedelta(0)),
            snapshot_schedule=[rr.SnapshotTimes.every(timedelta(hours=4))],
        ),
        plan_name="sales",
        keep_automated=timedelta(days=14),
        notify_primary=topic,
        cluster_encryption_key=key,
        accept_loss_of_copies=False,
        replace_existing_copy=True,
        manual_snapshot_quota=100,
        checks=[rr.SqlCheck("select 1 = 1"), rr.SqlCheck("select 1", expected="1", name="one")],
    )
    assert_type(site.tiers, rr.RecoveryTiers)
    assert_type(site.restore, rr.RecoveryRestore)
    assert_type(plan, rr.RecoveryPlan)
    assert_type(plan.plan_name, str)
    assert_type(plan.objectives, rr.Objectives)
    assert_type(plan.objectives.recovery_point, timedelta)
    assert_type(plan.copy, rr.SnapshotCopy)
    assert_type(plan.parameter_group, redshift.CfnClusterParameterGroup | None)
    assert_type(plan.parameter_group_name, str)
    rule = plan.keep_manual_snapshots(
        "Nightly",
        schedule=events.Schedule.cron(hour="3", minute="0"),
        keep=Duration.days(7),
        keep_in_recovery=rr.FOREVER,
        enabled=True,
        run_on_deploy=True,
    )
    assert_type(rule, rr.ManualSnapshotRule)
    assert_type(plan.add_outputs(), Mapping[str, cdk.CfnOutput])
    for metric in (
        plan.metric("DrillAge", statistic="Average", period=Duration.hours(1)),
        plan.metric("DrillCheckFailed", check_name="one"),
        plan.metric_drill_age(period=Duration.hours(1)),
        plan.metric_drill_failed(),
        plan.metric_drill_recovery_time(),
        plan.metric_drill_recovery_point(),
        plan.metric_drills_inconclusive(),
        plan.metric_drill_left_behind(),
        plan.metric_drill_check_failed("size"),
        plan.metric_rto_missed(),
        plan.metric_tiers_applied(),
        plan.metric_copies_tiered(),
        plan.metric_copies_raised(),
        plan.metric_copies_in_doubt(),
        plan.metric_copies_failed(),
    ):
        assert_type(metric, cloudwatch.Metric)
    for grantee in (role, iam.Role.from_role_name(recovery_stack, "Oncall", "oncall")):
        assert_type(plan.grant_read_status(grantee), iam.Grant)
        assert_type(plan.grant_check(grantee), iam.Grant)
        assert_type(plan.grant_start_failover(grantee), iam.Grant)
        assert_type(plan.grant_freeze(grantee), iam.Grant)
    drill = plan.rehearse("Least")
    assert_type(drill, rr.RecoveryDrill)
    board = rr.RecoveryDashboard(recovery_stack, "Board", site=site, plans=[plan], dashboard_name="warehouses")
    assert_type(board.plans, list[rr.RecoveryPlan])
    assert_type(board.dashboard_name, str)
    plan.rehearse(
        "Most",
        schedule=events.Schedule.cron(week_day="SUN", hour="6", minute="0"),
        checks=(rr.SqlCheck("select 2 = 2"),),
        node_type="ra3.large",
        number_of_nodes=2,
        enabled=False,
        point="random",
    )
    plan.rehearse("Old", point=cdk.Duration.days(30))
    assert_type(rr.SqlCheck("select 1").expected, str)
    assert_type(rr.DnsRecord("Z1", "a.example.com").ttl, timedelta)


def values_and_errors() -> None:
    """Values compare, errors are ValueErrors that hold their parts."""
    automated = rr.AutomatedSnapshots(keep=timedelta(days=7), accept_loss_of_automated_snapshots=False)
    assert_type(automated.days, int)
    try:
        rr.RestoreOptions(number_of_nodes=0)
    except rr.ResilientRedshiftError as error:
        assert_type(error.where, str)
        assert_type(error.problems, tuple[str, ...])
        broader: ValueError = error
        raise broader from None


def without_cdk() -> None:
    """Planning, from templates and from numbers."""
    for table in planning.protection_tables(planning.read_assembly("cdk.out"), noticed_after=[timedelta(days=3)]):
        assert_type(table.rows, tuple[planning.Protection, ...])
    nightly = planning.parse_schedule("cron(0 3 * * ? *)")
    forecast = planning.forecast_quota([planning.SnapshotRule(name="nightly", schedule=nightly, keep=rr.FOREVER)])
    assert_type(forecast.problem, str | None)
    policy = planning.SnapshotPolicy(
        region="us-east-1", rules=[planning.SnapshotRule(name="nightly", schedule=nightly, keep=7)]
    )
    for region in planning.forecast(policy, days=30, prices=planning.StoragePrices(transfer=0.02)).regions:
        assert_type(region.median, timedelta | None)
        assert_type(region.bounds, planning.RegionBounds)
    assert_type(planning.as_svg(planning.forecast(policy), title="sales"), str)
    assert_type(planning.snapshot_policies(planning.read_assembly("cdk.out"))[0].policy, planning.SnapshotPolicy | None)
    assert_type(planning.guard_rules(planning.DEFAULT_POLICY), str)
    day = timedelta(days=1)
    dev = planning.ClusterMatcher(name="dev-*", tag="env=dev")
    resilience = planning.ResiliencePolicy(
        survive=(planning.Requirement(failure=planning.Failure.REGION, lose_at_most=day, noticed_within=3 * day),),
        rehearsal_every=92 * day,
        clusters=(
            planning.ClusterEntry(match=dev, need_not_survive=(planning.Failure.REGION,), rehearsal_every=False),
        ),
        exceptions=(planning.PolicyException(rule=planning.CheckRule.NODE_LOST, match=dev, reason="small data"),),
    )
    result = planning.check(planning.read_assembly("cdk.out"), resilience, expected_copy_time=day)
    assert_type(result.all_findings, tuple[planning.Finding, ...])
    assert_type(result.clusters, tuple[planning.ClusterResult, ...])
    assert_type(planning.read_policy("resilience.toml"), planning.ResiliencePolicy)
    assert_type(planning.find_policy(), planning.ResiliencePolicy)
    assert_type(planning.objective_must_exceed(manual_gaps=[nightly.longest_gap()]), timedelta | None)


def comparison() -> None:
    """A change: two assemblies, with a policy whose exceptions accept findings."""
    base, head = planning.read_assembly("base.out"), planning.read_assembly("cdk.out")
    found = planning.compare(base, head, planning.DEFAULT_POLICY, base="main", head="pull request")
    assert_type(found, planning.Comparison)
    assert_type(found.clusters[0].failures, tuple[planning.FailureChange, ...])
    assert_type(found.clusters[0].aspects[0].direction, planning.Direction)
    assert_type(found.check, planning.CheckResult)


def checks(app: cdk.App) -> None:
    """A policy for every cluster of the app: with everything, and in a unit test."""
    survive = (planning.Requirement(failure=planning.Failure.ZONE, lose_at_most=timedelta(hours=8)),)
    plugin: cdk.IPolicyValidationPlugin = rr.ResilienceChecks(
        app,
        policy=planning.ResiliencePolicy(survive=survive),
        survive_node_loss=Duration.hours(8),
        survive_zone_loss=Duration.hours(8),
        survive_region_loss=timedelta(hours=24),
        survive_cluster_deletion=Duration.hours(24),
        survive_stack_deletion=Duration.hours(24),
        survive_bad_load=Duration.days(1),
        expected_copy_time=Duration.hours(2),
    )
    cdk.Validations.of(app).add_plugins(plugin, rr.ResilienceChecks(app, policy="resilience.toml"))
    rr.ResilienceChecks(app, policy=Path("resilience.toml"))
    assert_type(rr.ResilienceChecks(app).check(), planning.CheckResult)


def annotated(days: int | None) -> tuple[rr.Span, rr.Keep]:
    """The types of lengths and retentions, as annotations of a user's own."""
    assert_type(rr.__version__, str)
    keep: rr.Keep = rr.FOREVER if days is None else Duration.days(days)
    return timedelta(hours=1), keep


def mistakes(stack: cdk.Stack, vpc: ec2.Vpc, cluster: IClusterRef, alpha: AlphaCluster) -> None:
    """What the checker must refuse; strict mypy reports an ignore that nothing needs."""
    rr.ResilientCluster(stack, "NoVpc", node_type="ra3.large")  # type: ignore[call-arg]
    rr.ResilientCluster(stack, "Days", vpc=vpc, node_type="ra3.large", automated_snapshots=7)  # type: ignore[arg-type]
    rr.AutomatedSnapshots(keep=7)  # type: ignore[arg-type]
    rr.AutomatedSnapshots(keep=rr.FOREVER)  # type: ignore[arg-type]
    rr.SnapshotCopy(stack, "Alpha", cluster=alpha, destination_region="us-west-2")  # type: ignore[arg-type]
    rr.ExistingCluster.from_alpha(cluster)  # type: ignore[arg-type]
    rr.SnapshotCopy(stack, "Forever", cluster=cluster, destination_region="us-west-2", keep_automated=rr.FOREVER)  # type: ignore[arg-type]
    rr.ManualSnapshotRule(stack, "Text", cluster=cluster, schedule="rate(1 day)", keep=rr.FOREVER)  # type: ignore[arg-type]
    rr.SnapshotSchedule(stack, "Cron", times=[events.Schedule.cron(hour="3")])  # type: ignore[list-item]
    rr.ResilienceChecks(stack)  # type: ignore[arg-type]
    rr.StackSettings(log_retention=365)  # type: ignore[arg-type]
    rr.StackSettings(lambda_runtime=3.12)  # type: ignore[arg-type]
    rr.Objectives(Duration.hours(1), Duration.hours(1))  # type: ignore[call-arg]
    span: rr.Span = rr.FOREVER  # type: ignore[assignment]
    del span
    rr.RestoreOptions().node_type = "ra3.large"  # type: ignore[misc]
    rr.RestoreOptions(iam_role_arns=[cluster])  # type: ignore[list-item]
    rr.RestoreOptions(default_iam_role_arn=cluster)  # type: ignore[arg-type]
    rr.RestoreOptions(multi_az="yes")  # type: ignore[arg-type]
    rr.SqlCheck("select 1", expected=1)  # type: ignore[arg-type]
    rr.DnsRecord("Z1", "a.example.com", ttl=60)  # type: ignore[arg-type]
    rr.RecoveryRestore(stack, "Text").add_plan("a", cluster_identifier="a", encryption_key="key")  # type: ignore[arg-type]
