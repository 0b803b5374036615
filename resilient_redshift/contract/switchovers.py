"""The contract of planned switchovers: their steps, their outcomes, and what they keep in Parameter Store.

The command ``resilient-redshift switchover`` writes all of it, with the operator's rights. A state has one version of
its parameter for each change, so that GetParameterHistory shows a switchover from its beginning.
"""

from __future__ import annotations

from typing import Any, Final

from resilient_redshift.contract.names import fence_name, switchover_name
from resilient_redshift.contract.stored import Stored
from resilient_redshift.contract.understood import object_of, understand

SWITCHOVER_VERSION: Final = 1
FENCE_VERSION: Final = 1

# the steps, in order
#: Clients are cut off from the cluster: a security group without ingress, and a reboot.
FENCE: Final = "fence"
#: A manual snapshot of the cluster, which begins after the fence is complete.
SNAPSHOT: Final = "snapshot"
#: The copy of that snapshot in the other Region.
COPY: Final = "copy"
#: The cluster that has the name in the other Region is renamed.
MAKE_ROOM: Final = "make room"
#: The restore machine restores that copy, checks the cluster and publishes its endpoint. A rehearsal runs a drill.
RESTORE: Final = "restore"
#: The parameters that say where the warehouse is are put right.
HAND_OVER: Final = "hand over"
STEPS: Final = (FENCE, SNAPSHOT, COPY, MAKE_ROOM, RESTORE, HAND_OVER)
#: The steps whose times the next plan shows.
MEASURED: Final = (SNAPSHOT, COPY, RESTORE)

#: The warehouse is in the other Region.
SWITCHED_OVER: Final = "SwitchedOver"
#: A rehearsal restored the copy, and the drill passed. One whose drill ends otherwise has that outcome.
REHEARSED: Final = "Rehearsed"
#: An operator ended the switchover before anything was published.
CALLED_OFF: Final = "CalledOff"

_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_FLAG: Final = {"type": "boolean"}
_SECONDS: Final = {"type": "number", "minimum": 0}
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


_STEP: Final = _object(
    {
        "name": {"enum": list(STEPS)},
        "started": _TIME,
        "ended": _TIME,
        # the command was not there all the time, so the length of the step is not known
        "interrupted": _FLAG,
    },
    "ended",
    "interrupted",
)
_STATE: Final = {
    "version": {"const": SWITCHOVER_VERSION},
    "id": _TEXT,
    "plan": _TEXT,
    "started": _TIME,
    # the ARN of who started it
    "by": _TEXT,
    "rehearsal": _FLAG,
    # whether the operator asked for the fence, and whether the fence was complete when the snapshot began
    "fence": _FLAG,
    "fenced": _FLAG,
    # the retention of the snapshot; -1 is for ever
    "keep_days": {"type": "integer", "minimum": -1, "maximum": 3653},
    "steps": {"type": "array", "items": _STEP},
    # the time at which the fence was complete, by AWS's clock
    "fenced_at": _TIME,
    "snapshot": _TEXT,
    # the time of the snapshot's data
    "data_of": _TIME,
    # the identifier of the copy in the other Region
    "copy": _TEXT,
    # the ClusterCreateTime of the cluster that may be renamed in the other Region
    "room": _TIME,
    "execution": _TEXT,
    "ended": _TIME,
    "outcome": _TEXT,
    # how long the steps took the last time that all of them were measured
    "measured": _object(
        {"at": _TIME, "rehearsal": _FLAG, **dict.fromkeys(MEASURED, _SECONDS)},
    ),
}
#: JSON Schema of the state of a switchover, version 1. Its lock has the same schema: it is the state at the beginning.
SWITCHOVER_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift switchover",
    **_object(_STATE, *list(_STATE)[10:]),
}

_FENCE: Final = {
    "version": {"const": FENCE_VERSION},
    "plan": _TEXT,
    "cluster": _TEXT,
    # the cluster's ClusterCreateTime: another cluster may get the name later
    "created": _TIME,
    # the security groups that the cluster had, and the one that it has instead
    "groups": {"type": "array", "items": _TEXT},
    "fence_group": _TEXT,
    "by": _TEXT,
    "at": _TIME,
    # when the cluster was available again after the reboot, by AWS's clock; absent before
    "complete": _TIME,
}
#: JSON Schema of what a fence replaced, version 1.
FENCE_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift fence",
    **_object(_FENCE, "complete"),
}


def read_switchover(text: object, plan: str) -> Stored:
    """Read the state or the lock of a switchover.

    Args:
        text: the value of the parameter.
        plan: the name of the plan.
    """
    return Stored(parameter=switchover_name(plan), understood=understand(SWITCHOVER_SCHEMA, object_of(text)))


def read_fence(text: object, plan: str) -> Stored:
    """Read what the fence of a plan's cluster replaced.

    Args:
        text: the value of the parameter.
        plan: the name of the plan.
    """
    return Stored(parameter=fence_name(plan), understood=understand(FENCE_SCHEMA, object_of(text)))
