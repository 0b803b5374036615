"""What applies retention tiers, as it stands in a template: rules, rights, alarms, names."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from resilient_redshift import RecoveryTiers, ResilientRedshiftError
from resilient_redshift.contract import names
from tests.scenes.clusters import new_stack, text_parameter
from tests.scenes.nag import rules_found
from tests.scenes.recovery import AWAY, of_type, only, template_of
from tests.templates.laws import ROLE_CHARACTERS, role_sizes
from tests.templates.resolve import listed, policies, text

ALARM, RULE, MACHINE = "AWS::CloudWatch::Alarm", "AWS::Events::Rule", "AWS::StepFunctions::StateMachine"


def made(*plans: str, **arguments: Any) -> tuple[cdk.Stack, RecoveryTiers]:
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers", **arguments)
    for plan in plans or ("sales-us-east-1",):
        tiers.add_plan(plan, cluster_identifier="sales")
    return stack, tiers


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    template = template_of(stack)
    return [
        {**statement, "Resource": [text(template, one) for one in listed(statement.get("Resource", []))]}
        for name, found in policies(template).items()
        if "Events" not in name
        for statement in found
    ]


def alarm(stack: cdk.Stack, name: str) -> dict[str, Any]:
    [found] = [item["Properties"] for key, item in of_type(template_of(stack), ALARM).items() if name in key]
    return dict(found)


def test_a_rule_starts_the_machine_each_hour_with_the_plan() -> None:
    # GIVEN a plan WHEN added THEN one rule starts the machine, once an hour, and loses no event in silence
    stack, _ = made()
    properties = only(template_of(stack), RULE)["Properties"]
    [target] = properties["Targets"]
    assert json.loads(target["Input"]) == {"plan": "sales-us-east-1"}
    minute, *rest = properties["ScheduleExpression"].removeprefix("cron(").removesuffix(")").split()
    assert 0 <= int(minute) <= 59
    assert rest == ["*", "*", "*", "?", "*"]
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("ResilientRedshiftDeadLetters")
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}


def test_plans_do_not_all_run_at_once() -> None:
    stack, _ = made(*(f"plan-{number}" for number in range(12)))
    minutes = {item["Properties"]["ScheduleExpression"] for item in of_type(template_of(stack), RULE).values()}
    assert len(minutes) > 6


def test_the_rule_waits_for_its_policies() -> None:
    # GIVEN a rule WHEN synthesized THEN its role and the machine's may do their work before it fires
    stack, _ = made()
    depends = only(template_of(stack), RULE)["DependsOn"]
    assert [name for name in depends if "EventsPolicy" in name]
    assert [name for name in depends if "Plan" in name]


def test_it_may_re_date_and_mark_copies_of_its_clusters_only() -> None:
    # GIVEN a plan WHEN the rights are read THEN what changes something is bounded to its cluster, and nothing deletes
    stack, _ = made()
    allowed = [found for found in statements(stack) if found["Effect"] == "Allow"]
    changing = [found for found in allowed if "redshift:ModifyClusterSnapshot" in listed(found["Action"])]
    assert [(sorted(found["Action"]), found["Resource"]) for found in changing] == [
        (
            ["redshift:CreateTags", "redshift:ModifyClusterSnapshot"],
            ["arn:aws:redshift:us-west-2:111111111111:snapshot:sales/*sales-*"],
        )
    ]
    actions = {action for found in allowed for action in listed(found["Action"])}
    assert not [action for action in actions if "Delete" in action and not action.startswith("logs:")]


def test_it_reads_plan_records_of_this_region_only() -> None:
    stack, _ = made()
    [found] = [found for found in statements(stack) if found["Action"] == "ssm:GetParameter"]
    assert found["Resource"] == ["arn:aws:ssm:us-west-2:111111111111:parameter/resilient-redshift/plans/*"]


def test_other_names_and_other_tags_are_denied() -> None:
    # GIVEN a thief of the role WHEN it re-dates a snapshot by hand, or writes another tag THEN it is denied
    stack, _ = made()
    denied = {found["Action"]: found for found in statements(stack) if found["Effect"] == "Deny"}
    assert len(denied["redshift:ModifyClusterSnapshot"]["NotResource"]) == 2
    assert denied["redshift:CreateTags"]["Condition"] == {
        "ForAnyValue:StringNotEquals": {"aws:TagKeys": [names.TAG_TIER_APPLIED]}
    }


def test_metrics_go_to_our_namespace_only() -> None:
    stack, _ = made()
    [found] = [found for found in statements(stack) if found["Action"] == "cloudwatch:PutMetricData"]
    assert found["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}


def test_twenty_plans_with_the_longest_names_fit_the_role() -> None:
    # GIVEN 20 plans and clusters with names of 63 letters WHEN the role is measured THEN IAM takes it
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers")
    for number in range(20):
        tiers.add_plan(f"p{number:02}".ljust(63, "x"), cluster_identifier=f"c{number:02}".ljust(63, "x"))
    sizes = {name: size for name, size in role_sizes(template_of(stack)).items() if "Tiers" in name}
    assert sizes
    assert max(sizes.values()) < ROLE_CHARACTERS


def test_an_alarm_rings_when_a_run_fails() -> None:
    # GIVEN a topic WHEN a run fails, times out or is aborted THEN it is told
    stack = new_stack(AWAY)
    topic = sns.Topic(stack, "Topic")
    RecoveryTiers(stack, "Tiers", notify=topic).add_plan("sales", cluster_identifier="sales")
    found = alarm(stack, "TiersMachineAlarm")
    names = {metric["MetricStat"]["Metric"]["MetricName"] for metric in found["Metrics"] if "MetricStat" in metric}
    assert names == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    assert found["AlarmActions"] == alarm(stack, "SilenceAlarm")["AlarmActions"] == [stack.resolve(topic.topic_arn)]


def test_an_alarm_rings_when_a_plan_has_no_run_for_three_hours() -> None:
    # GIVEN a plan WHEN it is silent for three hours, or always was THEN the alarm rings: missing data breaches
    stack, tiers = made()
    found = alarm(stack, "SilenceAlarm")
    assert (found["TreatMissingData"], found["EvaluationPeriods"], found["Threshold"]) == ("breaching", 3, 1)
    assert found["ComparisonOperator"] == "LessThanThreshold"
    expression, watched = found["Metrics"]
    assert (expression["Expression"], watched["ReturnData"]) == (f"FILL({watched['Id']}, 0)", False)
    one = watched["MetricStat"]
    assert one["Metric"]["Dimensions"] == [{"Name": "Plan", "Value": "sales-us-east-1"}]
    assert (one["Period"], one["Stat"], one["Metric"]["MetricName"]) == (
        *(3600, "SampleCount"),
        names.METRIC_COPIES_TIERED,
    )
    assert len(tiers.silence_alarms) == 1


def test_each_plan_has_an_alarm_on_silence_that_names_it() -> None:
    # GIVEN plans, one of which never had a run WHEN the others run THEN theirs hide nothing: each is watched alone
    stack, tiers = made("a", "b", "c")
    found = [item["Properties"] for name, item in of_type(template_of(stack), ALARM).items() if "Silence" in name]
    watched = [one["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for one in found]
    assert sorted(watched) == ["a", "b", "c"]
    assert all(f"those of '{plan}':" in one["AlarmDescription"] for plan, one in zip(watched, found, strict=True))
    assert len(tiers.silence_alarms) == 3


def test_the_metrics_of_a_plan() -> None:
    _, tiers = made()
    metric = tiers.metric(
        "CopiesFailed", plan_name="sales-us-east-1", statistic="Maximum", period=cdk.Duration.hours(1)
    )
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("ResilientRedshift", "CopiesFailed", "Maximum")
    assert metric.dimensions == {"Plan": "sales-us-east-1"}


@pytest.mark.parametrize(
    ("plan", "cluster", "problem"),
    [
        ("No Plan", "sales", "'plan_name' must be 1 to 63 lower-case letters"),
        ("sales", "Sales", "'cluster_identifier' must be 1 to 63 lower-case letters"),
        (None, "sales", "'plan_name' must be a literal, got 'a token'"),
        ("sales", None, "'cluster_identifier' must be a literal, got 'a token'"),
    ],
)
def test_refuses(plan: str | None, cluster: str | None, problem: str) -> None:
    # GIVEN a name that AWS refuses, or that nobody knows at synth WHEN a plan is added THEN it is refused
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers")
    token = text_parameter(stack)
    with pytest.raises(ResilientRedshiftError) as caught:
        tiers.add_plan(token if plan is None else plan, cluster_identifier=token if cluster is None else cluster)
    assert problem in str(caught.value)
    assert caught.value.where == "Stack/Tiers (RecoveryTiers.add_plan)"
    assert of_type(template_of(stack), RULE) == {}


def test_a_plan_is_added_once() -> None:
    # GIVEN a plan WHEN it is added again, here or elsewhere in the app THEN two machines would not fight over it
    stack, tiers = made()
    for one in (tiers, RecoveryTiers(stack, "Others")):
        with pytest.raises(ResilientRedshiftError, match=r"'Stack/Tiers .RecoveryTiers.' applies its tiers already"):
            one.add_plan("sales-us-east-1", cluster_identifier="sales")


def test_a_topic_of_another_region_is_refused() -> None:
    stack = new_stack(AWAY)
    topic = sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111111111111:t")
    with pytest.raises(ResilientRedshiftError, match="'notify' must be a topic in us-west-2"):
        RecoveryTiers(stack, "Tiers", notify=topic)


def test_no_role_can_be_borrowed_from_another_account() -> None:
    stack, _ = made()
    for name, role in of_type(template_of(stack), "AWS::IAM::Role").items():
        if "Tiers" in name:
            [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "111111111111"}}


def test_runs_are_logged_and_traced() -> None:
    stack, _ = made()
    properties = only(template_of(stack), MACHINE)["Properties"]
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert properties["DefinitionSubstitutions"] == {"Partition": {"Ref": "AWS::Partition"}}


@pytest.mark.parametrize(
    "pack", [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks]
)
def test_nag_is_content(pack: Any) -> None:
    stack, _ = made("a", "b")
    # the alarms of a stack without a topic tell nobody, which is the user's to decide
    found = rules_found(pack, stack)
    assert [rule for rule in found if "CloudWatchAlarmAction" not in rule] == []
