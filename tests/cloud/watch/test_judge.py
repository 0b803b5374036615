"""What nobody looked at is neither missing nor unknown."""

from __future__ import annotations

import datetime as dt

import pytest

from resilient_redshift.cloud.restore.sight import NOT_LOOKED, Look, Sight
from resilient_redshift.cloud.watch.judge import judge
from resilient_redshift.cloud.watch.view import View
from tests.cloud.restore.copies import BORN, copy
from tests.cloud.restore.record import AWAY, CLUSTER, HOME, NOW, PLAN

RECORD = {
    "plan": PLAN,
    "cluster": {"identifier": CLUSTER, "region": HOME},
    "recovery": {"region": AWAY},
    "objectives": {"recovery_point_seconds": 36000},
}
NOTHING = dict.fromkeys(("published", "primary", "clusters", "points", "lineage", "elsewhere", "running"), NOT_LOOKED)


def test_what_nobody_looked_at_is_no_finding() -> None:
    judgement = judge(View(record=RECORD, sight=Sight(**NOTHING)), NOW)
    assert (judgement.findings, judgement.remarks, judgement.standing.fine) == ((), (), "")


def test_the_recovery_region_alone_can_say_that_all_is_well() -> None:
    # GIVEN a look at the recovery Region, and none at the primary WHEN judged THEN the newest copy decides
    looked = {
        "published": Look(),
        "clusters": Look(value=[]),
        "points": Look(value=[copy("one", 2)]),
        "lineage": Look(),
    }
    judgement = judge(View(record=RECORD, sight=Sight(**{**NOTHING, **looked})), NOW)
    assert (judgement.findings, judgement.standing.fine[:15]) == ((), "the newest copy")


@pytest.mark.parametrize(("hours", "codes"), [(9, []), (11, ["RecoveryPointOverdue"])])
def test_without_a_copy_a_plan_is_late_after_its_objective(hours: float, codes: list[str]) -> None:
    since = NOW - dt.timedelta(hours=hours)
    looked = {"published": Look(), "clusters": Look(value=[]), "points": Look(value=[]), "lineage": Look(value=BORN)}
    sight = Sight(**{**NOTHING, **looked}, protected_since=since)
    assert [one.code for one in judge(View(record=RECORD, sight=sight), NOW).findings] == codes


def test_a_pause_excuses_an_old_copy_and_says_so() -> None:
    looked = {"published": Look(), "clusters": Look(), "points": Look(value=[copy("one", 30)]), "lineage": Look()}
    sight = Sight(**{**NOTHING, **looked}, excuse="the cluster is paused")
    judgement = judge(View(record=RECORD, sight=sight), NOW)
    assert judgement.findings == ()
    assert judgement.remarks == (
        f"the newest copy in {AWAY} is 1 d 6 h old, the objective is 10 h: the cluster is paused",
    )


@pytest.mark.parametrize(("gap", "hours", "aging"), [(None, 7, False), (None, 8, True), (9, 8, False), (9, 9.5, True)])
def test_an_age_that_the_schedule_itself_brings_is_no_warning(gap: float | None, hours: float, aging: bool) -> None:
    # GIVEN an objective of ten hours, and a longest gap that the plan declares, or none
    record = {**RECORD, **({} if gap is None else {"watch_for": {"longest_gap_seconds": gap * 3600}})}
    looked = {"published": Look(), "clusters": Look(), "points": Look(value=[copy("one", hours)]), "lineage": Look()}
    found = judge(View(record=record, sight=Sight(**{**NOTHING, **looked})), NOW).findings
    assert [one.code for one in found] == (["RecoveryPointAging"] if aging else [])
