"""Two stacks work on one cluster, one grant or one schedule at the same moment, in every order of their API calls.

Redshift has no "change this only if", so some orders cannot end well for both. What may happen then is in the column
``windows``, and docs/evidence.md says the same. A window that is not listed fails the test, and so does one that is
listed and does not exist.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ACCOUNT, CopyConfig
from tests.cloud.custom_resources import schedule_scene
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.interleaving import every_order
from tests.cloud.custom_resources.scene import (
    AWAY,
    DESTROY,
    ELSEWHERE,
    HERE,
    NAME,
    ORIGIN,
    OWNER,
    OWNER_RESOURCE,
    REKEYED,
    THERE,
    copy,
    create,
    delete,
    grant,
    live,
    owned,
    update,
)
from tests.cloud.custom_resources.schedule_scene import OFTEN, REPLACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.interleaving import Order

LONGER = {"RetentionPeriod": "14"}
SHORTER = {"RetentionPeriod": "3"}
GRANT_TAGS = tuple(f"resilient-redshift:grant-{part}" for part in ("owner", "owner-resource", "origin"))
KEY = f"arn:aws:kms:{THERE}:{ACCOUNT}:key/11111111-1111-1111-1111-111111111111"

#: A request ended well, and its copy is off. No order may do that.
GREEN_AND_OFF = "a green stack without its copy"
#: The copy was on, nobody asked to end it, and it is off. No order may do that.
ENDED = "the copy was ended"
#: A part of a record is missing. No order may do that.
PARTIAL = "a partial record"
#: The record names a stack that failed, and another one ended well.
LOSER = "the record of the stack that failed"
#: Nobody is recorded, and a stack ended well: its next deployment writes the record again.
NO_RECORD = "no record"
#: A stack ended well, and the copy is on in another way than the stack declares. The watcher reports it.
OTHER = "another copy than the owner declares"


@dataclasses.dataclass(frozen=True)
class Before:
    """What was live before two requests, and what they want."""

    live: Any
    owner: str | None
    #: What each stack wants. None for a Delete.
    wanted: dict[str, Any]


def _judge(order: Order, before: Before, now: Any, record: list[str | None]) -> str:
    """Return what is wrong after one order, or an empty text. The worst comes first.

    Args:
        order: the order.
        before: what was live, and what is wanted.
        now: what is live after it.
        record: the owner, its resource and its origin, as the tags say.
    """
    green = {name for name, answer in zip(before.wanted, order.answers, strict=True) if answer.ok}
    served = {name for name in green if before.wanted[name] is not None}
    owners = {record[0]} & served or served
    wrong = {
        GREEN_AND_OFF: bool(served) and now is None,
        ENDED: before.live is not None and now is None and all(before.wanted.values()),
        PARTIAL: any(record) and not all(record),
        LOSER: bool(served) and record[0] not in {*served, None, before.owner},
        OTHER: bool(served) and now not in [before.wanted[str(name)] for name in owners],
        NO_RECORD: bool(served) and record[0] is None,
    }
    return next((name for name, holds in wrong.items() if holds), "")


def _wants(request: tuple[Callable[..., Any], dict[str, str]]) -> CopyConfig | None:
    send, changes = request
    wanted = copy(**changes).properties
    return (
        None
        if send is delete
        else CopyConfig(
            wanted["DestinationRegion"],
            int(wanted["RetentionPeriod"]),
            int(wanted["ManualSnapshotRetentionPeriod"]),
            wanted["SnapshotCopyGrantName"],
        )
    )


@pytest.mark.parametrize(
    ("was", "first", "second", "switches", "windows"),
    [
        pytest.param(None, (create, {}), (create, {}), 3, set(), id="two Creates of one copy"),
        pytest.param(None, (create, {}), (create, LONGER), None, {NO_RECORD}, id="two Creates of two retentions"),
        pytest.param(None, (create, {}), (create, AWAY), 3, {NO_RECORD}, id="two Creates of two places"),
        pytest.param(live(), (create, {}), (create, {}), None, set(), id="two Creates that adopt"),
        pytest.param(
            live(20, 30, ELSEWHERE, None),
            (create, REPLACE),
            (create, {**REKEYED, **REPLACE}),
            1,
            {NO_RECORD, OTHER},
            id="two Creates that replace",
        ),
        pytest.param(live(), (delete, DESTROY), (create, {}), None, {NO_RECORD}, id="Delete and a Create that adopts"),
        pytest.param(
            live(), (delete, DESTROY), (create, LONGER), None, {NO_RECORD}, id="Delete and a Create that differs"
        ),
        pytest.param(
            live(),
            (delete, DESTROY),
            (create, {**LONGER, **REPLACE}),
            None,
            {NO_RECORD, OTHER},
            id="Delete and a Create that changes the retention",
        ),
        pytest.param(
            live(),
            (delete, DESTROY),
            (create, {**AWAY, **REPLACE}),
            2,
            {NO_RECORD, OTHER},
            id="Delete and a Create that moves the copy",
        ),
        pytest.param(live(), (update, LONGER), (create, {}), 3, {LOSER, OTHER}, id="a raise and a Create that adopts"),
        pytest.param(live(), (update, SHORTER), (create, {}), 3, set(), id="a lowering and a Create that adopts"),
        pytest.param(
            live(),
            (update, LONGER),
            (create, {"RetentionPeriod": "21", **REPLACE}),
            2,
            {LOSER, OTHER},
            id="a raise and a Create that raises more",
        ),
        pytest.param(live(), (update, AWAY), (create, {}), 3, set(), id="a swap and a Create that adopts"),
        pytest.param(live(), (update, AWAY), (create, AWAY), 3, set(), id="a swap and a Create that adopts what comes"),
        pytest.param(
            live(), (update, AWAY), (create, {**REKEYED, **REPLACE}), 1, {OTHER}, id="a swap and a Create that swaps"
        ),
    ],
)
def test_two_requests_for_one_copy(
    was: CopyConfig | None,
    first: tuple[Callable[..., Any], dict[str, str]],
    second: tuple[Callable[..., Any], dict[str, str]],
    switches: int | None,
    windows: set[str],
) -> None:
    # GIVEN a cluster whose copy is of stack A, if there is one and A comes with an Update or a Delete
    stacks: dict[str, Stack] = {}

    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        for region, name in ((THERE, "sales-grant"), (THERE, "sales-grant-2"), (ELSEWHERE, "away-grant")):
            model.given_grant(region, name, model.given_key(region))
        cluster = model.given_cluster(HERE, NAME, copy=dataclasses.replace(was) if was else None)
        stacks.update({name: Stack(model, name, HERE) for name in "AB"})
        if first[0] is not create:
            cluster.tags = owned(stacks["A"])
        return {
            name: lambda name=name, request=request: request[0](stacks[name], **request[1])  # type: ignore[misc]
            for name, request in zip("AB", (first, second), strict=True)
        }

    # WHEN they cross
    found: dict[str, Order] = {}
    for order in every_order(scene, most_switches=switches):
        cluster = order.model.cluster(HERE, NAME)
        assert cluster is not None
        names = {stack.id: name for name, stack in stacks.items()}
        tags = [names.get(cluster.tags.get(OWNER, "")), *map(cluster.tags.get, (OWNER_RESOURCE, ORIGIN))]
        owner = None if first[0] is create else "A"
        before = Before(was, owner, {"A": _wants(first), "B": _wants(second)})
        found.setdefault(_judge(order, before, cluster.copy, tags), order)
    # THEN only the known windows show
    assert set(found) - {""} == windows, "\n".join(f"{wrong}: {order}" for wrong, order in found.items())


@pytest.mark.parametrize("undoes", ["DeleteTags", "DisableSnapshotCopy"])
def test_a_create_that_enables_repairs_what_another_request_undoes(undoes: str) -> None:
    # GIVEN a Create, and one call of another request: a former owner's Delete makes both of these calls
    stacks: list[Stack] = []

    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        model.given_grant(THERE, "sales-grant", model.given_key(THERE))
        model.given_cluster(HERE, NAME)
        stacks[:] = [Stack(model, "A", HERE)]
        client = model.client(HERE)

        def undo() -> None:
            if undoes == "DeleteTags":
                client.delete_tags(ResourceName=model.arn(HERE, f"cluster:{NAME}"), TagKeys=list(owned(stacks[0])))
            else:
                with contextlib.suppress(client.exceptions.SnapshotCopyAlreadyDisabledFault):
                    client.disable_snapshot_copy(ClusterIdentifier=NAME)

        return {"A": lambda: create(stacks[0]), "B": undo}

    # WHEN it comes before the Create has looked at what it enabled THEN the copy is on, with the whole record
    judged = 0
    for order in every_order(scene):
        if order.calls.index(f"B {undoes}") <= order.calls.index("A EnableSnapshotCopy") + 1:
            judged += 1
            cluster = order.model.cluster(HERE, NAME)
            assert cluster is not None
            assert (cluster.copy, cluster.tags) == (live(), owned(stacks[0])), str(order)
    assert judged > 1


@pytest.mark.parametrize(
    ("was", "first", "second", "windows"),
    [
        pytest.param(None, ("Create", {}), ("Create", {}), set(), id="two Creates of one schedule"),
        pytest.param(None, ("Create", {}), ("Create", {"name": "b"}), {NO_RECORD}, id="two Creates of two schedules"),
        pytest.param(OFTEN, ("Delete", DESTROY), ("Create", {}), set(), id="Delete and a Create that adopts"),
        pytest.param(
            OFTEN,
            ("Delete", DESTROY),
            ("Create", {"name": "b", **REPLACE}),
            set(),
            id="Delete and a Create that replaces",
        ),
        pytest.param(
            OFTEN, ("Update", {"name": "c"}), ("Create", {}), {LOSER, OTHER}, id="Update and a Create that adopts"
        ),
        pytest.param(
            OFTEN,
            ("Update", {"name": "c"}),
            ("Create", {"name": "b", **REPLACE}),
            set(),
            id="Update and a Create that replaces",
        ),
    ],
)
def test_two_requests_for_the_schedule_of_one_cluster(
    was: str | None, first: tuple[str, dict[str, str]], second: tuple[str, dict[str, str]], windows: set[str]
) -> None:
    # GIVEN
    stacks: dict[str, Stack] = {}

    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        cluster = model.given_cluster(HERE, NAME)
        for hours, name in enumerate((OFTEN, "b", "c"), 4):
            model.given_schedule(HERE, name, f"rate({hours} hours)")
        stacks.update({name: Stack(model, name, HERE) for name in "AB"})
        if was:
            cluster.schedule, cluster.schedule_state = was, "ACTIVE"
            cluster.tags = schedule_scene.owned(stacks["A"], "Association")
        return {
            name: lambda name=name, kind=kind, changes=changes: schedule_scene.send(  # type: ignore[misc]
                stacks[name], kind, schedule_scene.association(**changes)
            )
            for name, (kind, changes) in zip("AB", (first, second), strict=True)
        }

    # WHEN
    found: dict[str, Order] = {}
    for order in every_order(scene, most_switches=3):
        order.model.clock.advance(600)
        cluster = order.model.cluster(HERE, NAME)
        assert cluster is not None
        names = {stack.id: name for name, stack in stacks.items()}
        owner, *more = map(cluster.tags.get, schedule_scene.TAGS)
        wanted = {
            name: None if kind == "Delete" else changes.get("name", OFTEN)
            for name, (kind, changes) in zip("AB", (first, second), strict=True)
        }
        before = Before(was, "A" if was else None, wanted)
        found.setdefault(_judge(order, before, cluster.schedule, [names.get(owner or ""), *more]), order)
    # THEN
    assert set(found) - {""} == windows, "\n".join(f"{wrong}: {order}" for wrong, order in found.items())


@pytest.mark.parametrize(
    ("exists", "first", "windows"),
    [
        pytest.param(False, ("Create", {}), set(), id="two Creates"),
        pytest.param(True, ("Update", {}), set(), id="Update and a Create that adopts"),
        pytest.param(True, ("Delete", DESTROY), {GREEN_AND_OFF}, id="Delete and a Create that adopts"),
    ],
)
def test_two_requests_for_one_grant(exists: bool, first: tuple[str, dict[str, str]], windows: set[str]) -> None:
    # GIVEN
    stacks: dict[str, Stack] = {}

    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        key = model.given_key(THERE, key_id=KEY.rpartition("/")[2])
        stacks.update({name: Stack(model, name, THERE) for name in "AB"})
        if exists:
            record = dict(zip(GRANT_TAGS, (stacks["A"].id, "Grant", "created"), strict=True))
            model.given_grant(THERE, "site-1", key, tags=record)
        return {
            name: lambda name=name, kind=kind, changes=changes: stacks[name].handler.send(  # type: ignore[misc]
                kind, "Grant", grant(key, **changes), PhysicalResourceId="snapshot-copy-grant/site-1"
            )
            for name, (kind, changes) in zip("AB", (first, ("Create", {})), strict=True)
        }

    # WHEN
    found: dict[str, Order] = {}
    for order in every_order(scene):
        live_grant = order.model.grant(THERE, "site-1")
        names = {stack.id: name for name, stack in stacks.items()}
        owner, *more = [live_grant.tags.get(tag) if live_grant else None for tag in GRANT_TAGS]
        wanted = {"A": None if first[0] == "Delete" else "there", "B": "there"}
        before = Before("there" if exists else None, "A" if exists else None, wanted)
        now = "there" if live_grant else None
        found.setdefault(_judge(order, before, now, [names.get(owner or ""), *more]), order)
    # THEN
    assert set(found) - {""} == windows, "\n".join(f"{wrong}: {order}" for wrong, order in found.items())
