"""The calls of Step Functions: a state machine invokes functions under its role, and does nothing else here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.core.responses import get_region
from ministack.services import stepfunctions

from emulator.aws.authorization import Right, denied
from emulator.aws.call_log import Call
from emulator.aws.machines import running

if TYPE_CHECKING:
    from emulator.aws.world import EmulatedWorld

_REFUSED = "Lambda.AWSLambdaException"


def install(world: EmulatedWorld) -> None:
    """Ask IAM about each invocation, and refuse every other integration."""
    _ask_before_functions(world)
    _refuse_all_else(world)


def _ask_before_functions(world: EmulatedWorld) -> None:
    call_lambda = stepfunctions._call_lambda

    def invoke(function: str, event: Any) -> Any:
        run, region = running.get(), get_region()
        arn = function if ":" in function else f"arn:aws:lambda:{region}:{world.account}:function:{function}"
        name = run.principal.role_arn if run else "states.amazonaws.com"
        entry = Call(world.now(), name, region, "lambda", "InvokeFunction", {"FunctionName": function}, "states")
        with world.calls.record(entry):
            refusal = run and denied(world, run.principal, [Right("lambda:InvokeFunction", arn)], region)
            if refusal is not None:
                entry.error = "AccessDenied"
                raise stepfunctions._ExecutionError(_REFUSED, refusal.message)
            try:
                return call_lambda(function, event)
            except stepfunctions._ExecutionError as error:
                entry.error = error.error
                raise

    stepfunctions._call_lambda = invoke


def _refuse_all_else(world: EmulatedWorld) -> None:
    """A machine of a former release may still call a service. IAM answers for it; nobody else does."""
    original = stepfunctions._invoke_resource

    def invoke(resource: str, given: Any) -> Any:
        if ":lambda:" in resource:
            return original(resource, given)
        run, (service, action) = running.get(), resource.split(":")[-2:]
        right = Right(f"{service}:{action[0].upper()}{action[1:]}")
        refusal = run and denied(world, run.principal, [right], get_region())
        if refusal is not None:
            raise stepfunctions._ExecutionError(f"{service.capitalize()}.AccessDenied", refusal.message)
        raise stepfunctions._ExecutionError("States.Runtime", f"the emulated AWS has no {resource}")

    stepfunctions._invoke_resource = invoke
