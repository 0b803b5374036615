"""Stand-ins for ``threading`` and thread pools whose threads count as actors of the virtual time."""

from __future__ import annotations

import threading
import types
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from emulator.aws.timeline import Timeline


def counted_threading(timeline: Timeline) -> types.ModuleType:
    """Build a ``threading`` whose Thread, Event and waiting go by ``timeline``."""

    class CountedThread(threading.Thread):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._gone = timeline.gate()

        def start(self) -> None:
            timeline.enter()  # before the thread runs: time must not slip away in between
            super().start()

        def run(self) -> None:
            timeline.mark_actor(on=True)
            try:
                super().run()
            finally:
                with timeline.lock:
                    self._gone.open()
                    timeline.leave()

        def join(self, timeout: float | None = None) -> None:
            timeline.wait(self._gone, timeout, f"join {self.name}")

    class CountedEvent:
        def __init__(self) -> None:
            self._gate = timeline.gate()

        def set(self) -> None:
            self._gate.open()

        def is_set(self) -> bool:
            return self._gate.is_open

        def wait(self, timeout: float | None = None) -> bool:
            return timeline.wait(self._gate, timeout, "event")

    found = types.ModuleType("threading")
    found.__dict__.update(threading.__dict__)
    found.__dict__.update(Thread=CountedThread, Event=CountedEvent)
    return found


class CountedFuture:
    """What ``CountedPool.submit`` answers: just enough for ``concurrent.futures.wait``'s stand-in."""

    def __init__(self, timeline: Timeline) -> None:
        """Begin undone."""
        self.done = timeline.gate()


def counted_pool(timeline: Timeline) -> tuple[type, Callable[[Iterable[Any]], None]]:
    """Build a ThreadPoolExecutor and its ``wait``, for Map states: ``max_workers`` at a time, in order."""
    counted = counted_threading(timeline)

    class CountedPool:
        def __init__(self, max_workers: int) -> None:
            self._free = max_workers
            self._queue: list[tuple[CountedFuture, Callable[[], Any]]] = []

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            return None

        def submit(self, work: Callable[..., Any], *args: Any) -> CountedFuture:
            future = CountedFuture(timeline)
            with timeline.lock:
                self._queue.append((future, lambda: work(*args)))
                self._start_some()
            return future

        def _start_some(self) -> None:
            while self._free and self._queue:
                self._free -= 1
                future, work = self._queue.pop(0)
                counted.Thread(target=self._run, args=(future, work), daemon=True, name="map item").start()

        def _run(self, future: CountedFuture, work: Callable[[], Any]) -> None:
            try:
                work()
            finally:
                with timeline.lock:
                    self._free += 1
                    self._start_some()
                    future.done.open()

    def wait_for_all(futures: Iterable[CountedFuture]) -> None:
        for future in futures:
            timeline.wait(future.done, label="map")

    return CountedPool, wait_for_all
