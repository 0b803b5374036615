"""Resources of other tools: noted where they may protect a cluster, and never counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.planning.templates import cluster, copy, row, rule, stack, table

DELETED = "the cluster deleted by mistake"
SNAPSHOTS = '{"States":{"S":{"Resource":"arn:aws:states:::aws-sdk:redshift:createClusterSnapshot"}}}'
COPY = {"ClusterIdentifier": {"Ref": "Warehouse"}, "DestinationRegion": "us-west-2"}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::CloudFormation::CustomResource", COPY),
        ("Custom::Replication", COPY),
        ("Custom::AWS", {"Create": '{"service":"Redshift","action":"createClusterSnapshot"}'}),
        ("AWS::StepFunctions::StateMachine", {"DefinitionString": {"Fn::Join": ["", [SNAPSHOTS]]}}),
        ("AWS::StepFunctions::StateMachine", {"Definition": {"States": {"S": {"Resource": SNAPSHOTS}}}}),
        ("AWS::Redshift::Snapshot", {"ClusterIdentifier": {"Ref": "Warehouse"}, "SnapshotIdentifier": "one"}),
        ("AWS::Redshift::ClusterSnapshotCopy", COPY),
        ("AWS::Serverless::StateMachine", {"Definition": {"States": {"S": {"Resource": SNAPSHOTS}}}}),
        ("AWS::Lambda::Function", {"Code": {"ZipFile": "boto3.client('redshift').create_cluster_snapshot()"}}),
        ("AWS::IAM::Role", {"Policies": [{"PolicyDocument": {"Action": "redshift:CreateClusterSnapshot"}}]}),
    ],
    ids=[
        "custom resource",
        "custom type",
        "SDK call",
        "definition as text",
        "definition",
        "one snapshot",
        "new type",
        "SAM",
        "function",
        "permission",
    ],
)
def test_what_may_protect_the_cluster_is_noted(kind: str, properties: dict[str, Any]) -> None:
    judgement = table(stack(Warehouse=cluster(), Foreign={"Type": kind, "Properties": properties}))

    assert row(judgement, "the Region").protection == row(judgement, DELETED).protection == "none"
    assert len(judgement.notes) == 1
    assert "Foreign" in judgement.notes[0]
    assert "not counted" in judgement.notes[0]


@pytest.mark.parametrize(
    "kind",
    ["AWS::Redshift::ClusterSubnetGroup", "AWS::Redshift::SnapshotCopyGrant", "AWS::SNS::Topic", "Custom::Other"],
)
def test_what_protects_nothing_is_not_noted(kind: str) -> None:
    properties = {"Name": "x", "DestinationRegion": "us-west-2"}  # the copy of something else

    judgement = table(stack(Warehouse=cluster(), Other={"Type": kind, "Properties": properties}))

    assert judgement.notes == ()


def test_a_rule_of_another_tool_with_similar_input_is_not_ours() -> None:
    # GIVEN a rule that sends a cluster's name and a retention to a function
    sent = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Input": '{"cluster_identifier":"sales","keep_days":7}'}
    theirs = {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [sent]}}

    # THEN
    judgement = table(stack(Warehouse=cluster(ClusterIdentifier="sales"), Theirs=theirs))
    assert row(judgement, DELETED).protection == "none"


ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {"Policies": [{"PolicyDocument": {"Statement": [{"Action": "redshift:CreateClusterSnapshot"}]}}]},
}
MACHINE = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": SNAPSHOTS}}


@pytest.mark.parametrize("user", [rule(), MACHINE], ids=["our rule", "their state machine"])
def test_a_permission_is_not_noted_beside_what_uses_it(user: dict[str, Any]) -> None:
    assert not any("Role" in note for note in table(stack(Warehouse=cluster(), User=user, Role=ROLE)).notes)


def test_the_functions_of_this_library_are_not_noted() -> None:
    # GIVEN the library's function, whose code is an asset, beside a rule of ours
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Key": "a.zip"}, "Handler": "take.handler"}}

    assert table(stack(Warehouse=cluster(), Nightly=rule(), Function=function)).notes == ()


@pytest.mark.parametrize(
    ("kind", "properties", "gap"),
    [
        ("AWS::Redshift::SnapshotSchedule", {"ScheduleDefinitions": ["rate(12 hours)"]}, "12 h"),
        ("AWS::Redshift::SnapshotSchedule", {"ScheduleDefinitions": ["rate(2 hours)"]}, "8 h"),
        ("AWS::Redshift::SnapshotSchedule", {"ScheduleDefinitions": [{"Ref": "Times"}]}, "1 d"),
        ("Custom::AWS", {"Create": '{"action":"modifyClusterSnapshotSchedule"}'}, "1 d"),
        ("Custom::RedshiftSnapshotSchedule", {"ClusterIdentifier": "sales"}, "1 d"),
    ],
    ids=["longer", "shorter", "unknown", "SDK call", "custom type"],
)
def test_a_schedule_of_another_tool_may_come_less_often_than_redshift_by_itself(
    kind: str, properties: dict[str, Any], gap: str
) -> None:
    judgement = table(stack(Warehouse=cluster(), Foreign={"Type": kind, "Properties": properties}))

    assert row(judgement, "a Zone").recovery_point == gap
    assert len(judgement.notes) == 1
    assert "not counted" in judgement.notes[0]


@pytest.mark.parametrize(("name", "warned"), [("Warehouse", True), ("Other", False)])
def test_a_second_tool_that_copies_the_same_cluster_may_switch_our_copy_off(name: str, warned: bool) -> None:
    # GIVEN a copy of ours, and a copy of another tool for this cluster or another one
    theirs = {"Type": "Custom::RedshiftSnapshotCopy", "Properties": {"ClusterName": {"Ref": name}}}

    # WHEN
    judgement = table(stack(Warehouse=cluster(), Copy=copy(), Theirs=theirs))

    # THEN
    assert any("can switch the copy" in note for note in row(judgement, "the Region").notes) is warned


@pytest.mark.parametrize(("region", "gap"), [("us-east-1", "1 d"), ("us-west-2", "8 h")])
def test_a_schedule_of_another_tool_in_a_stack_of_its_own_may_be_of_each_cluster_there(region: str, gap: str) -> None:
    # GIVEN an association in a stack without a cluster, beside the stack of a cluster
    call = {"Type": "Custom::AWS", "Properties": {"Create": '{"action":"modifyClusterSnapshotSchedule"}'}}

    # THEN the longest gap counts in the same Region
    assert row(table(stack(Warehouse=cluster()), stack("Times", region, Call=call)), "a Zone").recovery_point == gap
