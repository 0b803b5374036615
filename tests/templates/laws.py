"""What holds for every template that the library writes; each law is a function from a template to what breaks it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import COPY_TYPE, GRANT_TYPE
from resilient_redshift.contract.record import PLAN_RECORD_LIMIT
from tests.templates.resolve import LONGEST, Template, depends_on, listed, of_type, policies, references, strings, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CLUSTER: Final = "AWS::Redshift::Cluster"
POLICY: Final = "AWS::IAM::Policy"
RULE: Final = "AWS::Events::Rule"
FUNCTION: Final = "AWS::Lambda::Function"
PERMISSION: Final = "AWS::Lambda::Permission"
#: CloudFormation quotas: 500 resources and 1 MB a template. IAM quotas: 10,240 characters of inline policies a role, without whitespace.
RESOURCES: Final = 500
TEMPLATE_BYTES: Final = 1_000_000
ROLE_CHARACTERS: Final = 10_240
#: The property by which a user, not CloudFormation, would name a resource; a chosen name clashes in the next environment.
_NAMES: Final = {
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::AlarmMuteRule": "Name",
    "AWS::CloudWatch::CompositeAlarm": "AlarmName",
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::KMS::Alias": "AliasName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Redshift::ClusterParameterGroup": "ParameterGroupName",
    "AWS::Redshift::ClusterSubnetGroup": "ClusterSubnetGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SSM::Parameter": "Name",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
#: The names that are chosen, each for a reason that its construct's docstring gives.
_CHOSEN: Final = {
    # a plan of ARC in any Region names the function
    "AWS::Lambda::Function": r"resilient-redshift-switch-[0-9a-f]{12}",
    "AWS::Logs::LogGroup": r"/aws/vendedlogs/resilient-redshift/.*-.*",
    "AWS::SSM::Parameter": r"/resilient-redshift/(plans/[a-z0-9-]+|watches/[0-9a-f]{12}/[a-z0-9.-]+)",
}
_REGION: Final = re.compile(
    r"\b(?:us|eu|ap|sa|ca|af|me|il|mx|cn)(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d\b"
)
_SECRET_NAME: Final = re.compile(r"password|secret|credential|privatekey|apikey", re.IGNORECASE)
_NO_SECRET: Final = re.compile(
    r"Arn$|KmsKeyId$|^ManageMasterPassword$|^GenerateSecretString$|^SecretStringTemplate$|^SecretId$|^GenerateStringKey$|Length$"
)
_SECRET_VALUE: Final = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|ghp_[A-Za-z0-9]{30}")


def token_inside(template: Template) -> Iterator[str]:
    """A cluster of this template is referred to, never named: the reference orders what uses it after the cluster."""
    names = {
        resource["Properties"]["ClusterIdentifier"]: name
        for name, resource in of_type(template, CLUSTER).items()
        if isinstance(resource["Properties"].get("ClusterIdentifier"), str)
    }
    for name, resource in template["Resources"].items():
        # the plan record is text for readers elsewhere; a way home restores a later cluster of that name
        if resource["Type"] in {CLUSTER, "AWS::SSM::Parameter"} or _restores(resource):
            continue
        for path, value in strings(resource.get("Properties", {})):
            for identifier in names:
                if re.search(rf"(?<![\w-]){re.escape(identifier)}(?![\w-])", value):
                    yield f"{name}{path} names the cluster '{identifier}' of its own template"


def _restores(resource: dict[str, Any]) -> bool:
    """Whether it lets somebody restore a cluster."""
    return "redshift:RestoreFromClusterSnapshot" in {value for _, value in strings(resource.get("Properties", {}))}


def literal_across(template: Template) -> Iterator[str]:
    """Nothing is exported or imported, and no helper of CDK carries values between Regions."""
    for path, _ in ((path, value) for path, value in _nodes(template) if path.endswith("/Fn::ImportValue")):
        yield f"{path} imports from another stack"
    for name, output in template.get("Outputs", {}).items():
        if "Export" in output:
            yield f"the output {name} is exported"
    for name, resource in template["Resources"].items():
        if resource["Type"].startswith("Custom::CrossRegionExport"):
            yield f"{name} is {resource['Type']}"
    for name in template.get("Parameters", {}):
        if name != "BootstrapVersion":
            yield f"the parameter {name} must be filled by somebody"


def ordered(template: Template) -> Iterator[str]:
    """A custom resource comes after its policy and its cluster, a rule after its policies."""
    for kind, action in ((COPY_TYPE, "redshift:EnableSnapshotCopy"), (GRANT_TYPE, "redshift:CreateSnapshotCopyGrant")):
        for name, resource in of_type(template, kind).items():
            properties = resource["Properties"]
            target = properties.get("ClusterIdentifier", properties.get("SnapshotCopyGrantName"))
            yield from _after_policy(template, name, resource, action, text(template, target))
            for cluster in references(target) - depends_on(resource):
                yield f"{name} does not depend on {cluster}"
    rules = of_type(template, RULE).items()
    for name, resource in [each for each in rules if not _tells_a_topic(template, each[1])]:
        given = json.loads(_rule_input(template, resource))
        if "cluster_identifier" in given:
            whose = f"{given['cluster_identifier']}/*"
            yield from _after_policy(template, name, resource, "redshift:CreateClusterSnapshot", whose)
        elif "mode" in given:  # a drill
            yield from _after_policy(template, name, resource, "redshift:RestoreFromClusterSnapshot", "/*")
        elif "Drills" not in name and "watcher" not in given:
            # retention tiers of a plan, whose cluster lies elsewhere; a clean-up and a watcher have no policy of a plan
            yield from _after_policy(template, name, resource, "redshift:ModifyClusterSnapshot", "-*")
        if _calls_a_function(template, resource):
            if not any(template["Resources"][one]["Type"] == PERMISSION for one in depends_on(resource)):
                yield f"{name} does not depend on the permission of its function"
        else:
            yield from _after_policy(template, name, resource, "states:StartExecution", "")


def _after_policy(
    template: Template, name: str, resource: Mapping[str, Any], action: str, target: str
) -> Iterator[str]:
    for policy in depends_on(resource):
        for statement in policies(template).get(policy, []):
            resources = [text(template, one) for one in listed(statement["Resource"])]
            if action in listed(statement["Action"]) and any(one.endswith(target) for one in resources):
                return
    yield f"{name} does not depend on a policy that allows {action} on {target or 'anything'}"


def _calls_a_function(template: Template, rule: Mapping[str, Any]) -> bool:
    """Whether a rule's target is a function, whose own policy lets EventBridge in."""
    (target,) = rule["Properties"]["Targets"]
    return any(template["Resources"][one]["Type"] == FUNCTION for one in references(target["Arn"]))


