"""ManualSnapshotRule: its resources in the template, the arguments that it refuses, and its size at 20 clusters."""

from __future__ import annotations

import fnmatch
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.aws_events import Schedule
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import FOREVER, ExistingCluster, ManualSnapshotRule, ResilientRedshiftError
from resilient_redshift.snapshots import machine
from resilient_redshift.snapshots.machine import SnapshotMachine
from tests.cloud.snapshots.take_world import TakeWorld
from tests.scenes.clusters import HERE, cluster_of, new_app, new_stack, resources_of, text_parameter, warnings_of
from tests.scenes.nag import rules_found
from tests.scenes.recovery import l1_cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

NIGHTLY = Schedule.cron(hour="3", minute="0")
WEEK = cdk.Duration.days(7)


def existing(stack: cdk.Stack, name: str = "sales") -> ExistingCluster:
    cluster = stack.node.try_find_child(name)
    return cluster if isinstance(cluster, ExistingCluster) else ExistingCluster.from_identifier(stack, name, name)


def rule_of(scope: Construct, name: str = "Nightly", **arguments: Any) -> ManualSnapshotRule:
    settings = {"schedule": NIGHTLY, "keep": WEEK, **arguments}
    if "cluster" not in settings:
        settings["cluster"] = existing(cdk.Stack.of(scope))
    return ManualSnapshotRule(scope, name, **settings)


def topic_of(stack: cdk.Stack, name: str = "Operators") -> sns.ITopic:
    return sns.Topic.from_topic_arn(stack, name, f"arn:aws:sns:{HERE.region}:{HERE.account}:{name}")


def event_rule(stack: cdk.Stack) -> dict[str, Any]:
    [rule] = resources_of(stack, "AWS::Events::Rule")
    return rule


def target_of(stack: cdk.Stack) -> dict[str, Any]:
    [target] = event_rule(stack)["Properties"]["Targets"]
    assert isinstance(target, dict)
    return target


def sent(stack: cdk.Stack, time: str = "2026-11-24T03:00:00Z") -> dict[str, Any]:
    """The input that EventBridge would send."""
    transformer = target_of(stack)["InputTransformer"]
    assert transformer["InputPathsMap"] == {"time": "$.time"}
    machine_input = json.loads(flat(transformer["InputTemplate"]).replace("<time>", json.dumps(time)))
    assert isinstance(machine_input, dict)
    return machine_input


def flat(value: Any) -> str:
    """A value as it is deployed; a reference becomes the logical id."""
    if isinstance(value, str):
        return value
    if "Fn::Join" in value:
        return "".join(map(flat, value["Fn::Join"][1]))
    return str(value["Ref"]) if "Ref" in value else ".".join(value["Fn::GetAtt"])


def error_of(call: Callable[[], object]) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        call()
    return str(caught.value)


# --- the resources in the template


