"""AWS::StepFunctions::StateMachine: ministack keeps the logging configuration in CloudFormation's spelling and takes any definition.

Checked as CreateStateMachine does [D] States language: StartAt and each transition name a state. What a state holds is not checked.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ministack.services import stepfunctions
from ministack.services.cloudformation import provisioners

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPE = "AWS::StepFunctions::StateMachine"
_create, _update = provisioners._sfn_state_machine_create, provisioners._sfn_state_machine_update


def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Create a machine whose definition is sound."""
    _check(properties)
    arn, attributes = _create(logical_id, properties, stack_name)
    _settle(arn, properties)
    return arn, attributes


def update(
    physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Change a machine to a definition that is sound."""
    _check(new)
    arn, attributes = _update(physical_id, old, new, stack_name, logical_id)
    _settle(arn, new)
    return arn, attributes


def _settle(arn: str, properties: dict[str, Any]) -> None:
    record = stepfunctions._state_machines[arn]
    if properties.get("LoggingConfiguration"):
        record["loggingConfiguration"] = _lower(properties["LoggingConfiguration"])
    if properties.get("TracingConfiguration"):
        record["tracingConfiguration"] = {
            "enabled": str(properties["TracingConfiguration"]["Enabled"]).lower() == "true"
        }


def _lower(value: Any) -> Any:
    """CloudFormation's member names in the API's spelling."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _lower(member) for name, member in value.items()}
    return [_lower(member) for member in value] if isinstance(value, list) else value


def _check(properties: dict[str, Any]) -> None:
    text = provisioners._sfn_definition(properties)
    try:
        definition = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: {error}'") from error
    problems = list(_problems(definition, ""))
    if problems:
        raise ValueError(f"Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {'; '.join(problems)}'")


def _problems(machine: dict[str, Any], path: str) -> Iterator[str]:
    states = machine.get("States") or {}
    if machine.get("StartAt") not in states:
        yield f"MISSING_TRANSITION_TARGET: {machine.get('StartAt')} at {path}/StartAt"
    for name, state in states.items():
        for target in _targets(state):
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: {target} at {path}/States/{name}"
        for inner in [*(state.get("Branches") or ()), state.get("ItemProcessor"), state.get("Iterator")]:
            if inner:
                yield from _problems(inner, f"{path}/States/{name}")


def _targets(state: dict[str, Any]) -> Iterator[str]:
    for holder in (state, *(state.get("Catch") or ()), *(state.get("Choices") or ())):
        if "Next" in holder:
            yield holder["Next"]
    if "Default" in state:
        yield state["Default"]


def install() -> None:
    """Replace ministack's create and update of machines."""
    provisioners._RESOURCE_HANDLERS[_TYPE].update(create=create, update=update, update_with_logical_id=True)
