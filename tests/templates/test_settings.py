"""What a bank asks for reaches everything.

A boundary and a path reach each role, a retention and a key each log group, a VPC and a runtime each function, and tags
every resource that takes them. Boundary and tags come by CDK's own means, the rest by StackSettings.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.templates import shapes
from tests.templates.resolve import Template, of_type, references, strings, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROLE = "AWS::IAM::Role"
LOGS = "AWS::Logs::LogGroup"
QUEUE = "AWS::SQS::Queue"
FUNCTION = "AWS::Lambda::Function"
MANAGED = "AWS::IAM::ManagedPolicy"
#: What a user of CDK gets besides: lambda functions and log groups of CDK's own would be seen here too.
STACKS = shapes.STACKS["bank"]


def roles_bounded(template: Template) -> Iterator[str]:
    """Each role has the boundary."""
    for name, role in of_type(template, ROLE).items():
        boundary = text(template, role["Properties"].get("PermissionsBoundary", ""))
        if not boundary.endswith(f":policy/{shapes.BANK_BOUNDARY}"):
            yield f"{name} has no boundary"


def roles_in_the_path(template: Template) -> Iterator[str]:
    """Each role has the path, and nothing names one role but by reference: its ARN holds the path."""
    for name, role in of_type(template, ROLE).items():
        if role["Properties"].get("Path") != shapes.BANK_ROLE_PATH:
            yield f"{name} has the path {role['Properties'].get('Path')}"
    for path, value in strings(template["Resources"]):
        if (":role/" in value and not value.endswith(":role/*")) or ":assumed-role/" in value:
            yield f"{path} names a role: {value}"


def logs_kept_and_encrypted(template: Template) -> Iterator[str]:
    """Each log group has the retention and the key, and each function logs to one."""
    for name, group in of_type(template, LOGS).items():
        if group["Properties"].get("RetentionInDays") != shapes.BANK_LOG_DAYS:
            yield f"{name} keeps {group['Properties'].get('RetentionInDays')} days"
        yield from _of_the_banks_key(template, name, group["Properties"].get("KmsKeyId"))
    for name, function in of_type(template, FUNCTION).items():
        if not references(function["Properties"].get("LoggingConfig", {})) & set(of_type(template, LOGS)):
            yield f"{name} logs elsewhere"


def functions_in_the_vpc(template: Template) -> Iterator[str]:
    """Each function, also CDK's, runs in the VPC, and Lambda may make its network interfaces."""
    rights = {
        name
        for name, policy in of_type(template, MANAGED).items()
        if "ec2:CreateNetworkInterface" in str(policy["Properties"]["PolicyDocument"])
    }
    may = {
        name
        for name, role in of_type(template, ROLE).items()
        if references(role["Properties"].get("ManagedPolicyArns", [])) & rights
    }
    for name, function in of_type(template, FUNCTION).items():
        config = function["Properties"].get("VpcConfig", {})
        if not (config.get("SubnetIds") and config.get("SecurityGroupIds")):
            yield f"{name} runs in no VPC"
        if function["Properties"]["Role"]["Fn::GetAtt"][0] not in may:
            yield f"{name} has no right to network interfaces"


def functions_of_the_runtime(template: Template) -> Iterator[str]:
    """Each function of ours has the runtime; CDK's own run on Node."""
    for name, function in of_type(template, FUNCTION).items():
        runtime = function["Properties"]["Runtime"]
        if runtime != shapes.BANK_RUNTIME and not (runtime.startswith("nodejs") and "Framework" in name):
            yield f"{name} runs on {runtime}"


def queues_encrypted(template: Template) -> Iterator[str]:
    """Each queue has the key."""
    for name, queue in of_type(template, QUEUE).items():
        yield from _of_the_banks_key(template, name, queue["Properties"].get("KmsMasterKeyId"))


def key_usable(template: Template) -> Iterator[str]:
    """The given key lets CloudWatch Logs and EventBridge use it, and no key of ours stands beside it."""
    if any(name.startswith("ResilientRedshiftKey") for name in of_type(template, "AWS::KMS::Key")):
        yield "a key of ours is made"
    for name, key in of_type(template, "AWS::KMS::Key").items():
        if not name.startswith(shapes.BANK_KEY):
            continue
        served = {
            text(template, statement["Principal"].get("Service", ""))
            for statement in key["Properties"]["KeyPolicy"]["Statement"]
        }
        if {service.partition(".")[0] for service in served if service} != {"logs", "events"}:
            yield f"{name} serves {served}"


def everything_tagged(template: Template) -> Iterator[str]:
    """Each resource of a type that takes tags has them (CloudFormation's schemas: taggable)."""
    for name, resource in template["Resources"].items():
        if not _taggable(resource["Type"]):
            continue
        tags = resource.get("Properties", {}).get("Tags", [])
        found = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
        if not shapes.BANK_TAGS.items() <= found.items():
            yield f"{name} ({resource['Type']}) has the tags {found}"