def test_the_rule_starts_the_shared_machine_with_its_own_input() -> None:
    stack = new_stack()
    rule = rule_of(stack, keep_in_recovery=cdk.Duration.days(30), plan="sales")
    properties = event_rule(stack)["Properties"]
    assert properties["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert properties["State"] == "ENABLED"
    assert target_of(stack)["Arn"] == stack.resolve(rule.state_machine_arn)
    assert sent(stack) == {
        "cluster_identifier": "sales",
        "rule": "nightly",
        "keep_days": 7,
        "keep_in_recovery_days": 30,
        "plan": "sales",
        "gap_seconds": 86_400,
        "scheduled_time": "2026-11-24T03:00:00Z",
    }


def test_what_the_rule_sends_is_what_the_machine_takes() -> None:
    # GIVEN the synthesized rule
    stack = new_stack()
    rule_of(stack, plan="sales")
    # WHEN its input meets the definition
    run = TakeWorld().machine.run(sent(stack))
    # THEN a snapshot is taken
    assert run.outcome == "Taken"


def test_documented_defaults() -> None:
    stack = new_stack()
    rule = rule_of(stack)
    machine_input = sent(stack)
    assert rule.rule_name == machine_input["rule"] == "nightly"
    assert rule.keep_in_recovery_days == rule.keep_days == machine_input["keep_in_recovery_days"] == 7
    assert "plan" not in machine_input
    assert rule.enabled
    assert len(resources_of(stack, "AWS::CloudWatch::Alarm")) == 2
    assert all("AlarmActions" not in alarm["Properties"] for alarm in resources_of(stack, "AWS::CloudWatch::Alarm"))


def test_a_disabled_rule_does_not_fire_and_counts_nothing() -> None:
    stack = new_stack()
    rule_of(stack, enabled=False, manual_snapshot_quota=7 + 1)
    rule_of(stack, "Other", manual_snapshot_quota=7 + 1)
    states = [rule["Properties"]["State"] for rule in resources_of(stack, "AWS::Events::Rule")]
    assert states == ["DISABLED", "ENABLED"]


def test_kept_for_ever() -> None:
    stack = new_stack()
    rule_of(stack, keep=FOREVER, schedule=Schedule.cron(day="1", hour="4", minute="0"))
    assert (sent(stack)["keep_days"], sent(stack)["keep_in_recovery_days"]) == (-1, -1)


def test_the_gap_is_the_shortest_and_none_for_one_firing() -> None:
    stack = new_stack()
    rule_of(stack, schedule=Schedule.cron(hour="3,9", minute="0"), keep=timedelta(days=2))
    assert sent(stack)["gap_seconds"] == 6 * 3600
    once = new_stack()
    rule_of(once, schedule=Schedule.cron(year="2027", month="1", day="1", hour="3", minute="0"))
    assert "gap_seconds" not in sent(once)


def test_lost_events_go_to_the_encrypted_queue_and_delivery_is_tried_for_a_day() -> None:
    stack = new_stack()
    rule_of(stack)
    target = target_of(stack)
    assert "DeadLetters" in target["DeadLetterConfig"]["Arn"]["Fn::GetAtt"][0]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86_400, "MaximumRetryAttempts": 185}


def test_the_rule_waits_for_its_policies_and_its_cluster() -> None:
    stack = new_stack()
    cluster = l1_cluster(stack)
    rule_of(stack, cluster=cluster)
    assert sent(stack)["cluster_identifier"] == stack.resolve(cluster.ref)["Ref"]
    waits_for = event_rule(stack)["DependsOn"]
    kinds = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    assert set(waits_for) <= set(kinds)
    assert len(waits_for) == 2


@pytest.mark.parametrize("kind", ["ours", "l1", "existing"])
def test_any_cluster(kind: str) -> None:
    stack = new_stack()
    makers: dict[str, Callable[[cdk.Stack], Any]] = {"ours": cluster_of, "l1": l1_cluster, "existing": existing}
    rule_of(stack, cluster=makers[kind](stack))
    assert sent(stack)["cluster_identifier"]


def test_a_cluster_of_another_stack_is_named_literally() -> None:
    app = new_app()
    theirs, ours = new_stack(app=app, name="Theirs"), new_stack(app=app, name="Ours")
    rule_of(ours, cluster=l1_cluster(theirs))
    assert sent(ours)["cluster_identifier"] == "warehouse"
    assert "Outputs" not in assertions.Template.from_stack(theirs).to_json()


def test_a_cluster_of_another_stack_without_a_literal_name_is_refused() -> None:
    app = new_app()
    theirs, ours = new_stack(app=app, name="Theirs"), new_stack(app=app, name="Ours")
    cluster = l1_cluster(theirs, cluster_identifier=None)
    text = error_of(lambda: rule_of(ours, cluster=cluster))
    assert "'cluster' must be a cluster of this stack, or one with a literal cluster_identifier" in text


def test_a_cluster_of_another_region_is_refused() -> None:
    app = new_app()
    away = new_stack(cdk.Environment(account=HERE.account, region="us-west-2"), app=app, name="Away")
    text = error_of(lambda: rule_of(new_stack(app=app), cluster=existing(away)))
    assert "'cluster' must be in the Region of the stack, us-east-1, got 'one in us-west-2'" in text


