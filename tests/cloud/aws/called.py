"""Every call to AWS that this library makes."""

from __future__ import annotations

import ast
import functools
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import xform_name

from resilient_redshift import cli, cloud

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import ServiceModel

#: The services of the Lambda functions and of the operator's command, as boto3 names them.
FROM_LAMBDA = {"redshift", "kms", "stepfunctions", "ssm", "cloudwatch"}
FROM_THE_COMMAND = {"redshift", "ssm", "stepfunctions"}
#: The services whose calls name the service beside the operation.
BY_NAME = {
    *FROM_LAMBDA,
    "ec2",
    "iam",
    "lambda",
    "redshift-data",
    "route53",
    "s3",
    "service-quotas",
    "sns",
    "cloudtrail",
    "events",
}


@functools.cache
def model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _nodes(room: Any) -> list[ast.AST]:
    return [node for file in Path(room.__file__).parent.rglob("*.py") for node in ast.walk(ast.parse(file.read_text()))]


def _from_lambda(nodes: list[ast.AST]) -> set[tuple[str, str]]:
    """A method of a client, such as ``describe_clusters``."""
    methods = {
        xform_name(operation): (service, operation)
        for service in FROM_LAMBDA
        for operation in model(service).operation_names
    }
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return {methods[name] for name in names & methods.keys()}


def _from_the_command(nodes: list[ast.AST]) -> set[tuple[str, str]]:
    """A text that is the name of an operation, such as ``"DescribeClusters"``."""
    texts = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {(service, text) for service in FROM_THE_COMMAND for text in texts & set(model(service).operation_names)}


def _by_name(nodes: list[ast.AST]) -> Iterator[tuple[str, str]]:
    """A service and an operation one after the other, such as ``aws.call("redshift", "DescribeClusters")``."""
    for node in nodes:
        values = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        texts = [value.value if isinstance(value, ast.Constant) else None for value in values]
        for service, operation in itertools.pairwise(texts):
            if isinstance(service, str) and service in BY_NAME and operation in model(service).operation_names:
                yield service, str(operation)


def _calls() -> Iterator[tuple[str, str]]:
    of_lambda, of_the_command = _nodes(cloud), _nodes(cli)
    yield from _from_lambda(of_lambda)
    yield from _from_the_command(of_the_command)
    yield from _by_name(of_lambda + of_the_command)


#: Service and operation.
CALLS = frozenset(_calls())
