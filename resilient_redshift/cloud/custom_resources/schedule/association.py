"""The custom resource of an association: the snapshot schedule that a cluster has.

**First the tags, then the association**, for the reasons in docs/decisions/0004: whichever step an invocation dies at,
a later Delete decides correctly. A schedule of another owner is replaced only if the properties ask for that or its
times are the same. The former schedule is remembered, and a Delete that undoes the association gives it back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous, meaning
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_ASSOCIATION, EXPECT_NOTHING, EXPECT_RELEASE
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.custom_resources.ownership import SCHEDULE
from resilient_redshift.cloud.custom_resources.properties import removable
from resilient_redshift.cloud.custom_resources.schedule.properties import (
    WantedAssociation,
    same_times,
    wanted_association,
)
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters, snapshot_schedules

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.custom_resources.ownership import Record
    from resilient_redshift.cloud.redshift.clusters import LiveCluster

#: On a cluster: the schedule that it had before ours. An empty value means that it had none.
TAG_SCHEDULE_FORMER: Final = "resilient-redshift:schedule-former"
#: How often a request starts anew, or looks again, where another request works on the same cluster.
_ATTEMPTS: Final = 3


class SnapshotScheduleAssociation:
    """One request for the schedule of one cluster.

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
        """Give the cluster the schedule, or adopt the association.

        Another schedule is refused and not touched, unless the properties ask to replace it.
        """
        return self._create_or_adopt(wanted_association(self._request))

    def update(self) -> dict[str, Any]:
        """Give the cluster the wanted schedule. The live state decides, because a rollback is an Update as well."""
        want = wanted_association(self._request)
        if self._request.physical_id != want.physical_id:
            return self._create_or_adopt(want)
        live = self._read(want)
        owner = ownership.read(SCHEDULE, live.tags)
        if owner is not None and owner.stack != self._request.stack:
            if live.schedule != want.schedule:
                raise Refused(
                    f"the snapshot schedule of the cluster {want.cluster!r} is owned by {owner.stack}: change it "
                    f"there; if that stack is gone or has given the cluster up, remove the tag "
                    f"{ownership.tag_names(SCHEDULE)[0]!r} from the cluster and deploy again; nothing was changed"
                )
            log.write(
                "WARNING",
                "another stack is the owner, and nothing differs: nothing was changed",
                cluster=want.cluster,
                owner=owner.stack,
            )
            return self._answer(want, changed=False)
        if owner is None or not owner.complete:
            log.write("WARNING", "the owner's tags were removed: they are written again", cluster=want.cluster)
        record = ownership.updated_by(self._request, owner, destroy=want.destroy)
        if _is_associated(live, want):
            self._tags(want).write(live.tags, record.tags(SCHEDULE))
            return self._answer(want, changed=False)
        self._associate(want, live, record.tags(SCHEDULE))
        return self._answer(want, changed=True)

    def delete(self) -> dict[str, Any]:
        """Give back the former schedule, or none, if both keys are turned. Otherwise change nothing."""
        want = removable(self._request, wanted_association)
        expect = EXPECT_NOTHING
        if want is not None and self._retry.call(_releasing(want), lambda: self._release(want)) and self._end(want):
            expect = EXPECT_RELEASE
        return {
            "PhysicalResourceId": self._request.physical_id,
            "Expect": expect,
            "Since": self._now().isoformat(),
        }

    def _create_or_adopt(self, want: WantedAssociation) -> dict[str, Any]:
        """Serve a cluster that is new to this resource: a Create, or an Update that names another cluster."""
        for _ in range(_ATTEMPTS):
            live = self._read(want)
            if not _is_associated(live, want):
                return self._create(want, live)
            tags = ownership.adopted_by(self._request).tags(SCHEDULE)
            self._tags(want).write(live.tags, tags)
            if self._holds(want, live, tags):
                return self._answer(want, changed=False)
        raise Refused(
            f"the snapshot schedule of the cluster {want.cluster!r} was changed by somebody else while this request "
            "ran; deploy again"
        )

    def _holds(self, want: WantedAssociation, before: LiveCluster, tags: dict[str, str]) -> bool:
        """Look again after the tags of an adopter were written. Where the schedule is another one by now, undo them.

        A request that takes a schedule away looks at the owner again after it has done so. So at least one of the two
        requests sees the other. ``MODIFYING`` does not say whether the schedule comes or goes.
        """
        what = f"see whether the cluster {want.cluster!r} keeps the snapshot schedule {want.schedule!r}"
        try:
            now = self._retry.call(what, lambda: self._read_settled(want))
        except Failed as error:
            log.write("WARNING", "is_complete goes on looking", cluster=want.cluster, because=str(error))
            return True
        if _is_associated(now, want):
            return True
        log.write("WARNING", "another request changed the schedule meanwhile: trying again", cluster=want.cluster)
        self._undo(want, before, tags)
        return False

    def _read_settled(self, want: WantedAssociation) -> LiveCluster:
        live = self._read(want)
        if live.schedule == want.schedule and live.schedule_state == snapshot_schedules.MODIFYING:
            raise Busy(f"the snapshot schedule of the cluster {want.cluster!r} is being changed")
        return live

    def _undo(self, want: WantedAssociation, before: LiveCluster, tags: dict[str, str]) -> None:
        """Put the tags back as they were, unless another resource has written its own since."""
        try:
            now = clusters.read(self._client, want.cluster)
        except (ClientError, BotoCoreError) as error:
            log.write(
                "WARNING",
                "the former owner's tags were not restored: if an update of that owner is refused, do what its reason "
                "says",
                cluster=want.cluster,
                because=str(error),
            )
            return
        if now is not None and ownership.read(SCHEDULE, now.tags) == ownership.read(SCHEDULE, tags):
            self._tags(want).put_back(before.tags, tags)

    def _hold(self, want: WantedAssociation, tags: dict[str, str]) -> None:
        """Look again after the cluster was given the schedule. Write the tags again where another request removed them.

        A Create that lost may have written its record over this one. Whoever *adopted* the association since then is
        its owner, and is left alone.
        """
        record = ownership.read(SCHEDULE, tags)
        for _ in range(_ATTEMPTS):
            live = self._read(want)
            owner = ownership.read(SCHEDULE, live.tags)
            if (
                not _is_associated(live, want)
                or owner == record
                or (owner is not None and owner.origin == ownership.ADOPTED)
            ):
                return
            self._tags(want).write(live.tags, tags)

    def _create(self, want: WantedAssociation, live: LiveCluster) -> dict[str, Any]:
        self._check_replaces(want, live, ownership.read(SCHEDULE, live.tags))
        tags = ownership.created_by(self._request).tags(SCHEDULE)
        if live.schedule != want.schedule and (live.schedule or live.tags.get(TAG_SCHEDULE_FORMER)):
            # An empty tag means "no schedule before", and overrides an older record's value.
            tags[TAG_SCHEDULE_FORMER] = live.schedule or ""
        self._associate(want, live, tags)
        return self._answer(want, changed=True)

    def _read(self, want: WantedAssociation) -> LiveCluster:
        what = f"read the cluster {want.cluster!r}"
        live = self._retry.call(what, lambda: clusters.read(self._client, want.cluster))
        if live is None:
            raise Refused(f"there is no cluster {want.cluster!r} in {self._request.region}; nothing was changed")
        return live

    def _check_replaces(self, want: WantedAssociation, live: LiveCluster, owner: Record | None) -> None:
        """Refuse where the cluster has a schedule that this stack may not replace."""
        if live.schedule is None or live.schedule == want.schedule or want.replace:
            return
        theirs = self._schedule(live.schedule)
        # The record on the schedule decides, and not the record on the cluster. The cluster's record stays when an
        # operator gives the cluster another schedule.
        maker = ownership.read(SCHEDULE, theirs.tags) if theirs else None
        if maker is not None and maker.stack == self._request.stack:
            return
        ours = self._schedule(want.schedule)
        if theirs and ours and same_times(theirs.definitions, ours.definitions):
            return
        raise Refused(
            f"the cluster {want.cluster!r} has another snapshot schedule, {live.schedule!r}, "
            f"{f'owned by {owner.stack}' if owner else 'owned by no stack'}: its times are "
            f"{list(theirs.definitions) if theirs else 'unknown'}; declare the same times to take it over, or pass "
            "replace_existing=True; nothing was changed"
        )

    def _schedule(self, name: str) -> snapshot_schedules.LiveSchedule | None:
        what = f"read the snapshot schedule {name!r}"
        return self._retry.call(what, lambda: snapshot_schedules.read(self._client, name))

    def _associate(self, want: WantedAssociation, live: LiveCluster, tags: dict[str, str]) -> None:
        what = f"give the cluster {want.cluster!r} the snapshot schedule {want.schedule!r}"
        live.require_startable(what)
        self._tags(want).write(live.tags, tags)
        before = live.schedule
        try:
            self._retry.call(what, lambda: self._try_associate(want, what, before))
        except ProviderError:
            if not self._is_on_after_all(want):
                self._undo(want, live, tags)
                raise
        self._hold(want, tags)

    def _try_associate(self, want: WantedAssociation, what: str, before: str | None) -> None:
        live = clusters.read(self._client, want.cluster)
        if live is None:
            raise Refused(
                f"there is no cluster {want.cluster!r} any more: it was deleted while this request ran; the snapshot "
                f"schedule {want.schedule!r} itself was not changed"
            )
        if _is_associated(live, want):
            return
        if live.schedule != before:
            raise Refused(
                f"somebody else gave the cluster {want.cluster!r} the snapshot schedule {live.schedule!r} meanwhile; "
                "that schedule was left alone; find out who did it, then deploy again"
            )
        live.require_startable(what)
        log.write("INFO", "ModifyClusterSnapshotSchedule", cluster=want.cluster, schedule=want.schedule)
        self._modify(live, ScheduleIdentifier=want.schedule)

    def _modify(self, live: LiveCluster, **change: Any) -> None:  # noqa: ANN401 - the parameters of one call
        """Call ModifyClusterSnapshotSchedule.

        Redshift may accept the change in a state that this release does not know. So the state counts only after
        Redshift has refused the change for now.
        """
        try:
            self._client.modify_cluster_snapshot_schedule(ClusterIdentifier=live.identifier, **change)
        except (ClientError, BotoCoreError) as error:
            self._sent = self._sent or ambiguous(error)
            if meaning(error) is Meaning.BUSY:
                live.require_known()
            raise

    def _is_on_after_all(self, want: WantedAssociation) -> bool:
        """Return whether a call whose answer was lost has worked."""
        if not self._sent:
            return False
        try:
            live = clusters.read(self._client, want.cluster)
        except (ClientError, BotoCoreError):
            return False
        return live is not None and _is_associated(live, want)

    def _release(self, want: WantedAssociation) -> bool:
        """Make one attempt to end the association. Return False where there is nothing of this resource to end."""
        live = clusters.read(self._client, want.cluster)
        if self._sent and (live is None or live.schedule != want.schedule):
            return True
        reason = self._why_retained(want, live)
        if live is None or reason:
            log.write("INFO", "retained", cluster=want.cluster, because=reason)
            return False
        if live.schedule_state == snapshot_schedules.MODIFYING:
            raise Busy(f"the snapshot schedule of the cluster {want.cluster!r} is being changed")
        live.require_startable(_releasing(want))
        former = live.tags.get(TAG_SCHEDULE_FORMER, "")
        give_back = (
            bool(former) and former != want.schedule and snapshot_schedules.read(self._client, former) is not None
        )
        log.write("INFO", "ModifyClusterSnapshotSchedule", cluster=want.cluster, schedule=former if give_back else None)
        try:
            if give_back:
                self._modify(live, ScheduleIdentifier=former)
            else:
                self._modify(live, ScheduleIdentifier=want.schedule, DisassociateSchedule=True)
        except self._client.exceptions.ClusterNotFoundFault:
            return False
        return True

    def _end(self, want: WantedAssociation) -> bool:
        """Look at the owner again after the schedule was taken away. Remove the tags, or give another's schedule back.

        Returns:
            False where another resource has taken the association over since the owner was read. The cluster has the
            schedule again then.
        """
        what = f"read the cluster {want.cluster!r}"
        live = self._retry.call(what, lambda: clusters.read(self._client, want.cluster))
        owner = ownership.read(SCHEDULE, live.tags) if live is not None else None
        if owner is None or owner.is_of(self._request):
            self._tags(want).forget(*ownership.tag_names(SCHEDULE), TAG_SCHEDULE_FORMER)
            return True
        log.write(
            "WARNING",
            "another resource took the association over while this one ended it: giving the schedule back",
            cluster=want.cluster,
            owner=owner.stack,
        )
        what = f"give the cluster {want.cluster!r} the snapshot schedule {want.schedule!r} back"
        self._retry.call(what, lambda: self._give_back(want))
        return False

    def _give_back(self, want: WantedAssociation) -> None:
        live = clusters.read(self._client, want.cluster)
        if live is None or live.being_deleted:
            return
        if live.schedule_state == snapshot_schedules.MODIFYING:
            raise Busy(f"the snapshot schedule of the cluster {want.cluster!r} is being changed")
        if live.schedule != want.schedule:
            log.write("INFO", "ModifyClusterSnapshotSchedule", cluster=want.cluster, schedule=want.schedule)
            self._modify(live, ScheduleIdentifier=want.schedule)

    def _why_retained(self, want: WantedAssociation, live: LiveCluster | None) -> str:
        """Return why a Delete changes nothing.

        The text is empty where both keys are turned and the live schedule belongs to this resource.

        Raises:
            Refused: the association may be this resource's, and somebody removed the record that says so.
        """
        if live is None or live.being_deleted:
            return "the cluster does not exist or is being deleted"
        owner = ownership.read(SCHEDULE, live.tags)
        if owner is None or not owner.complete:
            if live.schedule == want.schedule:
                if live.schedule_state == snapshot_schedules.MODIFYING:
                    raise Busy(f"the snapshot schedule of the cluster {want.cluster!r} is being changed")
                command = (
                    f"aws redshift modify-cluster-snapshot-schedule --cluster-identifier {want.cluster} "
                    f"--schedule-identifier {want.schedule} --disassociate-schedule"
                )
                raise Refused(
                    ownership.removed_by_somebody(
                        f"the cluster {want.cluster!r}", f"its snapshot schedule {want.schedule!r}", command
                    )
                )
            return "the cluster has no record of an owner"
        if not owner.is_of(self._request):
            return f"the recorded owner is {owner.stack}, resource {owner.resource}"
        if not owner.may_destroy(self._request):
            return "this resource adopted the association; an update with the removal policy 'destroy' must come first"
        return "" if live.schedule == want.schedule else f"the live schedule is a different one: {live.schedule}"

    def _tags(self, want: WantedAssociation) -> OwnerTags:
        arn = self._request.arn(f"cluster:{want.cluster}")
        return OwnerTags(self._client, self._retry, arn, f"the snapshot schedule of the cluster {want.cluster!r}")

    def _answer(self, want: WantedAssociation, *, changed: bool) -> dict[str, Any]:
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"ClusterIdentifier": want.cluster, "ScheduleIdentifier": want.schedule},
            "Expect": EXPECT_ASSOCIATION,
            "Changed": changed,
            "Since": self._now().isoformat(),
        }


def _is_associated(live: LiveCluster, want: WantedAssociation) -> bool:
    """Return whether the cluster has the schedule, or is about to have it. A failed association must be made again."""
    return live.schedule == want.schedule and live.schedule_state != snapshot_schedules.FAILED


def _releasing(want: WantedAssociation) -> str:
    return f"take the snapshot schedule {want.schedule!r} from the cluster {want.cluster!r}"
