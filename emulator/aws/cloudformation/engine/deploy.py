"""Create or update a stack: forwards in the order of dependencies, then either the clean-up or the way back.

Sources: semantics.md 1 and the user guide's "Update behaviors of stack resources", "Understand stack events" [D].
Simplified: resources go one after the other (AWS works in parallel where nothing depends on anything).
"""

from __future__ import annotations

import copy
import logging
from typing import Any

from ministack.services import cloudformation as service
from ministack.services.cloudformation import engine, provisioners, stacks

from emulator.aws.cloudformation.engine import resource, rollback
from emulator.aws.cloudformation.engine.custom import CustomResourceError, invented_id
from emulator.aws.cloudformation.engine.operation import STACK, Operation, Record, Replaced, order, policy
from emulator.aws.cloudformation.engine.removal import Doomed, remove
from emulator.aws.cloudformation.engine.settings import is_custom

logger = logging.getLogger("cloudformation")


class _FailedError(Exception):
    """The operation cannot go on; ``logical_id`` says where, None for the stack's own outputs."""

    def __init__(self, reason: str, logical_id: str | None = None) -> None:
        super().__init__(reason)
        self.logical_id = logical_id


def deploy(operation: Operation) -> None:
    """Run the operation to its end; the stack's status says which end."""
    stack, prefix = operation.stack, "CREATE" if operation.previous is None else "UPDATE"
    stack.pop("_failed_operation", None)
    for flag in ("_cancel_requested", "_cancel_token"):
        stack.pop(flag, None)
    try:
        ordered = order(operation.template, operation.conditions)
        for logical_id in ordered:
            _unless_cancelled(operation)
            _step(operation, logical_id)
        outputs, exports = _outputs(operation, ordered)
    except (_FailedError, ValueError) as error:
        where: str | None = getattr(error, "logical_id", None)
        if operation.keep_failed:
            stack["_failed_operation"] = {"operation": operation, "is_update": operation.previous is not None}
            operation.status(f"{prefix}_FAILED", str(error))
        else:
            rollback.roll_back(operation, _reason(operation, where, str(error)))
        return
    _finish(operation, ordered, outputs, exports)


def _reason(operation: Operation, logical_id: str | None, reason: str) -> str:
    if logical_id is None:
        return reason
    verb = "create" if operation.before(logical_id) is None else "update"
    return f"The following resource(s) failed to {verb}: [{logical_id}]. "


def _unless_cancelled(operation: Operation) -> None:
    """CancelUpdateStack takes hold before the next resource."""
    if operation.previous is not None and operation.stack.pop("_cancel_requested", False):
        stacks.CLIENT_REQUEST_TOKEN.set(operation.stack.pop("_cancel_token", ""))
        raise _FailedError("User Initiated")


def _step(operation: Operation, logical_id: str) -> None:
    definition = operation.definitions[logical_id]
    kind = definition.get("Type", "AWS::CloudFormation::CustomResource")
    before = operation.before(logical_id)
    try:
        properties, dynamic = _resolve(operation, definition, before)
        if before is None:
            record = _create(operation, logical_id, kind, properties)
        else:
            record = _update(operation, logical_id, kind, before, properties)
    except _FailedError:
        raise
    except Exception as error:
        logger.warning(
            "%s (%s) failed: %s", logical_id, kind, error, exc_info=not isinstance(error, CustomResourceError)
        )
        status = "CREATE_FAILED" if before is None else "UPDATE_FAILED"
        operation.event(logical_id, kind, status, str(error), (before or {}).get("PhysicalResourceId", ""))
        raise _FailedError(f"Resource {logical_id} failed: {error}", logical_id) from error
    if dynamic:
        record["_dynamic"] = dynamic
    operation.records[logical_id] = record


def _resolve(operation: Operation, definition: dict[str, Any], before: Record | None) -> tuple[Record, Any]:
    """Resolve a resource's properties, dynamic references last (ministack's rules, measured on AWS by its authors)."""
    properties = operation.resolve(definition.get("Properties", {}))
    properties = {name: value for name, value in properties.items() if value is not engine._NO_VALUE}
    old = operation.previous or {}
    same_stack = operation.template == old.get("_template") and operation.parameters == old.get("_resolved_params")
    same = (
        before is not None
        and old.get("_template", {}).get("Resources", {}).get(before["LogicalResourceId"]) == definition
    )
    found: tuple[Record, Any] = engine._resolve_dynamic_references(
        properties,
        (before or {}).get("_dynamic"),
        reuse_ssm=bool(operation.previous and same_stack),
        reuse_secrets=same,
    )
    return found


def _record(
    logical_id: str,
    kind: str,
    physical_id: str,
    *,
    status: str,
    properties: Record,
    attributes: Record | None = None,
    seed: str = "",
) -> Record:
    found = {
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": status,
        "LogicalResourceId": logical_id,
        "Properties": properties,
        "Attributes": attributes or {},
        "Timestamp": stacks.now_iso(),
    }
    return {**found, "_name_seed": seed} if seed else found


def _create(operation: Operation, logical_id: str, kind: str, properties: Record) -> Record:
    operation.event(logical_id, kind, "CREATE_IN_PROGRESS")
    tagged = operation.tagged(kind, logical_id, properties)
    try:
        physical_id, attributes, seed = resource.create(operation.stack, logical_id, kind, tagged)
    except Exception as error:
        left = _left_behind(operation, logical_id, kind, error)
        if left is not None:  # it gets a Delete when the operation rolls back [semantics.md 1]
            operation.records[logical_id] = _record(
                logical_id, kind, left, status="CREATE_FAILED", properties=properties
            )
            operation.created.append(logical_id)
        raise
    operation.created.append(logical_id)
    operation.event(logical_id, kind, "CREATE_COMPLETE", physical_id=physical_id)
    return _record(
        logical_id, kind, physical_id, status="CREATE_COMPLETE", properties=properties, attributes=attributes, seed=seed
    )


