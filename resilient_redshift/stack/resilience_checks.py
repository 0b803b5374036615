"""A policy for every Redshift cluster of an app: a validation plugin, beside cdk-nag's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
import jsii

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME
from resilient_redshift.stack.acknowledged import PLUGIN_NAME, Acknowledgments
from resilient_redshift.stack.finding_places import FindingPlaces
from resilient_redshift.stack.resilience_policy import length, policy_of

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.planning.checks.findings import CheckResult, Finding
    from resilient_redshift.planning.checks.policy import ResiliencePolicy
    from resilient_redshift.rules.retention import Span

#: The severity that CDK's report has for each level of a finding.
_SEVERITIES: Final = {"error": "error", "warning": "warning", "note": "info"}


@typed
@jsii.implements(cdk.IPolicyValidationPlugin)
class ResilienceChecks:
    """Let ``cdk synth`` fail when a Redshift cluster of the app breaks a resilience policy.

    Pass it to ``cdk.Validations.of(app).add_plugins``. It checks every cluster in the app's templates, whoever made it,
    in Stages and nested stacks too. ``resilient-redshift-check cdk.out`` finds the same: both use one function.

    You acknowledge a finding on the cluster, its stack or the app, with an id such as ``resilient-redshift::RR103``.

    Each argument ``survive_...`` is the most that may be lost in one failure: 0 to 3653 days, known at synth. It
    replaces what ``[survive]`` of the policy allows in that failure. How long afterwards somebody may notice the
    failure stays as in the policy; where the policy says nothing, it is as in the default policy. An entry of the
    policy for some clusters still holds for them.

    Args:
        scope: the app. A Stage is checked by itself, so a copy that another Stage declares is not seen.
        policy: the policy, the path of its file, or ``default`` for the default policy. Default: the file that the
            command finds in the working directory or above it; without a file, the default policy.
        survive_node_loss: the most that may be lost when a node fails. Default: as in the policy.
        survive_zone_loss: the most that may be lost when the cluster's Availability Zone fails. Default: as in the
            policy.
        survive_region_loss: the most that may be lost when the cluster's Region fails. Default: as in the policy.
        survive_cluster_deletion: the most that may be lost when the cluster is deleted by mistake. Default: as in the
            policy.
        survive_stack_deletion: the most that may be lost when the cluster's stack is deleted. Default: as in the
            policy.
        survive_bad_load: how long before a load of wrong data the recovery point may be. Default: as in the policy.
        expected_copy_time: how long the copy of a snapshot to another Region is expected to take; 0 to 3653 days, known
            at synth. Default: one hour.

    Raises:
        ResilientRedshiftError: for a length that is out of range or not known at synth, and for a file that holds no
            policy.
    """

    def __init__(
        self,
        scope: cdk.Stage,
        *,
        policy: ResiliencePolicy | str | Path | None = None,
        survive_node_loss: Span | None = None,
        survive_zone_loss: Span | None = None,
        survive_region_loss: Span | None = None,
        survive_cluster_deletion: Span | None = None,
        survive_stack_deletion: Span | None = None,
        survive_bad_load: Span | None = None,
        expected_copy_time: Span | None = None,
    ) -> None:
        problems = Problems("ResilienceChecks")
        losses = {
            "node": length(problems, "survive_node_loss", survive_node_loss),
            "zone": length(problems, "survive_zone_loss", survive_zone_loss),
            "region": length(problems, "survive_region_loss", survive_region_loss),
            "cluster-deleted": length(problems, "survive_cluster_deletion", survive_cluster_deletion),
            "stack-deleted": length(problems, "survive_stack_deletion", survive_stack_deletion),
            "bad-load": length(problems, "survive_bad_load", survive_bad_load),
        }
        copy_time = length(problems, "expected_copy_time", expected_copy_time)
        problems.raise_if_any()
        self._scope = scope
        self._copy_time = DEFAULT_COPY_TIME if copy_time is None else copy_time
        self._policy = policy_of(policy, {failure: most for failure, most in losses.items() if most is not None})

    @property
    def name(self) -> str:
        """The plugin's name, with which the id of an acknowledgment begins."""
        return PLUGIN_NAME

    @property
    def version(self) -> str | None:
        """The version of the plugin, for CDK's analytics: none."""
        return None

    @property
    def rule_ids(self) -> list[str] | None:
        """The ids of the rules."""
        from resilient_redshift.planning.checks.check import CHECKED_RULES  # noqa: PLC0415 - only a check needs it

        return sorted(map(str, CHECKED_RULES))

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Report the findings that the policy does not accept. CDK calls this at the end of a synth.

        Args:
            context: what CDK passes to a plugin. The check reads the cloud assembly instead, as the command does.
        """
        del context
        checked = _Checked(self._scope, self._policy, self._copy_time)
        violations = [checked.violation(each) for each in checked.result.all_findings if each.accepted is None]
        return cdk.PolicyValidationPluginReport(success=checked.result.kept, violations=violations)

    def check(self) -> CheckResult:
        """Synthesize the app, and check it as the plugin does: for your unit tests.

        An app to which the plugin was added raises CDK's error instead, because its synth fails already.

        Returns:
            The result. A finding that a construct acknowledges is accepted, with the reason of the acknowledgment.
        """
        self._scope.synth()
        checked = _Checked(self._scope, self._policy, self._copy_time)
        result = checked.result
        clusters = tuple(
            replace(each, findings=tuple(map(checked.acknowledged, each.findings))) for each in result.clusters
        )
        return replace(result, clusters=clusters, findings=tuple(map(checked.acknowledged, result.findings)))


class _Checked:
    """The check of one cloud assembly.

    Args:
        scope: the app or the Stage that was synthesized.
        policy: the policy.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
    """

    def __init__(self, scope: cdk.Stage, policy: ResiliencePolicy, copy_time: timedelta) -> None:
        from resilient_redshift.planning.checks.check import check  # noqa: PLC0415 - only a check needs the tables
        from resilient_redshift.planning.reading.templates import read_templates  # noqa: PLC0415 - as above

        folder = Path(scope.outdir)
        self.result = check(read_templates(str(folder)), policy, expected_copy_time=copy_time)
        self._places = FindingPlaces(scope, folder)
        self._acknowledgments = Acknowledgments(scope)

    def acknowledged(self, finding: Finding) -> Finding:
        """The finding, accepted when a construct acknowledges it."""
        if finding.accepted is not None:
            return finding
        return replace(finding, accepted=self._acknowledgments.reason(self._places.of(finding).path, finding.rule))

    def violation(self, finding: Finding) -> cdk.PolicyViolation:
        """The finding as CDK reports it."""
        from resilient_redshift.planning.checks.rules import RULE_TEXTS  # noqa: PLC0415 - only a check needs it

        place, text = self._places.of(finding), RULE_TEXTS[finding.rule]
        severity = _SEVERITIES[finding.level]
        if finding.breaks:
            severity = self._acknowledgments.severity(lambda: place.path, finding.rule)
        whose = "" if finding.cluster is None else f"{finding.cluster.in_words}: "
        resource = cdk.PolicyViolatingResource(
            resource_logical_id=place.logical_id,
            construct_path=place.path if place.logical_id is None else None,
            template_path=place.template,
            locations=[],
        )
        return cdk.PolicyViolation(
            rule_name=str(finding.rule),
            description=f"{whose}{finding.message}",
            fix=text.fix,
            severity=severity,
            rule_metadata={"rule": text.name},
            violating_resources=[resource],
        )
