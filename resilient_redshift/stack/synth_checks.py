"""What only the finished template shows: one policy plugin per stack that holds the library's constructs.

A violation stops ``cdk synth``. Each has a rule id, acknowledgeable as ``resilient-redshift::RR001`` with a reason.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.contract.names import ASSOCIATION_TYPE, CLUSTER_TYPE, COPY_TYPE, SCHEDULE_TYPE
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.stack.compliance import acknowledge, wildcard_findings
from resilient_redshift.stack.policy_sizes import INLINE_POLICIES_LIMIT, inline_policy_sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from constructs import IConstruct

_NATIVE_COPY: Final = (
    "DestinationRegion",
    "SnapshotCopyGrantName",
    "SnapshotCopyManual",
    "SnapshotCopyRetentionPeriod",
)
#: What leaves the data of a replaced cluster (CloudFormation User Guide, UpdateReplacePolicy).
_KEEPING: Final = ("Retain", "Snapshot")


class Rule(StrEnum):
    """The ids of what is checked at synth. Public: never renamed, listed in docs/warnings.md."""

    TWO_WAYS_TO_COPY = "RR001"
    TWO_OWNERS = "RR002"
    OBJECTIVE_MISSED = "RR003"
    SECOND_KEY_ALONE = "RR004"
    ROLE_TOO_LARGE = "RR005"
    FROZEN_SNAPSHOT = "RR006"


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleText:
    """What a rule says, and what to do."""

    sentence: str
    fix: str


RULES: Final[Mapping[Rule, RuleText]] = {
    Rule.TWO_WAYS_TO_COPY: RuleText(
        sentence="a cluster whose snapshots a SnapshotCopy copies sets snapshot-copy properties of its own",
        fix="remove DestinationRegion and the SnapshotCopy properties from the cluster: CloudFormation drops them on "
        "create and mishandles them on update, and the two would fight over one setting",
    ),
    Rule.TWO_OWNERS: RuleText(
        sentence="two resources own the snapshot copy of one cluster",
        fix="keep one SnapshotCopy per cluster: a cluster copies to one Region",
    ),
    Rule.OBJECTIVE_MISSED: RuleText(
        sentence="a plan's schedules and the expected copy time cannot meet its recovery point objective",
        fix="take snapshots more often, or allow a longer recovery_point",
    ),
    Rule.SECOND_KEY_ALONE: RuleText(
        sentence="the DeletionPolicy and the RemovalPolicy property of a snapshot copy or schedule disagree",
        fix="set removal_policy on the construct instead of overriding the resource: removal takes both keys",
    ),
    Rule.ROLE_TOO_LARGE: RuleText(
        sentence="a role's inline policies are larger than IAM allows",
        fix="spread the clusters over more stacks: about 20 clusters fit one",
    ),
    Rule.FROZEN_SNAPSHOT: RuleText(
        sentence="what is frozen of a cluster that was restored from a snapshot was changed behind its construct",
        fix="remove the override: CloudFormation would replace the cluster by a restore of old data, or delete it then",
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One violation found in a template."""

    rule: Rule
    logical_id: str
    message: str
    location: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    rule: Rule
    find: Callable[[], list[str]]
    resource: cdk.CfnResource = field(hash=False)


