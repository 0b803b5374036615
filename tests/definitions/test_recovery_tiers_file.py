"""The definition of retention tiers as a file: in agreement with the role and the records, each expression evaluated."""

from __future__ import annotations

import copy
import itertools
import json
import re
from typing import Any

import botocore.session
import pytest

from resilient_redshift import definitions
from resilient_redshift.contract import names, schemas
from resilient_redshift.recovery import _tiers_machine as machine
from resilient_redshift.snapshots import machine as snapshots
from resilient_redshift.stack.machines import METRIC_ACTIONS
from tests.definitions.expressions import evaluate, expressions_in
from tests.definitions.tiers_world import CLUSTER, HOME, TiersWorld

TIERS = definitions.load(definitions.RECOVERY_TIERS)
STATES = TIERS["States"]
EXPRESSIONS = expressions_in(STATES)
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}


def test_every_call_is_one_that_aws_has() -> None:
    session = botocore.session.get_session()
    for name, task in TASKS.items():
        service, operation = task["Resource"].split(":")[-2:]
        shape = session.get_service_model(service).operation_model(operation[0].upper() + operation[1:]).input_shape
        assert shape is not None
        assert task["Arguments"].keys() <= shape.members.keys(), name
        assert set(shape.required_members) <= task["Arguments"].keys(), name


def test_actions_and_role_match_one_to_one() -> None:
    called = set()
    for action in definitions.actions(definitions.RECOVERY_TIERS):
        service, operation = action.split(":")
        called.add(f"{service}:{operation[0].upper()}{operation[1:]}")
    assert called == {
        *machine.COPY_ACTIONS,
        *machine.RECORD_ACTIONS,
        *snapshots.READ_ACTIONS,
        *METRIC_ACTIONS,
    }


def test_it_cannot_delete() -> None:
    text = json.dumps(TIERS)
    assert "delete" not in text.lower().replace("deleted", "")
    assert '"Force"' not in text


def test_names_agree_with_the_records() -> None:
    text = json.dumps(TIERS)
    tags = set(re.findall(r"resilient-redshift:[a-z-]+", text))
    assert tags == {names.TAG_TIER_APPLIED, names.TAG_RULE, names.TAG_KEEP_IN_RECOVERY}
    published = STATES["Publish"]["Arguments"]
    assert tuple(metric["MetricName"] for metric in published["MetricData"]) == names.TIER_METRICS
    assert {d["Name"] for metric in published["MetricData"] for d in metric["Dimensions"]} == {names.DIMENSION_PLAN}
    assert published["Namespace"] == names.METRIC_NAMESPACE
    assert f"$r.version = {schemas.PLAN_RECORD_VERSION} " in STATES["CheckRecord"]["Choices"][0]["Condition"]
    assert names.PLAN_RECORD_FOLDER in STATES["ReadRecord"]["Arguments"]["Name"]


def test_the_names_of_snapshots_are_those_that_the_snapshot_machine_gives() -> None:
    # GIVEN what the policies let in and what this machine takes for a rule's WHEN both are read THEN they are alike
    [pattern] = re.findall(r"/\^(\([^/]*)\$/\) : false", STATES["SortOut"]["Assign"]["todo"])
    for name, fits in (
        ("20261124t0300z", True),
        ("20261124t0300z-r1", True),
        ("ondemand-20261124t030001z", True),
        ("ondemand-20261124t0300z", False),
        ("20261124t030001z", False),
    ):
        assert (re.fullmatch(pattern, name) is not None) is fits
    assert snapshots.OWN_SNAPSHOTS == ("*/*-????????t????z*", "*/*-ondemand-????????t??????z*")


_FUNCTIONS = (
    "append ceil contains count exists floor length lookup lowercase max merge min number parse replace split string "
    "substring toMillis type"
)


