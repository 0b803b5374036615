"""Rules of CloudFormation Guard, written from a policy, and run by the Guard evaluator that CDK brings."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import cloudformation_include as cfn_include

from resilient_redshift.planning import (
    DEFAULT_POLICY,
    CheckRule,
    Failure,
    Requirement,
    ResiliencePolicy,
    check,
    guard_rules,
    read_templates,
)
from tests.planning.templates import cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POLICY = ResiliencePolicy(
    survive=(
        Requirement(failure=Failure.NODE, lose_at_most=HOUR),
        Requirement(failure=Failure.ZONE, lose_at_most=DAY, noticed_within=DAY),
        Requirement(failure=Failure.REGION, lose_at_most=DAY),
        Requirement(failure=Failure.CLUSTER_DELETED, lose_at_most=DAY),
        Requirement(failure=Failure.STACK_DELETED, lose_at_most=DAY),
        Requirement(failure=Failure.BAD_LOAD, lose_at_most=DAY, noticed_within=6 * DAY),
    ),
    keep_snapshots=10 * DAY,
)
KEPT = "AutomatedSnapshotRetentionPeriod"
PARAMETER = {"Ref": "Given"}
#: Clusters, and the rules that Guard finds broken.
CLUSTERS: Mapping[str, tuple[dict[str, Any], set[str]]] = {
    "Sound": (cluster("Retain", **{KEPT: 14}), set()),
    "Texts": (cluster("Snapshot", **{KEPT: "14", "NumberOfNodes": "2", "MultiAZ": "true"}), set()),
    "Relocated": (cluster("RetainExceptOnCreate", **{KEPT: 35, "AvailabilityZoneRelocation": True}), set()),
    "Bare": (cluster(NumberOfNodes=None), {"RR101", "RR102", "RR105", "RR106", "RR108"}),
    "Single": (cluster("Retain", NumberOfNodes=1, **{KEPT: 10}), {"RR101"}),
    "Short": (cluster("Retain", **{KEPT: 6}), {"RR106", "RR108"}),
    "Week": (cluster("Retain", **{KEPT: "7"}), {"RR108"}),
    "Off": (cluster("Retain", MultiAZ=True, **{KEPT: 0}), {"RR106", "RR108"}),
    "Native": (cluster("Retain", DestinationRegion="us-west-2", **{KEPT: 14}), {"RR103"}),
    "Deleted": (cluster("Delete", **{KEPT: 14}), {"RR105"}),
    "Decided": (cluster("Retain", NumberOfNodes=PARAMETER, **{KEPT: PARAMETER}), {"RR101", "RR102", "RR106", "RR108"}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cloud assembly of one template with every cluster, which the evaluator has seen."""
    place = tmp_path_factory.mktemp("guard")
    template = {
        "Parameters": {"Given": {"Type": "Number"}},
        "Resources": {
            name: {**written, "Properties": {"DBName": "dev", "MasterUsername": "admin1", **written["Properties"]}}
            for name, (written, _) in CLUSTERS.items()
        },
    }
    (place / "template.json").write_text(json.dumps(template))
    app = cdk.App(analytics_reporting=False, outdir=str(place / "cdk.out"))
    for name in ("Clusters", "NoCluster"):
        stack = cdk.Stack(app, name)
        if name == "Clusters":
            cfn_include.CfnInclude(stack, "Template", template_file=str(place / "template.json"))
    source = cdk.ValidationRuleSource(name="resilience", content=guard_rules(POLICY))
    plugin = cdk.CloudFormationValidatePlugin(guard_rules=[source], include_default_rules=False)
    cdk.Validations.of(app).add_plugins(plugin)
    app.synth()
    return Path(app.outdir)


@pytest.fixture(scope="module")
def broken(folder: Path) -> dict[str, set[str]]:
    """The ids of the rules that the evaluator finds broken, by logical id."""
    found: dict[str, set[str]] = {}
    reports = json.loads((folder / "validation-report.json").read_text())["pluginReports"]
    for each in (violation for plugin in reports for violation in plugin["violations"]):
        rule = each["ruleName"].partition("_")[0]
        for construct in each["violatingConstructs"] if rule.startswith("RR") else []:
            found.setdefault(construct["cloudFormationResource"]["logicalId"], set()).add(rule)
    return found


@pytest.mark.parametrize("name", CLUSTERS)
def test_the_evaluator_refuses_what_the_policy_does_not_allow(name: str, broken: dict[str, set[str]]) -> None:
    assert broken.get(name, set()) == CLUSTERS[name][1]


def test_what_guard_passes_the_check_passes_too(folder: Path, broken: dict[str, set[str]]) -> None:
    # GIVEN the rules that Guard can judge by a cluster alone
    judged = {f"RR10{number}" for number in (1, 2, 5, 6, 8)}
    # WHEN the check judges the same template
    for each in check(read_templates(str(folder)), POLICY).clusters:
        found = {str(finding.rule) for finding in each.findings} & judged
        # THEN it refuses nothing else
        assert found <= broken.get(each.cluster.logical_id or "", set()), each.cluster.name


def test_a_rule_says_what_is_wrong_and_how_to_mend_it() -> None:
    text = guard_rules()
    assert (
        "<<RR105 stack-deleted: The deletion of the cluster's stack loses more than the policy allows. Set Del" in text
    )
    assert "from the default policy." in text.splitlines()[0]


def test_what_guard_cannot_express_has_no_rule() -> None:
    # GIVEN a policy about deleted clusters and rehearsals, and what automated snapshots cannot keep
    load = Requirement(failure=Failure.BAD_LOAD, lose_at_most=HOUR, noticed_within=DAY)
    deleted = Requirement(failure=Failure.CLUSTER_DELETED, lose_at_most=DAY)
    policy = ResiliencePolicy(survive=(load, deleted), rehearsal_every=DAY, keep_snapshots=36 * DAY)
    # WHEN THEN
    assert "rule " not in guard_rules(policy)
    assert str(CheckRule.CLUSTER_DELETED) not in guard_rules(DEFAULT_POLICY)
