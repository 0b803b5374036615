"""A link to a heading leads to a heading."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.docs.tables import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]*)#([^)\s]+)\)")


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def links() -> list[tuple[Path, Path, str]]:
    return [
        (page, (page.parent / target).resolve() if target else page, anchor)
        for page in PAGES
        for target, anchor in LINK.findall(page.read_text())
        if "://" not in target
    ]


@pytest.mark.parametrize(("page", "target", "anchor"), links(), ids=lambda value: getattr(value, "name", value))
def test_each_link_to_a_heading_finds_it(page: Path, target: Path, anchor: str) -> None:
    assert anchor in anchors(target), f"{page.name} links to {target.name}#{anchor}"
