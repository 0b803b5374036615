"""The days after a failover: copies of a primary that lives on are not proposed for the next one unless asked for."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.restore.proposal import left_out, propose
from resilient_redshift.cloud.restore.published import Published
from resilient_redshift.cloud.restore.request import Request
from tests.cloud.restore.copies import BORN, copy
from tests.cloud.restore.record import CLUSTER, ENDPOINTS, HOME, NOW, PLAN
from tests.cloud.restore.world import RestoreWorld

if TYPE_CHECKING:
    from resilient_redshift.cloud.redshift.snapshots import RecoveryPoint

RECORD = {"plan": PLAN, "cluster": {"identifier": CLUSTER, "region": HOME}}
PUBLISHED = Published(cluster=CLUSTER, data_of=NOW - dt.timedelta(hours=24), lineage=BORN)


OLDER, RESTORED, DIVERGED, NEWEST = copy("older", 30), copy("restored", 24), copy("diverged", 9), copy("newest", 1)
BESIDE = "restored-sales"
COPIES = (NEWEST, OLDER, DIVERGED, RESTORED)


def proposed(*points: RecoveryPoint, published: Published | None = PUBLISHED, **options: Any) -> str | None:
    request = Request(plan=PLAN, mode="failover", **options)
    point = propose(RECORD, points, lineage=BORN, published=published, request=request).point
    return point.identifier if point else None


def test_the_newest_copy_that_did_not_diverge_is_proposed() -> None:
    # GIVEN a primary that lives on after a failover WHEN asked for the next one THEN what was restored is the newest
    assert proposed(*COPIES) == "restored"
    assert proposed(*COPIES, published=None) == "newest"


def test_what_diverged_is_said_with_its_times() -> None:
    choice = propose(RECORD, COPIES, lineage=BORN, published=PUBLISHED)
    assert choice.diverged == (NEWEST, DIVERGED)
    assert choice.usable == (RESTORED, OLDER)
    said = left_out(choice, PUBLISHED)
    assert said.startswith(f"2 newer copies of {CLUSTER} diverged from what was restored into {CLUSTER} (data of 20")
    assert "the newest, newest, has data of 20" in said
    assert left_out(propose(RECORD, [OLDER], lineage=BORN, published=PUBLISHED), PUBLISHED) == ""


@pytest.mark.parametrize("options", [{"snapshot": "newest"}, {"lineage": BORN}], ids=["snapshot", "lineage"])
def test_what_diverged_is_taken_if_it_is_asked_for(options: dict[str, Any]) -> None:
    assert proposed(*COPIES, **options) == "newest"


def test_without_an_older_copy_nothing_is_proposed() -> None:
    assert proposed(NEWEST, DIVERGED) is None


def test_a_newer_copy_of_another_cluster_is_as_ambiguous_as_ever() -> None:
    # GIVEN a cluster that was made anew under the name, after a failover THEN nobody guesses
    other = copy("other", 0.5, lineage=NOW)
    choice = propose(RECORD, [*COPIES, other], lineage=BORN, published=PUBLISHED)
    assert (choice.outcome, choice.candidates[0].identifier) == ("AmbiguousLineage", "other")


def test_what_a_former_release_published_leaves_out_what_is_newer_than_that() -> None:
    published = Published(cluster=CLUSTER, at=NOW - dt.timedelta(hours=20))
    assert proposed(*COPIES, published=published) == "restored"


def test_copies_of_a_primary_that_came_home_are_taken_although_a_former_release_published() -> None:
    # GIVEN a failover and a failback with a former release, which left the endpoint published
    published = Published(cluster=CLUSTER, at=NOW - dt.timedelta(hours=20))
    born = NOW - dt.timedelta(hours=12)
    home = copy("home", 2, lineage=born)
    # WHEN the primary that came home is lost THEN its copies are no copies of the one that was lost before
    choice = propose(RECORD, [*COPIES, home], lineage=born, published=published)
    assert choice.point == home
    assert home not in choice.diverged


# The restore itself.


def after_a_failover() -> RestoreWorld:
    """A warehouse that was brought back; after that the primary made another copy."""
    world = RestoreWorld()
    world.copied(age_hours=2)
    assert world.failover().outcome == "Restored"
    world.clock.advance(3600)
    world.copied(age_hours=0.5)
    return world


def test_a_further_failover_takes_no_copy_that_diverged() -> None:
    world = after_a_failover()
    first = world.parameter(ENDPOINTS)["snapshot"]["identifier"]
    report = world.report(world.failover(target=BESIDE))
    assert (report["outcome"], report["snapshot"]["identifier"]) == ("Restored", first)
    assert any("1 newer copy of" in warning for warning in report["warnings"])


def test_once_the_published_cluster_is_gone_the_newest_copy_is_taken() -> None:
    # GIVEN a failover of last week, whose cluster somebody deleted and whose endpoint nobody withdrew
    world = after_a_failover()
    del world.model.world.clusters[("us-west-2", CLUSTER)]
    # WHEN the primary is lost again THEN nothing diverged, and the newest copy comes back
    report = world.report(world.failover())
    assert report["snapshot"]["identifier"] != world.asked("RestoreFromClusterSnapshot")[0]["SnapshotIdentifier"]
    assert not any("diverged" in warning for warning in report["warnings"])


def test_a_published_cluster_that_cannot_be_looked_at_counts_as_living() -> None:
    world = after_a_failover()
    world.fail("DescribeClusters", "AccessDenied", None)
    report = world.report(world.failover(target=BESIDE))
    assert any("so it is unknown whether the published cluster" in warning for warning in report["warnings"])
    assert any("1 newer copy of" in warning for warning in report["warnings"])


@pytest.mark.parametrize("text", ["spoiled", json.dumps({"cluster": 5})])
def test_a_spoiled_endpoint_is_named_and_stops_no_failover(text: str) -> None:
    world = after_a_failover()
    world.fakes.parameters[ENDPOINTS] = text
    report = world.report(world.failover(target=BESIDE))
    assert report["outcome"] == "Restored"
    assert any("is not understood" in warning and "diverged" in warning for warning in report["warnings"])


def test_a_failover_that_finds_only_what_diverged_says_so() -> None:
    world = after_a_failover()
    first = world.parameter(ENDPOINTS)["snapshot"]["identifier"]
    [snapshot] = [one for one in world.model.snapshots("us-west-2", CLUSTER) if one.identifier == first]
    world.lose(snapshot)
    run = world.failover(target=BESIDE)
    assert run.outcome == "NoRecoveryPoint"
    assert (
        "1 diverged from what the last failover restored (snapshot or lineage takes one all the same)"
        in (world.report(run)["message"])
    )
