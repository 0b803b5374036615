"""The construct: one schedule, its clusters, one owner each, and what plans and warnings make of it."""

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


def made(stack: cdk.Stack, *clusters: Any, name: str = "Schedule", **arguments: Any) -> SnapshotSchedule:
    return SnapshotSchedule(stack, name, **{"times": OFTEN, "clusters": clusters, **arguments})


def test_the_schedule_is_as_told() -> None:
    # GIVEN two definitions WHEN synthesized THEN they stand in the template, and both keys keep it
    stack = new_stack()
    schedule = made(stack, times=[SnapshotTimes.cron(hour="0/6"), SnapshotTimes.cron(minute="0", hour="3,15")])
    found = only(template_of(stack), SCHEDULE)
    assert found["Properties"]["ScheduleDefinitions"] == ["cron(0 0/6 *)", "cron(0 3,15 *)"]
    assert found["Properties"]["ScheduleIdentifier"] == schedule.schedule_identifier
    assert (found["Properties"]["RemovalPolicy"], found["DeletionPolicy"]) == ("retain", "Retain")
    assert found["Properties"]["ReplaceExisting"] == "false"


def test_each_cluster_gets_it_after_itself_and_the_schedule() -> None:
    stack = new_stack()
    warehouse = l1_cluster(stack)
    schedule = made(stack, warehouse, existing(stack))
    schedule.associate(l1_cluster(stack, "Later"))
    template = template_of(stack)
    found = list(of_type(template, ASSOCIATION).values())
    assert [each["Properties"]["ClusterIdentifier"] for each in found] == [
        {"Ref": "Warehouse"},
        "legacy",
        {"Ref": "Later"},
    ]
    assert {each["Properties"]["ScheduleIdentifier"] for each in found} == {schedule.schedule_identifier}
    [name] = of_type(template, SCHEDULE)
    for each, cluster in zip(found, ("Warehouse", None, "Later"), strict=True):
        assert name in each["DependsOn"]
        assert cluster is None or cluster in each["DependsOn"]
        assert any(needed.startswith("ResilientRedshiftScheduleProviderAssociation") for needed in each["DependsOn"])


def test_a_rename_or_another_schedule_of_the_stack_is_an_update_of_the_clusters_association() -> None:
    """A Create over what stood would stay when the deployment is rolled back, as nothing is asked of what is retained."""
    found = []
    for name, taker in (("Schedule", 0), ("Renamed", 0), ("Schedule", 1)):
        # GIVEN two schedules of a stack WHEN one of them, of whatever name, has the cluster
        stack = new_stack()
        schedules = [made(stack, name=name), made(stack, name="Other")]
        schedules[taker].associate(l1_cluster(stack))
        [association] = of_type(template_of(stack), ASSOCIATION)
        found.append(association)
    # THEN the association is the same resource
    assert len(set(found)) == 1


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
    made(stack, l1_cluster(stack), removal_policy=cdk.RemovalPolicy.DESTROY, replace_existing=True)
    template = template_of(stack)
    for kind in (SCHEDULE, ASSOCIATION):
        found = only(template, kind)
        assert (found["Properties"]["RemovalPolicy"], found["DeletionPolicy"]) == ("destroy", "Delete")
        assert found["Properties"]["ReplaceExisting"] == "true"


class TestIdentifier:
    def test_the_generated_one_is_plain_and_stable(self) -> None:
        one, two = (made(new_stack()).schedule_identifier for _ in range(2))
        assert one == two
        assert re.fullmatch(r"[a-z][a-z0-9]{1,62}", one)

    def test_it_differs_by_path_and_by_the_stacks_name(self) -> None:
        stack = new_stack()
        app = new_app()
        named = [cdk.Stack(app, f"Of{name}", env=HERE, stack_name=name) for name in ("Dev", "Prod")]
        parts = [cdk.Stage(app, stage) for stage in ("A", "B")]
        staged = [cdk.Stack(part, "Stack", env=HERE) for part in parts]
        found = [
            made(stack).schedule_identifier,
            made(stack, name="Other").schedule_identifier,
            *(made(each).schedule_identifier for each in [*named, *staged]),
        ]
        assert len(set(found)) == len(found)

    def test_a_nested_stack_has_one_too(self) -> None:
        nested = cdk.NestedStack(new_stack(), "Nested")
        assert re.fullmatch(r"[a-z0-9]+", made(nested).schedule_identifier)

    @pytest.mark.parametrize("identifier", ["Upper", "a_b", "-a", "a" * 64])
    def test_one_that_aws_refuses_is_refused(self, identifier: str) -> None:
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be 1 to 63 lower-case"):
            made(new_stack(), schedule_identifier=identifier)

    def test_a_token_is_refused(self) -> None:
        stack = new_stack()
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be a literal"):
            made(stack, schedule_identifier=text_parameter(stack))

    def test_it_is_taken_once(self) -> None:
        stack = new_stack()
        made(stack, schedule_identifier="often")
        with pytest.raises(ResilientRedshiftError, match="'schedule_identifier' must be one that no other schedule"):
            made(stack, name="Other", schedule_identifier="often")


