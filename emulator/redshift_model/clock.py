"""Virtual time: nothing in the tests sleeps, everything that takes time on AWS takes it here."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

START = dt.datetime(2026, 11, 23, 8, 15, tzinfo=dt.UTC)


class Clock:
    """A clock that only moves when told to, and runs what falls due on the way."""

    def __init__(self, start: dt.datetime = START) -> None:
        """Start at ``start`` (aware; 2026-11-23 08:15 UTC unless told)."""
        if start.tzinfo is None:
            msg = "start must carry a time zone"
            raise ValueError(msg)
        self._start = start.astimezone(dt.UTC)
        self._now = self._start
        self._timers: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> dt.datetime:
        """The virtual time, UTC, aware."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the start: stands in for ``time.monotonic``."""
        return (self._now - self._start).total_seconds()

    def next_due(self) -> dt.datetime | None:
        """When the next timer is due; None without one."""
        return self._timers[0][0] if self._timers else None

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` (0 or more) pass; due timers run in order, each at its own time."""
        self.advance_to(self._now + dt.timedelta(seconds=max(0.0, seconds)))

    def sleep(self, seconds: float) -> None:
        """Stand in for ``time.sleep``: the virtual time passes at once."""
        self.advance(seconds)

    def advance_to(self, when: dt.datetime) -> None:
        """Move to ``when``; a time in the past changes nothing."""
        while self._timers and self._timers[0][0] <= when:
            due, _, callback = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            callback()
        self._now = max(self._now, when)

    def call_later(self, seconds: float, callback: Callable[[], None]) -> None:
        """Run ``callback`` once ``seconds`` have passed; at once if that is 0 or less."""
        if seconds <= 0:
            callback()
            return
        heapq.heappush(self._timers, (self._now + dt.timedelta(seconds=seconds), next(self._order), callback))
