"""Each `resilient-redshift` command in the docs is one that the command line takes, with these options."""

from __future__ import annotations

import re
import shlex

import click
import pytest

pytest.importorskip("click")

from resilient_redshift.cli.main import cli
from tests.docs.tables import ROOT, rows

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """Every ``resilient-redshift ...`` of every shell block, by page."""
    return [
        (page.name, line.strip())
        for page in PAGES
        for block in BLOCK.findall(page.read_text())
        for line in block.replace("\\\n", " ").splitlines()
        if re.match(r"\s*resilient-redshift\s", line)
    ]


def test_there_are_some() -> None:
    assert any(page == "failback.md" for page, _ in commands())


@pytest.mark.parametrize(("page", "line"), commands(), ids=lambda value: value)
def test_the_command_line_takes_it(page: str, line: str) -> None:
    # GIVEN a command of a page, a Region, a time or a name in the place of each variable
    told = re.split(r" [>|] ", line, maxsplit=1)[0]
    told = re.sub(r"\$\{?(PRIMARY|RECOVERY)\}?", "us-west-2", told)
    told = re.sub(r"\$(LOAD|LINEAGE)", "2026-11-24T03:00:00Z", told)
    words = shlex.split(re.sub(r"\$\{?(\w+)\}?", "name", told), comments=True)[1:]
    # WHEN it is read THEN each word is understood; nothing is done
    # click keeps the help option that the first context of a command asked for: this must be as a real one's
    with click.Context(cli, **cli.context_settings) as context:
        rest = cli.make_parser(context).parse_args(words)[1]
        assert rest, f"{page} calls no subcommand"
        command = cli.get_command(context, rest[0])
        assert command is not None, f"{page} calls {rest[0]}"
        command.make_context(rest[0], rest[1:], parent=context)


def test_the_readme_names_every_command() -> None:
    # GIVEN the table of what is in the library WHEN read THEN the row of the command names them all
    [row] = [row for row in rows(ROOT / "README.md", "name") if row.cells["name"] == "`resilient-redshift`"]
    named = set(row.cells["what it does"].removeprefix("the command: ").split(", "))
    assert named == set(cli.list_commands(click.Context(cli)))
