"""A paused cluster takes no manual snapshot: scheduled pauses, pauses by the template, and what remains of a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.planning.templates import cluster, copy, row, rule, stack, table

if TYPE_CHECKING:
    from resilient_redshift.planning import ProtectionTable

DELETED = "the cluster deleted by mistake"


def action(what: str, schedule: str, *, condition: str | None = None, **properties: Any) -> dict[str, Any]:
    target = {what: {"ClusterIdentifier": {"Ref": "Warehouse"}}}
    all_properties = {"ScheduledActionName": what, "Schedule": schedule, "TargetAction": target, **properties}
    resource: dict[str, Any] = {"Type": "AWS::Redshift::ScheduledAction", "Properties": all_properties}
    return resource if condition is None else {**resource, "Condition": condition}


def nights(schedule: str, **others: Any) -> ProtectionTable:
    """A rule over a cluster that sleeps from 20:00 to 7:00 UTC."""
    pause, resume = action("PauseCluster", "cron(0 20 * * ? *)"), action("ResumeCluster", "cron(0 7 * * ? *)")
    resources = {"Pause": pause, "Resume": resume, **others}
    return table(stack(Warehouse=cluster(), Nightly=rule(schedule=schedule, keep=30), **resources))


def gap(judgement: ProtectionTable) -> str | None:
    """How old the rule's newest snapshot can be; None when the rule is not counted."""
    deleted = row(judgement, DELETED)
    return None if deleted.protection == "none" else deleted.recovery_point


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cron(0 3 * * ? *)", None),  # always asleep
        ("cron(0 12 * * ? *)", "1 d"),  # always awake
        ("cron(0 * * * ? *)", "13 h"),  # the last one is at 19:00, the first one at 8:00
        ("cron(0 20 * * ? *)", None),  # the pause begins in the same minute
        ("cron(0 7 * * ? *)", None),  # the cluster is still resuming
        ("cron(0 3,12 ? * MON-FRI *)", "3 d"),
        ("cron(0 3,12 1 * ? *)", "31 d"),  # kept for less: a note says so, and the rule is still read
        ("rate(6 hours)", "23 h"),
        ("rate(14 hours)", None),  # longer than the cluster is ever awake
    ],
)
def test_only_snapshots_between_pauses_count(schedule: str, expected: str | None) -> None:
    # WHEN
    judgement = nights(schedule)

    # THEN
    if expected == "31 d":
        assert any("before the next one exists (up to 31 d later)" in note for note in judgement.notes)
    else:
        assert gap(judgement) == expected


def test_a_pause_of_a_cluster_that_sleeps_already_does_not_wake_it_before() -> None:
    # GIVEN a cluster that sleeps from Saturday to Wednesday, and is paused on Tuesday once more
    pause, resume = action("PauseCluster", "cron(0 22 ? * TUE,SAT *)"), action("ResumeCluster", "cron(0 8 ? * WED *)")
    asleep = rule(schedule="cron(0 2 ? * MON,TUE *)", keep=30)

    # WHEN snapshots are due on Monday and Tuesday
    judgement = table(stack(Warehouse=cluster(), Nightly=asleep, Pause=pause, Resume=resume))

    # THEN none is ever taken
    assert gap(judgement) is None


def test_the_reason_names_the_pause() -> None:
    why = "the cluster is paused whenever the rule fires, and a paused cluster takes no snapshot"
    assert f"rule nightly is not counted: {why}" in nights("cron(0 3 * * ? *)").notes


def test_a_pause_without_a_resumption_leaves_nothing() -> None:
    # GIVEN a cluster that a schedule pauses and nothing resumes
    pause = action("PauseCluster", "cron(0 20 * * ? *)")
    judgement = table(stack(Warehouse=cluster(), Nightly=rule(), Pause=pause))

    # THEN
    assert gap(judgement) is None
    assert any("no schedule is certain to resume it" in note for note in judgement.notes)


