"""Tells the demo's story in this process."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from demo import __main__ as demo
from tests.demo.world import FakeAws, FakeCdk, FakeCommand, plain_screen, starter

if TYPE_CHECKING:
    from pathlib import Path


def told(
    aws: FakeAws, cli: FakeCdk, folder: Path, *arguments: str, command: FakeCommand | None = None
) -> tuple[int, str]:
    """Tell the story in this process, which then gets its own signal handlers back."""
    screen, written = plain_screen()
    former = {number: signal.getsignal(number) for number in demo._STOPPED_BY}
    try:
        words = ["--folder", str(folder / "build"), *arguments]
        tools = {"cdk": cli, "command": command or FakeCommand(aws)}
        status = demo.main(words, screen=screen, start_aws=starter(aws), **tools)  # type: ignore[arg-type]
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    return status, written.getvalue()


def reason(text: str) -> str:
    [line] = [line for line in text.splitlines() if line.startswith("demo: ")]
    assert text.splitlines()[-1] == line
    return line.removeprefix("demo: ")
