"""What a cluster that CloudFormation keeps cannot exist without: its groups are kept with it."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from tests.scenes.clusters import cluster_of, new_stack, resources_of

GROUPS = (
    "AWS::Redshift::ClusterSubnetGroup",
    "AWS::Redshift::ClusterParameterGroup",
    "AWS::EC2::SecurityGroup",
)


def policies(stack: cdk.Stack, kind: str) -> list[tuple[Any, Any]]:
    """DeletionPolicy and UpdateReplacePolicy of each resource of a type."""
    return [(each.get("DeletionPolicy"), each.get("UpdateReplacePolicy")) for each in resources_of(stack, kind)]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (cdk.RemovalPolicy.RETAIN, ("Retain", "Retain")),
        (cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE, ("RetainExceptOnCreate", "Retain")),
        (cdk.RemovalPolicy.SNAPSHOT, (None, None)),
    ],
)
def test_the_groups_stay_when_the_cluster_stays(policy: cdk.RemovalPolicy, expected: tuple[Any, Any]) -> None:
    # GIVEN a cluster with a removal policy WHEN synthesized
    stack = new_stack()
    cluster_of(stack, removal_policy=policy)
    # THEN the groups that the construct makes have the policy where it keeps the cluster
    assert [policies(stack, kind) for kind in GROUPS] == [[expected]] * len(GROUPS)


@pytest.mark.parametrize("firmer_first", [True, False])
def test_a_shared_parameter_group_is_kept_as_firmly_as_any_of_its_clusters_asks(firmer_first: bool) -> None:
    # GIVEN two clusters of one stack that share a parameter group, and keep it on different terms
    stack = new_stack()
    kept = [cdk.RemovalPolicy.RETAIN, cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE]
    for number, policy in enumerate(kept if firmer_first else reversed(kept)):
        cluster_of(stack, f"C{number}", removal_policy=policy)
    cluster_of(stack, "Snapshotted")
    # WHEN synthesized THEN the firmer term holds
    assert policies(stack, "AWS::Redshift::ClusterParameterGroup") == [("Retain", "Retain")]
