"""SnapshotSchedule: one schedule, its clusters, one owner for each cluster, and its effect on plans and warnings."""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest

from resilient_redshift import (
    AutomatedSnapshots,
    ExistingCluster,
    Objectives,
    ResilientRedshiftError,
    SnapshotSchedule,
    SnapshotTimes,
)
from tests.scenes.clusters import HERE, cluster_of, new_app, new_stack, text_parameter, warnings_of
from tests.scenes.recovery import existing, l1_cluster, of_type, only, site_of, template_of, two_stacks

SCHEDULE = "Custom::RedshiftSnapshotSchedule"
ASSOCIATION = "Custom::RedshiftSnapshotScheduleAssociation"
OFTEN = [SnapshotTimes.every(cdk.Duration.hours(4))]
LONG_GAP = "resilient-redshift:SnapshotSchedule.LongGap"


def schedule_of(stack: cdk.Stack, *clusters: Any, name: str = "Schedule", **arguments: Any) -> SnapshotSchedule:
    return SnapshotSchedule(stack, name, **{"times": OFTEN, "clusters": clusters, **arguments})


def test_the_schedule_has_the_definitions_and_is_kept() -> None:
    # GIVEN two definitions WHEN synthesized THEN the template has them, and both keys keep the schedule
    stack = new_stack()
    schedule = schedule_of(stack, times=[SnapshotTimes.cron(hour="0/6"), SnapshotTimes.cron(minute="0", hour="3,15")])
    resource = only(template_of(stack), SCHEDULE)
    assert resource["Properties"]["ScheduleDefinitions"] == ["cron(0 0/6 *)", "cron(0 3,15 *)"]
    assert resource["Properties"]["ScheduleIdentifier"] == schedule.schedule_identifier
    assert (resource["Properties"]["RemovalPolicy"], resource["DeletionPolicy"]) == ("retain", "Retain")
    assert resource["Properties"]["ReplaceExisting"] == "false"


def test_each_cluster_gets_it_after_itself_and_the_schedule() -> None:
    stack = new_stack()
    warehouse = l1_cluster(stack)
    schedule = schedule_of(stack, warehouse, existing(stack))
    schedule.associate(l1_cluster(stack, "Later"))
    template = template_of(stack)
    associations = list(of_type(template, ASSOCIATION).values())
    assert [each["Properties"]["ClusterIdentifier"] for each in associations] == [
        {"Ref": "Warehouse"},
        "legacy",
        {"Ref": "Later"},
    ]
    assert {each["Properties"]["ScheduleIdentifier"] for each in associations} == {schedule.schedule_identifier}
    [name] = of_type(template, SCHEDULE)
    for each, cluster in zip(associations, ("Warehouse", None, "Later"), strict=True):
        assert name in each["DependsOn"]
        assert cluster is None or cluster in each["DependsOn"]
        assert any(needed.startswith("ResilientRedshiftScheduleProviderAssociation") for needed in each["DependsOn"])


def test_a_rename_or_another_schedule_of_the_stack_is_an_update_of_the_clusters_association() -> None:
    """A Create over an existing association would stay after a rollback, because CloudFormation sends no Delete."""
    logical_ids = []
    for name, taker in (("Schedule", 0), ("Renamed", 0), ("Schedule", 1)):
        # GIVEN two schedules of a stack WHEN one of them, with any name, has the cluster
        stack = new_stack()
        schedules = [schedule_of(stack, name=name), schedule_of(stack, name="Other")]
        schedules[taker].associate(l1_cluster(stack))
        [association] = of_type(template_of(stack), ASSOCIATION)
        logical_ids.append(association)
    # THEN the association is the same resource
    assert len(set(logical_ids)) == 1


def test_a_resilient_cluster_makes_its_own() -> None:
    stack = new_stack()
    cluster_of(stack, cluster_identifier="sales", automated_snapshots=AutomatedSnapshots(schedule=OFTEN))
    template = template_of(stack)
    assert only(template, SCHEDULE)["Properties"]["ScheduleDefinitions"] == ["rate(4 hours)"]
    assert "Ref" in only(template, ASSOCIATION)["Properties"]["ClusterIdentifier"]


def test_without_a_schedule_nothing_is_made() -> None:
    stack = new_stack()
    cluster_of(stack, cluster_identifier="sales")
    assert not [name for name in template_of(stack)["Resources"] if "Schedule" in name]


def test_destroy_turns_the_first_key_and_gives_the_right() -> None:
    stack = new_stack()
    schedule_of(stack, l1_cluster(stack), removal_policy=cdk.RemovalPolicy.DESTROY, replace_existing=True)
    template = template_of(stack)
    for kind in (SCHEDULE, ASSOCIATION):
        resource = only(template, kind)
        assert (resource["Properties"]["RemovalPolicy"], resource["DeletionPolicy"]) == ("destroy", "Delete")
        assert resource["Properties"]["ReplaceExisting"] == "true"


