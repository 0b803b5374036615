"""The properties of a snapshot schedule, and of its association with a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.contract.names import ASSOCIATION_TYPE, SCHEDULE_TYPE
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.cloud.custom_resources.events import Request

_DEFINITION: Final = re.compile(r"cron\([0-9A-Za-z,*/ -]{5,200}\)|rate\([0-9]{1,2} hours?\)")
_DEFINITIONS: Final = "cron(Minutes Hours Day-of-week) or rate(N hours)"


@dataclass(frozen=True)
class WantedSchedule:
    """What a request wants of a schedule."""

    name: str
    definitions: tuple[str, ...]
    destroy: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """Names the schedule: another name is another resource."""
        return f"snapshot-schedule/{self.name}"


@dataclass(frozen=True)
class WantedAssociation:
    """What a request wants of one cluster's schedule."""

    cluster: str
    schedule: str
    destroy: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """Names the cluster, which has one schedule: it stays the same over updates, renames and moves."""
        return f"snapshot-schedule-association/{self.cluster}"


def same_times(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether two lists of definitions say the same, whatever their order, case and spaces."""
    return {_plain(each) for each in one} == {_plain(each) for each in other}


def _plain(definition: str) -> str:
    return " ".join(definition.lower().split()).replace(" hours)", " hour)")


def wanted_schedule(request: Request) -> WantedSchedule:
    """Read the properties of a schedule.

    Raises:
        Refused: some property cannot be used; all are told.
    """
    reader = Reader(SCHEDULE_TYPE, request.properties)
    name = reader.text("ScheduleIdentifier", LABEL, LABEL_ALLOWED)
    definitions = reader.texts("ScheduleDefinitions", _DEFINITION, _DEFINITIONS)
    destroy, replace = _keys(reader)
    reader.done()
    return WantedSchedule(name or "", definitions, destroy, replace)


def wanted_association(request: Request) -> WantedAssociation:
    """Read the properties of an association.

    Raises:
        Refused: some property cannot be used; all are told.
    """
    reader = Reader(ASSOCIATION_TYPE, request.properties)
    cluster = reader.text("ClusterIdentifier", LABEL, LABEL_ALLOWED)
    schedule = reader.text("ScheduleIdentifier", LABEL, LABEL_ALLOWED)
    destroy, replace = _keys(reader)
    reader.done()
    return WantedAssociation(cluster or "", schedule or "", destroy, replace)


def removable_schedule(request: Request) -> WantedSchedule | None:
    """What a Delete may remove: nothing without the first key, for unusable properties, or for an id not of ours."""
    try:
        read = wanted_schedule(request)
    except Refused:
        return None
    return read if read.destroy and request.physical_id == read.physical_id else None


def removable_association(request: Request) -> WantedAssociation | None:
    """As :func:`removable_schedule`."""
    try:
        read = wanted_association(request)
    except Refused:
        return None
    return read if read.destroy and request.physical_id == read.physical_id else None


def _keys(reader: Reader) -> tuple[bool, bool]:
    destroy = reader.choice("RemovalPolicy", "retain", "destroy") == "destroy"
    return destroy, reader.choice("ReplaceExisting", "false", "true") == "true"
