"""The options of commands that write reports."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.errors import ResilientRedshiftError
from resilient_redshift.planning._report_arguments import add_report_arguments, write_reports
from tests.planning.reports.samples import fleet

if TYPE_CHECKING:
    from pathlib import Path


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="check")
    add_report_arguments(parser)
    return parser.parse_args(words)


def written(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    write_reports(parsed(*words), fleet())
    return capsys.readouterr().out


def test_text_is_on_standard_output_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert written(capsys=capsys).endswith("1 part not read\n")


def test_text_stays_on_standard_output_beside_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "report.txt"
    file.write_text("older")

    out = written(f"--format=text={file}", "--width=90", capsys=capsys)

    assert out.endswith("1 part not read\n")
    assert file.read_text() == out
    assert [each.name for each in tmp_path.iterdir()] == ["report.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format=pdf"], "must be one of text, markdown, json, sarif, junit, github, gitlab, got 'pdf'"),
        (["--format=json", "--format=text"], "json and text both go to standard output: name a file"),
        (["--format=json=-", "--format=text"], "json and text both go to standard output"),
        (["--format=json=a", "--format=text=./a"], "both go to "),
        (["--format=json="], "'' is no name"),
        (["--format=json=no/such/folder/a.json"], "the folder of 'no/such/folder/a.json' does not exist"),
        (["--format=json=."], "'.' is a folder"),
        (["--format=json=a\0b"], "cannot be the name of a file"),
        (["--width=0"], "must be 1 to 1000"),
        (["--only=holes"], "invalid choice: 'holes'"),
        (["--root=no/such/folder"], "must be a folder, got 'no/such/folder'"),
        (["--root=a\0b"], "must be a folder"),
    ],
)
def test_a_wrong_option_ends_the_command_before_it_reads(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(*words)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a file, and a disk that is full when the new one is written
    file = tmp_path / "report.txt"
    file.write_text("older")
    given = parsed(f"--format=text={file}")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)

    # WHEN
    with pytest.raises(ResilientRedshiftError, match=r"report.txt cannot be written: No space left on device"):
        write_reports(given, fleet())

    # THEN the old one is whole, and standard output has nothing
    assert file.read_text() == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["report.txt"]
    assert capsys.readouterr().out == ""


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "report.txt")

    write_reports(parsed(f"--format=text={tmp_path / 'link'}"), fleet())

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "report.txt").read_text().endswith("not read\n")


@pytest.mark.parametrize(
    ("words", "environment", "colour"),
    [
        ([], {}, False),
        (["--color=always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color=never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals(
    words: list[str],
    environment: dict[str, str],
    colour: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert ("\x1b[" in written(*words, capsys=capsys)) is colour


def test_a_wide_terminal_is_not_filled(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    narrow = written("--cluster=*", capsys=capsys)
    assert max(map(len, narrow.splitlines())) <= 200


def test_options_choose_clusters(capsys: pytest.CaptureFixture[str]) -> None:
    out = written("--cluster=sal*", "--cluster=tri*", "--only=gaps", capsys=capsys)
    assert "shown: 0 of 3 clusters" in out


def test_paths_are_relative_to_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # GIVEN a command in a folder of the repository
    (tmp_path / "infra").mkdir()
    monkeypatch.chdir(tmp_path / "infra")

    assert written("--format=github", capsys=capsys).startswith("::error file=cdk.out/W.json,")
    assert written("--format=github", "--root=..", capsys=capsys).startswith("::error file=infra/cdk.out/W.json,")
