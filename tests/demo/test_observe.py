"""Which snapshots count, and for which tier."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from demo.observe import OTHER, Protected, look, tier
from emulator.redshift_model import Clock, RedshiftModel
from resilient_redshift.contract.names import TAG_RULE

WHO = Protected(
    "sales", "us-east-1", "us-west-2", timedelta(hours=26), timedelta(hours=4), "machine", ("nightly", "monthly")
)


@pytest.mark.parametrize(
    ("snapshot", "wanted"),
    [
        ({"SnapshotIdentifier": "rs:sales-2026", "SnapshotType": "automated"}, "automated"),
        ({"SnapshotIdentifier": "any", "Tags": [{"Key": TAG_RULE, "Value": "weekly"}]}, "weekly"),
        ({"SnapshotIdentifier": "sales-nightly-20261124t0300z"}, "nightly"),
        ({"SnapshotIdentifier": "copy:sales-monthly-20261201t0400z-r1"}, "monthly"),
        ({"SnapshotIdentifier": "sales-stranger-20261124t0300z"}, OTHER),
        ({"SnapshotIdentifier": "sales-nightly"}, OTHER),
    ],
)
def test_the_tier_of_a_snapshot(snapshot: dict[str, Any], wanted: str) -> None:
    # GIVEN a snapshot as DescribeClusterSnapshots shows it WHEN asked for its tier THEN its type, tag or name tells
    assert tier({"SnapshotType": "manual", **snapshot}, WHO) == wanted


class Aws:
    def __init__(self) -> None:
        self.model = RedshiftModel(Clock())

    def client(self, service: str, region: str) -> Any:
        return self.model.client(region)


def test_other_clusters_are_not_counted() -> None:
    # GIVEN another cluster's snapshot beside 101 of ours WHEN looked at THEN all pages, and ours alone
    aws = Aws()
    ours, theirs = (aws.model.given_cluster("us-east-1", name) for name in ("sales", "marketing"))
    aws.model.given_snapshot("us-east-1", theirs, "theirs")
    for number in range(101):
        aws.model.given_snapshot("us-east-1", ours, f"ours-{number}")
    found = look(aws, WHO)  # type: ignore[arg-type]
    assert {sight.identifier for sight in found["us-east-1"]} == {f"ours-{number}" for number in range(101)}
    assert found["us-west-2"] == []


def test_a_namesake_of_the_recovery_region_is_not_counted() -> None:
    # GIVEN a cluster of the same name in the recovery Region WHEN looked at THEN its own snapshots are no copies
    aws = Aws()
    namesake = aws.model.given_cluster("us-west-2", "sales")
    aws.model.given_snapshot("us-west-2", namesake, "namesake")
    assert look(aws, WHO)["us-west-2"] == []  # type: ignore[arg-type]


def test_only_newer_ones_are_asked_for() -> None:
    # GIVEN an old and a new snapshot WHEN newer ones are asked for THEN the old one is left out
    aws = Aws()
    cluster = aws.model.given_cluster("us-east-1", "sales")
    aws.model.given_snapshot("us-east-1", cluster, "old", age_days=5)
    aws.model.given_snapshot("us-east-1", cluster, "new", age_days=1)
    newer = aws.model.clock.now() - timedelta(days=2)
    assert [sight.identifier for sight in look(aws, WHO, {"us-east-1": newer})["us-east-1"]] == ["new"]  # type: ignore[arg-type]
