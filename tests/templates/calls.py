"""Checks calls of AWS against botocore's model of each service: operation, names, types and what is required."""

from __future__ import annotations

import ast
import functools
import re
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

from tests.definitions.sdk_calls import pascal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel

#: An SDK integration's ARN, with the partition still to be substituted (Step Functions guide, "AWS SDK service integrations").
INTEGRATION: Final = re.compile(r"arn:\$\{Partition\}:states:::aws-sdk:([a-z0-9]+):([a-z][A-Za-z0-9]*)")
#: What SDK integrations call services that botocore calls otherwise.
_SERVICES: Final = {"sfn": "stepfunctions", "redshiftdata": "redshift-data"}
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
    "timestamp": str,
}


@functools.cache
def operations(service: str) -> dict[str, OperationModel]:
    """The operations of a service, by the name in Python; none for a service that botocore does not know."""
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return {}
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


@functools.cache
def errors(service: str) -> frozenset[str]:
    """The names of the exceptions that a client of a service has."""
    model = botocore.session.get_session().get_service_model(service)
    return frozenset(shape.name for shape in model.error_shapes)


def in_definition(definition: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the calls of a state machine's definition."""
    for name, state in definition["States"].items():
        if state["Type"] != "Task":
            continue
        found = INTEGRATION.fullmatch(state["Resource"])
        if found is None:
            yield f"{name}: {state['Resource']} is no SDK integration of a partition to be substituted"
            continue
        service, action = found.groups()
        operation = operations(_SERVICES.get(service, service)).get(xform_name(action[0].upper() + action[1:]))
        if operation is None or operation.name != action[0].upper() + action[1:]:
            yield f"{name}: {service} has no operation {action}"
            continue
        for key in ("Parameters", "InputPath", "ResultPath", "OutputPath", "ResultSelector"):
            if key in state:
                yield f"{name}: {key} is JSONPath's"
        for problem in _of(operation.input_shape, state.get("Arguments", {}), "Arguments"):
            yield f"{name}: {problem}"


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def _of(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape is None:
        yield from [f"{path}: the operation takes nothing"] if value else []
    elif is_expression(value):
        yield from _of_expression(shape, value, path)
    elif shape.type_name == "structure":
        yield from _of_structure(shape, value, path)
    elif shape.type_name == "list":
        yield from _of_list(shape, value, path)
    elif shape.type_name in _TYPES:
        yield from _of_scalar(shape, value, path)
    else:
        yield f"{path}: this check knows no {shape.type_name}"


def _of_list(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    for number, item in enumerate(value):
        yield from _of(shape.member, item, f"{path}/{number}")


def _of_scalar(shape: Any, value: Any, path: str) -> Iterator[str]:
    allowed = getattr(shape, "enum", None) or [value]
    if not isinstance(value, _TYPES[shape.type_name]) or (shape.type_name != "boolean" and isinstance(value, bool)):
        yield f"{path}: {value!r} is no {shape.type_name}"
    elif value not in allowed:
        yield f"{path}: {value!r} is none of {allowed}"


def _of_structure(shape: Any, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no structure"
        return
    # by the API's name or, in a definition, as SDK integrations spell it
    members = {**{pascal(name): name for name in shape.members}, **{name: name for name in shape.members}}
    given = {members[name] for name in value if name in members}
    for name in shape.required_members:
        if name not in given:
            yield f"{path}: {name} is missing"
    for name, inner in value.items():
        if name not in members:
            yield f"{path}: {shape.name} has no {name}"
        else:
            yield from _of(shape.members[members[name]], inner, f"{path}/{name}")


def _of_expression(shape: Any, value: str, path: str) -> Iterator[str]:
    """The keys that an expression writes in CamelCase, where it makes structures, are members of them."""
    members = _members(shape)
    if not members:
        return
    for name in re.findall(r"[{,]\s*'([A-Z]\w*)'\s*:", value):
        if name not in {*members, *map(pascal, members)}:
            yield f"{path}: an expression writes {name}, which {shape.name} has not"


def _members(shape: Any) -> set[str]:
    """The names of all members of the structures in a shape."""
    if shape.type_name == "list":
        return _members(shape.member)
    if shape.type_name != "structure":
        return set()
    return set(shape.members).union(*map(_members, shape.members.values()))


def in_source(source: str, services: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """The operations that a handler's source calls on clients, and what is wrong with the calls.

    A client is a name or attribute that ends with "client" or is called like a service; ``call(**arguments)`` is left to the tests that run it.
    """
    called: set[str] = set()
    problems: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("exceptions"):
            known_error = any(node.attr in errors(service) for service in services)
            problems += [] if known_error else [f"line {node.lineno}: no exception {node.attr}"]
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        holder = ast.unparse(node.func.value)
        if not re.search(rf"(client|{'|'.join(services)})(\(.*\))?$", holder) or node.func.attr == "get_paginator":
            continue
        known = [operations(service)[node.func.attr] for service in services if node.func.attr in operations(service)]
        if not known:
            problems.append(f"line {node.lineno}: no operation {node.func.attr}")
            continue
        called.add(node.func.attr)
        problems += [f"line {node.lineno}: {problem}" for problem in _of_call(known, node)]
    return called, problems


def _of_call(known: list[OperationModel], node: ast.Call) -> Iterator[str]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    fits = []
    for operation in known:
        shape: Any = operation.input_shape
        wrong = [f"{operation.name} has no {name}" for name in given if name is not None and name not in shape.members]
        missing = [
            f"{operation.name} wants {name}"
            for name in shape.required_members
            if name not in given and None not in given
        ]
        literal = [
            f"{name}: {problem}"
            for name, value in given.items()
            if name in shape.members and isinstance(value, ast.Constant)
            for problem in _of(shape.members[name], value.value, operation.name)
        ]
        fits.append([*wrong, *missing, *literal, *(["positional arguments"] if node.args else [])])
    yield from min(fits, key=len)
