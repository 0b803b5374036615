"""The example, deployed for the first time, deployed again, and left alone for ninety days (issue 3, scenarios 1, 2)."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from aws_cdk import aws_events as events

import app as example
import resilient_redshift as rr
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, copy_status, executions, snapshots, synth

if TYPE_CHECKING:
    from pathlib import Path

    from emulator.aws import EmulatedAws
    from emulator.aws.cdk import CdkRun

DAYS = 90


@pytest.fixture(scope="module")
def assembly(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example as app.py declares it, for the emulated account."""

    def build(app: Any) -> None:
        app.node.set_context("account", aws.account)
        _, plan = example.build(app)
        # the hourly look for a drill's leftovers is seen in test_drills; 2,160 more runs would show nothing new
        drill = next(one for one in plan.node.find_all() if isinstance(one, rr.RecoveryDrill))
        drill.cleanup_rule.state = "DISABLED"
        # the tiers are applied hourly in make demo; here 2,160 runs would show no more than 360 do
        rules = [rule for rule in app.node.find_all() if isinstance(rule, events.CfnRule)]
        [tiers] = [rule for rule in rules if "retention tiers" in (rule.description or "")]
        tiers.schedule_expression = "rate(6 hours)"

    return synth(tmp_path_factory.mktemp("example"), build)


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


@pytest.fixture(scope="module")
def quarter(aws: EmulatedAws, second: list[dict[str, Any]]) -> list[dict[str, int]]:
    """Ninety days, a day at a time: how many manual snapshots stood in each Region at each day's end."""
    counts = []
    # the emulated warehouse computes no dates: it is told what the drills' question comes to
    answers = {"select max(day) >= current_date - 2 from orders": True}
    aws.model("given_content", PRIMARY, CLUSTER, tables={"public.orders": 1000}, answers=answers)
    for _ in range(DAYS):
        aws.advance(dt.timedelta(days=1))
        counts.append({region: len(snapshots(aws, region, kind="manual")) for region in (PRIMARY, RECOVERY)})
    aws.settle()
    return counts


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


def test_every_night_and_every_first_of_a_month_has_its_snapshot(
    aws: EmulatedAws, quarter: list[dict[str, int]]
) -> None:
    # GIVEN a nightly rule at 03:00 and a monthly one at 04:00 on the first
    # WHEN ninety days have passed
    assert len(quarter) == DAYS
    # THEN each was asked for once, under the name of its minute
    asked = Counter(
        call["params"]["SnapshotIdentifier"]
        for call in aws.calls()
        if call["operation"] == "CreateClusterSnapshot" and call["error"] is None
    )
    nights = [dt.date(2026, 11, 24) + dt.timedelta(days=day) for day in range(DAYS)]
    assert asked == Counter(
        [f"sales-nightly-{night:%Y%m%d}t0300z" for night in nights]
        + [f"sales-monthly-{night:%Y%m%d}t0400z" for night in nights if night.day == 1]
    )


def test_the_snapshots_at_home_have_the_names_tags_and_retentions_of_their_rules(
    aws: EmulatedAws, quarter: list[dict[str, int]]
) -> None:
    # GIVEN ninety days
    assert quarter
    # WHEN the manual snapshots at home are read back
    found = {
        (
            {tag["Key"]: tag["Value"] for tag in each["Tags"]}["resilient-redshift:rule"],
            each["SnapshotIdentifier"].split("-")[1],
            each["ManualSnapshotRetentionPeriod"],
        )
        for each in snapshots(aws, PRIMARY, kind="manual")
    }
    # THEN each says its rule and its days
    assert found == {("nightly", "nightly", 7), ("monthly", "monthly", 180)}


def test_the_copies_have_their_tiers_retention(aws: EmulatedAws, quarter: list[dict[str, int]]) -> None:
    # GIVEN one retention for all copies as they arrive, the longest
    assert quarter
    # WHEN ninety days have passed, and the tiers were given
    found = {
        (each["SnapshotIdentifier"].split("-")[1], each["ManualSnapshotRetentionPeriod"])
        for each in snapshots(aws, RECOVERY, kind="manual")
    }
    # THEN nightlies and monthlies have each their own
    assert found == {("nightly", 10), ("monthly", 180)}


