"""The real ``resilient-redshift`` against deployed stacks, under a role with the rights of docs/cli.md: no right more, none refused."""

from __future__ import annotations

import datetime as dt
import signal
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.contract import names
from tests.e2e.operator import Operator, end, read_until
from tests.e2e.restore_site import PLAN, PREFIX
from tests.e2e.scene import CLUSTER, PRIMARY, RECOVERY, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.restore_site import RestoreSite

HOUR = dt.timedelta(hours=1)
#: Of two requests at the same time to a Region that does not answer, each of which is sent three times: each try gives
#: up by time-outs that tests/cli/test_errors.py holds.
MOST_TRIES = 6
#: A step of the machine, as it is told while it is followed.
STEP = r"^ +\d.*  (look at|read|check|see|find|wait)"


@pytest.fixture(scope="module")
def signed_in(restore_site: RestoreSite) -> Operator:
    """An operator of the site."""
    return Operator(restore_site)


@pytest.fixture
def operator(site: RestoreSite, signed_in: Operator) -> Iterator[Operator]:
    """The same; no right that he lacks is asked for in the test, and nothing that he began outlives it."""
    since = site.mark()
    yield signed_in
    signed_in.leave()
    assert signed_in.refusals(since) == []


@pytest.fixture
def rehearsed(operator: Operator) -> str:
    """What the command says of a drill; its verdict counts in what is told afterwards."""
    done = operator.run("drill", PLAN, "--yes")
    assert done.status == 0, done
    return done.out


def test_a_drill_passes_and_leaves_nothing_but_its_report(
    site: RestoreSite, operator: Operator, rehearsed: str
) -> None:
    for told in ("Passed: ", "recovery time ", "4 of 4 passed", "node hours"):
        assert told in rehearsed
    assert [name for name in site.clusters() if name.startswith(PREFIX)] == []
    assert operator.status().plan["recovery"]["drills"]["last"]["outcome"] == "Passed"


def test_peace_is_told_alike_from_both_regions(operator: Operator, rehearsed: str) -> None:
    # GIVEN peace WHEN asked in either Region, for everything or the plan THEN all is fine, and both tell the same
    here, there = operator.status(PRIMARY), operator.run("status", "--json")
    assert (here.status, there.status) == (0, 0), here.err
    assert here.plan == there.plan
    assert here.plan["verdict"]["status"] == "fine"
    assert (here.plan["primary"]["reachable"], here.plan["primary"]["copy_differences"]) == (True, [])


def test_an_auditor_sees_each_run_with_its_sources(site: RestoreSite, operator: Operator, rehearsed: str) -> None:
    # GIVEN a drill, and an auditor who may read what docs/audit.md says and nothing else
    auditor, since = Operator(site, "auditor", "audit"), site.mark()
    # CloudTrail shows a call after five minutes. The watcher is off between the steps of this site, so the ages are those
    # after the deployment, which may be weeks ago
    site.aws.advance(dt.timedelta(minutes=6))
    # WHEN he asks for the report THEN the drill is there with its report in the bucket and its execution
    done = auditor.run("report", PLAN, "--since", "60d", "--json")
    [plan] = done.json["plans"]
    drill = next(run for run in reversed(plan["runs"]) if run["mode"] == "drill")
    assert (drill["outcome"], drill["result"], drill["trigger"]) == ("Passed", "good", "a person or a program")
    assert drill["sources"][0] == f"s3://{site.bucket}/{names.report_key(PLAN, drill['execution'])}"
    assert drill["sources"][1].startswith("arn:aws:states:")
    assert ":assumed-role/warehouse-operator/" in drill["started_by"]
    assert (drill["recovery_time_within"], drill["checks"]["passed"]) == (True, 4)
    # AND the alarms, the hours and the failover that found no copy are, too, and nothing was refused
    assert plan["alarms"]["watched"]
    assert plan["age"]["percent_within"] == 100
    assert "NoRecoveryPoint" in {failure["outcome"] for failure in plan["failures"]}
    assert not plan["runs_unread"]
    assert {gap["source"].partition(" ")[0] for gap in plan["gaps"]} <= {"cloudtrail:LookupEvents"}
    assert auditor.refusals(since) == []
    auditor.leave()


