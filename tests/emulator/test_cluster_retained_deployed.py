"""A ResilientCluster with ``removal_policy=RETAIN``: its stack is destroyed, and another stack imports the cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms

pytest.importorskip("ministack")

import resilient_redshift as rr
from emulator.redshift_model import ACCOUNT
from tests.emulator.cloudformation_scene import Stacks, operations, reset_services
from tests.emulator.scene import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "0d1e4f7e-1f0c-6a52-9a57-3f4a3d2b1c0e"
IDENTIFIERS = {
    "AWS::Redshift::Cluster": "ClusterIdentifier",
    "AWS::Redshift::ClusterSubnetGroup": "ClusterSubnetGroupName",
    "AWS::Redshift::ClusterParameterGroup": "ParameterGroupName",
}


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    reset_services()
    found = Stacks()
    found.model.given_key(HERE, key_id=KEY)
    yield found
    reset_services()


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    """The resources of a stack with one cluster that is kept."""
    stack = cdk.Stack(
        cdk.App(analytics_reporting=False), "Warehouse", env=cdk.Environment(account=ACCOUNT, region=HERE)
    )
    zones = [f"{HERE}{letter}" for letter in "abc"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=zones, private_subnet_ids=["subnet-1", "subnet-2", "subnet-3"]
    )
    rr.ResilientCluster(
        stack,
        "Sales",
        vpc=vpc,
        node_type="ra3.large",
        cluster_identifier="sales",
        encryption_key=kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{HERE}:{ACCOUNT}:key/{KEY}"),
        security_groups=[ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")],
        removal_policy=cdk.RemovalPolicy.RETAIN,
    )
    return dict(assertions.Template.from_stack(stack).to_json()["Resources"])


def imported(stacks: Stacks, template: dict[str, Any], names: dict[str, str]) -> str:
    """Import resources by the names that they have, as ``cdk import`` does."""
    entries: dict[str, str] = {}
    for number, (logical_id, name) in enumerate(names.items(), 1):
        kind = template[logical_id]["Type"]
        entry = f"ResourcesToImport__member__{number}__"
        entries |= {
            f"{entry}ResourceType": kind,
            f"{entry}LogicalResourceId": logical_id,
            f"{entry}ResourceIdentifier__entry__1__key": IDENTIFIERS[kind],
            f"{entry}ResourceIdentifier__entry__1__value": name,
        }
    body = json.dumps({"Resources": template})
    stacks.call(
        "CreateChangeSet", StackName="new", ChangeSetName="i", ChangeSetType="IMPORT", TemplateBody=body, **entries
    )
    stacks.call("ExecuteChangeSet", StackName="new", ChangeSetName="i")
    return stacks.status("new")


def test_the_stack_of_a_kept_cluster_goes_and_the_cluster_comes_back_by_import(
    stacks: Stacks, template: dict[str, Any]
) -> None:
    # GIVEN a deployed cluster that is kept, with its data
    assert stacks.deploy(template) == "CREATE_COMPLETE"
    stacks.model.given_content(HERE, "sales", tables={"public.orders": 1000})
    names = {logical_id: str(stacks.physical(logical_id)) for logical_id in template}
    # WHEN its stack is destroyed
    since = len(stacks.model.calls)
    assert stacks.destroy() == "DELETE_COMPLETE"
    # THEN nothing that the cluster needs was touched
    assert [name for name in operations(stacks, since) if name.startswith("Delete")] == []
    # AND a new stack imports the cluster and its groups, and its next deployment changes nothing
    assert imported(stacks, template, names) == "IMPORT_COMPLETE"
    since = len(stacks.model.calls)
    changed = {**template, "Other": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}}}
    assert stacks.deploy(changed, "new") == "UPDATE_COMPLETE"
    assert operations(stacks, since) == []
    assert stacks.model.content(HERE, "sales").tables["public.orders"].rows == 1000
