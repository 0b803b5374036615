"""What a failover moves, shown and asked before the start."""

from __future__ import annotations

import json

import pytest

from resilient_redshift.contract import names
from tests.cli.restoring import FULL, machine, report, started
from tests.cli.scene import PLAN, THERE, Scene, record, words_of

NAME = "dwh.example.com"
DNS = {"dns": {"hosted_zone_id": "Z1", "record_name": NAME, "ttl_seconds": 60}}


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """A plan that moves a DNS name, a copy, a machine, and somebody at the terminal."""
    scene.copied(hours=2)
    machine(scene, ends=report(**FULL))
    scene.put_record(THERE, record(THERE, restore=DNS))
    scene.interactive = True
    return scene


@pytest.fixture
def failed_over(ready: Scene) -> Scene:
    """The same after a failover."""
    published = {"cluster": "sales", "endpoint": "sales.old", "port": 5439, "at": "2026-11-23T07:05:38.000Z"}
    ready.put(THERE, names.endpoint_name(PLAN), json.dumps(published))
    return ready


def test_a_restore_beside_is_asked_for_as_one_that_moves_nothing(failed_over: Scene) -> None:
    # GIVEN clients on the restored cluster WHEN an older copy is restored beside it THEN nothing that they follow moves
    result = failed_over.run("failover", PLAN, "--target", "restored-sales", answer="y\n")
    stays = f"nothing: the published endpoint (sales, sales.old:5439) and the DNS name {NAME} stay as they are"
    assert stays in words_of(result)
    assert "Start the failover? [y/N]" in result.stderr
    assert started(failed_over) == {"plan": PLAN, "mode": "failover", "target": "restored-sales"}


def test_with_publish_the_question_says_what_moves_from_where_to_where(failed_over: Scene) -> None:
    result = failed_over.run("failover", PLAN, "--target", "restored-sales", "--publish", answer="y\n")
    shown = words_of(result)
    assert "publishes the endpoint moves from sales, sales.old:5439 to the new restored-sales" in shown
    assert f"moves the DNS name {NAME} from sales.old to the endpoint of restored-sales" in shown
    assert (
        "Start the failover? It moves the published endpoint from sales (sales.old:5439) to restored-sales, and moves "
        f"the DNS name {NAME} from sales.old to it. [y/N]"
    ) in result.stderr
    assert started(failed_over)["publish"] is True


def test_the_first_failover_says_that_it_publishes(ready: Scene) -> None:
    result = ready.run("failover", PLAN, answer="y\n")
    assert (
        f"Start the failover? It publishes the endpoint of sales, and moves the DNS name {NAME} from where it points "
        "now to it. [y/N]"
    ) in result.stderr
    assert "publish" not in started(ready)


def test_no_publish_reaches_the_machine(ready: Scene) -> None:
    assert ready.run("failover", PLAN, "--no-publish", "--yes").exit_code == 0
    assert started(ready)["publish"] is False


def test_a_name_is_not_said_to_point_to_a_cluster_that_was_never_verified(failed_over: Scene) -> None:
    # GIVEN an endpoint that was published before its checks failed, so that no run moved the name to it
    published = json.loads(failed_over.account.parameters[THERE, names.endpoint_name(PLAN)])
    failed_over.put(THERE, names.endpoint_name(PLAN), json.dumps({**published, "verified": False}))
    result = failed_over.run("failover", PLAN, answer="n\n")
    assert f"moves the DNS name {NAME} from where it points now to it" in result.stderr


def test_what_is_published_and_could_not_be_read_is_said(ready: Scene) -> None:
    ready.put(THERE, names.endpoint_name(PLAN), "spoiled")
    result = ready.run("failover", PLAN, answer="n\n")
    shown = words_of(result)
    assert "It publishes the endpoint of sales in place of whatever is published now, and" in result.stderr
    assert "the endpoint of sales; what is published now is unknown" in shown
    assert "endpoints/sales-us-east-1 is not understood" in shown


def test_a_drill_moves_nothing_and_says_nothing_of_it(failed_over: Scene) -> None:
    result = failed_over.run("drill", PLAN, answer="n\n")
    assert "Start the drill? [y/N]" in result.stderr
    assert "publishes" not in words_of(result)
