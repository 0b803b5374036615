"""The model's clock, with its hands in a small file that functions' processes map: they read the time without asking."""

from __future__ import annotations

import datetime as dt
import mmap
import struct
from typing import TYPE_CHECKING

from emulator.redshift_model import Clock

if TYPE_CHECKING:
    from pathlib import Path

_SIZE = mmap.PAGESIZE


class SharedClock(Clock):
    """A clock whose time other processes see as a double, seconds since 1970, at the file's beginning."""

    def __init__(self, path: Path, start: dt.datetime) -> None:
        """Write the time to ``path``, which is made."""
        path.write_bytes(b"\0" * _SIZE)
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _SIZE)
        super().__init__(start)

    def __setattr__(self, name: str, value: object) -> None:
        """Move the hands wherever the clock is set."""
        super().__setattr__(name, value)
        if name == "_now" and isinstance(value, dt.datetime):
            self._map[:8] = struct.pack("<d", value.timestamp())
