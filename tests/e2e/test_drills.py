"""Drills of the deployed site: started by their rule, killed anywhere, beside a failover; and what the hourly run removes."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract import names
from tests.e2e.restore_site import OBJECTIVE_POINT, PLAN, PREFIX
from tests.e2e.restore_steps import forget, next_drill
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, fire_rule, switch_rules

if TYPE_CHECKING:
    from tests.e2e.restore_site import RestoreSite

SECOND, MINUTE, HOUR = dt.timedelta(seconds=1), dt.timedelta(minutes=1), dt.timedelta(hours=1)
MOST_OVERHEAD = 60  # seconds of our own beyond Redshift's restore
#: Clusters that no drill of this plan may touch, with their tags.
BYSTANDERS = {
    "drill-analytics": {"team": "x"},
    f"{PREFIX}theirs": {names.TAG_PLAN: "another-plan"},
    "restored-sales": {},
}


def a_cluster(site: RestoreSite, name: str, tags: dict[str, str]) -> None:
    """Somebody's cluster in the recovery Region."""
    site.there.create_cluster(
        ClusterIdentifier=name,
        NodeType="ra3.large",
        MasterUsername="other",
        ManageMasterPassword=True,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def drills(site: RestoreSite) -> list[str]:
    """The plan's clusters of drills that stand."""
    return [name for name in site.clusters() if name.startswith(PREFIX) and name not in BYSTANDERS]


def clean_ups(site: RestoreSite, since: int) -> int:
    """How many clean-ups have measured the drills since then. Lambda repeats one that fails, two times."""
    calls = [call["operation"] for call in site.aws.calls(since) if "CleanUp" in call["principal"]]
    return calls.count("PutMetricData")


def cleaned_hourly(site: RestoreSite) -> float:
    """Let the cleaning rule fire once; a second time where a cluster has no tag yet, for it must be an hour old.

    Returns:
        How many clusters the last clean-up counts as left behind.
    """
    tagged = all(each["Tags"] for name, each in site.clusters().items() if name.startswith(PREFIX))
    since = site.mark()
    for _ in range(1 if tagged else 2):
        fire_rule(site.aws, RECOVERY, "removes what drills")
        site.aws.advance(MINUTE)  # a deletion that was asked for ends
    assert clean_ups(site, since)
    return site.metrics(names.METRIC_DRILL_LEFT_BEHIND)[-1]


@dataclasses.dataclass(frozen=True)
class Rehearsed:
    """What a drill left behind that its rule had started, and an hour of cleaning runs after it."""

    due: dt.datetime
    report: dict[str, Any]
    left: list[str]
    told: list[tuple[str, dict[str, Any]]]
    metrics: dict[str, list[float]]
    checks: dict[str, list[float]]
    remembered: dict[str, Any]
    endpoint: Any
    record: Any
    passed: list[str]
    later: list[float]
    ages: list[float]


@pytest.fixture(scope="module")
def rehearsed(restore_site: RestoreSite) -> Rehearsed:
    """The rehearsal's rule fires; then the hourly one, twice."""
    site = restore_site
    with site.left_as_found(), site.at_full_length():
        forget(site)
        site.told()
        due, endpoint, record = next_drill(site), site.parameter(names.ENDPOINT_FOLDER), site.record()
        site.aws.advance_to(due - MINUTE)
        site.rules("rehearses", on=True)
        site.aws.advance(HOUR)
        site.rules(on=False)
        run = site.newest()
        report, left, told = site.ended(run), drills(site), site.told()
        metrics = {name: site.metrics(name) for name in names.DRILL_METRICS}
        made = [each["name"] for each in report["checks"]]
        checks = {name: site.metrics(names.METRIC_DRILL_CHECK_FAILED, Check=name) for name in made}
        remembered = site.parameter(names.DRILLS_FOLDER)
        later = [cleaned_hourly(site) for _ in range(2)]
        return Rehearsed(
            due=due,
            report=report,
            left=left,
            told=told,
            metrics=metrics,
            checks=checks,
            remembered=remembered,
            endpoint=(endpoint, site.parameter(names.ENDPOINT_FOLDER)),
            record=(record, site.record()),
            passed=site.passed(run),
            later=later,
            ages=site.metrics(names.METRIC_DRILL_AGE),
        )


def test_the_rule_starts_a_drill_that_passes_and_leaves_nothing(rehearsed: Rehearsed) -> None:
    # GIVEN a daily rehearsal WHEN it is due
    report = rehearsed.report
    # THEN a cluster named after that moment is restored, checked, measured and deleted
    assert (report["mode"], report["outcome"]) == ("drill", "Passed"), report
    assert report["cluster"]["identifier"] == f"{PREFIX}{rehearsed.due:%Y%m%d%H%M}"
    assert [each["name"] for each in report["checks"] if each["passed"]] == ["answers", "tables", "size", "latest"]
    assert report["restore_seconds"] >= 13 * 60
    assert report["overhead_seconds"] <= MOST_OVERHEAD
    assert rehearsed.left == []
    # AND what it cost is told; nobody is sent to it
    assert report["cost"]["node_hours"] > 0
    assert [subject for subject, _ in rehearsed.told] == [f"Passed: drill of {PLAN}"]
    assert rehearsed.endpoint[0] == rehearsed.endpoint[1]
    assert rehearsed.record[0] == rehearsed.record[1]


def test_its_numbers_are_metrics_and_are_remembered(rehearsed: Rehearsed) -> None:
    # GIVEN a drill that passed WHEN its metrics and its parameter are read THEN they are the report's
    report, last = rehearsed.report, {name: values[-1] for name, values in rehearsed.metrics.items()}
    assert last == {
        "DrillAge": last["DrillAge"],
        "DrillFailed": 0,
        "DrillRecoveryTime": report["recovery_time_seconds"],
        "DrillRecoveryPoint": report["recovery_point_seconds"],
        "DrillsInconclusive": 0,
        "DrillLeftBehind": 0,
    }
    assert last["DrillAge"] < 60
    assert {name: values[-1] for name, values in rehearsed.checks.items()} == dict.fromkeys(rehearsed.checks, 0)
    assert list(rehearsed.checks) == ["answers", "tables", "size", "latest"]
    assert rehearsed.remembered["last"]["outcome"] == "Passed"
    assert rehearsed.remembered["last"]["execution"] == report["execution"]


def test_each_hour_the_age_of_the_last_drill_is_told(rehearsed: Rehearsed) -> None:
    # GIVEN a drill that passed WHEN the hourly rule has fired twice THEN its age grows, and nothing was to do
    assert rehearsed.later == [0, 0]
    assert rehearsed.ages[-1] - rehearsed.ages[-2] == pytest.approx(3600, abs=30)


@pytest.mark.parametrize("seconds", [-61, -1, 0, 1])
def test_the_clean_up_runs_once_an_hour_whatever_the_minute(site: RestoreSite, seconds: int) -> None:
    # GIVEN a moment right before, at, or right after the minute of the hourly rule
    fire_rule(site.aws, RECOVERY, "removes what drills")
    [rule] = switch_rules(site.aws, RECOVERY, "removes what drills", on=True)
    due = site.aws.next_firing(RECOVERY, rule)
    switch_rules(site.aws, RECOVERY, "removes what drills", on=False)
    assert due is not None
    site.aws.advance_to(due + seconds * SECOND)
    # WHEN the next clean-up is waited for THEN there is one
    since = site.mark()
    assert (cleaned_hourly(site), clean_ups(site, since)) == (0, 1)


# killed anywhere


def test_a_drill_killed_at_any_state_is_cleaned_up_by_the_hourly_run(site: RestoreSite, rehearsed: Rehearsed) -> None:
    # GIVEN every state that a drill passes, and clusters of others beside it
    for name, tags in BYSTANDERS.items():
        a_cluster(site, name, tags)
    site.aws.advance(10 * MINUTE)
    met = set()
    for state in dict.fromkeys(rehearsed.passed):
        # WHEN a drill is stopped right before it does anything there
        left = killed(site, state)
        # THEN the hourly run leaves nothing of it, and everything else
        if left:
            met.add(state)
            assert cleaned_hourly(site) == 0, state
        assert drills(site) == [], state
    assert met == {"WaitForCluster", "BringBack", "Check", "Publish", "DeleteCluster"}
    untouched(site)


def test_a_drill_killed_after_any_call_took_effect_is_cleaned_up(site: RestoreSite, rehearsed: Rehearsed) -> None:
    # GIVEN the phases whose calls change something
    assert CHANGING.keys() <= set(rehearsed.passed)
    for name, tags in BYSTANDERS.items():
        a_cluster(site, name, tags)
    site.aws.advance(10 * MINUTE)
    for state, times in CHANGING.items():
        for skip in range(times):
            # WHEN a drill is stopped there, its call done and the answer lost
            killed(site, state, after=True, skip=skip)
            # THEN the hourly run leaves nothing of it, and everything else
            assert cleaned_hourly(site) == 0, (state, skip)
            assert drills(site) == [], (state, skip)
    untouched(site)


#: The phases of a drill whose calls change something, and how often each is called before it has changed everything.
CHANGING = {"ChooseSnapshot": 1, "Restore": 1, "WaitForCluster": 1, "Check": 1, "DeleteCluster": 1, "Report": 6}


def killed(site: RestoreSite, state: str, *, after: bool = False, skip: int = 0) -> list[str]:
    """Stop a plan's first drill at a state; what it leaves behind."""
    forget(site)
    site.aws.stop_execution_at(state, machine="Restore", after=after, skip=skip)
    assert site.run("drill") == {"status": "ABORTED"}, state
    return drills(site)


def untouched(site: RestoreSite) -> None:
    """Others' clusters stand as they were."""
    assert {name: site.tags(name) for name in site.clusters()} == BYSTANDERS
    site.remove(*BYSTANDERS)


@pytest.mark.parametrize(("state", "after"), [("Restore", True), ("Check", False), ("DeleteCluster", False)])
def test_the_next_drill_removes_what_a_killed_one_left(site: RestoreSite, state: str, after: bool) -> None:
    # GIVEN a drill that was killed and left its cluster, without tags in the first case
    [left] = killed(site, state, after=after)
    site.aws.advance(HOUR + MINUTE)
    # WHEN the next one runs THEN it removes that first, says so, and passes in its own time
    report = site.run("drill")
    assert report["outcome"] == "Passed", report
    assert [each for each in report["warnings"] if left in each]
    assert report["overhead_seconds"] <= MOST_OVERHEAD
    assert drills(site) == []


# what else happens


def test_a_drill_yields_to_a_failover(site: RestoreSite) -> None:
    # GIVEN a drill whose cluster is being restored
    site.aws.hold_time(True)
    drill = site.start("drill")
    site.aws.advance(MINUTE)
    assert len(drills(site)) == 1
    # WHEN a failover starts
    failover = site.start("failover")
    site.aws.settle()
    # THEN the drill deletes its cluster and says why, and the failover goes on
    report = site.ended(drill)
    assert (report["outcome"], site.ended(failover)["outcome"]) == ("SkippedFailover", "Restored")
    assert list(site.clusters()) == [CLUSTER]


def test_a_drill_of_a_stale_site_fails_even_if_it_restores(site: RestoreSite) -> None:
    # GIVEN a primary Region that is gone for longer than the recovery point objective
    site.aws.region_down(PRIMARY)
    site.aws.advance(OBJECTIVE_POINT + 8 * HOUR)
    # WHEN a drill runs
    report = site.run("drill")
    # THEN it restores and fails as stale, and leaves nothing
    assert (report["outcome"], report["status"]) == ("FailedStale", "FAILED")
    assert report["recovery_point_seconds"] > OBJECTIVE_POINT.total_seconds()
    assert all(each["passed"] for each in report["checks"])
    assert drills(site) == []
    assert site.metrics(names.METRIC_DRILL_FAILED)[-1] == 1


def test_a_leftover_that_cannot_be_deleted_is_reported_and_removed_later(site: RestoreSite) -> None:
    # GIVEN a killed drill's cluster that Redshift does not let go
    [left] = killed(site, "Check")
    site.aws.faults("fail_for", 5 * 3600, "DeleteCluster", "InvalidClusterStateFault")
    # WHEN it is cleaned up hour by hour
    counted = [cleaned_hourly(site) for _ in range(3)]
    # THEN it counts as left behind two hours after a clean-up saw it first, and that run fails and names it
    assert counted == [0, 0, 1]
    found = site.cleaned()["errorMessage"]
    assert found.startswith("LeftBehind: ")
    assert left in found
    # AND the next one removes it, and the one after that counts nothing any more
    site.aws.faults("clear")
    cleaned_hourly(site)
    assert (drills(site), cleaned_hourly(site)) == ([], 0)


def test_a_drill_that_cannot_delete_its_cluster_says_what_is_paid_for(site: RestoreSite) -> None:
    # GIVEN a cluster that Redshift does not let go for hours
    site.aws.faults("fail_for", 6 * 3600, "DeleteCluster", "InvalidClusterStateFault")
    # WHEN a drill runs
    report = site.run("drill")
    # THEN it fails by that name, and the next cleaning run removes it
    assert (report["status"], report["outcome"]) == ("FAILED", "LeftBehind")
    assert report["leftovers"] == drills(site)
    site.aws.faults("clear")
    assert (cleaned_hourly(site), drills(site)) == (0, [])


def test_a_drill_that_is_started_twice_is_one(site: RestoreSite) -> None:
    # GIVEN one scheduled time that EventBridge delivers twice
    site.aws.hold_time(True)
    since, moment = site.mark(), f"{site.aws.now():%Y-%m-%dT%H:%M:00Z}"
    runs = [site.start("drill", scheduled_time=moment) for _ in range(2)]
    site.aws.settle()
    # WHEN both run THEN one passes, the other ends without a failure, and one cluster was made
    assert sorted(site.ended(run)["outcome"] for run in runs) == ["AlreadyRunning", "Passed"]
    assert {site.ended(run)["status"] for run in runs} == {"SUCCEEDED"}
    assert [call["operation"] for call in site.calls(since)].count("RestoreFromClusterSnapshot") == 1
    assert drills(site) == []
