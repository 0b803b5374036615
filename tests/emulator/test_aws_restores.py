"""Restores of the emulated AWS: what IAM asks for beside cluster and snapshot, and what Redshift sees of other services."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import botocore.exceptions
import pytest

from tests.emulator.aws_scene import HERE, THERE, allow, call, caller, invoke, role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws

ACCOUNT = "111122223333"
PREFIX = f"arn:aws:redshift:{HERE}:{ACCOUNT}:"


@pytest.fixture(scope="module")
def aws(one_aws: EmulatedAws) -> EmulatedAws:
    return one_aws


@pytest.fixture(scope="module")
def given(aws: EmulatedAws) -> dict[str, Any]:
    """A snapshot, a site for it, and the parameters of a restore there."""
    redshift, ec2 = aws.client("redshift", HERE), aws.client("ec2", HERE)
    aws.model("given_cluster", HERE, "sales", automated_retention=0)
    redshift.create_cluster_snapshot(ClusterIdentifier="sales", SnapshotIdentifier="snap")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    redshift.create_cluster_subnet_group(ClusterSubnetGroupName="site", Description="d", SubnetIds=subnets)
    redshift.create_cluster_parameter_group(
        ParameterGroupName="site", ParameterGroupFamily="redshift-1.0", Description="d"
    )
    aws.settings(restore_seconds=60)
    aws.settle()
    aws.advance(dt.timedelta(hours=1))
    return {
        "SnapshotIdentifier": "snap",
        "SnapshotClusterIdentifier": "sales",
        "AutomatedSnapshotRetentionPeriod": 1,
        "ClusterSubnetGroupName": "site",
        "ClusterParameterGroupName": "site",
        "VpcSecurityGroupIds": [ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        "IamRoles": [role(aws, "spectrum")],
        "KmsKeyId": aws.model("given_key", HERE),
        "Encrypted": True,
        "ManageMasterPassword": True,
        "PubliclyAccessible": False,
    }


@pytest.fixture
def enforced(aws: EmulatedAws) -> Iterator[EmulatedAws]:
    aws.enforce_iam(True)
    yield aws
    aws.enforce_iam(False)


def statements(given: dict[str, Any], target: str) -> list[dict[str, Any]]:
    """The rights of one restore, as narrow as they go: one statement an action."""
    service = {"StringEquals": {"iam:PassedToService": "redshift.amazonaws.com"}}
    via = {"StringEquals": {"kms:ViaService": f"redshift.{HERE}.amazonaws.com"}}
    granting = {**via, "Bool": {"kms:GrantIsForAWSResource": "true"}}
    secret = f"arn:aws:secretsmanager:{HERE}:{ACCOUNT}:secret:redshift!*"
    return [
        allow("redshift:RestoreFromClusterSnapshot", on=[f"{PREFIX}cluster:{target}", f"{PREFIX}snapshot:sales/*"]),
        allow("iam:PassRole", on=given["IamRoles"], Condition=service),
        allow("kms:CreateGrant", on=given["KmsKeyId"], Condition=granting),
        *(
            allow(f"kms:{name}", on=given["KmsKeyId"], Condition=via)
            for name in ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "RetireGrant")
        ),
        *(
            allow(f"secretsmanager:{name}", on=secret)
            for name in (
                "CreateSecret",
                "DeleteSecret",
                "DescribeSecret",
                "RotateSecret",
                "TagResource",
                "UpdateSecret",
            )
        ),
        allow("secretsmanager:GetRandomPassword"),
    ]


def restored(aws: EmulatedAws, given: dict[str, Any], target: str, granted: list[dict[str, Any]]) -> dict[str, Any]:
    function = caller(aws, target, role(aws, target, *granted))
    asked = call("redshift", "restore_from_cluster_snapshot", **given, ClusterIdentifier=target)
    found: dict[str, Any] = invoke(aws, function, asked)
    return found


def test_the_rights_suffice(enforced: EmulatedAws, given: dict[str, Any]) -> None:
    found = restored(enforced, given, "restored-a", statements(given, "restored-a"))
    assert found["Cluster"]["ClusterIdentifier"] == "restored-a", found


@pytest.mark.parametrize("index", range(15))
def test_each_right_is_needed(enforced: EmulatedAws, given: dict[str, Any], index: int) -> None:
    # GIVEN one permission less
    target = f"restored-{index}"
    granted = statements(given, target)
    assert len(granted) == 15
    missing = granted.pop(index)["Action"][0]
    # WHEN a function restores
    found = restored(enforced, given, target, granted)
    # THEN it is told which, and nothing was made
    assert f"is not authorized to perform: {missing} " in found["errorMessage"]
    assert enforced.model("cluster", HERE, target) is None


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"VpcSecurityGroupIds": ["sg-00000000000000000"]}, "security group"),
        ({"IamRoles": [f"arn:aws:iam::{ACCOUNT}:role/none"]}, "role"),
        ({"ClusterSubnetGroupName": "none"}, "none"),
        ({"ClusterParameterGroupName": "none"}, "none"),
    ],
)
def test_what_is_missing_elsewhere_is_seen(
    aws: EmulatedAws, given: dict[str, Any], change: dict[str, Any], says: str
) -> None:
    with pytest.raises(botocore.exceptions.ClientError, match=says):
        aws.client("redshift", HERE).restore_from_cluster_snapshot(
            **{**given, "ClusterIdentifier": "restored-no", **change}
        )


@pytest.mark.usefixtures("given")
def test_configurations_are_asked_for_on_everything(enforced: EmulatedAws) -> None:
    # GIVEN a function that may describe configurations, of no cluster in particular
    arn = role(enforced, "configures", allow("redshift:DescribeNodeConfigurationOptions"))
    arguments = {"ActionType": "restore-cluster", "SnapshotIdentifier": "snap"}
    asked = call("redshift", "describe_node_configuration_options", **arguments)
    # WHEN it asks THEN it is answered
    found = invoke(enforced, caller(enforced, "configures", arn), asked)
    assert found["NodeConfigurationOptionList"][0]["NodeType"]


def test_a_workstation_sees_a_dead_region_at_once_and_the_other_complete(aws: EmulatedAws) -> None:
    # GIVEN a Region that is down
    aws.region_down(THERE)
    calls = {
        "redshift-data": "list_statements",
        "stepfunctions": "list_state_machines",
        "cloudwatch": "describe_alarms",
    }
    try:
        for service, call in calls.items():
            # WHEN it is asked THEN the connection is closed, quickly; the other one answers
            with pytest.raises(botocore.exceptions.HTTPClientError):
                getattr(aws.client(service, THERE), call)()
            assert getattr(aws.client(service, HERE), call)()
    finally:
        aws.region_up(THERE)
