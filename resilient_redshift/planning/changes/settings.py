"""Compares what else of one cluster decides about recovery: its plan, its deletion policies, its name and its costs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._keys import RETAINED
from resilient_redshift.planning._verdicts import UNKNOWN
from resilient_redshift.planning.changes import _texts
from resilient_redshift.planning.changes._counts import HORIZON_IN_WORDS, Kept, kept
from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction
from resilient_redshift.planning.changes.pairing import identifier_of, stack_of
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.node_types import BackupBilling, family_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning._pictures import ClusterPicture, Plan

DELETE: Final = "Delete"
_CHOSEN_BY_AWS: Final = "chosen at deployment"
REPLACE_POLICY: Final = "UpdateReplacePolicy"
_KNOWN_POLICIES: Final = RETAINED | {DELETE, "Snapshot"}


def plan_changes(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """What changes about the recovery plan and its rehearsals."""
    old, new = before.plan, after.plan
    names = [_texts.NOTHING if plan is None else plan.name for plan in (old, new)]
    if names[0] != names[1]:
        direction = Direction.CHANGED
        if old is None or new is None:
            direction = Direction.BETTER if old is None else Direction.WORSE
        yield AspectChange(
            aspect=Aspect.PLAN, what="recovery plan", before=names[0], after=names[1], direction=direction
        )
    often = _how_often(old), _how_often(new)
    if often[0] != often[1]:
        yield AspectChange(
            aspect=Aspect.PLAN,
            what="longest time between rehearsals",
            before=_apart(old),
            after=_apart(new),
            direction=Direction.WORSE if often[1] < often[0] else Direction.BETTER,
        )


def _how_often(plan: Plan | None) -> tuple[bool, bool, timedelta]:
    """How often a plan is rehearsed: a shorter time is more, an unknown time is less, and no rehearsal is least."""
    gap = None if plan is None else plan.longest_gap
    return plan is not None and bool(plan.rehearsals), gap is not None, -(gap or timedelta(0))


def _apart(plan: Plan | None) -> str:
    if plan is None or not plan.rehearsals:
        return _texts.NOTHING
    return UNKNOWN if plan.longest_gap is None else in_words(plan.longest_gap)


def deletion_changes(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """What changes about the fate of the cluster's data when CloudFormation deletes or replaces the cluster."""
    old, new = before.resource, after.resource
    if old is None or new is None:
        return
    for name in ("DeletionPolicy", REPLACE_POLICY):
        policies = _texts.attribute(old, name, DELETE), _texts.attribute(new, name, DELETE)
        if policies[0] != policies[1]:
            yield AspectChange(
                aspect=Aspect.DELETION,
                what=name,
                before=policies[0],
                after=policies[1],
                direction=_direction_of_policy(*policies),
            )


def _direction_of_policy(before: str, after: str) -> Direction:
    if before == DELETE and after in _KNOWN_POLICIES:
        return Direction.BETTER
    certain = before in _KNOWN_POLICIES and before != DELETE
    lost = after == DELETE or after not in _KNOWN_POLICIES
    return Direction.WORSE if certain and lost else Direction.CHANGED


def identity_changes(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """What changes about the names of the cluster."""
    old, new = before.resource, after.resource
    names = [
        ("identifier", *(identifier_of(each) or _CHOSEN_BY_AWS for each in (before, after))),
        *([("stack", before.stack, after.stack)] if None not in map(stack_of, (before, after)) else []),
        ("logical id", *(_texts.NOTHING if each is None else each.logical_id for each in (old, new))),
        ("condition", *(each.condition or _texts.NOTHING for each in (before, after))),
        ("in the templates", *("no" if each is None else "yes" for each in (old, new))),
    ]
    for what, was, now in names:
        if was != now:
            yield AspectChange(aspect=Aspect.IDENTITY, what=what, before=was, after=now, direction=Direction.CHANGED)


def cost_changes(before: ClusterPicture, after: ClusterPicture) -> Iterator[AspectChange]:
    """How many recovery points exist at the same time in each Region, and whether AWS bills more or less."""
    old, new = kept(before), kept(after)
    yield from _cost_in_region(old[0], new[0], free=_automated_are_free(after))
    former = {each.region: each for each in old[1:]}
    later = {each.region: each for each in new[1:]}
    for region in {**former, **later}:
        yield from _cost_in_region(former.get(region), later.get(region), free=False)


def _cost_in_region(before: Kept | None, after: Kept | None, *, free: bool) -> Iterator[AspectChange]:
    sides = [each for each in (after, before) if each is not None]
    words = [_texts.NOTHING if each is None else each.in_words for each in (before, after)]
    if words[0] == words[1]:
        return
    forever = any(each.forever for each in sides)
    yield AspectChange(
        aspect=Aspect.COST,
        what=f"recovery points in {sides[0].region}",
        before=words[0],
        after=words[1],
        direction=Direction.CHANGED,
        note="; ".join([_cost(before, after, free=free), *([HORIZON_IN_WORDS] if forever else [])]),
    )


def _automated_are_free(cluster: ClusterPicture) -> bool:
    """Whether AWS bills no automated snapshots in the cluster's Region. An unknown family is billed as RA3 is."""
    family = family_of(cluster.node_type)
    return family is None or family.billing is not BackupBilling.ABOVE_PROVISIONED


def _cost(before: Kept | None, after: Kept | None, *, free: bool) -> str:
    billed = _billed(before, free=free), _billed(after, free=free)
    if billed[0] is None or billed[1] is None:
        return "whether the cost goes up is unknown"
    if billed[0] == billed[1]:
        return "the cost stays: automated snapshots in the cluster's Region are free"
    return "the cost goes up" if billed[1] > billed[0] else "the cost goes down"


def _billed(kept_there: Kept | None, *, free: bool) -> int | None:
    if kept_there is None:
        return 0
    counts = [kept_there.manual, *([] if free else [kept_there.automated])]
    return None if None in counts else sum(count or 0 for count in counts)
