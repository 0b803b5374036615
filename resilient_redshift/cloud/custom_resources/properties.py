"""The strict reader of resource properties.

CloudFormation sends every value as a string. A value that the reader does not understand is refused, never guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED, stored_identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cloud.custom_resources.events import Request

#: CloudFormation's own properties, which it sends along with those of the resource.
_ALWAYS: Final = frozenset({"ServiceToken", "ServiceTimeout"})
_WHOLE: Final = re.compile(r"-?[0-9]{1,9}")


class Reader:
    """Reads the properties of one request, and collects every problem.

    Args:
        where: the resource type, for the message.
        values: the request's ResourceProperties.
    """

    def __init__(self, where: str, values: Mapping[str, object]) -> None:
        self._where = where
        self._values = values
        self._seen: set[str] = set(_ALWAYS)
        self._problems: list[str] = []

    def problem(self, name: str, allowed: str, why: str = "") -> None:
        """Note that the value of a property cannot be used.

        Args:
            name: the property.
            allowed: which values can be used.
            why: the reason of that rule. Default: none is given.
        """
        got = repr(self._values[name]) if name in self._values else "nothing"
        self._problems.append(f"{name}: got {got}; allowed: {allowed}" + (f"; {why}" if why else ""))

    def text(self, name: str, pattern: re.Pattern[str], allowed: str, *, required: bool = True) -> str | None:
        """Read a string of a certain form.

        Returns:
            The string, or None where the property is absent and optional, or cannot be used.
        """
        self._seen.add(name)
        value = self._values.get(name)
        if value is None and not required:
            return None
        if isinstance(value, str) and pattern.fullmatch(value):
            return value
        self.problem(name, allowed)
        return None

    def cluster_identifier(self) -> str | None:
        """Read ``ClusterIdentifier``. Capital letters pass, because AWS stores the name in lower case.

        Returns:
            The name as AWS stores it, or None where the property cannot be used.
        """
        value = self._values.get("ClusterIdentifier")
        if isinstance(value, str):
            self._values = {**self._values, "ClusterIdentifier": stored_identifier(value)}
        return self.text("ClusterIdentifier", LABEL, LABEL_ALLOWED)

    def texts(self, name: str, pattern: re.Pattern[str], allowed: str) -> tuple[str, ...]:
        """Read a list of one or more strings of a certain form.

        Returns:
            The strings, or none where one of them cannot be used.
        """
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
        """Read a whole number of days in a range.

        Args:
            name: the property.
            minimum: the lowest number.
            maximum: the highest number.
            also: one value outside the range that is allowed too.

        Returns:
            The number, or 0 where the value cannot be used.
        """
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

    def flag(self, name: str) -> bool:
        """Read a switch, ``'true'`` or ``'false'``. It is off where the property is absent."""
        return self._choice(name, "false", "true") == "true"

    def destroy(self) -> bool:
        """Read the first key to destruction: the removal policy ``'destroy'``. Absent means ``'retain'``."""
        return self._choice("RemovalPolicy", "retain", "destroy") == "destroy"

    def done(self) -> None:
        """Raise all problems together. A property that no method has read is a problem too.

        Raises:
            Refused: a property cannot be used.
        """
        for name in sorted(set(self._values) - self._seen):
            self.problem(name, "nothing", "this property is unknown, and a value that changes nothing is a mistake")
        if self._problems:
            raise Refused(f"{self._where}: " + " | ".join(self._problems))

    def _choice(self, name: str, first: str, other: str) -> str:
        """Read one of two words. It is the first one where the property is absent."""
        self._seen.add(name)
        value = self._values.get(name, first)
        if isinstance(value, str) and value in (first, other):
            return value
        self.problem(name, f"{first!r}, {other!r}")
        return first


class Removable(Protocol):
    """The properties of a resource that a Delete may remove."""

    @property
    def destroy(self) -> bool:
        """Whether the first key is turned."""
        ...

    @property
    def physical_id(self) -> str:
        """The physical id that belongs to these properties."""
        ...


R = TypeVar("R", bound=Removable)


def removable(request: Request, wanted: Callable[[Request], R]) -> R | None:
    """Return what a Delete may remove. The log says why where it may remove nothing.

    A Delete removes nothing without the first key, nothing whose properties cannot be used, and nothing under a
    physical id that is not this resource's. CloudFormation invents such an id for a Create that failed.

    Args:
        request: the Delete.
        wanted: reads the properties.

    Returns:
        The properties, or None where nothing may be removed.
    """
    try:
        properties = wanted(request)
    except Refused as error:
        because = f"the properties cannot be used: {error}"
    else:
        if properties.destroy and request.physical_id == properties.physical_id:
            return properties
        because = "the removal policy is not 'destroy', or the physical id is not of this resource"
    log.write("INFO", "retained", because=because, id=request.physical_id)
    return None
