"""Tells what is known at synth from what only the deployment knows."""

from __future__ import annotations

import sys
from typing import Any


def known(value: Any) -> bool:  # noqa: ANN401 - anything a user may pass
    """Whether a value is known at synth: not a token, nor a Duration or list that holds one."""
    unresolved = getattr(value, "is_unresolved", None)
    if callable(unresolved):  # Token.is_unresolved(Duration of a token) is False, so the Duration is asked itself
        return not unresolved()
    if isinstance(value, list | tuple) and not all(map(known, value)):
        return False
    cdk = sys.modules.get("aws_cdk")  # without CDK no token can exist, and planning and the CLI need no CDK
    return cdk is None or value is None or not cdk.Token.is_unresolved(value)


def literal(value: str | None) -> str | None:
    """The string, where it is known at synth."""
    return value if value is not None and known(value) else None
