"""The recovery Region of one plan: copies from another Region, the plan's record, and the function that applies tiers."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emulator.redshift_model import ApiError, Clock, RedshiftModel, Settings, SimulatedKill
from emulator.redshift_model.client import hooked
from resilient_redshift.cloud.snapshots.tiers_function import NotApplied, apply_tiers_in
from resilient_redshift.cloud.snapshots.tiers_run import Surroundings
from resilient_redshift.contract import names, record
from resilient_redshift.stack.functions import LONGEST_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model.state import Cluster, Snapshot

HOME, AWAY = "us-east-1", "us-west-2"
CLUSTER, PLAN = "sales", "sales-us-east-1"
NIGHTLY, MONTHLY, CONFIGURED = 10, 180, 180
FOREVER = -1
NOW = dt.datetime(2026, 11, 24, 5, 0, 20, tzinfo=dt.UTC)
TAG = names.TAG_TIER_APPLIED
FUNCTION_ARN = f"arn:aws:lambda:{AWAY}:111122223333:function:tiers"
RECORD = f"/resilient-redshift/plans/{PLAN}"


@dataclass
class Run:
    """How one invocation ended; ``outcome`` is "killed" if it died."""

    outcome: str
    reason: str = ""
    output: dict[str, Any] = field(default_factory=dict)


@dataclass
class Strike:
    """What happens at one call of a run, counted over all services."""

    at: int
    error: BaseException
    after: bool


class TiersWorld:
    """The scene of one test: a cluster at home whose nightly and monthly snapshots are copied."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock(NOW)
        self.model = RedshiftModel(self.clock, settings=Settings(**{"manual_snapshot_quota": 500, **settings}))
        self.cluster: Cluster = self.model.given_cluster(HOME, CLUSTER)
        self.value: str | None = json.dumps(self.record())
        self.published: list[dict[str, Any]] = []
        #: Errors of the next calls of an operation.
        self.fail: dict[str, list[ApiError]] = {}
        #: The operations of the last run.
        self.asked: list[str] = []
        self._strike: Strike | None = None
        self._at_look: Callable[[dict[str, Any]], object] | None = None
        self._interruption: tuple[int, Callable[[], object]] | None = None

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

    def tell_whole(self, whole: Any) -> None:
        """Let the parameter hold a record as given."""
        self.value = json.dumps(whole)

    def copied(self, rule: str = "nightly", *, name: str = "", age_hours: float = 1, **attributes: Any) -> Snapshot:
        """A copy in the recovery Region, as it arrives."""
        taken = self.clock.now() - dt.timedelta(hours=age_hours)
        name = name or f"{CLUSTER}-{rule}-{taken:%Y%m%dt%H%M}z"
        start = {"retention_start": taken, **attributes}
        return self.model.given_snapshot(
            AWAY, self.cluster, name, age_days=age_hours / 24, **{"retention": CONFIGURED, **start}
        )

    def strike(self, at: int, error: BaseException, *, after: bool = False) -> None:
        """Let the ``at``-th call of the next run fail, before or ``after`` it took effect."""
        self._strike = Strike(at, error, after)

    def change_at_look(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Let the answer about one snapshot, right before it is changed, be another than the list's."""
        self._at_look = change

    def interrupt(self, at: int, what: Callable[[], object]) -> None:
        """Let something happen right before the ``at``-th call of the next run."""
        self._interruption = (at, what)

    def run(self, event: Any = ...) -> Run:
        """Invoke the function once; Lambda's 15 minutes begin now."""
        self.asked = []
        try:
            output = apply_tiers_in({"plan": PLAN} if event is ... else event, self._surroundings())
        except NotApplied as error:
            reason = str(error)
            return Run(reason.partition(":")[0], reason)
        except SimulatedKill:
            return Run("killed")
        return Run(output["outcome"], output=output)

    def applied(self) -> dict[str, Any]:
        """Run, and expect it to end well."""
        run = self.run()
        assert run.outcome == "Applied", run.reason
        return run.output

    def numbers(self) -> dict[str, float]:
        """What the last run published, by metric; each has the plan as its only dimension."""
        last = self.published[-len(names.TIER_METRICS) :]
        assert all(metric["Dimensions"] == [{"Name": "Plan", "Value": PLAN}] for metric in last)
        return {metric["MetricName"]: metric["Value"] for metric in last}

    def calls(self, operation: str) -> int:
        return sum(1 for call in self.model.calls if call.operation == operation)

    def client(self, service: str, region: str) -> Any:
        """A client that this world answers."""
        return hooked(service, region, self._answer)

    def _surroundings(self) -> Surroundings:
        ends = self.clock.monotonic() + LONGEST_SECONDS
        return Surroundings(
            **{name: self.client(name, AWAY) for name in ("redshift", "ssm", "cloudwatch")},
            function_arn=FUNCTION_ARN,
            now=self.clock.now,
            sleep=self.clock.sleep,
            remaining=lambda: ends - self.clock.monotonic(),
        )

    def _answer(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(operation)
        if self._interruption is not None and self._interruption[0] == len(self.asked):
            (_, what), self._interruption, asked = self._interruption, None, self.asked
            what()
            self.asked = asked
        struck = self._strike if self._strike is not None and self._strike.at == len(self.asked) else None
        if struck is not None:
            self._strike = None
            if not struck.after:
                raise struck.error
        if self.fail.get(operation):
            raise self.fail[operation].pop(0)
        if service == "redshift":
            answer = self.model.call(region, operation, params)
        else:
            answer = self._elsewhere(region, operation, params)
        if struck is not None:
            raise struck.error
        if self._at_look is not None and operation == "DescribeClusterSnapshots" and "SnapshotIdentifier" in params:
            self._at_look(answer["Snapshots"][0])
        return answer

    def _elsewhere(self, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        assert region == AWAY
        if operation == "PutMetricData":
            assert params["Namespace"] == names.METRIC_NAMESPACE
            self.published += params["MetricData"]
            return {}
        assert (operation, params) == ("GetParameter", {"Name": RECORD})
        if self.value is None:
            raise ApiError("ParameterNotFound", "", 400)
        return {"Parameter": {"Name": RECORD, "Type": "String", "Value": self.value}}


def counts(output: dict[str, Any]) -> dict[str, int]:
    """Each number that is not zero."""
    return {name: output[name] for name in ("tiered", "raised", "in_doubt", "gone") if output[name]}
