"""The key that encrypts a cluster, by its ARN: an IAM policy names a key by nothing else.

``KmsKeyId`` of a cluster takes an ARN, an id or an alias. A policy that holds an id or an alias as its resource is one
that IAM refuses at deployment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_kms as kms

from resilient_redshift.core.environment import arn_parts_of
from resilient_redshift.core.references import referred
from resilient_redshift.rules.arns import is_key_arn
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    import aws_cdk as cdk

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems

_KEY_ID: Final = re.compile(r"[A-Za-z0-9-]+")
#: The aliases of the keys that AWS manages. Nobody needs rights on such a key.
_AWS_ALIAS: Final = re.compile(r"(?:arn:[^:]+:kms:[^:]*:[^:]*:)?alias/aws/.+")
#: What a part of a text that only the deployment knows becomes.
_UNKNOWN: Final = "?"
_ALLOWED: Final = "the cluster's key, such as kms.Key.from_key_arn(...)"


def source_key_arn(problems: Problems, facts: ClusterFacts, stack: cdk.Stack, cluster: str) -> str | None:
    """The ARN of the key that a cluster's definition names; None where it names no key of a customer.

    Args:
        problems: gets a problem where the cluster's definition does not certainly hold the key's ARN.
        facts: what synth knows about the cluster.
        stack: the cluster's stack.
        cluster: the cluster's path, for the problem.
    """
    if facts.key_arn is not None or facts.key is None:
        return facts.key_arn
    arn, doubt = _certain(facts.key, stack)
    if doubt:
        why = f"KmsKeyId of '{cluster}' is {doubt}, and an IAM policy names a key by its ARN only"
        problems.add("cluster_encryption_key", None, _ALLOWED, why)
    return arn


def certain_key_arn(facts: ClusterFacts, stack: cdk.Stack) -> str | None:
    """The ARN of the key that a cluster's definition names; None where that is no key of a customer, or in doubt.

    Args:
        facts: what synth knows about the cluster.
        stack: the cluster's stack.
    """
    if facts.key_arn is not None or facts.key is None:
        return facts.key_arn
    return _certain(facts.key, stack)[0]


def _certain(named: str, stack: cdk.Stack) -> tuple[str | None, str]:
    """A key's ARN, and what is in doubt; the ARN is None for a key of AWS, and where anything is in doubt."""
    if known(named):
        return _of_literal(named, stack)
    target = referred(named)
    if isinstance(target, kms.CfnKey):
        return target.attr_arn, ""
    if isinstance(target, kms.CfnAlias):
        return _certain(target.target_key_id, stack)
    made = stack.resolve(named)
    if isinstance(made, str):  # such as the value of a Lazy
        return _of_literal(made, stack)
    return (named, "") if is_key_arn(_as_text(made)) else (None, "a value that only the deployment knows")


def _of_literal(named: str, stack: cdk.Stack) -> tuple[str | None, str]:
    if is_key_arn(named):
        return named, ""
    if _AWS_ALIAS.fullmatch(named):
        return None, ""
    if _KEY_ID.fullmatch(named):  # an id alone names a key of the cluster's own account and Region
        parts = arn_parts_of(stack)
        return f"arn:{parts.partition}:kms:{parts.region}:{parts.account}:key/{named}", ""
    return None, repr(named)


def _as_text(made: Any) -> str:  # noqa: ANN401 - any template value
    """The text that an intrinsic function makes, as far as a template shows it."""
    if isinstance(made, str):
        return made
    if not isinstance(made, dict) or len(made) != 1:
        return _UNKNOWN
    [(function, argument)] = made.items()
    if function == "Fn::Join":
        separator, parts = argument
        return str(separator).join(map(_as_text, parts)) if isinstance(parts, list) else _UNKNOWN
    if function == "Fn::Sub":
        pattern = argument if isinstance(argument, str) else argument[0]
        return re.sub(r"\$\{[^}]*\}", _UNKNOWN, str(pattern))
    return _UNKNOWN
