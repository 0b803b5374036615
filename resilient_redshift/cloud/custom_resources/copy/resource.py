"""The custom resource of a cluster's snapshot copy: enabled, adopted, changed, swapped, ended only with both keys.

**First the tags, then the copy.** A Create that finds the copy off writes the owner's record before it enables the
copy. If an invocation dies between tags and copy, somebody else may enable a copy. The next Create adopts that copy,
and adopting gives no second key. docs/decisions/0004 compares this order with the other one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy import former, guard, losses, reasons
from resilient_redshift.cloud.custom_resources.copy.enabling import Enabling
from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy, wanted
from resilient_redshift.cloud.custom_resources.copy.swap import Swap
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_COPY, EXPECT_NOTHING, EXPECT_OFF
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.custom_resources.properties import removable
from resilient_redshift.cloud.errors import ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.contract.names import TAG_COPY_FORMER

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


class SnapshotCopy:
    """One request for the snapshot copy of one cluster.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._runtime = runtime
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._retry = Retry(runtime)

    def create(self) -> dict[str, Any]:
        """Enable the copy, or adopt an equal one.

        A different copy is refused and not touched, unless the properties ask to replace it.
        """
        return self._create_or_adopt(wanted(self._request))

    def update(self) -> dict[str, Any]:
        """Change the live copy to the wanted one.

        The live state decides, because a rollback is an Update with swapped properties.
        """
        want = wanted(self._request)
        if self._request.physical_id != want.physical_id:
            return self._create_or_adopt(want)
        live = self._read(want)
        owner = ownership.read(ownership.COPY, live.tags)
        if owner is not None and owner.stack != self._request.stack:
            if live.copy != want.settings:
                raise Refused(reasons.not_owner(want, owner))
            log.write(
                "WARNING",
                "another stack is the owner, and nothing differs: nothing was changed",
                cluster=want.identifier,
                owner=owner.stack,
            )
            return self._answer(want, changed=False)
        was_off = live.copy is None
        live = self._settle_or_go_on(want, live)
        if live.copy is None:
            self._enable(want, live)
            return self._answer(want, changed=True)
        tags = ownership.updated_by(self._request, owner, destroy=want.destroy).tags(ownership.COPY)
        changed = self._change(want, live, live.copy, tags)
        return self._answer(want, changed=changed or was_off)

    def delete(self) -> dict[str, Any]:
        """End the copy if both keys are turned. Otherwise change nothing.

        Without the first key, no call is made at all.
        """
        want = removable(self._request, wanted)
        answer = {"PhysicalResourceId": self._request.physical_id, "Expect": EXPECT_NOTHING, "Since": self._now()}
        if want is not None and self._retry.call(_disabling(want), lambda: self._disable(want)):
            self._forget(want)
            answer["Expect"] = EXPECT_OFF
        return answer

    def _create_or_adopt(self, want: WantedCopy) -> dict[str, Any]:
        """Serve a cluster that is new to this resource: a Create, or an Update that names another cluster."""
        before = self._read(want)
        # If a swap of another owner left the copy off, that owner's copy must be on again before this request goes on.
        # Only a request to replace the copy may go on without it.
        live = self._settle_or_go_on(want, before) if want.replace else self._swap(want).settle(before)
        if live.copy is None:
            self._enable(want, live)
            return self._answer(want, changed=True)
        if live.copy != want.settings and not want.replace:
            raise Refused(reasons.different(want, live, enabled_again=before.copy is None))
        tags = ownership.adopted_by(self._request).tags(ownership.COPY)
        return self._answer(want, changed=self._change(want, live, live.copy, tags))

    def _change(self, want: WantedCopy, live: LiveCluster, current: CopySettings, tags: dict[str, str]) -> bool:
        """Change the current copy to the wanted one, and write the owner's tags. Return whether anything differed."""
        if current.same_place(want.settings):
            return self._change_retentions(want, live, current, tags)
        self._swap(want).run(live, current, tags)
        return True

    def _settle_or_go_on(self, want: WantedCopy, live: LiveCluster) -> LiveCluster:
        """End an interrupted swap. Where the former copy cannot be enabled, the wanted one still may be."""
        try:
            return self._swap(want).settle(live)
        except ProviderError as error:
            if former.read(live.tags) == want.settings:
                raise
            log.write(
                "WARNING",
                "the former copy could not be enabled again: enabling the wanted copy instead",
                cluster=want.identifier,
                because=str(error),
            )
            return live

    def _enable(self, want: WantedCopy, live: LiveCluster) -> None:
        # Where an interrupted swap left the copy off, to give up early would leave it off.
        interrupted = TAG_COPY_FORMER in live.tags
        retry = self._retry.patient() if interrupted else self._retry
        Enabling(self._request, self._runtime, retry, want).run(live)
        if interrupted:
            self._swap(want).forget(self._retry)

    def _swap(self, want: WantedCopy) -> Swap:
        return Swap(self._request, self._runtime, self._retry, want)

    def _read(self, want: WantedCopy) -> LiveCluster:
        what = f"read the cluster {want.identifier!r}"
        live = self._retry.call(what, lambda: clusters.read(self._client, want.identifier))
        if live is None:
            raise Refused(f"there is no cluster {want.identifier!r} in {self._request.region}; nothing was changed")
        return live

    def _change_retentions(
        self,
        want: WantedCopy,
        live: LiveCluster,
        current: CopySettings,
        tags: dict[str, str],
    ) -> bool:
        what = _changing(want)
        if current != want.settings:
            live.require_startable(what)
            self._retry.call(what, lambda: guard.refuse_loss(self._request, self._runtime, want, live, current))
        if current.automated_days < want.settings.automated_days:
            note = losses.raised_note(current.automated_days, current.destination_region, self._runtime.now())
            tags = {**tags, losses.TAG_RAISED: note}
        Enabling(self._request, self._runtime, self._retry, want).write_tags(live, tags)
        # Each retention is changed once at most, because a read may lag and show the former value. is_complete sees
        # whether the changes have arrived.
        changed = [
            self._retry.call(what, lambda manual=manual: self._change_one(want, manual=manual))  # type: ignore[misc]
            for manual in (False, True)
        ]
        return any(changed)

    def _change_one(self, want: WantedCopy, *, manual: bool) -> bool:
        """Change one of the two retentions. Return False where it is as wanted already."""
        live = clusters.read(self._client, want.identifier)
        if live is None or live.copy is None or not live.copy.same_place(want.settings):
            raise Refused(reasons.changed_meanwhile(want))
        days = want.settings.days(manual=manual)
        if live.copy.days(manual=manual) == days:
            return False
        live.require_available(_changing(want))
        if not manual:
            guard.refuse_loss(self._request, self._runtime, want, live, live.copy)
        log.write("INFO", "ModifySnapshotCopyRetentionPeriod", cluster=want.identifier, days=days, manual=manual)
        self._client.modify_snapshot_copy_retention_period(
            ClusterIdentifier=want.identifier,
            RetentionPeriod=days,
            Manual=manual,
        )
        return True

    def _disable(self, want: WantedCopy) -> bool:
        """Make one attempt to end the copy. Return whether this request or an interrupted swap switched it off."""
        live = clusters.read(self._client, want.identifier)
        reason = reasons.why_retained(self._request, want, live)
        if live is not None and reason == reasons.OFF and TAG_COPY_FORMER in live.tags:
            # An interrupted swap switched the copy off. Once its note is removed, no later request enables the copy.
            return True
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

    def _forget(self, want: WantedCopy) -> None:
        """Remove all tags of this resource. This never fails, because the next Create overwrites tags that stay."""
        arn = self._request.arn(f"cluster:{want.identifier}")
        tags = OwnerTags(self._client, self._retry, arn, f"the snapshot copy of {want.identifier!r}")
        tags.forget(*ownership.tag_names(ownership.COPY), losses.TAG_RAISED, TAG_COPY_FORMER)

    def _answer(self, want: WantedCopy, *, changed: bool) -> dict[str, Any]:
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"ClusterIdentifier": want.identifier, "DestinationRegion": want.settings.destination_region},
            "Expect": EXPECT_COPY,
            "Changed": changed,
            "Since": self._now(),
        }

    def _now(self) -> str:
        return self._runtime.now().isoformat()


def _changing(want: WantedCopy) -> str:
    return f"change the retentions of the snapshot copy of {want.identifier!r}"


def _disabling(want: WantedCopy) -> str:
    return f"disable the snapshot copy of {want.identifier!r}"
