"""The reasons for a refused or retained snapshot copy: what is live, what was asked, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import ownership

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .cluster import LiveCluster
    from .copies import Copy
    from .copy_properties import Wanted
    from .events import Request


def different(want: Wanted, live: LiveCluster) -> str:
    """A Create found another configuration."""
    owner = ownership.read(ownership.COPY, live.tags)
    whose = f"owned by {owner.stack}" if owner else "owned by no stack"
    return (
        f"the cluster {want.identifier!r} has a snapshot copy already, {whose}, with another configuration: "
        f"live is {live.copy}; wanted is {want.settings}; give the live values to adopt it and change the retentions "
        "in a later deploy, or disable it first; nothing was changed"
    )


def not_owner(want: Wanted, owner: ownership.Record) -> str:
    """An Update came from a stack that is not the owner any more."""
    return (
        f"the snapshot copy of {want.identifier!r} is owned by {owner.stack}: change it there; if that stack is gone "
        f"or has given it up, remove the tag {ownership.tag_names(ownership.COPY)[0]!r} from the cluster and "
        "deploy again; nothing was changed"
    )


def another_place(want: Wanted, live: LiveCluster) -> str:
    """An Update asked for another Region or grant."""
    return (
        f"the Region or grant of the snapshot copy of {want.identifier!r} cannot be changed in place in this release: "
        f"live is {live.copy}; wanted is {want.settings}; end this copy first (removal policy 'destroy', deploy, "
        "remove the construct, deploy), then declare the new one; nothing was changed"
    )


def loss(want: Wanted, live_days: int, going: Sequence[Copy]) -> str:
    """A shorter retention would delete copies."""
    settings = want.settings
    return (
        f"RetentionPeriod: got '{settings.automated_days}', live is {live_days}; it would delete {len(going)} "
        f"automated snapshot(s) in {settings.destination_region} at once, the oldest {going[0].identifier!r} of "
        f"{going[0].born:%Y-%m-%d %H:%M} UTC; keep {live_days} days, or pass AcceptLossOfCopies 'true' "
        "(accept_loss_of_copies=True); nothing was changed"
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
        return "the copy is off"
    return "" if live.copy.same_place(want.settings) else f"the live copy is another: {live.copy}"
