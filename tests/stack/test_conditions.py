"""What belongs to a cluster under a condition exists under the same condition, or synth says that it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from resilient_redshift import ManualSnapshotRule, RestoreOptions, SnapshotCopy, SnapshotSchedule, SnapshotTimes
from resilient_redshift.stack.policy_sizes import inline_policy_sizes
from tests.scenes.clusters import cluster_of, new_app
from tests.scenes.recovery import HOME, OBJECTIVES, l1_cluster, site_of, template_of, two_stacks

if TYPE_CHECKING:
    from aws_cdk import aws_redshift as redshift

DAILY = events.Schedule.rate(cdk.Duration.days(1))


def prod(stack: cdk.Stack) -> cdk.CfnCondition:
    return cdk.CfnCondition(stack, "Prod", expression=cdk.Fn.condition_equals(cdk.Aws.STACK_NAME, "prod"))


def conditional(stack: cdk.Stack, **properties: Any) -> redshift.CfnCluster:
    cluster = l1_cluster(stack, **properties)
    cluster.cfn_options.condition = prod(stack)
    return cluster


def refers_to(value: Any, name: str) -> bool:
    """Whether a template's value refers to a resource by any function, or depends on it."""
    text = json.dumps(value)
    return f'"{name}"' in text or f"${{{name}" in text


def lost(app: cdk.App) -> list[str]:
    """What synth reports under rule RR009."""
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))
    violations = [violation for plugin in report["pluginReports"] for violation in plugin["violations"]]
    return [each["description"].split(": ", 1)[1] for each in violations if each["ruleName"] == "RR009"]


def test_all_that_refers_to_the_cluster_has_its_condition() -> None:
    # GIVEN a cluster and its key with everything that we attach in its stack WHEN it is put under a condition afterwards
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    key = kms.CfnKey(stack, "Key")
    cluster = l1_cluster(stack, kms_key_id=key.attr_arn)
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    SnapshotSchedule(stack, "Schedule", times=[SnapshotTimes.every(cdk.Duration.hours(6))], clusters=[cluster])
    topic = sns.Topic(stack, "Topic")
    ManualSnapshotRule(
        stack,
        "Daily",
        cluster=cluster,
        schedule=DAILY,
        keep=cdk.Duration.days(3),
        notify=topic,
        run_on_deploy=True,
    )
    cluster.cfn_options.condition = key.cfn_options.condition = prod(stack)
    # THEN each resource that refers to it exists under that condition too
    resources = template_of(stack)["Resources"]
    conditions = {
        name: resource.get("Condition")
        for name, resource in resources.items()
        if name != "Warehouse" and refers_to(resource, "Warehouse")
    }
    assert set(conditions.values()) == {"Prod"}
    assert sorted({resources[name]["Type"] for name in conditions}) == [
        "AWS::CloudWatch::Alarm",
        "AWS::Events::Rule",
        "AWS::IAM::Policy",
        "Custom::RedshiftSnapshotCopy",
        "Custom::RedshiftSnapshotOnDeploy",
        "Custom::RedshiftSnapshotScheduleAssociation",
    ]
    # THEN what refers to the key does so under the condition, and no branch of the policy is counted twice
    [keys] = [each["Properties"] for name, each in resources.items() if "SourceKeys" in name]
    reading, granting = keys["PolicyDocument"]["Statement"]
    assert not refers_to(reading, "Key")
    assert granting["Fn::If"][0] == "Prod"
    assert granting["Fn::If"][2] == {"Ref": "AWS::NoValue"}
    assert all(size < 10_240 for _, size in inline_policy_sizes(resources))


def test_outputs_have_the_condition_of_their_cluster() -> None:
    # GIVEN a cluster with outputs, one of them with a condition of its own WHEN the cluster gets a condition afterwards
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    cluster = cluster_of(stack)
    own = cdk.CfnCondition(stack, "Own", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "us-east-1"))
    cluster.add_outputs()["EndpointPort"].condition = own
    l1: Any = cluster.node.default_child
    l1.cfn_options.condition = prod(stack)
    # THEN no output refers to a cluster that does not exist
    conditions = [output.get("Condition") for output in template_of(stack)["Outputs"].values()]
    assert conditions == ["Prod", "Prod", "Own", "Prod"]


def test_a_condition_of_a_part_stays() -> None:
    # GIVEN a copy with a condition of its own WHEN its cluster has another one THEN the copy's is the user's choice
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    copy = SnapshotCopy(stack, "Copy", cluster=conditional(stack), destination_region="us-west-2")
    own: Any = copy.resource.node.default_child
    both = cdk.CfnCondition(stack, "Both", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "us-east-1"))
    own.cfn_options.condition = both
    conditions = {each.get("Condition") for each in template_of(stack)["Resources"].values()}
    assert conditions == {None, "Prod", "Both"}


def test_what_cannot_have_the_condition_is_an_error() -> None:
    # GIVEN a plan of a conditional cluster, and a rule in another stack
    app = new_app()
    home, away = two_stacks(app)
    cluster = conditional(home, cluster_identifier="sales")
    plan = site_of(away).protect(cluster, objectives=OBJECTIVES, restore=RestoreOptions(parameters={}))
    other = cdk.Stack(app, "Other", env=HOME)
    rule = ManualSnapshotRule(other, "Daily", cluster=cluster, schedule=DAILY, keep=cdk.Duration.days(3))
    # WHEN synthesized THEN both are named
    start = "the cluster 'Warehouse' has the Condition 'Prod', and "
    assert lost(app) == [
        f"{start}the plan '{plan.node.path}' cannot have one of this stack",
        f"{start}the rule '{rule.node.path}' cannot have one of this stack",
    ]


def test_a_condition_by_an_override_is_not_inherited_and_so_an_error() -> None:
    # GIVEN a copied cluster WHEN an escape hatch writes a condition that no construct sees THEN each part is named
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    prod(stack)
    cluster = l1_cluster(stack)
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    cluster.add_override("Condition", "Prod")
    assert [text.split("and ")[1].startswith("'") for text in lost(app)] == [True, True]
