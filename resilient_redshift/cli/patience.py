"""How long the command waits for AWS: a sign after a second, a decision after 8, and Ctrl-C at once.

Each call runs in a thread of its own, and the command waits for the thread. So a Region that accepts a connection and
says nothing holds up nobody: neither the user who presses Ctrl-C, nor the end of the process.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
U = TypeVar("U")

#: The longest wait in one piece, in seconds. On Windows, Ctrl-C does not end a wait for a thread.
_PIECE: Final = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long the command waits, in seconds.

    Args:
        sign: until the user sees which Region the command waits for.
        decision: until a service of a Region that says nothing counts as unreachable.
        again: the same for a service that has been silent for that long already. An answer that comes later ends the
            silence, and the next call gets its whole time.
    """

    sign: float = 1.0
    decision: float = 8.0
    again: float = 1.0


DEFAULT: Final = Patience()


class SilentError(Exception):
    """A call got no answer in time.

    Args:
        seconds: how long the command waited.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"no answer within {seconds:.0f} s")
        self.seconds = seconds


class Task(Thread, Generic[T]):
    """A call in a thread of its own. The thread does not keep the process from ending.

    Args:
        work: the call.
        ended: called in the thread when the call has ended.
    """

    def __init__(self, work: Callable[[], T], ended: Callable[[Task[T]], None] = lambda _: None) -> None:
        super().__init__(daemon=True)
        self.error: BaseException | None = None
        #: Nobody waits for the result any more.
        self.abandoned = False
        self._work = work
        self._ended = ended
        self._result: T | None = None
        self._done = Event()

    def run(self) -> None:
        """Make the call."""
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self.error = error
        self._ended(self)
        self._done.set()

    def done(self, seconds: float) -> bool:
        """Wait for the end, at most that long."""
        return self._done.wait(min(_PIECE, max(0.0, seconds)))

    def result(self) -> T:
        """Wait for the result."""
        while not self.done(_PIECE):
            pass
        if self.error is not None:
            raise self.error
        return cast("T", self._result)


def abandoned() -> bool:
    """Whether this code runs in a call that nobody waits for any more."""
    task = current_thread()
    return isinstance(task, Task) and task.abandoned


class Waiter:
    """Waits for calls, and remembers which service of which Region is silent.

    Args:
        patience: how long to wait.
        waiting: called with a Region when its first sign is due, once for each Region.
        answered: whether an error is an answer.
    """

    def __init__(
        self, patience: Patience, waiting: Callable[[str], None], answered: Callable[[BaseException], bool]
    ) -> None:
        self._patience = patience
        self._waiting = waiting
        self._answered = answered
        self._silent_since: dict[tuple[str, str], float] = {}
        self._signed: set[str] = set()
        self._lock = Lock()

    def wait_for(self, region: str, service: str, work: Callable[[], T], *, decide: bool = True) -> T:
        """Make a call.

        Args:
            region: the Region.
            service: the service.
            work: the call.
            decide: whether to give up. Default: yes.

        Raises:
            SilentError: the service did not answer in time.
        """
        began = time.monotonic()
        silent_since = self._silent_since.setdefault((region, service), began)
        limit = max(self._patience.again, silent_since + self._patience.decision - began)
        task = Task(work, lambda ended: self._note(region, service, ended))
        task.start()
        done = False
        try:
            while not done:
                waited = time.monotonic() - began
                before_sign = self._patience.sign - waited
                if before_sign <= 0:
                    self._sign(region)
                left = limit - waited if decide else _PIECE
                done = task.done(min(left, before_sign) if before_sign > 0 else left)
                if decide and not done and waited >= limit:
                    break
        finally:
            task.abandoned = not done
        if not done:
            raise SilentError(limit)
        return task.result()

    def _note(self, region: str, service: str, task: Task[T]) -> None:
        """End the silence of a service that answered. A call that failed by itself was decided, too."""
        if task.error is None or not task.abandoned or self._answered(task.error):
            self._silent_since.pop((region, service), None)

    def _sign(self, region: str) -> None:
        with self._lock:
            if region in self._signed:
                return
            self._signed.add(region)
        self._waiting(region)


def together(works: Sequence[Callable[[], T]], at_once: int) -> list[T]:
    """Run all works, at most so many at the same time, and return their results in order."""
    results: dict[int, T] = {}
    left = deque(enumerate(works))

    def work_off() -> None:
        while left:
            try:
                number, work = left.popleft()
            except IndexError:  # another thread took the last one
                return
            results[number] = work()

    tasks = [Task(work_off) for _ in range(min(len(works), at_once))]
    for task in tasks:
        task.start()
    for task in tasks:
        task.result()
    return [results[number] for number in range(len(works))]


def both(first: Callable[[], T], second: Callable[[], U]) -> tuple[T, U]:
    """Run two works at the same time."""
    task = Task(first)
    task.start()
    result = second()
    return task.result(), result
