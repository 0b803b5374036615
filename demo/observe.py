"""Reads through boto3 what stands in both Regions: the copy's configuration, and the snapshots."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from demo.errors import DemoError
from demo.history import AUTOMATED, Sight
from resilient_redshift.contract.names import TAG_RULE, plan_record_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from demo.aws import Aws

#: `<cluster>-<rule>-yyyymmddthhmmz`, what ManualSnapshotRule calls its snapshots; copies may carry no tags.
_TAKEN_BY_RULE = re.compile(r"-\d{8}t\d{4}z(-r\d+)?$")
OTHER = "other manual"


@dataclass(frozen=True)
class Protected:
    """What the plan record in the recovery Region says: all that the demo needs to know about the example.

    Attributes:
        cluster: the cluster's identifier.
        primary: its Region.
        recovery: the Region that copies go to.
        objective: the highest recovery-point age that the plan allows.
        within: how soon the plan wants it back.
        machine: the ARN of the state machine that brings it back, in the recovery Region.
        rules: the names of its rules, in their order.
    """

    cluster: str
    primary: str
    recovery: str
    objective: timedelta
    within: timedelta
    machine: str
    rules: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, str]:
        """Both Regions, the primary first."""
        return (self.primary, self.recovery)


def protected(aws: Aws, plan: str, region: str) -> Protected:
    """Read the plan record from Parameter Store in the recovery Region alone, as a restore would have to."""
    answer = aws.client("ssm", region).get_parameter(Name=plan_record_name(plan))
    record = json.loads(answer["Parameter"]["Value"])
    return Protected(
        cluster=record["cluster"]["identifier"],
        primary=record["cluster"]["region"],
        recovery=record["recovery"]["region"],
        objective=timedelta(seconds=record["objectives"]["recovery_point_seconds"]),
        within=timedelta(seconds=record["objectives"]["recovery_time_seconds"]),
        machine=record["machines"]["restore"],
        rules=tuple(rule["rule"] for rule in record["rules"]),
    )


def copy_status(aws: Aws, who: Protected) -> dict[str, Any]:
    """``ClusterSnapshotCopyStatus`` of DescribeClusters; DemoError if the copy is off."""
    [cluster] = aws.client("redshift", who.primary).describe_clusters(ClusterIdentifier=who.cluster)["Clusters"]
    status: dict[str, Any] | None = cluster.get("ClusterSnapshotCopyStatus")
    if not status or not status.get("DestinationRegion"):
        raise DemoError(f"the snapshot copy of {who.cluster} is off: DescribeClusters in {who.primary} shows none")
    return dict(status)


def look(aws: Aws, who: Protected, newer_than: Mapping[str, datetime] | None = None) -> dict[str, list[Sight]]:
    """Every snapshot of the cluster in both Regions, or those alone whose data are no older than the Region's time."""
    known = newer_than or {}
    return {region: _snapshots(aws, who, region, known.get(region)) for region in who.regions}


def _snapshots(aws: Aws, who: Protected, region: str, newer_than: datetime | None) -> list[Sight]:
    # not by ClusterIdentifier: whether a Region lists the snapshots of a name that it does not know is not documented
    asked: dict[str, Any] = {"PaginationConfig": {"PageSize": 100}}
    if newer_than is not None:
        asked["StartTime"] = newer_than
    pages = aws.client("redshift", region).get_paginator("describe_cluster_snapshots").paginate(**asked)
    return [
        Sight(
            identifier=snapshot["SnapshotIdentifier"],
            tier=tier(snapshot, who),
            created=snapshot["SnapshotCreateTime"],
            available=snapshot["Status"] == "available",
        )
        for page in pages
        for snapshot in page["Snapshots"]
        if snapshot["ClusterIdentifier"] == who.cluster
        and (region == who.primary or snapshot.get("SourceRegion") == who.primary)
    ]


def tier(snapshot: dict[str, Any], who: Protected) -> str:
    """What made a snapshot: "automated", the rule of its tag or its name, or another hand."""
    if snapshot.get("SnapshotType") == AUTOMATED:
        return AUTOMATED
    for tag in snapshot.get("Tags", ()):
        if tag["Key"] == TAG_RULE:
            return str(tag["Value"])
    stem, found = _TAKEN_BY_RULE.subn("", snapshot["SnapshotIdentifier"].removeprefix("copy:"))
    rule = stem.removeprefix(f"{who.cluster}-")
    return rule if found and rule in who.rules else OTHER