class TestIdentifier:
    def test_the_generated_one_is_plain_and_stable(self) -> None:
        one, two = (schedule_of(new_stack()).schedule_identifier for _ in range(2))
        assert one == two
        assert re.fullmatch(r"[a-z][a-z0-9]{1,62}", one)

    def test_it_differs_by_path_and_by_the_stacks_name(self) -> None:
        stack = new_stack()
        app = new_app()
        named = [cdk.Stack(app, f"Of{name}", env=HERE, stack_name=name) for name in ("Dev", "Prod")]
        parts = [cdk.Stage(app, stage) for stage in ("A", "B")]
        staged = [cdk.Stack(part, "Stack", env=HERE) for part in parts]
        identifiers = [
            schedule_of(stack).schedule_identifier,
            schedule_of(stack, name="Other").schedule_identifier,
            *(schedule_of(each).schedule_identifier for each in [*named, *staged]),
        ]
        assert len(set(identifiers)) == len(identifiers)

    def test_a_nested_stack_has_one_too(self) -> None:
        nested = cdk.NestedStack(new_stack(), "Nested")
        assert re.fullmatch(r"[a-z0-9]+", schedule_of(nested).schedule_identifier)

    @pytest.mark.parametrize("identifier", ["Upper", "a_b", "-a", "a" * 64])
    def test_one_that_aws_refuses_is_refused(self, identifier: str) -> None:
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be 1 to 63 lower-case"):
            schedule_of(new_stack(), schedule_identifier=identifier)

    def test_a_token_is_refused(self) -> None:
        stack = new_stack()
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be a literal"):
            schedule_of(stack, schedule_identifier=text_parameter(stack))

    def test_it_is_taken_once(self) -> None:
        stack = new_stack()
        schedule_of(stack, schedule_identifier="often")
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be an identifier that no other"):
            schedule_of(stack, name="Other", schedule_identifier="often")


class TestOneOwner:
    def test_a_second_schedule_for_a_cluster_is_an_error(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        schedule_of(stack, warehouse)
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app") as caught:
            schedule_of(stack, warehouse, name="Other")
        assert "Stack/Schedule (SnapshotSchedule)" in str(caught.value)

    def test_a_cluster_is_named_once_in_a_call(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        with pytest.raises(ResilientRedshiftError, match=r"'clusters\[1\]' must be a cluster that the list has once"):
            schedule_of(stack, warehouse, warehouse)

    def test_and_not_again_by_associate(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        schedule = schedule_of(stack, warehouse)
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app"):
            schedule.associate(warehouse)

    def test_nor_by_its_name_in_another_stack(self) -> None:
        app = new_app()
        stack, other = (cdk.Stack(app, name, env=HERE) for name in ("Stack", "Other"))
        schedule_of(stack, l1_cluster(stack))
        same = ExistingCluster.from_identifier(other, "Same", "warehouse")
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app"):
            schedule_of(other, same)

    def test_a_call_that_failed_leaves_no_trace(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        with pytest.raises(ResilientRedshiftError):
            schedule_of(stack, warehouse, times=[])
        assert stack.node.try_find_child("Schedule") is None
        schedule_of(stack, warehouse)


def test_a_cluster_of_another_stack_is_an_error() -> None:
    home, away = two_stacks()
    with pytest.raises(ResilientRedshiftError, match=r"'clusters\[0\]' must be of the stack 'Home'"):
        schedule_of(home, l1_cluster(away))


def test_a_cluster_without_automated_snapshots_is_an_error() -> None:
    stack = new_stack()
    off = l1_cluster(stack, automated_snapshot_retention_period=0)
    with pytest.raises(ResilientRedshiftError, match="must be with automated snapshots"):
        schedule_of(stack, off)


def test_a_removal_policy_that_has_no_meaning_is_an_error() -> None:
    with pytest.raises(ResilientRedshiftError, match=r"'removal_policy' must be RemovalPolicy\.RETAIN"):
        schedule_of(new_stack(), removal_policy=cdk.RemovalPolicy.SNAPSHOT)


def test_keys_that_disagree_stop_the_synth() -> None:
    # GIVEN an escape hatch that turns only one key
    app = new_app()
    stack = cdk.Stack(app, "Stack", env=HERE)
    schedule = schedule_of(stack, l1_cluster(stack))
    schedule.resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    with pytest.raises(RuntimeError):
        app.synth()


def test_one_error_reports_all_problems() -> None:
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError) as caught:
        schedule_of(stack, times=[], schedule_identifier="A", removal_policy=cdk.RemovalPolicy.SNAPSHOT)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(("hours", "warned"), [(7, False), (8, True), (24, True)])
def test_a_schedule_that_may_be_worse_than_none_warns(hours: int, *, warned: bool) -> None:
    schedule = schedule_of(new_stack(), times=[SnapshotTimes.every(cdk.Duration.hours(hours))])
    assert (LONG_GAP in warnings_of(schedule)) == warned


class TestPlans:
    """The check of an objective uses the cluster's schedule, whichever construct sets it and whenever."""

    @staticmethod
    def synth(hours: int | None, point: int, *, by_another_reference: bool = False) -> str:
        app = new_app()
        home, away = two_stacks(app)
        legacy = existing(home)
        objectives = Objectives(recovery_point=cdk.Duration.hours(point), recovery_time=cdk.Duration.hours(4))
        site_of(away).protect(legacy, objectives=objectives)
        if hours is not None:
            same = ExistingCluster.from_identifier(home, "Same", "legacy") if by_another_reference else legacy
            schedule_of(home, same, times=[SnapshotTimes.every(cdk.Duration.hours(hours))])
        try:
            app.synth()
        except RuntimeError as error:
            return str(error)
        return ""

    def test_a_short_gap_meets_what_the_default_does_not(self) -> None:
        assert self.synth(None, 6)
        assert not self.synth(4, 6)
        assert not self.synth(4, 6, by_another_reference=True)

    def test_a_long_gap_misses_what_the_default_meets(self) -> None:
        assert not self.synth(None, 10)
        assert self.synth(12, 10)
