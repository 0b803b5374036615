"""Reads JSON that somebody may have changed by hand: what a schema allows is kept, and everything else is named.

This module knows the keywords of JSON Schema that ``schemas.py`` uses. An unknown keyword is an error of this library.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

#: The largest number that is read. As seconds it is 31 years, which every sum of times can hold.
LARGEST_NUMBER: Final = 1_000_000_000
#: A double holds every whole number up to this one (RFC 8259, section 6).
_LARGEST_EXACT: Final = 2**53
_DEEPEST: Final = 20
#: The most characters of a wrong text that a problem shows.
_LONGEST_SHOWN: Final = 40
_TIME: Final = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.]\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)
_INDEX: Final = re.compile(r"\[\d+\]")
_KINDS: Final = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
#: The value of a part that is not understood.
NOTHING: Final = object()


def object_of(text: object) -> dict[str, Any] | None:
    """The JSON object that a text holds. None: the text holds none."""
    try:
        value = json.loads(text) if isinstance(text, str | bytes) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_time(value: object) -> datetime | None:
    """The time that an ISO 8601 text holds, in UTC. A text without an offset is UTC. None: there is no such time."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def is_text(value: object) -> bool:
    """Whether a value is a text that UTF-8 can hold. Half of a surrogate pair is no character."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def carried(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any JSON
    """The same JSON as Step Functions and Lambda can carry it from phase to phase.

    Half of a surrogate pair becomes a question mark, because UTF-8 has no such character. A number that JSON or a
    double cannot hold becomes a text. So does what is nested deeper than 20 levels, because an encoder fails somewhere
    below.

    Args:
        value: the value, as ``json.loads`` gives it.
        depth: how many values contain it. Default: none.
    """
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST_EXACT:
        return shown(value)
    if isinstance(value, list | dict) and depth >= _DEEPEST:
        return shown(value)
    if isinstance(value, dict):
        return {carried(str(name)): carried(part, depth + 1) for name, part in value.items()}
    return [carried(part, depth + 1) for part in value] if isinstance(value, list) else value


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What is understood of a JSON object.

    Args:
        value: the parts that are right. A field that the schema does not know is left out.
        problems: what is wrong with each other part, by its path: ``rules[0].keep_days``. The empty path is the whole.
    """

    value: dict[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> list[str]:
        """Each problem as a text that names the field."""
        return _said(self.problems)

    def spoiled(self, *paths: str) -> list[str]:
        """The problems of some fields, of what is above them and of what is in them.

        Args:
            paths: the fields. ``rules[].keep_days`` is that field of every rule.
        """
        return _said(self._touching(paths))

    def wrong(self, *paths: str) -> list[str]:
        """The same problems, and each of the fields that is absent.

        Args:
            paths: the fields, none of them in a list.
        """
        found = self._touching(paths)
        absent = [path for path in paths if _at(self.value, path) is NOTHING]
        found |= {path: "is missing" for path in absent if not any(_touches(one, path) for one in found)}
        return _said(found)

    def _touching(self, paths: Sequence[str]) -> dict[str, str]:
        return {path: problem for path, problem in self.problems.items() if any(_touches(path, one) for one in paths)}


def _said(problems: Mapping[str, str]) -> list[str]:
    return [f"{path or 'it'} {problem}" for path, problem in problems.items()]


def understand(
    schema: Mapping[str, Any],
    value: object,
    *,
    in_part: Mapping[str, Sequence[str]] | None = None,
    forms: Mapping[str, tuple[re.Pattern[str], str]] | None = None,
) -> Understood:
    """Read a value as a schema of an object describes it.

    The object itself is kept without the fields that are wrong. An object inside of it is kept if it has every field
    that the schema requires.

    Args:
        schema: the schema.
        value: the value, as ``json.loads`` gives it.
        in_part: the objects that are kept without all that the schema requires, by their path, each with the fields
            that it needs all the same. ``rules[]`` is each item of that list. Default: none.
        forms: for a text, by its path, what it must match, and the same in words. Default: any text.
    """
    reader = _Reader({"": (), **(in_part or {})}, forms or {})
    found = reader.read(schema, value, "")
    return Understood(value={} if found is NOTHING else found, problems=reader.problems)


class _Reader:
    def __init__(self, in_part: Mapping[str, Sequence[str]], forms: Mapping[str, tuple[re.Pattern[str], str]]) -> None:
        self._in_part, self._forms = in_part, forms
        self.problems: dict[str, str] = {}

    def read(self, schema: Mapping[str, Any], value: object, path: str) -> Any:  # noqa: ANN401 - of any type
        if "anyOf" in schema:
            return self._any_of(schema["anyOf"], value, path)
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, value, path)
        if kind == "array":
            return self._list(schema, value, path)
        if "const" in schema or "enum" in schema:
            allowed = schema["enum"] if "enum" in schema else [schema["const"]]
            same = [one for one in allowed if isinstance(one, bool) == isinstance(value, bool) and value == one]
            return same[0] if same else self._refuse(path, value, " or ".join(map(str, allowed)))
        fits, allowed = _SCALARS[str(kind)](schema, value)
        form = self._forms.get(_INDEX.sub("[]", path))
        if fits and form is not None and form[0].fullmatch(str(value)) is None:
            fits, allowed = False, form[1]
        if not fits:
            return self._refuse(path, value, allowed)
        return int(value) if kind == "integer" and isinstance(value, float) else value

    def _any_of(self, schemas: Iterable[Mapping[str, Any]], value: object, path: str) -> Any:  # noqa: ANN401 - of any type
        words: list[str] = []
        for schema in schemas:
            reader = _Reader(self._in_part, self._forms)
            found = reader.read(schema, value, path)
            if not reader.problems:
                return found
            words += [problem.partition(", must be ")[2] for problem in reader.problems.values()]
        return self._refuse(path, value, " or ".join(words))

    def _object(self, schema: Mapping[str, Any], value: object, path: str) -> Any:  # noqa: ANN401 - a dict or nothing
        if not isinstance(value, dict):
            if path:
                return self._refuse(path, value, "an object")
            self.problems[path] = "is no JSON object"
            return NOTHING
        others = schema.get("additionalProperties")
        known = dict(schema.get("properties", {}))
        if isinstance(others, dict):
            known |= {name: others for name in value if is_text(name) and name not in known}
        found = {}
        for name, part in known.items():
            inner = f"{path}.{name}".lstrip(".")
            if name in value:
                read = self.read(part, value[name], inner)
                if read is not NOTHING:
                    found[name] = read
            elif name in schema.get("required", ()):
                self.problems[inner] = "is missing"
        needed = self._in_part.get(_INDEX.sub("[]", path), schema.get("required", ()))
        return NOTHING if any(name not in found for name in needed) else found

    def _list(self, schema: Mapping[str, Any], value: object, path: str) -> Any:  # noqa: ANN401 - a list or nothing
        if not isinstance(value, list):
            return self._refuse(path, value, "a list")
        read = [self.read(schema["items"], item, f"{path}[{index}]") for index, item in enumerate(value)]
        return [item for item in read if item is not NOTHING]

    def _refuse(self, path: str, value: object, allowed: str) -> object:
        self.problems[path] = f"is {shown(value)}, must be {allowed}"
        return NOTHING


