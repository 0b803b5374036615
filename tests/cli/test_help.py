"""Help comes at once: neither CDK nor boto3 nor rich is loaded for it; and the command is on the path."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

import resilient_redshift.cli
from resilient_redshift.cli import output
from resilient_redshift.cli.main import _COMMANDS, cli
from tests.cli.scene import PLAN, Scene

ROOT = Path(__file__).parents[2]
HEAVY = ("aws_cdk", "jsii", "constructs", "boto3", "botocore", "rich")


def test_nothing_heavy_is_loaded_for_help() -> None:
    # GIVEN a new interpreter WHEN every command's help is asked for THEN what takes long to load was not
    code = f"""
import sys
from click.testing import CliRunner
from resilient_redshift.cli.main import cli
for name in {["", *_COMMANDS]!r}:
    assert CliRunner().invoke(cli, [*filter(None, [name]), "--help"]).exit_code == 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_all_modules_need_no_cdk() -> None:
    folder = Path(resilient_redshift.cli.__file__).parent
    names = [f"resilient_redshift.cli.{path.stem}" for path in folder.glob("*.py") if path.stem != "__main__"]
    code = f"import sys\nfor name in {names!r}: __import__(name)\nprint([n for n in {HEAVY[:3]!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_command_tells_what_it_does(name: str) -> None:
    result = CliRunner().invoke(cli, [name, "--help"])
    assert result.exit_code == 0
    for option in ("--region", "--profile", "--debug", "--json"):
        assert option in result.output


def test_the_list_names_every_command() -> None:
    result = CliRunner().invoke(cli, ["-h"])
    for name in _COMMANDS:
        assert f"  {name}" in result.output
    assert "No such command 'restore'" in CliRunner().invoke(cli, ["restore"]).stderr


def test_the_script_is_declared_with_its_extra() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    module, name = project["scripts"]["resilient-redshift"].split(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert {text.split(">")[0] for text in project["optional-dependencies"]["cli"]} == {"click", "rich", "boto3"}


def test_without_the_extra_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name}", name="click")

    monkeypatch.setattr(resilient_redshift.cli, "import_module", missing)
    with pytest.raises(SystemExit) as ended:
        resilient_redshift.cli.run()
    assert ended.value.code == 2
    assert "pip install 'resilient-redshift[cli]'" in capsys.readouterr().err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "colours"), [(None, True), ("1", False)])
def test_colours_are_for_terminals_and_no_color_is_obeyed(
    monkeypatch: pytest.MonkeyPatch, no_color: str | None, colours: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    output.Screen().say("missed", "red")
    assert ("\x1b[31m" in written.getvalue()) is colours


def test_a_pipe_gets_no_colours(scene: Scene) -> None:
    scene.copied(hours=2)
    assert "\x1b" not in scene.run("status", PLAN).output


def test_a_terminal_sees_a_live_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    written = Terminal()
    monkeypatch.setattr(sys, "stdout", written)
    with output.Screen().line() as line:
        line("[under] way")
    assert "[under] way" in written.getvalue()
