"""ResilientCluster: each warning by its id, when it comes and when it goes."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions

from resilient_redshift import AutomatedSnapshots
from resilient_redshift.cluster_ref.facts import note_copy
from tests.scenes.clusters import cluster_of, new_stack, warnings_of

ID = "resilient-redshift:ResilientCluster."
OFF = AutomatedSnapshots(keep=cdk.Duration.days(0), accept_loss_of_automated_snapshots=True)
RELOCATED: dict[str, Any] = {"availability_zone_relocation": True}


@pytest.mark.parametrize(
    ("arguments", "warnings"),
    [
        ({}, {ID + "SingleZone"}),
        ({"availability_zone_relocation": False}, {ID + "SingleZone"}),
        (RELOCATED, set()),
        ({"multi_az": True}, set()),
        (RELOCATED | {"cluster_identifier": "sales"}, set()),
        (RELOCATED | {"cluster_identifier": "sales", "removal_policy": cdk.RemovalPolicy.RETAIN}, set()),
        (RELOCATED | {"removal_policy": cdk.RemovalPolicy.DESTROY, "accept_loss_of_cluster": True}, {ID + "Destroy"}),
        (RELOCATED | {"audit_log_exports": ["userlog"]}, {ID + "AuditLogs"}),
        (RELOCATED | {"audit_log_exports": []}, {ID + "AuditLogs"}),
        (
            {"node_type": "dc2.large", "automated_snapshots": OFF},
            {ID + "SingleZone", "resilient-redshift:AutomatedSnapshots.Off"},
        ),
        (RELOCATED | {"node_type": "rg.large"}, set()),
        ({"node_type": "rg.large", "multi_az": True}, set()),
        (RELOCATED | {"node_type": "rg.4xlarge", "number_of_nodes": 32}, set()),
        (RELOCATED | {"node_type": "rg.4xlarge", "number_of_nodes": 33}, {ID + "MoreNodesThanNew"}),
        (RELOCATED | {"node_type": "ra4.large"}, {ID + "UnknownNodeType"}),
        (RELOCATED | {"node_type": "ra3.64xlarge"}, set()),
    ],
)
def test_warnings(arguments: dict[str, Any], warnings: set[str]) -> None:
    assert set(warnings_of(cluster_of(new_stack(), **arguments))) == warnings


@pytest.mark.parametrize(
    ("arguments", "warning", "text"),
    [
        ({}, "SingleZone", "which loses everything since that snapshot"),
        ({}, "SingleZone", "AWS switches relocation on by itself for a new RA3 or RG cluster"),
        (
            {"removal_policy": cdk.RemovalPolicy.DESTROY, "accept_loss_of_cluster": True},
            "Destroy",
            "takes no final snapshot",
        ),
        ({"audit_log_exports": ["userlog"]}, "AuditLogs", "audit logs that are off: connectionlog, useractivitylog"),
        (
            {"node_type": "ra3.xlplus", "number_of_nodes": 17},
            "MoreNodesThanNew",
            "a new cluster of ra3.xlplus has at most 16 nodes, so that CloudFormation cannot make this cluster with 17",
        ),
        ({"node_type": "ra4.large"}, "UnknownNodeType", "does not know the family of 'ra4.large'"),
    ],
)
def test_what_a_warning_says(arguments: dict[str, Any], warning: str, text: str) -> None:
    assert text in warnings_of(cluster_of(new_stack(), **arguments))[ID + warning]


def test_a_copy_takes_the_single_zone_warning_away() -> None:
    # GIVEN a cluster in one Zone
    stack = new_stack()
    cluster = cluster_of(stack)
    # WHEN its snapshots are copied
    note_copy(cluster, "Stack/Copy copies its snapshots to us-west-2")
    # THEN the warning is gone from the synth, and the reason is on record
    assert warnings_of(cluster) == {}
    assertions.Annotations.from_stack(stack).has_no_warning("/Stack/Warehouse", assertions.Match.any_value())
    recorded = [entry.data for entry in cluster.node.metadata if entry.type == "aws:cdk:acknowledged-rules"]
    assert "us-west-2" in str(recorded)


def test_a_copy_takes_no_other_warning_away() -> None:
    cluster = cluster_of(new_stack(), audit_log_exports=[])
    note_copy(cluster, "copied")
    assert set(warnings_of(cluster)) == {ID + "AuditLogs"}


def test_a_user_may_acknowledge() -> None:
    stack = new_stack()
    cdk.Validations.of(stack).acknowledge(cdk.Acknowledgment(id=ID + "SingleZone", reason="a sandbox"))
    assert warnings_of(cluster_of(stack)) == {}
