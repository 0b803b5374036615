"""Runs the phases of a long operation one after the other in virtual time, as their state machine does.

This is no interpreter of the Amazon States Language. The machine is the same few lines for each definition: call the
phase, wait, call the next one. tests/definitions holds the definitions to these lines.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.phases import CRASHED, FAILED, SUCCEEDED, RunTooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.redshift_model import Clock

#: How often the machine calls a phase again whose function died, and after how many seconds (the definitions' Retry).
RETRIES, RETRY_SECONDS = 2, 5
#: The events of a Task, a Wait and a Choice in a history, and the most events of one.
EVENTS_OF_A_PHASE, HISTORY_LIMIT = 9, 25_000
_names = itertools.count(1)


class FunctionDied(BaseException):
    """The function is gone in the midst of a phase: killed, out of memory or out of time. The machine calls it again."""


@dataclass
class Execution:
    """One run: its end, and the phases that it went through."""

    name: str
    arn: str
    status: str = "RUNNING"
    output: Any = None
    error: str = ""
    cause: str = ""
    states: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    events: int = 0

    @property
    def outcome(self) -> str:
        """The named outcome, however the run ended."""
        return self.output["outcome"] if self.status == "SUCCEEDED" else self.error


@dataclass
class Machine:
    """A machine in one Region.

    Attributes:
        first: the name of the first phase.
        handle: the function: takes ``{"phase", "run"}``, returns the answer.
        clock: the virtual clock.
        arn: the machine's ARN.
        watch: called right before each phase; what it raises ends the run there, as StopExecution does.
        by_turns: whether a run pauses before each phase, so that another one may go first.
    """

    first: str
    handle: Callable[[dict[str, Any]], dict[str, Any]]
    clock: Clock
    arn: str = "arn:aws:states:us-east-1:111122223333:stateMachine:snapshots"
    watch: Callable[[Execution, str], None] | None = None
    by_turns: bool = False

    def run(self, given: Any, **options: Any) -> Execution:
        """Run to the end; a wait lets the virtual time pass."""
        execution, steps = self.start(given, **options)
        for until in steps:
            self.clock.advance_to(until)
        return execution

    def start(self, given: Any, *, name: str | None = None) -> tuple[Execution, Iterator[dt.datetime]]:
        """Begin a run; each step yields the time at which it wants to go on."""
        name = name or f"run-{next(_names)}"
        execution = Execution(name, self.arn.replace(":stateMachine:", ":execution:") + f":{name}")
        return execution, self._steps(execution, given)

    def _steps(self, execution: Execution, given: Any) -> Iterator[dt.datetime]:
        began = self.clock.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
        run: Any = {"input": given, "execution": execution.arn, "machine": self.arn, "started": began}
        phase, event = self.first, {}
        while True:
            if self.by_turns and execution.states:
                yield self.clock.now()
            execution.states.append(phase)
            if self.watch is not None:
                self.watch(execution, phase)
            answer = yield from self._called(execution, {"phase": phase, "run": run, **event})
            event = {}
            if isinstance(answer, str):
                assert phase != CRASHED, "the phase after a crash must not crash"
                phase, event = CRASHED, {"crash": {"Error": "Lambda.Unknown", "Cause": answer}}
                continue
            run, phase = answer["run"], answer["next"]
            execution.says += [answer["says"]] if answer["says"] else []
            if phase in {SUCCEEDED, FAILED}:
                break
            if answer["wait_seconds"]:
                yield self.clock.now() + dt.timedelta(seconds=answer["wait_seconds"])
        execution.status = "SUCCEEDED" if phase == SUCCEEDED else "FAILED"
        if phase == SUCCEEDED:
            execution.output = answer["report"]
        else:
            execution.error, execution.cause = answer["error"], answer["cause"]

    def _called(self, execution: Execution, event: dict[str, Any]) -> Iterator[Any]:
        """Call the function as Step Functions does: what goes in and comes out is JSON, and a dead function is called again.

        Returns:
            The answer. A text: why there is none after the last try.
        """
        why = ""
        for attempt in range(RETRIES + 1):
            execution.events += EVENTS_OF_A_PHASE
            assert execution.events < HISTORY_LIMIT
            try:
                answer = self.handle(json.loads(json.dumps(event)))
                # Lambda writes UTF-8, and Step Functions reads JSON, which has neither NaN nor Infinity
                return json.loads(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode())
            except (FunctionDied, RunTooLarge, UnicodeEncodeError, ValueError, RecursionError) as error:
                why = str(error) or "the function died"
                if attempt < RETRIES:
                    yield self.clock.now() + dt.timedelta(seconds=RETRY_SECONDS)
        return why


def run_together(clock: Clock, *started: tuple[Execution, Iterator[dt.datetime]]) -> list[Execution]:
    """Run several executions side by side, in the order of virtual time; the first given goes first at the same instant."""
    due = {index: clock.now() for index in range(len(started))}
    while due:
        index = min(due, key=lambda i: (due[i], i))
        clock.advance_to(due[index])
        try:
            due[index] = next(started[index][1])
        except StopIteration:
            del due[index]
    return [execution for execution, _ in started]
