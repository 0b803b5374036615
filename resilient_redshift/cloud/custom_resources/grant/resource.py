"""The custom resource of a snapshot copy grant: created, adopted, never repointed, deleted only with both keys.

One call creates the grant together with its tags, so there is no half-done Create to undo. The key of a grant can never
change. Another key is another grant (a new generation), and the old grant stays for the copies that it encrypted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.errors import ambiguous, words
from resilient_redshift.cloud.aws.retry import Retry
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.expectations import EXPECT_GRANT, EXPECT_NOTHING
from resilient_redshift.cloud.custom_resources.generated_names import check_generated_name, former_properties
from resilient_redshift.cloud.custom_resources.grant.properties import WantedGrant, wanted
from resilient_redshift.cloud.custom_resources.owner_tags import OwnerTags
from resilient_redshift.cloud.custom_resources.properties import removable
from resilient_redshift.cloud.errors import Busy, Failed, ProviderError, Refused
from resilient_redshift.cloud.redshift import grants
from resilient_redshift.contract.generated_names import is_generated_grant

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.grants import LiveGrant

_USABLE: Final = "Enabled"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


class SnapshotCopyGrant:
    """One request for one grant, in the Region of the requesting stack.

    Args:
        request: what CloudFormation asks.
        runtime: the surroundings of the invocation.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._now = runtime.now
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._kms: KMSClient = runtime.kms(request.region)
        self._retry = Retry(runtime)
        self._sent = False

    def create(self) -> dict[str, Any]:
        """Create the grant, or adopt a grant of this name that has this key."""
        return self._ensure(wanted(self._request), new_here=True)

    def update(self) -> dict[str, Any]:
        """Keep the grant. Another name is a new grant, and only a Delete of its own removes the old one."""
        want = wanted(self._request)
        return self._ensure(want, new_here=self._request.physical_id != want.physical_id)

    def delete(self) -> dict[str, Any]:
        """Delete the grant if both keys are turned. Fail at once while a cluster uses it."""
        want = removable(self._request, wanted)
        if want is not None:
            self._retry.call(f"delete the snapshot copy grant {want.name!r}", lambda: self._delete(want))
        return {"PhysicalResourceId": self._request.physical_id, "Expect": EXPECT_NOTHING}

    def _ensure(self, want: WantedGrant, *, new_here: bool) -> dict[str, Any]:
        what = f"create the snapshot copy grant {want.name!r}"
        live = self._retry.call(what, lambda: self._create_or_find(want))
        if live is not None:
            # The Delete of the former owner may delete the grant after it was found here.
            try:
                self._record_owner(want, live, new_here=new_here)
            except ProviderError:
                if grants.read(self._client, want.name) is not None:
                    raise
            self._retry.call(what, lambda: self._create_or_find(want))
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"SnapshotCopyGrantName": want.name},
            "Expect": EXPECT_GRANT,
            "Since": self._now().isoformat(),
        }

    def _create_or_find(self, want: WantedGrant) -> LiveGrant | None:
        """Make one attempt.

        Returns:
            None where this invocation created the grant, otherwise the grant that existed.
        """
        live = grants.read(self._client, want.name)
        if live is not None:
            if not want.has_key(live.key):
                raise Refused(_another_key(want, live))
            ours = ownership.read(ownership.GRANT, live.tags) == ownership.created_by(self._request)
            return None if self._sent and ours else live
        if want.has_key(str(former_properties(self._request).get("KmsKeyId"))):  # another key needs another grant
            check_generated_name(
                self._request, "SnapshotCopyGrantName", is_generated_grant, argument="snapshot_copy_grant_name"
            )
        self._check_key(want)
        log.write("INFO", "CreateSnapshotCopyGrant", grant=want.name, key=want.key)
        tags = ownership.created_by(self._request).tags(ownership.GRANT)
        try:
            self._client.create_snapshot_copy_grant(
                SnapshotCopyGrantName=want.name,
                KmsKeyId=want.key,
                Tags=ownership.as_list(tags),
            )
        except self._client.exceptions.SnapshotCopyGrantAlreadyExistsFault as error:
            raise Busy(
                f"Redshift says that a grant of this name exists already, and does not show it yet ({words(error)})"
            ) from error
        except Exception as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return None

    def _record_owner(self, want: WantedGrant, live: LiveGrant, *, new_here: bool) -> None:
        owner = ownership.read(ownership.GRANT, live.tags)
        if new_here:
            record = ownership.adopted_by(self._request)
        elif owner is not None and owner.stack != self._request.stack:
            log.write(
                "WARNING",
                "another stack is the owner, and nothing differs: nothing was changed",
                grant=want.name,
                owner=owner.stack,
            )
            return
        else:
            if owner is None or not owner.complete:
                log.write("WARNING", "the owner's tags were removed: they are written again", grant=want.name)
            record = ownership.updated_by(self._request, owner, destroy=want.destroy)
        arn = self._request.arn(f"snapshotcopygrant:{want.name}")
        tags = OwnerTags(self._client, self._retry, arn, f"the snapshot copy grant {want.name!r}")
        tags.write(live.tags, record.tags(ownership.GRANT))

    def _check_key(self, want: WantedGrant) -> None:
        """Refuse a key that cannot encrypt.

        With its grant a copy would show as enabled, but no snapshot would be copied.
        """
        key = self._kms.describe_key(KeyId=want.key)["KeyMetadata"]
        if key.get("KeyState") != _USABLE:
            raise Refused(
                f"KmsKeyId: the key {want.key} is {key.get('KeyState')!r}; allowed: {_USABLE!r}; enable the key, or "
                "pass another one; no grant was created"
            )
        if key.get("KeySpec", _SYMMETRIC) != _SYMMETRIC:
            raise Refused(
                f"KmsKeyId: got {want.key}, {key.get('KeySpec')!r}; allowed: a symmetric key; no grant was created"
            )

    def _delete(self, want: WantedGrant) -> None:
        live = grants.read(self._client, want.name)
        owner = ownership.read(ownership.GRANT, live.tags) if live is not None else None
        if live is not None and want.has_key(live.key) and (owner is None or not owner.complete):
            command = f"aws redshift delete-snapshot-copy-grant --snapshot-copy-grant-name {want.name}"
            raise Refused(ownership.removed_by_somebody(f"the snapshot copy grant {want.name!r}", "the grant", command))
        if live is None or owner is None or not owner.may_destroy(self._request) or not want.has_key(live.key):
            log.write(
                "INFO",
                "retained",
                because="the grant does not exist, is not this resource's own, or has another key",
                grant=want.name,
                owner=owner and owner.stack,
                origin=owner and owner.origin,
                key=live and live.key,
            )
            return
        log.write("INFO", "DeleteSnapshotCopyGrant", grant=want.name)
        try:
            self._client.delete_snapshot_copy_grant(SnapshotCopyGrantName=want.name)
        except self._client.exceptions.SnapshotCopyGrantNotFoundFault:
            return
        except self._client.exceptions.InvalidSnapshotCopyGrantStateFault as error:
            raise Failed(
                f"the snapshot copy grant {want.name!r} is in use: a cluster still copies with it ({words(error)}); "
                "end that snapshot copy first, or keep the grant (removal policy 'retain'); nothing was changed",
            ) from error


def _another_key(want: WantedGrant, live: LiveGrant) -> str:
    return (
        f"the snapshot copy grant {want.name!r} exists with another key: live is {live.key!r}; wanted is {want.key!r}; "
        "Redshift cannot change the key of a grant, and existing copies need the old key: choose another grant name "
        "(RecoverySite: raise key_generation, for a new generation); nothing was changed"
    )
