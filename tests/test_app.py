"""The example: it is what the README shows, it meets its objective, and both compliance packs are content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

import app as example
from resilient_redshift.planning import SnapshotRule, forecast_quota, parse_schedule
from tests.scenes.clusters import warnings_of
from tests.scenes.nag import rules_found

if TYPE_CHECKING:
    from resilient_redshift import RecoveryPlan, ResilientCluster

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built() -> tuple[cdk.App, ResilientCluster, RecoveryPlan]:
    made = cdk.App(analytics_reporting=False)
    cluster, plan = example.build(made)
    return made, cluster, plan


@pytest.fixture(scope="module")
def templates(built: tuple[cdk.App, ResilientCluster, RecoveryPlan]) -> dict[str, dict[str, Any]]:
    return {
        child.node.id: dict(assertions.Template.from_stack(child).to_json())
        for child in built[0].node.children
        if isinstance(child, cdk.Stack)
    }


def kinds(template: dict[str, Any]) -> list[str]:
    return [resource["Type"] for resource in template["Resources"].values()]


def test_two_stacks_in_two_regions(built: tuple[cdk.App, ResilientCluster, RecoveryPlan]) -> None:
    # GIVEN the example WHEN built THEN the warehouse and its recovery lie in two Regions of one account
    stacks = {child.node.id: child for child in built[0].node.children if isinstance(child, cdk.Stack)}
    assert {name: (stack.region, stack.account) for name, stack in stacks.items()} == {
        "Warehouse": ("us-east-1", "123456789012"),
        "WarehouseRecovery": ("us-west-2", "123456789012"),
    }


def test_the_documented_path_is_clean_without_an_acknowledgment(
    built: tuple[cdk.App, ResilientCluster, RecoveryPlan],
) -> None:
    # GIVEN the example, which acknowledges nothing of this library WHEN built THEN nothing of this library warns
    assert "resilient-redshift:" not in (ROOT / "app.py").read_text(encoding="utf-8")
    assert [warnings_of(node) for node in built[0].node.find_all() if warnings_of(node)] == []


def test_the_main_things_are_there(templates: dict[str, dict[str, Any]]) -> None:
    # GIVEN the two templates WHEN read THEN cluster, copy and rules are in the one, grant and tiers in the other
    home, away = kinds(templates["Warehouse"]), kinds(templates["WarehouseRecovery"])
    for kind in ("AWS::Redshift::Cluster", "Custom::RedshiftSnapshotCopy"):
        assert home.count(kind) == 1
        assert kind not in away
    assert away.count("Custom::RedshiftSnapshotCopyGrant") == 1
    assert (home.count("AWS::Events::Rule"), away.count("AWS::Events::Rule")) == (3, 4)


def test_copies_have_tiers(templates: dict[str, dict[str, Any]]) -> None:
    # GIVEN a nightly and a monthly rule WHEN read THEN copies arrive with the longest tier, and each alarm tells somebody
    [copy] = [
        resource["Properties"]
        for resource in templates["Warehouse"]["Resources"].values()
        if resource["Type"] == "Custom::RedshiftSnapshotCopy"
    ]
    assert copy["ManualSnapshotRetentionPeriod"] == "180"
    resources = templates["WarehouseRecovery"]["Resources"]
    alarms = {name: one["Properties"] for name, one in resources.items() if one["Type"].startswith("AWS::CloudWatch::")}
    telling = {name for name, one in alarms.items() if one.get("AlarmActions")}
    rules = json.dumps([alarms[name]["AlarmRule"] for name in telling if "AlarmRule" in alarms[name]])
    assert {name for name in alarms if name not in telling and f'"{name}"' not in rules} == set()


def test_there_is_room_for_three_more_snapshots_in_the_recovery_region() -> None:
    # GIVEN the schedules WHEN the quota is forecast THEN what the comment in the example says is so
    daily, first = parse_schedule("cron(0 3 * * ? *)"), parse_schedule("cron(0 4 1 * ? *)")
    rules = [SnapshotRule(name="n", schedule=daily, keep=10), SnapshotRule(name="m", schedule=first, keep=180)]
    assert forecast_quota(rules, others=3).fits
    assert [count for _, count in forecast_quota(rules).by_rule] == [11, 6]


def test_nothing_crosses_but_literals(templates: dict[str, dict[str, Any]]) -> None:
    # GIVEN both templates WHEN read THEN there is no export between Regions
    text = json.dumps(templates)
    assert "CrossRegionExport" not in text
    assert "Fn::ImportValue" not in text


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_packs_are_content(built: tuple[cdk.App, ResilientCluster, RecoveryPlan], pack: Any) -> None:
    # GIVEN a compliance pack WHEN run over the example THEN no finding is left without a reason
    assert rules_found(pack, built[0]) == []


def test_account_comes_from_context() -> None:
    # GIVEN another account in the context WHEN built THEN both stacks are for it
    made = cdk.App(context={"account": "999999999999"})
    example.build(made)
    assert {child.account for child in made.node.children if isinstance(child, cdk.Stack)} == {"999999999999"}
