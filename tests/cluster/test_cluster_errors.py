"""ResilientCluster: the arguments that it refuses, and its error texts."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from resilient_redshift import FOREVER, AutomatedSnapshots, ResilientRedshiftError
from tests.scenes.clusters import cluster_of, new_app, new_stack, vpc_of

OFF = AutomatedSnapshots(keep=cdk.Duration.days(0), accept_loss_of_automated_snapshots=True)
API = "Redshift API"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"cluster_identifier": "Sales"},
            (
                "'cluster_identifier' must be 1 to 63 lower-case letters, digits and single hyphens, a letter first and no "
                "hyphen last, got 'Sales' (Redshift API: ClusterIdentifier)"
            ),
        ),
        ({"node_type": "ra3large"}, "'node_type' must be a node type such as 'ra3.large', got 'ra3large'"),
        ({"node_type": "RA3.large"}, "'node_type' must be a node type such as 'ra3.large', got 'RA3.large'"),
        ({"number_of_nodes": 0}, "'number_of_nodes' must be a whole number from 1 to 128, got 0"),
        ({"number_of_nodes": 129}, "'number_of_nodes' must be a whole number from 1 to 128, got 129"),
        ({"number_of_nodes": 2.5}, "'number_of_nodes' must be a whole number, got 2.5"),
        (
            {"node_type": "ra3.4xlarge", "number_of_nodes": 1},
            "'number_of_nodes' must be 2 or more for ra3.4xlarge, got 1",
        ),
        ({"port": 5430}, "'port' must be 5431 to 5455 or 8191 to 8215 for RA3 nodes, got 5430 (Redshift API: Port)"),
        (
            {"node_type": "rg.xlarge", "port": 5456},
            "'port' must be 5431 to 5455 or 8191 to 8215 for RG nodes, got 5456",
        ),
        ({"node_type": "dc2.large", "port": 1149}, "'port' must be 1150 to 65535 for DC2 nodes, got 1149"),
        ({"database_name": "Sales"}, "'database_name' must be 1 to 64 lower-case letters, digits, '_' and '$'"),
        ({"master_username": "public"}, "'master_username' must be 1 to 128 lower-case letters, digits and '_+.@-'"),
        (
            {"audit_log_exports": ["queries"]},
            "'audit_log_exports' must be some of connectionlog, userlog, useractivitylog",
        ),
        (
            {"preferred_maintenance_window": "sat:10:00-sat:10:29"},
            "'preferred_maintenance_window' must be 30 minutes or more",
        ),
        (
            {"removal_policy": cdk.RemovalPolicy.DESTROY},
            (
                "'accept_loss_of_cluster' must be True with RemovalPolicy.DESTROY, got False (this policy deletes the data and every "
                "automated snapshot, and takes no final snapshot)"
            ),
        ),
        (
            {"automated_snapshots": OFF},
            (
                "'automated_snapshots' must be 1 to 35 whole days for RA3 nodes, got '0 days' "
                "(Redshift API: AutomatedSnapshotRetentionPeriod)"
            ),
        ),
        (
            {"automated_snapshots": OFF, "node_type": "rg.large"},
            "'automated_snapshots' must be 1 to 35 whole days for RG nodes, got '0 days'",
        ),
        (
            {"manual_snapshot_retention": cdk.Duration.days(3654)},
            "'manual_snapshot_retention' must be 1 to 3653 whole days or FOREVER, got 3654 days",
        ),
        (
            {"manual_snapshot_retention": cdk.Duration.hours(36)},
            "'manual_snapshot_retention' must be 1 to 3653 whole days or FOREVER",
        ),
        ({"parameter_group_family": "redshift"}, "'parameter_group_family' must be a family such as 'redshift-1.0'"),
        (
            {"parameters": {"Statement_Timeout": "1"}},
            "'parameters' must be names in lower case, got 'Statement_Timeout'",
        ),
        ({"parameters": {"statement_timeout": 1}}, "'parameters['statement_timeout']' must be a string, got 1"),
        (
            {"parameters": {"wlm_json_configuration": "[{"}},
            "'parameters['wlm_json_configuration']' must be JSON, got '[{'",
        ),
        (
            {"parameters": {"require_ssl": "false"}},
            "'parameters['require_ssl']' must be 'true', got 'false' (a cluster without it needs an aws_redshift.CfnCluster",
        ),
        (
            {"parameters": {"enable_user_activity_logging": "false"}},
            "'parameters['enable_user_activity_logging']' must be 'true', got 'false'",
        ),
        ({"security_groups": []}, "'security_groups' must be one or more, or None for a new one, got []"),
        ({"multi_az": True, "node_type": "dc2.large"}, "'multi_az' must be False for DC2 nodes, got True"),
        (
            {"multi_az": True, "number_of_nodes": 1},
            "'number_of_nodes' must be 2 or more in each Zone with multi_az, got 1",
        ),
        (
            {"multi_az": True, "availability_zone_relocation": True},
            "'availability_zone_relocation' must be False or None with multi_az, got True",
        ),
        (
            {"availability_zone_relocation": True, "node_type": "dc2.large"},
            "'availability_zone_relocation' must be False or None for DC2 nodes, got True",
        ),
    ],
)
def test_refused(arguments: dict[str, Any], message: str) -> None:
    # GIVEN a stack with a VPC of three Zones, WHEN the argument is wrong
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError) as caught:
        cluster_of(stack, **arguments)
    # THEN the error has one problem and the construct's path
    [problem] = caught.value.problems
    assert message in problem
    assert caught.value.where == "Stack/Warehouse (ResilientCluster)"


@pytest.mark.parametrize(
    ("zones", "arguments", "message"),
    [
        (
            2,
            {"multi_az": True},
            "'vpc_subnets' must be in 3 or more Availability Zones with multi_az, got 'subnets in 2'",
        ),
        (
            1,
            {"availability_zone_relocation": True},
            "'vpc_subnets' must be in 2 or more Availability Zones with availability_zone_relocation, got 'subnets in 1'",
        ),
    ],
)
def test_too_few_zones(zones: int, arguments: dict[str, Any], message: str) -> None:
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError, match=r"vpc_subnets") as caught:
        cluster_of(stack, vpc=vpc_of(stack, zones=zones), **arguments)
    assert caught.value.problems[0].startswith(message)


def test_chosen_subnets_count_not_the_vpc() -> None:
    stack = new_stack()
    selection = ec2.SubnetSelection(availability_zones=["us-east-1a", "us-east-1b"])
    with pytest.raises(ResilientRedshiftError, match="3 or more Availability Zones"):
        cluster_of(stack, vpc_subnets=selection, multi_az=True)


def test_explicit_subnets_that_know_their_zones_are_counted() -> None:
    stack = new_stack()
    subnets = [
        ec2.Subnet.from_subnet_attributes(stack, f"Subnet{n}", subnet_id=f"subnet-{n}", availability_zone="us-east-1a")
        for n in range(3)
    ]
    with pytest.raises(ResilientRedshiftError, match="got 'subnets in 1'"):
        cluster_of(stack, vpc_subnets=ec2.SubnetSelection(subnets=subnets), multi_az=True)


def test_agnostic_stack_has_two_zones_at_most() -> None:
    # CDK gives an environment-agnostic VPC two Zones, whatever the Region has
    stack = new_stack(None)
    with pytest.raises(ResilientRedshiftError, match="got 'subnets in 2'"):
        cluster_of(stack, vpc=ec2.Vpc(stack, "Vpc", nat_gateways=0, max_azs=3), multi_az=True)


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (
            cdk.Environment(account="111111111111", region="us-west-2"),
            "'vpc' must be in the Region of the stack, us-east-1, got 'one in us-west-2'",
        ),
        (
            cdk.Environment(account="222222222222", region="us-east-1"),
            "'vpc' must be in the account of the stack, 111111111111, got 'one in 222222222222'",
        ),
    ],
)
def test_vpc_of_another_environment(env: cdk.Environment, message: str) -> None:
    app = new_app()
    elsewhere = vpc_of(new_stack(env, app=app, name="Elsewhere"))
    with pytest.raises(ResilientRedshiftError) as caught:
        cluster_of(new_stack(app=app), vpc=elsewhere)
    assert caught.value.problems[0].startswith(message)


def test_vpc_of_an_agnostic_stack_is_not_judged() -> None:
    app = new_app()
    cluster_of(new_stack(app=app), vpc=vpc_of(new_stack(None, app=app, name="Agnostic")))


def test_key_of_another_region() -> None:
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-west-2:111111111111:key/k")
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be in the Region of the stack, us-east-1"):
        cluster_of(stack, encryption_key=key)


def test_one_error_reports_every_problem_and_nothing_is_made() -> None:
    stack = new_stack()
    vpc = vpc_of(stack)
    with pytest.raises(ResilientRedshiftError) as caught:
        cluster_of(
            stack, vpc=vpc, cluster_identifier="S", port=1, number_of_nodes=0, parameters={"require_ssl": "false"}
        )
    assert [problem.split("' must")[0] for problem in caught.value.problems] == [
        "'cluster_identifier",
        "'number_of_nodes",
        "'port",
        "'parameters['require_ssl']",
    ]
    assert stack.node.try_find_child("Warehouse") is None


def test_edges_of_ranges_pass() -> None:
    stack = new_stack()
    for n, port in enumerate((5431, 5455, 8191, 8215)):
        cluster_of(stack, f"Port{n}", port=port)
    cluster_of(stack, "Dc2", node_type="dc2.large", port=65535, number_of_nodes=128)
    cluster_of(stack, "Long", manual_snapshot_retention=cdk.Duration.days(3653))
    cluster_of(stack, "Short", manual_snapshot_retention=cdk.Duration.days(1))
    cluster_of(stack, "Forever", manual_snapshot_retention=FOREVER)


def test_an_alias_is_no_key() -> None:
    # GIVEN an alias, which can later name another key WHEN a cluster gets it THEN it is refused
    stack = new_stack()
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/warehouse")
    with pytest.raises(ResilientRedshiftError, match="'encryption_key' must be the key itself, got 'an alias'"):
        cluster_of(stack, encryption_key=alias)


def test_a_duration_is_no_automated_snapshots() -> None:
    # GIVEN a Duration instead of an AutomatedSnapshots WHEN a cluster is made THEN the error names the argument
    slip: Any = cdk.Duration.days(14)
    with pytest.raises(
        ResilientRedshiftError, match="'automated_snapshots' must be an AutomatedSnapshots, got 14 days"
    ):
        cluster_of(new_stack(), automated_snapshots=slip)
