"""The reasons for a refused, failed or retained snapshot copy: what is live, what was wanted, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.contract.names import TAG_COPY_FORMER, TAG_COPY_OWNER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cloud.custom_resources.copy.losses import Copy
    from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.errors import ProviderError
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


#: Why a Delete has nothing to do where the copy is off.
OFF: Final = "the copy is off"


def no_cluster_any_more(want: WantedCopy, *, before_any_change: bool = False) -> str:
    """Explain that the cluster was deleted while the request ran.

    Args:
        want: the wanted copy.
        before_any_change: whether the caller knows that the request has changed nothing.
    """
    changes = "nothing was changed" if before_any_change else "this request deleted no snapshot that was copied before"
    return f"there is no cluster {want.identifier!r} any more: it was deleted while this request ran; {changes}"


def different(want: WantedCopy, live: LiveCluster, *, enabled_again: bool) -> str:
    """Explain that a Create found a copy with another configuration.

    Args:
        want: the wanted copy.
        live: the cluster now.
        enabled_again: whether this request has ended an interrupted swap, and so enabled the copy again.
    """
    owner = ownership.read(ownership.COPY, live.tags)
    whose = f"owned by {owner.stack}" if owner else "owned by no stack"
    changes = (
        "the only change was to enable that copy again, because an interrupted swap had left it off"
        if enabled_again
        else "nothing was changed"
    )
    return (
        f"the cluster {want.identifier!r} has a snapshot copy already, {whose}, with another configuration: "
        f"live is {live.copy}; wanted is {want.settings}; declare the live values to adopt that copy, or pass "
        f"ReplaceExisting 'true' (replace_existing=True) to replace it; {changes}"
    )


def different_meanwhile(want: WantedCopy, live: LiveCluster) -> str:
    """Explain that a different copy was enabled while the request ran."""
    return (
        f"somebody else enabled another snapshot copy of {want.identifier!r} meanwhile: live is {live.copy}; wanted is "
        f"{want.settings}; that copy was left alone; declare its values to adopt it, or deploy again once it is gone"
    )


def changed_meanwhile(want: WantedCopy) -> str:
    """Explain that somebody changed the copy while the request ran."""
    return f"the snapshot copy of {want.identifier!r} was changed by somebody else while this request ran; deploy again"


def enabled_meanwhile(error: Exception) -> str:
    """Explain that Redshift refuses to enable a copy because one is on, and does not show that copy yet."""
    return f"Redshift says that a snapshot copy is on already, and does not show it yet ({error})"


def not_back(want: WantedCopy, before: CopySettings, error: ProviderError) -> str:
    """Explain that the copy which an interrupted swap left off stays off."""
    return (
        f"an interrupted swap left the snapshot copy of {want.identifier!r} off: {error}; THE SNAPSHOT COPY OF "
        f"{want.identifier!r} IS OFF OR UNKNOWN NOW; the former one was {before}; correct the cause and deploy again, "
        "or give the former copy up: remove the tag "
        f"{TAG_COPY_FORMER!r} from the cluster and deploy again"
    )


def not_owner(want: WantedCopy, owner: ownership.Record) -> str:
    """Explain that an Update came from a stack that is not the owner any more."""
    return (
        f"the snapshot copy of {want.identifier!r} is owned by {owner.stack}: change it there; if that stack is gone "
        f"or has given the copy up, remove the tag {TAG_COPY_OWNER!r} from the cluster and deploy again; nothing was "
        "changed"
    )


def taken_over(want: WantedCopy, owner: ownership.Record | None) -> str:
    """Explain that the recorded owner changed while the request ran. Without an owner, that was during a swap."""
    if owner is None:
        return (
            f"somebody removed the owner's tag {TAG_COPY_OWNER!r} during the swap of the snapshot copy of "
            f"{want.identifier!r}; deploy again"
        )
    return (
        f"the snapshot copy of {want.identifier!r} was taken over by {owner.stack} while this request ran; only one "
        "stack can own it: decide which one, and remove it from the other"
    )


def taken_and_off(want: WantedCopy, ended: CopySettings, owner: ownership.Record, error: ProviderError) -> str:
    """Explain that a Delete ended a copy which another resource took over at that moment, and that it stays off."""
    return (
        f"{owner.stack} took the snapshot copy of {want.identifier!r} over while this request ended it, and it could "
        f"not be enabled again: {error}; THE SNAPSHOT COPY OF {want.identifier!r} IS OFF OR UNKNOWN NOW; it was "
        f"{ended}; correct the cause, then deploy a change of that stack's snapshot copy"
    )


def unusable_key(want: WantedCopy, key: str, state: str) -> str:
    """Explain that the grant's key cannot encrypt."""
    return (
        f"the key {key} of the snapshot copy grant {want.settings.grant!r} is {state!r}, and only an 'Enabled' key can "
        "encrypt copies; enable the key, or name another grant; nothing was changed"
    )


