"""What operators do to one another and to a switchover: at once, one after the other, and with clusters in the way."""

from __future__ import annotations

import json

import pytest

from emulator.redshift_model import CopyConfig
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract import names
from tests.cli.scene import HERE, NAME, PLAN, RESTORE, THERE, words_of
from tests.cli.switchover.warehouse import BACK, CLIENTS, Warehouse


def stopped_at(warehouse: Warehouse, operation: str, *options: str) -> None:
    """Begin a switchover, and press Ctrl-C right before a call."""

    def interrupt(_region: str, called: str, done: bool) -> None:
        if called == operation and not done:
            raise KeyboardInterrupt

    warehouse.account.on_call = interrupt
    assert warehouse.switchover(*options).exit_code == 130
    warehouse.account.on_call = lambda _region, _operation, _done: None


def test_of_two_operators_at_the_same_moment_one_begins(warehouse: Warehouse) -> None:
    # GIVEN another operator who takes the lock while this one is asked
    def be_faster(_region: str, operation: str, done: bool) -> None:
        if operation == "ssm:PutParameter" and not done and not warehouse.locked():
            other = {"version": 1, "id": "other", "plan": PLAN, "started": "2026-11-23T08:15:00Z", "by": "bob"}
            other |= {"rehearsal": False, "fence": False, "fenced": False, "keep_days": 14, "steps": []}
            warehouse.put(THERE, names.switchover_lock_name(PLAN), json.dumps(other))

    warehouse.account.on_call = be_faster
    # WHEN this one agrees THEN nothing is done, and the message says who began it
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert "was started by bob at the same moment" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)


def test_another_operator_goes_on_with_it(warehouse: Warehouse) -> None:
    # GIVEN a switchover that somebody began and left
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")
    warehouse.account.caller = "bob"
    # WHEN another operator runs the command, without a word of the fence
    result = warehouse.switchover(answer="y\n")
    # THEN it goes on: it says who began it and what is done, and the fence counts
    assert result.exit_code == 0, result.output + result.stderr
    assert "goes on begun 2026-11-23 08:15 UTC by arn:aws:iam::123456789012:user/alice" in words_of(result)
    assert "done fence" in words_of(result)
    assert "recovery point zero" in words_of(result)


def test_the_step_that_was_cut_off_has_no_length(warehouse: Warehouse) -> None:
    # GIVEN a switchover whose snapshot was taken while nobody watched
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")
    warehouse.clock.advance(3600)
    # WHEN it is at its end THEN the report does not make a length up, and nothing is kept for the next plan
    result = warehouse.switchover("--fence")
    assert "snapshot not measured" in words_of(result)
    assert "measured" not in warehouse.state()


def test_a_snapshot_that_began_before_the_fence_is_not_taken(warehouse: Warehouse) -> None:
    # GIVEN a switchover without a fence that was left after its snapshot, and a row that was written since
    stopped_at(warehouse, "stepfunctions:StartExecution")
    warehouse.write()
    # WHEN the operator goes on with a fence
    result = warehouse.switchover("--fence", answer="y\n")
    # THEN another snapshot is taken after it, and the row is there
    assert result.exit_code == 0, result.output + result.stderr
    assert warehouse.rows(THERE) == 1001
    assert warehouse.state()["snapshot"].endswith("-2")


def test_without_a_fence_going_on_names_the_time_of_the_snapshot(warehouse: Warehouse) -> None:
    # GIVEN a switchover without a fence that was left after its snapshot
    stopped_at(warehouse, "stepfunctions:StartExecution")
    warehouse.clock.advance(3600)
    # WHEN the operator goes on THEN the question says since when nothing may have been written
    result = warehouse.switchover(answer="n\n")
    assert "Did nobody write to sales in us-east-1 since 2026-11-23 08:15:00 UTC?" in words_of(result)


def test_a_fence_that_somebody_took_away_is_made_again_with_another_snapshot(warehouse: Warehouse) -> None:
    # GIVEN a fenced switchover that waits for the copy, and somebody who lets clients in by hand; they write
    stopped_at(warehouse, "stepfunctions:StartExecution", "--fence")
    warehouse.open(warehouse.cluster)
    warehouse.write()
    # WHEN the operator goes on THEN nothing of that is lost
    assert warehouse.switchover().exit_code == 0
    assert warehouse.rows(THERE) == 1001


