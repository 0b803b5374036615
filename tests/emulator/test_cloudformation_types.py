"""What our templates need of resource types beside Redshift's, where ministack lacks or fakes it.

Read [S, D]: a taken log group's name fails; 10,240 characters of inline policies a role; an alarm has one metric or Metrics; a machine's
transitions must lead somewhere; a stack's logging configuration becomes the API's. Guessed: the texts.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("ministack")

from ministack.core.responses import request_scope
from ministack.services import cloudwatch, cloudwatch_logs, ec2, kms, lambda_svc, stepfunctions

from emulator.aws.cloudformation.redshift.subnets import subnet
from emulator.aws.cloudformation.types import mute_rules
from emulator.redshift_model import ACCOUNT
from tests.emulator.cloudformation_scene import Stacks, custom, reset_services
from tests.emulator.scene import HERE


@pytest.fixture
def stacks() -> Stacks:
    reset_services()
    return Stacks()


def in_account(store: Any, key: str | None) -> Any:
    with request_scope(account_id=ACCOUNT, region=HERE):
        return store.get(key)


def role(*policies: str) -> dict[str, Any]:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    found: dict[str, Any] = {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}
    for number, sid in enumerate(policies):
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [sid]}],
        }
        properties = {"PolicyName": f"P{number}", "PolicyDocument": document, "Roles": [{"Ref": "Role"}]}
        depends = [f"P{number - 1}"] if number else []
        found[f"P{number}"] = {"Type": "AWS::IAM::Policy", "Properties": properties, "DependsOn": depends}
    return found


MATH = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "TreatMissingData": "notBreaching",
        "Metrics": [
            {"Id": "total", "Expression": "FILL(m0, 0)"},
            {
                "Id": "m0",
                "ReturnData": False,
                "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 300, "Stat": "Sum"},
            },
        ],
    },
}


def test_an_alarm_over_metric_math_stands(stacks: Stacks) -> None:
    # WHEN
    assert stacks.deploy({"A": MATH}) == "CREATE_COMPLETE"
    # THEN
    found = in_account(cloudwatch._alarms, stacks.physical("A"))
    assert [metric["Id"] for metric in found["Metrics"]] == ["total", "m0"]
    assert found["MetricName"] is None


def test_an_alarm_has_one_metric_or_several(stacks: Stacks) -> None:
    # WHEN / THEN
    both = {**MATH, "Properties": {**MATH["Properties"], "MetricName": "M", "Namespace": "N"}}  # type: ignore[dict-item]
    assert stacks.deploy({"A": both}) == "ROLLBACK_COMPLETE"


def test_composite_alarms_and_mute_rules_are_made_changed_and_deleted_with_their_stack(stacks: Stacks) -> None:
    # GIVEN a composite alarm over an alarm, and a rule that mutes it
    def template(wait: int, duration: str) -> dict[str, Any]:
        rule = {"Fn::Sub": ["ALARM(${a})", {"a": {"Fn::GetAtt": ["A", "Arn"]}}]}
        waits = {"ActionsSuppressorWaitPeriod": wait, "ActionsSuppressorExtensionPeriod": 60}
        composite = {"AlarmRule": rule, "ActionsSuppressor": {"Ref": "A"}, **waits}
        schedule = {"Expression": "cron(0 2 * * SUN)", "Duration": duration, "Timezone": "Europe/Berlin"}
        mute = {"Rule": {"Schedule": schedule}, "MuteTargets": {"AlarmNames": [{"Ref": "C"}]}}
        return {
            "A": MATH,
            "C": {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": composite},
            "M": {"Type": "AWS::CloudWatch::AlarmMuteRule", "Properties": mute},
        }

    told: list[tuple[str, str]] = []
    mute_rules.listeners[:] = [lambda _, name, rule: told.append((name, str(rule and rule.duration)))]
    assert stacks.deploy(template(60, "PT1H")) == "CREATE_COMPLETE"
    # WHEN both change THEN they keep their names
    assert stacks.deploy(template(120, "PT2H")) == "UPDATE_COMPLETE"
    name, muted = stacks.physical("C"), str(stacks.physical("M"))
    found = in_account(cloudwatch._composite_alarms, name)
    assert (found["ActionsSuppressor"], found["ActionsSuppressorWaitPeriod"]) == (stacks.physical("A"), 120)
    # WHEN the stack goes THEN all go, the composite alarm before the alarm that it names
    assert stacks.destroy() == "DELETE_COMPLETE"
    assert in_account(cloudwatch._composite_alarms, name) is None
    assert told == [(muted, "1:00:00"), (muted, "2:00:00"), (muted, "None")]


def test_a_mute_rule_that_aws_refuses_fails_the_stack(stacks: Stacks) -> None:
    schedule = {"Expression": "cron(0 2 ? * SUN *)", "Duration": "PT1H"}
    rule = {"Type": "AWS::CloudWatch::AlarmMuteRule", "Properties": {"Rule": {"Schedule": schedule}}}
    assert stacks.deploy({"M": rule}) == "ROLLBACK_COMPLETE"


def test_a_log_group_that_exists_fails_and_is_kept(stacks: Stacks) -> None:
    # GIVEN a group that an earlier stack has left
    group = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/kept"}, "DeletionPolicy": "Retain"}
    stacks.deploy({"L": group})
    stacks.destroy()
    before = in_account(cloudwatch_logs._log_groups, "/kept")
    # WHEN
    assert stacks.deploy({"L": group}) == "ROLLBACK_COMPLETE"
    # THEN
    assert in_account(cloudwatch_logs._log_groups, "/kept") is before


def test_what_a_function_still_says_makes_no_group_anew(stacks: Stacks) -> None:
    # GIVEN a function whose chosen group was deleted with its stack
    stacks.deploy({"L": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/chosen"}}})
    chosen = {"config": {"FunctionName": "f", "LoggingConfig": {"LogGroup": "/chosen"}}}
    stacks.destroy()
    # WHEN the function ends only now, and so does one without a group of its own
    with request_scope(account_id=ACCOUNT, region=HERE):
        for function in (chosen, {"config": {"FunctionName": "f"}}):
            lambda_svc._emit_lambda_logs(function, "request", "late", False, 1)
        # THEN only Lambda's own group is made
        assert "/chosen" not in cloudwatch_logs._log_groups
        assert "/aws/lambda/f" in cloudwatch_logs._log_groups


def test_a_roles_inline_policies_have_a_limit(stacks: Stacks) -> None:
    # GIVEN two that fit
    assert stacks.deploy(role("a" * 5000, "b" * 5000)) == "CREATE_COMPLETE"
    # WHEN one grows beyond the rest
    assert stacks.deploy(role("a" * 5000, "b" * 5200)) == "UPDATE_ROLLBACK_COMPLETE"
    # THEN it grows where there is room
    assert stacks.deploy(role("a" * 4000, "b" * 5200)) == "UPDATE_COMPLETE"


def machine(next_state: str = "Done", **properties: Any) -> dict[str, Any]:
    definition = {
        "StartAt": "Begin",
        "States": {"Begin": {"Type": "Pass", "Next": next_state}, "Done": {"Type": "Succeed"}},
    }
    given = {"DefinitionString": json.dumps(definition), "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/r", **properties}
    return {"Type": "AWS::StepFunctions::StateMachine", "Properties": given}


def test_a_machine_keeps_its_logging_and_tracing(stacks: Stacks) -> None:
    # WHEN
    group = {"CloudWatchLogsLogGroup": {"LogGroupArn": "arn:aws:logs:x"}}
    logging = {"Level": "ALL", "IncludeExecutionData": True, "Destinations": [group]}
    stacks.deploy({"M": machine(LoggingConfiguration=logging, TracingConfiguration={"Enabled": True})})
    # THEN
    found = in_account(stepfunctions._state_machines, stacks.physical("M"))
    assert found["loggingConfiguration"] == {
        "level": "ALL",
        "includeExecutionData": True,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:x"}}],
    }
    assert found["tracingConfiguration"] == {"enabled": True}


def test_a_machine_that_leads_nowhere_is_refused(stacks: Stacks) -> None:
    # WHEN / THEN on create and on update
    assert stacks.deploy({"M": machine("Nowhere")}) == "ROLLBACK_COMPLETE"
    stacks.destroy()
    stacks.deploy({"M": machine()})
    assert stacks.deploy({"M": machine("Nowhere")}) == "UPDATE_ROLLBACK_COMPLETE"


def test_keys_are_scheduled_for_deletion_or_kept(stacks: Stacks) -> None:
    # GIVEN
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}}
    stacks.deploy({"Gone": key, "Kept": {**key, "DeletionPolicy": "Retain"}})
    gone, kept = stacks.physical("Gone"), stacks.physical("Kept")
    # WHEN
    stacks.destroy()
    # THEN
    assert in_account(kms._keys, gone)["KeyState"] == "PendingDeletion"
    assert in_account(kms._keys, kept)["KeyState"] == "Enabled"


def test_subnet_groups_see_the_subnets_of_the_stack(stacks: Stacks) -> None:
    # GIVEN
    stacks.model.world.subnet = subnet
    template = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "S": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24", "AvailabilityZone": HERE + "a"},
        },
        "G": {
            "Type": "AWS::Redshift::ClusterSubnetGroup",
            "Properties": {"Description": "d", "SubnetIds": [{"Ref": "S"}]},
        },
    }
    # WHEN
    assert stacks.deploy(template) == "CREATE_COMPLETE"
    # THEN
    with request_scope(account_id=ACCOUNT, region=HERE):
        (group,) = stacks.model.call(HERE, "DescribeClusterSubnetGroups")["ClusterSubnetGroups"]
        assert group["VpcId"] == stacks.physical("Vpc")
        assert ec2._subnets.get(stacks.physical("S")) is not None
    # AND an unknown one is refused
    bad = {
        **template,
        "G": {
            "Type": "AWS::Redshift::ClusterSubnetGroup",
            "Properties": {"Description": "d", "SubnetIds": ["subnet-nope"]},
        },
    }
    assert stacks.deploy(bad) == "UPDATE_ROLLBACK_COMPLETE"


def test_an_unknown_type_is_refused_before_anything(stacks: Stacks) -> None:
    # WHEN / THEN
    with pytest.raises(ValueError, match="Unrecognized resource types"):
        stacks.deploy({"A": custom(), "X": {"Type": "AWS::Bogus::Thing"}})
    assert stacks.provider.events == []
