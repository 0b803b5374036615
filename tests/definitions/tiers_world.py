"""The recovery Region of one plan: copies that arrived from elsewhere, the plan's record, and the machine over both."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError, Clock, RedshiftModel, Settings
from emulator.redshift_model.client import hooked
from resilient_redshift import definitions
from resilient_redshift.contract import names, record
from tests.definitions.interpreter import Execution, Machine, java_style

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model.state import Cluster, Snapshot
    from tests.definitions.interpreter import Dialect

HOME, AWAY = "us-east-1", "us-west-2"
CLUSTER, PLAN = "sales", "sales-us-east-1"
NIGHTLY, MONTHLY, CONFIGURED = 10, 180, 180
FOREVER = -1
NOW = dt.datetime(2026, 11, 24, 5, 0, 20, tzinfo=dt.UTC)
TAG = names.TAG_TIER_APPLIED


@dataclass
class Elsewhere:
    """CloudWatch and Parameter Store, validated by botocore."""

    value: str | None = None
    published: list[dict[str, Any]] = field(default_factory=list)
    fail: dict[str, list[ApiError]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, _service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert region == AWAY
        self.asked.append(operation)
        if self.fail.get(operation):
            raise self.fail[operation].pop(0)
        if operation == "PutMetricData":
            assert params["Namespace"] == names.METRIC_NAMESPACE
            self.published += params["MetricData"]
            return {}
        assert params == {"Name": f"/resilient-redshift/plans/{PLAN}"}
        if self.value is None:
            raise ApiError("ParameterNotFound", "", 400)
        return {"Parameter": {"Name": params["Name"], "Type": "String", "Value": self.value}}

    def numbers(self) -> dict[str, float]:
        """What the last run published, by metric; each has the plan as its only dimension."""
        last = self.published[-len(names.TIER_METRICS) :]
        assert all(metric["Dimensions"] == [{"Name": "Plan", "Value": PLAN}] for metric in last)
        return {metric["MetricName"]: metric["Value"] for metric in last}


class TiersWorld:
    """The scene of one test: a cluster at home whose nightly and monthly snapshots are copied."""

    def __init__(self, *, dialect: Dialect = java_style, **settings: Any) -> None:
        self.clock = Clock(NOW)
        self.model = RedshiftModel(self.clock, settings=Settings(**{"manual_snapshot_quota": 500, **settings}))
        self.cluster: Cluster = self.model.given_cluster(HOME, CLUSTER)
        self.elsewhere = Elsewhere(json.dumps(self.record()))
        clients = {
            "redshift": self.model.client(AWAY),
            **{name: hooked(name, AWAY, self.elsewhere.answer) for name in ("cloudwatch", "ssm")},
        }
        text = definitions.definition_string(definitions.RECOVERY_TIERS).replace("${Partition}", "aws")
        arn = f"arn:aws:states:{AWAY}:111122223333:stateMachine:tiers"
        self.machine = Machine(json.loads(text), self.clock, clients, arn=arn, dialect=dialect)

    def record(self, keep_manual: int = CONFIGURED, **rules: int) -> dict[str, Any]:
        """The plan's record, with rules by name and the days that their copies are kept."""
        return record.plan_record(
            plan=PLAN,
            cluster={"identifier": CLUSTER, "region": HOME, "account": "111122223333"},
            recovery={"region": AWAY, "site": "Away/Site", "snapshot_copy_grant_name": "recovery-1"},
            objectives=dict.fromkeys(
                ("recovery_point_seconds", "recovery_time_seconds", "expected_copy_time_seconds"), 3600
            ),
            copy={"keep_automated_days": 7, "keep_manual_days": keep_manual},
            rules=[
                {
                    "rule": name,
                    "schedule": "rate(1 day)",
                    "keep_days": 1,
                    "keep_in_recovery_days": days,
                    "enabled": True,
                }
                for name, days in (rules or {"nightly": NIGHTLY, "monthly": MONTHLY}).items()
            ],
        )

    def tell(self, keep_manual: int = CONFIGURED, **rules: int) -> None:
        """Change the record."""
        self.tell_whole(self.record(keep_manual, **rules))

    def tell_whole(self, record: Any) -> None:
        """Let the parameter hold a record as given."""
        self.elsewhere.value = json.dumps(record)

    def copied(self, rule: str = "nightly", *, name: str = "", age_hours: float = 1, **attributes: Any) -> Snapshot:
        """A copy in the recovery Region, as it arrives."""
        taken = self.clock.now() - dt.timedelta(hours=age_hours)
        name = name or f"{CLUSTER}-{rule}-{taken:%Y%m%dt%H%M}z"
        start = {"retention_start": taken, **attributes}
        return self.model.given_snapshot(
            AWAY, self.cluster, name, age_days=age_hours / 24, **{"retention": CONFIGURED, **start}
        )

    def run(self) -> Execution:
        return self.machine.run({"plan": PLAN})

    def change_at_look(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Let the answer about one snapshot, right before it is changed, be another than the list's."""

        def answer(_service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
            told: dict[str, Any] = self.model.call(region, operation, params)
            if operation == "DescribeClusterSnapshots" and "SnapshotIdentifier" in params:
                change(told["Snapshots"][0])
            return told

        self.machine.clients = {**self.machine.clients, "redshift": hooked("redshift", AWAY, answer)}

    def applied(self) -> dict[str, Any]:
        """Run, and expect it to end well."""
        run = self.run()
        assert run.outcome == "Applied", (run.error, run.cause)
        output: dict[str, Any] = run.output
        return output

    def calls(self, operation: str) -> int:
        return sum(1 for call in self.model.calls if call.operation == operation)
