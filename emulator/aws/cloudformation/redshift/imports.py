"""Resource import (``cdk import``): ministack knows how, but neither Redshift's types nor what the CLI asks first.

Nothing is called on the resource: the template's properties are taken for true, and differences stay as drift [D] "Resource import". AWS then
applies the stack's tags; ministack only says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from ministack.services.cloudformation import changesets, engine, handlers

if TYPE_CHECKING:
    from collections.abc import Callable

_summary = handlers._get_template_summary
_ACTION, _END = "GetTemplateSummary", b"</GetTemplateSummaryResult>"


def install(kind: str, keys: tuple[str, ...], exists: Callable[[str], bool]) -> None:
    """Let import change sets name resources of ``kind`` by ``keys``; a second time changes nothing."""

    def problem(name: str) -> str | None:
        return None if exists(name) else str(changesets._IMPORT_NOT_FOUND.format(type=kind, value=name))

    changesets._IMPORT_LOOKUPS[kind] = (keys, problem)
    handlers._ACTION_HANDLERS[_ACTION] = summary


def summary(params: dict[str, Any]) -> Any:
    """Answer GetTemplateSummary with ResourceIdentifierSummaries [D], by which the CLI learns what names a resource."""
    status, headers, body = _summary(params)
    text, refused = handlers._resolve_template(params)
    if status != 200 or refused or not text:
        return status, headers, body
    found: dict[str, list[str]] = {}
    for logical_id, resource in engine._parse_template(text).get("Resources", {}).items():
        found.setdefault(resource["Type"], []).append(logical_id)
    members = "".join(
        f"<member><ResourceType>{escape(kind)}</ResourceType><LogicalResourceIds>{_list(names)}</LogicalResourceIds>"
        f"<ResourceIdentifiers>{_list(changesets._IMPORT_LOOKUPS[kind][0])}</ResourceIdentifiers></member>"
        for kind, names in found.items()
        if kind in changesets._IMPORT_LOOKUPS
    )
    added = f"<ResourceIdentifierSummaries>{members}</ResourceIdentifierSummaries>".encode()
    written = body if isinstance(body, bytes) else str(body).encode()
    return status, headers, written.replace(_END, added + _END)


def _list(names: Any) -> str:
    return "".join(f"<member>{escape(name)}</member>" for name in names)
