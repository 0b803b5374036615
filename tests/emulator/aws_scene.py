"""The scene of tests over the emulated AWS: roles, machines and functions, made with plain boto3."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

HERE, THERE = "us-east-1", "us-west-2"


def role(aws: EmulatedAws, name: str, *statements: dict[str, Any]) -> str:
    """A role with these statements (and no others), by its ARN."""
    iam = aws.client("iam", HERE)
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    if statements:
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(document))
    return arn


def allow(*actions: str, on: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def machine(aws: EmulatedAws, name: str, role_arn: str, states: dict[str, Any], **more: Any) -> str:
    """A machine that starts at the first of ``states``, by its ARN."""
    definition = {"StartAt": next(iter(states)), "States": states, **more}
    made = aws.client("stepfunctions", HERE).create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role_arn
    )
    return str(made["stateMachineArn"])


def start(aws: EmulatedAws, machine_arn: str, given: Any = None) -> str:
    started = aws.client("stepfunctions", HERE).start_execution(
        stateMachineArn=machine_arn, input=json.dumps(given or {})
    )
    return str(started["executionArn"])


def run(aws: EmulatedAws, machine_arn: str, given: Any = None) -> dict[str, Any]:
    """What DescribeExecution says when all has settled."""
    arn = start(aws, machine_arn, given)
    aws.settle()
    found: dict[str, Any] = aws.client("stepfunctions", HERE).describe_execution(executionArn=arn)
    return found


def task(function: str, payload: Any, **more: Any) -> dict[str, Any]:
    """A state that calls a function. Its output is the function's answer."""
    parameters = {"FunctionName": function, "Payload": payload}
    resource = "arn:aws:states:::lambda:invoke"
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "OutputPath": "$.Payload", **more}


def caller(aws: EmulatedAws, name: str, role_arn: str) -> str:
    """A function that makes the call that it is asked for (see :func:`call`), by its ARN."""
    code = """
        import boto3, json
        def h(event, context):
            answer = getattr(boto3.client(event["service"]), event["call"])(**event["params"])
            return json.loads(json.dumps(answer, default=str))
    """
    return function(aws, name, role_arn, code)


def signed_in(aws: EmulatedAws, role_arn: str, service: str, region: str = HERE) -> Any:
    """A boto3 client of somebody outside who acts under a role: cheaper than a function."""
    import boto3

    keys = aws.sign_in(role_arn)
    session = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], keys["AWS_SESSION_TOKEN"])
    return session.client(service, region_name=region, endpoint_url=aws.endpoint)


def call(service: str, operation: str, **params: Any) -> dict[str, Any]:
    """What :func:`caller` is asked for: boto3's names of the service and of the operation, and the parameters."""
    return {"service": service, "call": operation, "params": params}


def function(aws: EmulatedAws, name: str, role_arn: str, code: str, timeout: int = 60, **more: Any) -> str:
    """A Python function whose ``h`` is its handler, by its ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", textwrap.dedent(code))
    made = aws.client("lambda", HERE).create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role_arn,
        Handler="index.h",
        Code={"ZipFile": packed.getvalue()},
        Timeout=timeout,
        **more,
    )
    return str(made["FunctionArn"])


def invoke(aws: EmulatedAws, name: str, given: Any = None, kind: str = "RequestResponse") -> Any:
    """The function's answer; a failed one is ``{"errorMessage": ..., "errorType": ...}``."""
    answer = aws.client("lambda", HERE).invoke(
        FunctionName=name, InvocationType=kind, Payload=json.dumps(given or {}).encode()
    )
    body = answer["Payload"].read()
    return json.loads(body) if body else None
