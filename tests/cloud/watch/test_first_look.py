"""The first look at a watch: data for its alarms before they exist, or an error that says why there is none."""

from __future__ import annotations

import pytest

from resilient_redshift.cloud.watch.function import watch_in
from tests.cli.scene import HERE, PLAN, THERE
from tests.cloud.watch.world import PERIOD, WATCHERS, WatchWorld


@pytest.mark.parametrize("region", [HERE, THERE])
def test_the_first_look_writes_data_for_the_periods_of_an_alarm(world: WatchWorld, region: str) -> None:
    # GIVEN a watch that is new WHEN it is looked at THEN CloudWatch has data of now and of the three periods before
    world.copied(hours=2)
    world.taken(hours=2)
    assert world.watch(region, first_look=PLAN) == {"seen": True}
    ages = [one for _, one in world.account.metrics if one["MetricName"] == "RecoveryPointAge"]
    assert [world.clock.now() - one["Timestamp"] for one in ages] == [number * PERIOD for number in range(4)]
    # AND so has a watch that is looked at each five minutes: the period of its alarms is 15 minutes, too
    world.watch(region, first_look=PLAN, interval_seconds=300)
    assert [one["Timestamp"] for _, one in world.account.metrics if one["MetricName"] == "RecoveryPointAge"] == [
        one["Timestamp"] for one in ages
    ]
    # AND nothing else is told: the next run does that
    assert not any(key[1].startswith("/resilient-redshift/watched/") for key in world.account.parameters)


def test_data_that_cloudwatch_does_not_show_yet_is_not_seen(world: WatchWorld) -> None:
    # GIVEN a CloudWatch that takes data and shows it later
    world.copied(hours=2)
    shows = world.account._GetMetricData
    world.account._GetMetricData = lambda _region, _params: {"MetricDataResults": []}  # type: ignore[method-assign]
    assert world.watch(first_look=PLAN) == {"seen": False}
    world.account._GetMetricData = shows  # type: ignore[method-assign]
    world.later(minutes=2)
    # WHEN asked again THEN the function only looks, and writes nothing
    del world.account.calls[:]
    again = {"watcher": WATCHERS[THERE], "first_look": PLAN, "seen": True}
    assert watch_in(again, world.surroundings(THERE)) == {"seen": True}
    assert world.account.operations() == ["ssm:GetParametersByPath", "cloudwatch:GetMetricData"]


def test_a_role_that_is_new_gets_two_minutes(world: WatchWorld) -> None:
    # GIVEN rights that take a while to spread
    world.copied(hours=2)
    world.account.fail["DescribeClusters"] = ["AccessDenied"] * 3
    assert world.watch(first_look=PLAN) == {"seen": True}


def test_a_first_look_that_measures_nothing_fails(world: WatchWorld) -> None:
    # GIVEN no right to list snapshots WHEN the stack is deployed THEN the deployment says what the watcher lacks
    world.account.denied = {"redshift:DescribeClusterSnapshots"}
    assert "DescribeClusterSnapshots" in world.watch_in_vain(first_look=PLAN)


def test_a_watch_that_has_no_record_fails(world: WatchWorld) -> None:
    assert "there is no watch 'other'" in world.watch_in_vain(first_look="other")
