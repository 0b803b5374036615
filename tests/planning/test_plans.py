"""Whether the protection table knows that the way back is rehearsed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events

import resilient_redshift as rr
from resilient_redshift.planning import SynthesizedTemplate, as_json, protection_tables
from tests.planning.templates import cluster, copy, row, stack, table

WEEKLY = {"name": "weekly", "schedule": "cron(0 6 ? * SUN *)", "enabled": True}
WEEK = 7 * 86_400
UNPROVED = (
    "plan sales-us-east-1 has no scheduled rehearsal: nothing proves that this restore works (RecoveryPlan.rehearse)"
)


def record(
    *, region: str = "us-east-1", account: str | None = None, name: str = "sales-us-east-1", **drill: Any
) -> dict[str, Any]:
    body = {"plan": name, "cluster": {"identifier": "sales", "region": region, "account": account}, "drill": drill}
    value = {"Fn::Join": ["", [json.dumps(body)[:-1], ',"machines":{"restore":"', {"Ref": "Machine"}, '"}}']]}
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": f"/resilient-redshift/plans/{name}", "Type": "String", "Value": value},
    }


def judged(there: dict[str, Any]) -> tuple[tuple[str, ...], timedelta | None]:
    home = stack(Warehouse=cluster(ClusterIdentifier="sales"), Copy=copy())
    judgement = table(home, stack("WarehouseRecovery", "us-west-2", Record=there))
    return row(judgement, "the Region").notes, judgement.rehearsed_every


def test_a_rehearsed_plan_says_how_often() -> None:
    # GIVEN a plan with a weekly drill WHEN judged THEN the Region's row says so, and the table for scripts
    there = record(rehearsals=[WEEKLY], longest_gap_seconds=WEEK)
    assert judged(there) == (
        ("plan sales-us-east-1 rehearses this restore (weekly); rehearsals are at most 7 d apart",),
        timedelta(days=7),
    )


@pytest.mark.parametrize(
    "drill",
    [
        {},
        {"cluster_prefix": "drill-0a1b2c3d-"},
        {"rehearsals": [{**WEEKLY, "enabled": False}], "longest_gap_seconds": WEEK},
        {"rehearsals": [WEEKLY], "longest_gap_seconds": "${Gap}"},
        {"rehearsals": [WEEKLY], "longest_gap_seconds": True},
        {"rehearsals": "weekly", "longest_gap_seconds": WEEK},
    ],
    ids=str,
)
def test_a_plan_without_rehearsals_has_a_note(drill: dict[str, Any]) -> None:
    assert judged(record(**drill)) == ((UNPROVED,), None)


@pytest.mark.parametrize(
    "there",
    [
        record(region="eu-west-1", rehearsals=[WEEKLY], longest_gap_seconds=WEEK),
        {**record(rehearsals=[WEEKLY], longest_gap_seconds=WEEK), "Condition": "Prod"},
        {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/other", "Value": "{}"}},
    ],
    ids=["a namesake's", "under a condition", "another parameter"],
)
def test_what_is_no_record_of_this_cluster_is_not_counted(there: dict[str, Any]) -> None:
    assert judged(there) == ((), None)


def test_a_plan_is_of_one_account_and_of_no_logical_id() -> None:
    # GIVEN the plan of a cluster, its namesake in another account, and a cluster without an identifier
    plan = record(account="1" * 12, rehearsals=[WEEKLY], longest_gap_seconds=WEEK)
    prod = stack(Warehouse=cluster(ClusterIdentifier="sales"), Record=plan)
    test, nameless = stack(Warehouse=cluster(ClusterIdentifier="sales")), stack(Sales=cluster())

    # WHEN judged THEN only the first one is rehearsed
    accounts = [replace(prod, account="1" * 12), replace(test, account="2" * 12), replace(nameless, account="1" * 12)]
    assert [each.rehearsed_every for each in protection_tables(accounts)] == [timedelta(days=7), None, None]


def test_without_a_copy_a_rehearsal_changes_nothing() -> None:
    judgement = table(stack(Warehouse=cluster(ClusterIdentifier="sales"), Record=record(rehearsals=[WEEKLY])))
    assert row(judgement, "the Region").notes == ()


def test_a_real_plan_is_understood_with_and_without_the_recovery_stack() -> None:
    # GIVEN a plan as the library writes it WHEN both templates are judged, or the cluster's alone THEN both tables have the same plan
    app = cdk.App()
    home = cdk.Stack(app, "Warehouse", env=cdk.Environment(account="111122223333", region="us-east-1"))
    away = cdk.Stack(app, "WarehouseRecovery", env=cdk.Environment(account="111122223333", region="us-west-2"))
    plan = rr.RecoverySite(away, "Site", vpc=ec2.Vpc(away, "Vpc", nat_gateways=0)).protect(
        rr.ExistingCluster.from_identifier(home, "Old", "legacy", encrypted=True),
        objectives=rr.Objectives(recovery_point=timedelta(hours=26), recovery_time=timedelta(hours=4)),
        restore=rr.RestoreOptions(parameters={}),
        checks=[rr.SqlCheck("select count(*) from x where a in ('[<b>]', '${c}')")],
    )
    plan.rehearse("Monthly", schedule=events.Schedule.cron(day="1", hour="6", minute="0"))
    assembly = app.synth()
    templates = [
        SynthesizedTemplate(each.stack_name, each.environment.region, each.template) for each in assembly.stacks
    ]
    for judged_templates in (templates, [each for each in templates if each.region == "us-east-1"]):
        [legacy] = protection_tables(judged_templates)
        assert (legacy.cluster, legacy.plan, legacy.rehearsed_every) == (
            *("legacy", "legacy-us-east-1"),
            timedelta(days=31),
        )
    [as_read] = json.loads(as_json([legacy]))["clusters"]
    assert (as_read["plan"], as_read["rehearsed_every_seconds"]) == ("legacy-us-east-1", 31 * 86_400)
