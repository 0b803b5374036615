"""The watcher: one function in a stack, whose rights grow with its watches, and the watches of a plan in both Regions."""

from __future__ import annotations

import functools
import json
import re
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import jsonschema
import pytest
from aws_cdk import Duration
from aws_cdk import aws_sns as sns

from resilient_redshift import RecoveryPlan, RecoveryPointMonitor
from resilient_redshift.contract.watching import (
    ALONE,
    PRIMARY,
    RECOVERY,
    SIDES,
    WATCH_ACTIONS,
    WATCH_ACTIONS_ON_ALL,
    WATCH_RECORD_SCHEMA,
)
from resilient_redshift.core.environment import ArnParts
from resilient_redshift.errors import Problems
from resilient_redshift.watching._function import Rights, statements
from resilient_redshift.watching.watcher import CHECK_EVERY, Watcher, check_interval, period_of, watcher_id
from tests.emulator.cloudwatch_scene import Watched
from tests.scenes.clusters import new_app
from tests.scenes.recovery import (
    ACCOUNT,
    HOME,
    OBJECTIVES,
    existing,
    l1_cluster,
    of_type_with_watch,
    site_of,
    template_of,
    two_stacks,
)

PARTS = ArnParts("aws", "us-west-2", ACCOUNT)
ALARM = "AWS::CloudWatch::Alarm"
WATCHED = "Custom::RedshiftRecoveryPointWatch"


@functools.cache
def protected() -> tuple[RecoveryPlan, dict[str, Any], dict[str, Any]]:
    """A plan whose site tells of problems and of warnings, and both templates."""
    home, away = two_stacks()
    topics = [sns.Topic.from_topic_arn(away, name, f"arn:aws:sns:us-west-2:{ACCOUNT}:{name}") for name in "pw"]
    site = site_of(away, notify=topics[0], notify_warnings=topics[1])
    plan = site.protect(existing(home, iam_role_arns=[]), objectives=OBJECTIVES)
    return plan, template_of(home), template_of(away)


def record_in(template: dict[str, Any]) -> dict[str, Any]:
    """The record of the only watch."""
    [value] = [
        parameter["Properties"]["Value"]
        for parameter in of_type_with_watch(template, "AWS::SSM::Parameter").values()
        if "/watches/" in parameter["Properties"]["Name"]
    ]
    record: dict[str, Any] = json.loads(value)
    jsonschema.validate(record, WATCH_RECORD_SCHEMA)
    return record


def test_a_plan_is_watched_in_both_regions_and_each_side_knows_the_other() -> None:
    # GIVEN a plan WHEN synthesized THEN each Region has a watch, and the recovery Region knows who sends the heartbeat
    plan, home, away = protected()
    assert record_in(home) == {
        "version": 1,
        "watch": "legacy-us-east-1",
        "side": PRIMARY,
        "cluster": {"identifier": "legacy", "region": "us-east-1"},
        "plan": "legacy-us-east-1",
        "heartbeat": {"region": "us-west-2"},
    }
    sender = watcher_id(cdk.Stack.of(plan.copy))
    assert record_in(away)["side"] == RECOVERY
    assert record_in(away)["heartbeat"] == {"region": "us-east-1", "watcher": sender}
    # AND the rule at home says this id
    [rule] = [one for one in of_type_with_watch(home, "AWS::Events::Rule").values() if "Input" in str(one)]
    assert json.loads(rule["Properties"]["Targets"][0]["Input"]) == {"watcher": sender, "interval_seconds": 900}


