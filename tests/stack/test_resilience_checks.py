"""The policy plugin over one app with clusters of every kind: what it reports, where, and who can acknowledge it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import cloudformation_include as cfn_include

from resilient_redshift import ResilienceChecks, ResilientRedshiftError, SnapshotCopy
from resilient_redshift.planning import (
    CheckResult,
    ClusterMatcher,
    Failure,
    PolicyException,
    Requirement,
    ResiliencePolicy,
)
from resilient_redshift.planning.__main__ import main
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.stack import acknowledged
from resilient_redshift.stack.acknowledged import cdk_knows_scopes
from tests.planning.templates import cluster as written_cluster
from tests.scenes.clusters import cluster_of, new_app
from tests.scenes.recovery import HOME, existing, l1_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = timedelta(days=1)
REGION = Requirement(failure=Failure.REGION, lose_at_most=DAY)
POLICY = ResiliencePolicy(survive=(REGION,))
#: A policy with nothing to break, and an exception that accepts nothing.
IDLE = ResiliencePolicy(
    exceptions=(PolicyException(rule=CheckRule.REGION_LOST, match=ClusterMatcher(name="gone"), reason="was there"),)
)
OWN, PLAIN, INNER, INCLUDED, LOOSE = "Home/Ours/Resource", "Home/Plain", "Home/Nested/Inner", "Home/Old/Dw", "Loose/L"
ALPHA = "Prod/Here/Alpha/Resource"


def acknowledge(construct: Any, rule: CheckRule, reason: str) -> None:
    cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=f"resilient-redshift::{rule}", reason=reason))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> cdk.App:
    """An app with clusters of every kind; copies protect one of them, and one that the app does not make."""
    folder = tmp_path_factory.mktemp("app")
    app = cdk.App(analytics_reporting=False, outdir=str(folder / "cdk.out"))
    home = cdk.Stack(app, "Home", env=HOME)
    cluster_of(home, "Ours", cluster_identifier="ours")
    plain = l1_cluster(home, "Plain")
    l1_cluster(cdk.NestedStack(home, "Nested"), "Inner")
    template = folder / "old.json"
    template.write_text(json.dumps({"Resources": {"Dw": written_cluster(MasterUsername="admin1", DBName="dev")}}))
    cfn_include.CfnInclude(home, "Old", template_file=str(template))
    cdk.CfnStackSet(home, "Set", stack_set_name="set", permission_model="SELF_MANAGED", template_url="https://t")
    loose = cdk.Stack(app, "Loose")  # neither an account nor a Region
    l1_cluster(loose, "L")
    here = cdk.Stack(cdk.Stage(app, "Prod"), "Here", env=HOME)
    vpc = ec2.Vpc.from_vpc_attributes(here, "Vpc", vpc_id="vpc-1", availability_zones=["us-east-1a"])
    subnets = alpha.ClusterSubnetGroup.from_cluster_subnet_group_name(here, "Subnets", "subnets")
    alpha.Cluster(here, "Alpha", vpc=vpc, subnet_group=subnets, master_user=alpha.Login(master_username="admin1"))
    copied = l1_cluster(home, "Copied", automated_snapshot_retention_period=7)
    SnapshotCopy(home, "Copy", cluster=copied, destination_region="us-west-2")
    SnapshotCopy(home, "LegacyCopy", cluster=existing(home), destination_region="us-west-2")
    acknowledge(plain, CheckRule.REGION_LOST, "a sandbox")
    acknowledge(home.node.find_child("Nested"), CheckRule.REGION_LOST, "a sandbox")
    acknowledge(app, CheckRule.NOT_READ, "we know that set")
    policy = folder / "resilience.toml"
    policy.write_text('[survive]\nregion = "24h"\n')
    cdk.Validations.of(app).add_plugins(ResilienceChecks(app, policy=policy))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    return app


@pytest.fixture(scope="module")
def report(app: cdk.App) -> dict[str, Any]:
    """What CDK's report says about the plugin."""
    reports = json.loads((Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8"))["pluginReports"]
    (only,) = (each for each in reports if each["pluginName"] == "resilient-redshift")
    return dict(only)


def places(violations: list[dict[str, Any]]) -> dict[str, str]:
    """The rule of each violation, by construct path."""
    return {each["violatingConstructs"][0]["constructPath"]: each["ruleName"] for each in violations}


def test_a_cluster_of_every_kind_is_checked_and_found_at_its_construct(report: dict[str, Any]) -> None:
    # GIVEN ours, one in an included template, an L2 in a Stage, and one in a stack without a Region
    # THEN each is at its L1; the cluster that the app does not make is at the stack that protects it
    expected = dict.fromkeys([OWN, INCLUDED, LOOSE, ALPHA, "Home"], "RR103")
    assert places(report["violations"]) == expected


def test_an_acknowledgment_holds_for_the_construct_and_everything_below_it(report: dict[str, Any]) -> None:
    suppressed = {each["violatingConstructs"][0]["constructPath"]: each for each in report["suppressedViolations"]}
    assert {path: each["reason"] for path, each in suppressed.items()} == {
        PLAIN: "a sandbox",
        INNER: "a sandbox",
        "Home": "we know that set",
    }
    assert suppressed["Home"]["ruleName"] == "RR109"


def test_a_violation_says_what_is_wrong_and_how_to_mend_it(report: dict[str, Any]) -> None:
    (found,) = (each for each in report["violations"] if places([each]) == {OWN: "RR103"})
    assert found["description"].startswith("ours (us-east-1, stack Home): No recovery point is certain when the Region")
    assert "Copy the snapshots to another Region" in found["suggestedFix"]
    assert (found["severity"], found["ruleMetadata"]) == (
        "error" if cdk_knows_scopes() else "fatal",
        {"rule": "region-lost"},
    )
    resource = found["violatingConstructs"][0]["cloudFormationResource"]
    assert resource["templatePath"] == "Home.template.json"


def test_the_command_finds_the_same_in_the_same_folder(app: cdk.App, report: dict[str, Any]) -> None:
    # WHEN the command checks the app's cloud assembly against the same file
    folder = Path(app.outdir).parent
    found = folder / "found.json"
    status = main(["check", app.outdir, "--policy", str(folder / "resilience.toml"), "--format", f"json={found}"])
    # THEN the plugin has reported each finding once
    result = json.loads(found.read_text(encoding="utf-8"))
    expected = [(each["rule"], each["message"]) for each in result["findings"]]
    for each in result["clusters"]:
        whose = f"{each['cluster']} ({each['region']}, stack {each['stack']}): "
        expected += [(finding["rule"], whose + finding["message"]) for finding in each["findings"]]
    reported = [*report["violations"], *report["suppressedViolations"]]
    assert sorted((each["ruleName"], each["description"]) for each in reported) == sorted(expected)
    assert status == 1


def validated(app: cdk.App, **arguments: Any) -> cdk.PolicyValidationPluginReport:
    """What the plugin reports about an app that was synthesized before."""
    context: Any = SimpleNamespace(app_construct=app, template_paths=[])
    return ResilienceChecks(app, **arguments).validate(context)


def test_a_warning_is_reported_and_does_not_fail_the_synth(app: cdk.App) -> None:
    # WHEN the app is checked against a policy with an exception that accepts nothing
    found = validated(app, policy=IDLE)
    # THEN the exception is a warning about the app
    assert [(each.rule_name, each.severity) for each in found.violations if each.severity != "error"] == [
        ("RR110", "warning")
    ]
    (resource,) = found.violations[-1].violating_resources
    assert (resource.construct_path, resource.resource_logical_id) == ("", None)
    assert not found.success  # the stack set was not read
    assert validated(app, policy=ResiliencePolicy(read_everything=False, exceptions=IDLE.exceptions)).success


def test_what_the_policy_accepts_is_not_reported(app: cdk.App) -> None:
    # GIVEN a policy that accepts the loss of a Region for every cluster
    every = PolicyException(rule=CheckRule.REGION_LOST, match=ClusterMatcher(name="*"), reason="one Region is enough")
    policy = ResiliencePolicy(survive=(REGION,), read_everything=False, exceptions=(every,))
    # WHEN THEN
    found = validated(app, policy=policy)
    assert (found.success, found.violations) == (True, [])


def test_where_an_acknowledgment_holds_for_the_whole_app_each_other_finding_is_fatal(
    app: cdk.App, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN CDK 2.270, which suppresses a rule everywhere once one construct acknowledges it, unless it is fatal
    monkeypatch.setattr(acknowledged, "cdk_knows_scopes", lambda: False)
    # WHEN
    found = validated(app, policy=POLICY)
    # THEN only what somebody acknowledged there can be suppressed
    severities = {each.violating_resources[0].resource_logical_id: each.severity for each in found.violations}
    assert severities["Plain"] == severities["Inner"] == "error"
    assert severities["Dw"] == severities["L"] == "fatal"


def test_lengths_in_python_replace_those_of_the_policy(app: cdk.App) -> None:
    # GIVEN a cluster that loses 9 hours at most, of a policy that allows a day WHEN the app allows 8 hours
    found = validated(app, policy=POLICY, survive_region_loss=cdk.Duration.hours(8))
    # THEN the cluster breaks the policy
    (copied,) = (each for each in found.violations if each.violating_resources[0].resource_logical_id == "Copied")
    assert "A loss of 9 h is possible when the Region fails; the policy allows a loss of 8 h" in copied.description


def test_check_synthesizes_an_app_and_accepts_what_is_acknowledged() -> None:
    # GIVEN an app without the plugin
    app = new_app()
    cluster = l1_cluster(cdk.Stack(app, "Home", env=HOME))
    acknowledge(cluster, CheckRule.REGION_LOST, "a sandbox")
    # WHEN
    result: CheckResult = ResilienceChecks(app, policy=POLICY, survive_stack_deletion=DAY).check()
    # THEN
    assert [(str(each.rule), each.accepted) for each in result.all_findings] == [
        ("RR103", "a sandbox"),
        ("RR105", None),
    ]
    assert result.policy == "a policy in Python, changed by ResilienceChecks"


def test_the_policy_is_the_one_that_the_command_finds(
    app: cdk.App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN a working directory below the one with the policy, which requires one thing
    policy = '[survive]\nstack-deleted = "24h"\n[require]\nread-everything = false\n'
    (tmp_path / "resilience.toml").write_text(policy)
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    # WHEN THEN
    assert {each.rule_name for each in validated(app).violations} == {"RR105"}
    assert {each.rule_name for each in validated(app, policy="default").violations} > {"RR103", "RR105", "RR109"}


def test_a_file_that_is_no_policy_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(ResilientRedshiftError, match=re.escape("resilience.toml")):
        ResilienceChecks(new_app(), policy=str(tmp_path / "resilience.toml"))


@pytest.mark.parametrize(
    ("length", "problem"),
    [
        (lambda _: cdk.Duration.days(4000), "0 to 3653 days"),
        (lambda _: timedelta(days=-1), "0 to 3653 days"),
        (lambda stack: cdk.Duration.days(cdk.CfnParameter(stack, "P", type="Number").value_as_number), "a token"),
        (lambda _: 24, "a Duration"),
    ],
    ids=["too long", "negative", "token", "number"],
)
def test_a_length_out_of_range_is_an_error_at_once(length: Callable[[cdk.Stack], Any], problem: str) -> None:
    app = new_app()
    value = length(cdk.Stack(app, "Home"))
    with pytest.raises(ResilientRedshiftError, match=f"survive_zone_loss.*{problem}"):
        ResilienceChecks(app, survive_zone_loss=value)
