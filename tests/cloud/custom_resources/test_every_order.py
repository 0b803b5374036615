"""The scheduler of the tests runs each order of calls once, and runs it in the same way again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.cloud.custom_resources.interleaving import every_order
from tests.cloud.custom_resources.scene import HERE, NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from emulator.redshift_model import RedshiftModel


def _scene(*, writes: int = 0, reads: int = 0) -> Callable[[RedshiftModel], dict[str, Callable[[], Any]]]:
    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        model.given_cluster(HERE, NAME)
        client = model.client(HERE)

        def work(name: str) -> None:
            for number in range(writes):
                tag = {"Key": f"tag-{number}", "Value": name}
                client.create_tags(ResourceName=model.arn(HERE, f"cluster:{NAME}"), Tags=[tag])
            for _ in range(reads):
                client.describe_clusters(ClusterIdentifier=NAME)

        return {"A": lambda: work("A"), "B": lambda: work("B")}

    return scene


@pytest.mark.parametrize(("writes", "switches", "orders"), [(1, None, 2), (2, None, 6), (3, None, 20), (2, 1, 4)])
def test_each_order_of_changes_runs_once(writes: int, switches: int | None, orders: int) -> None:
    ran = [order.calls for order in every_order(_scene(writes=writes), most_switches=switches)]
    assert len(ran) == len(set(ran)) == orders


def test_most_orders_of_reads_alone_are_left_out() -> None:
    # GIVEN 20 orders of three and three calls, all with the same effect
    assert len(list(every_order(_scene(reads=3)))) == 4


def test_the_last_writer_wins_in_some_orders_only_and_always_in_the_same() -> None:
    first, again = (
        [(order.calls, order.model.world.clusters[HERE, NAME].tags["tag-0"]) for order in every_order(_scene(writes=2))]
        for _ in range(2)
    )
    assert {winner for _, winner in first} == {"A", "B"}
    assert first == again


def test_a_request_that_sleeps_lets_the_other_one_end() -> None:
    # GIVEN
    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        model.given_cluster(HERE, NAME)
        client = model.client(HERE)

        def waits() -> float:
            model.clock.sleep(20)
            client.describe_clusters(ClusterIdentifier=NAME)
            return model.clock.monotonic()

        def works() -> float:
            client.describe_clusters(ClusterIdentifier=NAME)
            return model.clock.monotonic()

        return {"A": waits, "B": works}

    # WHEN THEN
    [order] = every_order(scene)
    assert order.calls == ("B DescribeClusters", "A DescribeClusters")
    assert order.answers == (20, 0)


def test_an_error_of_a_request_is_the_tests_error() -> None:
    def scene(model: RedshiftModel) -> dict[str, Callable[[], Any]]:
        return {"A": lambda: model.client(HERE).describe_clusters(ClusterIdentifier=NAME), "B": lambda: None}

    with pytest.raises(Exception, match="ClusterNotFound"):
        list(every_order(scene))
