"""RecoverySite.from_attributes: a site of another app, and what this app's plans make of it."""

from __future__ import annotations

import functools
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from resilient_redshift import ImportedRecoverySite, RecoverySite, ResilientRedshiftError, RestoreOptions
from tests.recovery.records import record_in
from tests.scenes.clusters import new_stack, text_parameter, vpc_of
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, of_type, only, site_of, template_of, two_stacks
from tests.templates import laws

KEY = "arn:aws:kms:us-west-2:111111111111:key/1f0c6a52-0d1e-4f7e-9a57-3f4a3d2b1c0e"
COPY = "Custom::RedshiftSnapshotCopy"


def imported(stack: cdk.Stack, **arguments: Any) -> ImportedRecoverySite:
    """The site of another app, whose names are literals unless a function makes another value in the stack."""
    given: dict[str, Any] = {
        "snapshot_copy_grant_name": "recovery-94f42980",
        "encryption_key": lambda stack: kms.Key.from_key_arn(stack, "SiteKey", KEY),
        "subnet_group_name": "recovery-sitesubnetgroup-1ab2c3d4e5f6",
        "security_groups": lambda stack: [ec2.SecurityGroup.from_security_group_id(stack, "SiteGroup", "sg-1")],
        "subnet_zones": 3,
        **arguments,
    }
    values = {name: value(stack) if callable(value) else value for name, value in given.items()}
    return RecoverySite.from_attributes(stack, "Site", **values)


def problems_of(env: Any = AWAY, **arguments: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        imported(new_stack(env), **arguments)
    return str(caught.value)


@functools.cache
def protected() -> tuple[cdk.Stack, cdk.Stack]:
    """A cluster with a plan, tiers and a drill, on the site of another app."""
    home, away = two_stacks()
    site = imported(away, notify=lambda stack: sns.Topic(stack, "Topic"))
    plan = site.protect(existing(home, "sales", encrypted=True), objectives=OBJECTIVES)
    for name, days in (("Nightly", 7), ("Monthly", 90)):
        plan.keep_manual_snapshots(
            name, schedule=events.Schedule.cron(day="1", hour="3", minute="0"), keep=cdk.Duration.days(days)
        )
    plan.rehearse("Monthly")
    return home, away


@functools.cache
def templates() -> tuple[dict[str, Any], dict[str, Any]]:
    """The templates of both stacks, the cluster's first."""
    home, away = protected()
    return template_of(home), template_of(away)


def test_the_plan_uses_the_resources_of_the_site_and_makes_none_of_them() -> None:
    # GIVEN a plan on the site of another app WHEN synthesized
    _, away = protected()
    home_template, template = templates()
    # THEN the copy and the record name what the other app has
    assert only(home_template, COPY)["Properties"]["SnapshotCopyGrantName"] == "recovery-94f42980"
    recovery = record_in(away)["recovery"]
    assert recovery["encryption_key"] == KEY
    assert recovery["subnet_group"] == "recovery-sitesubnetgroup-1ab2c3d4e5f6"
    assert recovery["security_groups"] == ["sg-1"]
    # AND this app makes no key of copies, no grant and no network
    assert {name[:17] for name in of_type(template, "AWS::KMS::Key")} == {"ResilientRedshift"}
    for kind in ("Custom::RedshiftSnapshotCopyGrant", "AWS::Redshift::ClusterSubnetGroup", "AWS::EC2::SecurityGroup"):
        assert of_type(template, kind) == {}
    # BUT what restores is this app's own
    machines = of_type(template, "AWS::StepFunctions::StateMachine")
    assert [name for name in machines if not name.startswith("ResilientRedshiftProvider")] == [
        "SiteRestoreMachineDB12F29D"
    ]
    assert list(record_in(away)["functions"]) == ["clean_up"]


@pytest.mark.parametrize("law", laws.LAWS)
def test_both_templates_keep_every_law(law: str) -> None:
    # GIVEN a plan on the site of another app WHEN synthesized THEN nothing is exported, and every other law holds
    for template in templates():
        assert list(laws.LAWS[law](template)) == []


def test_the_clusters_stack_is_deployed_after_the_plans() -> None:
    # GIVEN a plan on the site of another app THEN CDK deploys this app's stack in the recovery Region first
    home, away = protected()
    assert away in home.dependencies


def test_multi_az_is_checked_against_the_zones_that_the_app_says() -> None:
    # GIVEN a site with subnets in two Zones WHEN a plan wants Multi-AZ THEN it is refused as for a site of this app
    home, away = two_stacks()
    with pytest.raises(ResilientRedshiftError, match=r"restore\.multi_az"):
        imported(away, subnet_zones=2).protect(
            existing(home, node_type="ra3.large", number_of_nodes=2),
            objectives=OBJECTIVES,
            restore=RestoreOptions(multi_az=True),
        )


def test_names_that_only_the_deployment_of_this_stack_knows_pass() -> None:
    # GIVEN a subnet group whose name is a parameter of this stack WHEN used THEN the record refers to it
    home, away = two_stacks()
    site = imported(away, subnet_group_name=text_parameter)
    site.protect(existing(home, encrypted=True), objectives=OBJECTIVES)
    assert site.subnet_group_name in site.node.find_child("legacy-us-east-1").node.find_child("Record").value  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"env": None}, "'scope' must be in a stack with env=Environment(region=...)"),
        ({"snapshot_copy_grant_name": "Mine"}, "'snapshot_copy_grant_name' must be 1 to 63"),
        ({"snapshot_copy_grant_name": text_parameter}, "'snapshot_copy_grant_name' must be a literal, got 'a token'"),
        (
            {"encryption_key": lambda stack: kms.Alias.from_alias_name(stack, "K", "alias/copies")},
            "'encryption_key' must be the key itself",
        ),
        (
            {"encryption_key": lambda stack: kms.Key.from_key_arn(stack, "K", KEY.replace("us-west-2", "us-east-1"))},
            "'encryption_key' must be in the Region of the stack, us-west-2",
        ),
        ({"subnet_group_name": "Site Subnets"}, "'subnet_group_name' must be a group's name as AWS lists it"),
        ({"security_groups": []}, "'security_groups' must be one or more"),
        ({"subnet_zones": 0}, "'subnet_zones' must be a whole number, 1 or more"),
        ({"manual_snapshot_quota": 0}, "'manual_snapshot_quota' must be a whole number, 1 or more"),
        (
            {"notify": lambda stack: sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111111111111:t")},
            "'notify' must be a topic in us-west-2",
        ),
    ],
)
def test_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an attribute that cannot work here WHEN the site is used THEN the error names it
    error = problems_of(**arguments)
    assert "Site (RecoverySite.from_attributes)" in error
    assert text in error


