"""A violation that only the finished template shows stops the synth."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_events as events

from resilient_redshift import AutomatedSnapshots, SnapshotCopy, SnapshotTimes
from resilient_redshift.stack import acknowledged
from resilient_redshift.stack.synth_checks import SynthChecks
from tests.scenes.clusters import cluster_of, new_app
from tests.scenes.recovery import HOME, OBJECTIVES, existing, l1_cluster, site_of, two_stacks

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import IConstruct


def copied(stack: cdk.Stack) -> tuple[Any, SnapshotCopy]:
    cluster = l1_cluster(stack)
    return cluster, SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")


def report(app: cdk.App) -> str:
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    return (Path(app.outdir) / "validation-report.json").read_text(encoding="utf-8")


def test_a_sound_stack_passes() -> None:
    # GIVEN a copied cluster WHEN synthesized THEN nothing stops it
    home, _ = two_stacks()
    copied(home)
    assert cdk.App.of(home).synth()  # type: ignore[union-attr]


def test_escape_hatch_that_sets_destination_region() -> None:
    # GIVEN a copied cluster WHEN an escape hatch sets the property that CloudFormation drops
    app = new_app()
    cluster, _ = copied(cdk.Stack(app, "Home", env=HOME))
    cluster.add_property_override("DestinationRegion", "eu-west-1")
    # THEN synth stops, and says which cluster and what to do
    text = report(app)
    assert "Home/Warehouse" in text
    assert "sets DestinationRegion" in text
    assert "RR001" in text


@pytest.mark.parametrize("staged", [False, True])
def test_nested_stacks_are_checked_too(staged: bool) -> None:
    # GIVEN a copied cluster in a nested stack, whose template CDK does not pass to plugins
    app = new_app()
    parent = cdk.Stack(cdk.Stage(app, "Prod") if staged else app, "Home", env=HOME)
    cluster, _ = copied(cdk.NestedStack(parent, "Nested"))
    # WHEN an escape hatch sets the property that CloudFormation drops THEN synth stops
    cluster.add_property_override("DestinationRegion", "eu-west-1")
    assert "RR001" in report(app)


def test_late_property_on_a_cluster_with_a_literal_identifier() -> None:
    # GIVEN a copy that knows the cluster by name only WHEN the cluster of that name sets the property THEN synth stops
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    SnapshotCopy(stack, "Copy", cluster=existing(stack, "warehouse"), destination_region="us-west-2")
    l1_cluster(stack, "Other", cluster_identifier="warehouse", destination_region="eu-west-1")
    assert "RR001" in report(app)


def test_two_owners_in_one_template() -> None:
    # GIVEN two copies WHEN an escape hatch points the second at the first's cluster THEN synth stops
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    cluster, _ = copied(stack)
    other = SnapshotCopy(stack, "Other", cluster=existing(stack), destination_region="us-west-2")
    child: Any = other.resource.node.default_child
    child.add_property_override("ClusterIdentifier", cluster.ref)
    assert "RR002" in report(app)


def test_deletion_policy_alone() -> None:
    # GIVEN a retained copy WHEN one key is turned by escape hatch THEN synth stops
    app = new_app()
    _, copy = copied(cdk.Stack(app, "Home", env=HOME))
    copy.resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    assert "RR004" in report(app)


def removals_in(report_text: str) -> dict[str, set[str]]:
    """The construct paths that a report names, by rule."""
    found: dict[str, set[str]] = {}
    reports = json.loads(report_text)["pluginReports"]
    for violation in (each for plugin in reports for each in plugin["violations"]):
        paths = {each["constructPath"] for each in violation["violatingConstructs"]}
        found.setdefault(violation["ruleName"], set()).update(paths)
    return found


def destroy_by_removal_policies(app: cdk.App) -> None:
    cdk.RemovalPolicies.of(app).destroy()


def destroy_by_aspect(app: cdk.App) -> None:
    @jsii.implements(cdk.IAspect)
    class DestroyAll:
        def visit(self, node: IConstruct) -> None:
            if isinstance(node, cdk.CfnResource):
                node.apply_removal_policy(cdk.RemovalPolicy.DESTROY)

    cdk.Aspects.of(app).add(DestroyAll())


def destroy_by_override(app: cdk.App) -> None:
    for node in app.node.find_all():
        if isinstance(node, cdk.CfnResource):
            node.add_override("DeletionPolicy", "Delete")


@pytest.mark.parametrize("destroy", [destroy_by_removal_policies, destroy_by_aspect, destroy_by_override])
def test_a_removal_policy_from_outside_turns_no_key(destroy: Callable[[cdk.App], None]) -> None:
    # GIVEN a protected cluster with a schedule, and everything that a plan makes
    app = new_app()
    home, away = two_stacks(app)
    times = [SnapshotTimes.every(cdk.Duration.hours(4))]
    cluster = cluster_of(home, cluster_identifier="sales", automated_snapshots=AutomatedSnapshots(schedule=times))
    plan = site_of(away).protect(cluster, objectives=OBJECTIVES)
    plan.keep_manual_snapshots(
        "Nightly", schedule=events.Schedule.cron(hour="3", minute="0"), keep=cdk.Duration.days(3)
    )
    # WHEN something outside sets every removal policy to DESTROY
    destroy(app)
    # THEN synth stops, and names everything whose loss costs a recovery point or the way back to it
    found = removals_in(report(app))
    assert found["RR004"] == {
        "Away/Site/Grant/Resource/Default",
        "Home/ResilientRedshiftPlans/sales-us-east-1/Copy/Resource/Default",
        "Home/Warehouse/SnapshotSchedule/Resource/Default",
        "Home/ResilientRedshiftScheduleProvider/Clustere04eb290/Default",
        "Away/Site/Schedule47bca174/Resource/Default",
    }
    assert found["RR007"] == {
        "Home/Warehouse/Resource",
        "Home/Warehouse/Key/Resource",
        "Home/ResilientRedshift/Key",
        "Home/ResilientRedshiftPlans/sales-us-east-1/Record",
        "Away/Site/Key",
        "Away/ResilientRedshift/Key",
        "Away/Site/sales-us-east-1/Record",
    }


def test_the_error_names_both_ways_out() -> None:
    # GIVEN a cluster whose final snapshot an escape hatch takes away
    app = new_app()
    cluster = cluster_of(cdk.Stack(app, "Home", env=HOME))
    cluster.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    # WHEN / THEN
    text = report(app)
    assert "DeletionPolicy is Delete instead of Snapshot" in text
    assert "exclude_resource_types" in text
    assert "pass removal_policy=RemovalPolicy.DESTROY and accept_loss_of_cluster=True" in text


def test_both_keys_on_the_construct_and_more_care_from_outside_pass() -> None:
    # GIVEN a cluster that the user gave up, and a key and a cluster that an Aspect retains
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    cluster_of(stack, "Given", removal_policy=cdk.RemovalPolicy.DESTROY, accept_loss_of_cluster=True)
    cluster_of(stack, "Kept").apply_removal_policy(cdk.RemovalPolicy.RETAIN)
    # WHEN / THEN
    assert app.synth()


def test_an_acknowledgment_of_one_cluster_accepts_nothing_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN CDK 2.270, for which an acknowledgment holds in the whole app, and two violations of one rule
    monkeypatch.setattr(acknowledged, "cdk_knows_scopes", lambda: False)
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    for name in ("One", "Two"):
        cluster = l1_cluster(stack, name)
        SnapshotCopy(stack, f"{name}Copy", cluster=cluster, destination_region="us-west-2")
        cluster.add_property_override("DestinationRegion", "eu-west-1")
    # WHEN one of them is acknowledged
    reason = cdk.Acknowledgment(id="resilient-redshift::RR001", reason="we know")
    cdk.Validations.of(stack.node.find_child("One")).acknowledge(reason)
    # THEN the other one stops the synth, and CDK cannot suppress it
    found = [each for plugin in json.loads(report(app))["pluginReports"] for each in plugin["violations"]]
    assert [each["severity"] for each in found] == ["fatal"]
    assert found[0]["violatingConstructs"][0]["constructPath"] == "Home/Two"


def test_acknowledged_rule_passes() -> None:
    # GIVEN a violation WHEN it is acknowledged with a reason THEN synth goes on
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    _, copy = copied(stack)
    copy.resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    reason = cdk.Acknowledgment(id="resilient-redshift::RR004", reason="a test")
    cdk.Validations.of(stack).acknowledge(reason)
    assert app.synth()


def test_one_plugin_for_each_stack() -> None:
    # GIVEN a stack WHEN asked twice THEN its checks are one
    home, away = two_stacks()
    assert SynthChecks.of(home) is SynthChecks.of(home)
    assert SynthChecks.of(home) is not SynthChecks.of(away)


def test_a_violation_is_reported_once_in_an_app_of_several_stacks() -> None:
    # GIVEN two stacks with checks, and a Stage WHEN one check of one of them fails THEN one report comes
    app = new_app()
    home, away = two_stacks(app)
    staged = cdk.Stack(cdk.Stage(app, "Stage"), "Home", env=HOME)
    for stack in (home, away, staged):
        SynthChecks.of(stack)
    cluster, _ = copied(home)
    SynthChecks.of(home).check_objective(lambda: ["it is too slow"], resource=cluster)
    text = report(app)
    assert len(re.findall("it is too slow", text)) == 1


def test_more_clusters_than_a_role_can_name_stop_the_synth() -> None:
    # GIVEN a stack of more clusters than IAM lets one role name WHEN synthesized THEN it stops here, not in a deployment
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    for number in range(40):
        SnapshotCopy(stack, f"Copy{number}", cluster=existing(stack, f"c{number}"), destination_region="us-west-2")
    text = report(app)
    assert "RR005" in text
    assert "IAM's limit is 10240" in text


def test_twenty_clusters_do_not_stop_the_synth() -> None:
    # GIVEN the number that the library promises WHEN synthesized THEN nothing stops it
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    for number in range(20):
        name = f"c{number:02}".ljust(63, "x")
        SnapshotCopy(stack, f"Copy{number}", cluster=existing(stack, name), destination_region="us-west-2")
    assert app.synth()
