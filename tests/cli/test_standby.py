"""Status of a way home: it waits while its plan is at home, and counts once the cluster is away."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resilient_redshift.contract import names
from tests.cli.scene import HERE, PLAN, RESTORE, THERE, Scene, record

BACK = "sales-us-west-2"
AT_HOME = RESTORE.replace(THERE, HERE)


@pytest.fixture
def scene() -> Scene:
    """A plan at home, and its way home in both Regions."""
    scene = Scene()
    scene.copied()
    cluster = {"identifier": "sales", "region": THERE, "account": "123456789012"}
    for region in (HERE, THERE):
        given = record(region, BACK)
        recovery = {**record(THERE)["recovery"], "region": HERE} if region == HERE else {"region": HERE, "site": "Home"}
        given |= {
            "cluster": cluster,
            "recovery": {"snapshot_copy_grant_name": "home-grant", **recovery},
            "rules": [],
            "drill": {"cluster_prefix": names.drill_prefix(BACK, HERE)},
            "machines": {"restore": AT_HOME} if region == HERE else {},
            "reverse_of": PLAN,
        }
        scene.put_record(region, given)
    scene.account.machines.add(AT_HOME)
    return scene


def verdict(scene: Scene, *, region: str) -> tuple[dict[str, Any], int]:
    result = scene.run("status", BACK, "--region", region, "--json")
    [plan] = json.loads(result.stdout)["plans"]
    return plan, result.exit_code


@pytest.mark.parametrize("region", [HERE, THERE])
def test_a_way_home_stands_by_while_its_plan_is_at_home(scene: Scene, region: str) -> None:
    # GIVEN a plan at home, with a way home WHEN the way home is looked at from either Region THEN nothing is missed
    plan, status = verdict(scene, region=region)
    assert (plan["verdict"]["status"], plan["standing"], status) == ("standby", "standby", 0)
    assert plan["verdict"]["line"] == f"standby: the way home of {PLAN}, whose cluster is at home"


def test_a_way_home_counts_once_the_cluster_is_away(scene: Scene) -> None:
    # GIVEN a published endpoint of the plan, and a restored cluster without any copy at home
    value = {"cluster": "sales", "endpoint": "e", "port": 5439, "database": "dev", "admin_user": "a", "execution": "x"}
    scene.put(THERE, names.endpoint_name(PLAN), json.dumps({**value, "at": "2026-11-24T03:00:00Z"}))
    scene.model.given_cluster(THERE, "sales")
    # WHEN the way home is looked at THEN it misses what a plan at home would miss
    plan, status = verdict(scene, region=HERE)
    assert (plan["standing"], status) == ("at home", 1)
    assert "no usable copy in us-east-1" in plan["verdict"]["line"]


def test_it_is_unknown_whether_a_way_home_counts_if_the_endpoint_cannot_be_read(scene: Scene) -> None:
    # GIVEN a recovery Region that does not answer WHEN the way home is looked at THEN it is unknown, and never standby
    scene.account.dark.add(THERE)
    plan, status = verdict(scene, region=HERE)
    assert status != 0
    assert "it is unknown whether sales-us-east-1 is at home" in plan["verdict"]["line"]


def test_a_way_home_without_a_usable_record_is_said(scene: Scene) -> None:
    # GIVEN a way home whose record at home is gone WHEN it is looked at THEN going home could not be started, and that is said
    scene.put(HERE, names.plan_record_name(BACK), None)
    plan, status = verdict(scene, region=THERE)
    assert status == 2
    assert "no usable plan record in us-east-1" in plan["verdict"]["line"]
