"""The one exception that bad input raises, and the list of problems that one call collects for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class ResilientRedshiftError(ValueError):
    """Input that cannot work. The call raises it before it makes anything.

    One error reports every problem of the call.

    Args:
        where: the construct's path and kind, or the value's kind.
        problems: one sentence for each problem; at least one.
    """

    def __init__(self, where: str, problems: Iterable[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        super().__init__(f"{where}: " + "; ".join(self.problems))


class Problems:
    """Collects the problems of one call, so that the user sees all of them in one error.

    Args:
        where: the construct's path and kind, or the value's kind. A function is called only when there is a problem,
            because a construct's path costs a call to jsii.
    """

    def __init__(self, where: str | Callable[[], str]) -> None:
        self._where = where
        self._problems: list[str] = []
        self._afterwards: list[Callable[[], object]] = []

    def add(self, argument: str, got: object, allowed: str, why: str = "") -> None:
        """Record a problem with one argument.

        Args:
            argument: the argument's name, as the user writes it.
            got: the value that the user passed.
            allowed: what the argument may be; it follows "must be".
            why: the reason or the source of the rule. Default: the error text gives no reason.
        """
        self._problems.append(f"'{argument}' must be {allowed}, got {_as_written(got)}" + (f" ({why})" if why else ""))

    def check(self, ok: bool, argument: str, got: object, allowed: str, why: str = "") -> bool:  # noqa: FBT001
        """Record a problem with one argument unless a condition holds.

        Args:
            ok: the condition.
            argument: as for :meth:`add`.
            got: as for :meth:`add`.
            allowed: as for :meth:`add`.
            why: as for :meth:`add`.

        Returns:
            The condition, so that a later check can depend on it.
        """
        if not ok:
            self.add(argument, got, allowed, why)
        return ok

    def check_count(self, argument: str, value: object) -> bool:
        """Record a problem unless a value is a whole number, 1 or more.

        Args:
            argument: as for :meth:`add`.
            value: the value that the user passed.

        Returns:
            Whether the value is such a number.
        """
        ok = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return self.check(ok, argument, value, "a whole number, 1 or more")

    def if_none(self, then: Callable[[], object]) -> None:
        """Call a function at the next :meth:`raise_if_any`, provided that there is no problem by then.

        A call that fails must leave no trace. A check that also records something uses this method, because a later
        check of the same call may still find a problem.

        Args:
            then: the function to call; its result is ignored.
        """
        self._afterwards.append(then)

    def raise_if_any(self) -> None:
        """Raise an error with every recorded problem. Without a problem, call the functions of :meth:`if_none`.

        Raises:
            ResilientRedshiftError: when at least one problem is recorded.
        """
        if self._problems:
            raise ResilientRedshiftError(self._where() if callable(self._where) else self._where, self._problems)
        while self._afterwards:
            self._afterwards.pop(0)()


def _as_written(got: object) -> str:
    """A value as its user wrote it: a CDK Duration as ``40 days``, everything else as Python shows it."""
    return str(got.to_human_string()) if hasattr(type(got), "to_human_string") else repr(got)  # type: ignore[attr-defined]
