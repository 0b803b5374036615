"""Reads the text of a template: JSON, or YAML with CloudFormation's short tags."""

from __future__ import annotations

import json
import re
import sys
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.planning.reading import values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TAG: Final = "!"
#: The short tags whose long form has no ``Fn::`` before the name ("Intrinsic function reference", CloudFormation).
_WITHOUT_PREFIX: Final = frozenset({"Ref", "Condition"})
_TIMESTAMP: Final = "tag:yaml.org,2002:timestamp"
_INTEGER: Final = "tag:yaml.org,2002:int"
#: YAML 1.1 takes 012 for ten and 1:30 for ninety. CloudFormation's templates mean texts by these.
_DECIMAL: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_MOST_DIGITS: Final = 1000
#: Aliases of YAML can make a short text as large as one likes. CloudFormation takes 1 MB.
_MOST_VALUES: Final = 1_000_000
#: libyaml ends the process where values contain one another some ten thousand times; json.loads takes about a thousand.
_DEEPEST: Final = 1000


class AssemblyError(ValueError):
    """Input that is no cloud assembly and no template, or that has a file that cannot be read."""


def is_device(file: Path) -> bool:
    """Whether a path, links followed, is a device or a pipe: nobody may write into it, and /dev/zero has no end.

    A path that the system refuses, such as one that is too long, is none; reading it says why.
    """
    try:
        return file.exists() and not file.is_file() and not file.is_dir()
    except OSError:
        return False


def content_of(file: Path) -> str:
    """The text of a file.

    Raises:
        AssemblyError: when the file cannot be read.
    """
    if is_device(file):
        raise AssemblyError(f"{file.name} cannot be read: it is a device or a pipe")
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AssemblyError(f"{file.name} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise AssemblyError(f"{file.name} cannot be read: it is not UTF-8") from error


def standard_input() -> str:
    """The text on standard input.

    Raises:
        AssemblyError: when it cannot be read.
    """
    if sys.stdin is None:  # a closed standard input
        raise AssemblyError("standard input cannot be read: it is closed")
    try:
        return sys.stdin.read().removeprefix("\ufeff")
    except (OSError, ValueError) as error:
        raise AssemblyError(f"standard input cannot be read: {error}") from error


def documents(name: str, text: str) -> list[Any]:
    """What a text in JSON or YAML holds: one value, or in YAML one for each document.

    Args:
        name: what the text is called in an error.
        text: the text.

    Raises:
        AssemblyError: when the text is neither JSON nor YAML, when its aliases make it too large, and when it is YAML
            and the extra ``yaml`` is not installed.
    """
    try:
        if text.lstrip().startswith(("{", "[")):
            return [_json(text)]
        return _yaml(name, text)
    except AssemblyError:
        raise
    except (ValueError, RecursionError) as error:
        raise AssemblyError(f"{name} is neither JSON nor YAML") from error


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return json.loads(text)
    except ValueError:
        # YAML in flow style begins as JSON does
        try:
            return _yaml("", text)[0]
        except (AssemblyError, IndexError):
            pass
        raise


def _yaml(name: str, text: str) -> list[Any]:
    try:
        yaml: Any = import_module("yaml")
    except ModuleNotFoundError as error:
        raise AssemblyError(f"{name} is YAML: install `resilient-redshift[yaml]` to read it") from error
    too_large = f"{name} has more than {_MOST_VALUES} values, once its aliases are replaced"
    try:
        if _is_too_deep(yaml, yaml.parse(text, _loader())):
            raise AssemblyError(f"{name} has values inside one another more than {_DEEPEST} times")
        found = list(yaml.load_all(text, _loader()))
    except yaml.YAMLError as error:
        raise AssemblyError(f"{name} is neither JSON nor YAML: {' '.join(str(error).split())}") from error
    except OverflowError as error:
        raise AssemblyError(too_large) from error
    except (AttributeError, LookupError) as error:  # how PyYAML ends at a text that is not what its tag says
        raise AssemblyError(f"{name} has a value that its tag, such as !!bool, does not allow") from error
    if _size(found, {}) > _MOST_VALUES:
        raise AssemblyError(too_large)
    return found


def _is_too_deep(yaml: Any, events: Iterable[Any]) -> bool:  # noqa: ANN401 - of a library without types
    """Whether too many values contain one another. It looks no further, because libyaml takes long for each level."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def _size(value: object, known: dict[int, int]) -> int:
    """How many values a value has when each alias is replaced by what it means."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = _MOST_VALUES + 1  # a value that contains itself
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_size(item, known) for item in inner)
    return known[id(value)]


@lru_cache(maxsize=1)
def _loader() -> Any:  # noqa: ANN401 - of a library without types
    yaml: Any = import_module("yaml")
    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):  # type: ignore[misc, valid-type]
        """Reads CloudFormation's short tags, leaves dates as texts, and takes each key as it is written."""

        merged = 0

        def flatten_mapping(self, node: Any) -> None:  # noqa: ANN401
            """Replace ``<<`` by the entries that it means: like aliases, a short text can make any number of them."""
            super().flatten_mapping(node)
            self.merged += len(node.value)
            if self.merged > _MOST_VALUES:
                raise OverflowError

        def construct_decimal(self, node: Any) -> int | str:  # noqa: ANN401
            """A number in another form, and one that Python cannot write, stays a text."""
            text: str = self.construct_scalar(node)
            return int(text) if _DECIMAL.fullmatch(text) and len(text) <= _MOST_DIGITS else text

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:  # noqa: ANN401, FBT001, FBT002
            """An account id without quotes is a key of a mapping, too: its zeros in front stay."""
            if not isinstance(node, yaml.MappingNode):
                raise yaml.constructor.ConstructorError(None, None, "expected a mapping", node.start_mark)
            self.flatten_mapping(node)
            if not all(isinstance(key, yaml.ScalarNode) for key, _ in node.value):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", node.start_mark)
            return {key.value: self.construct_object(item, deep=deep) for key, item in node.value}

    Loader.yaml_implicit_resolvers = {
        first: [each for each in resolvers if each[0] not in {_TIMESTAMP, _INTEGER}]
        for first, resolvers in base.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver(_INTEGER, re.compile(f"^(?:{_DECIMAL.pattern})$"), list("-+0123456789"))
    Loader.add_constructor(_INTEGER, Loader.construct_decimal)
    Loader.add_multi_constructor(_TAG, _long_form)
    return Loader


def _long_form(loader: Any, tag: str, node: Any) -> dict[str, Any]:  # noqa: ANN401 - of a library without types
    """What a short tag means: ``!GetAtt a.b`` is ``{"Fn::GetAtt": "a.b"}``."""
    read = {
        "scalar": loader.construct_scalar,
        "sequence": loader.construct_sequence,
        "mapping": loader.construct_mapping,
    }
    value = read[node.id](node) if node.id == "scalar" else read[node.id](node, deep=True)
    return {tag if tag in _WITHOUT_PREFIX else f"Fn::{tag}": value}


def template_of(content: object) -> dict[str, Any] | None:
    """The template that a document is; None for a document of another kind."""
    entries = dict(values.mapping(content))
    return entries if "Resources" in entries else None
