"""A stand-in for the emulated AWS, over the model of Redshift in this process, and for the cdk CLI."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from demo.errors import DemoError
from demo.screen import Screen
from emulator.redshift_model import Clock, CopyConfig, RedshiftModel
from resilient_redshift.contract.names import METRIC_NAMESPACE, TAG_RULE
from resilient_redshift.contract.watching import EVENT_SOURCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

RECORD = {
    "cluster": {"identifier": "sales", "region": "us-east-1"},
    "recovery": {"region": "us-west-2"},
    "machines": {"restore": "arn:aws:states:us-west-2:111122223333:stateMachine:Restore"},
    "objectives": {"recovery_point_seconds": 26 * 3600, "recovery_time_seconds": 4 * 3600},
    "rules": [{"rule": "nightly"}],
}
REGIONS = ("us-east-1", "us-west-2")
EVENT = "Warehouse | 3/9 | 1:00:14 PM | CREATE_COMPLETE | AWS::Redshift::Cluster | Warehouse (Warehouse50B5FE91) "


class Parameters:
    """Parameter Store, as far as it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.endpoint: dict[str, Any] = {}

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        self.asked.append(Name)
        return {"Parameter": {"Value": json.dumps(self.endpoint if "endpoint" in Name else RECORD)}}

    def get_parameters(self, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - boto3's word
        return {"Parameters": [{"Name": name} for name in Names if self.endpoint]}


class Executions:
    """Step Functions, as far as it is asked."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        return self.found[executionArn]


class Rules:
    """EventBridge, as far as it is asked: the watcher's rule, and one that starts something else.

    Attributes:
        calls: the schedule of the watcher's rule and the interval that it passes, whenever both were put.
        watching: whether there is a watcher.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, int]] = []
        self._schedule = ""
        self.watching = True
        self.input = {"watcher": "w", "interval_seconds": 900}

    def list_rules(self) -> dict[str, Any]:
        rate = "rate(15 minutes)"
        return {
            "Rules": [
                {"Name": "event", "EventPattern": "{}"},
                {"Name": "night", "ScheduleExpression": "cron(0 3 * * ? *)"},
                *([{"Name": "watch", "ScheduleExpression": rate, "Description": ""}] if self.watching else []),
            ]
        }

    def list_targets_by_rule(self, Rule: str) -> dict[str, Any]:  # noqa: N803 - boto3's word
        given = self.input if Rule == "watch" else {"rule": "nightly"}
        return {"Targets": [{"Id": "T", "Arn": "arn:aws:lambda:r:1:function:watcher", "Input": json.dumps(given)}]}

    def put_rule(self, *, Name: str, ScheduleExpression: str, **_: Any) -> None:  # noqa: N803 - boto3's words
        assert Name == "watch"
        self._schedule = ScheduleExpression

    def put_targets(self, *, Rule: str, Targets: list[dict[str, Any]]) -> None:  # noqa: N803 - boto3's words
        assert Rule == "watch"
        self.calls.append((self._schedule, json.loads(Targets[0]["Input"])["interval_seconds"]))


