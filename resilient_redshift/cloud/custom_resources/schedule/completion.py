"""Whether a request about a snapshot schedule, or about a cluster's association, is done. It only reads.

An association may take long. At the deadline the request succeeds, and its attribute says ``Pending``.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.custom_resources.expectations import (
    EXPECT_ASSOCIATION,
    EXPECT_NOTHING,
    EXPECT_RELEASE,
    expectation,
)
from resilient_redshift.cloud.custom_resources.schedule.properties import (
    same_times,
    wanted_association,
    wanted_schedule,
)
from resilient_redshift.cloud.custom_resources.waiting import NotYet, keep_waiting, read_patiently, waited_for
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.redshift import clusters, snapshot_schedules

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

#: How long an association may be MODIFYING. Terraform waits 75 minutes, and a custom resource has 60.
DEADLINE: Final = timedelta(minutes=20)
ACTIVE: Final = "ACTIVE"
#: The value of the attribute ScheduleState where an association is still MODIFYING at the deadline.
PENDING: Final = "Pending"

Completion = bool | dict[str, Any]


def schedule_is_complete(request: Request, runtime: Runtime) -> Completion:
    """Return whether the schedule reads back as wanted.

    Where the request changed the times, none of its clusters may still be taking them over.

    Raises:
        Failed: the schedule is not as wanted, and waiting longer is pointless.
    """
    if request.kind == "Delete":
        return True
    want = wanted_schedule(request)
    waited = waited_for(request, runtime)
    client = runtime.redshift(request.region)
    live = read_patiently(
        waited, f"read the snapshot schedule {want.name!r}", lambda: snapshot_schedules.read(client, want.name)
    )
    if isinstance(live, NotYet):
        return False
    if live is None or not same_times(want.definitions, live.definitions):
        return keep_waiting(
            waited,
            f"the snapshot schedule {want.name!r} does not read back as wanted: live is "
            f"{list(live.definitions) if live else 'nothing'}; wanted is {list(want.definitions)}",
        )
    if not request.raw.get("Changed"):
        return True
    failed = live.in_state(snapshot_schedules.FAILED)
    if failed:
        raise Failed(
            f"the new times of the snapshot schedule {want.name!r} did not reach {', '.join(failed)}: the state is "
            "FAILED; look at the cluster's events, then deploy again"
        )
    return _answer(live.in_state(snapshot_schedules.MODIFYING), waited)


def association_is_complete(request: Request, runtime: Runtime) -> Completion:
    """Return whether the cluster has the schedule, or does not have it any more after a Delete.

    Raises:
        Failed: the cluster does not have the schedule, and waiting longer is pointless.
    """
    expect = expectation(request, EXPECT_ASSOCIATION)
    if expect == EXPECT_NOTHING:
        return True
    want = wanted_association(request)
    waited = waited_for(request, runtime)
    client = runtime.redshift(request.region)
    live = read_patiently(waited, f"read the cluster {want.cluster!r}", lambda: clusters.read(client, want.cluster))
    if isinstance(live, NotYet):
        return False
    if expect == EXPECT_RELEASE:
        if live is None or live.being_deleted or live.schedule != want.schedule:
            return True
        return _answer([want.cluster], waited)
    if live is None:
        raise Failed(
            f"the cluster {want.cluster!r} disappeared while it was given its snapshot schedule; find out who deleted "
            "it, then deploy again"
        )
    if live.schedule != want.schedule:
        return keep_waiting(
            waited,
            f"the snapshot schedule of the cluster {want.cluster!r} does not read back as wanted: live is "
            f"{live.schedule or 'none'}; wanted is {want.schedule}",
        )
    if live.schedule_state == snapshot_schedules.FAILED:
        raise Failed(
            f"the cluster {want.cluster!r} did not take the snapshot schedule {want.schedule!r}: the state is FAILED; "
            "look at the cluster's events, then deploy again"
        )
    return _answer([want.cluster] if live.schedule_state == snapshot_schedules.MODIFYING else [], waited)


def _answer(modifying: list[str], waited: timedelta) -> Completion:
    """Return the answer for clusters whose association is still MODIFYING."""
    if not modifying:
        return {"IsComplete": True, "Data": {"ScheduleState": ACTIVE}}
    if waited > DEADLINE:
        log.write(
            "WARNING",
            "the association is still MODIFYING at the deadline: the deployment goes on, ScheduleState is Pending",
            clusters=modifying,
        )
        return {"IsComplete": True, "Data": {"ScheduleState": PENDING}}
    log.write("INFO", "waiting", because="MODIFYING", clusters=modifying)
    return False
