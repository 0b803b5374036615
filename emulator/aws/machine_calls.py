"""Step Functions' calls: under the machine's role, recorded, and with the error names that AWS shows.

Redshift and its Data API go to the model, other services to ministack, but IAM is asked first, and the call is recorded.
Error names are those of the SDK for Java 2 (`java_names`); what a service's model does not list is ``Redshift.RedshiftException``
and the like [U] (so tests/definitions has it, too).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import botocore.exceptions
from ministack import app
from ministack.core.responses import get_region
from ministack.services import stepfunctions

from emulator.aws import sdk_calls
from emulator.aws.authorization import Denial, denied
from emulator.aws.call_log import Call
from emulator.aws.integration_rights import rights
from emulator.aws.java_names import SERVICES, exception, exception_of_code, from_wire, to_wire
from emulator.aws.machines import running
from emulator.redshift_model import ApiError
from emulator.redshift_model.errors import operation_model

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws.redshift_calls import RedshiftDoor
    from emulator.aws.world import EmulatedWorld

_NEVER_AWAIT = ("monitoring", "ssm", "sns", "kms", "states", "iam", "route53", "s3")
_MODELS = ("redshift", "redshiftdata")


def install(world: EmulatedWorld, door: RedshiftDoor) -> None:
    """Replace ministack's integrations."""
    original = stepfunctions._invoke_aws_sdk_integration

    def invoke(resource: str, given: Any) -> Any:
        service, action = resource.replace(".waitForTaskToken", "").split(":")[6:8]
        operation = action[0].upper() + action[1:]
        service = service.lower()
        if service in _MODELS:
            return _redshift(door, service, operation, given or {})
        if service in sdk_calls.HANDLERS:
            return _recorded(world, service, operation, given, lambda: sdk_calls.call(service, operation, given))
        return _recorded(world, service, operation, given, lambda: _renamed(service, lambda: original(resource, given)))

    stepfunctions._invoke_aws_sdk_integration = invoke
    call_lambda = stepfunctions._call_lambda

    def lambda_invoke(function: str, event: Any) -> Any:
        given = {"FunctionName": function}
        return _recorded(world, "lambda", "Invoke", given, lambda: call_lambda(function, event))

    stepfunctions._call_lambda = lambda_invoke
    _answer_in_thread()
    for resource, handler in list(stepfunctions._SERVICE_DISPATCH.items()):
        stepfunctions._SERVICE_DISPATCH[resource] = _optimized(world, resource, handler)


def _renamed(service: str, call: Callable[[], Any]) -> Any:
    """Give ministack's errors their names: it shows the wire's code behind the service's name."""
    try:
        return call()
    except stepfunctions._ExecutionError as error:
        prefix, _, code = error.error.partition(".")
        if service in SERVICES and prefix == SERVICES[service][1]:
            raise stepfunctions._ExecutionError(exception_of_code(service, code), error.cause) from None
        raise


def _answer_in_thread() -> None:
    """Answer for services that never await in the calling thread: two hops over the event loop cost a millisecond."""
    original = app.call_service_handler_sync
    quick = {id(app.SERVICE_HANDLERS[name]) for name in _NEVER_AWAIT}

    def call(handler: Any, *args: Any, **options: Any) -> Any:
        if id(handler) not in quick:
            return original(handler, *args, **options)
        answer = handler(*args)
        try:
            answer.send(None)
        except StopIteration as done:
            return done.value
        raise RuntimeError(f"{handler} awaits in this version of ministack: take it off _NEVER_AWAIT")

    app.call_service_handler_sync = call


def _optimized(world: EmulatedWorld, resource: str, handler: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    service, action = resource.split(":")[5:7]
    operation = action[0].upper() + action[1:]

    def call(full: str, given: Any) -> Any:
        return _recorded(world, service, operation, given, lambda: handler(full, given))

    return call


def _recorded(world: EmulatedWorld, service: str, operation: str, given: Any, call: Callable[[], Any]) -> Any:
    run = running.get()
    name = run.principal.role_arn if run else "states.amazonaws.com"
    entry = Call(world.now(), name, get_region(), service, operation, dict(given or {}), "states")
    with world.calls.record(entry):
        refusal: Denial | None = None
        if run is not None:
            refusal = denied(
                world,
                run.principal,
                rights(service, operation, given or {}, get_region(), world.account),
                get_region(),
            )
        if refusal is not None:
            entry.error = "AccessDenied"
            raise stepfunctions._ExecutionError(exception(service, None), refusal.message)
        try:
            return call()
        except stepfunctions._ExecutionError as error:
            entry.error = error.error
            raise


def _redshift(door: RedshiftDoor, service: str, operation: str, given: dict[str, Any]) -> Any:
    run = running.get()
    principal = run.principal if run else "states.amazonaws.com"
    name, prefix = SERVICES[service]
    try:
        model = operation_model(name, operation)
        params = to_wire(model.input_shape, given)
        answer = door.call(get_region(), operation, params, principal=principal, via="states", service=name)
        return from_wire(model.output_shape, answer)
    except ApiError as error:
        cause = f"{error.message} (Service: {prefix}, Status Code: {error.status}, Request ID: emulated)"
        raise stepfunctions._ExecutionError(exception(service, error.shape), cause) from None
    except (botocore.exceptions.ParamValidationError, NotImplementedError) as error:
        raise stepfunctions._ExecutionError("States.Runtime", str(error)) from None
