"""What a run carries from phase to phase: it comes back as it went out, it is of one version, and it is small."""

from __future__ import annotations

import datetime as dt
import json
import string
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.cloud.phases import LONGEST_RUN, size
from resilient_redshift.cloud.restore.run import Removal, Run
from resilient_redshift.cloud.restore.run_json import iso
from tests.cloud.restore.record import CLUSTER, HOME, MACHINE, NOW, PLAN, RECORD
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from tests.phases.driver import Execution

#: A time as a run carries it: to the millisecond.
TIMES = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1)).map(  # noqa: DTZ001 - the zone comes next
    lambda at: at.replace(tzinfo=dt.UTC, microsecond=at.microsecond // 1000 * 1000)
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=3)
st.register_type_strategy(dt.datetime, TIMES)
RUNS = st.builds(
    Run,
    record=OBJECTS,
    report=OBJECTS,
    input=JSON,
    drills=st.none() | OBJECTS,
    version=st.just(1),
    rto_missed=st.booleans(),
    **{name: st.none() | TIMES for name in ("looked_at", "give_up_at", "call_at", "available_at", "unknown_since")},
    **{name: st.lists(st.text(max_size=9), max_size=3) for name in ("warnings", "missing", "strays", "tell")},
    others=st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
    tries=st.dictionaries(st.text(string.ascii_letters), st.integers(0, 60), max_size=3),
)


@given(RUNS)
@settings(max_examples=60, deadline=None)
def test_a_run_comes_back_as_it_went_out(run: Run) -> None:
    # GIVEN any run WHEN it goes through JSON THEN it is the same
    assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run


@pytest.mark.parametrize("mode", ["failover", "drill"])
def test_every_run_of_a_whole_way_comes_back_as_it_went_out(mode: str) -> None:
    # GIVEN a run that uses each part of what a run knows WHEN it goes from phase to phase
    world = RestoreWorld()
    world.copied(age_hours=1)
    world.copied(age_hours=9)
    world.model.faults.no_capacity(times=1)
    world.model.faults.next_restores("incompatible-restore")
    carried: list[dict[str, Any]] = []
    handle = world.machine.handle

    def watched(event: dict[str, Any]) -> dict[str, Any]:
        answer = handle(event)
        carried.append(answer["run"])
        return answer

    world.machine.handle = watched
    assert world.run(world.given(mode)).outcome in {"Restored", "Passed"}
    # THEN each step carries nothing that is lost
    assert len(carried) > 20
    for run in carried[:-1]:
        assert Run.from_json(run).to_json() == run


def test_a_default_is_left_out() -> None:
    # GIVEN a run that knows nothing yet WHEN written THEN only its start and its version are there
    assert Run(started=NOW).to_json() == {"version": 1, "started": iso(NOW)}


def test_a_field_that_this_release_does_not_know_is_ignored() -> None:
    # GIVEN a run with more in it WHEN read THEN the rest is right
    run = Run(started=NOW, own=Removal(names=["a"]), message="x")
    value = run.to_json()
    value["of_a_later_release"] = {"a": [1]}
    value["own"]["of_a_later_release"] = 1
    assert Run.from_json(value) == run


def test_the_machines_first_run_has_no_version() -> None:
    # GIVEN what the machine starts with WHEN read THEN it is a run of this version
    first = {"input": {"plan": PLAN}, "execution": "a:b", "machine": MACHINE, "started": "2026-11-24T05:00:20Z"}
    run = Run.from_json(first)
    assert (run.version, run.name, run.started, run.request.plan) == (1, "b", NOW, PLAN)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_a_run_of_another_version_is_refused(version: Any) -> None:
    # GIVEN a run of another release WHEN read THEN it is refused, and not misread
    with pytest.raises(ValueError, match=f"version {version}"):
        Run.from_json({"started": iso(NOW), "version": version})


def test_a_run_says_its_version() -> None:
    # GIVEN a run on its way through an upgrade WHEN the next release reads it THEN it can tell which release wrote it
    assert Run(started=NOW).to_json()["version"] == 1


def test_a_warning_is_kept_once_and_cut() -> None:
    # GIVEN the same long warning twice, and forty others WHEN kept THEN each is there once, forty in all
    run = Run(started=NOW)
    for text in ("é" * 400, "é" * 400, *map(str, range(60))):
        run.warn(text)
    assert len(run.warnings) == 40
    assert run.warnings[0] == "é" * 150


# The size.

LONG = "日本語😀" * 400


def most_words(world: RestoreWorld) -> None:
    """Let AWS say as much as it can, in letters of four bytes, wherever a run goes on all the same."""
    for operation in (
        "EnableLogging",
        "EnableSnapshotCopy",
        "PutMetricData",
        "ChangeResourceRecordSets",
        "PutObject",
        "Publish",
    ):
        world.fail(operation, "InvalidParameterValue", None, message=operation + LONG)
    for number in range(12):
        world.fail("RestoreFromClusterSnapshot", "InsufficientClusterCapacity", message=f"{number}{LONG}")


def a_large_world(checks: int, text: str, snapshots: int) -> RestoreWorld:
    """A site with the largest record, many snapshots and a hundred other runs."""
    one = [{"name": f"c{n}", "sql": f"select {n}", "expected": "日"} for n in range(checks)]
    world = RestoreWorld(record={"checks": one, "lineage": None})
    record = json.loads(world.fakes.parameters[RECORD])
    record["filler"] = "x" * (8192 - len(world.fakes.parameters[RECORD].encode()) - 20)
    world.fakes.parameters[RECORD] = json.dumps(record, ensure_ascii=False)
    assert 7500 < len(world.fakes.parameters[RECORD].encode()) <= 8192
    answers = {f"select {n}": {"error": text} if n % 2 else text for n in range(checks)}
    world.model.given_content(HOME, CLUSTER, None, answers)
    content = world.model.content(HOME, CLUSTER)
    for number in range(snapshots):
        # a snapshot's identifier has 255 characters at most
        world.copied(
            f"copy:rs:{CLUSTER}-{number:0200}", age_hours=1 + number / 60, content=content if number == 0 else None
        )
    world.fakes.page = 100
    for number in range(100):
        other = world.running("drill", f"{'n' * 76}{number:04}", plan=f"{'p' * 59}{number:04}")
        other.given["filler"] = LONG
    return world


def largest(world: RestoreWorld, mode: str, **changes: Any) -> tuple[Execution, int]:
    """Run, and return the size of the largest ``run`` between two phases."""
    sizes = []
    handle = world.machine.handle

    def watched(event: dict[str, Any]) -> dict[str, Any]:
        answer = handle(event)
        sizes.append(size(answer["run"]))
        assert size(answer) < 200 * 1024
        return answer

    world.machine.handle = watched
    return world.run(world.given(mode, **changes)), max(sizes)


@pytest.mark.parametrize(
    ("mode", "text", "snapshots"),
    [
        ("failover", LONG, 2000),
        ("drill", LONG, 60),
        ("failover", '"' * 4000, 60),
        ("drill", "\x01" * 4000, 60),
    ],
    ids=["wide letters, 2000 snapshots", "wide letters", "quotes", "control characters"],
)
def test_the_largest_run_fits_between_two_phases(mode: str, text: str, snapshots: int) -> None:
    # GIVEN everything as long as it can be WHEN run
    world = a_large_world(45, text, snapshots)
    most_words(world)
    given = {"reason": "理" * 2500}
    run, most = largest(world, mode, **given, **({"copy_to": {"region": "eu-west-1"}} if mode == "failover" else {}))
    # THEN the run fits, and so does the report, which says what failed
    assert most < LONGEST_RUN
    assert run.outcome == ("RestoredUnverified" if mode == "failover" else "FailedChecks"), run.cause[:300]
    report = world.report(run)
    assert not all(check["passed"] for check in report["checks"])
    assert len(json.dumps(report, ensure_ascii=False)) < 30_000


def test_a_failing_check_is_in_a_report_that_is_cut() -> None:
    # GIVEN 60 checks with long queries, of which the last one fails WHEN the report is cut THEN the failure is in it
    checks = [{"name": f"c{n}", "sql": f"select {n} -- {'é' * 250}", "expected": str(n)} for n in range(60)]
    world = RestoreWorld(record={"checks": checks})
    world.model.given_content(
        HOME, CLUSTER, None, {**{one["sql"]: one["expected"] for one in checks}, checks[59]["sql"]: {"error": "no"}}
    )
    world.copied(content=world.model.content(HOME, CLUSTER).copy())
    report = world.report(world.failover())
    assert len(report["checks"]) < 60
    assert report["checks"][0]["name"] == "c59"


def test_a_candidates_time_is_never_cut() -> None:
    # GIVEN a report that is far too long WHEN it is cut THEN its times are times (the schema is a law of each test)
    world = RestoreWorld()
    for number in range(300):
        world.copied(f"{'half-' * 40}{number}", status="creating", age_hours=1 + number)
    world.fail("GetRole", "ServiceFailure", None, message=LONG)
    assert world.failover().outcome == "NoRecoveryPoint"


def test_a_run_that_is_too_large_all_the_same_ends_by_name() -> None:
    # GIVEN a record that is larger than any parameter, so that the run does not fit WHEN failed over
    world = RestoreWorld(record={"cluster": {"account": "x" * LONGEST_RUN}})
    world.copied()
    run = world.failover()
    # THEN the run ends with the reason
    assert run.outcome == "Failed"
    assert f"at most {LONGEST_RUN} are allowed" in run.cause
