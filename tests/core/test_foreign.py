"""No argument of a public call carries a value from one Region to another: every call refuses such a reference."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

from resilient_redshift import (
    DnsRecord,
    ExistingCluster,
    ManualSnapshotRule,
    RecoverySite,
    ResilientCluster,
    ResilientRedshiftError,
    RestoreOptions,
    SnapshotCopy,
    SnapshotCopyGrant,
    StackSettings,
)
from tests.scenes.clusters import new_app, vpc_of
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, site_of, template_of

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED = r"must be a literal|got \"a reference to the stack '(Home|Away)'"
DAILY = events.Schedule.rate(cdk.Duration.days(1))


class Scene:
    """Two stacks in two Regions, between which CDK would carry values, and fresh tokens of each."""

    def __init__(self) -> None:
        app = new_app()
        self.home = cdk.Stack(app, "Home", env=HOME, cross_region_references=True)
        self.away = cdk.Stack(app, "Away", env=AWAY, cross_region_references=True)
        self._tokens = 0

    def text(self, stack: cdk.Stack) -> str:
        self._tokens += 1
        return cdk.CfnParameter(stack, f"Text{self._tokens}").value_as_string

    def number(self, stack: cdk.Stack) -> Any:
        self._tokens += 1
        return cdk.CfnParameter(stack, f"Number{self._tokens}", type="Number").value_as_number

    def key(self, stack: cdk.Stack, there: cdk.Stack) -> kms.IKey:
        # Key.from_key_arn looks into the ARN, so the token is a part of it only
        arn = f"arn:aws:kms:{stack.region}:111111111111:key/{self.text(there)}"
        return kms.Key.from_key_arn(stack, "Imported", arn)

    def vpc(self, subnets: list[str], vpc_id: str = "vpc-1") -> ec2.IVpc:
        zones = [f"us-west-2{zone}" for zone in "abc"]
        return ec2.Vpc.from_vpc_attributes(
            self.away, "Other", vpc_id=vpc_id, availability_zones=zones, private_subnet_ids=subnets
        )

    def copy(self, **arguments: Any) -> SnapshotCopy:
        values = {"cluster": existing(self.home), "destination_region": "us-west-2", **arguments}
        return SnapshotCopy(self.home, "Copy", **values)

    def site(self, **arguments: Any) -> RecoverySite:
        return site_of(self.away, **arguments)

    def protect(self, **arguments: Any) -> Any:
        return self.site().protect(existing(self.home), **{"objectives": OBJECTIVES, **arguments})

    def options(self, **arguments: Any) -> Any:
        return self.protect(restore=RestoreOptions(**{"parameters": {}, **arguments}))

    def cluster(self, **arguments: Any) -> ResilientCluster:
        return ResilientCluster(self.home, "C", vpc=vpc_of(self.home), **{"node_type": "ra3.large", **arguments})


CALLS: dict[str, Callable[[Scene], object]] = {
    "SnapshotCopy.snapshot_copy_grant_name": lambda s: s.copy(snapshot_copy_grant_name=s.text(s.away)),
    "SnapshotCopy.keep_automated": lambda s: s.copy(keep_automated=cdk.Duration.days(s.number(s.away))),
    "SnapshotCopy.keep_manual": lambda s: s.copy(keep_manual=cdk.Duration.days(s.number(s.away))),
    "SnapshotCopy.cluster_encryption_key": lambda s: s.copy(cluster_encryption_key=s.key(s.home, s.away)),
    "SnapshotCopyGrant.snapshot_copy_grant_name": lambda s: SnapshotCopyGrant(
        s.away, "G", snapshot_copy_grant_name=s.text(s.home), encryption_key=kms.CfnKey(s.away, "Key")
    ),
    "SnapshotCopyGrant.encryption_key": lambda s: SnapshotCopyGrant(
        s.away, "G", snapshot_copy_grant_name="copies", encryption_key=s.key(s.away, s.home)
    ),
    "RecoverySite.snapshot_copy_grant_name": lambda s: s.site(snapshot_copy_grant_name=s.text(s.away)),
    "RecoverySite.encryption_key": lambda s: s.site(encryption_key=s.key(s.away, s.home)),
    "RecoverySite.vpc": lambda s: RecoverySite(s.away, "S", vpc=s.vpc(["a", "b", "c"], s.text(s.home))),
    "RecoverySite.vpc, a subnet": lambda s: RecoverySite(s.away, "S", vpc=s.vpc(["a", "b", s.text(s.home)])),
    "RecoverySite.security_groups": lambda s: s.site(
        security_groups=[ec2.SecurityGroup.from_security_group_id(s.away, "Group", s.text(s.home))]
    ),
    "RecoverySite.notify": lambda s: s.site(
        notify=sns.Topic.from_topic_arn(s.away, "T", f"arn:aws:sns:us-west-2:111111111111:{s.text(s.home)}")
    ),
    "RecoverySite.report_bucket": lambda s: s.site(
        report_bucket=s3.Bucket.from_bucket_name(s.away, "Bucket", s.text(s.home))
    ),
    "protect.cluster_encryption_key": lambda s: s.protect(cluster_encryption_key=s.key(s.home, s.away)),
    "protect.notify_primary": lambda s: s.protect(
        notify_primary=sns.Topic.from_topic_arn(s.home, "T", f"arn:aws:sns:us-east-1:111111111111:{s.text(s.away)}")
    ),
    "RestoreOptions.node_type": lambda s: s.options(node_type=s.text(s.home)),
    "RestoreOptions.number_of_nodes": lambda s: s.options(number_of_nodes=s.number(s.home)),
    "RestoreOptions.port": lambda s: s.options(port=s.number(s.home)),
    "RestoreOptions.parameters": lambda s: s.options(parameters={"a": s.text(s.home)}),
    "RestoreOptions.parameter_group": lambda s: s.options(parameters=None, parameter_group=s.text(s.home)),
    "RestoreOptions.iam_role_arns": lambda s: s.options(iam_role_arns=[s.text(s.home)]),
    "RestoreOptions.dns_record": lambda s: s.options(dns_record=DnsRecord(s.text(s.home), "a.example.com")),
    "ExistingCluster.cluster_identifier": lambda s: ExistingCluster.from_identifier(s.home, "E", s.text(s.away)),
    "ExistingCluster.parameters": lambda s: existing(s.home, parameters={"a": s.text(s.away)}),
    "ResilientCluster.cluster_identifier": lambda s: s.cluster(cluster_identifier=s.text(s.away)),
    "ResilientCluster.node_type": lambda s: s.cluster(node_type=s.text(s.away)),
    "ResilientCluster.port": lambda s: s.cluster(port=s.number(s.away)),
    "ResilientCluster.parameters": lambda s: s.cluster(parameters={"a": s.text(s.away)}),
    "ResilientCluster.encryption_key": lambda s: s.cluster(encryption_key=s.key(s.home, s.away)),
    "ResilientCluster.iam_roles": lambda s: s.cluster(
        iam_roles=[iam.Role.from_role_arn(s.home, "R", f"arn:aws:iam::111111111111:role/{s.text(s.away)}")]
    ),
    "StackSettings.encryption_key": lambda s: StackSettings(encryption_key=s.key(s.away, s.home)).apply(s.away),
    "StackSettings.lambda_vpc": lambda s: StackSettings(lambda_vpc=s.vpc(["a", "b", s.text(s.home)])).apply(s.away),
    "ManualSnapshotRule.cluster": lambda s: ManualSnapshotRule(
        s.home,
        "Daily",
        cluster=ExistingCluster.from_identifier(s.home, "E", s.text(s.away)),
        schedule=DAILY,
        keep=cdk.Duration.days(3),
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_reference_to_another_region_is_refused(call: str) -> None:
    # GIVEN stacks between which CDK would carry values with exports and custom resources of its own
    # WHEN an argument holds a value of the other stack THEN the call refuses it
    with pytest.raises(ResilientRedshiftError, match=REFUSED):
        CALLS[call](Scene())


def test_values_of_the_right_stack_cross_no_border() -> None:
    # GIVEN a plan whose options are tokens of the recovery stack, and whose key is imported by a token of the home stack
    scene = Scene()
    home, away = scene.home, scene.away
    options = RestoreOptions(
        node_type=scene.text(away),
        number_of_nodes=scene.number(away),
        port=scene.number(away),
        parameters={"statement_timeout": scene.text(away)},
        parameter_group_family=scene.text(away),
        iam_role_arns=[scene.text(away)],
        maintenance_track_name=scene.text(away),
        catalog_name=scene.text(away),
        redshift_idc_application_arn=scene.text(away),
        dns_record=DnsRecord(scene.text(away), "warehouse.example.com"),
    )
    plan = scene.protect(restore=options, cluster_encryption_key=scene.key(home, home))
    plan.keep_manual_snapshots("Daily", schedule=DAILY, keep=cdk.Duration.days(3))
    # WHEN synthesized THEN neither stack exports, imports or has CDK's helpers
    for stack in (home, away):
        template = template_of(stack)
        text = json.dumps(template)
        assert "CrossRegionExport" not in text
        assert "Fn::ImportValue" not in text
        assert not template.get("Outputs")
