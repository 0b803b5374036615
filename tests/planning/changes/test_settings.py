"""Plans, deletion policies, names and costs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resilient_redshift.planning.changes.comparison import Aspect, Direction
from resilient_redshift.planning.checks.rules import CheckRule
from tests.planning.changes.templates import HERE, THERE, aspects, change_of, findings, protected, sales
from tests.planning.templates import cluster, copy, rule, stack


def plan(name: str = "sales-plan", days: int | None = 30) -> dict[str, Any]:
    """A plan whose rehearsals are some days apart: no rehearsal with None, and an unknown time with 0."""
    drill: dict[str, Any] = {"rehearsals": []}
    if days is not None:
        drill = {"rehearsals": [{"name": "monthly", "enabled": True}], "longest_gap_seconds": days * 86_400}
    record = {"plan": name, "cluster": {"identifier": "sales", "region": HERE}, "drill": drill}
    properties = {"Name": f"/resilient-redshift/plans/{name}", "Value": json.dumps(record)}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


REHEARSALS = "longest time between rehearsals"


@pytest.mark.parametrize(
    ("before", "after", "what", "direction"),
    [
        (plan(), None, "recovery plan", Direction.WORSE),
        (None, plan(), "recovery plan", Direction.BETTER),
        (plan(), plan("other-plan"), "recovery plan", Direction.CHANGED),
        (plan(), plan(days=None), REHEARSALS, Direction.WORSE),
        (plan(), plan(days=60), REHEARSALS, Direction.WORSE),
        (plan(days=60), plan(), REHEARSALS, Direction.BETTER),
        (plan(days=None), plan(), REHEARSALS, Direction.BETTER),
        (plan(), plan(days=0), REHEARSALS, Direction.WORSE),
        (plan(days=0), plan(days=None), REHEARSALS, Direction.WORSE),
        (plan(days=None), plan(days=0), REHEARSALS, Direction.BETTER),
    ],
    ids=[
        *("removed", "new", "renamed", "not rehearsed", "less often", "more often", "rehearsed"),
        *("from now on unknown", "unknown, and removed", "new and unknown"),
    ],
)
def test_a_plan_and_its_rehearsals(before: Any, after: Any, what: str, direction: Direction) -> None:
    change = change_of(protected(Plan=before), protected(Plan=after))

    assert aspects(change)[what].direction is direction


def test_another_file_is_no_other_stack() -> None:
    sides = [stack(name, Main=sales()) for name in ("standard input", "warehouse.yaml")]

    assert change_of(*sides).direction is Direction.SAME


def test_an_unknown_time_between_rehearsals_is_named() -> None:
    aspect = aspects(change_of(protected(Plan=plan()), protected(Plan=plan(days=0))))[REHEARSALS]

    assert (aspect.before, aspect.after) == ("30 d", "unknown")


def test_a_plan_that_is_gone_has_a_finding_beside_those_of_failures() -> None:
    change = change_of(protected(Plan=plan()), protected(Copy=None))

    assert {each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)} == {
        "region",
        "recovery plan",
        REHEARSALS,
    }


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ("Snapshot", "Delete", Direction.WORSE),
        ("Retain", None, Direction.WORSE),
        ("Snapshot", {"Ref": "Policy"}, Direction.WORSE),
        ("Delete", "Snapshot", Direction.BETTER),
        ("Snapshot", "Retain", Direction.CHANGED),
    ],
    ids=["delete", "the default", "unknown", "snapshot", "retain"],
)
def test_the_final_snapshot(before: Any, after: Any, direction: Direction) -> None:
    change = change_of(stack(Main=sales(before)), stack(Main=sales(after)))

    assert aspects(change)["DeletionPolicy"].direction is direction


def test_what_a_replacement_keeps_is_in_no_failure_and_has_a_finding() -> None:
    keeping = {**sales(), "UpdateReplacePolicy": "Snapshot"}

    change = change_of(stack(Main=keeping), stack(Main=sales()))

    assert [each.subject for each in findings(change, CheckRule.PROTECTION_WORSE)] == ["UpdateReplacePolicy"]


def test_the_costs_count_recovery_points_in_each_region() -> None:
    change = aspects(change_of(protected(Nightly=None), protected()))

    here, there = (change[f"recovery points in {region}"] for region in (HERE, THERE))
    assert (here.aspect, here.direction) == (Aspect.COST, Direction.CHANGED)
    assert (here.before, here.after) == ("at most 43 automated, 0 manual", "at most 43 automated, 36 manual")
    assert (there.before, there.after) == ("at most 43 automated, 0 manual", "at most 43 automated, 36 manual")
    assert (here.note, there.note) == ("the cost goes up", "the cost goes up")


@pytest.mark.parametrize(
    ("node_type", "note"),
    [
        ("ra3.large", "the cost stays: automated snapshots in the cluster's Region are free"),
        ("dc2.large", "the cost goes down"),
    ],
)
def test_automated_snapshots_are_free_where_aws_says_so(node_type: str, note: str) -> None:
    sides = [stack(Main=sales(NodeType=node_type, AutomatedSnapshotRetentionPeriod=days)) for days in (14, 7)]

    assert aspects(change_of(*sides))[f"recovery points in {HERE}"].note == note


def test_a_copy_that_is_gone_costs_less() -> None:
    change = aspects(change_of(protected(), protected(Copy=None)))[f"recovery points in {THERE}"]

    assert (change.after, change.note) == ("-", "the cost goes down")


def test_snapshots_for_ever_are_counted_over_a_year() -> None:
    change = aspects(change_of(protected(), protected(Nightly=rule(keep=-1))))[f"recovery points in {HERE}"]

    assert change.after == "at most 43 automated, 366 manual"
    assert "counted over 365 d" in change.note


def test_an_unknown_number_says_nothing_of_the_cost() -> None:
    unknown = copy(automated="14", manual={"Ref": "Days"})

    change = aspects(change_of(protected(), protected(Copy=unknown)))[f"recovery points in {THERE}"]

    assert (change.after, change.note) == (
        "at most 43 automated, unknown manual",
        "whether the cost goes up is unknown",
    )


def test_names_that_change_are_named_and_a_name_that_aws_chooses_is_none() -> None:
    change = aspects(change_of(stack("Old", None, Main=cluster()), stack("Old", None, Main=sales(None))))

    assert (change["identifier"].before, change["identifier"].after) == ("chosen at deployment", "sales")
    assert "logical id" not in change
