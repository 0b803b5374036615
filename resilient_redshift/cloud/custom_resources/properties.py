"""Reading properties strictly: CloudFormation sends strings, and a value that is not understood is never guessed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

#: CloudFormation's own, beside the resource's.
_ALWAYS: Final = frozenset({"ServiceToken", "ServiceTimeout"})
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")
REGION: Final = re.compile(r"[a-z]+(?:-[a-z0-9]+)+-[0-9]{1,2}")


class Reader:
    """Collects every problem of one request.

    Args:
        where: the kind of resource, for the message.
        values: the request's ResourceProperties.
    """

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self._where = where
        self._values = values
        self._seen: set[str] = set(_ALWAYS)
        self._problems: list[str] = []

    def problem(self, name: str, allowed: str, why: str = "") -> None:
        """Note that a property's value cannot be used."""
        got = repr(self._values[name]) if name in self._values else "nothing"
        self._problems.append(f"{name}: got {got}; allowed: {allowed}" + (f"; {why}" if why else ""))

    def text(self, name: str, pattern: re.Pattern[str], allowed: str, *, required: bool = True) -> str | None:
        """A string of a certain form, None where it is absent and may be."""
        self._seen.add(name)
        value = self._values.get(name)
        if value is None and not required:
            return None
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.problem(name, allowed)
        return None

    def texts(self, name: str, pattern: re.Pattern[str], allowed: str) -> tuple[str, ...]:
        """A list of strings of a certain form, one or more; none where some cannot be used."""
        self._seen.add(name)
        value = self._values.get(name)
        if (
            isinstance(value, list)
            and value
            and all(isinstance(each, str) and pattern.fullmatch(each) for each in value)
        ):
            return tuple(value)
        self.problem(name, f"a list of {allowed}")
        return ()

    def whole(self, name: str, minimum: int, maximum: int, *, also: int | None = None) -> int:
        """A whole number in a range, or the one value beside it."""
        self._seen.add(name)
        value = self._values.get(name)
        if (
            isinstance(value, str)
            and _WHOLE.fullmatch(value)
            and (minimum <= int(value) <= maximum or int(value) == also)
        ):
            return int(value)
        self.problem(
            name,
            f"a whole number of days as a string, {minimum} to {maximum}"
            + (f", or {also}" if also is not None else ""),
        )
        return 0

    def choice(self, name: str, first: str, *others: str) -> str:
        """One of some words, the first where it is absent."""
        self._seen.add(name)
        value = self._values.get(name, first)
        if isinstance(value, str) and value in (first, *others):
            return value
        self.problem(name, ", ".join(repr(word) for word in (first, *others)))
        return first

    def done(self) -> None:
        """Raise what was found, all together; a property nobody read is a problem too.

        Raises:
            Refused: some property cannot be used.
        """
        for name in sorted(set(self._values) - self._seen):
            self.problem(name, "nothing", "this property is unknown, and a value that changes nothing is a mistake")
        if self._problems:
            raise Refused(f"{self._where}: " + " | ".join(self._problems))
