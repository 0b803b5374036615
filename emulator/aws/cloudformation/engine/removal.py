"""Deleting several resources, dependents first, with their policies and with failures as AWS treats them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ministack.services.cloudformation import engine

from emulator.aws.cloudformation.engine.operation import event
from emulator.aws.cloudformation.engine.resource import RETAIN, delete

if TYPE_CHECKING:
    from emulator.aws.cloudformation.engine.operation import Record

logger = logging.getLogger("cloudformation")


@dataclass
class Doomed:
    """A resource that is to go, and the policy that has the say."""

    logical_id: str
    record: Record
    policy: str
    pending: list[Any] = field(default_factory=list)


def remove(stack: dict[str, Any], doomed: list[Doomed], template: dict[str, Any], *, hold_back: bool) -> dict[str, str]:
    """Delete ``doomed`` in the order given; return reasons by logical id of what failed.

    ``hold_back``: what a failed one depends on is left standing, as in a stack's deletion: it is still in use [I]. Otherwise each is tried,
    as in a clean-up: there, what fails is reported and abandoned [semantics.md 1].
    """
    failed: dict[str, str] = {}
    needed: set[str] = set()
    names = {one.logical_id for one in doomed}
    for one in doomed:
        kind, physical_id = one.record["ResourceType"], one.record["PhysicalResourceId"]
        if one.policy in RETAIN:
            event(stack, one.logical_id, kind, "DELETE_SKIPPED", physical_id=physical_id)
            continue
        if hold_back and one.logical_id in needed:
            needed |= _dependencies(template, one.logical_id, names)
            failed[one.logical_id] = ""
            continue
        event(stack, one.logical_id, kind, "DELETE_IN_PROGRESS", physical_id=physical_id)
        try:
            for function, arguments, keywords in one.pending:
                function(*arguments, **keywords)
            if not one.record.get("_already"):
                delete(stack, one.logical_id, one.record, snapshot=one.policy == "Snapshot")
        except Exception as error:  # noqa: BLE001 - whatever a type raises is that resource's failure
            logger.warning("delete of %s (%s) failed: %s", one.logical_id, physical_id, error)
            event(stack, one.logical_id, kind, "DELETE_FAILED", str(error), physical_id)
            failed[one.logical_id] = str(error)
            needed |= _dependencies(template, one.logical_id, names)
        else:
            event(stack, one.logical_id, kind, "DELETE_COMPLETE", physical_id=physical_id)
    return failed


def _dependencies(template: dict[str, Any], logical_id: str, names: set[str]) -> set[str]:
    definition = template.get("Resources", {}).get(logical_id)
    found: set[str] = engine._extract_deps(definition, names) if definition else set()
    return found - {logical_id}
