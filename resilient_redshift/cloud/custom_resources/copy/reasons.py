"""The reasons for a refused or retained snapshot copy: what is live, what was asked, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.cloud.custom_resources.copy.former import TAG_FORMER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cloud.custom_resources.copy.losses import Copy
    from resilient_redshift.cloud.custom_resources.copy.properties import Wanted
    from resilient_redshift.cloud.custom_resources.events import Request
    from resilient_redshift.cloud.errors import ProviderError
    from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster


#: Why a Delete has nothing to do.
OFF: Final = "the copy is off"
_NOTHING: Final = "nothing was changed"


def different(want: Wanted, live: LiveCluster, *, brought_back: bool) -> str:
    """A Create found another configuration."""
    owner = ownership.read(ownership.COPY, live.tags)
    whose = f"owned by {owner.stack}" if owner else "owned by no stack"
    return (
        f"the cluster {want.identifier!r} has a snapshot copy already, {whose}, with another configuration: "
        f"live is {live.copy}; wanted is {want.settings}; give the live values to adopt it, or pass ReplaceExisting "
        "'true' (replace_existing=True) to replace it; "
        + ("that copy was only brought back, which an interrupted swap had left off" if brought_back else _NOTHING)
    )


def not_back(want: Wanted, before: CopySettings, error: ProviderError) -> str:
    """What an interrupted swap left off stays off."""
    return (
        f"{error}; THE SNAPSHOT COPY OF {want.identifier!r} IS OFF OR UNKNOWN NOW; the former one was {before}; mend "
        f"that and deploy again, or give it up: remove the tag {TAG_FORMER!r} from the cluster and deploy again"
    )


def not_owner(want: Wanted, owner: ownership.Record) -> str:
    """An Update came from a stack that is not the owner any more."""
    return (
        f"the snapshot copy of {want.identifier!r} is owned by {owner.stack}: change it there; if that stack is gone "
        f"or has given it up, remove the tag {ownership.tag_names(ownership.COPY)[0]!r} from the cluster and "
        "deploy again; nothing was changed"
    )


def taken_over(want: Wanted, owner: ownership.Record | None) -> str:
    """Another stack recorded itself while we swapped."""
    return (
        f"the snapshot copy of {want.identifier!r} was taken over during the swap, by "
        f"{owner.stack if owner else 'nobody: its tag was removed'}"
    )


def unusable_key(want: Wanted, key: str, state: str) -> str:
    """The grant's key cannot encrypt."""
    return (
        f"the key {key} of the snapshot copy grant {want.settings.grant!r} is {state!r}, and only an 'Enabled' one "
        "encrypts copies; nothing was changed"
    )


def stands(on: CopySettings, error: ProviderError) -> str:
    """A swap failed, and a copy is on."""
    return f"{error}; no copy was lost to the swap: the snapshot copy that stands now is {on}"


def left_off(want: Wanted, has: CopySettings, error: ProviderError, second: ProviderError) -> str:
    """A swap failed, and so did the way back."""
    return (
        f"{error}; and the former snapshot copy did not come back: {second}; THE SNAPSHOT COPY OF {want.identifier!r} "
        f"IS OFF OR UNKNOWN NOW; the former one was {has}; the rollback or the next deploy of this resource enables it"
    )


def loss(want: Wanted, live_days: int, going: Sequence[Copy]) -> str:
    """Another retention would delete copies, or shorten their lives."""
    days, region = want.settings.automated_days, want.settings.destination_region
    oldest = f"the oldest {going[0].identifier!r} of {going[0].born:%Y-%m-%d %H:%M} UTC"
    what = (
        f"it would delete {len(going)} automated snapshot(s) in {region} at once, {oldest}"
        if days < live_days
        else f"{len(going)} automated snapshot(s) in {region} are older than {live_days} days, {oldest}: it would "
        "shorten the longer retention of their own that they have from before"
    )
    return (
        f"RetentionPeriod: got '{days}', live is {live_days}; {what}; keep {live_days} days, or pass "
        "AcceptLossOfCopies 'true' (accept_loss_of_copies=True); nothing was changed"
    )


def kept(request: Request, want: Wanted, live: LiveCluster | None) -> str:
    """Why a Delete changes nothing; empty where both keys are turned and the live copy is ours."""
    if live is None or live.going:
        return "the cluster is gone or going"
    owner = ownership.read(ownership.COPY, live.tags)
    if owner is None or not owner.is_of(request):
        return f"the recorded owner is {owner and owner.stack}, resource {owner and owner.resource}"
    if not owner.may_destroy(request):
        return "the copy was on before this resource; an update with the removal policy 'destroy' gives the second key"
    if live.copy is None:
        return OFF
    return "" if live.copy.same_place(want.settings) else f"the live copy is another: {live.copy}"
