"""Step Functions' calls: under the machine's role, recorded, and with the error names that AWS shows.

Redshift goes to the model. Other services go to ministack as before, but IAM is asked first, and the call is recorded.
Error names are those of the SDK for Java 2: the shape's name with ``Fault`` become ``Exception``, under the service's; what
the service's model does not list is ``Redshift.RedshiftException`` [U] (so tests/definitions has it, too).
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import botocore.exceptions
from ministack import app
from ministack.core.responses import get_region
from ministack.services import stepfunctions

from tests.emulator.redshift_model import ApiError
from tests.emulator.redshift_model.errors import operation_model

from .authorization import Denial, denied
from .call_log import Call
from .integration_rights import rights
from .machines import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from .redshift_calls import RedshiftDoor
    from .world import EmulatedWorld

_NEVER_AWAIT = ("monitoring", "ssm", "sns", "kms")
_DENIED = {  # the error that a denied call shows; "<Service>Exception" is what an SDK makes of an unmodelled code
    "cloudwatch": "CloudWatch.CloudWatchException",
    "ssm": "Ssm.SsmException",
    "sns": "Sns.SnsException",
    "lambda": "Lambda.AWSLambdaException",
    "sfn": "Sfn.SfnException",
}


def java_name(error: ApiError) -> str:
    """Name Redshift's error as Step Functions does."""
    return f"Redshift.{error.shape.removesuffix('Fault')}Exception" if error.shape else "Redshift.RedshiftException"


def install(world: EmulatedWorld, door: RedshiftDoor) -> None:
    """Replace ministack's integrations."""
    original = stepfunctions._invoke_aws_sdk_integration

    def invoke(resource: str, given: Any) -> Any:
        service, action = resource.replace(".waitForTaskToken", "").split(":")[6:8]
        operation = action[0].upper() + action[1:]
        if service == "redshift":
            return _redshift(door, operation, given or {})
        return _recorded(world, service.lower(), operation, given, lambda: original(resource, given))

    stepfunctions._invoke_aws_sdk_integration = invoke
    call_lambda = stepfunctions._call_lambda

    def lambda_invoke(function: str, event: Any) -> Any:
        given = {"FunctionName": function}
        return _recorded(world, "lambda", "Invoke", given, lambda: call_lambda(function, event))

    stepfunctions._call_lambda = lambda_invoke
    _answer_in_thread()
    for resource, handler in list(stepfunctions._SERVICE_DISPATCH.items()):
        stepfunctions._SERVICE_DISPATCH[resource] = _optimized(world, resource, handler)


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
            raise stepfunctions._ExecutionError(
                _DENIED.get(service, f"{service.capitalize()}.{service.capitalize()}Exception"), refusal.message
            )
        try:
            return call()
        except stepfunctions._ExecutionError as error:
            entry.error = error.error
            raise


def _redshift(door: RedshiftDoor, operation: str, given: dict[str, Any]) -> Any:
    run = running.get()
    principal = run.principal if run else "states.amazonaws.com"
    try:
        params = typed(operation_model("redshift", operation).input_shape, given)
        return jsonable(door.call(get_region(), operation, params, principal=principal, via="states"))
    except ApiError as error:
        cause = f"{error.message} (Service: Redshift, Status Code: {error.status}, Request ID: emulated)"
        raise stepfunctions._ExecutionError(java_name(error), cause) from None
    except (botocore.exceptions.ParamValidationError, NotImplementedError) as error:
        raise stepfunctions._ExecutionError("States.Runtime", str(error)) from None


def typed(shape: Any, value: Any) -> Any:
    """Give JSON values the types that ``shape`` wants: JSONata has one kind of number, JSON has no dates."""
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {key: typed(shape.members.get(key), item) for key, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [typed(shape.member, item) for item in value]
    if kind in {"integer", "long"} and isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "timestamp" and isinstance(value, str):
        return dt.datetime.fromisoformat(value)
    return value


def jsonable(value: Any) -> Any:
    """Answer as Step Functions shows it: dates as ISO 8601 with ``Z``."""
    return json.loads(json.dumps(value, default=_stamp))


def _stamp(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    raise TypeError(f"{type(value).__name__} has no place in a result")
