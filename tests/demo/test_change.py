"""The one line that the demo changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo.change import keep_copies_longer
from demo.errors import DemoError

APP = Path(__file__).parents[2] / "app.py"
LINE = "        keep_automated=Duration.days({days}),\n"


def test_the_example_can_be_changed() -> None:
    # GIVEN app.py WHEN changed THEN exactly one line differs, and says a week more
    source = APP.read_text(encoding="utf-8")
    change = keep_copies_longer(source)
    pairs = zip(source.splitlines(), change.source.splitlines(), strict=True)
    assert [(old.strip(), new.strip()) for old, new in pairs if old != new] == [(change.old_line, change.new_line)]
    assert change.new_days == change.old_days + 7
    assert f"({change.new_days})" in change.new_line


def test_35_days_are_the_most() -> None:
    assert keep_copies_longer(LINE.format(days=30)).new_days == 35


@pytest.mark.parametrize(
    ("source", "reason"), [("", "on 0 lines"), (LINE.format(days=7) * 2, "on 2 lines"), (LINE.format(days=35), "nothing to raise")]
)  # fmt: skip
def test_what_cannot_be_changed_is_told(source: str, reason: str) -> None:
    with pytest.raises(DemoError, match=reason):
        keep_copies_longer(source)
