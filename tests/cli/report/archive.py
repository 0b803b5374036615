"""An account with a past: reports in a bucket, executions, a trail, alarms, switchovers, a year of data points."""

from __future__ import annotations

import datetime as dt
import io
import json
from typing import Any

from emulator.redshift_model import ApiError
from tests.cli.fakes import ACCOUNT, Account, Run
from tests.cli.scene import NAME, PLAN, RESTORE, THERE, Scene, record

BUCKET = "recovery-reports"
AUDITOR = f"arn:aws:sts::{ACCOUNT}:assumed-role/Auditor/kim"
OPERATOR = f"arn:aws:sts::{ACCOUNT}:assumed-role/Operator/robin"
EVENTS = f"arn:aws:sts::{ACCOUNT}:assumed-role/DrillRule/events"
AGE_ALARM, PAUSED_ALARM, PLAN_ALARM = "Sales-Age", "Sales-Paused", "Sales"
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


class Archive(Account):
    """What services remember beside Redshift's own."""

    objects: dict[str, tuple[str, dt.datetime]]

    def remember(self) -> None:
        self.objects = {}
        self.trail: list[dict[str, Any]] = []
        self.alarms: dict[str, list[dict[str, Any]]] = {"MetricAlarm": [], "CompositeAlarm": []}
        self.changes: dict[str, list[dict[str, Any]]] = {"MetricAlarm": [], "CompositeAlarm": []}
        self.versions: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.throttled: dict[str, int] = {}

    def _answer(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if self._one_less(self.throttled, f"{service}:{operation}"):
            raise ApiError("ThrottlingException", "Rate exceeded")
        return super()._answer(service, region, operation, params)

    def _GetCallerIdentity(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Account": ACCOUNT, "Arn": AUDITOR, "UserId": "AROA"}

    def _ListObjectsV2(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["Bucket"] == BUCKET
        keys = sorted(key for key in self.objects if key.startswith(params["Prefix"]))
        first = int(params.get("ContinuationToken", "0"))
        more = {"NextContinuationToken": str(first + 2)} if first + 2 < len(keys) else {}
        return {
            "Contents": [{"Key": key, "LastModified": self.objects[key][1]} for key in keys[first : first + 2]],
            **more,
        }

    def _GetObject(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Body": io.BytesIO(self.objects[params["Key"]][0].encode())}

    def _LookupEvents(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [one for one in self.trail if params["StartTime"] <= one["EventTime"] <= params["EndTime"]]
        first = int(params.get("NextToken", "0"))
        more = {"NextToken": str(first + 1)} if first + 1 < len(found) else {}
        return {"Events": sorted(found, key=lambda one: one["EventTime"], reverse=True)[first : first + 1], **more}

    def _DescribeAlarms(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        [kind] = params["AlarmTypes"]
        return {f"{kind}s": self.alarms[kind] if region == THERE else []}

    def _DescribeAlarmHistory(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        [kind] = params["AlarmTypes"]
        changes = self.changes[kind]
        return {
            "AlarmHistoryItems": [one for one in changes if params["StartDate"] <= one["Timestamp"] < params["EndDate"]]
        }

    def _GetParameterHistory(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Parameters": self.versions[(region, params["Name"])]}


class Past(Scene):
    """A plan whose past is empty until a test fills it. The time is 2026-11-23T08:15:00Z."""

    def __init__(self, *, bucket: bool = True) -> None:
        super().__init__()
        parameters, machines = self.account.parameters, self.account.machines
        self.archive = Archive(self.model)
        self.archive.parameters, self.archive.machines = parameters, machines
        self.archive.remember()
        self.account = self.archive
        self.region = THERE
        if bucket:
            self.put_bucket()

    @property
    def now(self) -> dt.datetime:
        return self.clock.now()

    def put_bucket(self, plan: str = PLAN, cluster: str = NAME) -> None:
        value = record(THERE, plan, cluster)
        value["recovery"]["report_bucket"] = BUCKET
        self.put_record(THERE, value)

    @staticmethod
    def hours(number: float) -> dt.timedelta:
        return number * HOUR

    def ago(self, days: float) -> dt.datetime:
        return self.now - days * DAY

    def reported(self, name: str, days: float, outcome: str = "Passed", **more: Any) -> dict[str, Any]:
        """A report in the bucket, of a run that ended so many days ago."""
        value = run_report(name, self.ago(days), outcome, **more)
        key = f"resilient-redshift/{value['plan']}/{name}.json"
        self.archive.objects[key] = (json.dumps(value), self.ago(days))
        return value

    def ran(
        self,
        name: str,
        days: float,
        report: dict[str, Any] | None = None,
        *,
        status: str = "",
        mode: str = "drill",
        **given: Any,
    ) -> Run:
        """An execution that ended so many days ago."""
        run = Run(name, RESTORE, json.dumps({"plan": PLAN, "mode": mode, **given}), self.ago(days) - HOUR)
        run.ended, run.status = self.ago(days), status or "SUCCEEDED"
        run.output = None if report is None else json.dumps(report)
        self.archive.runs[run.arn] = run
        return run

    def started_by(self, run: Run, caller: str, event: str) -> None:
        detail = {"userIdentity": {"arn": caller}, "responseElements": {"executionArn": run.arn}}
        self.archive.trail.append(
            {"EventId": event, "EventTime": run.started, "CloudTrailEvent": json.dumps(detail)},
        )

    def aged(self, since_hours: float, until_hours: float, age_hours: float, metric: str = "RecoveryPointAge") -> None:
        """Data points of a watcher in the recovery Region, from so many hours ago until so many hours ago."""
        points = self.archive.metrics.setdefault((THERE, metric, PLAN), [])
        hour = since_hours
        while hour > until_hours:
            points.append((self.now - hour * HOUR, age_hours * 3600 if metric == "RecoveryPointAge" else age_hours))
            hour -= 0.25

    def alarmed(self) -> None:
        """The alarms of the plan, and one of somebody else."""
        for name, metric, plan in (
            (AGE_ALARM, "RecoveryPointAge", PLAN),
            (PAUSED_ALARM, "ClusterPaused", PLAN),
            ("Foreign", "RecoveryPointAge", "foreign-plan"),
        ):
            of = {
                "Namespace": "ResilientRedshift",
                "MetricName": metric,
                "Dimensions": [{"Name": "Plan", "Value": plan}],
            }
            query = [{"Id": "m", "MetricStat": {"Metric": of, "Period": 900, "Stat": "Maximum"}}]
            self.archive.alarms["MetricAlarm"].append({"AlarmName": name, "StateValue": "OK", "Metrics": query})
        rule = f'(ALARM("{AGE_ALARM}") AND NOT ALARM("{PAUSED_ALARM}"))'
        self.archive.alarms["CompositeAlarm"].append({"AlarmName": PLAN_ALARM, "StateValue": "OK", "AlarmRule": rule})

    def rang(self, alarm: str, opened: float | None, closed: float | None, kind: str = "MetricAlarm") -> None:
        for days, old, new in ((opened, "OK", "ALARM"), (closed, "ALARM", "OK")):
            if days is not None:
                data = {"oldState": {"stateValue": old}, "newState": {"stateValue": new}}
                item = {"AlarmName": alarm, "Timestamp": self.ago(days), "HistoryData": json.dumps(data)}
                self.archive.changes[kind].append(item)

    def switched(self, *states: dict[str, Any], days: float = 3) -> None:
        name = f"/resilient-redshift/switchovers/{PLAN}"
        self.put(THERE, name, json.dumps(states[-1]))
        self.archive.versions[(THERE, name)] = [
            {"Name": name, "Version": number, "Value": json.dumps(state), "LastModifiedDate": self.ago(days)}
            for number, state in enumerate(states, 1)
        ]

    def made(self, *arguments: str) -> dict[str, Any]:
        """The JSON of a report."""
        result = self.run("report", *(arguments or (PLAN,)), "--format", "json", "--output", "-")
        return dict(json.loads(result.stdout))

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The only plan of a report."""
        [plan] = self.made(*arguments)["plans"]
        return dict(plan)


def run_report(name: str, ended: dt.datetime, outcome: str = "Passed", **more: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "plan": PLAN,
        "mode": "drill",
        "outcome": outcome,
        "message": f"{outcome}, says the machine",
        "execution": name,
        "started": (ended - HOUR).isoformat(),
        "ended": ended.isoformat(),
        "recovery_point_seconds": 7200,
        "recovery_time_seconds": 1800,
        "objectives": {"recovery_point_seconds": 36000, "recovery_time_seconds": 7200},
        "snapshot": {"identifier": "copy:rs:sales-1", "created": (ended - 2 * HOUR).isoformat()},
        "checks": [{"name": "answers", "sql": "select 1", "expected": "1", "got": "1", "passed": outcome == "Passed"}],
        **more,
    }
