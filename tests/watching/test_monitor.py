"""The monitor: any cluster of the stack's Region, its alarms and who hears of them, planned windows, and bad input."""

from __future__ import annotations

import functools
import json
from typing import Any

import aws_cdk as cdk
import jsonschema
import pytest
from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sns as sns

from resilient_redshift import (
    ExistingCluster,
    RecoveryPointMonitor,
    ResilientCluster,
    ResilientRedshiftError,
    SnapshotSchedule,
    SnapshotTimes,
)
from resilient_redshift.contract.watching import WATCH_RECORD_SCHEMA
from tests.recovery.test_recorded_facts import differences, on_every_node
from tests.scenes.clusters import new_app, vpc_of
from tests.scenes.recovery import (
    HOME,
    OBJECTIVES,
    existing,
    l1_cluster,
    of_type_with_watch,
    site_of,
    template_of,
    two_stacks,
)

SIX_HOURS = Duration.hours(6)


@functools.cache
def monitored() -> tuple[RecoveryPointMonitor, dict[str, Any]]:
    """A monitor with everything, over a cluster of another tool and a cluster of the stack; and its template."""
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    topics = [sns.Topic.from_topic_arn(stack, name, f"arn:aws:sns:us-east-1:{HOME.account}:{name}") for name in "pw"]
    monitor = RecoveryPointMonitor(
        stack,
        "Monitor",
        clusters=[
            existing(stack),
            ResilientCluster(stack, "Own", cluster_identifier="own", vpc=vpc_of(stack), node_type="ra3.large"),
        ],
        recovery_point=SIX_HOURS,
        notify=topics[0],
        notify_warnings=topics[1],
        check_every=Duration.minutes(30),
        size_drop_percent=None,
    )
    monitor.mute(
        "Release",
        schedule=cloudwatch.ScheduleExpression.cron(
            minute="0", hour="22", week_day="SAT", time_zone=cdk.TimeZone.EUROPE_BERLIN
        ),
        duration=Duration.hours(4),
    )
    return monitor, template_of(stack)


def records() -> dict[str, Any]:
    """The records of the watches, by name; a reference is its logical id."""
    found = {}
    for parameter in of_type_with_watch(monitored()[1], "AWS::SSM::Parameter").values():
        value = parameter["Properties"]["Value"]
        parts = value["Fn::Join"][1] if isinstance(value, dict) else [value]
        record = json.loads(
            "".join(part if isinstance(part, str) else str(next(iter(part.values()))) for part in parts)
        )
        found[record["watch"]] = record
    return found


def test_three_lines_are_enough() -> None:
    # GIVEN a cluster that somebody else made WHEN a stack of its own watches it
    stack = cdk.Stack(new_app(), "Watch", env=HOME)
    old = ExistingCluster.from_identifier(stack, "Old", "legacy")
    RecoveryPointMonitor(stack, "Monitor", clusters=[old], recovery_point=Duration.hours(12))
    # THEN a rule calls a function every 15 minutes, and nobody is told, but four alarms show it
    template = template_of(stack)
    [rule] = of_type_with_watch(template, "AWS::Events::Rule").values()
    assert rule["Properties"]["ScheduleExpression"] == "rate(15 minutes)"
    assert len(of_type_with_watch(template, "AWS::CloudWatch::CompositeAlarm")) == 1
    assert len([name for name in of_type_with_watch(template, "AWS::CloudWatch::Alarm") if "legacy" in name]) == 3


def test_each_cluster_has_a_record_that_says_what_the_app_declares() -> None:
    # GIVEN a monitor of two clusters WHEN synthesized THEN the records have the schema of the contract
    found = records()
    for record in found.values():
        jsonschema.validate(record, WATCH_RECORD_SCHEMA)
    # AND what is unknown of a cluster is not declared
    assert found["cluster.legacy"]["watch_for"] == {"declared": {}, "longest_gap_seconds": 9 * 3600}
    assert found["cluster.own"]["watch_for"]["declared"] == {
        "automated_days": 7,
        "encryption_key": "['OwnKey2511D256', 'Arn']",
    }
    assert {record["objectives"]["recovery_point_seconds"] for record in found.values()} == {6 * 3600}
    # AND a cluster of the stack is referred to, so that it is made first
    assert found["cluster.legacy"]["cluster"] == {"identifier": "legacy", "region": "us-east-1"}
    assert found["cluster.own"]["cluster"]["identifier"].startswith("Own")


