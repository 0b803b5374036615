"""The provider of copies: one in each stack, with least privilege, within IAM's limits, with frozen logical ids."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import SnapshotCopy
from resilient_redshift.cloud.custom_resources.actions import ACTIONS
from resilient_redshift.contract.names import COPY_TYPE, GRANT_TYPE, ON_DEPLOY_TYPE
from resilient_redshift.provider import framework
from resilient_redshift.provider.copies import (
    END_GRANT_ACTIONS,
    END_GRANT_KEY_ACTIONS,
    END_KEY_GRANT_ACTIONS,
    SnapshotProvider,
)
from tests.scenes.clusters import new_stack
from tests.scenes.nag import rules_found
from tests.scenes.recovery import l1_cluster, of_type, template_of

IAM_LIMIT = 10_240  # IAM quotas: inline policies of one role together, without white space
RESOURCE_LIMIT = 500  # CloudFormation quotas
PARTITIONS = [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
# The ids never change: CloudFormation refuses another ServiceToken, and a changed id replaces what custom resources need.
LOGICAL_IDS = {
    "ResilientRedshiftProviderHandlerRole79EEBB07": "AWS::IAM::Role",
    "ResilientRedshiftProviderHandlerPolicy54C023A0": "AWS::IAM::Policy",
    "ResilientRedshiftProviderOnEvent67B1156D": "AWS::Lambda::Function",
    "ResilientRedshiftProviderIsCompleteD9077D5C": "AWS::Lambda::Function",
    "ResilientRedshiftProviderFrameworkRoleF6F9EEF1": "AWS::IAM::Role",
    "ResilientRedshiftProviderFrameworkPolicyD2959CAC": "AWS::IAM::Policy",
    "ResilientRedshiftProviderStartPolicyE4376913": "AWS::IAM::Policy",
    "ResilientRedshiftProviderFrameworkframeworkonEvent6084B686": "AWS::Lambda::Function",
    "ResilientRedshiftProviderFrameworkframeworkisComplete084FD708": "AWS::Lambda::Function",
    "ResilientRedshiftProviderFrameworkframeworkonTimeout8E5296CE": "AWS::Lambda::Function",
    "ResilientRedshiftProviderFrameworkwaiterstatemachineRoleD895D8F2": "AWS::IAM::Role",
    "ResilientRedshiftProviderFrameworkwaiterstatemachineRoleDefaultPolicy1623FBF9": "AWS::IAM::Policy",
    "ResilientRedshiftProviderFrameworkwaiterstatemachineB3AD7F85": "AWS::StepFunctions::StateMachine",
}


@pytest.fixture(scope="module")
def stack() -> cdk.Stack:
    stack = new_stack()
    provider = SnapshotProvider.of(stack)
    key = stack.format_arn(service="kms", resource="key", resource_name="00000000-0000-0000-0000-000000000000")
    provider.copy_policies(cluster_key="sales", cluster_identifier="sales", source_key_arn=key)
    provider.grant_policy(grant_name="recovery", key_arn=key)
    return stack


@pytest.fixture(scope="module")
def template(stack: cdk.Stack) -> dict[str, Any]:
    return template_of(stack)


def policy(template: dict[str, Any], part: str) -> dict[str, Any]:
    [resource] = [item for name, item in of_type(template, "AWS::IAM::Policy").items() if f"Provider{part}" in name]
    return dict(resource)


def statements(template: dict[str, Any], part: str) -> list[dict[str, Any]]:
    return list(policy(template, part)["Properties"]["PolicyDocument"]["Statement"])


def test_one_for_each_stack(stack: cdk.Stack) -> None:
    # GIVEN a stack with a provider WHEN asked for again THEN it is the same
    assert SnapshotProvider.of(stack) is SnapshotProvider.of(stack)


def test_logical_ids_are_frozen(template: dict[str, Any]) -> None:
    # GIVEN a stack with the provider WHEN synthesized THEN its ids are what they always were
    logical_ids = {
        name: item["Type"]
        for name, item in template["Resources"].items()
        if name.startswith("ResilientRedshiftProvider") and name[25:29] not in ("Copy", "Gran", "Sour")
    }
    assert logical_ids == LOGICAL_IDS


def test_service_token_is_the_framework_function(stack: cdk.Stack) -> None:
    # GIVEN the provider WHEN its token is read THEN it is the function whose id is frozen above
    token = stack.resolve(SnapshotProvider.of(stack).service_token)
    assert token == {"Fn::GetAtt": ["ResilientRedshiftProviderFrameworkframeworkonEvent6084B686", "Arn"]}


def test_handler_functions(template: dict[str, Any]) -> None:
    # GIVEN the two functions of the library WHEN synthesized THEN runtime, time, logs and the one stack that they serve are set
    functions = of_type(template, "AWS::Lambda::Function")
    for name, handler in (("OnEvent67B1156D", "on_event"), ("IsCompleteD9077D5C", "is_complete")):
        properties = functions[f"ResilientRedshiftProvider{name}"]["Properties"]
        assert properties["Handler"] == f"handler.index.{handler}"
        assert properties["Runtime"] == "python3.13"
        assert properties["Timeout"] == 900
        assert properties["LoggingConfig"] == {"LogGroup": {"Ref": "ResilientRedshiftLogs18F2C0F2"}}
        assert properties["Environment"] == {"Variables": {"ALLOWED_STACK_ID": {"Ref": "AWS::StackId"}}}


def test_every_function_logs_to_the_encrypted_group(template: dict[str, Any]) -> None:
    # GIVEN five functions WHEN synthesized THEN none makes its own log group, which would have no encryption and no end
    for function in of_type(template, "AWS::Lambda::Function").values():
        assert function["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": "ResilientRedshiftLogs18F2C0F2"}


def test_waiting_ends_before_cloudformation_gives_up(template: dict[str, Any]) -> None:
    # GIVEN the waiter WHEN all its attempts are used THEN invocation and waiting fit into the service timeout, below an hour
    machine = of_type(template, "AWS::StepFunctions::StateMachine")
    [waiter] = machine.values()
    definition = json.dumps(waiter["Properties"]["DefinitionString"])
    seconds = int(definition.split('IntervalSeconds\\":')[1].split(",")[0])
    attempts = int(definition.split('MaxAttempts\\":')[1].split(",")[0])
    assert seconds * attempts == 30 * 60
    assert 15 * 60 + seconds * attempts < framework.SERVICE_TIMEOUT_MINUTES * 60 <= 3600


def test_copy_actions_are_the_handlers(template: dict[str, Any]) -> None:
    # GIVEN what the handler says it calls WHEN compared with the policy of a copy THEN exactly that is allowed, on that cluster
    [statement] = statements(template, "Copy")
    assert {*statement["Action"]} == {*ACTIONS[COPY_TYPE]["cluster"]}
    assert json.dumps(statement["Resource"]).endswith(':redshift:us-east-1:111111111111:cluster:sales"]]}')


def test_grant_actions_are_the_handlers(template: dict[str, Any]) -> None:
    # GIVEN what the handler says it calls WHEN compared with the policy of a grant that is kept THEN everything except the deletion is allowed
    on_grant, reading, granting = statements(template, "Grant")
    assert {*on_grant["Action"]} == {*ACTIONS[GRANT_TYPE]["snapshotcopygrant"]} - {*END_GRANT_ACTIONS}
    assert {reading["Action"], granting["Action"]} == {*ACTIONS[GRANT_TYPE]["key"]} - {
        *END_GRANT_KEY_ACTIONS,
        *END_KEY_GRANT_ACTIONS,
    }
    # AND the handler may let only AWS services use the key: any other request lacks the condition key
    assert granting["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert "Condition" not in reading


def test_only_reading_actions_are_allowed_on_everything(template: dict[str, Any]) -> None:
    # GIVEN the common policy WHEN read THEN "*" is the resource of the three actions that only read
    _, reads = statements(template, "HandlerPolicy")
    assert reads["Resource"] == "*"
    assert sorted(reads["Action"]) == sorted({*ACTIONS[COPY_TYPE]["*"], *ACTIONS[GRANT_TYPE]["*"]})
    assert all(action.startswith("redshift:Describe") for action in reads["Action"])
    wide = [
        item
        for part in ("Copy", "Grant", "SourceKeys", "FrameworkPolicy", "StartPolicy")
        for item in statements(template, part)
    ]
    assert "*" not in [item["Resource"] for item in wide]


def test_a_stack_with_grants_alone_reads_grants_alone() -> None:
    # GIVEN a stack that makes a grant, like a recovery Region's, and no copy
    stack = new_stack()
    key = stack.format_arn(service="kms", resource="key", resource_name="00000000-0000-0000-0000-000000000000")
    SnapshotProvider.of(stack).grant_policy(grant_name="recovery", key_arn=key)
    # WHEN synthesized THEN its handler may read no cluster and no snapshot
    reads = [each["Action"] for each in statements(template_of(stack), "HandlerPolicy") if each["Resource"] == "*"]
    assert reads == ["redshift:DescribeSnapshotCopyGrants"]


def test_source_key_is_usable_by_aws_only(template: dict[str, Any]) -> None:
    # GIVEN a cluster whose key is known WHEN synthesized THEN the handler may grant it to AWS services alone
    reading, granting = statements(template, "SourceKeys")
    assert reading["Action"] == "kms:DescribeKey"
    assert granting["Action"] == "kms:CreateGrant"
    assert granting["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert "*" not in json.dumps(granting["Resource"])


def test_no_policy_that_nag_cannot_see(template: dict[str, Any]) -> None:
    # GIVEN cdk-nag, which looks at AWS::IAM::Policy WHEN synthesized THEN no other kind of inline policy exists
    assert of_type(template, "AWS::IAM::RolePolicy") == {}
    assert [role for role in of_type(template, "AWS::IAM::Role").values() if "Policies" in role["Properties"]] == []
    assert [
        role for role in of_type(template, "AWS::IAM::Role").values() if "ManagedPolicyArns" in role["Properties"]
    ] == []


def test_rights_stand_before_functions_run(template: dict[str, Any]) -> None:
    # GIVEN functions and policies WHEN synthesized THEN each function depends on its policy, which is deleted after the function
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        assert any("Policy" in needed for needed in function["DependsOn"]), name


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_nag_is_content(stack: cdk.Stack, pack: Any) -> None:
    # GIVEN a compliance pack WHEN run THEN every finding is acknowledged with a reason
    assert rules_found(pack, stack) == []


@pytest.mark.parametrize("part", ["HandlerPolicy", "FrameworkPolicy", "StartPolicy", "Copyca", "Grant", "SourceKeys"])
def test_nag_sees_every_policy(part: str) -> None:
    # GIVEN each policy of the library WHEN it allows everything on everything THEN nag reports it
    stack = new_stack()
    provider = SnapshotProvider.of(stack)
    provider.copy_policies(cluster_key="a", cluster_identifier="a", source_key_arn="arn:aws:kms:us-east-1:1:key/a")
    provider.grant_policy(grant_name="g", key_arn="arn:aws:kms:us-east-1:1:key/a")
    [policy] = [child for child in provider.node.children if child.node.id.startswith(part)]
    widened: Any = policy
    document = stack.resolve(widened.policy_document)
    document["Statement"].append({"Effect": "Allow", "Action": "redshift:*", "Resource": "*"})
    widened.policy_document = document
    found_rules = rules_found(AwsSolutionsChecks, stack)
    assert "AwsSolutions-IAM5[Action::redshift:*]" in found_rules


@pytest.mark.parametrize(("region", "partition"), PARTITIONS)
def test_partition_is_never_written_down(region: str, partition: str) -> None:
    # GIVEN a stack of any partition WHEN synthesized THEN every ARN asks CloudFormation for it
    stack = new_stack(cdk.Environment(account="111111111111", region=region))
    SnapshotProvider.of(stack).copy_policies(cluster_key="a", cluster_identifier="a")
    text = json.dumps(of_type(template_of(stack), "AWS::IAM::Policy"))
    assert "arn:aws" not in text
    assert '{"Ref": "AWS::Partition"}' in text


def test_twenty_clusters_fit() -> None:
    # GIVEN 20 encrypted clusters with the longest identifiers and keys of their own, in a partition with a long name
    stack = new_stack(cdk.Environment(account="111111111111", region="us-gov-west-1"))
    for number in range(20):
        key = f"arn:aws-us-gov:kms:us-gov-west-1:111111111111:key/{number:036}"
        cluster = l1_cluster(stack, f"C{number}", cluster_identifier=f"c{number:02}".ljust(63, "x"), kms_key_id=key)
        SnapshotCopy(
            stack, f"Copy{number}", cluster=cluster, destination_region="us-gov-east-1", snapshot_copy_grant_name="g"
        )
    # WHEN synthesized THEN resources, the handler's policies and the template are within the limits
    template = template_of(stack)
    assert len(template["Resources"]) < RESOURCE_LIMIT
    assert len(json.dumps(template)) < 1_000_000
    roles: dict[str, int] = {}
    for item in of_type(template, "AWS::IAM::Policy").values():
        [role] = item["Properties"]["Roles"]
        document = _as_deployed(template, item["Properties"]["PolicyDocument"])
        roles[role["Ref"]] = roles.get(role["Ref"], 0) + len(json.dumps(document, separators=(",", ":")))
    assert max(roles.values()) < IAM_LIMIT


def _as_deployed(template: dict[str, Any], value: Any) -> Any:  # noqa: PLR0911 - a case each
    """A policy in which each reference has its greatest length."""
    match value:
        case {"Ref": "AWS::Partition"}:
            return "aws-us-gov"
        case {"Ref": name}:
            properties = template["Resources"].get(name, {}).get("Properties", {})
            return properties.get("ClusterIdentifier", "x" * 64)
        case {"Fn::GetAtt": _}:
            return "x" * 140
        case {"Fn::Join": [separator, parts]}:
            return separator.join(_as_deployed(template, part) for part in parts)
        case dict():
            return {name: _as_deployed(template, part) for name, part in value.items()}
        case list():
            return [_as_deployed(template, part) for part in value]
        case _:
            return value


def test_handler_may_do_what_it_needs_and_nothing_else() -> None:
    # GIVEN the actions that the handler says it needs, by resource type
    here = (COPY_TYPE, GRANT_TYPE, ON_DEPLOY_TYPE)  # schedules have another provider
    needed = {action for kind in here for actions in ACTIONS[kind].values() for action in actions}
    # WHEN a stack's grant may be ended
    stack = new_stack()
    provider = SnapshotProvider.of(stack)
    provider.copy_policies(cluster_key="a", cluster_identifier="a")
    provider.grant_policy(grant_name="g", key_arn="arn:aws:kms:us-east-1:111111111111:key/a", destroy=True)
    provider.start_policy("arn:aws:states:us-east-1:111111111111:stateMachine:a")
    # THEN its role may do exactly these, and write its log
    assert _allowed(template_of(stack), "HandlerRole") == needed | {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_handler_may_end_no_grant_that_is_retained(template: dict[str, Any]) -> None:
    # GIVEN a grant with the default removal policy WHEN synthesized THEN no right could end it
    ending = {*END_GRANT_ACTIONS, *END_GRANT_KEY_ACTIONS, *END_KEY_GRANT_ACTIONS}
    assert not _allowed(template, "HandlerRole") & ending


def _allowed(template: dict[str, Any], role: str) -> set[str]:
    return {
        action
        for item in of_type(template, "AWS::IAM::Policy").values()
        if role in item["Properties"]["Roles"][0]["Ref"]
        for statement in item["Properties"]["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
