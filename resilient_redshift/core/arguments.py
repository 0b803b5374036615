"""What several constructs check of their arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.core.tree import path_of

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems


def check_key_itself(problems: Problems, argument: str, key: Any) -> None:  # noqa: ANN401 - without importing CDK
    """Check that a key is no alias: what it names may change, and IAM and grants know keys only."""
    if hasattr(key, "alias_name"):
        problems.add(argument, "an alias", "the key itself", "an alias may come to name another")


def where(scope: Any, construct_id: str, kind: str) -> str:  # noqa: ANN401 - a construct, without importing CDK
    """Say which construct a problem belongs to, before that construct exists."""
    path = path_of(scope)
    return f"{path}/{construct_id} ({kind})" if path else f"{construct_id} ({kind})"
