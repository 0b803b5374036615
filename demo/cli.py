"""Runs the stock cdk CLI and our own command against the emulated AWS, and never against another one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from demo.aws import NOWHERE
from demo.errors import DemoError
from demo.events import plain, reason_of
from emulator.children import default_signals

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
#: How long a stopped CLI has to go by itself.
_PATIENCE_SECONDS = 5
#: How long others of its group have, once killed; where nobody reaps orphans they stay.
_LAST_PATIENCE_SECONDS = 0.5
_LAST_LOOKS = 50
_ENDS: Final = (signal.SIGTERM, signal.SIGKILL)


class Cdk(Protocol):
    """The cdk CLI, or what a test puts in its place."""

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, on_line: Callable[[str], object]
    ) -> None:
        """Run it to its end; DemoError with its reason if it fails."""


class Command(Protocol):
    """The command ``resilient-redshift``, or what a test puts in its place."""

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], on_line: Callable[[str], object] | None
    ) -> int:
        """Run it to its end; its exit status."""


def run_cdk(arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, on_line: Callable[[str], object]) -> None:
    """Run ``cdk`` and hand on each line as it comes; whatever happens, it and its children are gone afterwards.

    Args:
        arguments: what follows ``cdk``.
        env: what points it at the emulated AWS; nothing else that AWS's tools read gets through.
        cwd: where it runs.
        on_line: told each line, colours stripped.

    Raises:
        DemoError: it is not installed, or it failed; with the reason that it gave.
    """
    lines: list[str] = []

    def told(line: str) -> None:
        lines.append(plain(line))
        on_line(lines[-1])

    try:
        status = _run(["cdk", *arguments], isolated(env), cwd, told)
    except FileNotFoundError:
        raise DemoError("the cdk CLI is not on the PATH: run the demo as `make demo`, which installs it") from None
    if status:
        raise DemoError(f"cdk {arguments[0]} failed: {reason_of(lines, status)}")


def run_command(
    arguments: Sequence[str], *, env: Mapping[str, str], on_line: Callable[[str], object] | None = None
) -> int:
    """Run ``resilient-redshift``; it sleeps in virtual time, and is gone afterwards, whatever happens.

    Args:
        arguments: what follows ``resilient-redshift``.
        env: as in `run_cdk`.
        on_line: told each line, without its end and colours. Default: nobody; it writes to our own terminal, live.

    Returns:
        Its exit status.
    """
    colours = {} if on_line is None else {"NO_COLOR": "1"}
    told = None if on_line is None else lambda line: on_line(line.rstrip("\n"))
    words = [sys.executable, "-m", "demo.virtual_command", *arguments]
    return _run(words, {**isolated(env), **colours}, ROOT, told, politely=(signal.SIGINT, *_ENDS))


def _run(
    command: Sequence[str],
    env: Mapping[str, str],
    cwd: Path,
    on_line: Callable[[str], object] | None,
    politely: Sequence[signal.Signals] = _ENDS,
) -> int:
    # a session of its own: Ctrl-C reaches the demo alone, which then stops the whole group
    with default_signals():
        process = subprocess.Popen(  # noqa: S603 - no shell, our own words
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=None if on_line is None else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    try:
        if process.stdout is not None and on_line is not None:
            for line in process.stdout:
                on_line(line)
        return process.wait()
    finally:
        stop_group(process, politely)


def isolated(env: Mapping[str, str]) -> dict[str, str]:
    """Make an environment in which no tool of AWS's finds the user's own account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # an edited app lies in another folder
    path = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    return {**kept, **NOWHERE, **path, **env}


def stop_group(process: subprocess.Popen[str], signals: Sequence[signal.Signals] = _ENDS) -> None:
    """End a process and all that it started, by one signal after the other; returns when they are gone."""
    for how in signals:
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            break
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    if process.stdout is not None:
        process.stdout.close()
    process.wait()
    for _ in range(_LAST_LOOKS):  # what it had started may take a moment to die
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(_LAST_PATIENCE_SECONDS / _LAST_LOOKS)
