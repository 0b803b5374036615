"""A paused cluster takes no manual snapshot: scheduled pauses, pauses by the template, and what remains of a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.planning.templates import cluster, row, rule, stack, table

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


def test_the_reason_names_the_pause() -> None:
    why = "the cluster is paused whenever the rule fires, and a paused cluster takes no manual snapshot"
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
    assert any("Sleep pauses the cluster" in note for note in judgement.notes) is not counted


def test_a_resumption_under_a_condition_is_not_certain() -> None:
    resume = action("ResumeCluster", "cron(0 7 * * ? *)", condition="Weekdays")

    assert gap(nights("cron(0 12 * * ? *)", Resume=resume)) is None


def test_a_template_that_pauses_the_cluster_takes_no_manual_snapshot() -> None:
    judgement = table(stack(Warehouse=cluster(ResourceAction="pause-cluster"), Nightly=rule()))

    assert gap(judgement) is None
    assert any("the template pauses the cluster (ResourceAction)" in note for note in judgement.notes)


def test_a_pause_of_eventbridge_scheduler_counts_too() -> None:
    # GIVEN a schedule with a universal target, in a time zone of its own
    target = {
        "Arn": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":scheduler:::aws-sdk:redshift:pauseCluster"]]},
        "Input": {"Fn::Join": ["", ['{"ClusterIdentifier":"', {"Ref": "Warehouse"}, '"}']]},
    }
    sleep = {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {"ScheduleExpression": "cron(0 20 * * ? *)", "Target": target},
    }

    # WHEN
    judgement = table(stack(Warehouse=cluster(), Nightly=rule(), Sleep=sleep))

    # THEN
    assert any("Sleep pauses the cluster" in note for note in judgement.notes)


def test_another_clusters_pause_changes_nothing() -> None:
    other = {"PauseCluster": {"ClusterIdentifier": "elsewhere"}}

    assert (
        gap(nights("cron(0 12 * * ? *)", Pause=action("PauseCluster", "cron(0 1 * * ? *)", TargetAction=other)))
        == "1 d"
    )
