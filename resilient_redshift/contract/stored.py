"""Reads what this library keeps in Parameter Store. The command and the functions read it here, and nowhere else.

Anybody who may write a parameter may spoil it. So a reader gets what is right of it, and one problem for each part that
is wrong. The problem names the parameter and the field. The reader stops only if it needs that field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.names import drills_name, endpoint_name, lineage_name, plan_record_name
from resilient_redshift.contract.schemas import (
    DRILLS_SCHEMA,
    ENDPOINT_SCHEMA,
    PLAN_RECORD_SCHEMA,
    PLAN_RECORD_VERSION,
)
from resilient_redshift.contract.understood import Understood, object_of, read_time, shown, understand
from resilient_redshift.contract.watching import ALONE, HEARTBEAT_SCHEMA, WATCH_RECORD_SCHEMA
from resilient_redshift.rules.naming import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_REGION: Final = (REGION, "a Region's name such as us-west-2")
_ARN: Final = (re.compile(r"arn:[^:\s]+:[^:\s]+:[a-z0-9-]+:[0-9]{12}:\S+"), "an ARN with a Region and an account")
#: Texts of the record whose form a reader relies on.
_FORMS: Final = {
    "cluster.region": _REGION,
    "recovery.region": _REGION,
    "drill.cluster_prefix": (re.compile(r"drill-[0-9a-f]{8}-"), "'drill-', 8 hexadecimal digits and '-'"),
    "machines.restore": _ARN,
    "machines.snapshot": _ARN,
    "functions.clean_up": _ARN,
}
#: The parts of a record that are worth knowing in part, and what each needs all the same.
_IN_PART: Final = {
    **dict.fromkeys(("cluster", "recovery", "objectives", "copy", "restore", "drill"), ()),
    "rules[]": ("rule",),
    "drill.rehearsals[]": ("name",),
}
#: The fields without which a record is of no use to anybody.
_IDENTITY: Final = ("version", "plan", "cluster.identifier", "cluster.region", "recovery.region")
#: What the record needs so that this Region can restore the cluster.
_TO_RESTORE: Final = (
    "recovery.encryption_key",
    "recovery.subnet_group",
    "recovery.parameter_group",
    "recovery.security_groups",
)
#: Who starts a restore needs its machine. The machine itself does not look it up.
_MACHINE: Final = "machines.restore"
#: The parts of which a restore can use what is right.
_USABLE_IN_PART: Final = ("recovery.security_groups",)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A parameter that holds an object, as far as it is understood.

    Args:
        parameter: the name of the parameter.
        understood: what is right of it, and what is not.
    """

    parameter: str
    understood: Understood

    @property
    def value(self) -> dict[str, Any]:
        """What is right of it."""
        return self.understood.value

    @property
    def problems(self) -> list[str]:
        """What is not understood. Each text names the parameter and the field."""
        return [not_understood(self.parameter, one) for one in self.understood.said]


def not_understood(parameter: str, problem: str) -> str:
    """The words for a field that is not understood."""
    return f"{parameter} is not understood: {problem}"


def read_record(text: object, plan: str) -> Stored:
    """Read the record of a plan.

    Args:
        text: the value of the parameter.
        plan: the name of the plan.
    """
    value = object_of(text)
    understood = understand(PLAN_RECORD_SCHEMA, value, in_part=_IN_PART, forms=_FORMS)
    if _is_of_another_version(value, understood):
        # no field of another version means what it means in this one
        version = shown((value or {}).get("version"))
        problem = f"is of version {version}; this release reads {PLAN_RECORD_VERSION}"
        understood = Understood(value={}, problems={"": problem})
    elif understood.value.get("plan", plan) != plan:
        understood = Understood(value={}, problems={"": f"belongs to another plan, {shown(understood.value['plan'])}"})
    return Stored(parameter=plan_record_name(plan), understood=understood)


def _is_of_another_version(value: Mapping[str, Any] | None, understood: Understood) -> bool:
    return value is not None and "version" in value and "version" not in understood.value