class TestOneOwner:
    def test_a_second_schedule_for_a_cluster_is_an_error(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        made(stack, warehouse)
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app") as caught:
            made(stack, warehouse, name="Other")
        assert "Stack/Schedule (SnapshotSchedule)" in str(caught.value)

    def test_a_cluster_is_named_once_in_a_call(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        with pytest.raises(ResilientRedshiftError, match=r"'clusters\[1\]' must be a cluster that is named once"):
            made(stack, warehouse, warehouse)

    def test_and_not_again_by_associate(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        schedule = made(stack, warehouse)
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app"):
            schedule.associate(warehouse)

    def test_nor_by_its_name_in_another_stack(self) -> None:
        app = new_app()
        stack, other = (cdk.Stack(app, name, env=HERE) for name in ("Stack", "Other"))
        made(stack, l1_cluster(stack))
        same = ExistingCluster.from_identifier(other, "Same", "warehouse")
        with pytest.raises(ResilientRedshiftError, match="without another SnapshotSchedule in this app"):
            made(other, same)

    def test_a_call_that_failed_leaves_no_trace(self) -> None:
        stack = new_stack()
        warehouse = l1_cluster(stack)
        with pytest.raises(ResilientRedshiftError):
            made(stack, warehouse, times=[])
        assert stack.node.try_find_child("Schedule") is None
        made(stack, warehouse)


def test_a_cluster_of_another_stack_is_an_error() -> None:
    home, away = two_stacks()
    with pytest.raises(ResilientRedshiftError, match=r"'clusters\[0\]' must be of the stack 'Home'"):
        made(home, l1_cluster(away))


def test_a_cluster_without_automated_snapshots_is_an_error() -> None:
    stack = new_stack()
    off = l1_cluster(stack, automated_snapshot_retention_period=0)
    with pytest.raises(ResilientRedshiftError, match="must be with automated snapshots"):
        made(stack, off)


def test_a_removal_policy_that_has_no_meaning_is_an_error() -> None:
    with pytest.raises(ResilientRedshiftError, match=r"'removal_policy' must be RemovalPolicy\.RETAIN"):
        made(new_stack(), removal_policy=cdk.RemovalPolicy.SNAPSHOT)


def test_keys_that_disagree_stop_the_synth() -> None:
    # GIVEN an escape hatch that turns one key alone
    app = new_app()
    stack = cdk.Stack(app, "Stack", env=HERE)
    schedule = made(stack, l1_cluster(stack))
    schedule.resource.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
    with pytest.raises(RuntimeError):
        app.synth()


def test_all_problems_are_told_together() -> None:
    stack = new_stack()
    with pytest.raises(ResilientRedshiftError) as caught:
        made(stack, times=[], schedule_identifier="A", removal_policy=cdk.RemovalPolicy.SNAPSHOT)
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(("hours", "warned"), [(7, False), (8, True), (24, True)])
def test_a_schedule_that_may_be_worse_than_none_warns(hours: int, *, warned: bool) -> None:
    schedule = made(new_stack(), times=[SnapshotTimes.every(cdk.Duration.hours(hours))])
    assert (LONG_GAP in warnings_of(schedule)) == warned


class TestPlans:
    """An objective is judged by the schedule that the cluster has, whoever gave it, and whenever."""

    @staticmethod
    def synth(hours: int | None, point: int, *, by_another_reference: bool = False) -> str:
        app = new_app()
        home, away = two_stacks(app)
        legacy = existing(home)
        objectives = Objectives(recovery_point=cdk.Duration.hours(point), recovery_time=cdk.Duration.hours(4))
        site_of(away).protect(legacy, objectives=objectives)
        if hours is not None:
            same = ExistingCluster.from_identifier(home, "Same", "legacy") if by_another_reference else legacy
            made(home, same, times=[SnapshotTimes.every(cdk.Duration.hours(hours))])
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
