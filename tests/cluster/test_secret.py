"""The secret of the admin, and the roles that are added after the cluster is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from resilient_redshift import ResilientRedshiftError
from tests.recovery.records import record_in
from tests.scenes.clusters import cluster_of, new_stack, properties_of
from tests.scenes.recovery import ACCOUNT, OBJECTIVES, of_type, only, site_of, template_of, two_stacks

if TYPE_CHECKING:
    import aws_cdk as cdk

LOADER = f"arn:aws:iam::{ACCOUNT}:role/loader"
UNLOADER = f"arn:aws:iam::{ACCOUNT}:role/unloader"


def role(stack: cdk.Stack, arn: str) -> iam.IRole:
    return iam.Role.from_role_arn(stack, arn.rpartition("/")[2], arn)


def test_who_may_read_the_secret_may_decrypt_it_too() -> None:
    # GIVEN a cluster with a key of its own WHEN a role may read its secret
    stack = new_stack()
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    cluster_of(stack).secret.grant_read(reader)
    # THEN the role's policy has the secret that Redshift made, and the key's policy has the role
    template = template_of(stack)
    [policy] = of_type(template, "AWS::IAM::Policy").values()
    [statement] = policy["Properties"]["PolicyDocument"]["Statement"]
    assert "secretsmanager:GetSecretValue" in statement["Action"]
    assert statement["Resource"] == {"Fn::GetAtt": ["Warehouse50B5FE91", "MasterPasswordSecretArn"]}
    decrypt = only(template, "AWS::KMS::Key")["Properties"]["KeyPolicy"]["Statement"][1]
    assert decrypt["Action"] == "kms:Decrypt"
    assert decrypt["Principal"]["AWS"]["Fn::GetAtt"][0].startswith("Reader")


def test_a_key_from_elsewhere_is_left_alone() -> None:
    # GIVEN a cluster with an L1 key WHEN a role may read its secret THEN CDK changes no key policy
    stack = new_stack()
    key = kms.CfnKey(stack, "Mine", key_policy={})
    reader = iam.Role(stack, "Reader", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    cluster_of(stack, encryption_key=key).secret.grant_read(reader)
    assert only(template_of(stack), "AWS::KMS::Key")["Properties"]["KeyPolicy"] == {}


def test_an_added_role_reaches_cluster_record_and_restored_cluster() -> None:
    # GIVEN a cluster with a role WHEN another one is added, twice, and the cluster is protected
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", iam_roles=[role(home, LOADER)])
    unloader = role(home, UNLOADER)
    cluster.add_iam_role(unloader)
    cluster.add_iam_role(unloader)
    site_of(away).protect(cluster, objectives=OBJECTIVES)
    # THEN both roles are the cluster's, and the restored cluster's
    assert properties_of(home)["IamRoles"] == [LOADER, UNLOADER]
    assert record_in(away)["restore"]["iam_role_arns"] == [LOADER, UNLOADER]
    assert UNLOADER in json.dumps(of_type(template_of(away), "AWS::IAM::Policy"))


def test_a_cluster_has_at_most_fifty_roles() -> None:
    # GIVEN a cluster with as many roles as Redshift allows WHEN one more is added, or passed THEN the error says so
    stack = new_stack()
    roles = [role(stack, f"{LOADER}{number}") for number in range(51)]
    cluster = cluster_of(stack, iam_roles=roles[:50])
    with pytest.raises(ResilientRedshiftError, match=r"ResilientCluster\.add_iam_role\): 'role' must be 50 at most"):
        cluster.add_iam_role(roles[50])
    with pytest.raises(ResilientRedshiftError, match="'iam_roles' must be 50 at most, got '51 roles'"):
        cluster_of(stack, "Other", iam_roles=roles)


def test_what_is_no_role_is_refused() -> None:
    # GIVEN the ARN of a role as text WHEN it is added THEN the error says what to pass
    with pytest.raises(ResilientRedshiftError, match=r"ResilientCluster\.add_iam_role\): 'role' must be a role"):
        cluster_of(new_stack()).add_iam_role(LOADER)  # type: ignore[arg-type]
