"""Step Functions' SDK integrations written and read by botocore, in place of ministack's guesses at shapes and names.

The request is what boto3 would send, the handler is ministack's service, the answer is read by botocore's parser: parameters that no SDK would
send are States.Runtime, lists are lists, numbers numbers. CloudWatch and SSM stay on ministack's own way: it is right there, and hot.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import botocore.parsers
import botocore.serialize
import botocore.validate
from botocore.awsrequest import HeadersDict
from ministack import app
from ministack.core.responses import get_region
from ministack.services import stepfunctions

from emulator.aws.java_names import SERVICES, exception_of_code, from_wire, to_wire
from emulator.redshift_model.errors import operation_model, service_model

if TYPE_CHECKING:
    from botocore.model import OperationModel

#: Step Functions' name of a service -> ministack's key of its handler.
HANDLERS = {"ec2": "ec2", "iam": "iam", "kms": "kms", "route53": "route53", "s3": "s3", "sfn": "states", "sns": "sns"}


@functools.cache
def _wire(service: str) -> tuple[Any, Any]:
    """Serializer and parser of a service's protocol."""
    protocol = str(service_model(SERVICES[service][0]).metadata["protocol"])
    return botocore.serialize.create_serializer(protocol), botocore.parsers.create_parser(protocol)


def call(service: str, operation: str, given: Any) -> Any:
    """Make one call of ``operation`` (PascalCase) and answer as Step Functions shows it.

    Raises:
        ministack's _ExecutionError: the service's refusal, by its name in the SDK for Java; parameters that no SDK would send.
    """
    names = service_model(SERVICES[service][0]).operation_names
    if operation not in names:
        raise stepfunctions._ExecutionError("States.Runtime", f"{service} has no operation {operation}")
    model = operation_model(SERVICES[service][0], operation)
    params = to_wire(model.input_shape, given or {})
    if service == "s3" and not isinstance(params.get("Body", ""), str):
        params["Body"] = json.dumps(
            params["Body"]
        )  # [D] a JSON value is written as JSON; a string's quotes are not known [U]
    if service == "route53":  # SDKs take the prefix off
        params = {
            name: value.removeprefix("/hostedzone/") if name in {"Id", "HostedZoneId"} else value
            for name, value in params.items()
        }
    if model.input_shape is not None:
        report = botocore.validate.ParamValidator().validate(params, model.input_shape)
        if report.has_errors():
            raise stepfunctions._ExecutionError("States.Runtime", report.generate_report())
    status, headers, body = _send(service, model, params)
    answer = {"status_code": status, "headers": HeadersDict(headers or {}), "body": _bytes(body)}
    parsed = _wire(service)[1].parse(answer, model.output_shape)
    if status >= 300:
        error = parsed["Error"]
        told = SERVICES[service][1]
        cause = f"{error.get('Message', '')} (Service: {told}, Status Code: {status}, Request ID: emulated)"
        raise stepfunctions._ExecutionError(exception_of_code(service, str(error.get("Code", ""))), cause)
    parsed.pop("ResponseMetadata", None)
    return from_wire(model.output_shape, parsed)


def _send(service: str, model: OperationModel, params: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
    request = _wire(service)[0].serialize_to_request(params, model)
    body, path = request["body"], str(request["url_path"])
    if isinstance(body, dict):
        body = urlencode(body, doseq=True)
    if service == "s3" and not path.startswith(f"/{params['Bucket']}"):
        path = f"/{params['Bucket']}{path}"  # the endpoint's rules put it there, not the serializer
    key, region = HANDLERS[service], get_region()
    headers = {
        **{name.lower(): str(value) for name, value in request["headers"].items()},
        "host": f"{key}.{region}.amazonaws.com",
        "authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{key}/aws4_request",
    }
    query = {name: [str(value)] for name, value in dict(request.get("query_string") or {}).items()}
    found: tuple[int, dict[str, str], Any] = app.call_service_handler_sync(
        app.SERVICE_HANDLERS[key], request["method"], path, headers, _bytes(body), query
    )
    return found


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    return value.encode() if isinstance(value, str) else bytes(value)