def test_a_fence_that_is_taken_away_during_the_copy_stops_it_before_the_restore(warehouse: Warehouse) -> None:
    # GIVEN somebody who lets clients in by hand while the copy is under way; they write
    def open_once(region: str, operation: str, done: bool) -> None:
        if (region, operation, done) == (THERE, "redshift:DescribeClusterSnapshots", True):
            warehouse.account.on_call = lambda _region, _operation, _done: None
            warehouse.open(warehouse.cluster)
            warehouse.write()

    warehouse.account.on_call = open_once
    # WHEN it comes to the restore THEN it stops, and nothing is published
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert "somebody took the fence of sales in us-east-1 away meanwhile" in words_of(result)
    assert not warehouse.account.runs
    # AND run again it loses nothing
    assert warehouse.switchover().exit_code == 0
    assert warehouse.rows(THERE) == 1001


def test_a_rehearsal_is_not_taken_for_a_switchover(warehouse: Warehouse) -> None:
    # GIVEN a rehearsal under way
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--rehearse")
    # WHEN somebody wants to switch over THEN nothing is done, and both ways are said
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert "a rehearsal of sales-us-east-1 is under way" in words_of(result)
    assert f"switchover {PLAN} --rehearse" in words_of(result)
    # AND it can be called off; each end is one JSON object
    for _ in range(2):
        assert json.loads(warehouse.switchover("--unfence", "--json").stdout)["outcome"] == "CalledOff"
    assert not warehouse.locked()
    assert warehouse.state()["outcome"] == "CalledOff"


def test_a_dry_run_lets_nobody_in(warehouse: Warehouse) -> None:
    # GIVEN a switchover that stopped behind its fence WHEN it is called off in a dry run THEN nothing changes
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")
    result = warehouse.switchover("--unfence", "--dry-run")
    assert result.exit_code == 2
    assert "--dry-run is not for --unfence" in words_of(result)
    assert not warehouse.is_open(warehouse.cluster)
    assert warehouse.locked()


def test_ctrl_c_says_how_to_go_on_and_how_to_go_back(warehouse: Warehouse) -> None:
    # GIVEN a switchover on its way WHEN the operator presses Ctrl-C THEN both commands are said
    warehouse.account.on_call = lambda _region, operation, _done: _interrupt(operation)
    result = warehouse.switchover("--fence")
    assert result.exit_code == 130
    assert f"go on: resilient-redshift switchover {PLAN} --region {THERE}" in result.stderr
    assert f"or go back: resilient-redshift switchover {PLAN} --unfence --region {THERE}" in result.stderr


def _interrupt(operation: str) -> None:
    if operation == "redshift:RebootCluster":
        raise KeyboardInterrupt


def test_a_restore_that_failed_is_tried_again_under_another_name(warehouse: Warehouse) -> None:
    # GIVEN a restore without capacity
    warehouse.outcome = "NoCapacity"
    failed = warehouse.switchover("--fence")
    assert failed.exit_code == 1
    assert "--unfence" in failed.stderr
    # WHEN the operator tries again later THEN the same copy is restored, and no snapshot more was taken
    warehouse.outcome = ""
    del warehouse.model.world.clusters[(THERE, NAME)]
    assert warehouse.switchover().exit_code == 0
    assert [run.status for run in warehouse.account.runs.values()] == ["FAILED", "SUCCEEDED"]
    assert len(warehouse.model.snapshots(HERE, NAME, "manual")) == 1


def test_a_failover_by_hand_from_the_same_copy_is_taken_over(warehouse: Warehouse) -> None:
    # GIVEN a restore that failed, and an operator who restored the copy with the other command
    warehouse.outcome = "NoCapacity"
    assert warehouse.switchover("--fence").exit_code == 1
    warehouse.outcome = ""
    run = warehouse.account.given_run(RESTORE, "failover-by-hand", plan=PLAN, mode="failover")
    warehouse.account.end(run, {"outcome": "Restored", "message": "by hand", "cluster": {"identifier": NAME}})
    warehouse.publish(THERE, PLAN, run.name, snapshot=warehouse.state()["copy"])
    # WHEN the switchover goes on THEN it asks nothing and restores nothing, and hands over
    result = warehouse.switchover(answer="n\n")
    assert result.exit_code == 0, result.output + result.stderr
    assert len(warehouse.account.runs) == 2
    assert not warehouse.locked()


