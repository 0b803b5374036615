"""JSONata in the emulated AWS: faster than the engine, and the same."""

from __future__ import annotations

from typing import Any

import jsonata
import pytest

from emulator.aws import machine_memory
from emulator.aws.machine_expressions import _faster, _lookup

EXPRESSIONS = [
    "1 + 2 * 3",
    "'a' & $states.input.n",
    "$states.input.list[n > 1].n",
    "$states.input.list[0]",
    "$count($states.input.list)",
    "$sort($states.input.list, function($l, $r) { $l.n < $r.n }).n",
    "$states.input.list{k: n}",
    "$map($states.input.list, function($v) { $v.n * 2 })",
    "($x := 5; $y := $x + 1; [$x, $y])",
    "$states.input.missing",
    "[$states.input.missing]",
    "$states.input.list.n ~> $sum()",
    "$states.input.n = 3 ? 'three' : 'other'",
    "$states.input.list^(>n).k",
    "$states.input.**.n",
    "$states.input.list.%.n",
    "$merge([$states.input.list.{ k: n }])",
    "$replace('2026-11-23', /-/, '')",
    "$exists($states.input.n) and $states.input.n > 2",
    "$lookup($states.input, 'n')",
    "$states.input ~> |list|{'n': 0}|",
    "$states.input.list[[0..1]]",
    "{'a': $states.input.n, 'b': [1, 2]}",
]
STATES = {"input": {"n": 3, "list": [{"n": 1, "k": "a"}, {"n": 2, "k": "b"}, {"n": 3, "k": "a"}]}}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_the_faster_engine_answers_as_the_engine_does(expression: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = jsonata.Jsonata.jsonata(expression).evaluate(None, {"states": STATES})
    monkeypatch.setattr(jsonata.Jsonata, "_eval", _faster(jsonata.Jsonata._eval))
    monkeypatch.setattr(jsonata.Jsonata.Frame, "lookup", _lookup)
    assert jsonata.Jsonata.jsonata(expression).evaluate(None, {"states": STATES}) == plain


class Counted:
    """An evaluation that counts itself."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def __call__(self) -> Any:
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("expression", "first", "second", "remembered"),
    [
        ("$a + 1", {"a": 1, "states": {}}, {"a": 1, "b": 2, "states": {"input": 7}}, True),
        ("$a + 1", {"a": 1, "states": {}}, {"a": 2, "states": {}}, False),
        ("$states.input.x", {"states": {"input": {"x": 1}}}, {"states": {"input": {"x": 2}}}, False),
        ("$states.input.x", {"states": {"input": 1, "result": 1}}, {"states": {"input": 1, "result": 2}}, True),
        ("$states.context.State", {"states": {"context": 1}}, {"states": {"context": 2}}, False),
        ("$states", {"states": {"input": 1}}, {"states": {"input": 2}}, False),
        ("$now()", {"states": {}}, {"states": {}}, False),
        ("$a & $uuid()", {"a": 1, "states": {}}, {"a": 1, "states": {}}, False),
        ("$a + 1", {"a": object(), "states": {}}, {"a": 1, "states": {}}, False),
    ],
)
def test_only_what_cannot_have_changed_is_remembered(
    expression: str, first: dict[str, Any], second: dict[str, Any], remembered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_memory, "_known", {})
    evaluate = Counted(["one"], ["two"])
    assert machine_memory.remembered(expression, first, evaluate) == ["one"]
    assert machine_memory.remembered(expression, second, evaluate) == (["one"] if remembered else ["two"])


def test_what_is_remembered_cannot_be_changed_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_memory, "_known", {})
    bindings = {"states": {"input": 1}}
    machine_memory.remembered("$states.input", bindings, Counted([1])).append(2)
    machine_memory.remembered("$states.input", bindings, Counted()).append(3)
    assert machine_memory.remembered("$states.input", bindings, Counted()) == [1]
