"""run_on_deploy: the resource in the template, its order, its rights, and its share of the quota."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.aws_events import Schedule
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import (
    FOREVER,
    ExistingCluster,
    ManualSnapshotRule,
    ResilientRedshiftError,
    RestoreOptions,
    SnapshotCopy,
)
from resilient_redshift.cloud.custom_resources import actions, events
from resilient_redshift.cloud.custom_resources.snapshot_on_deploy import wanted
from resilient_redshift.contract.names import ON_DEPLOY_TYPE
from resilient_redshift.provider.copies import START_ACTIONS
from tests.cloud.snapshots.take_world import TakeWorld
from tests.scenes.clusters import HERE, new_app, new_stack, resources_of
from tests.scenes.nag import rules_found
from tests.scenes.recovery import OBJECTIVES, existing, l1_cluster, of_type, only, site_of, template_of, two_stacks

NIGHTLY = Schedule.cron(hour="3", minute="0")
WEEK = cdk.Duration.days(7)
COPY_TYPE = "Custom::RedshiftSnapshotCopy"


def rule_of(stack: cdk.Stack, cluster: Any, name: str = "Nightly", **arguments: Any) -> ManualSnapshotRule:
    settings = {"schedule": NIGHTLY, "keep": WEEK, "run_on_deploy": True, "manual_snapshot_quota": 1000, **arguments}
    return ManualSnapshotRule(stack, name, cluster=cluster, **settings)


def copy_of(stack: cdk.Stack, cluster: Any, name: str = "Copy") -> SnapshotCopy:
    return SnapshotCopy(stack, name, cluster=cluster, destination_region="us-west-2")


def flat(value: Any) -> str:
    """A value as it is deployed; a reference becomes the logical id."""
    if isinstance(value, str):
        return value
    return "".join(map(flat, value["Fn::Join"][1])) if "Fn::Join" in value else str(value["Ref"])


def sent(stack: cdk.Stack) -> dict[str, Any]:
    machine_input: dict[str, Any] = json.loads(flat(only(template_of(stack), ON_DEPLOY_TYPE)["Properties"]["Input"]))
    return machine_input


def needs(stack: cdk.Stack) -> set[str]:
    """The types of the resources that the resource waits for."""
    template = template_of(stack)
    return {template["Resources"][name]["Type"] for name in only(template, ON_DEPLOY_TYPE)["DependsOn"]}


def test_default_is_none_and_no_provider() -> None:
    stack = new_stack()
    rule_of(stack, existing(stack), run_on_deploy=False)
    template = template_of(stack)
    assert of_type(template, ON_DEPLOY_TYPE) == {}
    [function] = of_type(template, "AWS::Lambda::Function").values()
    assert function["Properties"]["Handler"] == "handler.snapshots.take_snapshot"


def test_it_sends_the_rules_input_on_demand_to_the_stacks_machine() -> None:
    # GIVEN
    stack = new_stack()
    cluster = l1_cluster(stack)
    rule = rule_of(stack, cluster, keep_in_recovery=FOREVER, plan="sales")
    # WHEN
    resource = only(template_of(stack), ON_DEPLOY_TYPE)
    # THEN
    assert resource["Properties"]["StateMachineArn"] == stack.resolve(rule.state_machine_arn)
    assert sent(stack) == {
        "cluster_identifier": stack.resolve(cluster.ref)["Ref"],
        "rule": "nightly",
        "keep_days": 7,
        "keep_in_recovery_days": -1,
        "plan": "sales",
        "reason": "first deployment",
    }


def test_what_it_sends_the_handler_and_the_machine_take() -> None:
    # GIVEN
    stack = new_stack()
    rule_of(stack, existing(stack, "sales"))
    # WHEN the handler reads it
    arn = f"arn:aws:states:{HERE.region}:{HERE.account}:stateMachine:x"
    want = wanted(
        events.Request(
            kind="Create",
            resource_type=ON_DEPLOY_TYPE,
            stack="s",
            logical_id="l",
            physical_id=None,
            properties={"StateMachineArn": arn, "Input": json.dumps(sent(stack))},
            partition="aws",
            region=str(HERE.region),
            account=str(HERE.account),
            raw={},
        )
    )
    # THEN the machine takes a snapshot with it
    run = TakeWorld().machine.run({**want.input, "settle_seconds": 120})
    assert run.output["snapshot_identifier"].startswith("sales-nightly-ondemand-")


def test_types_and_actions_are_the_handlers() -> None:
    assert ON_DEPLOY_TYPE == actions.ON_DEPLOY_TYPE
    assert actions.ACTIONS[ON_DEPLOY_TYPE] == {"statemachine": START_ACTIONS}


def test_removal_calls_no_function() -> None:
    stack = new_stack()
    rule_of(stack, existing(stack))
    resource = only(template_of(stack), ON_DEPLOY_TYPE)
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("copy_first", [True, False])
def test_it_comes_after_the_copy_whichever_is_declared_first(copy_first: bool) -> None:
    stack = new_stack()
    cluster = l1_cluster(stack)
    for make in (copy_of, rule_of) if copy_first else (rule_of, copy_of):
        make(stack, cluster)
    assert needs(stack) == {COPY_TYPE, "AWS::IAM::Policy"}


def test_two_constructs_that_mean_one_cluster_are_one() -> None:
    stack = new_stack()
    copy_of(stack, l1_cluster(stack))
    rule_of(stack, ExistingCluster.from_identifier(stack, "Same", "warehouse"))
    assert COPY_TYPE in needs(stack)


def test_another_clusters_copy_is_not_waited_for() -> None:
    stack = new_stack()
    copy_of(stack, l1_cluster(stack))
    rule_of(stack, existing(stack))
    assert needs(stack) == {"AWS::IAM::Policy"}


def test_a_copy_of_another_stack_is_not_waited_for() -> None:
    # a dependency between the stacks would tie their deployments together, perhaps in a circle
    app = new_app()
    theirs, ours = new_stack(app=app, name="Theirs"), new_stack(app=app, name="Ours")
    cluster = l1_cluster(theirs)
    copy_of(theirs, cluster)
    rule_of(ours, cluster)
    assert needs(ours) == {"AWS::IAM::Policy"}
    assert ours.dependencies == []


def test_it_waits_for_its_right_and_for_all_that_the_machine_needs() -> None:
    stack = new_stack()
    rule_of(stack, existing(stack))
    template = template_of(stack)
    resource = only(template, ON_DEPLOY_TYPE)
    names = {template["Resources"][name]["Properties"]["PolicyName"] for name in resource["DependsOn"]}
    assert {"StartSnapshots", "Policy"} < names
    assert any(name.startswith("Cluster") for name in names)


def test_one_right_per_stack_on_the_machine_alone() -> None:
    stack = new_stack()
    for name in ("sales", "legacy"):
        rule_of(stack, existing(stack, name), name)
    statements = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in resources_of(stack, "AWS::IAM::Policy")
        if policy["Properties"]["PolicyName"] == "StartSnapshots"
    ]
    machine = next(name for name in of_type(template_of(stack), "AWS::StepFunctions::StateMachine") if "Snap" in name)
    assert statements == [[{"Effect": "Allow", "Action": "states:StartExecution", "Resource": {"Ref": machine}}]]


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_no_finding(pack: Any) -> None:
    stack = new_stack()
    rule_of(stack, existing(stack))
    findings = set(rules_found(pack, stack))
    assert findings <= {"NIST.800.53.R5-CloudWatchAlarmAction"}  # the rule has no topic


def test_a_disabled_rule_takes_its_first_snapshot() -> None:
    stack = new_stack()
    rule_of(stack, existing(stack), enabled=False)
    assert len(of_type(template_of(stack), ON_DEPLOY_TYPE)) == 1


@pytest.mark.parametrize(("quota", "fits"), [(9, True), (8, False)])
def test_the_first_snapshot_counts_against_the_quota(quota: int, fits: bool) -> None:
    # GIVEN a daily rule of 7 days needs room for 8
    stack = new_stack()
    cluster = existing(stack)
    if fits:
        rule_of(stack, cluster, manual_snapshot_quota=quota)
        return
    with pytest.raises(ResilientRedshiftError, match="up to 9 manual snapshots"):
        rule_of(stack, cluster, manual_snapshot_quota=quota)


def test_first_snapshots_of_earlier_rules_count_too() -> None:
    stack = new_stack()
    rule_of(stack, existing(stack), manual_snapshot_quota=17)
    with pytest.raises(ResilientRedshiftError, match="up to 18 manual snapshots"):
        rule_of(stack, existing(stack, "other"), "Second", manual_snapshot_quota=17)


def test_a_plans_rule_comes_after_the_plans_copy_and_counts_in_both_regions() -> None:
    # GIVEN
    home, away = two_stacks()
    cluster = l1_cluster(home)
    plan = site_of(away, manual_snapshot_quota=8).protect(
        cluster, objectives=OBJECTIVES, restore=RestoreOptions(parameters={}), manual_snapshot_quota=100
    )
    # WHEN the recovery Region has room for the scheduled snapshots only
    with pytest.raises(ResilientRedshiftError, match="up to 9 manual snapshots"):
        plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=WEEK, run_on_deploy=True)
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(6), run_on_deploy=True)
    # THEN
    assert COPY_TYPE in needs(home)
    assert sent(home)["plan"] == plan.plan_name
