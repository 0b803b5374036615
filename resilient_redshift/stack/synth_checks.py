"""One policy plugin per stack checks the finished template against the rules of ``synth_rules.py``.

You acknowledge a rule as ``resilient-redshift::RR001``, with a reason.
"""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.acknowledged import PLUGIN_NAME, Acknowledgments
from resilient_redshift.stack.compliance import acknowledge, wildcard_findings
from resilient_redshift.stack.conditions import parts_of, resource_of
from resilient_redshift.stack.recorded import AnythingBut, Recorded
from resilient_redshift.stack.stack_limits import ResourceLimit
from resilient_redshift.stack.synth_rules import RULES, Finding, inspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from constructs import IConstruct

    from resilient_redshift.stack.removal import Declared


#: A stack that keeps so many clusters, keys, records, copies and grants may have more resources than CloudFormation
#: allows. A cluster with its copy and key is three of them, a plan in the stack of its site is one. In a stack with
#: fewer, the resources are mostly the user's own, and CDK's error says that there are too many.
_KEPT_BY_MANY_CLUSTERS: Final = 32


class SynthChecks:
    """The checks of one stack. They run when CDK synthesizes the app.

    Args:
        stack: the stack; use :meth:`of`.
    """

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack
        self._objectives: list[tuple[cdk.CfnResource, Callable[[], list[str]]]] = []
        self._frozen: list[tuple[cdk.CfnResource, Mapping[str, str | None]]] = []
        self._removals: list[tuple[cdk.CfnResource, Declared]] = []
        self._recorded: list[tuple[cdk.CfnResource, Recorded]] = []
        self._equals: list[tuple[cdk.CfnResource, cdk.CfnResource, tuple[str, ...]]] = []
        self._wildcards: dict[IConstruct, list[tuple[str, str]]] = {}
        cdk.Validations.of(stack).add_plugins(_Plugin(self))
        stack.node.add_validation(ResourceLimit(stack, lambda: len(self._removals) >= _KEPT_BY_MANY_CLUSTERS))

    @classmethod
    def of(cls, scope: IConstruct) -> SynthChecks:
        """The checks of the scope's stack, made on the first call."""
        return _checks_of(stack_of(scope))

    @property
    def template_file(self) -> str:
        """The file name of the stack's template."""
        return self._stack.template_file

    def check_objective(self, find: Callable[[], list[str]], *, resource: cdk.CfnResource) -> None:
        """Check at synth whether a plan's snapshots can keep its recovery point.

        The check runs at synth because later calls can still add snapshots.

        Args:
            find: returns one sentence for each reason why the snapshots cannot keep the recovery point; an empty list
                when they can.
            resource: the resource of this stack on which a finding is reported.
        """
        self._objectives.append((resource, find))

    def freeze(self, resource: cdk.CfnResource, properties: Mapping[str, str | None]) -> None:
        """Check at synth that a restored cluster still has the properties of its construct, also after escape hatches.

        Args:
            resource: the cluster.
            properties: the literal values by CloudFormation's names; None for a property that the template must not
                have.
        """
        self._frozen.append((resource, properties))

    def keep(self, resource: cdk.CfnResource, declared: Declared) -> None:
        """Check at synth that nothing outside the construct weakened a resource's removal policies.

        Args:
            resource: a resource whose loss costs a recovery point, or the way back to one.
            declared: the removal policies that the construct declares.
        """
        self._removals.append((resource, declared))

    def record(self, resource: cdk.CfnResource, recorded: Recorded) -> None:
        """Check at synth that a resource of this stack still has the properties that a construct has read.

        Args:
            resource: the resource.
            recorded: the properties; a value may be a token of this stack.
        """
        self._recorded.append((resource, recorded))

    def equal(self, resource: cdk.CfnResource, original: cdk.CfnResource, properties: tuple[str, ...]) -> None:
        """Check at synth that a resource of this stack has the same properties as one of any stack.

        Args:
            resource: the resource of this stack, which was made like the other one.
            original: the other resource.
            properties: CloudFormation's names of the properties.
        """
        self._equals.append((resource, original, properties))
        there = stack_of(original)
        if _stage_of(there) is not _stage_of(self._stack):
            # CDK validates each Stage by itself, and only the last one can read the templates of both
            SynthChecks.of(there)._equals.append((original, resource, properties))  # noqa: SLF001 - this class

    def acknowledge(self, construct: IConstruct, arn: str, reason: str) -> None:
        """Acknowledge at synth the finding of AwsSolutions on an ARN with a wildcard.

        All acknowledgments of one construct then reach CDK in one call. That is early enough, because CDK collects
        acknowledgments after the plugins have run.

        Args:
            construct: the construct on which the finding is acknowledged.
            arn: the ARN with the wildcard.
            reason: the reason of the acknowledgment.
        """
        self._wildcards.setdefault(construct, []).append((arn, reason))

    def acknowledge_all(self) -> None:
        """Pass to CDK the acknowledgments that were collected so far."""
        for construct, wildcards in self._wildcards.items():
            acknowledge(construct, wildcard_findings(self._stack, wildcards))
        self._wildcards.clear()

    def violations(
        self, template_path: str, template_of: Callable[[cdk.Stack], Mapping[str, Any]]
    ) -> list[cdk.PolicyViolation]:
        """The violations of all rules in the stack's finished template.

        Args:
            template_path: the file with the template.
            template_of: returns the finished template of any stack of the app; an empty one where it cannot be found.
        """
        text = Path(template_path).read_bytes()
        template = json.loads(text)
        resources = template.get("Resources", {})
        conditional = parts_of(self._stack)
        listed = (self._objectives, self._frozen, self._removals, self._recorded, conditional.parts, conditional.apart)
        ids = self._logical_ids(each[0] for several in listed for each in several)
        ids |= self._logical_ids(each[0] for each in self._equals)
        # without a condition of the cluster, there is nothing that its parts could lack
        parts = [
            (cluster, resource_of(part))
            for cluster, part in conditional.parts
            if "Condition" in resources.get(ids[cluster], {})
        ]
        ids |= self._logical_ids(part for _, part in parts)
        objectives = [(ids[resource], message) for resource, find in self._objectives for message in find()]
        frozen = [(ids[cluster], properties) for cluster, properties in self._frozen]
        removals = [(ids[resource], declared) for resource, declared in self._removals]
        recorded = [(ids[resource], self._resolved(each)) for resource, each in self._recorded]
        recorded += [
            (ids[resource], each)
            for resource, original, names in self._equals
            if (each := _like(original, names, template_of)) is not None
        ]
        findings = inspect(
            template,
            objectives=objectives,
            frozen=frozen,
            removals=removals,
            recorded=recorded,
            parts=[(ids[cluster], ids[part]) for cluster, part in parts],
            apart=[(ids[cluster], what) for cluster, what in conditional.apart],
            template_bytes=len(text),
        )
        acknowledgments = Acknowledgments(self._stack)
        return [
            _violation(
                finding,
                template_path,
                acknowledgments.severity(functools.partial(self._path_of, finding.logical_id), finding.rule),
            )
            for finding in findings
        ]

    def _path_of(self, logical_id: str) -> str:
        """The path of a resource of this stack; the stack's own where there is none."""
        resources = (each for each in self._stack.node.find_all() if isinstance(each, cdk.CfnResource))
        ids = self._logical_ids(each for each in resources if stack_of(each) is self._stack)
        found: IConstruct = next((each for each, name in ids.items() if name == logical_id), self._stack)
        return path_of(found)

    def _logical_ids(self, resources: Iterable[cdk.CfnResource]) -> dict[cdk.CfnResource, str]:
        """The logical ids of resources of this stack, in one question to jsii for all of them."""
        distinct = list(dict.fromkeys(resources))
        return dict(zip(distinct, self._stack.resolve([each.logical_id for each in distinct]), strict=True))

    def _resolved(self, recorded: Recorded) -> Recorded:
        properties = {
            name: value if isinstance(value, AnythingBut) or known(value) else self._stack.resolve(value)
            for name, value in recorded.properties.items()
        }
        return replace(recorded, properties=properties)