def unusable(stored: Stored) -> list[str]:
    """Why a record is of no use to anybody: what it lacks to say which plan it is, and where. Empty: it is of use."""
    return stored.understood.wrong(*_IDENTITY)


def unusable_in(stored: Stored, region: str) -> list[str]:
    """Why a record is no record of the recovery Region that a function runs in. Empty: it is one."""
    wrong, record = unusable(stored), stored.value
    if wrong:
        return wrong
    there, home = record["recovery"]["region"], record["cluster"]["region"]
    wrong += [f"recovery.region is {there}, must be {region}"] if there != region else []
    return wrong + ([f"cluster.region is {home}, must be another Region"] if home == region else [])


def unable_to_restore(stored: Stored) -> list[str]:
    """What a record lacks to restore its cluster. Empty: nothing."""
    wrong = stored.understood.wrong(*(path for path in _TO_RESTORE if path not in _USABLE_IN_PART))
    for path in _USABLE_IN_PART:
        part, _, name = path.partition(".")
        if not stored.value.get(part, {}).get(name):
            wrong += stored.understood.wrong(path) or [f"{path} is an empty list"]
    return wrong


def unable_to_start(stored: Stored) -> list[str]:
    """What a record lacks so that a restore of its cluster can be started and ends well. Empty: nothing."""
    return stored.understood.wrong(_MACHINE) + unable_to_restore(stored)


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The recorded lineage of a plan: the ClusterCreateTime of the cluster that the plan is for.

    Args:
        time: the lineage. None: none is recorded, or it is not understood.
        problem: why it is not understood. Empty: it is, or none is recorded.
    """

    time: datetime | None = None
    problem: str = ""


def read_lineage(text: object, plan: str, record: Mapping[str, Any]) -> Lineage:
    """Read the lineage that is recorded for a plan.

    Args:
        text: the value of the parameter that runs write: the lineage as first seen, or as accepted. None: there is no
            such parameter.
        plan: the name of the plan.
        record: what is understood of the plan's record. Its lineage counts where the parameter has no time.
    """
    time = read_time(text)
    problem = f"it is {shown(text)}, must be a time such as 2026-11-24T03:00:00Z"
    wrong = not_understood(lineage_name(plan), problem) if text is not None and time is None else ""
    return Lineage(time=time or read_time(record.get("lineage")), problem=wrong)


def read_endpoint(text: object, plan: str) -> Stored:
    """Read what the last failover of a plan published.

    Args:
        text: the value of the parameter.
        plan: the name of the plan.
    """
    return Stored(
        parameter=endpoint_name(plan), understood=understand(ENDPOINT_SCHEMA, object_of(text), in_part={"snapshot": ()})
    )


def read_drills(text: object, plan: str) -> Stored:
    """Read what the drills of a plan remember.

    Args:
        text: the value of the parameter.
        plan: the name of the plan.
    """
    return Stored(parameter=drills_name(plan), understood=understand(DRILLS_SCHEMA, object_of(text)))


def read_watch(text: object, parameter: str) -> Stored:
    """Read the record of a watch. What it has of ``watch_for`` and ``repair`` counts in part.

    Args:
        text: the value of the parameter.
        parameter: the name of the parameter.
    """
    in_part = {"watch_for": (), "watch_for.declared": (), "repair": ()}
    return Stored(parameter=parameter, understood=understand(WATCH_RECORD_SCHEMA, object_of(text), in_part=in_part))


def unusable_watch(stored: Stored) -> list[str]:
    """Why nobody can watch anything with the record of a watch. Empty: it is of use."""
    wrong = stored.understood.wrong("version", "watch", "side", "cluster.identifier", "cluster.region")
    if not wrong and stored.value["side"] != ALONE:
        wrong = stored.understood.wrong("plan", "heartbeat.region")
    return wrong


def read_heartbeat(text: object, parameter: str) -> Stored:
    """Read the heartbeat of a primary's watcher.

    Args:
        text: the value of the parameter.
        parameter: the name of the parameter.
    """
    return Stored(parameter=parameter, understood=understand(HEARTBEAT_SCHEMA, object_of(text)))
