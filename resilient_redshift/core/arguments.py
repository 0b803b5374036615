"""Checks of arguments that several constructs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems


def check_key_itself(problems: Problems, argument: str, key: Any) -> None:  # noqa: ANN401 - without importing CDK
    """Record a problem when a key is an alias, also one that is imported as a key by the alias's ARN.

    An alias can later name another key. IAM policies and KMS grants name keys only.

    Args:
        problems: collects the problems of the call.
        argument: the argument's name, as the user writes it.
        key: the key that the user passed.
    """
    if _is_alias(key):
        why = "an alias can later name another key; kms.Key.from_lookup finds the key of an alias"
        problems.add(argument, "an alias", "the key itself", why)


@Remembered
def _is_alias(key: Any) -> bool:  # noqa: ANN401 - without importing CDK
    if hasattr(key, "alias_name"):
        return True
    arn = key_arn_of(key) if hasattr(key, "key_ref") else ""
    return known(arn) and ":alias/" in arn


def where(scope: Any, construct_id: str, kind: str) -> str:  # noqa: ANN401 - a construct, without importing CDK
    """The path and the kind of a construct that does not exist yet; error texts begin with it.

    Args:
        scope: the construct's parent.
        construct_id: the construct's id in that scope.
        kind: the name of the construct's class.
    """
    # the scope of a call with a wrong scope has no path
    path = path_of(scope) if hasattr(type(scope), "node") else ""
    return f"{path}/{construct_id} ({kind})" if path else f"{construct_id} ({kind})"


def is_in_a_stack(scope: Any) -> bool:  # noqa: ANN401 - a construct, without importing CDK
    """Whether a construct is a stack or is in one."""
    from resilient_redshift.core.environment import stack_of  # noqa: PLC0415 - it imports CDK

    try:
        stack_of(scope)
    except RuntimeError:  # jsii's error: "No stack could be identified for the construct"
        return False
    return True