def _left_behind(operation: Operation, logical_id: str, kind: str, error: Exception) -> str | None:
    """The physical id of what a failed Create may have left, its own or an invented one; None: nothing was begun."""
    if is_custom(kind):
        return getattr(error, "physical_id", None) or invented_id(operation.name, logical_id)
    identifier: str | None = getattr(error, "identifier", None)  # our own Redshift types say it
    return identifier


def _update(operation: Operation, logical_id: str, kind: str, before: Record, properties: Record) -> Record:
    old_id = before["PhysicalResourceId"]
    if before["ResourceType"] != kind:
        msg = "Update of resource type is not permitted. The new template modifies resource type of the following resources: "
        raise ValueError(f"{msg}[{logical_id}]")
    old = operation.tagged(kind, logical_id, before.get("Properties", {}), previous=True)
    new = operation.tagged(kind, logical_id, properties)
    if old == new:  # [D] a resource whose properties did not change is not touched
        return {**before, "Properties": properties}
    in_place = is_custom(kind) or not provisioners._replacing_change(kind, old, new)
    refused = None if is_custom(kind) else provisioners._custom_named_replacement_error(kind, old, new)
    reason = "" if in_place or refused else (
        "Requested update requires the creation of a new physical resource; hence creating one."
    )  # fmt: skip
    operation.event(logical_id, kind, "UPDATE_IN_PROGRESS", reason, old_id)
    if in_place and not refused and old.get("ServiceToken") == new.get("ServiceToken"):
        operation.updated[logical_id] = {**before, "Properties": properties}  # tried: a rollback sends it back
    kept = policy(operation.template, operation.records, operation.stack, logical_id, "UpdateReplacePolicy")
    physical_id, attributes, seed, pending = resource.update(
        operation.stack, logical_id, before, old, new, keep_replaced=kept in resource.RETAIN
    )
    record = _record(
        logical_id, kind, physical_id, status="UPDATE_COMPLETE", properties=properties, attributes=attributes, seed=seed
    )
    if physical_id != old_id or pending:
        operation.replaced.append(Replaced(logical_id, {**before, "_already": physical_id == old_id}, pending))
    operation.updated.pop(logical_id, None)
    if is_custom(kind) or physical_id == old_id:
        operation.updated[logical_id] = record
    operation.event(logical_id, kind, "UPDATE_COMPLETE", physical_id=physical_id)
    return record


def _outputs(operation: Operation, ordered: list[str]) -> tuple[list[Any], dict[str, Any]]:
    standing = {name: record for name, record in operation.records.items() if name in ordered}
    try:
        found: tuple[list[Any], dict[str, Any]] = stacks._resolve_stack_outputs(
            operation.template.get("Outputs", {}),
            operation.conditions,
            standing,
            operation.parameters,
            operation.template.get("Mappings", {}),
            operation.name,
            operation.stack_id,
        )
    except Exception as error:
        raise _FailedError(str(error)) from error
    return found


def _finish(operation: Operation, ordered: list[str], outputs: list[Any], exports: dict[str, Any]) -> None:
    """Publish; after an update, delete what was replaced or removed, last of all; what will not go is abandoned [semantics.md 1]."""
    stack, previous = operation.stack, operation.previous
    service._exports.update(exports)
    stack["Outputs"] = outputs
    if previous is None:
        stack.update(_template=operation.template, _resolved_params=operation.parameters)
        operation.status("CREATE_COMPLETE")
        return
    operation.status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    old_template, old_records = previous.get("_template") or {}, previous.get("_resources", {})
    old_stack = {
        **stack,
        "_resolved_params": previous.get("_resolved_params", {}),
        "_conditions": previous.get("_conditions", {}),
    }
    replaced = {one.logical_id: one for one in operation.replaced}
    doomed = []
    for logical_id in _reversed(old_template, previous.get("_conditions", {}), old_records):
        if logical_id in replaced:
            one = replaced[logical_id]
            kept = policy(operation.template, operation.records, stack, logical_id, "UpdateReplacePolicy")
            doomed.append(Doomed(logical_id, one.old, kept, one.pending))
        elif logical_id not in ordered and logical_id in old_records:
            kept = policy(old_template, old_records, old_stack, logical_id, "DeletionPolicy")
            doomed.append(Doomed(logical_id, copy.deepcopy(old_records[logical_id]), kept))
            operation.records.pop(logical_id, None)
    remove(stack, doomed, old_template, hold_back=False)
    _drop_exports(previous, exports)
    stack.update(_template=operation.template, _resolved_params=operation.parameters)
    operation.status("UPDATE_COMPLETE")


def _drop_exports(previous: dict[str, Any], exports: dict[str, Any]) -> None:
    for output in previous.get("Outputs", []):
        name = output.get("ExportName")
        if name and name not in exports:
            service._exports.pop(name, None)


def _reversed(template: dict[str, Any], conditions: dict[str, bool], records: dict[str, Record]) -> list[str]:
    """Logical ids, dependents first; what no template declares any more goes before all."""
    ordered = order(template, conditions)
    return [name for name in records if name not in ordered] + ordered[::-1]


__all__ = ["STACK", "deploy"]
