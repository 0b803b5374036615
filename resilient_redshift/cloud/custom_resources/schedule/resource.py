"""The custom resource of a snapshot schedule: created, adopted, changed in place, deleted only with both keys.

One call creates the schedule together with its tags. Redshift itself brings changed times to the clusters that have the
schedule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous, words
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_SCHEDULE
from resilient_redshift.cloud.custom_resources.generated_names import check_generated_name
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.custom_resources.ownership import SCHEDULE
from resilient_redshift.cloud.custom_resources.properties import removable
from resilient_redshift.cloud.custom_resources.schedule.properties import WantedSchedule, same_times, wanted_schedule
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import snapshot_schedules
from resilient_redshift.contract.generated_names import is_generated_schedule

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.snapshot_schedules import LiveSchedule


class SnapshotSchedule:
    """One request for one schedule, in the Region of the requesting stack.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._now = runtime.now
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._retry = Retry(runtime)
        self._sent = False

    def create(self) -> dict[str, Any]:
        """Create the schedule, or adopt a schedule of this name that has these times."""
        return self._ensure(wanted_schedule(self._request), new_here=True)

    def update(self) -> dict[str, Any]:
        """Change the times in place.

        Another name is a new schedule, and only a Delete of its own removes the old one.
        """
        want = wanted_schedule(self._request)
        return self._ensure(want, new_here=self._request.physical_id != want.physical_id)

    def delete(self) -> dict[str, Any]:
        """Delete the schedule if both keys are turned. Fail at once while a cluster has it."""
        want = removable(self._request, wanted_schedule)
        if want is not None:
            self._retry.call(f"delete the snapshot schedule {want.name!r}", lambda: self._delete(want))
        return {"PhysicalResourceId": self._request.physical_id}

    def _ensure(self, want: WantedSchedule, *, new_here: bool) -> dict[str, Any]:
        what = f"create the snapshot schedule {want.name!r}"
        live = self._retry.call(what, lambda: self._create_or_find(want))
        changed = live is None or self._keep(want, live, new_here=new_here)
        if live is not None:
            # The Delete of the former owner may have deleted the schedule since it was found.
            self._retry.call(what, lambda: self._create_or_find(want))
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"ScheduleIdentifier": want.name},
            "Expect": EXPECT_SCHEDULE,
            "Changed": changed,
            "Since": self._now().isoformat(),
        }

    def _create_or_find(self, want: WantedSchedule) -> LiveSchedule | None:
        """Make one attempt.

        Returns:
            None where this invocation created the schedule, otherwise the schedule that existed.
        """
        live = snapshot_schedules.read(self._client, want.name)
        record = ownership.created_by(self._request)
        if live is not None:
            return None if self._sent and ownership.read(SCHEDULE, live.tags) == record else live
        check_generated_name(self._request, "ScheduleIdentifier", is_generated_schedule, argument="schedule_identifier")
        log.write("INFO", "CreateSnapshotSchedule", schedule=want.name, definitions=want.definitions)
        try:
            self._client.create_snapshot_schedule(
                ScheduleIdentifier=want.name,
                ScheduleDefinitions=list(want.definitions),
                Tags=ownership.as_list(record.tags(SCHEDULE)),
            )
        except self._client.exceptions.SnapshotScheduleAlreadyExistsFault as error:
            raise Busy(
                "Redshift says that a snapshot schedule of this name exists already, and does not show it yet "
                f"({words(error)})"
            ) from error
        except Exception as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return None

    def _keep(self, want: WantedSchedule, live: LiveSchedule, *, new_here: bool) -> bool:
        """Own a schedule that exists, and give it the wanted times. Return whether the times had to be changed."""
        owner = ownership.read(SCHEDULE, live.tags)
        same = same_times(want.definitions, live.definitions)
        if not new_here and owner is not None and owner.stack != self._request.stack:
            if not same:
                raise Refused(
                    f"the snapshot schedule {want.name!r} is owned by {owner.stack}: change it there; if that stack is "
                    f"gone or has given the schedule up, remove the tag {ownership.tag_names(SCHEDULE)[0]!r} from the "
                    "schedule and deploy again; nothing was changed"
                )
            log.write(
                "WARNING",
                "another stack is the owner, and nothing differs: nothing was changed",
                schedule=want.name,
                owner=owner.stack,
            )
            return False
        if not new_here and (owner is None or not owner.complete):
            log.write("WARNING", "the owner's tags were removed: they are written again", schedule=want.name)
        # The same stack is not enough: if a *renamed* construct changed the times, its rollback is a Delete, and the
        # new times would stay.
        made_here = owner is not None and owner.is_of(self._request)
        if new_here and not same and not made_here and not want.replace:
            raise Refused(
                f"the snapshot schedule {want.name!r} exists with other times, "
                f"{f'owned by {owner.stack}' if owner else 'owned by no stack'}: live is {list(live.definitions)}; "
                f"wanted is {list(want.definitions)}; declare the live times to adopt it and change them in a later "
                "deployment, choose another schedule_identifier, or pass replace_existing=True; nothing was changed"
            )
        record = (
            ownership.adopted_by(self._request)
            if new_here
            else ownership.updated_by(self._request, owner, destroy=want.destroy)
        ).tags(SCHEDULE)
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
        owner = ownership.read(SCHEDULE, live.tags) if live is not None else None
        if live is not None and (owner is None or not owner.complete):
            command = f"aws redshift delete-snapshot-schedule --schedule-identifier {want.name}"
            raise Refused(
                ownership.removed_by_somebody(f"the snapshot schedule {want.name!r}", "the schedule", command)
            )
        if live is None or owner is None or not owner.may_destroy(self._request):
            log.write(
                "INFO",
                "retained",
                because="the schedule does not exist, or is not this resource's own",
                schedule=want.name,
                owner=owner and owner.stack,
                origin=owner and owner.origin,
            )
            return
        leaving = live.in_state(snapshot_schedules.MODIFYING)
        staying = sorted(set(live.clusters) - set(leaving))
        if staying:
            raise Failed(
                f"the snapshot schedule {want.name!r} is in use: {', '.join(staying)} still has it; give each cluster "
                "another schedule or none first, or keep the schedule (removal policy 'retain'); nothing was changed"
            )
        if leaving:
            raise Busy(f"the association with {', '.join(leaving)} is being changed")
        log.write("INFO", "DeleteSnapshotSchedule", schedule=want.name)
        try:
            self._client.delete_snapshot_schedule(ScheduleIdentifier=want.name)
        except self._client.exceptions.SnapshotScheduleNotFoundFault:
            return
