"""Redshift on the wire: what boto3 writes is read, what the model answers is written so that boto3 reads it."""

from __future__ import annotations

import datetime as dt
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import botocore.parsers
import botocore.serialize
import botocore.session
import pytest

from emulator.aws.redshift_service import failure, parse, success
from emulator.redshift_model import OPERATIONS, CopyConfig, api_error
from emulator.redshift_model.errors import operation_model, service_model

if TYPE_CHECKING:
    from emulator.aws import EmulatedAws

HERE, THERE = "us-east-1", "us-west-2"
NAMES = sorted(OPERATIONS["redshift"])
_DEEPEST = 4


def sample(shape: Any, depth: int = 0) -> Any:
    """A value of ``shape`` with every member filled."""
    kind = shape.type_name
    if kind == "structure":
        return {} if depth > _DEEPEST else {name: sample(member, depth + 1) for name, member in shape.members.items()}
    if kind == "list":
        return [sample(shape.member, depth + 1), sample(shape.member, depth + 1)] if depth <= _DEEPEST else []
    if kind == "timestamp":
        return dt.datetime(2026, 11, 23, 8, 15, 7, tzinfo=dt.UTC)
    if kind == "map":
        return {"key": sample(shape.value, depth + 1)}
    values = {"boolean": True, "integer": 7, "long": 2**40, "double": 1.5, "float": 1.5, "string": 'a & <b> "ü"'}
    return values[kind]


def pruned(value: Any) -> Any:
    """Without what the wire cannot carry: empty structures and lists."""
    if isinstance(value, dict):
        return {key: found for key, item in value.items() if (found := pruned(item)) not in ({}, [])}
    return [found for item in value if (found := pruned(item)) not in ({}, [])] if isinstance(value, list) else value


@pytest.mark.parametrize("name", NAMES)
def test_each_request_is_read_as_it_was_written(name: str) -> None:
    # GIVEN every parameter that botocore knows
    shape = operation_model("redshift", name).input_shape
    given = sample(shape) if shape is not None else {}
    written = botocore.serialize.create_serializer("query").serialize_to_request(
        given, operation_model("redshift", name)
    )
    import urllib.parse

    # WHEN it crosses the wire THEN nothing is lost
    assert parse(urllib.parse.urlencode(written["body"]).encode()) == (name, pruned(given))


@pytest.mark.parametrize("name", NAMES)
def test_each_answer_is_read_as_it_was_meant(name: str) -> None:
    model = operation_model("redshift", name)
    given = sample(model.output_shape) if model.output_shape is not None else {}
    status, headers, body = success(name, given)
    read = botocore.parsers.create_parser("query").parse(
        {"body": body, "headers": headers, "status_code": status}, model.output_shape
    )
    assert read.pop("ResponseMetadata")["RequestId"]
    assert pruned(read) == pruned(given)


@pytest.mark.parametrize(
    "shape", [*sorted(shape.name for shape in service_model("redshift").error_shapes), "AccessDenied", "Throttling"]
)
def test_each_error_crosses_with_its_code_and_status(shape: str) -> None:
    error = api_error(shape, "words & <more>")
    status, headers, body = failure(error)
    parser = botocore.parsers.create_parser("query")
    read = parser.parse({"body": body, "headers": headers, "status_code": status}, None)
    assert (read["Error"]["Code"], read["Error"]["Message"]) == (error.code, "words & <more>")
    assert read["ResponseMetadata"]["HTTPStatusCode"] == error.status


