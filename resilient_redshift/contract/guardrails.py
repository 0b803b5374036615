"""The statements that keep everybody but a few roles from destroying recovery points, as policies (no CDK).

The construct ``RecoveryGuardrails`` and the command ``resilient-redshift guardrails`` make the same documents with this
module. Redshift has no condition key for a retention or a Region. A policy therefore cannot say "may rise, not fall",
and denies each call that can lower something.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.rules.arns import check_role_path, check_role_pattern, is_key_arn
from resilient_redshift.rules.limits import (
    MANAGED_POLICY_LIMIT,
    RESOURCE_CONTROL_POLICY_LIMIT,
    SERVICE_CONTROL_POLICY_LIMIT,
)
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from resilient_redshift.errors import Problems

Statement = dict[str, Any]
Document = dict[str, Any]

#: The calls of Redshift that delete recovery points, stop new ones, or can shorten the life of existing ones. The
#: library's own functions make some of them, so its roles are exempt.
RECOVERY_POINT_ACTIONS: Final = (
    "redshift:BatchDeleteClusterSnapshots",
    "redshift:BatchModifyClusterSnapshots",
    "redshift:DeleteCluster",
    "redshift:DeleteClusterSnapshot",
    "redshift:DeleteSnapshotCopyGrant",
    "redshift:DeleteSnapshotSchedule",
    "redshift:DisableSnapshotCopy",
    "redshift:ModifyClusterSnapshot",
    "redshift:ModifyClusterSnapshotSchedule",
    "redshift:ModifySnapshotCopyRetentionPeriod",
    "redshift:ModifySnapshotSchedule",
)
#: The calls of KMS after which a key cannot decrypt. Redshift deletes a cluster 14 days after its key became unusable.
#: The library's functions make none of them.
KEY_ACTIONS: Final = ("kms:DeleteImportedKeyMaterial", "kms:DisableKey", "kms:ScheduleKeyDeletion")
#: The call that can take a key away from those who need it. CloudFormation makes it when a template changes a policy.
KEY_POLICY_ACTIONS: Final = ("kms:PutKeyPolicy",)
#: The calls that make a role exempt, or that change what an exempt role may do and who may assume it.
ROLE_ACTIONS: Final = (
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
)
#: The call that gives a role to code of somebody else. CDK's deploy role passes the deployment role to CloudFormation,
#: so that the deployment roles are not among the roles that may not be passed.
PASS_ACTIONS: Final = ("iam:PassRole",)
_WILDCARDS: Final = frozenset("*?")


@dataclass(frozen=True)
class Guardrails:
    """Whom the policies exempt, and which keys they guard.

    Attributes:
        partition: the partition of all ARNs, such as ``aws`` or ``aws-cn``.
        break_glass_roles: the roles that may do everything: ARNs, with ``*`` and ``?`` as wildcards.
        role_paths: the paths of the library's own roles. They may make the calls of Redshift.
        deployment_roles: the roles with which CloudFormation deploys: ARNs as above. They may change key policies and
            exempt roles, and nothing else.
        keys: the ARNs of the guarded keys, with wildcards.
    """

    partition: str
    break_glass_roles: tuple[str, ...]
    role_paths: tuple[str, ...]
    deployment_roles: tuple[str, ...]
    keys: tuple[str, ...]

    @classmethod
    def checked(
        cls,
        problems: Problems,
        *,
        partition: str,
        break_glass_roles: Sequence[str],
        role_paths: Sequence[str],
        deployment_roles: Sequence[str] | None = None,
        keys: Sequence[str] | None = None,
        measure: Callable[[Document], int] | None = None,
    ) -> Guardrails:
        """Check the arguments, also that no document is larger than AWS takes.

        Args:
            problems: collects the problems of the call.
            partition: the partition of all ARNs.
            break_glass_roles: at least one.
            role_paths: at least one, none of them ``/``.
            deployment_roles: None for the roles of CDK's bootstrap stacks, whatever their qualifier is.
            keys: None for all keys of the accounts to which a policy is attached.
            measure: counts the characters of a document of an app, with tokens in it. Default: the organization's
                policies count as they are printed, and the managed policy without white space.
        """
        bootstrap = (f"arn:{partition}:iam::*:role/cdk-*-cfn-exec-role-*",)
        guardrails = cls(
            partition,
            tuple(break_glass_roles),
            tuple(role_paths),
            bootstrap if deployment_roles is None else tuple(deployment_roles),
            (f"arn:{partition}:kms:*:*:key/*",) if keys is None else tuple(keys),
        )
        why = "otherwise nobody could ever delete a cluster or a snapshot"
        problems.check(bool(break_glass_roles), "break_glass_roles", [], "at least one role", why)
        for name in ("break_glass_roles", "deployment_roles"):
            for pattern in getattr(guardrails, name):
                check_role_pattern(problems, name, pattern, partition)
        why = "otherwise the policies would stop the library's own functions"
        problems.check(bool(role_paths), "role_paths", [], "at least one path", why)
        for path in role_paths:
            _check_own_path(problems, path)
        problems.check(bool(guardrails.keys), "keys", [], "at least one key, or left out for all keys")
        for key in guardrails.keys:
            allowed = "the ARN of a key, in which '*' and '?' are wildcards; no alias"
            problems.check(not known(key) or is_key_arn(key), "keys", key, allowed, "KMS: Resource of a policy")
        _check_sizes(problems, guardrails, measure)
        return guardrails

    def service_control_policy(self) -> Document:
        """The SCP. It limits every user and role of the accounts to which it is attached."""
        return _document(self._identity_statements())

    def managed_policy(self) -> Document:
        """The IAM policy. It limits the users and roles to which it is attached, and it allows nothing."""
        return _document(self._identity_statements())

    def resource_control_policy(self) -> Document:
        """The RCP for keys. It also limits principals of other accounts. RCPs do not cover Redshift."""
        return _document(self._key_statements(self.keys, "*"))

    def key_statements(self) -> list[Statement]:
        """The statements for the policy of one key. KMS reads ``*`` there as the key that has the policy."""
        return list(self._key_statements(("*",), {"AWS": "*"}))

    def own_roles(self) -> tuple[str, ...]:
        """The library's own roles, as patterns of ARNs."""
        return tuple(f"arn:{self.partition}:iam::*:role{path}*" for path in self.role_paths)

    def _identity_statements(self) -> Iterator[Statement]:
        roles = self.break_glass_roles
        deployment = (*roles, *self.deployment_roles)
        yield _deny("KeepRecoveryPoints", RECOVERY_POINT_ACTIONS, ("*",), (*roles, *self.own_roles()))
        yield _deny("KeepKeys", KEY_ACTIONS, self.keys, roles)
        yield _deny("KeepKeyPolicies", KEY_POLICY_ACTIONS, self.keys, deployment)
        yield _deny("KeepExemptRoles", ROLE_ACTIONS, (*deployment, *self.own_roles()), deployment)
        yield _deny("PassNoExemptRole", PASS_ACTIONS, (*roles, *self.own_roles()), deployment)

    def _key_statements(self, keys: Sequence[str], principal: str | dict[str, str]) -> Iterator[Statement]:
        roles = self.break_glass_roles
        for sid, actions, exempt in (
            ("KeepKeys", KEY_ACTIONS, roles),
            ("KeepKeyPolicies", KEY_POLICY_ACTIONS, (*roles, *self.deployment_roles)),
        ):
            statement = _deny(sid, actions, keys, exempt)
            # a call that AWS's own services make has no aws:PrincipalArn, so that ArnNotLike alone would deny it
            statement["Condition"]["BoolIfExists"] = {"aws:PrincipalIsAWSService": "false"}
            yield {"Sid": sid, "Effect": "Deny", "Principal": principal, **statement}


