"""RestoreOptions against the cluster and the site: what AWS would refuse in the night is an error at synth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_redshift as redshift

from resilient_redshift import DnsRecord, ResilientRedshiftError, RestoreOptions
from tests.scenes.clusters import cluster_of, new_app, number_parameter, text_parameter, vpc_of, warnings_of
from tests.scenes.recovery import AWAY, OBJECTIVES, existing, l1_cluster, site_of, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift import RecoveryPlan

ROLE = "arn:aws:iam::111111111111:role/load"
APPLICATION = "arn:aws:redshift:us-west-2:111111111111:redshiftidcapplication:1f0c6a52"
#: How an error names a setting that the options do not have.
CLUSTERS = " (default: that of the cluster)"


def protect(cluster: Any, away: cdk.Stack, zones: int = 3, **options: Any) -> RecoveryPlan:
    vpc_of(away, zones=zones)  # the site takes the VPC that its stack has
    given = {"parameters": {}, "iam_role_arns": [], **options}
    return site_of(away).protect(cluster, objectives=OBJECTIVES, restore=RestoreOptions(**given))


def problems_of(cluster: Any, away: cdk.Stack, zones: int = 3, **options: Any) -> list[str]:
    with pytest.raises(ResilientRedshiftError) as caught:
        protect(cluster, away, zones, **options)
    assert caught.value.where == "Away/Site (RecoverySite.protect)"
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("facts", "options", "text"),
    [
        # a port that another family has
        (
            {"node_type": "ra3.large"},
            {"port": 3306},
            "'restore.port' must be 5431 to 5455 or 8191 to 8215 for RA3 nodes, got 3306 (Redshift API: Port)",
        ),
        ({"node_type": "rg.large"}, {"port": 3306}, "'restore.port' must be 5431 to 5455 or 8191 to 8215 for RG nodes"),
        # a node type that cannot be a single node, with the cluster's one node
        (
            {"node_type": "ra3.large", "number_of_nodes": 1},
            {"node_type": "ra3.4xlarge"},
            f"'restore.number_of_nodes{CLUSTERS}' must be 2 or more for ra3.4xlarge, got 1",
        ),
        (
            {"node_type": "ra3.16xlarge", "number_of_nodes": 2},
            {"number_of_nodes": 1},
            "'restore.number_of_nodes' must be 2 or more for ra3.16xlarge, got 1",
        ),
        # Multi-AZ on the cluster's hardware
        ({"node_type": "dc2.large"}, {"multi_az": True}, "'restore.multi_az' must be False for DC2 nodes, got True"),
        (
            {"node_type": "ra3.large", "number_of_nodes": 1},
            {"multi_az": True},
            f"'restore.number_of_nodes{CLUSTERS}' must be 2 or more in each Zone with restore.multi_az, got 1",
        ),
        (
            {"node_type": "ra3.large", "multi_az": True, "number_of_nodes": 2},
            {"number_of_nodes": 1},
            f"'restore.number_of_nodes' must be 2 or more in each Zone with restore.multi_az{CLUSTERS}, got 1",
        ),
    ],
)
def test_hardware(facts: dict[str, Any], options: dict[str, Any], text: str) -> None:
    # GIVEN a cluster whose hardware is known WHEN the options do not fit it THEN the error names option and value
    home, away = two_stacks()
    [problem] = problems_of(existing(home, **facts), away, **options)
    assert text in problem


def test_a_port_of_the_cluster_that_the_new_hardware_does_not_allow() -> None:
    # GIVEN a DC2 cluster on a port of its own WHEN it is to be restored on RA3 THEN the error says whose port it is
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", node_type="dc2.large", port=3306)
    [problem] = problems_of(cluster, away, node_type="ra3.large", number_of_nodes=2)
    assert f"'restore.port{CLUSTERS}' must be 5431 to 5455 or 8191 to 8215 for RA3 nodes, got 3306" in problem


@pytest.mark.parametrize(
    ("cluster_in", "options", "name"),
    [
        (existing, {"multi_az": True}, "restore.multi_az"),
        (lambda stack: l1_cluster(stack, multi_az=True), {}, f"restore.multi_az{CLUSTERS}"),
    ],
)
def test_multi_az_needs_three_zones_of_the_site(
    cluster_in: Callable[[cdk.Stack], Any], options: dict[str, Any], name: str
) -> None:
    # GIVEN a site with subnets in two Zones WHEN the restored cluster would run in two Zones THEN it is refused
    home, away = two_stacks()
    [problem] = problems_of(cluster_in(home), away, 2, **options)
    expected = f"'site.vpc_subnets' must be in 3 or more Availability Zones with {name}, got 'subnets in 2'"
    assert expected in problem


@pytest.mark.parametrize(("zones", "options"), [(3, {}), (2, {"multi_az": False})])
def test_a_multi_az_cluster_is_protected(zones: int, options: dict[str, Any]) -> None:
    # GIVEN a Multi-AZ cluster WHEN the site has three Zones, or the restored cluster needs one THEN it is protected
    home, away = two_stacks()
    assert protect(l1_cluster(home, multi_az=True), away, zones, **options)


def test_a_role_of_another_partition_or_account() -> None:
    # GIVEN a role's ARN from elsewhere WHEN protected THEN each part that differs is a problem
    home, away = two_stacks()
    found = problems_of(existing(home), away, iam_role_arns=["arn:aws-cn:iam::222222222222:role/load"])
    assert len(found) == 2
    assert "'restore.iam_role_arns' must be of the site's partition, aws, got 'arn:aws-cn:" in found[0]
    assert "'restore.iam_role_arns' must be of the site's account, 111111111111, got" in found[1]


def test_a_default_role_that_the_cluster_does_not_have() -> None:
    # GIVEN a cluster with another role, and one with unknown roles WHEN a default role is named THEN it is refused
    home, away = two_stacks()
    cluster = l1_cluster(home, iam_roles=[f"{ROLE}er"])
    [problem] = problems_of(cluster, away, iam_role_arns=None, default_iam_role_arn=ROLE)
    assert f"'restore.default_iam_role_arn' must be one of the cluster's IAM roles, {ROLE}er, got '{ROLE}'" in problem
    home, away = two_stacks()
    [problem] = problems_of(existing(home), away, iam_role_arns=None, default_iam_role_arn=ROLE)
    assert "'restore.default_iam_role_arn' must be one of the cluster's IAM roles, of which none is known" in problem


def test_a_default_role_beside_a_token_is_of_the_sites_account() -> None:
    home, away = two_stacks()
    foreign = ROLE.replace("111111111111", "222222222222")
    options = {"iam_role_arns": [text_parameter(away)], "default_iam_role_arn": foreign}
    [problem] = problems_of(existing(home), away, **options)
    assert "'restore.default_iam_role_arn' must be of the site's account, 111111111111" in problem


def test_an_application_of_another_region() -> None:
    # GIVEN the primary Region's application WHEN protected THEN it is refused: the restored cluster cannot use it
    home, away = two_stacks()
    application = APPLICATION.replace("us-west-2", "us-east-1")
    [problem] = problems_of(existing(home), away, redshift_idc_application_arn=application)
    assert "'restore.redshift_idc_application_arn' must be of the site's Region, us-west-2, got" in problem


def test_all_problems_come_together() -> None:
    # GIVEN a wrong port, number of nodes, network, role and application WHEN protected THEN one error has all of them
    home, away = two_stacks()
    cluster = existing(home, node_type="ra3.large", number_of_nodes=1)
    found = problems_of(
        cluster,
        away,
        2,
        port=3306,
        multi_az=True,
        iam_role_arns=[ROLE.replace("aws", "aws-cn")],
        redshift_idc_application_arn=APPLICATION.replace("111111111111", "222222222222"),
    )
    assert [problem.split("'")[1] for problem in found] == [
        "restore.port",
        f"restore.number_of_nodes{CLUSTERS}",
        "site.vpc_subnets",
        "restore.iam_role_arns",
        "restore.redshift_idc_application_arn",
    ]


def test_a_refused_call_leaves_no_trace() -> None:
    home, away = two_stacks()
    cluster = existing(home, node_type="ra3.large")
    problems_of(cluster, away, port=3306)
    assert [child.node.id for child in home.node.children] == ["Legacy"]
    assert away.node.find_child("Site").node.try_find_child("legacy-us-east-1") is None


def test_hardware_that_is_not_known_passes() -> None:
    # GIVEN a cluster of which nothing is known WHEN options fit some hardware THEN they pass
    home, away = two_stacks()
    assert protect(existing(home), away, port=3306, number_of_nodes=1)


def test_tokens_of_the_recovery_stack_pass() -> None:
    # GIVEN a single-node cluster on its own port WHEN every option is a token THEN nothing is checked against it
    home, away = two_stacks()
    cluster = existing(home, node_type="dc2.large", number_of_nodes=1)
    number = number_parameter(away)
    assert protect(
        cluster,
        away,
        node_type=text_parameter(away, "Type"),
        number_of_nodes=number,
        port=number,
        iam_role_arns=[text_parameter(away, "Role")],
        redshift_idc_application_arn=text_parameter(away, "Application"),
        dns_record=DnsRecord(text_parameter(away, "Zone"), "dwh.example.com"),
    )


REFERENCES: dict[str, Callable[[cdk.Stack], dict[str, Any]]] = {
    "restore.node_type": lambda home: {"node_type": text_parameter(home)},
    "restore.number_of_nodes": lambda home: {"number_of_nodes": number_parameter(home)},
    "restore.port": lambda home: {"port": number_parameter(home)},
    "restore.parameter_group_family": lambda home: {"parameter_group_family": text_parameter(home)},
    "restore.maintenance_track_name": lambda home: {"maintenance_track_name": text_parameter(home)},
    "restore.catalog_name": lambda home: {"catalog_name": text_parameter(home)},
    "restore.redshift_idc_application_arn": lambda home: {"redshift_idc_application_arn": text_parameter(home)},
    "restore.iam_role_arns": lambda home: {"iam_role_arns": [cdk.Fn.join("", [text_parameter(home), "x"])]},
    "restore.default_iam_role_arn": lambda home: {
        "iam_role_arns": [ROLE],
        "default_iam_role_arn": text_parameter(home),
    },
    "restore.dns_record": lambda home: {"dns_record": DnsRecord(text_parameter(home), "dwh.example.com")},
    "restore.parameters[": lambda home: {"parameters": {"search_path": text_parameter(home)}},
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_to_another_region_is_refused(name: str) -> None:
    # GIVEN a value of the cluster's stack WHEN it is passed to the options THEN the error names the option and the stack
    home, away = two_stacks()
    cluster = existing(home)
    [problem] = problems_of(cluster, away, **REFERENCES[name](home))
    assert problem.startswith(f"'{name}")
    assert "must be a literal, or a value of a stack in us-west-2, got \"a reference to the stack 'Home'\"" in problem


def test_a_parameter_group_of_the_clusters_region_is_refused() -> None:
    # GIVEN a parameter group of the cluster's stack WHEN it is to be the restored cluster's THEN the error says why not
    home, away = two_stacks()
    group = redshift.CfnClusterParameterGroup(home, "G", description="d", parameter_group_family="redshift-1.0")
    cluster = existing(home)
    [problem] = problems_of(cluster, away, parameters=None, parameter_group=group)
    assert problem.startswith("'restore.parameter_group' must be in the Region of the stack, us-west-2")


def test_a_generated_role_of_the_clusters_stack_is_refused() -> None:
    # GIVEN a role without a name of its own in the cluster's stack WHEN it is passed to the options
    home, away = two_stacks()
    role = iam.Role(home, "Role", assumed_by=iam.ServicePrincipal("redshift.amazonaws.com"))
    [problem] = problems_of(existing(home), away, iam_role_arns=[role.role_arn])
    # THEN the error says what would work
    assert "'restore.iam_role_arns' must be a literal, or a value of a stack in us-west-2" in problem
    assert "IAM roles with a role_name of their own" in problem


def test_a_role_of_another_stack_of_the_recovery_region_passes() -> None:
    app = new_app()
    home, away = two_stacks(app)
    roles = cdk.Stack(app, "Roles", env=AWAY)
    role = iam.Role(roles, "Role", assumed_by=iam.ServicePrincipal("redshift.amazonaws.com"))
    assert protect(existing(home), away, iam_role_arns=[role.role_arn])


def test_a_new_family_of_nodes_is_a_warning() -> None:
    # GIVEN options with a node type that this version does not know WHEN protected THEN a warning says what is unchecked
    home, away = two_stacks()
    [(warning, message)] = warnings_of(protect(existing(home), away, node_type="ra9.large")).items()
    assert warning == "resilient-redshift:RecoveryPlan.UnknownNodeType"
    assert "does not know the family of 'ra9.large'" in message
