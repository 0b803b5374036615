"""Reads the parameters that a run needs, as few calls as possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.restore.sight import Look
from resilient_redshift.cloud.watch.calls import CallFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from resilient_redshift.cloud.watch.calls import Calls

#: The most parameters of one call (Systems Manager API, GetParameters: Names; GetParametersByPath: MaxResults).
_AT_ONCE: Final = 10


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a folder.

    Args:
        text: its value.
        made: when it was made. None: it was changed since then, or Parameter Store does not say.
    """

    text: str
    made: datetime | None = None


class Parameters:
    """Parameters of the function's own Region, read ahead by their names."""

    def __init__(self, calls: Calls, names: Iterable[str]) -> None:
        self._looks: dict[str, Look[str]] = {}
        every = list(dict.fromkeys(names))
        for some in (every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)):
            try:
                answer = calls.call("ssm", "GetParameters", Names=some)
            except CallFailed as failure:
                self._looks |= dict.fromkeys(some, Look(problem=str(failure)))
                continue
            texts = {one["Name"]: str(one["Value"]) for one in answer["Parameters"]}
            self._looks |= {name: Look(value=texts.get(name)) for name in some}

    def look(self, name: str) -> Look[str]:
        """The text of a parameter. The value is None if there is no such parameter."""
        return self._looks[name]


def in_folder(calls: Calls, folder: str) -> dict[str, Parameter]:
    """Read every parameter of a folder, by its name.

    Raises:
        CallFailed: the folder could not be read.
    """
    path = folder.rstrip("/")
    pages = _pages(lambda **more: calls.call("ssm", "GetParametersByPath", Path=path, MaxResults=_AT_ONCE, **more))
    return {str(one["Name"]): _parameter(one) for page in pages for one in page["Parameters"]}


def _parameter(shown: Mapping[str, Any]) -> Parameter:
    # a parameter that was deleted and made again begins with version 1, too
    return Parameter(
        text=str(shown["Value"]), made=shown.get("LastModifiedDate") if shown.get("Version") == 1 else None
    )


def first_version(calls: Calls, name: str) -> datetime | None:
    """When the oldest version of a parameter was written that Parameter Store still has. None: it has none.

    Parameter Store keeps 100 versions (Systems Manager User Guide, "Working with parameter versions").

    Raises:
        CallFailed: the history could not be read.
    """
    pages = _pages(lambda **more: calls.call("ssm", "GetParameterHistory", Name=name, **more))
    times = [one["LastModifiedDate"] for page in pages for one in page["Parameters"] if "LastModifiedDate" in one]
    return min(times, default=None)


def _pages(call: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    more: dict[str, Any] = {}
    while True:
        answer = call(**more)
        yield answer
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}
