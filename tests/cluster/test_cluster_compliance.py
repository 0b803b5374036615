"""ResilientCluster under cdk-nag's packs: no finding, and a finding for each broken default."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_redshift as redshift
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from tests.scenes.clusters import cluster_of, new_stack
from tests.scenes.nag import rules_found

PACKS = [AwsSolutionsChecks, NIST80053R4Checks, NIST80053R5Checks, HIPAASecurityChecks, PCIDSS321Checks]


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(
    "arguments", [{}, {"node_type": "dc2.large"}, {"multi_az": True, "cluster_identifier": "sales"}]
)
def test_no_finding(pack: Any, arguments: dict[str, Any]) -> None:
    stack = new_stack()
    cluster = cluster_of(stack, **arguments)
    cluster.connections.allow_default_port_from(ec2.Peer.ipv4("10.0.0.0/16"))
    assert rules_found(pack, stack) == []


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("port", 5439, "AwsSolutions-RS4"),
        ("encrypted", False, "AwsSolutions-RS6"),
        ("master_username", "awsuser", "AwsSolutions-RS3"),
        ("publicly_accessible", True, "NIST.800.53.R5-RedshiftClusterPublicAccess"),
        ("logging_properties", None, "AwsSolutions-RS5"),
        ("enhanced_vpc_routing", False, "NIST.800.53.R5-RedshiftEnhancedVPCRoutingEnabled"),
    ],
)
def test_the_packs_see_the_cluster(setting: str, value: object, rule: str) -> None:
    # a pack that does not look at the cluster has no findings either, so an escape hatch breaks each default here
    stack = new_stack()
    child = cluster_of(stack).node.default_child
    assert isinstance(child, redshift.CfnCluster)
    setattr(child, setting, value)
    assert rule in set(rules_found(AwsSolutionsChecks, stack)) | set(rules_found(NIST80053R5Checks, stack))


@pytest.mark.parametrize("name", ["require_ssl", "enable_user_activity_logging"])
def test_the_packs_see_the_parameter_group(name: str) -> None:
    stack = new_stack()
    group = cluster_of(stack).parameter_group
    group.parameters = [{"parameterName": name, "parameterValue": "true"}]  # type: ignore[list-item]
    assert set(rules_found(AwsSolutionsChecks, stack)) | set(rules_found(NIST80053R5Checks, stack))
