"""The definition of restores as a file: in agreement with AWS's shapes, the role and the records, and careful by its text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from emulator.redshift_model.errors import service_model
from resilient_redshift import definitions
from resilient_redshift.contract import names, outcomes
from resilient_redshift.recovery import _restore_machine as machine
from resilient_redshift.stack.iam import METRIC_ACTIONS
from tests.definitions.expressions import expressions_in
from tests.definitions.restore_world import RESTORE, SERVICES
from tests.definitions.sdk_calls import pascal

if TYPE_CHECKING:
    from botocore.model import Shape

DEFINITION = definitions.load(RESTORE)
STATES = DEFINITION["States"]
EXPRESSIONS = expressions_in(STATES)
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
_IAM = {"sfn": "states", "redshiftdata": "redshift-data"}


def _input_of(resource: str) -> Shape:
    service, operation = resource.split(":")[-2:]
    shape = service_model(SERVICES[service]).operation_model(operation[0].upper() + operation[1:]).input_shape
    assert shape is not None
    return shape


@pytest.mark.parametrize("name", TASKS)
def test_every_call_is_one_that_aws_has(name: str) -> None:
    # GIVEN a task WHEN its arguments are held against the API's THEN each is there, spelt as Step Functions does
    shape = _input_of(TASKS[name]["Resource"])
    arguments = TASKS[name]["Arguments"]
    if isinstance(arguments, dict):
        assert arguments.keys() <= {pascal(member) for member in shape.members}
        assert {pascal(member) for member in shape.required_members} <= arguments.keys()


def test_actions_and_role_match_one_to_one() -> None:
    called = set()
    for action in definitions.actions(RESTORE):
        service, operation = action.split(":")
        called.add(f"{_IAM.get(service, service)}:{operation[0].upper()}{operation[1:]}")
    on_our_behalf = {*machine.CREDENTIALS_ACTIONS, "iam:PassRole"}
    allowed = {
        *machine.READ_ACTIONS,
        *machine.KEY_ACTIONS,
        *machine.CLUSTER_ACTIONS,
        *machine.DELETE_ACTIONS,
        *machine.REMEMBER_ACTIONS,
        *machine.ROLE_ACTIONS,
        *machine.OWN_ACTIONS,
        *machine.TOPIC_ACTIONS,
        *machine.BUCKET_ACTIONS,
        *machine.DNS_ACTIONS,
        *METRIC_ACTIONS,
    }
    assert called == allowed - on_our_behalf


def test_names_agree_with_the_records() -> None:
    text = json.dumps(DEFINITION)
    tags = set(re.findall(r"resilient-redshift:[a-z-]+", text))
    assert tags == {*machine.OWN_TAGS, names.TAG_FROZEN_FROM}
    metrics = {*names.DRILL_METRICS, names.METRIC_DRILL_CHECK_FAILED, names.METRIC_RTO_MISSED}
    assert {name for name in metrics if name in text} == metrics
    assert (
        set(re.findall(r"\bDrill[A-Z]\w+|\bDrills[A-Z]\w+", text)) & set(re.findall(r"'(Drills?[A-Z]\w+)'", text))
        <= metrics
    )
    assert names.METRIC_NAMESPACE in text
    for folder in (names.PLAN_RECORD_FOLDER, names.LINEAGE_FOLDER, names.ENDPOINT_FOLDER, names.DRILLS_FOLDER):
        assert folder in text
    assert f"'{names.REPORT_FOLDER}" in text
    assert "'drill-" in text or "/^drill-" in text


def test_every_outcome_is_one_of_the_records_and_each_is_there() -> None:
    text = json.dumps(DEFINITION)
    assert {name for name in outcomes.RESTORE_OUTCOMES if f"'{name}'" not in text and f'"{name}"' not in text} == set()


def test_deletions_are_of_one_kind() -> None:
    # GIVEN the definition WHEN its deletions are read THEN each skips the final snapshot by a word, and no snapshot is ever deleted
    deleting = [task for task in TASKS.values() if task["Resource"].endswith(":deleteCluster")]
    assert deleting
    assert all(task["Arguments"]["SkipFinalClusterSnapshot"] is True for task in deleting)
    assert all("FinalClusterSnapshotIdentifier" not in task["Arguments"] for task in deleting)
    assert not re.search("(?i)delete(?:cluster)?snapshot|batchDelete|modifyClusterSnapshot[^S]", json.dumps(TASKS))


def test_throttling_and_lost_connections_are_retried_everywhere() -> None:
    for name, task in TASKS.items():
        retried = {error for retrier in task["Retry"] for error in retrier["ErrorEquals"]}
        assert any("SdkClientException" in error for error in retried), name
        assert retried & {"States.TaskFailed", "States.ALL"} or any("Throttl" in error for error in retried), name


def test_no_clock_but_step_functions_own() -> None:
    # GIVEN that $now() is the engine's time WHEN the expressions are read THEN time comes from the context alone, as tests can turn it
    assert not [path for path, text in EXPRESSIONS.items() if re.search(r"\$(now|millis|random)\(", text)]


def test_a_definition_that_fits() -> None:
    assert len(definitions.definition_string(RESTORE)) < 1_000_000
    assert len(STATES) < 400
