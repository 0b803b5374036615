"""An error that passes is waited for, each for its own time. A permanent error is reported at once, in AWS's words."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.aws.retry import RESERVE_SECONDS
from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.errors import Failed
from tests.cloud.custom_resources.scene import (
    DESTROY,
    HERE,
    NAME,
    create,
    delete,
    event_of,
    live,
    mutations,
    owned,
    tags,
)

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel
    from tests.cloud.custom_resources.cloudformation import Stack


@pytest.mark.parametrize(
    "code",
    [
        "CopyToRegionDisabledFault",
        "DependentServiceRequestThrottlingFault",
        "InternalFailure",
        "InvalidClusterState",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "AccessDenied",
        "UnauthorizedOperation",
        "SnapshotCopyGrantNotFoundFault",
    ],
)
def test_passing_errors_are_waited_for(model: RedshiftModel, stack: Stack, code: str) -> None:
    model.faults.fail_for(60, "EnableSnapshotCopy", code)
    answer = create(stack)
    assert answer.ok, answer.reason
    assert tags(model) == owned(stack)


@pytest.mark.parametrize(
    ("code", "seconds"),
    [
        ("CopyToRegionDisabledFault", 600),
        ("SnapshotCopyGrantNotFoundFault", 300),
        ("AccessDenied", 120),
        ("UnauthorizedOperation", 120),
    ],
)
def test_each_is_permanent_after_its_time(model: RedshiftModel, stack: Stack, code: str, seconds: int) -> None:
    model.faults.fail_for(36000, "EnableSnapshotCopy", code)
    before = model.clock.monotonic()
    answer = create(stack)
    assert code in answer.reason
    assert seconds - 30 <= model.clock.monotonic() - before <= seconds
    assert tags(model) == {}


@pytest.mark.parametrize(
    "code",
    [
        "IncompatibleOrderableOptions",
        "UnknownSnapshotCopyRegionFault",
        "LimitExceededFault",
        "InvalidRetentionPeriodFault",
    ],
)
def test_permanent_errors_are_told_at_once(model: RedshiftModel, stack: Stack, code: str) -> None:
    model.faults.fail_next("EnableSnapshotCopy", code, message="words of AWS")
    before = model.clock.monotonic()
    assert f"{code}: words of AWS" in create(stack).reason
    assert model.clock.monotonic() - before < 5
    assert mutations(model).count("EnableSnapshotCopy") == 1


def test_a_missing_grant_tells_what_to_do(model: RedshiftModel, stack: Stack) -> None:
    assert "deploy that Region's stack first" in create(stack, SnapshotCopyGrantName="absent").reason


def test_denied_reading_is_waited_for(model: RedshiftModel, stack: Stack) -> None:
    model.faults.deny_for(100)
    assert create(stack).ok


def test_a_long_wait_ends_before_lambda_does(model: RedshiftModel, stack: Stack) -> None:
    # GIVEN an invocation that has two minutes left
    runtime = stack.handler.runtime()
    model.clock.advance(15 * 60 - 120)
    model.faults.busy(HERE, NAME, 3600)
    # WHEN
    with pytest.raises(Failed, match="'modifying'"):
        index.on_event_in(event_of(stack), runtime)
    # THEN there is time left to answer
    assert runtime.remaining() >= RESERVE_SECONDS


def test_a_paused_cluster_is_told_while_waiting(model: RedshiftModel, stack: Stack) -> None:
    model.faults.busy(HERE, NAME, 3600)
    cluster = model.cluster(HERE, NAME)
    assert cluster is not None
    model.clock.call_later(60, lambda: setattr(cluster, "status", "paused"))
    before = model.clock.monotonic()
    assert "resume the cluster" in create(stack).reason
    assert model.clock.monotonic() - before < 90


def test_a_cluster_deleted_while_waiting_is_success_for_a_delete(model: RedshiftModel, stack: Stack) -> None:
    cluster = model.cluster(HERE, NAME)
    assert cluster is not None
    cluster.copy, cluster.tags = live(), owned(stack)
    model.faults.busy(HERE, NAME, 3600)
    model.clock.call_later(60, lambda: setattr(cluster, "status", "deleting"))
    assert delete(stack, **DESTROY).ok
    assert mutations(model) == []


def test_delays_grow_and_are_capped(model: RedshiftModel, stack: Stack) -> None:
    model.faults.fail_for(120, "EnableSnapshotCopy", "Throttling")
    assert create(stack).ok
    at = [call.at for call in model.calls if call.operation == "EnableSnapshotCopy" and call.at]
    assert [(b - a).total_seconds() for a, b in itertools.pairwise(at)][:5] == [2, 4, 8, 16, 20]