# --- the shared machine


def test_one_machine_logs_everything_encrypted_and_is_traced() -> None:
    stack = new_stack()
    rule_of(stack)
    rule_of(stack, "Weekly", schedule=Schedule.cron(week_day="SUN", hour="5", minute="0"))
    [state_machine] = resources_of(stack, "AWS::StepFunctions::StateMachine")
    properties = state_machine["Properties"]
    assert properties["LoggingConfiguration"]["Level"] == "ALL"
    assert properties["LoggingConfiguration"]["IncludeExecutionData"] is True
    assert properties["TracingConfiguration"] == {"Enabled": True}
    assert state_machine["DependsOn"]


def test_the_partition_is_the_deployments() -> None:
    stack = new_stack(None)
    rule_of(stack)
    [state_machine] = resources_of(stack, "AWS::StepFunctions::StateMachine")
    [function] = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    assert state_machine["Properties"]["DefinitionSubstitutions"] == {
        "Partition": {"Ref": "AWS::Partition"},
        "Function": {"Fn::GetAtt": [function, "Arn"]},
    }
    assert "arn:aws:" not in json.dumps(assertions.Template.from_stack(stack).to_json())


def policies_of(stack: cdk.Stack, role: str = "") -> dict[str, list[dict[str, Any]]]:
    """The statements of each policy, by its logical id; of one role, where its logical id begins so."""
    policies = assertions.Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    return {
        name: policy["Properties"]["PolicyDocument"]["Statement"]
        for name, policy in policies.items()
        if any(flat(name).startswith(role) for name in policy["Properties"].get("Roles", [""]))
    }


FUNCTION_ROLE = "ResilientRedshiftSnapshotsFunctionRole"
MACHINE_ROLE = "ResilientRedshiftSnapshotsRole"


def test_the_machine_may_call_its_function_and_nothing_else() -> None:
    # GIVEN a rule WHEN its machine's role is read THEN it calls the function, writes its log and its traces, and no more
    stack = new_stack()
    rule_of(stack)
    [[call, write]] = policies_of(stack, MACHINE_ROLE).values()
    [function] = assertions.Template.from_stack(stack).find_resources("AWS::Lambda::Function")
    assert (call["Action"], flat(call["Resource"])) == ("lambda:InvokeFunction", f"{function}.Arn")
    assert {action.partition(":")[0] for action in write["Action"]} == {"logs", "xray"}


def test_only_the_function_may_take_snapshots() -> None:
    stack = new_stack()
    rule_of(stack)
    text = {name: json.dumps(statements) for name, statements in policies_of(stack).items()}
    allowed = {name for name, statements in text.items() if "redshift:" in statements}
    assert allowed == set(policies_of(stack, FUNCTION_ROLE))
    assert any('"Deny"' in text[name] for name in allowed)


def test_each_cluster_has_one_policy_on_its_own_snapshots() -> None:
    stack = new_stack()
    rule_of(stack)
    rule_of(stack, "Weekly", manual_snapshot_quota=100)
    rule_of(stack, "Other", cluster=existing(stack, "other"))
    cluster_policies = [statements for name, statements in policies_of(stack).items() if "Cluster" in name]
    assert len(cluster_policies) == 2
    for name, [statement] in zip(("sales", "other"), cluster_policies, strict=True):
        assert tuple(statement["Action"]) == machine.SNAPSHOT_ACTIONS
        assert flat(statement["Resource"]).endswith(f":redshift:us-east-1:{HERE.account}:snapshot:{name}/*")


def test_roles_serve_this_account_only() -> None:
    stack = new_stack()
    rule_of(stack)
    for role in resources_of(stack, "AWS::IAM::Role"):
        [trust] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        if trust["Principal"] == {"Service": "lambda.amazonaws.com"}:
            continue  # Lambda takes a role of its own account only
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": HERE.account}}


