"""Collects every problem of one call and raises them together, before the first CDK call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.core.tree import path_of
from resilient_redshift.errors import ResilientRedshiftError

if TYPE_CHECKING:
    from collections.abc import Callable


class Problems:
    """The problems found so far in one call of the user's; ``where`` may be asked for only when there are some."""

    def __init__(self, where: str | Callable[[], str]) -> None:
        self._where = where
        self._found: list[str] = []
        self._later: list[Callable[[], object]] = []

    def add(self, argument: str, got: object, allowed: str, why: str = "") -> None:
        """Record that an argument got a value outside what is allowed, and why that rule exists."""
        self._found.append(f"'{argument}' must be {allowed}, got {_shown(got)}" + (f" ({why})" if why else ""))

    def check(self, ok: bool, argument: str, got: object, allowed: str, why: str = "") -> bool:  # noqa: FBT001
        """Record a problem unless ``ok``; return ``ok``, so that later checks can build on it."""
        if not ok:
            self.add(argument, got, allowed, why)
        return ok

    def if_none(self, then: Callable[[], object]) -> None:
        """Do something at the next :meth:`raise_if_any`, unless that raises: a call that failed leaves no trace."""
        self._later.append(then)

    def raise_if_any(self) -> None:
        """Raise what was found, or do what waited for that.

        Raises:
            ResilientRedshiftError: when at least one problem was recorded.
        """
        if self._found:
            raise ResilientRedshiftError(self._where() if callable(self._where) else self._where, self._found)
        while self._later:
            self._later.pop(0)()


def check_count(problems: Problems, argument: str, value: int) -> None:
    """Check a number of things, of which there is at least one."""
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    problems.check(ok, argument, value, "a whole number, 1 or more")


def check_key_itself(problems: Problems, argument: str, key: Any) -> None:  # noqa: ANN401 - without importing CDK
    """Check that a key is no alias: what it names may change, and IAM and grants know keys only."""
    if hasattr(key, "alias_name"):
        problems.add(argument, "an alias", "the key itself", "an alias may come to name another")


def where(scope: Any, construct_id: str, kind: str) -> str:  # noqa: ANN401 - a construct, without importing CDK
    """Say which construct a problem belongs to, before that construct exists."""
    path = path_of(scope)
    return f"{path}/{construct_id} ({kind})" if path else f"{construct_id} ({kind})"


def _shown(got: object) -> str:
    """Show a value as its user wrote it."""
    human = getattr(got, "to_human_string", None)
    return str(human()) if callable(human) else repr(got)