def test_the_first_look_comes_after_all_that_it_needs_and_before_every_alarm() -> None:
    # GIVEN a plan WHEN synthesized THEN the watcher looks when copy, record, rights and rule exist
    _, home, away = protected()
    for template, record in ((home, "ResilientRedshiftPlanslegacyuseast1Record"), (away, "Sitelegacyuseast1Record")):
        [(look, resource)] = of_type_with_watch(template, WATCHED).items()
        [watch] = [name for name in resource["DependsOn"] if name.startswith("ResilientRedshiftWatcherlegacy")]
        assert any(name.startswith(record) for name in template["Resources"][watch]["DependsOn"])
        kinds = {template["Resources"][name]["Type"] for name in resource["DependsOn"]}
        assert kinds == {"AWS::IAM::Policy", "AWS::Events::Rule", "AWS::SSM::Parameter"}
        alarms = of_type_with_watch(template, "AWS::CloudWatch::Alarm")
        of_watch = [one for name, one in alarms.items() if name.startswith("ResilientRedshiftWatcher")]
        assert of_watch
        assert all(look in alarm["DependsOn"] for alarm in of_watch)
    [watch] = [name for name in home["Resources"] if name.startswith("ResilientRedshiftWatcherlegacy")]
    assert any("Copy" in name for name in home["Resources"][watch]["DependsOn"])


def test_the_composite_alarm_alone_notifies_of_problems() -> None:
    # GIVEN topics of a site WHEN synthesized THEN a pause excuses an old recovery point, and nothing else
    plan, _, away = protected()
    [alarm] = of_type_with_watch(away, "AWS::CloudWatch::CompositeAlarm").values()
    text = "".join(
        part if isinstance(part, str) else part["Ref"] for part in alarm["Properties"]["AlarmRule"]["Fn::Join"][1]
    )
    shape = [word for word in text.replace('"', " ").split() if not word.startswith("Resilient")]
    assert shape == ["(ALARM(", ")", "AND", "NOT", "ALARM(", "))", "OR", "ALARM(", ")"]
    assert [text.index(part) for part in ("AgeAlarm", "PausedAlarm", "SeverityAlarm")] == sorted(
        text.index(part) for part in ("AgeAlarm", "PausedAlarm", "SeverityAlarm")
    )
    assert alarm["Properties"]["AlarmActions"] == [f"arn:aws:sns:us-west-2:{ACCOUNT}:p"]
    assert plan.warning_alarm is not None
    assert plan.warning_alarm.alarm_actions == [f"arn:aws:sns:us-west-2:{ACCOUNT}:w"]


def failures_alarm(template: dict[str, Any]) -> dict[str, Any]:
    """The properties of the alarm on a watcher that fails."""
    [alarm] = [
        one["Properties"]
        for name, one in of_type_with_watch(template, "AWS::CloudWatch::Alarm").items()
        if "FailuresAlarm" in name
    ]
    return alarm  # type: ignore[no-any-return]


def test_a_silent_or_failing_watcher_at_home_rings() -> None:
    # GIVEN a plan WHEN each run of three periods fails, or none takes place THEN the alarm of the cluster's stack rings
    alarm = failures_alarm(protected()[1])
    filled, errors = alarm["Metrics"]
    metric = errors["MetricStat"]["Metric"]
    assert (metric["MetricName"], errors["MetricStat"]["Stat"], alarm["Threshold"]) == ("Errors", "Average", 1)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (3, "breaching")
    assert filled["Expression"] == "FILL(errors, 1)"


#: A fine value of the metric of each alarm that silence makes ring, and how many periods the first look writes.
FINE = {"AgeAlarm": (60, 4), "SeverityAlarm": (1, 4), "FailuresAlarm": (0, 1)}


def rung(kind: str, *, late: float = 0) -> list[float]:
    """When an alarm of the plan rang, in minutes since the last of six runs.

    Args:
        kind: the alarm. It is made three minutes after the first look.
        late: the minutes by which the third run is late.
    """
    watched = Watched()
    value, periods = FINE[kind]
    alarms = {name: one for template in protected()[1:] for name, one in of_type_with_watch(template, ALARM).items()}
    [properties] = [alarm["Properties"] for name, alarm in alarms.items() if kind in name]
    text = re.sub(r'{"Ref": ("\w+")}', r"\1", json.dumps({**properties, "AlarmActions": []}))
    metric = json.loads(text)["Metrics"][1]["MetricStat"]["Metric"]
    dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}

    def look(ago: float = 0) -> None:
        watched.put(value, metric["MetricName"], ago, namespace=metric["Namespace"], **dimensions)

    for number in range(periods):
        look(ago=15 * number)
    watched.advance(3)
    watched.alarm(**json.loads(text))
    for number in range(1, 7):
        watched.advance(15 * number + (late if number == 3 else 0) - watched.elapsed())
        look()
    last = watched.elapsed()
    watched.advance(240)
    return [minute - last for minute, state in watched.changes() if state == "ALARM"]


