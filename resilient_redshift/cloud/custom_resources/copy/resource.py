"""The custom resource of a cluster's snapshot copy: enabled, adopted, changed, swapped, ended only with both keys.

**First the tags, then the copy.** A Create that finds the copy off writes the owner's record before it enables the
copy. If an invocation dies between tags and copy, somebody else may enable a copy. The next Create adopts that copy,
and adopting gives no second key. docs/decisions/0004 compares this order with the other one.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous
from resilient_redshift.cloud.aws.retry import PATIENCE, Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy import former, guard, losses, reasons
from resilient_redshift.cloud.custom_resources.copy.enabling import Enabling, enable_copy
from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy, wanted
from resilient_redshift.cloud.custom_resources.copy.swap import Swap
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_COPY, EXPECT_NOTHING, EXPECT_OFF
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.custom_resources.properties import removable
from resilient_redshift.cloud.errors import Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import clusters
from resilient_redshift.contract.names import TAG_COPY_FORMER, TAG_COPY_OWNER
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from datetime import timedelta

    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


#: How often a Create starts anew where another request changes the copy at the same time.
_ATTEMPTS: Final = 3


class SnapshotCopy:
    """One request for the snapshot copy of one cluster.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
        patience: the longest wait before the request fails.
    """

    def __init__(self, request: Request, runtime: Runtime, patience: timedelta = PATIENCE) -> None:
        self._request = request
        self._runtime = runtime
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._retry = Retry(runtime, patience)
        #: The copy that this request has ended, and the one that it has perhaps ended by a call whose answer was lost.
        self._ended: CopySettings | None = None
        self._lost: CopySettings | None = None

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
        if owner is None or not owner.complete:
            log.write("WARNING", "the owner's tags were removed: they are written again", cluster=want.identifier)
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
        if want is not None and self._retry.call(_disabling(want), lambda: self._disable(want)) and self._end(want):
            answer["Expect"] = EXPECT_OFF
        return answer

    def _create_or_adopt(self, want: WantedCopy) -> dict[str, Any]:
        """Serve a cluster that is new to this resource: a Create, or an Update that names another cluster."""
        for _ in range(_ATTEMPTS):
            answer = self._try_create_or_adopt(want)
            if answer is not None:
                return answer
        raise Refused(reasons.changed_meanwhile(want))

    def _try_create_or_adopt(self, want: WantedCopy) -> dict[str, Any] | None:
        """Make one attempt. Return None where another request ended or moved the copy while this one adopted it."""
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
        if live.copy != want.settings:
            return self._answer(want, changed=self._change(want, live, live.copy, tags))
        self._owner_tags(want).write(live.tags, tags)
        return self._answer(want, changed=False) if self._holds(want, live, tags) else None

    def _holds(self, want: WantedCopy, before: LiveCluster, tags: dict[str, str]) -> bool:
        """Look again after the tags of an adopter were written. Where the copy is another one by now, undo them.

        A request that ends or moves the copy looks at the owner again after it has done so. So at least one of the two
        requests sees the other.
        """
        now = self._read(want)
        if now.copy == want.settings:
            return True
        log.write("WARNING", "another request changed the copy meanwhile: trying again", cluster=want.identifier)
        if ownership.read(ownership.COPY, now.tags) == ownership.read(ownership.COPY, tags):
            self._owner_tags(want).put_back(before.tags, tags)
        return False

    def _change(self, want: WantedCopy, live: LiveCluster, current: CopySettings, tags: dict[str, str]) -> bool:
        """Change the current copy to the wanted one, and write the owner's tags. Return whether anything differed."""
        if current.same_place(want.settings):
            changed = self._change_retentions(want, live, current, tags)
            if changed:
                self._give_way(want, current, tags)
            return changed
        self._swap(want).run(live, current, tags)
        return True

    def _give_way(self, want: WantedCopy, before: CopySettings, tags: dict[str, str]) -> None:
        """Look at the owner again after a change in place. Raise again what another stack has taken over meanwhile.

        A retention that this request has raised stays raised: to lower it would delete copies.
        """
        now = self._read(want)
        owner = ownership.read(ownership.COPY, now.tags)
        if owner is None or owner.stack == tags[TAG_COPY_OWNER] or now.copy is None:
            return
        log.write("WARNING", "another stack took the copy over", cluster=want.identifier, owner=owner.stack)
        to_raise = [
            manual
            for manual in (False, True)
            if now.copy.days(manual=manual) == want.settings.days(manual=manual)
            and _longer(before.days(manual=manual), now.copy.days(manual=manual))
        ]
        for manual in to_raise:
            modify = functools.partial(self._modify, want, before.days(manual=manual), manual=manual)
            self._retry.call(_changing(want), modify)
        if to_raise:
            raise Refused(reasons.taken_over(want, owner))

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
            self._retry.call(what, lambda manual=manual: self._change_one(want, tags, manual=manual))  # type: ignore[misc]
            for manual in (False, True)
        ]
        return any(changed)

    def _change_one(self, want: WantedCopy, tags: dict[str, str], *, manual: bool) -> bool:
        """Change one of the two retentions. Return False where it is as wanted already."""
        live = clusters.read(self._client, want.identifier)
        if live is None or live.copy is None or not live.copy.same_place(want.settings):
            raise Refused(reasons.changed_meanwhile(want))
        days = want.settings.days(manual=manual)
        if live.copy.days(manual=manual) == days:
            return False
        owner = ownership.read(ownership.COPY, live.tags)
        if owner is not None and owner.stack != tags[TAG_COPY_OWNER]:
            raise Refused(reasons.taken_over(want, owner))
        live.require_available(_changing(want))
        if not manual:
            guard.refuse_loss(self._request, self._runtime, want, live, live.copy)
        self._modify(want, days, manual=manual)
        return True

    def _modify(self, want: WantedCopy, days: int, *, manual: bool) -> None:
        log.write("INFO", "ModifySnapshotCopyRetentionPeriod", cluster=want.identifier, days=days, manual=manual)
        self._client.modify_snapshot_copy_retention_period(
            ClusterIdentifier=want.identifier,
            RetentionPeriod=days,
            Manual=manual,
        )

    def _disable(self, want: WantedCopy) -> bool:
        """Make one attempt to end the copy. Return whether this request or an interrupted swap switched it off."""
        live = clusters.read(self._client, want.identifier)
        if self._lost is not None and live is not None and live.copy is None:
            # A call of this request has worked, and its answer was lost.
            self._ended = self._lost
            return True
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
        except (ClientError, BotoCoreError) as error:
            if ambiguous(error):
                self._lost = live.copy
            raise
        self._ended = live.copy
        return True

    def _end(self, want: WantedCopy) -> bool:
        """Look at the owner again after the copy is off. Remove this resource's tags, or put another's copy back.

        Returns:
            False where another resource has taken the copy over since the owner was read. Its copy is on again then.
        """
        live = self._retry.call(
            f"read the cluster {want.identifier!r}", lambda: clusters.read(self._client, want.identifier)
        )
        owner = ownership.read(ownership.COPY, live.tags) if live is not None else None
        if live is None or owner is None or owner.is_of(self._request):
            self._owner_tags(want).forget(*ownership.tag_names(ownership.COPY), losses.TAG_RAISED, TAG_COPY_FORMER)
            return True
        log.write(
            "WARNING",
            "another resource took the copy over while this one ended it: enabling it again",
            cluster=want.identifier,
            owner=owner.stack,
        )
        if self._ended is not None:
            self._put_back(want, self._ended, owner)
        return False

    def _put_back(self, want: WantedCopy, ended: CopySettings, owner: ownership.Record) -> None:
        what = f"enable the snapshot copy of {want.identifier!r} again, which {owner.stack} has taken over"

        def attempt() -> None:
            live = clusters.read(self._client, want.identifier)
            if live is None or live.being_deleted or live.copy is not None:
                return
            live.require_available(what)
            with contextlib.suppress(self._client.exceptions.SnapshotCopyAlreadyEnabledFault):
                enable_copy(self._client, want.identifier, ended)

        try:
            self._retry.patient().call(what, attempt)
        except ProviderError as error:
            raise Failed(reasons.taken_and_off(want, ended, owner, error)) from error

    def _owner_tags(self, want: WantedCopy) -> OwnerTags:
        arn = self._request.arn(f"cluster:{want.identifier}")
        return OwnerTags(self._client, self._retry, arn, f"the snapshot copy of {want.identifier!r}")

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


def _longer(days: int, than: int) -> bool:
    """Return whether a retention keeps snapshots for longer than another one."""
    return than != FOREVER_DAYS and (days == FOREVER_DAYS or days > than)


def _changing(want: WantedCopy) -> str:
    return f"change the retentions of the snapshot copy of {want.identifier!r}"


def _disabling(want: WantedCopy) -> str:
    return f"disable the snapshot copy of {want.identifier!r}"