def template_findings(template: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what the built-in rules refuse in one finished template."""
    # a user's Fn::ForEach is a list, and a macro has no type: neither is ours
    resources: Mapping[str, Any] = {
        name: found
        for name, found in template.get("Resources", {}).items()
        if isinstance(found, dict) and "Type" in found
    }
    owners: dict[str, str] = {}
    for logical_id, resource in resources.items():
        if resource["Type"] in {SCHEDULE_TYPE, ASSOCIATION_TYPE}:
            yield from _keys(logical_id, resource)
        if resource["Type"] != COPY_TYPE:
            continue
        properties = resource.get("Properties", {})
        target = _target(properties.get("ClusterIdentifier"), resources)
        if target in owners:
            message = f"'{owners[target]}' and '{logical_id}' both own the snapshot copy of {target}"
            location = "Properties/ClusterIdentifier"
            yield Finding(rule=Rule.TWO_OWNERS, logical_id=logical_id, message=message, location=location)
        owners.setdefault(target, logical_id)
        yield from _native_copy(target, resources)
        yield from _keys(logical_id, resource)
    for role, size in inline_policy_sizes(resources):
        if size > INLINE_POLICIES_LIMIT:
            message = f"those of '{role}' have {size} characters or more, and {INLINE_POLICIES_LIMIT} is IAM's limit"
            yield Finding(rule=Rule.ROLE_TOO_LARGE, logical_id=role, message=message, location="Properties")


def _target(identifier: Any, resources: Mapping[str, Any]) -> str:  # noqa: ANN401 - any template value
    """One word for the cluster that an identifier means, by reference or by name."""
    if isinstance(identifier, dict) and isinstance(identifier.get("Ref"), str):
        return str(identifier["Ref"])
    for logical_id, resource in resources.items():
        if resource["Type"] == CLUSTER_TYPE and resource.get("Properties", {}).get("ClusterIdentifier") == identifier:
            return str(logical_id)
    return json.dumps(identifier, sort_keys=True)


def _native_copy(target: str, resources: Mapping[str, Any]) -> Iterator[Finding]:
    properties = resources.get(target, {}).get("Properties", {})
    for name in _NATIVE_COPY:
        if name in properties:
            message = f"the cluster '{target}' sets {name}, and a SnapshotCopy owns its copy"
            location = f"Properties/{name}"
            yield Finding(rule=Rule.TWO_WAYS_TO_COPY, logical_id=target, message=message, location=location)


def frozen_findings(logical_id: str, resource: Mapping[str, Any], frozen: Mapping[str, Any]) -> Iterator[Finding]:
    """Find what makes CloudFormation replace a restored cluster, or delete it when it does."""
    properties = resource.get("Properties", {})
    for name, value in frozen.items():
        if (properties.get(name) or None) != value:
            message = f"{name} is {properties.get(name)!r}, and the construct was given {value!r}"
            yield Finding(
                rule=Rule.FROZEN_SNAPSHOT, logical_id=logical_id, message=message, location=f"Properties/{name}"
            )
    policy = resource.get("UpdateReplacePolicy", "Delete")
    if policy not in _KEEPING:
        message = f"UpdateReplacePolicy is {policy}, so that a replacement would delete the data"
        yield Finding(rule=Rule.FROZEN_SNAPSHOT, logical_id=logical_id, message=message, location="UpdateReplacePolicy")


def _keys(logical_id: str, resource: Mapping[str, Any]) -> Iterator[Finding]:
    removal = resource.get("Properties", {}).get("RemovalPolicy")
    policy = resource.get("DeletionPolicy", "Delete")
    if (removal == "destroy") != (policy == "Delete"):
        message = f"DeletionPolicy is {policy}, and the property RemovalPolicy is {removal}"
        yield Finding(rule=Rule.SECOND_KEY_ALONE, logical_id=logical_id, message=message, location="DeletionPolicy")


@jsii.implements(cdk.IPolicyValidationPlugin)
class _Plugin:
    """Hands the findings of one stack to CDK; jsii sees only what is defined on the class."""

    def __init__(self, checks: SynthChecks) -> None:
        self._checks = checks

    @property
    def name(self) -> str:
        return "resilient-redshift"

    @property
    def version(self) -> str | None:
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        return [str(rule) for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        self._checks.acknowledge_all()
        name = self._checks.template_file
        # not stack_templates: jsii reads these structs one property at a time, for each stack, in each stack's plugin
        paths = [path for path in context.template_paths if Path(path).name == name] or _nested(context, name)
        violations = [violation for path in paths for violation in self._checks.violations(path)]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)


def _nested(context: cdk.IPolicyValidationContext, name: str) -> list[str]:
    """The template of a nested stack, of which CDK tells no plugin; it lies beside its parent's."""
    folders = dict.fromkeys(Path(path).parent for path in context.template_paths)
    return [str(folder / name) for folder in folders if (folder / name).is_file()]


class SynthChecks:
    """The checks of one stack, run once it is synthesized.

    Args:
        stack: the stack; use :meth:`of`.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self._later: list[_Check] = []
        self._frozen: list[tuple[cdk.CfnResource, Mapping[str, str | None]]] = []
        self._findings: dict[IConstruct, list[tuple[str, str]]] = {}
        cdk.Validations.of(stack).add_plugins(_Plugin(self))

    @classmethod
    def of(cls, scope: IConstruct) -> SynthChecks:
        """The checks of the scope's stack, made on the first call."""
        return _checks_of(stack_of(scope))

    @property
    def template_file(self) -> str:
        """The file name of the stack's template."""
        return self._stack.template_file

    def add(self, rule: Rule, find: Callable[[], list[str]], *, resource: cdk.CfnResource) -> None:
        """Check something at synth that later calls may still change.

        Args:
            rule: the id that a finding carries.
            find: says what is wrong, one sentence each; none when all is well.
            resource: a resource of this stack that a finding is reported on.
        """
        self._later.append(_Check(rule=rule, find=find, resource=resource))

    def freeze(self, resource: cdk.CfnResource, properties: Mapping[str, str | None]) -> None:
        """Hold a restored cluster to what its construct was given, escape hatches included.

        Args:
            resource: the cluster.
            properties: literals by CloudFormation's names; None is left out of the template.
        """
        self._frozen.append((resource, properties))

    def acknowledge(self, construct: IConstruct, arn: str, reason: str) -> None:
        """Acknowledge what AwsSolutions finds on an ARN with a wildcard, all of a construct's in one call, at synth.

        CDK collects acknowledgments after the plugins ran.
        """
        self._findings.setdefault(construct, []).append((arn, reason))

    def acknowledge_all(self) -> None:
        """Tell CDK."""
        for construct, found in self._findings.items():
            acknowledge(construct, wildcard_findings(self._stack, found))
        self._findings.clear()

    def violations(self, template_path: str) -> list[cdk.PolicyViolation]:
        """Everything wrong in this stack."""
        template = json.loads(Path(template_path).read_text(encoding="utf-8"))
        found = list(template_findings(template))
        for check in self._later:
            for message in check.find():
                logical_id = str(self._stack.resolve(check.resource.logical_id))
                found.append(Finding(rule=check.rule, logical_id=logical_id, message=message, location="Properties"))
        for cluster, properties in self._frozen:
            logical_id = str(self._stack.resolve(cluster.logical_id))
            found.extend(frozen_findings(logical_id, template.get("Resources", {}).get(logical_id, {}), properties))
        return [_violation(finding, template_path) for finding in found]


@Remembered
def _checks_of(stack: cdk.Stack) -> SynthChecks:
    return SynthChecks(stack)


def _violation(finding: Finding, template_path: str) -> cdk.PolicyViolation:
    text = RULES[finding.rule]
    resource = cdk.PolicyViolatingResource(
        resource_logical_id=finding.logical_id,
        template_path=template_path,
        locations=[finding.location],
    )
    return cdk.PolicyViolation(
        rule_name=str(finding.rule),
        description=f"{text.sentence}: {finding.message}",
        fix=text.fix,
        severity="error",
        violating_resources=[resource],
    )
