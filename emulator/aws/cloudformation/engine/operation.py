"""One operation on one stack: what it has, what it was, and what it says in events."""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from ministack.core.responses import new_uuid
from ministack.services import cloudformation as service
from ministack.services.cloudformation import engine, stacks

Record = dict[str, Any]
STACK = "AWS::CloudFormation::Stack"


@dataclass
class Replaced:
    """A resource that a replacement has put in the place of ``old``."""

    logical_id: str
    old: Record
    pending: list[Any] = field(default_factory=list)  # deletes that ministack's own type has queued


@dataclass
class Operation:
    """A create or an update of a stack.

    Attributes:
        stack: ministack's record of the stack, changed in place.
        previous: the same before this update; None for a create.
        records: what the stack holds now, by logical id.
        created: logical ids that this operation made, in order; a failed one too, if something may be left of it.
        updated: logical ids that it changed in place or tried to, in order, with the properties it sent.
        replaced: what got another physical id.
    """

    stack: dict[str, Any]
    template: dict[str, Any]
    parameters: dict[str, Any]
    tags: list[dict[str, str]]
    previous: dict[str, Any] | None = None
    keep_failed: bool = False
    retain_except_on_create: bool = False
    created: list[str] = field(default_factory=list)
    updated: dict[str, Record] = field(default_factory=dict)
    replaced: list[Replaced] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.stack["StackName"])

    @property
    def stack_id(self) -> str:
        return str(self.stack["StackId"])

    @property
    def records(self) -> dict[str, Record]:
        found: dict[str, Record] = self.stack.setdefault("_resources", {})
        return found

    @property
    def definitions(self) -> dict[str, Any]:
        found: dict[str, Any] = self.template.get("Resources", {})
        return found

    @property
    def conditions(self) -> dict[str, bool]:
        found: dict[str, bool] = engine._evaluate_conditions(self.template, self.parameters)
        return found

    def before(self, logical_id: str) -> Record | None:
        """The record that the stack had before this update."""
        return None if self.previous is None else self.previous.get("_resources", {}).get(logical_id)

    def resolve(self, value: Any) -> Any:
        """Resolve intrinsic functions against what stands now."""
        return engine._resolve_refs(
            copy.deepcopy(value),
            self.records,
            self.parameters,
            self.conditions,
            self.template.get("Mappings", {}),
            self.name,
            self.stack_id,
        )

    def tagged(self, kind: str, logical_id: str, properties: Record, *, previous: bool = False) -> Record:
        """Properties with the stack's tags, as a resource type is called with."""
        tags = (self.previous or {}).get("Tags") or [] if previous else self.tags
        found: Record = stacks._with_stack_tags(kind, properties, tags, self.name, self.stack_id, logical_id)
        return found

    def event(self, logical_id: str, kind: str, status: str, reason: str = "", physical_id: str = "") -> None:
        """Record an event."""
        event(self.stack, logical_id, kind, status, reason, physical_id)

    def status(self, status: str, reason: str = "") -> None:
        """Put the stack into a status and say so."""
        set_status(self.stack, status, reason)


def event(  # noqa: PLR0917 - the columns of an event, in their order
    stack: dict[str, Any],
    logical_id: str,
    kind: str,
    status: str,
    reason: str = "",
    physical_id: str = "",
    detail: str = "",
) -> None:
    """Record an event of a stack, in real time: the CDK's CLI shows only what is later than its own start."""
    found = {
        "StackId": stack["StackId"],
        "StackName": stack["StackName"],
        "EventId": new_uuid(),
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
        "Timestamp": dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
    }
    token = stacks.CLIENT_REQUEST_TOKEN.get()
    found.update({"ClientRequestToken": token} if token else {}, **({"DetailedStatus": detail} if detail else {}))
    service._stack_events.setdefault(stack["StackId"], []).append(found)


def set_status(stack: dict[str, Any], status: str, reason: str = "") -> None:
    """Put a stack into a status and say so; the event first, so that who sees the status finds the events complete."""
    event(stack, stack["StackName"], STACK, status, reason, stack["StackId"])
    stack["StackStatusReason"] = reason
    stack["StackStatus"] = status


def policy(
    template: dict[str, Any] | None,
    records: dict[str, Record],
    stack: dict[str, Any],
    logical_id: str,
    attribute: str,
) -> str:
    """DeletionPolicy or UpdateReplacePolicy of one resource, Delete unless given [D]."""
    found: str = stacks._resource_policy(
        (template or {}).get("Resources", {}).get(logical_id),
        attribute,
        records,
        stack.get("_resolved_params", {}),
        stack.get("_conditions", {}),
        (template or {}).get("Mappings", {}),
        stack["StackName"],
        stack["StackId"],
    )
    return found


def order(template: dict[str, Any] | None, conditions: dict[str, bool]) -> list[str]:
    """Logical ids, each after what it depends on."""
    found: list[str] = engine._topological_sort((template or {}).get("Resources", {}), conditions)
    return found
