"""The processes of Lambda functions: forked from one that has boto3 already, kept when a handler fails, read without waiting.

ministack starts a new Python for each process, ends it when its handler raises (AWS keeps it [U]), and looks for late log lines for up to
50 ms after each run.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime

from emulator.children import default_signals

_TEMPLATE = Path(__file__).with_name("lambda_template.py")
_reading = threading.Lock()
_deferred = threading.local()


def install() -> None:
    """Bring it to ministack."""
    if hasattr(os, "pidfd_open"):  # Linux
        lambda_runtime.subprocess = _forking(_Template())
    _spare_what_raises()
    lambda_runtime.Worker._read_stderr, lambda_runtime.Worker._drain_stderr_bounded = _read_on, _log


class _Template:
    """Has processes forked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, default_signals():
            number = theirs.fileno()
            subprocess.Popen([sys.executable, str(_TEMPLATE), str(number)], stdin=subprocess.DEVNULL, pass_fds=[number])

    def fork(self, script: str, folder: str, environment: dict[str, str], files: list[int]) -> tuple[int, int]:
        """Start one; its number, and a file that becomes readable when it ends."""
        order = json.dumps({"script": script, "folder": folder, "environment": environment}).encode()
        with self._lock:
            socket.send_fds(self._orders, [order], files)
            number, [ended], _, _ = socket.recv_fds(self._orders, 100, 1)
        return int(number), ended


class ForkedProcess:
    """What ministack uses of ``subprocess.Popen``."""

    def __init__(self, template: _Template, script: str, folder: str, environment: dict[str, str]) -> None:
        """Start it."""
        (its_in, ours_in), (ours_out, its_out), (ours_error, its_error) = (os.pipe() for _ in range(3))
        try:
            self.pid, self._ended = template.fork(script, folder, environment, [its_in, its_out, its_error])
        finally:
            for file in (its_in, its_out, its_error):
                os.close(file)
        self.stdin = open(ours_in, "w", buffering=1, encoding="utf-8")  # noqa: PTH123, SIM115
        self.stdout = open(ours_out, encoding="utf-8")  # noqa: PTH123, SIM115
        self.stderr = open(ours_error, encoding="utf-8")  # noqa: PTH123, SIM115
        self._over = select.poll()
        self._over.register(self._ended, select.POLLIN)

    def __del__(self) -> None:
        """Let go of the file that tells the end."""
        if hasattr(self, "_ended"):
            os.close(self._ended)

    def poll(self) -> int | None:
        """None while it runs."""
        return 0 if self._over.poll(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it still runs.
        """
        if not self._over.poll(None if timeout is None else timeout * 1000):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """Send SIGKILL."""
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            signal.pidfd_send_signal(self._ended, number)


def _forking(template: _Template) -> types.ModuleType:
    """Build a ``subprocess`` that forks Python's processes."""

    def popen(arguments: list[str], **options: Any) -> Any:
        if arguments[0] != sys.executable:
            with default_signals():
                return subprocess.Popen(arguments, **options)
        return ForkedProcess(template, arguments[1], options["cwd"], options["env"])

    found = types.ModuleType("subprocess")
    found.__dict__.update(subprocess.__dict__)
    found.__dict__["Popen"] = popen
    return found


def _spare_what_raises() -> None:
    """Keep a process whose handler has raised; end it as ministack does after everything else."""
    invoke, end, collect = lambda_runtime.Worker.invoke, lambda_runtime._signal, lambda_runtime._collect

    def invoked(self: Any, *args: Any, **more: Any) -> dict[str, Any]:
        _deferred.process = []
        try:
            result: dict[str, Any] = invoke(self, *args, **more)
        finally:
            left, _deferred.process = _deferred.process, None
        for process in left:
            if "trace" in result and process.poll() is None:
                self._proc = process
                continue
            end(process)
            collect(process, time.monotonic() + lambda_runtime._REAP_GRACE)
        return result

    def ended(process: Any) -> None:
        if getattr(_deferred, "process", None) is None:
            end(process)
        elif process is not None:
            _deferred.process.append(process)

    def collected(process: Any, deadline: float) -> None:
        if getattr(_deferred, "process", None) is None:
            collect(process, deadline)

    lambda_runtime.Worker.invoke = invoked
    lambda_runtime._signal, lambda_runtime._collect = ended, collected


def _read_on(worker: Any) -> None:
    """Take what a process logs, until it ends; what ministack's thread does."""
    process = worker._proc
    waiting = select.poll()
    waiting.register(process.stderr, select.POLLIN)
    while waiting.poll() and _take(worker, process):
        pass


def _take(worker: Any, process: Any) -> bool:
    """Take the log lines that are in the pipe; False when no more will come."""
    waiting = select.poll()
    with _reading:
        waiting.register(process.stderr, select.POLLIN)
        while waiting.poll(0):
            found = os.read(process.stderr.fileno(), 1 << 16)
            *lines, process.begun_line = (getattr(process, "begun_line", b"") + found).split(b"\n")
            for line in lines:
                worker._stderr_queue.put(line.decode(errors="replace"))
            if not found:
                return False
    return True


def _log(worker: Any, *_: float) -> str:
    """The log lines of a run that is over: all are in the pipe by then, so nobody waits for more."""
    for process in (worker._proc, *(getattr(_deferred, "process", None) or ())):
        if process is not None:
            _take(worker, process)
    return str(worker._drain_stderr())
