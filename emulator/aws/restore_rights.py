"""What IAM asks for a restore beside cluster and snapshot: roles to pass, keys, and the secret of a managed password.

Dependent actions of RestoreFromClusterSnapshot [S: SAR, domain.md 3]: kms:CreateGrant, Decrypt, DescribeKey, GenerateDataKey and RetireGrant on
the new key, and seven of Secrets Manager for ManageMasterPassword; GetRandomPassword has no resource type [S]. Redshift acts with its caller's
rights on keys [D], so that all come with kms:ViaService; the secret's name begins with ``redshift!`` [D]. That the snapshot's own key, where it
is another one, asks for Decrypt and DescribeKey is inferred [I]. kms:Encrypt on the new key is inferred too [I]: AWS's page on customer keys asks
it of who creates a cluster. ec2:Describe* [U] and iam:CreateServiceLinkedRole are not asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from emulator.aws.authorization import Right

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import Snapshot

_ON_KEY = ("CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "RetireGrant")
_ON_SECRET = ("CreateSecret", "DeleteSecret", "DescribeSecret", "RotateSecret", "TagResource", "UpdateSecret")


def rights(
    params: dict[str, Any], region: str, account: str, key: str | None, snapshot: Callable[[str], Snapshot | None]
) -> list[Right]:
    """List them; ``key`` is the new key's ARN, None without one."""
    found = [
        Right("iam:PassRole", role, (("iam:PassedToService", "redshift.amazonaws.com"),))
        for role in {*params.get("IamRoles", ()), *filter(None, [params.get("DefaultIamRoleArn")])}
    ]
    via = (("kms:ViaService", f"redshift.{region}.amazonaws.com"),)
    if key:
        granting = (*via, ("kms:GrantIsForAWSResource", "true"))
        found += [Right(f"kms:{name}", key, granting if name == "CreateGrant" else via) for name in _ON_KEY]
    source = snapshot(str(params.get("SnapshotIdentifier") or "").lower())
    if source is not None and source.kms_key_id and source.kms_key_id != key:
        found += [Right(f"kms:{name}", source.kms_key_id, via) for name in ("Decrypt", "DescribeKey")]
    if params.get("ManageMasterPassword"):
        master = "awsuser" if source is None else source.master_username
        name = f"redshift!{params['ClusterIdentifier']}-{master}-AbCdEf"
        secret = f"arn:aws:secretsmanager:{region}:{account}:secret:{name}"
        found += [Right(f"secretsmanager:{action}", secret) for action in _ON_SECRET]
        found.append(Right("secretsmanager:GetRandomPassword"))
    return found