def test_a_failover_would_start_while_the_primary_is_dark(site: RestoreSite, operator: Operator) -> None:
    # GIVEN a deployed site whose primary Region is lost WHEN checked THEN IAM, Lambda, KMS and Redshift say that it is ready
    site.aws.region_down(PRIMARY)
    before = site.aws.unanswered(PRIMARY)
    done = operator.run("check", PLAN, "--json")
    needs = [line for line in done.json["lines"] if "advice" not in line]
    assert {line["name"]: line["seen"] for line in needs if line["state"] != "ok"} == {}
    assert done.status == 0, done
    # AND nobody asked the primary
    assert site.aws.unanswered(PRIMARY) == before


def test_a_dark_primary_is_a_normal_case(site: RestoreSite, operator: Operator, rehearsed: str) -> None:
    # GIVEN a primary that does not answer WHEN asked THEN soon, complete, and nobody says that the primary is fine
    newest = snapshots(site.aws, RECOVERY)[-1]["SnapshotIdentifier"]
    site.aws.region_down(PRIMARY)
    before = site.aws.unanswered(PRIMARY)
    done = operator.run("status", PLAN)
    tries = site.aws.unanswered(PRIMARY) - before
    assert done.status == 2, done
    assert "  primary unreachable\n" in done.out
    assert newest in done.out
    assert "\nunknown: us-east-1 does not answer, so it is unknown whether sales lives and is copied" in done.out
    assert "; the newest copy in us-west-2 is " in done.out
    assert 0 < tries <= MOST_TRIES
    # WHEN nothing arrives for longer than was promised THEN that is the verdict, for people and for scripts
    site.aws.advance(27 * HOUR)
    late = operator.status()
    assert late.status == 1
    assert late.plan["verdict"]["line"].startswith("missed: ")
    assert late.plan["primary"] == {"region": PRIMARY, "reachable": False, "problem": late.plan["primary"]["problem"]}


def test_the_warehouse_comes_back_and_only_once(site: RestoreSite, operator: Operator) -> None:
    # GIVEN a Region that is lost WHEN the operator fails over THEN steps, endpoint, checks and times are told, no secret
    newest = snapshots(site.aws, RECOVERY)[-1]["SnapshotIdentifier"]
    site.aws.region_down(PRIMARY)
    done = operator.run("failover", PLAN, "--yes")
    assert done.status == 0, done
    where = site.clusters()[CLUSTER]["Endpoint"]
    for told in (
        f"snapshot        {newest} ",
        "  ask Redshift to restore\n",
        f"endpoint        {where['Address']}:{where['Port']}, database dev",
        "its secret      arn:aws:secretsmanager:us-west-2:",
        "checks          4 of 4 passed",
    ):
        assert told in done.out
    assert "Redshift's restore 1 min" in done.out
    # WHEN it is begun again THEN the name is taken, and nothing is started
    last, again = site.newest(), operator.run("failover", PLAN, "--yes")
    assert again.status == 2
    assert f"a cluster {CLUSTER} is there already, available" in again.err
    assert site.newest() == last
    site.aws.region_up(PRIMARY)
    assert operator.status().plan["recovery"]["endpoint"]["endpoint"] == where["Address"]


def test_a_run_does_not_need_its_terminal(site: RestoreSite, operator: Operator) -> None:
    # GIVEN a failover that takes its time
    site.aws.hold_time(True)
    begun = operator.begin("failover", PLAN, "--yes")
    name = read_until(begun, r"^started (\S+)")[1]
    read_until(begun, STEP)
    # WHEN its terminal is interrupted THEN it runs on, and a second one is refused with its name
    begun.send_signal(signal.SIGINT)
    left = end(begun)
    assert left.status == 130, left
    assert f"{name} runs on" in left.err
    refused = operator.run("failover", PLAN, "--yes")
    assert refused.status == 2
    assert f"a failover of {PLAN} runs already" in refused.err
    assert name in refused.err
    # WHEN the printed line is run, and time passes THEN it follows to the end, and names the endpoint
    words = left.err.split("watch it again: resilient-redshift ")[1].split()
    assert words == ["failover", PLAN, "--region", RECOVERY, "--attach", name]
    attached = operator.begin("failover", PLAN, "--attach")
    read_until(attached, STEP)
    site.aws.settle()
    done = end(attached)
    assert done.status == 0, done
    assert f"endpoint        {site.clusters()[CLUSTER]['Endpoint']['Address']}:" in done.out
    # THEN the line tells also how a run ended that is over
    over = operator.run(*words, "--json")
    assert (over.status, over.json["outcome"]) == (0, "Restored")
    assert over.json["execution"] == site.newest()
    assert site.newest().endswith(f":{name}")