@Remembered
def _stage_of(stack: cdk.Stack) -> cdk.Stage | None:
    return cdk.Stage.of(stack)


@Remembered
def _checks_of(stack: cdk.Stack) -> SynthChecks:
    return SynthChecks(stack)


@jsii.implements(cdk.IPolicyValidationPlugin)
class _Plugin:
    """Passes the findings of one stack to CDK. jsii sees only the members that the class itself defines."""

    def __init__(self, checks: SynthChecks) -> None:
        self._checks = checks

    @property
    def name(self) -> str:
        return PLUGIN_NAME

    @property
    def version(self) -> str | None:
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        return [str(rule) for rule in RULES]

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        self._checks.acknowledge_all()
        name = self._checks.template_file
        # The property stack_templates would be slower: jsii reads each property of its structs by itself, and each
        # stack's plugin would read the structs of all stacks.
        template_of = functools.cache(functools.partial(_template_of, context))
        violations = [
            violation for path in _paths(context, name) for violation in self._checks.violations(path, template_of)
        ]
        return cdk.PolicyValidationPluginReport(success=not violations, violations=violations)


def _template_of(context: cdk.IPolicyValidationContext, stack: cdk.Stack) -> Mapping[str, Any]:
    """The finished template of a stack; an empty one where CDK has written none so far."""
    name = stack.template_file
    stage = _stage_of(stack)
    elsewhere = Path(stage.outdir) / name if stage is not None else Path(name)
    paths = _paths(context, name) or ([str(elsewhere)] if elsewhere.is_file() else [])
    template: Mapping[str, Any] = json.loads(Path(paths[0]).read_text(encoding="utf-8")) if paths else {}
    return template


def _like(
    original: cdk.CfnResource, names: tuple[str, ...], template_of: Callable[[cdk.Stack], Mapping[str, Any]]
) -> Recorded | None:
    """What a resource must be like, as the finished template of the original says; None where there is none."""
    stack = stack_of(original)
    resource = template_of(stack).get("Resources", {}).get(stack.resolve(original.logical_id))
    if resource is None:
        return None
    properties = resource.get("Properties", {})
    return Recorded(
        by=f"'{path_of(original)}', which must be like it, has",
        properties={name: properties.get(name) for name in names},
    )


def _paths(context: cdk.IPolicyValidationContext, name: str) -> list[str]:
    """The files with the template of this name.

    CDK does not pass the template of a nested stack to plugins; the file is in the parent stack's folder.
    """
    paths = [path for path in context.template_paths if Path(path).name == name]
    folders = dict.fromkeys(Path(path).parent for path in context.template_paths)
    return paths or [str(folder / name) for folder in folders if (folder / name).is_file()]


def _violation(finding: Finding, template_path: str, severity: str) -> cdk.PolicyViolation:
    rule = RULES[finding.rule]
    resource = cdk.PolicyViolatingResource(
        resource_logical_id=finding.logical_id,
        template_path=template_path,
        locations=[finding.location],
    )
    return cdk.PolicyViolation(
        rule_name=str(finding.rule),
        description=f"{rule.sentence}: {finding.message}",
        fix=rule.fix,
        severity=severity,
        violating_resources=[resource],
    )
