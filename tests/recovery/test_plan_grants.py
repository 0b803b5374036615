"""What a plan lets an operator do, and principals that it cannot let do anything."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from resilient_redshift import DnsRecord, RecoveryPlan, ResilientRedshiftError, RestoreOptions
from resilient_redshift.contract.watching import READINESS_ACTIONS
from tests.scenes.recovery import AWAY, OBJECTIVES, existing, site_of, template_of, two_stacks
from tests.templates import laws
from tests.templates.resolve import listed, policies

READ = {
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
    "redshift:DescribeClusterSnapshots",
    "redshift:DescribeClusters",
    "redshift:DescribeSnapshotSchedules",
    "cloudwatch:GetMetricData",
    "states:ListExecutions",
    "states:DescribeExecution",
    "states:GetExecutionHistory",
}
CHECK = READ | {*READINESS_ACTIONS}
FAIL_OVER = READ | {"states:StartExecution", "lambda:InvokeFunction"}
FREEZE = READ | {"redshift:CopyClusterSnapshot", "redshift:CreateTags", "redshift:ModifyClusterSnapshot"}


def new_plan() -> tuple[cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    return away, site_of(away).protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)


def operator(stack: cdk.Stack, name: str = "Operator") -> iam.Role:
    return iam.Role(stack, name, assumed_by=iam.AccountRootPrincipal())


def actions_of(stack: cdk.Stack, name: str) -> set[str]:
    [statements] = [found for policy, found in policies(template_of(stack)).items() if policy.startswith(name)]
    return {action for statement in statements for action in listed(statement["Action"])}


def test_who_checks_a_plan_with_a_dns_record_may_look_at_its_zone() -> None:
    home, away = two_stacks()
    restore = RestoreOptions(parameters={}, dns_record=DnsRecord("Z0123456789ABCDEFGHIJ", "sales.example.com"))
    cluster = existing(home, "sales", iam_role_arns=[])
    site_of(away).protect(cluster, objectives=OBJECTIVES, restore=restore).grant_check(operator(away, "Checker"))
    [found] = [found for policy, found in policies(template_of(away)).items() if policy.startswith("Checker")]
    [zone] = [one["Resource"] for one in found if one["Action"] == "route53:GetHostedZone"]
    assert str(zone).endswith(":route53:::hostedzone/Z0123456789ABCDEFGHIJ']]}")


def test_each_grant_has_the_rights_of_the_command_and_no_more() -> None:
    # GIVEN a plan with a rehearsal after the grants WHEN four roles get one grant each
    stack, plan = new_plan()
    plan.grant_read_status(operator(stack, "Reader"))
    plan.grant_start_failover(operator(stack, "Operator"))
    plan.grant_freeze(operator(stack, "Freezer"))
    plan.grant_check(operator(stack, "Checker"))
    plan.rehearse("Monthly")
    # THEN each has what the command needs for that
    assert actions_of(stack, "Reader") == READ
    assert actions_of(stack, "Operator") == FAIL_OVER
    assert actions_of(stack, "Freezer") == FREEZE
    assert actions_of(stack, "Checker") == CHECK
    # AND the template keeps the law that nothing is exported
    assert list(laws.literal_across(template_of(stack))) == []


def test_rights_are_on_the_sites_machine_and_the_plans_cluster() -> None:
    # GIVEN a plan WHEN a role may fail over and freeze THEN no right but reading reaches other machines and snapshots
    stack, plan = new_plan()
    role = operator(stack)
    plan.grant_start_failover(role)
    plan.grant_freeze(role)
    [statements] = [found for name, found in policies(template_of(stack)).items() if name.startswith("Operator")]
    resources = {action: statement["Resource"] for statement in statements for action in listed(statement["Action"])}
    assert resources["states:StartExecution"].keys() == {"Ref"}
    assert "snapshot:sales/*" in str(resources["redshift:CopyClusterSnapshot"])
    # AND only what freeze made may be tagged or kept for another time: a shorter time deletes a copy
    for action in ("redshift:CreateTags", "redshift:ModifyClusterSnapshot"):
        assert "snapshot:sales/sales-frozen-*" in str(resources[action])
    # AND nobody may call a function that the plan does not have
    assert "lambda:InvokeFunction" not in resources


def test_an_imported_role_gets_its_policy_in_the_sites_stack() -> None:
    # GIVEN a role that somebody else made WHEN it is imported into the site's stack THEN its policy is there
    stack, plan = new_plan()
    plan.grant_read_status(iam.Role.from_role_name(stack, "Oncall", "oncall"))
    assert actions_of(stack, "OncallPolicy") == READ


@pytest.mark.parametrize("method", ["grant_read_status", "grant_check", "grant_start_failover", "grant_freeze"])
def test_principals_that_cannot_have_such_a_policy_are_refused(method: str) -> None:
    # GIVEN roles of another stack and account, and a principal without policies WHEN they are granted THEN the error says
    # what to do
    stack, plan = new_plan()
    other = operator(cdk.Stack(cdk.App.of(stack), "Other", env=AWAY))  # type: ignore[arg-type]
    principals: list[tuple[Any, str]] = [
        (other, "must be one of the stack 'Away', such as iam.Role.from_role_name"),
        (
            iam.Role.from_role_arn(stack, "Foreign", "arn:aws:iam::999999999999:role/oncall"),
            "must be one of the account 111111111111, got 'one of the account 999999999999' (no policy of this app can be",
        ),
        (iam.ServicePrincipal("lambda.amazonaws.com"), "must be a role, user or group, got 'ServicePrincipal'"),
    ]
    for principal, text in principals:
        with pytest.raises(ResilientRedshiftError) as caught:
            getattr(plan, method)(principal)
        assert f"(RecoveryPlan.{method}): 'grantee' {text}" in str(caught.value)