def test_a_site_of_the_same_app_is_refused_because_its_values_would_be_exported() -> None:
    # GIVEN a site of this app WHEN another stack of the app imports its key, subnet group and security group
    _, away = two_stacks()
    site = site_of(away)
    other = cdk.Stack(cdk.App.of(away), "Other", env=AWAY)  # type: ignore[arg-type]
    with pytest.raises(ResilientRedshiftError) as caught:
        RecoverySite.from_attributes(
            other,
            "Site",
            snapshot_copy_grant_name=site.snapshot_copy_grant_name,
            encryption_key=site.encryption_key,
            subnet_group_name=site.subnet_group_name,
            security_groups=site.security_groups,
        )
    # THEN each of them is refused, and the error says what to use
    assert [text.split("'")[1] for text in caught.value.problems] == [
        "encryption_key",
        "subnet_group_name",
        "security_groups",
    ]
    assert all("use the RecoverySite itself" in text for text in caught.value.problems)


def test_an_import_in_the_clusters_region_cannot_protect_it() -> None:
    # GIVEN a site of another app in the cluster's own Region WHEN it is to protect THEN the error says why not
    home = new_stack(HOME)
    vpc_of(home)
    key = kms.Key.from_key_arn(home, "SiteKey", KEY.replace("us-west-2", "us-east-1"))
    with pytest.raises(ResilientRedshiftError, match="the loss of the cluster's Region would take the copy too"):
        imported(home, encryption_key=key).protect(existing(home), objectives=OBJECTIVES)
