"""docs/exercises.md: each exercise is unsolved until its solution is followed, command by command, in one ground."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from demo.ground.__main__ import main as ground
from demo.ground.assembly import synthesize
from demo.ground.exercises import EXERCISES
from demo.ground.shell import write_settings
from demo.ground.start import prepare
from demo.ground.world import NAMES
from resilient_redshift.cli.main import cli
from resilient_redshift.cli.tools import Tools
from tests.docs.tables import ROOT
from tests.docs.test_commands import BLOCK

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws

PAGE = (ROOT / "docs" / "exercises.md").read_text()
#: What a person reads on the screen and types: the name of a variable, how it is found, and which of those found it is.
READ = {
    "KEY": (re.compile(r"key (arn:\S+) is Disabled"), 0),
    "LINEAGE": (re.compile(r" available .* (\d{4}-\S+Z)\n"), 1),
}


class Shell:
    """Runs the page's commands in this process."""

    def __init__(self, aws: EmulatedAws) -> None:
        self._aws = aws
        self.variables = dict(NAMES)
        self.seen = ""

    def run(self, block: str) -> int:
        """Run a block to its end, or to a command that fails; its status. A look in between may find something wrong."""
        lines = block.strip().splitlines()
        for number, command in enumerate(lines, 1):
            assigned = re.fullmatch(r"([A-Z]+)=(.*)", command)
            if assigned:
                self.variables[assigned[1]] = self._value(assigned[1], assigned[2])
                continue
            words = shlex.split(re.sub(r"\$(\w+)", lambda found: self.variables[found[1]], command))
            status, said = self._command(words)
            self.seen += said
            looks = words[:2] in (["resilient-redshift", "status"], ["resilient-redshift", "check"])
            if status and not (looks and number < len(lines)):
                return status
        return 0

    def _value(self, name: str, text: str) -> str:
        if name in READ:  # the page has an example of it
            pattern, number = READ[name]
            return str(pattern.findall(self.seen)[number])
        _, said = self._command(shlex.split(text.removeprefix("$(").removesuffix(")")))
        return said.strip()

    def _command(self, words: list[str]) -> tuple[int, str]:
        if words[0] == "ground":
            said: list[str] = []
            return ground(words[1:], say=said.append), "\n".join(said) + "\n"
        if words[0] == "aws":
            assert words[1:3] == ["kms", "enable-key"]
            self._aws.client("kms", words[words.index("--region") + 1]).enable_key(KeyId=words[-1])
            return 0, ""
        tools = Tools(sleep=lambda seconds: self._aws.advance(dt.timedelta(seconds=seconds)), clock=self._aws.now)
        done = CliRunner().invoke(cli, words[1:], obj=tools)
        return done.exit_code, done.output


@pytest.fixture(scope="module")
def shell(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A ground in this process, with a shell that has read its settings."""
    folder = tmp_path_factory.mktemp("ground")
    synthesize(folder / "assembly", aws.account)
    prepare(aws, folder / "assembly", dt.timedelta(hours=9))
    return Shell(aws)


@pytest.fixture
def settings(aws: EmulatedAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_settings(tmp_path, aws.env, NAMES).read_text()
    for name, value in re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE):
        if name != "PATH":
            monkeypatch.setenv(name, shlex.split(value)[0])


def sections() -> dict[str, tuple[str, str, str]]:
    """The begin, the check and the solution of each exercise, by its name, in the order of the page."""
    found = {}
    for text in re.split(r"^## \d+\. ", PAGE, flags=re.MULTILINE)[1:]:
        begin, check, solution = BLOCK.findall(text)
        found[begin.split()[-1]] = (begin, check, solution)
    return found


def test_the_page_has_each_exercise() -> None:
    assert list(sections()) == list(EXERCISES)


def test_each_exercise_is_unsolved_until_its_solution_is_followed(shell: Shell, settings: None) -> None:
    for name, (begin, check, solution) in sections().items():
        # GIVEN the situation
        shell.seen = ""
        assert shell.run(begin) == 0, (name, shell.seen[-2000:])
        # THEN it is not mended by itself WHEN the solution is followed THEN it is
        assert shell.run(check) == 1, (name, shell.seen[-2000:])
        assert shell.run(solution) == 0, (name, shell.seen[-4000:])
        assert shell.run(check) == 0, (name, shell.seen[-2000:])
