"""What docs/diff.md shows is what its code gives."""

from __future__ import annotations

import re

from resilient_redshift.planning.changes.change_findings import CHANGE_RULES
from resilient_redshift.planning.changes.replacement import REPLACING_PROPERTIES
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from tests.docs.tables import ROOT, rows
from tests.docs.test_code import blocks

PAGE = ROOT / "docs" / "diff.md"


def test_the_findings_shown_are_those_of_the_example() -> None:
    namespace: dict[str, str] = {}
    exec(compile(blocks(PAGE)[0], PAGE.name, "exec", dont_inherit=True), namespace)  # noqa: S102
    shown, *_ = re.findall(r"^```text\n(.*?)\n```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)

    assert shown == namespace["shown"]


def test_each_rule_of_a_change_is_on_the_page_with_its_name() -> None:
    named = [row.cells["rule"] for row in rows(PAGE, "rule")]

    assert named == [f"`{rule}` `{RULE_TEXTS[rule].name}`" for rule in sorted(CHANGE_RULES)]


def test_each_property_that_replaces_a_cluster_is_on_the_page() -> None:
    assert [name for name in REPLACING_PROPERTIES if f"`{name}`" not in PAGE.read_text()] == []