def test_a_cluster_that_did_not_answer_every_check_is_handed_over_only_if_asked(warehouse: Warehouse) -> None:
    # GIVEN a restored cluster that failed a check
    warehouse.outcome = "RestoredUnverified"
    first = warehouse.switchover("--fence")
    assert first.exit_code == 1
    assert warehouse.locked()
    # WHEN the operator compared, and agrees THEN it is handed over
    result = warehouse.switchover(answer="y\n")
    assert "did not answer every check. Hand over to it all the same?" in words_of(result)
    assert result.exit_code == 0, result.output + result.stderr
    assert not warehouse.locked()


def test_a_cluster_in_the_way_is_not_touched_unless_asked(warehouse: Warehouse) -> None:
    # GIVEN a stranger's cluster with the name in the other Region
    stranger = warehouse.model.given_cluster(THERE, NAME)
    # WHEN an operator switches over THEN it is refused before anything begins
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert "there is a cluster sales in us-west-2 already, available" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)
    # AND with --rename-existing it is renamed once the copy is there
    assert warehouse.switchover("--fence", "--rename-existing").exit_code == 0
    assert stranger.identifier.startswith("sales-retired-")


def test_a_cluster_that_appears_meanwhile_is_not_renamed(warehouse: Warehouse) -> None:
    # GIVEN somebody who makes a cluster of the name in the other Region while the snapshot is taken
    def make(_region: str, operation: str, done: bool) -> None:
        if operation == "redshift:CreateClusterSnapshot" and not done:
            warehouse.model.given_cluster(THERE, NAME)

    warehouse.account.on_call = make
    # WHEN it comes to make room THEN it stops, also where the operator allowed to rename what was there before
    result = warehouse.switchover("--fence", "--rename-existing")
    assert result.exit_code == 2
    assert "it was not there when the switchover was started" in words_of(result)
    assert warehouse.model.cluster(THERE, NAME) is not None


def test_a_paused_cluster_in_the_way_is_resumed_renamed_and_paused(warehouse: Warehouse) -> None:
    # GIVEN the warehouse away, and the old cluster fenced and paused
    warehouse.away()
    warehouse.cluster.status = "paused"
    # WHEN the operator comes home THEN the old cluster is paused under another name
    result = warehouse.switchover("--fence", plan=BACK)
    assert result.exit_code == 0, result.output + result.stderr
    warehouse.clock.advance(60)
    assert (warehouse.cluster.identifier[:14], warehouse.cluster.status) == ("sales-retired-", "paused")


def test_the_warehouse_is_moved_only_from_where_it_is(warehouse: Warehouse) -> None:
    # GIVEN the warehouse away WHEN somebody switches over again THEN the way home is said
    warehouse.away()
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert f"the way home: resilient-redshift switchover {BACK} --region {HERE}" in words_of(result)
    # AND at home the way home leads nowhere
    warehouse.put(THERE, names.endpoint_name(PLAN), None)
    result = warehouse.switchover("--fence", plan=BACK)
    assert result.exit_code == 2
    assert f"{BACK} leads nowhere" in words_of(result)


@pytest.mark.parametrize("dark", [HERE, THERE])
@pytest.mark.parametrize("begin_in", [HERE, THERE])
def test_a_region_that_does_not_answer_is_named_with_nothing_changed(
    warehouse: Warehouse, dark: str, begin_in: str
) -> None:
    # GIVEN one Region that is lost
    warehouse.account.dark = {dark}
    warehouse.region = begin_in
    # WHEN somebody switches over THEN the Region is named, and no call changed anything
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert f"{dark} does not answer" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)
    assert not [call for call in warehouse.account.operations() if call.partition(":")[2].startswith(("Put", "Create"))]


@pytest.mark.parametrize("begin_in", [HERE, THERE])
def test_clients_are_let_in_although_the_other_region_is_lost(warehouse: Warehouse, begin_in: str) -> None:
    # GIVEN a fenced switchover on its way, and then the loss of the Region that it goes to
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")
    warehouse.account.dark = {THERE}
    warehouse.region = begin_in
    # WHEN the operator goes back THEN the command that needs the cluster's own Region alone is said, and it works
    result = warehouse.switchover("--unfence")
    assert f"resilient-redshift fence {PLAN} --unfence --region" in result.stderr
    warehouse.region = HERE
    assert warehouse.run("fence", PLAN, "--unfence", "--yes").exit_code == 0
    assert warehouse.is_open(warehouse.cluster)


