"""The IAM roles of a restored cluster: carried over as ARNs that are valid in both Regions, or a warning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from resilient_redshift import ExistingCluster, RestoreOptions
from tests.recovery.records import record_in
from tests.scenes.clusters import cluster_of, text_parameter, warnings_of
from tests.scenes.recovery import OBJECTIVES, existing, l1_cluster, of_type, site_of, template_of, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift import RecoveryPlan

UNKNOWN_ROLES = "resilient-redshift:RecoveryPlan.UnknownRoles"
LOAD = "arn:aws:iam::111111111111:role/load"
UNLOAD = "arn:aws:iam::111111111111:role/data/unload"
REGIONS_ONLY = {"home": cdk.Environment(region="us-east-1"), "away": cdk.Environment(region="us-west-2")}


def role_of(stack: cdk.Stack, name: str = "Role", **arguments: Any) -> iam.Role:
    return iam.Role(stack, name, assumed_by=iam.ServicePrincipal("redshift.amazonaws.com"), **arguments)


def plan_of(cluster: Any, away: cdk.Stack, restore: RestoreOptions | None = None) -> RecoveryPlan:
    return site_of(away).protect(cluster, objectives=OBJECTIVES, restore=restore)


def passed_in(stack: cdk.Stack) -> str:
    """The statement that lets the restore machine pass roles, as text."""
    [found] = [
        json.dumps(statement["Resource"])
        for policy in of_type(template_of(stack), "AWS::IAM::Policy").values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if "iam:PassRole" in statement["Action"]
    ]
    return found


@pytest.mark.parametrize(
    "role_in",
    [
        lambda stack: iam.Role.from_role_arn(stack, "Role", UNLOAD),
        lambda stack: role_of(stack, role_name="unload", path="/data/"),
        lambda stack: iam.CfnRole(stack, "Role", assume_role_policy_document={}, role_name="unload", path="/data/"),
    ],
)
def test_roles_of_a_cluster_of_ours_are_carried_over(role_in: Callable[[cdk.Stack], Any]) -> None:
    # GIVEN a cluster with an imported or a named role WHEN protected THEN both records have the role's ARN
    home, away = two_stacks()
    plan = plan_of(cluster_of(home, cluster_identifier="sales", iam_roles=[role_in(home)]), away)
    assert record_in(home)["restore"]["iam_role_arns"] == [UNLOAD]
    assert record_in(away)["restore"]["iam_role_arns"] == [UNLOAD]
    # AND the machine may pass the role, and nothing is missing
    assert passed_in(away) == json.dumps([UNLOAD])
    assert warnings_of(plan) == {}


def test_the_default_path_of_a_role_is_a_slash() -> None:
    home, away = two_stacks()
    plan_of(cluster_of(home, cluster_identifier="sales", iam_roles=[role_of(home, role_name="load")]), away)
    assert record_in(away)["restore"]["iam_role_arns"] == [LOAD]


def test_roles_of_an_l1_are_carried_over() -> None:
    home, away = two_stacks()
    plan_of(l1_cluster(home, iam_roles=[LOAD, UNLOAD]), away, RestoreOptions(parameters={}))
    assert record_in(away)["restore"]["iam_role_arns"] == [LOAD, UNLOAD]


def test_a_cluster_without_roles_has_none_and_no_warning() -> None:
    home, away = two_stacks()
    plan = plan_of(cluster_of(home, cluster_identifier="sales"), away)
    assert "iam_role_arns" not in record_in(away)["restore"]
    assert warnings_of(plan) == {}


@pytest.mark.parametrize(
    "role_in",
    [
        lambda stack: role_of(stack, role_name="load"),
        lambda stack: iam.Role.from_role_name(stack, "Role", "load"),
    ],
)
def test_the_account_of_a_role_may_be_left_to_the_deployment(role_in: Callable[[cdk.Stack], Any]) -> None:
    # GIVEN stacks without an account WHEN protected THEN each record asks its own stack for the account of the role
    home, away = two_stacks(**REGIONS_ONLY)
    plan = plan_of(cluster_of(home, cluster_identifier="sales", iam_roles=[role_in(home)]), away)
    for stack in (home, away):
        assert record_in(stack)["restore"]["iam_role_arns"] == ["arn:aws:iam::123456789012:role/load"]
        assert "Fn::ImportValue" not in json.dumps(template_of(stack))
    assert warnings_of(plan) == {}


@pytest.mark.parametrize(
    "role_in",
    [
        role_of,
        lambda stack: role_of(stack, role_name=cdk.PhysicalName.GENERATE_IF_NEEDED),
        lambda stack: role_of(stack, role_name=text_parameter(stack)),
        lambda stack: iam.Role.from_role_arn(stack, "Role", text_parameter(stack), mutable=False),
        lambda stack: iam.Role.from_role_arn(stack, "Role", cdk.Fn.import_value("role"), mutable=False),
    ],
)
def test_a_role_that_only_its_stack_knows_is_a_warning(role_in: Callable[[cdk.Stack], Any]) -> None:
    # GIVEN a cluster with a literal role and another WHEN protected THEN the literal one is carried over
    home, away = two_stacks()
    known = iam.Role.from_role_arn(home, "Known", LOAD)
    plan = plan_of(cluster_of(home, cluster_identifier="sales", iam_roles=[known, role_in(home)]), away)
    assert record_in(away)["restore"]["iam_role_arns"] == [LOAD]
    # AND a warning counts the other one, and no template refers to another Region
    [(warning, message)] = warnings_of(plan).items()
    assert warning == UNKNOWN_ROLES
    assert "1 of the IAM roles of 'sales' have names that CloudFormation gives" in message
    assert "Fn::ImportValue" not in json.dumps(template_of(away))


def test_a_cluster_of_unknown_roles_is_a_warning() -> None:
    # GIVEN a cluster that the app does not make WHEN protected without roles THEN the warning says what to pass
    home, away = two_stacks()
    plan = plan_of(existing(home), away)
    [(warning, message)] = warnings_of(plan).items()
    assert warning == UNKNOWN_ROLES
    assert "the IAM roles of 'legacy' are not known at synth" in message
    assert "RestoreOptions(iam_role_arns=...)" in message


@pytest.mark.parametrize("arns", [[], [LOAD]])
def test_roles_of_a_cluster_that_exists_are_carried_over(arns: list[str]) -> None:
    # GIVEN the roles of a cluster that exists already, or none WHEN it is protected THEN a restored cluster has them
    home, away = two_stacks()
    plan = plan_of(existing(home, iam_role_arns=arns), away)
    assert record_in(away)["restore"].get("iam_role_arns", []) == arns
    assert warnings_of(plan) == {}


@pytest.mark.parametrize("arns", [[], [LOAD]])
def test_roles_of_the_options_are_no_warning(arns: list[str]) -> None:
    # GIVEN options with roles, or with an empty list WHEN an unknown cluster is protected THEN they are the roles
    home, away = two_stacks()
    plan = plan_of(existing(home), away, RestoreOptions(iam_role_arns=arns))
    assert record_in(away)["restore"].get("iam_role_arns", []) == arns
    assert warnings_of(plan) == {}


def test_no_role_of_the_options_goes_before_the_roles_of_the_cluster() -> None:
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", iam_roles=[iam.Role.from_role_arn(home, "Role", LOAD)])
    plan_of(cluster, away, RestoreOptions(iam_role_arns=[]))
    assert "iam_role_arns" not in record_in(away)["restore"]


def test_a_named_role_of_the_clusters_stack_may_be_passed_to_the_options() -> None:
    # GIVEN a named role of the cluster's Region WHEN it is passed as default role too THEN its literal ARN is recorded
    home, away = two_stacks()
    arn = role_of(home, role_name="load").role_arn
    plan_of(existing(home), away, RestoreOptions(iam_role_arns=[arn], default_iam_role_arn=arn))
    restore = record_in(away)["restore"]
    assert (restore["iam_role_arns"], restore["default_iam_role_arn"]) == ([LOAD], LOAD)


def test_a_default_role_may_be_one_that_the_cluster_has() -> None:
    # GIVEN a cluster with a role WHEN the options name it as default THEN both records have it
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", iam_roles=[iam.Role.from_role_arn(home, "Role", LOAD)])
    plan_of(cluster, away, RestoreOptions(default_iam_role_arn=LOAD))
    for stack in (home, away):
        restore = record_in(stack)["restore"]
        assert (restore["iam_role_arns"], restore["default_iam_role_arn"]) == ([LOAD], LOAD)


def test_a_default_role_that_is_a_token_may_be_passed_too() -> None:
    # GIVEN a default role that may be equal to a literal one WHEN protected THEN the machine may pass both
    home, away = two_stacks()
    default = text_parameter(away)
    plan_of(existing(home), away, RestoreOptions(iam_role_arns=[LOAD], default_iam_role_arn=default))
    assert passed_in(away) == json.dumps([LOAD, {"Ref": "Text"}])


@pytest.mark.parametrize("cross_region_references", [False, True])
def test_a_role_of_the_recovery_stack_crosses_no_region(*, cross_region_references: bool) -> None:
    # GIVEN a role that the recovery stack makes WHEN it is passed to the options, with or without CDK's own references
    app = cdk.App(analytics_reporting=False)
    home, away = (
        cdk.Stack(
            app,
            name,
            env=cdk.Environment(account="111111111111", region=region),
            cross_region_references=cross_region_references,
        )
        for name, region in (("Home", "us-east-1"), ("Away", "us-west-2"))
    )
    role = role_of(away)
    options = RestoreOptions(
        node_type=text_parameter(away),
        iam_role_arns=[LOAD, role.role_arn],
        default_iam_role_arn=role.role_arn,
        maintenance_track_name=text_parameter(away, "Track"),
        catalog_name=text_parameter(away, "Catalog"),
        redshift_idc_application_arn=text_parameter(away, "Application"),
    )
    plan_of(cluster_of(home, cluster_identifier="sales"), away, options)
    assembly = app.synth()
    templates = {stack.stack_name: json.dumps(stack.template) for stack in assembly.stacks}
    # THEN neither template has an export, an import or a helper, and there is no third stack
    assert set(templates) == {"Home", "Away"}
    for text in templates.values():
        for word in ("Fn::ImportValue", "CrossRegionExport", "Fn::GetStackOutput", '"Export"'):
            assert word not in text
    # AND the record of the recovery Region has the tokens, and the other record has none of them
    there = record_in(away)["restore"]
    assert there["iam_role_arns"][0] == LOAD
    assert there["iam_role_arns"][1] == there["default_iam_role_arn"]
    assert {"catalog_name", "maintenance_track_name", "redshift_idc_application_arn", "node_type"} <= there.keys()
    assert record_in(home)["restore"].keys() == {"port", "log_exports", "automated_days"}
    # AND the machine may pass the role
    assert "Fn::GetAtt" in passed_in(away)


def test_roles_of_an_alpha_cluster_are_carried_over() -> None:
    # GIVEN an alpha cluster with a role from outside the app and a role of its own stack WHEN protected
    alpha = pytest.importorskip("aws_cdk.aws_redshift_alpha")
    home, away = two_stacks()
    cluster = alpha.Cluster(
        home,
        "Alpha",
        cluster_name="sales",
        master_user=alpha.Login(master_username="admin"),
        vpc=cdk.aws_ec2.Vpc(home, "Network", max_azs=2),
        roles=[iam.Role.from_role_arn(home, "Known", LOAD), role_of(home)],
    )
    plan = plan_of(ExistingCluster.from_alpha(cluster), away, RestoreOptions(parameters={}))
    # THEN the first one is carried over, and the second one is a warning
    assert record_in(away)["restore"]["iam_role_arns"] == [LOAD]
    assert list(warnings_of(plan)) == [UNKNOWN_ROLES]
