"""RecoveryPlan.reverse: what both Regions know before anything fails, and what a wrong call says."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import jsonschema  # type: ignore[import-untyped]
import pytest
from aws_cdk import aws_events as events

from resilient_redshift import DnsRecord, RecoveryPlan, ResilientRedshiftError, RestoreOptions, SqlCheck
from resilient_redshift.contract import schemas
from tests.scenes.clusters import cluster_of
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, existing, of_type, site_of, template_of, two_stacks
from tests.templates.resolve import text

PARAMETER = "AWS::SSM::Parameter"
BACK = "sales-us-west-2"
PLAN = "sales-us-east-1"
NIGHTLY = events.Schedule.cron(hour="3", minute="0")
NO_ROLES = RestoreOptions(iam_role_arns=[])


def new_plan(**arguments: Any) -> tuple[cdk.Stack, cdk.Stack, RecoveryPlan]:
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales", node_type="ra3.large", number_of_nodes=2)
    return home, away, site_of(away).protect(cluster, **{"objectives": OBJECTIVES, **arguments})


def records(stack: cdk.Stack) -> dict[str, dict[str, Any]]:
    """The plan records of a stack by the plan's name. Each fits the schema."""
    template = template_of(stack)
    found = {}
    for resource in of_type(template, PARAMETER).values():
        record = json.loads(text(template, resource["Properties"]["Value"]))
        jsonschema.validate(record, schemas.PLAN_RECORD_SCHEMA)
        found[record["plan"]] = record
    return found


@pytest.fixture(scope="module")
def both() -> tuple[cdk.Stack, cdk.Stack, RecoveryPlan]:
    """A plan with its way home; rules and checks come before and after it."""
    checks = [SqlCheck("select count(*) > 0 from orders", name="orders", expected="true")]
    dns = DnsRecord("Z0123456789", "warehouse.example.com")
    smaller = RestoreOptions(number_of_nodes=3, node_type="ra3.xlplus", dns_record=dns)
    home, away, plan = new_plan(checks=checks, keep_automated=cdk.Duration.days(14), restore=smaller)
    plan.reverse()
    plan.keep_manual_snapshots("Nightly", schedule=NIGHTLY, keep=cdk.Duration.days(30))
    return home, away, plan


