"""Twenty clusters with every option on, in one pair of stacks: within the limits of CloudFormation, IAM and Parameter Store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import Duration, assertions
from aws_cdk import aws_events as events
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns

import resilient_redshift as rr
from resilient_redshift.rules.limits import MANAGED_POLICY_LIMIT
from resilient_redshift.stack.synth_rules import inspect
from tests.templates.laws import small
from tests.templates.resolve import of_type
from tests.templates.shapes import ACCOUNT, CLUSTERS, LONGEST_IDENTIFIER, LONGEST_STACK_NAME, OBJECTIVES, vpc_of

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The managed policies that a role takes (IAM quotas), but for the one of functions in a VPC.
MANAGED_POLICIES = 9
QUOTA = 10**6


@pytest.fixture(scope="module")
def templates() -> Mapping[str, dict[str, Any]]:
    """Both templates: every name as long as it may be, three roles and a DNS record for each plan."""
    app = cdk.App()
    home, away = (
        cdk.Stack(
            app, name, env=cdk.Environment(account=ACCOUNT, region=region), stack_name=name[0] * LONGEST_STACK_NAME
        )
        for name, region in (("Home", "us-east-1"), ("Away", "us-west-2"))
    )
    topics = [
        sns.Topic.from_topic_arn(stack, "Operators", f"arn:aws:sns:{stack.region}:{ACCOUNT}:operators")
        for stack in (home, away)
    ]
    site = rr.RecoverySite(
        away,
        "Site",
        vpc=vpc_of(away),
        notify=topics[1],
        report_bucket=s3.Bucket.from_bucket_name(away, "Reports", "reports"),
        manual_snapshot_quota=QUOTA,
    )
    clusters = [protected(home, site, topics[0], number) for number in range(CLUSTERS)]
    rr.SnapshotSchedule(home, "Often", times=[rr.SnapshotTimes.every(Duration.hours(4))], clusters=clusters)
    return {stack.node.id: assertions.Template.from_stack(stack).to_json() for stack in (home, away)}


def protected(home: cdk.Stack, site: rr.RecoverySite, topic: sns.ITopic, number: int) -> rr.ResilientCluster:
    """A cluster whose plan has every option, three rules with tiers, and two rehearsals."""
    cluster = rr.ResilientCluster(
        home,
        f"Cluster{number}",
        cluster_identifier=f"cluster-{number:02}-".ljust(LONGEST_IDENTIFIER, "x"),
        vpc=vpc_of(home),
        node_type="ra3.large",
    )
    roles = [f"arn:aws:iam::{ACCOUNT}:role/" + f"load-{number:02}-{each}-".ljust(64, "r") for each in range(3)]
    application = "redshiftidcapplication:00000000-0000-0000-0000-000000000000"
    plan = site.protect(
        cluster,
        objectives=OBJECTIVES,
        plan_name=f"plan-{number:02}-".ljust(LONGEST_IDENTIFIER, "x"),
        manual_snapshot_quota=QUOTA,
        notify_primary=topic,
        restore=rr.RestoreOptions(
            node_type="ra3.large",
            number_of_nodes=2,
            parameters={"enable_case_sensitive_identifier": "true"},
            iam_role_arns=roles,
            default_iam_role_arn=roles[0],
            catalog_name="c" * 64,
            redshift_idc_application_arn=f"arn:aws:redshift:us-west-2:{ACCOUNT}:{application}",
            dns_record=rr.DnsRecord(
                hosted_zone_id="Z0123456789ABCDEFGHIJ", record_name=f"c{number:02}-{'d' * 50}.example.com"
            ),
            snapshot_schedule=[rr.SnapshotTimes.every(Duration.hours(4))],
        ),
        checks=[rr.SqlCheck("select count(*) > 0 from sales", name="sales")],
    )
    for hour, (name, days) in enumerate((("Hourly", 2), ("Nightly", 7), ("Monthly", 180))):
        schedule = events.Schedule.cron(hour=str(hour), minute="0")
        plan.keep_manual_snapshots(name, schedule=schedule, keep=Duration.days(days), run_on_deploy=True)
    plan.rehearse("Monthly-drill")
    plan.rehearse("Small", schedule=events.Schedule.cron(day="3", hour="1", minute="0"), number_of_nodes=1)
    return cluster


@pytest.mark.parametrize("name", ["Home", "Away"])
def test_both_stacks_are_within_every_limit(templates: Mapping[str, dict[str, Any]], name: str) -> None:
    # GIVEN 20 clusters with everything WHEN measured THEN resources, bytes, inline policies and records fit, and synth says so
    assert list(small(templates[name])) == []
    size = len(json.dumps(templates[name], indent=1))
    assert [finding.message for finding in inspect(templates[name], template_bytes=size)] == []


def test_managed_policies_hold_the_plans_that_the_inline_one_has_no_room_for(
    templates: Mapping[str, dict[str, Any]],
) -> None:
    # GIVEN more plans than the role's inline policies hold WHEN their rights are read
    away = templates["Away"]
    managed = of_type(away, "AWS::IAM::ManagedPolicy")
    inline = away["Resources"]["SiteRestoreMachinePlans8E02DE08"]
    # THEN the policy that there always was keeps its id, the others are few and small enough for IAM
    assert 0 < len(managed) <= MANAGED_POLICIES
    assert {json.dumps(one["Properties"]["Roles"]) for one in (inline, *managed.values())} == {
        json.dumps([{"Ref": "SiteRestoreMachineFunctionRole2720CE91"}])
    }
    documents = [json.dumps(one["Properties"]["PolicyDocument"], separators=(",", ":")) for one in managed.values()]
    assert max(map(len, documents)) <= MANAGED_POLICY_LIMIT
    # AND each plan's cluster is in exactly one of them, and whatever waits for the first waits for all
    every = [json.dumps(inline), *documents]
    for number in range(CLUSTERS):
        assert sum(f":cluster:cluster-{number:02}-" in text for text in every) == 1
    assert set(managed) <= set(inline["DependsOn"])
