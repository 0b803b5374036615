"""EventBridge rules and Scheduler of the emulated AWS: at their own times, under their own roles."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.emulator.aws_scene import HERE, allow, call, caller, function, machine, role, task

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

_numbers = itertools.count()


@pytest.fixture(scope="module")
def role_arn(aws: EmulatedAws) -> str:
    return role(aws, "rules", allow("states:*", "redshift:*", "lambda:*"))


@pytest.fixture
def target(aws: EmulatedAws, role_arn: str) -> str:
    """A machine that makes one call, whose cluster is the event's time."""
    name = f"target-{next(_numbers)}"
    asked = call("redshift", "describe_clusters", **{"ClusterIdentifier.$": "$.time"})
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "D"}]
    states = {
        "T": task(caller(aws, name, role_arn), asked, Catch=catch, Next="D"),
        "D": {"Type": "Succeed"},
    }
    return machine(aws, name, role_arn, states)


def rule(aws: EmulatedAws, name: str, schedule: str, target: str, role_arn: str, **more: Any) -> None:
    events = aws.client("events", HERE)
    events.put_rule(Name=name, ScheduleExpression=schedule)
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, "RoleArn": role_arn, **more}])


def fired(aws: EmulatedAws, since: int) -> list[tuple[str, str]]:
    """When the target's call was made, and the event's time."""
    found = [call for call in aws.calls(since) if call["operation"] == "DescribeClusters"]
    return [(call["at"].strftime("%d %H:%M:%S"), call["params"]["ClusterIdentifier"]) for call in found]


def test_a_cron_rule_fires_at_each_of_its_times(aws: EmulatedAws, role_arn: str, target: str) -> None:
    # GIVEN a rule at 3 in the morning
    rule(aws, "nightly", "cron(0 3 * * ? *)", target, role_arn)
    # WHEN three nights pass in one go
    tomorrow = aws.now().replace(hour=3, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    aws.advance_to(tomorrow)
    since = aws.mark()
    nights = [tomorrow + dt.timedelta(days=night) for night in (1, 2, 3)]
    aws.advance_to(nights[-1] + dt.timedelta(hours=9))
    # THEN it fired three times, each at its time, and said so
    assert [call for call in fired(aws, since) if call[1] != f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}"] == [
        (f"{night:%d} 03:00:00", f"{night:%Y-%m-%dT%H:%M:%SZ}") for night in nights
    ]
    aws.client("events", HERE).disable_rule(Name="nightly")


def test_rules_run_in_the_order_of_their_times(aws: EmulatedAws, role_arn: str, target: str) -> None:
    # GIVEN two rules made in the wrong order
    fixed = {"Input": json.dumps({"time": "late"})}
    rule(aws, "late", "cron(30 5 * * ? *)", target, role_arn, **fixed)
    rule(aws, "early", "cron(10 5 * * ? *)", target, role_arn, Input=json.dumps({"time": "early"}))
    since = aws.mark()
    aws.advance(dt.timedelta(days=1))
    assert [name for _, name in fired(aws, since)] == ["early", "late"]
    for name in ("early", "late"):
        aws.client("events", HERE).disable_rule(Name=name)


def test_a_rate_counts_from_the_rules_making(aws: EmulatedAws, role_arn: str, target: str) -> None:
    begun, since = aws.now(), aws.mark()
    rule(aws, "rate", "rate(10 minutes)", target, role_arn)
    aws.advance(dt.timedelta(minutes=35))
    found = [call["at"] - begun for call in aws.calls(since) if call["operation"] == "DescribeClusters"]
    assert found == [dt.timedelta(minutes=minutes) for minutes in (10, 20, 30)]
    aws.client("events", HERE).disable_rule(Name="rate")


