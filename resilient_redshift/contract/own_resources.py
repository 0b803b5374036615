"""Recognises this library's custom resources in a template.

Another library may use the same names of types: AWS's Modern Data Architecture Accelerator has a
``Custom::RedshiftSnapshotCopy`` too. Therefore a resource is this library's only when it has the properties that only
this library gives to that type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, SCHEDULE_TYPE

#: The properties that every resource of ours has, and that another library's resource of the same type does not have.
_OWN_PROPERTIES: Final[Mapping[str, frozenset[str]]] = {
    COPY_TYPE: frozenset({"AcceptLossOfCopies"}),
    GRANT_TYPE: frozenset({"RemovalPolicy", "SnapshotCopyGrantName"}),
    SCHEDULE_TYPE: frozenset({"ReplaceExisting", "ScheduleDefinitions"}),
    ASSOCIATION_TYPE: frozenset({"ReplaceExisting", "ScheduleIdentifier"}),
}


def own_type(kind: object, properties: object) -> str | None:
    """The type of this library's copy, grant, schedule or association; None for any other resource.

    Args:
        kind: the resource's type.
        properties: the resource's properties, as the template holds them.
    """
    if not isinstance(kind, str) or not isinstance(properties, Mapping):
        return None
    own = _OWN_PROPERTIES.get(kind)
    return kind if own is not None and own <= properties.keys() else None
