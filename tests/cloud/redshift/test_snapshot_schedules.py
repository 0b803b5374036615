"""The present state of a snapshot schedule, as a description tells it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from emulator.redshift_model import Clock, RedshiftModel
from resilient_redshift.cloud.redshift.snapshot_schedules import FAILED, MODIFYING, LiveSchedule, read

HERE = "eu-central-1"


class NotFoundError(Exception):
    """What AWS may say, although its model declares no error for this call."""


def client_that_answers(answer: dict[str, Any] | Exception) -> Any:
    def describe(**_: Any) -> dict[str, Any]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    exceptions = SimpleNamespace(SnapshotScheduleNotFoundFault=NotFoundError)
    return SimpleNamespace(exceptions=exceptions, describe_snapshot_schedules=describe)


def test_a_description_is_read() -> None:
    # GIVEN a schedule that one cluster has
    model = RedshiftModel(Clock())
    model.given_schedule(HERE, "often", "rate(4 hours)", "cron(30 12 *)", tags={"team": "finance"})
    cluster = model.given_cluster(HERE, "sales")
    cluster.schedule, cluster.schedule_state = "often", "ACTIVE"
    # WHEN
    live = read(model.client(HERE), "often")
    # THEN
    assert live is not None
    assert set(live.definitions) == {"rate(4 hours)", "cron(30 12 *)"}
    assert (live.tags, live.clusters) == ({"team": "finance"}, {"sales": "ACTIVE"})


def test_no_schedule_however_aws_says_it() -> None:
    assert read(client_that_answers({"SnapshotSchedules": []}), "often") is None
    assert read(client_that_answers(NotFoundError()), "often") is None


def test_a_cluster_without_a_state_is_taken_as_changing() -> None:
    # GIVEN an answer that leaves the state out WHEN read THEN nobody takes the association as done
    schedule = {"AssociatedClusters": [{"ClusterIdentifier": "sales"}]}
    live = read(client_that_answers({"SnapshotSchedules": [schedule]}), "often")
    assert live == LiveSchedule((), {}, {"sales": MODIFYING})


def test_clusters_are_found_by_their_state() -> None:
    live = LiveSchedule((), {}, {"c": FAILED, "b": MODIFYING, "a": FAILED, "d": "ACTIVE"})
    assert live.in_state(FAILED) == ["a", "c"]
    assert live.in_state(MODIFYING, FAILED) == ["a", "b", "c"]