@pytest.mark.parametrize(
    ("pause", "counted"),
    [
        (action("PauseCluster", "at(2027-01-01T00:00:00)"), False),
        (action("PauseCluster", {"Ref": "When"}), False),  # type: ignore[arg-type]
        (action("PauseCluster", "cron(0 20 * * ? *)", Enable=False), True),
        (action("ResizeCluster", "cron(0 20 * * ? *)"), True),
    ],
)
def test_a_pause_that_cannot_be_read_is_not_taken_for_none(pause: dict[str, Any], counted: bool) -> None:
    judgement = table(stack(Warehouse=cluster(), Nightly=rule(), Sleep=pause))

    assert (gap(judgement) is not None) is counted
    assert any("Sleep may pause the cluster" in note for note in judgement.notes) is not counted


def test_a_resumption_under_a_condition_is_not_certain() -> None:
    resume = action("ResumeCluster", "cron(0 7 * * ? *)", condition="Weekdays")

    assert gap(nights("cron(0 12 * * ? *)", Resume=resume)) is None


def test_a_template_that_pauses_the_cluster_takes_no_manual_snapshot() -> None:
    judgement = table(stack(Warehouse=cluster(ResourceAction="pause-cluster"), Nightly=rule()))

    assert gap(judgement) is None
    assert any("the template pauses the cluster (ResourceAction)" in note for note in judgement.notes)


def scheduled(call: str, expression: str, **properties: Any) -> dict[str, Any]:
    """A schedule of EventBridge Scheduler with a universal target."""
    target = {
        "Arn": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":scheduler:::aws-sdk:redshift:{call}"]]},
        "Input": {"Fn::Join": ["", ['{"ClusterIdentifier":"', {"Ref": "Warehouse"}, '"}']]},
    }
    all_properties = {"ScheduleExpression": expression, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": {**all_properties, **properties}}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, "13 h"),
        ({"ScheduleExpressionTimezone": "Europe/Berlin"}, None),
        ({"State": {"Ref": "State"}}, None),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}}, None),
        ({"State": "DISABLED"}, "1 h"),
    ],
    ids=["utc", "other zone", "unknown state", "at any time of a window", "disabled"],
)
def test_a_pause_of_eventbridge_scheduler_counts_too(properties: dict[str, Any], expected: str | None) -> None:
    # GIVEN an hourly rule, and a cluster that sleeps from 20:00 to 7:00 UTC
    pause = scheduled("pauseCluster", "cron(0 20 * * ? *)", **properties)
    resume = scheduled("resumeCluster", "cron(0 7 * * ? *)")

    # WHEN
    judgement = table(stack(Warehouse=cluster(), Hourly=rule(schedule="cron(0 * * * ? *)"), Sleep=pause, Wake=resume))

    # THEN
    assert gap(judgement) == expected
    assert any("Sleep may pause the cluster" in note for note in judgement.notes) is (expected is None)


@pytest.mark.parametrize(
    ("action", "paused"),
    [("pause-cluster", True), ("resume-cluster", False), ("failover-primary-compute", False), ({"Ref": "What"}, True)],
    ids=["pause", "resume", "failover", "unknown"],
)
def test_a_resource_action_that_may_pause_counts_as_a_pause(action: Any, paused: bool) -> None:
    judgement = table(stack(Warehouse=cluster(ResourceAction=action), Nightly=rule()))

    assert (gap(judgement) is None) is paused


@pytest.mark.parametrize("name", [{"Ref": "Parameter"}, {"Fn::ImportValue": "cluster"}], ids=["parameter", "import"])
def test_a_pause_of_an_unknown_cluster_may_pause_each_cluster_of_the_template(name: Any) -> None:
    pause = action("PauseCluster", "cron(0 1 * * ? *)", TargetAction={"PauseCluster": {"ClusterIdentifier": name}})

    assert gap(table(stack(Warehouse=cluster(), Nightly=rule(), Pause=pause))) is None


@pytest.mark.parametrize(
    ("resume", "snapshots"),
    [("cron(* * 1 * ? *)", "cron(0 3 * * ? *)"), ("cron(0 7 1 * ? *)", "cron(* * * * ? *)")],
    ids=["resumptions", "snapshots"],
)
def test_more_times_than_anybody_can_look_at_are_not_certain(resume: str, snapshots: str) -> None:
    # GIVEN millions of times in the years that show every pattern WHEN judged THEN it is quick, and nothing is certain
    pause = "cron(* * * * ? *)" if snapshots.startswith("cron(0") else "cron(0 1 1 * ? *)"
    pauses = {"Pause": action("PauseCluster", pause), "Resume": action("ResumeCluster", resume)}
    assert gap(table(stack(Warehouse=cluster(), Nightly=rule(schedule=snapshots), **pauses))) is None


