"""Another Region or grant for a copy that is on: Redshift knows no such change, so it is switched off and on again.

All in one invocation: look whether the new place can work, write down the former configuration, disable, enable, read
back, forget the record. Whatever fails after the record was written brings the former copy back before it is told. An
invocation that dies in between leaves the record; the next one of this resource (CloudFormation's rollback, a retry)
finds it and brings the former copy back first.

The owner's tags are written last: a swap that dies never leaves a copy with an owner who gave up.
"""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry, words
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy import former as copy_former
from resilient_redshift.cloud.custom_resources.copy import guard as copy_guard
from resilient_redshift.cloud.custom_resources.copy import losses as copies
from resilient_redshift.cloud.custom_resources.copy import reasons as copy_reasons
from resilient_redshift.cloud.custom_resources.copy.enabling import enable_copy
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters as cluster
from resilient_redshift.cloud.redshift import grants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.copy.properties import Wanted
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster

#: For bringing the former copy back or seeing the new one, after the ten minutes of everything before.
_CLOSING: Final = timedelta(minutes=3)
_USABLE: Final = "Enabled"


class Swap:
    """Brings one cluster's copy to another place, or back.

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
        self._disabling = False
        self._owner: ownership.Record | None = None

    def run(self, live: LiveCluster, has: CopySettings, tags: Mapping[str, str]) -> None:
        """Swap ``has`` for what is wanted, then write the owner's ``tags``.

        Raises:
            Refused: the new place cannot work, or copies would be lost; nothing was changed.
            Failed: AWS said no; the reason says which configuration stands now.
        """
        self._owner = ownership.read(ownership.COPY, live.tags)
        self._preflight(live, has)
        self._remember(live, has)
        try:
            self._retry.call(
                f"disable the snapshot copy of {self._want.identifier!r} for a swap", lambda: self._disable(has)
            )
            self._retry.call(f"enable the new snapshot copy of {self._want.identifier!r}", lambda: self._enable(has))
        except ProviderError as error:
            self._bring_back(has, error)
        self._close(live, tags)

    def settle(self, live: LiveCluster) -> LiveCluster:
        """End a swap that was interrupted: a copy that it left off comes back as it was, and the record goes.

        Raises:
            Failed: the former copy does not come back; the record stays.
        """
        if copy_former.TAG_FORMER not in live.tags:
            return live
        has = live.copy
        before = copy_former.read(live.tags)
        if has is None and before is not None:
            log.write("WARNING", "a swap was interrupted", cluster=self._want.identifier, former=str(before))
            what = f"bring the snapshot copy of {self._want.identifier!r} back, which an interrupted swap left off"
            try:
                has = self._retry.call(what, lambda: self._back_on(before, what))
            except ProviderError as error:
                raise Failed(copy_reasons.not_back(self._want, before, error)) from error
        self.forget(self._retry)
        tags = {name: value for name, value in live.tags.items() if name != copy_former.TAG_FORMER}
        return dataclasses.replace(live, copy=has, tags=tags)

    def forget(self, retry: Retry) -> None:
        """Take the record away; beside a copy that is on it does no harm, so that this never fails a request."""
        log.write("INFO", "DeleteTags", cluster=self._want.identifier, tags=[copy_former.TAG_FORMER])
        try:
            retry.call("forget the former snapshot copy", self._delete_record)
        except ProviderError as error:
            log.write("WARNING", "the swap's record stays", cluster=self._want.identifier, because=str(error))

    def _delete_record(self) -> None:
        try:
            self._client.delete_tags(ResourceName=self._arn(), TagKeys=[copy_former.TAG_FORMER])
        except ClientError:
            live = cluster.read(self._client, self._want.identifier)
            if live is not None:
                live.require_startable("forget the former snapshot copy")  # a paused cluster: not in ten minutes either
            raise

    def _preflight(self, live: LiveCluster, has: CopySettings) -> None:
        """Whatever can be known to fail fails here, where nothing was changed."""
        try:
            self._check(live, has)
        except Failed as error:
            raise Failed(f"{error}; nothing was changed") from error

    def _check(self, live: LiveCluster, has: CopySettings) -> None:
        what = f"swap the snapshot copy of {self._want.identifier!r}"
        live.require_startable(what)
        live.require_encrypted_for(self._want.settings.grant)
        self._retry.call(what, lambda: self._guard(live, has))
        self._retry.call(what, lambda: self._look().require_available(what))
        grant, region = self._want.settings.grant, self._want.settings.destination_region
        if grant is None:
            return
        there = self._runtime.redshift(region)
        found = self._retry.call(
            f"find the snapshot copy grant {grant!r} in {region}", lambda: grants.find(there, grant)
        )
        self._check_key(found.key)

    def _guard(self, live: LiveCluster, has: CopySettings) -> None:
        copy_guard.refuse_loss(self._request, self._runtime, self._want, live, has, in_place=False)

    def _check_key(self, key: str) -> None:
        """A key that cannot encrypt would look well and copy nothing; one that we may not read is taken on trust."""
        if not key:
            return
        try:
            kms = self._runtime.kms(self._want.settings.destination_region)
            state = kms.describe_key(KeyId=key)["KeyMetadata"].get("KeyState", _USABLE)
        except (ClientError, BotoCoreError) as error:
            log.write("INFO", "the new grant's key could not be read", key=key, because=words(error))
            return
        if state != _USABLE:
            raise Refused(copy_reasons.unusable_key(self._want, key, state))

    def _remember(self, live: LiveCluster, has: CopySettings) -> None:
        tags = {copy_former.TAG_FORMER: copy_former.note(has)}
        want = self._want.settings
        if has.destination_region == want.destination_region and has.automated_days < want.automated_days:
            now = self._runtime.now()
            tags[copies.TAG_RAISED] = copies.raised_note(
                has.automated_days, has.destination_region, now, in_place=False
            )
        self._write(self._retry, live, tags, f"write down the snapshot copy of {self._want.identifier!r} before a swap")

    def _write(self, retry: Retry, live: LiveCluster, tags: Mapping[str, str], what: str) -> None:
        new = ownership.missing(live.tags, tags)
        if new:
            log.write("INFO", "CreateTags", cluster=self._want.identifier, tags=new)
            listed = ownership.as_list(new)
            retry.call(what, lambda: self._client.create_tags(ResourceName=self._arn(), Tags=listed))

    def _disable(self, has: CopySettings) -> None:
        """One try; the copy is off then."""
        live = self._look()
        if live.copy is None:
            return
        if live.copy != has:
            raise Refused(f"the snapshot copy of {self._want.identifier!r} was changed by somebody else; deploy again")
        live.require_available(f"disable the snapshot copy of {self._want.identifier!r}")
        self._guard(live, has)
        log.write("INFO", "DisableSnapshotCopy", cluster=self._want.identifier, former=str(has))
        self._disabling = True
        try:
            self._client.disable_snapshot_copy(ClusterIdentifier=self._want.identifier)
        except self._client.exceptions.SnapshotCopyAlreadyDisabledFault:
            return

    def _enable(self, has: CopySettings) -> None:
        """One try; the wanted copy is on then. A read that lags may still show the former one: AWS decides."""
        live = self._look()
        if live.copy == self._want.settings:
            return  # by a call whose answer was lost, or by somebody who wants the same
        if live.copy not in (None, has):
            raise Refused(
                f"somebody else enabled another snapshot copy of {self._want.identifier!r} meanwhile: {live.copy}"
            )
        live.require_available(f"enable the snapshot copy of {self._want.identifier!r}")
        try:
            enable_copy(self._client, self._want.identifier, self._want.settings)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            raise Busy(f"a snapshot copy was enabled meanwhile ({error})") from error

    def _look(self) -> LiveCluster:
        """The cluster now, as long as nobody takes it over while we work on it."""
        live = cluster.read(self._client, self._want.identifier)
        if live is None:
            raise Refused(f"there is no cluster {self._want.identifier!r} any more; nothing was changed")
        owner = ownership.read(ownership.COPY, live.tags)
        if owner != self._owner:
            raise Refused(copy_reasons.taken_over(self._want, owner))
        return live

    def _bring_back(self, has: CopySettings, error: ProviderError) -> None:
        """Put the former copy back and tell both; return only where the wanted one is on after all."""
        closing = Retry(self._runtime, _CLOSING)
        what = f"enable the former snapshot copy of {self._want.identifier!r} again"
        try:
            on = closing.call(what, lambda: self._back_on(has, what))
        except ProviderError as second:
            raise Failed(copy_reasons.left_off(self._want, has, error, second)) from error
        if on == self._want.settings:
            return
        self.forget(closing)
        raise Failed(copy_reasons.stands(on, error)) from error

    def _back_on(self, before: CopySettings, what: str) -> CopySettings:
        """One try; what is on then. After our own disabling a read may lag: AWS's answer to the call does not."""
        live = cluster.read(self._client, self._want.identifier)
        if live is None or live.going:
            raise Refused(f"could not {what}: the cluster is gone or going")
        if live.copy is not None and not self._disabling:
            return live.copy
        live.require_available(what)
        try:
            enable_copy(self._client, self._want.identifier, before)
        except self._client.exceptions.SnapshotCopyAlreadyEnabledFault as error:
            if live.copy is None:
                raise Busy(f"a snapshot copy was enabled meanwhile ({error})") from error
            return live.copy
        return before

    def _close(self, before: LiveCluster, tags: Mapping[str, str]) -> None:
        closing = Retry(self._runtime, _CLOSING)
        identifier = self._want.identifier
        try:
            closing.call(f"read the new snapshot copy of {identifier!r} back", self._seen)
        except ProviderError as error:
            # is_complete looks on; while the copy does not show, the way back stays written down
            log.write("WARNING", "the new copy does not show yet", cluster=identifier, because=str(error))
            seen = False
        else:
            seen = True
        self._write(closing, before, tags, f"record the owner of the snapshot copy of {identifier!r}")
        if seen:
            self.forget(closing)

    def _seen(self) -> None:
        live = cluster.read(self._client, self._want.identifier)
        if live is None or live.copy != self._want.settings:
            raise Busy(f"the snapshot copy does not read back as wanted: live is {(live and live.copy) or 'off'}")

    def _arn(self) -> str:
        return self._request.arn(f"cluster:{self._want.identifier}")
