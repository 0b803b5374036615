"""Redshift on the wire: the Query protocol, parsed by moto.core from botocore's model."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import botocore.exceptions
from ministack import app
from ministack.core import router
from moto.core.parse import QueryParser
from moto.core.utils import get_service_model

from emulator.aws import query_xml
from emulator.aws.door_service import Answer, DoorService
from emulator.aws.sessions import principal_of
from emulator.redshift_model import ApiError, SimulatedKill, api_error

if TYPE_CHECKING:
    from emulator.aws.redshift_calls import RedshiftDoor

_NAMESPACE = "http://redshift.amazonaws.com/doc/2012-12-01/"


@functools.cache
def _service() -> Any:
    """Return moto's view of botocore's description, which its parser and serializer need."""
    return get_service_model("redshift")


@functools.cache
def _operation(name: str) -> Any:
    return _service().operation_model(name)


def parse(body: bytes) -> tuple[str, dict[str, Any]]:
    """Read operation and parameters from a form.

    Raises:
        ApiError: no such action.
    """
    form = {key: values[0] for key, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    operation = form.get("Action", "")
    if operation not in _service().operation_names:
        raise api_error("ValidationError", f"Could not find operation {operation} for version 2012-12-01")
    request: Any = {"body": b"", "headers": {}, "method": "POST", "url_params": {}, "url_path": "/", "values": form}
    parser = QueryParser(_operation(operation), timestamp_parser=dt.datetime.fromisoformat)  # moto's drops the zone
    return operation, parser.parse(request)


def success(operation: str, result: dict[str, Any]) -> Answer:
    """Write an answer."""
    text = query_xml.written(_operation(operation), result, str(uuid.uuid4()))
    return 200, {"Content-Type": "text/xml"}, text.encode()


def failure(error: ApiError) -> Answer:
    """Write an error as the Query protocol does; moto's own loses the code of errors that the model does not list."""
    fault = "Sender" if error.status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{_NAMESPACE}"><Error><Type>{fault}</Type><Code>{escape(error.code)}</Code>'
        f"<Message>{escape(error.message)}</Message></Error><RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return error.status, {"Content-Type": "text/xml"}, body.encode()


class RedshiftService(DoorService):
    """A service module as ministack's dispatcher wants it."""

    def _answer(self, headers: dict[str, str], body: bytes, region: str) -> Answer:
        caller = principal_of(router.extract_access_key_id(headers))
        try:
            operation, params = parse(body if isinstance(body, bytes) else str(body).encode())
            result = self._door.call(
                region,
                operation,
                params,
                principal=caller or "root",
                via="lambda" if caller and caller.function_arn else "http",
            )
            return success(operation, result)
        except ApiError as error:
            return failure(error)
        except botocore.exceptions.ParamValidationError as error:
            return failure(api_error("ValidationError", str(error)))
        except NotImplementedError as error:
            return failure(ApiError("NotImplemented", str(error), 501))
        except SimulatedKill:
            if caller is not None and caller.function_arn:
                from emulator.aws.functions import kill  # a cycle otherwise: functions sign with sessions, too

                kill(caller.function_arn)
            return failure(ApiError("InternalFailure", "the caller was killed", 500))


def install(door: RedshiftDoor) -> None:
    """Make ministack route Redshift to the model."""
    app._loaded_modules["redshift"] = RedshiftService(door)
    app.SERVICE_REGISTRY["redshift"] = {"module": "redshift"}
    app.SERVICE_HANDLERS["redshift"] = app._lazy_handler("redshift")
    router.SERVICE_PATTERNS.setdefault("redshift", {"host_patterns": [r"redshift\."], "credential_scope": "redshift"})
