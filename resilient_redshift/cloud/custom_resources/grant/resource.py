"""A snapshot copy grant, as a custom resource: created, adopted, never repointed, and deleted only with both keys.

A grant is made together with its tags in one call, so there is no half-done Create to undo. Its key can never change;
another key is another grant (a new generation), and the old one stays for the copies that it encrypted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws import log
from resilient_redshift.cloud.aws.retry import Retry, ambiguous, words
from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.completion import EXPECT_GRANT, EXPECT_NOTHING
from resilient_redshift.cloud.custom_resources.grant.properties import Wanted, removable, wanted
from resilient_redshift.cloud.errors import Busy, Failed, Refused
from resilient_redshift.cloud.redshift import grants

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_redshift import RedshiftClient

    from resilient_redshift.cloud.aws.runtime import Runtime
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.redshift.grants import LiveGrant

_USABLE: Final = "Enabled"
_SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


class SnapshotCopyGrant:
    """One request for one grant, in the Region of the asking stack.

    Args:
        request: what CloudFormation asks.
        runtime: the world.
    """

    def __init__(self, request: Request, runtime: Runtime) -> None:
        self._request = request
        self._now = runtime.now
        self._client: RedshiftClient = runtime.redshift(request.region)
        self._kms: KMSClient = runtime.kms(request.region)
        self._retry = Retry(runtime)
        self._sent = False

    def create(self) -> dict[str, Any]:
        """Create the grant, or adopt one of this name with this key."""
        return self._make(wanted(self._request), arriving=True)

    def update(self) -> dict[str, Any]:
        """Keep the grant; another name is a new grant, and the old one goes only by its own Delete."""
        want = wanted(self._request)
        return self._make(want, arriving=self._request.physical_id != want.physical_id)

    def delete(self) -> dict[str, Any]:
        """Delete the grant if both keys are turned; fail at once while a cluster uses it."""
        want = removable(self._request)
        if want is None:
            log.write(
                "INFO", "retained: no removal policy 'destroy', or not a resource of ours", id=self._request.physical_id
            )
        else:
            self._retry.call(f"delete the snapshot copy grant {want.name!r}", lambda: self._delete(want))
        return {"PhysicalResourceId": self._request.physical_id, "Expect": EXPECT_NOTHING}

    def _make(self, want: Wanted, *, arriving: bool) -> dict[str, Any]:
        what = f"create the snapshot copy grant {want.name!r}"
        live = self._retry.call(what, lambda: self._create_or_find(want))
        if live is not None:
            self._own(want, live, arriving=arriving)
        return {
            "PhysicalResourceId": want.physical_id,
            "Data": {"SnapshotCopyGrantName": want.name},
            "Expect": EXPECT_GRANT,
            "Since": self._now().isoformat(),
        }

    def _create_or_find(self, want: Wanted) -> LiveGrant | None:
        """One try: None when the grant was created by this invocation, else the one that stood there."""
        live = grants.read(self._client, want.name)
        if live is not None:
            if not want.has_key(live.key):
                raise Refused(_another_key(want, live))
            ours = ownership.read(ownership.GRANT, live.tags) == ownership.on_creation(self._request)
            return None if self._sent and ours else live
        self._check_key(want)
        log.write("INFO", "CreateSnapshotCopyGrant", grant=want.name, key=want.key)
        tags = ownership.on_creation(self._request).tags(ownership.GRANT)
        try:
            self._client.create_snapshot_copy_grant(
                SnapshotCopyGrantName=want.name,
                KmsKeyId=want.key,
                Tags=ownership.as_list(tags),
            )
        except self._client.exceptions.SnapshotCopyGrantAlreadyExistsFault as error:
            raise Busy(f"a grant of this name was created meanwhile ({words(error)})") from error
        except Exception as error:
            self._sent = self._sent or ambiguous(error)
            raise
        return None

    def _own(self, want: Wanted, live: LiveGrant, *, arriving: bool) -> None:
        found = ownership.read(ownership.GRANT, live.tags)
        if arriving:
            record = ownership.on_arrival(self._request)
        elif found is not None and found.stack != self._request.stack:
            log.write("WARNING", "not the owner, and nothing to change", grant=want.name, owner=found.stack)
            return
        else:
            record = ownership.on_update(self._request, found, destroy=want.destroy)
        new = ownership.missing(live.tags, record.tags(ownership.GRANT))
        if new:
            log.write("INFO", "CreateTags", grant=want.name, tags=new)
            arn = self._request.arn(f"snapshotcopygrant:{want.name}")
            self._retry.call(
                f"record the owner of the snapshot copy grant {want.name!r}",
                lambda: self._client.create_tags(ResourceName=arn, Tags=ownership.as_list(new)),
            )

    def _check_key(self, want: Wanted) -> None:
        """A grant on a key that cannot encrypt would look well and copy nothing."""
        key = self._kms.describe_key(KeyId=want.key)["KeyMetadata"]
        if key.get("KeyState") != _USABLE:
            raise Refused(
                f"KmsKeyId: the key {want.key} is {key.get('KeyState')!r}; allowed: {_USABLE!r}; no grant was created"
            )
        if key.get("KeySpec", _SYMMETRIC) != _SYMMETRIC:
            raise Refused(
                f"KmsKeyId: got {want.key}, {key.get('KeySpec')!r}; allowed: a symmetric key; no grant was created"
            )

    def _delete(self, want: Wanted) -> None:
        live = grants.read(self._client, want.name)
        owner = ownership.read(ownership.GRANT, live.tags) if live is not None else None
        if live is None or owner is None or not owner.may_destroy(self._request) or not want.has_key(live.key):
            log.write("INFO", "retained", grant=want.name, owner=owner and owner.stack, key=live and live.key)
            return
        log.write("INFO", "DeleteSnapshotCopyGrant", grant=want.name)
        try:
            self._client.delete_snapshot_copy_grant(SnapshotCopyGrantName=want.name)
        except self._client.exceptions.SnapshotCopyGrantNotFoundFault:
            return
        except self._client.exceptions.InvalidSnapshotCopyGrantStateFault as error:
            raise Failed(
                f"the snapshot copy grant {want.name!r} is in use: a cluster still copies with it ({words(error)}); "
                "end that snapshot copy first, or keep the grant (removal policy 'retain')",
            ) from error


def _another_key(want: Wanted, live: LiveGrant) -> str:
    return (
        f"the snapshot copy grant {want.name!r} exists with another key: live is {live.key!r}; wanted is {want.key!r}; "
        "a grant's key cannot be changed, and copies under it need it: choose another grant name "
        "(RecoverySite: raise key_generation, for a new generation); nothing was changed"
    )
