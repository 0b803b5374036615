"""What every format of a report has in common."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import broken, change, check, comparison, fleet, key, not_read, worse

HOSTILE = "a\ud800b\x00\x1b[2J\n::error::x|<b>@team</b>]]>"
HOSTILE_CHECK = check(broken(HOSTILE, stack=HOSTILE, account=HOSTILE), findings=(not_read(HOSTILE),), parts=(HOSTILE,))
HOSTILE_CHANGE = comparison(worse(HOSTILE, stack=HOSTILE, file=HOSTILE), parts=(HOSTILE,))


@pytest.mark.parametrize("form", list(Format), ids=str)
@pytest.mark.parametrize(
    "report",
    [fleet(), check(), change(), comparison(), HOSTILE_CHECK, HOSTILE_CHANGE],
    ids=["fleet", "no cluster", "change", "no change", "hostile check", "hostile change"],
)
def test_every_report_can_be_written_in_every_format(report: Any, form: Format) -> None:
    # GIVEN a report WHEN it is written with and without a choice of clusters THEN it is lines of text without controls
    for options in (ReportOptions(), ReportOptions(only_gaps=True, clusters=("*",), width=80)):
        text = render(report, form, options)
        assert text.endswith("\n")
        assert not {"\x00", "\x1b"} & {*text}
        assert not [line for line in text.splitlines() if line.startswith("::error::x")]


@pytest.mark.parametrize(
    ("patterns", "named"),
    [((), True), (("sales",), True), (("s*", "x"), True), (("Sales",), False), (("ales",), False)],
)
def test_a_pattern_names_whole_clusters(patterns: tuple[str, ...], named: bool) -> None:
    assert ReportOptions(clusters=patterns).names(key("sales")) is named
