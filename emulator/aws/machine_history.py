"""An execution's history as AWS keeps it: nothing after the end, TaskStarted, the former event's id, and its limits.

Also the place where an execution is cut down at a given state, which no caller outside could time: states take no virtual time.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from ministack.services import stepfunctions

from emulator.aws.machines import ExecutionEndedError

MOST_EVENTS = 25_000  # [D] quotas: then the execution fails
MOST_BYTES = 262_144  # [D] quotas: input or output of a task, state or execution
MOST_CAUSE, MOST_ERROR = 32_768, 256  # [D] API reference, SensitiveCause and SensitiveError
_TERMINAL = frozenset(
    {"States.Runtime", "States.DataLimitExceeded"}
)  # [D] error names: no Catch sees them, States.ALL neither
_TOO_LONG = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
_TOO_MUCH = "The state/task returned a result with a size exceeding the maximum number of bytes service limit."


@dataclasses.dataclass
class Ambush:
    """Where an execution is to be stopped: at a state's entry, or after its task has done its work."""

    state: str
    machine: str  # a part of the machine's name
    after: bool
    skip: int


_ambushes: list[Ambush] = []


def ambush(state: str, *, machine: str = "", after: bool = False, skip: int = 0) -> None:
    """Stop the next execution of ``machine`` that enters ``state`` (or whose task there has answered), but for ``skip`` times."""
    _ambushes.append(Ambush(state, machine, after, skip))


def ambushes() -> int:
    """How many of them nobody has met yet; they are forgotten."""
    left = len(_ambushes)
    _ambushes.clear()
    return left


def _fall(execution: dict[str, Any], kind: str, details: dict[str, Any]) -> bool:
    """Whether this event is where the execution is to be stopped."""
    entered = details.get("stateEnteredEventDetails", {}).get("name")
    if entered is not None:
        execution["_state"] = entered
    if entered is None and kind != "TaskSucceeded":
        return False
    machine = execution["stateMachineArn"].rsplit(":", 1)[-1]
    for one in _ambushes:
        if one.after != (entered is None) or one.state != execution.get("_state") or one.machine not in machine:
            continue
        if one.skip:
            one.skip -= 1
            return False
        _ambushes.remove(one)
        return True
    return False


def install() -> None:
    """Replace ministack's keeper of events, and what ends an execution."""
    _keep_events()
    _fail_once()
    _spare_the_terminal()


def _keep_events() -> None:
    original = stepfunctions._add_event

    def append(execution: dict[str, Any], kind: str, details: dict[str, Any] | None) -> dict[str, Any]:
        event: dict[str, Any] = original(execution, kind, details)
        event["previousEventId"] = event["id"] - 1
        if event["id"] == 2:
            execution["events"][0]["previousEventId"] = 0
        return event

    def add_event(execution: dict[str, Any], kind: str, details: dict[str, Any] | None = None) -> dict[str, Any]:
        if kind.startswith("Execution"):
            return append(execution, kind, details)
        if execution["status"] != "RUNNING":  # stopped meanwhile: it does no more
            raise ExecutionEndedError("stopped")
        if len(execution["events"]) >= MOST_EVENTS - 1:
            raise stepfunctions._ExecutionError("States.Runtime", _TOO_LONG)
        found = append(execution, kind, details)
        if _ambushes and _fall(execution, kind, details or {}):
            stepfunctions._stop_execution({"executionArn": execution["executionArn"], "cause": "ambushed"})
            raise ExecutionEndedError("stopped")
        if kind == "TaskScheduled":
            append(execution, "TaskStarted", {"taskStartedEventDetails": (details or {})["taskScheduledEventDetails"]})
        elif kind == "TaskSucceeded" and _size((details or {})["taskSucceededEventDetails"]["output"]) > MOST_BYTES:
            raise stepfunctions._ExecutionError("States.DataLimitExceeded", _TOO_MUCH)
        return found

    stepfunctions._add_event = add_event


def _fail_once() -> None:
    """What was stopped does not fail any more; error and cause have limits; a failed execution has no output [D]."""
    original = stepfunctions._fail_execution

    def fail_execution(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] != "RUNNING":
            return
        if (
            len(cause or "") > MOST_CAUSE or len(error or "") > MOST_ERROR
        ):  # what AWS does is not known [U]: a defect here
            error, cause = "States.Runtime", f"error of {len(error)} or cause of {len(cause)} characters: too long"
        original(execution, error, cause)
        execution["output"] = None

    stepfunctions._fail_execution = fail_execution


def _spare_the_terminal() -> None:
    original = stepfunctions._error_matches
    stepfunctions._error_matches = lambda names, error: error not in _TERMINAL and bool(original(names, error))


def _size(text: str) -> int:
    return len(text) if len(text) < MOST_BYTES // 4 else len(text.encode())
