"""inline_policy_sizes and managed_policies: a lower bound for every template, of whatever origin."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift.stack.policy_sizes import OWN_DESCRIPTION, inline_policy_sizes, longest_size
from resilient_redshift.stack.synth_rules import inspect

ROLE = {"Ref": "Role"}


def policy(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"a": "b"}, "Roles": [ROLE], **properties}}


def test_policies_of_one_role_add_up() -> None:
    assert dict(inline_policy_sizes({"One": policy(), "Two": policy()})) == {"Role": 2 * len('{"a":"b"}')}


def test_what_only_the_deployment_knows_is_long() -> None:
    # GIVEN a partition and a name that are tokens WHEN measured THEN they count as the longest partition and 80 characters
    arn = f"arn:{cdk.Aws.PARTITION}:states:::{cdk.Fn.get_att('Machine', 'Name').to_string()}"
    assert longest_size({"Resource": arn}) == len('{"Resource":"arn:aws-us-gov:states:::"}') + 80


@pytest.mark.parametrize(
    "foreign",
    [
        {"Type": "AWS::IAM::Policy"},
        {"Type": "AWS::IAM::Policy", "Properties": {"Fn::Transform": {"Name": "AWS::Include"}}},
        {"Type": "AWS::IAM::Policy", "Properties": {"Fn::If": ["Yes", {}, {}]}},
        policy(Roles={"Ref": "ListParameter"}),
        policy(Roles={"Fn::Split": [",", {"Ref": "Names"}]}),
        ["Name", ["A", "B"], {"T${Name}": {"Type": "AWS::SNS::Topic"}}],
        {"Fn::Transform": {"Name": "AWS::Include"}},
    ],
)
def test_what_only_cloudformation_can_read_is_passed_by(foreign: Any) -> None:
    # GIVEN a resource of the user's that is legal, and no plain policy WHEN checked THEN nothing fails, and there is no finding
    assert list(inline_policy_sizes({"Foreign": foreign})) == []
    assert inspect({"Resources": {"Fn::ForEach::All": foreign}}) == []


def managed(text: str = "", description: str = OWN_DESCRIPTION) -> dict[str, Any]:
    properties = {"PolicyDocument": {"a": text}, "Roles": [ROLE], "Description": description}
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}


@pytest.mark.parametrize(
    ("policies", "arns", "found"),
    [
        ([managed()] * 10, [], []),
        ([managed()] * 10, ["arn:aws:iam::aws:policy/service-role/Vpc"], ["the role 'Role' has 11 managed policies"]),
        ([managed("x" * 7_000)], [], ["the managed policy 'P0' has at least 7008 characters"]),
        ([managed("x" * 7_000, "the user's own")] * 12, [], []),
    ],
)
def test_managed_policies_of_ours_that_iam_would_refuse_stop_the_synth(
    policies: list[dict[str, Any]], arns: list[str], found: list[str]
) -> None:
    # GIVEN a role with policies WHEN checked THEN too many and too large ones are found, and the user's own are passed by
    role = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": arns}}
    template = {"Resources": {"Role": role, **{f"P{number}": one for number, one in enumerate(policies)}}}
    assert [one.message.partition(";")[0] for one in inspect(template)] == found
