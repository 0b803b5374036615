"""An app that moves into a Stage, or whose parents are renamed: nothing that is deployed changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_cdk as cdk
from aws_cdk import aws_events as events
from constructs import Construct

from resilient_redshift import AutomatedSnapshots, SnapshotSchedule, SnapshotTimes, StackSettings
from tests.scenes.clusters import cluster_of, new_app
from tests.scenes.recovery import AWAY, HOME, OBJECTIVES, of_type, site_of

if TYPE_CHECKING:
    from collections.abc import Callable

TIMES = [SnapshotTimes.every(cdk.Duration.hours(4))]


def templates(parent_of: Callable[[cdk.App], Construct]) -> dict[str, dict[str, Any]]:
    """The resources of a plan's two stacks, by their names, without what CDK itself writes of the path."""
    parent = parent_of(new_app())
    home = cdk.Stack(parent, "Home", env=HOME, stack_name="warehouse")
    away = cdk.Stack(parent, "Away", env=AWAY, stack_name="warehouse-dr")
    cluster = cluster_of(home, cluster_identifier="sales", automated_snapshots=AutomatedSnapshots(schedule=TIMES))
    SnapshotSchedule(home, "Unnamed", times=TIMES, clusters=[cluster_of(home, "Other")])
    plan = site_of(away).protect(cluster, objectives=OBJECTIVES)
    nightly = events.Schedule.cron(hour="3", minute="0")
    plan.keep_manual_snapshots("Nightly", schedule=nightly, keep=cdk.Duration.days(3))
    plan.rehearse("Monthly")
    stage = cdk.Stage.of(home)
    assert stage is not None
    stacks = stage.synth().stacks
    return {stack.stack_name: json.loads(json.dumps(stack.template["Resources"])) for stack in stacks}


def without_cdks_paths(resources: dict[str, Any]) -> dict[str, Any]:
    for name, resource in resources.items():
        resource.pop("Metadata", None)
        if name.startswith(("ResilientRedshiftProviderFramework", "ResilientRedshiftScheduleProviderFramework")):
            resource.get("Properties", {}).pop("Description", None)  # CDK's Provider framework names its path
        for tag in resource.get("Properties", {}).get("Tags", []):
            tag.pop("Value", None)  # CDK names a VPC and its security groups by path
    return {name: each for name, each in resources.items() if each["Type"] != "AWS::CDK::Metadata"}


def test_an_app_that_moves_into_a_stage_or_below_another_parent_changes_no_resource() -> None:
    # GIVEN an app whose stacks have chosen names
    before = templates(lambda app: app)
    # WHEN it is wrapped in a Stage with a parent more
    after = templates(lambda app: Construct(cdk.Stage(app, "Live"), "Env"))
    # THEN each resource is the same: grant, schedules, records, machines, rules and policies
    assert list(before) == list(after) == ["warehouse-dr", "warehouse"]
    for stack in before:
        assert without_cdks_paths(after[stack]) == without_cdks_paths(before[stack])
    assert len(of_type({"Resources": before["warehouse"]}, "Custom::RedshiftSnapshotSchedule")) == 2


def test_a_renamed_stack_keeps_its_grant_with_its_former_path() -> None:
    # GIVEN a site in a stack that an app renames
    app = new_app()
    before = site_of(cdk.Stack(app, "Away", env=AWAY, stack_name="warehouse-dr"))
    renamed = cdk.Stack(new_app(), "Recovery", env=AWAY, stack_name="warehouse-dr")
    # WHEN the stack says what its path was
    StackSettings(naming_path="Away").apply(renamed)
    # THEN the grant has its name
    assert site_of(renamed).snapshot_copy_grant_name == before.snapshot_copy_grant_name
