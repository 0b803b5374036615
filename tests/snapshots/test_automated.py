"""AutomatedSnapshots and AutomatedSnapshotRetention: 1 to 35 whole days, and the second key to 0."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import timedelta
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_redshift as redshift
from hypothesis import given
from hypothesis import strategies as st

from resilient_redshift import (
    FOREVER,
    AutomatedSnapshotRetention,
    AutomatedSnapshots,
    ExistingCluster,
    ResilientRedshiftError,
)
from tests.scenes.clusters import cluster_of, new_stack, number_parameter, properties_of, text_parameter, warnings_of

OFF_ID = "resilient-redshift:AutomatedSnapshots.Off"


def l1_of(stack: cdk.Stack, **arguments: Any) -> redshift.CfnCluster:
    settings = {"cluster_type": "multi-node", "db_name": "dev", "master_username": "me", "node_type": "ra3.large"}
    return redshift.CfnCluster(stack, "L1", **(settings | arguments))


def test_seven_days_by_default() -> None:
    assert AutomatedSnapshots().keep == timedelta(days=7)
    assert AutomatedSnapshots().days == 7


@pytest.mark.parametrize("keep", [cdk.Duration.days(14), cdk.Duration.hours(336), timedelta(days=14)])
def test_a_timedelta_is_stored(keep: cdk.Duration | timedelta) -> None:
    snapshots = AutomatedSnapshots(keep=keep)
    assert snapshots.keep == timedelta(days=14)
    assert snapshots == AutomatedSnapshots(keep=timedelta(days=14))


def test_it_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        AutomatedSnapshots().keep = timedelta(days=1)  # type: ignore[misc]


@given(st.integers(min_value=1, max_value=35))
def test_whole_days_of_the_range_pass(days: int) -> None:
    assert AutomatedSnapshots(keep=timedelta(days=days)).days == days


@given(st.one_of(st.integers(max_value=-1, min_value=-1000), st.integers(min_value=36, max_value=100000)))
def test_days_outside_the_range_are_refused(days: int) -> None:
    with pytest.raises(ResilientRedshiftError, match="'keep' must be 0 to 35 whole days"):
        AutomatedSnapshots(keep=timedelta(days=days), accept_loss_of_automated_snapshots=True)


@pytest.mark.parametrize("make", [lambda keep: AutomatedSnapshots(keep=keep), AutomatedSnapshotRetention])
@pytest.mark.parametrize("keep", [cdk.Duration.hours(36), cdk.Duration.days(36), FOREVER, 7])
def test_what_is_no_range_of_whole_days_is_refused(make: Any, keep: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match=r"'keep' must be .*0 to 35 whole days"):
        make(keep)


@pytest.mark.parametrize("keep", [cdk.Duration.days(0), timedelta(0), cdk.Duration.minutes(0)])
@pytest.mark.parametrize("make", [lambda keep: AutomatedSnapshots(keep=keep), AutomatedSnapshotRetention])
def test_nothing_needs_the_second_key(make: Any, keep: Any) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        make(keep)
    assert caught.value.problems == (
        (
            "'accept_loss_of_automated_snapshots' must be True with a 'keep' of 0, got False "
            "(0 deletes every automated snapshot of the cluster at once)"
        ),
    )


def test_nothing_with_the_second_key() -> None:
    assert AutomatedSnapshots(keep=timedelta(0), accept_loss_of_automated_snapshots=True).days == 0


def test_a_token_stays_a_token() -> None:
    stack = new_stack()
    snapshots = AutomatedSnapshots(keep=cdk.Duration.days(number_parameter(stack)))
    assert stack.resolve(snapshots.days) == {"Ref": "Number"}


# --------------------------------------------------------------------------------------------------------- the mixin


def test_the_mixin_sets_an_l1() -> None:
    stack = new_stack()
    l1_of(stack, automated_snapshot_retention_period=1).with_(AutomatedSnapshotRetention(cdk.Duration.days(14)))
    assert properties_of(stack)["AutomatedSnapshotRetentionPeriod"] == 14


def test_the_mixin_reaches_the_l1_of_an_l2() -> None:
    stack = new_stack()
    cluster_of(stack).with_(AutomatedSnapshotRetention(cdk.Duration.days(14)))
    assert properties_of(stack)["AutomatedSnapshotRetentionPeriod"] == 14


def test_the_mixin_passes_a_token_on() -> None:
    stack = new_stack()
    l1_of(stack).with_(AutomatedSnapshotRetention(cdk.Duration.days(number_parameter(stack))))
    assert properties_of(stack)["AutomatedSnapshotRetentionPeriod"] == {"Ref": "Number"}


def test_the_mixin_leaves_other_resources_alone() -> None:
    stack = new_stack()
    group = redshift.CfnClusterParameterGroup(stack, "Group", description="d", parameter_group_family="redshift-1.0")
    mixin = AutomatedSnapshotRetention(cdk.Duration.days(14))
    assert not mixin.supports(group)
    group.with_(mixin)


@pytest.mark.parametrize("node_type", ["dc2.large", "ra4.large"])
def test_nothing_where_hardware_allows_it_is_warned_of(node_type: str) -> None:
    stack = new_stack()
    cluster = l1_of(stack, node_type=node_type)
    cluster.with_(AutomatedSnapshotRetention(timedelta(0), accept_loss_of_automated_snapshots=True))
    assert properties_of(stack)["AutomatedSnapshotRetentionPeriod"] == 0
    assert set(warnings_of(cluster)) == {OFF_ID}


def test_nothing_on_a_node_type_of_a_token_passes() -> None:
    stack = new_stack()
    cluster = l1_of(stack, node_type=text_parameter(stack))
    cluster.with_(AutomatedSnapshotRetention(timedelta(0), accept_loss_of_automated_snapshots=True))
    assert properties_of(stack)["AutomatedSnapshotRetentionPeriod"] == 0


@pytest.mark.parametrize(("node_type", "family"), [("ra3.large", "RA3"), ("rg.xlarge", "RG")])
def test_nothing_on_managed_storage_is_refused(node_type: str, family: str) -> None:
    # a direct call raises the library's own class; with_ raises the same text, because the call goes through jsii
    mixin = AutomatedSnapshotRetention(timedelta(0), accept_loss_of_automated_snapshots=True)
    cluster = l1_of(new_stack(), node_type=node_type)
    message = f"'keep' must be 1 to 35 whole days for {family} nodes, got '0 days'"
    with pytest.raises(ResilientRedshiftError, match=message) as caught:
        mixin.apply_to(cluster)
    assert caught.value.where == "Stack/L1 (AutomatedSnapshotRetention)"
    with pytest.raises(RuntimeError, match=message):
        cluster.with_(mixin)
    assert cluster.automated_snapshot_retention_period is None


def test_an_existing_cluster_is_refused_and_not_passed_by() -> None:
    existing = ExistingCluster.from_identifier(new_stack(), "Old", "legacy")
    with pytest.raises(RuntimeError, match="must be a CfnCluster of this app, got 'an ExistingCluster'"):
        existing.with_(AutomatedSnapshotRetention(cdk.Duration.days(14)))
