"""How the cdk CLI is run: line by line, in an environment without the user's account, and gone afterwards."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from demo.cli import isolated, run_cdk
from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts a shell script in the place of ``cdk``."""

    def put(script: str) -> None:
        (tmp_path / "cdk").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "cdk").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    return put


def run(tmp_path: Path, *arguments: str, on_line: Callable[[str], object] = print) -> list[str]:
    lines: list[str] = []
    run_cdk(arguments, env={"AWS_REGION": "r"}, cwd=tmp_path, on_line=lambda line: (lines.append(line), on_line(line)))
    return lines


def test_each_line_is_handed_on(install: Callable[[str], None], tmp_path: Path) -> None:
    # GIVEN a CLI that writes to both streams WHEN run THEN all its lines come, without colours
    install(r'printf "\033[1mone\033[0m\n"; echo two "$@" >&2')
    assert run(tmp_path, "deploy", "--all") == ["one", "two deploy --all"]


def test_a_failure_has_its_reason(install: Callable[[str], None], tmp_path: Path) -> None:
    install("echo 'TEa: access denied' >&2; exit 3")
    with pytest.raises(DemoError, match=r"^cdk deploy failed: TEa: access denied$"):
        run(tmp_path, "deploy")


def test_a_missing_cli_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DemoError, match="not on the PATH: run the demo as `make demo`"):
        run(tmp_path, "deploy")


def test_nothing_leads_to_the_users_account(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a user who is signed in to AWS WHEN the CLI's environment is made THEN only the emulated one is in it
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "the user's")
    made = isolated({"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_CONFIG_FILE": "no-config"})
    assert "the user's" not in made.values()
    assert made["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert made["AWS_CONFIG_FILE"] == "no-config"
    assert made["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_no_process_of_an_interrupted_run_is_left(
    install: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a CLI with a child, both deaf to a polite end WHEN the reader interrupts THEN both are gone on return
    install('trap "" TERM; (trap "" TERM; echo child $(sh -c \'echo $PPID\'); sleep 600) & echo parent $$; wait')
    monkeypatch.setattr("demo.cli._PATIENCE_SECONDS", 0.1)
    pids: list[int] = []

    def interrupt(line: str) -> None:
        pids.append(int(line.split()[1]))
        if len(pids) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, "deploy", on_line=interrupt)
    assert len(pids) == 2
    for pid in pids:
        assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - no file of ours
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
