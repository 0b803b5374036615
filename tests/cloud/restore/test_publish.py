"""What a failover publishes: the endpoint and the DNS name move for the cluster's own name, or if that is asked for."""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.contract import schemas
from tests.cloud.restore.record import CLUSTER, DNS_NAME, ENDPOINTS, ZONE_ID
from tests.cloud.restore.world import RestoreWorld

DNS = {"restore": {"dns": {"hosted_zone_id": ZONE_ID, "record_name": DNS_NAME, "ttl_seconds": 60}}}
BESIDE = "restored-sales"


@pytest.fixture
def failed_over() -> RestoreWorld:
    """A warehouse that a failover brought back an hour ago, and an older copy beside the newest one."""
    world = RestoreWorld(record=DNS)
    world.copied(age_hours=9)
    world.copied(age_hours=1)
    assert world.failover().outcome == "Restored"
    return world


def where(world: RestoreWorld) -> tuple[Any, Any]:
    """What clients follow: the published endpoint and the DNS record."""
    return world.parameter(ENDPOINTS), world.fakes.names[DNS_NAME]


@pytest.mark.parametrize("given", [{"target": BESIDE}, {"target": BESIDE, "publish": False}], ids=str)
def test_a_restore_beside_moves_neither_endpoint_nor_name(failed_over: RestoreWorld, given: dict[str, Any]) -> None:
    # GIVEN a failover that is over WHEN somebody restores an older copy under another name, to look at it
    before = where(failed_over)
    run = failed_over.failover(**given)
    # THEN it is restored, clients go where they went before, and the report says so
    assert run.outcome == "Restored", run.cause
    assert where(failed_over) == before
    assert "Its endpoint is not published, and no DNS record was moved" in failed_over.report(run)["message"]
    assert failed_over.report(run)["cluster"]["endpoint"].startswith(f"{BESIDE}.")


def test_a_restore_beside_publishes_if_it_is_asked_to(failed_over: RestoreWorld) -> None:
    run = failed_over.failover(target=BESIDE, publish=True)
    endpoint, record = where(failed_over)
    assert (endpoint["cluster"], endpoint["execution"]) == (BESIDE, run.name)
    assert record["ResourceRecords"] == [{"Value": endpoint["endpoint"]}]


def test_under_the_clusters_own_name_nothing_is_published_if_that_is_asked_for() -> None:
    world = RestoreWorld(record=DNS)
    world.copied()
    assert world.failover(publish=False).outcome == "Restored"
    assert ENDPOINTS not in world.fakes.parameters
    assert DNS_NAME not in world.fakes.names


def test_the_own_name_as_target_is_no_restore_beside() -> None:
    world = RestoreWorld()
    world.copied()
    assert world.failover(target=CLUSTER).outcome == "Restored"
    assert world.parameter(ENDPOINTS)["cluster"] == CLUSTER


def test_what_it_was_restored_from_is_published() -> None:
    # GIVEN a copy WHEN failed over THEN the parameter says from which data newer copies of the primary diverge
    world = RestoreWorld()
    newest = world.copied()
    world.failover()
    published = world.parameter(ENDPOINTS)
    jsonschema.validate(published, schemas.ENDPOINT_SCHEMA)
    assert published["snapshot"] == {
        "identifier": newest.identifier,
        "created": iso(newest.create_time),
        "lineage": iso(world.home.create_time),
    }


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ("PutParameter", "the endpoint is not published, so publish it by hand (docs/cli.md, 'After a failover')"),
        ("ChangeResourceRecordSets", f"the DNS name {DNS_NAME} is not moved, so point it at {CLUSTER}."),
    ],
)
def test_what_could_not_be_moved_is_named_with_what_to_do(operation: str, said: str) -> None:
    # GIVEN a run that may not publish, or may not move the name WHEN failed over THEN the cluster is good all the same
    world = RestoreWorld(record=DNS)
    world.copied()
    world.fail(operation, "AccessDenied", None)
    run = world.failover()
    assert run.outcome == "Restored"
    # AND nobody has to guess that clients go somewhere else
    assert any(said in warning for warning in world.report(run)["warnings"])
