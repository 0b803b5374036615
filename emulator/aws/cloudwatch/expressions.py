"""Metric math, as far as alarms of ours use it: numbers, arithmetic, comparisons, AND, OR, FILL, IF, MAX, MIN, SUM, AVG, ABS.

A time series is a list of values, oldest first, None where a datapoint is missing [D] CloudWatch guide, "Using math expressions".
An operation with a missing datapoint gives none; MAX, MIN, SUM and AVG of several series take those that are there. FILL fills the
datapoints of a metric that never had any, too [U].
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Values = list["float | None"]
_OPERATIONS: Final[dict[type, Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_AGGREGATES: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
}


class Expression:
    """One expression; Python's own parser reads it, for its grammar holds all that is modelled here."""

    def __init__(self, text: str) -> None:
        """Parse ``text``.

        Raises:
            ValueError: it cannot be read.
        """
        written = text.replace("&&", " and ").replace("||", " or ").replace(" AND ", " and ").replace(" OR ", " or ")
        try:
            self._tree = ast.parse(written.strip(), mode="eval").body
        except SyntaxError as error:
            raise ValueError(f"metric math that the emulated CloudWatch cannot read: {text}") from error
        self.names = sorted({node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)} - _WORDS)

    def values(self, series: dict[str, Values], length: int) -> Values:
        """The expression's value for each datapoint.

        Args:
            series: the values of each id.
            length: the number of datapoints.
        """
        return _spread(_evaluate(self._tree, series), length)


_WORDS: Final = {"FILL", "IF", "ABS", "LINEAR", "REPEAT", *_AGGREGATES}


def _spread(value: Any, length: int) -> Values:
    return value if isinstance(value, list) else [value] * length


def _evaluate(node: ast.expr, series: dict[str, Values]) -> Any:
    reader = _READERS.get(type(node))
    found = reader and reader(node, series)
    if found is None:
        raise ValueError(f"metric math that the emulated CloudWatch lacks: {ast.unparse(node)}")
    return found


def _operation(node: Any, series: dict[str, Values]) -> Any:
    operands = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.left, *node.comparators)
    kind = type(node.op if isinstance(node, ast.BinOp) else node.ops[0])
    work = _OPERATIONS.get(kind)
    return None if work is None or len(operands) > 2 else _each(work, *(_evaluate(each, series) for each in operands))


def _logic(node: Any, series: dict[str, Values]) -> Any:
    judge = all if isinstance(node.op, ast.And) else any
    return _each(lambda *each: judge(each), *(_evaluate(value, series) for value in node.values))


_READERS: Final[dict[type, Callable[[Any, dict[str, Values]], Any]]] = {
    ast.Constant: lambda node, _: float(node.value) if isinstance(node.value, (int, float)) else None,
    ast.Name: lambda node, series: series.get(node.id),
    ast.List: lambda node, series: tuple(_evaluate(each, series) for each in node.elts),
    ast.UnaryOp: lambda node, series: (
        _each(operator.neg, _evaluate(node.operand, series)) if isinstance(node.op, ast.USub) else None
    ),
    ast.BinOp: _operation,
    ast.Compare: _operation,
    ast.BoolOp: _logic,
    ast.Call: lambda node, series: _call(node.func.id, node.args, series) if isinstance(node.func, ast.Name) else None,
}


def _each(work: Callable[..., float], *operands: Any) -> Any:
    """Apply ``work`` to each datapoint; a missing operand gives a missing result, and a division by zero, too [D]."""

    def one(*values: float | None) -> float | None:
        if None in values:
            return None
        try:
            return float(work(*values))
        except ZeroDivisionError:
            return None

    lengths = [len(each) for each in operands if isinstance(each, list)]
    if not lengths:
        return one(*operands)
    return [one(*row) for row in zip(*(_spread(each, lengths[0]) for each in operands), strict=True)]


def _call(name: str, arguments: Sequence[ast.expr], series: dict[str, Values]) -> Any:
    if name == "FILL":
        filled = _evaluate(arguments[0], series)
        if isinstance(filled, tuple):
            return tuple(_fill(each, arguments[1], series) for each in filled)
        return _fill(filled, arguments[1], series)
    given = [_evaluate(each, series) for each in arguments]
    if name == "IF":
        return _choose(*given)
    if name == "ABS":
        return _each(abs, given[0])
    if name in _AGGREGATES:
        return _aggregate(_AGGREGATES[name], given)
    raise ValueError(f"metric math that the emulated CloudWatch lacks: {name}")


def _fill(values: Values, filler: ast.expr, series: dict[str, Values]) -> Values:
    if not (isinstance(filler, ast.Name) and filler.id == "REPEAT"):
        filling = _spread(_evaluate(filler, series), len(values))
        return [other if value is None else value for value, other in zip(values, filling, strict=True)]
    found: Values = []
    for value in values:
        found.append(found[-1] if value is None and found else value)
    return found


def _choose(condition: Any, then: Any, otherwise: Any = None) -> Any:
    """IF: a condition without a datapoint gives none; the side that is not chosen may be missing."""
    lengths = [len(each) for each in (condition, then, otherwise) if isinstance(each, list)]
    if not lengths:
        return then if condition else otherwise
    rows = zip(*(_spread(each, lengths[0]) for each in (condition, then, otherwise)), strict=True)
    return [None if asked is None else yes if asked else no for asked, yes, no in rows]


def _aggregate(work: Callable[[Sequence[float]], float], given: list[Any]) -> Any:
    """Aggregate several series datapoint by datapoint, or one series to a number [D]."""
    sources = list(given[0]) if len(given) == 1 and isinstance(given[0], tuple) else given
    if len(sources) == 1 and isinstance(sources[0], list) and not isinstance(given[0], tuple):
        known = [value for value in sources[0] if value is not None]
        return work(known) if known else None
    lengths = [len(each) for each in sources if isinstance(each, list)]
    rows = zip(*(_spread(each, lengths[0] if lengths else 1) for each in sources), strict=True)
    found = [work(known) if (known := [v for v in row if v is not None]) else None for row in rows]
    return found if lengths else found[0]
