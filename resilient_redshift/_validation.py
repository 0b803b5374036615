"""Collects every problem of one call and raises them together, before the first CDK call."""

from __future__ import annotations

from typing import Any

from resilient_redshift.errors import ResilientRedshiftError


class Problems:
    """The problems found so far in one call of the user's."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._found: list[str] = []

    def add(self, argument: str, got: object, allowed: str, why: str = "") -> None:
        """Record that an argument got a value outside what is allowed, and why that rule exists."""
        self._found.append(f"'{argument}' must be {allowed}, got {_shown(got)}" + (f" ({why})" if why else ""))

    def check(self, ok: bool, argument: str, got: object, allowed: str, why: str = "") -> bool:  # noqa: FBT001
        """Record a problem unless ``ok``; return ``ok``, so that later checks can build on it."""
        if not ok:
            self.add(argument, got, allowed, why)
        return ok

    def raise_if_any(self) -> None:
        """Raise what was found.

        Raises:
            ResilientRedshiftError: when at least one problem was recorded.
        """
        if self._found:
            raise ResilientRedshiftError(self._where, self._found)


def where(scope: Any, construct_id: str, kind: str) -> str:  # noqa: ANN401 - a construct, without importing CDK
    """Say which construct a problem belongs to, before that construct exists."""
    path = scope.node.path
    return f"{path}/{construct_id} ({kind})" if path else f"{construct_id} ({kind})"


def _shown(got: object) -> str:
    """Show a value as its user wrote it."""
    human = getattr(got, "to_human_string", None)
    return str(human()) if callable(human) else repr(got)
