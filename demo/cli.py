"""Runs the stock cdk CLI against the emulated AWS, line by line, and never against another one."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from demo.aws import NOWHERE
from demo.errors import DemoError
from demo.events import plain, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).parents[1]
#: How long a stopped CLI has to go by itself.
_PATIENCE_SECONDS = 5


class Cdk(Protocol):
    """The cdk CLI, or what a test puts in its place."""

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, on_line: Callable[[str], object]
    ) -> None:
        """Run it to its end; DemoError with its reason if it fails."""


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
    command = ["cdk", *arguments]
    try:
        # a session of its own: Ctrl-C reaches the demo alone, which then stops the whole group
        process = subprocess.Popen(  # noqa: S603 - no shell, our own words
            command,
            cwd=cwd,
            env=isolated(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except FileNotFoundError:
        raise DemoError("the cdk CLI is not on the PATH: run the demo as `make demo`, which installs it") from None
    lines: list[str] = []
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            lines.append(plain(line))
            on_line(lines[-1])
        status = process.wait()
    finally:
        stop_group(process)
    if status:
        raise DemoError(f"cdk {arguments[0]} failed: {reason_of(lines, status)}")


def isolated(env: Mapping[str, str]) -> dict[str, str]:
    """Make an environment in which no tool of AWS's finds the user's own account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    # an edited app lies in another folder
    path = {"PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))}
    return {**kept, **NOWHERE, **path, **env}


def stop_group(process: subprocess.Popen[str]) -> None:
    """End a process and all that it started; returns when they are gone."""
    for how in (signal.SIGTERM, signal.SIGKILL):
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
