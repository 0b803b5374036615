"""Refuses an update that would make a second resource only because its generated name changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resilient_redshift.cloud.custom_resources.events import Request


def former_properties(request: Request) -> Mapping[str, object]:
    """The properties before an Update; empty for another request."""
    former = request.raw.get("OldResourceProperties")
    return former if isinstance(former, dict) else {}


def check_generated_name(
    request: Request, property_name: str, is_generated: Callable[[object], bool], *, argument: str
) -> None:
    """Refuse an Update from one generated name to another.

    A generated name changes when somebody moves or renames the stack's construct in the app (decision 19). Nobody asked
    for another resource then. Call this before a resource is made. A rollback finds the former resource, and makes
    none.

    Args:
        request: the request; only an Update has a former name.
        property_name: the property with the name.
        is_generated: whether a name has the form of a generated name.
        argument: the argument of the construct that sets the name.

    Raises:
        Refused: both names are generated, and they differ.
    """
    old, new = former_properties(request).get(property_name), request.properties.get(property_name)
    if old != new and is_generated(old) and is_generated(new):
        raise Refused(
            f"{property_name}: the generated name changed from {old!r} to {new!r}, because the stack has another path "
            f"in the app, or a former release generated the name; to keep the name, pass {argument}={old!r}, or "
            "StackSettings(naming_path=...) with the path that the stack had before; nothing was changed"
        )
