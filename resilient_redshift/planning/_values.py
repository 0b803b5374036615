"""Reads values of a CloudFormation template without deploying it: literals, references by name, the rest unknown.

Nothing here raises, whatever the template holds: a value that cannot be known before deployment is None.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

_DEEPEST: Final = 40
_VARIABLE: Final = re.compile(r"\$\{([^}!]+)\}")
_REFERENCE: Final = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.([A-Za-z0-9.]+))?\}")
_TRUE_AND_FALSE: Final = {"true": True, "false": False}
_NO_VALUE: Final = "AWS::NoValue"
# a placeholder of an input transformer, or a reference, that stands where JSON wants a value
_BARE: Final = re.compile(r"(?<=[:\[,\s])(<[\w.\-]+>|\$\{[^}]*\})(?=\s*[,}\]])")


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping with text keys, otherwise an empty one."""
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """The value where it is a list, otherwise an empty one."""
    return value if isinstance(value, list) else []


def absent(value: object) -> bool:
    """Whether CloudFormation would see no property at all."""
    return value is None or (isinstance(value, Mapping) and dict(value) == {"Ref": _NO_VALUE})


def text(value: object, pseudo: Mapping[str, str], depth: int = 0) -> str | None:
    """A value as text, references left as ``${LogicalId}`` or ``${LogicalId.Attribute}``; None where it is unknown.

    Args:
        value: the property's value.
        pseudo: the pseudo parameters that are known, such as ``AWS::Region``.
        depth: how deep this value is nested.
    """
    if isinstance(value, str | int):
        return str(value).lower() if isinstance(value, bool) else str(value)
    call = mapping(value)
    if len(call) != 1 or depth > _DEEPEST:
        return None
    found = None
    match next(iter(call.items())):
        case ("Ref", str(name)):
            found = pseudo.get(name, f"${{{name}}}")
        case ("Fn::GetAtt", path):
            found = _attribute(path)
        case ("Fn::Join", argument):
            found = _joined(argument, pseudo, depth)
        case ("Fn::Sub", argument):
            found = _substituted(argument, pseudo, depth)
    return found


def _attribute(path: object) -> str | None:
    parts = path.split(".") if isinstance(path, str) else items(path)
    return f"${{{'.'.join(parts)}}}" if parts and all(isinstance(part, str) for part in parts) else None


def _joined(argument: object, pseudo: Mapping[str, str], depth: int) -> str | None:
    match items(argument):
        case [str(delimiter), list(parts)]:
            texts = [text(part, pseudo, depth + 1) for part in parts]
            return None if None in texts else delimiter.join(part or "" for part in texts)
    return None


def _substituted(argument: object, pseudo: Mapping[str, str], depth: int) -> str | None:
    pattern, given = (argument, {}) if isinstance(argument, str) else (None, {})
    match items(argument):
        case [str(first), second]:
            pattern, given = first, dict(mapping(second))
    if pattern is None:
        return None
    values = {name: text(item, pseudo, depth + 1) for name, item in given.items()}
    if None in values.values():
        return None
    return _VARIABLE.sub(lambda found: values.get(found[1]) or pseudo.get(found[1], found[0]), pattern)


def decoded(source: str | None) -> Mapping[str, Any]:
    """The object that a JSON text holds, references and placeholders left as texts; an empty one where there is none.

    Args:
        source: the text, as :func:`text` gives it.
    """
    for candidate in (source or "", _BARE.sub(r'"\1"', source or "")):
        with suppress(ValueError, RecursionError):
            return mapping(json.loads(candidate))
    return {}


def literal(value: object, pseudo: Mapping[str, str]) -> str | None:
    """A value that is known as text, without any reference in it; None otherwise."""
    found = text(value, pseudo)
    return None if found is None or "${" in found else found


def reference(value: str | None) -> str | None:
    """The logical id where a text is one reference and nothing else."""
    found = _REFERENCE.fullmatch(value) if value is not None else None
    return found[1] if found else None


def integer(value: object, pseudo: Mapping[str, str], default: int) -> int | None:
    """A whole number, its default where it is absent, None where it is unknown."""
    if absent(value):
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = literal(value, pseudo)
    return int(found) if found is not None and re.fullmatch(r"-?[0-9]{1,9}", found) else None


def boolean(value: object, *, default: bool) -> bool | None:
    """A truth value, its default where it is absent, None where it is unknown."""
    if absent(value):
        return default
    if isinstance(value, bool):
        return value
    return _TRUE_AND_FALSE.get(value.lower()) if isinstance(value, str) else None
