"""Time that flows while somebody outside calls: for a person who waits for Redshift with commands of his own.

Without it time moves only where an execution or a test moves it, and whoever polls a cluster would wait for ever.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from emulator.aws.timeline import Timeline

#: Real time between two calls after which no more passes: whoever made a pause is not surprised by what has expired.
_MOST_SECONDS: Final = 30.0


class Flow:
    """Virtual time by the real time between calls.

    Attributes:
        factor: virtual seconds for each real second; 0: time does not flow.
    """

    def __init__(self, timeline: Timeline) -> None:
        """Begin with time that stands still."""
        self._timeline = timeline
        self._lock = threading.Lock()
        self._last = time.monotonic()
        self.factor = 0.0

    def set(self, factor: float) -> None:
        """Let time flow so fast from now on."""
        if factor < 0:
            raise ValueError(f"factor: got {factor}, time does not run backwards")
        with self._lock:
            self.factor, self._last = factor, time.monotonic()

    def pass_on(self) -> None:
        """Let the time since the last call pass, with all that falls due on the way."""
        with self._lock:
            now = time.monotonic()
            gap, self._last = min(now - self._last, _MOST_SECONDS), now
        self._timeline.advance_to(self._timeline.now() + dt.timedelta(seconds=gap * self.factor))
