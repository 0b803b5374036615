"""One Region with a cluster, the function that takes its snapshots, its machine, and the metrics that it published."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ACCOUNT, ApiError, Clock, RedshiftModel, Settings
from emulator.redshift_model.client import hooked
from resilient_redshift.cloud.snapshots.take import TAKE, Surroundings
from resilient_redshift.cloud.snapshots.take_function import take_snapshot_in
from tests.phases.driver import Machine, run_together

if TYPE_CHECKING:
    from tests.phases.driver import Execution

REGION = "us-east-1"
CLUSTER = "sales"
SCHEDULED = dt.datetime(2026, 11, 24, 3, 0, tzinfo=dt.UTC)
BASE = "sales-nightly-20261124t0300z"
DAY = 86_400
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:snapshots"


@dataclass
class Metrics:
    """CloudWatch's PutMetricData, validated by botocore."""

    published: list[dict[str, Any]] = field(default_factory=list)
    fail: int = 0

    def answer(self, params: dict[str, Any]) -> dict[str, Any]:
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


@dataclass
class Strike:
    """What happens at calls of one test, counted over both services; ``last`` None: at each call from ``first`` on."""

    error: BaseException
    first: int
    last: int | None
    after: bool

    def hits(self, number: int) -> bool:
        return number >= self.first and (self.last is None or number <= self.last)


class TakeWorld:
    """The scene of one test."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock(SCHEDULED - dt.timedelta(hours=20))  # automated snapshots 4 h away from ours
        self.model = RedshiftModel(self.clock, settings=Settings(**settings))
        self.model.given_cluster(REGION, CLUSTER)
        self.clock.advance_to(SCHEDULED + dt.timedelta(seconds=20))
        self.metrics = Metrics()
        #: The operations that the function called.
        self.asked: list[str] = []
        #: Errors of the next calls of an operation.
        self.fail: dict[str, list[ApiError]] = {}
        #: Whether an absent snapshot is an empty list rather than ClusterSnapshotNotFound.
        self.absent_is_empty = False
        #: What every snapshot says of itself, whatever is true.
        self.told: dict[str, Any] = {}
        self._strike: Strike | None = None
        clients = {name: hooked(name, REGION, self._answer) for name in ("redshift", "cloudwatch")}
        self.surroundings = Surroundings(**clients, now=self.clock.now)
        self.machine = Machine(TAKE, self.handle, self.clock, arn=MACHINE)

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """The function."""
        return take_snapshot_in(event, self.surroundings)

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

    def together(self, count: int = 2, **changes: Any) -> list[Execution]:
        return run_together(self.clock, *(self.machine.start(self.given(**changes)) for _ in range(count)))

    def strike(self, error: BaseException, first: int, last: int | None, *, after: bool = False) -> None:
        """Let the calls from ``first`` to ``last`` fail, before or ``after`` they took effect."""
        self._strike = Strike(error, first, last, after)

    def snapshot(self, identifier: str = BASE) -> dict[str, Any]:
        found = self.model.call(REGION, "DescribeClusterSnapshots", {"SnapshotIdentifier": identifier})["Snapshots"][0]
        return {**found, "Tags": {tag["Key"]: tag["Value"] for tag in found["Tags"]}}

    def manual(self) -> list[str]:
        """The names of all manual snapshots."""
        return sorted(s.identifier for s in self.model.world.snapshots.values() if s.kind == "manual")

    def calls(self, operation: str) -> int:
        return sum(1 for call in self.model.calls if call.operation == operation)

    def _answer(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        struck = self._strike is not None and self._strike.hits(len(self.asked))
        if self._strike is not None and struck and not self._strike.after:
            raise self._strike.error
        if self.fail.get(operation):
            raise self.fail[operation].pop(0)
        answer = self._metrics_or_model(service, region, operation, params)
        if self._strike is not None and struck:
            raise self._strike.error
        return answer

    def _metrics_or_model(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if service == "cloudwatch":
            return self.metrics.answer(params)
        try:
            answer: dict[str, Any] = self.model.call(region, operation, params)
        except ApiError as error:
            if error.code != "ClusterSnapshotNotFound" or not self.absent_is_empty:
                raise
            return {"Snapshots": []}
        for snapshot in answer.get("Snapshots", ()):
            snapshot.update(self.told)
        return answer
