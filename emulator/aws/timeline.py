"""One virtual time for everything that runs: it stands still while anything works, and jumps to what is due next.

Three kinds of things meet here:

* actors: executions, invocations, branches. While one of them works, time stands still.
* sleepers: actors that wait for a moment or for each other. Time moves for them only if somebody outside is held up by
  them (``hurried``: a custom resource, a synchronous invocation, an execution that was started from outside, ``settle``).
* timers of the model's clock, and sources (schedules): they never move time, but whatever passes them makes them run.

So ``advance_to`` stops exactly where it was told to, with what a schedule started shortly before still in flight.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import heapq
import itertools
import threading
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.redshift_model import Clock


class Source(Protocol):
    """Something that falls due again and again, and is asked rather than set: a schedule."""

    def next_due(self) -> dt.datetime | None:
        """When it wants to run next; None: never, as things stand."""

    def fire(self) -> None:
        """Run what is due now; may start actors, may not wait."""


@dataclasses.dataclass(eq=False)
class Waiter:
    """One thread that waits: for a moment, for a gate, or for the first of both."""

    label: str
    due: dt.datetime | None
    actor: bool
    woken: threading.Event = dataclasses.field(default_factory=threading.Event)
    on_time: bool = False  # woken by time, not by a gate


class Gate:
    """What one thread opens and others wait for."""

    def __init__(self, timeline: Timeline) -> None:
        """Begin closed."""
        self._timeline = timeline
        self._waiters: list[Waiter] = []
        self.is_open = False

    def open(self) -> None:
        """Let everybody through; they count as working from this very moment."""
        with self._timeline.lock:
            self.is_open = True
            for waiter in self._waiters:
                self._timeline.wake(waiter)
            self._waiters.clear()


class Timeline:
    """The virtual time of one emulated AWS.

    Attributes:
        lock: guards the model, too: every call of it happens under this lock.
        clock: the model's.
    """

    def __init__(self, clock: Clock) -> None:
        """Take over ``clock``; nobody else may advance it."""
        self.clock = clock
        self.lock = threading.RLock()
        self.busy = 0
        self.hurried = 0
        self._sleepers: list[tuple[dt.datetime, int, Waiter]] = []
        self._order = itertools.count()
        self._sources: list[Source] = []
        self._target: dt.datetime | None = None
        self._idle: list[threading.Event] = []
        self._running = False
        self._local = threading.local()
        self.jumps = 0

    def now(self) -> dt.datetime:
        """The virtual time, UTC, aware."""
        return self.clock.now()

    def epoch(self) -> float:
        """The virtual time as ``time.time`` would tell it."""
        return self.clock.now().timestamp()

    def add_source(self, source: Source) -> None:
        """Let ``source`` run whenever time passes what it waits for."""
        self._sources.append(source)

    # Actors

    def enter(self) -> None:
        """Somebody begins to work: time stands still until he leaves or waits."""
        with self.lock:
            self.busy += 1

    def leave(self) -> None:
        """Somebody has done his work."""
        with self.lock:
            self.busy -= 1
            self._run()

    @contextlib.contextmanager
    def acting(self) -> Iterator[bool]:
        """Count this thread as an actor unless it is one already (then False)."""
        if self.is_actor():
            yield False
            return
        self.enter()
        self.mark_actor(on=True)
        try:
            yield True
        finally:
            self.mark_actor(on=False)
            self.leave()

    def is_actor(self) -> bool:
        """Whether this thread counts as an actor."""
        return bool(getattr(self._local, "actor", False))

    def mark_actor(self, *, on: bool) -> None:
        """Say that this thread is counted already (or no longer)."""
        self._local.actor = on

    def spawn(self, work: Callable[[], None], name: str) -> None:
        """Let ``work`` run as an actor in a thread of its own; it counts from now on."""
        self.enter()

        def run() -> None:
            self.mark_actor(on=True)
            try:
                work()
            finally:
                self.leave()

        threading.Thread(target=run, name=name, daemon=True).start()

    def gate(self) -> Gate:
        """Build a closed gate."""
        return Gate(self)

    def sleep(self, seconds: float, label: str = "") -> None:
        """Let ``seconds`` of virtual time pass for the calling actor; 0 or less: at once."""
        if seconds > 0:
            self.wait(None, seconds, label)

    def wait(
        self, gate: Gate | None, seconds: float | None = None, label: str = "", *, actor: bool | None = None
    ) -> bool:
        """Wait until ``gate`` opens, or for ``seconds`` of virtual time; tell whether the gate opened first.

        ``actor`` says whether an actor waits here; this thread is asked unless given (a request may wait for its sender).
        """
        actor = self.is_actor() if actor is None else actor
        with self.lock:
            if gate is not None and gate.is_open:
                return True
            due = None if seconds is None else self.now() + dt.timedelta(seconds=max(0.0, seconds))
            waiter = Waiter(label, due, actor)
            if gate is not None:
                gate._waiters.append(waiter)
            if due is not None:
                heapq.heappush(self._sleepers, (due, next(self._order), waiter))
            if actor:
                self.busy -= 1
            self._run()
        waiter.woken.wait()
        if gate is not None and waiter.on_time:
            with self.lock, contextlib.suppress(ValueError):
                gate._waiters.remove(waiter)
        return not waiter.on_time

    def wake(self, waiter: Waiter, *, on_time: bool = False) -> None:
        """Let one waiter go on (under the lock)."""
        if waiter.woken.is_set():
            return
        waiter.on_time = on_time
        if waiter.actor:
            self.busy += 1
        waiter.woken.set()

    @contextlib.contextmanager
    def hurrying(self) -> Iterator[None]:
        """Let time move for the sleepers as long as this lasts: somebody outside waits for them."""
        self.hurry()
        try:
            yield
        finally:
            self.relax()

    def hurry(self) -> None:
        """Somebody outside waits from now on."""
        with self.lock:
            self.hurried += 1
            self._run()

    def relax(self) -> None:
        """He waits no longer."""
        with self.lock:
            self.hurried -= 1

    # From outside

    def advance_to(self, when: dt.datetime) -> None:
        """Move to ``when`` with all that falls due on the way, each at its own time; return when nobody works any more."""
        with self.lock:
            self._target = max(when, self._target or when)
            done = self._when_idle()
        done.wait()

    def settle(self, at_most: dt.timedelta) -> bool:
        """Let everybody who waits for a moment finish; tell whether that came true within ``at_most`` of virtual time."""
        end = self.now() + at_most
        while True:
            with self.lock:
                due = self._first_sleeper()
                if due is not None and due > end:
                    return False
                if due is not None:
                    self._target = max(due, self._target or due)
                done = self._when_idle()
            done.wait()
            if due is None:
                with self.lock:
                    if self._first_sleeper() is None and self.busy == 0:
                        return True

    def describe(self) -> dict[str, object]:
        """Who works and who waits, for a report of a hang."""
        with self.lock:
            waiting = [
                {"due": due.isoformat(), "who": waiter.label}
                for due, _, waiter in sorted(self._sleepers, key=lambda entry: entry[:2])
                if not waiter.woken.is_set()
            ]
            return {
                "now": self.now().isoformat(),
                "busy": self.busy,
                "hurried": self.hurried,
                "jumps": self.jumps,
                "waiting": waiting,
            }

    # Under the lock

    def _when_idle(self) -> threading.Event:
        done = threading.Event()
        self._idle.append(done)
        self._run()
        return done

    def _first_sleeper(self) -> dt.datetime | None:
        while self._sleepers and self._sleepers[0][2].woken.is_set():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def _limit(self) -> dt.datetime | None:
        """How far time may move now; None: not at all."""
        sleeper = self._first_sleeper() if self.hurried else None
        return max((moment for moment in (sleeper, self._target) if moment is not None), default=None)

    def _next_due(self) -> dt.datetime | None:
        dues = [self.clock.next_due(), self._first_sleeper(), *(source.next_due() for source in self._sources)]
        return min((due for due in dues if due is not None), default=None)

    def _run(self) -> None:
        """Let time move as far as it may; whoever makes the last actor wait or leave runs this."""
        if self._running:
            return
        self._running = True
        try:
            while self.busy == 0:
                limit = self._limit()
                if limit is None:
                    break
                due = self._next_due()
                if due is None or due > limit:
                    if limit == self._target:
                        self.clock.advance_to(limit)
                        self._target = None
                        continue
                    break
                self._step(due)
        finally:
            self._running = False
        if self.busy == 0 and self._target is None:
            for done in self._idle:
                done.set()
            self._idle.clear()

    def _step(self, due: dt.datetime) -> None:
        self.jumps += 1
        self.clock.advance_to(due)  # runs the model's timers up to there
        if self.busy == 0:
            for source in self._sources:
                moment = source.next_due()
                if moment is not None and moment <= self.now():
                    source.fire()
        if self.busy == 0:
            first = self._first_sleeper()
            if first is not None and first <= self.now():
                _, _, waiter = heapq.heappop(self._sleepers)
                self.wake(waiter, on_time=True)
