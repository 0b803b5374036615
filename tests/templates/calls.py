"""Checks calls of AWS against botocore's model of each service: operation, names, types and what is required."""

from __future__ import annotations

import ast
import functools
import itertools
import re
from typing import TYPE_CHECKING, Any, Final

import botocore.session
from botocore import xform_name
from botocore.exceptions import UnknownServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from botocore.model import OperationModel

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


def _of(shape: Any, value: Any, path: str) -> Iterator[str]:
    if shape is None:
        yield from [f"{path}: the operation takes nothing"] if value else []
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
    for name in shape.required_members:
        if name not in value:
            yield f"{path}: {name} is missing"
    for name, inner in value.items():
        if name not in shape.members:
            yield f"{path}: {shape.name} has no {name}"
        else:
            yield from _of(shape.members[name], inner, f"{path}/{name}")


#: A service that a module of this library is called like. Its calls are found by their names alone.
_MODULES = {"events"}


def in_source(source: str, services: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """The operations that a handler's source calls on clients, and what is wrong with the calls.

    A client is a name or attribute that ends with "client" or is called like a service. A restore names the service and the operation
    one after the other: ``aws.call("ssm", "GetParameter", Name=...)``. ``call(**arguments)`` is left to the tests that run it.
    """
    called, problems = _by_name(source, services)
    holders = [service for service in services if service not in _MODULES]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value).endswith("exceptions"):
            known_error = any(node.attr in errors(service) for service in services)
            problems += [] if known_error else [f"line {node.lineno}: no exception {node.attr}"]
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        holder = ast.unparse(node.func.value)
        if not re.search(rf"(client|{'|'.join(holders)})(\(.*\))?$", holder) or node.func.attr == "get_paginator":
            continue
        known = [operations(service)[node.func.attr] for service in services if node.func.attr in operations(service)]
        if not known:
            problems.append(f"line {node.lineno}: no operation {node.func.attr}")
            continue
        called.add(node.func.attr)
        problems += [f"line {node.lineno}: {problem}" for problem in _of_call(known, node)]
    return called, problems


def _by_name(source: str, services: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """The operations that a source names beside their service, and what is wrong with these calls."""
    called: set[str] = set()
    problems: list[str] = []
    for node in ast.walk(ast.parse(source)):
        values = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        texts = [value.value if isinstance(value, ast.Constant) else None for value in values]
        for service, operation in itertools.pairwise(texts):
            if service not in services or not isinstance(operation, str) or not operation[:1].isupper():
                continue
            name = xform_name(operation)
            if name not in operations(service):
                problems.append(f"line {node.lineno}: {service} has no operation {operation}")
                continue
            called.add(name)
            if isinstance(node, ast.Call):
                bare = ast.Call(func=node.func, args=[], keywords=node.keywords)
                problems += [f"line {node.lineno}: {one}" for one in _of_call([operations(service)[name]], bare)]
    return called, problems


def _of_call(known: list[OperationModel], node: ast.Call) -> Iterator[str]:
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    fits = []
    for operation in known:
        shape: Any = operation.input_shape
        members = {} if shape is None else shape.members
        wrong = [f"{operation.name} has no {name}" for name in given if name is not None and name not in members]
        missing = [
            f"{operation.name} wants {name}"
            for name in (() if shape is None else shape.required_members)
            if name not in given and None not in given
        ]
        literal = [
            f"{name}: {problem}"
            for name, value in given.items()
            if name in members and isinstance(value, ast.Constant)
            for problem in _of(members[name], value.value, operation.name)
        ]
        fits.append([*wrong, *missing, *literal, *(["positional arguments"] if node.args else [])])
    yield from min(fits, key=len)
