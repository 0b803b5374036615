"""``resilient-redshift-check``: its exit statuses, its policy, and its reports."""

from __future__ import annotations

import json
import os
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from resilient_redshift.planning import _check_command
from resilient_redshift.planning.__main__ import main as planning_main
from resilient_redshift.planning._check_command import main
from tests.planning.templates import cluster, copy

BROKEN = {"W": cluster(ClusterIdentifier="sales")}
REGION = '[survive]\nregion = "24h"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as the working directory, without a policy."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def template(folder: Path, resources: dict[str, Any], name: str = "t.json") -> str:
    (folder / name).write_text(json.dumps({"Resources": resources}))
    return name


def policy(folder: Path, content: str = REGION, name: str = "resilience.toml") -> str:
    (folder / name).write_text(content)
    return name


@pytest.mark.parametrize(
    ("content", "expected"),
    [('[survive]\nnode = "0h"\n', 0), (REGION, 1), ('[survive]\nregoin = "24h"\n', 2)],
    ids=["kept", "broken", "not read"],
)
def test_the_exit_status_says_whether_the_policy_is_kept(folder: Path, content: str, expected: int) -> None:
    policy(folder, content)
    assert main([template(folder, BROKEN)]) == expected


def test_a_finding_is_printed_with_its_rule_and_the_policys_name(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy(folder)
    main([template(folder, BROKEN)])
    output = capsys.readouterr().out
    assert "RR103" in output
    assert "policy resilience.toml" in output


def test_without_a_file_the_default_policy_is_used_and_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([template(folder, BROKEN)]) == 1
    assert "the default policy" in capsys.readouterr().out


def test_the_default_policy_can_be_named_although_there_is_a_file(folder: Path) -> None:
    policy(folder, '[survive]\nnode = "0h"\n')
    assert main([template(folder, BROKEN), "--policy", "default"]) == 1


def test_a_file_can_be_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = policy(folder, '[survive]\nnode = "0h"\n', "relaxed.toml")
    assert main([template(folder, BROKEN), "--policy", named]) == 0
    assert "policy relaxed.toml" in capsys.readouterr().out


def test_every_problem_of_a_policy_is_a_line_with_its_file_and_key(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy(folder, '[survive]\nnode = 1\nregion = "1 fortnight"\n')
    assert main([template(folder, BROKEN)]) == 2
    captured = capsys.readouterr()
    assert [line.partition(" must")[0] for line in captured.err.splitlines()] == [
        "resilient-redshift: resilience.toml: survive.node",
        "resilient-redshift: resilience.toml: survive.region",
    ]
    assert captured.out == ""


def test_a_problem_is_one_line_whatever_the_policy_holds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN a value with a line feed, a command of GitHub Actions and an escape sequence
    policy(folder, '[survive]\nnode = "a\\n::error::x\\u001b[31m"\n')

    # WHEN it is checked THEN nothing of it controls the terminal or the log
    assert main([template(folder, BROKEN)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "::error" not in line
    assert line.isprintable()


@pytest.mark.parametrize("place", ["missing", ""], ids=["missing", "empty"])
def test_an_input_that_cannot_be_read_is_one_line(place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([place, "--policy", "default"]) == 2
    captured = capsys.readouterr()
    assert (len(captured.err.splitlines()), captured.out) == (1, "")


def test_several_inputs_are_checked_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN one template with the cluster and another one without WHEN both are checked THEN the one cluster is broken
    policy(folder)
    assert main([template(folder, {}, "empty.json"), template(folder, BROKEN)]) == 1
    assert "sales" in capsys.readouterr().out


def test_no_cluster_keeps_the_policy_and_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([template(folder, {})]) == 0
    assert "no Redshift cluster" in capsys.readouterr().out


def test_the_expected_copy_time_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy(folder, '[survive]\ncluster-deleted = "9h"\n')
    place = template(folder, {"W": cluster(ClusterIdentifier="sales"), "Copy": copy({"Ref": "W"})})
    main([place, "--expected-copy-time", "61"])
    assert "A loss of 9 h 1 min" in " ".join(capsys.readouterr().out.split())


def test_a_report_goes_to_a_file(folder: Path) -> None:
    policy(folder)
    main([template(folder, BROKEN), "--format", "text=report.txt"])
    assert "RR103" in (folder / "report.txt").read_text()


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--print-schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "The policy of resilient-redshift-check"


def test_the_command_of_planning_runs_the_check(folder: Path) -> None:
    policy(folder)
    assert planning_main(["check", template(folder, BROKEN)]) == 1


@pytest.mark.parametrize(
    ("words", "name"),
    [(["check"], "planning check [-h]"), (["forecast"], "planning forecast [-h]")],
    ids=["check", "forecast"],
)
def test_the_help_names_the_command_as_it_was_called(
    words: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        planning_main([*words, "--help"])
    assert name in " ".join(capsys.readouterr().out.split())


def test_the_console_script_is_the_command(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the entry of the console script WHEN the script runs
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    module, _, function = project["project"]["scripts"]["resilient-redshift-check"].partition(":")
    policy(folder)
    monkeypatch.setattr(sys, "argv", ["resilient-redshift-check", template(folder, BROKEN)])
    with pytest.raises(SystemExit) as ended:
        getattr(import_module(module), function)()

    # THEN the process ends with the status of the check
    assert module == _check_command.__name__
    assert ended.value.code == 1


@pytest.mark.parametrize("clusters", [1, 200], ids=["short", "longer than a buffer"])
def test_a_reader_that_leaves_early_does_not_keep_a_policy(
    folder: Path, monkeypatch: pytest.MonkeyPatch, clusters: int
) -> None:
    # GIVEN a broken policy, and a pipe whose reader is gone, as that of `head`
    name = template(folder, {f"W{number}": cluster(ClusterIdentifier=f"w{number}") for number in range(clusters)})
    reader, writer = os.pipe()
    os.close(reader)
    monkeypatch.setattr(sys, "argv", ["resilient-redshift-check", "--format", "json", name])
    with os.fdopen(writer, "w") as output:
        monkeypatch.setattr(sys, "stdout", output)

        # WHEN the command runs THEN its status says so all the same
        with pytest.raises(SystemExit) as ended:
            _check_command.run()
    assert ended.value.code == 1
