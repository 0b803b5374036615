"""The example, deployed for the first time, deployed again, and watched for ninety days (issues 3 and 11).

From day sixty on, the primary Region is dark. The watchers look every 15 minutes where something happens, each hour on the paused weekend,
and every six hours in the quiet weeks, in which their alarms have periods of six hours.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events

import app as example
from resilient_redshift import planning
from resilient_redshift.contract.watching import METRIC_QUOTA_USED, WATCH_METRICS
from tests.e2e.dashboard_data import as_json, read_metrics
from tests.e2e.pages import ages, composites, findings, look_every, look_seldom, name_of, rung
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, copy_status, executions, snapshots, synth
from tests.scenes.dashboard import BODY, DATA

if TYPE_CHECKING:
    from pathlib import Path

    import aws_cdk as cdk

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)
PLAN = "sales-us-east-1"
REGIONS = (PRIMARY, RECOVERY)
OBJECTIVE = 26 * HOUR
DARK = dt.datetime(2027, 1, 22, 9, tzinfo=dt.UTC)
#: A weekend, from Friday evening until Monday morning.
PAUSED = (dt.datetime(2026, 12, 4, 20, tzinfo=dt.UTC), dt.datetime(2026, 12, 7, 6, tzinfo=dt.UTC))
#: When a planned window of four hours begins.
WINDOW = dt.datetime(2027, 1, 12, 10, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def assembly(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as app.py declares it, for the emulated account, with one planned window."""

    def build(app: Any) -> None:
        app.node.set_context("account", aws.account)
        _, plan = example.build(app)
        at = cloudwatch.ScheduleExpression.expression(f"at({WINDOW:%Y-%m-%dT%H:%M})")
        plan.mute("Window", schedule=at, duration=Duration.hours(4))
        # each hourly run is seen in another test; here they are rarer, and the alarms on their silence are as patient
        slower(app, "retention tiers", "rate(6 hours)")
        slower(app, "removes what drills", "rate(1 day)")
        silence = [each for each in app.node.find_all() if isinstance(each, cloudwatch.CfnAlarm)]
        for alarm in silence:
            if "SilenceAlarm" in alarm.node.path or "MissedAlarm" in alarm.node.path:
                alarm.evaluation_periods = 72

    return synth(tmp_path_factory.mktemp("example"), build, watched=True)


def slower(app: cdk.App, word: str, rate: str) -> None:
    """Let the only rule whose description holds a word fire at another rate."""
    rules = [rule for rule in app.node.find_all() if isinstance(rule, events.CfnRule)]
    [found] = [rule for rule in rules if word in (rule.description or "")]
    found.schedule_expression = rate


@pytest.fixture(scope="module")
def first(aws: EmulatedAws, assembly: Path) -> CdkRun:
    """The first deployment of both stacks."""
    return aws.cdk("deploy", "--all", "--method", "change-set", app=assembly)


@pytest.fixture(scope="module")
def second(aws: EmulatedAws, assembly: Path, first: CdkRun) -> list[dict[str, Any]]:
    """What a second deployment of the same calls."""
    assert first.ok, first.output
    before = aws.mark()
    run = aws.cdk("deploy", "--all", "--method", "change-set", app=assembly)
    assert run.ok, run.output
    return aws.calls(before)


@dataclasses.dataclass(frozen=True)
class Sixty:
    """What sixty days have left, with a paused weekend and a planned window, before the primary Region goes dark.

    Attributes:
        counts: how many manual snapshots each Region had at the end of each quiet day.
        asked: the snapshots that were asked for, with how often.
        refused: the calls that a quota refused.
        manual: the manual snapshots of each Region.
        reports: of the drills.
        again: what a second delivery of the last night's event came to, and which snapshots it took.
        late: the same of an event of three nights ago.
        rang: the alarms that notified somebody, since the first deployment.
        problems: when the composite alarm went into the ALARM state.
        found: the findings of the watchers.
        ages: the ages of the newest recovery point in each Region, but for the weekend and the window.
    """

    counts: list[dict[str, int]]
    asked: Counter[str]
    refused: list[dict[str, Any]]
    manual: dict[str, list[dict[str, Any]]]
    reports: list[dict[str, Any]]
    again: tuple[str, list[dict[str, Any]]]
    late: tuple[str, list[dict[str, Any]]]
    rang: list[dict[str, Any]]
    problems: list[dt.datetime]
    found: list[dict[str, Any]]
    ages: dict[str, list[float]]


