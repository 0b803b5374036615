"""The table that docs/protection-table.md shows is the one that its code prints."""

from __future__ import annotations

import re

from tests.docs.tables import ROOT
from tests.docs.test_code import blocks


def test_the_table_shown_is_the_one_printed() -> None:
    page = ROOT / "docs" / "protection-table.md"
    namespace: dict[str, str] = {}
    exec(compile(blocks(page)[0], page.name, "exec", dont_inherit=True), namespace)  # noqa: S102
    [shown] = re.findall(r"^```text\n(.*?)\n```$", page.read_text(), re.MULTILINE | re.DOTALL)
    assert shown == namespace["shown"]
