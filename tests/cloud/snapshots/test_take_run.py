"""What a run knows goes through JSON unchanged, and its names and times follow from its input."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields

import pytest

from resilient_redshift.cloud.phases import LONGEST_RUN
from resilient_redshift.cloud.snapshots.take_run import VERSION, BadInput, OtherRelease, Request, Run
from tests.cloud.snapshots.take_world import BASE, MACHINE, SCHEDULED, TakeWorld
from tests.contract.spoiled import DEEP

BEGUN = {
    "input": TakeWorld().given(),
    "execution": MACHINE.replace("stateMachine", "execution") + ":run-1",
    "machine": MACHINE,
    "started": "2026-11-24T03:00:20.123Z",
}


def full() -> Run:
    """A run with every field set."""
    run = Run.from_json({**BEGUN, "input": TakeWorld().given(reason="x" * 999, settle_seconds=1.5)})
    for field in fields(run):
        if getattr(run, field.name) is None:
            setattr(run, field.name, SCHEDULED if field.type == "datetime | None" else 1.5)
    run.end("Taken", "x" * 9_999)
    return run


def test_a_run_goes_through_json_unchanged() -> None:
    for run in (full(), Run.from_json(BEGUN)):
        assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run


def test_a_run_is_small() -> None:
    assert len(json.dumps(full().to_json())) < LONGEST_RUN / 10


def test_a_field_that_a_later_release_adds_has_its_default_in_an_earlier_run() -> None:
    # GIVEN the run of an earlier release, without the last field
    earlier = Run.from_json(BEGUN).to_json()
    del earlier["message"]
    # WHEN / THEN
    assert Run.from_json(earlier).message == ""


def test_the_run_of_another_version_is_refused() -> None:
    with pytest.raises(OtherRelease, match=f"its version is {VERSION + 1}"):
        Run.from_json({**Run.from_json(BEGUN).to_json(), "version": VERSION + 1})


def test_whole_numbers_may_come_as_fractions() -> None:
    # GIVEN JSON that writes days as 7.0 WHEN read THEN Redshift gets 7
    request = Request.of(TakeWorld().given(keep_days=7.0, keep_in_recovery_days=30.0))
    assert [repr(request.keep_days), repr(request.keep_in_recovery_days)] == ["7", "30"]
    assert request.tags["resilient-redshift:keep-in-recovery"] == "30"


@pytest.mark.parametrize(
    "change",
    [
        {"scheduled_time": "2026-02-31T03:00:00Z"},
        {"keep_days": True},
        {"keep_days": float("inf")},
        {"rule": "x" * 257},
        {"rule": "\ud800"},
        {"plan": DEEP},
        {"gap_seconds": float("nan")},
    ],
    ids=str,
)
def test_what_no_machine_can_work_with_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="the input must be an object"):
        Request.of(TakeWorld().given(**change))


@pytest.mark.parametrize("number", [1e300, float("inf"), 10**400])
def test_numbers_without_a_limit_are_no_crash(number: float) -> None:
    run = Run.from_json({**BEGUN, "input": TakeWorld().given(gap_seconds=number, settle_seconds=number)})
    json.dumps(run.to_json(), allow_nan=False)
    assert not run.late
    assert run.busy_until == SCHEDULED + dt.timedelta(hours=6)
    assert run.settles_until <= run.started + dt.timedelta(hours=6)


def test_the_seconds_of_the_event_are_not_in_the_name() -> None:
    run = Run.from_json({**BEGUN, "input": TakeWorld().given(scheduled_time="2026-11-24T03:00:59.5Z")})
    assert run.snapshot == BASE