def test_boto3_raises_typed_exceptions_over_http(aws: EmulatedAws) -> None:
    redshift = aws.client("redshift", HERE)
    with pytest.raises(redshift.exceptions.ClusterNotFoundFault):
        redshift.describe_clusters(ClusterIdentifier="none")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        redshift.describe_hsm_configurations()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_story_over_http_reads_like_the_model(aws: EmulatedAws) -> None:
    # GIVEN a cluster that copies, set up from outside
    aws.model("given_cluster", HERE, "sales", copy=CopyConfig(THERE, 7, 90, None), tags={"team": "bi"})
    redshift = aws.client("redshift", HERE)
    # WHEN it is asked and used
    found = redshift.describe_clusters(ClusterIdentifier="sales")["Clusters"][0]
    assert found["ClusterSnapshotCopyStatus"]["ManualSnapshotRetentionPeriod"] == 90
    assert found["Tags"] == [{"Key": "team", "Value": "bi"}]
    assert found["ClusterCreateTime"] == aws.now()
    redshift.create_cluster_snapshot(
        ClusterIdentifier="sales", SnapshotIdentifier="one", Tags=[{"Key": "k", "Value": "v"}]
    )
    aws.advance(dt.timedelta(hours=1))
    # THEN the snapshot stands there, its copy in the other Region, and the model says the same
    here = redshift.describe_cluster_snapshots(SnapshotIdentifier="one")["Snapshots"][0]
    there = aws.client("redshift", THERE).describe_cluster_snapshots(SnapshotType="manual")["Snapshots"]
    assert (here["Status"], here["Tags"]) == ("available", [{"Key": "k", "Value": "v"}])
    assert [(copy["SnapshotIdentifier"], copy["SourceRegion"]) for copy in there] == [("one", HERE)]
    assert [s["identifier"] for s in aws.model("snapshots", THERE)] == ["one"]


def test_answers_are_dated_by_virtual_time(aws: EmulatedAws) -> None:
    # GIVEN a clock far ahead of this machine's WHEN asked THEN the answer's date is that of the clock, once
    aws.advance(dt.timedelta(days=400))
    answer = aws.client("ssm", HERE).describe_parameters()["ResponseMetadata"]["HTTPHeaders"]
    assert parsedate_to_datetime(answer["date"]) == aws.now().replace(microsecond=0)


def test_pages_follow_each_other_over_http(aws: EmulatedAws) -> None:
    for index in range(25):
        aws.client("redshift", THERE).create_snapshot_copy_grant(SnapshotCopyGrantName=f"grant-{index}")
    pages = list(
        aws.client("redshift", THERE)
        .get_paginator("describe_snapshot_copy_grants")
        .paginate(PaginationConfig={"PageSize": 20})
    )
    assert [len(page["SnapshotCopyGrants"]) for page in pages] == [20, 5]


def test_keys_are_one_truth(aws: EmulatedAws) -> None:
    # GIVEN a key of KMS with an alias
    kms, redshift = aws.client("kms", HERE), aws.client("redshift", HERE)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    # WHEN Redshift is told of it by alias THEN it knows the key
    made = redshift.create_snapshot_copy_grant(SnapshotCopyGrantName="by-alias", KmsKeyId="alias/mine")
    assert made["SnapshotCopyGrant"]["KmsKeyId"] == key
    # WHEN the key is disabled, or is another Region's THEN it is refused
    kms.disable_key(KeyId=key)
    for client in (redshift, aws.client("redshift", THERE)):
        with pytest.raises(botocore.exceptions.ClientError, match=r"Disabled|does not exist"):
            client.create_snapshot_copy_grant(SnapshotCopyGrantName="refused", KmsKeyId=key)
    # AND a key that a test makes is KMS's, too
    given = aws.model("given_key", HERE, alias="given")
    assert kms.describe_key(KeyId="alias/given")["KeyMetadata"]["Arn"] == given


def test_faults_are_prepared_from_outside(aws: EmulatedAws) -> None:
    redshift = aws.client("redshift", HERE)
    aws.faults("fail_next", "DescribeClusters", "Throttling", times=1)
    with pytest.raises(botocore.exceptions.ClientError, match="Throttling"):
        redshift.describe_clusters()
    redshift.describe_clusters()
    assert aws.calls()[-2]["error"] == "Throttling"


def test_beliefs_are_changed_from_outside(aws: EmulatedAws) -> None:
    assert aws.settings(copy_seconds=60)["copy_seconds"] == 60
