"""What one annotation accepts, and the words for what it does not accept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_redshift as redshift
from aws_cdk import aws_redshift_alpha as alpha
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk.interfaces.aws_kms import IKeyRef, KeyReference

from resilient_redshift.core._kinds import kind_of
from tests.scenes.clusters import new_stack, number_parameter, text_parameter, vpc_of

GROUPS = "Sequence[ec2.ISecurityGroup] | None"


def words_of(annotation: str, value: object) -> list[str]:
    return [
        f"{argument} {allowed}" + (f" ({why})" if why else "")
        for argument, _, allowed, why in kind_of(annotation).faults("x", value)
    ]


@jsii.implements(IKeyRef)
class OwnKey(cdk.Resource):
    """A key of a class of the user's own."""

    @property
    def key_ref(self) -> KeyReference:
        return KeyReference(key_arn="arn:aws:kms:us-east-1:111111111111:key/1", key_id="1")


def test_what_a_type_accepts_passes_whoever_made_it() -> None:
    # GIVEN objects of CDK's classes, proxies of interfaces alone, and classes of the user's own
    stack = new_stack()
    vpc = vpc_of(stack)
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:us-east-1:111111111111:key/1")
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-1")
    imported = alpha.Cluster.from_cluster_attributes(
        stack, "Imported", cluster_name="sales", cluster_endpoint_address="x", cluster_endpoint_port=5439
    )
    right: list[tuple[str, Any]] = [
        ("ec2.IVpc", vpc),
        ("IKeyRef | None", key),
        ("IKeyRef", kms.CfnKey(stack, "Plain")),
        ("IKeyRef", OwnKey(stack, "Own")),
        ("IKeyRef", kms.Key.from_lookup(stack, "FoundKey", alias_name="alias/x")),
        ("ec2.IVpc", ec2.Vpc.from_lookup(stack, "FoundVpc", vpc_id="vpc-2")),
        ("Sequence[ec2.ISecurityGroup]", [ec2.SecurityGroup.from_lookup_by_id(stack, "FoundGroup", "sg-2")]),
        ("IBucketRef | None", s3.Bucket.from_bucket_name(stack, "Bucket", "reports")),
        (
            "Sequence[IRoleRef]",
            [iam.Role.from_role_name(stack, "Role", "x"), iam.Role.from_lookup(stack, "R", role_name="y")],
        ),
        ("ITopicRef | None", sns.Topic.from_topic_arn(stack, "Topic", "arn:aws:sns:us-east-1:111111111111:x")),
        ("iam.IGrantable", iam.AccountRootPrincipal()),
        (GROUPS, (group,)),
        (GROUPS, None),
        ("IClusterRef", imported),
        ("SubnetGroup | None", alpha.ClusterSubnetGroup.from_cluster_subnet_group_name(stack, "Subnets", "given")),
        ("SubnetGroup | None", "given"),
        (
            "ParameterGroup",
            redshift.CfnClusterParameterGroup(stack, "Set", description="x", parameter_group_family="x"),
        ),
        ("events.Schedule", events.Schedule.rate(cdk.Duration.days(1))),
        ("cdk.Duration | None", cdk.Duration.days(1)),
        ("str", text_parameter(stack)),
        ("int", number_parameter(stack)),
        ("Sequence[str]", cdk.Token.as_list(cdk.Fn.ref("x"))),
        ("Mapping[str, str] | None", {"a": text_parameter(stack, "Value")}),
    ]
    # WHEN, THEN
    assert [(annotation, found) for annotation, value in right if (found := words_of(annotation, value))] == []


@pytest.mark.parametrize(
    ("annotation", "value", "words"),
    [
        ("Sequence[str] | None", "arn:x", "x a list, each element a string (Python reads one string as a list of its"),
        ("Sequence[SqlCheck]", ["select 1"], "x[0] an SqlCheck"),
        ("Mapping[str, str] | None", {"wlm": 5}, "x['wlm'] a string"),
        ("events.Schedule", "cron(0 3 * * ? *)", "write events.Schedule.expression('cron(0 3 * * ? *)')"),
        ("IClusterRef", "sales", "ExistingCluster.from_identifier refers to a cluster by its name"),
        ("ec2.IVpc", "vpc-123", "x a VPC, such as an ec2.Vpc or the result of ec2.Vpc.from_lookup"),
        ("IKeyRef | None", "arn:x", "x a key, such as a kms.Key or the result of kms.Key.from_key_arn"),
        ("ITopicRef | None", "arn:x", "x a topic, such as an sns.Topic or the result of sns.Topic.from_topic_arn"),
        ("IClusterRef", ec2.Vpc, "x a cluster: a ResilientCluster, a CfnCluster or an ExistingCluster"),
        ("int", True, "x a whole number"),
        ("cdk.Duration | None", timedelta(minutes=5), "x a Duration such as Duration.minutes(5)"),
    ],
)
def test_an_error_names_the_element_and_the_next_step(annotation: str, value: object, words: str) -> None:
    [found] = words_of(annotation, value)
    assert words in found


def test_one_value_instead_of_a_list_is_told_apart() -> None:
    group = ec2.SecurityGroup.from_security_group_id(new_stack(), "Group", "sg-1")
    assert "(write brackets around one value)" in words_of(GROUPS, group)[0]
    assert "brackets" not in words_of(GROUPS, 5)[0]


def test_an_object_instead_of_its_text_is_an_error_with_the_next_step() -> None:
    stack = new_stack()
    role = iam.Role.from_role_name(stack, "Role", "loader")
    assert words_of("Sequence[str] | None", [role]) == ["x[0] a string (pass its role_arn)"]
    for hardware in (ec2.InstanceType("ra3.large"), alpha.NodeType.RA3_XLPLUS):
        assert words_of("str", hardware) == ["x a string (pass its text, such as 'ra3.large')"]


def test_a_cluster_of_another_service_is_no_cluster() -> None:
    # GIVEN a class that has a cluster_ref too, but not with an identifier of Redshift WHEN THEN
    assert words_of("IClusterRef", ecs.CfnCluster(new_stack(), "Containers"))


def test_a_schedule_with_a_time_zone_is_refused_with_its_time_in_utc() -> None:
    nightly = scheduler.ScheduleExpression.cron(hour="3", minute="0", time_zone=cdk.TimeZone.ASIA_TOKYO)
    [found] = words_of("events.Schedule", nightly)
    assert "write events.Schedule.cron(minute='0', hour='18'), which is 03:00 in Asia/Tokyo" in found