def _tells_a_topic(template: Template, rule: Mapping[str, Any]) -> bool:
    """Whether a rule's target is a topic, whose own policy lets EventBridge in."""
    (target,) = rule["Properties"]["Targets"]
    return ":sns:" in text(template, target["Arn"])


def _rule_input(template: Template, rule: Mapping[str, Any]) -> str:
    """The input of a rule's target as EventBridge builds it."""
    (target,) = rule["Properties"]["Targets"]
    if "Input" in target:
        return text(template, target["Input"])
    return text(template, target["InputTransformer"]["InputTemplate"]).replace("<time>", '"2026-11-24T03:00:00Z"')


def small(template: Template) -> Iterator[str]:
    """Everything within CloudFormation's, IAM's and Parameter Store's limits, with each name as long as it can be."""
    if len(template["Resources"]) >= RESOURCES:
        yield f"{len(template['Resources'])} resources"
    if template_bytes(template) >= TEMPLATE_BYTES:
        yield f"{template_bytes(template)} bytes"
    for role, size in role_sizes(template).items():
        if size > ROLE_CHARACTERS:
            yield f"the inline policies of {role} have {size} characters"
    for name, size in record_sizes(template).items():
        if size > PLAN_RECORD_LIMIT:
            yield f"the record {name} has {size} bytes"


def template_bytes(template: Template) -> int:
    """As the CLI uploads it, indented by one."""
    return len(json.dumps(template, indent=1).encode())


def role_sizes(template: Template) -> dict[str, int]:
    """How many characters the inline policies of each role have at most, as IAM counts: without whitespace."""
    sizes = dict.fromkeys(of_type(template, "AWS::IAM::Role"), 0)
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == POLICY:
            for role in references(properties["Roles"]):
                sizes[role] = sizes.get(role, 0) + _characters(template, properties["PolicyDocument"])
        for policy in properties.get("Policies", []) if resource["Type"] == "AWS::IAM::Role" else []:
            sizes[name] += _characters(template, policy["PolicyDocument"])
    return sizes


