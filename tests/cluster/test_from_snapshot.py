"""ResilientClusterFromSnapshot: what it shares with ResilientCluster, and its frozen arguments."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_redshift as redshift
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import (
    ManualSnapshotRule,
    ResilientCluster,
    ResilientClusterFromSnapshot,
    ResilientRedshiftError,
    SnapshotCopy,
)
from resilient_redshift.planning import SynthesizedTemplate, protection_tables
from resilient_redshift.stack.synth_rules import Finding, Inspected, Rule, frozen_snapshot
from tests.scenes.clusters import (
    cluster_of,
    cluster_resource,
    new_app,
    new_stack,
    properties_of,
    resources_of,
    text_parameter,
    vpc_of,
    warnings_of,
)
from tests.scenes.nag import rules_found

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk.interfaces.aws_redshift import IClusterRef

ID = "resilient-redshift:ResilientClusterFromSnapshot."
SNAPSHOT = "sales-before-the-switch"
FROZEN = {
    "SnapshotIdentifier": SNAPSHOT,
    "SnapshotClusterIdentifier": "sales",
    "OwnerAccount": "222222222222",
    "ClusterIdentifier": "sales",
    "DBName": "dev",
    "MasterUsername": "warehouse_admin",
}


def restored_of(stack: cdk.Stack, name: str = "Warehouse", **arguments: Any) -> ResilientClusterFromSnapshot:
    required = {"cluster_identifier": "sales", "snapshot_identifier": SNAPSHOT, "node_type": "ra3.large"}
    return ResilientClusterFromSnapshot(stack, name, vpc=vpc_of(stack), **(required | arguments))


@pytest.fixture(scope="module")
def resource() -> dict[str, Any]:
    stack = new_stack()
    restored_of(stack, snapshot_cluster_identifier="sales", owner_account="222222222222")
    return cluster_resource(stack)


def test_it_equals_a_resilient_cluster_except_for_the_snapshot(resource: dict[str, Any]) -> None:
    # GIVEN a ResilientCluster with the same arguments
    stack = new_stack()
    cluster_of(stack, cluster_identifier="sales")
    plain = cluster_resource(stack)
    # WHEN both templates are compared THEN they differ in the snapshot, and in the policy of a replacement
    added = {name: value for name, value in resource["Properties"].items() if plain["Properties"].get(name) != value}
    assert added == {name: FROZEN[name] for name in ("SnapshotIdentifier", "SnapshotClusterIdentifier", "OwnerAccount")}
    assert plain["Properties"].keys() <= resource["Properties"].keys()
    assert (plain["UpdateReplacePolicy"], resource["UpdateReplacePolicy"]) == ("Snapshot", "Retain")
    assert plain["DeletionPolicy"] == resource["DeletionPolicy"] == "Snapshot"


def test_the_arguments_are_those_of_a_resilient_cluster() -> None:
    # GIVEN both signatures WHEN compared THEN the defaults are equal, except that the identifier is required
    plain = inspect.signature(ResilientCluster.__init__).parameters
    restored = inspect.signature(ResilientClusterFromSnapshot.__init__).parameters
    own = {"snapshot_identifier", "snapshot_cluster_identifier", "owner_account"}
    assert restored.keys() - plain.keys() == own
    different = {name for name, parameter in plain.items() if restored[name].default != parameter.default}
    assert different == {"cluster_identifier"}
    assert restored["cluster_identifier"].default is inspect.Parameter.empty


def test_redshift_makes_a_new_admin_password_with_the_clusters_key(resource: dict[str, Any]) -> None:
    # GIVEN a restored cluster THEN it does not keep the snapshot's password, and its encryption is explicit
    properties = resource["Properties"]
    assert properties["ManageMasterPassword"] is True
    assert properties["Encrypted"] is True
    assert properties["KmsKeyId"] == properties["MasterPasswordSecretKmsKeyId"]
    assert "MasterUserPassword" not in properties


def test_what_is_left_out_of_the_arguments_is_left_out_of_the_template() -> None:
    # GIVEN a snapshot by its name alone
    stack = new_stack()
    restored_of(stack)
    # THEN the template has no property that could change later
    assert not properties_of(stack).keys() & {"SnapshotClusterIdentifier", "OwnerAccount"}


@pytest.mark.parametrize(
    "policy", [policy for policy in cdk.RemovalPolicy if policy is not cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]
)
def test_a_replacement_keeps_the_old_cluster_whatever_removal_does(policy: cdk.RemovalPolicy) -> None:
    # GIVEN any removal policy WHEN it is applied THEN it decides on deletion, and not on replacement
    stack = new_stack()
    restored_of(stack, removal_policy=policy, accept_loss_of_cluster=True)
    cluster = cluster_resource(stack)
    deletion = {"DESTROY": "Delete", "RETAIN": "Retain", "SNAPSHOT": "Snapshot"}[policy.name]
    assert (cluster["DeletionPolicy"], cluster["UpdateReplacePolicy"]) == (deletion, "Retain")


def test_it_is_a_cluster_for_every_concern() -> None:
    # GIVEN a restored cluster
    stack = new_stack()
    cluster = restored_of(stack)
    reference: IClusterRef = cluster
    # WHEN other constructs get it
    SnapshotCopy(stack, "Copy", cluster=reference, destination_region="us-west-2")
    ManualSnapshotRule(
        stack,
        "Nightly",
        cluster=reference,
        schedule=events.Schedule.cron(hour="3", minute="0"),
        keep=cdk.Duration.days(7),
    )
    cluster.connections.allow_default_port_from(ec2.Peer.ipv4("10.0.0.0/16"))
    cluster.metric_cpu_utilization().create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    # THEN they refer to it
    [copy] = resources_of(stack, "Custom::RedshiftSnapshotCopy")
    assert copy["Properties"]["ClusterIdentifier"] == {"Ref": stack.resolve(cluster.cluster_identifier)["Ref"]}
    [group] = resources_of(stack, "AWS::EC2::SecurityGroup")
    assert group["Properties"]["SecurityGroupIngress"][0]["FromPort"] == 5440
    assert isinstance(cluster.node.default_child, redshift.CfnCluster)
    assert stack.resolve(cluster.admin_secret_arn)["Fn::GetAtt"][1] == "MasterPasswordSecretArn"
    assert cluster.snapshot_identifier == SNAPSHOT


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_compliance_packs_find_nothing(pack: Any) -> None:
    stack = new_stack()
    restored_of(stack)
    assert rules_found(pack, stack) == []


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"snapshot_identifier": ""}, "'snapshot_identifier' must be a snapshot's name (no ARN)"),
        ({"snapshot_identifier": "arn:x/y"}, "'snapshot_identifier' must be a snapshot's name (no ARN)"),
        ({"snapshot_identifier": "s" * 256}, "255 at most"),
        ({"snapshot_cluster_identifier": "Sales"}, "'snapshot_cluster_identifier' must be 1 to 63 lower-case"),
        ({"owner_account": "1234"}, "'owner_account' must be an account's 12 digits, got '1234'"),
        ({"cluster_identifier": None}, "'cluster_identifier' must be a string, got None"),
        ({"cluster_identifier": "Sales"}, "'cluster_identifier' must be 1 to 63 lower-case"),
        ({"removal_policy": cdk.RemovalPolicy.DESTROY}, "'accept_loss_of_cluster' must be True"),
        ({"node_type": "ra3large"}, "'node_type' must be"),
    ],
)
def test_a_bad_value_is_refused(arguments: dict[str, Any], problem: str) -> None:
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError, match="ResilientClusterFromSnapshot") as caught:
        restored_of(stack, **arguments)
    assert problem in str(caught.value)
    assert resources_of(stack, "AWS::Redshift::Cluster") == []


@pytest.mark.parametrize("name", ["rs:sales-2026-11-24-01-02-03", "copy:rs:sales-2026-11-24-01-02-03", "Sales-1", "s"])
def test_every_kind_of_snapshot_has_a_name_that_passes(name: str) -> None:
    stack = new_stack()
    restored_of(stack, snapshot_identifier=name)
    assert properties_of(stack)["SnapshotIdentifier"] == name


@pytest.mark.parametrize(
    "argument",
    [
        "snapshot_identifier",
        "snapshot_cluster_identifier",
        "owner_account",
        "cluster_identifier",
        "database_name",
        "master_username",
    ],
)
def test_a_frozen_argument_is_no_token(argument: str) -> None:
    # GIVEN a value that the deployment decides, and that another deployment may change
    stack = new_stack()
    # WHEN a frozen argument gets it THEN it is refused
    with pytest.raises(ResilientRedshiftError, match=f"'{argument}' must be a literal, got 'a token'"):
        restored_of(stack, **{argument: text_parameter(stack)})


def test_all_problems_come_together() -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        restored_of(new_stack(), snapshot_identifier="1st", owner_account="me", port=1)
    assert len(caught.value.problems) == 3


# its warnings


def test_a_restored_cluster_has_no_warning_that_nobody_can_act_on() -> None:
    # GIVEN a restored cluster with a chosen name and a final snapshot, as the page has it WHEN made THEN nothing warns
    assert warnings_of(restored_of(new_stack(), availability_zone_relocation=True)) == {}


def test_the_warning_about_destroy_is_about_deletion_only() -> None:
    arguments: dict[str, Any] = {"removal_policy": cdk.RemovalPolicy.DESTROY, "accept_loss_of_cluster": True}
    text = warnings_of(restored_of(new_stack(), **arguments))["resilient-redshift:ResilientCluster.Destroy"]
    assert text.startswith("RemovalPolicy.DESTROY: deleting the cluster deletes")


def test_a_copy_acknowledges_the_single_zone() -> None:
    stack = new_stack()
    cluster = restored_of(stack)
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    assert "resilient-redshift:ResilientCluster.SingleZone" not in warnings_of(cluster)


# the rule about frozen arguments


def frozen_resource(**changes: Any) -> Mapping[str, Any]:
    properties = {name: value for name, value in (FROZEN | changes).items() if value is not None}
    return {"Properties": properties, "UpdateReplacePolicy": "Retain"}


def findings_of(logical_id: str, resource: Mapping[str, Any], frozen: Mapping[str, str | None]) -> list[Finding]:
    return list(frozen_snapshot(Inspected(resources={logical_id: resource}, frozen=[(logical_id, frozen)])))


def test_an_unchanged_template_has_no_finding() -> None:
    assert (findings_of("C", frozen_resource(), FROZEN)) == []
    assert (findings_of("C", frozen_resource(OwnerAccount=None), FROZEN | {"OwnerAccount": None})) == []


@pytest.mark.parametrize("name", FROZEN)
@pytest.mark.parametrize("value", [None, "", "other"])
def test_each_frozen_property_is_held(name: str, value: str | None) -> None:
    # GIVEN a template in which one property is removed, emptied or changed WHEN checked THEN the finding names it
    [finding] = findings_of("C", frozen_resource(**{name: value}), FROZEN)
    assert (finding.rule, finding.location) == (Rule.FROZEN_SNAPSHOT, f"Properties/{name}")


@pytest.mark.parametrize(("policy", "findings"), [("Retain", 0), ("Snapshot", 0), ("Delete", 1), (None, 1)])
def test_a_replacement_that_deletes_is_a_finding(policy: str | None, findings: int) -> None:
    resource = {**frozen_resource(), "UpdateReplacePolicy": policy}
    if policy is None:
        del resource["UpdateReplacePolicy"]
    assert len(findings_of("C", resource, FROZEN)) == findings


HATCHES: dict[str, Callable[[ResilientClusterFromSnapshot, redshift.CfnCluster], object]] = {
    "removed": lambda _, l1: l1.add_property_deletion_override("SnapshotIdentifier"),
    "emptied": lambda _, l1: setattr(l1, "snapshot_identifier", ""),
    "generated name": lambda _, l1: setattr(l1, "cluster_identifier", None),
    "deleted": lambda cluster, _: cluster.apply_removal_policy(cdk.RemovalPolicy.DESTROY),
}


@pytest.mark.parametrize("hatch", HATCHES)
def test_an_escape_hatch_stops_the_synth(hatch: str) -> None:
    # GIVEN a cluster that an escape hatch changed
    app = new_app()
    cluster = restored_of(new_stack(app=app))
    HATCHES[hatch](cluster, cluster.node.default_child)  # type: ignore[arg-type]
    # WHEN its app is synthesized THEN the rule stops it
    with pytest.raises(RuntimeError, match="RR006"):
        app.synth()


def test_without_a_hatch_the_synth_passes() -> None:
    app = new_app()
    restored_of(new_stack(app=app))
    assert app.synth().stacks


def test_the_protection_table_knows_it_like_any_cluster() -> None:
    # GIVEN the templates of both siblings
    tables = []
    for make in (cluster_of, restored_of):
        stack = new_stack()
        cluster = make(stack, cluster_identifier="sales")
        SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
        template = assertions.Template.from_stack(stack).to_json()
        # WHEN their protection tables are made
        tables.append(protection_tables([SynthesizedTemplate("Stack", "us-east-1", template)]))
    # THEN the tables are equal
    assert tables[0] == tables[1]