def test_one_alarm_over_the_others_notifies_of_problems_and_one_of_warnings() -> None:
    # GIVEN topics for both WHEN synthesized
    _, template = monitored()
    composites = of_type_with_watch(template, "AWS::CloudWatch::CompositeAlarm")
    alarms = {name: one["Properties"] for name, one in of_type_with_watch(template, "AWS::CloudWatch::Alarm").items()}
    # THEN each composite alarm notifies of problems, and an alarm under it notifies nobody
    assert [one["Properties"]["AlarmActions"] for one in composites.values()] == [
        [f"arn:aws:sns:us-east-1:{HOME.account}:p"]
    ] * 2
    own = {name: one for name, one in alarms.items() if "clusterlegacy" in name}
    told = {name: one["AlarmActions"] for name, one in own.items() if "AlarmActions" in one}
    [[warning, actions]] = told.items()
    assert ("legacyWarningAlarm" in warning, actions) == (
        True,
        [f"arn:aws:sns:us-east-1:{HOME.account}:w"],
    )
    # AND a period is as long as the time between two looks, and three of them count
    age = next(one for name, one in own.items() if "AgeAlarm" in name)
    measured = age["Metrics"][1]["MetricStat"]
    assert (measured["Period"], age["EvaluationPeriods"], age["TreatMissingData"]) == (1800, 3, "breaching")
    assert age["Threshold"] == 6 * 3600
    assert measured["Metric"]["Dimensions"] == [{"Name": "ClusterIdentifier", "Value": "legacy"}]


def test_a_monitor_of_another_id_makes_the_same_record() -> None:
    # GIVEN one cluster WHEN monitors of two ids watch it in the same stack of two releases of an app
    def found(construct_id: str) -> dict[str, str]:
        stack = cdk.Stack(new_app(), "Home", env=HOME)
        RecoveryPointMonitor(stack, construct_id, clusters=[existing(stack)], recovery_point=SIX_HOURS)
        parameters = of_type_with_watch(template_of(stack), "AWS::SSM::Parameter")
        return {name: one["Properties"]["Name"] for name, one in parameters.items()}

    # THEN the parameter has one logical id: with two, CloudFormation would make the second one, whose name is taken
    assert found("Monitor") == found("Watch")
    assert len(found("Monitor")) == 1


def test_every_alarm_says_what_to_do_and_waits_for_data() -> None:
    # GIVEN the alarms of the watch WHEN synthesized THEN those that notify name the page, and all come after the first look
    _, template = monitored()
    [look] = of_type_with_watch(template, "Custom::RedshiftRecoveryPointWatch")
    for name, alarm in of_type_with_watch(template, "AWS::CloudWatch::Alarm").items():
        if "cluster" in name:
            assert look in alarm["DependsOn"]
        if "WarningAlarm" in name:
            assert "docs/watching.md" in json.dumps(alarm)
    for alarm in of_type_with_watch(template, "AWS::CloudWatch::CompositeAlarm").values():
        assert "docs/watching.md" in json.dumps(alarm["Properties"]["AlarmDescription"])


def test_a_planned_window_mutes_what_notifies() -> None:
    # GIVEN a window on Saturday nights WHEN synthesized THEN the rule mutes the alarms with actions, in its time zone
    [rule] = of_type_with_watch(monitored()[1], "AWS::CloudWatch::AlarmMuteRule").values()
    assert rule["Properties"]["Rule"]["Schedule"] == {
        "Expression": "cron(0 22 * * SAT)",
        "Duration": "PT240M",
        "Timezone": "Europe/Berlin",
    }
    assert len(rule["Properties"]["MuteTargets"]["AlarmNames"]) == 4


def test_metrics_have_the_dimension_that_is_written() -> None:
    # GIVEN two watched clusters WHEN a metric of one is asked for THEN it has that cluster's dimension
    monitor, _ = monitored()
    legacy = monitor.node.scope.node.find_child("Legacy")  # type: ignore[union-attr]
    metric = monitor.metric_recovery_point_age(cluster=legacy)  # type: ignore[arg-type]
    assert (metric.metric_name, metric.dimensions) == ("RecoveryPointAge", {"ClusterIdentifier": "legacy"})
    assert monitor.metric("ManualSnapshotQuotaUsed", cluster=legacy).dimensions in ({}, None)  # type: ignore[arg-type]
    # AND without a cluster it is not clear which one is meant
    with pytest.raises(ResilientRedshiftError, match="the monitor watches several"):
        monitor.metric_finding_severity()