def test_metrics_are_published_in_our_namespace_only() -> None:
    stack = new_stack()
    rule_of(stack)
    [common] = [
        statements
        for name, statements in policies_of(stack).items()
        if name.startswith("ResilientRedshiftSnapshotsFunctionPolicy")
    ]
    [publish] = [statement for statement in common if statement["Action"] == "cloudwatch:PutMetricData"]
    assert publish["Condition"] == {"StringEquals": {"cloudwatch:namespace": "ResilientRedshift"}}


def test_the_alarm_is_on_failed_runs_and_missing_data_does_not_breach() -> None:
    stack = new_stack()
    rule_of(stack)
    alarms = [alarm["Properties"] for alarm in resources_of(stack, "AWS::CloudWatch::Alarm")]
    [failed] = [alarm for alarm in alarms if "Metrics" in alarm]
    names = [m["MetricStat"]["Metric"]["MetricName"] for m in failed["Metrics"] if "MetricStat" in m]
    assert names == ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"]
    assert failed["TreatMissingData"] == "notBreaching"


def test_notify_gets_the_shared_alarms_and_the_alarm_on_this_rules_busy_cluster() -> None:
    stack = new_stack()
    rule_of(stack, notify=topic_of(stack))
    rule_of(stack, "Weekly", notify=topic_of(stack, "Others"), schedule=Schedule.rate(cdk.Duration.days(7)))
    alarms = [alarm["Properties"] for alarm in resources_of(stack, "AWS::CloudWatch::Alarm")]
    topics = [[flat(action).rsplit(":", 1)[-1] for action in alarm["AlarmActions"]] for alarm in alarms]
    assert sorted(topics) == [["Operators"], ["Operators", "Others"], ["Operators", "Others"], ["Others"]]
    [busy] = [alarm for alarm in alarms if {"Name": "Rule", "Value": "nightly"} in alarm.get("Dimensions", [])]
    assert {"Name": "Outcome", "Value": "SkippedBusy"} in busy["Dimensions"]


@pytest.mark.parametrize("env", [HERE, None])
@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_no_finding(pack: Any, env: cdk.Environment | None) -> None:
    stack = new_stack(env)
    rule_of(stack, notify=topic_of(stack))
    cluster = ExistingCluster.from_identifier(stack, "Token", text_parameter(stack))
    rule_of(stack, "Weekly", cluster=cluster, notify=topic_of(stack, "Other"))
    assert rules_found(pack, stack) == []


@pytest.mark.parametrize("which", ["Policy", "EventsPolicy", "Cluster"])
def test_a_wider_policy_would_be_seen(which: str) -> None:
    # GIVEN every right on everything in one of the library's policies
    stack = new_stack()
    rule_of(stack)
    shared = SnapshotMachine.of(stack)
    [policy] = [child for child in shared.node.children if child.node.id.startswith(which)]
    assert isinstance(policy, iam.CfnPolicy)
    wide = {"Effect": "Allow", "Action": "redshift:*", "Resource": "*"}
    policy.add_property_override("PolicyDocument.Statement.0", wide)
    policy.policy_document = {"Version": "2012-10-17", "Statement": [wide]}
    # THEN the pack still finds it
    assert any("redshift:*" in finding for finding in rules_found(AwsSolutionsChecks, stack))


@pytest.mark.parametrize(
    "env",
    [
        HERE,
        cdk.Environment(account="111111111111", region="us-gov-east-1"),
        cdk.Environment(account="111111111111", region="cn-northwest-1"),
    ],
    ids=lambda env: env.region,
)
def test_twenty_clusters_fit_one_stack(env: cdk.Environment) -> None:
    # GIVEN 20 clusters with the longest names, and five rules for each cluster
    stack = new_stack(env)
    for number in range(20):
        cluster = ExistingCluster.from_identifier(stack, f"C{number}", f"c{number:062d}")
        for rule in range(5):
            rule_of(stack, f"Rule{number}-{rule}", cluster=cluster, manual_snapshot_quota=1000)
    # THEN there is one resource for each rule, one for each cluster, and the shared resources
    template = assertions.Template.from_stack(stack).to_json()
    assert len(template["Resources"]) == 20 * 5 + 20 + 14
    assert len(json.dumps(template)) < 400_000
    # AND the function's role has room: 10,240 characters without white space (IAM quotas)
    statements = list(policies_of(stack, FUNCTION_ROLE).values())
    deployed = [
        [{key: readable(value) if "Resource" in key else value for key, value in one.items()} for one in policy]
        for policy in statements
    ]
    size = sum(len(json.dumps({"Version": "2012-10-17", "Statement": s}, separators=(",", ":"))) for s in deployed)
    assert len(statements) == 21
    assert size < 8_000, size


