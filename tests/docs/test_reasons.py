"""The pages about copies and schedules name every reason that a deployment can fail with, in the handler's own words."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING

import botocore.session
import pytest

from resilient_redshift import cloud
from resilient_redshift.cloud.redshift.states import STATES
from tests.docs.tables import ROOT, Row, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = [ROOT / "docs" / f"{page}.md" for page in ("snapshot-copy", "snapshot-schedules", "watching")]
CODE = re.compile(r"`([^`]+)`")
#: Texts in the tables that are not in the handler: the form of many texts, and a text of Lambda itself.
NOT_OURS = {"Custom::Redshift...: <property>: got ...; allowed: ...", "timed out"}
#: Calls whose text reaches CloudFormation.
RAISING = {"Refused", "Failed", "Busy", "NotKnown", "keep_waiting"}


def spans(row: Row) -> list[str]:
    return CODE.findall(next(iter(row.cells.values())))


def _text(node: ast.AST) -> str:
    """The literal text of an expression. Each value that is filled in leaves a gap."""
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "removed_by_somebody":
        return ""  # the function's own text is collected where it stands
    if isinstance(node, ast.FormattedValue):
        return "\0"
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(map(_text, ast.iter_child_nodes(node)))


@functools.cache
def _sources() -> dict[str, ast.Module]:
    folder = Path(cloud.__file__).parent
    return {str(file.relative_to(folder)): ast.parse(file.read_text()) for file in sorted(folder.rglob("*.py"))}


def _texts(file: str, tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line and the text of each error, and of each function that returns the text of an error."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISING:
            yield node.lineno, "".join(map(_text, node.args))
        elif isinstance(node, ast.FunctionDef) and _returns_a_reason(file, node.name):
            yield from ((part.lineno, _text(part)) for part in ast.walk(node) if isinstance(part, ast.Return))


def _returns_a_reason(file: str, function: str) -> bool:
    if file.endswith("copy/reasons.py"):
        return function != "why_retained"  # it returns reasons for the log only
    return function in {"_another_key", "removed_by_somebody"}


@functools.cache
def _reasons() -> dict[str, str]:
    """Every text that the handler can fail with, by its place in the source."""
    return {
        f"{file}:{line}": text
        for file, tree in _sources().items()
        for line, text in _texts(file, tree)
        if len(re.findall(r"[a-z]{2,}", text)) > 2  # a shorter text only wraps another one
    }


ON_PAGES = [span for page in PAGES for row in rows(page, "the reason holds") for span in spans(row)]
CODES = [span for page in PAGES for row in rows(page, "code") for span in spans(row)]
ERRORS = set(botocore.session.get_session().get_service_model("redshift").shape_names)


@pytest.mark.parametrize("span", sorted(set(ON_PAGES) - NOT_OURS))
def test_each_text_of_the_page_is_the_handlers(span: str) -> None:
    texts = [
        _text(node)
        for tree in _sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
    ]
    assert span in ERRORS or any(span in text for text in texts)


@pytest.mark.parametrize(("place", "reason"), _reasons().items(), ids=_reasons())
def test_each_reason_of_the_handler_is_on_the_page(place: str, reason: str) -> None:
    assert [span for span in ON_PAGES if span in reason] != [], f"{place} says {reason!r}"


def test_each_state_of_a_cluster_that_somebody_must_end_is_on_the_page() -> None:
    assert {state.to_do for state in STATES.values() if state.to_do} <= set(ON_PAGES)


@pytest.mark.parametrize("code", CODES)
def test_each_code_of_the_page_is_awss(code: str) -> None:
    assert code in ERRORS
