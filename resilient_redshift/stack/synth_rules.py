"""The rules that a finished template must keep, one function for each rule. A violation stops ``cdk synth``."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import CLUSTER_TYPE, COPY_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.rules.limits import (
    INLINE_POLICIES_LIMIT,
    MANAGED_POLICIES_LIMIT,
    MANAGED_POLICY_LIMIT,
    TEMPLATE_BYTES_LIMIT,
)
from resilient_redshift.rules.naming import stored_identifier
from resilient_redshift.stack.policy_sizes import inline_policy_sizes, managed_policies
from resilient_redshift.stack.recorded import Recorded, changes
from resilient_redshift.stack.removal import DELETION, REPLACEMENT, Declared, weakened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_NATIVE_COPY: Final = (
    "DestinationRegion",
    "SnapshotCopyGrantName",
    "SnapshotCopyManual",
    "SnapshotCopyRetentionPeriod",
)
#: What helps against a stack that is too large.
SPLIT: Final = (
    "move some of the clusters to a second stack: their rules, copies, schedules and plans follow them; for the stack "
    "of a RecoverySite, make a second site in a second stack for some of the plans"
)
#: The policies that keep the data of a replaced cluster (CloudFormation User Guide, UpdateReplacePolicy).
_KEEPING: Final = ("Retain", "Snapshot")


class Rule(StrEnum):
    """The ids of the rules. The ids are public: a release never renames them, and docs/warnings.md lists them."""

    TWO_WAYS_TO_COPY = "RR001"
    TWO_OWNERS = "RR002"
    OBJECTIVE_MISSED = "RR003"
    SECOND_KEY_ALONE = "RR004"
    ROLE_TOO_LARGE = "RR005"
    FROZEN_SNAPSHOT = "RR006"
    REMOVAL_POLICY_WEAKENED = "RR007"
    RECORD_DIFFERS = "RR008"
    CONDITION_LOST = "RR009"
    TEMPLATE_TOO_LARGE = "RR010"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One violation in a template.

    Attributes:
        rule: the rule that the template breaks.
        logical_id: the logical id of the resource.
        message: what is wrong, in one sentence.
        location: the place in the resource, such as ``Properties/DestinationRegion``.
    """

    rule: Rule
    logical_id: str
    message: str
    location: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspected:
    """The parts of a stack that the rules read.

    Attributes:
        resources: the template's resources, by logical id.
        objectives: the logical id of a plan's record, and a reason why the plan's snapshots cannot keep its recovery
            point; one pair for each reason.
        frozen: the logical id of a restored cluster, and the properties that its construct set; None for a property
            that the template must not have.
        removals: the logical id of each resource whose removal policies its construct declares, and these policies.
        recorded: the logical id of a resource whose properties a construct has read, and these properties, without
            tokens.
        parts: the logical id of a cluster, and that of a resource which must not exist without the cluster.
        apart: the logical id of a cluster, and what belongs to it in another stack, in words.
        template_bytes: the bytes of the template's file.
    """

    resources: Mapping[str, Any]
    objectives: Sequence[tuple[str, str]] = field(default_factory=tuple)
    frozen: Sequence[tuple[str, Mapping[str, str | None]]] = field(default_factory=tuple)
    removals: Sequence[tuple[str, Declared]] = field(default_factory=tuple)
    recorded: Sequence[tuple[str, Recorded]] = field(default_factory=tuple)
    parts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    apart: Sequence[tuple[str, str]] = field(default_factory=tuple)
    template_bytes: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SynthRule:
    """One rule.

    Attributes:
        sentence: what a violation is.
        fix: what the user can do about a violation.
        find: the function that finds the violations in a stack.
    """

    sentence: str
    fix: str
    find: Callable[[Inspected], Iterator[Finding]]


def two_ways_to_copy(stack: Inspected) -> Iterator[Finding]:
    """Find clusters that have a SnapshotCopy and copy properties of their own."""
    for _, target in _copies(stack.resources):
        properties = stack.resources.get(target, {}).get("Properties", {})
        for name in _NATIVE_COPY:
            if name in properties:
                message = f"the cluster '{target}' sets {name}, and a SnapshotCopy owns its copy"
                yield Finding(
                    rule=Rule.TWO_WAYS_TO_COPY, logical_id=target, message=message, location=f"Properties/{name}"
                )