@pytest.mark.parametrize("kind", FINE)
def test_a_watch_whose_data_stop_rings_within_46_minutes(kind: str) -> None:
    # GIVEN a watch whose alarm is made right after the first look WHEN its watcher is deleted THEN it rings once, in time
    [after] = rung(kind)
    assert 45 <= after <= 46


@pytest.mark.parametrize("kind", FINE)
def test_a_run_that_is_late_does_not_ring(kind: str) -> None:
    # GIVEN a run that is nearly a period late WHEN the others come in time THEN the alarm rings for the end only
    [after] = rung(kind, late=14)
    assert 45 <= after <= 46


def test_the_shortest_interval_of_a_stack_counts() -> None:
    # GIVEN a watcher of a plan that looks once an hour, and monitors of the same stack
    stack = cdk.Stack(new_app(), "Home", env=HOME)
    Watcher.of(stack, every=timedelta(hours=1), rights=Rights()).failures_alarm  # noqa: B018 - the first read makes it
    # WHEN one of them looks more often THEN the one watcher looks as often
    for number, minutes in enumerate((30, 10, 20)):
        cluster = l1_cluster(stack, f"Warehouse{number}")
        RecoveryPointMonitor(
            stack,
            f"Monitor{number}",
            clusters=[cluster],
            recovery_point=Duration.hours(9),
            check_every=Duration.minutes(minutes),
        )
    template = template_of(stack)
    [rule] = of_type_with_watch(template, "AWS::Events::Rule").values()
    assert rule["Properties"]["ScheduleExpression"] == "rate(10 minutes)"
    assert json.loads(rule["Properties"]["Targets"][0]["Input"])["interval_seconds"] == 600
    # AND the alarm on its runs, and the data before them, have the period of these looks
    assert failures_alarm(template)["Metrics"][1]["MetricStat"]["Period"] == 900
    [look] = of_type_with_watch(template, WATCHED).values()
    assert look["Properties"]["PeriodSeconds"] == "900"
    # AND one custom resource looks at all of them
    assert look["Properties"]["Watches"] == [f"cluster.warehouse{number}" for number in range(3)]


def test_the_rights_are_those_of_the_contract() -> None:
    # GIVEN the sides of a watcher WHEN it serves all of them THEN it may call what the code calls, and nothing twice
    rights = Rights(frozenset(SIDES), recovery_regions=("eu-west-1",), machines=("m",), functions=("f",))
    given = [statement for statement, _ in statements(PARTS, "w1", rights)]
    allowed = {
        action
        for statement in given
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    wanted = {action for actions in (*WATCH_ACTIONS.values(), *WATCH_ACTIONS_ON_ALL.values()) for action in actions}
    assert wanted <= allowed
    # AND it may change parameters of its own folders only
    written = [str(one["Resource"]) for one in given if "ssm:PutParameter" in one["Action"]]
    assert len(written) == 2
    assert all("/w1" in one for one in written)


def test_a_monitor_alone_may_read_no_plan_and_send_no_heartbeat() -> None:
    # GIVEN a watcher of clusters without a plan WHEN its rights are read THEN nothing of plans is in them
    text = str(list(statements(PARTS, "w1", Rights(frozenset({ALONE})))))
    assert "/plans/" not in text
    assert "heartbeats" not in text
    assert "states:" not in text


def test_intervals_and_periods() -> None:
    # GIVEN intervals WHEN checked THEN minutes from 5 to 60 pass, and an alarm never waits for less than a look
    problems = Problems("x")
    assert check_interval(problems, "check_every", Duration.minutes(60)) == timedelta(hours=1)
    assert check_interval(problems, "check_every", timedelta(minutes=5)) == timedelta(minutes=5)
    problems.raise_if_any()
    assert (period_of(timedelta(minutes=5)), period_of(CHECK_EVERY), period_of(timedelta(hours=1))) == (900, 900, 3600)