@pytest.mark.parametrize("name", [names.switchover_lock_name(PLAN), names.fence_name(PLAN)])
def test_a_spoiled_parameter_stops_it_before_anything_changes(warehouse: Warehouse, name: str) -> None:
    # GIVEN a parameter that somebody spoiled
    region = HERE if "fences" in name else THERE
    warehouse.put(region, name, '{"version": 7')
    # WHEN somebody switches over THEN the parameter is named
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert f"{name} is not understood" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)


def test_a_spoiled_state_costs_only_the_times_of_last_time(warehouse: Warehouse) -> None:
    # GIVEN the state of a former switchover, spoiled WHEN the next one is planned THEN it only knows no times
    warehouse.put(THERE, names.switchover_name(PLAN), "?")
    assert "nothing is measured yet" in words_of(warehouse.switchover("--dry-run"))


def test_the_last_drill_tells_how_long_a_restore_takes(warehouse: Warehouse) -> None:
    # GIVEN no switchover yet, and a drill of last week
    last = {"outcome": "Passed", "ended": "2026-11-22T06:41:10Z", "execution": "d", "recovery_time_seconds": 840}
    warehouse.put(THERE, names.drills_name(PLAN), json.dumps({"since": "2026-11-01T00:00:00Z", "last": last}))
    # WHEN a switchover is planned THEN its screen says so
    assert "restore 14 min (drill of 2026-11-22 06:41 UTC)" in words_of(warehouse.switchover("--dry-run"))


def test_a_fence_in_a_region_that_is_lost_says_that_it_must_wait(warehouse: Warehouse) -> None:
    # GIVEN the loss of the cluster's own Region WHEN somebody fences it THEN no other Region is advised
    warehouse.account.dark = {HERE}
    result = warehouse.run("fence", PLAN, "--yes")
    assert result.exit_code == 2
    assert f"the cluster to fence is there: run it again when {HERE} answers" in words_of(result)


def test_the_old_cluster_is_fenced_after_a_failover_and_let_in_again(warehouse: Warehouse) -> None:
    # GIVEN an old primary that answers again
    # WHEN an operator fences it THEN no client reaches it, its copies go on, and the tag says so
    result = warehouse.run("fence", PLAN, "--yes")
    assert result.exit_code == 0, result.output + result.stderr
    assert not warehouse.is_open(warehouse.cluster)
    assert warehouse.cluster.copy is not None
    assert warehouse.cluster.tags[names.TAG_FENCE] == (warehouse.fence() or {})["fence_group"]
    # AND --unfence takes all of it back
    assert warehouse.run("fence", PLAN, "--unfence", "--yes").exit_code == 0
    assert warehouse.is_open(warehouse.cluster)
    assert (warehouse.fence(), warehouse.cluster.tags) == (None, {})


def test_a_fence_may_stop_the_copy(warehouse: Warehouse) -> None:
    # GIVEN a cluster whose copies nobody wants WHEN it is fenced with --stop-copy THEN the copy is off
    assert warehouse.run("fence", PLAN, "--stop-copy", "--yes").exit_code == 0
    assert warehouse.cluster.copy is None


def test_a_group_that_lets_somebody_in_is_no_fence(warehouse: Warehouse) -> None:
    # GIVEN a group of the fence's name that somebody opened
    rule = [{"IpProtocol": "tcp"}]
    group = {"GroupId": "sg-open", "VpcId": "vpc-1", "IpPermissions": rule}
    warehouse.account.security_groups[(HERE, names.fence_group_name(PLAN))] = group
    # WHEN somebody fences THEN nothing is changed
    result = warehouse.run("fence", PLAN, "--yes")
    assert result.exit_code == 2
    assert "sg-open" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)


def test_a_fence_whose_parameter_is_gone_is_not_written_down_as_the_former_group(warehouse: Warehouse) -> None:
    # GIVEN a fenced cluster whose parameter somebody deleted
    assert warehouse.run("fence", PLAN, "--yes").exit_code == 0
    warehouse.put(HERE, names.fence_name(PLAN), None)
    # WHEN somebody fences again THEN nobody claims to know the former groups
    result = warehouse.run("fence", PLAN, "--yes")
    assert result.exit_code == 2
    assert "does not say which ones it had before" in words_of(result)
    assert CLIENTS not in str(warehouse.fence())


