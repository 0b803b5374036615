"""A snapshot schedule, as a custom resource: created, adopted, changed in place, and deleted only with both keys.

It is made together with its tags in one call. Its times reach the clusters that have it by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry, ambiguous, words
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.schedule.owner import KIND, OwnerTags
from resilient_redshift.cloud.custom_resources.schedule.properties import (
    WantedSchedule,
    removable_schedule,
    same_times,
    wanted_schedule,
)
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import snapshot_schedules

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.snapshot_schedules import LiveSchedule

EXPECT_SCHEDULE: Final = "schedule"


class SnapshotSchedule:
    """One request for one schedule, in the Region of the asking stack.

    Args:
        request: what CloudFormation asks.
        runtime: the world.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._now = runtime.now
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._retry = Retry(runtime)
        self._sent = False

    def create(self) -> dict[str, Any]:
        """Create the schedule, or adopt one of this name with these times."""
        return self._make(wanted_schedule(self._request), arriving=True)

    def update(self) -> dict[str, Any]:
        """Change the times in place; another name is a new schedule, and the old one goes only by its own Delete."""
        want = wanted_schedule(self._request)
        return self._make(want, arriving=self._request.physical_id != want.physical_id)

    def delete(self) -> dict[str, Any]:
        """Delete the schedule if both keys are turned; fail at once while a cluster has it."""
        want = removable_schedule(self._request)
        if want is None:
            log.write("INFO", "retained: no removal policy 'destroy', or not ours", id=self._request.physical_id)
        else:
            self._retry.call(f"delete the snapshot schedule {want.name!r}", lambda: self._delete(want))
        return {"PhysicalResourceId": self._request.physical_id}

    def _make(self, want: WantedSchedule, *, arriving: bool) -> dict[str, Any]:
        what = f"create the snapshot schedule {want.name!r}"
        live = self._retry.call(what, lambda: self._create_or_find(want))
        changed = live is None or self._keep(want, live, arriving=arriving)
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"ScheduleIdentifier": want.name},
            "Expect": EXPECT_SCHEDULE,
            "Changed": changed,
            "Since": self._now().isoformat(),
        }

    def _create_or_find(self, want: WantedSchedule) -> LiveSchedule | None:
        """One try: None when the schedule was created by this invocation, else the one that stood there."""
        live = snapshot_schedules.read(self._client, want.name)
        record = ownership.on_creation(self._request)
        if live is not None:
            return None if self._sent and ownership.read(KIND, live.tags) == record else live
        log.write("INFO", "CreateSnapshotSchedule", schedule=want.name, definitions=want.definitions)
        try:
            self._client.create_snapshot_schedule(
                ScheduleIdentifier=want.name,
                ScheduleDefinitions=list(want.definitions),
                Tags=ownership.as_list(record.tags(KIND)),
            )
        except self._client.exceptions.SnapshotScheduleAlreadyExistsFault as error:
            raise Busy(f"a snapshot schedule of this name was created meanwhile ({words(error)})") from error
        except Exception as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return None

    def _keep(self, want: WantedSchedule, live: LiveSchedule, *, arriving: bool) -> bool:
        """Own the schedule that stands, with the wanted times; return whether these had to be changed."""
        owner = ownership.read(KIND, live.tags)
        foreign = owner is not None and owner.stack != self._request.stack
        # by this very resource: after a rename's changed times a rollback, which is a Delete, would leave them changed
        made_here = owner is not None and owner.is_of(self._request)
        same = same_times(want.definitions, live.definitions)
        if not arriving and owner is not None and foreign:
            if not same:
                raise Refused(
                    f"the snapshot schedule {want.name!r} is owned by {owner.stack}: change it there; if that stack is "
                    f"gone or has given it up, remove the tag {ownership.tag_names(KIND)[0]!r} from the schedule and "
                    "deploy again; nothing was changed"
                )
            log.write("WARNING", "not the owner, and nothing to change", schedule=want.name, owner=owner.stack)
            return False
        if arriving and not same and not made_here and not want.replace:
            raise Refused(
                f"the snapshot schedule {want.name!r} exists with other times, "
                f"{f'owned by {owner.stack}' if owner else 'owned by no stack'}: live is {list(live.definitions)}; "
                f"wanted is {list(want.definitions)}; give the live times to adopt it and change them in a later "
                "deploy, choose another schedule_identifier, or pass replace_existing=True; nothing was changed"
            )
        record = (
            ownership.on_arrival(self._request)
            if arriving
            else ownership.on_update(self._request, owner, destroy=want.destroy)
        ).tags(KIND)
        tags = OwnerTags(
            self._client,
            self._retry,
            self._request.arn(f"snapshotschedule:{want.name}"),
            f"the snapshot schedule {want.name!r}",
        )
        tags.write(live.tags, record)
        if not same:
            try:
                self._retry.call(f"change the times of the snapshot schedule {want.name!r}", lambda: self._modify(want))
            except ProviderError:
                tags.put_back(live.tags, record)
                raise
        return not same

    def _modify(self, want: WantedSchedule) -> None:
        log.write("INFO", "ModifySnapshotSchedule", schedule=want.name, definitions=want.definitions)
        self._client.modify_snapshot_schedule(ScheduleIdentifier=want.name, ScheduleDefinitions=list(want.definitions))

    def _delete(self, want: WantedSchedule) -> None:
        live = snapshot_schedules.read(self._client, want.name)
        owner = ownership.read(KIND, live.tags) if live is not None else None
        if live is None or owner is None or not owner.may_destroy(self._request):
            log.write("INFO", "retained", schedule=want.name, owner=owner and owner.stack)
            return
        leaving = live.in_state(snapshot_schedules.MODIFYING)
        having = sorted(set(live.clusters) - set(leaving))
        if having:
            raise Failed(
                f"the snapshot schedule {want.name!r} is in use: {', '.join(having)} still has it; give each cluster "
                "another schedule or none first, or keep the schedule (removal policy 'retain'); nothing was changed"
            )
        if leaving:
            raise Busy(f"the association with {', '.join(leaving)} is being changed")
        log.write("INFO", "DeleteSnapshotSchedule", schedule=want.name)
        try:
            self._client.delete_snapshot_schedule(ScheduleIdentifier=want.name)
        except self._client.exceptions.SnapshotScheduleNotFoundFault:
            return
