"""The outputs of clusters, sites and plans: only on request, once, and never exported."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

from resilient_redshift import RecoverySite, ResilientRedshiftError
from tests.scenes.clusters import cluster_of, new_stack
from tests.scenes.recovery import AWAY, OBJECTIVES, existing, site_of, template_of, two_stacks
from tests.templates import laws


def outputs_of(stack: cdk.Stack) -> dict[str, Any]:
    """The values of a stack's outputs by the ends of their names."""
    template = template_of(stack)
    assert list(laws.literal_across(template)) == []
    return {name: output["Value"] for name, output in template.get("Outputs", {}).items()}


def test_no_output_without_a_request() -> None:
    stack = new_stack()
    cluster_of(stack)
    assert outputs_of(stack) == {}


def test_a_cluster_puts_out_what_clients_need() -> None:
    # GIVEN a cluster WHEN its outputs are asked for, twice THEN they are there once
    stack = new_stack()
    cluster = cluster_of(stack)
    outputs = cluster.add_outputs()
    assert cluster.add_outputs() == outputs
    assert list(outputs) == ["ClusterIdentifier", "EndpointAddress", "EndpointPort", "AdminSecretArn"]
    assert list(outputs_of(stack).values()) == [
        {"Ref": "Warehouse50B5FE91"},
        {"Fn::GetAtt": ["Warehouse50B5FE91", "Endpoint.Address"]},
        {"Fn::GetAtt": ["Warehouse50B5FE91", "Endpoint.Port"]},
        {"Fn::GetAtt": ["Warehouse50B5FE91", "MasterPasswordSecretArn"]},
    ]


def test_a_site_puts_out_what_another_app_imports() -> None:
    # GIVEN a site whose outputs are deployed WHEN another app passes them on
    stack = new_stack(AWAY)
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-west-2:111111111111:key/1")
    groups = [ec2.SecurityGroup.from_security_group_id(stack, name, name) for name in ("sg-1", "sg-2")]
    site = site_of(stack, encryption_key=key, security_groups=groups, subnet_group="theirs")
    site.add_outputs()
    grant, key_arn, subnet_group, group_ids = outputs_of(stack).values()
    # THEN they are the site's values
    assert (grant, key_arn) == (site.snapshot_copy_grant_name, "arn:aws:kms:us-west-2:111111111111:key/1")
    assert (subnet_group, group_ids) == ("theirs", "sg-1,sg-2")
    other = new_stack(AWAY)
    RecoverySite.from_attributes(
        other,
        "Site",
        snapshot_copy_grant_name=grant,
        encryption_key=kms.Key.from_key_arn(other, "Key", key_arn),
        subnet_group_name=subnet_group,
        security_groups=[ec2.SecurityGroup.from_security_group_id(other, name, name) for name in group_ids.split(",")],
    )


def test_a_site_puts_out_the_zones_that_it_knows() -> None:
    stack = new_stack(AWAY)
    assert site_of(stack).add_outputs()["SubnetZones"].value == "3"


def test_a_plan_puts_out_what_an_operator_needs() -> None:
    # GIVEN a plan WHEN its outputs are asked for THEN they name the plan, its machine and the published endpoint
    home, away = two_stacks()
    plan = site_of(away).protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)
    plan.add_outputs()
    name, machine, endpoint = outputs_of(away).values()
    assert (name, endpoint) == ("sales-us-east-1", "/resilient-redshift/endpoints/sales-us-east-1")
    assert machine["Ref"].startswith("SiteRestoreMachine")
    # AND a rehearsal cannot take the place of the outputs
    with pytest.raises(ResilientRedshiftError, match="'construct_id' must be a name that the plan does not have yet"):
        plan.rehearse("Outputs")
