"""One Region with a cluster, the snapshot machine over it, and the metrics it published."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError, Clock, RedshiftModel, Settings
from emulator.redshift_model.client import hooked
from resilient_redshift import definitions
from tests.definitions.interpreter import Execution, Machine, java_style, run_together

if TYPE_CHECKING:
    from tests.definitions.interpreter import Dialect

REGION = "us-east-1"
CLUSTER = "sales"
SCHEDULED = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
BASE = "sales-nightly-20261124t0300z"
DAY = 86_400


@dataclass
class Metrics:
    """CloudWatch's PutMetricData, validated by botocore."""

    published: list[dict[str, Any]] = field(default_factory=list)
    fail: int = 0

    def answer(self, _service: str, _region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert operation == "PutMetricData"
        if self.fail:
            self.fail -= 1
            raise ApiError("InternalServiceFault", "not now", 500)
        assert params["Namespace"] == "ResilientRedshift"
        self.published += params["MetricData"]
        return {}

    def names(self) -> list[tuple[str, ...]]:
        """Each metric's name and the outcome among its dimensions, if it has one."""
        found = []
        for metric in self.published:
            dimensions = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
            assert dimensions.pop("ClusterIdentifier") == CLUSTER
            assert dimensions.pop("Rule") == "nightly"
            found.append((metric["MetricName"], *dimensions.values()))
        return found


class World:
    """The scene of one test."""

    def __init__(self, *, dialect: Dialect = java_style, **settings: Any) -> None:
        self.clock = Clock(SCHEDULED - dt.timedelta(hours=20))  # automated snapshots 4 h away from ours
        self.model = RedshiftModel(self.clock, settings=Settings(**settings))
        self.model.given_cluster(REGION, CLUSTER)
        self.clock.advance_to(SCHEDULED + dt.timedelta(seconds=20))
        self.metrics = Metrics()
        cloudwatch = hooked("cloudwatch", REGION, self.metrics.answer)
        clients = {"redshift": self.model.client(REGION), "cloudwatch": cloudwatch}
        text = definitions.definition_string(definitions.MANUAL_SNAPSHOT).replace("${Partition}", "aws")
        self.machine = Machine(json.loads(text), self.clock, clients, dialect=dialect)

    def given(self, **changes: Any) -> dict[str, Any]:
        """The rule's input; None drops a key."""
        base = {
            "cluster_identifier": CLUSTER,
            "rule": "nightly",
            "scheduled_time": SCHEDULED.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "keep_days": 7,
            "keep_in_recovery_days": 30,
            "plan": "sales",
            "gap_seconds": DAY,
        }
        return {key: value for key, value in {**base, **changes}.items() if value is not None}

    def run(self, **changes: Any) -> Execution:
        return self.machine.run(self.given(**changes))

    def absent_is_empty(self) -> None:
        """Let an absent snapshot be an empty list rather than ClusterSnapshotNotFound."""

        def answer(_service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            try:
                return self.model.call(region, operation, params)
            except ApiError as error:
                if error.code != "ClusterSnapshotNotFound":
                    raise
                return {"Snapshots": []}

        self.machine.clients = {**self.machine.clients, "redshift": hooked("redshift", REGION, answer)}

    def no_progress(self) -> None:
        """Let no snapshot ever tell of any progress, whatever becomes of it."""

        def answer(_service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            told: dict[str, Any] = self.model.call(region, operation, params)
            for snapshot in told.get("Snapshots", ()):
                snapshot |= {"BackupProgressInMegaBytes": 0.0, "EstimatedSecondsToCompletion": 0}
            return told

        self.machine.clients = {**self.machine.clients, "redshift": hooked("redshift", REGION, answer)}

    def together(self, count: int = 2, **changes: Any) -> list[Execution]:
        return run_together(self.clock, *(self.machine.start(self.given(**changes)) for _ in range(count)))

    def snapshot(self, identifier: str = BASE) -> dict[str, Any]:
        found = self.model.call(REGION, "DescribeClusterSnapshots", {"SnapshotIdentifier": identifier})["Snapshots"][0]
        return {**found, "Tags": {tag["Key"]: tag["Value"] for tag in found["Tags"]}}

    def manual(self) -> list[str]:
        """The names of all manual snapshots."""
        return sorted(s.identifier for s in self.model.world.snapshots.values() if s.kind == "manual")

    def calls(self, operation: str) -> int:
        return sum(1 for call in self.model.calls if call.operation == operation)
