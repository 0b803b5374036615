"""Rehearsals: rules, alarms, plan records, and the arguments that are refused."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from resilient_redshift import (
    Objectives,
    RecoveryDrill,
    RecoveryPlan,
    RecoveryRestore,
    ResilientRedshiftError,
    SqlCheck,
)
from resilient_redshift.recovery.drill import default_schedule
from resilient_redshift.schedules.eventbridge import parse_schedule
from tests.recovery.test_plan import record_in
from tests.scenes.clusters import new_stack, number_parameter, text_parameter
from tests.scenes.recovery import AWAY, OBJECTIVES, existing, of_type, site_of, template_of, two_stacks
from tests.templates.resolve import depends_on

if TYPE_CHECKING:
    from collections.abc import Callable

ALARM, RULE = "AWS::CloudWatch::Alarm", "AWS::Events::Rule"
SUNDAYS = events.Schedule.cron(week_day="SUN", hour="6", minute="0")
DAY = 86_400
CHECK = SqlCheck("select count(*) > 0 from sales", name="rows")


def new_plan(**arguments: Any) -> tuple[cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    plan = site_of(away, **arguments).protect(existing(home, "sales"), objectives=OBJECTIVES)
    return away, plan


def rules(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rules, by the mode of the run that they start; ``cleanup`` for the one that calls the clean-up."""
    by_mode = {}
    for rule in of_type(template, RULE).values():
        [target] = rule["Properties"]["Targets"]
        text = target.get("Input") or target["InputTransformer"]["InputTemplate"].replace("<time>", '"T"')
        run_input = json.loads(text)
        by_mode[run_input.get("mode", "cleanup")] = {**rule, "input": run_input, "target": target}
    return by_mode


