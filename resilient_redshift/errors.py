"""The one exception that bad input raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


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
