"""The tags of an answer as a mapping."""

from __future__ import annotations

from resilient_redshift.cloud.redshift.tags import tags_of


def test_a_tag_without_a_value_is_there_and_a_tag_without_a_key_is_not() -> None:
    assert tags_of([{"Key": "team", "Value": "sales"}, {"Key": "bare"}, {"Value": "lost"}]) == {
        "team": "sales",
        "bare": "",
    }
