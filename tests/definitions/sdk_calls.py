"""One SDK integration's call over a real boto3 client: names as Step Functions spells them, errors as the SDK for Java does."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import typing
from typing import Any

import botocore.exceptions
import botocore.model

if typing.TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RESOURCE = re.compile(r"arn:[a-z-]+:states:::aws-sdk:([a-z0-9]+):([a-zA-Z0-9]+)")
_PREFIXES = {"cloudwatch": "CloudWatch", "redshiftdata": "RedshiftData"}

#: How an SDK's error is spelt: (shape or None, wire code, service prefix) -> error name.
Dialect = typing.Callable[[str | None, str, str], str]


def java_style(shape: str | None, code: str, service: str) -> str:
    """The SDK for Java's class: ClusterNotFoundException; RedshiftException for what the model does not list [U]."""
    if not shape:
        return f"{service}.{service}Exception"
    return f"{service}.{shape.removesuffix('Fault').removesuffix('Exception')}Exception"


class StatesError(Exception):
    """An error inside an execution."""

    def __init__(self, name: str, cause: str = "") -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


def iso(moment: dt.datetime) -> str:
    """A time as Step Functions writes it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@functools.cache
def pascal(name: str) -> str:
    """A member as SDK integrations spell it: the SDK for Java's name, capitalised (DbName, Ttl, but MultiAZ) [I].

    The guide says "PascalCase"; users' definitions show DbClusterIdentifier and Ttl. The rule is the SDK generator's own:
    the first letters go to lower case up to the one that begins the next word.
    """
    end = 1
    while end < len(name) and name[end].isupper() and not name[end + 1 : end + 2].islower():
        end += 1
    return name[0].upper() + name[1:end].lower() + name[end:]


def as_in_api(name: str) -> str:
    """The other belief: the API's own name, capitalised."""
    return name[0].upper() + name[1:]


def call(
    clients: Mapping[str, Any],
    resource: str,
    arguments: dict[str, Any],
    dialect: Dialect,
    spelling: Callable[[str], str] = pascal,
) -> Any:
    """Make the call that ``resource`` names, and return its result as JSON."""
    match = _RESOURCE.fullmatch(resource)
    assert match is not None, resource
    service, action = match.groups()
    client = clients[service]
    prefix = _PREFIXES.get(service, service.capitalize())
    operation = client.meta.service_model.operation_model(action[0].upper() + action[1:])
    method = re.sub(r"(?<=[a-z])([A-Z])", lambda m: "_" + m[1].lower(), action)
    try:
        answer = getattr(client, method)(**_written(operation.input_shape, arguments))
    except botocore.exceptions.ParamValidationError as error:
        raise StatesError("States.Runtime", str(error)) from error
    except botocore.exceptions.ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        modeled = type(error) is not botocore.exceptions.ClientError
        name = dialect(type(error).__name__ if modeled else None, code, prefix)
        raise StatesError(name, f"{message} (Service: {prefix}, Status Code: {status}, Request ID: r)") from error
    answer.pop("ResponseMetadata", None)
    return json.loads(json.dumps(_told(operation.output_shape, answer, spelling), default=iso))


def _written(shape: botocore.model.Shape | None, value: Any) -> Any:
    """Arguments in the API's spelling."""
    if isinstance(shape, botocore.model.StructureShape) and isinstance(value, dict):
        members = {pascal(name): name for name in shape.members}
        unknown = value.keys() - members.keys()
        if unknown:  # a schema violation, which Step Functions refuses before it calls
            raise StatesError("States.Runtime", f"{shape.name} has no {', '.join(sorted(unknown))}")
        return {members[key]: _written(shape.members[members[key]], child) for key, child in value.items()}
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list):
        return [_written(shape.member, child) for child in value]
    if shape is not None and shape.type_name == "blob":
        return value if isinstance(value, str) else json.dumps(value)  # a body given as JSON is written as JSON
    return value


def _told(shape: botocore.model.Shape | None, value: Any, spelling: Callable[[str], str]) -> Any:
    """A result in Step Functions' spelling."""
    if isinstance(shape, botocore.model.StructureShape) and isinstance(value, dict):
        return {spelling(name): _told(shape.members.get(name), child, spelling) for name, child in value.items()}
    if isinstance(shape, botocore.model.ListShape) and isinstance(value, list):
        return [_told(shape.member, child, spelling) for child in value]
    return value
