"""A cluster that changes after ``protect`` stops the synth with the difference: the record would be of another cluster."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift

from resilient_redshift import (
    ManualSnapshotRule,
    RestoreOptions,
    SnapshotSchedule,
    SnapshotTimes,
)
from tests.scenes.clusters import cluster_of, new_app
from tests.scenes.recovery import (
    AWAY,
    HOME,
    OBJECTIVES,
    existing,
    l1_cluster,
    of_type,
    site_of,
    template_of,
    two_stacks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct

ROLE = "arn:aws:iam::111111111111:role/load"
SSL = [{"parameterName": "require_ssl", "parameterValue": "true"}]
FIPS = [*SSL, {"parameterName": "use_fips_ssl", "parameterValue": "true"}]


def group_of(stack: cdk.Stack) -> redshift.CfnClusterParameterGroup:
    return redshift.CfnClusterParameterGroup(
        stack, "Group", description="d", parameter_group_family="redshift-1.0", parameters=SSL
    )


def differences(app: cdk.App) -> set[str]:
    """The properties that synth reports as changed; none where synth passes."""
    try:
        app.synth()
    except RuntimeError as error:
        assert "ValidationFailed" in str(error)  # noqa: PT017 - a synth that passes is an answer too
    report = Path(app.outdir) / "validation-report.json"
    violations = [
        violation
        for plugin in (json.loads(report.read_text(encoding="utf-8"))["pluginReports"] if report.exists() else [])
        for violation in plugin["violations"]
    ]
    texts = [each["description"] for each in violations if each["ruleName"] == "RR008"]
    return {re.findall(r": (\w+) is ", text)[0] for text in texts}


def on_every_node(app: cdk.App, change: Callable[[IConstruct], None]) -> None:
    @jsii.implements(cdk.IAspect)
    class Change:
        def visit(self, node: IConstruct) -> None:
            change(node)

    cdk.Aspects.of(app).add(Change())


def test_whatever_changes_an_l1_after_protect_is_found() -> None:
    # GIVEN a plan of a cluster with a port, a group, a retention and no role
    app = new_app()
    home, away = two_stacks(app)
    cluster = l1_cluster(
        home,
        cluster_parameter_group_name=group_of(home).ref,
        port=5440,
        maintenance_track_name="current",
        automated_snapshot_retention_period=7,
        availability_zone_relocation=False,
    )
    site_of(away).protect(cluster, objectives=OBJECTIVES)

    # WHEN setters, escape hatches and an Aspect change it
    cluster.port = 5450
    cluster.node_type = "ra3.xlplus"
    cluster.availability_zone_relocation = True
    cluster.kms_key_id = kms.CfnKey(home, "Key").attr_arn
    cluster.logging_properties = {"logDestinationType": "cloudwatch", "logExports": ["userlog"]}
    cluster.add_property_override("NumberOfNodes", 4)
    cluster.add_property_override("MultiAZ", value=True)
    cluster.add_property_override("IamRoles", [ROLE])
    cluster.add_property_override("MaintenanceTrackName", "trailing")
    cluster.add_property_override("AutomatedSnapshotRetentionPeriod", 14)
    cluster.add_property_override("ClusterParameterGroupName", "another")

    def harden(node: IConstruct) -> None:
        if node is cluster:
            cluster.cluster_identifier = "sales-2"
            cluster.encrypted = False

    on_every_node(app, harden)

    # THEN synth stops, and names each property
    assert differences(app) == {
        "AutomatedSnapshotRetentionPeriod",
        "AvailabilityZoneRelocation",
        "ClusterIdentifier",
        "ClusterParameterGroupName",
        "Encrypted",
        "IamRoles",
        "KmsKeyId",
        "LoggingProperties",
        "MaintenanceTrackName",
        "MultiAZ",
        "NodeType",
        "NumberOfNodes",
        "Port",
    }


def test_an_escape_hatch_behind_our_own_cluster_is_found_too() -> None:
    # GIVEN a plan of a ResilientCluster WHEN its L1 is renamed THEN a failover would find nothing, and synth stops
    app = new_app()
    home, away = two_stacks(app)
    cluster = cluster_of(home, cluster_identifier="sales")
    l1: Any = cluster.node.default_child
    l1.port = 5450  # before protect: the construct's own facts do not know it
    site_of(away).protect(cluster, objectives=OBJECTIVES)
    l1.add_property_override("ClusterIdentifier", "sales-2")
    assert differences(app) == {"ClusterIdentifier", "Port"}


@pytest.mark.parametrize("both", [False, True])
def test_parameters_are_equal_in_both_finished_templates(both: bool) -> None:
    # GIVEN a plan with the parameters of its cluster WHEN an Aspect hardens the cluster's group alone, or every group
    app = new_app()
    home, away = two_stacks(app)
    cluster = l1_cluster(home, cluster_parameter_group_name=group_of(home).ref)
    site_of(away).protect(cluster, objectives=OBJECTIVES)
    cluster.override_logical_id("Renamed")  # the template's name of the cluster means nothing to a plan

    def harden(node: IConstruct) -> None:
        if isinstance(node, redshift.CfnClusterParameterGroup) and (both or cdk.Stack.of(node) is home):
            node.parameters = FIPS

    on_every_node(app, harden)
    # THEN it is an error only where the restored cluster would have other parameters
    assert differences(app) == (set() if both else {"Parameters"})


@pytest.mark.parametrize("stages", [("Prod", "Recovery"), ("Recovery", "Prod")])
def test_stages_are_compared_too(stages: tuple[str, str]) -> None:
    # GIVEN a cluster and its recovery site in two Stages, of which CDK validates each by itself, in either order
    app = new_app()
    scopes = {name: cdk.Stage(app, name) for name in stages}
    home, away = cdk.Stack(scopes["Prod"], "Home", env=HOME), cdk.Stack(scopes["Recovery"], "Away", env=AWAY)
    group = group_of(home)
    cluster = l1_cluster(home, cluster_parameter_group_name=group.ref)
    site_of(away).protect(cluster, objectives=OBJECTIVES)
    # WHEN escape hatches change the cluster and its parameters THEN synth stops
    cluster.add_property_override("ClusterIdentifier", "sales-2")
    group.add_property_override("Parameters", [])
    assert differences(app) == {"ClusterIdentifier", "Parameters"}


def test_a_schedule_that_comes_after_the_plan_reaches_the_record() -> None:
    # GIVEN a plan of a cluster without a schedule, and one whose options say that there is none
    home, away = two_stacks()
    site = site_of(away)
    followed, declined = existing(home, "followed"), existing(home, "declined")
    site.protect(followed, objectives=OBJECTIVES)
    site.protect(declined, objectives=OBJECTIVES, restore=RestoreOptions(parameters={}, snapshot_schedule=[]))
    # WHEN both clusters get one THEN the record of the first plan has it, and its site keeps it ready
    SnapshotSchedule(home, "Often", times=[SnapshotTimes.every(cdk.Duration.hours(4))], clusters=[followed, declined])
    template = template_of(away)
    [ready] = of_type(template, "Custom::RedshiftSnapshotSchedule").values()
    names = {
        record["Properties"]["Name"]: "snapshot_schedule" in json.dumps(record["Properties"]["Value"])
        for record in of_type(template, "AWS::SSM::Parameter").values()
    }
    assert ready["Properties"]["ScheduleDefinitions"] == ["rate(4 hours)"]
    assert names == {
        "/resilient-redshift/plans/followed-us-east-1": True,
        "/resilient-redshift/plans/declined-us-east-1": False,
    }


def test_a_rule_and_a_schedule_find_later_changes_too() -> None:
    # GIVEN a rule in another stack, which calls the cluster by its name, and a schedule of automated snapshots
    app = new_app()
    home, _ = two_stacks(app)
    cluster = l1_cluster(home)
    every_day = events.Schedule.rate(cdk.Duration.days(1))
    other = cdk.Stack(app, "Other", env=HOME)
    ManualSnapshotRule(other, "Daily", cluster=cluster, schedule=every_day, keep=cdk.Duration.days(3))
    SnapshotSchedule(home, "Often", times=[SnapshotTimes.every(cdk.Duration.hours(4))], clusters=[cluster])
    # WHEN the cluster is renamed, and its automated snapshots are switched off THEN synth stops
    cluster.cluster_identifier = "sales-2"
    cluster.automated_snapshot_retention_period = 0
    assert differences(app) == {"AutomatedSnapshotRetentionPeriod", "ClusterIdentifier"}


def test_rules_that_an_aspect_disables_are_found() -> None:
    # GIVEN a plan whose objective and record count on a rule, and which records a drill
    app = new_app()
    home, away = two_stacks(app)
    plan = site_of(away).protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)
    plan.keep_manual_snapshots("Daily", schedule=events.Schedule.rate(cdk.Duration.days(1)), keep=cdk.Duration.days(3))
    plan.rehearse("Monthly")
    rule = plan.keep_manual_snapshots(
        "Weekly", schedule=events.Schedule.rate(cdk.Duration.days(7)), keep=cdk.Duration.days(30)
    )
    rule.resource.schedule_expression = "rate(30 days)"

    def disable(node: IConstruct) -> None:
        if isinstance(node, events.CfnRule):
            node.state = "DISABLED"

    # WHEN an Aspect disables every rule, and a setter changes a schedule THEN synth stops and names both
    on_every_node(app, disable)
    assert differences(app) == {"ScheduleExpression", "State"}


def test_what_the_options_say_is_not_taken_from_the_cluster() -> None:
    # GIVEN a plan whose options say port, roles, logs and parameters WHEN the cluster's own change THEN synth passes
    app = new_app()
    home, away = two_stacks(app)
    cluster = l1_cluster(home, cluster_parameter_group_name=group_of(home).ref, port=5440)
    options = RestoreOptions(port=5441, iam_role_arns=[], log_exports=[], parameters={}, node_type="ra3.large")
    site_of(away).protect(cluster, objectives=OBJECTIVES, restore=options)
    cluster.port = 5450
    cluster.node_type = "ra3.xlplus"
    cluster.iam_roles = [ROLE]
    cluster.logging_properties = {"logDestinationType": "cloudwatch", "logExports": ["userlog"]}
    cluster.cluster_parameter_group_name = "another"
    assert differences(app) == set()
