"""Put our sequencing in the place of ministack's: the coroutines that its API handlers schedule."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from ministack.core.concurrency import run_reentrant
from ministack.services import cloudformation as service
from ministack.services.cloudformation import changesets, handlers, stacks

from emulator.aws.cloudformation.engine import deletion, deploy, rollback
from emulator.aws.cloudformation.engine.operation import Operation, event, set_status

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger("cloudformation")


async def _run(stack: dict[str, Any], failed: str, function: Callable[..., None], *arguments: Any) -> None:
    """Run one operation in a thread of its own: it blocks, and what it calls may call this server again."""

    def guarded() -> None:
        try:
            function(*arguments)
        except Exception as error:
            logger.exception("the emulated CloudFormation itself failed")
            set_status(stack, failed, f"defect of the emulation: {error!r}")

    await run_reentrant(guarded, thread_name="cloudformation")


async def _deploy(  # noqa: PLR0917 - as ministack calls it
    stack_name: str,
    stack_id: str,
    template: dict[str, Any],
    param_values: dict[str, Any],
    disable_rollback: bool,
    tags: list[dict[str, str]],
    is_update: bool = False,
    previous_stack: dict[str, Any] | None = None,
    retain_except_on_create: bool = False,
    imports: dict[str, Any] | None = None,
) -> None:
    stack = service._stacks[stack_name]
    if imports:
        set_status(stack, "CREATE_FAILED", "the emulated CloudFormation imports no resources")
        return
    previous = (previous_stack or {}) if is_update else None
    operation = Operation(
        stack, template, param_values, stack.get("Tags") or [], previous, disable_rollback, retain_except_on_create
    )
    if not stack.get("_disable_validation") and stacks._fail_property_validation(
        stack,
        stack_id,
        stack_name,
        operation.definitions,
        list(operation.definitions),
        param_values,
        operation.conditions,
        template.get("Mappings", {}),
        disable_rollback,
        previous_stack=previous,
    ):
        return
    await _run(stack, "UPDATE_FAILED" if is_update else "CREATE_FAILED", deploy.deploy, operation)


async def _delete(stack_name: str, stack_id: str, retain_resources: Any = (), force: bool = False) -> None:
    stack = service._stacks.get(stack_name)
    if stack is not None:
        deletion.begin(stack)
        await _run(stack, "DELETE_FAILED", lambda: deletion.delete_stack(stack, retain_resources, force=force))


async def _roll_back(
    stack_name: str, stack_id: str, stack: dict[str, Any], operation: dict[str, Any], reason_override: str = ""
) -> None:
    await _run(
        stack,
        "UPDATE_ROLLBACK_FAILED" if operation.get("is_update") else "ROLLBACK_FAILED",
        rollback.roll_back,
        operation["operation"],
        reason_override or "Rollback requested",
    )


async def _continue(stack_name: str, stack_id: str, resources_to_skip: Any) -> None:
    stack = service._stacks.get(stack_name)
    if stack is not None:
        skipped = frozenset(resources_to_skip)
        rollback.begin_again(stack["_rollback_operation"])
        await _run(stack, "UPDATE_ROLLBACK_FAILED", rollback.resume, stack["_rollback_operation"], skipped)


def _add_event(  # noqa: PLR0917 - as ministack calls it
    stack_id: str,
    stack_name: str,
    logical_id: str,
    resource_type: str,
    status: str,
    reason: str = "",
    physical_id: str = "",
    detailed_status: str = "",
) -> None:
    stack = {"StackId": stack_id, "StackName": stack_name}
    event(stack, logical_id, resource_type, status, reason, physical_id, detailed_status)


#: ministack's name -> ours; patched wherever the name was imported to.
REPLACED: dict[str, Callable[..., Any]] = {
    "_add_event": _add_event,
    "_deploy_stack_async": _deploy,
    "_delete_stack_async": _delete,
    "_roll_back_operation": _roll_back,
    "_continue_update_rollback_async": _continue,
}
MODULES = (stacks, handlers, changesets)


def install() -> None:
    """Patch ministack; a second time changes nothing."""
    for name, function in REPLACED.items():
        for module in MODULES:
            if hasattr(module, name):
                setattr(module, name, function)
