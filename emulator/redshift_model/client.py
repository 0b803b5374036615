"""Real boto3 clients without a network: botocore validates, our model answers, botocore raises its typed exceptions."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import boto3

from emulator.redshift_model.errors import ApiError

Answer = Callable[[str, str, str, dict[str, Any]], dict[str, Any]]
_ids = itertools.count(1)


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


@functools.cache
def _real(service: str, region: str) -> Any:
    """A client whose calls go out; botocore takes milliseconds to make one."""
    return _session().client(
        service,
        region_name=region,
        endpoint_url="http://127.0.0.1:9",  # discard port: a call that slipped past us fails loudly
    )


def hooked(service: str, region: str, answer: Answer) -> Any:
    """Build a boto3 client of ``service`` in ``region`` whose every call is answered by ``answer``; nothing leaves the process."""
    real = _real(service, region)
    client = object.__new__(type(real))
    vars(client).update(vars(real))

    def make_api_call(operation: str, given: dict[str, Any]) -> dict[str, Any]:
        model = client.meta.service_model.operation_model(operation)
        params = client._emit_api_params(given, model, {})
        client._serializer.serialize_to_request(params, model)  # which validates
        metadata = {"RequestId": f"request-{next(_ids)}", "HTTPHeaders": {}, "RetryAttempts": 0}
        try:
            parsed, status = answer(service, region, operation, params), 200
        except ApiError as error:
            status = error.status
            sender = "Sender" if error.status < 500 else "Receiver"
            parsed = {"Error": {"Type": sender, "Code": error.code, "Message": error.message}}
        parsed["ResponseMetadata"] = {**metadata, "HTTPStatusCode": status}
        if status == 200:
            return parsed
        raise client.exceptions.from_code(parsed["Error"]["Code"])(parsed, operation)

    client._make_api_call = make_api_call
    return client
