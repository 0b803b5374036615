"""AWS Backup plans: counted where the selection and the schedule are certain, otherwise noted with the reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.planning.templates import cluster, copy, row, stack, table

DELETED = "the cluster deleted by mistake"
ANY_CLUSTER = "arn:aws:redshift:*:*:cluster:*"
TAGGED = [{"Key": "backup", "Value": "daily"}]
BY_TAG = {"StringEquals": [{"ConditionKey": "aws:ResourceTag/backup", "ConditionValue": "daily"}]}


def plan(**rule: Any) -> Any:
    daily = {"RuleName": "daily", "TargetBackupVault": "Default", "Lifecycle": {"DeleteAfterDays": 35}, **rule}
    body = {"BackupPlanName": "plan", "BackupPlanRule": [daily]}
    return {"Type": "AWS::Backup::BackupPlan", "Properties": {"BackupPlan": body}}


def selection(*arns: Any, **body: Any) -> Any:
    chosen = {"SelectionName": "all", "IamRoleArn": "arn:aws:iam::111122223333:role/b", "Resources": list(arns), **body}
    properties = {"BackupPlanId": {"Ref": "Plan"}, "BackupSelection": chosen}
    return {"Type": "AWS::Backup::BackupSelection", "Properties": properties}


def judged(chosen: Any, backup_plan: Any = None, **properties: Any) -> Any:
    warehouse = cluster(ClusterIdentifier="sales", **properties)
    return table(stack(Warehouse=warehouse, Plan=backup_plan or plan(), Selection=chosen))


PLACE = "arn:${AWS::Partition}:redshift:${AWS::Region}:${AWS::AccountId}:cluster"


@pytest.mark.parametrize(
    ("chosen", "properties"),
    [
        (selection({"Fn::Sub": f"{PLACE}:${{Warehouse}}"}), {}),
        (selection({"Fn::Sub": f"{PLACE}:sales"}), {}),
        (selection("arn:aws:redshift:us-east-1:*:cluster:sa*"), {}),
        (selection(ANY_CLUSTER), {}),
        (selection(ANY_CLUSTER, Conditions=BY_TAG), {"Tags": TAGGED}),
        (selection(ANY_CLUSTER, NotResources=["arn:aws:s3:::*"]), {}),
    ],
    ids=["reference", "name", "pattern", "type", "type and tag", "other service excluded"],
)
def test_a_certain_selection_counts(chosen: Any, properties: dict[str, Any]) -> None:
    deleted = row(judged(chosen, **properties), DELETED)

    # THEN a backup starts up to eight hours after its time
    assert deleted.protection == "restore from the newest of the snapshots of AWS Backup of rule daily (kept 35 d)"
    assert deleted.recovery_point == "1 d 8 h"


@pytest.mark.parametrize(
    ("chosen", "why", "properties"),
    [
        (selection("*"), "do not certainly name the cluster", {}),
        (selection("arn:aws:redshift:*"), "do not certainly name the cluster", {}),
        (selection(f"{ANY_CLUSTER[:-1]}other"), "do not certainly name the cluster", {}),
        (selection("arn:aws:redshift:eu-west-1:*:cluster:*"), "do not certainly name the cluster", {}),
        (selection({"Ref": "Arn"}), "do not certainly name the cluster", {}),
        (selection(ListOfTags=[{"ConditionKey": "backup", "ConditionValue": "daily"}]), "opt-in", {"Tags": TAGGED}),
        (selection(ANY_CLUSTER, Conditions=BY_TAG), "do not fulfil its conditions", {}),
        (selection(ANY_CLUSTER, Conditions=BY_TAG), "not certain", {"Tags": TAGGED, "SnapshotIdentifier": "old"}),
        (selection(ANY_CLUSTER, Conditions={"StringNotEquals": [{}]}), "not certain", {"Tags": TAGGED}),
        (selection(ANY_CLUSTER, NotResources=["arn:aws:redshift:*:*:cluster:sa*"]), "may exclude", {}),
        (selection(ANY_CLUSTER, NotResources={"Ref": "Excluded"}), "may exclude", {}),
        ({**selection(ANY_CLUSTER), "Condition": "Prod"}, "only where condition Prod holds", {}),
    ],
    ids=[
        "everything", "service", "other cluster", "other Region", "unknown", "tag alone", "tag is missing",
        "restored without tags", "excluding condition", "excluded", "unknown exclusion", "condition",
    ],
)  # fmt: skip
def test_an_uncertain_selection_is_noted_with_the_reason(chosen: Any, why: str, properties: dict[str, Any]) -> None:
    judgement = judged(chosen, **properties)

    assert row(judgement, DELETED).protection == "none"
    assert len(judgement.notes) == 1
    assert why in judgement.notes[0]


@pytest.mark.parametrize(
    "rule",
    [
        {"ScheduleExpression": {"Ref": "When"}},
        {"ScheduleExpressionTimezone": "Europe/Berlin"},
        {"Lifecycle": {"DeleteAfterDays": {"Ref": "Days"}}},
        {"Lifecycle": {"Ref": "Life"}},
        {"StartWindowMinutes": {"Ref": "Window"}},
    ],
    ids=["schedule", "zone", "retention", "lifecycle", "window"],
)
def test_a_rule_that_deployment_decides_is_noted(rule: dict[str, Any]) -> None:
    judgement = judged(selection(ANY_CLUSTER), plan(**rule))

    assert row(judgement, DELETED).protection == "none"
    assert "rule daily of AWS Backup plan Plan is not counted" in judgement.notes[0]


def test_schedule_window_and_retention_are_the_rules() -> None:
    hourly = plan(ScheduleExpression="cron(0 * * * ? *)", StartWindowMinutes=60, Lifecycle=None)

    deleted = row(judged(selection(ANY_CLUSTER), hourly), DELETED)

    assert (deleted.recovery_point, "kept for ever" in deleted.protection) == ("2 h", True)


def test_aws_backup_copies_nothing_of_redshift_to_another_region() -> None:
    # GIVEN a plan that copies, and a snapshot copy whose automated copies do not last
    copies = [{"DestinationBackupVaultArn": "arn:aws:backup:us-west-2:111122223333:backup-vault:Default"}]
    warehouse = cluster(NodeType="dc2.large", AutomatedSnapshotRetentionPeriod=0)
    judgement = table(
        stack(Warehouse=warehouse, Plan=plan(CopyActions=copies), Selection=selection(ANY_CLUSTER), Copy=copy())
    )

    assert row(judgement, "the Region").protection == "none"
    assert any("the copies of AWS Backup plan Plan are not counted" in note for note in judgement.notes)


def test_a_paused_cluster_is_not_backed_up() -> None:
    judgement = judged(selection(ANY_CLUSTER), ResourceAction="pause-cluster")

    assert row(judgement, DELETED).protection == "none"
