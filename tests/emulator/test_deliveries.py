"""What an alarm's actions deliver: through the topic's policy and its key; refusals are kept with their reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.core.responses import request_scope
from ministack.services import kms, sns, sqs

from emulator.redshift_model import ACCOUNT
from tests.emulator.cloudwatch_scene import Watched
from tests.emulator.scene import HERE

ALARM_ARN = f"arn:aws:cloudwatch:{HERE}:{ACCOUNT}:alarm:a"


@pytest.fixture
def watched() -> Watched:
    return Watched()


def allow(principal: Any, *actions: str, **condition: dict[str, str]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Condition": condition} if condition else {})}]}


SERVICE = {"Service": "cloudwatch.amazonaws.com"}


def ring(watched: Watched, topic: str) -> str | None:
    """Let an alarm ring; why its message was refused, None if it arrived."""
    watched.alarm(TreatMissingData="breaching", AlarmActions=[topic])
    watched.advance(1)
    (found,) = watched.world.deliveries.entries
    return found.refused


def test_a_message_says_what_cloudwatchs_says(watched: Watched) -> None:
    # GIVEN a topic without a policy of its own
    topic = watched.topic()
    # WHEN an alarm rings
    assert ring(watched, topic) is None
    # THEN
    (found,) = watched.world.deliveries.entries
    body = json.loads(found.body)
    assert found.subject == f'ALARM: "a" in {HERE}'
    assert (found.target, found.source, found.service) == (topic, ALARM_ARN, "cloudwatch.amazonaws.com")
    assert (body["AlarmName"], body["OldStateValue"], body["NewStateValue"]) == ("a", "INSUFFICIENT_DATA", "ALARM")
    assert body["StateChangeTime"] == "2026-11-23T08:01:00.000+0000"


@pytest.mark.parametrize(
    ("policy", "arrives"),
    [
        (allow(SERVICE, "sns:Publish"), True),
        (allow(SERVICE, "sns:Publish", StringEquals={"aws:SourceAccount": ACCOUNT}), True),
        (allow(SERVICE, "sns:Publish", StringEquals={"aws:SourceAccount": "999999999999"}), False),
        (
            allow(SERVICE, "sns:Publish", ArnLike={"aws:SourceArn": f"arn:aws:cloudwatch:{HERE}:{ACCOUNT}:alarm:*"}),
            True,
        ),
        (allow(SERVICE, "sns:Publish", ArnEquals={"aws:SourceArn": f"{ALARM_ARN}-other"}), False),
        (allow({"AWS": "*"}, "sns:Publish", StringEquals={"AWS:SourceOwner": ACCOUNT}), True),
        (allow({"AWS": ACCOUNT}, "sns:Publish"), False),
        (allow({"Service": "events.amazonaws.com"}, "sns:Publish"), False),
        (allow(SERVICE, "sns:Subscribe"), False),
    ],
)
def test_the_policy_of_the_topic_is_asked(watched: Watched, policy: dict[str, Any], arrives: bool) -> None:
    refused = ring(watched, watched.topic(Policy=policy))
    assert refused is None if arrives else "does not let cloudwatch.amazonaws.com publish" in str(refused)


def test_a_topic_that_is_closed_to_calls_without_tls_is_open_to_a_service(watched: Watched) -> None:
    policy = allow(SERVICE, "sns:Publish")
    deny = {**allow("*", "sns:Publish", Bool={"aws:SecureTransport": "false"})["Statement"][0], "Effect": "Deny"}
    policy["Statement"].append(deny)
    assert ring(watched, watched.topic(Policy=policy)) is None


@pytest.mark.parametrize(
    ("policy", "arrives"),
    [
        (allow(SERVICE, "kms:Decrypt", "kms:GenerateDataKey*"), True),
        (allow(SERVICE, "kms:*"), True),
        (allow(SERVICE, "kms:Decrypt"), False),
        (allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*"), False),
        # which condition keys CloudWatch passes to KMS is not documented: none
        (allow(SERVICE, "kms:*", StringEquals={"aws:SourceAccount": ACCOUNT}), False),
    ],
)
def test_the_policy_of_the_key_is_asked(watched: Watched, policy: dict[str, Any], arrives: bool) -> None:
    with request_scope(ACCOUNT, HERE):
        created = json.loads(kms._create_key({"Policy": json.dumps(policy)})[2])
    refused = ring(watched, watched.topic(KmsMasterKeyId=created["KeyMetadata"]["KeyId"]))
    assert refused is None if arrives else "does not let cloudwatch.amazonaws.com use it" in str(refused)


def test_a_disabled_key_and_awss_own_let_nothing_through(watched: Watched) -> None:
    with request_scope(ACCOUNT, HERE):
        key = json.loads(kms._create_key({"Policy": json.dumps(allow(SERVICE, "kms:*"))})[2])["KeyMetadata"]["Arn"]
        kms._disable_key({"KeyId": key})
    watched.alarm("one", TreatMissingData="breaching", AlarmActions=[watched.topic("t1", KmsMasterKeyId=key)])
    watched.alarm(
        "two", TreatMissingData="breaching", AlarmActions=[watched.topic("t2", KmsMasterKeyId="alias/aws/sns")]
    )
    watched.advance(1)
    assert [each.refused for each in watched.world.deliveries.entries] == [
        f"the key {key} is Disabled",
        "the key alias/aws/sns lets no service in",
    ]


def test_a_topic_that_is_not_there_gets_nothing(watched: Watched) -> None:
    assert "does not exist" in str(ring(watched, f"arn:aws:sns:eu-west-1:{ACCOUNT}:t"))


def test_other_actions_are_recorded_only(watched: Watched) -> None:
    actions = [f"arn:aws:lambda:{HERE}:{ACCOUNT}:function:f", f"arn:aws:ssm:{HERE}:{ACCOUNT}:opsitem:1"]
    watched.alarm(TreatMissingData="breaching", AlarmActions=actions)
    watched.advance(1)
    assert [(each.target, each.refused) for each in watched.world.deliveries.entries] == [(a, None) for a in actions]


def test_what_arrives_reaches_the_subscribers(watched: Watched) -> None:
    # GIVEN a subscribed queue
    topic = watched.topic()
    with request_scope(ACCOUNT, HERE):
        queue = watched.make("AWS::SQS::Queue", "q")
        arn = f"arn:aws:sqs:{HERE}:{ACCOUNT}:{queue.rsplit('/', 1)[-1]}"
        sns._subscribe({"TopicArn": [topic], "Protocol": ["sqs"], "Endpoint": [arn]})
        # WHEN
        ring(watched, topic)
        # THEN
        (message,) = sqs._queue_by_arn(arn)["messages"]
    assert json.loads(json.loads(message["body"])["Message"])["AlarmName"] == "a"
