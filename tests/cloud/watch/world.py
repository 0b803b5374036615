"""Both watchers of one plan over the emulated account of the command's tests, and a watch without a plan."""

from __future__ import annotations

import copy
import datetime as dt
import json
import math
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from botocore.config import Config

from emulator.redshift_model import ApiError
from resilient_redshift.cloud.watch.calls import Surroundings
from resilient_redshift.cloud.watch.function import NotWatched, watch_in
from resilient_redshift.contract import names, watching
from tests.cli.fakes import ACCOUNT, Account
from tests.cli.scene import HERE, NAME, PLAN, THERE, Scene, record

WATCHERS = {HERE: "0a1b", THERE: "2c3d"}
FUNCTION = "Warehouse-Watcher-1"
PERIOD = dt.timedelta(minutes=15)
_PAGE = 10
_CONFIG = Config(connect_timeout=1)


class WatchedAccount(Account):
    """The account with what the watcher calls besides."""

    def __init__(self, world: WatchWorld) -> None:
        super().__init__(world.model)
        self.world = world
        self.metrics: list[tuple[str, dict[str, Any]]] = []
        self.events: list[dict[str, Any]] = []
        self.trail: list[dict[str, Any]] = []
        self.written: dict[tuple[str, str], list[dt.datetime]] = {}
        #: When parameters were made that were never changed.
        self.made: dict[tuple[str, str], dt.datetime] = {}
        self.quota: float | None = None
        #: What IAM's simulation answers.
        self.decision = "allowed"
        #: The state of the stack that owns the copy.
        self.stack_status = "UPDATE_COMPLETE"
        self.storage = {"TotalBackupSizeInMegaBytes": 0.0, "TotalProvisionedStorageInMegaBytes": 0.0}
        #: The codes of the next errors of an operation.
        self.fail: dict[str, list[str]] = {}

    def _answer(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if self.fail.get(operation):
            self.calls.append((region, f"{service}:{operation}", {}))
            raise ApiError(self.fail[operation].pop(0), "as the test wants it")
        if operation == "DescribeStorage":
            self.calls.append((region, f"{service}:{operation}", {}))
            return dict(self.storage)
        if service == "kms":
            self.calls.append((region, f"{service}:{operation}", params))
            return self.model.perform(service, region, operation, params)
        return super()._answer(service, region, operation, params)

    def _GetParametersByPath(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        folder = params["Path"] + "/"
        found = sorted(name for where, name in self.parameters if where == region and name.startswith(folder))
        start = int(params.get("NextToken", "0"))
        assert params["MaxResults"] == _PAGE
        shown = [
            {"Name": one, "Value": self.parameters[(region, one)], **self._version(region, one)}
            for one in found[start : start + _PAGE]
        ]
        return {"Parameters": shown} | ({"NextToken": str(start + _PAGE)} if start + _PAGE < len(found) else {})

    def _version(self, region: str, name: str) -> dict[str, Any]:
        made = self.made.get((region, name))
        return {"Version": 2} if made is None else {"Version": 1, "LastModifiedDate": made}

    def _GetParameterHistory(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        times = self.written.get((region, params["Name"]), [])
        return {"Parameters": [{"Name": params["Name"], "LastModifiedDate": one} for one in times]}

    def _PutParameter(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["Overwrite"]
        self.parameters[(region, params["Name"])] = params["Value"]
        if params["Name"].startswith(watching.HEARTBEAT_FOLDER):
            jsonschema.validate(json.loads(params["Value"]), watching.HEARTBEAT_SCHEMA)
        return {"Version": 1}

    def _PutMetricData(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        assert params["Namespace"] == names.METRIC_NAMESPACE
        self.metrics += [(region, one) for one in copy.deepcopy(params["MetricData"])]
        return {}

    def _GetMetricData(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        [query] = params["MetricDataQueries"]
        metric = query["MetricStat"]["Metric"]
        values = [
            one["Value"]
            for where, one in self.metrics
            if (where, one["MetricName"], one["Dimensions"]) == (region, metric["MetricName"], metric["Dimensions"])
            and params["StartTime"] <= one["Timestamp"] < params["EndTime"]
        ]
        return {"MetricDataResults": [{"Id": query["Id"], "Values": values}]}

    def _PutEvents(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.events += (details := [json.loads(one["Detail"]) for one in params["Entries"]])
        for one in details:
            jsonschema.validate(one, watching.EVENT_SCHEMA)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in params["Entries"]]}

    # what a failover needs
    def _DescribeStateMachine(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        function = f"arn:aws:lambda:{region}:{ACCOUNT}:function:restore"
        return {
            "stateMachineArn": params["stateMachineArn"],
            "name": "Restore",
            "status": "ACTIVE",
            "type": "STANDARD",
            "definition": json.dumps({"Resource": function}),
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/machine",
            "creationDate": self.model.clock.now(),
        }

    def _GetFunctionConfiguration(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        role = f"arn:aws:iam::{ACCOUNT}:role/function"
        return {
            "FunctionArn": params["FunctionName"],
            "Role": role,
            "State": "Active",
            "LastUpdateStatus": "Successful",
        }

    def _GetFunctionConcurrency(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {}

    def _SimulatePrincipalPolicy(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        names_of = params["ActionNames"]
        return {
            "EvaluationResults": [{"EvalActionName": one, "EvalDecision": self.decision} for one in names_of],
            "IsTruncated": False,
        }

    def _DescribeSecurityGroups(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        [asked] = params["Filters"]
        return {"SecurityGroups": [{"GroupId": one} for one in asked["Values"]]}

    def _GetServiceQuota(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["QuotaCode"] == "L-F9D462EE":
            return {"Quota": {"QuotaName": "Nodes", "Value": 200.0}}
        if self.quota is None:
            raise ApiError("NoSuchResourceException", "none was applied")
        return {"Quota": {"Value": self.quota}}

    def _GetAWSDefaultServiceQuota(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Quota": {"Value": 700.0}}

    def _DescribeStacks(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        whole = {"StackName": "Warehouse", "StackId": params["StackName"], "CreationTime": self.model.clock.now()}
        return {"Stacks": [{**whole, "StackStatus": self.stack_status}]}

    def _LookupEvents(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        [wanted] = params["LookupAttributes"]
        return {"Events": [one for one in self.trail if one["EventName"] == wanted["AttributeValue"]]}


class WatchWorld(Scene):
    """A plan that is as it should be, with a watcher in each Region, until a test says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        parameters, machines = self.account.parameters, self.account.machines
        self.account: WatchedAccount = WatchedAccount(self)
        self.account.parameters, self.account.machines = parameters, machines
        self.key = self.model.given_key(THERE)
        self.model.given_subnet_group(THERE, "site-subnets", f"{THERE}a", f"{THERE}b")
        self.model.given_parameter_group(THERE, "site-parameters")
        value = record(THERE)
        value["recovery"]["encryption_key"] = self.key
        self.put_record(THERE, value)
        cluster = {"identifier": NAME, "region": HERE}
        self.put_watch(HERE, side="primary", plan=PLAN, cluster=cluster, heartbeat={"region": THERE})
        heartbeat = {"region": HERE, "watcher": WATCHERS[HERE]}
        self.put_watch(THERE, side="recovery", plan=PLAN, cluster=cluster, heartbeat=heartbeat)
        self.protected(days=30)

    def put_watch(self, region: str, name: str = PLAN, **value: Any) -> None:
        whole = {"version": watching.WATCH_RECORD_VERSION, "watch": name, **value}
        jsonschema.validate(whole, watching.WATCH_RECORD_SCHEMA)
        self.put(region, watching.watch_name(WATCHERS[region], name), json.dumps(whole))
        self.account.made[(region, watching.watch_name(WATCHERS[region], name))] = self.clock.now()

    def watch_alone(self, **changes: Any) -> None:
        """Watch the cluster without a plan, from a stack in its own Region."""
        self.put(HERE, watching.watch_name(WATCHERS[HERE], PLAN), None)
        value = {
            "side": "alone",
            "cluster": {"identifier": NAME, "region": HERE},
            "objectives": {"recovery_point_seconds": 36000},
        }
        self.put_watch(HERE, "Monitor-sales", **{**value, **changes})

    def protected(self, **ago: float) -> None:
        """When the plan was deployed."""
        at = self.clock.now() - dt.timedelta(**ago)
        self.account.written[(THERE, names.plan_record_name(PLAN))] = [at, self.clock.now()]

    def change_record(self, region: str, **parts: Any) -> None:
        """Change parts of the plan's record."""
        name = names.plan_record_name(PLAN)
        value = json.loads(self.account.parameters[(region, name)])
        for part, change in parts.items():
            value[part] = {**value.get(part, {}), **change} if isinstance(change, dict) else change
        self.put(region, name, json.dumps(value))

    def taken(self, name: str = "rs:sales-1", *, hours: float = 1, kind: str = "automated", **fields: Any) -> None:
        """A snapshot at home whose data is so many hours old."""
        self.model.given_snapshot(HERE, self.cluster, name, kind=kind, age_days=hours / 24, **fields)

    def surroundings(self, region: str, seconds: float = 900) -> Surroundings:
        ends = self.clock.monotonic() + seconds
        session = self.account.session()
        return Surroundings(
            region=region,
            function=FUNCTION,
            client=lambda service, place: session.client(service, region_name=place, config=_CONFIG),
            now=self.clock.now,
            sleep=self.clock.sleep,
            remaining=lambda: ends - self.clock.monotonic(),
        )

    def watch(self, region: str = THERE, **event: Any) -> dict[str, Any]:
        """One run. The metrics and events of former runs are forgotten."""
        self.account.metrics.clear()
        self.account.events.clear()
        return watch_in({"watcher": WATCHERS[region], **event}, self.surroundings(region))

    def watch_in_vain(self, region: str = THERE, **event: Any) -> str:
        """One run that ends with an error."""
        try:
            self.watch(region, **event)
        except NotWatched as error:
            return str(error)
        raise AssertionError("the run ended well")

    def later(self, **length: float) -> None:
        self.clock.advance(dt.timedelta(**length).total_seconds())

    def values(self, region: str = THERE) -> dict[str, float]:
        """The metrics of the last run, by their names."""
        return {one["MetricName"]: one["Value"] for where, one in self.account.metrics if where == region}

    @property
    def severity(self) -> float:
        return self.values().get(watching.METRIC_FINDING_SEVERITY, math.nan)

    def codes(self) -> dict[str, str]:
        """The findings that the last run opened or closed, each with its state."""
        return {one["code"]: one["state"] for one in self.account.events}

    def text(self, code: str) -> str:
        """What the event about a finding says."""
        return next(str(one["text"]) for one in self.account.events if one["code"] == code)

    def heartbeat(self) -> dict[str, Any]:
        text = self.account.parameters[(THERE, watching.heartbeat_name(HERE, WATCHERS[HERE]))]
        return dict(json.loads(text))
