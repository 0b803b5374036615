"""Where in an app each finding of a check belongs: its template, its resource and its construct path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import aws_cdk as cdk

from resilient_redshift.contract.names import CLUSTER_TYPE

if TYPE_CHECKING:
    from resilient_redshift.planning.checks.findings import Finding


@dataclass(frozen=True, slots=True)
class Place:
    """The place of one finding.

    Attributes:
        path: the construct path: of the cluster, else of the stack, else empty for the app.
        template: the file of the template; None for a finding about the app.
        logical_id: the cluster's logical id; None for a finding about a stack or the app.
    """

    path: str
    template: str | None = None
    logical_id: str | None = None


class FindingPlaces:
    """The places of findings in a synthesized app or Stage.

    Args:
        scope: the app or the Stage.
        folder: the folder of its cloud assembly.
    """

    def __init__(self, scope: cdk.Stage, folder: Path) -> None:
        self._scope = scope
        self._folder = folder

    def of(self, finding: Finding) -> Place:
        """The place of a finding.

        Args:
            finding: a finding about a template of the cloud assembly, or about the policy.
        """
        cluster = finding.cluster
        file = finding.file if cluster is None else cluster.file
        if file is None:
            return Place("")
        if cluster is not None and cluster.logical_id is not None:
            path = cluster.path or self._clusters.get((Path(file).name, cluster.logical_id))
            if path is not None:
                return Place(path, self._on_disk(file), cluster.logical_id)
        path = self._stacks.get(Path(file).name)
        return Place("") if path is None else Place(path, self._on_disk(file))

    def _on_disk(self, file: str) -> str:
        below = self._folder / file
        return str(below if below.is_file() else Path(file))

    # Both walk the whole app, which asks jsii about every construct. CDK's command line writes the construct paths into
    # the templates, so that most apps need neither.

    @cached_property
    def _stacks(self) -> dict[str, str]:
        """The paths of the stacks, by the file names of their templates, of which no two in an app are the same."""
        found = self._scope.node.find_all()
        return {each.template_file: each.node.path for each in found if isinstance(each, cdk.Stack)}

    @cached_property
    def _clusters(self) -> dict[tuple[str, str], str]:
        """The paths of the clusters, by the file names of their templates and their logical ids."""
        resources = [each for each in self._scope.node.find_all() if isinstance(each, cdk.CfnResource)]
        return {
            (each.stack.template_file, str(each.stack.resolve(each.logical_id))): each.node.path
            for each in resources
            if each.cfn_resource_type == CLUSTER_TYPE
        }
