"""The one exception that bad input raises, and what collects every problem of one call for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class ResilientRedshiftError(ValueError):
    """Input that cannot work, refused before anything was made.

    Every problem of one call is reported together.

    Args:
        where: the construct's path and kind, or the value's kind.
        problems: one sentence for each problem; at least one.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__(f"{where}: " + "; ".join(self.problems))


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

    def check_count(self, argument: str, value: object) -> bool:
        """Record a problem unless ``value`` is a number of things of which there is at least one."""
        ok = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return self.check(ok, argument, value, "a whole number, 1 or more")

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


def _shown(got: object) -> str:
    """Show a value as its user wrote it."""
    human = getattr(got, "to_human_string", None)
    return str(human()) if callable(human) else repr(got)