def test_the_next_firing_is_told_before_it_comes(aws: EmulatedAws, role_arn: str, target: str) -> None:
    # GIVEN a cron rule and a rate, and one that was off when its time came
    hourly = aws.now().replace(minute=25, second=0, microsecond=0)
    hourly += dt.timedelta(hours=hourly <= aws.now())
    rule(aws, "at-25", "cron(25 * * * ? *)", target, role_arn)
    made = aws.now()
    rule(aws, "every-20", "rate(20 minutes)", target, role_arn)
    # WHEN asked THEN each says its own moment, and nothing while it is off
    assert aws.next_firing(HERE, "at-25") == hourly
    assert aws.next_firing(HERE, "every-20") == made + dt.timedelta(minutes=20)
    aws.client("events", HERE).disable_rule(Name="every-20")
    assert aws.next_firing(HERE, "every-20") is None
    # WHEN time passes up to that moment THEN it has fired once, and the next one is an hour later
    since = aws.mark()
    aws.advance_to(hourly)
    aws.settle()
    assert fired(aws, since) == [(f"{hourly:%d %H:%M:%S}", f"{hourly:%Y-%m-%dT%H:%M:%SZ}")]
    assert aws.next_firing(HERE, "at-25") == hourly + dt.timedelta(hours=1)
    aws.client("events", HERE).disable_rule(Name="at-25")


def test_a_disabled_rule_is_silent(aws: EmulatedAws, role_arn: str, target: str) -> None:
    rule(aws, "off", "rate(10 minutes)", target, role_arn)
    aws.client("events", HERE).disable_rule(Name="off")
    since = aws.mark()
    aws.advance(dt.timedelta(hours=1))
    assert fired(aws, since) == []


def test_a_rule_that_is_enabled_again_does_not_make_up_for_what_it_missed(
    aws: EmulatedAws, role_arn: str, target: str
) -> None:
    # GIVEN a rule that was off when its time came
    events = aws.client("events", HERE)
    rule(aws, "again", "cron(0 4 * * ? *)", target, role_arn)
    events.disable_rule(Name="again")
    due = (aws.now() + dt.timedelta(days=1)).replace(hour=4, minute=0, second=0, microsecond=0)
    aws.advance_to(due + dt.timedelta(hours=1))
    # WHEN it is on again
    since = aws.mark()
    events.enable_rule(Name="again")
    aws.advance_to(due + dt.timedelta(hours=26))
    events.disable_rule(Name="again")
    # THEN it fires at its next time only
    following = due + dt.timedelta(days=1)
    assert fired(aws, since) == [(f"{following:%d} 04:00:00", f"{following:%Y-%m-%dT%H:%M:%SZ}")]


def test_scheduler_fires_by_virtual_time_too(aws: EmulatedAws, role_arn: str, target: str) -> None:
    given = {"Arn": target, "RoleArn": role_arn, "Input": json.dumps({"time": "scheduled"})}
    aws.client("scheduler", HERE).create_schedule(
        Name="s", ScheduleExpression="cron(0 4 * * ? *)", FlexibleTimeWindow={"Mode": "OFF"}, Target=given
    )
    since = aws.mark()
    aws.advance(dt.timedelta(days=1))
    assert [name for _, name in fired(aws, since)] == ["scheduled"]
    aws.client("scheduler", HERE).delete_schedule(Name="s")


def test_a_rule_whose_role_may_not_start_its_target_starts_nothing(aws: EmulatedAws, target: str) -> None:
    # GIVEN a rule with a role that may do nothing, and IAM enforced
    arn = role(aws, "powerless")
    rule(aws, "denied", "rate(10 minutes)", target, arn)
    aws.enforce_iam(True)
    since = aws.mark()
    # WHEN it is due
    aws.advance(dt.timedelta(minutes=15))
    # THEN the call stands there as denied, and nothing ran
    found = [(call["principal"], call["operation"], call["error"]) for call in aws.calls(since)]
    assert found == [(arn, "StartExecution", "AccessDenied")]
    # WHEN IAM is not asked THEN it runs
    aws.enforce_iam(False)
    aws.advance(dt.timedelta(minutes=10))
    assert len(fired(aws, since)) == 1
    aws.client("events", HERE).disable_rule(Name="denied")


