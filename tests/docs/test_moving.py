"""docs/recovery.md, "Moving to another Region or key": the way by hand, driven as CloudFormation drives the handler."""

from __future__ import annotations

import pytest

from tests.emulator.redshift_model import Clock, RedshiftModel
from tests.provider.cloudformation import Stack
from tests.provider.scene import ELSEWHERE, HERE, NAME, THERE, live, owned, update

MOVED = {"DestinationRegion": ELSEWHERE, "SnapshotCopyGrantName": "other-grant"}


@pytest.fixture
def model() -> RedshiftModel:
    model = RedshiftModel(Clock())
    for region, grant in ((THERE, "sales-grant"), (ELSEWHERE, "other-grant")):
        model.given_grant(region, grant, model.given_key(region))
    return model


@pytest.fixture
def stack(model: RedshiftModel) -> Stack:
    """A stack that owns a copy which was then switched off by hand."""
    stack = Stack(model, "Warehouse", HERE)
    cluster = model.given_cluster(HERE, NAME)
    cluster.copy, cluster.tags = live(), owned(stack)
    model.call(HERE, "DisableSnapshotCopy", {"ClusterIdentifier": NAME})
    return stack


def test_the_copy_comes_on_where_it_is_declared(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN a copy that is off WHEN its stack asks for another Region and grant THEN it is on, there
    assert update(stack, **MOVED).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="other-grant")


def test_the_rollback_is_refused_until_the_copy_is_off_again(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN the move, and a failure later in the same deployment WHEN it is rolled back THEN that is refused
    assert update(stack, **MOVED).ok
    assert not update(stack).ok
    # AND switched off by hand once more, it passes
    model.call(HERE, "DisableSnapshotCopy", {"ClusterIdentifier": NAME})
    assert update(stack).ok
    assert model.copy_of(HERE, NAME) == live()
