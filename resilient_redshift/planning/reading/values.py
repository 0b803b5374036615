"""Reads the values of a CloudFormation template before its deployment.

A literal becomes its value, and a reference becomes its name. Every other value is unknown before deployment, and the
functions return None for it. No function raises an error, whatever the template holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

_DEEPEST: Final = 40
#: No number of a template is as large; Python refuses to write a much larger one.
LARGEST: Final = 10**30
_VARIABLE: Final = re.compile(r"\$\{([^}!]+)\}")
_TRUE_AND_FALSE: Final = {"true": True, "false": False}
_NO_VALUE: Final = "AWS::NoValue"
_TEXTS: Final = frozenset({str})
#: How a dynamic reference begins. Its value is known at deployment only ("Dynamic references", CloudFormation).
DYNAMIC: Final = "{{resolve:"
# a placeholder of an input transformer, or a reference, at a place where JSON wants a value
_BARE: Final = re.compile(r"(?<=[:\[,\s])(<[\w.\-]+>|\$\{[^}]*\})(?=\s*[,}\]])")


def mapping(value: object) -> Mapping[str, Any]:
    """The entries of a mapping whose keys are texts; an empty mapping for any other value."""
    if isinstance(value, dict) and set(map(type, value)) <= _TEXTS:  # as JSON has them: no copy is needed
        return value
    return {key: item for key, item in value.items() if isinstance(key, str)} if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """The value if it is a list, otherwise an empty list."""
    return value if isinstance(value, list) else []


def absent(value: object) -> bool:
    """Whether a property is absent for CloudFormation: no value, or ``AWS::NoValue``."""
    if isinstance(value, str | list | int):  # most values, for which the question about a mapping is slow
        return False
    return value is None or (isinstance(value, Mapping) and dict(value) == {"Ref": _NO_VALUE})


def text(value: object, pseudo: Mapping[str, str], depth: int = 0) -> str | None:
    """A value as text; None for an unknown value.

    A reference stays in the text as ``${LogicalId}`` or ``${LogicalId.Attribute}``.

    Args:
        value: the property's value.
        pseudo: the pseudo parameters that are known, such as ``AWS::Region``.
        depth: how many functions contain this value. A value deeper than 40 is unknown. Default: the property itself.
    """
    if isinstance(value, int) and abs(value) >= LARGEST:
        return None
    if isinstance(value, str | int):
        return str(value).lower() if isinstance(value, bool) else str(value)
    call = mapping(value)
    if len(call) != 1 or depth > _DEEPEST:
        return None
    result = None
    match next(iter(call.items())):
        case ("Ref", str(name)):
            result = pseudo.get(name, f"${{{name}}}")
        case ("Fn::GetAtt", path):
            result = _attribute(path)
        case ("Fn::Join", argument):
            result = _join(argument, pseudo, depth)
        case ("Fn::Sub", argument):
            result = _substitute(argument, pseudo, depth)
    return result


def _attribute(path: object) -> str | None:
    parts = path.split(".") if isinstance(path, str) else items(path)
    return f"${{{'.'.join(parts)}}}" if parts and all(isinstance(part, str) for part in parts) else None


def _join(argument: object, pseudo: Mapping[str, str], depth: int) -> str | None:
    match items(argument):
        case [str(delimiter), list(parts)]:
            texts = [text(part, pseudo, depth + 1) for part in parts]
            return None if None in texts else delimiter.join(part or "" for part in texts)
    return None


def _substitute(argument: object, pseudo: Mapping[str, str], depth: int) -> str | None:
    pattern, variables = (argument, {}) if isinstance(argument, str) else (None, {})
    match items(argument):
        case [str(first), second]:
            pattern, variables = first, dict(mapping(second))
    if pattern is None:
        return None
    texts = {name: text(item, pseudo, depth + 1) for name, item in variables.items()}
    if None in texts.values():
        return None
    return _VARIABLE.sub(lambda match: texts.get(match[1]) or pseudo.get(match[1], match[0]), pattern)


def decoded(source: str | None) -> Mapping[str, Any]:
    """The object that a JSON text holds; an empty one for a text without an object.

    References and placeholders become texts.

    Args:
        source: a text that :func:`text` returned.
    """
    for candidate in (source or "", _BARE.sub(r'"\1"', source or "")):
        with suppress(ValueError, RecursionError):
            return mapping(json.loads(candidate))
    return {}


def literal(value: object, pseudo: Mapping[str, str]) -> str | None:
    """A value as text without a reference; None for an unknown value and for a text with a reference."""
    result = text(value, pseudo)
    return None if result is None or "${" in result else result


def integer(value: object, pseudo: Mapping[str, str], default: int) -> int | None:
    """A value as a whole number; the default for an absent value, None for an unknown one."""
    if absent(value):
        return default
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    digits = literal(value, pseudo)
    return int(digits) if digits is not None and re.fullmatch(r"-?[0-9]{1,9}", digits) else None


def boolean(value: object, *, default: bool) -> bool | None:
    """A value as a truth value; the default for an absent value, None for an unknown one."""
    if absent(value):
        return default
    if isinstance(value, bool):
        return value
    return _TRUE_AND_FALSE.get(value.lower()) if isinstance(value, str) else None
