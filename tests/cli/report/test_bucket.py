"""Reports in a bucket: each is read once, and one that cannot be read or understood is a gap."""

from __future__ import annotations

import json

from tests.cli.report.archive import BUCKET, Past, run_report
from tests.cli.scene import PLAN, THERE

FOLDER = f"resilient-redshift/{PLAN}"


def test_reports_of_the_time_are_read_over_all_pages() -> None:
    # GIVEN four reports, one of them from before the time, and one of another plan
    past = Past()
    for name, days in (("drill-1", 300), ("drill-2", 200), ("drill-3", 100), ("drill-0", 400)):
        past.reported(name, days)
    past.reported("foreign", 50, plan="foreign-plan")
    # WHEN reported THEN the three are there in order with their keys, and only they were fetched
    plan = past.plan()
    assert [run["execution"] for run in plan["runs"]] == ["drill-1", "drill-2", "drill-3"]
    assert plan["runs"][0]["sources"] == [f"s3://{BUCKET}/{FOLDER}/drill-1.json"]
    assert past.account.operations().count("s3:GetObject") == 3
    assert plan["runs"][0]["recovery_time_seconds"] == 1800


def test_a_denied_bucket_is_a_gap_and_the_executions_are_read_all_the_same() -> None:
    past = Past()
    past.ran("drill-1", 10, run_report("drill-1", past.ago(10)))
    past.account.denied = {"s3:ListObjectsV2"}
    plan = past.plan()
    [gap] = [gap for gap in plan["gaps"] if gap["what"] == "the reports of runs"]
    assert gap["source"] == f"s3:ListObjectsV2 s3://{BUCKET}/resilient-redshift/ in {THERE}"
    assert "AccessDenied" in gap["why"]
    assert [run["execution"] for run in plan["runs"]] == ["drill-1"]


def test_a_report_that_may_not_be_read_is_a_gap() -> None:
    past = Past()
    past.reported("drill-1", 10)
    past.account.denied = {"s3:GetObject"}
    plan = past.plan()
    assert plan["runs"] == []
    assert [gap["source"] for gap in plan["gaps"] if gap["what"] == "the report of a run"] == [
        f"s3://{BUCKET}/{FOLDER}/drill-1.json"
    ]


def test_a_report_that_is_none_is_a_gap_and_not_a_run() -> None:
    # GIVEN files that somebody put there, one report of another plan, and one with an outcome of tomorrow
    past = Past()
    for name, text in (
        ("no-json", "<html>"),
        ("foreign", json.dumps(run_report("foreign", past.ago(3), plan="another-plan"))),
        ("tomorrow", json.dumps(run_report("tomorrow", past.ago(3), "Transcended"))),
    ):
        past.archive.objects[f"{FOLDER}/{name}.json"] = (text, past.ago(3))
    # and what is no report by its name
    past.archive.objects[f"{FOLDER}/deep/er.json"] = ("{}", past.ago(3))
    # WHEN reported THEN each of the first is a gap with its key
    plan = past.plan()
    assert plan["runs"] == []
    gaps = {gap["source"].rpartition("/")[2]: gap["why"] for gap in plan["gaps"] if gap["source"].startswith("s3://")}
    assert sorted(gaps) == ["foreign.json", "no-json.json", "tomorrow.json"]
    assert "plan is 'another-plan'" in gaps["foreign.json"]
    assert "outcome" in gaps["tomorrow.json"]


def test_a_report_that_is_wrong_in_part_counts_for_the_rest() -> None:
    past = Past()
    past.reported("drill-1", 10, recovery_time_seconds="soon")
    plan = past.plan()
    [run] = plan["runs"]
    assert "recovery_time_seconds" not in run
    assert run["recovery_point_seconds"] == 7200
    assert any("recovery_time_seconds" in gap["why"] for gap in plan["gaps"])


def test_a_throttled_bucket_is_asked_again() -> None:
    past = Past()
    past.reported("drill-1", 10)
    past.archive.throttled = {"s3:GetObject": 4}
    assert [run["execution"] for run in past.plan()["runs"]] == ["drill-1"]
    assert past.sleeps == [1.0, 2.0, 4.0, 8.0]