def shown(value: object) -> str:
    """A wrong value as a message shows it: ASCII, and short."""
    if isinstance(value, list):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    text = "nothing" if value is None else json.dumps(value) if isinstance(value, str | bool) else str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


def _string(schema: Mapping[str, Any], value: object) -> tuple[bool, str]:
    if schema.get("format") == "date-time":
        return read_time(value) is not None, "a time such as 2026-11-24T03:00:00Z"
    least = int(schema.get("minLength", 0))
    return is_text(value) and len(str(value)) >= least, "a text that is not empty" if least else _KINDS["string"]


def _number(schema: Mapping[str, Any], value: object) -> tuple[bool, str]:
    least, most = schema.get("minimum", -LARGEST_NUMBER), schema.get("maximum", LARGEST_NUMBER)
    allowed = f"{_KINDS[str(schema['type'])]} from {least} to {most}"
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        return False, allowed
    return schema["type"] == "number" or float(value).is_integer(), allowed


def _flag(_schema: Mapping[str, Any], value: object) -> tuple[bool, str]:
    return isinstance(value, bool), _KINDS["boolean"]


_SCALARS: Final[Mapping[str, Callable[[Mapping[str, Any], object], tuple[bool, str]]]] = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _flag,
}


def _touches(path: str, other: str) -> bool:
    """Whether one path is the other, or is above it or inside of it. ``[]`` is any item."""
    one, two = (_INDEX.sub("[]", each).replace("[]", ".[]").split(".") if each else [] for each in (path, other))
    length = min(len(one), len(two))
    return one[:length] == two[:length]


def _at(value: object, path: str) -> object:
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            return NOTHING
        value = value[name]
    return value
