"""What status tells, and its exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ApiError, CopyConfig
from resilient_redshift.cloud.redshift.states import STATES, Meaning
from resilient_redshift.cloud.restore.drills import metrics as drill_metrics
from resilient_redshift.contract import names, outcomes
from tests.cli.scene import HERE, PLAN, RESTORE, THERE, Scene, record, words_of

if TYPE_CHECKING:
    from resilient_redshift.cloud.redshift.states import State


def put_drills(scene: Scene, **drills: Any) -> None:
    scene.put(THERE, names.drills_name(PLAN), json.dumps(drills))


def told(scene: Scene, *arguments: str) -> dict[str, Any]:
    result = scene.run("status", PLAN, "--json", *arguments)
    [plan] = json.loads(result.stdout)["plans"]
    assert plan["verdict"]["exit_status"] == result.exit_code
    return dict(plan)


def test_all_is_well(scene: Scene) -> None:
    # GIVEN a copy two hours old WHEN asked THEN both sides are shown, the verdict is one line, and the status 0
    scene.copied(hours=2)
    scene.model.given_snapshot(HERE, scene.cluster, "rs:sales-1", kind="automated", age_days=0.1)
    result = scene.run("status", PLAN)
    assert result.exit_code == 0
    assert (
        result.output.splitlines()[-1] == "fine: the newest copy in us-west-2 is 2 h old, within the objective of 10 h"
    )
    for shown in ("rs:sales-1", "copy:rs:sales-1", "in 13 d 22 h", "as recorded", "100.0 GB", "2 x ra3.large"):
        assert shown in result.output


@pytest.mark.parametrize(("hours", "status"), [(9.9, 0), (10.1, 1)])
def test_the_objective_decides(scene: Scene, hours: float, status: int) -> None:
    scene.copied(hours=hours)
    assert scene.run("status", PLAN).exit_code == status


def test_without_any_copy_it_is_missed(scene: Scene) -> None:
    scene.copied(hours=1, status="creating")
    result = scene.run("status", PLAN)
    assert result.exit_code == 1
    assert "missed: no usable copy in us-west-2" in result.output
    assert "automated, creating" in result.output


def test_two_lineages_are_missed(scene: Scene) -> None:
    # GIVEN copies of a cluster and of its namesake before it
    scene.copied("old", hours=9, cluster_create_time=scene.clock.now())
    scene.copied("new", hours=1)
    seen = told(scene)
    assert seen["verdict"]["status"] == "missed"
    assert seen["recovery"]["outcome"] == "AmbiguousLineage"
    assert seen["recovery"]["candidates"] == ["new", "old"]


def test_two_lineages_are_shown_with_what_to_say_to_a_failover(scene: Scene) -> None:
    # GIVEN the same WHEN read by people THEN the newest of each is listed with its lineage, and the option is named
    scene.copied("old", hours=9, cluster_create_time=scene.clock.now())
    scene.copied("new", hours=1)
    after = scene.run("status", PLAN).output.split("candidates, the newest of each cluster that had this name:")[1]
    assert "2026-11-23T08:15:00Z" in after
    assert "--lineage" in after


def test_the_recorded_lineage_decides(scene: Scene) -> None:
    scene.copied("old", hours=9, cluster_create_time=scene.clock.now())
    scene.copied("new", hours=1)
    scene.put(THERE, names.lineage_name(PLAN), scene.cluster.create_time.isoformat())
    assert told(scene)["recovery"]["newest"] == "new"


def test_the_records_own_lineage_decides_before_the_machine_has_seen_one(scene: Scene) -> None:
    scene.copied("old", hours=9, cluster_create_time=scene.clock.now())
    scene.copied("new", hours=1)
    scene.put_record(THERE, {**record(THERE), "lineage": scene.cluster.create_time.isoformat()})
    assert told(scene)["recovery"]["newest"] == "new"
    assert "new (automated" in scene.run("failover", PLAN).output


def test_the_primary_is_dark_and_the_recovery_side_complete(scene: Scene) -> None:
    # GIVEN a young copy, and a primary that does not answer WHEN asked THEN nobody knows whether the cluster lives
    scene.copied(hours=2)
    scene.account.dark = {HERE}
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert "primary unreachable" in result.output
    assert "copy:rs:sales-1" in result.output
    # AND the verdict says what is known all the same
    last = result.output.splitlines()[-1]
    assert last.startswith("unknown: us-east-1 does not answer, so it is unknown whether sales lives and is copied")
    assert last.endswith("; the newest copy in us-west-2 is 2 h old, within the objective of 10 h")


def test_the_recovery_region_is_dark_and_nobody_can_tell(scene: Scene) -> None:
    scene.account.dark = {THERE}
    scene.region = HERE
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert "recovery Region unreachable" in result.output
    assert "2 x ra3.large" in result.output
    assert result.output.splitlines()[-1].startswith("unknown: the recovery Region cannot be read")


def test_it_works_from_either_region(scene: Scene) -> None:
    scene.copied(hours=2)
    from_there = told(scene)
    assert from_there == told(scene, "--region", HERE)


def test_access_denied_is_cannot_tell(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.denied = {"redshift:DescribeClusterSnapshots"}
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert "DescribeClusterSnapshots in us-west-2: AccessDenied" in words_of(result)


def test_what_may_not_be_seen_beside_the_copies_is_unknown(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.denied = {"stepfunctions:ListExecutions"}
    seen = told(scene)
    assert seen["verdict"]["status"] == "unknown"
    assert any("ListExecutions" in text for text in seen["verdict"]["unknown"])
    assert seen["recovery"]["unread"] == ["running"]


def test_a_record_that_only_the_primary_has_is_cannot_tell(scene: Scene) -> None:
    # GIVEN that the recovery Region's record is gone THEN no failover could be started
    scene.copied(hours=2)
    scene.put_record(THERE, None)
    scene.region = HERE
    seen = told(scene)
    assert "no usable plan record in us-west-2: a failover could not be started" in seen["verdict"]["unknown"]
    assert seen["recovery"]["record"] is False
    # AND nobody knows the machine whose runs could be asked
    assert seen["recovery"]["unread"] == ["running"]
    assert "running" not in seen["recovery"]


def test_a_record_that_could_not_be_read_is_not_called_absent(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN the primary Region's record, and a recovery Region that answers no GetParameters
    def throttled(region: str, params: dict[str, Any]) -> dict[str, Any]:
        raise ApiError("ThrottlingException", "Rate exceeded")

    monkeypatch.setattr(scene.account, "_GetParameters", throttled)
    scene.region = HERE
    # WHEN asked THEN the JSON has no record, and no runs
    recovery = told(scene)["recovery"]
    assert recovery["unread"] == ["record", "endpoint", "lineage", "drills", "running"]
    assert {"record", "running"}.isdisjoint(recovery)


@pytest.mark.parametrize("missing", ["encryption_key", "subnet_group", "parameter_group", "security_groups", "machine"])
def test_a_record_without_what_a_restore_needs_is_unknown(scene: Scene, missing: str) -> None:
    # GIVEN the record of the recovery Region as somebody wrote it by hand, without the names of that Region
    scene.copied(hours=2)
    value = record(THERE)
    if missing == "machine":
        value["machines"] = {}
    else:
        del value["recovery"][missing]
    scene.put_record(THERE, value)
    # WHEN asked THEN nobody says "fine" of a plan that no failover can bring back
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert "no failover can be started with the plan record in us-west-2: " in result.output
    assert ("machines.restore" if missing == "machine" else f"recovery.{missing}") + " is missing" in result.output


def test_a_record_of_another_version_is_refused(scene: Scene) -> None:
    scene.put_record(THERE, {**record(THERE), "version": 2})
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert "is of version 2" in words_of(result)


def test_a_copy_that_is_off_is_missed_while_copies_are_young(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.cluster.copy = None
    seen = told(scene)
    assert seen["verdict"]["missed"] == ["nothing is copied: the copy of sales is off"]
    assert seen["primary"]["copy_differences"] == ["off"]


def test_what_is_missed_for_certain_counts_more_than_what_nobody_can_tell(scene: Scene) -> None:
    # GIVEN a copy that is off, and a recovery Region that does not answer
    scene.cluster.copy = None
    scene.account.dark = {THERE}
    scene.region = HERE
    result = scene.run("status", PLAN)
    assert result.exit_code == 1
    assert result.output.splitlines()[-1].startswith(
        "missed: nothing is copied: the copy of sales is off; the recovery"
    )


def test_of_several_plans_the_worst_counts(scene: Scene) -> None:
    # GIVEN one plan that is fine, one whose recovery Region is dark, and then one that is missed
    scene.region = HERE
    scene.copied(hours=2)
    other = record(HERE, "dark-us-east-1", "dark")
    scene.put_record(HERE, {**other, "recovery": {**other["recovery"], "region": "eu-west-1"}})
    scene.given_cluster("dark")
    scene.model.world.clusters[(HERE, "dark")].copy = CopyConfig("eu-west-1", 14, 14, "sales-grant")
    scene.account.dark = {"eu-west-1"}
    assert scene.run("status").exit_code == 2
    scene.put_record(HERE, record(HERE, "never-us-east-1", "never"))
    assert scene.run("status").exit_code == 1


def test_a_copy_to_another_region_is_missed(scene: Scene) -> None:
    scene.copied(hours=2)
    assert scene.cluster.copy is not None
    scene.cluster.copy.destination_region = "eu-west-1"
    assert told(scene)["verdict"]["missed"] == ["sales is copied to eu-west-1, not to us-west-2"]


def test_another_retention_than_recorded_is_missed(scene: Scene) -> None:
    scene.copied(hours=2)
    assert scene.cluster.copy is not None
    scene.cluster.copy.retention_period = 7
    seen = told(scene)
    assert seen["verdict"]["missed"] == ["the copy is not as recorded: RetentionPeriod is 7, recorded 14"]
    assert seen["primary"]["copy_differences"] == ["RetentionPeriod is 7, recorded 14"]


NEED_SOMEBODY = [state for state in STATES.values() if state.meaning is Meaning.NEEDS_SOMEBODY]
PASS = [state for state in STATES.values() if state.passes or state.meaning is Meaning.PAUSED]


@pytest.mark.parametrize("state", NEED_SOMEBODY, ids=lambda state: state.name)
def test_a_state_that_needs_somebody_is_missed(scene: Scene, state: State) -> None:
    # GIVEN a young copy, and a cluster in a state that waiting does not end
    scene.copied(hours=2)
    scene.cluster.status = state.name
    # WHEN asked THEN the plan is missed, with what AWS does next and what to do
    seen = told(scene)
    assert seen["verdict"]["status"] == "missed"
    assert seen["verdict"]["missed"] == [f"the cluster sales is {state.name!r}: {state.happens}; {state.to_do}"]


@pytest.mark.parametrize("status", ["deleting", "final-snapshot"])
def test_a_cluster_that_is_being_deleted_is_missed(scene: Scene, status: str) -> None:
    scene.copied(hours=2)
    scene.cluster.status = status
    seen = told(scene)
    assert seen["verdict"]["status"] == "missed"
    assert seen["verdict"]["missed"] == [f"the cluster sales is {status!r}, so it is being deleted"]


def test_a_state_that_this_release_does_not_know_is_unknown(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.cluster.status = "unheard-of"
    seen = told(scene)
    assert (seen["verdict"]["status"], seen["verdict"]["exit_status"]) == ("unknown", 2)
    assert seen["verdict"]["unknown"] == [
        "the cluster sales is 'unheard-of', and this release does not know that state: look at the cluster's events"
    ]


@pytest.mark.parametrize("state", PASS, ids=lambda state: state.name)
def test_a_state_that_passes_and_a_pause_change_no_verdict(scene: Scene, state: State) -> None:
    scene.copied(hours=2)
    scene.cluster.status = state.name
    assert told(scene)["verdict"]["status"] == "fine"


@pytest.mark.parametrize(("hours", "verdict"), [(61, "fine"), (80, "missed")])
def test_a_pause_excuses_a_copy_that_was_in_time_when_it_began(scene: Scene, hours: float, verdict: str) -> None:
    # GIVEN a cluster that is paused for 60 hours, as its last snapshot says, and a copy from shortly or long before
    scene.model.given_snapshot(HERE, scene.cluster, "rs:sales-paused", kind="automated", age_days=60 / 24)
    scene.copied(hours=hours)
    scene.cluster.status = "paused"
    # WHEN asked THEN an old copy is a miss only if it was too old before the pause, as the watcher says, too
    assert told(scene)["verdict"]["status"] == verdict


def test_a_primary_region_that_answers_and_cannot_be_read_is_unknown(scene: Scene) -> None:
    # GIVEN a young copy, and no right to describe the cluster
    scene.copied(hours=2)
    scene.account.denied = {"redshift:DescribeClusters"}
    # WHEN asked THEN the verdict is unknown, and names what could not be read
    seen = told(scene)
    assert (seen["verdict"]["status"], seen["verdict"]["exit_status"]) == ("unknown", 2)
    there, here = seen["verdict"]["unknown"]
    assert here.startswith(f"the primary Region cannot be read: redshift:DescribeClusters in {HERE}: AccessDenied")
    assert there.startswith(f"the clusters in {THERE} could not be read: redshift:DescribeClusters in {THERE}: Access")


def test_an_answer_without_the_cluster_is_unknown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a young copy, and a DescribeClusters that answers with an empty list
    scene.copied(hours=2)
    perform = scene.model.perform

    def without_clusters(service: str, region: str, operation: str, params: dict[str, Any]) -> Any:
        return {"Clusters": []} if operation == "DescribeClusters" else perform(service, region, operation, params)

    monkeypatch.setattr(scene.model, "perform", without_clusters)
    # WHEN asked THEN the verdict is unknown
    assert told(scene)["verdict"]["status"] == "unknown"


def test_the_times_of_a_schedule_that_redshift_does_not_show_are_absent(scene: Scene) -> None:
    # GIVEN a cluster whose schedule Redshift does not show
    scene.copied(hours=2)
    scene.cluster.schedule, scene.cluster.schedule_state = "fourhourly", "ACTIVE"
    # WHEN asked THEN the JSON has no times, and the text shows a question mark
    assert told(scene)["primary"]["schedule"] == {"identifier": "fourhourly", "state": "ACTIVE"}
    assert "schedule        fourhourly: ?" in scene.run("status", PLAN).output


def test_a_deleted_cluster_is_missed(scene: Scene) -> None:
    scene.copied(hours=2)
    del scene.model.world.clusters[(HERE, "sales")]
    [missed] = told(scene)["verdict"]["missed"]
    assert missed.startswith("the cluster is missing: there is no cluster sales in us-east-1")


def test_a_replaced_cluster_is_missed(scene: Scene) -> None:
    born = scene.cluster.create_time
    scene.copied(hours=2)
    scene.put(THERE, names.lineage_name(PLAN), born.isoformat())
    scene.cluster.create_time = scene.clock.now()
    assert any("the cluster was replaced" in missed for missed in told(scene)["verdict"]["missed"])


def test_a_snapshot_that_failed_is_a_note(scene: Scene) -> None:
    # GIVEN a young copy, and a manual snapshot at home that failed an hour ago
    scene.copied(hours=2)
    scene.model.given_snapshot(HERE, scene.cluster, "sales-ondemand", age_days=1 / 24, status="failed")
    # WHEN asked THEN the plan is fine, and the note names the snapshot
    seen = told(scene)["verdict"]
    assert (seen["status"], seen["notes"]) == ("fine", [f"the snapshot sales-ondemand in {HERE} is 'failed'"])


def test_the_last_drill_decides(scene: Scene) -> None:
    # GIVEN a copy in time, and a drill that failed THEN the way back is in doubt
    scene.copied(hours=2)
    last = {"outcome": "FailedChecks", "ended": "2026-11-22T08:15:00Z", "execution": "drill-1"}
    put_drills(scene, since="2026-11-01T00:00:00Z", last=last)
    seen = told(scene)
    assert seen["verdict"]["missed"] == ["the last drill failed: FailedChecks"]
    assert seen["recovery"]["drills"]["last"] == last
    assert "FailedChecks, 2026-11-22 08:15 UTC, 1 d ago" in scene.run("status", PLAN).output


@pytest.mark.parametrize("outcome", outcomes.RESTORE_OUTCOMES)
def test_a_drill_failed_in_status_as_in_the_alarm(scene: Scene, outcome: str) -> None:
    # GIVEN any last verdict WHEN judged THEN status and the metric of the alarm say the same
    scene.copied(hours=2)
    drills = {
        "since": "2026-11-01T00:00:00Z",
        "last": {"outcome": outcome, "ended": "2026-11-22T08:15:00Z", "execution": "d"},
    }
    put_drills(scene, **drills)
    metrics = drill_metrics(PLAN, drills, now=scene.clock.now(), left_behind=0)
    [failed] = [one["Value"] for one in metrics if one["MetricName"] == names.METRIC_DRILL_FAILED]
    assert scene.run("status", PLAN).exit_code == failed == int(outcome != "Passed")


def test_what_drills_left_behind_is_shown(scene: Scene) -> None:
    # GIVEN a cluster that a clean-up found three hours ago WHEN asked THEN it is shown, and in JSON
    scene.copied(hours=2)
    leftovers = {"drill-77dc0f67-202611230500": "2026-11-23T05:15:00.000Z"}
    put_drills(scene, since="2026-11-01T00:00:00Z", inconclusive=0, leftovers=leftovers)
    line = "left behind     drill-77dc0f67-202611230500, found 3 h ago; the hourly clean-up deletes it\n"
    assert line in scene.run("status", PLAN).output
    assert told(scene)["recovery"]["drills"]["leftovers"] == leftovers


@pytest.mark.parametrize("text", ["spoiled", "[]", '{"since": "yesterday", "last": {"outcome": "Failed"}}'])
def test_a_spoiled_memory_of_drills_is_unknown(scene: Scene, text: str) -> None:
    # GIVEN a parameter that somebody spoiled WHEN asked THEN it is named, nobody says "none yet", and all else is shown
    scene.copied(hours=2)
    scene.put(THERE, names.drills_name(PLAN), text)
    result = scene.run("status", PLAN)
    assert result.exit_code == 2
    assert f"{names.drills_name(PLAN)} is not understood: " in words_of(result)
    assert "none yet" not in result.output
    assert "copy:rs:sales-1" in result.output


@pytest.mark.parametrize("text", ["spoiled", "", "0001-01-01T00:00:00+23:59"])
def test_a_spoiled_lineage_is_named_and_stops_no_failover(scene: Scene, text: str) -> None:
    # GIVEN a parameter that is no time WHEN asked or failed over THEN it is named, and the record's own lineage counts
    scene.copied(hours=2)
    scene.put(THERE, names.lineage_name(PLAN), text)
    born = scene.cluster.create_time.isoformat()
    scene.put_record(THERE, {**record(THERE), "lineage": born})
    seen = told(scene)
    assert seen["recovery"]["lineage"] == "2026-10-24T08:15:00Z"
    assert [problem.partition(":")[0] for problem in seen["verdict"]["unknown"]] == [
        f"{names.lineage_name(PLAN)} is not understood"
    ]
    output = scene.run("failover", PLAN).output
    assert "copy:rs:sales-1 (automated" in output
    assert f"! {names.lineage_name(PLAN)} is not understood" in output


def test_a_drill_that_did_not_come_is_a_note(scene: Scene) -> None:
    scene.copied(hours=2)
    put_drills(scene, since="2026-09-01T00:00:00Z", inconclusive=2)
    notes = told(scene)["verdict"]["notes"]
    assert any("no drill for 83 d" in note for note in notes)
    assert any("inconclusive" in note for note in notes)


def test_what_runs_and_what_was_restored_is_shown(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.account.given_run(RESTORE, "failover-1", plan=PLAN, mode="failover")
    scene.account.given_run(RESTORE, "failover-2", plan="other", mode="failover")
    scene.put(
        THERE,
        names.endpoint_name(PLAN),
        json.dumps(
            {"cluster": "sales", "endpoint": "sales.example.com", "port": 5439, "at": "2026-11-23T07:05:38.000Z"}
        ),
    )
    output = scene.run("status", PLAN).output
    assert "failover-1, for 0 s" in output
    assert "failover-2" not in output
    assert "2026-11-23 07:05 UTC: sales, sales.example.com:5439" in output


def test_a_schedule_is_shown_with_its_times(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.model.given_schedule(HERE, "fourhourly", "rate(4 hours)")
    scene.cluster.schedule, scene.cluster.schedule_state = "fourhourly", "ACTIVE"
    expected = {"identifier": "fourhourly", "definitions": ["rate(4 hours)"], "state": "ACTIVE"}
    assert told(scene)["primary"]["schedule"] == expected


def test_what_is_planned_is_shown_while_the_primary_is_dark(scene: Scene) -> None:
    # GIVEN a dark primary, a rule and a rehearsal that somebody switched off WHEN asked THEN both stand there all the same
    scene.copied(hours=2)
    off = {"name": "quarterly", "schedule": "rate(90 days)", "enabled": False}
    drill = record(THERE)["drill"]
    scene.put_record(THERE, record(THERE, drill={**drill, "rehearsals": [*drill["rehearsals"], off]}))
    scene.account.dark = {HERE}
    output = scene.run("status", PLAN).output
    assert "primary unreachable" in output
    for shown in (
        "snapshots       nightly: cron(0 3 * * ? *), kept 7 days, copies 14 days\n",
        "drills          monthly: cron(0 6 22 * ? *)\n",
        "drills          quarterly: rate(90 days); OFF\n",
    ):
        assert shown in output
    assert told(scene)["rehearsals"][1] == off


def test_a_plan_that_nobody_rehearses_says_so(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.put_record(THERE, record(THERE, drill={"cluster_prefix": names.drill_prefix(PLAN, THERE)}))
    assert "last drill      none, and none is planned" in scene.run("status", PLAN).output
    scene.put_record(THERE, record(THERE))
    assert "last drill      none yet" in scene.run("status", PLAN).output


def test_all_plans_of_a_region_and_the_worst_exit_status(scene: Scene) -> None:
    # GIVEN a second plan, whose cluster has no copy WHEN all are asked for THEN both are shown, and 1 wins
    scene.copied(hours=2)
    scene.given_cluster("other")
    scene.put_record(THERE, record(THERE, "other-us-east-1", "other"))
    scene.put_record(THERE, record(THERE, "third-us-east-1", "third"))
    result = scene.run("status")
    assert result.exit_code == 1
    assert result.output.index("other-us-east-1") < result.output.index(PLAN) < result.output.index("third-us-east-1")
    asked = [
        operation for operation in scene.account.operations(THERE) if operation == "redshift:DescribeClusterSnapshots"
    ]
    assert len(asked) == 1


def test_a_record_that_is_not_understood_is_not_left_out_in_silence(scene: Scene) -> None:
    # GIVEN a plan that is fine, and a record that somebody broke WHEN all are asked for THEN nobody can tell of that one
    scene.copied(hours=2)
    scene.put(THERE, names.plan_record_name("broken"), "{}")
    result = scene.run("status")
    assert result.exit_code == 2
    assert "fine: the newest copy" in result.output
    assert "plans/broken in us-west-2 is not understood" in result.stderr
    # AND nobody can tell whether it is of the cluster that is asked for
    assert scene.run("status", "--cluster", "sales").exit_code == 2


def test_the_plans_of_a_cluster(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.put_record(THERE, record(THERE, "other-us-east-1", "other"))
    result = scene.run("status", "--cluster", "sales")
    assert result.exit_code == 0
    assert "other-us-east-1" not in result.output
    assert scene.run("status", "--cluster", "nobody").exit_code == 2
    assert scene.run("status", PLAN, "--cluster", "sales").exit_code == 2


def test_an_unknown_plan_names_those_that_are_there(scene: Scene) -> None:
    result = scene.run("status", "sales")
    assert result.exit_code == 2
    assert "no plan 'sales' in us-west-2 hint: there is: sales-us-east-1" in words_of(result)


def test_a_region_whose_only_record_is_not_understood_does_not_say_that_there_is_none(scene: Scene) -> None:
    scene.put_record(THERE, None)
    scene.put(THERE, names.plan_record_name("broken"), "{}")
    told_ = words_of(scene.run("status", "sales"))
    assert "there is one that is not understood: the plan record /resilient-redshift/plans/broken" in told_
    assert "none at all" not in told_


def test_many_pages_are_read(scene: Scene) -> None:
    for number in range(130):
        scene.copied(f"copy:rs:sales-{number}", hours=20 + number)
    scene.copied("copy:rs:newest", hours=1)
    seen = told(scene)
    assert len(seen["recovery"]["recovery_points"]) == 131
    assert seen["recovery"]["newest"] == "copy:rs:newest"
    assert "and 119 older ones" in scene.run("status", PLAN).output


def test_nothing_is_changed(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.run("status")
    assert not scene.model.mutating_calls()
    assert not scene.account.runs
