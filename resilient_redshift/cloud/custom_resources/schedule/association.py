"""Which snapshot schedule a cluster has, as a custom resource.

**First the tags, then the association**, for the reasons in ``snapshot_copy.py``: a Delete judges rightly wherever an
invocation died. A schedule of somebody else's is replaced only when told or when its times are the same; what was there
is remembered, and given back by a Delete that undoes it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry, ambiguous
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.schedule.owner import KIND, TAG_FORMER, OwnerTags
from resilient_redshift.cloud.custom_resources.schedule.properties import (
    WantedAssociation,
    removable_association,
    same_times,
    wanted_association,
)
from resilient_redshift.cloud.errors import Busy, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters as cluster
from resilient_redshift.cloud.redshift import snapshot_schedules

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.custom_resources.ownership import Record
    from resilient_redshift.cloud.redshift.clusters import LiveCluster

EXPECT_ASSOCIATION: Final = "association"
EXPECT_RELEASE: Final = "release"
EXPECT_NOTHING: Final = "nothing"


class SnapshotScheduleAssociation:
    """One request for one cluster's schedule.

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
        """Give the cluster the schedule, or adopt the association; over another schedule refuse and touch nothing."""
        return self._arrive(wanted_association(self._request))

    def update(self) -> dict[str, Any]:
        """Bring the cluster to the schedule, judged by what is live: a rollback is an update as well."""
        want = wanted_association(self._request)
        if self._request.physical_id != want.physical_id:
            return self._arrive(want)
        live = self._read(want)
        owner = ownership.read(KIND, live.tags)
        if owner is not None and owner.stack != self._request.stack:
            if live.schedule != want.schedule:
                raise Refused(
                    f"the snapshot schedule of the cluster {want.cluster!r} is owned by {owner.stack}: change it "
                    f"there; if that stack is gone or has given it up, remove the tag "
                    f"{ownership.tag_names(KIND)[0]!r} from the cluster and deploy again; nothing was changed"
                )
            log.write("WARNING", "not the owner, and nothing to change", cluster=want.cluster, owner=owner.stack)
            return self._answer(want, changed=False)
        record = ownership.on_update(self._request, owner, destroy=want.destroy)
        if _has(live, want):
            self._tags(want).write(live.tags, record.tags(KIND))
            return self._answer(want, changed=False)
        self._associate(want, live, record.tags(KIND))
        return self._answer(want, changed=True)

    def delete(self) -> dict[str, Any]:
        """Give back the former schedule, or none, if both keys are turned; otherwise change nothing."""
        want = removable_association(self._request)
        expect = EXPECT_NOTHING
        if want is None:
            log.write("INFO", "retained: no removal policy 'destroy', or not ours", id=self._request.physical_id)
        elif self._retry.call(_releasing(want), lambda: self._release(want)):
            self._tags(want).forget(*ownership.tag_names(KIND), TAG_FORMER)
            expect = EXPECT_RELEASE
        return {
            "PhysicalResourceId": self._request.physical_id,
            "Expect": expect,
            "Since": self._now().isoformat(),
        }

    def _arrive(self, want: WantedAssociation) -> dict[str, Any]:
        """The resource is new to this cluster: a Create, or an update to another cluster."""
        live = self._read(want)
        if _has(live, want):
            self._tags(want).write(live.tags, ownership.on_arrival(self._request).tags(KIND))
            return self._answer(want, changed=False)
        self._check_replaces(want, live, ownership.read(KIND, live.tags))
        tags = ownership.on_creation(self._request).tags(KIND)
        if live.schedule != want.schedule and (live.schedule or live.tags.get(TAG_FORMER)):
            # an empty value says: there was none, whatever an older life of this record remembers
            tags[TAG_FORMER] = live.schedule or ""
        self._associate(want, live, tags)
        return self._answer(want, changed=True)

    def _read(self, want: WantedAssociation) -> LiveCluster:
        what = f"read the cluster {want.cluster!r}"
        live = self._retry.call(what, lambda: cluster.read(self._client, want.cluster))
        if live is None:
            raise Refused(f"there is no cluster {want.cluster!r} in {self._request.region}; nothing was changed")
        return live

    def _check_replaces(self, want: WantedAssociation, live: LiveCluster, owner: Record | None) -> None:
        """Raise where the cluster has a schedule that is not this stack's to replace."""
        if live.schedule is None or live.schedule == want.schedule or want.replace:
            return
        theirs = self._schedule(live.schedule)
        maker = ownership.read(KIND, theirs.tags) if theirs else None
        # not by the cluster's own record: it outlives what an operator gave the cluster since
        if maker is not None and maker.stack == self._request.stack:
            return
        ours = self._schedule(want.schedule)
        if theirs and ours and same_times(theirs.definitions, ours.definitions):
            return
        raise Refused(
            f"the cluster {want.cluster!r} has another snapshot schedule, {live.schedule!r}, "
            f"{f'owned by {owner.stack}' if owner else 'owned by no stack'}: its times are "
            f"{list(theirs.definitions) if theirs else 'unknown'}; give the same times to take it over, or pass "
            "replace_existing=True; nothing was changed"
        )

    def _schedule(self, name: str) -> snapshot_schedules.LiveSchedule | None:
        what = f"read the snapshot schedule {name!r}"
        return self._retry.call(what, lambda: snapshot_schedules.read(self._client, name))

    def _associate(self, want: WantedAssociation, live: LiveCluster, tags: dict[str, str]) -> None:
        what = f"give the cluster {want.cluster!r} the snapshot schedule {want.schedule!r}"
        live.require_startable(what)
        self._tags(want).write(live.tags, tags)
        found = live.schedule
        try:
            self._retry.call(what, lambda: self._try_associate(want, what, found))
        except ProviderError:
            if self._is_on_after_all(want):
                return
            self._tags(want).put_back(live.tags, tags)
            raise

    def _try_associate(self, want: WantedAssociation, what: str, found: str | None) -> None:
        live = cluster.read(self._client, want.cluster)
        if live is None:
            raise Refused(f"there is no cluster {want.cluster!r} any more; nothing was changed")
        if _has(live, want):
            return
        if live.schedule != found:
            raise Refused(
                f"somebody else gave the cluster {want.cluster!r} the snapshot schedule {live.schedule!r} meanwhile; "
                "deploy again"
            )
        live.require_startable(what)
        log.write("INFO", "ModifyClusterSnapshotSchedule", cluster=want.cluster, schedule=want.schedule)
        try:
            self._client.modify_cluster_snapshot_schedule(
                ClusterIdentifier=want.cluster, ScheduleIdentifier=want.schedule
            )
        except (ClientError, BotoCoreError) as error:
            self._sent = self._sent or ambiguous(error)
            raise

    def _is_on_after_all(self, want: WantedAssociation) -> bool:
        """Whether a call whose answer was lost worked."""
        if not self._sent:
            return False
        try:
            live = cluster.read(self._client, want.cluster)
        except (ClientError, BotoCoreError):
            return False
        return live is not None and _has(live, want)

    def _release(self, want: WantedAssociation) -> bool:
        """One try; false if there is nothing of ours to end."""
        live = cluster.read(self._client, want.cluster)
        if self._sent and (live is None or live.schedule != want.schedule):
            return True
        reason = self._kept(want, live)
        if live is None or reason:
            log.write("INFO", "retained", cluster=want.cluster, because=reason)
            return False
        if live.schedule_state == snapshot_schedules.MODIFYING:
            raise Busy(f"the snapshot schedule of the cluster {want.cluster!r} is being changed")
        live.require_startable(_releasing(want))
        former = live.tags.get(TAG_FORMER, "")
        back = bool(former) and former != want.schedule and snapshot_schedules.read(self._client, former) is not None
        log.write("INFO", "ModifyClusterSnapshotSchedule", cluster=want.cluster, schedule=former if back else None)
        errors = self._client.exceptions
        try:
            if back:
                self._client.modify_cluster_snapshot_schedule(ClusterIdentifier=want.cluster, ScheduleIdentifier=former)
            else:
                self._client.modify_cluster_snapshot_schedule(
                    ClusterIdentifier=want.cluster, ScheduleIdentifier=want.schedule, DisassociateSchedule=True
                )
        except errors.ClusterNotFoundFault:
            return False
        except (ClientError, BotoCoreError) as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return True

    def _kept(self, want: WantedAssociation, live: LiveCluster | None) -> str:
        """Why a Delete changes nothing; empty where both keys are turned and the live schedule is ours."""
        if live is None or live.going:
            return "the cluster is gone or going"
        owner = ownership.read(KIND, live.tags)
        if owner is None or not owner.is_of(self._request):
            return f"the recorded owner is {owner and owner.stack}, resource {owner and owner.resource}"
        if not owner.may_destroy(self._request):
            return "the cluster had this schedule before; an update with removal policy 'destroy' gives the second key"
        return "" if live.schedule == want.schedule else f"the live schedule is another: {live.schedule}"

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


def _has(live: LiveCluster, want: WantedAssociation) -> bool:
    """Whether the cluster has the schedule, or is about to; one that failed has to be given again."""
    return live.schedule == want.schedule and live.schedule_state != snapshot_schedules.FAILED


def _releasing(want: WantedAssociation) -> str:
    return f"take the snapshot schedule {want.schedule!r} from the cluster {want.cluster!r}"