@pytest.mark.parametrize("kind", [[], ["--rehearse"]], ids=["switchover", "rehearsal"])
def test_the_fence_of_the_last_journey_does_not_stand_in_the_way_back_of_the_next(
    warehouse: Warehouse, kind: list[str]
) -> None:
    # GIVEN a warehouse at home again, whose old cluster was fenced, and the next journey on its way
    at_home_again(warehouse)
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", *kind)
    # WHEN the operator goes back THEN it is called off
    result = warehouse.switchover("--unfence")
    assert result.exit_code == 0, result.output + result.stderr
    assert not warehouse.locked()
    # AND fence --unfence knows that the cluster of now is open
    result = warehouse.run("fence", PLAN, "--unfence", "--yes")
    assert result.exit_code == 0, result.stderr
    assert "sales in us-east-1 is not fenced: the last fence was of a former cluster" in words_of(result)


def at_home_again(warehouse: Warehouse) -> None:
    """The warehouse was away, and came home with a switchover."""
    warehouse.put(HERE, names.lineage_name(BACK), "2026-11-23T08:15:00Z")
    warehouse.away()
    assert warehouse.switchover("--fence", plan=BACK).exit_code == 0
    home = warehouse.model.cluster(HERE, NAME)
    assert home is not None
    home.copy = CopyConfig(THERE, 14, 14, "sales-grant")
    warehouse.clock.advance(3600)


def test_the_way_home_forgets_the_lineage_of_the_journey_that_is_over(warehouse: Warehouse) -> None:
    # GIVEN a way home that knows the cluster that was away WHEN the warehouse is at home
    at_home_again(warehouse)
    # THEN the next journey, which may be a failover, does not begin with that old cluster
    assert (HERE, names.lineage_name(BACK)) not in warehouse.account.parameters


def test_a_fence_that_was_taken_away_and_made_again_during_the_copy_stops_it(warehouse: Warehouse) -> None:
    # GIVEN a fenced switchover that waits for the copy, and somebody who lets clients in, and fences again
    def look_away(region: str, operation: str, done: bool) -> None:
        if (region, operation, done) == (THERE, "redshift:DescribeClusterSnapshots", False):
            warehouse.account.on_call = lambda _region, _operation, _done: None
            warehouse.write()
            warehouse.clock.advance(600)
            again = {**(warehouse.fence() or {}), "complete": iso(warehouse.clock.now())}
            warehouse.put(HERE, names.fence_name(PLAN), json.dumps(again))

    warehouse.account.on_call = look_away
    # WHEN the copy is there THEN nothing is restored
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2, result.output
    assert "somebody took the fence of sales in us-east-1 away meanwhile" in words_of(result)
    assert not warehouse.account.runs
    # AND the same command takes another snapshot, and no row is lost
    assert warehouse.switchover().exit_code == 0
    assert warehouse.rows(THERE) == 1001


def test_a_rehearsal_whose_drill_runs_is_watched_again_or_called_off(warehouse: Warehouse) -> None:
    # GIVEN a rehearsal whose drill runs, and an operator who presses Ctrl-C
    def interrupt(_region: str, operation: str, _done: bool) -> None:
        if operation == "stepfunctions:DescribeExecution" and warehouse.account.runs:
            raise KeyboardInterrupt

    warehouse.account.on_call = interrupt
    stopped = warehouse.switchover("--rehearse")
    warehouse.account.on_call = lambda _region, _operation, _done: None
    # THEN no command is shown that would switch over
    assert f"watch it again: resilient-redshift switchover {PLAN} --rehearse --region {THERE}" in stopped.stderr
    # AND it can be called off: its drill publishes nothing
    result = warehouse.switchover("--unfence", answer="y\n")
    assert result.exit_code == 0, result.stderr
    assert "Call it off?" in words_of(result)
    assert not warehouse.locked()


def test_a_way_back_after_the_publication_says_what_the_endpoint_still_says(warehouse: Warehouse) -> None:
    # GIVEN a restored cluster that failed a check, and is published
    warehouse.outcome = "RestoredUnverified"
    assert warehouse.switchover("--fence").exit_code == 1
    # WHEN the operator goes back THEN nobody claims that the warehouse stays, and the command withdraws the endpoint
    result = warehouse.switchover("--unfence", answer="y\n")
    assert "so that there are two writers?" in words_of(result)
    assert "the warehouse stays" not in words_of(result)
    endpoint = names.endpoint_name(PLAN)
    assert f"aws ssm delete-parameter --region {THERE} --name {endpoint}\n" in result.output


