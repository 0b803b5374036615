"""A cluster's snapshot copy, as a custom resource: enabled, adopted, kept as wanted, and ended only with both keys.

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

from . import cluster, copies, copy_reasons, log, ownership
from .completion import EXPECT_COPY, EXPECT_NOTHING, EXPECT_OFF
from .copy_enabling import Enabling
from .copy_properties import Wanted, removable, wanted
from .errors import Refused
from .retry import Retry

if TYPE_CHECKING:
    from mypy_boto3_redshift import RedshiftClient

    from .cluster import LiveCluster
    from .events import Request
    from .runtime import Runtime


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
        """Enable the copy, or adopt an equal one; over a different one refuse and touch nothing."""
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
        if live.copy is None:
            self._enabling(want).run(live)
            return self._answer(want, changed=True)
        if not live.copy.same_place(want.settings):
            raise Refused(copy_reasons.another_place(want, live))
        tags = ownership.on_update(self._request, owner, destroy=want.destroy).tags(ownership.COPY)
        return self._answer(want, changed=self._change_retentions(want, live, live.copy, tags))

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
        live = self._read(want)
        if live.copy is None:
            self._enabling(want).run(live)
            return self._answer(want, changed=True)
        if live.copy != want.settings:
            raise Refused(copy_reasons.different(want, live))
        self._enabling(want).adopt(live)
        return self._answer(want, changed=False)

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
        has: cluster.CopySettings,
        tags: dict[str, str],
    ) -> bool:
        what = _changing(want)
        if has != want.settings:
            live.require_startable(what)
            self._retry.call(what, lambda: self._guard(want, live, has))
        if has.automated_days < want.settings.automated_days:
            tags = {**tags, copies.TAG_RAISED: copies.raised_note(has.automated_days, self._runtime.now())}
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
            self._guard(want, live, live.copy)
        log.write("INFO", "ModifySnapshotCopyRetentionPeriod", cluster=want.identifier, days=days, manual=manual)
        self._client.modify_snapshot_copy_retention_period(
            ClusterIdentifier=want.identifier,
            RetentionPeriod=days,
            Manual=manual,
        )
        return True

    def _guard(self, want: Wanted, live: LiveCluster, has: cluster.CopySettings) -> None:
        """Refuse to lose copies, counted, unless told; copied manual snapshots never go by a change of retention."""
        days = want.settings.automated_days
        if want.accept_loss or days >= has.automated_days:
            return
        now = self._runtime.now()
        client = self._runtime.redshift(want.settings.destination_region)
        found = copies.in_destination(client, want.identifier, self._request.region)
        going = copies.would_go(found, days, copies.doomed_days(live.tags, now), now)
        if going:
            raise Refused(copy_reasons.loss(want, has.automated_days, going))

    def _disable(self, want: Wanted) -> bool:
        live = cluster.read(self._client, want.identifier)
        reason = copy_reasons.kept(self._request, want, live)
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
        names = [*ownership.tag_names(ownership.COPY), copies.TAG_RAISED]
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