def record_sizes(template: Template) -> dict[str, int]:
    """How many bytes each plan record has at most."""
    return {
        name: len(_longest(text(template, resource["Properties"]["Value"], LONGEST)).encode())
        for name, resource in of_type(template, "AWS::SSM::Parameter").items()
    }


def _characters(template: Template, document: Any) -> int:
    return len(re.sub(r"\s", "", json.dumps(_resolved(template, document))))


def _resolved(template: Template, value: Any) -> Any:
    if isinstance(value, list):
        return [_resolved(template, inner) for inner in value]
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in {"Ref", "Fn::GetAtt", "Fn::Join", "Fn::Sub"}:
            return _longest(text(template, value, LONGEST))
        return {key: _resolved(template, inner) for key, inner in value.items()}
    return _longest(value) if isinstance(value, str) else value


def _longest(value: str) -> str:
    return _REGION.sub(LONGEST.region, value).replace("arn:aws:", f"arn:{LONGEST.partition}:")


def any_partition(template: Template) -> Iterator[str]:
    """No partition, account or Region of one place stands where the deployment's own is meant; ours is the template for any place."""
    for path, value in strings(template["Resources"]):
        if "/Metadata/" in path or path.endswith("/Description"):
            continue
        if re.search(r"arn:aws[a-z-]*:|\b\d{12}\b", value) or _REGION.search(value):
            yield f"{path} holds {value[:80]!r}"


def own_partition(template: Template, partition: str) -> Iterator[str]:
    """An ARN's partition is a token or this one, never another."""
    for path, value in strings(template["Resources"]):
        for found in re.findall(r"arn:(aws[a-z-]*):", value):
            if found != partition:
                yield f"{path} holds an ARN of {found}"


def other_region(template: Template, region: str) -> Iterator[str]:
    """Another Region is named by a copy, records, a Region switch, and the rights to repair a copy and to write a heartbeat."""
    for name, resource in template["Resources"].items():
        if resource["Type"] in {COPY_TYPE, "AWS::SSM::Parameter"} or "FunctionRepairPolicy" in name:
            continue
        for path, value in strings(resource.get("Properties", {})):
            if ":parameter/resilient-redshift/heartbeats/" in value or "/Variables/RESILIENT_REDSHIFT_" in path:
                continue
            for found in set(_REGION.findall(value)) - {region}:
                # a plan's name tells where its cluster is
                if not re.search(rf"[a-z0-9]-{found}|{found}-", value) and not path.endswith("/Description"):
                    yield f"{name}{path} names {found}"


def retained_twice(template: Template) -> Iterator[str]:
    """What a deletion keeps a replacement keeps too, and the other way round."""
    for name, resource in template["Resources"].items():
        deletion = resource.get("DeletionPolicy", "Delete").replace("RetainExceptOnCreate", "Retain")
        replacement = resource.get("UpdateReplacePolicy", "Delete")
        if deletion != replacement:
            yield f"{name} is {deletion} on deletion and {replacement} on replacement"


def recovery_points_retained(template: Template) -> Iterator[str]:
    """Keys, logs, copies and grants stay when their stack goes; a cluster leaves a snapshot. Removal takes the second key."""
    for name, resource in template["Resources"].items():
        kind, properties = resource["Type"], resource.get("Properties", {})
        policy = resource.get("DeletionPolicy", "Delete")
        destroy = properties.get("RemovalPolicy") == "destroy"
        if kind in {"AWS::KMS::Key", "AWS::Logs::LogGroup"} and not policy.startswith("Retain"):
            yield f"{name} ({kind}) is {policy} on deletion"
        if kind in {COPY_TYPE, GRANT_TYPE} and destroy == policy.startswith("Retain"):
            yield f"{name} is {policy} on deletion, and its property says {properties.get('RemovalPolicy')}"