def test_variables_are_assigned_before_they_are_read() -> None:
    assigned = set(STATES["Prepare"]["Assign"])
    local = {name for text in EXPRESSIONS.values() for name in re.findall(r"\$(\w+) :=", text)}
    parameters = {
        name
        for text in EXPRESSIONS.values()
        for found in re.findall(r"function\(([^)]*)\)", text)
        for name in re.findall(r"\w+", found)
    }
    functions = set(_FUNCTIONS.split())
    for path, expression in EXPRESSIONS.items():
        read = set(re.findall(r"\$([a-zA-Z]\w*)", expression))
        assert read <= assigned | local | parameters | functions | {"states"}, (path, read - assigned)


def test_each_step_that_can_fail_is_classified() -> None:
    # GIVEN the step that each catch notes WHEN the states after a failure are read THEN each step has its way back
    steps = {c["Assign"]["step"] for task in TASKS.values() for c in task["Catch"] if "Assign" in c}
    assert steps == {"getParameter", "list", "look", "modifyClusterSnapshot", "createTags"}
    told = json.dumps([STATES["Classify"], STATES["WhatFailed"], STATES["Again"]])
    assert all(f"'{step}'" in told for step in steps)


def _snapshot(**changes: Any) -> dict[str, Any]:
    return {
        "SnapshotIdentifier": f"{CLUSTER}-nightly-20261124t0300z",
        "Status": "available",
        "ClusterIdentifier": CLUSTER,
        "SourceRegion": HOME,
        "ManualSnapshotRetentionPeriod": 180,
        "SnapshotCreateTime": "2026-11-24T03:00:00.000Z",
        "SnapshotRetentionStartTime": "2026-11-24T03:30:00.000Z",
        "Tags": [],
        **changes,
    }


ANSWERS: dict[str, dict[str, Any]] = {
    "none": {"Snapshots": [], "Parameter": {"Value": "{}"}},
    "bare": {"Snapshots": [{}], "Marker": "", "Parameter": {"Value": "[]"}},
    "one": {"Snapshots": [_snapshot()], "Marker": "next", "Parameter": {"Value": '{"version": 1}'}},
    "many": {
        "Snapshots": [_snapshot(Tags=[{"Key": "a", "Value": ""}, {"Key": "b"}]), _snapshot(Status="deleting"), {}],
        "Parameter": {"Value": "1"},
    },
}
CONTEXT: dict[str, Any] = {
    "Execution": {"Name": "run-1", "StartTime": "2026-11-24T03:00:20.000Z"},
    "State": {"EnteredTime": "2026-11-24T03:05:20.000Z"},
    "StateMachine": {"Id": "arn:aws-us-gov:states:us-gov-west-1:111122223333:stateMachine:m"},
}
_WHOLE = "at steps tries pages copies deadline tiered raised inDoubt failed gone ManualSnapshotRetentionPeriod"
_TEXT = "Error Cause message outcome kind problems marker Name ResourceName Marker"
TYPES: dict[str, type] = {
    **dict.fromkeys(("Condition", "denied"), bool),
    **dict.fromkeys(_WHOLE.split(), int),
    **dict.fromkeys(_TEXT.split(), str),
    **dict.fromkeys(("decision", "failure", "Output", "item"), dict),
    "todo": list,
}


@pytest.mark.parametrize("path", EXPRESSIONS)
def test_each_expression_has_a_value_for_none_one_and_many(path: str) -> None:
    # GIVEN a run's variables as they may stand, and an answer of none, one or many
    world = TiersWorld()
    world.copied()
    variables = world.run().variables
    for answer, given in itertools.product(ANSWERS, ({"plan": "p"}, {})):
        if path.startswith("/Prepare") and not given:
            continue  # CheckInput has seen to it
        states = {
            "input": {**given, "Snapshots": ANSWERS[answer]["Snapshots"]},
            "context": CONTEXT,
            "result": ANSWERS[answer],
            "errorOutput": {"Error": "Redshift.RedshiftException", "Cause": "words"},
        }
        at = {"at": 0} if path.startswith("/NextCopy") else {}
        # WHEN it is evaluated
        value = evaluate(EXPRESSIONS[path], {**copy.deepcopy(variables), "marker": "m", **at, "states": states})
        # THEN it has a value of the type that its field needs
        field = path.rsplit("/", 1)[-1]
        assert isinstance(value, TYPES.get(field, object)), (answer, given, value)