def test_the_monthlies_stand_in_the_recovery_region_on_day_ninety(
    aws: EmulatedAws, quarter: list[dict[str, int]]
) -> None:
    # GIVEN ninety days from 23 November
    assert quarter
    # WHEN the recovery Region is asked
    found = [each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY, kind="manual")]
    # THEN the three monthlies are there
    months = ["20261201", "20270101", "20270201"]
    assert [name for name in found if "monthly" in name] == [f"sales-monthly-{month}t0400z" for month in months]


def test_expired_snapshots_go(aws: EmulatedAws, quarter: list[dict[str, int]]) -> None:
    # GIVEN nightlies that are kept 7 days at home and 10 in the recovery Region
    assert quarter
    # WHEN ninety nights have passed
    kept = {
        region: sum("nightly" in each["SnapshotIdentifier"] for each in snapshots(aws, region, kind="manual"))
        for region in (PRIMARY, RECOVERY)
    }
    # THEN only the last ones stand
    assert kept == {PRIMARY: 7, RECOVERY: 10}


def test_the_quota_is_never_reached(aws: EmulatedAws, quarter: list[dict[str, int]]) -> None:
    # GIVEN the rules of the example
    # WHEN ninety days pass
    # THEN no day ends near it, and nothing was ever refused, neither a snapshot nor, which nobody would be told, a copy
    assert max(max(day.values()) for day in quarter) <= 17
    assert [call for call in aws.calls() if "Quota" in (call["error"] or "")] == []
    assert aws.model("copies_that_failed") == []


def test_each_month_a_drill_brings_the_warehouse_back_and_deletes_it(
    aws: EmulatedAws, quarter: list[dict[str, int]]
) -> None:
    # GIVEN a drill on the fifteenth of each month
    assert quarter
    # WHEN ninety days have passed
    reports = [json.loads(run["output"]) for run in executions(aws, RECOVERY, "Restore")]
    # THEN three have passed, each from a copy within the objective, and no cluster is left
    assert [(report["mode"], report["outcome"]) for report in reports] == [("drill", "Passed")] * 3
    assert max(report["recovery_point_seconds"] for report in reports) < 26 * 3600
    assert aws.client("redshift", RECOVERY).describe_clusters()["Clusters"] == []


@pytest.fixture(scope="module")
def night(aws: EmulatedAws, quarter: list[dict[str, int]]) -> dict[str, Any]:
    """The last run that the nightly rule started."""
    assert quarter
    return executions(aws, PRIMARY, "Snapshot")[0]


def deliver(aws: EmulatedAws, night: dict[str, Any], event: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Start the machine with an event, as EventBridge does: how it ended, and the snapshots that were asked for."""
    states = aws.client("stepfunctions", PRIMARY)
    before = aws.mark()
    started = states.start_execution(stateMachineArn=night["stateMachineArn"], input=json.dumps(event))
    aws.settle()
    ended = states.describe_execution(executionArn=started["executionArn"])
    assert ended["status"] == "SUCCEEDED"
    asked = [call for call in aws.calls(before) if call["operation"] == "CreateClusterSnapshot"]
    return json.loads(ended["output"])["outcome"], asked


def test_a_second_delivery_takes_no_second_snapshot(aws: EmulatedAws, night: dict[str, Any]) -> None:
    # GIVEN a night's snapshot
    # WHEN EventBridge delivers the same event once more
    outcome, asked = deliver(aws, night, json.loads(night["input"]))
    # THEN the run ends as the first did, and joined its snapshot
    assert (outcome, [call for call in asked if call["error"] is None]) == ("Taken", [])


def test_a_late_delivery_takes_no_snapshot(aws: EmulatedAws, night: dict[str, Any]) -> None:
    # GIVEN an event of three nights ago
    late = {
        **json.loads(night["input"]),
        "scheduled_time": (aws.now() - dt.timedelta(days=3)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    # WHEN it is delivered now
    # THEN the run says so and asks for none
    assert deliver(aws, night, late) == ("SkippedLate", [])