class Alarms:
    """CloudWatch, as far as it is asked: the alarms of the watch, one of a drill, and the age of the newest recovery point."""

    def __init__(self, aws: FakeAws, region: str) -> None:
        self._aws, self._region = aws, region
        self.periods: list[tuple[str, int]] = []

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        ours = {"Namespace": METRIC_NAMESPACE, "MetricName": "FindingSeverity", "Dimensions": []}
        function = [{"Name": "FunctionName", "Value": "watcher"}]
        other = {"Namespace": METRIC_NAMESPACE, "MetricName": "DrillFailed", "Dimensions": []}
        errors = {"Metric": {"MetricName": "Errors", "Dimensions": function}, "Period": 900}
        filled = [{"Id": "filled", "Expression": "FILL(errors, 1)"}, {"Id": "errors", "MetricStat": errors}]
        metrics = {"Warning": {**ours, "Period": 900}, "Failures": {"Metrics": filled}, "Drill": other}
        named = {
            name: {"AlarmName": name, "AlarmArn": f"arn:{self._region}:{name}", **metric}
            for name, metric in metrics.items()
        }
        composite = {"AlarmName": "Page", "AlarmArn": f"arn:{self._region}:Page"}
        return {"MetricAlarms": list(named.values()), "CompositeAlarms": [composite]}

    def put_metric_alarm(self, *, AlarmName: str, **given: Any) -> None:  # noqa: N803 - boto3's words
        period = given["Metrics"][1]["MetricStat"]["Period"] if "Metrics" in given else given["Period"]
        self.periods.append((AlarmName, period))

    def get_metric_data(self, **given: Any) -> dict[str, Any]:
        there = self._aws.model_.snapshots(self._region)
        newest = max((each.create_time for each in there if each.status == "available"), default=self._aws.began)
        at = given["EndTime"].replace(second=0)
        seconds = (at - newest).total_seconds() + self._aws.measured_too_much
        measured = self._aws.measures
        return {"MetricDataResults": [{"Timestamps": [at][:measured], "Values": [max(0.0, seconds)][:measured]}]}