@pytest.fixture(scope="module")
def sixty(aws: EmulatedAws, second: list[dict[str, Any]]) -> Sixty:
    """Sixty days, with a paused weekend and a planned window."""
    assert [call for call in second if call["mutating"]] == []
    counts: list[dict[str, int]] = []
    # the emulated warehouse computes no dates: it is told what the drills' question comes to
    answers = {"select max(day) >= current_date - 2 from orders": True}
    aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": 1000}, answers=answers)
    home, begun = aws.client("redshift", PRIMARY), aws.now()

    def quiet(until: dt.datetime) -> None:
        while aws.now() < until:
            aws.advance_to(min(until, aws.now() + DAY))
            counts.append({region: len(snapshots(aws, region, kind="manual")) for region in REGIONS})

    quiet(begun + DAY)  # as deployed: the watchers look every 15 minutes
    look_every(aws, 6 * 60)
    quiet(PAUSED[0] - 2 * HOUR)
    look_every(aws, 60)
    aws.advance_to(PAUSED[0])
    home.pause_cluster(ClusterIdentifier=CLUSTER)
    aws.advance_to(PAUSED[1])
    home.resume_cluster(ClusterIdentifier=CLUSTER)
    aws.advance(DAY)
    look_every(aws, 6 * 60)
    quiet(WINDOW - HOUR)
    look_every(aws, 15)
    aws.advance_to(WINDOW + HOUR)
    copied = dict(copy_status(aws) or {})
    home.disable_snapshot_copy(ClusterIdentifier=CLUSTER)
    aws.advance(2 * HOUR)
    home.enable_snapshot_copy(ClusterIdentifier=CLUSTER, **copied)
    aws.advance(HOUR)
    look_every(aws, 60)
    aws.advance(7 * HOUR)  # a period of six hours would hold what was found in the window
    look_every(aws, 6 * 60)
    quiet(DARK - HOUR)
    look_every(aws, 15)
    aws.advance_to(DARK - MINUTE)
    calls = aws.calls()
    pages, changes = composites(aws), aws.alarm_changes()
    times = [(begun, PAUSED[0]), (PAUSED[1] + DAY, WINDOW), (WINDOW + DAY, DARK)]
    manual = {region: snapshots(aws, region, kind="manual") for region in REGIONS}
    reports = [json.loads(run["output"]) for run in executions(aws, RECOVERY, "Restore")]
    night = executions(aws, PRIMARY, "Snapshot")[0]
    event = json.loads(night["input"])
    late = (aws.now() - 3 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Sixty(
        counts=counts,
        asked=Counter(
            call["params"]["SnapshotIdentifier"]
            for call in calls
            if call["operation"] == "CreateClusterSnapshot" and call["error"] is None
        ),
        refused=[call for call in calls if "Quota" in (call["error"] or "")],
        manual=manual,
        reports=reports,
        rang=[each for each in rung(aws) if "a test" not in each["body"]],
        problems=[each["at"] for each in changes if each["alarm"] in pages and each["after"] == "ALARM"],
        found=findings(aws),
        ages={region: [age for time in times for age in ages(aws, region, PLAN, *time)] for region in REGIONS},
        again=deliver(aws, night, event),
        late=deliver(aws, night, {**event, "scheduled_time": late}),
    )


def deliver(aws: EmulatedAws, night: dict[str, Any], event: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Start the machine with an event, as EventBridge does: how it ended, and the snapshots that it took."""
    states = aws.client("stepfunctions", PRIMARY)
    before = len(aws.calls())
    started = states.start_execution(stateMachineArn=night["stateMachineArn"], input=json.dumps(event))
    aws.settle()
    ended = states.describe_execution(executionArn=started["executionArn"])
    assert ended["status"] == "SUCCEEDED"
    asked = [call for call in aws.calls(before) if call["operation"] == "CreateClusterSnapshot"]
    return json.loads(ended["output"])["outcome"], [call for call in asked if call["error"] is None]


@dataclasses.dataclass(frozen=True)
class Dark:
    """What thirty days without the primary Region have left.

    Attributes:
        rang: the alarms that notified somebody.
        composites: the names of the alarms of plans.
        found: the findings of the watchers.
        manual: the manual copies in the recovery Region.
        clusters: the clusters there.
    """

    rang: list[dict[str, Any]]
    composites: set[str]
    found: list[dict[str, Any]]
    manual: list[dict[str, Any]]
    clusters: list[dict[str, Any]]


@pytest.fixture(scope="module")
def dark(aws: EmulatedAws, sixty: Sixty) -> Dark:
    """The primary Region dark from day sixty until day ninety."""
    assert sixty
    aws.advance_to(DARK)
    sent, happened = len(aws.deliveries()), len(aws.events())
    aws.region_down(PRIMARY)
    aws.advance(OBJECTIVE + HOUR)
    look_seldom(aws, 6 * 60, RECOVERY)
    aws.advance_to(DARK + 30 * DAY)
    aws.region_up(PRIMARY)
    return Dark(
        rang=rung(aws, sent),
        composites=composites(aws),
        found=findings(aws, happened),
        manual=snapshots(aws, RECOVERY, kind="manual"),
        clusters=aws.client("redshift", RECOVERY).describe_clusters()["Clusters"],
    )


def test_the_first_deployment_switches_the_copy_on(aws: EmulatedAws, first: CdkRun) -> None:
    # GIVEN an empty account
    # WHEN both stacks are deployed for the first time
    assert first.ok, first.output
    # THEN the copy is on, with the grant of the site, the recovery Region and both retentions
    status = copy_status(aws)
    grants = aws.client("redshift", RECOVERY).describe_snapshot_copy_grants()["SnapshotCopyGrants"]
    assert status == {
        "DestinationRegion": RECOVERY,
        "RetentionPeriod": 14,
        "ManualSnapshotRetentionPeriod": 180,
        "SnapshotCopyGrantName": grants[0]["SnapshotCopyGrantName"],
    }


def test_a_second_deployment_changes_nothing(second: list[dict[str, Any]]) -> None:
    # GIVEN the example deployed
    # WHEN the same is deployed again
    # THEN nobody calls anything that changes something
    assert [call["operation"] for call in second if call["mutating"]] == []


@pytest.mark.parametrize("region", [PRIMARY, RECOVERY])
def test_an_alarm_reaches_the_operators_through_the_librarys_statement(
    aws: EmulatedAws, second: list[dict[str, Any]], region: str
) -> None:
    # GIVEN the closed topic of the example, whose policy and key have the library's statements, and Redshift's subscription
    [subscription] = aws.client("redshift", region).describe_event_subscriptions()["EventSubscriptionsList"]
    topic, sns = subscription["SnsTopicArn"], aws.client("sns", region)
    alarm = min(name for name in aws.alarms(region) if name.startswith("Warehouse"))

    def rings() -> str | None:
        """Why the message of an alarm that rings does not arrive; None if it does."""
        count = len(aws.deliveries())
        for state in ("OK", "ALARM"):
            aws.client("cloudwatch", region).set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="a test")
        [delivery] = [each for each in aws.deliveries(count) if each["source"].endswith(f":{alarm}")]
        assert delivery["target"] == topic
        refused: str | None = delivery["refused"]
        return refused

    # THEN an alarm's message arrives
    assert rings() is None
    # AND WHEN the statement is taken away THEN it does not
    policy = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    document = json.loads(policy)
    document["Statement"] = [each for each in document["Statement"] if "cloudwatch" not in json.dumps(each)]
    closed = {"TopicArn": topic, "AttributeName": "Policy"}
    sns.set_topic_attributes(**closed, AttributeValue=json.dumps(document))
    assert "does not let cloudwatch.amazonaws.com publish" in str(rings())
    sns.set_topic_attributes(**closed, AttributeValue=policy)


def test_every_night_and_every_first_of_a_month_has_its_snapshot(sixty: Sixty) -> None:
    # GIVEN a nightly rule at 03:00 and a monthly one at 04:00 on the first
    # WHEN sixty days have passed, with three nights in which the cluster was paused
    nights = [dt.date(2026, 11, 24) + day * DAY for day in range(60)]
    paused = [PAUSED[1].date() - day * DAY for day in range(3)]
    # THEN each was asked for once, under the name of its minute
    assert sixty.asked == Counter(
        [f"sales-nightly-{night:%Y%m%d}t0300z" for night in nights if night not in paused]
        + [f"sales-monthly-{night:%Y%m%d}t0400z" for night in nights if night.day == 1]
    )


def test_the_snapshots_at_home_have_the_names_tags_and_retentions_of_their_rules(sixty: Sixty) -> None:
    # GIVEN sixty days
    # WHEN the manual snapshots at home are read back
    found = {
        (
            {tag["Key"]: tag["Value"] for tag in each["Tags"]}["resilient-redshift:rule"],
            each["SnapshotIdentifier"].split("-")[1],
            each["ManualSnapshotRetentionPeriod"],
        )
        for each in sixty.manual[PRIMARY]
    }
    # THEN each says its rule and its days
    assert found == {("nightly", "nightly", 7), ("monthly", "monthly", 180)}


def test_the_copies_have_their_tiers_retention(sixty: Sixty) -> None:
    # GIVEN one retention for all copies as they arrive, the longest
    # WHEN sixty days have passed, and the tiers were given
    found = {
        (each["SnapshotIdentifier"].split("-")[1], each["ManualSnapshotRetentionPeriod"])
        for each in sixty.manual[RECOVERY]
    }
    # THEN nightlies and monthlies have each their own
    assert found == {("nightly", 10), ("monthly", 180)}


def test_expired_snapshots_go(sixty: Sixty) -> None:
    # GIVEN nightlies that are kept 7 days at home and 10 in the recovery Region
    # WHEN sixty nights have passed
    kept = {
        region: sum("nightly" in each["SnapshotIdentifier"] for each in found) for region, found in sixty.manual.items()
    }
    # THEN only the last ones stand
    assert kept == {PRIMARY: 7, RECOVERY: 10}


def test_the_monthlies_stand_in_the_recovery_region_on_day_ninety(dark: Dark) -> None:
    # GIVEN ninety days from 23 November, the last thirty without the primary Region
    # WHEN the recovery Region is asked
    found = [each["SnapshotIdentifier"] for each in dark.manual]
    # THEN the two monthlies of before are there, and no nightly any more
    assert found == [f"sales-monthly-{month}t0400z" for month in ("20261201", "20270101")]


def test_the_quota_is_never_reached(aws: EmulatedAws, sixty: Sixty) -> None:
    # GIVEN the rules of the example
    # WHEN sixty days pass
    # THEN no day ends near it, and nothing was ever refused, neither a snapshot nor, which nobody would be told, a copy
    assert max(max(day.values()) for day in sixty.counts) <= 17
    assert sixty.refused == []
    assert aws.model("copies_that_failed") == []


def test_each_month_a_drill_brings_the_warehouse_back_and_deletes_it(sixty: Sixty, dark: Dark) -> None:
    # GIVEN a drill on the fifteenth of each month
    # WHEN sixty days have passed THEN two have passed, each from a copy within the objective
    assert [(report["mode"], report["outcome"]) for report in sixty.reports] == [("drill", "Passed")] * 2
    assert max(report["recovery_point_seconds"] for report in sixty.reports) < OBJECTIVE.total_seconds()
    # AND no cluster is left
    assert dark.clusters == []


def test_a_second_delivery_takes_no_second_snapshot(sixty: Sixty) -> None:
    # GIVEN a night's snapshot
    # WHEN EventBridge delivers the same event once more
    # THEN the run ends as the first did, and joined its snapshot
    assert sixty.again == ("Taken", [])


def test_a_late_delivery_takes_no_snapshot(sixty: Sixty) -> None:
    # GIVEN an event of three nights ago
    # WHEN it is delivered now
    # THEN the run says so and asks for none
    assert sixty.late == ("SkippedLate", [])


def test_no_alarm_rings_in_sixty_days(sixty: Sixty) -> None:
    # GIVEN a first day in an empty account, a paused weekend, a planned window in which the copy is off, and quiet weeks
    # WHEN sixty days have passed
    # THEN nobody was told of an alarm, and the watchers found nothing but the copy that was off
    assert [(each["at"], name_of(each)) for each in sixty.rang] == []
    assert {each["code"] for each in sixty.found} == {"CopyOff"}
    # AND the plan's alarm was in the ALARM state in the window only
    assert len(sixty.problems) == 1
    assert WINDOW < sixty.problems[0] < WINDOW + 4 * HOUR


def test_no_recovery_point_is_older_than_the_forecast_says(assembly: Path, sixty: Sixty) -> None:
    # GIVEN the forecast of the example's templates
    [cluster] = planning.snapshot_policies(planning.read_assembly(assembly))
    bounds = {each.region: each.recovery_point for each in planning.recovery_point_bounds(cluster.policy)}
    # WHEN sixty days have passed THEN no look found an older recovery point, but for the pause and the copy that was off
    for region in REGIONS:
        assert len(sixty.ages[region]) > 250
        assert max(sixty.ages[region]) <= bounds[region].total_seconds()


def test_a_watched_cluster_costs_at_most_two_dollars_a_month(aws: EmulatedAws, sixty: Sixty) -> None:
    # GIVEN the metrics that had data in 23 hours at the pace of 15 minutes, and the alarms of the watch
    assert sixty
    begun = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    hours = [found for region in REGIONS for found in hours_with_data(aws, region, begun, begun + 23 * HOUR)]
    alarms = [each for region in REGIONS for each in alarms_of(aws, region)]
    # WHEN those of the plan are billed at AWS's list prices of us-east-1 of 2026-11-30
    bill = functools.partial(
        planning.monitoring_cost,
        prices=planning.MonitoringPrices(
            metric=0.30,
            alarm_metric=0.10,
            composite_alarm=0.50,
            compute=0.0000166667,
            run=0.0000002,
            metric_request=0.00001,
            event=0.000001,
        ),
    )
    of_plan = [each for each in alarms if "FailuresAlarm" not in each["AlarmName"]]
    cluster = bill(
        metrics=[count * 730 / 23 for name, count in hours if name != METRIC_QUOTA_USED],
        alarms=[metrics_in(each) for each in of_plan if "AlarmRule" not in each],
        composite_alarms=sum("AlarmRule" in each for each in of_plan),
    )
    # THEN three metrics have data in each hour and four once a day, and a month costs less than two dollars
    assert sorted(count for name, count in hours if name != METRIC_QUOTA_USED) == [1, 1, 1, 1, 23, 23, 23]
    assert cluster.total <= 2
    # AND what both stacks need once, for all their clusters, costs little beside it: an alarm, a daily metric, and runs of two seconds
    runs = len(REGIONS) * 730 * 4
    once = bill(
        metrics=[count * 730 / 23 for name, count in hours if name == METRIC_QUOTA_USED],
        alarms=[metrics_in(each) for each in alarms if each not in of_plan],
        runs=runs,
        metric_requests=runs,
        seconds_per_run=2,
        memory_mb=256,
    )
    assert once.total <= 0.25


def hours_with_data(aws: EmulatedAws, region: str, begin: dt.datetime, end: dt.datetime) -> list[tuple[str, int]]:
    """For each metric of the watch that had data in a time: its name, and in how many hours."""
    client, found = aws.client("cloudwatch", region), []
    for metric in client.list_metrics(Namespace="ResilientRedshift")["Metrics"]:
        if metric["MetricName"] in {*WATCH_METRICS, METRIC_QUOTA_USED}:
            query = [{"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Maximum"}}]
            answer = client.get_metric_data(MetricDataQueries=query, StartTime=begin, EndTime=end)
            found.append((metric["MetricName"], len(answer["MetricDataResults"][0]["Values"])))
    return [(name, hours) for name, hours in found if hours]


def metrics_in(alarm: dict[str, Any]) -> int:
    """How many metrics an alarm watches."""
    return sum("MetricStat" in query for query in alarm.get("Metrics", ())) or 1


def alarms_of(aws: EmulatedAws, region: str) -> list[dict[str, Any]]:
    """The alarms of the watch in a Region."""
    found = aws.client("cloudwatch", region).describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    every: list[dict[str, Any]] = [*found["MetricAlarms"], *found["CompositeAlarms"]]
    return [each for each in every if "ResilientRedshiftWatcher" in each["AlarmName"]]


def test_one_alarm_rings_once_when_the_primary_region_goes_dark(dark: Dark) -> None:
    # GIVEN the primary Region dark from day sixty on
    # WHEN thirty days pass THEN the alarm of the plan has rung once: within the objective and 45 minutes
    pages = [each["at"] for each in dark.rang if name_of(each) in dark.composites]
    assert len(pages) == 1
    assert DARK + 20 * HOUR < pages[0] <= DARK + OBJECTIVE + 45 * MINUTE
    # AND so did the alarm on warnings, long before
    warned = [each["at"] for each in dark.rang if "WarningAlarm" in name_of(each)]
    assert [at - DARK <= 2 * HOUR for at in warned] == [True]
    # AND before that there were warnings: no heartbeat for an hour, then an old recovery point
    opened = {each["code"]: each["at"] - DARK for each in dark.found if each["state"] == "opened"}
    assert opened["PrimarySilent"] <= 75 * MINUTE
    assert opened["RecoveryPointAging"] < opened["RecoveryPointOverdue"] <= OBJECTIVE + 15 * MINUTE


def test_the_dashboard_shows_the_ninety_days(aws: EmulatedAws, dark: Dark) -> None:
    # GIVEN ninety days, the last thirty without the primary Region
    metrics = read_metrics(aws, BODY, DARK - 60 * DAY, DARK + 30 * DAY)
    alarms = {name: state for name, state in aws.alarms(RECOVERY).items() if name in dark.composites}
    if os.environ.get("UPDATE_GOLDEN"):  # the picture of docs/watching.md is drawn from it
        DATA.write_text(as_json(metrics, alarms), encoding="utf-8")
    # THEN each metric of the dashboard has data: those of the primary Region end with it, the others of the watch do not
    ends = {name: dt.datetime.fromisoformat(points[-1][0]) for name, points in metrics.items() if points}
    assert set(ends) == set(metrics)
    watched = {name: end for name, end in ends.items() if name.split()[0] in WATCH_METRICS}
    assert {name for name, end in watched.items() if end < DARK} == {name for name in watched if PRIMARY in name}
    # AND the alarm of the plan says that the recovery point is too old
    assert list(alarms.values()) == ["ALARM"]
