"""The event of each publication: what it says, who gets none, and what a run does where EventBridge does not take it."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cloud.restore.calls import FEW
from resilient_redshift.cloud.restore.run_json import iso
from tests.cloud.restore.record import AWAY, CLUSTER, DNS_NAME, ENDPOINTS, PLAN, ZONE_ID
from tests.cloud.restore.world import RestoreWorld

DNS = {"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}


@pytest.fixture
def world() -> RestoreWorld:
    world = RestoreWorld(record=DNS)
    world.copied(age_hours=1)
    return world


def facts(world: RestoreWorld) -> list[bool]:
    """Which publications the events say, in their order."""
    return [event["verified"] for event in world.fakes.events]


def test_each_publication_is_an_event(world: RestoreWorld) -> None:
    # GIVEN a copy WHEN failed over
    run = world.failover()
    # THEN one event says that the cluster is there, and one that it answered every check
    assert facts(world) == [False, True]
    # AND the event says what the parameter says, with the plan and the Region
    event, parameter = world.fakes.events[-1], world.parameter(ENDPOINTS)
    assert {event[name] == parameter[name] for name in ("cluster", "endpoint", "port", "database", "execution")} == {
        True
    }
    assert (event["version"], event["plan"], event["region"], event["execution"]) == (1, PLAN, AWAY, run.name)
    chosen = world.model.snapshots(AWAY)[0]
    assert event["snapshot"] == {"identifier": chosen.identifier, "created": iso(chosen.create_time)}


@pytest.mark.parametrize(
    "what",
    [("drill", {}), ("failover", {"target": "restored-sales"}), ("failover", {"publish": False})],
    ids=["drill", "beside", "unpublished"],
)
def test_what_publishes_nothing_sends_no_event(world: RestoreWorld, what: tuple[str, dict[str, Any]]) -> None:
    mode, changes = what
    run = world.do(mode, **changes)
    assert run.status == "SUCCEEDED"
    assert world.fakes.events == []


def test_a_cluster_that_fails_its_checks_is_never_an_event_of_a_verified_one(world: RestoreWorld) -> None:
    world.answer("GetStatementResult", {"Records": [[{"longValue": 0}]], "ColumnMetadata": []}, None)
    assert world.failover().outcome == "RestoredUnverified"
    assert facts(world) == [False]


def test_what_a_living_published_cluster_keeps_is_published_with_one_event(world: RestoreWorld) -> None:
    # GIVEN a failover whose cluster lives WHEN a restore beside is published
    world.failover()
    world.fakes.events.clear()
    run = world.failover(target="restored-sales", publish=True)
    # THEN the parameter stays until the new cluster is verified, so there is one event
    assert run.outcome == "Restored"
    assert facts(world) == [True]


@pytest.mark.parametrize("number", [1, 2], ids=["not-verified", "verified"])
def test_a_lost_answer_of_the_publication_costs_no_event(world: RestoreWorld, number: int) -> None:
    # GIVEN a function that dies right after it has written the parameter of the endpoint
    written = []

    def die() -> None:
        written.append(1)
        if len(written) == number:
            world.die_at(0, after=True)

    for _ in range(2):
        world.before("PutParameter", die, skip=1)  # the first PutParameter records the lineage
    # WHEN failed over THEN the machine calls it again, and both publications are told
    run = world.failover()
    assert run.outcome == "Restored"
    assert len(written) == 2
    assert facts(world) == [False, True]
    assert world.parameter(ENDPOINTS)["verified"]


def test_an_answer_of_eventbridge_that_is_lost_makes_two_equal_events(world: RestoreWorld) -> None:
    world.before("PutEvents", lambda: world.die_at(0, after=True))
    assert world.failover().outcome == "Restored"
    first, again, last = world.fakes.events
    assert (first["execution"], first["verified"]) == (again["execution"], again["verified"])
    assert last["verified"]


@pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException"])
def test_a_refused_event_is_a_warning(world: RestoreWorld, code: str) -> None:
    # GIVEN EventBridge refuses WHEN failed over THEN the cluster is good, the name moved, and the report says what lacks
    world.fail("PutEvents", code, None)
    run = world.failover()
    assert run.outcome == "Restored"
    assert world.fakes.names[DNS_NAME]["ResourceRecords"] == [{"Value": world.parameter(ENDPOINTS)["endpoint"]}]
    warnings = world.report(run)["warnings"]
    assert any(f"PutEvents: {code}" in one and "so no event says that" in one for one in warnings), warnings
    # AND what it costs has a limit over both events
    assert len(world.asked("PutEvents")) <= FEW + 2


def test_an_entry_that_eventbridge_did_not_take_is_sent_again(world: RestoreWorld) -> None:
    # GIVEN EventBridge answers with success that it did not take the event
    refused = {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "slow down"}]}
    world.answer("PutEvents", refused)
    run = world.failover()
    # THEN it is sent again
    assert facts(world) == [False, True]
    assert "PutEvents" not in "".join(world.report(run).get("warnings", []))


def test_a_publication_that_failed_is_no_event(world: RestoreWorld) -> None:
    world.fail("PutParameter", "AccessDeniedException", None)
    assert world.failover().outcome == "Restored"
    assert world.fakes.events == []
    assert CLUSTER in world.clusters()
