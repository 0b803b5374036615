"""The key that encrypts a stack's logs and dead letters: a new key, or the user's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.stack.iam import allow_principal, document
from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from constructs import Construct

_LOGS_ACTIONS: Final = ("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*")
_TO_REMOVE: Final = "pass StackSettings(encryption_key=...) with a key whose removal policy is yours"
_EVENTS: Final = "events.amazonaws.com"
_EVENTS_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")


def new_key(scope: Construct, stack: cdk.Stack) -> kms.CfnKey:
    """Make a rotating key for logs and dead letters. The key outlives the stack, because the logs outlive it too."""
    parts = arn_parts_of(stack)
    key = kms.CfnKey(
        scope,
        "Key",
        description="resilient_redshift: logs and dead letters of this stack",
        enable_key_rotation=True,
        key_policy=document(
            [
                allow_principal({"AWS": f"arn:{parts.partition}:iam::{parts.account}:root"}, ["kms:*"]),
                {
                    **allow_principal({"Service": _logs(stack)}, _LOGS_ACTIONS),
                    "Condition": {"ArnLike": _log_groups(stack)},
                },
                # This statement has no condition. AWS does not document which encryption context EventBridge passes to
                # KMS, and a wrong guess would lose dead letters in silence. The queue's policy already allows only
                # rules of this account.
                allow_principal({"Service": _EVENTS}, _EVENTS_ACTIONS),
            ]
        ),
    )
    policy = cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    key.apply_removal_policy(policy)
    SynthChecks.of(stack).keep(key, Declared.of(policy, to_remove=_TO_REMOVE))
    return key


def let_services_use(scope: Construct, stack: cdk.Stack, key: IKeyRef) -> None:
    """Let CloudWatch Logs and EventBridge use the user's key, or warn that its policy must let them.

    Args:
        scope: the construct that gets the warning.
        stack: the stack whose logs and dead letters the key encrypts.
        key: a key. The library can change the policy of a key of the app only.
    """
    if not isinstance(key, kms.Key | kms.CfnKey):
        message = (
            "the encryption key of StackSettings is outside this app, so make sure that its policy lets CloudWatch "
            "Logs and EventBridge use the key: without a statement for CloudWatch Logs of this Region the deployment "
            f"fails; without a statement for {_EVENTS} ({', '.join(_EVENTS_ACTIONS)}) dead letters are lost in silence"
        )
        warn(scope, Warn.STACK_SETTINGS_KEY_POLICY, message)
        return
    grants = kms.KeyGrants.from_key(key)
    grants.actions(iam.ServicePrincipal(_logs(stack), conditions={"ArnLike": _log_groups(stack)}), *_LOGS_ACTIONS)
    grants.actions(iam.ServicePrincipal(_EVENTS), *_EVENTS_ACTIONS)


def _logs(stack: cdk.Stack) -> str:
    return f"logs.{arn_parts_of(stack).region}.{stack.url_suffix}"


def _log_groups(stack: cdk.Stack) -> dict[str, str]:
    parts = arn_parts_of(stack)
    groups = f"arn:{parts.partition}:logs:{parts.region}:{parts.account}:log-group:*"
    return {"kms:EncryptionContext:aws:logs:arn": groups}
