"""The phases in words: each phase of a definition has some, and no words are left over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from resilient_redshift import definitions
from resilient_redshift.cli.steps import WORDS, as_words
from resilient_redshift.cloud.phases import CRASHED
from resilient_redshift.cloud.restore.phases import PHASES

#: The machines whose states are phases: the function says what comes next, and a Choice goes there.
MACHINES = [
    machine
    for file in sorted(Path(definitions.__file__).parent.glob("*.asl.json"))
    if "NextPhase" in (machine := json.loads(file.read_text())["States"])
]
#: The phases of the machine that takes snapshots.
OF_SNAPSHOTS = {"TakeSnapshot", "WaitForSnapshot", "DeleteFailedSnapshot"}


def test_each_phase_of_each_machine_has_words() -> None:
    # GIVEN the definitions WHEN their Tasks are looked up THEN none is shown under its bare name
    phases = {name for states in MACHINES for name, state in states.items() if state["Type"] == "Task"}
    assert phases >= {*PHASES, CRASHED}
    assert sorted(phases - WORDS.keys()) == []


def test_no_words_are_of_a_phase_that_there_is_not() -> None:
    assert sorted(WORDS.keys() - {*PHASES, CRASHED} - OF_SNAPSHOTS) == []


def test_no_two_phases_read_alike() -> None:
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize("state", ["FindSnapshots", "CheckKMSKey", "Wait for it"])
def test_a_state_that_this_release_does_not_know_is_shown_as_it_is(state: str) -> None:
    assert as_words(state) == state
