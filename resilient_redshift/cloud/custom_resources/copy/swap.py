"""The swap: another Region or grant for a copy that is on.

Redshift has no such change, so the copy is switched off and on again, within one invocation. The swap checks the new
place, writes the former configuration down as a note, disables, enables, reads back, and removes the note. If a step
after the note fails, the swap enables the former copy again, and then reports the failure.

While the copy may be off, the swap waits for a state that this release does not know as it waits for a busy cluster. To
give up earlier would leave the copy off.

An invocation that dies in between leaves the note. The next request for this cluster (CloudFormation's rollback, a
retry) finds the note and brings the former copy back first. The owner's tags are written last, so the
copy still belongs to its former owner if a swap dies. docs/decisions/0012 says why.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy import former, guard, losses, reasons
from resilient_redshift.cloud.custom_resources.copy.enabling import enable_copy
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters, grants
from resilient_redshift.contract.names import TAG_COPY_FORMER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster

#: How long the swap tries to bring the former copy back, or to see the new one. The ten minutes of the earlier steps do
#: not count.
_CLOSING: Final = timedelta(minutes=3)
#: How often a new copy and its owner are looked at again.
_LOOKS: Final = 3


class Swap:
    """Moves the copy of one cluster to another place, or back.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
        retry: the retry loop of the invocation.
        want: the wanted copy.
    """

    def __init__(self, request: Request, runtime: Runtime, retry: Retry, want: WantedCopy) -> None:
        self._request = request
        self._runtime = runtime
        self._retry = retry
        self._want = want
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._arn = request.arn(f"cluster:{want.identifier}")
        self._disable_sent = False
        self._owner: ownership.Record | None = None

    def run(self, live: LiveCluster, current: CopySettings, tags: Mapping[str, str]) -> None:
        """Replace the current copy by the wanted one, then write the owner's tags.

        Args:
            live: the cluster now.
            current: the configuration of its copy now.
            tags: the owner's tags.

        Raises:
            Refused: the new place cannot work, or copies would be lost. Nothing was changed.
            Failed: AWS refused. The reason says which copy is on now.
        """
        self._owner = ownership.read(ownership.COPY, live.tags)
        self._preflight(live, current)
        self._remember(live, current)
        identifier = self._want.identifier
        patient = self._retry.patient()
        try:
            patient.call(f"disable the snapshot copy of {identifier!r} for a swap", lambda: self._disable(current))
            patient.call(f"enable the new snapshot copy of {identifier!r}", lambda: self._enable(current))
        except ProviderError as error:
            self._bring_back(current, error)
        self._close(live, tags)

    def settle(self, live: LiveCluster) -> LiveCluster:
        """End an interrupted swap: enable the copy that it left off, as it was, and remove the note.

        A note that nobody can read stays while the copy is off.

        Args:
            live: the cluster now.

        Returns:
            The cluster after that. It is the same one where no swap was interrupted.

        Raises:
            Failed: the former copy cannot be enabled. The note stays.
        """
        if TAG_COPY_FORMER not in live.tags:
            return live
        current = live.copy
        before = former.read(live.tags)
        if current is None and before is not None:
            log.write(
                "WARNING",
                "an interrupted swap left the copy off: enabling the former copy again",
                cluster=self._want.identifier,
                former=str(before),
            )
            what = f"enable the former snapshot copy of {self._want.identifier!r} again"
            try:
                current = self._retry.patient().call(what, lambda: self._back_on(before, what))
            except ProviderError as error:
                raise Failed(reasons.not_back(self._want, before, error)) from error
        if current is None:
            # Nobody can read the note. It still says that a swap left the copy off, until the copy is on again.
            return live
        self.forget(self._retry)
        tags = {name: value for name, value in live.tags.items() if name != TAG_COPY_FORMER}
        return dataclasses.replace(live, copy=current, tags=tags)

    def forget(self, retry: Retry) -> None:
        """Remove the note. This never fails a request, because a note on a cluster whose copy is on does no harm."""
        log.write("INFO", "DeleteTags", cluster=self._want.identifier, tags=[TAG_COPY_FORMER])
        try:
            retry.call("remove the note of the swap", self._delete_note)
        except ProviderError as error:
            log.write(
                "WARNING",
                "the swap's tag could not be removed: harmless while the copy is on, and the next request removes it",
                cluster=self._want.identifier,
                because=str(error),
            )

    def _delete_note(self) -> None:
        try:
            self._client.delete_tags(ResourceName=self._arn, TagKeys=[TAG_COPY_FORMER])
        except ClientError:
            live = clusters.read(self._client, self._want.identifier)
            if live is not None:
                # A paused cluster refuses for longer than the handler waits, so waiting would only cost ten minutes.
                live.require_startable("remove the note of the swap")
                live.require_known()
            raise

    def _preflight(self, live: LiveCluster, current: CopySettings) -> None:
        """Look for every cause of a failure that can be seen before the first change."""
        try:
            self._check(live, current)
        except Failed as error:
            raise Failed(f"{error}; nothing was changed") from error

    def _check(self, live: LiveCluster, current: CopySettings) -> None:
        what = f"swap the snapshot copy of {self._want.identifier!r}"
        live.require_startable(what)
        live.require_encrypted_for(self._want.settings.grant)
        self._retry.call(what, lambda: self._refuse_loss(live, current))
        self._retry.call(what, lambda: self._look(before_any_change=True).require_available(what))
        grant, region = self._want.settings.grant, self._want.settings.destination_region
        if grant is None:
            return
        client = self._runtime.redshift(region)
        new_grant = self._retry.call(
            f"find the snapshot copy grant {grant!r} in {region}", lambda: grants.find(client, grant)
        )
        guard.refuse_unusable_key(self._runtime, self._want, new_grant.key)

    def _refuse_loss(self, live: LiveCluster, current: CopySettings) -> None:
        guard.refuse_loss(self._request, self._runtime, self._want, live, current, in_place=False)

    def _remember(self, live: LiveCluster, current: CopySettings) -> None:
        tags = {TAG_COPY_FORMER: former.note(current)}
        want = self._want.settings
        if current.destination_region == want.destination_region and current.automated_days < want.automated_days:
            now = self._runtime.now()
            tags[losses.TAG_RAISED] = losses.raised_note(
                current.automated_days, current.destination_region, now, in_place=False
            )
        what = f"write down the snapshot copy of {self._want.identifier!r} before a swap"
        self._tags(self._retry).write(live.tags, tags, what)

    def _disable(self, current: CopySettings) -> None:
        """Make one attempt. The copy is off after it."""
        live = self._look()
        if live.copy is None:
            return
        if live.copy != current:
            raise Refused(reasons.changed_meanwhile(self._want))
        live.require_available(f"disable the snapshot copy of {self._want.identifier!r}")
        self._refuse_loss(live, current)
        log.write("INFO", "DisableSnapshotCopy", cluster=self._want.identifier, former=str(current))
        self._disable_sent = True
        try:
            self._client.disable_snapshot_copy(ClusterIdentifier=self._want.identifier)
        except self._client.exceptions.SnapshotCopyAlreadyDisabledFault:
            return

    def _enable(self, before: CopySettings) -> None:
        """Make one attempt. The wanted copy is on after it.

        A read may lag and still show the former copy. So AWS's answer to the call decides, and not the read.
        """
        live = self._look()
        if live.copy == self._want.settings:
            # Either a call of ours whose answer was lost enabled it, or another caller enabled an equal copy.
            return
        if live.copy not in (None, before):
            raise Refused(reasons.different_meanwhile(self._want, live))
        live.require_available(f"enable the snapshot copy of {self._want.identifier!r}")
        try:
            enable_copy(self._client, self._want.identifier, self._want.settings)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            raise Busy(reasons.enabled_meanwhile(error)) from error

    def _look(self, *, before_any_change: bool = False) -> LiveCluster:
        """Read the cluster. Refuse to go on if somebody took the cluster over during the swap, or deleted it."""
        live = clusters.read(self._client, self._want.identifier)
        if live is None:
            raise Refused(reasons.no_cluster_any_more(self._want, before_any_change=before_any_change))
        owner = ownership.read(ownership.COPY, live.tags)
        if owner != self._owner:
            raise Refused(reasons.taken_over(self._want, owner))
        return live

    def _bring_back(self, before: CopySettings, error: ProviderError) -> None:
        """Enable the former copy, then fail with the cause and the copy that is on now.

        The method returns only if the wanted copy turns out to be on.
        """
        closing = Retry(self._runtime, _CLOSING)
        what = f"enable the former snapshot copy of {self._want.identifier!r} again"
        try:
            on = closing.patient().call(what, lambda: self._back_on(before, what))
        except ProviderError as second:
            raise Failed(reasons.left_off(self._want, before, error, second)) from error
        if on == self._want.settings:
            return
        self.forget(closing)
        raise Failed(reasons.swap_failed(on, error)) from error

    def _back_on(self, before: CopySettings, what: str) -> CopySettings:
        """Make one attempt to enable the former copy.

        A read may lag after this invocation has disabled the copy. AWS's answer to the call does not lag.

        Returns:
            The configuration that is on after the attempt.
        """
        live = clusters.read(self._client, self._want.identifier)
        if live is None or live.being_deleted:
            raise Refused(f"could not {what}: the cluster does not exist or is being deleted")
        if live.copy is not None and not self._disable_sent:
            return live.copy
        live.require_available(what)
        try:
            enable_copy(self._client, self._want.identifier, before)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            if live.copy is None:
                raise Busy(reasons.enabled_meanwhile(error)) from error
            return live.copy
        return before

    def _close(self, before: LiveCluster, tags: Mapping[str, str]) -> None:
        closing = Retry(self._runtime, _CLOSING)
        identifier = self._want.identifier
        try:
            seen = closing.call(
                f"read the new snapshot copy of {identifier!r} back", lambda: self._require_visible(before)
            )
        except Refused:
            raise
        except ProviderError as error:
            # The note stays as long as the new copy does not show.
            log.write(
                "WARNING",
                "the new copy does not show yet: is_complete goes on looking",
                cluster=identifier,
                because=str(error),
            )
            self._tags(closing).write(before.tags, tags)
            return
        self._own(before, seen, tags, closing)
        self.forget(closing)

    def _own(self, before: LiveCluster, seen: LiveCluster, tags: Mapping[str, str], closing: Retry) -> None:
        """Write the owner's tags, and look again until they stay.

        A Delete of the former owner may remove them. Another swap may have moved the copy on before they came: then
        they are undone. A stack that has adopted the new copy since is its owner, and is left alone.
        """
        what = f"read the new snapshot copy of {self._want.identifier!r} back"
        record = ownership.read(ownership.COPY, tags)
        written = False
        live: LiveCluster | None = seen
        for _ in range(_LOOKS):
            if written:
                live = closing.call(what, lambda: clusters.read(self._client, self._want.identifier))
            if live is None:
                return
            owner = ownership.read(ownership.COPY, live.tags)
            if written and live.copy != self._want.settings:
                if owner == record:
                    self._tags(closing).put_back(before.tags, tags)
                if live.copy is not None:
                    self.forget(closing)
                raise Refused(reasons.changed_meanwhile(self._want))
            if owner not in (None, self._owner, record):
                log.write("WARNING", "another stack took the copy over", cluster=live.identifier, owner=str(owner))
                return
            if not ownership.missing(live.tags, tags):
                return
            self._tags(closing).write(live.tags, tags)
            written = True

    def _require_visible(self, before: LiveCluster) -> LiveCluster:
        live = clusters.read(self._client, self._want.identifier)
        if live is not None and live.copy not in (None, before.copy, self._want.settings):
            # A read may lag and show the former copy, but never a third one.
            raise Refused(reasons.different_meanwhile(self._want, live))
        if live is None or live.copy != self._want.settings:
            raise Busy(f"the snapshot copy does not read back as wanted: live is {(live and live.copy) or 'off'}")
        return live

    def _tags(self, retry: Retry) -> OwnerTags:
        return OwnerTags(self._client, retry, self._arn, f"the snapshot copy of {self._want.identifier!r}")