def readable(resource: Any) -> Any:
    return list(map(flat, resource)) if isinstance(resource, list) else flat(resource)


# --- on demand, grants, metrics


def test_on_demand_input_is_the_rules_own_with_a_reason() -> None:
    stack = new_stack()
    machine_input = rule_of(stack, plan="sales").on_demand_input("before the migration")
    assert machine_input == {
        "cluster_identifier": "sales",
        "rule": "nightly",
        "keep_days": 7,
        "keep_in_recovery_days": 7,
        "plan": "sales",
        "reason": "before the migration",
    }
    run = TakeWorld().machine.run(machine_input)
    assert run.output["snapshot_identifier"].startswith("sales-nightly-ondemand-")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 257])
def test_a_reason_must_be_given_and_fit_a_tag(reason: str) -> None:
    rule = rule_of(new_stack())
    assert "'reason' must be 1 to 256 characters" in error_of(lambda: rule.on_demand_input(reason))


def test_grant_start_execution() -> None:
    stack = new_stack()
    user = iam.User(stack, "Operator")
    rule_of(stack).grant_start_execution(user)
    [statements] = [policy for name, policy in policies_of(stack).items() if name.startswith("Operator")]
    assert statements[0]["Action"] == "states:StartExecution"


def test_metrics_carry_cluster_and_rule() -> None:
    stack = new_stack()
    rule = rule_of(stack)
    metrics = [
        rule.metric_taken(),
        rule.metric_skipped(),
        rule.metric_failed(),
        rule.metric_minutes(),
        rule.metric_size(),
    ]
    assert [metric.metric_name for metric in metrics] == [
        "ManualSnapshotTaken",
        "ManualSnapshotSkipped",
        "ManualSnapshotFailed",
        "ManualSnapshotMinutes",
        "ManualSnapshotSize",
    ]
    assert all(metric.dimensions == {"ClusterIdentifier": "sales", "Rule": "nightly"} for metric in metrics)
    assert {metric.namespace for metric in metrics} == {"ResilientRedshift"}
    only = rule.metric_failed(outcome="Stuck", period=cdk.Duration.hours(1))
    assert only.dimensions is not None
    assert only.dimensions["Outcome"] == "Stuck"
    assert only.period.to_hours() == 1


# --- what is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"keep": cdk.Duration.hours(36)}, "'keep' must be 1 to 3653 whole days or FOREVER"),
        ({"keep": cdk.Duration.days(3654)}, "'keep' must be 1 to 3653 whole days or FOREVER"),
        ({"keep_in_recovery": timedelta(0)}, "'keep_in_recovery' must be 1 to 3653 whole days or FOREVER"),
        ({"rule_name": "not--legal"}, "'rule_name' must be 1 to 63 lower-case letters"),
        ({"rule_name": "x" * 64}, "'rule_name' must be 1 to 63 lower-case letters"),
        ({"schedule": Schedule.expression("daily")}, "'schedule' must be"),
        ({"schedule": Schedule.expression("cron(0 3 30 2 ? *)")}, "it never fires"),
        ({"plan": "über"}, "'plan' must be a text that a tag can have as its value"),
        ({"plan": ""}, "'plan' must be a text that a tag can have as its value"),
        ({"manual_snapshot_quota": 0}, "'manual_snapshot_quota' must be a whole number, 1 or more, got 0"),
        ({"plan": cdk.Aws.STACK_NAME}, "'plan' must be a literal, got 'a token'"),
    ],
)
def test_refused(arguments: dict[str, Any], words: str) -> None:
    assert words in error_of(lambda: rule_of(new_stack(), **arguments))


