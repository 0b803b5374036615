"""The step for ARC Region switch in the templates: the block, two functions by literal names, their rights, errors."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_arcregionswitch as arcregionswitch
from aws_cdk import aws_iam as iam

from resilient_redshift import RecoverySite, ResilientCluster, ResilientRedshiftError
from tests.scenes.clusters import vpc_of
from tests.scenes.recovery import ACCOUNT, OBJECTIVES, existing, of_type, site_of, template_of, two_stacks
from tests.templates.resolve import listed, policies

if TYPE_CHECKING:
    from collections.abc import Mapping

FUNCTION = "AWS::Lambda::Function"


@pytest.fixture
def protected() -> tuple[cdk.Stack, cdk.Stack, RecoverySite]:
    home, away = two_stacks()
    site = site_of(away)
    site.protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)
    return home, away, site


def switch_function(template: Mapping[str, Any]) -> dict[str, Any]:
    [found] = [
        item["Properties"]
        for item in of_type(dict(template), FUNCTION).values()
        if item["Properties"]["Handler"] == "handler.region_switch.switch"
    ]
    return dict(found)


def started(template: dict[str, Any]) -> list[str]:
    """The machines that the function may start."""
    return [
        str(machine)
        for name, statements in policies(template).items()
        if "RegionSwitch" in name
        for statement in statements
        if "states:StartExecution" in listed(statement["Action"])
        for machine in listed(statement["Resource"])
    ]


def test_the_block_names_the_functions_of_both_regions(protected: tuple[cdk.Stack, cdk.Stack, RecoverySite]) -> None:
    # GIVEN a site with a plan WHEN its step goes into a plan of ARC in a stack of a third Region
    home, away, site = protected
    step = site.region_switch_step()
    third = cdk.Stack(home.node.root, "Arc", env=cdk.Environment(account=ACCOUNT, region="us-east-2"))  # type: ignore[arg-type]
    role = iam.Role(third, "Role", assumed_by=iam.ServicePrincipal("arc-region-switch.amazonaws.com"))
    step.grant_invoke(role)
    workflow = arcregionswitch.CfnPlan.WorkflowProperty(workflow_target_action="activate", steps=[step.block])
    arcregionswitch.CfnPlan(
        third,
        "Plan",
        execution_role=role.role_arn,
        name="warehouse",
        recovery_approach="activePassive",
        regions=["us-east-1", "us-west-2"],
        workflows=[workflow],
    )
    # THEN the block has both functions by their names, runs in the activated Region, and no stack exports anything
    [plan] = of_type(template_of(third), "AWS::ARCRegionSwitch::Plan").values()
    [block] = plan["Properties"]["Workflows"][0]["Steps"]
    config = block["ExecutionBlockConfiguration"]["CustomActionLambdaConfig"]
    name = switch_function(template_of(away))["FunctionName"]
    assert switch_function(template_of(home))["FunctionName"] == name
    arns = [str(each["Arn"]) for each in config["Lambdas"]]
    assert [f":lambda:{region}:{ACCOUNT}:function:{name}" in arn for region, arn in zip(("us-east-1", "us-west-2"), arns, strict=True)] == [True, True]  # fmt: skip
    assert (config["RegionToRun"], config["RetryIntervalMinutes"], config["TimeoutMinutes"]) == (
        "activatingRegion",
        1,
        480,
    )
    assert block["ExecutionBlockType"] == "CustomActionLambda"
    # AND the plan's role may call these two
    [statements] = [found for policy, found in policies(template_of(third)).items() if policy.startswith("Role")]
    assert [listed(one["Action"]) for one in statements] == [["lambda:GetFunction", "lambda:InvokeFunction"]]
    assert len(listed(statements[0]["Resource"])) == 2


def test_the_functions_know_their_site_and_both_regions(protected: tuple[cdk.Stack, cdk.Stack, RecoverySite]) -> None:
    home, away, site = protected
    site.region_switch_step()
    expected = {
        "RESILIENT_REDSHIFT_SITE": "Away/Site",
        "RESILIENT_REDSHIFT_PRIMARY_REGION": "us-east-1",
        "RESILIENT_REDSHIFT_RECOVERY_REGION": "us-west-2",
    }
    for stack in (home, away):
        assert switch_function(template_of(stack))["Environment"]["Variables"] == expected


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_each_function_may_start_the_machines_of_its_region_only(before: bool) -> None:
    # GIVEN a way home that is prepared before the step, or after it WHEN synthesized
    home, away = two_stacks()
    cluster = ResilientCluster(home, "Sales", cluster_identifier="sales", vpc=vpc_of(home), node_type="ra3.large")
    site = site_of(away)
    plan = site.protect(cluster, objectives=OBJECTIVES)
    for make in (plan.reverse, site.region_switch_step) if before else (site.region_switch_step, plan.reverse):
        make()
    # THEN each function may start one machine
    [here], [there] = started(template_of(home)), started(template_of(away))
    assert "HomeRestoreMachine" in here
    assert "SiteRestoreMachine" in there


def test_without_a_way_home_the_function_there_may_start_nothing(
    protected: tuple[cdk.Stack, cdk.Stack, RecoverySite],
) -> None:
    home, _, site = protected
    site.region_switch_step(timeout=cdk.Duration.hours(3), retry_interval=timedelta(seconds=30))
    assert started(template_of(home)) == []


def refused(site: RecoverySite, **arguments: Any) -> str:
    with pytest.raises(ResilientRedshiftError) as caught:
        site.region_switch_step(**arguments)
    assert caught.value.where == "Away/Site (RecoverySite.region_switch_step)"
    return "; ".join(caught.value.problems)


def test_what_a_step_refuses(protected: tuple[cdk.Stack, cdk.Stack, RecoverySite]) -> None:
    _, away, site = protected
    assert "'primary' must be a construct in a stack of a Region with clusters" in refused(site, primary=away)
    assert "'timeout' must be a Duration of whole minutes" in refused(site, timeout=timedelta(seconds=90))
    assert "'retry_interval' must be longer than zero" in refused(site, retry_interval=timedelta(0))
    site.region_switch_step()
    assert "'primary' must be a Region that has no step of this site yet" in refused(site)


def test_a_site_without_a_plan_has_no_step() -> None:
    _, away = two_stacks()
    assert "'site' must be a site with one or more plans" in refused(site_of(away))


def test_clusters_of_two_regions_need_a_choice(protected: tuple[cdk.Stack, cdk.Stack, RecoverySite]) -> None:
    # GIVEN clusters in two Regions WHEN no Region is chosen THEN it is asked for; with it, each has a step of its own
    home, _, site = protected
    other = cdk.Stack(home.node.root, "Other", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"))  # type: ignore[arg-type]
    site.protect(existing(other, "crm", iam_role_arns=[]), objectives=OBJECTIVES)
    assert "nothing, with clusters in eu-west-1, us-east-1" in refused(site)
    arns = [site.region_switch_step(primary=stack).function_arns for stack in (home, other)]
    assert len({*arns[0], *arns[1]}) == 4


def test_there_is_no_step_in_china() -> None:
    home, away = two_stacks(
        home=cdk.Environment(account=ACCOUNT, region="cn-north-1"),
        away=cdk.Environment(account=ACCOUNT, region="cn-northwest-1"),
    )
    site = site_of(away)
    site.protect(existing(home, "sales", iam_role_arns=[]), objectives=OBJECTIVES)
    assert "'site' must be a site outside of China" in refused(site)
