"""A rule's first snapshot: started once per stack and input, whatever CloudFormation, AWS or a rename does."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ACCOUNT
from tests.cloud.custom_resources.cloudformation import ON_DEPLOY, Resource, Stack
from tests.cloud.custom_resources.executions import SERVICE
from tests.cloud.custom_resources.scene import HERE, NAME, THERE, mutations

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Answer
    from tests.cloud.custom_resources.executions import Executions, Started

GIVEN = {
    "cluster_identifier": NAME,
    "rule": "nightly",
    "keep_days": 7,
    "keep_in_recovery_days": 14,
    "reason": "first deployment",
}
ID = f"snapshot-on-deploy/{NAME}/nightly"
MACHINE = f"arn:aws:states:{HERE}:{ACCOUNT}:stateMachine:Snapshots"


@pytest.fixture
def executions(stack: Stack) -> Executions:
    found = stack.handler.executions
    assert found.given_machine(HERE) == MACHINE
    return found


def first(*, machine: str = MACHINE, **changes: Any) -> Resource:
    """The resource as the construct renders it."""
    text = json.dumps({**GIVEN, **changes}, separators=(",", ":"))
    return Resource(ON_DEPLOY, {"StateMachineArn": machine, "Input": text}, "Retain")


def send(stack: Stack, kind: str, resource: Resource, **more: Any) -> Answer:
    return stack.handler.send(kind, "First", resource, **more)


def started(executions: Executions) -> list[Started]:
    return executions.started


def names(executions: Executions) -> list[str]:
    return [one.name for one in executions.started]


# --- what is started


def test_a_create_starts_the_machine_with_the_rules_input_and_waits_for_nothing(
    model: RedshiftModel, stack: Stack, executions: Executions
) -> None:
    # GIVEN
    before = model.clock.monotonic()
    # WHEN
    answer = send(stack, "Create", first())
    # THEN
    assert answer.ok, answer.reason
    assert answer.physical_id == ID
    [one] = started(executions)
    assert one.machine == MACHINE
    assert one.input == {**GIVEN, "settle_seconds": 120}
    assert one.ended is None
    assert model.clock.monotonic() - before < 20
    assert mutations(model) == ["StartExecution"]


def test_the_executions_name_tells_the_rule_and_fits_logs_and_limits(stack: Stack, executions: Executions) -> None:
    # GIVEN the longest names
    assert send(stack, "Create", first(cluster_identifier="c" * 63, rule="r" * 63)).ok
    # THEN it begins with the rule; the fake refuses what Step Functions or CloudWatch Logs would
    [name] = names(executions)
    assert name.startswith("deploy-rrr")
    assert len(name) <= 80


@pytest.mark.parametrize(
    "change",
    [
        {"cluster_identifier": "other"},
        {"rule": "weekly"},
        {"keep_days": 8},
        {"keep_in_recovery_days": -1},
        {"plan": "sales"},
    ],
)
def test_an_update_with_another_input_starts_one_more(
    stack: Stack, executions: Executions, change: dict[str, Any]
) -> None:
    assert stack.deploy({"First": first()}).ok
    executions.end()
    assert stack.deploy({"First": first(**change)}).ok
    assert [one.input for one in started(executions)] == [
        {**GIVEN, "settle_seconds": 120},
        {**GIVEN, **change, "settle_seconds": 120},
    ]
    assert len(set(names(executions))) == 2


def test_two_rules_of_one_cluster_start_one_each(stack: Stack, executions: Executions) -> None:
    assert stack.deploy({"First": first(), "Second": first(rule="weekly")}).ok
    assert [one.input["rule"] for one in started(executions)] == ["nightly", "weekly"]


def test_another_stack_is_another_owner(model: RedshiftModel, stack: Stack, executions: Executions) -> None:
    # GIVEN the stack was destroyed and is deployed again: its id is new, its machine may be called the same
    assert stack.deploy({"First": first()}).ok
    again = Stack(model, "Warehouse", HERE)
    again.handler.executions = executions
    # WHEN / THEN
    assert again.deploy({"First": first()}).ok
    assert len(started(executions)) == 2


# --- what starts nothing


def test_an_update_with_the_same_input_starts_nothing(
    model: RedshiftModel, stack: Stack, executions: Executions
) -> None:
    # GIVEN a machine that is replaced, so that the name is free there, and an input that is only written otherwise
    assert stack.deploy({"First": first()}).ok
    other = executions.given_machine(HERE, "Replaced")
    text = json.dumps(dict(reversed(GIVEN.items())), indent=1)
    # WHEN
    assert stack.deploy({"First": Resource(ON_DEPLOY, {"StateMachineArn": other, "Input": text}, "Retain")}).ok
    # THEN
    assert len(started(executions)) == 1
    assert mutations(model) == ["StartExecution"]


@pytest.mark.parametrize("ended", [False, True])
def test_a_renamed_construct_starts_nothing(stack: Stack, executions: Executions, ended: bool) -> None:
    assert stack.deploy({"Old": first()}).ok
    if ended:
        executions.end()
    assert stack.deploy({"New": first()}).ok
    assert len(started(executions)) == 1
    assert stack.resources["New"].physical_id == ID


def test_a_rename_after_ninety_days_takes_one_more_snapshot(
    model: RedshiftModel, stack: Stack, executions: Executions
) -> None:
    # GIVEN the memory is the execution's name, which Step Functions keeps for 90 days
    assert stack.deploy({"Old": first()}).ok
    executions.end()
    model.clock.advance(timedelta(days=91).total_seconds())
    # WHEN / THEN one more: documented, and nothing is lost by it
    assert stack.deploy({"New": first()}).ok
    assert len(started(executions)) == 2


@pytest.mark.parametrize("policy", ["Delete", "Retain"])
def test_a_delete_calls_nothing(model: RedshiftModel, stack: Stack, executions: Executions, policy: str) -> None:
    resource = Resource(ON_DEPLOY, first().properties, policy)
    assert stack.deploy({"First": resource}).ok
    model.calls.clear()
    assert stack.deploy({}).ok
    assert stack.delete().ok
    assert model.calls == []


@pytest.mark.parametrize("physical_id", ["2026/11/23/[$LATEST]ab", "snapshot-on-deploy/other/x", ""])
def test_a_delete_of_anything_is_success(model: RedshiftModel, stack: Stack, physical_id: str) -> None:
    resource = Resource(ON_DEPLOY, {"Input": "not even JSON"})
    assert send(stack, "Delete", resource, PhysicalResourceId=physical_id).ok
    assert model.calls == []


# --- rollbacks


@pytest.mark.parametrize("policy", ["Delete", "Retain"])
def test_a_rolled_back_first_deployment_undoes_nothing_and_the_next_one_starts_nothing_twice(
    model: RedshiftModel, stack: Stack, executions: Executions, policy: str
) -> None:
    resource = Resource(ON_DEPLOY, first().properties, policy)
    assert not stack.deploy({"First": resource}, fails_at_end=True).ok
    assert stack.deploy({"First": resource}).ok
    assert set(mutations(model)) == {"StartExecution"}
    assert len(started(executions)) == 1


def test_a_rolled_back_update_does_not_start_the_former_input_again(stack: Stack, executions: Executions) -> None:
    assert stack.deploy({"First": first()}).ok
    executions.end()
    assert not stack.deploy({"First": first(keep_days=9)}, fails_at_end=True).ok
    assert [one.input["keep_days"] for one in started(executions)] == [7, 9]


# --- faults


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("code", ["InternalFailure", "ThrottlingException", "ServiceUnavailable"])
def test_a_passing_fault_or_a_lost_answer_starts_one(
    model: RedshiftModel, stack: Stack, executions: Executions, code: str, after: bool
) -> None:
    model.faults.fail_next("StartExecution", code, service=SERVICE, after=after)
    answer = send(stack, "Create", first())
    assert answer.ok, answer.reason
    assert len(started(executions)) == 1


def test_a_lost_answer_of_a_run_that_ended_meanwhile_is_success(
    model: RedshiftModel, stack: Stack, executions: Executions
) -> None:
    model.faults.fail_next("StartExecution", "InternalFailure", service=SERVICE, after=True)
    model.clock.call_later(1, executions.end)
    assert send(stack, "Create", first()).ok
    assert len(started(executions)) == 1
    assert [call.error for call in model.calls] == ["InternalFailure", "ExecutionAlreadyExists"]


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_handler_is_repeated_by_the_next_deployment(
    model: RedshiftModel, stack: Stack, executions: Executions, after: bool
) -> None:
    model.faults.kill_next("StartExecution", after=after)
    assert not stack.deploy({"First": first()}).ok
    assert len(started(executions)) == after
    assert stack.deploy({"First": first()}).ok
    assert len(started(executions)) == 1


def test_rights_that_still_spread_are_waited_for(model: RedshiftModel, stack: Stack, executions: Executions) -> None:
    model.faults.deny_for(60, "StartExecution")
    assert send(stack, "Create", first()).ok
    assert len(started(executions)) == 1


def test_rights_that_never_come_are_named(model: RedshiftModel, stack: Stack, executions: Executions) -> None:
    model.faults.deny_for(3600, "StartExecution")
    before = model.clock.monotonic()
    answer = send(stack, "Create", first())
    assert "could not start the first snapshot of 'sales' by rule 'nightly'" in answer.reason
    assert "a permissions boundary" in answer.reason
    assert model.clock.monotonic() - before <= 180
    assert started(executions) == []


def test_a_machine_that_is_gone_is_awss_words(stack: Stack, executions: Executions) -> None:
    executions.machines.clear()
    assert "StateMachineDoesNotExist" in send(stack, "Create", first()).reason


# --- what is not understood


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"StateMachineArn": None}, "StateMachineArn: got nothing; allowed: the ARN of a state machine"),
        ({"StateMachineArn": MACHINE + ":alias"}, "allowed: the ARN of a state machine"),
        ({"StateMachineArn": MACHINE.replace(HERE, THERE)}, f"allowed: a machine of {HERE} and account {ACCOUNT}"),
        ({"StateMachineArn": MACHINE.replace(ACCOUNT, "999999999999")}, f"a machine of {HERE} and account {ACCOUNT}"),
        ({"Input": None}, "Input: got nothing; allowed: a JSON object with cluster_identifier and rule"),
        ({"Input": "{"}, "Input: got '{'"),
        ({"Input": "{]}"}, "Input: got '{]}'"),
        ({"Input": "[]"}, "Input: got '[]'"),
        ({"Input": '{"rule":"nightly"}'}, "allowed: a JSON object with cluster_identifier and rule"),
        ({"Input": '{"rule":"nightly","cluster_identifier":1}'}, "a JSON object with cluster_identifier and rule"),
        ({"Input": '{"rule":"a/b","cluster_identifier":"a"}'}, "a JSON object with cluster_identifier and rule"),
        ({"Other": "1"}, "Other: got '1'; allowed: nothing"),
    ],
)
@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_a_property_that_is_not_understood_is_told(
    model: RedshiftModel, stack: Stack, kind: str, properties: dict[str, Any], words: str
) -> None:
    given = {name: value for name, value in {**first().properties, **properties}.items() if value is not None}
    answer = send(stack, kind, Resource(ON_DEPLOY, given), PhysicalResourceId=ID, OldResourceProperties={})
    assert words in answer.reason
    assert model.calls == []
