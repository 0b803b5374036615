"""A deployment over a cluster in each class of states: how long it waits, and what the reason says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.aws.retry import PATIENCE_NOT_KNOWN
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.redshift.states import STATES, Meaning
from tests.cloud.custom_resources.scene import (
    AWAY,
    DESTROY,
    ELSEWHERE,
    FORMER,
    HERE,
    NAME,
    THERE,
    copy,
    create,
    delete,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import Cluster, RedshiftModel
    from resilient_redshift.cloud.redshift.states import State
    from tests.cloud.custom_resources.cloudformation import Stack

UNHEARD_OF = "unheard-of"
NEED_SOMEBODY = [state for state in STATES.values() if state.to_do]
PASS = [state.name for state in STATES.values() if state.passes]


@pytest.mark.parametrize("state", NEED_SOMEBODY, ids=lambda state: state.name)
def test_a_state_that_needs_somebody_fails_within_seconds(
    model: RedshiftModel, cluster: Cluster, stack: Stack, state: State
) -> None:
    # GIVEN a cluster in a state that waiting does not end
    cluster.status = state.name
    before = model.clock.monotonic()
    # WHEN a copy is wanted
    reason = create(stack).reason
    # THEN the reason names the state, what AWS does next and what to do, and nothing was changed
    assert model.clock.monotonic() - before < 5
    for words in (repr(state.name), state.happens, f"{state.to_do}, then deploy again"):
        assert words in reason
    assert mutations(model) == []


@pytest.mark.parametrize("status", PASS)
def test_a_passing_state_is_waited_for(model: RedshiftModel, stack: Stack, status: str) -> None:
    model.faults.busy(HERE, NAME, 400, status)
    assert create(stack).ok


def test_an_unknown_state_that_ends_soon_is_waited_for(model: RedshiftModel, stack: Stack) -> None:
    model.faults.busy(HERE, NAME, 60, UNHEARD_OF)
    assert create(stack).ok


def test_an_unknown_state_is_waited_for_two_minutes_and_then_named(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a cluster in a state that is not in the table, for an hour
    model.faults.busy(HERE, NAME, 3600, UNHEARD_OF)
    before = model.clock.monotonic()
    # WHEN a copy is wanted
    answer = create(stack)
    # THEN the request fails after two minutes at most, names the state as not known, and leaves no owner behind
    assert 60 <= model.clock.monotonic() - before <= PATIENCE_NOT_KNOWN.total_seconds()
    assert f"{UNHEARD_OF!r}, and this release does not know that state" in answer.reason
    assert tags(model) == {}
    assert model.copy_of(HERE, NAME) is None


def test_the_two_minutes_begin_when_the_unknown_state_is_seen(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a cluster that is busy for five minutes, and then for one minute in a state that is not in the table
    model.faults.busy(HERE, NAME, 360)
    model.clock.call_later(300, lambda: setattr(model.cluster(HERE, NAME), "status", UNHEARD_OF))
    # WHEN a copy is wanted THEN the request waits for both
    assert create(stack).ok


@pytest.mark.parametrize("change", [AWAY, {"RetentionPeriod": "14"}], ids=["a swap", "a retention"])
def test_an_update_over_an_unknown_state_changes_no_copy(
    model: RedshiftModel, cluster: Cluster, stack: Stack, change: dict[str, str]
) -> None:
    cluster.copy, cluster.tags = live(), owned(stack)
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    model.faults.busy(HERE, NAME, 3600, UNHEARD_OF)
    before = model.clock.monotonic()
    assert "does not know that state" in update(stack, **change).reason
    assert model.clock.monotonic() - before <= PATIENCE_NOT_KNOWN.total_seconds()
    assert model.copy_of(HERE, NAME) == live()


@pytest.mark.parametrize(("seconds", "swapped"), [(240, True), (735, False)])
def test_a_swap_waits_for_an_unknown_state_as_for_a_busy_one_once_the_copy_is_off(
    model: RedshiftModel, cluster: Cluster, stack: Stack, seconds: float, swapped: bool
) -> None:
    # GIVEN a cluster that is in a state that is not in the table for minutes, after the swap has disabled the copy
    cluster.copy, cluster.tags = live(), owned(stack)
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    model.faults.fail_next("EnableSnapshotCopy", "Throttling")
    model.clock.call_later(1, lambda: model.faults.busy(HERE, NAME, seconds, UNHEARD_OF))
    # WHEN the copy moves to another Region
    answer = update(stack, **AWAY)
    # THEN the new copy is on if the state ends within ten minutes, and the former one if it ends a little later
    assert answer.ok is swapped
    assert model.copy_of(HERE, NAME) == (live(region=ELSEWHERE, grant_name="away-grant") if swapped else live())
    if not swapped:
        assert "does not know that state" in answer.reason


@pytest.mark.parametrize("note", [f"{THERE}/sales-grant/7/-1", "a note that nobody can read"])
def test_a_copy_that_an_interrupted_swap_left_off_waits_for_an_unknown_state_as_for_a_busy_one(
    model: RedshiftModel, cluster: Cluster, stack: Stack, note: str
) -> None:
    # GIVEN a copy that an interrupted swap left off, and four minutes of a state that is not in the table
    cluster.copy, cluster.tags = None, {**owned(stack), FORMER: note}
    model.faults.busy(HERE, NAME, 240, UNHEARD_OF)
    # WHEN the next request arrives THEN the copy is on again
    assert update(stack).ok
    assert model.copy_of(HERE, NAME) == live()


def test_an_unknown_state_that_comes_again_has_its_two_minutes_again(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a cluster that is unknown for a minute, busy for three, and unknown for another minute
    model.faults.busy(HERE, NAME, 300)
    for seconds, status in [(0, UNHEARD_OF), (60, "modifying"), (240, UNHEARD_OF)]:
        model.clock.call_later(seconds, lambda status=status: setattr(model.cluster(HERE, NAME), "status", status))
    # WHEN a copy is wanted THEN the request waits for all of them
    assert create(stack).ok


def test_a_delete_over_an_unknown_state_names_it(model: RedshiftModel, cluster: Cluster, stack: Stack) -> None:
    cluster.copy, cluster.tags = live(), owned(stack)
    cluster.status = UNHEARD_OF
    assert "does not know that state" in delete(stack, **DESTROY).reason
    assert model.copy_of(HERE, NAME) == live()


def test_tags_that_a_cluster_in_an_unknown_state_refuses_are_waited_for_two_minutes(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    cluster.status = UNHEARD_OF
    model.faults.fail_for(3600, "CreateTags", "InvalidClusterState")
    before = model.clock.monotonic()
    assert "does not know that state" in create(stack).reason
    assert model.clock.monotonic() - before <= PATIENCE_NOT_KNOWN.total_seconds()


def test_a_note_that_a_cluster_in_an_unknown_state_keeps_costs_two_minutes_at_most(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    # GIVEN the note of an interrupted swap on a cluster whose state is not in the table
    cluster.copy, cluster.tags = live(), {**owned(stack), FORMER: "us-east-1/away-grant/7/-1"}
    cluster.status = UNHEARD_OF
    model.faults.fail_for(3600, "DeleteTags", "InvalidClusterState")
    before = model.clock.monotonic()
    # WHEN an Update finds nothing else to do THEN it passes, and the note stays
    assert update(stack).ok
    assert model.clock.monotonic() - before <= PATIENCE_NOT_KNOWN.total_seconds()
    assert FORMER in tags(model)


def looks_complete(stack: Stack) -> Callable[[], bool]:
    """Send a Create to on_event. Return a function that asks is_complete about it."""
    event = {
        "RequestType": "Create",
        "ResourceType": "Custom::RedshiftSnapshotCopy",
        "LogicalResourceId": "Copy",
        "StackId": stack.id,
        "ResourceProperties": dict(copy().properties),
    }
    merged = {**event, **index.on_event_in(event, stack.handler.runtime())}
    return lambda: bool(index.is_complete_in(merged, stack.handler.runtime())["IsComplete"])


def warnings(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [line for line in map(json.loads, capsys.readouterr().out.splitlines()) if line["level"] == "WARNING"]


@pytest.mark.parametrize(("seconds", "complete"), [(60, False), (150, True)])
def test_a_copy_that_is_on_is_complete_two_minutes_after_the_state_became_unknown(
    model: RedshiftModel,
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
    seconds: float,
    complete: bool,
) -> None:
    # GIVEN a copy that was switched on, and a cluster whose state is not in the table since
    is_complete = looks_complete(stack)
    model.faults.busy(HERE, NAME, 3600, UNHEARD_OF)
    model.clock.advance(seconds)
    # WHEN is_complete looks THEN it waits for a short time, and after that it says that it does not know the state
    assert is_complete() is complete
    assert [line.get("state") for line in warnings(capsys)] == ([UNHEARD_OF] if complete else [])


@pytest.mark.parametrize(
    "state", [state for state in NEED_SOMEBODY if state.meaning is Meaning.NEEDS_SOMEBODY], ids=lambda state: state.name
)
def test_a_copy_that_is_on_is_complete_with_a_warning_where_the_cluster_needs_somebody(
    cluster: Cluster, stack: Stack, capsys: pytest.CaptureFixture[str], state: State
) -> None:
    # GIVEN a copy that was switched on, and a cluster that needs somebody since
    is_complete = looks_complete(stack)
    cluster.status = state.name
    # WHEN is_complete looks THEN the request is done, and the log says what AWS does next and what to do
    assert is_complete()
    [line] = warnings(capsys)
    assert (line["state"], line["happens"], line["to_do"]) == (state.name, state.happens, state.to_do)
