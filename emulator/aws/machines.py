"""Step Functions in virtual time: executions, branches and map items are actors; waits, retries and timeouts are virtual.

Rules: a Retry's delay grows by BackoffRate and is capped by MaxDelaySeconds [D]; with JitterStrategy FULL the longest delay is
taken (AWS draws one; guess that the worst is the one to test). TimeoutSeconds of a machine runs no Catch [D]; of a Task it is
States.Timeout [D], noticed when the call ends.
"""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from emulator.aws.callers import Caller, caller
from emulator.aws.sessions import Principal, assume
from emulator.aws.threads import counted_pool, counted_threading
from emulator.aws.virtual_modules import virtual_datetime, virtual_time

if TYPE_CHECKING:
    from emulator.aws.timeline import Gate, Timeline
    from emulator.aws.world import EmulatedWorld


@dataclasses.dataclass
class Run:
    """One execution under way."""

    principal: Principal
    deadline: dt.datetime | None
    stopped: Gate
    down: dict[str, Gate]


class ExecutionEndedError(BaseException):
    """The execution ends here, whatever the definition says; no Catch sees it."""


running: contextvars.ContextVar[Run | None] = contextvars.ContextVar("emulated_aws_run", default=None)
_runs: dict[str, Run] = {}


def install(world: EmulatedWorld) -> None:
    """Bring Step Functions under the virtual time."""
    timeline = world.timeline
    stepfunctions.threading = counted_threading(timeline)
    stepfunctions.time = virtual_time(timeline)
    stepfunctions.datetime = virtual_datetime(timeline)
    stepfunctions.ThreadPoolExecutor, stepfunctions.futures_wait = counted_pool(timeline)
    stepfunctions._scaled_sleep = lambda seconds: wait(timeline, float(seconds))
    stepfunctions._sleep_until = lambda stamp: wait(timeline, (_moment(stamp) - timeline.now()).total_seconds())
    stepfunctions._invoke_resource_with_timeout = _timed(timeline)
    _retry_as_documented(timeline)
    _run_as_actor(world)
    _stop_at_once()


def wait(timeline: Timeline, seconds: float) -> None:
    """Let time pass for the running execution; ends it at its deadline or when it is stopped."""
    run = running.get()
    if run is None:
        timeline.sleep(seconds, "execution")
        return
    if seconds > 0:
        _wait(timeline, run, seconds)
    stand_still_while_down(timeline, run)


def stand_still_while_down(timeline: Timeline, run: Run) -> None:
    """Wait for the execution's Region to be back; its deadline passes meanwhile (guess)."""
    gate = run.down.get(get_region())
    if gate is not None:
        timeline.wait(gate, label=f"execution {run.principal.session_name}, {get_region()} is down")


def _wait(timeline: Timeline, run: Run, seconds: float) -> None:
    left = seconds if run.deadline is None else (run.deadline - timeline.now()).total_seconds()
    stopped = timeline.wait(run.stopped, max(0.0, min(seconds, left)), f"execution {run.principal.session_name}")
    if stopped:
        raise ExecutionEndedError("stopped")
    if left < seconds:
        raise ExecutionEndedError("timed out")


def _moment(stamp: str) -> dt.datetime:
    return dt.datetime.fromisoformat(stamp)


def _timed(timeline: Timeline) -> Any:
    def invoke(resource: str, given: Any, timeout: float) -> Any:
        end = timeline.now() + dt.timedelta(seconds=float(timeout))
        result = stepfunctions._invoke_resource(resource, given)
        if timeline.now() > end:
            raise stepfunctions._ExecutionError("States.Timeout", f"Task timed out after {timeout} seconds")
        return result

    return invoke


def _retry_as_documented(timeline: Timeline) -> None:
    find = stepfunctions._find_matching_retrier

    def waited(retriers: list[dict[str, Any]], error: str, counts: dict[int, int]) -> tuple[Any, int]:
        retrier, index = find(retriers, error, counts)
        if retrier is None:
            return None, -1
        delay = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** counts.get(index, 0)
        wait(timeline, min(delay, retrier.get("MaxDelaySeconds", delay)))
        return {**retrier, "IntervalSeconds": 0}, index  # ministack's own wait, capped at 60 s, is over at once

    stepfunctions._find_matching_retrier = waited


def _run_as_actor(world: EmulatedWorld) -> None:
    timeline = world.timeline
    original = stepfunctions._run_execution

    def run_execution(arn: str) -> None:
        execution = stepfunctions._executions.get(arn)
        machine = execution and stepfunctions._state_machines.get(execution["stateMachineArn"])
        if not machine:
            original(arn)
            return
        limit = _timeout_seconds(machine["definition"])
        deadline = None if limit is None else timeline.now() + dt.timedelta(seconds=limit)
        run = Run(assume(machine["roleArn"], execution["name"]), deadline, timeline.gate(), world.down)
        _runs[arn] = run
        running.set(run)
        with contextlib.ExitStack() as stack:
            stack.enter_context(timeline.acting())
            if caller.get() is Caller.OUTSIDE and not world.held:
                stack.enter_context(timeline.hurrying())
            caller.set(Caller.NOBODY)
            try:
                original(arn)
            except ExecutionEndedError as ended:
                if str(ended) == "timed out":
                    _time_out(execution)
            finally:
                _runs.pop(arn, None)
                running.set(None)

    stepfunctions._run_execution = run_execution


def _timeout_seconds(definition: str) -> float | None:
    try:
        found = json.loads(definition).get("TimeoutSeconds")
    except ValueError:
        return None
    return None if found is None else float(found)


def _time_out(execution: dict[str, Any]) -> None:
    execution["status"] = "TIMED_OUT"
    execution["stopDate"] = stepfunctions.now_iso()
    stepfunctions._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    stepfunctions._emit_execution_status_event(execution)


def _stop_at_once() -> None:
    stop = stepfunctions._stop_execution

    def stop_execution(data: dict[str, Any]) -> Any:
        answer = stop(data)
        run = _runs.get(data.get("executionArn", ""))
        if run is not None:
            run.stopped.open()
        return answer

    stepfunctions._stop_execution = stop_execution