def test_both_regions_know_the_way_home(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN a plan and its way home WHEN both stacks are synthesized THEN each has both plans, which name one another
    for stack in both[:2]:
        found = records(stack)
        assert set(found) == {PLAN, BACK}
        assert (found[PLAN]["reversed_by"], found[BACK]["reverse_of"]) == (BACK, PLAN)
        assert found[BACK]["cluster"] == {"identifier": "sales", "region": "us-west-2", "account": HOME.account}


def test_the_machine_at_home_may_not_delete_the_cluster(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN a machine at home that may delete a cluster of the same name without the tag
    # THEN the cluster has the tag
    [cluster] = of_type(template_of(both[0]), "AWS::Redshift::Cluster").values()
    assert {"Key": "resilient-redshift:available-since", "Value": "deployed"} in cluster["Properties"]["Tags"]


def test_a_failover_lets_the_snapshots_go_to_the_old_region(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN retentions of the plan, one of them of a rule that came later
    home, away, _ = both
    back = records(home)[BACK]
    # WHEN the recovery Region reads its record
    found = records(away)[PLAN]["restore"]["copy_to"]
    # THEN the copies go home, with the grant that lies there and the plan's retentions
    assert found == {
        "region": "us-east-1",
        "snapshot_copy_grant_name": back["recovery"]["snapshot_copy_grant_name"],
        "keep_automated_days": 14,
        "keep_manual_days": 30,
    }


def test_the_way_home_lets_the_snapshots_go_as_the_stack_declares(
    both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan],
) -> None:
    # GIVEN what the cluster's stack declares of its copy
    home, _, _ = both
    [copy] = of_type(template_of(home), "Custom::RedshiftSnapshotCopy").values()
    # WHEN a switchover brings the cluster home THEN the copy goes on as declared, and no deployment is needed
    found = records(home)[BACK]["restore"]["copy_to"]
    declared = copy["Properties"]
    assert found == {
        "region": declared["DestinationRegion"],
        "snapshot_copy_grant_name": declared["SnapshotCopyGrantName"],
        "keep_automated_days": int(declared["RetentionPeriod"]),
        "keep_manual_days": 30,
    }


def test_at_home_the_cluster_is_as_its_stack_declares(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN a plan that restores another size in the recovery Region
    home, away, _ = both
    template = template_of(home)
    [cluster] = of_type(template, "AWS::Redshift::Cluster").values()
    declared = cluster["Properties"]
    # WHEN the way home is read where the restore runs
    back = records(home)[BACK]
    # THEN size, groups, key and port are those of the cluster's definition, and the name moves back
    assert (back["restore"]["node_type"], back["restore"]["number_of_nodes"]) == ("ra3.large", 2)
    assert back["restore"]["port"] == declared["Port"]
    assert back["recovery"]["subnet_group"] == text(template, declared["ClusterSubnetGroupName"])
    assert back["recovery"]["parameter_group"] == text(template, declared["ClusterParameterGroupName"])
    assert back["recovery"]["encryption_key"] == text(template, declared["KmsKeyId"])
    assert back["recovery"]["security_groups"] == [text(template, one) for one in declared["VpcSecurityGroupIds"]]
    assert back["restore"]["dns"] == records(away)[PLAN]["restore"]["dns"]
    assert [check["name"] for check in back["checks"]] == ["orders"]


def test_the_way_home_makes_no_copy_and_no_watch(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN a way home WHEN the stacks are synthesized THEN one copy is made and one plan is watched, as without it
    home, away, _ = both
    assert len(of_type(template_of(home), "Custom::RedshiftSnapshotCopy")) == 1
    assert not of_type(template_of(away), "Custom::RedshiftSnapshotCopy")
    for stack in (home, away):
        watches = [
            found["Properties"]["Value"]
            for name, found in template_of(stack)["Resources"].items()
            if found["Type"] == PARAMETER and "Watch" in name
        ]
        assert len(watches) == 1
        assert BACK not in str(watches)


def test_the_stacks_are_deployed_in_the_order_of_the_plan(both: tuple[cdk.Stack, cdk.Stack, RecoveryPlan]) -> None:
    # GIVEN a way home WHEN CDK orders the stacks THEN the recovery stack depends on nothing of the cluster's stack
    home, away, _ = both
    assert away in home.dependencies
    assert not away.dependencies


def test_without_a_way_home_the_records_are_as_before() -> None:
    home, away, _ = new_plan()
    for stack in (home, away):
        [record] = records(stack).values()
        assert not record.keys() & {"reversed_by", "reverse_of"}
        assert "copy_to" not in record["restore"]


def test_a_cluster_that_exists_gets_its_way_home_in_a_site_of_yours() -> None:
    # GIVEN an existing cluster and a site in its Region WHEN its plan is reversed THEN the cluster comes back there
    home, away = two_stacks()
    facts = {"encrypted": True, "node_type": "ra3.large", "number_of_nodes": 2, "parameters": {"require_ssl": "true"}}
    sales = existing(home, "sales", **facts)
    plan = site_of(away).protect(sales, objectives=OBJECTIVES, restore=NO_ROLES)
    back = plan.reverse(site_of(home, "Back"), restore=NO_ROLES)
    record = records(home)[BACK]
    assert back.plan_name == BACK
    assert record["recovery"]["site"] == "Home/Back"
    assert record["restore"]["number_of_nodes"] == 2


def error_of(plan: RecoveryPlan, *given: Any, **arguments: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        plan.reverse(*given, **arguments)
    return str(caught.value)


def test_a_second_call_is_an_error() -> None:
    _, _, plan = new_plan()
    plan.reverse()
    assert "one call for each plan" in error_of(plan)


def test_a_cluster_that_is_not_ours_needs_a_site() -> None:
    home, away = two_stacks()
    plan = site_of(away).protect(existing(home, "sales", encrypted=True), objectives=OBJECTIVES, restore=NO_ROLES)
    assert "'site' must be a RecoverySite in the cluster's Region, got None" in error_of(plan)


def test_a_site_of_the_recovery_region_is_no_home() -> None:
    _, away, plan = new_plan()
    assert f"a site in {AWAY.region}" in error_of(plan, site_of(away, "Other"))


def test_a_zone_that_is_a_token_cannot_be_carried_over() -> None:
    # GIVEN a DNS record whose zone only the recovery stack knows WHEN the plan is reversed THEN the error says what to do
    home, away = two_stacks()
    cluster = cluster_of(home, cluster_identifier="sales")
    zone = cdk.CfnParameter(away, "Zone").value_as_string
    dns = DnsRecord(zone, "warehouse.example.com")
    plan = site_of(away).protect(cluster, objectives=OBJECTIVES, restore=RestoreOptions(dns_record=dns))
    assert "reverse(restore=RestoreOptions(dns_record=...))" in error_of(plan)
    # AND nothing of the way home is left in the tree
    assert not of_type(template_of(home), "Custom::RedshiftSnapshotCopyGrant")


def test_a_name_that_another_plan_has_is_an_error() -> None:
    home, away, plan = new_plan()
    other = existing(home, "other", encrypted=True)
    site_of(away, "Second").protect(other, objectives=OBJECTIVES, restore=NO_ROLES, plan_name=BACK)
    assert "it is the name of the plan" in error_of(plan)
