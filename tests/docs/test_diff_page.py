"""What docs/diff.md shows is what its code gives."""

from __future__ import annotations

import argparse
import re

from resilient_redshift.planning._diff_command import _parser
from resilient_redshift.planning._report_arguments import add_report_arguments
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


def options_of(parser: argparse.ArgumentParser) -> set[str]:
    return {each for action in parser._actions for each in action.option_strings}


def test_each_option_of_the_command_is_on_the_page() -> None:
    # GIVEN the options of reports, which docs/reports.md explains
    reports = argparse.ArgumentParser()
    add_report_arguments(reports)

    named = re.findall(r"`(--[a-z-]+)`", " ".join(row.cells["option"] for row in rows(PAGE, "option")))

    assert {*named} - {"--format"} == options_of(_parser(None)) - options_of(reports)


def test_each_property_that_replaces_a_cluster_is_on_the_page() -> None:
    assert [name for name in REPLACING_PROPERTIES if f"`{name}`" not in PAGE.read_text()] == []
