"""Every end of a command: one line, with --json one whole object, and an exit status."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from resilient_redshift.cli.endings import READER_GONE, end, wants_json
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.main import _COMMANDS, cli
from resilient_redshift.cli.output import Screen
from tests.cli.restoring import FULL, machine, report
from tests.cli.scene import HERE, PLAN, THERE, Scene

if TYPE_CHECKING:
    from click.testing import Result

    from tests.cli.fakes import Run


def ended(result: Result) -> dict[str, Any]:
    """The one object on standard output, which names the exit status."""
    value: dict[str, Any] = json.loads(result.stdout)
    assert value["version"] == 1
    assert value["exit_status"] == result.exit_code
    return value


def test_a_refusal_is_a_whole_object(scene: Scene) -> None:
    value = ended(scene.run("failover", PLAN, "--yes", "--json"))
    assert value["error"].startswith("NoRecoveryPoint: no usable copy of sales")
    assert value["hint"]
    assert value["exit_status"] == 2


@pytest.mark.parametrize("arguments", [["status", "nobody", "--json"], ["check", "nobody", "--output", "json"]])
def test_an_error_is_a_whole_object(scene: Scene, arguments: list[str]) -> None:
    assert ended(scene.run(*arguments))["error"] == "no plan 'nobody' in us-west-2"


def test_declining_is_a_whole_object(scene: Scene) -> None:
    scene.copied()
    scene.interactive = True
    assert ended(scene.run("failover", PLAN, "--json", answer="n\n"))["error"] == "nothing was started"


def test_an_interruption_is_a_whole_object_that_names_the_execution(scene: Scene) -> None:
    def interrupt(run: Run) -> None:
        raise KeyboardInterrupt

    scene.copied()
    scene.account.on_poll = interrupt
    value = ended(scene.run("failover", PLAN, "--yes", "--json"))
    assert value["exit_status"] == 130
    [run] = scene.account.runs.values()
    assert value["execution"] == run.arn


def test_an_interruption_before_anything_is_a_whole_object(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("resilient_redshift.cli.plans.find", interrupt)
    value = ended(scene.run("status", PLAN, "--json"))
    assert (value["error"], value["exit_status"]) == ("interrupted", 130)


@pytest.mark.parametrize(
    "arguments", [["failover", PLAN, "--nodes", "--json"], ["--json", "failover"], ["freeze", "--json", "A"]]
)
def test_a_wrong_command_line_is_a_whole_object(scene: Scene, arguments: list[str]) -> None:
    # GIVEN options that click refuses, before or after --json WHEN run THEN the object says what click says
    result = scene.run(*arguments)
    assert ended(result)["exit_status"] == 2
    assert "Usage: " in result.stderr


def test_a_defect_is_a_whole_object(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("resilient_redshift.cli.plans.find", broken)
    assert ended(scene.run("status", PLAN, "--json"))["error"] == "unexpected RuntimeError: two lines"


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["status", "--json"], True),
        (["status", "--output", "json"], True),
        (["status", "--output=json"], True),
        (["status", "--json", "--output", "nagios"], False),
        (["status", "--output=prometheus", "--json"], False),
        (["status", "--output"], False),
        (["status"], False),
    ],
)
def test_the_arguments_say_whether_json_is_wanted(*, arguments: list[str], wanted: bool) -> None:
    assert wants_json(arguments) == wanted


def test_for_nagios_an_error_stays_one_line(scene: Scene) -> None:
    assert scene.run("status", "nobody", "--output", "nagios").stdout.startswith("UNKNOWN - no plan 'nobody'")


def test_what_ends_it_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    end(CliError("no \x1b]0;x\x07 such", "see \x9b2J"), json=True, debug=False)
    written = capsys.readouterr()
    assert not set("\x1b\x07\x9b") & set(written.out + written.err)


class Gone(io.StringIO):
    """An output whose reader went away."""

    def write(self, text: str, /) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("arguments", [["status", PLAN], ["status", PLAN, "--json"], ["failover", PLAN, "--yes"]])
def test_a_reader_that_goes_away_gets_no_traceback(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    # GIVEN "| head" WHEN the pipe breaks THEN nothing is complained of, and the status says nothing about the plan
    def gone(*_: Any, **__: Any) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    scene.copied()
    machine(scene, ends=report(**FULL))
    monkeypatch.setattr("resilient_redshift.cli.status.print_json", gone)
    monkeypatch.setattr(Screen, "say", gone)
    result = scene.run(*arguments)
    assert (result.exit_code, result.output, result.stderr) == (READER_GONE, "", "")


def test_rich_does_not_end_the_process_by_itself() -> None:
    screen = Screen()
    screen.console.file = Gone()
    with pytest.raises(BrokenPipeError):
        screen.say("words")


def test_a_broken_pipe_is_quiet_to_the_end_of_the_process() -> None:
    # GIVEN the real command, whose reader is gone WHEN it ends THEN Python does not complain either
    reading, writing = os.pipe()
    os.close(reading)
    arguments = ["guardrails", "--break-glass", "arn:aws:iam::123456789012:role/a", "--role-path", "/a/"]
    done = subprocess.run(
        [sys.executable, "-m", "resilient_redshift.cli", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (READER_GONE, b"")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_completion(shell: str) -> None:
    # GIVEN the variable that docs/cli.md names WHEN a shell asks THEN it gets a script for this command
    result = CliRunner().invoke(
        cli, prog_name="resilient-redshift", env={"_RESILIENT_REDSHIFT_COMPLETE": f"{shell}_source"}
    )
    assert result.exit_code == 0
    assert f"_RESILIENT_REDSHIFT_COMPLETE={shell}_complete" in result.output


@pytest.mark.parametrize(
    ("words", "completed"), [("failo", "failover"), ("failover --not", "--not-before"), ("status --his", "--history")]
)
def test_commands_and_options_are_completed(words: str, completed: str) -> None:
    env = {
        "_RESILIENT_REDSHIFT_COMPLETE": "bash_complete",
        "COMP_WORDS": f"resilient-redshift {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    result = CliRunner().invoke(cli, prog_name="resilient-redshift", env=env)
    assert f"plain,{completed}" in result.output.splitlines()


#: The arguments that a command of one plan needs.
ARGUMENTS = {
    "status": [PLAN],
    "check": [PLAN],
    "failover": [PLAN, "--yes"],
    "switchover": [PLAN, "--yes"],
    "fence": [PLAN, "--yes"],
    "drill": [PLAN, "--yes"],
    "snapshot": [PLAN, "--reason", "why"],
    "freeze": [PLAN, "--yes"],
    "restore-table": [PLAN, "public.orders", "--as", "orders_before"],
    "report": [PLAN],
    "describe-cluster": ["sales"],
}


@pytest.mark.parametrize("verb", ARGUMENTS)
def test_every_command_is_whole_json_when_no_region_answers(scene: Scene, verb: str) -> None:
    scene.account.dark = {HERE, THERE}
    value = ended(scene.run(verb, *ARGUMENTS[verb], "--json"))
    assert "us-west-2 does not answer" in value["error"]
    assert value["exit_status"] == 2


@pytest.mark.parametrize("verb", _COMMANDS)
def test_every_command_is_whole_json_when_its_options_are_wrong(scene: Scene, verb: str) -> None:
    assert ended(scene.run(verb, "--json", "--no-such-option"))["exit_status"] == 2
