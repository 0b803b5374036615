"""Events over the wire: a function's own, those of CloudTrail, and what rules on them deliver."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

from tests.emulator.aws_scene import HERE, allow, call, caller, invoke, role, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

BUS = f"arn:aws:events:{HERE}:*:event-bus/default"
PROBLEMS = {
    "source": [{"prefix": "resilient"}],
    "detail": {"state": [{"anything-but": ["OK"]}], "age": [{"numeric": [">", 5]}]},
}


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture
def enforced(aws: EmulatedAws) -> Iterator[EmulatedAws]:
    aws.enforce_iam(True)
    yield aws
    aws.enforce_iam(False)


def rule(aws: EmulatedAws, name: str, pattern: dict[str, Any], target: str) -> None:
    events = aws.client("events", HERE)
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target}])


def topic(aws: EmulatedAws, name: str, **more: Any) -> str:
    """A topic, with a statement for EventBridge if ``more`` is given: what else the statement says."""
    sns = aws.client("sns", HERE)
    arn = str(sns.create_topic(Name=name)["TopicArn"])
    if more:
        who = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}
        statement = {"Effect": "Allow", **who, **more}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    return arn


def finding(**detail: Any) -> dict[str, str]:
    return {"Source": "resilient.test", "DetailType": "Finding", "Detail": json.dumps(detail)}


def test_a_functions_event_meets_a_pattern_and_reaches_the_topics_that_let_eventbridge_in(
    enforced: EmulatedAws,
) -> None:
    # GIVEN rules on one pattern, and topics with a statement, without one, and with one that has a condition
    aws = enforced
    condition = {"Condition": {"StringEquals": {"aws:SourceAccount": aws.account}}}
    topics = [topic(aws, "open", Sid="S"), topic(aws, "default"), topic(aws, "conditioned", **condition)]
    for number, target in enumerate(topics):
        rule(aws, f"findings-{number}", PROBLEMS, target)
    sender = caller(aws, "sender", role(aws, "sender", allow("events:PutEvents", on=BUS)))
    events, deliveries = len(aws.events()), len(aws.deliveries())
    # WHEN a function sends one that meets it, and two that do not
    details = [{"state": "late", "age": 9}, {"state": "OK", "age": 9}, {"state": "late", "age": 5}]
    sent = call("events", "put_events", Entries=[finding(**each) for each in details])
    assert invoke(aws, sender, sent)["FailedEntryCount"] == 0
    # THEN all were taken, and one was delivered, where the policy has a statement without a condition
    assert [each["detail"]["age"] for each in aws.events(events)] == [9, 9, 5]
    found = {each["target"]: each["refused"] is None for each in aws.deliveries(deliveries)}
    assert found == dict(zip(topics, (True, False, False), strict=True))
    (arrived,) = [each for each in aws.deliveries(deliveries) if each["refused"] is None]
    assert json.loads(arrived["body"])["detail"] == {"state": "late", "age": 9}


def test_who_has_no_right_on_the_bus_sends_nothing(enforced: EmulatedAws) -> None:
    # GIVEN somebody whose right is on another bus
    elsewhere = role(enforced, "elsewhere", allow("events:PutEvents", on=f"{BUS}-other"))
    events = len(enforced.events())
    # WHEN / THEN
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        signed_in(enforced, elsewhere, "events").put_events(Entries=[finding(state="late", age=9)])
    assert enforced.events(events) == []


def test_what_is_published_is_a_delivery_and_takes_rights_on_the_topics_key(enforced: EmulatedAws) -> None:
    # GIVEN an encrypted topic
    aws = enforced
    key = aws.model("given_key", HERE)
    arn = topic(aws, "encrypted")
    aws.client("sns", HERE).set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
    message = {"TopicArn": arn, "Subject": "s", "Message": "m"}
    # WHEN somebody without a right on its key publishes THEN it is refused
    since = len(aws.deliveries())
    with pytest.raises(botocore.exceptions.ClientError, match="AuthorizationError"):
        signed_in(aws, role(aws, "weak", allow("sns:Publish")), "sns").publish(**message)
    assert aws.deliveries(since) == []
    # WHEN he has one THEN it is delivered
    rights = [allow("sns:Publish"), allow("kms:Decrypt", "kms:GenerateDataKey*", on=key)]
    signed_in(aws, role(aws, "strong", *rights), "sns").publish(**message)
    (found,) = aws.deliveries(since)
    assert (found["target"], found["subject"], found["body"], found["refused"]) == (arn, "s", "m", None)


def test_a_call_that_switches_the_copy_off_is_an_event_and_can_be_looked_up(aws: EmulatedAws) -> None:
    # GIVEN a cluster whose copy is on, and a rule on what switches it off
    aws.model("given_cluster", HERE, "trailed")
    redshift = aws.client("redshift", HERE)
    redshift.enable_snapshot_copy(ClusterIdentifier="trailed", DestinationRegion="us-west-2")
    guarded = {"source": ["aws.redshift", "aws.kms"], "detail-type": ["AWS API Call via CloudTrail"]}
    names = {"detail": {"eventName": ["DisableSnapshotCopy", "DisableKey"]}}
    rule(aws, "guard", {**guarded, **names}, topic(aws, "guarded", Sid="S"))
    since = len(aws.deliveries())
    key = aws.model("given_key", HERE)
    # WHEN somebody does it, and somebody disables a key
    intruder = role(aws, "intruder", allow("redshift:*"))
    signed_in(aws, intruder, "redshift").disable_snapshot_copy(ClusterIdentifier="trailed")
    aws.client("kms", HERE).disable_key(KeyId=key)
    # THEN both are told, with who did it
    said = [json.loads(each["body"])["detail"] for each in aws.deliveries(since)]
    assert [each["eventName"] for each in said] == ["DisableSnapshotCopy", "DisableKey"]
    assert said[0]["requestParameters"] == {"clusterIdentifier": "trailed"}
    assert said[0]["userIdentity"]["arn"].startswith(f"arn:aws:sts::{aws.account}:assumed-role/intruder/")
    assert said[1]["userIdentity"]["type"] == "Root"
    # AND CloudTrail shows it five minutes later
    trail = aws.client("cloudtrail", HERE)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "DisableSnapshotCopy"}]
    assert trail.lookup_events(LookupAttributes=wanted)["Events"] == []
    aws.advance(dt.timedelta(minutes=5))
    (found,) = trail.lookup_events(LookupAttributes=wanted)["Events"]
    assert (found["Username"], found["Resources"][0]["ResourceName"]) == ("operator", "trailed")
    by_name = [{"AttributeKey": "ResourceName", "AttributeValue": "trailed"}]
    names_of = [each["EventName"] for each in trail.lookup_events(LookupAttributes=by_name)["Events"]]
    assert names_of == ["DisableSnapshotCopy", "EnableSnapshotCopy"]
