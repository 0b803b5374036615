"""The key that a site makes, and its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import aws_kms as kms

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.core.regions import redshift_endpoints
from resilient_redshift.stack.iam import allow_principal, document
from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from constructs import Construct

_TO_REMOVE: Final = "pass RecoverySite(encryption_key=...) with a key whose removal policy is yours"


def site_key(site: Construct, construct_id: str, stack: cdk.Stack, region: str) -> kms.CfnKey:
    """Make the key that encrypts the copies and the restored clusters. It rotates and is retained.

    Args:
        site: the site.
        construct_id: the key's id in the site.
        stack: the site's stack.
        region: the site's Region.
    """
    key = kms.CfnKey(
        site,
        construct_id,
        description="Encrypts copied Redshift snapshots and the clusters restored from them",
        enable_key_rotation=True,
        key_policy=document(_key_statements(stack, region)),
    )
    policy = cdk.RemovalPolicy.RETAIN
    key.apply_removal_policy(policy)
    SynthChecks.of(stack).keep(key, Declared.of(policy, to_remove=_TO_REMOVE))
    return key


def _key_statements(stack: cdk.Stack, region: str) -> list[dict[str, Any]]:
    """The statements of the key's policy.

    IAM decides about this account's principals. Besides, each principal of the account that may use Redshift may use
    the key through Redshift, as with AWS's own key for Redshift. The role that makes the grant needs no statement,
    because IAM gives it its rights. The key of the source Region takes no part in a restore.
    """
    parts = arn_parts_of(stack)
    account = parts.account
    through_redshift = {
        "StringEquals": {"kms:CallerAccount": account, "kms:ViaService": redshift_endpoints(region)},
    }
    any_principal = {"AWS": "*"}
    use = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:ListGrants")
    root = {"AWS": f"arn:{parts.partition}:iam::{account}:root"}
    return [
        {"Sid": "AccountDecidesByIam", **allow_principal(root, ["kms:*"])},
        {
            "Sid": "AccountThroughRedshift",
            **allow_principal(any_principal, use),
            "Condition": through_redshift,
        },
        {
            "Sid": "RedshiftGrants",
            **allow_principal(any_principal, ["kms:CreateGrant"]),
            "Condition": {**through_redshift, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
