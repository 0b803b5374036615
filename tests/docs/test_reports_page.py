"""The reports that docs/reports.md shows are those that its code writes."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from resilient_redshift.planning.reports.formats import Format
from tests.docs.tables import ROOT, rows
from tests.docs.test_code import blocks

if TYPE_CHECKING:
    import pytest

PAGE = ROOT / "docs" / "reports.md"
#: A section of a format: its name, and the block that shows the format.
SHOWN = re.compile(
    r"(?P<before>^## (?P<name>\w+)$(?:(?!^## ).)*?^```(?:text|markdown|json|xml)\n)(?P<shown>.*?)(?=^```$)",
    re.MULTILINE | re.DOTALL,
)


def written() -> dict[str, str]:
    namespace: dict[str, dict[str, str]] = {}
    for block in blocks(PAGE):
        exec(compile(block, PAGE.name, "exec", dont_inherit=True), namespace)  # noqa: S102
    return {name: f"{text.rstrip()}\n" for name, text in namespace["shown"].items()}


def test_each_format_is_shown_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = PAGE.read_text(encoding="utf-8")
    expected = written()
    if os.environ.get("UPDATE_GOLDEN"):
        page = SHOWN.sub(lambda match: match["before"] + expected[match["name"]], page)
        PAGE.write_text(page, encoding="utf-8")

    assert {match["name"]: match["shown"] for match in SHOWN.finditer(page)} == expected


def test_each_format_has_a_section() -> None:
    names = [match["name"] for match in SHOWN.finditer(PAGE.read_text(encoding="utf-8"))]
    assert names == [*Format, "comparison", "comment"]


def test_the_page_names_each_option() -> None:
    from argparse import ArgumentParser

    from resilient_redshift.planning._report_arguments import add_report_arguments

    parser = ArgumentParser()
    add_report_arguments(parser)
    named = {row.cells["option"].strip("`").split()[0].strip("`") for row in rows(PAGE, "option")}
    options = {action.option_strings[-1] for action in parser._actions}
    assert options - named == {"--help"}
