"""Redshift's own events, its storage, a lost key, and a copy that stops without a word."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator.aws import redshift_events
from tests.emulator.cloudwatch_scene import Watched
from tests.emulator.scene import DAY, HERE, HOUR, THERE, code, ids, snapshot

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


def numbers(model: RedshiftModel, **asked: Any) -> list[str]:
    found = model.client(HERE).describe_events(Duration=14 * 1440, **asked)["Events"]
    return [each["EventId"].removeprefix("REDSHIFT-EVENT-") for each in found]


def test_what_fails_is_an_event(copying: RedshiftModel) -> None:
    # GIVEN a snapshot that fails, and a copy that is switched off
    copying.faults.next_manual_snapshots("failed")
    snapshot(copying, "broken")
    copying.clock.advance(HOUR)
    copying.client(HERE).disable_snapshot_copy(ClusterIdentifier="warehouse")
    # WHEN / THEN
    assert numbers(copying) == ["3503", "3509"]
    assert numbers(copying, SourceType="cluster-snapshot", SourceIdentifier="broken") == ["3503"]
    assert copying.client(THERE).describe_events()["Events"] == []
    # AND after 14 days nobody knows
    copying.clock.advance(14 * DAY + 1)
    assert numbers(copying) == []


def test_events_of_the_last_hour_unless_more_is_asked_for(copying: RedshiftModel) -> None:
    copying.client(HERE).disable_snapshot_copy(ClusterIdentifier="warehouse")
    copying.clock.advance(2 * HOUR)
    redshift = copying.client(HERE)
    begun = copying.clock.now() - dt.timedelta(hours=3)
    assert redshift.describe_events()["Events"] == []
    assert len(redshift.describe_events(StartTime=begun)["Events"]) == 1
    assert redshift.describe_events(StartTime=begun, Duration=30)["Events"] == []


def test_a_cluster_without_its_key_is_backed_up_not_copied_and_deleted_after_14_days(model: RedshiftModel) -> None:
    # GIVEN an encrypted cluster whose copy is on
    key = model.given_key(HERE)
    model.given_cluster(HERE, "warehouse", kms_key_id=key)
    redshift = model.client(HERE)
    redshift.enable_snapshot_copy(ClusterIdentifier="warehouse", DestinationRegion=THERE)
    # WHEN its key is disabled
    model.set_key_state(key, "Disabled")
    (found,) = redshift.describe_clusters()["Clusters"]
    model.clock.advance(HOUR)
    # THEN it says so, one last snapshot stays here, and nothing comes over there
    assert (found["ClusterStatus"], numbers(model)) == ("inaccessible-kms-key", ["4005"])
    assert (len(ids(model, HERE)), ids(model, THERE)) == (1, [])
    assert code(redshift.create_cluster_snapshot, ClusterIdentifier="warehouse", SnapshotIdentifier="s") == (
        "InvalidClusterState"
    )
    # WHEN nobody enables it THEN the cluster is gone after 14 days
    model.clock.advance(14 * DAY)
    assert redshift.describe_clusters()["Clusters"] == []


def test_a_key_that_is_enabled_again_in_time_brings_the_cluster_back(model: RedshiftModel) -> None:
    key = model.given_key(HERE)
    model.given_cluster(HERE, "warehouse", kms_key_id=key)
    model.set_key_state(key, "PendingDeletion")
    model.client(HERE).describe_clusters()
    model.clock.advance(13 * DAY)
    model.set_key_state(key, "Enabled")
    model.client(HERE).describe_clusters()
    model.clock.advance(10 * DAY)
    (found,) = model.client(HERE).describe_clusters()["Clusters"]
    assert (found["ClusterStatus"], numbers(model)) == ("available", ["4006"])


def test_a_copy_that_stops_without_a_word(copying: RedshiftModel) -> None:
    # GIVEN the fault
    copying.faults.stop_copying(HERE, "warehouse")
    # WHEN snapshots follow
    snapshot(copying, "one")
    copying.clock.advance(2 * HOUR)
    # THEN nothing arrives, and nothing says why
    assert ids(copying, THERE) == []
    assert (numbers(copying), copying.copies_that_failed()) == ([], [])
    assert copying.copy_of(HERE, "warehouse") is not None
    # WHEN it is over THEN the next one comes
    copying.faults.copy_again(HERE, "warehouse")
    snapshot(copying, "two")
    copying.clock.advance(2 * HOUR)
    assert ids(copying, THERE) == ["two"]


def test_storage_and_an_emptied_cluster(copying: RedshiftModel) -> None:
    # GIVEN a snapshot of 100 GB
    snapshot(copying, "full")
    copying.clock.advance(HOUR)
    # WHEN the cluster is emptied
    copying.given_size(HERE, "warehouse", 1024)
    snapshot(copying, "empty")
    copying.clock.advance(HOUR)
    # THEN the next one is small, and both count
    sizes = [
        each["TotalBackupSizeInMegaBytes"] for each in (snapshot_of(copying, "full"), snapshot_of(copying, "empty"))
    ]
    found = copying.client(HERE).describe_storage()
    assert sizes == [102_400, 1024]
    assert found["TotalBackupSizeInMegaBytes"] == 103_424
    assert found["TotalProvisionedStorageInMegaBytes"] == 2 * 8 * 1024 * 1024


def snapshot_of(model: RedshiftModel, name: str) -> dict[str, Any]:
    (found,) = model.client(HERE).describe_cluster_snapshots(SnapshotIdentifier=name)["Snapshots"]
    return dict(found)


@pytest.mark.parametrize(
    ("subscription", "arrives"),
    [
        ({"Severity": "ERROR"}, True),
        ({}, True),
        ({"Severity": "ERROR", "SourceType": "cluster"}, True),
        ({"SourceType": "cluster-snapshot"}, False),
        ({"SourceType": "cluster", "SourceIds": ["other"]}, False),
        ({"EventCategories": ["monitoring"]}, False),
        ({"Enabled": False}, False),
    ],
)
def test_a_subscription_of_a_template_gets_what_it_asked_for(subscription: dict[str, Any], arrives: bool) -> None:
    # GIVEN a subscription, and a cluster whose copy is on
    watched = Watched()
    redshift_events.install(watched.world)
    topic, kind = watched.topic(), "AWS::Redshift::EventSubscription"
    model = watched.world.model
    model.given_cluster(HERE, "warehouse")
    assert watched.make(kind, "E", SubscriptionName="errors", SnsTopicArn=topic, **subscription) == "errors"
    model.call(HERE, "EnableSnapshotCopy", {"ClusterIdentifier": "warehouse", "DestinationRegion": THERE})
    # WHEN the copy is switched off
    model.call(HERE, "DisableSnapshotCopy", {"ClusterIdentifier": "warehouse"})
    # THEN
    found = [json.loads(each.body) for each in watched.world.deliveries.entries]
    assert [(each["Resource"], each["Severity"]) for each in found] == [("warehouse", "ERROR")] * arrives
    assert all(each["About this Event"].strip().endswith("#REDSHIFT-EVENT-3509") for each in found)
    # WHEN it is deleted THEN there is none any more
    watched.delete(kind, "errors")
    assert model.call(HERE, "DescribeEventSubscriptions", {})["EventSubscriptionsList"] == []
