"""Clients for the phases of a restore: botocore's models check what is sent, and name what is raised; a world answers.

Real boto3 clients (``hooked``) say the same, and take longer; these tests make a hundred thousand calls.
"""

from __future__ import annotations

import functools
import re
import types
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.validate

from emulator.redshift_model import ApiError
from emulator.redshift_model.errors import service_model

if TYPE_CHECKING:
    from collections.abc import Callable

    Answer = Callable[[str, str, dict[str, Any]], dict[str, Any]]


@functools.cache
def _shapes(service: str) -> dict[str, str]:
    """Wire codes and the names of the shapes that botocore makes exceptions of."""
    return {shape.error_code: shape.name for shape in service_model(service).error_shapes}


@functools.cache
def _operations(service: str) -> dict[str, str]:
    """boto3's method names and the API's operations."""
    names = service_model(service).operation_names
    return {
        re.sub(r"(?<=[a-z])([A-Z])", lambda m: "_" + m[1].lower(), name[0].lower() + name[1:]): name for name in names
    }


@functools.cache
def _error(service: str, code: str) -> type[botocore.exceptions.ClientError]:
    shape = _shapes(service).get(code)
    return botocore.exceptions.ClientError if shape is None else type(shape, (botocore.exceptions.ClientError,), {})


class Client:
    """One service, as far as a restore asks it."""

    def __init__(self, service: str, answer: Answer) -> None:
        self._service, self._answer = service, answer
        self.meta = types.SimpleNamespace(service_model=service_model(service))

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        return functools.partial(self._call, _operations(self._service)[method])

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        shape = service_model(self._service).operation_model(operation).input_shape
        report = botocore.validate.ParamValidator().validate(params, shape)
        if report.has_errors():
            raise botocore.exceptions.ParamValidationError(report=report.generate_report())
        try:
            return dict(self._answer(self._service, operation, params))
        except ApiError as error:
            response = {
                "Error": {"Code": error.code, "Message": error.message},
                "ResponseMetadata": {"HTTPStatusCode": error.status},
            }
            raise _error(self._service, error.code)(response, operation) from error


@functools.cache
def members_of_answer(service: str, operation: str) -> frozenset[str]:
    """The members that an answer may have."""
    shape = service_model(service).operation_model(operation).output_shape
    return frozenset(shape.members if shape is not None else ())
