"""Mute rules: their windows, and the actions that run when a window ends [D] "How alarm mute rules work"."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from emulator.aws.cloudwatch.mutes import MuteRule
from tests.emulator.cloudwatch_scene import Watched

RULE = "AWS::CloudWatch::AlarmMuteRule"


def properties(expression: str, duration: str, *alarms: str, **more: Any) -> dict[str, Any]:
    zone = more.pop("Timezone", None)
    schedule = {"Expression": expression, "Duration": duration, **({"Timezone": zone} if zone else {})}
    return {"Rule": {"Schedule": schedule}, "MuteTargets": {"AlarmNames": list(alarms)}, **more}


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "duration", "zone", "now", "end"),
    [
        ("cron(0 2 * * *)", "PT4H", None, "2026-11-23T05:59", "2026-11-23T06:00"),
        ("cron(0 2 * * *)", "PT4H", None, "2026-11-23T06:00", None),
        ("cron(0 2 * * *)", "PT4H", None, "2026-11-23T01:59", None),
        # from Friday evening to Monday morning
        ("cron(0 18 * * FRI)", "P2DT12H", None, "2026-11-23T05:00", "2026-11-23T06:00"),
        ("cron(0 18 * * 5)", "P2DT12H", None, "2026-11-23T06:30", None),
        ("cron(0,30 1-3 1,15 NOV-DEC *)", "PT10M", None, "2026-11-15T03:35", "2026-11-15T03:40"),
        ("cron(0 0 * * SAT-SUN)", "P1D", None, "2026-11-23T00:00", None),  # Monday
        ("cron(0 0 * * 7)", "P1D", None, "2026-11-22T23:00", "2026-11-23T00:00"),
        ("cron(0 2 * * *)", "PT1H", "Asia/Tokyo", "2026-11-22T17:30", "2026-11-22T18:00"),
        ("at(2026-12-24T00:00)", "P7D", None, "2026-12-30T23:59", "2026-12-31T00:00"),
        ("at(2026-12-24T00:00)", "P7D", None, "2026-12-23T23:59", None),
    ],
)
def test_windows(expression: str, duration: str, zone: str | None, now: str, end: str | None) -> None:
    rule = MuteRule.of(properties(expression, duration, Timezone=zone))
    assert rule.end_of_window(at(now)) == (end and at(end))


def test_a_rule_has_a_beginning_and_an_end() -> None:
    dates = {"StartDate": "2026-11-23T00:00", "ExpireDate": "2026-11-24T03:00"}
    rule = MuteRule.of(properties("cron(0 2 * * *)", "PT4H", **dates))
    found = [rule.end_of_window(at(f"2026-11-{day}T02:30")) for day in (22, 23, 24, 25)]
    assert found == [None, at("2026-11-23T06:00"), at("2026-11-24T03:00"), None]


@pytest.mark.parametrize(
    ("expression", "duration"),
    [
        ("rate(1 hour)", "PT1H"),
        ("cron(0 2 * * ? *)", "PT1H"),
        ("cron(0 25 * * *)", "PT1H"),
        ("cron(0 2 * * *)", "P16D"),
    ],
)
def test_what_aws_refuses_is_refused(expression: str, duration: str) -> None:
    with pytest.raises(ValueError, match=r"Duration|cron|to|invalid"):
        MuteRule.of(properties(expression, duration))


@pytest.fixture
def watched() -> Watched:
    """An alarm that is in the state OK, and keeps each state that it is set to; muted from 08:10 to 08:20."""
    found = Watched()
    topic = found.topic()
    found.alarm(TreatMissingData="ignore", AlarmActions=[topic], OKActions=[topic])
    found.set_state("a", "OK")
    found.advance(1)
    found.world.deliveries.entries.clear()
    found.make(RULE, "m", Name="m", **properties("cron(10 8 * * *)", "PT10M", "a"))
    return found


def test_a_muted_alarm_rings_when_the_window_ends(watched: Watched) -> None:
    # GIVEN an alarm that rings within the window
    watched.advance(11)
    watched.set_state("a", "ALARM")
    watched.advance(30)
    # THEN
    assert (watched.changes()[-1], watched.delivered()) == ((12, "ALARM"), [(20, "ALARM")])


def test_what_is_over_by_then_is_never_told(watched: Watched) -> None:
    watched.advance(11)
    watched.set_state("a", "ALARM")
    watched.advance(3)
    watched.set_state("a", "OK")
    watched.advance(30)
    assert watched.delivered() == []


def test_outside_of_the_window_nothing_is_muted(watched: Watched) -> None:
    watched.advance(5)
    watched.set_state("a", "ALARM")
    watched.advance(5)
    assert watched.delivered() == [(6, "ALARM")]


def test_the_last_of_two_windows_counts(watched: Watched) -> None:
    watched.make(RULE, "n", Name="n", **properties("cron(15 8 * * *)", "PT20M", "a"))
    watched.advance(11)
    watched.set_state("a", "ALARM")
    watched.advance(60)
    assert watched.delivered() == [(35, "ALARM")]


@pytest.mark.parametrize("how", ["deleted", "changed"])
def test_a_rule_that_goes_lets_the_alarm_ring_at_once(watched: Watched, how: str) -> None:
    watched.advance(11)
    watched.set_state("a", "ALARM")
    watched.advance(2)
    old = {"Name": "m", **properties("cron(10 8 * * *)", "PT10M", "a")}
    if how == "deleted":
        watched.delete(RULE, "m", **old)
    else:
        watched.change(RULE, "m", old, {"Name": "m", **properties("cron(10 8 * * *)", "PT10M", "other")})
    assert watched.delivered() == [(14, "ALARM")]
