"""What the properties of a cluster say: right, or unknown."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import Verdict
from tests.planning.templates import cluster, copy, row, stack, table


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"NodeType": "dc2.large"}, "dc2.large does not support it"),
        ({"NumberOfNodes": 1}, "it needs two nodes"),
        ({"ClusterType": "single-node"}, "it needs two nodes"),
    ],
    ids=["node type", "one node", "single-node"],
)
def test_multi_az_counts_only_where_redshift_has_it(properties: dict[str, Any], why: str) -> None:
    judgement = table(stack(Warehouse=cluster(MultiAZ=True, **properties)))

    assert row(judgement, "a Zone").recovery_point == "8 h"
    assert why in judgement.notes[0]


@pytest.mark.parametrize(
    ("properties", "verdict", "loss"),
    [
        ({"ClusterType": None}, Verdict.PROTECTED, "nothing lost"),
        ({"ClusterType": None, "NumberOfNodes": None}, Verdict.PROTECTED, "8 h"),
        ({"NumberOfNodes": None}, Verdict.PROTECTED, "8 h"),
        ({"ClusterType": {"Ref": "Kind"}}, Verdict.UNKNOWN, "unknown"),
        ({"ClusterType": {"Ref": "Kind"}, "NumberOfNodes": None}, Verdict.PROTECTED, "8 h"),
    ],
    ids=["several", "one", "one of a multi-node", "unknown type", "unknown type of one"],
)
def test_the_number_of_nodes_is_right_or_unknown(properties: dict[str, Any], verdict: Verdict, loss: str) -> None:
    node = row(table(stack(Warehouse=cluster(**properties))), "a node")

    assert (node.verdict, node.recovery_point) == (verdict, loss)


@pytest.mark.parametrize("days", [-1, 36])
def test_a_retention_that_redshift_does_not_have_is_not_counted(days: int) -> None:
    own = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=days)))
    copied = table(stack(Warehouse=cluster(), Copy=copy(automated=str(days))))

    assert row(own, "a Zone").protection == "none"
    assert row(copied, "the Region").protection == "none"
    assert f"no retention of {days} days" in own.notes[0]
    assert f"no retention of {days} days" in copied.notes[0]


def test_a_cluster_with_an_elastic_ip_address_does_not_move_to_another_zone() -> None:
    judgement = table(stack(Warehouse=cluster(AvailabilityZoneRelocation=True, ElasticIp="192.0.2.1")))

    assert row(judgement, "a Zone").recovery_point == "8 h"
    assert "Elastic IP" in judgement.notes[0]