def test_tokens_are_refused_where_the_forecast_needs_a_literal() -> None:
    stack = new_stack()
    number = cdk.CfnParameter(stack, "Number", type="Number").value_as_number
    text = text_parameter(stack)
    error = error_of(
        lambda: rule_of(stack, keep=cdk.Duration.days(number), schedule=Schedule.expression(text), rule_name=text)
    )
    for argument in ("keep", "schedule", "rule_name"):
        assert f"'{argument}' must be" in error


def test_one_error_reports_every_problem_and_the_path() -> None:
    stack = new_stack()
    error = error_of(lambda: rule_of(stack, "Not Legal", keep=timedelta(hours=1), manual_snapshot_quota=-1))
    assert error.startswith("Stack/Not Legal (ManualSnapshotRule): ")
    assert error.count("must be") == 3
    assert stack.node.try_find_child("Not Legal") is None


def test_a_topic_of_another_region_is_refused() -> None:
    stack = new_stack()
    away = sns.Topic.from_topic_arn(stack, "Away", f"arn:aws:sns:us-west-2:{HERE.account}:away")
    assert "'notify' must be a topic in us-east-1, got 'us-west-2'" in error_of(lambda: rule_of(stack, notify=away))


def test_one_name_once_per_cluster_in_the_app() -> None:
    app = new_app()
    one, two = new_stack(app=app, name="One"), new_stack(app=app, name="Two")
    rule_of(one)
    rule_of(one, "Other", cluster=existing(one, "other"), rule_name="nightly", manual_snapshot_quota=100)
    text = error_of(lambda: rule_of(two))
    assert "the names of the snapshots of 'One/Nightly (ManualSnapshotRule)' begin with sales-nightly- too" in text


def test_names_that_meet_across_clusters_are_refused() -> None:
    # GIVEN cluster a-b with rule c THEN cluster a with rule b-c would give the same names
    stack = new_stack()
    rule_of(stack, cluster=existing(stack, "a-b"), rule_name="c")
    assert "begin with a-b-c- too" in error_of(
        lambda: rule_of(stack, "N", cluster=existing(stack, "a"), rule_name="b-c")
    )


def test_dev_and_prod_in_two_regions_do_not_meet() -> None:
    app = new_app()
    for region in ("us-east-1", "us-west-2"):
        rule_of(new_stack(cdk.Environment(account=HERE.account, region=region), app=app, name=region))


def test_the_longest_names_make_legal_snapshot_names() -> None:
    cluster, rule = "c" * 63, "r" * 63
    assert len(f"{cluster}-{rule}-ondemand-20261124t030020z-r1") <= 255


# --- the quota


def test_the_quota_counts_all_rules_of_the_account_and_region() -> None:
    app = new_app()
    one, two = new_stack(app=app, name="One"), new_stack(app=app, name="Two")
    rule_of(one, keep=cdk.Duration.days(14), manual_snapshot_quota=20)
    error = error_of(lambda: rule_of(two, cluster=existing(two, "other"), manual_snapshot_quota=20))
    assert "up to 23 manual snapshots would exist at the same time (sales/nightly 15, other/nightly 8)" in error
    assert two.node.try_find_child("Nightly") is None


def test_a_refused_rule_is_not_counted() -> None:
    stack = new_stack()
    error_of(lambda: rule_of(stack, keep=cdk.Duration.days(30), manual_snapshot_quota=20))
    rule_of(stack, "Nightly", keep=cdk.Duration.days(14), manual_snapshot_quota=20)


def test_the_error_asks_for_a_shorter_retention_and_not_for_another_quota() -> None:
    # GIVEN a rule that AWS's quota has no room for WHEN it is made
    hourly = Schedule.rate(cdk.Duration.hours(1))
    error = error_of(lambda: rule_of(new_stack(), schedule=hourly, keep=cdk.Duration.days(30)))
    # THEN the error is about the retention, and says that the argument only repeats what AWS has granted
    assert "'keep' must be so short that all manual snapshots fit into the quota, got '30 days'" in error
    assert "is 700: AWS may refuse a snapshot as early as 30 days after the first one" in error
    assert "If AWS has granted this account a higher quota in this Region (Service Quotas, L-2E428669)" in error
    assert "the argument does not ask AWS for more" in error