def test_who_goes_on_with_a_switchover_that_was_called_off_fences_nothing_again(warehouse: Warehouse) -> None:
    # GIVEN a switchover that another operator calls off right before this one reboots the cluster
    def call_off(_region: str, operation: str, done: bool) -> None:
        if operation == "redshift:CreateTags" and done:
            warehouse.account.on_call = lambda _region, _operation, _done: None
            assert warehouse.switchover("--unfence").exit_code == 0

    warehouse.account.on_call = call_off
    # WHEN this one goes on THEN it stops, and clients reach the cluster
    result = warehouse.switchover("--fence")
    assert result.exit_code == 2
    assert "another operator ended the switchover" in words_of(result)
    assert warehouse.is_open(warehouse.cluster)


@pytest.mark.parametrize("plan", [PLAN, BACK])
@pytest.mark.parametrize("away", [True, False], ids=["away", "home"])
def test_a_fence_says_if_the_cluster_is_the_warehouse(warehouse: Warehouse, plan: str, away: bool) -> None:
    # GIVEN the warehouse away or at home, a cluster in each Region, and an operator who may mistake the plan
    warehouse.away()
    if not away:
        warehouse.put(THERE, names.endpoint_name(PLAN), None)
    # WHEN a cluster is about to be fenced, or to be opened THEN the screen says if that is the wrong one
    live = (plan == BACK) == away
    said = words_of(warehouse.run("fence", plan, answer="n\n"))
    assert ("is the warehouse: no endpoint is published that says otherwise" in said) == live
    assert warehouse.run("fence", plan, "--yes").exit_code == 0
    said = words_of(warehouse.run("fence", plan, "--unfence", answer="n\n"))
    assert ("so that there are two writers?" in said) != live


def test_a_fence_alone_is_not_taken_away_during_a_switchover(warehouse: Warehouse) -> None:
    # GIVEN a fenced switchover on its way WHEN somebody takes the fence away THEN the command that ends both is said
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")
    result = warehouse.run("fence", PLAN, "--unfence", "--yes")
    assert result.exit_code == 2
    assert f"resilient-redshift switchover {PLAN} --unfence --region {THERE}" in result.stderr
    assert not warehouse.is_open(warehouse.cluster)


@pytest.mark.parametrize("command", ["fence", "switchover"])
def test_the_groups_that_come_back_are_named_before_anything_changes(warehouse: Warehouse, command: str) -> None:
    # GIVEN a fence, whose parameter somebody else may have changed WHEN clients are to be let in, and the operator says no
    assert warehouse.run("fence", PLAN, "--yes").exit_code == 0
    warehouse.interactive = True
    result = warehouse.run(command, PLAN, "--unfence", answer="n\n")
    # THEN the question named the security groups, and the cluster is as it was
    assert f"gets these security groups again: {CLIENTS}" in words_of(result)
    assert not warehouse.is_open(warehouse.cluster)


def test_a_fence_that_names_no_group_is_not_taken_away(warehouse: Warehouse) -> None:
    # GIVEN a fence whose parameter names no group any more WHEN clients are to be let in
    assert warehouse.run("fence", PLAN, "--yes").exit_code == 0
    place = (HERE, names.fence_name(PLAN))
    fence = json.loads(warehouse.account.parameters[place])
    warehouse.account.parameters[place] = json.dumps({**fence, "groups": []})
    asked = warehouse.account.operations().count("redshift:ModifyCluster")
    result = warehouse.run("fence", PLAN, "--unfence", "--yes")
    # THEN nothing is changed, and what to do by hand is said
    assert result.exit_code == 2
    assert "names no security group of before" in words_of(result)
    assert warehouse.account.operations().count("redshift:ModifyCluster") == asked
    assert place in warehouse.account.parameters


def never_ended(warehouse: Warehouse, plan: str) -> None:
    """A switchover whose restore is at its end, and whose operator left right before it was ended."""

    def interrupt(_region: str, operation: str, done: bool) -> None:
        ended = [run.status for run in warehouse.account.runs.values()] == ["SUCCEEDED"]
        if operation == "ssm:PutParameter" and not done and ended:
            raise KeyboardInterrupt

    warehouse.account.on_call = interrupt
    assert warehouse.switchover("--fence", plan=plan).exit_code == 130
    warehouse.account.on_call = lambda _region, _operation, _done: None


