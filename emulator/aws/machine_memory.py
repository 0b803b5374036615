"""Remembers what JSONata expressions came to: an hourly machine asks the same of the same plan two thousand times.

An expression is a function of the variables and the parts of ``$states`` that it names; those that ask the clock or chance
are left alone. What is remembered is JSON, as everything is that passes between states [D].
"""

from __future__ import annotations

import functools
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_IMPURE = re.compile(r"\$(now|millis|random|uuid|eval|shuffle)\b")
_PARTS = re.compile(r"\$states\.(input|result|context|errorOutput)\b")
_NAMES = re.compile(r"\$([A-Za-z_]\w*)")
_MOST = 20_000
_known: dict[tuple[str, str], str] = {}


@functools.cache
def _needs(expression: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """The variables and the parts of ``$states`` that an expression names; None if it may not be remembered."""
    if _IMPURE.search(expression) or len(re.findall(r"\$states\b", expression)) != len(_PARTS.findall(expression)):
        return None
    return frozenset(_NAMES.findall(expression)), frozenset(_PARTS.findall(expression))


def remembered(expression: str, bindings: dict[str, Any], evaluate: Callable[[], Any]) -> Any:
    """Evaluate, unless the same was evaluated before."""
    needs = _needs(expression)
    if needs is None:
        return evaluate()
    names, parts = needs
    states = bindings["states"]
    seen = [
        {name: value for name, value in bindings.items() if name in names and name != "states"},
        {part: states.get(part) for part in parts},
    ]
    try:
        key = (expression, json.dumps(seen))
    except (TypeError, ValueError):  # a null's or a function's stand-in among the variables
        return evaluate()
    if key in _known:
        return json.loads(_known[key])
    found = evaluate()
    if found is not None and len(_known) < _MOST:
        try:
            _known[key] = json.dumps(found)
        except (TypeError, ValueError):
            return found
    return found
