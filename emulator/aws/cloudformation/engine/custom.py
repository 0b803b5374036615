"""The protocol of custom resources: one event, one response, or none in time.

Sources: AWS CloudFormation user guide, "Custom resource request types", "Custom resource response objects" [D]; semantics.md 1 [D].
Guessed: the texts of errors; that a response without a physical id fails a Create (the guide calls it required).
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import get_region, new_uuid
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from emulator.aws.cloudformation.engine.settings import SETTINGS

_LARGEST_RESPONSE = 4096  # [D] "The total size of the response body can't exceed 4096 bytes"
_LONGEST_TIMEOUT = 3600  # [D] ServiceTimeout: 1 to 3600, 3600 unless given


class CustomResourceError(Exception):
    """A custom resource failed; ``physical_id`` is what it called itself, if it said so."""

    def __init__(self, reason: str, physical_id: str | None = None) -> None:
        super().__init__(reason)
        self.physical_id = physical_id


def send(
    request: str,
    *,
    stack_id: str,
    logical_id: str,
    kind: str,
    properties: dict[str, Any],
    old_properties: dict[str, Any] | None = None,
    physical_id: str | None = None,
) -> tuple[str, dict[str, Any]]:
    """Send one request and wait for its response; return the physical id and the attributes.

    Raises:
        CustomResourceError: the provider is not there, says FAILED, says nonsense, or says nothing within ServiceTimeout.
    """
    token = new_uuid()
    event: dict[str, Any] = {
        "RequestType": request,
        "RequestId": new_uuid(),
        "StackId": stack_id,
        "ServiceToken": properties.get("ServiceToken"),  # [D] request objects
        "ResponseURL": custom_resource._response_url(token),
        "ResourceType": kind,
        "LogicalResourceId": logical_id,
        "ResourceProperties": custom_resource._normalise_resource_properties(properties),  # numbers arrive as text [D]
    }
    if physical_id is not None:
        event["PhysicalResourceId"] = physical_id
    if old_properties is not None:
        event["OldResourceProperties"] = custom_resource._normalise_resource_properties(old_properties)
    return _read(request, _answer(token, event, properties), physical_id)


def _answer(token: str, event: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    seconds = _timeout(properties)
    began = SETTINGS.now()
    answered = custom_resource.register_token(token)
    try:
        _deliver(str(properties.get("ServiceToken", "")), token, event)
        left = seconds - (SETTINGS.now() - began)
        if not answered.is_set() and not SETTINGS.wait(answered, max(0.0, left)):
            msg = "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
            raise CustomResourceError(f"{msg}[{event['RequestId']}].")
        response: dict[str, Any] = custom_resource._pending[token]["result"] or {}
        return response
    finally:
        custom_resource._pending.pop(token, None)


def _timeout(properties: dict[str, Any]) -> float:
    given = properties.get("ServiceTimeout")
    seconds = _LONGEST_TIMEOUT if given is None else int(given)
    if not 1 <= seconds <= _LONGEST_TIMEOUT:
        raise CustomResourceError(f"ServiceTimeout {given} must be between 1 and {_LONGEST_TIMEOUT}.")
    return float(seconds)


def _deliver(service_token: str, token: str, event: dict[str, Any]) -> None:
    """Call the provider, asynchronously [D]: Lambda repeats a crash by itself, and only a response counts."""
    if service_token in SETTINGS.providers:
        response = SETTINGS.providers[service_token](json.loads(json.dumps(event)))
        if response is not None:
            custom_resource.deliver_response(token, response)
        return
    if f":lambda:{get_region()}:" not in service_token:
        raise CustomResourceError(f"Invalid ServiceToken {service_token}: it must be a function of {get_region()}.")
    record, config, _ = lambda_svc._get_func_record_for_ref(service_token)
    if record is None or config is None:
        raise CustomResourceError(f"Function not found: {service_token}")
    lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(record, config), event)


def _read(request: str, response: dict[str, Any], physical_id: str | None) -> tuple[str, dict[str, Any]]:
    """Read a response, with the service's own checks [D]."""
    said = response.get("PhysicalResourceId")
    if len(json.dumps(response)) > _LARGEST_RESPONSE:
        raise CustomResourceError("Response object is too long.", said)
    if response.get("Status") == "FAILED":
        raise CustomResourceError(
            f"Received response status [FAILED] from custom resource. Message returned: {response.get('Reason')}", said
        )
    if response.get("Status") != "SUCCESS":
        raise CustomResourceError("Invalid response status: it must be SUCCESS or FAILED.", said)
    if request != "Delete" and not said:
        raise CustomResourceError("Invalid PhysicalResourceId", said)
    return str(said or physical_id), response.get("Data") or {}


def invented_id(stack_name: str, logical_id: str) -> str:
    """The physical id of a resource that never said its own [semantics.md 1]; its form is a guess after what is seen in events."""
    return f"{stack_name}-{logical_id}-{new_uuid().replace(chr(45), '')[:12].upper()}"
