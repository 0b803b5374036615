"""The heartbeat: what fits into one parameter, and what the recovery Region makes of it."""

from __future__ import annotations

import datetime as dt
import json

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.restore.sight import Look
from resilient_redshift.cloud.watch.heartbeat import Heard, Listener, plan_entry, write
from resilient_redshift.cloud.watch.memory import Pause
from resilient_redshift.contract.watching import HEARTBEAT_SCHEMA, heartbeat_name

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
INTERVAL = dt.timedelta(minutes=15)
SENDER = {"region": "us-east-1", "watcher": "0a1b"}
OFF = finding("CopyOff", "nothing is copied: the copy of sales is off " + "x" * 400)
AGING = finding("RuleOverdue", "a rule is late " + "y" * 400)


def heard(text: str | None, *, later: dt.timedelta = dt.timedelta(), problem: str = "") -> Heard:
    looks = {heartbeat_name("us-east-1", "0a1b"): Look(value=text, problem=problem)}
    return Listener(now=NOW + later, looks=looks).hear("sales", SENDER, NOW - dt.timedelta(days=2))


def test_a_heartbeat_is_what_the_contract_says() -> None:
    paused = plan_entry(Pause(since=NOW), [OFF])
    text = write({"sales": paused, "fine": {}}, NOW, INTERVAL)
    jsonschema.validate(json.loads(text), HEARTBEAT_SCHEMA)
    assert list(json.loads(text)["plans"]) == ["sales", "fine"]


def test_a_plan_that_the_primary_does_not_watch_is_not_taken_for_one_that_is_as_it_should_be() -> None:
    # GIVEN a heartbeat that names every watched plan WHEN the plan is not among them THEN that is a finding
    found = heard(write({"other": {}}, NOW, INTERVAL))
    assert (found.fresh, found.complete, [one.code for one in found.silence]) == (True, False, ["CannotTell"])
    # AND there is none for a plan that is named, or where so many are well that they do not fit
    for plans in ({"sales": {}}, {f"plan-{number:040}": {} for number in range(300)}):
        assert heard(write(plans, NOW, INTERVAL)) == Heard(fresh=True)
    # AND none for a watch that is new: the stack with the cluster may be deployed later
    looks = {heartbeat_name("us-east-1", "0a1b"): Look(value=write({"other": {}}, NOW, INTERVAL))}
    assert Listener(now=NOW, looks=looks).hear("sales", SENDER, NOW).silence == ()


def test_two_hundred_plans_fit_as_far_as_they_fit_with_pauses_first() -> None:
    # GIVEN 200 plans with findings, one of them paused WHEN written THEN the rest is counted, and the pause is there
    plans = {f"plan-{number}": plan_entry(Pause(), [OFF if number % 2 else AGING]) for number in range(199)}
    text = write({**plans, "zz": plan_entry(Pause(since=NOW), [])}, NOW, INTERVAL)
    value = json.loads(text)
    assert len(text.encode()) <= 8192
    assert len(value["plans"]) + value["left_out"] == 200
    assert "zz" in value["plans"]
    jsonschema.validate(value, HEARTBEAT_SCHEMA)
    # AND a plan that may have been left out is not taken for one that is as it should be
    assert [one.code for one in heard(text).silence] == ["CannotTell"]


def test_what_a_pause_excuses_is_heard_until_the_heartbeat_expires() -> None:
    text = write({"sales": plan_entry(Pause(since=NOW), [])}, NOW, INTERVAL)
    assert heard(text).excuse == "the cluster in us-east-1 is paused since 2026-11-30T12:00:00Z"
    silent = heard(text, later=dt.timedelta(hours=1))
    assert (silent.excuse, [one.code for one in silent.silence]) == ("", ["PrimarySilent"])


def test_an_excuse_that_is_over_excuses_nothing() -> None:
    text = write({"sales": plan_entry(Pause(excused_until=NOW), [])}, NOW - INTERVAL, INTERVAL)
    assert heard(text).excuse == ""


@pytest.mark.parametrize(
    ("text", "problem", "code"),
    [
        (None, "", "PrimarySilent"),
        ("no JSON", "", "CannotTell"),
        ('{"version": 2}', "", "CannotTell"),
        (None, "AccessDenied", "CannotTell"),
    ],
    ids=["never", "spoiled", "newer", "denied"],
)
def test_a_heartbeat_that_says_nothing_excuses_nothing(text: str | None, problem: str, code: str) -> None:
    found = heard(text, problem=problem)
    assert (found.fresh, found.excuse, [one.code for one in found.silence]) == (False, "", [code])


@pytest.mark.parametrize("at", ["2026-11-30T12:00:00Z", "2099-01-01T00:00:00Z"])
def test_no_heartbeat_excuses_for_ever(at: str) -> None:
    # GIVEN a heartbeat that says it never expires, or that it is of the future WHEN heard later THEN it excuses nothing
    forged = json.loads(write({"sales": plan_entry(Pause(since=NOW), [])}, NOW, INTERVAL))
    forged |= {"at": at, "expires": "2099-12-31T00:00:00Z"}
    late = heard(json.dumps(forged), later=dt.timedelta(hours=4))
    assert (late.fresh, late.excuse, len(late.silence)) == (False, "", 1)


def test_a_heartbeat_without_its_times_is_not_taken_for_one_that_finds_nothing() -> None:
    found = heard('{"version": 1, "plans": {}}')
    assert (found.fresh, [one.code for one in found.silence]) == (False, ["CannotTell"])
    assert "at is missing" in found.silence[0].text


def test_what_a_newer_release_finds_is_not_lost() -> None:
    # GIVEN a finding whose code this release does not know WHEN heard THEN it keeps its severity and its text
    value = json.loads(write({"sales": plan_entry(Pause(), [OFF])}, NOW, INTERVAL))
    value["plans"]["sales"]["findings"][0] |= {"code": "Novel", "text": "something is off"}
    [one] = heard(json.dumps(value)).findings
    assert (one.code, one.severity, one.text) == ("CannotTell", "problem", "us-east-1: Novel: something is off")
    # AND a severity that it does not know is named, too
    value["plans"]["sales"]["findings"][0]["severity"] = "critical"
    found = heard(json.dumps(value))
    assert ([one.code for one in found.silence], found.complete) == (["CannotTell"], False)
