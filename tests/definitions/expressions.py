"""JSONata as Step Functions evaluates it, over a real engine (jsonata-python)."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import re
from typing import Any

import jsonata
from jsonata.utils import Utils

OPEN, CLOSE = "{%", "%}"


class QueryEvaluationError(Exception):
    """States.QueryEvaluationError: the expression failed, or its value is undefined or no JSON."""


def is_expression(value: object) -> bool:
    """Whether a string of a definition is to be evaluated."""
    return isinstance(value, str) and value.startswith(OPEN) and value.endswith(CLOSE)


_seen: dict[bytes, str | QueryEvaluationError] = {}
_MOST_SEEN = 50_000
_NEVER_TWICE = re.compile(r"\$(now|millis|random|uuid)\b")


def evaluate(expression: str, variables: dict[str, Any]) -> Any:
    """Evaluate one ``{% ... %}``; undefined is an error, as in Step Functions.

    Tests walk the same states with the same values again and again: what an expression gave is remembered, by all that it reads.
    """
    engine, names, paths = _parsed(expression)
    read = [_at(variables, path) for path in paths]
    given = json.dumps([expression, read, {name: variables[name] for name in names if name in variables}])
    key = hashlib.blake2b(given.encode(), digest_size=16).digest()
    if key not in _seen:
        if len(_seen) >= _MOST_SEEN:
            _seen.clear()
        try:
            bound = {name: variables[name] for name in (*names, "states") if name in variables}
            _seen[key] = json.dumps(_evaluated(expression, engine, copy.deepcopy(bound)))
        except QueryEvaluationError as error:
            _seen[key] = error
    known = _seen.pop(key) if _NEVER_TWICE.search(expression) else _seen[key]
    if isinstance(known, QueryEvaluationError):
        raise QueryEvaluationError(*known.args)
    return json.loads(known)


def _evaluated(expression: str, engine: jsonata.Jsonata, variables: dict[str, Any]) -> Any:
    frame = engine.create_frame()
    for name, value in variables.items():
        frame.bind(name, value)
    try:
        result = engine.evaluate(None, frame)
    except (jsonata.JException, json.JSONDecodeError) as error:
        raise QueryEvaluationError(f"{expression}: {error}") from error
    if result is None:
        raise QueryEvaluationError(f"{expression}: undefined")
    return _plain(expression, result)


@functools.cache
def _parsed(expression: str) -> tuple[jsonata.Jsonata, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The engine for an expression, the names that it may read, and the paths below ``$states``."""
    engine = jsonata.Jsonata(expression.removeprefix(OPEN).removesuffix(CLOSE).strip())
    engine.set_output_convert_nulls(False)  # to tell null from undefined
    engine.register_lambda(
        "parse", _parse
    )  # Step Functions' own (its guide, "JSONata functions provided by Step Functions")
    names = sorted(set(re.findall(r"\$(\w+)", expression)) - {"states"})
    found = {tuple(path.split(".")) for path in re.findall(r"\$(states(?:\.context(?:\.\w+){0,2}|\.\w+)?)", expression)}
    return engine, tuple(names), tuple(sorted(found))


def _at(value: Any, path: tuple[str, ...]) -> list[Any]:
    """What stands there, in a list; an empty one where nothing does."""
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return []
        value = value[name]
    return [value]


def _parse(text: Any) -> Any:
    if not isinstance(text, str):
        raise jsonata.JException("T0410", -1, text, 1)
    return json.loads(text)


def resolve(template: Any, variables: dict[str, Any]) -> Any:
    """Evaluate every expression inside a value of a definition; the rest stands as written."""
    if is_expression(template):
        return evaluate(template, variables)
    if isinstance(template, dict):
        return {key: resolve(value, variables) for key, value in template.items()}
    if isinstance(template, list):
        return [resolve(value, variables) for value in template]
    return template


def expressions_in(node: Any, path: str = "") -> dict[str, str]:
    """Every expression under a node of a definition, by its path."""
    if is_expression(node):
        return {path: node}
    children: dict[str, Any] = {}
    if isinstance(node, dict):
        children = node
    elif isinstance(node, list):
        children = {str(index): child for index, child in enumerate(node)}
    found: dict[str, str] = {}
    for key, child in children.items():
        found.update(expressions_in(child, f"{path}/{key}"))
    return found


def _plain(expression: str, value: Any) -> Any:
    """The value as JSON: no functions, no engine's own lists."""
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {key: _plain(expression, child) for key, child in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(expression, child) for child in value]
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return int(value) if float(value).is_integer() else value
    raise QueryEvaluationError(f"{expression}: a {type(value).__name__} is no JSON")
