"""Separates values that synth knows from tokens, whose values only the deployment knows."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from math import isfinite
from typing import Any, Final
from weakref import WeakKeyDictionary

_ENCODED: Final = -1e200  # CDK encodes a number's token as about -1.9e289
_TEXT: Final = re.compile(r"\$\{Token\[[a-zA-Z0-9:._-]+\]\}")  # CDK recognises a string's token by this form alone

# a Duration never changes, and each question to jsii costs 0.1 ms
_lengths: Final[WeakKeyDictionary[Any, timedelta | None]] = WeakKeyDictionary()


def known(value: Any) -> bool:  # noqa: ANN401 - anything a user may pass
    """Whether synth knows a value.

    A token is not known. A Duration or a list that holds a token is not known either.
    """
    if isinstance(value, str):
        return "Token[" not in value or _TEXT.search(value) is None
    if isinstance(value, type) or (isinstance(value, float) and (value > _ENCODED or not isfinite(value))):
        return True
    if hasattr(value, "to_milliseconds"):  # Token.is_unresolved is False for a Duration of a token
        return length_of(value) is not None
    if isinstance(value, list | tuple):
        return all(map(known, value))
    if hasattr(value, "is_unresolved"):
        return not value.is_unresolved()
    cdk = sys.modules.get("aws_cdk")  # planning and the command line run without CDK; without CDK no token exists
    return cdk is None or not (isinstance(value, float) or _has_resolve(value)) or not cdk.Token.is_unresolved(value)


def _has_resolve(value: object) -> bool:
    """Whether a value is an object of jsii with the method ``resolve``, which every token that is an object has.

    Other objects have a method of that name too, such as the paths of pathlib, and jsii can take none of them.
    """
    return hasattr(value, "resolve") and (hasattr(value, "__jsii_ref__") or hasattr(type(value), "__jsii_ifaces__"))


def _length(milliseconds: float) -> timedelta:
    """A length. One that is too long for Python is the longest one, which every check refuses."""
    try:
        return timedelta(milliseconds=milliseconds)
    except OverflowError:
        return timedelta.max


def length_of(duration: Any) -> timedelta | None:  # noqa: ANN401 - a Duration; this room does not import CDK
    """The length of a ``Duration``; None for a Duration that holds a token.

    Raises:
        RuntimeError: when CDK cannot convert the Duration for another reason than a token.
    """
    if duration not in _lengths:
        try:
            length = float(duration.to_milliseconds())
        except RuntimeError:  # CDK refuses to convert a token, and it refuses a fraction of a millisecond
            if not duration.is_unresolved():
                raise
            length = _ENCODED
        _lengths[duration] = _length(length) if length > _ENCODED else None
    return _lengths[duration]


def literal(value: str | None) -> str | None:
    """The string when synth knows it, otherwise None."""
    return value if value is not None and known(value) else None
