"""Real boto3 clients without a network: botocore validates, our model answers, botocore raises its typed exceptions."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import boto3
import botocore.awsrequest
import botocore.config
from botocore.compat import HTTPHeaders

from emulator.redshift_model.errors import ApiError

Answer = Callable[[str, str, str, dict[str, Any]], dict[str, Any]]
_KEPT = "redshift_model_params"
_ids = itertools.count(1)


@functools.cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing")


def hooked(service: str, region: str, answer: Answer) -> Any:
    """Build a boto3 client of ``service`` in ``region`` whose every call is answered by ``answer``; nothing leaves the process."""
    client = _session().client(
        service,
        region_name=region,
        endpoint_url="http://127.0.0.1:9",  # discard port: a call that slipped past the hook fails loudly
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )

    def keep(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_KEPT] = params

    def reply(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        metadata = {"RequestId": f"request-{next(_ids)}", "HTTPHeaders": {}, "RetryAttempts": 0}
        try:
            parsed, status = answer(service, region, model.name, context[_KEPT]), 200
        except ApiError as error:
            status = error.status
            sender = "Sender" if error.status < 500 else "Receiver"
            parsed = {"Error": {"Type": sender, "Code": error.code, "Message": error.message}}
        parsed["ResponseMetadata"] = {**metadata, "HTTPStatusCode": status}
        return botocore.awsrequest.AWSResponse("", status, HTTPHeaders(), None), parsed

    client.meta.events.register(f"before-parameter-build.{service}", keep)
    client.meta.events.register(f"before-call.{service}", reply)
    return client