def test_an_hourly_rule_of_weeks_is_a_normal_rule() -> None:
    # GIVEN a rule of each hour whose snapshots are kept four weeks WHEN made THEN it fits, and nothing warns
    stack = new_stack()
    rule = rule_of(stack, schedule=Schedule.cron(minute="0"), keep=cdk.Duration.days(28))
    assert warnings_of(rule) == {}


def test_for_ever_that_fills_the_quota_later_is_a_warning() -> None:
    # GIVEN a snapshot a night for ever, which fits for a year WHEN made THEN the warning names the day that it does not
    told = warnings_of(rule_of(new_stack(), keep=FOREVER))
    assert set(told) == {"resilient-redshift:ManualSnapshotRule.ForeverFillsQuota"}
    assert "they fill the quota of 700 manual snapshots as early as 700 days after the first one" in str(told)


def test_for_ever_that_takes_longer_than_ten_years_is_none() -> None:
    monthly = Schedule.cron(day="1", hour="4", minute="0")
    assert warnings_of(rule_of(new_stack(), schedule=monthly, keep=FOREVER)) == {}


def test_a_larger_quota_holds_from_then_on() -> None:
    stack = new_stack()
    rule_of(stack, keep=cdk.Duration.days(400), manual_snapshot_quota=900)
    rule_of(stack, "Other", keep=cdk.Duration.days(400))


def test_for_ever_counts_over_a_year_and_names_the_day() -> None:
    error = error_of(lambda: rule_of(new_stack(), keep=FOREVER, manual_snapshot_quota=20))
    assert "'keep' must be so short that all manual snapshots fit into the quota, got 'FOREVER'" in error
    assert "(sales/nightly 366; FOREVER counts over 365 days)" in error
    assert "as early as 20 days after the first one" in error


def test_other_accounts_and_regions_have_quotas_of_their_own() -> None:
    app = new_app()
    for account, region in ((HERE.account, "us-east-1"), (HERE.account, "us-west-2"), ("222222222222", "us-east-1")):
        stack = new_stack(cdk.Environment(account=account, region=region), app=app, name=f"S{account}{region}")
        rule_of(stack, keep=cdk.Duration.days(500))


def test_stacks_without_an_account_are_places_of_their_own() -> None:
    app = new_app()
    for name in ("Dev", "Prod"):
        rule_of(new_stack(None, app=app, name=name), keep=cdk.Duration.days(500))


@pytest.mark.parametrize(
    ("name", "may_be_lost"),
    [
        ("sales-nightly-20261124t0300z", True),
        ("sales-nightly-20261124t0300z-r1", True),
        ("sales-nightly-ondemand-20261124t030020z", True),
        ("sales-nightly-ondemand-20261124t030020z-r1", True),
        ("sales-final-snapshot", False),
        ("before-the-migration", False),
        ("sales-nightly", False),
    ],
)
def test_a_stolen_role_cannot_lose_snapshots_that_no_rule_took(name: str, may_be_lost: bool) -> None:
    # GIVEN a snapshot of an attached cluster WHEN a thief of the machine's role deletes it or changes its retention
    stack = new_stack(HERE)
    rule_of(stack)
    statements = [
        statement
        for policy in resources_of(stack, "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    # THEN an explicit Deny blocks the call, unless a rule gives such names
    [deny] = statements
    assert set(deny["Action"]) == {"redshift:DeleteClusterSnapshot", "redshift:ModifyClusterSnapshot"}
    spared = [resource["Fn::Join"][1][-1].rpartition(":snapshot:")[2] for resource in deny["NotResource"]]
    assert any(fnmatch.fnmatchcase(f"sales/{name}", pattern) for pattern in spared) is may_be_lost