def test_what_a_drill_left_behind_is_removed_by_the_next_one(site: RestoreSite, operator: Operator) -> None:
    # GIVEN a drill that was killed with its cluster standing WHEN drilled again THEN that one is gone, and reported
    site.aws.stop_execution_at("BringBack", machine="Restore")
    assert site.run("drill")["status"] == "ABORTED"
    [left] = [name for name in site.clusters() if name.startswith(PREFIX)]
    done = operator.run("drill", PLAN, "--yes")
    assert done.status == 0, done
    assert "\nPassed: " in done.out
    assert f"leftover: {left}" in done.out
    assert [name for name in site.clusters() if name.startswith(PREFIX)] == []


def test_a_snapshot_is_taken_before_a_risky_change(site: RestoreSite, operator: Operator) -> None:
    # GIVEN a pipeline before its change WHEN it asks for a snapshot and waits THEN it stands, with the reason
    done = operator.run("snapshot", PLAN, "--reason", "before release 42", "--wait", "--json", region=PRIMARY)
    assert (done.status, done.json["outcome"]) == (0, "Taken"), done
    taken = snapshots(site.aws, PRIMARY, kind="manual")[-1]
    assert taken["Status"] == "available"
    assert "before release 42" in {tag["Value"] for tag in taken["Tags"]}
    # THEN it is copied like every other one, and what would be restored
    site.aws.advance(HOUR)
    found = operator.status().plan["recovery"]
    assert found["newest"] == taken["SnapshotIdentifier"]
    assert found["recovery_points"][0]["kind"] == "manual release"


def test_frozen_copies_outlive_those_that_expire(site: RestoreSite, operator: Operator) -> None:
    # GIVEN copies that live for a day, and a primary that makes no more
    site.home.modify_snapshot_copy_retention_period(ClusterIdentifier=CLUSTER, RetentionPeriod=1)
    site.aws.region_down(PRIMARY)
    automated = [each["SnapshotIdentifier"] for each in snapshots(site.aws, RECOVERY, kind="automated")]
    # WHEN the newest one is frozen, twice THEN it is there once, and kept as long as the second time asks
    first, second = (
        operator.run("freeze", PLAN, "--newest", "1", "--yes", "--json", *w) for w in (("--keep", "9"), ())
    )
    assert (first.status, second.status) == (0, 0), (first, second)
    [[one], [same]] = (each.json["snapshots"] for each in (first, second))
    assert (one["automated"], one["result"]) == (automated[-1], "frozen")
    assert (same["manual"], same["result"]) == (one["manual"], "kept longer now")
    # WHEN days pass THEN the automated ones are gone, the frozen one is what a failover takes
    site.aws.advance(50 * HOUR)
    assert snapshots(site.aws, RECOVERY, kind="automated") == []
    point = operator.status().plan["recovery"]["recovery_points"][0]
    assert (point["identifier"], point["kind"], point["usable"]) == (one["manual"], "frozen", True)
    assert "expires" not in point
    done = operator.run("failover", PLAN, "--yes", "--json")
    assert (done.status, done.json["outcome"]) == (0, "Restored"), done
    assert done.json["report"]["snapshot"]["identifier"] == one["manual"]


def test_of_two_clusters_of_one_name_nobody_guesses(site: RestoreSite, operator: Operator) -> None:
    # GIVEN copies of another cluster than the one that the plan was for
    ssm, name = site.aws.client("ssm", RECOVERY), names.lineage_name(PLAN)
    ssm.put_parameter(Name=name, Value="2026-01-01T00:00:00.000Z", Type="String", Overwrite=True)
    newest = snapshots(site.aws, RECOVERY)[-1]
    born, last = newest["ClusterCreateTime"], site.newest()
    # WHEN failed over THEN nothing is started, and the candidates stand there with what to say
    done = operator.run("failover", PLAN, "--yes")
    assert done.status == 2, done
    assert "AmbiguousLineage" in done.err
    [shown] = [line for line in done.out.splitlines() if newest["SnapshotIdentifier"] in line]
    told = shown.split()[-1]
    assert dt.datetime.fromisoformat(told) == born.replace(microsecond=0)
    assert site.newest() == last
    # WHEN the operator says which THEN that one is rehearsed, and recorded from then on
    drill = operator.run("drill", PLAN, "--yes", "--lineage", told)
    assert drill.status == 0, drill
    assert dt.datetime.fromisoformat(site.parameter(names.LINEAGE_FOLDER)).replace(microsecond=0) == born.replace(
        microsecond=0
    )
