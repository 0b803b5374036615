"""JSONata in Step Functions: each expression is compiled once, for parsing is most of an execution's cost.

A compiled expression holds state while it is evaluated, so that each is lent to one evaluation at a time. AWS's limit of one
second for an evaluation is not kept: it would measure this machine. ``$now`` and ``$millis`` are virtual.
"""

from __future__ import annotations

import collections
import types
from typing import TYPE_CHECKING, Any

import jsonata
from ministack.services import stepfunctions

from emulator.aws.machine_memory import remembered

if TYPE_CHECKING:
    from emulator.aws.timeline import Timeline

_free: dict[str, list[Any]] = collections.defaultdict(list)


class _Lent:
    """An expression to be evaluated once; the compiled one behind it is borrowed, if it is needed at all."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._functions: list[tuple[str, Any]] = []
        if not _free[expression]:
            _free[expression].append(jsonata.Jsonata.jsonata(expression))  # a syntax error is found here

    def register_lambda(self, name: str, function: Any) -> None:
        self._functions.append((name, function))

    def evaluate(self, value: Any, bindings: Any) -> Any:
        return remembered(self._expression, bindings, lambda: self._evaluate(value, bindings))

    def _evaluate(self, value: Any, bindings: Any) -> Any:
        free = _free[self._expression]
        compiled = free.pop() if free else jsonata.Jsonata.jsonata(self._expression)
        for name, function in self._functions:
            compiled.register_lambda(name, function)
        found = compiled.evaluate(value, bindings)
        free.append(compiled)  # not after an error: its inside is unknown
        return found


def _lookup(self: Any, name: str) -> Any:
    """Find a binding; without a limit there is no callback to look for, which is half of all looking."""
    if name.startswith("__evaluate_"):
        return None
    frame = self
    while frame is not None:
        if name in frame.bindings:
            return frame.bindings[name]
        frame = frame.parent
    return None


_STEPS: dict[str, Any] = {
    "path": lambda self, expr, value, env: self.evaluate_path(expr, value, env),
    "binary": lambda self, expr, value, env: self.evaluate_binary(expr, value, env),
    "unary": lambda self, expr, value, env: self.evaluate_unary(expr, value, env),
    "name": lambda self, expr, value, env: self.evaluate_name(expr, value, env),
    "string": lambda self, expr, _value, _env: self.evaluate_literal(expr),
    "number": lambda self, expr, _value, _env: self.evaluate_literal(expr),
    "value": lambda self, expr, _value, _env: self.evaluate_literal(expr),
    "condition": lambda self, expr, value, env: self.evaluate_condition(expr, value, env),
    "block": lambda self, expr, value, env: self.evaluate_block(expr, value, env),
    "bind": lambda self, expr, value, env: self.evaluate_bind_expression(expr, value, env),
    "function": lambda self, expr, value, env: self.evaluate_function(expr, value, env, jsonata.utils.Utils.NONE),
    "variable": lambda self, expr, value, env: self.evaluate_variable(expr, value, env),
    "lambda": lambda self, expr, value, env: self.evaluate_lambda(expr, value, env),
}


def _faster(original: Any) -> Any:
    """Build an ``_eval`` that does the same for the common kinds of expressions without asking fifteen questions first."""
    is_sequence = jsonata.utils.Utils.is_sequence

    def _eval(self: Any, expr: Any, value: Any, environment: Any) -> Any:
        step = _STEPS.get(getattr(expr, "type", None))
        if step is None:
            return original(self, expr, value, environment)
        self.input, self.environment = value, environment
        result = step(self, expr, value, environment)
        if expr.predicate is not None:
            for item in expr.predicate:
                result = self.evaluate_filter(item.expr, result, environment)
        if expr.type != "path" and expr.group is not None:
            result = self.evaluate_group_expression(expr.group, result, environment)
        if result is not None and is_sequence(result) and not result.tuple_stream:
            if expr.keep_array:
                result.keep_singleton = True
            if not result:
                return None
            if len(result) == 1 and not result.keep_singleton:
                return result[0]
        return result

    return _eval


def install(timeline: Timeline) -> None:
    """Let Step Functions borrow instead of compiling."""
    found = types.ModuleType("jsonata")
    found.__dict__.update(jsonata.__dict__)
    found.__dict__["Jsonata"] = types.SimpleNamespace(jsonata=lambda expression, timeout=0: _Lent(expression))
    stepfunctions.jsonata = found
    jsonata.timebox.Timebox.current_milli_time = staticmethod(lambda: int(timeline.epoch() * 1000))
    jsonata.Jsonata.Frame.lookup = _lookup
    jsonata.Jsonata._eval = _faster(jsonata.Jsonata._eval)
