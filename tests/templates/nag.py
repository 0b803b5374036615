"""What cdk-nag finds: as users see it, and in full, without a single acknowledgment."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
from aws_cdk import cloudformation_include as include
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from tests.scenes.nag import acknowledged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from constructs import IConstruct

    from tests.templates.shapes import Shape

#: By what the names of their rules begin with.
PACKS: Final[dict[str, Any]] = {
    "AwsSolutions": AwsSolutionsChecks,
    "HIPAA.Security": HIPAASecurityChecks,
    "NIST.800.53.R4": NIST80053R4Checks,
    "NIST.800.53.R5": NIST80053R5Checks,
    "PCI.DSS.321": PCIDSS321Checks,
}


@dataclass(frozen=True, order=True)
class Finding:
    """A rule that a resource, by the path of its construct, breaks."""

    rule: str
    path: str


@dataclass(frozen=True, order=True)
class Acknowledged:
    """A finding that somebody acknowledged, as it is told to readers: no names of one app, nothing generated."""

    pack: str
    rule: str
    at: str
    resource_type: str
    reason: str

    @property
    def rule_in_every_pack(self) -> str:
        """The rule without its pack: packs share most of them."""
        return self.rule.removeprefix(f"{self.pack}-")


def findings(pack: str, scope: IConstruct) -> set[Finding]:
    """What a pack reports to users."""
    violations = PACKS[pack]().validate_scope(scope).violations
    return {Finding(v.rule_name, str(r.construct_path)) for v in violations for r in v.violating_resources}


def all_findings(shape: Shape, folder: Path) -> dict[str, set[Finding]]:
    """What each pack would report if nothing were acknowledged: it looks at the finished templates, which carry no acknowledgments."""
    app = cdk.App(analytics_reporting=False, tree_metadata=False)
    for name, template in shape.templates.items():
        file = folder / f"{name}.json"
        file.write_text(json.dumps(template))
        include.CfnInclude(cdk.Stack(app, name), "T", template_file=str(file))
    paths = {f"{stack}/T/{logical_id}": path for stack, logical_id, path in _paths(shape)}
    return {pack: {Finding(found.rule, paths[found.path]) for found in findings(pack, app)} for pack in PACKS}


def _paths(shape: Shape) -> Iterator[tuple[str, str, str]]:
    for name, template in shape.templates.items():
        for logical_id, resource in template["Resources"].items():
            yield name, logical_id, resource["Metadata"]["aws:cdk:path"]


class Inspected:
    """A shape as packs see it. Its construct tree is read once: each question to jsii has a price.

    Args:
        shape: the synthesized app.
        folder: for files.
    """

    def __init__(self, shape: Shape, folder: Path) -> None:
        self.shape = shape
        self._types = {
            resource["Metadata"]["aws:cdk:path"]: resource["Type"]
            for template in shape.templates.values()
            for resource in template["Resources"].values()
        }
        nodes = {node.node.path: node for node in shape.app.node.find_all()}
        #: The paths of the constructs that the library made: it, or one above it, is of a class of the library.
        self.ours: set[str] = set()
        self._stacks = [path for path, node in nodes.items() if isinstance(node, cdk.Stack)]
        self._reasons = {path: reasons for path, node in nodes.items() if (reasons := acknowledged(node))}
        for path, node in nodes.items():
            above = path.rpartition("/")[0]
            if (
                above in self.ours
                or type(node).__module__.startswith("resilient_redshift.")
                or path.endswith("/ResilientRedshiftPlans")
            ):
                self.ours.add(path)
        self.reported = {pack: findings(pack, shape.app) for pack in PACKS}
        self.every = all_findings(shape, folder)

    def acknowledged(self, *, ours: bool) -> set[Acknowledged]:
        """The findings that are not reported, the library's or the user's, each with the reason nearest to it."""
        return {
            self._told(pack, found)
            for pack in PACKS
            for found in self.every[pack] - self.reported[pack]
            if (found.path in self.ours) == ours
        }

    def unused(self) -> set[tuple[str, str]]:
        """The acknowledgments of the library that no finding needs: path and rule."""
        every = {(found.rule, at) for pack in PACKS for found in self.every[pack] for at in _upwards(found.path)}
        return {
            (path, rule)
            for path, reasons in self._reasons.items()
            if path in self.ours
            for rule in reasons
            if rule.startswith(tuple(PACKS)) and (rule, path) not in every
        }

    def _told(self, pack: str, found: Finding) -> Acknowledged:
        at = next(path for path in _upwards(found.path) if found.rule in self._reasons.get(path, {}))
        stack = max((path for path in self._stacks if found.path.startswith(f"{path}/")), key=len)
        inside = general(at.removeprefix(f"{stack}/"))
        return Acknowledged(pack, general(found.rule), inside, self._types[found.path], self._reasons[at][found.rule])


def _upwards(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition("/")[0]


def general(name: str) -> str:
    """A rule or path without what differs between apps: partition, Region, account, cluster and hashes."""
    name = re.sub(r"arn:.*?:redshift:.*?:(cluster|snapshot):", r"arn:...:\1:", name)
    name = re.sub(r"arn:.*?:(redshift|secretsmanager):[^:]*:[^:]*:(\*|secret):", r"arn:...:\1:\2:", name)
    name = re.sub(r"arn:.*?:states:.*?:execution:.*:\*", r"arn:...:execution:<machine>:*", name)
    name = re.sub(r"(redshift:\*:)(?!drill-|restored-)[^/\]]+/", r"\1<cluster>/", name)
    name = re.sub(r"arn:.*?:kms:.*?:key/", r"arn:...:key/", name)
    name = re.sub(r"arn:.*?:ssm:.*?:parameter/", r"arn:...:parameter/", name)
    name = re.sub(r"arn:.*?:iam:.*?:role/", r"arn:...:role/", name)
    name = re.sub(r"arn:.*?:servicequotas:.*?:redshift/", r"arn:...:servicequotas:redshift/", name)
    name = re.sub(r"(/watche[sd]/)[0-9a-f]{12}/", r"\1<watcher>/", name)
    name = re.sub(r"(ResilientRedshift(?:Watcher|Plans)/)[a-z][^/]*", r"\1<plan>", name)
    name = re.sub(r"(snapshot:)([^/\]]+)/(\*?)(\2)?", _snapshots_of_any_cluster, name)
    return re.sub(r"\b(Cluster|Copy|Grant|Plan)[0-9a-f]{8}\b", r"\1<hash>", name)


def _snapshots_of_any_cluster(name: re.Match[str]) -> str:
    return f"{name[1]}<cluster>/{name[3]}{'<cluster>' if name[4] else ''}"
