"""The properties of a snapshot schedule, and of its association with a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources.properties import Reader
from resilient_redshift.contract.names import ASSOCIATION_TYPE, SCHEDULE_TYPE
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.cloud.custom_resources.events import Request

_DEFINITION: Final = re.compile(r"cron\([0-9A-Za-z,*/ -]{5,200}\)|rate\([0-9]{1,2} hours?\)")
_DEFINITIONS: Final = "cron(Minutes Hours Day-of-week) or rate(N hours)"


@dataclass(frozen=True)
class WantedSchedule:
    """The schedule that a request wants to exist."""

    name: str
    definitions: tuple[str, ...]
    destroy: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """An id that names the schedule. Another name is another resource."""
        return f"snapshot-schedule/{self.name}"


@dataclass(frozen=True)
class WantedAssociation:
    """The schedule that a request wants one cluster to have."""

    cluster: str
    schedule: str
    destroy: bool
    replace: bool

    @property
    def physical_id(self) -> str:
        """An id that names the cluster, which has one schedule. It stays the same over updates, renames and moves."""
        return f"snapshot-schedule-association/{self.cluster}"


def same_times(one: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether two lists of definitions mean the same times. Order, case and spaces do not count."""
    return {_plain(each) for each in one} == {_plain(each) for each in other}


def _plain(definition: str) -> str:
    return " ".join(definition.lower().split()).replace(" hours)", " hour)")


def wanted_schedule(request: Request) -> WantedSchedule:
    """Read the properties of a schedule.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    reader = Reader(SCHEDULE_TYPE, request.properties)
    name = reader.text("ScheduleIdentifier", LABEL, LABEL_ALLOWED)
    definitions = reader.texts("ScheduleDefinitions", _DEFINITION, _DEFINITIONS)
    destroy = reader.destroy()
    replace = reader.flag("ReplaceExisting")
    reader.done()
    return WantedSchedule(name or "", definitions, destroy, replace)


def wanted_association(request: Request) -> WantedAssociation:
    """Read the properties of an association.

    Raises:
        Refused: a property cannot be used. The text lists every problem.
    """
    reader = Reader(ASSOCIATION_TYPE, request.properties)
    cluster = reader.cluster_identifier()
    schedule = reader.text("ScheduleIdentifier", LABEL, LABEL_ALLOWED)
    destroy = reader.destroy()
    replace = reader.flag("ReplaceExisting")
    reader.done()
    return WantedAssociation(cluster or "", schedule or "", destroy, replace)
