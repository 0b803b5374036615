"""The provider of schedules: one in each stack, with frozen logical ids and a small role."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import SnapshotSchedule, SnapshotTimes
from resilient_redshift.cloud.custom_resources import actions
from resilient_redshift.contract.names import ASSOCIATION_TYPE, SCHEDULE_TYPE
from resilient_redshift.provider.schedules import END_SCHEDULE_ACTIONS, ScheduleProvider
from resilient_redshift.rules.limits import INLINE_POLICIES_LIMIT
from resilient_redshift.stack.policy_sizes import inline_policy_sizes
from tests.scenes.clusters import new_stack
from tests.scenes.nag import rules_found
from tests.scenes.recovery import l1_cluster, of_type, template_of

# The ids never change, as those of the other provider.
LOGICAL_IDS = {
    "ResilientRedshiftScheduleProviderHandlerRole217C51C6": "AWS::IAM::Role",
    "ResilientRedshiftScheduleProviderHandlerPolicyC2463EDF": "AWS::IAM::Policy",
    "ResilientRedshiftScheduleProviderOnEventF9AD3DCC": "AWS::Lambda::Function",
    "ResilientRedshiftScheduleProviderIsCompleteEFFE947B": "AWS::Lambda::Function",
    "ResilientRedshiftScheduleProviderFrameworkRole8AB6B00F": "AWS::IAM::Role",
    "ResilientRedshiftScheduleProviderFrameworkPolicy66304961": "AWS::IAM::Policy",
    "ResilientRedshiftScheduleProviderStartPolicy22332E51": "AWS::IAM::Policy",
    "ResilientRedshiftScheduleProviderFrameworkframeworkonEventA60FDD6D": "AWS::Lambda::Function",
    "ResilientRedshiftScheduleProviderFrameworkframeworkisComplete04C3291E": "AWS::Lambda::Function",
    "ResilientRedshiftScheduleProviderFrameworkframeworkonTimeout07910A96": "AWS::Lambda::Function",
    "ResilientRedshiftScheduleProviderFrameworkwaiterstatemachineRole3B7C82AA": "AWS::IAM::Role",
    "ResilientRedshiftScheduleProviderFrameworkwaiterstatemachineRoleDefaultPolicyF22D945D": "AWS::IAM::Policy",
    "ResilientRedshiftScheduleProviderFrameworkwaiterstatemachine249F73B8": "AWS::StepFunctions::StateMachine",
}


def scheduled(*, destroy: bool = False, clusters: int = 1, region: str = "us-east-1") -> cdk.Stack:
    stack = new_stack(cdk.Environment(account="111111111111", region=region))
    SnapshotSchedule(
        stack,
        "Schedule",
        times=[SnapshotTimes.every(cdk.Duration.hours(4))],
        clusters=[l1_cluster(stack, f"C{n}", cluster_identifier=f"c{n:02}".ljust(63, "x")) for n in range(clusters)],
        schedule_identifier="s".ljust(63, "x"),
        removal_policy=cdk.RemovalPolicy.DESTROY if destroy else cdk.RemovalPolicy.RETAIN,
    )
    return stack


def allowed(template: dict[str, Any]) -> dict[str, set[str]]:
    """The handler's actions, by the kind of their resource."""
    actions_by_kind: dict[str, set[str]] = {}
    for item in of_type(template, "AWS::IAM::Policy").values():
        if "ScheduleProviderHandlerRole" not in item["Properties"]["Roles"][0]["Ref"]:
            continue
        for statement in item["Properties"]["PolicyDocument"]["Statement"]:
            named = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
            text = json.dumps(statement["Resource"])
            kind = next((kind for kind in (":snapshotschedule:", ":cluster:") if kind in text), text)
            actions_by_kind.setdefault(kind.strip(':"'), set()).update(
                each for each in named if not each.startswith("logs:")
            )
    return {kind: named for kind, named in actions_by_kind.items() if named}


def test_one_for_each_stack() -> None:
    stack = scheduled()
    assert ScheduleProvider.of(stack) is ScheduleProvider.of(stack)
    assert not [name for name in template_of(stack)["Resources"] if name.startswith("ResilientRedshiftProvider")]


def test_logical_ids_are_frozen() -> None:
    logical_ids = {
        name: item["Type"]
        for name, item in template_of(scheduled())["Resources"].items()
        if name.startswith("ResilientRedshiftScheduleProvider")
        and not name[33:].startswith(("Schedule", "Association", "Cluster"))
    }
    assert logical_ids == LOGICAL_IDS


def test_types_are_those_of_the_handler() -> None:
    assert (SCHEDULE_TYPE, ASSOCIATION_TYPE) == (actions.SCHEDULE_TYPE, actions.ASSOCIATION_TYPE)


def test_the_handler_may_do_what_it_needs_and_nothing_else() -> None:
    needed: dict[str, set[str]] = {}
    for kind in (SCHEDULE_TYPE, ASSOCIATION_TYPE):
        for resource, named in actions.ACTIONS[kind].items():
            needed.setdefault(resource, set()).update(named)
    assert allowed(template_of(scheduled(destroy=True))) == needed
    kept = allowed(template_of(scheduled()))
    assert needed["snapshotschedule"] - kept["snapshotschedule"] == {*END_SCHEDULE_ACTIONS}


def test_twenty_clusters_fit_one_role() -> None:
    stack = scheduled(clusters=20, destroy=True, region="us-gov-west-1")
    sizes = dict(inline_policy_sizes(template_of(stack)["Resources"]))
    assert max(sizes.values()) < INLINE_POLICIES_LIMIT - 20 * 64  # the references may become longer by this much


def test_sixteen_schedules_of_their_own_fit_one_role() -> None:
    # GIVEN 16 clusters with the longest identifiers, each with a schedule of its own, in a partition with a long name
    stack = new_stack(cdk.Environment(account="111111111111", region="us-gov-west-1"))
    for number in range(16):
        cluster = l1_cluster(stack, f"C{number}", cluster_identifier=f"c{number:02}".ljust(63, "x"))
        times = [SnapshotTimes.every(cdk.Duration.hours(4))]
        SnapshotSchedule(stack, f"Schedule{number}", times=times, clusters=[cluster])
    # WHEN measured THEN the role has room for them, and for no more than one further cluster: docs/limits.md has this number
    policies = inline_policy_sizes(template_of(stack)["Resources"])
    size = max(size for _, size in policies) + 33 * len("-us-gov")  # each ARN has the partition
    assert INLINE_POLICIES_LIMIT - 700 < size < INLINE_POLICIES_LIMIT


def test_rights_exist_before_functions_run() -> None:
    for name, function in of_type(template_of(scheduled()), "AWS::Lambda::Function").items():
        assert any("Policy" in needed for needed in function["DependsOn"]), name


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_nag_is_content(pack: Any) -> None:
    stack = new_stack()
    provider = ScheduleProvider.of(stack)
    provider.schedule_policy(schedule_identifier="often", destroy=True)
    provider.association_policy(cluster_key="a", cluster_identifier="a")
    assert rules_found(pack, stack) == []
