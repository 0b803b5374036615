"""Reads the tables of a Markdown page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Row:
    """One row of a table, its cells by the table's headings."""

    line: int
    section: str
    cells: Mapping[str, str]


def rows(page: Path, first_heading: str) -> list[Row]:
    """The rows of every table of a page whose first heading is this."""
    found: list[Row] = []
    headings: list[str] = []
    section = ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("#"):
            section = line.lstrip("# ")
        if not line.startswith("|"):
            headings = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        cells = [cell.strip("| ") for cell in cells]
        if not headings:
            headings = cells
        elif set(line) - set("|- :") and headings[0] == first_heading:
            assert len(cells) == len(headings), (
                f"{page.name}:{number} has {len(cells)} cells, its table {len(headings)}"
            )
            found.append(Row(number, section, dict(zip(headings, cells, strict=True))))
    return found
