"""Each transient fault at each call of the provider and of the machines is survived; each permanent one is named (scenario 9)."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, fire_rule, snapshots, switch_rules
from tests.e2e.step_faults import FOR_GOOD, LOST, MACHINES, PROVIDER, SCHEDULED, TOO_MANY, act, different
from tests.e2e.steps import STEPS
from tests.e2e.world import PLAN, World
from tests.phases.driver import RETRIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulator.aws import EmulatedAws

#: While new permissions spread, each of these is denied four times, half a minute in all, on the very first deployment.
SPREADING = ["CreateSnapshotCopyGrant", "DescribeSnapshotCopyGrants", "EnableSnapshotCopy"]
SPREADING += ["CreateSnapshotSchedule", "ModifyClusterSnapshotSchedule"]
DENIALS: Final = 4


@pytest.fixture(scope="module")
def world(aws: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The example, deployed for the first time while permissions spread."""
    aws.settings(manual_snapshot_quota=500)
    for operation in SPREADING:
        aws.faults("fail_next", operation, "AccessDenied", times=DENIALS)
    aws.faults("fail_next", "CreateClusterSnapshot", "AccessDenied")
    found = World(aws, tmp_path_factory.mktemp("faults"))
    aws.settle()
    aws.faults("clear")
    return found


@pytest.fixture(scope="module")
def deployed(aws: EmulatedAws, world: World) -> list[dict[str, Any]]:
    """What the first deployment called."""
    assert world.points() is not None
    return aws.calls()


