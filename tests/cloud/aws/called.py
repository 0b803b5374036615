"""Every call to AWS that this library makes: from Python, and from its state machines."""

from __future__ import annotations

import ast
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import xform_name

from resilient_redshift import cli, cloud, definitions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel

#: The services of the Lambda functions and of the operator's command, as boto3 names them.
FROM_LAMBDA = {"redshift", "kms", "stepfunctions", "ssm", "cloudwatch"}
FROM_THE_COMMAND = {"redshift", "ssm", "stepfunctions"}
#: Services that a state machine names otherwise than boto3 does.
_MACHINE_NAMES = {"sfn": "stepfunctions", "redshiftdata": "redshift-data"}


@functools.cache
def model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _nodes(room: Any) -> Iterator[ast.AST]:
    for file in Path(room.__file__).parent.rglob("*.py"):
        yield from ast.walk(ast.parse(file.read_text()))


def _from_lambda() -> set[tuple[str, str]]:
    """A method of a client, such as ``describe_clusters``."""
    methods = {
        xform_name(operation): (service, operation)
        for service in FROM_LAMBDA
        for operation in model(service).operation_names
    }
    names = {node.attr for node in _nodes(cloud) if isinstance(node, ast.Attribute)}
    return {methods[name] for name in names & methods.keys()}


def _from_the_command() -> set[tuple[str, str]]:
    """A text that is the name of an operation, such as ``"DescribeClusters"``."""
    texts = {node.value for node in _nodes(cli) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {(service, text) for service in FROM_THE_COMMAND for text in texts & set(model(service).operation_names)}


def _from_machines() -> Iterator[tuple[str, str]]:
    """A resource, such as ``arn:${Partition}:states:::aws-sdk:redshift:describeClusters``."""

    def resources(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for each in value:
                yield from resources(each)
        elif isinstance(value, dict):
            if ":aws-sdk:" in str(value.get("Resource", "")):
                yield value["Resource"]
            yield from resources(list(value.values()))

    for file in Path(definitions.__file__).parent.glob("*.asl.json"):
        for resource in resources(json.loads(file.read_text())):
            service, operation = resource.split(":")[-2:]
            yield _MACHINE_NAMES.get(service, service), operation[0].upper() + operation[1:]


#: Service and operation.
CALLS = frozenset({*_from_lambda(), *_from_the_command(), *_from_machines()})
