"""A file with one line for each call, for a person who follows it with ``tail -f``: when, where, the answer, what, who.

    2026-12-31T08:15:03Z  us-west-2       200                     redshift:DescribeClusters          root

The time is virtual. The answer is the HTTP status with the error code, ``hangs`` or ``closed`` where the Region is down. A call that a state
machine or a rule makes has no HTTP status: ``ok``, or its error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from emulator.aws.call_log import Call

_ERROR = re.compile(rb'(?:<Code>|"__type": ?"|"code": ?")([\w.#]+)')
_FIRST_ERROR = 400


class AccessLog:
    """Writes to a file, once it has one."""

    def __init__(self) -> None:
        """Begin without a file."""
        self._file: Any = None

    @property
    def on(self) -> bool:
        """Whether anybody wants to read it."""
        return self._file is not None

    def write_to(self, path: Path) -> None:
        """Append to this file from now on, each line at once."""
        if self._file is not None:
            self._file.close()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)

    def note(self, at: dt.datetime, region: str, answer: str, action: str, who: str) -> None:
        """Write one line."""
        if self._file is not None:
            self._file.write(f"{at:%Y-%m-%dT%H:%M:%SZ}  {region:<14}  {answer:<22}  {action:<33}  {who}\n")

    def note_call(self, call: Call) -> None:
        """Write a call that came over no wire."""
        if self._file is not None and call.via not in {"http", "lambda"}:
            who = f"{call.principal.rsplit('/', 1)[-1]} (by {call.via})"
            self.note(call.at, call.region, call.error or "ok", f"{call.service}:{call.operation}", who)


def in_words(answer: tuple[int, Any, bytes]) -> str:
    """The status of an answer; with its error code, if there is one."""
    status, _, body = answer
    found = _ERROR.search(body) if status >= _FIRST_ERROR and isinstance(body, bytes) else None
    return f"{status} {found[1].decode().rpartition('#')[2]}" if found else str(status)
