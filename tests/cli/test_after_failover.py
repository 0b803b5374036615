"""Status in the days after a failover: the published cluster, its copies, the primary; and what could not be read."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from emulator.redshift_model import ApiError, CopyConfig
from resilient_redshift.contract import names
from tests.cli.restoring import machine, report
from tests.cli.scene import HERE, PLAN, THERE, Scene, words_of

THIRD = "eu-west-1"
OURS = {names.TAG_PLAN: PLAN, names.TAG_EXECUTION: "failover-1"}


def told(scene: Scene) -> dict[str, Any]:
    result = scene.run("status", PLAN, "--json")
    [plan] = json.loads(result.stdout)["plans"]
    assert plan["verdict"]["exit_status"] == result.exit_code
    return dict(plan)


@pytest.fixture
def after(scene: Scene) -> Scene:
    """21 hours after a failover: the restored cluster is copied to a third Region, and the primary is gone."""
    scene.copied("copy:rs:restored", hours=24)
    born = scene.clock.now() - dt.timedelta(hours=21)
    scene.model.given_grant(THIRD, "third", scene.model.given_key(THIRD))
    restored = scene.model.given_cluster(
        THERE, "sales", tags=dict(OURS), create_time=born, copy=CopyConfig(THIRD, 7, 30, "third")
    )
    scene.model.given_snapshot(THIRD, restored, "copy:rs:away", kind="automated", age_days=2 / 24)
    published = {
        "cluster": "sales",
        "endpoint": "sales.restored",
        "port": 5439,
        "database": "dev",
        "admin_user": "warehouse_admin",
        "execution": "failover-1",
        "at": born.isoformat(),
        "snapshot": {
            "identifier": "copy:rs:restored",
            "created": (scene.clock.now() - dt.timedelta(hours=24)).isoformat(),
            "lineage": scene.cluster.create_time.isoformat(),
        },
    }
    scene.put(THERE, names.endpoint_name(PLAN), json.dumps(published))
    scene.put(THERE, names.lineage_name(PLAN), scene.cluster.create_time.isoformat())
    del scene.model.world.clusters[(HERE, "sales")]
    return scene


def alive(scene: Scene) -> None:
    """The primary answers again, and its newest copy arrives."""
    scene.model.world.clusters[(HERE, "sales")] = scene.cluster
    scene.copied("copy:rs:diverged", hours=1)


def test_a_failover_whose_cluster_is_copied_is_fine(after: Scene) -> None:
    seen = told(after)
    assert (seen["verdict"]["status"], seen["standing"]) == ("fine", "failed over")
    assert seen["verdict"]["line"] == (
        "fine: failed over to sales in us-west-2; its newest copy in eu-west-1 is 2 h old, within the objective of 10 h"
    )
    assert seen["recovery"]["restored"] == {
        "cluster": "sales",
        "status": "available",
        "lineage": "2026-11-22T11:15:00Z",
        "copied_to": THIRD,
        "newest_copy": "copy:rs:away",
        "newest_copy_age_seconds": 7200,
    }
    shown = words_of(after.run("status", PLAN))
    assert "failed over 2026-11-22 11:15 UTC: sales, sales.restored:5439" in shown
    assert "now sales: available, 2 x ra3.large, copied to eu-west-1" in shown


def test_a_restored_warehouse_without_a_copy_is_missed(after: Scene) -> None:
    after.model.world.clusters[(THERE, "sales")].copy = None
    result = after.run("status", PLAN)
    assert result.exit_code == 1
    assert "copied NOWHERE" in result.output
    assert "missed: failed over to sales in us-west-2, which has no recovery point elsewhere" in result.output


def test_both_clusters_alive_are_two_writers_with_the_commands(after: Scene) -> None:
    alive(after)
    result = after.run("status", PLAN)
    assert result.exit_code == 1
    assert (
        "missed: two writers: sales in us-east-1 is 'available' beside the published sales in us-west-2"
        in result.output
    )
    fence = "resilient-redshift fence sales-us-east-1 --region us-east-1"
    assert f"to mend it: {fence}\n" in result.output
    assert "or instead: aws ssm delete-parameter --region us-west-2 " in result.output
    assert fence in told(after)["verdict"]["commands"]


def test_the_copies_of_the_diverged_primary_are_proposed_by_nobody(after: Scene) -> None:
    # GIVEN a newer copy of the primary WHEN status and the next failover are asked THEN both take what was restored
    alive(after)
    recovery = told(after)["recovery"]
    assert recovery["newest"] == "copy:rs:restored"
    usable = {point["identifier"]: point["usable"] for point in recovery["recovery_points"]}
    assert usable == {"copy:rs:restored": True, "copy:rs:diverged": False}
    machine(after, ends=report())
    shown = words_of(after.run("failover", PLAN, "--target", "restored-sales", "--yes"))
    assert "snapshot copy:rs:restored (" in shown
    assert "1 newer copy of sales diverged from what was restored into sales" in shown
    asked = words_of(after.run("failover", PLAN, "--target", "restored-it", "--snapshot", "copy:rs:diverged"))
    assert "snapshot copy:rs:diverged (" in asked


def test_a_published_cluster_that_was_deleted_is_missed(after: Scene) -> None:
    del after.model.world.clusters[(THERE, "sales")]
    verdict = told(after)["verdict"]
    assert verdict["missed"][0].startswith(
        "the published cluster is gone: sales in us-west-2, it does not exist any more"
    )
    assert (
        "aws ssm delete-parameter --region us-west-2 --name /resilient-redshift/endpoints/sales-us-east-1"
        in (verdict["instead"])
    )


def test_a_restore_beside_is_listed_with_its_hours(after: Scene) -> None:
    born = after.clock.now() - dt.timedelta(hours=5)
    after.model.given_cluster(THERE, "restored-sales", tags=dict(OURS), create_time=born)
    seen = told(after)
    assert seen["verdict"]["status"] == "fine"
    assert seen["recovery"]["beside"] == [
        {"cluster": "restored-sales", "status": "available", "hours": 5.0, "node_hours": 10.0}
    ]
    assert "note: beside: restored-sales, available, 2 x ra3.large for 5 h" in after.run("status", PLAN).output


def test_nobody_is_advised_to_publish_a_fenced_cluster(after: Scene) -> None:
    # GIVEN a cluster that a run restored and a later way home fenced WHEN judged THEN it is not called a way to switch
    tags = {**OURS, names.TAG_FENCE: "sg-fence0"}
    fenced = after.model.given_cluster(THERE, "restored-sales", tags=tags)
    fenced.described["VpcSecurityGroups"] = [{"VpcSecurityGroupId": "sg-fence0", "Status": "active"}]
    text = after.run("status", PLAN).output
    assert "It is fenced: no client reaches it" in text
    assert "to switch to it" not in text


def test_one_throttled_call_turns_no_miss_into_fine(after: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN two writers, a failed drill, and a GetParameters that is throttled
    alive(after)

    def throttled(region: str, params: dict[str, Any]) -> dict[str, Any]:
        raise ApiError("ThrottlingException", "Rate exceeded")

    monkeypatch.setattr(after.account, "_GetParameters", throttled)
    # WHEN asked THEN it is unknown, what could not be read is named, and nobody says "none yet"
    result = after.run("status", PLAN)
    assert result.exit_code == 2
    shown = words_of(result)
    assert (
        "unknown: what is published and the recorded lineage could not be read: ssm:GetParameters in us-west-2" in shown
    )
    assert "the last drill and the plan record could not be read" in shown
    assert "last drill cannot be read" in shown
    assert "none yet" not in shown
    assert told(after)["recovery"]["unread"] == ["endpoint", "lineage", "drills"]


@pytest.mark.parametrize("operation", ["DescribeClusters", "DescribeClusterSnapshots"])
def test_one_call_without_an_answer_is_no_silent_region(
    after: Scene, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    # GIVEN two writers, and one call of the primary Region that hangs while the other is answered
    alive(after)
    perform = after.model.perform

    def hangs(service: str, region: str, name: str, params: dict[str, Any]) -> dict[str, Any]:
        if (region, name) == (HERE, operation):
            raise ReadTimeoutError(endpoint_url="https://redshift.us-east-1.example.com")
        return perform(service, region, name, params)

    monkeypatch.setattr(after.model, "perform", hangs)
    # WHEN asked THEN nobody takes the Region for one that is lost
    result = after.run("status", PLAN)
    assert "primary unreachable" not in result.output
    known = "two writers" if operation == "DescribeClusterSnapshots" else "it is unknown whether sales in us-east-1"
    assert known in result.output
    assert result.exit_code == (1 if operation == "DescribeClusterSnapshots" else 2)


@pytest.mark.parametrize("denied", ["redshift:DescribeSnapshotSchedules", "redshift:DescribeClusters"])
def test_what_may_not_be_read_is_unknown(scene: Scene, denied: str) -> None:
    scene.copied(hours=2)
    scene.cluster.schedule, scene.cluster.schedule_state = "fourhourly", "ACTIVE"
    scene.account.denied = {denied}
    verdict = told(scene)["verdict"]
    assert verdict["status"] == "unknown"
    assert any(denied in text for text in verdict["unknown"])


def test_a_third_region_that_does_not_answer_is_unknown(after: Scene) -> None:
    after.account.dark = {THIRD}
    [unknown] = told(after)["verdict"]["unknown"]
    assert unknown.startswith(
        "the copies of sales in us-west-2 in eu-west-1 could not be read: eu-west-1 does not answer"
    )


def test_a_published_endpoint_that_is_not_understood_is_unknown(scene: Scene) -> None:
    scene.copied(hours=2)
    scene.put(THERE, names.endpoint_name(PLAN), "spoiled")
    seen = told(scene)
    assert (seen["verdict"]["status"], seen["standing"]) == ("unknown", "unknown")
    assert "endpoints/sales-us-east-1 is not understood" in seen["verdict"]["unknown"][0]
    assert "failed over cannot be read" in words_of(scene.run("status", PLAN))
