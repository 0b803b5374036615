"""The rules for ARNs and for the paths of roles: roles, patterns of roles, and Identity Center (no CDK).

Every check records a problem in ``problems`` for a value that AWS would refuse. A token passes, because its value is
known only at deployment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.limits import MOST_CLUSTER_ROLES
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from resilient_redshift.errors import Problems

_ROLE: Final = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/.+")
#: A role's ARN in which ``*`` and ``?`` may stand for the account and for parts of the path and the name.
_ROLE_PATTERN: Final = re.compile(r"arn:(?P<partition>[a-z0-9-]+):iam::(?:\d{12}|\*):role/(?P<name>[!-~]+)")
#: The most characters of a role's path. Source: IAM API, CreateRole: Path.
LONGEST_ROLE_PATH: Final = 512
_ROLE_PATH: Final = re.compile(r"/|/[!-~]+/")
_APPLICATION: Final = re.compile(r"arn:[a-z0-9-]+:redshift:[a-z0-9-]+:\d{12}:redshiftidcapplication:.+")
_KEY: Final = re.compile(r"arn:[^:]+:kms:[^:]+:[^:]+:key/.+")
_ROLES_OF_A_CLUSTER: Final = "Amazon Redshift quotas: IAM roles for each cluster"


def is_key_arn(arn: str) -> bool:
    """Whether a text has the form of the ARN of a KMS key. The ARN of an alias has another form."""
    return _KEY.fullmatch(arn) is not None


def check_role_arn(problems: Problems, argument: str, arn: str) -> None:
    """Check the ARN of an IAM role (Redshift API, RestoreFromClusterSnapshot: IamRoles)."""
    ok = not known(arn) or (isinstance(arn, str) and _ROLE.fullmatch(arn) is not None)
    problems.check(ok, argument, arn, "the ARN of an IAM role", "Redshift API: IamRoles")


def check_role_pattern(problems: Problems, argument: str, pattern: str, partition: str) -> None:
    """Check the pattern of the ARNs of roles that a policy exempts. A token passes.

    A name that consists of wildcards alone is refused, because it would exempt every role.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        pattern: the ARN of a role, in which ``*`` and ``?`` are wildcards.
        partition: the partition of the policy, such as ``aws``; a token where only the deployment knows it.
    """
    if not known(pattern):
        return
    found = _ROLE_PATTERN.fullmatch(pattern)
    example = f"arn:{partition if known(partition) else 'aws'}:iam::111122223333:role/BreakGlass"
    why = "IAM User Guide: aws:PrincipalArn is the role's ARN with its path, not the ARN of a session"
    if not problems.check(found is not None, argument, pattern, f"the ARN of a role such as '{example}'", why):
        return
    assert found is not None  # noqa: S101 - checked above
    allowed = "a pattern with a literal part in the role's name or path"
    why = "it would exempt every role"
    problems.check(re.search(r"[^*?/]", found["name"]) is not None, argument, pattern, allowed, why)
    ok = not known(partition) or found["partition"] == partition
    problems.check(
        ok, argument, pattern, f"of the partition '{partition}'", "an ARN of another partition never matches"
    )


def check_role_path(problems: Problems, argument: str, path: str) -> bool:
    """Check the path of roles (IAM API, CreateRole: Path). A token passes.

    Returns:
        Whether IAM takes the path.
    """
    ok = not known(path) or (len(path) <= LONGEST_ROLE_PATH and _ROLE_PATH.fullmatch(path) is not None)
    allowed = f"a path of at most {LONGEST_ROLE_PATH} characters that begins and ends with '/', without blanks"
    return problems.check(ok, argument, path, allowed, "IAM API: CreateRole, Path")


def check_role_arns(problems: Problems, argument: str, arns: Sequence[str]) -> None:
    """Check the roles of a cluster: ARNs of IAM roles, at most 50.

    Source: Redshift API, RestoreFromClusterSnapshot: IamRoles; Amazon Redshift quotas.
    """
    check_role_count(problems, argument, arns)
    for arn in arns:
        check_role_arn(problems, argument, arn)


def check_role_count(problems: Problems, argument: str, roles: Collection[object]) -> None:
    """Check that a cluster gets at most 50 roles (Amazon Redshift quotas: IAM roles for each cluster)."""
    few_enough = len(roles) <= MOST_CLUSTER_ROLES
    problems.check(few_enough, argument, f"{len(roles)} roles", f"{MOST_CLUSTER_ROLES} at most", _ROLES_OF_A_CLUSTER)


def check_default_role(problems: Problems, argument: str, arn: str, roles: Sequence[str]) -> None:
    """Check that a cluster's default role is one of its roles.

    A token may be equal to another token or to a literal, so a token passes where the cluster has a role at all. A
    literal passes where one of the roles is a token. Source: Redshift API, RestoreFromClusterSnapshot:
    DefaultIamRoleArn.

    Args:
        problems: where to record a problem.
        argument: the argument's name, as the user writes it.
        arn: the ARN of the default role.
        roles: the ARNs of the cluster's roles.
    """
    ok = arn in roles or (bool(roles) and not (known(arn) and all(map(known, roles))))
    allowed = f"one of the cluster's IAM roles, {', '.join(roles) or 'of which none is known'}"
    problems.check(ok, argument, arn, allowed, "Redshift API: DefaultIamRoleArn")


def check_identity_center_application(problems: Problems, argument: str, arn: str) -> None:
    """Check the ARN of a Redshift application of IAM Identity Center.

    Source: Redshift API, RestoreFromClusterSnapshot: RedshiftIdcApplicationArn.
    """
    ok = not known(arn) or (isinstance(arn, str) and _APPLICATION.fullmatch(arn) is not None)
    allowed = "an ARN such as 'arn:aws:redshift:us-west-2:111122223333:redshiftidcapplication:...'"
    problems.check(ok, argument, arn, allowed, "Redshift API: RedshiftIdcApplicationArn")


def check_arn_place(
    problems: Problems,
    argument: str,
    arn: str,
    *,
    partition: str | None,
    account: str | None,
    region: str | None = None,
) -> None:
    """Check that an ARN belongs to one place. A token passes, and so does a part that is not known.

    Args:
        problems: where to record each problem.
        argument: the argument's name, as the user writes it.
        arn: the ARN, in a form that another rule has checked already.
        partition: the partition, such as ``aws``; None where synth does not know it.
        account: the account; None where only the deployment decides it.
        region: the Region; None for a global resource. Default: a global resource.
    """
    if not known(arn):
        return
    _, in_partition, _, in_region, in_account, *_ = arn.split(":")
    why = "a restored cluster is in the site's Region and account"
    for what, wanted, found in (
        ("partition", partition, in_partition),
        ("account", account, in_account),
        ("Region", region, in_region),
    ):
        problems.check(wanted in (None, found), argument, arn, f"of the site's {what}, {wanted}", why)
