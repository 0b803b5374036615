"""Has the schedule arrived? Only reads. An association may take long: at the deadline it is green, and says Pending."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.patient_reads import NotYet, not_for_ever, read_patiently, waited_for
from resilient_redshift.cloud.custom_resources.schedule.association import (
    EXPECT_ASSOCIATION,
    EXPECT_NOTHING,
    EXPECT_RELEASE,
)
from resilient_redshift.cloud.custom_resources.schedule.properties import (
    same_times,
    wanted_association,
    wanted_schedule,
)
from resilient_redshift.cloud.errors import Failed
from resilient_redshift.cloud.redshift import clusters as cluster
from resilient_redshift.cloud.redshift import snapshot_schedules

if TYPE_CHECKING:
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request

#: How long an association may be MODIFYING; Terraform waits 75 minutes, and a custom resource has 60.
DEADLINE: Final = timedelta(minutes=20)
ACTIVE: Final = "ACTIVE"
#: What the attribute ScheduleState says of one that is still MODIFYING at the deadline.
PENDING: Final = "Pending"

Completion = bool | dict[str, Any]


def of_schedule(request: Request, runtime: Runtime) -> Completion:
    """Whether the schedule reads back as wanted, and its clusters have come to rest if we changed it.

    Raises:
        Failed: it does not, and waiting longer is pointless.
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
        return not_for_ever(
            waited,
            f"the snapshot schedule {want.name!r} does not read back as wanted: live is "
            f"{list(live.definitions) if live else 'nothing'}",
        )
    if not request.raw.get("Changed"):
        return True
    failed = live.in_state(snapshot_schedules.FAILED)
    if failed:
        raise Failed(
            f"the new times of the snapshot schedule {want.name!r} did not reach {', '.join(failed)}: the state is "
            "FAILED; look at the cluster's events, then deploy again"
        )
    return _come_to_rest(live.in_state(snapshot_schedules.MODIFYING), waited)


def of_association(request: Request, runtime: Runtime) -> Completion:
    """Whether the cluster has the schedule, or has let it go.

    Raises:
        Failed: it has not, and waiting longer is pointless.
    """
    expect = request.raw.get("Expect", EXPECT_NOTHING if request.kind == "Delete" else EXPECT_ASSOCIATION)
    if expect == EXPECT_NOTHING:
        return True
    want = wanted_association(request)
    waited = waited_for(request, runtime)
    client = runtime.redshift(request.region)
    live = read_patiently(waited, f"read the cluster {want.cluster!r}", lambda: cluster.read(client, want.cluster))
    if isinstance(live, NotYet):
        return False
    if expect == EXPECT_RELEASE:
        if live is None or live.going or live.schedule != want.schedule:
            return True
        return _come_to_rest([want.cluster], waited)
    if live is None:
        raise Failed(f"the cluster {want.cluster!r} disappeared while it was given its snapshot schedule")
    if live.schedule != want.schedule:
        return not_for_ever(
            waited,
            f"the snapshot schedule of the cluster {want.cluster!r} does not read back as wanted: live is "
            f"{live.schedule or 'none'}",
        )
    if live.schedule_state == snapshot_schedules.FAILED:
        raise Failed(
            f"the cluster {want.cluster!r} did not take the snapshot schedule {want.schedule!r}: the state is FAILED; "
            "look at the cluster's events, then deploy again"
        )
    return _come_to_rest([want.cluster] if live.schedule_state == snapshot_schedules.MODIFYING else [], waited)


def _come_to_rest(changing: list[str], waited: timedelta) -> Completion:
    if not changing:
        return {"IsComplete": True, "Data": {"ScheduleState": ACTIVE}}
    if waited > DEADLINE:
        log.write("WARNING", "still MODIFYING at the deadline", clusters=changing)
        return {"IsComplete": True, "Data": {"ScheduleState": PENDING}}
    log.write("INFO", "waiting", because="MODIFYING", clusters=changing)
    return False
