"""The way back from a failed operation.

A create: what was made is deleted, the failed one first. An update: what was changed, and what failed to, gets an update with old and new
properties swapped; only when all of these passed, what was made is deleted, in a clean-up whose failures are reported and abandoned [D].
Guessed: the order of the swapped updates (the former template's); that a custom resource which had answered with another physical id gets
its swapped update with the new id, and a Delete of the new id unless it answers with that one.
"""

from __future__ import annotations

import logging

from ministack.services.cloudformation import stacks

from emulator.aws.cloudformation.engine import resource
from emulator.aws.cloudformation.engine.operation import Operation, order, policy
from emulator.aws.cloudformation.engine.removal import Doomed, remove
from emulator.aws.cloudformation.engine.settings import SETTINGS

logger = logging.getLogger("cloudformation")
#: What a rolled-back stack has again from before the update.
_RESTORED = (
    "_resources",
    "_template",
    "_template_body",
    "_resolved_params",
    "_conditions",
    "Parameters",
    "Tags",
    "Outputs",
)


def roll_back(operation: Operation, reason: str) -> None:
    """Undo what the operation did."""
    operation.stack.pop("_failed_operation", None)
    if operation.previous is None:
        _undo_create(operation, reason)
        return
    operation.status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    pending = list(operation.updated)
    in_order = order(operation.previous.get("_template"), operation.previous.get("_conditions", {}))
    pending.sort(key=lambda name: in_order.index(name) if name in in_order else len(in_order))
    _go_back(operation, pending)


def begin_again(operation: Operation) -> None:
    """Say that the way back is taken up again; before the caller has his answer."""
    operation.status("UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")


def resume(operation: Operation, skipped: frozenset[str]) -> None:
    """ContinueUpdateRollback: once more what failed; what is skipped counts as done and is left as it is [D]."""
    for name in skipped:
        record = operation.updated[name]
        operation.event(
            name,
            record["ResourceType"],
            "UPDATE_COMPLETE",
            "Resource rollback skipped by user",
            record["PhysicalResourceId"],
        )
    _go_back(operation, [name for name in operation.stack.get("_rollback_failed", {}) if name not in skipped])


def _go_back(operation: Operation, pending: list[str]) -> None:
    assert operation.previous is not None
    failed = {name: operation.updated[name] for name in pending if not _send_back(operation, name)}
    if failed:
        operation.stack["_rollback_failed"] = failed
        operation.stack["_rollback_operation"] = operation
        names = ", ".join(sorted(failed))
        operation.status("UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{names}]. ")
        return
    for key in ("_rollback_failed", "_rollback_operation"):
        operation.stack.pop(key, None)
    _clean_up(operation)
    operation.status("UPDATE_ROLLBACK_COMPLETE")


def _send_back(operation: Operation, logical_id: str) -> bool:
    """Send one resource the update with old and new swapped; False if that failed."""
    assert operation.previous is not None
    now, before = operation.updated[logical_id], operation.previous["_resources"][logical_id]
    kind = now["ResourceType"]
    applied = operation.tagged(kind, logical_id, now.get("Properties", {}))
    former = operation.tagged(kind, logical_id, before.get("Properties", {}), previous=True)
    attempted = operation.records.get(logical_id, {}).get("PhysicalResourceId") == before["PhysicalResourceId"] and (
        operation.records[logical_id].get("Properties") != now.get("Properties")
    )
    if attempted and not SETTINGS.sent_back(
        kind
    ):  # its own update failed, and such a type changes nothing before it fails
        operation.event(logical_id, kind, "UPDATE_COMPLETE", physical_id=now["PhysicalResourceId"])
        return True
    operation.event(logical_id, kind, "UPDATE_IN_PROGRESS", physical_id=now["PhysicalResourceId"])
    try:
        physical_id, attributes, _, _ = resource.update(operation.stack, logical_id, now, applied, former)
    except Exception as error:  # noqa: BLE001 - whatever a type raises is that resource's failure
        logger.warning("the way back of %s failed: %s", logical_id, error)
        operation.event(logical_id, kind, "UPDATE_FAILED", str(error), now["PhysicalResourceId"])
        return False
    operation.event(logical_id, kind, "UPDATE_COMPLETE", physical_id=physical_id)
    before.update(PhysicalResourceId=physical_id, ResourceStatus="UPDATE_COMPLETE", Timestamp=stacks.now_iso())
    if attributes:
        before["Attributes"] = {**before.get("Attributes", {}), **attributes}
    return True


def _clean_up(operation: Operation) -> None:
    """Delete what the update made: new resources, and the new side of each replacement."""
    assert operation.previous is not None
    stack, former = operation.stack, operation.previous["_resources"]
    operation.status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
    made = dict.fromkeys([*operation.created, *(one.logical_id for one in operation.replaced)])
    doomed = []
    for logical_id in _dependents_first(operation, list(made)):
        record = operation.records[logical_id]
        if logical_id in former and former[logical_id]["PhysicalResourceId"] == record["PhysicalResourceId"]:
            continue
        doomed.append(Doomed(logical_id, record, _policy(operation, logical_id)))
    remove(stack, doomed, operation.template, hold_back=False)
    for key in _RESTORED:
        if key in operation.previous:
            stack[key] = operation.previous[key]


def _undo_create(operation: Operation, reason: str) -> None:
    stack = operation.stack
    operation.status("ROLLBACK_IN_PROGRESS", reason)
    doomed = [
        Doomed(name, operation.records[name], _policy(operation, name))
        for name in _dependents_first(operation, operation.created)
    ]
    failed = remove(stack, doomed, operation.template, hold_back=True)
    stack["_resources"] = {name: record for name, record in operation.records.items() if name in failed}
    stack["_template"] = operation.template
    if failed:
        names = ", ".join(sorted(name for name, why in failed.items() if why))
        operation.status("ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{names}]. ")
    else:
        operation.status("ROLLBACK_COMPLETE")


def _dependents_first(operation: Operation, names: list[str]) -> list[str]:
    in_order = order(operation.template, operation.conditions)
    return [name for name in reversed(in_order) if name in names]


def _policy(operation: Operation, logical_id: str) -> str:
    """Retain keeps even what a failed operation made; RetainExceptOnCreate, or the operation's own switch, does not [D]."""
    found = policy(operation.template, operation.records, operation.stack, logical_id, "DeletionPolicy")
    if found == "RetainExceptOnCreate" or (found == "Retain" and operation.retain_except_on_create):
        return "Delete"
    return found


__all__ = ["begin_again", "resume", "roll_back"]