def swap_failed(on: CopySettings, error: ProviderError) -> str:
    """Explain that a swap failed, and which copy is on now."""
    return (
        f"{error}; the swap failed and deleted no snapshot that was copied before; the snapshot copy that is on now is "
        f"{on}; correct the cause and deploy again"
    )


def left_off(want: WantedCopy, before: CopySettings, error: ProviderError, second: ProviderError) -> str:
    """Explain that a swap failed, and that enabling the former copy failed too."""
    return (
        f"{error}; and the former snapshot copy could not be enabled again: {second}; THE SNAPSHOT COPY OF "
        f"{want.identifier!r} IS OFF OR UNKNOWN NOW; the former one was {before}; correct both causes: the rollback or "
        "the next deployment of this resource then enables it"
    )


def loss(want: WantedCopy, live_days: int, lost: Sequence[Copy]) -> str:
    """Explain that another retention would delete copies, or shorten their lives."""
    days, region = want.settings.automated_days, want.settings.destination_region
    oldest = f"the oldest {lost[0].identifier!r} of {lost[0].born:%Y-%m-%d %H:%M} UTC"
    what = (
        f"it would delete {len(lost)} automated snapshot(s) in {region} at once, {oldest}"
        if days < live_days
        else f"{len(lost)} automated snapshot(s) in {region} are older than {live_days} days, {oldest}: an earlier "
        "configuration keeps them longer, and this change would shorten their lives"
    )
    return (
        f"RetentionPeriod: got '{days}', live is {live_days}; {what}; keep {live_days} days, or pass "
        "AcceptLossOfCopies 'true' (accept_loss_of_copies=True); nothing was changed"
    )


def why_retained(request: Request, want: WantedCopy, live: LiveCluster | None) -> str:
    """Return why a Delete changes nothing.

    Returns:
        The reason, or an empty text where both keys are turned and the live copy belongs to this resource.

    Raises:
        Refused: the copy may be this resource's, and somebody removed the record that says so.
    """
    if live is None or live.being_deleted:
        return "the cluster does not exist or is being deleted"
    owner = ownership.read(ownership.COPY, live.tags)
    if owner is None or not owner.complete:
        if live.copy is not None and live.copy.same_place(want.settings):
            command = f"aws redshift disable-snapshot-copy --cluster-identifier {want.identifier}"
            raise Refused(
                ownership.removed_by_somebody(f"the cluster {want.identifier!r}", f"its copy ({live.copy})", command)
            )
        return "the cluster has no record of an owner"
    if not owner.is_of(request):
        return f"the recorded owner is {owner.stack}, resource {owner.resource}"
    if not owner.may_destroy(request):
        return "this resource adopted the copy; an update with the removal policy 'destroy' must come first"
    if live.copy is None:
        return OFF
    return "" if live.copy.same_place(want.settings) else f"the live copy is a different one: {live.copy}"
