"""What an operator's trial meets in the emulated AWS: a Region that hangs, quotas of APIs, a managed secret, several databases, a log of calls."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from typing import TYPE_CHECKING, Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from tests.emulator.aws_scene import HERE, THERE, allow, function, invoke, role

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from emulator.aws import EmulatedAws

ELSEWHERE = "eu-west-1"
ADMIN = "admin"


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture
def untroubled(aws: EmulatedAws) -> Iterator[EmulatedAws]:
    """Nothing outlives the test."""
    yield aws
    aws.region_up(ELSEWHERE)
    aws.lift_throttle(ELSEWHERE)
    aws.let_time_flow(0)


def client(aws: EmulatedAws, service: str, region: str = ELSEWHERE, **more: Any) -> Any:
    """A client with the caller's own patience."""
    return boto3.client(
        service,
        region,
        endpoint_url=aws.endpoint,
        aws_access_key_id=aws.account,
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, proxies={}, **more),
    )


def test_a_region_that_hangs_accepts_and_never_answers(untroubled: EmulatedAws) -> None:
    # GIVEN a Region that hangs
    untroubled.region_down(ELSEWHERE, hang=True)
    # WHEN it is asked THEN the connection stands, and only the caller's patience ends the wait
    for service, operation in (("redshift", "describe_clusters"), ("ssm", "describe_parameters")):
        asked = client(untroubled, service, read_timeout=0.3)
        begun = time.monotonic()
        with pytest.raises(botocore.exceptions.ReadTimeoutError):
            getattr(asked, operation)()
        assert time.monotonic() - begun >= 0.3
    # AND others answer; WHEN it is back THEN it does, too
    client(untroubled, "redshift", HERE).describe_clusters()
    untroubled.region_up(ELSEWHERE)
    assert client(untroubled, "redshift", read_timeout=30).describe_clusters()["Clusters"] == []


#: A service of each protocol, a call of it, and its code.
APIS = {
    "redshift": ("describe_clusters", {}, "Throttling"),
    "redshift-data": ("list_statements", {}, "ThrottlingException"),
    "ssm": ("describe_parameters", {}, "ThrottlingException"),
    "stepfunctions": ("list_state_machines", {}, "ThrottlingException"),
    "cloudwatch": ("describe_alarms", {}, "Throttling"),
    "sts": ("get_caller_identity", {}, "Throttling"),
}


@pytest.mark.parametrize("service", sorted(APIS))
def test_an_api_over_its_quota_says_so_in_its_own_protocol(untroubled: EmulatedAws, service: str) -> None:
    # GIVEN a quota of two calls at once WHEN there are three THEN the third is throttled
    operation, given, code = APIS[service]
    untroubled.throttle(ELSEWHERE, rate=0.001, burst=2)
    call = getattr(client(untroubled, service), operation)
    call(**given)
    call(**given)
    with pytest.raises(botocore.exceptions.ClientError, match="Rate exceeded") as refused:
        call(**given)
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    # AND another API has a bucket of its own, another Region none
    client(untroubled, "kms").list_keys()
    getattr(client(untroubled, service, HERE), operation)(**given)


def test_tokens_come_back_with_virtual_time(untroubled: EmulatedAws) -> None:
    # GIVEN an empty bucket WHEN the time of two tokens passes THEN two calls are answered, and no third
    untroubled.throttle(ELSEWHERE, rate=0.001, burst=2, operation="DescribeClusters")
    redshift = client(untroubled, "redshift")

    def answered() -> int:
        count = 0
        while count < 9:
            try:
                redshift.describe_clusters()
            except botocore.exceptions.ClientError:
                return count
            count += 1
        return count

    assert answered() == 2
    untroubled.advance(dt.timedelta(seconds=2000))
    assert answered() == 2
    # AND another operation has no quota
    for _ in range(4):
        redshift.describe_cluster_snapshots()


def test_a_function_waits_its_turn_by_boto3s_own_retries(untroubled: EmulatedAws) -> None:
    # GIVEN a quota of a call a second WHEN a function makes five calls THEN all are answered, later
    code = """
        import boto3
        def h(event, context):
            client = boto3.client("redshift", region_name="eu-west-1")
            return len([client.describe_clusters() for _ in range(5)])
    """
    function(untroubled, "patient", role(untroubled, "patient", allow("redshift:*")), code)
    untroubled.throttle(ELSEWHERE, rate=1, burst=1)
    assert invoke(untroubled, "patient") == 5


@pytest.mark.parametrize("given", [{"rate": 0}, {"burst": 0}])
def test_a_quota_that_lets_nothing_through_is_refused(aws: EmulatedAws, given: dict[str, int]) -> None:
    with pytest.raises(Exception, match="a quota has a rate above 0 and a burst of 1 or more"):
        aws.throttle(ELSEWHERE, **given)


