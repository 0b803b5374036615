"""Each fault at each call of a swap: the copy is on in the end, and was not switched off more often than needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.aws.retry import RESERVE_SECONDS
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import (
    AWAY,
    ELSEWHERE,
    FORMER,
    HERE,
    NAME,
    copy,
    live,
    mutations,
    owned,
    tags,
    update,
)

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel

SWAPPED = live(region=ELSEWHERE, grant_name="away-grant")
#: More than a swap makes with its is-complete; a test looks.
CALLS = 14
NUMBERS = range(1, CALLS + 1)
PERMANENT = "ValidationError"
#: What a fault may cost: the swap, its failure's way back, and a rollback that does the same once more.
MOST_DISABLED = 2


@pytest.fixture
def stack(model: RedshiftModel, cluster: Cluster) -> Stack:
    """A stack that made its copy in one Region, and may go to another."""
    made = Stack(model, "Warehouse", HERE)
    model.given_grant(ELSEWHERE, "away-grant", model.given_key(ELSEWHERE))
    assert cluster.copy is None
    assert made.deploy({"Copy": copy()}).ok
    return made


def _took_effect(model: RedshiftModel, operation: str, since: int) -> int:
    return sum(call.operation == operation and call.took_effect for call in model.calls[since:])


def test_the_numbers_reach_every_call(model: RedshiftModel, stack: Stack) -> None:
    calls = len(model.calls)
    assert stack.deploy({"Copy": copy(**AWAY)}).ok
    assert len(model.calls) - calls < CALLS


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("Throttling", False),
        ("InternalFailure", False),
        ("InternalFailure", True),
        ("AccessDenied", False),
        ("InvalidClusterState", False),
    ],
)
@pytest.mark.parametrize("number", NUMBERS)
def test_what_passes_is_survived(model: RedshiftModel, stack: Stack, number: int, code: str, *, after: bool) -> None:
    # GIVEN one call that fails once, before or after it took effect
    model.faults.fail_at(number, code, after=after)
    calls = len(model.calls)
    # WHEN
    outcome = stack.deploy({"Copy": copy(**AWAY)})
    # THEN
    assert outcome.ok, outcome
    assert model.copy_of(HERE, NAME) == SWAPPED
    assert tags(model) == owned(stack)
    assert _took_effect(model, "DisableSnapshotCopy", calls) == 1
    assert _took_effect(model, "EnableSnapshotCopy", calls) == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_what_does_not_pass_leaves_a_copy_on(model: RedshiftModel, stack: Stack, number: int) -> None:
    # GIVEN one call that AWS refuses for good
    model.faults.fail_at(number, PERMANENT)
    calls = len(model.calls)
    # WHEN
    outcome = stack.deploy({"Copy": copy(**AWAY)})
    # THEN the swap was made, or the former copy is on and the reason is given; no stack is stuck
    assert outcome.status in {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
    assert model.copy_of(HERE, NAME) == (SWAPPED if outcome.ok else live())
    assert all(PERMANENT in reason for reason in outcome.reasons)
    assert FORMER not in tags(model) or outcome.ok
    assert _took_effect(model, "DisableSnapshotCopy", calls) <= MOST_DISABLED


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", NUMBERS)
def test_a_kill_at_any_call_is_rolled_back_to_a_copy(
    model: RedshiftModel, stack: Stack, number: int, *, after: bool
) -> None:
    # GIVEN a handler that dies before or after one of its calls
    model.faults.kill_at(number, after=after)
    calls = len(model.calls)
    # WHEN CloudFormation rolls back
    outcome = stack.deploy({"Copy": copy(**AWAY)})
    # THEN
    assert outcome.status in {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
    assert model.copy_of(HERE, NAME) == (SWAPPED if outcome.ok else live())
    assert tags(model) == owned(stack)
    assert _took_effect(model, "DisableSnapshotCopy", calls) <= MOST_DISABLED
    # AND a retry ends as declared
    assert stack.deploy({"Copy": copy(**AWAY)}).ok
    assert model.copy_of(HERE, NAME) == SWAPPED


@pytest.mark.parametrize("second", NUMBERS)
def test_a_kill_of_the_rollback_too_is_taken_up_by_the_next_deploy(
    model: RedshiftModel, stack: Stack, second: int
) -> None:
    # GIVEN both die, the first one with the copy off
    model.faults.kill_next("EnableSnapshotCopy")
    assert not update(stack, **AWAY).ok
    model.faults.kill_at(second)
    update(stack)
    model.faults.clear()
    # WHEN the rollback is continued
    assert update(stack).ok
    # THEN
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(stack)


@pytest.mark.parametrize(
    "code", ["LimitExceededFault", "IncompatibleOrderableOptions", "UnknownSnapshotCopyRegionFault", PERMANENT]
)
def test_a_permanent_refusal_brings_the_former_copy_back_at_once(model: RedshiftModel, stack: Stack, code: str) -> None:
    # GIVEN
    model.faults.fail_next("EnableSnapshotCopy", code, message="words of AWS", undeclared=True)
    calls, before = len(model.calls), model.clock.monotonic()
    # WHEN
    answer = update(stack, **AWAY)
    # THEN the reason has AWS's words and names the copy that is on
    assert not answer.ok
    assert "words of AWS" in answer.reason
    assert "is on now is destination eu-west-1, grant 'sales-grant', RetentionPeriod 7" in answer.reason
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(stack)
    assert model.clock.monotonic() - before < 5
    assert mutations(model, calls) == [
        "CreateTags",
        "DisableSnapshotCopy",
        "EnableSnapshotCopy",
        "EnableSnapshotCopy",
        "DeleteTags",
    ]


@pytest.mark.parametrize(
    ("code", "seconds"), [("CopyToRegionDisabledFault", 600), ("SnapshotCopyGrantNotFoundFault", 300)]
)
def test_at_the_deadline_the_former_copy_comes_back(
    model: RedshiftModel, stack: Stack, code: str, seconds: int
) -> None:
    # GIVEN a new place that does not take the copy for as long as we wait, and then does
    model.faults.fail_for(seconds - 5, "EnableSnapshotCopy", code)
    before = model.clock.monotonic()
    # WHEN
    answer = update(stack, **AWAY)
    # THEN
    assert code in answer.reason
    assert "is on now is destination eu-west-1" in answer.reason
    assert model.copy_of(HERE, NAME) == live()
    assert model.clock.monotonic() - before < seconds + 30


def test_when_the_way_back_fails_too_the_reason_says_so_and_the_rollback_mends_it(
    model: RedshiftModel, stack: Stack
) -> None:
    # GIVEN nothing can be enabled for a quarter of an hour
    model.faults.fail_for(870, "EnableSnapshotCopy", "CopyToRegionDisabledFault")
    runtime_ends = model.clock.monotonic() + 15 * 60
    # WHEN
    answer = update(stack, **AWAY)
    # THEN the reason comes in time
    assert "THE SNAPSHOT COPY OF 'sales' IS OFF OR UNKNOWN NOW" in answer.reason
    assert "the former one was destination eu-west-1, grant 'sales-grant'" in answer.reason
    assert model.clock.monotonic() <= runtime_ends - RESERVE_SECONDS
    assert tags(model)[FORMER] == "eu-west-1/sales-grant/7/-1"
    # AND CloudFormation's rollback brings it back
    assert update(stack).ok
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(stack)


def test_a_swap_that_worked_although_nobody_saw_it_is_not_undone(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN the answer to the enabling is lost, and then nothing can be read once
    model.faults.fail_next("EnableSnapshotCopy", "InternalFailure", after=True)
    model.clock.call_later(1, lambda: model.faults.fail_next("DescribeClusters", PERMANENT))
    calls = len(model.calls)
    # WHEN
    answer = update(stack, **AWAY)
    # THEN
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == SWAPPED
    assert _took_effect(model, "EnableSnapshotCopy", calls) == 1


def test_a_cluster_that_is_paused_in_between_tells_both_reasons(
    model: RedshiftModel, cluster: Cluster, stack: Stack
) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "CopyToRegionDisabledFault")
    model.clock.call_later(1, lambda: setattr(cluster, "status", "paused"))
    answer = update(stack, **AWAY)
    assert "resume the cluster" in answer.reason
    assert "IS OFF OR UNKNOWN NOW" in answer.reason
    # WHEN it is resumed, and the rollback continued THEN
    cluster.status = "available"
    assert update(stack).ok
    assert model.copy_of(HERE, NAME) == live()


def test_a_cluster_that_is_deleted_in_between_is_told(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_next("EnableSnapshotCopy", "CopyToRegionDisabledFault")
    model.clock.call_later(1, model.world.clusters.clear)
    assert "there is no cluster 'sales' any more" in update(stack, **AWAY).reason


def test_denied_disabling_leaves_everything(model: RedshiftModel, stack: Stack) -> None:
    model.faults.deny_for(3600, "DisableSnapshotCopy")
    answer = update(stack, **AWAY)
    assert "AccessDenied" in answer.reason
    assert "is on now is destination eu-west-1" in answer.reason
    assert model.copy_of(HERE, NAME) == live()
    assert tags(model) == owned(stack)


def _lagging(model: RedshiftModel, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """DescribeClusters repeats its present answer for some time."""
    client = model.client(HERE)
    stale, fresh = client.describe_clusters(ClusterIdentifier=NAME), client.describe_clusters
    until = model.clock.monotonic() + seconds
    monkeypatch.setattr(
        client,
        "describe_clusters",
        lambda **given: stale if model.clock.monotonic() < until else fresh(**given),
        raising=False,
    )


def test_a_read_that_lags_swaps_once(model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    _lagging(model, monkeypatch, 60)
    calls = len(model.calls)
    answer = update(stack, **AWAY)
    assert answer.ok, answer.reason
    assert model.copy_of(HERE, NAME) == SWAPPED
    assert _took_effect(model, "DisableSnapshotCopy", calls) == 1
    assert FORMER not in tags(model)


def test_a_read_that_lags_hides_no_copy_that_is_off(
    model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN the former copy still shows, the new one is refused
    _lagging(model, monkeypatch, 60)
    model.faults.fail_next("EnableSnapshotCopy", "LimitExceededFault")
    # WHEN
    assert not update(stack, **AWAY).ok
    # THEN it was not taken for on
    assert model.copy_of(HERE, NAME) == live()


def test_a_copy_that_does_not_show_keeps_its_way_back(
    model: RedshiftModel, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # GIVEN reads that lag for longer than on_event looks, but not than is_complete
    _lagging(model, monkeypatch, 400)
    assert update(stack, **AWAY).ok
    # THEN the record is left for the next call, which forgets it
    assert tags(model)[FORMER] == "eu-west-1/sales-grant/7/-1"
    assert update(stack, **AWAY).ok
    assert tags(model) == owned(stack)
    assert model.copy_of(HERE, NAME) == SWAPPED