def refused(**changes: Any) -> str:
    """The error of a monitor with one bad argument."""
    home, away = two_stacks()
    given: dict[str, Any] = {"clusters": [existing(home)], "recovery_point": SIX_HOURS}
    given |= {name: change(home, away) if callable(change) else change for name, change in changes.items()}
    with pytest.raises(ResilientRedshiftError) as error:
        RecoveryPointMonitor(home, "Monitor", **given)
    return str(error.value)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "none": ({"clusters": []}, "'clusters' must be one or more"),
    "twice": ({"clusters": lambda home, _: [l1_cluster(home)] * 2}, "'clusters' must be different clusters"),
    "elsewhere": ({"clusters": lambda _, away: [existing(away)]}, "a watcher sees its own Region only"),
    "age": ({"recovery_point": Duration.hours(0)}, "'recovery_point' must be longer than zero"),
    "often": ({"check_every": Duration.minutes(4)}, "'check_every' must be a Duration of 5 to 60 whole minutes"),
    "odd": ({"check_every": Duration.seconds(330)}, "'check_every' must be a Duration of 5 to 60 whole minutes"),
    "drop": ({"size_drop_percent": 100}, "'size_drop_percent' must be a whole number, 1 to 99"),
    "topic": (
        {"notify_warnings": lambda _, away: sns.Topic(away, "Topic")},
        "'notify_warnings' must be a topic in us-east-1",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused(name: str) -> None:
    # GIVEN one bad argument WHEN a monitor is made THEN the error names it
    changes, words = BAD[name]
    assert words in refused(**changes)


def test_a_cluster_has_one_watch() -> None:
    # GIVEN a cluster that a plan protects WHEN a monitor is to watch it too THEN the error says that the plan does
    home, away = two_stacks()
    cluster = existing(home)
    site_of(away).protect(cluster, objectives=OBJECTIVES)
    with pytest.raises(
        ResilientRedshiftError, match=r"Away/Site/legacy-us-east-1 \(RecoveryPlan\)' watches it already"
    ):
        RecoveryPointMonitor(home, "Monitor", clusters=[cluster], recovery_point=SIX_HOURS)


WINDOWS: dict[str, tuple[str, Duration, str]] = {
    "dialect": (
        "cron(0 2 * * ? *)",
        SIX_HOURS,
        "'schedule' must be cron(Minutes Hours Day-of-month Month Day-of-week)",
    ),
    "rate": ("rate(1 day)", SIX_HOURS, "'schedule' must be"),
    "long": ("at(2027-01-01T00:00)", Duration.days(16), "'duration' must be a Duration of 1 minute to 15 days"),
    "seconds": ("at(2027-01-01T00:00)", Duration.seconds(90), "'duration' must be"),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_that_cloudwatch_refuses_is_refused(name: str) -> None:
    # GIVEN a schedule or a length that CloudWatch does not take WHEN a window is declared THEN the error names it
    expression, duration, words = WINDOWS[name]
    monitor, _ = monitored()
    with pytest.raises(ResilientRedshiftError) as error:
        monitor.mute("Bad", schedule=cloudwatch.ScheduleExpression.expression(expression), duration=duration)
    assert words in str(error.value)


def test_a_reference_of_another_stack_is_refused_where_it_would_be_exported() -> None:
    # GIVEN a cluster of another stack without a literal identifier WHEN watched THEN no export is made
    app = new_app()
    here, there = cdk.Stack(app, "Here", env=HOME), cdk.Stack(app, "There", env=HOME)
    generated = l1_cluster(there, cluster_identifier=None)
    with pytest.raises(ResilientRedshiftError, match="or one with a literal identifier"):
        RecoveryPointMonitor(here, "Monitor", clusters=[generated], recovery_point=SIX_HOURS)


def changed_later(change: Any) -> tuple[cdk.App, cdk.Stack]:
    """A monitor of a cluster that an Aspect changes, and that gets a schedule, after the monitor was made."""
    app = new_app()
    stack = cdk.Stack(app, "Home", env=HOME)
    cluster = l1_cluster(stack, automated_snapshot_retention_period=7)
    RecoveryPointMonitor(stack, "Monitor", clusters=[cluster], recovery_point=SIX_HOURS)
    on_every_node(app, lambda node: change(node) if node is cluster else None)
    SnapshotSchedule(stack, "Schedule", clusters=[cluster], times=[SnapshotTimes.every(Duration.hours(6))])
    return app, stack


def test_the_record_says_what_the_definition_is_at_synth() -> None:
    # GIVEN a monitor WHEN its cluster's definition changes later, and the cluster gets a schedule
    def change(l1: Any) -> None:
        l1.automated_snapshot_retention_period = 14
        l1.availability_zone_relocation = True

    _, stack = changed_later(change)
    # THEN synth passes, and the watcher compares the live cluster with what the template says
    text = json.dumps(template_of(stack)).replace("\\", "")
    assert '"automated_days":14' in text
    assert '"relocation":true' in text
    assert '"snapshot_schedule":' in text
    assert f'"longest_gap_seconds":{7 * 3600}' in text


def test_a_change_that_the_record_cannot_know_is_an_error_at_synth() -> None:
    # GIVEN a monitor WHEN an escape hatch changes what its record says THEN synth says so
    app, _ = changed_later(lambda l1: l1.add_property_override("AutomatedSnapshotRetentionPeriod", 3))
    assert differences(app) == {"AutomatedSnapshotRetentionPeriod"}
