"""What tells whether a failover could start: applied quotas, and what a role may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import botocore.exceptions
import pytest

from tests.emulator.aws_scene import HERE, allow, role, signed_in

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

SNAPSHOTS = {"ServiceCode": "redshift", "QuotaCode": "L-2E428669"}
NODES = {"ServiceCode": "redshift", "QuotaCode": "L-F9D462EE"}


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


def test_a_quota_is_its_default_until_it_is_raised(aws: EmulatedAws) -> None:
    quotas = aws.client("service-quotas", HERE)
    assert quotas.get_aws_default_service_quota(**SNAPSHOTS)["Quota"]["Value"] == 700
    assert quotas.get_aws_default_service_quota(**NODES)["Quota"]["Value"] == 200
    for asked in (SNAPSHOTS, {**SNAPSHOTS, "QuotaCode": "L-00000000"}):
        with pytest.raises(botocore.exceptions.ClientError, match="NoSuchResource"):
            quotas.get_service_quota(**asked)
    aws.settings(manual_snapshot_quota=900)
    try:
        assert quotas.get_service_quota(**SNAPSHOTS)["Quota"]["Value"] == 900
        assert quotas.get_aws_default_service_quota(**SNAPSHOTS)["Quota"]["Value"] == 700
    finally:
        aws.settings(manual_snapshot_quota=700)


def test_a_roles_rights_are_simulated_as_they_are_enforced(aws: EmulatedAws) -> None:
    # GIVEN a role with a condition and a denial
    mine = f"arn:aws:redshift:{HERE}:*:cluster:mine-*"
    key = {"Condition": {"StringEquals": {"kms:ViaService": f"redshift.{HERE}.amazonaws.com"}}}
    denial = {"Effect": "Deny", "Action": "redshift:DeleteCluster", "Resource": "*"}
    arn = role(aws, "simulated", allow("redshift:*", on=mine), allow("kms:Decrypt", **key), denial)
    cluster = f"arn:aws:redshift:{HERE}:{aws.account}:cluster"
    # WHEN / THEN
    found = aws.client("iam", HERE).simulate_principal_policy(
        PolicySourceArn=arn,
        ActionNames=["redshift:ModifyCluster", "redshift:DeleteCluster", "kms:Decrypt"],
        ResourceArns=[f"{cluster}:mine-1", f"{cluster}:other"],
        ContextEntries=[
            {
                "ContextKeyName": "kms:ViaService",
                "ContextKeyValues": [f"redshift.{HERE}.amazonaws.com"],
                "ContextKeyType": "string",
            }
        ],
    )["EvaluationResults"]
    assert [each["EvalDecision"] for each in found] == [
        "allowed",
        "implicitDeny",
        "explicitDeny",
        "explicitDeny",
        "allowed",
        "allowed",
    ]


def test_both_take_a_right(aws: EmulatedAws) -> None:
    # GIVEN somebody with the rights, and somebody without one
    other = role(aws, "looked-at")
    rights = [allow("servicequotas:GetAWSDefaultServiceQuota"), allow("iam:SimulatePrincipalPolicy", on=other)]
    simulated = {"PolicySourceArn": other, "ActionNames": ["redshift:DescribeClusters"]}
    aws.enforce_iam(True)
    try:
        # WHEN / THEN
        reader = role(aws, "reader", *rights)
        assert signed_in(aws, reader, "service-quotas").get_aws_default_service_quota(**NODES)["Quota"]
        assert signed_in(aws, reader, "iam").simulate_principal_policy(**simulated)["EvaluationResults"]
        stripped = role(aws, "stripped")
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            signed_in(aws, stripped, "service-quotas").get_aws_default_service_quota(**NODES)
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            signed_in(aws, stripped, "iam").simulate_principal_policy(**simulated)
    finally:
        aws.enforce_iam(False)


def test_a_quota_and_a_functions_concurrency_take_rights_on_themselves(aws: EmulatedAws) -> None:
    # GIVEN somebody who may read one quota and one function's concurrency WHEN others are read THEN they are refused
    quota = f"arn:aws:servicequotas:{HERE}:{aws.account}:redshift/{NODES['QuotaCode']}"
    function = f"arn:aws:lambda:{HERE}:{aws.account}:function:mine"
    rights = [allow("servicequotas:GetServiceQuota", on=quota), allow("lambda:GetFunctionConcurrency", on=function)]
    reader = role(aws, "precise", *rights)
    aws.enforce_iam(True)
    try:
        quotas, functions = signed_in(aws, reader, "service-quotas"), signed_in(aws, reader, "lambda")
        with pytest.raises(botocore.exceptions.ClientError, match="NoSuchResource"):
            quotas.get_service_quota(**NODES)
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            quotas.get_service_quota(**SNAPSHOTS)
        with pytest.raises(botocore.exceptions.ClientError, match="ResourceNotFound"):
            functions.get_function_concurrency(FunctionName="mine")
        with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
            functions.get_function_concurrency(FunctionName="other")
    finally:
        aws.enforce_iam(False)
