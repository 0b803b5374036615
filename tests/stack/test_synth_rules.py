"""The rules that a finished template must keep."""

from __future__ import annotations

from pathlib import Path

from resilient_redshift.stack.synth_rules import RULES, Rule, inspect


def test_every_rule_has_a_text_and_ids_are_frozen() -> None:
    # GIVEN the table that the docs show WHEN read THEN every id has a sentence and a way out
    assert list(RULES) == list(Rule)
    assert [str(rule) for rule in Rule] == ["RR001", "RR002", "RR003", "RR004", "RR005", "RR006"]
    assert all(text.sentence and text.fix for text in RULES.values())


def test_a_template_without_copies_has_no_violation() -> None:
    # GIVEN a cluster that copies by itself, and no SnapshotCopy WHEN checked THEN there is no finding
    cluster = {"Type": "AWS::Redshift::Cluster", "Properties": {"DestinationRegion": "us-west-2"}}
    assert inspect({"Resources": {"C": cluster}}) == []


def test_every_rule_is_documented() -> None:
    # GIVEN docs/errors.md, once it is there WHEN read THEN it names every rule
    page = Path(__file__).parents[2] / "docs" / "errors.md"
    if page.exists():
        assert [rule for rule in Rule if str(rule) not in page.read_text(encoding="utf-8")] == []