def two_owners(stack: Inspected) -> Iterator[Finding]:
    """Find clusters that have two SnapshotCopies."""
    owners: dict[str, str] = {}
    for logical_id, target in _copies(stack.resources):
        owner = owners.setdefault(target, logical_id)
        if owner != logical_id:
            message = f"'{owner}' and '{logical_id}' both own the snapshot copy of {target}"
            location = "Properties/ClusterIdentifier"
            yield Finding(rule=Rule.TWO_OWNERS, logical_id=logical_id, message=message, location=location)


def objective_missed(stack: Inspected) -> Iterator[Finding]:
    """Find plans whose snapshots cannot keep the recovery point."""
    for logical_id, message in stack.objectives:
        yield Finding(rule=Rule.OBJECTIVE_MISSED, logical_id=logical_id, message=message, location="Properties")


def second_key_alone(stack: Inspected) -> Iterator[Finding]:
    """Find custom resources whose DeletionPolicy and RemovalPolicy property differ."""
    for logical_id, resource in stack.resources.items():
        if own_type(resource["Type"], resource.get("Properties")) is None:
            continue
        removal = resource.get("Properties", {}).get("RemovalPolicy")
        policy = resource.get("DeletionPolicy", "Delete")
        if (removal == "destroy") != (policy == "Delete"):
            message = f"DeletionPolicy is {policy}, and the property RemovalPolicy is {removal}"
            yield Finding(rule=Rule.SECOND_KEY_ALONE, logical_id=logical_id, message=message, location="DeletionPolicy")


def role_too_large(stack: Inspected) -> Iterator[Finding]:
    """Find roles with more policies, or larger ones, than IAM allows."""
    for role, size in inline_policy_sizes(stack.resources):
        if size > INLINE_POLICIES_LIMIT:
            message = (
                f"the policies of '{role}' have at least {size} characters; IAM's limit is {INLINE_POLICIES_LIMIT}"
            )
            yield Finding(rule=Rule.ROLE_TOO_LARGE, logical_id=role, message=message, location="Properties")
    yield from _managed_policies_too_large(stack)


def _managed_policies_too_large(stack: Inspected) -> Iterator[Finding]:
    attached: dict[str, int] = {}
    for policy, size, role in managed_policies(stack.resources):
        attached[role] = attached.get(role, 0) + 1
        if size > MANAGED_POLICY_LIMIT:
            of = f"the managed policy '{policy}' has at least {size} characters"
            message = f"{of}; IAM's limit is {MANAGED_POLICY_LIMIT}"
            yield Finding(rule=Rule.ROLE_TOO_LARGE, logical_id=policy, message=message, location="Properties")
    for role, own in attached.items():
        arns = stack.resources.get(role, {}).get("Properties", {}).get("ManagedPolicyArns")
        number = own + (len(arns) if isinstance(arns, list) else 0)
        if number > MANAGED_POLICIES_LIMIT:
            message = f"the role '{role}' has {number} managed policies; IAM's limit is {MANAGED_POLICIES_LIMIT}"
            yield Finding(rule=Rule.ROLE_TOO_LARGE, logical_id=role, message=message, location="Properties")


def template_too_large(stack: Inspected) -> Iterator[Finding]:
    """Find a template that CloudFormation would refuse for its size."""
    if stack.template_bytes > TEMPLATE_BYTES_LIMIT:
        largest = max(stack.resources, key=lambda logical_id: len(json.dumps(stack.resources[logical_id])))
        message = f"the template has {stack.template_bytes} bytes; CloudFormation's limit is {TEMPLATE_BYTES_LIMIT}"
        yield Finding(rule=Rule.TEMPLATE_TOO_LARGE, logical_id=largest, message=message, location="")