def test_secrets_manager_answers_for_a_managed_password_and_for_a_restored_clusters(aws: EmulatedAws) -> None:
    # GIVEN a cluster whose password Redshift manages
    redshift, secrets = aws.client("redshift", HERE), aws.client("secretsmanager", HERE)
    size = {"NodeType": "ra3.large", "NumberOfNodes": 2}
    redshift.create_cluster(
        ClusterIdentifier="secretive", MasterUsername=ADMIN, ManageMasterPassword=True, DBName="dev", **size
    )
    aws.advance(dt.timedelta(hours=1))
    arn = redshift.describe_clusters(ClusterIdentifier="secretive")["Clusters"][0]["MasterPasswordSecretArn"]
    # WHEN its secret is read THEN it is the user's, and the Data API takes it
    told = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    assert told.keys() == {"username", "password"}
    assert told["username"] == ADMIN
    data = aws.client("redshift-data", HERE)
    asked = data.execute_statement(ClusterIdentifier="secretive", Database="dev", SecretArn=arn, Sql="select 1")["Id"]
    aws.advance(dt.timedelta(minutes=1))
    assert data.describe_statement(Id=asked)["Status"] == "FINISHED"
    # AND a cluster that is restored from its snapshot has a secret of its own
    redshift.create_cluster_snapshot(ClusterIdentifier="secretive", SnapshotIdentifier="secretive-1")
    aws.advance(dt.timedelta(hours=1))
    aws.model("given_subnet_group", HERE, "secretive")
    redshift.restore_from_cluster_snapshot(
        ClusterIdentifier="restored",
        SnapshotIdentifier="secretive-1",
        ManageMasterPassword=True,
        ClusterSubnetGroupName="secretive",
        **size,
    )
    aws.advance(dt.timedelta(hours=1))
    other = redshift.describe_clusters(ClusterIdentifier="restored")["Clusters"][0]["MasterPasswordSecretArn"]
    assert json.loads(secrets.get_secret_value(SecretId=other)["SecretString"])["password"] != told["password"]
    # WHEN the first cluster is deleted THEN its secret is gone with it, and the other one stays
    redshift.delete_cluster(ClusterIdentifier="secretive", SkipFinalClusterSnapshot=True)
    aws.advance(dt.timedelta(hours=1))
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=arn)
    assert secrets.describe_secret(SecretId=other)["ARN"] == other


def test_a_cluster_has_several_databases(aws: EmulatedAws) -> None:
    # GIVEN a cluster with a database beside its own, and one that a statement makes
    aws.model("given_cluster", THERE, "several", automated_retention=0)
    aws.model("given_content", THERE, "several", tables={"orders": 3}, databases={"reporting": {"daily": 2}})
    data = aws.client("redshift-data", THERE)

    def run(database: str, sql: str) -> Any:
        user = aws.client("redshift", THERE).describe_clusters(ClusterIdentifier="several")["Clusters"][0]
        given = {"ClusterIdentifier": "several", "Database": database, "DbUser": user["MasterUsername"]}
        asked = data.execute_statement(**given, Sql=sql)["Id"]
        aws.advance(dt.timedelta(seconds=30))
        ended = data.describe_statement(Id=asked)
        return data.get_statement_result(Id=asked)["Records"] if ended["HasResultSet"] else ended.get("Error", "")

    assert run("dev", "create database lab") == ""
    assert 'database "lab" already exists' in run("dev", "create database lab")
    run("lab", "create table tried (id bigint)")
    # WHEN each is asked THEN it has its own tables
    assert run("reporting", "select count(*) from daily") == [[{"longValue": 2}]]
    assert 'relation "daily" does not exist' in run("dev", "select count(*) from daily")
    assert run("lab", "select count(*) from tried") == [[{"longValue": 0}]]


def test_each_call_has_a_line_with_its_region_its_answer_and_its_caller(
    untroubled: EmulatedAws, tmp_path: Path
) -> None:
    # GIVEN a log WHEN somebody calls, is refused, is throttled, hangs, and a function calls
    path = tmp_path / "a folder" / "calls.log"
    untroubled.log_calls(path)
    redshift = client(untroubled, "redshift")
    redshift.describe_clusters()
    with pytest.raises(botocore.exceptions.ClientError):
        redshift.describe_clusters(ClusterIdentifier="nobody")
    untroubled.throttle(ELSEWHERE, rate=0.001, burst=1)
    client(untroubled, "ssm").describe_parameters()
    with pytest.raises(botocore.exceptions.ClientError):
        client(untroubled, "ssm").describe_parameters()
    untroubled.region_down(ELSEWHERE, hang=True)
    with pytest.raises(botocore.exceptions.ReadTimeoutError):
        client(untroubled, "redshift", read_timeout=0.3).describe_clusters()
    untroubled.region_down(ELSEWHERE)
    with pytest.raises(botocore.exceptions.HTTPClientError):
        client(untroubled, "kms").list_keys()
    # THEN each has a line at once, with its virtual time
    lines = path.read_text().splitlines()
    assert [re.split(r"\s{2,}", line)[1:] for line in lines] == [
        [ELSEWHERE, "200", "redshift:DescribeClusters", "root"],
        [ELSEWHERE, "404 ClusterNotFound", "redshift:DescribeClusters", "root"],
        [ELSEWHERE, "200", "ssm:DescribeParameters", "root"],
        [ELSEWHERE, "400 ThrottlingException", "ssm:DescribeParameters", "root"],
        [ELSEWHERE, "hangs", "redshift:?", "root"],
        [ELSEWHERE, "closed", "kms:ListKeys", "root"],
    ]
    assert lines[0].startswith(f"{untroubled.now():%Y-%m-%dT}")


def test_time_flows_while_somebody_calls(untroubled: EmulatedAws) -> None:
    # GIVEN time that stands still
    redshift = client(untroubled, "redshift")
    redshift.describe_clusters()
    before = untroubled.now()
    redshift.describe_clusters()
    assert untroubled.now() - before < dt.timedelta(seconds=5)  # what the calls themselves take
    # WHEN it flows fast THEN somebody who polls sees it pass
    untroubled.let_time_flow(1_000_000)
    redshift.describe_clusters()
    redshift.describe_clusters()
    assert untroubled.now() - before > dt.timedelta(minutes=1)
    # AND it cannot flow backwards
    with pytest.raises(Exception, match="factor: got -1"):
        untroubled.let_time_flow(-1)