def _of_the_banks_key(template: Template, name: str, value: Any) -> Iterator[str]:
    if not any(found.startswith(shapes.BANK_KEY) for found in references(value)):
        yield f"{name} is encrypted with {value}"


def _taggable(kind: str) -> bool:
    if kind.startswith("Custom::"):
        return False
    schema: Mapping[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    return bool(schema.get("tagging", {}).get("taggable", "Tags" in schema["properties"]))


LAWS = (
    roles_bounded,
    roles_in_the_path,
    logs_kept_and_encrypted,
    functions_in_the_vpc,
    functions_of_the_runtime,
    queues_encrypted,
    key_usable,
    everything_tagged,
)


@pytest.fixture(params=STACKS)
def bank(request: pytest.FixtureRequest, shape_named: Callable[[str], shapes.Shape]) -> Template:
    """Both stacks, as copies that a test may break."""
    return copy.deepcopy(shape_named("bank").templates[request.param])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_holds(law: Callable[[Template], Iterator[str]], bank: Template) -> None:
    assert list(law(bank)) == []


def test_there_is_something_to_hold_for(shape_named: Callable[[str], shapes.Shape]) -> None:
    # GIVEN every construct of ours that makes a role THEN each kind of thing is there
    templates = shape_named("bank").templates
    assert (
        {name: len(of_type(template, ROLE)) for name, template in templates.items()}
        == {
            "Bank": 11,  # two providers, with a role of our functions, CDK's and its waiter; the snapshot machine, its function and its events; the watcher; the step for ARC Region switch
            "BankRecovery": 10,  # the same, with the functions of the tiers, of the restore machine and of the clean-up
        }
    )
    assert all(of_type(template, LOGS) and of_type(template, QUEUE) for template in templates.values())


def _a_role(change: Callable[[dict[str, Any]], object]) -> Callable[[Template], None]:
    """Break a waiter's role, which CDK makes."""

    def broken(template: Template) -> None:
        change(next(role["Properties"] for name, role in of_type(template, ROLE).items() if "waiter" in name))

    return broken


def _each(kind: str, change: Callable[[dict[str, Any]], object]) -> Callable[[Template], None]:
    def broken(template: Template) -> None:
        for resource in of_type(template, kind).values():
            change(resource["Properties"])

    return broken


def _one_function(change: Callable[[dict[str, Any]], object]) -> Callable[[Template], None]:
    """Break a function of CDK's framework."""

    def broken(template: Template) -> None:
        change(next(one["Properties"] for name, one in of_type(template, FUNCTION).items() if "Framework" in name))

    return broken


def _own_key(template: Template) -> None:
    template["Resources"]["ResilientRedshiftKey1"] = {
        "Type": "AWS::KMS::Key",
        "Properties": {"KeyPolicy": {"Statement": []}},
    }


def _forgetful(template: Template) -> None:
    for name, key in of_type(template, "AWS::KMS::Key").items():
        if name.startswith(shapes.BANK_KEY):
            key["Properties"]["KeyPolicy"]["Statement"].pop()


def _names_a_role(template: Template) -> None:
    next(iter(of_type(template, "AWS::KMS::Key").values()))["Properties"]["Text"] = "arn:x:iam::1:role/waiter"


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (roles_bounded, _a_role(lambda found: found.pop("PermissionsBoundary"))),
        (roles_in_the_path, _a_role(lambda found: found.pop("Path"))),
        (roles_in_the_path, _names_a_role),
        (logs_kept_and_encrypted, _each(LOGS, lambda found: found.update(RetentionInDays=365))),
        (logs_kept_and_encrypted, _each(LOGS, lambda found: found.pop("KmsKeyId"))),
        (logs_kept_and_encrypted, _each(FUNCTION, lambda found: found.pop("LoggingConfig"))),
        (functions_in_the_vpc, _one_function(lambda found: found.pop("VpcConfig"))),
        (functions_in_the_vpc, _each(MANAGED, lambda found: found.update(PolicyDocument={}))),
        (functions_of_the_runtime, _each(FUNCTION, lambda found: found.update(Runtime="python3.13"))),
        (queues_encrypted, _each(QUEUE, lambda found: found.pop("KmsMasterKeyId"))),
        (key_usable, _own_key),
        (key_usable, _forgetful),
        (everything_tagged, _a_role(lambda found: found.pop("Tags"))),
        (everything_tagged, _each("AWS::SSM::Parameter", lambda found: found["Tags"].popitem())),
    ],
)
def test_each_law_can_be_broken(
    law: Callable[[Template], Iterator[str]], broken: Callable[[Template], None], bank: Template
) -> None:
    broken(bank)
    assert list(law(bank))
