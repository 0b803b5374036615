"""A scheduler that runs two requests against one model, and tries every order of their API calls.

Each request runs in a thread of its own, but only one thread runs at any time: a request gives its turn back before
every API call and at every sleep. So each order is exact and repeats. A request that sleeps gets its next turn when the
other one sleeps too or has ended, because a sleep takes much longer than a call.

Orders that differ only in two reads side by side have the same effect. Most of them are left out.
"""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from emulator.redshift_model import Call, Clock, RedshiftModel
from emulator.redshift_model.client import hooked
from emulator.redshift_model.faults import is_mutating

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: No pair of requests needs as many calls. A request that never ends fails the test with this limit.
_MOST_STEPS: Final = 400
_clients: dict[tuple[str, str], Any] = {}


@dataclass(frozen=True)
class Order:
    """One order of the API calls of two requests, and what came of it."""

    model: RedshiftModel
    answers: tuple[Any, Any]
    calls: tuple[str, ...]

    def __str__(self) -> str:
        return " > ".join(self.calls)


class _Turns(Clock):
    """The virtual time of two requests. A sleep gives the turn to the other request."""

    def sleep(self, seconds: float) -> None:
        request = _Request.running
        if request is None:
            super().sleep(seconds)
        else:
            request.sleep(seconds)


class _TurnModel(RedshiftModel):
    """The model of Redshift. A request waits for its turn before each call."""

    current: _TurnModel

    def __init__(self) -> None:
        super().__init__(_Turns())
        self._callers: list[_Request | None] = []
        _TurnModel.current = self

    def mutating_calls(self, since: int = 0) -> list[Call]:
        """The mutating calls of the request whose turn it is, or of everybody after the end."""
        asking = _Request.running
        callers = self._callers[since:]
        return [
            call
            for call, caller in zip(self.calls[since:], callers, strict=True)
            if call.mutating and asking in {None, caller}
        ]

    def _client(self, service: str, region: str) -> Any:
        # A client costs more than a whole order of calls, so all orders share their clients.
        if (service, region) not in _clients:
            _clients[service, region] = hooked(service, region, _perform_now)
        return _clients[service, region]

    def perform(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if _Request.running is not None:
            _Request.running.before_call(operation)
        self._callers.append(_Request.running)
        return super().perform(service, region, operation, params)


def _perform_now(service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    """Let the model of the present order answer a call."""
    return _TurnModel.current.perform(service, region, operation, params)


class _Request:
    """One of the two requests, in its thread."""

    #: The request whose turn it is. None while the scene is set up, and after the end.
    running: _Request | None = None

    def __init__(self, name: str, work: Callable[[], Any], clock: Clock) -> None:
        self.name = name
        self.next_call: str | None = None
        self.asleep_until: dt.datetime | None = None
        self.ended = False
        self.answer: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._clock = clock
        self._turn = threading.Semaphore(0)
        self._back = threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Let the request run until its next call, its next sleep or its end."""
        self.next_call = self.asleep_until = None
        _Request.running = self
        self._turn.release()
        self._back.acquire()
        _Request.running = None
        if self.ended:
            self._thread.join()
        if self.error is not None:
            raise self.error

    def before_call(self, operation: str) -> None:
        self.next_call = operation
        self._give_back()

    def sleep(self, seconds: float) -> None:
        self.asleep_until = self._clock.now() + dt.timedelta(seconds=seconds)
        self._give_back()

    def _give_back(self) -> None:
        self._back.release()
        self._turn.acquire()

    def _run(self) -> None:
        self._turn.acquire()
        try:
            self.answer = self._work()
        except BaseException as error:  # noqa: BLE001 - the scheduler raises it in the test's thread
            self.error = error
        self.ended = True
        self._back.release()


@dataclass
class _Choice:
    """A step at which either request could go on."""

    taken: int
    others: list[int] = field(default_factory=list)


def every_order(
    scene: Callable[[RedshiftModel], dict[str, Callable[[], Any]]], *, most_switches: int | None = None
) -> Iterator[Order]:
    """Run two requests in every order of their calls.

    Args:
        scene: sets up a fresh model, and returns two requests by their names.
        most_switches: how often the turn may go to the other request while the one that has it could go on. Default:
            there is no limit.

    Yields:
        Each order after it has run.
    """
    choices: list[_Choice] = []
    while True:
        yield _run(scene, choices, most_switches)
        while choices and not choices[-1].others:
            choices.pop()
        if not choices:
            return
        choices[-1].taken = choices[-1].others.pop()


def _run(
    scene: Callable[[RedshiftModel], dict[str, Callable[[], Any]]],
    choices: list[_Choice],
    most_switches: int | None,
) -> Order:
    """Run one order. It follows the choices that are given, and adds those that come after them."""
    model = _TurnModel()
    requests = [_Request(name, work, model.clock) for name, work in scene(model).items()]
    for request in requests:
        request.step()
    calls: list[str] = []
    last: tuple[int, str] | None = None
    met = switches = 0
    while not all(request.ended for request in requests):
        ready = [number for number, request in enumerate(requests) if request.next_call is not None]
        if not ready:
            _wake(requests, model.clock)
            last = None
            continue
        if len(ready) == 1:
            number = ready[0]
        elif last is not None and switches == most_switches:
            number = last[0]
        else:
            if met == len(choices):
                # After a read of the second request, a read of the first one could as well have come before it.
                both_read = (
                    last is not None
                    and last[0] == 1
                    and not is_mutating(last[1])
                    and not is_mutating(str(requests[0].next_call))
                )
                choices.append(_Choice(1) if both_read else _Choice(0, [1]))
            number = choices[met].taken
            met += 1
            switches += last is not None and number != last[0]
        operation = str(requests[number].next_call)
        calls.append(f"{requests[number].name} {operation}")
        assert len(calls) < _MOST_STEPS, calls
        last = (number, operation)
        requests[number].step()
    return Order(model, (requests[0].answer, requests[1].answer), tuple(calls))


def _wake(requests: list[_Request], clock: Clock) -> None:
    """Let the time pass until the first sleep ends. Of two sleeps that end together, the first request's ends first."""
    times = [
        (request.asleep_until, number) for number, request in enumerate(requests) if request.asleep_until is not None
    ]
    until, number = min(times)
    clock.advance_to(until)
    requests[number].step()