class FakeAws:
    """Redshift by the model; a nightly snapshot at 3; what the demo asks beside it is noted."""

    account = "111122223333"
    endpoint = "http://127.0.0.1:1"
    pid = 4711

    def __init__(self, folder: Path) -> None:
        self.model_ = RedshiftModel(Clock())
        self.log_path = folder / "emulator.log"
        self.env = {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": self.account, "HOME": str(folder)}
        self.nightly = False
        self.enforced = False
        self.left = False
        self.closed = False
        self.dark: list[str] = []
        self.parameters = Parameters()
        self.executions = Executions()
        self.rules = {region: Rules() for region in REGIONS}
        self.alarms = {region: Alarms(self, region) for region in REGIONS}
        self.began = self.now()
        self.measures = 1
        self.measured_too_much = 0
        #: How long after the darkness an alarm tells of it; None: never.
        self.tells_after: dt.timedelta | None = dt.timedelta(minutes=65)
        self.sent: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.refused: str | None = None
        self.stood: list[int] = []
        self.logged: Path | None = None
        self.flows = 0.0

    def client(self, service: str, region: str) -> Any:
        assert region not in self.dark
        if service == "redshift-data":
            return self.model_.data_client(region)
        others = {"ssm": self.parameters, "stepfunctions": self.executions}
        watching = {"events": self.rules[region], "cloudwatch": self.alarms[region]}
        return {**others, **watching}.get(service) or self.model_.client(region)

    def settings(self) -> dict[str, Any]:
        return dataclasses.asdict(self.model_.settings)

    def model(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.model_, method)(*args, **kwargs)

    def region_down(self, region: str) -> None:
        stood = [self.model_.snapshots(each) for each in REGIONS]
        self.stood = [sum(each.status == "available" for each in found) for found in stood]
        self.dark.append(region)
        self.model_.region_down(region)
        if self.tells_after is not None:
            at = self.now() + self.tells_after
            detail = {"code": "PrimarySilent", "state": "opened", "text": "us-east-1: no heartbeat"}
            self.opened.append({"at": at, "source": EVENT_SOURCE, "detail": detail})
            self.rings(at)

    def region_up(self, region: str) -> None:
        self.dark.remove(region)
        self.model_.region_up(region)

    def log_calls(self, path: Path) -> None:
        self.logged = path

    def let_time_flow(self, factor: float) -> None:
        self.flows = factor

    def rings(self, at: dt.datetime, alarm: str = "Warning") -> None:
        """Let an alarm tell its topic something at a time."""
        body = json.dumps({"AlarmDescription": "something is wrong"})
        sent = {"at": at, "source": f"arn:us-west-2:{alarm}", "target": "arn:aws:sns:r:1:Operators", "body": body}
        self.sent.append({**sent, "refused": self.refused})

    def deliveries(self, since: int = 0) -> list[dict[str, Any]]:
        return [each for each in self.sent if each["at"] <= self.now()][since:]

    def events(self, since: int = 0) -> list[dict[str, Any]]:
        return [each for each in self.opened if each["at"] <= self.now()][since:]

    def now(self) -> dt.datetime:
        return self.model_.clock.now()

    def advance(self, span: dt.timedelta) -> None:
        end = self.now() + span
        while self.now() < end:
            night = self.now().replace(hour=3, minute=0, second=0, microsecond=0)
            night += dt.timedelta(days=self.now() >= night)
            self.model_.clock.advance_to(min(night, end))
            if self.now() == night and self.nightly:
                name = f"sales-nightly-{night:%Y%m%dt%H%Mz}"
                tags = [{"Key": TAG_RULE, "Value": "nightly"}]
                given = {"SnapshotIdentifier": name, "ClusterIdentifier": "sales", "Tags": tags}
                self.model_.call("us-east-1", "CreateClusterSnapshot", {**given, "ManualSnapshotRetentionPeriod": 7})

    def enforce_iam(self, on: bool) -> None:
        self.enforced = on

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        return [
            {"service": "redshift", "operation": call.operation, "mutating": call.mutating}
            for call in self.model_.calls[since:]
        ]

    def leave_running(self) -> None:
        self.left = True

    def close(self) -> None:
        self.closed = True


class FakeCdk:
    """The CLI: the first deployment makes the cluster and its copy, the second changes a retention.

    Attributes:
        commands: what was asked, command first.
        fails: at which call it fails (from 0), and with what reason.
        wrong: what the second deployment changes beside what it should.
        copies, snapshots, automated: whether the first one switches the copy on, has a nightly rule, and for how many days
            automated snapshots are kept.
    """

    def __init__(self, aws: FakeAws) -> None:
        self._aws = aws
        self.commands: list[list[str]] = []
        self.fails: dict[int, str] = {}
        self.wrong: Callable[[RedshiftModel], None] = lambda model: None
        self.copies = True
        self.snapshots = True
        self.automated = 14

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path, on_line: Callable[[str], object]
    ) -> None:
        number = len(self.commands)
        self.commands.append(list(arguments))
        if number in self.fails:
            raise DemoError(f"cdk {arguments[0]} failed: {self.fails[number]}")
        if arguments[0] == "synth":
            out = Path(arguments[list(arguments).index("--output") + 1])
            out.mkdir(parents=True, exist_ok=True)
            (out / "manifest.json").write_text('{"artifacts": {}}')
        if arguments[0] == "deploy":
            on_line(EVENT)
            self._deploy()

    def _deploy(self) -> None:
        model = self._aws.model_
        deployed = [command for command in self.commands if command[0] == "deploy"]
        if len(deployed) == 1:
            model.given_grant("us-west-2", "grant", model.given_key("us-west-2"))
            copy = CopyConfig("us-west-2", 14, 10, "grant") if self.copies else None
            groups = {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]}
            model.given_cluster("us-east-1", "sales", automated_retention=self.automated, copy=copy, described=groups)
            self._aws.nightly = self.snapshots
        else:
            new = {"ClusterIdentifier": "sales", "RetentionPeriod": 21}
            model.call("us-east-1", "ModifySnapshotCopyRetentionPeriod", new)
            self.wrong(model)


