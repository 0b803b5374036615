"""The present state of a cluster: how a description is read, and which changes the cluster takes."""

from __future__ import annotations

import dataclasses

import pytest

from emulator.redshift_model import Clock, CopyConfig, RedshiftModel
from resilient_redshift.cloud.errors import Busy, NotKnown, Refused
from resilient_redshift.cloud.redshift.clusters import CopySettings, LiveCluster, describe_all, read

HERE = "eu-central-1"
SETTINGS = CopySettings("eu-west-1", "site-1", 7, -1)


def cluster_that_is(status: str, *, encrypted: bool = True) -> LiveCluster:
    return LiveCluster("sales", status, encrypted, copy=None, tags={})


def test_a_description_is_read() -> None:
    # GIVEN a cluster with a copy, a tag and a schedule
    model = RedshiftModel(Clock())
    cluster = model.given_cluster(HERE, "sales")
    cluster.copy, cluster.tags = CopyConfig("eu-west-1", 7, -1, "site-1"), {"team": "finance"}
    model.given_schedule(HERE, "often", "rate(4 hours)")
    cluster.schedule, cluster.schedule_state = "often", "ACTIVE"
    # WHEN
    live = read(model.client(HERE), "sales")
    # THEN
    assert live == LiveCluster("sales", "available", True, SETTINGS, {"team": "finance"}, "often", "ACTIVE")


def test_a_cluster_without_a_copy_and_no_cluster() -> None:
    model = RedshiftModel(Clock())
    model.given_cluster(HERE, "sales")
    live = read(model.client(HERE), "sales")
    assert live is not None
    assert (live.copy, live.schedule) == (None, None)
    assert read(model.client(HERE), "absent") is None


def test_every_page_of_clusters_is_read() -> None:
    # GIVEN more clusters than one answer of AWS holds
    model = RedshiftModel(Clock())
    for number in range(101):
        model.given_cluster("us-east-1", f"sales-{number}")
    # WHEN all are read THEN none is missing, and a Region without any has none
    assert len(describe_all(model.client("us-east-1"))) == 101
    assert describe_all(model.client("us-west-2")) == []


@pytest.mark.parametrize(
    ("status", "going"),
    [("available", False), ("modifying", False), ("a status of next year", False), ("deleting", True)],
)
def test_a_cluster_that_is_being_deleted_is_known(status: str, going: bool) -> None:
    assert cluster_that_is(status).being_deleted == going


def test_a_state_that_nobody_knows_is_named_as_such() -> None:
    with pytest.raises(NotKnown, match="'a status of next year', and this release does not know that state"):
        cluster_that_is("a status of next year").require_available("try")


@pytest.mark.parametrize(
    ("status", "words"),
    [("paused", "could not try: .*resume the cluster"), ("deleting", "could not try: .*so it is being deleted")],
)
def test_where_waiting_cannot_help_a_change_is_refused(status: str, words: str) -> None:
    live = cluster_that_is(status)
    for require in (live.require_available, live.require_startable):
        with pytest.raises(Refused, match=words):
            require("try")


def test_a_busy_cluster_may_start_and_must_wait() -> None:
    live = cluster_that_is("modifying")
    live.require_startable("try")
    with pytest.raises(Busy, match="'modifying'"):
        live.require_available("try")


def test_a_grant_needs_an_encrypted_cluster() -> None:
    plain = cluster_that_is("available", encrypted=False)
    plain.require_encrypted_for(None)
    cluster_that_is("available").require_encrypted_for("site-1")
    with pytest.raises(Refused, match="'sales' is not encrypted, and the grant 'site-1'"):
        plain.require_encrypted_for("site-1")


def test_only_region_and_grant_are_the_place_of_a_copy() -> None:
    assert SETTINGS.same_place(dataclasses.replace(SETTINGS, automated_days=1, manual_days=1))
    assert not SETTINGS.same_place(dataclasses.replace(SETTINGS, grant=None))
    assert not SETTINGS.same_place(dataclasses.replace(SETTINGS, destination_region="us-east-1"))
    assert (SETTINGS.days(manual=False), SETTINGS.days(manual=True)) == (7, -1)