def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The alarms on drills, by their ids."""
    names = ("Failed", "Slow", "Stale", "Inconclusive", "LeftBehind", "Missed")
    return {
        name: item["Properties"]
        for name in names
        for key, item in of_type(template, ALARM).items()
        if "Drills" in key and f"{name}Alarm" in key
    }


@pytest.fixture(scope="module")
def weekly() -> dict[str, Any]:
    """A template of a plan that is rehearsed each Sunday. No test may change it."""
    home, away = two_stacks()
    site = site_of(away, notify=sns.Topic(away, "Topic"))
    plan = site.protect(existing(home, "sales"), objectives=OBJECTIVES)
    plan.rehearse("Weekly", schedule=SUNDAYS, checks=[CHECK], node_type="ra3.large", number_of_nodes=2)
    return template_of(away)


def test_a_rule_starts_a_drill_named_after_its_time(weekly: dict[str, Any]) -> None:
    # GIVEN a rehearsal WHEN its rule fires THEN the machine gets the plan, the time and the smaller cluster
    rule = rules(weekly)["drill"]
    assert rule["Properties"]["ScheduleExpression"] == "cron(0 6 ? * SUN *)"
    assert rule["Properties"]["State"] == "ENABLED"
    assert rule["input"] == {
        "plan": "sales-us-east-1",
        "mode": "drill",
        "node_type": "ra3.large",
        "number_of_nodes": 2,
        "scheduled_time": "T",
    }
    assert rule["target"]["InputTransformer"]["InputPathsMap"] == {"time": "$.time"}


def test_another_rule_cleans_up_each_hour(weekly: dict[str, Any]) -> None:
    rule = rules(weekly)["cleanup"]
    minute, *rest = rule["Properties"]["ScheduleExpression"].removeprefix("cron(").removesuffix(")").split()
    assert 0 <= int(minute) <= 59
    assert rest == ["*", "*", "*", "?", "*"]
    assert rule["input"] == {"plan": "sales-us-east-1"}
    assert rule["target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}


def test_no_event_is_lost_and_rules_wait_for_what_a_run_needs(weekly: dict[str, Any]) -> None:
    # GIVEN both rules WHEN the template is read THEN a lost event goes to the queue, and rights and record exist first
    [record] = of_type(weekly, "AWS::SSM::Parameter")
    for mode, rule in rules(weekly).items():
        assert rule["target"]["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("ResilientRedshiftDeadLetters")
        names = depends_on(rule)
        needed = ["EventsPolicy", "MachinePlans"] if mode == "drill" else ["CleanUpRules"]
        assert [name for each in needed for name in names if each in name], mode
        assert record in names, mode


def test_alarms_on_the_last_verdict(weekly: dict[str, Any]) -> None:
    # GIVEN objectives of 26 and 4 hours WHEN a drill misses one THEN its alarm is in alarm until a better drill
    by_name = alarms(weekly)
    watched = {name: (one.get("MetricName"), one["Threshold"]) for name, one in by_name.items() if name != "Missed"}
    assert watched == {
        "Failed": ("DrillFailed", 1),
        "Slow": ("DrillRecoveryTime", 4 * 3600),
        "Stale": ("DrillRecoveryPoint", 26 * 3600),
        "Inconclusive": ("DrillsInconclusive", 2),
        "LeftBehind": ("DrillLeftBehind", 1),
    }
    for name in watched:
        over = name in {"Slow", "Stale"}
        comparison = "GreaterThanThreshold" if over else "GreaterThanOrEqualToThreshold"
        assert (by_name[name]["ComparisonOperator"], by_name[name]["TreatMissingData"]) == (comparison, "ignore")
        assert by_name[name]["Dimensions"] == [{"Name": "Plan", "Value": "sales-us-east-1"}]


def test_a_missed_drill_is_an_alarm(weekly: dict[str, Any]) -> None:
    # GIVEN a drill each week WHEN none had a verdict for eight days, or no age is published THEN the alarm is in alarm
    missed = alarms(weekly)["Missed"]
    assert (missed["Threshold"], missed["ComparisonOperator"]) == (8 * DAY, "GreaterThanThreshold")
    assert (missed["TreatMissingData"], missed["EvaluationPeriods"]) == ("breaching", 3)
    expression, watched = missed["Metrics"]
    assert expression["Expression"] == "FILL(age, 1000000000)"
    assert watched["MetricStat"]["Metric"]["MetricName"] == "DrillAge"
    assert watched["MetricStat"]["Stat"] == "Maximum"


def test_every_alarm_notifies_the_sites_topic(weekly: dict[str, Any]) -> None:
    assert len(alarms(weekly)) == 6
    for one in alarms(weekly).values():
        assert one["AlarmActions"] == [{"Ref": "TopicBFC7AF6E"}]


def test_the_record_has_rehearsals_and_checks() -> None:
    # GIVEN a plan WHEN it is rehearsed THEN both records have the rehearsal and its checks
    home, away = two_stacks()
    plan = site_of(away).protect(existing(home, "sales"), objectives=OBJECTIVES, checks=[CHECK])
    other = SqlCheck("select 1 = 1")
    drill = plan.rehearse("Weekly", schedule=SUNDAYS, checks=[CHECK, other])
    for stack in (home, away):
        record = record_in(stack)
        assert record["drill"]["rehearsals"] == [{"name": "weekly", "schedule": "cron(0 6 ? * SUN *)", "enabled": True}]
        assert record["drill"]["longest_gap_seconds"] == 7 * DAY
        assert [one["name"] for one in record["checks"]] == ["rows", other.name]
    assert (drill.rehearsal_name, drill.plan_name, drill.enabled) == ("weekly", "sales-us-east-1", True)


def test_rehearsals_share_one_watch() -> None:
    # GIVEN a monthly and a weekly rehearsal WHEN synthesized THEN one rule cleans up, and the age follows both schedules
    away, plan = new_plan()
    first = plan.rehearse("Monthly")
    assert first.longest_gap == timedelta(days=31)
    second = plan.rehearse("Weekly", schedule=SUNDAYS, node_type="ra3.large", number_of_nodes=2)
    template = template_of(away)
    assert len(of_type(template, RULE)) == 3
    assert alarms(template)["Missed"]["Threshold"] == 8 * DAY
    assert first.alarms is second.alarms
    assert len(first.alarms) == 6
    assert [one["name"] for one in record_in(away)["drill"]["rehearsals"]] == ["monthly", "weekly"]


def test_a_rehearsal_that_is_off_is_not_missed() -> None:
    # GIVEN a rehearsal that is not enabled WHEN synthesized THEN its rule is off, and no alarm expects a drill
    away, plan = new_plan()
    drill = plan.rehearse("Weekly", schedule=SUNDAYS, enabled=False)
    template = template_of(away)
    assert rules(template)["drill"]["Properties"]["State"] == "DISABLED"
    assert rules(template)["cleanup"]["Properties"]["State"] == "ENABLED"
    assert "Missed" not in alarms(template)
    assert drill.longest_gap is None
    drills = record_in(away)["drill"]
    assert drills["rehearsals"][0]["enabled"] is False
    assert "longest_gap_seconds" not in drills


def test_the_default_is_once_a_month_at_the_plans_own_time() -> None:
    # GIVEN plans without a schedule WHEN rehearsed THEN monthly, and not all at once
    expressions = {default_schedule(f"plan-{number}") for number in range(40)}
    assert len(expressions) > 35
    for expression in expressions:
        gap = parse_schedule(expression).longest_gap()
        assert gap == timedelta(days=31)
    away, plan = new_plan()
    plan.rehearse("Monthly")
    assert rules(template_of(away))["drill"]["Properties"]["ScheduleExpression"] == default_schedule("sales-us-east-1")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"construct_id": "Every Week"}, "'construct_id' must be 1 to 63 letters"),
        ({"construct_id": "Monthly"}, "'construct_id' must be a name that the plan does not have yet"),
        ({"construct_id": "monthly"}, "'construct_id' must be a name that the plan does not have yet"),
        ({"construct_id": "Record"}, "'construct_id' must be a name that the plan does not have yet"),
        ({"schedule": "rate(7 days)"}, "'schedule' must be an events.Schedule, got 'rate(7 days)'"),
        (
            {"schedule": lambda stack: events.Schedule.expression(text_parameter(stack))},
            "'schedule' must be known at synth, got 'a token'",
        ),
        (
            {"schedule": events.Schedule.rate(cdk.Duration.hours(12))},
            "'schedule' must be a schedule of drills at least one day apart",
        ),
        (
            {"schedule": events.Schedule.expression("cron(0 3 1 1 ? 2030)")},
            "'schedule' must be a schedule without an end",
        ),
        ({"node_type": "ra3large"}, "'node_type' must be a node type"),
        ({"node_type": text_parameter}, "'node_type' must be known at synth, got 'a token'"),
        ({"number_of_nodes": 0}, "'number_of_nodes' must be a whole number from 1 to 128"),
        ({"number_of_nodes": number_parameter}, "'number_of_nodes' must be known at synth, got 'a token'"),
        ({"node_type": "ra3.4xlarge", "number_of_nodes": 1}, "'number_of_nodes' must be 2 or more for ra3.4xlarge"),
        ({"checks": [CHECK, SqlCheck("select 1", name="rows")]}, "'checks' must be checks with different names"),
        ({"point": "oldest"}, "'point' must be 'newest', 'random', or a Duration, the least age of the recovery point"),
        ({"point": 7}, "'point' must be 'newest', 'random', or a Duration, the least age of the recovery point"),
        ({"point": cdk.Duration.days(3654)}, "'point' must be at most 3653 days"),
        ({"point": timedelta(0)}, "'point' must be longer than zero"),
        ({"point": timedelta(seconds=1.5)}, "'point' must be a Duration of whole seconds"),
        (
            {"point": lambda stack: cdk.Duration.days(number_parameter(stack))},
            "'point' must be a Duration known at synth",
        ),
    ],
)
def test_refuses(changes: dict[str, Any | Callable[[cdk.Stack], Any]], problem: str) -> None:
    # GIVEN a rehearsed plan WHEN another rehearsal has one mistake THEN the error has one problem, and the call leaves no trace
    away, plan = new_plan()
    plan.rehearse("Monthly")
    changed = {name: value(away) if callable(value) else value for name, value in changes.items()}
    before = [child.node.id for child in plan.node.children]
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.rehearse(**{"construct_id": "Weekly", "schedule": SUNDAYS, **changed})
    [reported] = caught.value.problems
    assert problem in reported
    assert caught.value.where == "Away/Site/sales-us-east-1 (RecoveryPlan.rehearse)"
    assert [child.node.id for child in plan.node.children] == before
    assert len(plan._records.contents.rehearsals) == 1


def test_the_point_of_a_rehearsal_is_in_the_input_of_its_drills() -> None:
    # GIVEN rehearsals of an old, a random and the newest point WHEN synthesized THEN each rule's input says which
    away, plan = new_plan()
    for name, point in (("Old", cdk.Duration.days(30)), ("Random", "random"), ("Newest", "newest")):
        plan.rehearse(name, point=point)
    given = [
        json.loads(rule["Properties"]["Targets"][0]["InputTransformer"]["InputTemplate"].replace("<time>", '"T"'))
        for rule in of_type(template_of(away), RULE).values()
        if "InputTransformer" in rule["Properties"]["Targets"][0]
    ]
    assert sorted(str(one.get("point")) for one in given if one["mode"] == "drill") == ["2592000", "None", "random"]


def test_checks_that_fill_the_record_are_named() -> None:
    # GIVEN Parameter Store's 8 KB WHEN checks fill them THEN the call is refused, and the error names the largest part
    home, away = two_stacks()
    site = site_of(away)
    many = [SqlCheck(f"select {number} = {'1' * 1900}") for number in range(4)]
    with pytest.raises(ResilientRedshiftError, match=r"'plan record' must be 8192 bytes at most.*'checks' takes \d{4}"):
        site.protect(existing(home, "a"), objectives=OBJECTIVES, checks=many)
    plan = site.protect(existing(home, "b"), objectives=OBJECTIVES, checks=many[:3])
    with pytest.raises(ResilientRedshiftError, match=r"'checks' takes \d{4}"):
        plan.rehearse("Weekly", schedule=SUNDAYS, checks=many)
    assert [child.node.id for child in plan.node.children] == ["Record"]


def test_a_rehearsal_whose_record_is_too_large_leaves_nothing() -> None:
    # GIVEN a plan whose record is nearly full, and a schedule with a long expression
    home, away = two_stacks()
    odd_days = ",".join(str(day) for day in range(1, 28, 2))
    schedule = events.Schedule.expression(f"cron(0 6 {odd_days} * ? *)")
    filler = [SqlCheck(f"select {number} = {'1' * 1560}") for number in range(4)]
    plan = site_of(away).protect(existing(home), objectives=OBJECTIVES, checks=filler)
    before, record = [child.node.id for child in plan.node.children], plan._records.contents
    # WHEN checks of ever fewer characters are added THEN each refused call leaves nothing, until one fits
    lengths = iter(range(400, 0, -4))
    checks = [SqlCheck(f"select {'1' * next(lengths)}", name="x")]
    while not plan._records.contents.rehearsals:
        with contextlib.suppress(ResilientRedshiftError):
            plan.rehearse("Weekly", schedule=schedule, checks=checks)
            continue
        assert [child.node.id for child in plan.node.children] == before
        assert plan._records.contents == record
        checks = [SqlCheck(f"select {'1' * next(lengths)}", name="x")]
    # AND the one that fits is rehearsed
    assert next(lengths) < 396
    assert [rehearsal["schedule"] for rehearsal in plan._records.contents.rehearsals] == [schedule.expression_string]


def standalone(**changes: Any) -> RecoveryDrill:
    stack = new_stack(AWAY)
    restore = RecoveryRestore(stack, "Restore")
    restore.add_plan("sales", cluster_identifier="sales", encryption_key=kms.Key(stack, "Key"))
    arguments = {"restore": restore, "plan_name": "sales", "objectives": OBJECTIVES, **changes}
    return RecoveryDrill(stack, "Weekly", **arguments)


def test_it_needs_no_plan_construct() -> None:
    # GIVEN a machine with a plan WHEN a drill is made without RecoveryPlan THEN it has the same metrics
    drill = standalone(schedule=SUNDAYS)
    metric = drill.metric("DrillRecoveryTime")
    assert (metric.metric_name, metric.dimensions) == ("DrillRecoveryTime", {"Plan": "sales"})
    assert drill.metric("DrillCheckFailed", check_name="size").dimensions == {"Plan": "sales", "Check": "size"}
    assert drill.longest_gap == timedelta(days=7)


def test_two_rehearsals_of_a_plan_have_different_names_in_every_scope() -> None:
    drill = standalone()
    with pytest.raises(
        ResilientRedshiftError,
        match=r"'construct_id' must be a name that no other rehearsal of the plan has, got 'weekly'",
    ):
        RecoveryDrill(drill, "weekly", restore=drill._restore, plan_name="sales", objectives=OBJECTIVES)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"plan_name": "other"}, "'plan_name' must be a plan that 'restore' has, got 'other'"),
        ({"restore": RecoveryRestore}, "'restore' must be a RecoveryRestore of this stack"),
        ({"objectives": "soon"}, "'objectives' must be an Objectives, got 'soon'"),
    ],
)
def test_alone_it_refuses(changes: dict[str, Any], problem: str) -> None:
    if changes.get("restore") is RecoveryRestore:
        other = new_stack(AWAY)
        restore = RecoveryRestore(other, "Restore")
        restore.add_plan("sales", cluster_identifier="sales", encryption_key=kms.Key(other, "Key"))
        changes = {"restore": restore}
    with pytest.raises(ResilientRedshiftError) as caught:
        standalone(**changes)
    [reported] = caught.value.problems
    assert problem in reported
    assert caught.value.where == "Stack/Weekly (RecoveryDrill)"


def test_a_long_recovery_time_allows_a_daily_drill() -> None:
    # GIVEN a recovery time of one day WHEN rehearsed each day THEN it passes: a drill gives up after 20 hours at most
    long = Objectives(recovery_point=timedelta(days=2), recovery_time=timedelta(days=1))
    assert standalone(objectives=long, schedule=events.Schedule.rate(cdk.Duration.days(1))).enabled
