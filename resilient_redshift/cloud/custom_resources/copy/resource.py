"""A cluster's snapshot copy, as a custom resource: enabled, adopted, changed, swapped, ended only with both keys.

**First the tags, then the copy.** A Create that finds the copy off writes the owner's record before it enables, so:

* a copy that we switched on is never without its owner, wherever the invocation dies: a Delete after it judges rightly;
* undoing a half-done Create never needs DisableSnapshotCopy, the one call that could end somebody's copy: it puts the
  tags back;
* dying in between leaves a record on a cluster without a copy. No Delete acts on that (there is nothing to end), the
  next Create goes on from it, and if someone else has switched the copy on meanwhile, that Create adopts it, which
  gives no second key.

Enabling first would leave, dying in between, a copy that nobody owns or that a former owner's record still claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.completion import EXPECT_COPY, EXPECT_NOTHING, EXPECT_OFF
from resilient_redshift.cloud.custom_resources.copy import former as copy_former
from resilient_redshift.cloud.custom_resources.copy import guard as copy_guard
from resilient_redshift.cloud.custom_resources.copy import losses as copies
from resilient_redshift.cloud.custom_resources.copy import reasons as copy_reasons
from resilient_redshift.cloud.custom_resources.copy.enabling import Enabling
from resilient_redshift.cloud.custom_resources.copy.properties import Wanted, removable, wanted
from resilient_redshift.cloud.custom_resources.copy.swap import Swap
from resilient_redshift.cloud.errors import ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters as cluster

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


class SnapshotCopy:
    """One request for one cluster's copy.

    Args:
        request: what CloudFormation asks.
        runtime: the world.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._runtime = runtime
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._retry = Retry(runtime)

    def create(self) -> dict[str, Any]:
        """Enable the copy, or adopt an equal one; over a different one refuse and touch nothing, unless told."""
        return self._arrive(wanted(self._request))

    def update(self) -> dict[str, Any]:
        """Bring the copy to what is wanted, judged by what is live: a rollback is an update with swapped properties."""
        want = wanted(self._request)
        if self._request.physical_id != want.physical_id:
            return self._arrive(want)
        live = self._read(want)
        owner = ownership.read(ownership.COPY, live.tags)
        if owner is not None and owner.stack != self._request.stack:
            if live.copy != want.settings:
                raise Refused(copy_reasons.not_owner(want, owner))
            log.write("WARNING", "not the owner, and nothing to change", cluster=want.identifier, owner=owner.stack)
            return self._answer(want, changed=False)
        found, live = live.copy, self._settle_or_go_on(want, live)
        if live.copy is None:
            self._enable(want, live)
            return self._answer(want, changed=True)
        tags = ownership.on_update(self._request, owner, destroy=want.destroy).tags(ownership.COPY)
        return self._answer(want, changed=self._bring_to(want, live, live.copy, tags) or found is None)

    def delete(self) -> dict[str, Any]:
        """End the copy if both keys are turned; otherwise change nothing, and mostly ask nothing either."""
        want = removable(self._request)
        answer = {"PhysicalResourceId": self._request.physical_id, "Expect": EXPECT_NOTHING, "Since": self._now()}
        if want is None:
            log.write("INFO", "retained: no removal policy 'destroy', or not ours", id=self._request.physical_id)
        elif self._retry.call(_disabling(want), lambda: self._disable(want)):
            self._forget(want)
            answer["Expect"] = EXPECT_OFF
        return answer

    def _arrive(self, want: Wanted) -> dict[str, Any]:
        """The resource is new to this cluster: a Create, or an update to another cluster."""
        found = self._read(want)
        # what somebody else's swap left off is his to bring back, unless we are told to replace it
        live = self._settle_or_go_on(want, found) if want.replace else self._swap(want).settle(found)
        if live.copy is None:
            self._enable(want, live)
            return self._answer(want, changed=True)
        if live.copy != want.settings and not want.replace:
            raise Refused(copy_reasons.different(want, live, brought_back=found.copy is None))
        tags = ownership.on_arrival(self._request).tags(ownership.COPY)
        return self._answer(want, changed=self._bring_to(want, live, live.copy, tags))

    def _bring_to(self, want: Wanted, live: LiveCluster, has: CopySettings, tags: dict[str, str]) -> bool:
        if has.same_place(want.settings):
            return self._change_retentions(want, live, has, tags)
        self._swap(want).run(live, has, tags)
        return True

    def _settle_or_go_on(self, want: Wanted, live: LiveCluster) -> LiveCluster:
        """End an interrupted swap; where the former copy cannot come back, the wanted one may still come."""
        try:
            return self._swap(want).settle(live)
        except ProviderError as error:
            if copy_former.read(live.tags) == want.settings:
                raise
            log.write("WARNING", "the former copy does not come back", cluster=want.identifier, because=str(error))
            return live

    def _enable(self, want: Wanted, live: LiveCluster) -> None:
        self._enabling(want).run(live)
        if copy_former.TAG_FORMER in live.tags:
            self._swap(want).forget(self._retry)

    def _swap(self, want: Wanted) -> Swap:
        return Swap(self._request, self._runtime, self._retry, want)

    def _enabling(self, want: Wanted) -> Enabling:
        return Enabling(self._request, self._runtime, self._retry, want)

    def _read(self, want: Wanted) -> LiveCluster:
        what = f"read the cluster {want.identifier!r}"
        live = self._retry.call(what, lambda: cluster.read(self._client, want.identifier))
        if live is None:
            raise Refused(f"there is no cluster {want.identifier!r} in {self._request.region}; nothing was changed")
        return live

    def _change_retentions(
        self,
        want: Wanted,
        live: LiveCluster,
        has: CopySettings,
        tags: dict[str, str],
    ) -> bool:
        what = _changing(want)
        if has != want.settings:
            live.require_startable(what)
            self._retry.call(what, lambda: copy_guard.refuse_loss(self._request, self._runtime, want, live, has))
        if has.automated_days < want.settings.automated_days:
            note = copies.raised_note(has.automated_days, has.destination_region, self._runtime.now())
            tags = {**tags, copies.TAG_RAISED: note}
        self._enabling(want).tag(live, tags)
        # one change of each kind at most, whatever a read that lags says; is_complete sees whether they came
        changed = [
            self._retry.call(what, lambda manual=manual: self._change_one(want, manual=manual))  # type: ignore[misc]
            for manual in (False, True)
        ]
        return any(changed)

    def _change_one(self, want: Wanted, *, manual: bool) -> bool:
        """Change one of the two retentions, false where it is as wanted."""
        live = cluster.read(self._client, want.identifier)
        if live is None or live.copy is None or not live.copy.same_place(want.settings):
            raise Refused(f"the snapshot copy of {want.identifier!r} was changed by somebody else; deploy again")
        days = want.settings.days(manual=manual)
        if live.copy.days(manual=manual) == days:
            return False
        live.require_available(_changing(want))
        if not manual:
            copy_guard.refuse_loss(self._request, self._runtime, want, live, live.copy)
        log.write("INFO", "ModifySnapshotCopyRetentionPeriod", cluster=want.identifier, days=days, manual=manual)
        self._client.modify_snapshot_copy_retention_period(
            ClusterIdentifier=want.identifier,
            RetentionPeriod=days,
            Manual=manual,
        )
        return True

    def _disable(self, want: Wanted) -> bool:
        live = cluster.read(self._client, want.identifier)
        reason = copy_reasons.kept(self._request, want, live)
        if live is not None and reason == copy_reasons.OFF and copy_former.TAG_FORMER in live.tags:
            return True  # an interrupted swap did it; without its record nobody brings the copy back
        if live is None or reason:
            log.write("INFO", "retained", cluster=want.identifier, because=reason)
            return False
        live.require_available(_disabling(want))
        log.write("INFO", "DisableSnapshotCopy", cluster=want.identifier)
        errors = self._client.exceptions
        try:
            self._client.disable_snapshot_copy(ClusterIdentifier=want.identifier)
        except (errors.ClusterNotFoundFault, errors.SnapshotCopyAlreadyDisabledFault):
            return False
        return True

    def _forget(self, want: Wanted) -> None:
        """Take the record away; a record without a copy does no harm, so that this never fails a Delete."""
        names = [*ownership.tag_names(ownership.COPY), copies.TAG_RAISED, copy_former.TAG_FORMER]
        try:
            self._client.delete_tags(ResourceName=self._request.arn(f"cluster:{want.identifier}"), TagKeys=names)
        except (ClientError, BotoCoreError) as error:
            log.write("WARNING", "the owner's record stays", cluster=want.identifier, because=str(error))

    def _answer(self, want: Wanted, *, changed: bool) -> dict[str, Any]:
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"ClusterIdentifier": want.identifier, "DestinationRegion": want.settings.destination_region},
            "Expect": EXPECT_COPY,
            "Changed": changed,
            "Since": self._now(),
        }

    def _now(self) -> str:
        return self._runtime.now().isoformat()


def _changing(want: Wanted) -> str:
    return f"change the retentions of the snapshot copy of {want.identifier!r}"


def _disabling(want: Wanted) -> str:
    return f"disable the snapshot copy of {want.identifier!r}"
