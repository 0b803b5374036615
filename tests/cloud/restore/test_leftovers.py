"""Which clusters a former drill left: decided by the name, the tags, the age and who is at work."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.redshift.states import of as state_of
from resilient_redshift.cloud.restore.leftovers import BARE_AGE, Found, drills_of_the_site, find
from resilient_redshift.cloud.restore.seen import Seen
from resilient_redshift.contract import names
from tests.cloud.restore.record import NOW, OURS, PLAN, PREFIX

NAME = f"{PREFIX}202610240500"
AT_WORK = {**OURS, names.TAG_EXECUTION: "drill-at-work"}


def a_cluster(name: str = NAME, *, tags: dict[str, str] | None = None, hours: float | None = 24) -> Seen:
    created = None if hours is None else NOW - dt.timedelta(hours=hours)
    return Seen(identifier=name, state=state_of("available"), created=created, tags=tags or {})


def found(cluster: Seen, *, alone: bool = True) -> Found:
    return find([cluster], prefix=PREFIX, plan=PLAN, running={"drill-at-work"}, alone=alone, now=NOW)


LEFT, STRAY, NEITHER = (
    Found(leftovers=(NAME,), strays=()),
    Found(leftovers=(), strays=(NAME,)),
    Found(leftovers=(), strays=()),
)


@pytest.mark.parametrize(
    ("cluster", "alone", "verdict"),
    [
        # with the plan's tags: unless the run that made it is at work
        (a_cluster(tags=OURS), True, LEFT),
        (a_cluster(tags=OURS, hours=0), False, LEFT),
        (a_cluster(tags={names.TAG_PLAN: PLAN}), False, LEFT),
        (a_cluster(tags=AT_WORK), True, NEITHER),
        # without tags: only an old one, and only while no drill of the plan is at work
        (a_cluster(), True, LEFT),
        (a_cluster(), False, NEITHER),
        (a_cluster(hours=0.9), True, NEITHER),
        (a_cluster(hours=None), True, NEITHER),
        # with somebody's tags: reported, and never deleted
        (a_cluster(tags={"team": "x"}), True, STRAY),
        (a_cluster(tags={"team": "x"}, hours=None), True, STRAY),
        (a_cluster(tags={"team": "x"}, hours=0.9), True, NEITHER),
        (a_cluster(tags={"team": "x"}), False, NEITHER),
        # another plan's, or another name
        (a_cluster(tags={names.TAG_PLAN: "another"}), True, NEITHER),
        (a_cluster("sales", tags=OURS), True, NEITHER),
        (a_cluster("drill-00000000-x", tags=OURS), True, NEITHER),
    ],
    ids=lambda value: f"{dict(value.tags)} {value.created}" if isinstance(value, Seen) else "",
)
def test_what_a_cluster_is(cluster: Seen, alone: bool, verdict: Found) -> None:
    assert found(cluster, alone=alone) == verdict


def test_a_cluster_without_tags_is_old_after_an_hour() -> None:
    # GIVEN a cluster without tags WHEN it is just as old as allowed, or a second older THEN only the older one may go
    hour = BARE_AGE.total_seconds() / 3600
    assert found(a_cluster(hours=hour)) == NEITHER
    assert found(a_cluster(hours=hour + 1 / 3600)) == LEFT


def test_a_failover_takes_the_room_of_every_plans_drills() -> None:
    # GIVEN clusters with a drill's name, a drill's tag, or both WHEN a failover needs room THEN only both may go
    tag = {names.TAG_DRILL: "true"}
    clusters = [
        a_cluster("drill-00000000-1", tags=tag),
        a_cluster("drill-00000000-2", tags={names.TAG_DRILL: "no"}),
        a_cluster("drill-00000000-3"),
        a_cluster("drill-analytics", tags=tag),
        a_cluster("sales", tags=tag),
    ]
    assert drills_of_the_site(clusters) == ["drill-00000000-1"]