def frozen_snapshot(stack: Inspected) -> Iterator[Finding]:
    """Find restored clusters that CloudFormation would replace, and those whose data a replacement would delete."""
    for logical_id, frozen in stack.frozen:
        resource = stack.resources.get(logical_id, {})
        properties = resource.get("Properties", {})
        for name, value in frozen.items():
            if (properties.get(name) or None) != value:
                message = f"{name} is {properties.get(name)!r}, but the construct sets {value!r}"
                yield Finding(
                    rule=Rule.FROZEN_SNAPSHOT, logical_id=logical_id, message=message, location=f"Properties/{name}"
                )
        policy = resource.get("UpdateReplacePolicy", "Delete")
        if policy not in _KEEPING:
            message = f"UpdateReplacePolicy is {policy}, so a replacement would delete the data"
            location = "UpdateReplacePolicy"
            yield Finding(rule=Rule.FROZEN_SNAPSHOT, logical_id=logical_id, message=message, location=location)


def removal_policy_weakened(stack: Inspected) -> Iterator[Finding]:
    """Find resources whose removal policy in the template keeps less than their construct declares."""
    for logical_id, declared in stack.removals:
        if logical_id not in stack.resources:
            continue
        resource = stack.resources[logical_id]
        changed = [
            (attribute, f"{attribute} is {resource.get(attribute, 'Delete')} instead of {policy or 'none'}")
            for attribute, policy in ((DELETION, declared.deletion), (REPLACEMENT, declared.replacement))
            if weakened(policy, resource.get(attribute))
        ]
        if changed:
            message = f"{', '.join(words for _, words in changed)}; if you mean it, {declared.to_remove}"
            location = changed[0][0]
            yield Finding(rule=Rule.REMOVAL_POLICY_WEAKENED, logical_id=logical_id, message=message, location=location)


def record_differs(stack: Inspected) -> Iterator[Finding]:
    """Find resources whose properties changed after a construct had read them."""
    for logical_id, recorded in stack.recorded:
        properties = stack.resources.get(logical_id, {}).get("Properties", {})
        for name, message in changes(recorded, properties):
            location = f"Properties/{name}"
            yield Finding(rule=Rule.RECORD_DIFFERS, logical_id=logical_id, message=message, location=location)


def condition_lost(stack: Inspected) -> Iterator[Finding]:
    """Find what would exist without a cluster that exists only under a condition."""

    def condition(logical_id: str) -> object:
        return stack.resources.get(logical_id, {}).get("Condition")

    found = [(part, cluster, f"'{part}' has none") for cluster, part in stack.parts if condition(part) is None]
    found += [(cluster, cluster, f"{what} cannot have one of this stack") for cluster, what in stack.apart]
    for logical_id, cluster, words in found:
        if condition(cluster) is not None:
            message = f"the cluster '{cluster}' has the Condition '{condition(cluster)}', and {words}"
            yield Finding(rule=Rule.CONDITION_LOST, logical_id=logical_id, message=message, location="Condition")


