"""What we start behaves in the background as in the foreground: there a shell lets all that it starts ignore Ctrl-C."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from emulator.children import default_signals

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(params=SIGNALS, ids=lambda number: number.name)
def ignored(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that this process ignores."""
    former = signal.signal(request.param, signal.SIG_IGN)
    yield request.param
    signal.signal(request.param, former)


def test_a_child_ends_by_a_signal_that_its_parent_ignores(ignored: signal.Signals) -> None:
    # GIVEN a process that ignores a signal WHEN it starts a child, which is sent that signal
    with default_signals():
        child = subprocess.Popen(["sh", "-c", "echo up; read never"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S607
    with child:
        assert child.stdout is not None
        child.stdout.readline()
        child.send_signal(ignored)
    # THEN the child ends by it, not with its input, and the process ignores it on
    assert child.returncode == -ignored
    assert signal.getsignal(ignored) is signal.SIG_IGN


def test_a_process_ignores_on_while_it_starts_a_child(ignored: signal.Signals) -> None:
    # GIVEN a process that ignores a signal WHEN that comes while a child is started THEN nothing happens
    with default_signals():
        os.kill(os.getpid(), ignored)
    assert signal.getsignal(ignored) is signal.SIG_IGN


def test_a_python_child_is_interrupted_as_in_the_foreground() -> None:
    # GIVEN a process that ignores Ctrl-C WHEN it starts Python THEN Ctrl-C raises KeyboardInterrupt there
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with default_signals():
            code = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
            done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=True)
    finally:
        signal.signal(signal.SIGINT, former)
    assert done.stdout == "True\n"


@pytest.mark.parametrize("folder", ["demo", "emulator", "tests/e2e"])
def test_every_child_gets_the_default_signals(folder: str) -> None:
    # GIVEN all places that start a process WHEN they are read THEN each is in a block that gives the child default signals
    found = {
        f"{path}:{line}": within for path in sorted((ROOT / folder).rglob("*.py")) for line, within in starts(path)
    }
    assert found
    assert [place for place, within in found.items() if not within] == []


def starts(path: Path) -> Iterator[tuple[int, bool]]:
    """Where a file starts processes, by line, and whether that is in such a block."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.With) and "default_signals()" in {ast.unparse(item) for item in node.items}
    ]
    within = {id(node) for block in blocks for node in ast.walk(block)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"subprocess.Popen", "subprocess.run"}:
            yield node.lineno, id(node) in within
