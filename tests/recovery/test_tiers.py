"""RecoveryTiers in the template: the function, rules, rights, alarms and names."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks

from resilient_redshift import RecoveryTiers, ResilientRedshiftError
from resilient_redshift.cloud.snapshots import tiers_function
from resilient_redshift.contract import names
from tests.scenes.clusters import new_stack, text_parameter
from tests.scenes.nag import rules_found
from tests.scenes.recovery import AWAY, of_type, only, template_of
from tests.templates.laws import ROLE_CHARACTERS, role_sizes
from tests.templates.resolve import listed, policies, text

ALARM, RULE, FUNCTION = "AWS::CloudWatch::Alarm", "AWS::Events::Rule", "AWS::Lambda::Function"


def new_tiers(*plans: str, **arguments: Any) -> tuple[cdk.Stack, RecoveryTiers]:
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers", **arguments)
    for plan in plans or ("sales-us-east-1",):
        tiers.add_plan(plan, cluster_identifier="sales")
    return stack, tiers


def statements(stack: cdk.Stack) -> list[dict[str, Any]]:
    template = template_of(stack)
    return [
        {**statement, "Resource": [text(template, one) for one in listed(statement.get("Resource", []))]}
        for policy_statements in policies(template).values()
        for statement in policy_statements
    ]


def alarm(stack: cdk.Stack, name: str) -> dict[str, Any]:
    [properties] = [item["Properties"] for key, item in of_type(template_of(stack), ALARM).items() if name in key]
    return dict(properties)


def functions(stack: cdk.Stack) -> dict[str, Any]:
    return dict(of_type(template_of(stack), FUNCTION))


def test_a_rule_calls_the_function_each_hour_with_the_plan() -> None:
    # GIVEN a plan WHEN it is added THEN one rule calls the function once an hour, and a lost event goes to the queue
    stack, tiers = new_tiers()
    properties = only(template_of(stack), RULE)["Properties"]
    [target] = properties["Targets"]
    assert json.loads(target["Input"]) == {"plan": "sales-us-east-1"}
    assert target["Arn"] == stack.resolve(tiers.function_arn)
    minute, *rest = properties["ScheduleExpression"].removeprefix("cron(").removesuffix(")").split()
    assert 0 <= int(minute) <= 59
    assert rest == ["*", "*", "*", "?", "*"]
    assert target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0].startswith("ResilientRedshiftDeadLetters")
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 185}


def test_plans_do_not_all_run_at_once() -> None:
    stack, _ = new_tiers(*(f"plan-{number}" for number in range(12)))
    minutes = {item["Properties"]["ScheduleExpression"] for item in of_type(template_of(stack), RULE).values()}
    assert len(minutes) > 6


def test_the_rule_waits_for_its_rights() -> None:
    # GIVEN a rule WHEN synthesized THEN it may call the function, and the function may do its work, before it fires
    stack, _ = new_tiers()
    template = template_of(stack)
    depends = {template["Resources"][name]["Type"] for name in only(template, RULE)["DependsOn"]}
    assert depends == {"AWS::Lambda::Permission", "AWS::IAM::Policy"}
    function = only(template, FUNCTION)
    assert [name for name in function["DependsOn"] if "FunctionPolicy" in name]


def test_only_rules_of_this_account_and_region_may_call_the_function() -> None:
    # GIVEN the function WHEN its own policy is read THEN it lets in EventBridge alone, for rules of this account here
    stack, tiers = new_tiers()
    template = template_of(stack)
    permission = only(template, "AWS::Lambda::Permission")["Properties"]
    assert (permission["Action"], permission["Principal"]) == ("lambda:InvokeFunction", "events.amazonaws.com")
    assert permission["FunctionName"] == stack.resolve(tiers.function_arn)
    assert text(template, permission["SourceArn"]) == "arn:aws:events:us-west-2:111111111111:rule/*"


def test_a_run_that_failed_is_repeated_until_the_next_one_comes() -> None:
    # GIVEN the function WHEN its retries are read THEN there are two, within the hour
    stack, _ = new_tiers()
    properties = only(template_of(stack), "AWS::Lambda::EventInvokeConfig")["Properties"]
    assert (properties["MaximumRetryAttempts"], properties["MaximumEventAgeInSeconds"]) == (2, 3600)
    assert properties["Qualifier"] == "$LATEST"


def test_it_may_change_and_tag_copies_of_its_clusters_only() -> None:
    # GIVEN a plan WHEN the rights are read THEN only snapshots of its cluster can be changed, and nothing can be deleted
    stack, _ = new_tiers()
    allowed = [statement for statement in statements(stack) if statement["Effect"] == "Allow"]
    changing = [one for one in allowed if "redshift:ModifyClusterSnapshot" in listed(one["Action"])]
    assert [(sorted(one["Action"]), one["Resource"]) for one in changing] == [
        (
            ["redshift:CreateTags", "redshift:ModifyClusterSnapshot"],
            ["arn:aws:redshift:us-west-2:111111111111:snapshot:sales/*sales-*"],
        )
    ]
    actions = {action for statement in allowed for action in listed(statement["Action"])}
    assert not [action for action in actions if "Delete" in action and not action.startswith("logs:")]


def test_it_reads_plan_records_of_this_region_only() -> None:
    stack, _ = new_tiers()
    [statement] = [one for one in statements(stack) if one["Action"] == "ssm:GetParameter"]
    assert statement["Resource"] == ["arn:aws:ssm:us-west-2:111111111111:parameter/resilient-redshift/plans/*"]


def test_other_names_and_other_tags_are_denied() -> None:
    # GIVEN a stolen role WHEN it changes a snapshot that a person took, or writes another tag THEN it is denied
    stack, _ = new_tiers()
    denied = {one["Action"]: one for one in statements(stack) if one["Effect"] == "Deny"}
    assert len(denied["redshift:ModifyClusterSnapshot"]["NotResource"]) == 2
    assert denied["redshift:CreateTags"]["Condition"] == {
        "ForAnyValue:StringNotEquals": {"aws:TagKeys": [names.TAG_TIER_APPLIED]}
    }


def test_metrics_go_to_our_namespace_only() -> None:
    stack, _ = new_tiers()
    [statement] = [one for one in statements(stack) if one["Action"] == "cloudwatch:PutMetricData"]
    assert statement["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}


def test_twenty_plans_with_the_longest_names_fit_the_role() -> None:
    # GIVEN 20 plans and clusters with names of 63 letters WHEN the role is measured THEN IAM accepts it
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers")
    for number in range(20):
        tiers.add_plan(f"p{number:02}".ljust(63, "x"), cluster_identifier=f"c{number:02}".ljust(63, "x"))
    sizes = {name: size for name, size in role_sizes(template_of(stack)).items() if "Tiers" in name}
    assert sizes
    assert max(sizes.values()) < ROLE_CHARACTERS


def test_a_failed_run_is_an_alarm() -> None:
    # GIVEN a topic WHEN a run fails, times out or is killed THEN the alarm of earlier releases notifies the topic
    stack = new_stack(AWAY)
    topic = sns.Topic(stack, "Topic")
    RecoveryTiers(stack, "Tiers", notify=topic).add_plan("sales", cluster_identifier="sales")
    failures = alarm(stack, "TiersMachineAlarm")
    assert (failures["Namespace"], failures["MetricName"], failures["Statistic"]) == ("AWS/Lambda", "Errors", "Sum")
    assert failures["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": next(iter(functions(stack)))}}]
    assert (failures["Threshold"], failures["TreatMissingData"]) == (1, "notBreaching")
    assert failures["AlarmActions"] == alarm(stack, "SilenceAlarm")["AlarmActions"] == [stack.resolve(topic.topic_arn)]


def test_an_alarm_rings_when_no_run_applies_a_plans_tiers_for_three_hours() -> None:
    # GIVEN a plan WHEN it has no good run for three hours, or never had one THEN the alarm goes into the ALARM state
    stack, tiers = new_tiers()
    silence = alarm(stack, "SilenceAlarm")
    assert (silence["TreatMissingData"], silence["EvaluationPeriods"], silence["Threshold"]) == ("breaching", 3, 1)
    assert silence["ComparisonOperator"] == "LessThanThreshold"
    expression, watched = silence["Metrics"]
    assert (expression["Expression"], watched["ReturnData"]) == (f"FILL({watched['Id']}, 0)", False)
    metric = watched["MetricStat"]
    assert metric["Metric"]["Dimensions"] == [{"Name": "Plan", "Value": "sales-us-east-1"}]
    assert (metric["Period"], metric["Stat"], metric["Metric"]["MetricName"]) == (
        *(3600, "Sum"),
        names.METRIC_TIERS_APPLIED,
    )
    assert len(tiers.silence_alarms) == 1


def test_each_plan_has_an_alarm_on_silence_that_names_it() -> None:
    # GIVEN plans, one of which never had a run WHEN the others run THEN each plan has an alarm of its own
    stack, tiers = new_tiers("a", "b", "c")
    silences = [item["Properties"] for name, item in of_type(template_of(stack), ALARM).items() if "Silence" in name]
    watched = [one["Metrics"][1]["MetricStat"]["Metric"]["Dimensions"][0]["Value"] for one in silences]
    assert sorted(watched) == ["a", "b", "c"]
    assert all(f"those of '{plan}':" in one["AlarmDescription"] for plan, one in zip(watched, silences, strict=True))
    assert len(tiers.silence_alarms) == 3


def test_the_metrics_of_a_plan() -> None:
    _, tiers = new_tiers()
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
    # GIVEN a name that AWS refuses, or that synth does not know WHEN a plan is added THEN it is refused
    stack = new_stack(AWAY)
    tiers = RecoveryTiers(stack, "Tiers")
    token = text_parameter(stack)
    with pytest.raises(ResilientRedshiftError) as caught:
        tiers.add_plan(token if plan is None else plan, cluster_identifier=token if cluster is None else cluster)
    assert problem in str(caught.value)
    assert caught.value.where == "Stack/Tiers (RecoveryTiers.add_plan)"
    assert of_type(template_of(stack), RULE) == {}


def test_a_plan_is_added_once() -> None:
    # GIVEN a plan WHEN it is added again, here or elsewhere in the app THEN it is refused, so that one function serves it
    stack, tiers = new_tiers()
    for one in (tiers, RecoveryTiers(stack, "Others")):
        with pytest.raises(ResilientRedshiftError, match=r"'Stack/Tiers .RecoveryTiers.' applies its tiers already"):
            one.add_plan("sales-us-east-1", cluster_identifier="sales")


def test_a_topic_of_another_region_is_refused() -> None:
    stack = new_stack(AWAY)
    topic = sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111111111111:t")
    with pytest.raises(ResilientRedshiftError, match="'notify' must be a topic in us-west-2"):
        RecoveryTiers(stack, "Tiers", notify=topic)


def test_its_role_is_lambdas_alone() -> None:
    # GIVEN the function's role WHEN its trust is read THEN Lambda alone may assume it
    stack, _ = new_tiers()
    role = only(template_of(stack), "AWS::IAM::Role")
    [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }


def test_the_function_is_the_archives_logged_and_traced() -> None:
    # GIVEN the function WHEN read THEN it runs the archive's entry, as long as Lambda allows, with a log and traces
    stack, _ = new_tiers()
    properties = only(template_of(stack), FUNCTION)["Properties"]
    module, _, name = properties["Handler"].rpartition(".")
    assert (module, name) == ("handler.tiers", tiers_function.apply_tiers.__name__)
    assert (properties["Runtime"], properties["Timeout"], properties["MemorySize"]) == ("python3.13", 900, 256)
    assert properties["TracingConfig"] == {"Mode": "Active"}
    assert properties["LoggingConfig"]["LogGroup"]["Ref"].startswith("ResilientRedshiftLogs")


@pytest.mark.parametrize(
    "pack", [AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R4Checks, NIST80053R5Checks, PCIDSS321Checks]
)
def test_nag_is_content(pack: Any) -> None:
    stack, _ = new_tiers("a", "b")
    # the user decides whether the alarms of a stack notify a topic
    rules = rules_found(pack, stack)
    assert [rule for rule in rules if "CloudWatchAlarmAction" not in rule] == []
