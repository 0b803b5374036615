"""A warehouse, its plan and the way back, deployed; what the machine of restores is asked to do there, and what it left."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any, Final

import aws_cdk as cdk
import boto3
import jsonschema  # type: ignore[import-untyped]
from aws_cdk import Duration, Environment
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import resilient_redshift as rr
from resilient_redshift.contract import names, schemas
from tests.e2e.scene import (
    CLUSTER,
    ELSEWHERE,
    PRIMARY,
    RECOVERY,
    copy_status,
    is_free,
    network,
    snapshots,
    switch_rules,
    synth,
    take_snapshot,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emulator.aws import EmulatedAws

HOME, THERE = "Prod", "Away"
PLAN: Final = f"{CLUSTER}-{PRIMARY}"
PREFIX: Final = names.drill_prefix(PLAN, RECOVERY)
ADMIN: Final = "warehouse_admin"
DNS_NAME: Final = "warehouse.example.com"
ROWS: Final = 1000
#: When the rehearsal is due each day; the emulated account wakes up at 08:15.
DRILL_HOUR: Final = 11
OBJECTIVE_POINT: Final = dt.timedelta(hours=26)
OBJECTIVE_TIME: Final = dt.timedelta(hours=4)
LATEST_ORDER, LATEST = "select max(day) from orders", "2026-11-23"
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
#: How old the newest automated snapshot is at most when a test begins: the next one comes after 8 hours, when the test is over.
FRESH: Final = 3 * HOUR
#: Days that copies of automated snapshots are kept, unless a test says otherwise.
KEPT: Final = 7
#: A restore and a deletion as short as a test can do with; the machine looks each 20 seconds.
QUICK: Final = {"restore_seconds": 70, "restore_starting_seconds": 10, "delete_seconds": 25}
#: What the machine's function may change in Redshift.
CHANGES: Final = {"RestoreFromClusterSnapshot", "CreateTags", "EnableLogging", "EnableSnapshotCopy", "DeleteCluster"}
_REPORTS: Final = jsonschema.Draft202012Validator(schemas.REPORT_SCHEMA)


class RestoreSite:
    """Both stacks, deployed once for all tests of restores; clusters that a test made are gone after it (`left_as_found`).

    Attributes:
        first_failover: the report of a failover before any copy had arrived.
    """

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        """Deploy them, and fill the warehouse: one copy has arrived, and holds ``ROWS`` rows."""
        self.aws = aws
        self._numbers = itertools.count(1)
        self.role = self._a_role()
        route53 = aws.client("route53", RECOVERY)
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="restore")["HostedZone"]
        self.zone_id = zone["Id"].rpartition("/")[2]
        run = aws.cdk("deploy", "--all", app=synth(folder, self._build))
        assert run.ok, run.output
        self.machine = self.thing(THERE, "AWS::StepFunctions::StateMachine", "Restore")
        self.clean_up = self.thing(THERE, "AWS::Lambda::Function", "CleanUp")
        self.bucket = self.thing(THERE, "AWS::S3::Bucket")
        self.home, self.there = aws.client("redshift", PRIMARY), aws.client("redshift", RECOVERY)
        self.states = aws.client("stepfunctions", RECOVERY)
        self.queue = self._a_queue(self.thing(THERE, "AWS::SNS::Topic", "Reports"))
        aws.model(
            "given_content",
            PRIMARY,
            CLUSTER,
            tables={"public.orders": ROWS},
            answers={LATEST_ORDER: LATEST},
        )
        self.rules(on=False)
        aws.settings(**QUICK)
        self.first_failover = self.run("failover")
        self.snapshot("first")
        self.told()

    def _build(self, app: cdk.App) -> None:
        home = cdk.Stack(app, HOME, env=Environment(account=self.aws.account, region=PRIMARY))
        there = cdk.Stack(app, THERE, env=Environment(account=self.aws.account, region=RECOVERY))
        warehouse = rr.ResilientCluster(
            home, "Warehouse", cluster_identifier=CLUSTER, vpc=network(self.aws, home), node_type="ra3.large"
        )
        site = rr.RecoverySite(
            there,
            "Site",
            vpc=network(self.aws, there),
            notify=sns.Topic(there, "Reports"),
            report_bucket=s3.Bucket(there, "Kept"),
        )
        plan = site.protect(
            warehouse,
            objectives=rr.Objectives(recovery_point=OBJECTIVE_POINT, recovery_time=OBJECTIVE_TIME),
            restore=rr.RestoreOptions(
                number_of_nodes=4,
                iam_role_arns=[self.role],
                log_exports=["connectionlog", "userlog"],
                dns_record=rr.DnsRecord(self.zone_id, DNS_NAME),
                snapshot_schedule=[rr.SnapshotTimes.every(Duration.hours(4))],
            ),
            checks=[rr.SqlCheck(LATEST_ORDER, expected=LATEST, name="latest")],
        )
        # due next summer: its machine takes snapshots on demand
        plan.keep_manual_snapshots(
            "Release", schedule=events.Schedule.cron(month="7", day="1", hour="4", minute="0"), keep=Duration.days(30)
        )
        site.region_switch_step()
        plan.rehearse("Daily", schedule=events.Schedule.cron(hour=str(DRILL_HOUR), minute="0"))

    def _a_role(self) -> str:
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "redshift.amazonaws.com"}}
            ],
        }
        iam = self.aws.client("iam", PRIMARY)
        made = iam.create_role(Path="/data/", RoleName="spectrum", AssumeRolePolicyDocument=json.dumps(trust))
        return str(made["Role"]["Arn"])

    def _a_queue(self, topic: str) -> str:
        queues = self.aws.client("sqs", RECOVERY)
        url = queues.create_queue(QueueName="reports")["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.aws.client("sns", RECOVERY).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        return str(url)

    def thing(self, stack: str, kind: str, word: str = "") -> str:
        """The physical id of the only resource of a type whose logical id holds a word."""
        region = PRIMARY if stack == HOME else RECOVERY
        found = self.aws.client("cloudformation", region).describe_stack_resources(StackName=stack)["StackResources"]
        [one] = (e["PhysicalResourceId"] for e in found if e["ResourceType"] == kind and word in e["LogicalResourceId"])
        return str(one)

    # the warehouse

    def snapshot(self, name: str, *, copied: bool = True) -> str:
        """Take a snapshot of the warehouse as soon as it is free, and wait for its copy; its identifier."""
        identifier = f"{name}-{next(self._numbers)}"
        take_snapshot(self.aws, identifier, ManualSnapshotRetentionPeriod=30)
        if copied:
            wait_until(self.aws, lambda: (RECOVERY, identifier) in self.points(), 5 * MINUTE)
        return identifier

    def rest(self) -> None:
        """Let time pass until the newest snapshot is an automated one that has arrived, and the next one is hours away.

        So no test meets a snapshot under way, or one that comes meanwhile, unless it makes it. What a failover of a former
        test published is withdrawn: newer copies would diverge from it.
        """
        ssm = self.aws.client("ssm", RECOVERY)
        with contextlib.suppress(ssm.exceptions.ParameterNotFound):
            ssm.delete_parameter(Name=names.ENDPOINT_FOLDER + PLAN)
        self.aws.advance(MINUTE)  # drills' clusters and runs are named after the time: no two tests begin in one minute
        wait_until(self.aws, self._rests, HOUR)

    def _rests(self) -> bool:
        taken = snapshots(self.aws, PRIMARY)
        copied = [each for each in snapshots(self.aws, RECOVERY) if each.get("SourceRegion") == PRIMARY]
        if not is_free(self.aws) or not all(available(each) for each in copied):
            return False
        newest, arrived = ([each["SnapshotCreateTime"] for each in found][-1:] for found in (taken, copied))
        fresh = newest == arrived != [] and self.aws.now() - newest[0] <= FRESH
        return fresh and taken[-1]["SnapshotType"] == "automated"

    def write(self, rows: int, region: str = PRIMARY, cluster: str = CLUSTER) -> None:
        """Insert rows, as a client does."""
        data = self.aws.client("redshift-data", region)
        insert = f"insert into orders values {', '.join(['(1)'] * rows)}"  # noqa: S608 - ours
        asked = data.execute_statement(ClusterIdentifier=cluster, Database="dev", DbUser=ADMIN, Sql=insert)["Id"]
        self.aws.advance(dt.timedelta(seconds=10))
        assert data.describe_statement(Id=asked)["Status"] == "FINISHED"

    def rows(self, cluster: str = CLUSTER, region: str = RECOVERY) -> int:
        """The orders that stand in a cluster."""
        return int(self.aws.model("content", region, cluster)["tables"]["public.orders"]["rows"])

    # the machine

    def start(self, mode: str, *, first: str = "", **given: Any) -> str:
        """Start the machine; it runs to its end by itself, or as time passes where time is held; ``first`` begins its name."""
        name = f"{first}{mode}-{next(self._numbers):05}"
        text = json.dumps({"plan": PLAN, "mode": mode, **given})
        return str(self.states.start_execution(stateMachineArn=self.machine, name=name, input=text)["executionArn"])

    def ended(self, arn: str) -> dict[str, Any]:
        """The report of an execution that is over; its status beside it as ``status``."""
        found = self.states.describe_execution(executionArn=arn)
        if found["status"] not in {"SUCCEEDED", "FAILED"}:
            return {"status": found["status"]}
        text = found["output"] if found["status"] == "SUCCEEDED" else found["cause"]
        report: dict[str, Any] = json.loads(text)
        assert [each.message for each in _REPORTS.iter_errors(report)] == [], report
        assert found["status"] == "SUCCEEDED" or found["error"] == report["outcome"]
        return {**report, "status": found["status"]}

    def run(self, mode: str, **given: Any) -> dict[str, Any]:
        """Run the machine to its end; its report."""
        arn = self.start(mode, **given)
        self.aws.settle()
        return self.ended(arn)

    def cleaned(self) -> dict[str, Any]:
        """Call the function that cleans up after drills; its answer, or its error."""
        given = json.dumps({"plan": PLAN}).encode()
        answer = self.aws.client("lambda", RECOVERY).invoke(FunctionName=self.clean_up, Payload=given)
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        return found

    def as_function(self, service: str) -> Any:
        """A client of the recovery Region with the rights of the machine's function."""
        name = self.thing(THERE, "AWS::IAM::Role", "RestoreMachineFunction")
        keys = self.aws.sign_in(self.aws.client("iam", RECOVERY).get_role(RoleName=name)["Role"]["Arn"])
        return boto3.client(
            service,
            RECOVERY,
            endpoint_url=self.aws.endpoint,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys["AWS_SESSION_TOKEN"],
        )

    def newest(self) -> str:
        """The execution of the machine that started last."""
        found = self.states.list_executions(stateMachineArn=self.machine, maxResults=1)["executions"]
        return str(found[0]["executionArn"])

    def passed(self, arn: str) -> list[str]:
        """The states that an execution entered, in order."""
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=arn)
        return [
            each["stateEnteredEventDetails"]["name"]
            for page in pages
            for each in page["events"]
            if "stateEnteredEventDetails" in each
        ]

    def mark(self) -> int:
        """Where the record of all calls ends now."""
        return self.aws.mark()

    def calls(self, since: int) -> list[dict[str, Any]]:
        """What the machine's function called since then."""
        calls = self.aws.calls(since)
        return [call for call in calls if call["via"] == "lambda" and "SiteRestoreMachine" in call["principal"]]

    # what is there

    def clusters(self) -> dict[str, dict[str, Any]]:
        """The clusters of the recovery Region by name."""
        pages = self.there.get_paginator("describe_clusters").paginate()
        return {each["ClusterIdentifier"]: each for page in pages for each in page["Clusters"]}

    def tags(self, cluster: str) -> dict[str, str]:
        """A cluster's tags."""
        return {tag["Key"]: tag["Value"] for tag in self.clusters()[cluster]["Tags"]}

    def points(self) -> dict[tuple[str, str], dt.datetime | None]:
        """The manual recovery points of the warehouse that can be used, in both Regions, and when their retention ends."""
        return {
            (region, each["SnapshotIdentifier"]): retained_until(each)
            for region in (PRIMARY, RECOVERY)
            for each in snapshots(self.aws, region, kind="manual")
            if available(each)
        }

    def parameter(self, folder: str) -> Any:
        """What the machine wrote about the plan; JSON where it is; None if nothing."""
        ssm = self.aws.client("ssm", RECOVERY)
        try:
            text = ssm.get_parameter(Name=folder + PLAN)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return json.loads(text) if text.startswith("{") else text

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Subject and report of each report on the topic since the last look.

        Messages of alarms are left out: the site's rules are off between its steps, so an alarm on missing runs may ring.
        """
        queues, found = self.aws.client("sqs", RECOVERY), []
        while got := queues.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
            for each in got:
                queues.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
                body = json.loads(each["Body"])
                if not body["Subject"].startswith(("ALARM: ", "OK: ")):
                    found.append((body["Subject"], json.loads(body["Message"])))
        return found

    def kept(self, execution: str) -> dict[str, Any]:
        """The report of an execution in the bucket."""
        bucket = self.aws.client("s3", RECOVERY)
        found = bucket.get_object(Bucket=self.bucket, Key=names.report_key(PLAN, execution))
        return dict(json.loads(found["Body"].read()))

    def record(self) -> dict[str, Any] | None:
        """The DNS record that clients use; None before there is one."""
        sets = self.aws.client("route53", RECOVERY).list_resource_record_sets(HostedZoneId=self.zone_id)
        return next((dict(e) for e in sets["ResourceRecordSets"] if e["Name"].rstrip(".") == DNS_NAME), None)

    def metrics(self, name: str, **more: str) -> list[float]:
        """All values of one of the plan's metrics, oldest first; with other dimensions besides the plan."""
        now = self.aws.now()
        found = self.aws.client("cloudwatch", RECOVERY).get_metric_statistics(
            Namespace=names.METRIC_NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": n, "Value": v} for n, v in {names.DIMENSION_PLAN: PLAN, **more}.items()],
            StartTime=now - dt.timedelta(days=3),
            EndTime=now + dt.timedelta(hours=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return [each["Maximum"] for each in sorted(found, key=lambda each: each["Timestamp"])]

    # between tests

    def rules(self, word: str = "", *, on: bool) -> None:
        """Let the rules whose description holds a word start the machine, or no longer."""
        switch_rules(self.aws, RECOVERY, word, on=on)

    @contextlib.contextmanager
    def at_full_length(self) -> Iterator[None]:
        """Restores take the time that they take on AWS."""
        usual = {"restore_seconds": 780, "restore_starting_seconds": 60, "delete_seconds": 120}
        self.aws.settings(**usual)
        try:
            yield
        finally:
            self.aws.settings(**QUICK)

    @contextlib.contextmanager
    def left_as_found(self) -> Iterator[None]:
        """Nothing is lost in a test, nothing but drills' clusters deleted; no fault outlives it, no cluster that it made."""
        self.rest()
        before, stood, since = self.points(), set(self.clusters()), self.mark()
        try:
            yield
        finally:
            self.aws.faults("clear")
            self.aws.hold_time(False)
            for region in (PRIMARY, RECOVERY):
                self.aws.region_up(region)
            self.aws.settle()
            self.aws.stops_left()
            self.rules(on=False)
            self._undo_at_home()
            after, now, made = self.points(), self.aws.now(), set(self.clusters()) - stood
            calls = self.calls(since)
            self.remove(*made)
            self.aws.client("ssm", RECOVERY).delete_parameters(Names=[names.ENDPOINT_FOLDER + PLAN])
        assert {point for point, end in before.items() if end is None or end > now} <= after.keys()
        changes = [call for call in calls if call["service"] == "redshift" and call["mutating"]]
        assert {call["operation"] for call in changes} <= CHANGES
        assert lost_clusters(changes) == []

    def _undo_at_home(self) -> None:
        if (copy_status(self.aws) or {})["RetentionPeriod"] != KEPT:
            self.home.modify_snapshot_copy_retention_period(ClusterIdentifier=CLUSTER, RetentionPeriod=KEPT)
        elsewhere = self.aws.client("redshift", ELSEWHERE)
        for each in elsewhere.describe_clusters()["Clusters"]:
            elsewhere.delete_cluster(ClusterIdentifier=each["ClusterIdentifier"], SkipFinalClusterSnapshot=True)

    def remove(self, *names: str) -> None:
        """Delete clusters of the recovery Region by hand."""
        for name in names:
            self.there.delete_cluster(ClusterIdentifier=name, SkipFinalClusterSnapshot=True)
        if names:
            self.aws.advance(dt.timedelta(minutes=3))


def lost_clusters(changes: list[dict[str, Any]]) -> list[str]:
    """The clusters that a run deleted although they were available, and were no drill's."""
    available_once: set[str] = set()
    lost = []
    for call in changes:
        given = call["params"]
        if call["error"]:
            continue
        if call["operation"] == "RestoreFromClusterSnapshot":
            available_once.discard(given["ClusterIdentifier"])
        elif call["operation"] == "CreateTags" and names.TAG_AVAILABLE_SINCE in str(given["Tags"]):
            available_once.add(given["ResourceName"].rpartition(":")[2])
        elif call["operation"] == "DeleteCluster" and not given["ClusterIdentifier"].startswith(PREFIX):
            lost += [name for name in [given["ClusterIdentifier"]] if name in available_once]
    return lost


def available(snapshot: dict[str, Any]) -> bool:
    """Whether it can be restored."""
    return bool(snapshot["Status"] == "available")


def retained_until(snapshot: dict[str, Any]) -> dt.datetime | None:
    """When the retention of a manual one ends; None: never."""
    days = snapshot["ManualSnapshotRetentionPeriod"]
    return None if days == -1 else snapshot["SnapshotRetentionStartTime"] + dt.timedelta(days=days)