def test_what_a_rule_may_not_deliver_lands_in_its_dead_letter_queue(aws: EmulatedAws, target: str) -> None:
    # GIVEN a rule with a role that may do nothing, and a queue for what is lost
    arn = role(aws, "powerless-too")
    queue = aws.client("sqs", HERE)
    url = queue.create_queue(QueueName="dead")["QueueUrl"]
    dead = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule(aws, "buried", "rate(10 minutes)", target, arn, DeadLetterConfig={"Arn": dead})
    aws.enforce_iam(True)
    # WHEN it is due
    aws.advance(dt.timedelta(minutes=15))
    aws.enforce_iam(False)
    aws.client("events", HERE).disable_rule(Name="buried")
    # THEN the event is there at once, with the reason
    (letter,) = queue.receive_message(QueueUrl=url)["Messages"]
    assert "is not authorized to perform: states:StartExecution" in letter["Body"]


def test_what_goes_to_a_function_that_is_gone_lands_in_the_dead_letter_queue(aws: EmulatedAws) -> None:
    # GIVEN a rule whose function was deleted
    events, queue = aws.client("events", HERE), aws.client("sqs", HERE)
    events.put_rule(Name="gone", ScheduleExpression="rate(10 minutes)")
    url = queue.create_queue(QueueName="gone")["QueueUrl"]
    dead = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    arn = f"arn:aws:lambda:{HERE}:{aws.account}:function:gone"
    events.put_targets(Rule="gone", Targets=[{"Id": "1", "Arn": arn, "DeadLetterConfig": {"Arn": dead}}])
    # WHEN it is due
    aws.advance(dt.timedelta(minutes=15))
    events.disable_rule(Name="gone")
    # THEN
    (letter,) = queue.receive_message(QueueUrl=url)["Messages"]
    assert "Function not found" in letter["Body"]


def test_ninety_days_of_empty_schedules_cost_nothing(aws: EmulatedAws, role_arn: str, target: str) -> None:
    begun = aws.now()
    aws.advance(dt.timedelta(days=90))
    assert aws.now() - begun == dt.timedelta(days=90)


@pytest.mark.parametrize(("let_in", "called"), [(True, True), (False, False)])
def test_a_function_that_does_not_let_a_rule_in_is_not_called(
    aws: EmulatedAws, role_arn: str, let_in: bool, called: bool
) -> None:
    # GIVEN a function whose policy names the rule, or another one, and a queue for what is lost
    name = f"called-{called}"
    code = """
        import boto3
        def h(event, context):
            return boto3.client("redshift").describe_clusters(ClusterIdentifier=event["cluster"])
    """
    arn = function(aws, name, role_arn, code)
    events, queue = aws.client("events", HERE), aws.client("sqs", HERE)
    rule_arn = events.put_rule(Name=name, ScheduleExpression="rate(10 minutes)")["RuleArn"]
    aws.client("lambda", HERE).add_permission(
        FunctionName=name,
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=rule_arn if let_in else f"{rule_arn}-other",
    )
    url = queue.create_queue(QueueName=name)["QueueUrl"]
    dead = queue.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    target = {"Id": "1", "Arn": arn, "Input": '{"cluster": "by-rule"}', "DeadLetterConfig": {"Arn": dead}}
    events.put_targets(Rule=name, Targets=[target])
    aws.enforce_iam(True)
    since = aws.mark()
    # WHEN it is due
    aws.advance(dt.timedelta(minutes=15))
    aws.settle()
    aws.enforce_iam(False)
    events.disable_rule(Name=name)
    # THEN the function ran, or the event is in the queue, with the reason
    letters = [each["Body"] for each in queue.receive_message(QueueUrl=url).get("Messages", [])]
    assert ([made[1] for made in fired(aws, since)] != []) is called
    assert ["is not authorized to perform: lambda:InvokeFunction" in body for body in letters] == [True] * (not called)