@pytest.mark.parametrize("plan", [PLAN, BACK])
def test_a_switchover_that_was_never_ended_is_not_ended_after_the_next_move(warehouse: Warehouse, plan: str) -> None:
    # GIVEN a switchover whose operator left at its end, and a warehouse that is back where it was
    if plan == BACK:
        warehouse.away()
    never_ended(warehouse, plan)
    region = THERE if plan == PLAN else HERE
    warehouse.put(region, names.endpoint_name(plan), None)
    if plan == BACK:
        warehouse.publish(THERE, PLAN, "failover-2")
    # WHEN somebody switches over again THEN nobody claims that the warehouse has moved
    before = dict(warehouse.account.parameters)
    result = warehouse.switchover("--fence", plan=plan)
    assert result.exit_code == 2, result.output
    assert "was never ended, and the warehouse has moved since" in words_of(result)
    assert warehouse.account.parameters == before
    # AND it can be ended
    assert warehouse.switchover("--unfence", plan=plan).exit_code == 0
    assert not warehouse.locked(region, plan)


def test_a_snapshot_of_a_former_cluster_of_the_name_is_not_restored(warehouse: Warehouse) -> None:
    # GIVEN a switchover that was left after its snapshot, and a cluster that has the name since
    stopped_at(warehouse, "stepfunctions:StartExecution")
    del warehouse.model.world.clusters[(HERE, NAME)]
    cluster = warehouse.model.given_cluster(HERE, NAME, copy=CopyConfig(THERE, 14, 14, "sales-grant"))
    warehouse.open(cluster)
    warehouse.model.given_content(HERE, NAME, tables={"public.orders": 2000})
    # WHEN somebody goes on with it THEN the snapshot of the cluster of now is restored
    result = warehouse.switchover()
    assert result.exit_code == 0, result.output + result.stderr
    assert warehouse.rows(THERE) == 2000


@pytest.mark.parametrize("plan", [PLAN, BACK])
def test_two_published_endpoints_tell_nothing(warehouse: Warehouse, plan: str) -> None:
    # GIVEN a failover that went home while the other Region was lost WHEN a cluster is about to be fenced
    warehouse.away()
    warehouse.publish(HERE, BACK, "failover-home")
    # THEN it is not known which one is the warehouse
    said = words_of(warehouse.run("fence", plan, answer="n\n"))
    assert "it is not known whether sales in" in said
    assert "both publish an endpoint" in said


def test_the_copy_is_recognized_whatever_its_name_is(warehouse: Warehouse) -> None:
    # GIVEN an AWS that names copies in its own way
    def rename(_region: str, _operation: str, _done: bool) -> None:
        every = warehouse.model.world.snapshots
        for region, name in list(every):
            if region == THERE and "-switchover-" in name and every[region, name].status == "available":
                copy = every[region, "xrc-4711"] = every.pop((region, name))
                copy.identifier = "xrc-4711"

    warehouse.account.on_call = rename
    # WHEN an operator switches over THEN that copy is restored
    assert warehouse.switchover("--fence").exit_code == 0
    assert warehouse.state()["copy"] == "xrc-4711"


def test_clients_are_not_let_in_beside_a_restore_that_began_while_the_operator_was_asked(warehouse: Warehouse) -> None:
    # GIVEN a switchover on its way, and another terminal that comes to the restore while this one is asked
    stopped_at(warehouse, "redshift:CreateClusterSnapshot", "--fence")

    def restore(_region: str, operation: str, done: bool) -> None:
        if operation == "stepfunctions:ListExecutions" and done and not warehouse.account.runs:
            warehouse.account.given_run(RESTORE, f"switchover-{PLAN}-1", plan=PLAN, mode="failover")
            warehouse.account.denied.add("stepfunctions:DescribeExecution")

    warehouse.account.on_call = restore
    # WHEN the operator agrees to go back THEN the fence stays, and the switchover goes on
    result = warehouse.switchover("--unfence", answer="y\n")
    assert result.exit_code == 2, result.output
    assert f"the restore switchover-{PLAN}-1 runs, and will publish a second cluster" in words_of(result)
    assert not warehouse.is_open(warehouse.cluster)
    assert warehouse.locked()
