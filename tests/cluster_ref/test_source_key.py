"""A cluster's key is named by its ARN, or not at all: each way in which ``KmsKeyId`` may name it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.cluster_ref.source_key import source_key_arn
from resilient_redshift.errors import Problems
from tests.scenes.clusters import cluster_of, new_stack, text_parameter
from tests.scenes.recovery import existing, l1_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

UUID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ARN = f"arn:aws:kms:us-east-1:111111111111:key/{UUID}"
JOINED = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":kms:us-east-1:111111111111:key/{UUID}"]]}
OF_THE_APP = {"Fn::GetAtt": ["Key", "Arn"]}
SUB = "arn:${AWS::Partition}:kms:us-east-1:111111111111:key/${Id}"


def found(stack: cdk.Stack, cluster: Any) -> Any:
    """The key's ARN as the template writes it, or the text of the problem."""
    problems = Problems("X")
    arn = source_key_arn(problems, facts_of(cluster), stack, "Stack/Warehouse")
    try:
        problems.raise_if_any()
    except ResilientRedshiftError as error:
        return str(error)
    return None if arn is None else stack.resolve(arn)


def alias_of(stack: cdk.Stack, key: str) -> str:
    return kms.CfnAlias(stack, "Alias", alias_name="alias/dw", target_key_id=key).ref


@pytest.mark.parametrize(
    ("named", "arn"),
    [
        (lambda _: None, None),
        (lambda _: ARN, ARN),
        (lambda _: UUID, JOINED),
        (lambda _: f"mrk-{'0' * 32}", {"Fn::Join": ["", [*JOINED["Fn::Join"][1][:2], f"{JOINED['Fn::Join'][1][2][:-36]}mrk-{'0' * 32}"]]}),
        (lambda _: "alias/aws/redshift", None),
        (lambda stack: kms.CfnKey(stack, "Key").ref, OF_THE_APP),
        (lambda stack: kms.CfnKey(stack, "Key").attr_arn, OF_THE_APP),
        (lambda stack: alias_of(stack, kms.CfnKey(stack, "Key").attr_arn), OF_THE_APP),
        (lambda stack: alias_of(stack, kms.CfnKey(stack, "Key").ref), OF_THE_APP),
        (lambda stack: alias_of(stack, UUID), JOINED),
        (lambda stack: stack.format_arn(service="kms", resource="key", resource_name=UUID), JOINED),
        (lambda _: cdk.Fn.sub(SUB, {"Id": UUID}), {"Fn::Sub": [SUB, {"Id": UUID}]}),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_certainly_a_key_is_named_by_its_arn(named: Callable[[cdk.Stack], str | None], arn: Any) -> None:
    # GIVEN a cluster whose definition names a key of the app, an ARN, an id or a key of AWS
    stack = new_stack()
    # WHEN its key is asked for THEN the answer is an ARN, or nothing for a key on which nobody needs rights
    assert found(stack, l1_cluster(stack, kms_key_id=named(stack))) == arn


@pytest.mark.parametrize(
    "named",
    [
        lambda _: "alias/dw",
        lambda stack: kms.Alias.from_alias_name(stack, "A", "alias/dw").key_id,
        lambda stack: kms.Alias.from_alias_name(stack, "A", "alias/dw").key_arn,
        lambda stack: alias_of(stack, text_parameter(stack)),
        text_parameter,
        lambda stack: ssm.StringParameter.value_for_string_parameter(stack, "/security/key"),
        lambda _: cdk.SecretValue.ssm_secure("/security/key").unsafe_unwrap(),
        lambda _: cdk.Fn.import_value("security-key"),
        lambda _: cdk.Fn.condition_if("Prod", ARN, cdk.Aws.NO_VALUE).to_string(),
        lambda _: cdk.Fn.select(0, cdk.Fn.split(",", cdk.Fn.import_value("security-keys"))),
    ],
    ids=range(10),
)
def test_what_may_be_no_arn_is_an_error_that_says_what_to_pass(named: Callable[[cdk.Stack], str]) -> None:
    # GIVEN a cluster whose definition names its key by an alias, or by a value that only the deployment knows
    stack = new_stack()
    # WHEN its key is asked for THEN the error names the argument that helps
    text = found(stack, l1_cluster(stack, kms_key_id=named(stack)))
    assert "'cluster_encryption_key' must be the cluster's key, such as kms.Key.from_key_arn(...)" in text
    assert "KmsKeyId of 'Stack/Warehouse' is" in text


def test_a_key_that_a_construct_knows_is_taken_at_its_word() -> None:
    # GIVEN a cluster whose key is imported by a token, which the user calls an ARN WHEN asked THEN it is that token
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Imported", text_parameter(stack, "KeyArn"))
    assert found(stack, cluster_of(stack, encryption_key=key)) == {"Ref": "KeyArn"}
    assert found(stack, existing(stack)) is None
