"""The pages of copies and schedules name every reason that a deployment can fail with, in the handler's own words."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import botocore.session
import pytest

from resilient_redshift import cloud as handler
from resilient_redshift.cloud.redshift.clusters import _STUCK
from tests.docs.tables import ROOT, Row, rows

PAGES = [ROOT / "docs" / "snapshot-copy.md", ROOT / "docs" / "snapshot-schedules.md"]
CODE = re.compile(r"`([^`]+)`")
#: What the tables hold besides our own words: a form that many texts have, and Lambda's own.
NOT_OURS = {"Custom::Redshift...: <property>: got ...; allowed: ...", "timed out"}
#: Calls whose text reaches CloudFormation.
SAYING = {"Refused", "Failed", "Busy", "not_for_ever"}


def spans(row: Row) -> list[str]:
    return CODE.findall(next(iter(row.cells.values())))


def _text(node: ast.AST) -> str:
    """What is literal in an expression; whatever is filled in leaves a gap."""
    if isinstance(node, ast.FormattedValue):
        return "\0"
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(map(_text, ast.iter_child_nodes(node)))


@functools.cache
def _sources() -> dict[str, ast.Module]:
    folder = Path(handler.__file__).parent
    return {str(file.relative_to(folder)): ast.parse(file.read_text()) for file in sorted(folder.rglob("*.py"))}


@functools.cache
def _reasons() -> dict[str, str]:
    """Every text that the handler can fail with, by where it stands."""
    found = {}
    for name, tree in _sources().items():
        for node in ast.walk(tree):
            said = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYING
            returned = (
                isinstance(node, ast.FunctionDef)
                and (name.endswith("copy/reasons.py") or node.name == "_another_key")
                and node.name != "kept"
            )
            text = ""
            if isinstance(node, ast.Call) and said:
                text = "".join(map(_text, node.args))
            elif isinstance(node, ast.FunctionDef) and returned:
                text = "".join(_text(part) for part in node.body if isinstance(part, ast.Return))
            if len(re.findall(r"[a-z]{2,}", text)) > 2:  # otherwise it only wraps another text
                found[f"{name}:{getattr(node, 'lineno', 0)}"] = text
    return found


TOLD = [span for page in PAGES for row in rows(page, "the reason holds") for span in spans(row)]
CODES = [span for page in PAGES for row in rows(page, "code") for span in spans(row)]
ERRORS = set(botocore.session.get_session().get_service_model("redshift").shape_names)


@pytest.mark.parametrize("told", sorted(set(TOLD) - NOT_OURS))
def test_each_text_of_the_page_is_the_handlers(told: str) -> None:
    texts = [
        _text(node)
        for tree in _sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
    ]
    assert told in ERRORS or any(told in text for text in texts)


@pytest.mark.parametrize(("place", "reason"), _reasons().items(), ids=_reasons())
def test_each_reason_of_the_handler_is_on_the_page(place: str, reason: str) -> None:
    assert [told for told in TOLD if told in reason] != [], f"{place} says {reason!r}"


def test_each_state_of_a_cluster_that_never_ends_is_on_the_page() -> None:
    assert set(_STUCK.values()) <= set(TOLD)


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_the_page_is_awss(code: str) -> None:
    assert code in ERRORS