class FakeCommand:
    """``resilient-redshift``: says what the real one says, and restores the newest copy.

    Attributes:
        commands: what was asked, command first.
        unreachable: what ``status`` says of a dark Region.
        exits: its exit status, by command, where it is another than the usual one.
        two_writers: what ``status`` says when the Region is back.
        fences: whether a fence takes effect.
        comes_home: what else a switchover does.
        number: the copy that is restored; 0 is the newest.
        own: seconds of its own.
        restore: seconds that Redshift takes; as the model says unless given.
        ends: how the execution ends.
        env: what it was given last.
    """

    def __init__(self, aws: FakeAws) -> None:
        self.aws = aws
        self.commands: list[list[str]] = []
        self.unreachable = "  primary unreachable"
        self.exits: dict[str, int] = {}
        self.two_writers = "  two writers"
        self.fences = True
        self.comes_home: Callable[[], None] = lambda: None
        self.number = 0
        self.own = 18
        self.restore: int | None = None
        self.ends = "SUCCEEDED"
        self.env: Mapping[str, str] = {}

    def __call__(
        self, arguments: Sequence[str], *, env: Mapping[str, str], on_line: Callable[[str], object] | None
    ) -> int:
        self.commands.append(list(arguments))
        self.env = env
        assert on_line is not None  # the screen of these tests is no terminal
        word, usual = arguments[0], 0
        if word == "status" and self.aws.dark:
            on_line(self.unreachable)
            usual = 2
        elif word == "status" and self.aws.parameters.endpoint:
            on_line(self.two_writers)
            usual = 1
        elif word == "failover":
            self._restore()
        elif word == "fence" and self.fences:
            self._cluster().described["VpcSecurityGroups"] = [{"VpcSecurityGroupId": "sg-0", "Status": "active"}]
        elif word == "switchover":
            self._go_home()
        on_line(f"{word} says so")
        return self.exits.get(word, usual)

    def _cluster(self) -> Any:
        return self.aws.model_.world.clusters["us-east-1", "sales"]

    def _go_home(self) -> None:
        aws, old = self.aws, self._cluster()
        aws.advance(dt.timedelta(minutes=50))
        content = aws.model_.content("us-west-2", "sales").copy()
        aws.model_.given_cluster("us-east-1", "sales", copy=old.copy, content=content)
        aws.parameters.endpoint = {}
        self.comes_home()

    def _restore(self) -> None:
        aws, region = self.aws, "us-west-2"
        model, started = aws.model_, aws.now()
        there = model.client(region).describe_cluster_snapshots(MaxRecords=100)["Snapshots"]
        usable = [each for each in there if each["Status"] == "available"]
        taken = sorted(usable, key=lambda each: each["SnapshotCreateTime"], reverse=True)[self.number]
        if self.restore is not None:
            model.settings.restore_seconds = self.restore
        model.given_subnet_group(region, "site")
        name = taken["SnapshotIdentifier"]
        given = {"ClusterIdentifier": "sales", "SnapshotIdentifier": name, "ClusterSubnetGroupName": "site"}
        model.call(region, "RestoreFromClusterSnapshot", given)
        aws.advance(dt.timedelta(seconds=model.settings.restore_seconds + self.own))
        report = {"started": started, "ended": aws.now(), "snapshot": {"created": taken["SnapshotCreateTime"]}}
        arn = "arn:aws:states:us-west-2:111122223333:execution:Restore:failover-1"
        aws.executions.found[arn] = {"status": self.ends, "output": json.dumps(report, default=dt.datetime.isoformat)}
        cluster = model.client(region).describe_clusters(ClusterIdentifier="sales")["Clusters"][0]
        aws.parameters.endpoint = {
            "cluster": "sales",
            "endpoint": "sales.example",
            "port": 5439,
            "database": cluster["DBName"],
            "admin_user": cluster["MasterUsername"],
            "execution": "failover-1",
        }


def starter(aws: FakeAws) -> Callable[[Path], contextlib.AbstractContextManager[FakeAws]]:
    @contextlib.contextmanager
    def start(log: Path) -> Iterator[FakeAws]:
        try:
            yield aws
        finally:
            if not aws.left:
                aws.close()

    return start


def plain_screen() -> tuple[Screen, io.StringIO]:
    """A screen that is no terminal, and what is written on it."""
    written = io.StringIO()
    return Screen(Console(file=written, width=120, highlight=False)), written
