"""docs/policy.md says what the code does: its files, its keys, its rules and the default policy."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.planning import DEFAULT_POLICY, Failure, read_policy
from resilient_redshift.planning._check_command import _parser
from resilient_redshift.planning.checks import _policy_table as tables
from resilient_redshift.planning.checks.policy import ABOUT_THE_POLICY
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from tests.docs.tables import ROOT, rows

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "policy.md"
FILES = re.findall(r"^```toml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("number", range(len(FILES)))
def test_each_file_of_the_page_is_a_policy(tmp_path: Path, number: int) -> None:
    content = FILES[number]
    file = tmp_path / ("pyproject.toml" if content.startswith("[tool.") else "resilience.toml")
    file.write_text(content)
    assert read_policy(file).survive


def test_the_default_policy_is_the_one_shown(tmp_path: Path) -> None:
    [shown] = [each for each in FILES if each in PAGE.read_text().partition("## The default policy")[2]][:1]
    file = tmp_path / "resilience.toml"
    file.write_text(shown)
    assert replace(read_policy(file), source=DEFAULT_POLICY.source, file=None) == DEFAULT_POLICY


def test_the_table_of_keys_names_each_key() -> None:
    keys = {row.cells["key"].strip("`") for row in rows(PAGE, "key") if row.section == "Every key"}
    expected = {f"survive.{failure}" for failure in Failure} | {f"survive.*.{key}" for key in tables.LOSS_KEYS}
    assert keys == expected | {f"require.{key}" for key in tables.REQUIRE_KEYS} | {"cluster", "exception"}


def test_the_table_of_matchers_names_each_matcher() -> None:
    named = [row.cells["key"].strip("`") for row in rows(PAGE, "key") if row.section == "Some clusters"]
    assert named == list(tables.MATCHERS)


def test_the_table_of_rules_is_the_one_of_the_code() -> None:
    shown = [tuple(row.cells.values()) for row in rows(PAGE, "id")]
    assert shown == [
        (str(rule), text.name, "warning" if rule in ABOUT_THE_POLICY else "error", text.sentence, text.fix)
        for rule, text in RULE_TEXTS.items()
    ]


def test_the_table_of_options_names_each_option_that_only_the_check_has() -> None:
    named = {row.cells["option"].strip("`").split()[0] for row in rows(PAGE, "option")}
    groups = [group for group in _parser(None)._action_groups if group.title != "output"]
    actions = {
        action.option_strings[-1] for group in groups for action in group._group_actions if action.option_strings
    }
    assert named == (actions - {"--help"}) | {"INPUT"}
