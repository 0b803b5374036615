"""RecoverySite: key, grant, subnet group, security group, and the arguments that are refused."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from cdk_nag import AwsSolutionsChecks, NIST80053R5Checks

from resilient_redshift import RecoveryRestore, RecoverySite, ResilientRedshiftError
from tests.scenes.clusters import new_app, new_stack, vpc_of
from tests.scenes.nag import rules_found
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, of_type, only, site_of, template_of, two_stacks
from tests.templates.resolve import text

GRANT = "Custom::RedshiftSnapshotCopyGrant"


def error_of(env: Any = AWAY, **arguments: Any) -> str:
    stack = new_stack(env)
    arguments = {name: value(stack) if callable(value) else value for name, value in arguments.items()}
    with pytest.raises(ResilientRedshiftError) as caught:
        RecoverySite(stack, "Site", **{"vpc": vpc_of(stack), **arguments})
    return str(caught.value)


def test_an_alias_is_refused_as_the_sites_argument() -> None:
    # GIVEN an alias WHEN a site gets it THEN the error names the site and the reason
    text = error_of(encryption_key=lambda stack: kms.Alias.from_alias_name(stack, "Alias", "alias/copies"))
    assert "(RecoverySite): 'encryption_key' must be the key itself, got 'an alias'" in text


def test_key_rotates_and_is_kept() -> None:
    # GIVEN no key WHEN a site is made THEN it makes a key that rotates and is retained
    stack = new_stack(AWAY)
    site_of(stack)
    [key] = [item for name, item in of_type(template_of(stack), "AWS::KMS::Key").items() if name.startswith("Site")]
    assert key["Properties"]["EnableKeyRotation"] is True
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_key_policy_is_for_this_account_through_this_regions_redshift() -> None:
    # GIVEN the site's key WHEN its policy is read THEN IAM decides, and callers of this account may use the key through Redshift here
    stack = new_stack(AWAY)
    site_of(stack)
    [key] = [item for name, item in of_type(template_of(stack), "AWS::KMS::Key").items() if name.startswith("Site")]
    root, use, grants = key["Properties"]["KeyPolicy"]["Statement"]
    assert json.dumps(root["Principal"]).endswith(':iam::111111111111:root"]]}}')
    for statement in (use, grants):
        condition = statement["Condition"]["StringEquals"]
        assert condition == {
            "kms:CallerAccount": "111111111111",
            "kms:ViaService": ["redshift.us-west-2.amazonaws.com"],
        }
    assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}
    # AND that includes kms:Encrypt, which AWS asks of whoever creates a cluster with the key
    assert "kms:Encrypt" in use["Action"]
    assert "kms:*" not in json.dumps([use, grants])


def test_china_names_redshift_both_ways() -> None:
    # GIVEN a partition with another domain suffix WHEN a site is made THEN the policy has both names of the service
    stack = new_stack(cdk.Environment(account="111111111111", region="cn-north-1"))
    site_of(stack)
    text = json.dumps(of_type(template_of(stack), "AWS::KMS::Key"))
    assert '["redshift.cn-north-1.amazonaws.com", "redshift.cn-north-1.amazonaws.com.cn"]' in text


def test_grant_uses_the_key() -> None:
    # GIVEN a site WHEN synthesized THEN its grant uses its key, and the grant's name is of this site only
    stack = new_stack(AWAY)
    site = site_of(stack)
    grant = only(template_of(stack), GRANT)["Properties"]
    assert re.fullmatch("recovery-[0-9a-f]{8}", grant["SnapshotCopyGrantName"])
    assert grant["SnapshotCopyGrantName"] == site.snapshot_copy_grant.snapshot_copy_grant_name
    assert grant["KmsKeyId"]["Fn::GetAtt"][0].startswith("SiteKey")


def test_default_grant_name_is_frozen() -> None:
    # GIVEN a default name, whose change would make another grant WHEN a site is made THEN the name has not changed
    assert site_of(new_stack(AWAY)).snapshot_copy_grant.snapshot_copy_grant_name == "recovery-f5f51ac7"


def test_new_generation_is_a_new_key_and_a_new_grant() -> None:
    # GIVEN a site WHEN its key generation is raised THEN key and grant have new ids and names: the old ones are kept
    first, second = new_stack(AWAY), new_stack(AWAY)
    one, two = site_of(first), site_of(second, key_generation=2)
    assert one.snapshot_copy_grant.snapshot_copy_grant_name != two.snapshot_copy_grant.snapshot_copy_grant_name
    ids = [
        {*of_type(template_of(stack), GRANT), *of_type(template_of(stack), "AWS::KMS::Key")}
        for stack in (first, second)
    ]
    assert ids[0] & ids[1] == {"ResilientRedshiftKey93CF88FF"}


def test_dev_and_prod_in_one_account() -> None:
    # GIVEN two environments as Stages of one app in one account and Region WHEN each has a site THEN no name clashes
    app = new_app()
    names = {
        site_of(cdk.Stack(cdk.Stage(app, name), "Away", env=AWAY)).snapshot_copy_grant.snapshot_copy_grant_name
        for name in ("Dev", "Prod")
    }
    assert len(names) == 2


def test_name_and_key_of_the_user() -> None:
    # GIVEN a key and a grant name WHEN passed THEN they are used, and no key is made
    stack = new_stack(AWAY)
    key = kms.Key(stack, "Mine")
    site = site_of(stack, encryption_key=key, snapshot_copy_grant_name="mine")
    template = template_of(stack)
    assert [name for name in of_type(template, "AWS::KMS::Key") if name.startswith("Site")] == []
    assert only(template, GRANT)["Properties"]["SnapshotCopyGrantName"] == "mine"
    assert site.encryption_key is key


def test_new_security_group_has_no_ingress() -> None:
    # GIVEN no security group WHEN a site is made THEN it makes a group without ingress
    stack = new_stack(AWAY)
    site = site_of(stack)
    group = only(template_of(stack), "AWS::EC2::SecurityGroup")["Properties"]
    assert "SecurityGroupIngress" not in group
    assert len(site.security_groups) == 1


def test_subnet_group_of_the_vpc() -> None:
    # GIVEN a VPC WHEN a site is made THEN its private subnets are where clusters are restored
    stack = new_stack(AWAY)
    site_of(stack)
    group = only(template_of(stack), "AWS::Redshift::ClusterSubnetGroup")["Properties"]
    assert group["SubnetIds"] == ["subnet-us-east-1a", "subnet-us-east-1b", "subnet-us-east-1c"]


def test_a_subnet_group_that_exists_is_used_and_none_is_made() -> None:
    # GIVEN the name of a subnet group WHEN a site gets it THEN plans restore there, in Zones that nobody assumes
    stack = new_stack(AWAY)
    site = site_of(stack, subnet_group="theirs")
    assert (site.subnet_group, site.subnet_group_name, site.subnet_zones) == (None, "theirs", None)
    assert of_type(template_of(stack), "AWS::Redshift::ClusterSubnetGroup") == {}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"subnet_group": "My Group"}, "'subnet_group' must be a group's name as AWS lists it"),
        (
            {"subnet_group": "theirs", "vpc_subnets": ec2.SubnetSelection(one_per_az=True)},
            "'vpc_subnets' must be left out with subnet_group",
        ),
        ({"env": None}, "'scope' must be in a stack with env=Environment(region=...)"),
        ({"key_generation": 0}, "'key_generation' must be a whole number, 1 or more, got 0"),
        ({"manual_snapshot_quota": 0}, "'manual_snapshot_quota' must be a whole number, 1 or more, got 0"),
        ({"security_groups": []}, "'security_groups' must be one or more, or None for a new one"),
        ({"snapshot_copy_grant_name": "Mine"}, "'snapshot_copy_grant_name' must be 1 to 63"),
        (
            {
                "encryption_key": lambda stack: kms.Key.from_key_arn(
                    stack, "K", "arn:aws:kms:us-east-1:111111111111:key/1"
                )
            },
            "'encryption_key' must be in the Region of the stack, us-west-2, got 'one in us-east-1'",
        ),
        (
            {
                "encryption_key": lambda stack: kms.Key.from_key_arn(
                    stack, "K", "arn:aws:kms:us-west-2:222222222222:key/1"
                )
            },
            "'encryption_key' must be in the account of the stack, 111111111111",
        ),
        (
            {"notify": lambda stack: sns.Topic.from_topic_arn(stack, "T", "arn:aws:sns:us-east-1:111111111111:t")},
            "'notify' must be a topic in us-west-2, got 'us-east-1'",
        ),
    ],
)
def test_refuses(arguments: dict[str, Any], text: str) -> None:
    # GIVEN an argument that cannot work here WHEN a site is made THEN the error names it
    assert text in error_of(**arguments)


def test_a_region_that_is_none_is_refused() -> None:
    # GIVEN a stack whose Region has a typing error WHEN a site is declared THEN it is refused, as the command refuses it
    stack = new_stack(cdk.Environment(account="111111111111", region="US-WEST-2"))
    with pytest.raises(ResilientRedshiftError, match="'scope' must be a Region's name such as us-west-2"):
        site_of(stack)


def test_refuses_vpc_and_security_group_of_another_stacks_region() -> None:
    # GIVEN network parts of the primary Region WHEN a site is made with them THEN one error reports both
    home, away = two_stacks()
    vpc = ec2.Vpc(home, "Network", max_azs=2)
    group = ec2.SecurityGroup(home, "Group", vpc=vpc)
    with pytest.raises(ResilientRedshiftError) as caught:
        RecoverySite(away, "Site", vpc=vpc, security_groups=[group])
    assert [text.split("'")[1] for text in caught.value.problems] == ["vpc", "security_groups"]


def test_two_sites_of_one_grant_name() -> None:
    # GIVEN two sites in one Region WHEN both choose one grant name THEN the second is refused
    app = new_app()
    site_of(cdk.Stack(app, "A", env=AWAY), snapshot_copy_grant_name="mine")
    with pytest.raises(ResilientRedshiftError, match="already makes this grant"):
        site_of(cdk.Stack(app, "B", env=AWAY), snapshot_copy_grant_name="mine")


@pytest.mark.parametrize("pack", [AwsSolutionsChecks, NIST80053R5Checks])
def test_nag_is_content(pack: Any) -> None:
    # GIVEN a site WHEN a compliance pack is run THEN every finding is acknowledged
    stack = new_stack(HOME)
    site_of(stack)
    assert rules_found(pack, stack) == []


def test_no_plan_no_machine() -> None:
    # GIVEN a site without a plan WHEN synthesized THEN it has no restore machine; the first plan makes it
    _, away = two_stacks()
    site_of(away)
    assert of_type(template_of(away), "AWS::StepFunctions::StateMachine").keys() == {
        name for name in of_type(template_of(away), "AWS::StepFunctions::StateMachine") if "Provider" in name
    }


def test_reports_go_to_the_sites_topic_and_bucket() -> None:
    # GIVEN a topic and a bucket WHEN a plan is made THEN its record names both, and the machine may use them
    home, away = two_stacks()
    topic = sns.Topic(away, "Topic")
    site = site_of(away, notify=topic, report_bucket=s3.Bucket.from_bucket_name(away, "Reports", "reports"))
    site.protect(existing(home), objectives=OBJECTIVES)
    assert isinstance(site.restore, RecoveryRestore)
    template = template_of(away)
    [parameter] = of_type(template, "AWS::SSM::Parameter").values()
    recovery = json.loads(text(template, parameter["Properties"]["Value"]))["recovery"]
    assert recovery["report_bucket"] == "reports"
    assert recovery["notify_topic"].endswith("TopicBFC7AF6E")
    policies_text = json.dumps(of_type(template, "AWS::IAM::Policy"))
    assert "sns:Publish" in policies_text
    assert "s3:PutObject" in policies_text


def test_a_bucket_of_another_region_is_refused() -> None:
    error = error_of(
        report_bucket=lambda stack: s3.Bucket.from_bucket_attributes(
            stack, "Reports", bucket_name="reports", region="eu-west-1"
        )
    )
    assert "'report_bucket' must be in the Region of the stack, us-west-2" in error