def no_secret(template: Template) -> Iterator[str]:
    """No property that looks like a secret holds plain text, and no text looks like one."""
    for path, value in strings(template["Resources"]):
        name = next(part for part in reversed(path.split("/")) if not part.isdigit())
        secret = _SECRET_NAME.search(name) and not _NO_SECRET.search(name) and "{{resolve:" not in value
        if (
            "/Properties/" in path
            and "/Metadata/" not in path
            and "Fn::" not in path
            and (secret or _SECRET_VALUE.search(value))
        ):
            yield f"{path} holds plain text"


def functions_logged(template: Template) -> Iterator[str]:
    """Each function ends some day, and logs where a key and a retention hold."""
    for name, resource in of_type(template, FUNCTION).items():
        properties = resource["Properties"]
        if "Timeout" not in properties:
            yield f"{name} has no Timeout"
        groups = references(properties.get("LoggingConfig", {})) & set(of_type(template, "AWS::Logs::LogGroup"))
        if not groups:
            yield f"{name} logs to no log group of its stack"
        for group in groups:
            for wanted in ("RetentionInDays", "KmsKeyId"):
                if wanted not in template["Resources"][group]["Properties"]:
                    yield f"{group} has no {wanted}"


def seen_policies(template: Template) -> Iterator[str]:
    """No resource type that compliance packs do not look into."""
    for name, resource in template["Resources"].items():
        if resource["Type"] in {
            "AWS::IAM::RolePolicy",
            "AWS::IAM::UserPolicy",
            "AWS::IAM::GroupPolicy",
            "AWS::SQS::QueueInlinePolicy",
        }:
            yield f"{name} is {resource['Type']}, which cdk-nag does not see"


def generated_names(template: Template) -> Iterator[str]:
    """CloudFormation gives the names, but for those that somebody chose for a reason."""
    for name, resource in template["Resources"].items():
        kind = resource["Type"]
        given = resource.get("Properties", {}).get(_NAMES.get(kind, ""))
        if given is not None and not re.fullmatch(_CHOSEN.get(kind, r"(?!)"), text(template, _simple(given))):
            yield f"{name} is called {given!r}"


def _simple(value: Any) -> Any:
    """A name whose computed parts are a word."""
    if isinstance(value, dict) and "Fn::Join" in value:
        separator, parts = value["Fn::Join"]
        return separator.join(part if isinstance(part, str) else "x" for part in parts)
    return value


def resource_policies_bounded(template: Template) -> Iterator[str]:
    """A policy on a key or queue speaks of its own service, and lets in everybody only under a condition."""
    own = {
        "AWS::KMS::Key": ("KeyPolicy", "kms:"),
        "AWS::SQS::QueuePolicy": ("PolicyDocument", "sqs:"),
        "AWS::SNS::TopicPolicy": ("PolicyDocument", "sns:"),
    }
    for name, resource in template["Resources"].items():
        policy, service = own.get(resource["Type"], ("AssumeRolePolicyDocument", "sts:"))
        for statement in listed(resource.get("Properties", {}).get(policy, {}).get("Statement", [])):
            if resource["Type"] in {POLICY, "AWS::IAM::ManagedPolicy"}:
                continue
            for action in listed(statement["Action"]):
                if not action.startswith(service):
                    yield f"{name} speaks of {action}"
            open_door = statement["Effect"] == "Allow" and statement["Principal"] in ("*", {"AWS": "*"})
            if open_door and "Condition" not in statement:
                yield f"{name} lets in everybody"


def rules_lose_nothing(template: Template) -> Iterator[str]:
    """An event that cannot be delivered ends in a queue, as late as EventBridge can."""
    for name, resource in of_type(template, RULE).items():
        let_in = _tells_a_topic(template, resource) or _calls_a_function(template, resource)
        role = () if let_in else ("RoleArn",)
        for target in resource["Properties"]["Targets"]:
            for wanted in ("DeadLetterConfig", "RetryPolicy", *role):
                if wanted not in target:
                    yield f"{name} has a target without {wanted}"


def _nodes(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _nodes(inner, f"{path}/{key}")


#: The laws that hold for every template as it stands.
LAWS: Final[dict[str, Callable[[Template], Iterator[str]]]] = {
    law.__name__: law
    for law in (
        token_inside,
        literal_across,
        ordered,
        small,
        retained_twice,
        recovery_points_retained,
        no_secret,
        functions_logged,
        seen_policies,
        generated_names,
        resource_policies_bounded,
        rules_lose_nothing,
    )
}
