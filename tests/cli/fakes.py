"""SSM and Step Functions as small as the commands need them, and a session over them and the model of Redshift."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import functools
import io
import json
from typing import TYPE_CHECKING, Any

import botocore.exceptions

from emulator.redshift_model import ApiError, RedshiftModel
from emulator.redshift_model.client import hooked

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "123456789012"
#: Real clients cost 30 ms each, so tests share them; they speak to the account that was made last.
_current: list[Account] = []


@functools.cache
def _client(service: str, region: str) -> Any:
    return hooked(service, region, lambda *call: _current[0]._answer(*call))  # noqa: PLW0108 - asked at each call


@dataclasses.dataclass
class Run:
    """One execution; ``events`` are what GetExecutionHistory shows."""

    name: str
    machine: str
    input: str
    started: dt.datetime
    status: str = "RUNNING"
    ended: dt.datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    events: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    polls: int = 0

    @property
    def arn(self) -> str:
        return f"{self.machine.replace(':stateMachine:', ':execution:')}:{self.name}"


@dataclasses.dataclass
class Needs:
    """What a failover needs besides Redshift: all of it is there until a test takes it away."""

    function: dict[str, Any] = dataclasses.field(default_factory=lambda: {"State": "Active", "FunctionName": "Restore"})
    concurrency: dict[str, Any] = dataclasses.field(default_factory=dict)
    key_state: str = "Enabled"
    quota: float = 200
    decision: str = "allowed"
    zone: dict[str, Any] = dataclasses.field(
        default_factory=lambda: {"Name": "example.com.", "CallerReference": "a", "Config": {"PrivateZone": False}}
    )


class Account:
    """One account: parameters, executions, Redshift; Regions can go dark, calls can be denied."""

    def __init__(self, model: RedshiftModel) -> None:
        self.model = model
        self.parameters: dict[tuple[str, str], str] = {}
        self.machines: set[str] = set()
        self.runs: dict[str, Run] = {}
        self.dark: set[str] = set()
        self.denied: set[str] = set()
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        #: Called at each DescribeExecution with the run: lets it go on.
        self.on_poll: Callable[[Run], None] = lambda run: None
        #: Called at each Invoke with the function and its input: whether it fails, and what it answers.
        self.on_invoke: Callable[[str, Any], tuple[bool, dict[str, Any]]] = lambda _function, _given: (False, {})
        #: The next calls of that operation lose the connection: before the call is made, or only the answer.
        self.lost: dict[str, int] = {}
        self.lost_answers: dict[str, int] = {}
        #: What a failover needs besides Redshift, in the recovery Region.
        self.needs = Needs()
        #: The data points of each metric, by Region, name and the value of its only dimension.
        self.metrics: dict[tuple[str, str, str], list[tuple[dt.datetime, float]]] = {}
        self.metric_status = "Complete"
        #: How many parameters an answer of GetParametersByPath has.
        self.parameter_page = 2
        #: The Regions that the account has enabled.
        self.regions = ["us-east-1", "us-west-2"]
        #: The Region of each bucket.
        self.buckets: dict[str, str] = {}
        #: Who calls, the security groups that somebody made, and the events that somebody sent.
        self.caller = "alice"
        self.security_groups: dict[tuple[str, str], dict[str, Any]] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []
        #: Called around each call: before it and after it took effect. What it raises ends the command there.
        self.on_call: Callable[[str, str, bool], None] = lambda _region, _operation, _done: None
        _current[:] = [self]

    # a session, as boto3.Session makes it
    def session(self, **_: Any) -> _Session:
        return _Session(self, _.get("region_name"))

    def operations(self, region: str | None = None) -> list[str]:
        return [operation for where, operation, _ in self.calls if region in {None, where}]

    def _answer(self, service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        name = f"{service}:{operation}"
        self.calls.append((region, name, copy.deepcopy(params)))
        if region in self.dark or self._one_less(self.lost, name):
            raise botocore.exceptions.ConnectTimeoutError(endpoint_url=f"https://{service}.{region}.example.com")
        if name in self.denied:
            raise ApiError("AccessDenied", f"not authorized to perform: {name}", 403)
        self.on_call(region, name, False)
        if service in {"redshift", "redshift-data"}:
            answer = self.model.perform(service, region, operation, params)
        else:
            answer = getattr(self, f"_{operation}")(region, params)
        self.on_call(region, name, True)
        if self._one_less(self.lost_answers, name):
            raise botocore.exceptions.ReadTimeoutError(endpoint_url=f"https://{service}.{region}.example.com")
        return answer

    @staticmethod
    def _one_less(counts: dict[str, int], name: str) -> bool:
        counts[name] = counts.get(name, 0) - 1
        return counts[name] >= 0

    # Lambda
    def _Invoke(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        failed, value = self.on_invoke(params["FunctionName"], json.loads(params["Payload"]))
        return {
            "StatusCode": 200,
            "Payload": io.BytesIO(json.dumps(value).encode()),
            **({"FunctionError": "Unhandled"} if failed else {}),
        }

    # S3
    def _GetBucketLocation(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["Bucket"] not in self.buckets:
            raise ApiError("NoSuchBucket", "The specified bucket does not exist")
        place = self.buckets[params["Bucket"]]
        return {} if place == "us-east-1" else {"LocationConstraint": place}

    # Systems Manager
    def _GetParameter(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = params["Name"]
        if (region, name) not in self.parameters:
            raise ApiError("ParameterNotFound", "")
        return {"Parameter": {"Name": name, "Type": "String", "Value": self.parameters[(region, name)]}}

    def _GetParameters(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [name for name in params["Names"] if (region, name) in self.parameters]
        return {
            "Parameters": [
                {"Name": name, "Type": "String", "Value": self.parameters[(region, name)]} for name in found
            ],
            "InvalidParameters": [name for name in params["Names"] if name not in found],
        }

    def _GetParametersByPath(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        folder = params["Path"].rstrip("/") + "/"
        names = sorted(name for where, name in self.parameters if where == region and name.startswith(folder))
        start = int(params.get("NextToken", "0"))
        shown = [
            {"Name": name, "Type": "String", "Value": self.parameters[(region, name)]}
            for name in names[start : start + self.parameter_page]
        ]
        end = start + self.parameter_page
        more = {"NextToken": str(end)} if end < len(names) else {}
        return {"Parameters": shown, **more}

    def _PutParameter(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        name = params["Name"]
        if not params.get("Overwrite") and (region, name) in self.parameters:
            raise ApiError("ParameterAlreadyExists", "The parameter already exists.")
        self.parameters[(region, name)] = params["Value"]
        return {"Version": 1}

    def _DeleteParameter(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if self.parameters.pop((region, params["Name"]), None) is None:
            raise ApiError("ParameterNotFound", "")
        return {}

    # what a switchover needs besides
    def _GetCallerIdentity(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Arn": f"arn:aws:iam::{ACCOUNT}:user/{self.caller}", "Account": ACCOUNT, "UserId": "A"}

    def _CreateSecurityGroup(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if (region, params["GroupName"]) in self.security_groups:
            raise ApiError("InvalidGroup.Duplicate", "The security group already exists.")
        group = {"GroupId": f"sg-fence{len(self.security_groups)}", "VpcId": params["VpcId"], "IpPermissions": []}
        self.security_groups[(region, params["GroupName"])] = group
        return {"GroupId": group["GroupId"]}

    def _PutEvents(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        self.events += [(region, dict(entry)) for entry in params["Entries"]]
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}

    # Step Functions
    def _StartExecution(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        machine = params["stateMachineArn"]
        if machine not in self.machines:
            raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine}'")
        run = Run(params["name"], machine, params["input"], self.model.clock.now())
        there = self.runs.get(run.arn)
        if there is not None and (there.status != "RUNNING" or there.input != run.input):
            raise ApiError("ExecutionAlreadyExists", f"Execution Already Exists: '{run.arn}'")
        self.runs.setdefault(run.arn, run)
        return {"executionArn": run.arn, "startDate": self.runs[run.arn].started}

    def _DescribeExecution(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        run = self.runs.get(params["executionArn"])
        if run is None:
            raise ApiError("ExecutionDoesNotExist", f"Execution Does Not Exist: '{params['executionArn']}'")
        run.polls += 1
        self.on_poll(run)
        told = {"output": run.output, "error": run.error, "cause": run.cause, "stopDate": run.ended}
        return {
            "executionArn": run.arn,
            "stateMachineArn": run.machine,
            "name": run.name,
            "status": run.status,
            "startDate": run.started,
            "input": run.input,
            **{key: value for key, value in told.items() if value is not None},
        }

    def _ListExecutions(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        found = [run for run in self.runs.values() if run.machine == params["stateMachineArn"]]
        if "statusFilter" in params:
            found = [run for run in found if run.status == params["statusFilter"]]
        return {
            "executions": [
                {
                    "executionArn": run.arn,
                    "stateMachineArn": run.machine,
                    "name": run.name,
                    "status": run.status,
                    "startDate": run.started,
                    **({} if run.ended is None else {"stopDate": run.ended}),
                }
                for run in found
            ]
        }

    def _GetExecutionHistory(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        events = sorted(self.runs[params["executionArn"]].events, key=lambda event: event["id"])
        if params.get("reverseOrder"):
            events.reverse()
        first = int(params.get("nextToken", "0"))
        end = first + params.get("maxResults", 100)
        shown = copy.deepcopy(events[first:end])
        if not params.get("includeExecutionData", True):
            for details in (event.get("stateExitedEventDetails", {}) for event in shown):
                details.pop("output", None)
        return {"events": shown, **({"nextToken": str(end)} if end < len(events) else {})}

    def _DescribeRegions(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Regions": [{"RegionName": name} for name in self.regions]}

    # what a failover needs
    def _DescribeStateMachine(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params["stateMachineArn"] not in self.machines:
            raise ApiError("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{params['stateMachineArn']}'")
        function = f"arn:aws:lambda:{region}:{ACCOUNT}:function:Restore"
        return {
            "stateMachineArn": params["stateMachineArn"],
            "name": params["stateMachineArn"].rpartition(":")[2],
            "status": "ACTIVE",
            "definition": json.dumps({"States": {"Preflight": {"Parameters": {"FunctionName": function}}}}),
            "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Machine",
            "type": "STANDARD",
            "creationDate": self.model.clock.now(),
        }

    def _GetFunctionConfiguration(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Role": f"arn:aws:iam::{ACCOUNT}:role/Function", **self.needs.function}

    def _GetFunctionConcurrency(self, _region: str, _params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return dict(self.needs.concurrency)

    def _SimulatePrincipalPolicy(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        decision = self.needs.decision
        return {
            "EvaluationResults": [
                {"EvalActionName": action, "EvalDecision": decision} for action in params["ActionNames"]
            ],
            "IsTruncated": False,
        }

    def _GetRole(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Role": {"RoleName": params["RoleName"]}}

    def _DescribeKey(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"KeyMetadata": {"KeyId": params["KeyId"], "KeyState": self.needs.key_state}}

    def _DescribeSecurityGroups(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        wanted, *others = params["Filters"]
        if wanted["Name"] == "group-name":
            [vpc] = others
            found = self.security_groups.get((region, wanted["Values"][0]))
            return {"SecurityGroups": [found] if found and found["VpcId"] in vpc["Values"] else []}
        return {"SecurityGroups": [{"GroupId": name} for name in wanted["Values"]]}

    def _GetHostedZone(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"HostedZone": {"Id": params["Id"], **self.needs.zone}}

    def _GetServiceQuota(self, _region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {"Quota": {**params, "QuotaName": "Nodes", "Value": self.needs.quota}}

    # CloudWatch
    def _GetMetricData(self, region: str, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        return {
            "MetricDataResults": [
                {"Id": query["Id"], "StatusCode": self.metric_status, **self._data(region, query["MetricStat"], params)}
                for query in params["MetricDataQueries"]
            ]
        }

    def _data(self, region: str, stat: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        """The highest value of each period, the newest first, as CloudWatch answers."""
        metric, [dimension] = stat["Metric"], stat["Metric"]["Dimensions"]
        assert stat["Stat"] == "Maximum"
        points = self.metrics.get((region, metric["MetricName"], dimension["Value"]), [])
        highest: dict[dt.datetime, float] = {}
        for at, value in points:
            if params["StartTime"] <= at < params["EndTime"]:
                start = dt.datetime.fromtimestamp(at.timestamp() // stat["Period"] * stat["Period"], dt.UTC)
                highest[start] = max(value, highest.get(start, value))
        times = sorted(highest, reverse=True)
        return {"Timestamps": times, "Values": [highest[time] for time in times]}

    # setting the scene
    def given_run(self, machine: str, name: str, **given: Any) -> Run:
        run = Run(name, machine, json.dumps(given), self.model.clock.now())
        self.runs[run.arn] = run
        return run

    def happen(self, run: Run, kind: str, **details: Any) -> None:
        """One event of a history."""
        at = self.model.clock.now()
        run.events.append({"id": len(run.events) + 1, "timestamp": at, "type": kind, **details})

    def enter(self, run: Run, state: str, kind: str = "Task") -> None:
        self.happen(run, f"{kind}StateEntered", stateEnteredEventDetails={"name": state})

    def take(self, run: Run, phase: str, says: str = "", following: str = "Another") -> None:
        """The nine events of a phase, of the wait after it and of the choice of the next one."""
        answer = {"run": {"plan": "what the run knows"}, "next": following, "wait_seconds": 0, "says": says}
        self.enter(run, phase)
        for kind in ("TaskScheduled", "TaskStarted", "TaskSucceeded"):
            self.happen(run, kind)
        self.happen(run, "TaskStateExited", stateExitedEventDetails={"name": phase, "output": json.dumps(answer)})
        for state, kind in (("Wait", "Wait"), ("NextPhase", "Choice")):
            self.enter(run, state, kind)
            self.happen(run, f"{kind}StateExited", stateExitedEventDetails={"name": state, "output": "{}"})

    def end(self, run: Run, report: dict[str, Any], *, failed: bool = False) -> None:
        run.ended = self.model.clock.now()
        if failed:
            run.status, run.error, run.cause = "FAILED", report.get("outcome"), json.dumps(report)
        else:
            run.status, run.output = "SUCCEEDED", json.dumps(report)


class _Session:
    def __init__(self, account: Account, region: str | None) -> None:
        self._account = account
        self.region_name = region

    def client(self, service: str, *, region_name: str, config: Any) -> Any:
        assert config.connect_timeout <= 5
        return _client(service, region_name)
