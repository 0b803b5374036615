"""Switching a copy on, and taking over one that is on: tags first, undone if the copy does not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry, ambiguous
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.errors import Busy, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters as cluster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import Wanted
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


class Enabling:
    """Makes one cluster's copy stand and be owned.

    Args:
        request: what CloudFormation asks.
        runtime: the world.
        retry: the invocation's clock.
        want: the copy that shall be.
    """

    def __init__(self, request: Request, runtime: Runtime, retry: Retry, want: Wanted) -> None:
        self._request = request
        self._runtime = runtime
        self._retry = retry
        self._want = want
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._sent = False

    def run(self, live: LiveCluster) -> None:
        """Enable the copy; it was off when ``live`` was read.

        Raises:
            Refused: somebody enabled another one meanwhile, or the cluster will not take it.
            Failed: AWS said no; the tags are as they were.
        """
        live.require_startable(f"enable the snapshot copy of {self._want.identifier!r}")
        live.require_encrypted_for(self._want.settings.grant)
        self.tag(live, ownership.on_creation(self._request).tags(ownership.COPY))
        try:
            enabled = self._retry.call(f"enable the snapshot copy of {self._want.identifier!r}", self._enable)
        except ProviderError:
            if self._undo(live):
                raise
            return
        if not enabled:
            self._adopt_after_race()

    def adopt(self, live: LiveCluster) -> None:
        """Record the ownership of a copy that is on and as wanted."""
        self.tag(live, ownership.on_arrival(self._request).tags(ownership.COPY))

    def tag(self, live: LiveCluster, wanted: Mapping[str, str]) -> None:
        """Write tags on the cluster; none that are there already."""
        new = ownership.missing(live.tags, wanted)
        if new:
            self._retry.call(
                f"record the owner of the snapshot copy of {self._want.identifier!r}", lambda: self._write(new)
            )

    def _write(self, tags: Mapping[str, str]) -> None:
        log.write("INFO", "CreateTags", cluster=self._want.identifier, tags=dict(tags))
        try:
            self._client.create_tags(ResourceName=self._arn(), Tags=ownership.as_list(tags))
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidClusterState":
                live = cluster.read(self._client, self._want.identifier)
                if live is not None:
                    live.require_startable(f"tag the cluster {self._want.identifier!r}")
            raise

    def _enable(self) -> bool:
        """One try; true if the copy is on by this invocation, false if somebody else put it on just so."""
        live = cluster.read(self._client, self._want.identifier)
        if live is None:
            raise Refused(f"there is no cluster {self._want.identifier!r} any more; nothing was changed")
        if live.copy == self._want.settings:
            return self._sent
        if live.copy is not None:
            raise Refused(
                f"somebody else enabled another snapshot copy of {self._want.identifier!r} meanwhile: {live.copy}"
            )
        live.require_available(f"enable the snapshot copy of {self._want.identifier!r}")
        try:
            enable_copy(self._client, self._want.identifier, self._want.settings)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            raise Busy(f"a snapshot copy was enabled meanwhile ({error})") from error
        except (ClientError, BotoCoreError) as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return True

    def _undo(self, before: LiveCluster) -> bool:
        """Put the tags back after a failure; false if the copy is on after all, and so nothing failed."""
        try:
            live = cluster.read(self._client, self._want.identifier)
            if live is None:
                return True
            if live.copy == self._want.settings and self._sent:
                return False
            if ownership.read(ownership.COPY, live.tags) != ownership.on_creation(self._request):
                return True  # somebody else has taken the cluster over meanwhile
            ours = ownership.on_creation(self._request).tags(ownership.COPY)
            former = {name: before.tags[name] for name in ours if name in before.tags}
            if former:
                self._client.create_tags(ResourceName=self._arn(), Tags=ownership.as_list(former))
            if len(former) < len(ours):
                self._client.delete_tags(ResourceName=self._arn(), TagKeys=sorted(set(ours) - set(former)))
        except (ClientError, BotoCoreError) as error:
            # a record on a cluster without a copy does no harm; the failure itself matters more than this
            log.write("WARNING", "the owner's record stays", cluster=self._want.identifier, because=str(error))
        return True

    def _adopt_after_race(self) -> None:
        what = f"read the cluster {self._want.identifier!r}"
        live = self._retry.call(what, lambda: cluster.read(self._client, self._want.identifier))
        if live is not None:
            self.adopt(live)

    def _arn(self) -> str:
        return self._request.arn(f"cluster:{self._want.identifier}")


def enable_copy(client: RedshiftClient, identifier: str, settings: CopySettings) -> None:
    """Make the call."""
    log.write("INFO", "EnableSnapshotCopy", cluster=identifier, settings=str(settings))
    client.enable_snapshot_copy(
        ClusterIdentifier=identifier,
        DestinationRegion=settings.destination_region,
        RetentionPeriod=settings.automated_days,
        ManualSnapshotRetentionPeriod=settings.manual_days,
        **({"SnapshotCopyGrantName": settings.grant} if settings.grant else {}),
    )
