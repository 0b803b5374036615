"""The published endpoint is read whole, in part, or named as not understood."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from resilient_redshift.cloud.redshift.snapshots import Restored
from resilient_redshift.cloud.restore.published import NotUnderstoodError, Published, read

AT, DATA = "2026-11-23T07:05:38.000Z", "2026-11-23T06:15:00Z"
WHOLE: dict[str, Any] = {
    "cluster": "sales",
    "endpoint": "sales.example.com",
    "port": 5439,
    "at": AT,
    "snapshot": {"identifier": "copy:rs:sales-1", "created": DATA, "lineage": "2026-10-24T08:15:00Z"},
}


def of(value: Any) -> Published:
    found = read(json.dumps(value), "sales-us-east-1")
    assert found is not None
    return found


def test_without_the_parameter_nothing_is_published() -> None:
    assert read(None, "sales-us-east-1") is None


def test_copies_diverge_from_the_data_that_was_restored() -> None:
    found = of(WHOLE)
    assert (found.cluster, found.address, found.snapshot) == ("sales", "sales.example.com:5439", "copy:rs:sales-1")
    lineage = dt.datetime(2026, 10, 24, 8, 15, tzinfo=dt.UTC)
    assert found.restored == Restored(data_of=dt.datetime(2026, 11, 23, 6, 15, tzinfo=dt.UTC), lineage=lineage)


def test_what_a_former_release_published_diverges_from_its_publication() -> None:
    found = of({name: part for name, part in WHOLE.items() if name != "snapshot"})
    assert found.restored == Restored(data_of=dt.datetime(2026, 11, 23, 7, 5, 38, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    "part", [{"at": "soon"}, {"at": 5}, {"port": "5439"}, {"endpoint": None}, {"snapshot": "copy"}, {"snapshot": {}}]
)
def test_what_is_wrong_beside_the_cluster_is_left_out(part: dict[str, Any]) -> None:
    assert of({**WHOLE, **part}).cluster == "sales"


@pytest.mark.parametrize("text", ["", "spoiled", "[]", "{}", '{"cluster": 5}', '{"cluster": ""}', "[" * 100_000])
def test_a_text_that_names_no_cluster_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstoodError, match="endpoints/sales-us-east-1 is not understood"):
        read(text, "sales-us-east-1")
