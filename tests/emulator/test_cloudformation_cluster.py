"""AWS::Redshift::Cluster as the published resource provider handles it, on the model of Redshift's API, without a server.

Read [S] in aws-cloudformation-resource-providers-redshift, commit 0650714, aws-redshift-cluster/src/main/java (HND), and in the published schema (SCH)
- create (CreateHandler 95-165, Translator 89-126): the copy's settings are dropped; wait until available; then EnableLogging
- update: see test_cloudformation_cluster_updates.py
- delete (DeleteHandler 40-80, Translator 683-699): `<id>-final-snapshot`, no retention, no DisableSnapshotCopy; NotFound is success [D]
- create-only properties and attributes (SCH)

Guessed
- that the deployed provider does as the published one (the schemas agree)
- an explicit ClusterIdentifier refuses a replacement with CloudFormation's sentence about custom-named resources
- a snapshot is asked for also when a create rolls back; the text of errors; the attribute Id

Restores and imports: test_cloudformation_restores.py. Not here: namespace policies, deferred maintenance, revisions, AQUA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("ministack")

from emulator.aws.cloudformation.engine.settings import SETTINGS
from emulator.redshift_model import CopyConfig
from tests.emulator.cloudformation_scene import NATIVE, Stacks, cluster, copy_of, custom, operations, tagged, with_copy
from tests.emulator.scene import DAY, HERE, THERE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stacks() -> Iterator[Stacks]:
    found = Stacks()
    found.model.given_grant(THERE, "grant")
    yield found
    SETTINGS.providers.clear()


# create


def test_create_waits_until_available_and_gives_attributes(stacks: Stacks) -> None:
    # GIVEN outputs of each attribute
    names = ("Endpoint.Address", "Endpoint.Port", "ClusterNamespaceArn", "Id", "MasterPasswordSecretArn")
    outputs: dict[str, Any] = {name.replace(".", ""): {"Value": {"Fn::GetAtt": ["C", name]}} for name in names}
    # WHEN
    status = stacks.deploy({"C": cluster(Port="5440")}, Outputs={**outputs, "Ref": {"Value": {"Ref": "C"}}})
    # THEN it is available, four virtual minutes and more later
    assert status == "CREATE_COMPLETE"
    found = stacks.model.cluster(HERE, "sales")
    assert found is not None
    assert found.status == "available"
    assert stacks.model.clock.monotonic() >= stacks.model.settings.create_seconds
    record = stacks.record()
    assert record is not None
    values = {output["OutputKey"]: output["OutputValue"] for output in record["Outputs"]}
    assert values["Ref"] == values["Id"] == "sales"
    assert values["EndpointPort"] == "5440"
    assert values["EndpointAddress"].startswith("sales.")
    assert ":namespace:" in values["ClusterNamespaceArn"]
    assert ":secretsmanager:" in values["MasterPasswordSecretArn"]


def test_create_drops_the_copys_settings(stacks: Stacks) -> None:
    # WHEN the template asks for a copy on create
    stacks.deploy({"C": cluster(**NATIVE)})
    # THEN there is none, and nobody was told
    assert stacks.status() == "CREATE_COMPLETE"
    assert copy_of(stacks) is None
    assert operations(stacks) == ["CreateCluster"]


def test_a_later_update_for_any_reason_turns_the_copy_on(stacks: Stacks) -> None:
    # GIVEN the copy that a create dropped
    stacks.deploy({"C": cluster(**NATIVE)})
    # WHEN only a tag changes
    stacks.deploy({"C": cluster(**NATIVE, Tags=[{"Key": "a", "Value": "b"}])})
    # THEN
    assert copy_of(stacks) == CopyConfig(THERE, 14, -1, "grant")


def test_create_makes_a_name_in_lower_case(stacks: Stacks) -> None:
    # WHEN the template names none
    stacks.deploy({"TheCluster": cluster(ClusterIdentifier=None)}, name="MyStack")
    # THEN
    name = stacks.physical("TheCluster", "MyStack")
    assert name is not None
    assert name.startswith("mystack-thecluster-")
    assert stacks.model.cluster(HERE, name) is not None


def test_create_enables_logging_and_passes_retentions_and_tags(stacks: Stacks) -> None:
    # WHEN
    settings = {"LogDestinationType": "cloudwatch", "LogExports": ["connectionlog"]}
    stacks.deploy(
        {
            "C": cluster(
                LoggingProperties=settings,
                AutomatedSnapshotRetentionPeriod="14",
                ManualSnapshotRetentionPeriod=30,
                Tags=[{"Key": "team", "Value": "data"}],
            )
        }
    )
    # THEN
    found = stacks.model.cluster(HERE, "sales")
    assert found is not None
    assert (found.automated_retention, found.manual_retention, found.tags) == (14, 30, {"team": "data"})
    assert operations(stacks) == ["CreateCluster", "EnableLogging"]


def test_a_taken_identifier_fails_and_leaves_the_other_cluster_alone(stacks: Stacks) -> None:
    # GIVEN somebody else's cluster
    stacks.model.given_cluster(HERE, "sales")
    # WHEN
    assert stacks.deploy({"C": cluster()}) == "ROLLBACK_COMPLETE"
    # THEN
    assert operations(stacks) == ["CreateCluster"]
    assert stacks.model.cluster(HERE, "sales") is not None


def test_a_create_that_fails_half_way_is_deleted(stacks: Stacks) -> None:
    # GIVEN logging cannot be switched on
    stacks.model.faults.fail_next("EnableLogging", "InvalidClusterStateFault")
    # WHEN
    status = stacks.deploy({"C": cluster(LoggingProperties={"LogDestinationType": "cloudwatch"})})
    # THEN
    assert status == "ROLLBACK_COMPLETE"
    assert operations(stacks) == ["CreateCluster", "EnableLogging", "DeleteCluster"]
    assert stacks.model.cluster(HERE, "sales") is None


# create-only properties


@pytest.mark.parametrize(
    "change",
    [
        {"DBName": "other"},
        {"MasterUsername": "other"},
        {"SnapshotIdentifier": "snap"},
        {"OwnerAccount": "444455556666"},
        {"SnapshotClusterIdentifier": "other"},
        {"ClusterSubnetGroupName": "other"},
    ],
)
def test_replacement_under_a_fixed_name_is_refused(stacks: Stacks, change: dict[str, str]) -> None:
    # GIVEN
    stacks.deploy({"C": cluster()})
    since = len(stacks.model.calls)
    # WHEN
    status = stacks.deploy({"C": cluster(**change)})
    # THEN nothing was called
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert operations(stacks, since) == []


def test_another_identifier_replaces_and_keeps_by_update_replace_policy(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"C": cluster("Snapshot")})
    # WHEN it is renamed
    assert stacks.deploy({"C": cluster("Snapshot", ClusterIdentifier="sales2")}) == "UPDATE_COMPLETE"
    # THEN the new one stands, the old one went with a snapshot
    assert stacks.physical("C") == "sales2"
    assert stacks.model.cluster(HERE, "sales") is None
    assert [s.identifier for s in stacks.model.snapshots(HERE, kind="manual")] == ["sales-final-snapshot"]


def test_a_generated_name_is_replaced_without_a_word(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"C": cluster(ClusterIdentifier=None)})
    old = stacks.physical("C")
    # WHEN
    assert stacks.deploy({"C": cluster(ClusterIdentifier=None, DBName="other")}) == "UPDATE_COMPLETE"
    # THEN the data is gone
    assert stacks.physical("C") != old
    assert stacks.model.cluster(HERE, str(old)) is None


# delete


@pytest.mark.parametrize(("policy", "left"), [("Snapshot", ["sales-final-snapshot"]), ("Delete", []), (None, [])])
def test_delete_with_and_without_a_final_snapshot(stacks: Stacks, policy: str | None, left: list[str]) -> None:
    # GIVEN a copying cluster
    with_copy(stacks)
    stacks.deploy({"C": {**tagged(**NATIVE), **({"DeletionPolicy": policy} if policy else {})}}) if policy else None
    since = len(stacks.model.calls)
    # WHEN
    assert stacks.destroy() == "DELETE_COMPLETE"
    # THEN the copy was not switched off first, and the snapshot is kept for ever
    assert operations(stacks, since) == ["DeleteCluster"]
    found = stacks.model.snapshots(HERE, kind="manual")
    assert [(s.identifier, s.retention) for s in found] == [(name, -1) for name in left]


def test_the_second_final_snapshot_collides(stacks: Stacks) -> None:
    # GIVEN a first life
    stacks.deploy({"C": cluster("Snapshot")})
    stacks.destroy()
    stacks.deploy({"C": cluster("Snapshot")})
    # WHEN it is destroyed again
    assert stacks.destroy() == "DELETE_FAILED"
    # THEN the cluster stands
    assert stacks.model.cluster(HERE, "sales") is not None


def test_retain_keeps_the_cluster(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"C": cluster("Retain")})
    # WHEN
    assert stacks.destroy() == "DELETE_COMPLETE"
    # THEN
    assert stacks.model.cluster(HERE, "sales") is not None


def test_a_rolled_back_create_leaves_a_final_snapshot(stacks: Stacks) -> None:
    # GIVEN something after the cluster fails
    stacks.provider.fail("Create", "Z")
    # WHEN
    assert stacks.deploy({"C": cluster("Snapshot"), "Z": custom(needs="C")}) == "ROLLBACK_COMPLETE"
    # THEN
    assert [s.identifier for s in stacks.model.snapshots(HERE, kind="manual")] == ["sales-final-snapshot"]


def test_a_cluster_that_is_gone_is_deleted_already(stacks: Stacks) -> None:
    # GIVEN
    stacks.deploy({"C": cluster()})
    stacks.model.call(HERE, "DeleteCluster", {"ClusterIdentifier": "sales", "SkipFinalClusterSnapshot": True})
    stacks.model.clock.advance(DAY)
    # WHEN / THEN
    assert stacks.destroy() == "DELETE_COMPLETE"


# groups


def test_groups_stand_before_the_cluster_and_go_after_it(stacks: Stacks) -> None:
    # GIVEN
    template = {
        "C": cluster(ClusterSubnetGroupName={"Ref": "S"}, ClusterParameterGroupName={"Ref": "P"}),
        "S": {
            "Type": "AWS::Redshift::ClusterSubnetGroup",
            "Properties": {"Description": "d", "SubnetIds": ["subnet-1", "subnet-2"]},
        },
        "P": {
            "Type": "AWS::Redshift::ClusterParameterGroup",
            "Properties": {
                "Description": "d",
                "ParameterGroupFamily": "redshift-1.0",
                "Parameters": [{"ParameterName": "require_ssl", "ParameterValue": "true"}],
            },
        },
    }
    # WHEN
    assert stacks.deploy(template) == "CREATE_COMPLETE"
    # THEN the parameters are set
    name = stacks.physical("P")
    found = stacks.model.call(HERE, "DescribeClusterParameters", {"ParameterGroupName": name})["Parameters"]
    assert [(p["ParameterName"], p["ParameterValue"]) for p in found] == [("require_ssl", "true")]
    # AND everything goes in the right order, or Redshift would refuse
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert operations(stacks)[-3:] in (
        ["DeleteCluster", "DeleteClusterSubnetGroup", "DeleteClusterParameterGroup"],
        ["DeleteCluster", "DeleteClusterParameterGroup", "DeleteClusterSubnetGroup"],
    )


def test_a_group_in_use_cannot_go(stacks: Stacks) -> None:
    # GIVEN the cluster is retained, its subnet group is not
    group = {"Type": "AWS::Redshift::ClusterSubnetGroup", "Properties": {"Description": "d", "SubnetIds": ["subnet-1"]}}
    stacks.deploy({"C": cluster("Retain", ClusterSubnetGroupName={"Ref": "S"}), "S": group})
    # WHEN / THEN
    assert stacks.destroy() == "DELETE_FAILED"


def test_another_name_of_an_event_subscription_replaces_it_and_another_severity_changes_it(stacks: Stacks) -> None:
    # GIVEN a deployed subscription
    def template(name: str, severity: str) -> dict[str, Any]:
        properties = {
            "SubscriptionName": name,
            "SnsTopicArn": f"arn:aws:sns:{HERE}:123456789012:operators",
            "Severity": severity,
        }
        return {"S": {"Type": "AWS::Redshift::EventSubscription", "Properties": properties}}

    assert stacks.deploy(template("first", "INFO")) == "CREATE_COMPLETE"
    # WHEN its severity changes, and then its name
    stacks.deploy(template("first", "ERROR"))
    [found] = stacks.model.call(HERE, "DescribeEventSubscriptions")["EventSubscriptionsList"]
    assert (found["Severity"], found["Enabled"]) == ("ERROR", True)
    stacks.deploy(template("second", "ERROR"))
    # THEN only the new one is there, and none after the stack
    [found] = stacks.model.call(HERE, "DescribeEventSubscriptions")["EventSubscriptionsList"]
    assert found["CustSubscriptionId"] == "second"
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert stacks.model.call(HERE, "DescribeEventSubscriptions")["EventSubscriptionsList"] == []
