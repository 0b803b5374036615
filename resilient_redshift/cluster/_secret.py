"""The secret with the admin's password, which Redshift makes, keeps in Secrets Manager and rotates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import aws_kms as kms

if TYPE_CHECKING:
    from aws_cdk import aws_secretsmanager as secretsmanager
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct


def admin_secret(cluster: Construct, secret_arn: str, key: IKeyRef) -> secretsmanager.ISecret:
    """The secret as CDK's type.

    ``grant_read`` of the secret writes the right to decrypt into the key's policy. CDK can do that for a ``kms.Key`` of
    the app only.

    Args:
        cluster: the cluster's construct, the parent of the secret.
        secret_arn: the secret's ARN, which CloudFormation returns.
        key: the cluster's key, which encrypts the secret.
    """
    from aws_cdk import aws_secretsmanager as secretsmanager  # noqa: PLC0415 - the import is slow, and few need it

    own_key = key if isinstance(key, kms.Key) else None
    return secretsmanager.Secret.from_secret_attributes(
        cluster, "Secret", secret_complete_arn=secret_arn, encryption_key=own_key
    )
