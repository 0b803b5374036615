"""Following a run: its steps, Redshift's words, lost connections, Ctrl-C, attaching again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift import definitions
from resilient_redshift.cli import follow
from resilient_redshift.cli.steps import WORDS, as_words
from resilient_redshift.contract.names import TAG_EXECUTION, drill_prefix
from tests.cli.restoring import FULL, machine, report
from tests.cli.scene import NAME, PLAN, RESTORE, THERE, Scene, words_of

if TYPE_CHECKING:
    from tests.cli.fakes import Run


@pytest.fixture
def ready(scene: Scene) -> Scene:
    scene.copied(hours=2)
    return scene


def test_each_step_is_told_once_with_its_time(ready: Scene) -> None:
    # GIVEN a machine that waits in a loop WHEN followed THEN each state is told when first entered
    loop = ["RestoreCluster", *["WaitForCluster", "DescribeCluster"] * 4]
    machine(ready, *loop, ends=report(**FULL))
    lines = [line.split() for line in ready.run("failover", PLAN, "--yes").output.splitlines()]
    told = [" ".join(line[2:]) for line in lines if line and line[-1] == "cluster"]
    assert told == ["restore cluster", "wait for cluster", "describe cluster"]


def test_of_a_long_past_both_ends_are_told(ready: Scene) -> None:
    # GIVEN a run that has looked for hours WHEN attached THEN how it began is told, too
    run = ready.account.given_run(RESTORE, "failover-long", plan=PLAN, mode="failover")
    ready.account.enter(run, "Restore")
    for _ in range(1200):
        ready.account.enter(run, "Look")
    ready.account.enter(run, "PutEndpoint")
    ready.account.end(run, report(**FULL))
    output = ready.run("failover", PLAN, "--attach", "failover-long").output
    assert (
        output.index("ask Redshift to restore") < output.index("look at the cluster") < output.index("publish the end")
    )


def test_what_happens_between_two_looks_is_not_lost(ready: Scene) -> None:
    # GIVEN a machine that does hundreds of things between two looks
    def go_on(run: Run) -> None:
        if run.polls == 1:
            ready.account.enter(run, "ReadRecord")
        if run.polls == 2:
            ready.account.enter(run, "Restore")
            for _ in range(300):
                ready.account.enter(run, "Look")
        if run.polls == 3:
            ready.account.end(run, report())

    ready.account.on_poll = go_on
    assert "ask Redshift to restore" in ready.run("failover", PLAN, "--yes").output


def test_the_pause_between_looks_grows_to_five_seconds(ready: Scene) -> None:
    machine(ready, *["Wait"] * 20, ends=report())
    ready.run("failover", PLAN, "--yes")
    assert ready.sleeps[0] == pytest.approx(0.2)
    assert ready.sleeps[-1] == pytest.approx(5.0)
    assert ready.sleeps == sorted(ready.sleeps)
    assert len(ready.sleeps) == 20


def test_what_redshift_says_is_told_when_it_changes(ready: Scene) -> None:
    def go_on(run: Run) -> None:
        if run.polls == 2:
            described = {
                "RestoreStatus": {
                    "Status": "restoring",
                    "ProgressInMegaBytes": 51200,
                    "SnapshotSizeInMegaBytes": 102400,
                    "EstimatedTimeToCompletionInSeconds": 600,
                }
            }
            ready.model.given_cluster(THERE, NAME, status="creating", described=described)
        if run.polls == 5:
            ready.model.given_cluster(THERE, NAME, status="available")
        if run.polls == 7:
            ready.account.end(run, report())

    ready.account.on_poll = go_on
    output = ready.run("failover", PLAN, "--yes").output
    assert output.count("sales: creating, restore restoring 50.0 GB of 100.0 GB, about 10 min left") == 1
    assert output.count("sales: available") == 1


def test_a_drills_cluster_is_known_by_its_prefix_and_its_run(ready: Scene) -> None:
    other = {TAG_EXECUTION: "drill-before"}

    def go_on(run: Run) -> None:
        if run.polls == 2:
            ready.model.given_cluster(THERE, f"{drill_prefix(PLAN, THERE)}202611220815", status="deleting", tags=other)
            ready.model.given_cluster(THERE, f"{drill_prefix(PLAN, THERE)}202611230815", status="creating")
        if run.polls == 4:
            ready.account.end(run, report("Passed", "drill"))

    ready.account.on_poll = go_on
    output = ready.run("drill", PLAN, "--yes").output
    assert f"{drill_prefix(PLAN, THERE)}202611230815: creating" in output
    assert "202611220815" not in output


def test_a_task_that_failed_is_told_once(ready: Scene) -> None:
    def go_on(run: Run) -> None:
        if run.polls in {2, 3}:
            ready.account.enter(run, "RestoreCluster")
            run.events.append(
                {
                    "id": len(run.events) + 1,
                    "timestamp": ready.clock.now(),
                    "type": "TaskFailed",
                    "taskFailedEventDetails": {
                        "resourceType": "aws-sdk:redshift",
                        "resource": "restoreFromClusterSnapshot",
                        "error": "Redshift.InsufficientClusterCapacityException",
                        "cause": "no capacity\nhere",
                    },
                }
            )
        if run.polls == 4:
            ready.account.end(run, report())

    ready.account.on_poll = go_on
    output = ready.run("failover", PLAN, "--yes").output
    assert output.count("restore cluster: Redshift.InsufficientClusterCapacityException no capacity here") == 1


def test_a_lost_connection_is_waited_for(ready: Scene) -> None:
    # GIVEN a connection that is lost for a while WHEN followed THEN it is told once, and the outcome in the end
    machine(ready, "RestoreCluster", ends=report(**FULL))
    ready.account.lost["stepfunctions:DescribeExecution"] = 6
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 0
    assert result.output.count("the execution runs on, trying again") == 1
    assert result.output.count("connected again") == 1


def test_after_long_without_an_answer_nobody_watches(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_PATIENCE", 100.0)
    ready.account.lost["stepfunctions:DescribeExecution"] = 10**6
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "failover-sales-us-east-1-20261123t081500z may run on" in words_of(result)
    assert "--attach failover-sales-us-east-1-20261123t081500z" in words_of(result)
    assert 90 <= sum(ready.sleeps) < 110


def test_expired_credentials_say_how_to_go_on(ready: Scene) -> None:
    ready.account.denied = {"stepfunctions:DescribeExecution"}
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 2
    assert "--attach failover-sales-us-east-1-20261123t081500z" in words_of(result)


def test_ctrl_c_in_the_moment_of_the_start_names_the_run(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN a start whose answer does not come WHEN somebody presses Ctrl-C THEN he is told which run may have begun
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    ready.account.lost["stepfunctions:StartExecution"] = 1
    monkeypatch.setattr(ready, "_sleep", stop)
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 130
    assert "the start of failover-sales-us-east-1-20261123t081500z; the execution may be running" in words_of(result)


def test_ctrl_c_leaves_it_running_and_says_how_to_attach(ready: Scene) -> None:
    # GIVEN a run WHEN somebody presses Ctrl-C THEN it runs on, and the line that is printed attaches to it
    def go_on(run: Run) -> None:
        if run.polls == 3:
            raise KeyboardInterrupt

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--yes")
    assert result.exit_code == 130
    [run] = ready.account.runs.values()
    assert run.status == "RUNNING"
    again = result.stderr.split("watch it again: ")[1].split()
    assert again[0] == "resilient-redshift"
    machine(ready, *["Wait"] * 4, ends=report(**FULL))
    ready.region = None
    attached = ready.run(*again[1:])
    assert attached.exit_code == 0
    assert "sales.example.us-west-2:5439" in attached.output
    assert len(ready.account.runs) == 1


def test_attach_finds_the_only_one(ready: Scene) -> None:
    run = ready.account.given_run(RESTORE, "failover-by-rule", plan=PLAN, mode="failover")
    ready.account.given_run(RESTORE, "drill-of-ours", plan=PLAN, mode="drill")
    ready.account.given_run(RESTORE, "failover-other", plan="other", mode="failover")

    def go_on(one: Run) -> None:
        if one is run and one.polls == 3:
            ready.account.end(one, report(**FULL))

    ready.account.on_poll = go_on
    result = ready.run("failover", PLAN, "--attach")
    assert result.exit_code == 0
    assert len(ready.account.runs) == 3


def test_attach_by_name_or_arn_to_one_that_is_over_tells_its_outcome(ready: Scene) -> None:
    run = ready.account.given_run(RESTORE, "drill-old", plan=PLAN, mode="drill")
    ready.account.end(run, report("FailedSlow", "drill"), failed=True)
    for name in ("drill-old", run.arn):
        result = ready.run("drill", PLAN, "--attach", name)
        assert result.exit_code == 1
        assert "FailedSlow" in result.output
    assert not ready.sleeps


@pytest.mark.parametrize(
    ("names", "words"),
    [([], "no failover of sales-us-east-1 is under way"), (["a", "b"], "several run: a, b")],
)
def test_attach_to_none_or_several_says_so(ready: Scene, names: list[str], words: str) -> None:
    for name in names:
        ready.account.given_run(RESTORE, name, plan=PLAN, mode="failover")
    result = ready.run("failover", PLAN, "--attach")
    assert result.exit_code == 2
    assert words in words_of(result)


def test_attach_to_a_stranger_says_so(ready: Scene) -> None:
    result = ready.run("failover", PLAN, "--attach", "nobody")
    assert result.exit_code == 2
    assert "there is no execution" in words_of(result)
    assert "may run on" not in words_of(result)


def test_in_a_pipeline_silence_is_broken(ready: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_SILENCE", 30.0)
    machine(ready, *["WaitForCluster"] * 30, ends=report())
    output = ready.run("failover", PLAN, "--yes").output
    assert 2 <= output.count("still running: wait for cluster") <= 4


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("FindSnapshots", "find snapshots"),
        ("CheckKMSKey", "check KMS key"),
        ("Wait for it", "Wait for it"),
        ("Done", "done"),
    ],
)
def test_states_read_like_words(state: str, told: str) -> None:
    assert as_words(state) == told


def test_the_words_are_of_states_that_there_are() -> None:
    machines = (definitions.RECOVERY_RESTORE, definitions.MANUAL_SNAPSHOT)
    states = {name for machine_ in machines for name in definitions.load(machine_)["States"]}
    assert set(WORDS) <= states
    assert as_words("Restore") == "ask Redshift to restore"


def test_elapsed_time_is_awss_own(ready: Scene) -> None:
    # GIVEN a workstation whose clock is a day ahead of AWS's WHEN followed THEN times are those of the events
    machine(ready, "RestoreCluster", ends=report())
    real: Any = ready.clock.now
    ready.clock_of_tools = lambda: real().replace(day=24)
    output = ready.run("failover", PLAN, "--yes").output
    assert "0 s  restore cluster" in output
