"""Errors as the wire carries them; names and HTTP statuses come from botocore's service models, not from memory."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import botocore.session

if TYPE_CHECKING:
    from botocore.model import OperationModel, ServiceModel

# Not in Redshift's model: the query API's "Common Errors" page [D]; which one answers which mistake is a guess unless said otherwise.
COMMON_ERRORS = {
    "AccessDenied": 403,
    "AccessDeniedException": 400,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InvalidParameterCombination": 400,
    "InvalidParameterValue": 400,
    "MissingParameter": 400,
    "OptInRequired": 403,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Throttling": 400,
    "ThrottlingException": 400,
    "ValidationError": 400,
}


_STATUS = {"InternalServerException": 500}  # where the model gives none: JSON services answer 400 but for this one


class ApiError(Exception):
    """One error answer of the API.

    Attributes:
        code: the wire code (``ClusterNotFound``), which botocore maps to its typed exception.
        message: AWS's words, or ours in their place.
        status: the HTTP status.
        shape: the error's shape name in botocore's model (``ClusterNotFoundFault``), None for errors common to all services.
    """

    def __init__(self, code: str, message: str = "", status: int = 400, shape: str | None = None) -> None:
        """Keep the four facts."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.shape = shape


class SimulatedKill(BaseException):
    """The process dies here: no ``except Exception`` may see it, as none sees a Lambda's timeout."""


@functools.cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's description of ``service`` ("redshift", "redshift-data" or "kms"), loaded once."""
    return _session().get_service_model(service)


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@functools.cache
def operation_model(service: str, operation: str) -> OperationModel:
    """Return botocore's description of one operation."""
    return service_model(service).operation_model(operation)


@functools.cache
def _errors(service: str) -> dict[str, tuple[str, str, int]]:
    """Shape name and wire code -> (shape name, wire code, HTTP status)."""
    found: dict[str, tuple[str, str, int]] = {}
    model = service_model(service)
    for name in model.shape_names:
        metadata = model.shape_for(name).metadata
        if metadata.get("exception"):
            error = metadata.get("error", {})
            entry = (name, str(error.get("code", name)), int(error.get("httpStatusCode", _STATUS.get(name, 400))))
            found[entry[0]] = found[entry[1]] = entry
    return found


def api_error(code: str, message: str = "", *, service: str = "redshift", status: int | None = None) -> ApiError:
    """Build the error that ``code`` names, by its shape name or its wire code.

    Raises:
        ValueError: neither the service's model nor the common errors know ``code``: a test with an invented error proves nothing.
    """
    if code in _errors(service):
        shape, wire, known_status = _errors(service)[code]
        return ApiError(wire, message or shape, status or known_status, shape)
    if code in COMMON_ERRORS:
        return ApiError(code, message or code, status or COMMON_ERRORS[code])
    msg = f"{service} knows no error {code!r}: neither a shape nor a wire code of its model, nor a common error"
    raise ValueError(msg)


def declared(service: str, operation: str, error: ApiError) -> bool:
    """Say whether botocore's model lists ``error`` for ``operation``; common errors may come from any."""
    return error.shape is None or error.shape in {
        shape.name for shape in operation_model(service, operation).error_shapes
    }
