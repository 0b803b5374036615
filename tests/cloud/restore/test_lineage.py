"""Which lineage is recorded for a plan: what a run wrote counts before the plan's record, and a spoiled text as none."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.restore.lineage import recorded

WRITTEN, DEPLOYED = "2026-01-14T09:12:44.000Z", "2025-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("parameter", "record", "expected"),
    [
        (WRITTEN, {"lineage": DEPLOYED}, WRITTEN),
        (None, {"lineage": DEPLOYED}, DEPLOYED),
        ("spoiled", {"lineage": DEPLOYED}, DEPLOYED),
        ("2026-01-14T09:12:44", {}, WRITTEN),
        (None, {"lineage": "spoiled"}, None),
        (None, {}, None),
    ],
)
def test_the_parameter_counts_before_the_record(
    parameter: str | None, record: dict[str, str], expected: str | None
) -> None:
    # GIVEN a parameter and a record, one of them spoiled or absent WHEN read THEN the first one that is a time counts
    assert recorded(parameter, record) == (None if expected is None else dt.datetime.fromisoformat(expected))