@pytest.mark.parametrize(("account", "counts"), [("1" * 12, False), ("2" * 12, True), (None, False)])
def test_a_pause_in_another_stack_may_pause_each_cluster_of_its_account_and_region(
    account: str | None, counts: bool
) -> None:
    name = {"PauseCluster": {"ClusterIdentifier": {"Ref": "Parameter"}}}
    home = replace(stack(Warehouse=cluster(), Nightly=rule()), account="1" * 12)
    other = replace(
        stack("Nights", Pause=action("PauseCluster", "cron(0 1 * * ? *)", TargetAction=name)), account=account
    )

    assert (gap(table(home, other)) is not None) is counts


def test_a_pause_of_a_cluster_that_exists_already_counts() -> None:
    pause = action("PauseCluster", "cron(0 1 * * ? *)", TargetAction={"PauseCluster": {"ClusterIdentifier": "Legacy"}})

    assert gap(table(stack(Nightly=rule("legacy"), Pause=pause))) is None


@pytest.mark.parametrize("bound", ["StartTime", "EndTime"])
def test_a_resumption_that_begins_later_or_ends_is_not_certain(bound: str) -> None:
    resume = action("ResumeCluster", "cron(0 7 * * ? *)", **{bound: "2027-01-01T00:00:00Z"})

    assert gap(nights("cron(0 12 * * ? *)", Resume=resume)) is None


def test_a_state_machine_that_pauses_leaves_no_snapshot_certain() -> None:
    definition = '{"States":{"Sleep":{"Resource":"arn:aws:states:::aws-sdk:redshift:pauseCluster"}}}'
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"DefinitionString": definition}}

    assert gap(table(stack(Warehouse=cluster(), Nightly=rule(), Nights=machine))) is None


class TestAutomatedSnapshots:
    """A pause takes a snapshot, so little is lost; but nothing newer comes, and copies expire."""

    def test_copies_of_a_cluster_that_stays_paused_expire(self) -> None:
        # GIVEN
        judgement = table(stack(Warehouse=cluster(ResourceAction="pause-cluster"), Copy=copy()))

        # THEN the newest snapshot stays in the cluster's Region, but its copy does not
        assert row(judgement, "a Zone").recovery_point == "8 h"
        assert row(judgement, "the Region").protection == "none"
        assert any(
            "copied automated snapshots expire after 7 d: the template pauses" in each for each in judgement.notes
        )

    @pytest.mark.parametrize(("keep", "protected"), [("2", False), ("7", True)])
    def test_copies_must_outlive_the_longest_pause(self, keep: str, protected: bool) -> None:
        # GIVEN a cluster that sleeps over the weekend, for 59 hours
        pause = action("PauseCluster", "cron(0 20 ? * FRI *)")
        resume = action("ResumeCluster", "cron(0 7 ? * MON *)")

        # WHEN
        judgement = table(stack(Warehouse=cluster(), Copy=copy(automated=keep), Pause=pause, Resume=resume))

        # THEN the copy of the snapshot that the pause takes is not counted: two gaps and the copy time may be lost
        assert (row(judgement, "the Region").recovery_point == "17 h") is protected

    def test_a_bad_load_after_a_pause_needs_a_snapshot_from_before_the_pause(self) -> None:
        pause, resume = action("PauseCluster", "cron(0 20 ? * FRI *)"), action("ResumeCluster", "cron(0 7 ? * MON *)")
        weekend = {"Pause": pause, "Resume": resume}
        always_on = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=2)))
        judgement = table(stack(Warehouse=cluster(AutomatedSnapshotRetentionPeriod=2), **weekend))

        assert row(always_on, "a bad load noticed after 1 d").protection != "none"
        assert row(judgement, "a bad load noticed after 1 d").protection == "none"


def test_another_clusters_pause_changes_nothing() -> None:
    other = {"PauseCluster": {"ClusterIdentifier": "elsewhere"}}

    assert (
        gap(nights("cron(0 12 * * ? *)", Pause=action("PauseCluster", "cron(0 1 * * ? *)", TargetAction=other)))
        == "1 d"
    )