@pytest.fixture(scope="module")
def calls(aws: EmulatedAws, world: World, deployed: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The calls of Redshift that each step makes, without a fault."""
    assert deployed
    found = {}
    for name in (*PROVIDER, *MACHINES, *SCHEDULED):
        STEPS[name].prepare(world)
        reason, found[name] = act(aws, world, name)
        assert (name, reason) == (name, None)
    return found


@pytest.fixture(autouse=True)
def nothing_lost(aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]]) -> Iterator[None]:
    """No fault outlives its test; no recovery point that stood before it is gone after it."""
    assert calls
    before = world.points()
    yield
    aws.faults("clear")
    assert before <= world.points()


# the first deployment


def test_permissions_that_spread_are_waited_for_on_the_first_deployment(
    aws: EmulatedAws, deployed: list[dict[str, Any]]
) -> None:
    # GIVEN permissions that are not there at once WHEN the example is deployed for the first time
    denied = [call["operation"] for call in deployed if call["error"] == "AccessDenied"]
    # THEN each call is made again until it passes, and the deployment is green with a first snapshot
    assert {name: denied.count(name) for name in SPREADING} == dict.fromkeys(SPREADING, DENIALS)
    assert denied.count("CreateClusterSnapshot") == 1
    taken = {each["SnapshotIdentifier"]: each["Status"] for each in snapshots(aws, PRIMARY, kind="manual")}
    assert "available" in [status for name, status in taken.items() if "-first-" in name]


# what passes


@pytest.mark.parametrize("name", [*PROVIDER, *MACHINES, *SCHEDULED])
def test_too_many_requests_at_any_call_are_survived(
    aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]], name: str
) -> None:
    for number in different(calls[name]):
        # GIVEN one call of a step that is throttled
        STEPS[name].prepare(world)
        # WHEN the step is done
        reason, made = act(aws, world, name, lambda number=number: aws.faults("fail_at", number, TOO_MANY))
        # THEN it passes all the same
        assert (number, reason) == (number, None)
        assert [call["error"] for call in made].count(TOO_MANY) == 1


@pytest.mark.parametrize("name", [*PROVIDER, *MACHINES, *SCHEDULED])
def test_a_lost_answer_at_any_change_is_survived(
    aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]], name: str
) -> None:
    for number, call in enumerate(calls[name], 1):
        if not call["mutating"] or call["error"]:
            continue
        # GIVEN one change that takes effect, and whose answer is lost
        STEPS[name].prepare(world)
        # WHEN the step is done
        reason, made = act(aws, world, name, lambda number=number: aws.faults("fail_at", number, LOST, after=True))
        # THEN it passes all the same
        assert (call["operation"], reason) == (call["operation"], None)
        assert LOST in [one["error"] for one in made]


@pytest.mark.parametrize("name", [*PROVIDER, *SCHEDULED])
def test_a_function_killed_at_any_change_is_made_good_by_the_next_request(
    aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]], name: str
) -> None:
    for number, call in enumerate(calls[name], 1):
        if not call["mutating"]:
            continue
        # GIVEN a function whose process dies right after a change
        STEPS[name].prepare(world)
        reason, _ = act(aws, world, name, lambda number=number: aws.faults("kill_at", number, after=True))
        assert reason is not None
        # WHEN the request comes once more, as after a rollback or with the next deployment
        again = STEPS[name].act(world)
        # THEN it passes, and no memory of a swap is left
        assert (call["operation"], again) == (call["operation"], None)
        assert "resilient-redshift:copy-former" not in world.tags()


@pytest.mark.parametrize("name", MACHINES)
def test_a_snapshot_function_killed_at_any_change_takes_the_snapshot_all_the_same(
    aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]], name: str
) -> None:
    for number, call in enumerate(calls[name], 1):
        if not call["mutating"]:
            continue
        # GIVEN a function whose process dies right after a change
        STEPS[name].prepare(world)
        # WHEN Step Functions calls the phase again
        reason, _ = act(aws, world, name, lambda number=number: aws.faults("kill_at", number, after=True))
        # THEN the run ends as if nothing had happened
        assert (call["operation"], reason) == (call["operation"], None)


def test_a_snapshot_function_that_dies_again_and_again_fails_the_run_by_name(aws: EmulatedAws, world: World) -> None:
    # GIVEN a function that dies at each call of its first phase
    def die() -> None:
        for _ in range(1 + RETRIES):
            aws.faults("kill_next", "CreateClusterSnapshot")

    # WHEN the machine gives up THEN the phase after a crash ends the run, with the reason
    reason, _ = act(aws, world, "take a snapshot", die)
    assert reason is not None
    assert reason.startswith("FAILED: Failed:")
    assert "the function that takes the snapshot died" in reason


def test_a_killed_function_is_told_to_cloudformation(aws: EmulatedAws, world: World) -> None:
    # GIVEN a function that dies while CDK's framework waits for it
    name = "the copies' framework"
    STEPS[name].prepare(world)
    world.trigger.set(lambda: aws.faults("kill_next", "DescribeClusters"))
    # WHEN CloudFormation sends an update THEN it is told of the failure, not left waiting for its time-out
    reason = STEPS[name].act(world)
    assert reason is not None
    assert reason.startswith("FAILED")
    assert STEPS[name].act(world) is None


@pytest.mark.parametrize(
    "name", ["switch the copy on", "make a grant", "give a schedule", "take a snapshot", "give tiers"]
)
def test_a_storm_of_throttling_is_sat_out(aws: EmulatedAws, world: World, name: str) -> None:
    # GIVEN ninety seconds in which every call of Redshift is throttled
    STEPS[name].prepare(world)
    reason, made = act(aws, world, name, lambda: aws.faults("fail_for", 90, "*", TOO_MANY))
    # WHEN a step falls into it THEN it passes afterwards, with few calls
    assert reason is None
    assert 1 < [call["error"] for call in made].count(TOO_MANY) < 15


# what does not pass: the provider


@pytest.mark.parametrize("name", [name for name in PROVIDER if name != "swap the grant"])
def test_a_permanent_fault_at_any_call_is_named(
    aws: EmulatedAws, world: World, calls: dict[str, list[dict[str, Any]]], name: str
) -> None:
    made = [call["operation"] for call in calls[name]]
    for operation in set(made):
        # GIVEN one call that AWS refuses for good: the first one of its kind
        number = made.index(operation) + 1
        STEPS[name].prepare(world)
        reason, _ = act(aws, world, name, lambda number=number: aws.faults("fail_at", number, FOR_GOOD))
        # WHEN the step is done THEN it fails with AWS's word for it, unless only a record could not be taken away
        assert operation == "DeleteTags" or FOR_GOOD in str(reason)
        # AND it passes when AWS takes it
        assert reason is None or STEPS[name].act(world) is None


@pytest.mark.parametrize(
    ("name", "fault", "seconds"),
    [
        ("switch the copy on", ("EnableSnapshotCopy", "CopyToRegionDisabledFault"), 600),
        ("switch the copy on", ("EnableSnapshotCopy", "AccessDenied"), 120),
        ("make a grant", ("CreateSnapshotCopyGrant", TOO_MANY), 600),
        ("give a schedule", ("ModifyClusterSnapshotSchedule", TOO_MANY), 600),
    ],
)
def test_what_lasts_too_long_is_named(
    aws: EmulatedAws, world: World, name: str, fault: tuple[str, str], seconds: int
) -> None:
    # GIVEN a fault that passes, but not for an hour
    STEPS[name].prepare(world)
    begun = aws.now()
    reason, _ = act(aws, world, name, lambda: aws.faults("fail_for", 3600, *fault))
    # WHEN a step meets it THEN it gives up in time to say so
    assert reason is not None
    assert fault[1] in reason
    assert dt.timedelta(seconds=seconds - 30) < aws.now() - begun < dt.timedelta(seconds=seconds + 30)
    assert STEPS[name].act(world) is None


def test_a_paused_cluster_is_named_within_seconds(aws: EmulatedAws, world: World) -> None:
    # GIVEN a paused cluster
    world.switched_off()
    world.home.pause_cluster(ClusterIdentifier=CLUSTER)
    aws.advance(dt.timedelta(minutes=10))
    begun = aws.now()
    # WHEN its copy is switched on THEN the request fails at once and says what to do
    reason, _ = act(aws, world, "switch the copy on")
    waited = aws.now() - begun
    world.home.resume_cluster(ClusterIdentifier=CLUSTER)
    aws.advance(dt.timedelta(minutes=10))
    assert reason is not None
    assert "resume the cluster, then deploy again" in reason
    assert waited < dt.timedelta(seconds=10)
    assert STEPS["switch the copy on"].act(world) is None


# what does not pass: the machines


@pytest.mark.parametrize(
    ("outcome", "prepare"),
    [
        ("AccessDenied", lambda w: w.aws.faults("fail_next", "CreateClusterSnapshot", "AccessDenied")),
        ("InvalidRequest", lambda w: w.aws.faults("fail_next", "CreateClusterSnapshot", "InvalidTagFault")),
        ("QuotaExceeded", lambda w: w.aws.faults("fail_next", "CreateClusterSnapshot", "ClusterSnapshotQuotaExceeded")),
        ("SkippedNoCluster", lambda w: w.aws.faults("fail_next", "CreateClusterSnapshot", "ClusterNotFound")),
        ("Failed", lambda w: w.aws.faults("next_manual_snapshots", "failed", "failed")),
    ],
)
def test_a_snapshot_that_cannot_be_taken_has_a_named_outcome(
    aws: EmulatedAws, world: World, outcome: str, prepare: Callable[[World], None]
) -> None:
    # GIVEN what stops a snapshot WHEN the machine runs THEN it fails by that name
    reason, _ = act(aws, world, "take a snapshot", lambda: prepare(world))
    assert reason is not None
    assert reason.startswith(f"FAILED: {outcome}: ")


def test_a_snapshot_that_takes_too_long_is_stuck_and_left_as_it_is(aws: EmulatedAws, world: World) -> None:
    # GIVEN a snapshot that is not there within half a day
    aws.settings(snapshot_seconds=14 * 3600)
    reason, _ = act(aws, world, "take a snapshot")
    aws.settings(snapshot_seconds=300)
    # WHEN the machine has waited for it THEN it fails by that name
    assert reason is not None
    assert reason.startswith("FAILED: Stuck: ")
    # AND leaves it: it stands in the end
    aws.advance(dt.timedelta(hours=15))
    assert {each["Status"] for each in snapshots(aws, PRIMARY) if each["SnapshotIdentifier"] in reason} == {"available"}


@pytest.mark.parametrize(
    ("outcome", "status", "seconds"), [("SkippedBusy", "resizing", 86400), ("SkippedPaused", "paused", 3600)]
)
def test_a_snapshot_that_is_skipped_says_why(
    aws: EmulatedAws, world: World, outcome: str, status: str, seconds: int
) -> None:
    # GIVEN a cluster that takes no snapshot, and a rule whose next run is due in two hours
    aws.faults("busy", PRIMARY, CLUSTER, seconds, status)
    asked = {"cluster_identifier": CLUSTER, "rule": "nightly", "keep_days": 7, "gap_seconds": 7200}
    # WHEN the machine runs
    found = world.run_snapshots({**asked, "scheduled_time": f"{aws.now():%Y-%m-%dT%H:%M}:00Z"})
    aws.advance(dt.timedelta(seconds=seconds))
    # THEN it succeeds without one, and its output says so
    assert (found["status"], json.loads(found["output"])["outcome"]) == ("SUCCEEDED", outcome)


@pytest.mark.parametrize(
    ("outcome", "operation", "code"),
    [
        ("AccessDenied", "DescribeClusterSnapshots", "AccessDenied"),
        ("Failed", "ModifyClusterSnapshot", "InvalidClusterSnapshotState"),
        ("AccessDenied", "CreateTags", "AccessDenied"),
        ("Failed", "DescribeClusterSnapshots", FOR_GOOD),
    ],
)
def test_tiers_that_cannot_be_given_have_a_named_outcome(
    aws: EmulatedAws, world: World, outcome: str, operation: str, code: str
) -> None:
    # GIVEN what stops the function of tiers WHEN it runs THEN it fails by that name
    world.untiered()
    reason, _ = act(aws, world, "give tiers", lambda: aws.faults("fail_next", operation, code, times=20))
    assert reason is not None
    assert reason.startswith(f"{outcome}: ")
    # AND the next run does what was left
    assert world.tier() is None


def test_a_plan_whose_record_is_gone_is_named(aws: EmulatedAws, world: World) -> None:
    # GIVEN a plan without its record WHEN tiers are given THEN the run fails by that name
    ssm, name = aws.client("ssm", RECOVERY), f"/resilient-redshift/plans/{PLAN}"
    record = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)
    reason = world.tier()
    ssm.put_parameter(Name=name, Value=record, Type="String")
    assert reason is not None
    assert reason.startswith("RecordMissing: ")


# a whole Region


def test_the_loss_of_the_primary_region_stops_no_tiers(aws: EmulatedAws, world: World) -> None:
    # GIVEN copies, and a primary Region that does not answer
    world.untiered()
    before = {each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY)}
    aws.region_down(PRIMARY)
    # WHEN tiers are given
    since = aws.mark()
    reason = world.tier()
    aws.region_up(PRIMARY)
    # THEN they are, all copies stand, and nobody has asked the lost Region
    assert reason is None
    assert before <= {each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY)}
    assert {call["region"] for call in aws.calls(since) if call["via"] == "lambda"} == {RECOVERY}


def test_the_loss_of_the_recovery_region_during_a_copy_stops_no_snapshot(aws: EmulatedAws, world: World) -> None:
    # GIVEN a snapshot whose copy is under way
    world.switched_on()
    aws.settings(copy_seconds=7200)
    assert world.join() is None
    aws.advance(dt.timedelta(minutes=5))
    copies = len(snapshots(aws, RECOVERY, kind="manual"))
    # WHEN the recovery Region does not answer for three hours, longer than the copy takes
    aws.region_down(RECOVERY)
    taken = world.take()
    aws.advance(dt.timedelta(hours=3))
    aws.region_up(RECOVERY)
    held_up = {each["Status"] for each in snapshots(aws, RECOVERY, kind="manual")}
    aws.settings(copy_seconds=1800)
    aws.advance(dt.timedelta(hours=4))
    # THEN snapshots are taken at home meanwhile, copies are held up, and both stand afterwards
    assert taken is None
    assert "creating" in held_up
    assert len(snapshots(aws, RECOVERY, kind="manual")) >= copies + 1
    assert {each["Status"] for each in snapshots(aws, RECOVERY, kind="manual")} == {"available"}


def test_the_loss_of_the_recovery_region_during_a_swap_changes_nothing(aws: EmulatedAws, world: World) -> None:
    # GIVEN a copy that is on
    world.switched_on()
    before = world.wanted()
    # WHEN it shall have another grant, and the recovery Region, which has it, does not answer
    aws.region_down(RECOVERY)
    reason, made = act(aws, world, "swap the grant")
    aws.region_up(RECOVERY)
    # THEN the request fails with the reason before anything is switched
    assert reason is not None
    assert "find the snapshot copy grant" in reason
    assert "nothing was changed" in reason
    assert [call["operation"] for call in made if call["mutating"]] == []
    assert world.wanted() == before


def test_the_loss_of_the_recovery_region_during_a_tiers_run_is_made_good(aws: EmulatedAws, world: World) -> None:
    # GIVEN a run of the tiers that a rule has started, and that waits because it is throttled
    world.untiered()
    [rule] = switch_rules(aws, RECOVERY, "retention tiers", on=True)
    due = aws.next_firing(RECOVERY, rule)
    assert due is not None
    aws.faults("fail_for", 3600 + 90, "DescribeClusterSnapshots", TOO_MANY, region=RECOVERY)
    since = aws.mark()
    aws.advance_to(due + dt.timedelta(minutes=1))
    assert [call for call in aws.calls(since) if call["via"] == "lambda" and call["error"] == TOO_MANY]
    # WHEN its Region does not answer for half an hour
    aws.region_down(RECOVERY)
    aws.advance(dt.timedelta(minutes=30))
    aws.region_up(RECOVERY)
    aws.faults("clear")
    # THEN the next run gives the tiers
    fire_rule(aws, RECOVERY, "retention tiers")
    assert world.untreated() == []


def test_a_copy_that_never_arrives_leaves_the_snapshot_and_fails_nobody(aws: EmulatedAws, world: World) -> None:
    # GIVEN copies that do not start
    world.switched_on()
    aws.settings(copy_start_seconds=86400 * 365)
    before = {each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY, kind="manual")}
    # WHEN a snapshot is taken, and half a day passes
    taken = world.join()
    aws.advance(dt.timedelta(hours=12))
    aws.settings(copy_start_seconds=60)
    # THEN it stands at home, tiers are given to what is there, and nothing that stood is gone
    assert taken is None
    assert world.tier() is None
    assert before <= {each["SnapshotIdentifier"] for each in snapshots(aws, RECOVERY, kind="manual")}
