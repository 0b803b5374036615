"""The copy and its grant: every default, every refusal, every kind of cluster."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms

from resilient_redshift import ResilientRedshiftError, SnapshotCopy, SnapshotCopyGrant
from resilient_redshift.cloud.custom_resources.copy import properties as copy_properties
from resilient_redshift.cloud.custom_resources.events import Request, parse
from resilient_redshift.cloud.custom_resources.grant import properties as grant_properties
from tests.scenes.clusters import cluster_of, new_app, new_stack, number_parameter, text_parameter, warnings_of
from tests.scenes.recovery import HOME, existing, l1_cluster, of_type, only, template_of, two_stacks

COPY = "Custom::RedshiftSnapshotCopy"
GRANT = "Custom::RedshiftSnapshotCopyGrant"


def copy_of(cluster: Any, name: str = "Copy", **arguments: Any) -> SnapshotCopy:
    return SnapshotCopy(
        cdk.Stack.of(cluster), name, **{"cluster": cluster, "destination_region": "us-west-2", **arguments}
    )


def refused(**arguments: Any) -> str:
    stack = new_stack(arguments.pop("env", HOME))
    cluster = arguments.pop("cluster", None) or l1_cluster(stack, **arguments.pop("properties", {}))
    with pytest.raises(ResilientRedshiftError) as caught:
        SnapshotCopy(
            arguments.pop("scope", stack),
            "Copy",
            **{"cluster": cluster, "destination_region": "us-west-2", **arguments},
        )
    return str(caught.value)


def test_defaults() -> None:
    # GIVEN nothing but cluster and Region WHEN synthesized
    stack = new_stack()
    copy_of(l1_cluster(stack))
    resource = only(template_of(stack), COPY)
    # THEN automated copies are kept 7 days and manual copies for ever, and both keys keep the copy
    properties = {name: value for name, value in resource["Properties"].items() if not name.startswith("Service")}
    assert properties == {
        "ClusterIdentifier": {"Ref": "Warehouse"},
        "DestinationRegion": "us-west-2",
        "RetentionPeriod": "7",
        "ManualSnapshotRetentionPeriod": "-1",
        "RemovalPolicy": "retain",
        "AcceptLossOfCopies": "false",
    }
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert int(resource["Properties"]["ServiceTimeout"]) <= 3600


def test_everything_given() -> None:
    # GIVEN every argument WHEN synthesized THEN each arrives, as a string
    stack = new_stack()
    copy_of(
        l1_cluster(stack),
        snapshot_copy_grant_name="recovery",
        keep_automated=cdk.Duration.days(35),
        keep_manual=cdk.Duration.days(3653),
        removal_policy=cdk.RemovalPolicy.DESTROY,
        accept_loss_of_copies=True,
    )
    resource = only(template_of(stack), COPY)
    properties = resource["Properties"]
    assert properties["SnapshotCopyGrantName"] == "recovery"
    assert properties["RetentionPeriod"] == "35"
    assert properties["ManualSnapshotRetentionPeriod"] == "3653"
    assert (properties["RemovalPolicy"], resource["DeletionPolicy"]) == ("destroy", "Delete")
    assert properties["AcceptLossOfCopies"] == "true"


def test_ordered_after_cluster_and_policy() -> None:
    # GIVEN an L1 cluster WHEN synthesized THEN the copy waits for it and for the right to act on it
    stack = new_stack()
    copy_of(l1_cluster(stack))
    needed = only(template_of(stack), COPY)["DependsOn"]
    assert "Warehouse" in needed
    assert any("ProviderCopy" in name for name in needed)


def test_cluster_of_ours() -> None:
    # GIVEN a ResilientCluster with a chosen name WHEN copied THEN the copy refers to it by token, and its key may be used
    stack = new_stack()
    copy_of(cluster_of(stack, cluster_identifier="sales"))
    template = template_of(stack)
    [cluster] = of_type(template, "AWS::Redshift::Cluster")
    resource = only(template, COPY)
    assert resource["Properties"]["ClusterIdentifier"] == {"Ref": cluster}
    assert [name for name in resource["DependsOn"] if "SecurityGroup" in name] == []
    assert [name for name in of_type(template, "AWS::IAM::Policy") if "SourceKeys" in name]


def test_existing_cluster() -> None:
    # GIVEN a cluster that exists already WHEN copied THEN the copy has its name, and no right on a key
    stack = new_stack()
    copy_of(existing(stack))
    template = template_of(stack)
    assert only(template, COPY)["Properties"]["ClusterIdentifier"] == "legacy"
    assert [name for name in of_type(template, "AWS::IAM::Policy") if "SourceKeys" in name] == []


def test_existing_clusters_key() -> None:
    # GIVEN the key of an existing cluster WHEN passed THEN the provider may let Redshift use it
    stack = new_stack()
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    copy_of(existing(stack), cluster_encryption_key=key)
    text = json.dumps(of_type(template_of(stack), "AWS::IAM::Policy"))
    assert "arn:aws:kms:us-east-1:111111111111:key/1" in text


def test_token_identifier_inside_the_stack() -> None:
    # GIVEN a cluster whose name CloudFormation chooses WHEN copied THEN the reference is enough
    stack = new_stack()
    copy_of(l1_cluster(stack, cluster_identifier=None))
    assert only(template_of(stack), COPY)["Properties"]["ClusterIdentifier"] == {"Ref": "Warehouse"}


def test_token_retentions() -> None:
    # GIVEN retentions that the deployment decides WHEN copied THEN they pass without a check
    stack = new_stack()
    keep = cdk.Duration.days(number_parameter(stack))
    copy_of(l1_cluster(stack), keep_automated=keep, keep_manual=keep)
    properties = only(template_of(stack), COPY)["Properties"]
    assert properties["RetentionPeriod"] == properties["ManualSnapshotRetentionPeriod"] == {"Ref": "Number"}


@pytest.mark.parametrize("policy", [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])
def test_both_retaining_policies_keep(policy: cdk.RemovalPolicy) -> None:
    # GIVEN a policy that retains WHEN synthesized THEN the second key says so too
    stack = new_stack()
    copy_of(l1_cluster(stack), removal_policy=policy)
    resource = only(template_of(stack), COPY)
    assert resource["Properties"]["RemovalPolicy"] == "retain"
    assert resource["DeletionPolicy"] != "Delete"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (
            {"destination_region": "us-east-1"},
            "'destination_region' must be another Region than the cluster's, us-east-1",
        ),
        ({"destination_region": "cn-north-1"}, "'destination_region' must be a Region of the cluster's partition, aws"),
        ({"env": None}, "'cluster' must be a cluster in a stack with env=Environment(region=...)"),
        ({"keep_automated": cdk.Duration.days(36)}, "'keep_automated' must be 1 to 35 whole days"),
        ({"keep_automated": cdk.Duration.days(0)}, "'keep_automated' must be 1 to 35 whole days"),
        ({"keep_automated": cdk.Duration.hours(36)}, "'keep_automated' must be 1 to 35 whole days"),
        ({"keep_manual": cdk.Duration.days(3654)}, "'keep_manual' must be 1 to 3653 whole days or FOREVER"),
        ({"snapshot_copy_grant_name": "No_Grant"}, "'snapshot_copy_grant_name' must be 1 to 63 lower-case letters"),
        ({"removal_policy": cdk.RemovalPolicy.SNAPSHOT}, "'removal_policy' must be RemovalPolicy.RETAIN"),
        (
            {"properties": {"encrypted": False}, "snapshot_copy_grant_name": "recovery"},
            "'snapshot_copy_grant_name' must be None for a cluster that is not encrypted",
        ),
        (
            {"properties": {"destination_region": "eu-west-1"}},
            "'cluster' must be a cluster that sets no DestinationRegion, got \"one with DestinationRegion 'eu-west-1'\"",
        ),
    ],
)
def test_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an argument that cannot work WHEN constructed THEN the error says argument, value and rule
    assert text in refused(**arguments)


def test_refuses_a_token_region() -> None:
    # GIVEN a destination that only the deployment knows WHEN constructed THEN it is refused, because it could be the cluster's own Region
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError, match="'destination_region' must be the literal name of a Region"):
        copy_of(l1_cluster(stack), destination_region=text_parameter(stack))


def test_one_error_reports_all_problems() -> None:
    # GIVEN three mistakes WHEN constructed THEN one error reports all of them, and no construct exists
    stack = new_stack()
    cluster = l1_cluster(stack)
    with pytest.raises(ResilientRedshiftError) as caught:
        copy_of(
            cluster,
            destination_region="us-east-1",
            keep_automated=cdk.Duration.days(0),
            keep_manual=cdk.Duration.days(0),
        )
    assert len(caught.value.problems) == 3
    assert caught.value.where == "Stack/Copy (SnapshotCopy)"
    assert [child.node.id for child in stack.node.children] == ["Warehouse"]


def test_cluster_of_another_stack() -> None:
    # GIVEN a cluster of another stack WHEN copied from here THEN it is refused, because the token would tie the stacks together
    home, away = two_stacks(away=HOME)
    with pytest.raises(ResilientRedshiftError, match="'cluster' must be a cluster of the stack 'Away'"):
        SnapshotCopy(away, "Copy", cluster=l1_cluster(home), destination_region="us-west-2")


def test_two_copies_of_one_construct() -> None:
    # GIVEN a copied cluster WHEN copied again THEN the first owner is named
    cluster = l1_cluster(new_stack())
    copy_of(cluster)
    with pytest.raises(ResilientRedshiftError, match=r"'Stack/Copy \(SnapshotCopy\)' already owns its copy"):
        copy_of(cluster, "Second")


def test_two_copies_of_one_name() -> None:
    # GIVEN two constructs, in two stacks and Stages, that mean one cluster WHEN both are copied THEN the second is refused
    app = new_app()
    first = cdk.Stack(app, "First", env=HOME)
    copy_of(l1_cluster(first, "Sales"))
    second = cdk.Stack(cdk.Stage(app, "Stage"), "Second", env=HOME)
    with pytest.raises(ResilientRedshiftError, match="already owns its copy"):
        copy_of(existing(second, "sales"))


def test_namesakes_elsewhere_are_not_mixed_up() -> None:
    # GIVEN clusters of one name in two Regions and two accounts WHEN all are copied THEN they do not clash
    app = new_app()
    for name, env in (
        ("A", HOME),
        ("B", cdk.Environment(account="222222222222", region="us-east-1")),
        ("C", cdk.Environment(account="111111111111", region="eu-west-1")),
        ("D", cdk.Environment(region="us-east-1")),
        ("E", cdk.Environment(region="us-east-1")),
    ):
        copy_of(l1_cluster(cdk.Stack(app, name, env=env), "Sales"))


def test_unknown_region_is_a_warning() -> None:
    # GIVEN a Region newer than CDK WHEN it is the destination THEN it passes, with a warning
    stack = new_stack()
    copy = copy_of(l1_cluster(stack), destination_region="mars-north-1", snapshot_copy_grant_name="recovery")
    assert list(warnings_of(copy)) == ["resilient-redshift:SnapshotCopy.UnknownRegion"]


def test_aws_owned_key_is_a_warning() -> None:
    # GIVEN an encrypted cluster WHEN copied without a grant THEN a warning says whose key it is; with a grant there is no warning
    stack = new_stack()
    assert list(warnings_of(copy_of(l1_cluster(stack)))) == ["resilient-redshift:SnapshotCopy.AwsOwnedKey"]
    assert warnings_of(copy_of(l1_cluster(stack, "B"), "CopyB", snapshot_copy_grant_name="recovery")) == {}
    assert warnings_of(copy_of(l1_cluster(stack, "C", encrypted=False), "CopyC")) == {}


def test_copy_cures_the_single_zone_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a cluster in one Zone, which warns that a copy is missing WHEN copied THEN the cluster gets the reason why the warning no longer holds
    reasons: list[str] = []
    cluster = cluster_of(new_stack(), cluster_identifier="sales")
    monkeypatch.setattr(cluster, "_resilient_redshift_note_copy", reasons.append)
    copy_of(cluster)
    assert reasons == ["its snapshots are copied to us-west-2"]


def test_logical_ids_are_frozen() -> None:
    # GIVEN a copy WHEN synthesized THEN its ids follow from its path and its cluster's name alone
    stack = new_stack()
    copy_of(l1_cluster(stack))
    template = template_of(stack)
    assert list(of_type(template, COPY)) == ["Copy1ED8A51E"]
    assert [name for name in of_type(template, "AWS::IAM::Policy") if "ProviderCopy" in name] == [
        "ResilientRedshiftProviderCopyae1fd35885D49CB3"
    ]


@pytest.mark.parametrize("grant", [None, "recovery"])
def test_handler_reads_the_properties_of_the_template(grant: str | None) -> None:
    # GIVEN a synthesized copy and grant WHEN the handler reads their properties as CloudFormation sends them THEN it takes all
    home, away = two_stacks()
    copy_of(existing(home, "sales"), snapshot_copy_grant_name=grant)
    key = kms.Key.from_key_arn(away, "Key", "arn:aws:kms:us-west-2:111111111111:key/1")
    SnapshotCopyGrant(away, "Grant", snapshot_copy_grant_name="recovery", encryption_key=key)
    copy = copy_properties.wanted(_request(home, COPY))
    assert (copy.identifier, copy.settings.grant, copy.destroy) == ("sales", grant, False)
    grant_request = grant_properties.wanted(_request(away, GRANT))
    assert (grant_request.name, grant_request.key, grant_request.destroy) == (
        "recovery",
        "arn:aws:kms:us-west-2:111111111111:key/1",
        False,
    )


def _request(stack: cdk.Stack, kind: str) -> Request:
    properties = {**only(template_of(stack), kind)["Properties"], "ServiceToken": "arn:aws:lambda:x"}
    owner = f"arn:aws:cloudformation:{stack.region}:111111111111:stack/Stack/0"
    event = {"RequestType": "Create", "ResourceType": kind, "StackId": owner, "LogicalResourceId": "X"}
    return parse({**event, "ResourceProperties": properties}, owner)


def test_copy_refuses_an_alias_as_the_clusters_key() -> None:
    # GIVEN an alias, which no IAM policy can name for a key WHEN it is passed as the cluster's key THEN it is refused
    stack = new_stack(HOME)
    alias = kms.Alias.from_alias_name(stack, "Alias", "alias/warehouse")
    with pytest.raises(ResilientRedshiftError, match="'cluster_encryption_key' must be the key itself, got 'an alias'"):
        SnapshotCopy(
            stack, "Copy", cluster=existing(stack), destination_region="us-west-2", cluster_encryption_key=alias
        )
