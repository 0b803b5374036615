"""One step on one resource: create, update, delete, through ministack's resource types or our custom-resource protocol."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import provisioners

from emulator.aws.cloudformation.engine import custom
from emulator.aws.cloudformation.engine.settings import SETTINGS, is_custom

if TYPE_CHECKING:
    import contextvars
    from collections.abc import Iterator

    from emulator.aws.cloudformation.engine.operation import Record

RETAIN = ("Retain", "RetainExceptOnCreate")


@contextmanager
def _set(variable: contextvars.ContextVar[Any], value: Any) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


def create(stack: dict[str, Any], logical_id: str, kind: str, properties: Record) -> tuple[str, dict[str, Any], str]:
    """Create a resource; return physical id, attributes and the seed of its generated name."""
    if is_custom(kind):
        answer = custom.send(
            "Create", stack_id=stack["StackId"], logical_id=logical_id, kind=kind, properties=properties
        )
        return (*answer, "")
    with _set(provisioners._NAME_SEED, ""):
        physical_id, attributes = provisioners._provision_resource(kind, logical_id, properties, stack["StackName"])
        return physical_id, attributes or {}, provisioners._NAME_SEED.get()


def update(
    stack: dict[str, Any],
    logical_id: str,
    record: Record,
    old: Record,
    new: Record,
    *,
    keep_replaced: bool = False,
) -> tuple[str, dict[str, Any], str, list[Any]]:
    """Change a resource from ``old`` to ``new``; return physical id, attributes, name's seed and the deletes it queued.

    Nothing is called if nothing changed [D]. Another ServiceToken is refused [D] semantics.md 1.
    """
    kind, physical_id = record["ResourceType"], record["PhysicalResourceId"]
    if is_custom(kind):
        if old.get("ServiceToken") != new.get("ServiceToken"):
            raise custom.CustomResourceError("Modifying service token is not allowed.")
        return (
            *custom.send(
                "Update",
                stack_id=stack["StackId"],
                logical_id=logical_id,
                kind=kind,
                properties=new,
                old_properties=old,
                physical_id=physical_id,
            ),
            "",
            [],
        )
    pending: list[Any] = []
    with (
        _set(provisioners._NAME_SEED, record.get("_name_seed", "")),
        _set(provisioners._DEFERRED_PREDECESSOR_DELETES, pending),
        _set(provisioners._RETAIN_REPLACED, keep_replaced),
    ):
        answer = provisioners._update_resource(
            kind, physical_id, old, new, stack["StackName"], logical_id, record.get("Attributes", {})
        )
        return answer[0], answer[1] or record.get("Attributes", {}), provisioners._NAME_SEED.get(), pending


def delete(stack: dict[str, Any], logical_id: str, record: Record, *, snapshot: bool = False) -> None:
    """Delete a resource; ``snapshot`` asks for a last snapshot, where the type knows one."""
    kind, physical_id, properties = record["ResourceType"], record["PhysicalResourceId"], record.get("Properties", {})
    if is_custom(kind):
        custom.send(
            "Delete",
            stack_id=stack["StackId"],
            logical_id=logical_id,
            kind=kind,
            properties=properties,
            physical_id=physical_id,
        )
        return
    if snapshot and kind in SETTINGS.snapshot_deletes:
        SETTINGS.snapshot_deletes[kind](physical_id, properties)
        return
    if snapshot:
        provisioners._snapshot_resource(kind, physical_id, properties)
    provisioners._delete_resource(kind, physical_id, properties, stack["StackName"], logical_id)
