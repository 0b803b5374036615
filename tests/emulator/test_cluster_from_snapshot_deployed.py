"""ResilientClusterFromSnapshot's own template, deployed by the emulated CloudFormation over the model of Redshift."""

from __future__ import annotations

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

ROWS = 1000
KEY = "0d1e4f7e-1f0c-6a52-9a57-3f4a3d2b1c0e"


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    """A Region with a manual snapshot of a thousand rows, and an older one of none."""
    reset_services()
    found = Stacks()
    model = found.model
    model.given_key(HERE, key_id=KEY)
    old = model.given_cluster(HERE, "old", master_username="boss", database="warehouse", encrypted=True)
    model.given_content(HERE, "old", tables={"public.orders": 0})
    model.given_snapshot(HERE, old, "before")
    model.given_content(HERE, "old", tables={"public.orders": ROWS})
    model.given_snapshot(HERE, old, "yearend")
    yield found
    reset_services()


def template(*, plain: bool = False, **changes: Any) -> dict[str, Any]:
    """The resources of a stack with one restored cluster, or with its sibling under the same id."""
    app = cdk.App(analytics_reporting=False)
    stack = cdk.Stack(app, "Archive", env=cdk.Environment(account=ACCOUNT, region=HERE))
    zones = [f"{HERE}{letter}" for letter in "abc"]
    vpc = ec2.Vpc.from_vpc_attributes(
        stack, "Vpc", vpc_id="vpc-1", availability_zones=zones, private_subnet_ids=["subnet-1", "subnet-2", "subnet-3"]
    )
    cdk.Tags.of(stack).add("team", "finance")
    given: dict[str, Any] = {
        "vpc": vpc,
        "node_type": "ra3.large",
        "cluster_identifier": "sales",
        "encryption_key": kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{HERE}:{ACCOUNT}:key/{KEY}"),
        "security_groups": [ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")],
    }
    if plain:
        rr.ResilientCluster(stack, "Sales", **given)
    else:
        rr.ResilientClusterFromSnapshot(stack, "Sales", **{**given, "snapshot_identifier": "yearend", **changes})
    found: dict[str, Any] = dict(assertions.Template.from_stack(stack).to_json()["Resources"])
    return found


def rows(stacks: Stacks, cluster: str = "sales") -> int:
    [table] = stacks.model.content(HERE, cluster).tables.values()
    return int(table.rows)


def test_it_is_restored_with_a_new_password_and_without_tags(stacks: Stacks) -> None:
    # GIVEN a snapshot with another admin and database WHEN the construct's own template is deployed
    assert stacks.deploy(template()) == "CREATE_COMPLETE"
    # THEN the data is there, with the snapshot's admin, logged, with Redshift's password
    assert [name for name in operations(stacks) if "Cluster" in name and "Group" not in name] == [
        "RestoreFromClusterSnapshot"
    ]
    assert "EnableLogging" in operations(stacks)
    found = stacks.model.cluster(HERE, "sales")
    assert found is not None
    assert (rows(stacks), found.master_username, found.encrypted) == (ROWS, "boss", True)
    told = stacks.model.call(HERE, "DescribeClusters", {"ClusterIdentifier": "sales"})["Clusters"][0]
    assert told["MasterPasswordSecretArn"]
    # AND as the warning says, without the stack's tags
    assert found.tags == {}


@pytest.mark.parametrize(
    "change",
    [
        {"snapshot_identifier": "before"},
        {"snapshot_cluster_identifier": "old"},
        {"owner_account": "222222222222"},
        {"database_name": "warehouse"},
        {"master_username": "boss"},
        {"plain": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_changing_or_removing_what_is_frozen_is_refused_and_loses_nothing(
    stacks: Stacks, change: dict[str, Any]
) -> None:
    # GIVEN a restored cluster that people work with, whose snapshot is gone
    stacks.deploy(template())
    stacks.model.given_content(HERE, "sales", tables={"public.orders": ROWS + 5})
    stacks.model.call(HERE, "DeleteClusterSnapshot", {"SnapshotIdentifier": "yearend"})
    since = len(stacks.model.calls)
    # WHEN one of the frozen arguments is changed, or the sibling takes its place
    assert stacks.deploy(template(**change)) == "UPDATE_ROLLBACK_COMPLETE"
    # THEN no cluster was made, changed or deleted
    assert rows(stacks) == ROWS + 5
    assert [name for name in operations(stacks, since) if "Group" not in name] == []


def test_a_replacement_that_gets_through_keeps_the_old_cluster(stacks: Stacks) -> None:
    # GIVEN a restored cluster that people work with
    stacks.deploy(template())
    stacks.model.given_content(HERE, "sales", tables={"public.orders": ROWS + 5})
    # WHEN its identifier is changed, with a removal policy that deletes
    destroyed = {"removal_policy": cdk.RemovalPolicy.DESTROY, "accept_loss_of_cluster": True}
    status = stacks.deploy(template(cluster_identifier="sales-new", **destroyed))
    # THEN the new one has the snapshot's data, and the old one runs on with what was written
    assert status == "UPDATE_COMPLETE"
    assert (rows(stacks, "sales-new"), rows(stacks, "sales")) == (ROWS, ROWS + 5)
