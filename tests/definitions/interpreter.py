"""A small interpreter of the Amazon States Language in JSONata, in virtual time, over real boto3 clients.

As narrow as our definitions: Task (SDK integrations), Choice, Wait, Pass, Succeed, Fail; Assign, Output, Retry and Catch.
What it does not know it refuses. Where Step Functions is strict it is strict too: undefined is an error, variables assigned
in one state are seen by the next, a result above 256 KiB ends the run with an error that States.ALL does not catch, and
25,000 events are a history's end.
"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
import typing
from dataclasses import dataclass, field
from typing import Any

from tests.definitions.expressions import QueryEvaluationError, resolve
from tests.definitions.sdk_calls import Dialect, StatesError, call, iso, java_style, pascal

if typing.TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from emulator.redshift_model import Clock

PAYLOAD_LIMIT = 256 * 1024
HISTORY_LIMIT = 25_000
_EVENTS = {"Task": 5, "Choice": 2, "Pass": 2, "Wait": 2, "Succeed": 2, "Fail": 1}
_KNOWN = {
    "Task": {"Resource", "Arguments", "TimeoutSeconds", "Retry", "Catch", "Assign", "Output", "Next", "End"},
    "Choice": {"Choices", "Default", "Assign", "Output"},
    "Pass": {"Output", "Assign", "Next", "End"},
    "Wait": {"Seconds", "Timestamp", "Assign", "Output", "Next", "End"},
    "Succeed": {"Output"},
    "Fail": {"Error", "Cause"},
}
_names = itertools.count(1)
#: What a state does: it yields times to wait for, and returns the next state, None at the end.
Steps: typing.TypeAlias = "Generator[dt.datetime, None, str | None]"


@dataclass
class Execution:
    """One run: its end, and what it went through."""

    name: str
    status: str = "RUNNING"
    output: Any = None
    error: str = ""
    cause: str = ""
    states: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    events: int = 0
    arn: str = ""

    @property
    def outcome(self) -> str:
        """The named outcome, however the run ended."""
        return self.output["outcome"] if self.status == "SUCCEEDED" else self.error


@dataclass
class Machine:
    """A state machine in one Region.

    Attributes:
        clients: boto3 clients by the service's name in Resource ("redshift", "cloudwatch", "sfn").
        dialect: how SDK errors are named.
        spelling: how a result's members are named.
        watch: told of each state right before it is entered; what it raises ends the run there, as a kill does.
        by_turns: whether a run pauses before each state, so that another one may go first.
    """

    definition: dict[str, Any]
    clock: Clock
    clients: Mapping[str, Any]
    arn: str = "arn:aws:states:us-east-1:111122223333:stateMachine:snapshots"
    dialect: Dialect = java_style
    spelling: typing.Callable[[str], str] = pascal
    watch: typing.Callable[[Execution, str], None] | None = None
    by_turns: bool = False

    def run(self, given: Any, **options: Any) -> Execution:
        """Run to the end; waiting lets the virtual time pass."""
        execution, steps = self.start(given, **options)
        for until in steps:
            self.clock.advance_to(until)
        return execution

    def start(self, given: Any, *, name: str | None = None) -> tuple[Execution, Iterator[dt.datetime]]:
        """Begin a run; each step yields the time at which it wants to go on."""
        execution = Execution(name or f"run-{next(_names)}")
        execution.arn = self.arn.replace(":stateMachine:", ":execution:") + f":{execution.name}"
        return execution, _Run(self, execution, copy.deepcopy(given)).steps()


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


class _Run:
    def __init__(self, machine: Machine, execution: Execution, given: Any) -> None:
        self.machine, self.execution, self.input = machine, execution, given
        self.started = machine.clock.now()
        self.entered = self.started
        self.retries = 0

    def steps(self) -> Iterator[dt.datetime]:
        states = self.machine.definition["States"]
        assert self.machine.definition["QueryLanguage"] == "JSONata"
        current: str | None = self.machine.definition["StartAt"]
        backstop = self.started + dt.timedelta(seconds=self.machine.definition.get("TimeoutSeconds", 99_999_999))
        yield self.started
        try:
            while current is not None:
                state = states[current]
                unknown = state.keys() - _KNOWN[state["Type"]] - {"Type", "Comment"}
                assert not unknown, f"{current}: {unknown} is not interpreted"
                if self.machine.by_turns:
                    yield self.machine.clock.now()
                if self.machine.watch is not None:
                    self.machine.watch(self.execution, current)
                self.execution.states.append(current)
                self.execution.events += _EVENTS[state["Type"]]
                assert self.execution.events <= HISTORY_LIMIT, "the execution's history is full"
                self.entered = self.machine.clock.now()
                if self.entered >= backstop:
                    self.execution.status = "TIMED_OUT"
                    return
                self.name = current
                current = yield from getattr(self, f"_{state['Type'].lower()}")(state)
        except QueryEvaluationError as error:
            self._end("States.QueryEvaluationError", str(error))
        except StatesError as error:
            self._end(error.name, error.cause)

    def _end(self, name: str, cause: str) -> None:
        self.execution.status, self.execution.error, self.execution.cause = "FAILED", name, cause

    def _scope(self, **states: Any) -> dict[str, Any]:
        context = {
            "Execution": {
                "Id": self.execution.arn,
                "Name": self.execution.name,
                "StartTime": iso(self.started),
                "Input": self.input,
            },
            "StateMachine": {"Id": self.machine.arn, "Name": self.machine.arn.rsplit(":", 1)[-1]},
            "State": {"Name": self.name, "EnteredTime": iso(self.entered), "RetryCount": self.retries},
        }
        return {**self.execution.variables, "states": {"input": self.input, "context": context, **states}}

    def _leave(self, state: Mapping[str, Any], scope: dict[str, Any], otherwise: Any) -> str | None:
        """Assign and Output see the same old variables."""
        assigned = resolve(state.get("Assign", {}), scope)
        output = resolve(state["Output"], scope) if "Output" in state else otherwise
        self.execution.variables.update(assigned)
        self.input = output
        if state.get("End"):
            self._well()
            return None
        return typing.cast("str", state["Next"])

    def _well(self) -> None:
        self.execution.status, self.execution.output = "SUCCEEDED", self.input

    def _pass(self, state: dict[str, Any]) -> Steps:
        yield from ()
        return self._leave(state, self._scope(), self.input)

    def _succeed(self, state: dict[str, Any]) -> Steps:
        yield from ()
        self.input = resolve(state["Output"], self._scope()) if "Output" in state else self.input
        self._well()
        return None

    def _fail(self, state: dict[str, Any]) -> Steps:
        yield from ()
        scope = self._scope()
        name, cause = resolve(state.get("Error", ""), scope), resolve(state.get("Cause", ""), scope)
        assert isinstance(name, str) and isinstance(cause, str)  # noqa: PT018
        self._end(name, cause)
        return None

    def _choice(self, state: dict[str, Any]) -> Steps:
        yield from ()
        scope = self._scope()
        for rule in state["Choices"]:
            assert rule.keys() <= {"Condition", "Next", "Assign", "Output", "Comment"}
            met = resolve(rule["Condition"], scope)
            if not isinstance(met, bool):
                raise QueryEvaluationError(f"{self.name}: a condition must be a boolean, got {met!r}")
            if met:
                return self._leave(rule, scope, self.input)
        if "Default" not in state:
            raise StatesError("States.NoChoiceMatched", self.name)
        return self._leave({**state, "Next": state["Default"]}, scope, self.input)

    def _wait(self, state: dict[str, Any]) -> Steps:
        seconds = resolve(state["Seconds"], self._scope())
        assert isinstance(seconds, int), seconds
        assert 0 <= seconds <= 99_999_999, seconds
        yield self.machine.clock.now() + dt.timedelta(seconds=seconds)
        return self._leave(state, self._scope(), self.input)

    def _task(self, state: dict[str, Any]) -> Steps:
        used: dict[int, int] = {}
        self.retries = 0
        while True:
            try:
                result = _limited(self._call(state, resolve(state.get("Arguments", {}), self._scope())))
                return self._leave(state, self._scope(result=result), result)
            except QueryEvaluationError as error:
                failure = StatesError("States.QueryEvaluationError", str(error))
            except StatesError as error:
                failure = error
            retrier = next((i for i, r in enumerate(state.get("Retry", [])) if _matches(r, failure)), None)
            if retrier is not None and used.get(retrier, 0) < state["Retry"][retrier].get("MaxAttempts", 3):
                policy = state["Retry"][retrier]
                wait = policy.get("IntervalSeconds", 1) * policy.get("BackoffRate", 2) ** used.get(retrier, 0)
                used[retrier] = used.get(retrier, 0) + 1
                self.retries += 1
                self.execution.events += 3
                yield self.machine.clock.now() + dt.timedelta(seconds=min(wait, policy.get("MaxDelaySeconds", wait)))
                continue
            catcher = next((c for c in state.get("Catch", []) if _matches(c, failure)), None)
            if catcher is None:
                raise failure
            output = {"Error": failure.name, "Cause": failure.cause}
            return self._leave(catcher, self._scope(errorOutput=output), output)

    def _call(self, state: dict[str, Any], arguments: dict[str, Any]) -> Any:
        return call(self.machine.clients, state["Resource"], arguments, self.machine.dialect, self.machine.spelling)


def _limited(result: Any) -> Any:
    if len(json.dumps(result)) > PAYLOAD_LIMIT:
        raise StatesError("States.DataLimitExceeded", "the result is larger than 256 KiB")
    return result


def _matches(handler: Mapping[str, Any], failure: StatesError) -> bool:
    names = handler["ErrorEquals"]
    if failure.name in {"States.DataLimitExceeded", "States.Runtime"}:
        return False  # terminal (Step Functions guide, "Handling errors")
    return (
        failure.name in names
        or "States.ALL" in names
        or ("States.TaskFailed" in names and failure.name != "States.Timeout")
    )