def printed(value: object) -> str:
    """A document or a list of statements as the command prints it."""
    return json.dumps(value, indent=1)


def _check_own_path(problems: Problems, path: str) -> None:
    """Check one path of the library's own roles. It must tell them from all other roles."""
    if not check_role_path(problems, "role_paths", path) or not known(path):
        return
    why = "other roles have that path too; StackSettings(role_path=...) gives the library's roles one of their own"
    problems.check(path != "/", "role_paths", path, "a path such as '/resilient-redshift/'", why)
    why = "it must be the path of the library's roles alone"
    problems.check(not _WILDCARDS & {*path}, "role_paths", path, "a path without '*' and '?'", why)


def _check_sizes(problems: Problems, guardrails: Guardrails, measure: Callable[[Document], int] | None) -> None:
    """Check that AWS takes each document. AWS Organizations may count white space, and IAM does not."""
    scp, rcp, iam = (
        guardrails.service_control_policy(),
        guardrails.resource_control_policy(),
        guardrails.managed_policy(),
    )
    for kind, size, most in (
        ("service control policy", (measure or _printed_size)(scp), SERVICE_CONTROL_POLICY_LIMIT),
        ("resource control policy", (measure or _printed_size)(rcp), RESOURCE_CONTROL_POLICY_LIMIT),
        ("managed policy", (measure or _compact_size)(iam), MANAGED_POLICY_LIMIT),
    ):
        names = "break_glass_roles', 'role_paths', 'deployment_roles' and 'keys"
        allowed = f"so few and so short that the {kind} has at most {most} characters"
        problems.check(size <= most, names, f"{size} characters", allowed, "AWS Organizations and IAM quotas")


def _printed_size(document: Document) -> int:
    return len(printed(document))


def _compact_size(document: Document) -> int:
    return len(json.dumps(document, separators=(",", ":")))


def _document(statements: Iterator[Statement]) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _deny(sid: str, actions: Sequence[str], resources: Sequence[str], exempt: Sequence[str]) -> Statement:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "Action": list(actions),
        "Resource": list(resources),
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": list(exempt)}},
    }
