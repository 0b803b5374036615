"""The guards before a change: when the other Region is asked at all, and what an unreadable key means."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.custom_resources.copy.guard import refuse_loss, refuse_unusable_key
from resilient_redshift.cloud.custom_resources.copy.properties import wanted
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.cloud.redshift import clusters
from tests.cloud.custom_resources.scene import ELSEWHERE, HERE, NAME, THERE, copy, live, request_of

if TYPE_CHECKING:
    from emulator.redshift_model import Cluster, RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Stack


def judge(model: RedshiftModel, stack: Stack, *, in_place: bool = True, **changes: str) -> int:
    """Judge a change of the live copy, and return the number of calls that this took."""
    request = request_of(copy(**changes), "Update")
    found = clusters.read(model.client(HERE), NAME)
    assert found is not None
    assert found.copy is not None
    before = len(model.calls)
    refuse_loss(request, stack.handler.runtime(), wanted(request), found, found.copy, in_place=in_place)
    return len(model.calls) - before


@pytest.fixture
def old_copy(model: RedshiftModel, cluster: Cluster) -> None:
    """A copy that is on for a week, and a snapshot of six days."""
    cluster.copy = live(7)
    model.given_snapshot(THERE, cluster, "copy-6", kind="automated", age_days=6, retention=7)


@pytest.mark.usefixtures("old_copy")
def test_a_lower_retention_is_refused_with_what_it_would_cost(model: RedshiftModel, stack: Stack) -> None:
    with pytest.raises(Refused, match="copy-6"):
        judge(model, stack, RetentionPeriod="3")


@pytest.mark.usefixtures("old_copy")
@pytest.mark.parametrize(
    "changes",
    [
        {"RetentionPeriod": "3", "AcceptLossOfCopies": "true"},
        {"RetentionPeriod": "3", "DestinationRegion": ELSEWHERE},
        {"ManualSnapshotRetentionPeriod": "1"},
    ],
)
def test_a_change_that_costs_no_copy_or_may_asks_nobody(
    model: RedshiftModel, stack: Stack, changes: dict[str, str]
) -> None:
    assert judge(model, stack, **changes) == 0


@pytest.mark.usefixtures("old_copy")
def test_a_raise_is_counted_in_place_and_not_in_a_swap(model: RedshiftModel, stack: Stack) -> None:
    assert judge(model, stack, RetentionPeriod="14") > 0
    assert judge(model, stack, RetentionPeriod="14", in_place=False) == 0


def test_a_key_must_be_able_to_encrypt(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a key that is good, and then is not
    want, key = wanted(request_of(copy())), model.given_key(THERE)
    refuse_unusable_key(stack.handler.runtime(), want, key)
    model.set_key_state(key, "PendingDeletion")
    # WHEN / THEN
    with pytest.raises(Refused, match="PendingDeletion"):
        refuse_unusable_key(stack.handler.runtime(), want, key)


def test_a_key_that_is_unknown_or_not_named_is_accepted(model: RedshiftModel, stack: Stack) -> None:
    want = wanted(request_of(copy()))
    refuse_unusable_key(stack.handler.runtime(), want, "")
    assert model.calls == []
    refuse_unusable_key(stack.handler.runtime(), want, f"arn:aws:kms:{THERE}:123456789012:key/absent")
