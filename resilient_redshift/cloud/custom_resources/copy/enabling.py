"""The first half of a copy's life: enabling a copy that is off, or adopting a copy that is on.

The tags come first, and are put back if the copy cannot be enabled (docs/decisions/0004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous, meaning
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy import reasons
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.errors import Busy, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.retry import Retry
    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


#: How often a new copy is looked at again. One look is enough unless another request works on the same cluster.
_LOOKS: Final = 3


class Enabling:
    """Enables or adopts the copy of one cluster, and records its owner.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
        retry: the retry loop of the invocation.
        want: the wanted copy.
    """

    def __init__(self, request: Request, runtime: Runtime, retry: Retry, want: WantedCopy) -> None:
        self._request = request
        self._retry = retry
        self._want = want
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._tags = OwnerTags(
            self._client,
            retry,
            request.arn(f"cluster:{want.identifier}"),
            f"the snapshot copy of {want.identifier!r}",
            self._stop_if_stuck,
        )
        self._what = f"enable the snapshot copy of {want.identifier!r}"
        self._sent = False

    def run(self, live: LiveCluster) -> None:
        """Enable the copy.

        Args:
            live: the cluster as it was read. Its copy was off then.

        Raises:
            Refused: somebody enabled another copy meanwhile, or the cluster cannot have the wanted copy.
            Failed: AWS refused. The tags are as they were before.
        """
        live.require_startable(self._what)
        live.require_encrypted_for(self._want.settings.grant)
        self.write_tags(live, ownership.created_by(self._request).tags(ownership.COPY))
        try:
            enabled = self._retry.call(self._what, self._enable)
        except ProviderError:
            if self._undo(live):
                raise
            enabled = True
        if enabled:
            self._hold()
        else:
            self._adopt_after_race()

    def write_tags(self, live: LiveCluster, wanted: Mapping[str, str]) -> None:
        """Write the wanted tags that the cluster does not have yet."""
        self._tags.write(live.tags, wanted)

    def _stop_if_stuck(self, error: ClientError) -> None:
        """Stop if the cluster's state caused the error and lasts: a paused cluster never accepts the tags."""
        if meaning(error) is Meaning.BUSY:
            live = clusters.read(self._client, self._want.identifier)
            if live is not None:
                live.require_startable(f"tag the cluster {self._want.identifier!r}")
                live.require_known()

    def _enable(self) -> bool:
        """Make one attempt.

        Returns:
            True where this invocation enabled the copy, False where somebody else enabled an equal one.
        """
        live = clusters.read(self._client, self._want.identifier)
        if live is None:
            raise Refused(reasons.no_cluster_any_more(self._want))
        if live.copy == self._want.settings:
            return self._sent
        if live.copy is not None:
            raise Refused(reasons.different_meanwhile(self._want, live))
        live.require_available(self._what)
        try:
            enable_copy(self._client, self._want.identifier, self._want.settings)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            raise Busy(reasons.enabled_meanwhile(error)) from error
        except (ClientError, BotoCoreError) as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return True

    def _undo(self, before: LiveCluster) -> bool:
        """Put the tags back after a failure.

        Returns:
            False where the copy is on after all, so that nothing failed.
        """
        created = ownership.created_by(self._request)
        try:
            live = clusters.read(self._client, self._want.identifier)
        except (ClientError, BotoCoreError) as error:
            # The reason of the failed request matters more than this error. The next Create overwrites the tags.
            log.write(
                "WARNING",
                "the former owner's tags were not restored: if an update of that owner is refused, do what its reason "
                "says",
                cluster=self._want.identifier,
                because=str(error),
            )
            return True
        if live is None:
            return True
        if live.copy == self._want.settings and self._sent:
            return False
        # If the record is another one, somebody took the cluster over in the meantime: leave it alone.
        if ownership.read(ownership.COPY, live.tags) == created:
            self._tags.put_back(before.tags, created.tags(ownership.COPY))
        return True

    def _hold(self) -> None:
        """Look again after the copy was enabled, and repair what another request has undone since.

        The Delete of the former owner may have ended the copy, or removed the new record. A Create that lost may have
        written its record over this one. Whoever *adopted* the copy since then is its owner, and is left alone.
        """
        record = ownership.created_by(self._request)
        try:
            for _ in range(_LOOKS):
                live = self._retry.call(
                    f"read the cluster {self._want.identifier!r}",
                    lambda: clusters.read(self._client, self._want.identifier),
                )
                if live is None:
                    return
                if live.copy is None:
                    self._retry.call(self._what, self._enable)
                    continue
                owner = ownership.read(ownership.COPY, live.tags)
                if owner == record or (owner is not None and owner.origin == ownership.ADOPTED):
                    return
                self.write_tags(live, record.tags(ownership.COPY))
        except ProviderError as error:
            # is_complete sees whether the copy is on.
            log.write(
                "WARNING",
                "the new copy could not be looked at again: is_complete goes on looking",
                cluster=self._want.identifier,
                because=str(error),
            )

    def _adopt_after_race(self) -> None:
        what = f"read the cluster {self._want.identifier!r}"
        live = self._retry.call(what, lambda: clusters.read(self._client, self._want.identifier))
        if live is not None:
            self.write_tags(live, ownership.adopted_by(self._request).tags(ownership.COPY))


def enable_copy(client: RedshiftClient, identifier: str, settings: CopySettings) -> None:
    """Call EnableSnapshotCopy.

    Args:
        client: a Redshift client of the cluster's Region.
        identifier: the cluster's identifier.
        settings: the configuration of the copy.
    """
    log.write("INFO", "EnableSnapshotCopy", cluster=identifier, settings=str(settings))
    client.enable_snapshot_copy(
        ClusterIdentifier=identifier,
        DestinationRegion=settings.destination_region,
        RetentionPeriod=settings.automated_days,
        ManualSnapshotRetentionPeriod=settings.manual_days,
        **({"SnapshotCopyGrantName": settings.grant} if settings.grant else {}),
    )
