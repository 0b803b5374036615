"""Reads CloudFormation values as the deployment would: pseudo parameters filled, references as ARNs of their type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Template = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a template is deployed to; the names that CloudFormation gives are as long as these say."""

    partition: str = "aws"
    region: str = "us-east-1"
    account: str = "123456789012"
    stack_name: str = "Stack"
    suffix: str = ""

    @property
    def pseudo(self) -> dict[str, str]:
        return {
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.stack_name,
            "AWS::StackId": f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/{self.stack_name}/0",
        }


HERE = Place()
#: The longest of everything; a generated name is the longest that its service takes (see ``_NAMES``).
LONGEST = Place(partition="aws-us-gov", region="us-isof-south-1", stack_name="s" * 128, suffix="longest")
#: What ``Fn::GetAtt Arn`` (or ``Ref``, where that is an ARN) stands for, by type.
ARNS = {
    "AWS::KMS::Key": "kms:{region}:{account}:key/{id}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{id}",
    "AWS::StepFunctions::StateMachine": "states:{region}:{account}:stateMachine:{id}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{id}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{id}",
    "AWS::Logs::LogGroup": "logs:{region}:{account}:log-group:{id}:*",
    "AWS::IAM::Role": "iam::{account}:role/{id}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{id}",
    "AWS::Redshift::Cluster": "redshift:{region}:{account}:cluster:{id}",
    "AWS::SecretsManager::Secret": "secretsmanager:{region}:{account}:secret:{id}",
}
#: How long a generated name can be: the service's own limit.
_NAMES = {
    "AWS::KMS::Key": 36,
    "AWS::Lambda::Function": 64,
    "AWS::StepFunctions::StateMachine": 80,
    "AWS::SQS::Queue": 80,
    "AWS::SNS::Topic": 256,
    "AWS::Logs::LogGroup": 172,  # ours: /aws/vendedlogs/resilient-redshift/<stack name>-<8>
    "AWS::IAM::Role": 64,
    "AWS::Events::Rule": 64,
    "AWS::Redshift::Cluster": 63,
    "AWS::Redshift::ClusterSubnetGroup": 255,
    "AWS::Redshift::ClusterParameterGroup": 255,
    "AWS::EC2::SecurityGroup": 20,
    "AWS::SecretsManager::Secret": 512,
}
_REF_IS_ARN = {"AWS::StepFunctions::StateMachine", "AWS::SNS::Topic", "AWS::SecretsManager::Secret"}


def text(template: Template, value: Any, place: Place = HERE) -> str:
    """The string that a value would be."""
    match value:
        case str() | int():
            return str(value)
        case {"Ref": name} if name in place.pseudo:
            return place.pseudo[name]
        case {"Ref": name}:
            kind = template["Resources"].get(name, {}).get("Type")
            return _reference(template, name, place, is_arn=kind in _REF_IS_ARN)
        case {"Fn::GetAtt": [name, attribute]}:
            return _reference(template, name, place, is_arn=attribute.endswith("Arn"))
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(text(template, part, place) for part in parts)
        case {"Fn::Sub": str(pattern)}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: text(template, {"Ref": found[1]}, place), pattern)
        case _:
            raise TypeError(f"cannot read {value!r}")


def _reference(template: Template, name: str, place: Place, *, is_arn: bool) -> str:
    resource = template["Resources"].get(name)
    if resource is None:
        return name
    chosen = (
        resource.get("Properties", {}).get("ClusterIdentifier")
        if resource["Type"] == "AWS::Redshift::Cluster"
        else None
    )
    given = chosen or (name.ljust(_NAMES[resource["Type"]], "x") if place.suffix else name)
    if not is_arn:
        return str(given)
    return f"arn:{place.partition}:" + ARNS[resource["Type"]].format(
        region=place.region, account=place.account, id=given
    )


def listed(value: Any) -> list[Any]:
    """A value that CloudFormation lets stand alone or in a list, as a list."""
    return value if isinstance(value, list) else [value]


def policies(template: Template) -> dict[str, list[dict[str, Any]]]:
    """The statements of every identity policy, by the logical id (and the policy's name) that holds them."""
    found: dict[str, list[dict[str, Any]]] = {}
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            found[logical_id] = listed(properties["PolicyDocument"]["Statement"])
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            found[f"{logical_id}/{policy['PolicyName']}"] = listed(policy["PolicyDocument"]["Statement"])
    return found


def resource_policies(template: Template) -> dict[str, list[dict[str, Any]]]:
    """The statements of every policy that stands on a resource: keys, queues, topics and the trust of roles."""
    return {
        f"{logical_id}/{name}": listed(resource["Properties"][name]["Statement"])
        for logical_id, resource in template["Resources"].items()
        for name in ("KeyPolicy", "PolicyDocument", "AssumeRolePolicyDocument")
        if name in resource.get("Properties", {})
        and resource["Type"] not in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
    }


def of_type(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """The resources of one type, by logical id."""
    return {name: resource for name, resource in template["Resources"].items() if resource["Type"] == kind}


def strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from strings(inner, f"{path}/{number}")


def references(value: Any) -> set[str]:
    """The logical ids that a value refers to."""
    if isinstance(value, list):
        return set().union(*map(references, value))
    if not isinstance(value, dict):
        return set()
    found = set().union(*map(references, value.values()))
    match value:
        case {"Ref": str(name)}:
            found.add(name)
        case {"Fn::GetAtt": [str(name), *_]}:
            found.add(name)
        case {"Fn::Sub": str(pattern)}:
            found.update(name.partition(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", pattern))
    return found


def depends_on(resource: Mapping[str, Any]) -> set[str]:
    """The logical ids that a resource depends on by its own word."""
    return set(listed(resource.get("DependsOn", [])))
