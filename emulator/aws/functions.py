"""Lambda: an invocation is an actor of the virtual time, with a timeout in virtual time, and can be killed."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import threading
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services import eventbridge, lambda_svc

from emulator.aws import function_processes
from emulator.aws.callers import Caller, caller
from emulator.aws.events import Attempt, attempt

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld

_SHIM = Path(__file__).parent / "lambda_shim"
_RETRY_DELAYS = (60.0, 120.0)  # [D] Lambda guide, asynchronous invocation: one minute, then two
_STAYS_WARM = dt.timedelta(minutes=10)  # [U] AWS names no time
_REAL_PATIENCE = 600.0  # a dead process is noticed at once; a slow machine is none of the function's business


@dataclasses.dataclass(eq=False)
class Invocation:
    """One invocation under way."""

    worker: Any
    function_arn: str
    deadline: dt.datetime
    timed_out: bool = False

    @property
    def process(self) -> Any:
        """The function's process; None before it is started."""
        return self.worker._proc


_active: list[Invocation] = []


def kill(function_arn: str) -> int:
    """Kill the processes of a function that are at work; tell how many."""
    name = function_arn.rsplit(":function:", 1)[-1].split(":", maxsplit=1)[0]
    found = [i for i in _active if f":function:{name}" in i.function_arn or i.function_arn.endswith(f":{name}")]
    for invocation in found:
        if invocation.process is not None:
            invocation.process.kill()
    return len(found)


def sleep(world: EmulatedWorld, seconds: float, pid: int) -> None:
    """Let time pass for the invocation whose process is ``pid``; it dies where its timeout comes first."""
    timeline = world.timeline
    found = next((i for i in _active if i.process is not None and i.process.pid == pid), None)
    if found is None:
        return  # a process that outlived its invocation
    left = (found.deadline - timeline.now()).total_seconds()
    label = f"function {found.function_arn.rsplit(':', 1)[-1]}"
    if seconds < left:
        timeline.wait(None, seconds, label, actor=True)
        return
    timeline.wait(None, max(0.0, left), label, actor=True)
    found.timed_out = True
    found.process.kill()


def install(world: EmulatedWorld) -> None:
    """Bring Lambda under the virtual time."""
    os.environ["EMULATED_AWS_CLOCK"] = os.environ["EMULATED_AWS_CLOCK_FILE"]
    os.environ["EMULATED_AWS_PORT"] = str(world.port)
    os.environ["PYTHONPATH"] = str(_SHIM)  # of the functions alone: nobody else is started with this environment
    lambda_runtime.threading = _patient_threading()
    lambda_runtime._NODEJS_WORKER_SCRIPT = refusing(lambda_runtime._NODEJS_WORKER_SCRIPT)
    function_processes.install()
    _count_invocations(world)
    _invoke_asynchronously(world)


def refusing(script: str) -> str:
    """Let the stub of Lambda's client that Node functions get throw what is refused, as AWS's does; it takes all for answers."""
    answered = 'res.on("end", () =>\n            resolve({\n              StatusCode'
    if script.count(answered) != 1:
        raise RuntimeError("ministack's stub of Lambda's client for Node is another one by now")
    refused = "res.statusCode >= 400 ? reject(new Error(Buffer.concat(chunks).toString())) : "
    return script.replace(answered, answered.replace("resolve(", f"{refused}resolve("))


def _patient_threading() -> types.ModuleType:
    """Build a ``threading`` whose joins wait long: the timeout that a function has is virtual."""

    class PatientThread(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            super().join(None if timeout is None else max(timeout, _REAL_PATIENCE))

    found = types.ModuleType("threading")
    found.__dict__.update(threading.__dict__)
    found.__dict__["Thread"] = PatientThread
    return found


def _count_invocations(world: EmulatedWorld) -> None:
    timeline = world.timeline
    invoke = lambda_runtime.Worker.invoke

    def counted(self: Any, event: Any, request_id: str, **more: Any) -> dict[str, Any]:
        with contextlib.ExitStack() as stack:
            if not timeline.is_actor() and caller.get() is not Caller.FUNCTION:
                # a function that invokes another and waits lends it its own place among the actors
                stack.enter_context(timeline.acting())
                stack.enter_context(timeline.hurrying())
            _start(world, self)
            seconds = int(self.config.get("Timeout", 3))
            deadline = timeline.now() + dt.timedelta(seconds=seconds)
            invocation = Invocation(self, self.config.get("FunctionArn", ""), deadline)
            _active.append(invocation)
            try:
                result: dict[str, Any] = invoke(self, event, request_id, **more)
            finally:
                _active.remove(invocation)
                self.idle_since = timeline.now()
            if invocation.timed_out:
                result["error"] = f"Task timed out after {seconds}.00 seconds"
            return result

    lambda_runtime.Worker.invoke = counted


def _start(world: EmulatedWorld, worker: Any) -> None:
    """Let the time of a cold start pass, for a function's first run and after a while without one."""
    alive = worker._proc is not None and worker._proc.poll() is None
    if world.cold_start_seconds and not (alive and world.now() - worker.idle_since < _STAYS_WARM):
        # whoever invokes counts as an actor, and so does this thread for him
        world.timeline.wait(None, world.cold_start_seconds, "cold start", actor=True)


def _invoke_asynchronously(world: EmulatedWorld) -> None:
    """Asynchronous invocations: at once, then after one and two minutes; ministack's delays are real and shorter."""

    def invoke_async(func: dict[str, Any], event: Any) -> None:
        config = func.get("config") or func
        given = func.get("event_invoke_config") or (func.get("event_invoke_configs") or {}).get("$LATEST") or {}
        retries = given.get("MaximumRetryAttempts")
        delays = _RETRY_DELAYS[: 2 if retries is None else int(retries)]
        name = config.get("FunctionName", "unknown")

        def run() -> dict[str, Any]:
            """One run, which Lambda counts in its metrics."""
            result: dict[str, Any] = lambda_svc._execute_function_with_config_scope(func, event)
            given = (name, 0.0, bool(result.get("error")), False)
            lambda_svc._run_with_function_config_scope(config, lambda_svc._emit_lambda_metrics, *given)
            return result

        def work() -> None:
            result = run()
            for delay in delays:
                if not result.get("error"):
                    return
                world.timeline.sleep(delay, f"retry of {name}")
                result = run()
            target = (given.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination") or (
                config.get("DeadLetterConfig") or {}
            ).get("TargetArn")
            if result.get("error") and target:
                lambda_svc._run_with_function_config_scope(
                    config, lambda_svc._route_async_failure, target, name, event, result
                )

        world.timeline.spawn(work, f"invocation of {name}")

    def from_rule(arn: str, payload: str) -> None:
        import json

        func, config, _ = lambda_svc._get_func_record_for_ref(arn)
        if func and config:
            invoke_async(lambda_svc._execution_record_for_config(func, config), json.loads(payload))
        else:  # not tried again, as a missing permission is not [D] EventBridge guide, "Using dead-letter queues"
            (attempt.get() or Attempt("")).refused = f"Function not found: {arn}"

    lambda_svc.invoke_async_with_retry = invoke_async
    eventbridge._dispatch_to_lambda = from_rule
