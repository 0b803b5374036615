"""Which recovery point a restore takes, tried at random against a page of Python."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint, choose
from resilient_redshift.cloud.restore.run_json import iso
from tests.cloud.restore.record import AWAY, CLUSTER, HOME, LINEAGES, NOW, PLAN
from tests.cloud.restore.test_choose import FROZEN, a_world, chosen

STATUSES = st.sampled_from(["available"] * 4 + ["creating", "failed"])
POINTS = st.lists(
    st.fixed_dictionaries(
        {
            "age_hours": st.sampled_from([1, 2, 2.5, 30, 31, 400]),
            "status": STATUSES,
            "kind": st.sampled_from(["automated", "manual"]),
            "source_region": st.sampled_from([HOME, HOME, HOME, "eu-west-1", None]),
            "lineage": st.sampled_from([0, 0, 0, 1]),
            "frozen": st.booleans(),
        }
    ),
    max_size=8,
)


@settings(max_examples=30, deadline=None)
@given(
    points=POINTS,
    fillers=st.sampled_from([0, 0, 19, 45]),
    recorded=st.sampled_from([None, None, 0, 1]),
    accepted=st.sampled_from([None, None, None, 0, 1]),
    not_before=st.sampled_from([None, None, 2, 30.5]),
)
def test_the_newest_usable_one_of_the_right_lineage_is_chosen(
    points: list[dict[str, Any]],
    fillers: int,
    recorded: int | None,
    accepted: int | None,
    not_before: float | None,
) -> None:
    # GIVEN any snapshots, on several pages, in no order
    world = a_world()
    lineages = [world.home.create_time, world.home.create_time - dt.timedelta(days=300)]
    for number, point in enumerate(points):
        facts = {name: point[name] for name in ("age_hours", "status", "kind", "source_region")}
        facts["kind"] = facts["kind"] if facts["source_region"] else "manual"
        tags = FROZEN if point["frozen"] else {}
        world.copied(f"p-{number}", cluster_create_time=lineages[point["lineage"]], tags=tags, **facts)
    for number in range(fillers):
        world.copied(f"filler-{number}", age_hours=0.5, source_region="eu-west-1")
    if recorded is not None:
        world.fakes.parameters[LINEAGES] = iso(lineages[recorded])
    changes = {
        "lineage": None if accepted is None else iso(lineages[accepted]),
        "not_before": None if not_before is None else iso(NOW - dt.timedelta(hours=not_before)),
    }
    # WHEN failed over
    run = world.failover(**changes)
    # THEN it is the one that a page of Python picks by the contract
    expected = _oracle(points, recorded, accepted, not_before)
    if isinstance(expected, str):
        assert run.outcome == expected
        assert not chosen(world)
    else:
        assert len(chosen(world)) == 1
        assert chosen(world)[0] in expected
    # AND it is what the operator's command shows beforehand
    listed = world.model.call(AWAY, "DescribeClusterSnapshots", {})["Snapshots"]
    shown = choose(
        [point for point in map(RecoveryPoint.of, listed) if point is not None],
        cluster=CLUSTER,
        source_region=HOME,
        plan=PLAN,
        lineage=None if recorded is None else lineages[recorded],
        accepted=None if accepted is None else lineages[accepted],
        not_before=None if not_before is None else NOW - dt.timedelta(hours=not_before),
    )
    assert [shown.point.identifier] == chosen(world) if shown.point else shown.outcome == run.outcome


def _oracle(
    points: list[dict[str, Any]], recorded: int | None, accepted: int | None, not_before: float | None
) -> str | set[str]:
    """The names of the newest usable ones, or the outcome."""
    usable = [
        (number, point)
        for number, point in enumerate(points)
        if point["status"] == "available"
        and (point["source_region"] == HOME or (point["source_region"] is None and point["frozen"]))
        and (not_before is None or point["age_hours"] <= not_before)
    ]
    wanted = accepted if accepted is not None else recorded
    found = {point["lineage"] for _, point in usable}
    if wanted is None:
        if len(found) > 1:
            return "AmbiguousLineage"
        wanted = next(iter(found), 0)
    ours = [(number, point) for number, point in usable if point["lineage"] == wanted]
    newest = min((point["age_hours"] for _, point in ours), default=None)
    if accepted is None:
        theirs = [point["age_hours"] for _, point in usable if point["lineage"] != wanted]
        if theirs and (newest is None or min(theirs) < newest):
            return "AmbiguousLineage"
    if newest is None:
        return "NoRecoveryPoint"
    return {f"p-{number}" for number, point in ours if point["age_hours"] == newest}
