"""No secret reaches the log, because each field is named where it is written."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from resilient_redshift import cloud

FOLDER = Path(cloud.__file__).parent
CALLS = [
    (f"{file.relative_to(FOLDER)}:{node.lineno}", node)
    for file in sorted(FOLDER.rglob("*.py"))
    for node in ast.walk(ast.parse(file.read_text()))
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "log.write"
]
#: What CloudFormation sends holds a pre-signed URL, and its properties may hold anything.
WHOLE = {"event", "raw", "properties", "request", "self._request", "request.raw", "self._request.raw"}


@pytest.mark.parametrize("call", [call for _, call in CALLS], ids=[place for place, _ in CALLS])
def test_no_field_is_a_whole_event(call: ast.Call) -> None:
    assert {ast.unparse(field.value) for field in call.keywords} & WHOLE == set()


def test_fields_are_named_one_by_one() -> None:
    # GIVEN every line of the log WHEN its fields come from a mapping THEN that is the one whose names are literals
    unnamed = {
        (place.split(":")[0], ast.unparse(field.value))
        for place, call in CALLS
        for field in call.keywords
        if field.arg is None
    }
    assert unnamed == {("custom_resources/index.py", "facts")}
    facts = next(
        node.value
        for node in ast.walk(ast.parse((FOLDER / "custom_resources" / "index.py").read_text()))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "facts"
    )
    assert isinstance(facts, ast.DictComp)
    assert "ResponseURL" not in ast.literal_eval(facts.generators[0].iter)
