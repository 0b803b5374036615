"""Composite alarms and their suppressors: AWS's own examples, in minutes (WaitPeriod two, ExtensionPeriod three)."""

from __future__ import annotations

import pytest

from tests.emulator.cloudwatch_scene import Watched

STEPS = dict[int, tuple[str, str]]


@pytest.fixture
def watched() -> Watched:
    """Alarms that are in the state OK, and keep each state that they are set to."""
    found = Watched()
    for name in ("a", "b", "s"):
        found.alarm(name, TreatMissingData="ignore")
        found.set_state(name, "OK")
    return found


def suppressed(watched: Watched) -> None:
    topic = watched.topic()
    watched.composite(
        "ALARM(a)",
        ActionsSuppressor="s",
        ActionsSuppressorWaitPeriod=120,
        ActionsSuppressorExtensionPeriod=180,
        AlarmActions=[topic],
        OKActions=[topic],
    )
    watched.advance(10)
    watched.world.deliveries.entries.clear()


def play(watched: Watched, steps: STEPS) -> list[tuple[float, str]]:
    """Set alarms at their minutes, counted from ten minutes after the start; what arrived, by the same count."""
    for minute in range(15):
        if minute in steps:
            watched.set_state(*steps[minute])
        watched.advance(1)
    return [(minute - 10, word) for minute, word in watched.delivered()]


@pytest.mark.parametrize(
    ("rule", "state"),
    [
        ("ALARM(a)", "ALARM"),
        ('ALARM("a") AND ALARM(b)', "OK"),
        ("ALARM(a) AND OK(b)", "ALARM"),
        ("ALARM(b) OR ALARM(arn:aws:cloudwatch:eu-central-1:123456789012:alarm:a)", "ALARM"),
        ("NOT (ALARM(a) OR INSUFFICIENT_DATA(b))", "OK"),
        ("TRUE AND NOT FALSE", "ALARM"),
    ],
)
def test_a_rule_is_judged_over_the_present_states(watched: Watched, rule: str, state: str) -> None:
    # GIVEN one alarm that rings
    watched.set_state("a", "ALARM")
    # WHEN
    watched.composite(rule.replace("123456789012", watched.world.account))
    # THEN
    assert watched.state("c") == state


def test_a_composite_alarm_follows_its_alarms_and_notifies_once(watched: Watched) -> None:
    # GIVEN one over two alarms
    watched.composite("ALARM(a) OR ALARM(b)", AlarmActions=[watched.topic()])
    # WHEN both ring, one after the other
    watched.advance(1)
    watched.set_state("a", "ALARM")
    watched.advance(1)
    watched.set_state("b", "ALARM")
    watched.advance(1)
    # THEN
    assert watched.delivered() == [(1, "ALARM")]


def test_disabled_actions_do_not_run(watched: Watched) -> None:
    watched.composite("ALARM(a)", AlarmActions=[watched.topic()], ActionsEnabled=False)
    watched.set_state("a", "ALARM")
    assert watched.delivered() == []


#: AWS's examples: what is set at which minute, and what runs at which minute.
EXAMPLES: list[tuple[str, STEPS, list[tuple[float, str]]]] = [
    ("1: the suppressor stays OK", {2: ("a", "ALARM")}, [(4, "ALARM")]),
    ("2: the suppressor rings within the wait", {2: ("a", "ALARM"), 3: ("s", "ALARM")}, []),
    ("3: back to OK within the wait", {2: ("a", "ALARM"), 3: ("a", "OK")}, [(5, "OK")]),
    ("4: the suppressor rings already", {1: ("s", "ALARM"), 2: ("a", "ALARM")}, []),
    (
        "5: the extension is over",
        {2: ("a", "ALARM"), 3: ("s", "ALARM"), 6: ("s", "OK")},
        [(9, "ALARM")],
    ),
    (
        "6: back to OK within the extension",
        {2: ("a", "ALARM"), 3: ("s", "ALARM"), 6: ("s", "OK"), 7: ("a", "OK")},
        [(9, "OK")],
    ),
    # not AWS's
    ("nothing was held back", {1: ("s", "ALARM"), 3: ("s", "OK")}, []),
    ("no data is no alarm", {1: ("s", "INSUFFICIENT_DATA"), 2: ("a", "ALARM")}, [(4, "ALARM")]),
]


@pytest.mark.parametrize(("steps", "runs"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_awss_examples_of_suppression(watched: Watched, steps: STEPS, runs: list[tuple[float, str]]) -> None:
    suppressed(watched)
    assert play(watched, steps) == runs


def test_a_composite_alarm_cannot_be_made_over_what_is_not_there(watched: Watched) -> None:
    with pytest.raises(ValueError, match="do not exist"):
        watched.composite("ALARM(nobody)")
