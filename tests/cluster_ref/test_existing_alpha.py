"""ExistingCluster.from_alpha: the L2 of the alpha module, made by the app or imported, as a target for every concern."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, assertions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift

from resilient_redshift import (
    AutomatedSnapshotRetention,
    ExistingCluster,
    ManualSnapshotRule,
    Objectives,
    RecoverySite,
    ResilientRedshiftError,
    RestoreOptions,
    SnapshotCopy,
    SnapshotSchedule,
    SnapshotTimes,
)
from resilient_redshift.cluster_ref.facts import facts_of
from tests.scenes.clusters import cluster_of, new_app, new_stack, text_parameter

# `make floor` runs without the extra
alpha = pytest.importorskip("aws_cdk.aws_redshift_alpha")

ROOT = Path(__file__).parent.parent.parent
OBJECTIVES = Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4))


def vpc_of(stack: cdk.Stack) -> ec2.IVpc:
    vpc = stack.node.try_find_child("Vpc")
    return vpc or ec2.Vpc.from_vpc_attributes(  # type: ignore[return-value]
        stack, "Vpc", vpc_id="vpc-1", availability_zones=["a", "b"], private_subnet_ids=["subnet-1", "subnet-2"]
    )


def owned(stack: cdk.Stack, **arguments: Any) -> Any:
    settings = {"master_user": alpha.Login(master_username="me"), "vpc": vpc_of(stack), "cluster_name": "sales"}
    return alpha.Cluster(stack, "Alpha", **(settings | arguments))


def imported(stack: cdk.Stack, name: str = "legacy", port: float = 5441) -> Any:
    return alpha.Cluster.from_cluster_attributes(
        stack, "Imported", cluster_name=name, cluster_endpoint_address="legacy.example", cluster_endpoint_port=port
    )


def two_stacks() -> tuple[cdk.Stack, cdk.Stack]:
    app = new_app()
    away = cdk.Stack(app, "Away", env=cdk.Environment(account="111111111111", region="us-west-2"))
    return new_stack(app=app), away


def resources_of(stack: cdk.Stack, kind: str) -> list[dict[str, Any]]:
    return list(assertions.Template.from_stack(stack).find_resources(kind).values())


def refused(cluster: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        ExistingCluster.from_alpha(cluster)
    return str(caught.value)


# ---------------------------------------------------------------------------------------------------- what is known


def test_what_the_l1_of_an_owned_one_says_is_known() -> None:
    # GIVEN an alpha cluster with everything that a plan asks for
    stack = new_stack()
    group = alpha.ClusterParameterGroup(stack, "Group", parameters={"require_ssl": "true"})
    key = kms.Key(stack, "Key")
    cluster = owned(stack, encryption_key=key, parameter_group=group, port=5440, multi_az=True, number_of_nodes=3)

    # WHEN referred to
    facts = facts_of(ExistingCluster.from_alpha(cluster))

    # THEN
    assert (facts.identifier, facts.region, facts.account) == ("sales", "us-east-1", "111111111111")
    assert (facts.encrypted, facts.multi_az, facts.relocation) == (True, True, None)
    assert (facts.node_type, facts.number_of_nodes, facts.port) == ("ra3.large", 3, 5440)
    assert (facts.parameters, facts.parameter_group_family) == ({"require_ssl": "true"}, "redshift-1.0")
    assert facts.l1 is not None
    assert facts.l1.node.path == "Stack/Alpha/Resource"
    # the reference is the key's id, which no policy can name; source_key finds the key's ARN
    assert stack.resolve(facts.key) == stack.resolve(key.key_id)


def test_an_imported_one_is_known_by_name_and_port() -> None:
    facts = facts_of(ExistingCluster.from_alpha(imported(new_stack())))
    assert (facts.identifier, facts.identifier_token, facts.region) == ("legacy", "legacy", "us-east-1")
    assert facts.port == 5441
    unknown = ("encrypted", "multi_az", "relocation", "node_type", "number_of_nodes", "parameters", "key", "l1")
    assert [getattr(facts, name) for name in unknown] == [None] * len(unknown)


def test_an_escape_hatch_after_the_reference_counts() -> None:
    # GIVEN a reference WHEN the L1 changes afterwards THEN what is known changes with it
    cluster = owned(new_stack())
    reference = ExistingCluster.from_alpha(cluster)
    cluster.node.default_child.encrypted = False
    assert facts_of(reference).encrypted is False


def test_it_adds_nothing_to_the_template() -> None:
    # GIVEN an alpha cluster WHEN referred to, twice THEN the template stays, and the reference is the same one
    stack, other = new_stack(), new_stack()
    reference = ExistingCluster.from_alpha(owned(stack))
    owned(other)
    assert (
        assertions.Template.from_stack(stack).to_json()["Resources"]
        == assertions.Template.from_stack(other).to_json()["Resources"]
    )
    assert ExistingCluster.from_alpha(stack.node.find_child("Alpha")) is reference  # type: ignore[arg-type]
    assert stack.resolve(reference.cluster_ref.cluster_identifier) == {
        "Ref": stack.get_logical_id(stack.node.find_child("Alpha").node.default_child)  # type: ignore[arg-type]
    }


def test_a_reference_without_a_holder_is_found_again() -> None:
    # GIVEN a reference that was used and forgotten WHEN asked for again THEN it is no second construct of that name
    stack = new_stack()
    cluster = owned(stack)
    path = ExistingCluster.from_alpha(cluster).node.path
    gc.collect()
    assert ExistingCluster.from_alpha(cluster).node.path == path


# --------------------------------------------------------------------------------------------------- every concern


@pytest.mark.parametrize("make", [owned, imported])
def test_copy_and_rule_take_it(make: Any) -> None:
    # GIVEN either kind
    stack = new_stack()
    cluster = ExistingCluster.from_alpha(make(stack))

    # WHEN copied, and snapshots are scheduled
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    schedule = events.Schedule.cron(hour="3", minute="0")
    ManualSnapshotRule(stack, "Nightly", cluster=cluster, schedule=schedule, keep=Duration.days(7))

    # THEN both name the cluster
    (copy,) = resources_of(stack, "Custom::RedshiftSnapshotCopy")
    assert copy["Properties"]["ClusterIdentifier"] == stack.resolve(cluster.cluster_identifier)
    (rule,) = resources_of(stack, "AWS::Events::Rule")
    text = str(rule["Properties"]["Targets"])
    assert str(stack.resolve(cluster.cluster_identifier)).strip("'") in text


@pytest.mark.parametrize("make", [owned, imported])
def test_a_schedule_takes_it(make: Any) -> None:
    # GIVEN either kind WHEN given a schedule THEN the association names it
    stack = new_stack()
    cluster = ExistingCluster.from_alpha(make(stack))
    SnapshotSchedule(stack, "Often", times=[SnapshotTimes.every(Duration.hours(4))], clusters=[cluster])
    (association,) = resources_of(stack, "Custom::RedshiftSnapshotScheduleAssociation")
    assert association["Properties"]["ClusterIdentifier"] == stack.resolve(cluster.cluster_identifier)


def test_the_copy_comes_after_the_cluster() -> None:
    stack = new_stack()
    SnapshotCopy(stack, "Copy", cluster=ExistingCluster.from_alpha(owned(stack)), destination_region="us-west-2")
    (cluster_id,) = assertions.Template.from_stack(stack).find_resources("AWS::Redshift::Cluster")
    (copy,) = resources_of(stack, "Custom::RedshiftSnapshotCopy")
    assert cluster_id in copy["DependsOn"]


def test_the_copy_may_use_the_clusters_key() -> None:
    # GIVEN an alpha cluster under a key of the app, which it names by id WHEN copied THEN the policy names its ARN
    stack = new_stack()
    key = kms.Key(stack, "Key")
    cluster = ExistingCluster.from_alpha(owned(stack, encryption_key=key))
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    policies = str(resources_of(stack, "AWS::IAM::Policy"))
    assert str(stack.resolve(key.key_arn)) in policies
    assert str(stack.resolve(key.key_id)) not in policies


@pytest.mark.parametrize("through", ["reference", "alpha", "stack", "L1"])
def test_automated_retention_reaches_the_l1(through: str) -> None:
    # GIVEN an alpha cluster, whose L2 keeps automated snapshots for a day and offers no setting
    stack = new_stack()
    cluster = owned(stack)
    reference = ExistingCluster.from_alpha(cluster)
    l1 = cluster.node.default_child
    assert isinstance(l1, redshift.CfnCluster)
    assert l1.automated_snapshot_retention_period == 1

    # WHEN the mixin is applied, by whichever handle
    targets: dict[str, Any] = {"reference": reference, "alpha": cluster, "stack": stack, "L1": l1}
    targets[through].with_(AutomatedSnapshotRetention(Duration.days(14)))

    # THEN
    assert l1.automated_snapshot_retention_period == 14


def test_automated_retention_of_an_imported_one_is_refused() -> None:
    reference = ExistingCluster.from_alpha(imported(new_stack()))
    with pytest.raises(RuntimeError, match="must be a CfnCluster of this app, got 'an ExistingCluster'"):
        reference.with_(AutomatedSnapshotRetention(Duration.days(14)))


@pytest.mark.parametrize("make", [owned, imported])
def test_a_plan_protects_it(make: Any) -> None:
    # GIVEN either kind
    home, away = two_stacks()
    cluster = ExistingCluster.from_alpha(make(home))

    # WHEN protected
    plan = RecoverySite(away, "Site", vpc=vpc_of(away)).protect(
        cluster, objectives=OBJECTIVES, restore=RestoreOptions(parameters={})
    )
    plan.keep_manual_snapshots("Nightly", schedule=events.Schedule.cron(hour="3", minute="0"), keep=Duration.days(7))

    # THEN
    assert plan.plan_name == f"{facts_of(cluster).identifier}-us-east-1"
    assert len(resources_of(home, "Custom::RedshiftSnapshotCopy")) == 1


def test_a_plan_refuses_a_generated_name_and_says_what_to_do() -> None:
    # GIVEN an alpha cluster without `cluster_name` WHEN protected
    home, away = two_stacks()
    cluster = ExistingCluster.from_alpha(owned(home, cluster_name=None))
    site = RecoverySite(away, "Site", vpc=vpc_of(away))
    with pytest.raises(ResilientRedshiftError) as caught:
        site.protect(cluster, objectives=OBJECTIVES, restore=RestoreOptions(parameters={}))

    # THEN in the words of the alpha module, and without losing a cluster that is deployed
    (problem,) = caught.value.problems
    assert problem.startswith(
        "'cluster' must be a cluster with a literal cluster_name; for a cluster that is deployed under a generated name, "
        "pass ExistingCluster.from_identifier with that name, because a new name would replace the cluster with an empty "
        "one, got "
    )


def test_a_generated_name_is_enough_for_a_copy() -> None:
    stack = new_stack()
    cluster = ExistingCluster.from_alpha(owned(stack, cluster_name=None))
    SnapshotCopy(stack, "Copy", cluster=cluster, destination_region="us-west-2")
    (copy,) = resources_of(stack, "Custom::RedshiftSnapshotCopy")
    assert copy["Properties"]["ClusterIdentifier"] == stack.resolve(cluster.cluster_identifier)


def test_a_second_owner_of_the_copy_is_seen_through_the_reference() -> None:
    # GIVEN an alpha cluster of a generated name, copied by its default child's owner
    stack = new_stack()
    cluster = owned(stack, cluster_name=None)
    SnapshotCopy(stack, "One", cluster=ExistingCluster.from_alpha(cluster), destination_region="us-west-2")

    # WHEN copied once more, past the reference THEN it is the same cluster
    with pytest.raises(ResilientRedshiftError, match=r"Stack/One .* already owns its copy"):
        SnapshotCopy(stack, "Two", cluster=cluster, destination_region="eu-west-1")


# ---------------------------------------------------------------------------------------------------------- refused


def test_a_name_that_redshift_would_write_in_lower_case_is_refused() -> None:
    text = refused(owned(new_stack(), cluster_name="Sales"))
    assert text.startswith(
        "Stack/Alpha (ExistingCluster.from_alpha): 'cluster_name' must be 1 to 63 lower-case letters"
    )


def test_a_name_that_is_a_token_passes() -> None:
    stack = new_stack()
    assert facts_of(ExistingCluster.from_alpha(imported(stack, text_parameter(stack)))).identifier is None


@pytest.mark.parametrize("what", ["text", "L1", "ours"])
def test_another_kind_of_cluster_is_refused(what: str) -> None:
    stack = new_stack()
    cluster: Any = "sales"
    if what == "L1":
        cluster = owned(stack).node.default_child
    elif what == "ours":
        cluster = cluster_of(stack)
    text = refused(cluster)
    assert "'cluster' must be a Cluster or ICluster of aws_cdk.aws_redshift_alpha, got " in text


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN an installation without the extra WHEN called THEN the error says what to install
    cluster = owned(new_stack())
    monkeypatch.setitem(sys.modules, "aws_cdk.aws_redshift_alpha", None)
    assert refused(cluster) == (
        "Stack/Alpha (ExistingCluster.from_alpha): 'aws_cdk.aws_redshift_alpha' must be installed: "
        "pip install 'resilient-redshift[alpha]', got 'no such module' (that module defines the alpha cluster)"
    )


def test_the_package_does_not_import_the_alpha_module() -> None:
    # GIVEN a new interpreter WHEN everything public is loaded THEN the alpha module is not
    code = (
        "import sys, resilient_redshift as rr; [getattr(rr, name) for name in rr.__all__]; "
        "sys.exit('aws_cdk.aws_redshift_alpha' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
