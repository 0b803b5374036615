"""The memory of a watch: what opens and closes, pauses, another cluster under the same name."""

from __future__ import annotations

import datetime as dt
import json

from resilient_redshift.cloud.findings import finding
from resilient_redshift.cloud.redshift import states
from resilient_redshift.cloud.watch.memory import Memory, by_code
from resilient_redshift.contract.watching import FINDINGS

NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
OFF = finding("CopyOff", "nothing is copied")


def next_run(memory: Memory, after: dt.timedelta = HOUR) -> Memory:
    return Memory.of(memory.text, memory.now + after)


def test_a_finding_opens_once_and_closes_once() -> None:
    # GIVEN a finding in two runs, and none in the third
    first = Memory.of(None, NOW)
    assert [(one.finding.code, one.state) for one in first.changes({"CopyOff": OFF})] == [("CopyOff", "opened")]
    first.remember({"CopyOff": OFF})
    second = next_run(first)
    assert second.changes({"CopyOff": OFF}) == []
    second.remember({"CopyOff": OFF})
    assert not second.changed
    # WHEN it is over THEN the event says since when it was open, and what it was
    third = next_run(second)
    [closed] = third.changes({})
    assert (closed.state, closed.since, closed.finding.text) == (
        "closed",
        "2026-11-30T12:00:00Z",
        "no longer so: nothing is copied",
    )
    third.remember({})
    assert next_run(third).changes({}) == []


def test_another_severity_is_told_with_the_time_of_the_first() -> None:
    memory = Memory.of(None, NOW)
    memory.remember({"CannotTell": finding("CannotTell", "a key")})
    worse = finding("CannotTell", "the snapshots", severity="problem")
    [change] = next_run(memory).changes({"CannotTell": worse})
    assert (change.state, change.since, change.finding.severity) == ("opened", "2026-11-30T12:00:00Z", "problem")


def test_an_age_that_grows_changes_nothing() -> None:
    # GIVEN a finding whose text changes each run WHEN remembered THEN the parameter is not written again
    memory = Memory.of(None, NOW)
    memory.remember({"RecoveryPointOverdue": finding("RecoveryPointOverdue", "11 h old")})
    later = next_run(memory)
    later.remember({"RecoveryPointOverdue": finding("RecoveryPointOverdue", "12 h old")})
    assert not later.changed


def test_every_finding_at_once_fits_the_parameter() -> None:
    memory = Memory.of(None, NOW)
    memory.remember({code: finding(code, "a long text " * 40) for code in FINDINGS})
    assert len(memory.text) <= 4096
    assert len(next_run(memory).changes({})) == len(FINDINGS)


def test_a_spoiled_memory_is_begun_anew() -> None:
    for text in ("no JSON", "[]", '{"since": 1, "open": {"CopyOff": 1, "Unknown": {}}, "daily": []}'):
        memory = Memory.of(text, NOW)
        assert memory.changes({}) == []
        assert memory.time("since") == NOW


def test_a_pause_that_could_not_be_read_goes_on() -> None:
    # GIVEN a paused cluster WHEN the next run cannot read it THEN it is still taken for paused
    memory = Memory.of(None, NOW)
    memory.pause(states.of("paused"), HOUR)
    assert next_run(memory).pause(None, HOUR).since == NOW


def test_a_pause_begins_with_pausing_and_ends_with_the_resume() -> None:
    memory = Memory.of(None, NOW)
    assert memory.pause(states.of("pausing"), HOUR).since == NOW
    resuming = next_run(memory)
    assert resuming.pause(states.of("resuming"), HOUR).since == NOW
    over = next_run(resuming)
    assert over.pause(states.of("available"), HOUR).excused_until == over.now + HOUR
    assert next_run(over).pause(states.of("available"), HOUR).excuse == ""


def test_an_excuse_that_is_longer_than_the_gap_is_spoiled() -> None:
    memory = Memory.of('{"since": "2020-01-01T00:00:00Z", "excused_until": "2999-01-01T00:00:00Z"}', NOW)
    assert memory.pause(states.of("available"), HOUR).excuse == ""


def test_what_a_rule_missed_in_a_pause_does_not_count() -> None:
    # GIVEN a rule that is known, and a pause
    memory, rules = Memory.of(None, NOW), [{"rule": "nightly", "schedule": "cron(0 3 * * ? *)", "enabled": True}]
    memory.rules(rules)
    memory.pause(states.of("paused"), HOUR)
    # WHEN the pause ends THEN the rule counts from now on
    over = next_run(memory)
    over.pause(states.of("available"), HOUR)
    assert over.rules(rules) == {"nightly": over.now}


def test_an_association_that_is_changing_has_an_hour_and_a_half() -> None:
    memory = Memory.of(None, NOW)
    assert list(memory.association(changing=True, schedule="nightly")) == []
    late = next_run(memory, 2 * HOUR)
    assert [one.code for one in late.association(changing=True, schedule="nightly")] == ["AssociationPending"]
    assert list(late.association(changing=False, schedule="nightly")) == []
    assert "association_since" not in json.loads(late.text)


def test_findings_of_one_code_are_one_with_the_higher_severity() -> None:
    weak, strong = finding("ClusterDrift", "kept 3 days"), finding("ClusterDrift", "off", severity="problem")
    [one] = by_code([weak, strong]).values()
    assert (one.severity, one.text) == ("problem", "kept 3 days; off")