RULES: Final[Mapping[Rule, SynthRule]] = {
    Rule.TWO_WAYS_TO_COPY: SynthRule(
        sentence="a cluster whose snapshots a SnapshotCopy copies sets snapshot-copy properties of its own",
        fix="remove DestinationRegion and the SnapshotCopy properties from the cluster: CloudFormation drops them on "
        "create and mishandles them on update, and the two would fight over one setting",
        find=two_ways_to_copy,
    ),
    Rule.TWO_OWNERS: SynthRule(
        sentence="two resources own the snapshot copy of one cluster",
        fix="keep one SnapshotCopy per cluster: a cluster copies to one Region",
        find=two_owners,
    ),
    Rule.OBJECTIVE_MISSED: SynthRule(
        sentence="a plan's schedules and the expected copy time cannot meet its recovery point objective",
        fix="take snapshots more often, or allow a longer recovery_point",
        find=objective_missed,
    ),
    Rule.SECOND_KEY_ALONE: SynthRule(
        sentence="the DeletionPolicy and the RemovalPolicy property of a snapshot copy, grant or schedule disagree",
        fix="leave this resource out of what sets the policy (RemovalPolicies has exclude_resource_types), or, if you "
        "mean it, set removal_policy on the construct: removal takes both keys; for a plan's copy and a site's grant, "
        "which have no such argument, remove the plan or the site from the app and then end the thing by hand",
        find=second_key_alone,
    ),
    Rule.ROLE_TOO_LARGE: SynthRule(
        sentence="a role's policies are larger, or more, than IAM allows",
        fix=f"{SPLIT}; where clusters of one stack have snapshot schedules of their own, let them share one; where a "
        "plan restores with many IAM roles, name fewer",
        find=role_too_large,
    ),
    Rule.FROZEN_SNAPSHOT: SynthRule(
        sentence="what is frozen of a cluster that was restored from a snapshot was changed behind its construct",
        fix="remove the override: CloudFormation would replace the cluster by a restore of old data, or delete it then",
        find=frozen_snapshot,
    ),
    Rule.REMOVAL_POLICY_WEAKENED: SynthRule(
        sentence="a removal policy from outside its construct would delete a cluster, a key or a plan record",
        fix="leave this resource out of what sets the policy (RemovalPolicies has exclude_resource_types), or, if you "
        "mean it, remove it as the message says",
        find=removal_policy_weakened,
    ),
    Rule.RECORD_DIFFERS: SynthRule(
        sentence="a cluster or a plan's rule was changed after a construct of this library had read its definition",
        fix="change the cluster or its parameter group before you declare the copy or the plan; where an Aspect makes "
        "the change, make it in the definition, or pass the value in RestoreOptions; give a rule its schedule and "
        "'enabled' as arguments",
        find=record_differs,
    ),
    Rule.CONDITION_LOST: SynthRule(
        sentence="what belongs to a cluster would exist where the cluster does not",
        fix="set the condition with the cluster's cfn_options.condition, which its parts in the stack inherit; for "
        "what is in another stack, decide in Python with 'if' whether to declare cluster and plan",
        find=condition_lost,
    ),
    Rule.TEMPLATE_TOO_LARGE: SynthRule(
        sentence="a template is larger than CloudFormation allows",
        fix=SPLIT,
        find=template_too_large,
    ),
}


def inspect(template: Mapping[str, Any], **known: Any) -> list[Finding]:  # noqa: ANN401 - as Inspected has them
    """Check one finished template against all rules.

    Args:
        template: the template.
        known: what the stack's constructs have declared; the other attributes of :class:`Inspected`.

    Returns:
        The violations, in the order of the rules.
    """
    # a user's Fn::ForEach is a list, and a user's macro has no type; neither is a resource of this library
    resources = {
        name: resource
        for name, resource in template.get("Resources", {}).items()
        if isinstance(resource, dict) and "Type" in resource
    }
    stack = Inspected(resources=resources, **known)
    return [finding for rule in RULES.values() for finding in rule.find(stack)]


def _copies(resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The logical id of each SnapshotCopy, and a text that identifies its cluster."""
    for logical_id, resource in resources.items():
        if own_type(resource["Type"], resource.get("Properties")) == COPY_TYPE:
            yield logical_id, _cluster_of(resource.get("Properties", {}).get("ClusterIdentifier"), resources)


def _cluster_of(identifier: Any, resources: Mapping[str, Any]) -> str:  # noqa: ANN401 - any template value
    """A text that identifies a cluster: the logical id of a cluster of the template, or else the identifier as JSON."""
    if isinstance(identifier, dict) and isinstance(identifier.get("Ref"), str):
        return str(identifier["Ref"])
    identifier = _stored(identifier)
    for logical_id, resource in resources.items():
        named = _stored(resource.get("Properties", {}).get("ClusterIdentifier"))
        if resource["Type"] == CLUSTER_TYPE and named == identifier:
            return str(logical_id)
    return json.dumps(identifier, sort_keys=True)


def _stored(identifier: Any) -> Any:  # noqa: ANN401 - any template value
    return stored_identifier(identifier) if isinstance(identifier, str) else identifier
