"""Redshift's Data API on the wire: JSON 1.1, as botocore describes it; who may ask, the door asks."""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any

import botocore.exceptions
from ministack import app
from ministack.core import router

from emulator.aws.door_service import Answer, DoorService
from emulator.aws.sessions import principal_of
from emulator.redshift_model import ApiError, SimulatedKill, api_error
from emulator.redshift_model.errors import service_model

if TYPE_CHECKING:
    from emulator.aws.redshift_calls import RedshiftDoor

SERVICE = "redshift-data"
_TARGET = "RedshiftData"


def parse(headers: dict[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    """Read operation and parameters.

    Raises:
        ApiError: no such operation, or no JSON.
    """
    operation = str(headers.get("x-amz-target", "")).partition(".")[2]
    if operation not in service_model(SERVICE).operation_names:
        raise ApiError("UnknownOperationException", f"no operation {operation}", 400)
    try:
        return operation, json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", str(error), 400) from error


def success(result: dict[str, Any]) -> Answer:
    """Write an answer: dates are seconds since 1970."""
    return 200, _headers(), json.dumps(result, default=_plain).encode()


def failure(error: ApiError) -> Answer:
    """Write an error as the JSON protocol does."""
    written = json.dumps({"__type": error.shape or error.code, "Message": error.message, "message": error.message})
    return error.status, {**_headers(), "x-amzn-errortype": error.code}, written.encode()


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/x-amz-json-1.1", "x-amzn-requestid": str(uuid.uuid4())}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.timestamp()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in an answer")


class DataService(DoorService):
    """A service module as ministack's dispatcher wants it."""

    def _answer(self, headers: dict[str, str], body: bytes, region: str) -> Answer:
        caller = principal_of(router.extract_access_key_id(headers))
        try:
            operation, params = parse(headers, body)
            via = "lambda" if caller and caller.function_arn else "http"
            return success(
                self._door.call(region, operation, params, principal=caller or "root", via=via, service=SERVICE)
            )
        except ApiError as error:
            return failure(error)
        except botocore.exceptions.ParamValidationError as error:
            return failure(api_error("ValidationException", str(error), service=SERVICE))
        except NotImplementedError as error:
            return failure(ApiError("NotImplemented", str(error), 501))
        except SimulatedKill:
            return failure(ApiError("InternalFailure", "the caller was killed", 500))


def install(door: RedshiftDoor) -> None:
    """Make ministack route the Data API to the model."""
    app._loaded_modules[SERVICE] = DataService(door)
    app.SERVICE_REGISTRY[SERVICE] = {"module": SERVICE}
    app.SERVICE_HANDLERS[SERVICE] = app._lazy_handler(SERVICE)
    router.SERVICE_PATTERNS.setdefault(
        SERVICE,
        {"target_prefixes": [f"{_TARGET}."], "host_patterns": [r"redshift-data\."], "credential_scope": SERVICE},
    )
