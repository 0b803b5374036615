"""Delete a stack: dependents first; what fails holds back what it depends on, and the stack ends DELETE_FAILED [D]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ministack.services import cloudformation as service
from ministack.services.cloudformation import stacks

from emulator.aws.cloudformation.engine.operation import order, policy, set_status
from emulator.aws.cloudformation.engine.removal import Doomed, remove

if TYPE_CHECKING:
    from collections.abc import Iterable


def begin(stack: dict[str, Any]) -> None:
    """Say that the deletion has begun; before the caller has his answer, or he would find the stack complete."""
    set_status(stack, "DELETE_IN_PROGRESS", "User Initiated")


def delete_stack(stack: dict[str, Any], retained: Iterable[str] = (), *, force: bool = False) -> None:
    """Delete a stack's resources, then the stack; ``retained`` logical ids stay, as with RetainResources.

    ``force`` is DeletionMode FORCE_DELETE_STACK: what does not go is left behind, and the stack goes.
    """
    records: dict[str, Any] = stack.get("_resources", {})
    template = stack.get("_template") or {}
    keep = set(retained)
    if force:
        broken = [name for name, record in records.items() if record.get("ResourceStatus") == "DELETE_FAILED"]
        keep |= stacks._with_dependencies(broken, template.get("Resources", {}), set(records))
    doomed = []
    ordered = order(template, stack.get("_conditions", {}))
    for name in [*(n for n in records if n not in ordered), *reversed(ordered)]:
        if name in records:
            kept = "Retain" if name in keep else policy(template, records, stack, name, "DeletionPolicy")
            doomed.append(Doomed(name, records[name], kept))
    failed = remove(stack, doomed, template, hold_back=not force)
    for name in list(records):
        if name not in failed or force:
            del records[name]
        elif failed[name]:
            records[name].update(ResourceStatus="DELETE_FAILED", ResourceStatusReason=failed[name])
    if failed and not force:
        names = ", ".join(sorted(name for name, why in failed.items() if why))
        set_status(stack, "DELETE_FAILED", f"The following resource(s) failed to delete: [{names}]. ")
        return
    for output in stack.get("Outputs", []):
        service._exports.pop(output.get("ExportName"), None)
    set_status(stack, "DELETE_COMPLETE")
