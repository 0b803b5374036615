"""A switchover that is cut off before and after each of its calls: run again, it ends well and loses nothing."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import botocore.exceptions
import pytest

from emulator.redshift_model import SimulatedKill
from tests.cli.scene import HERE, PLAN, THERE
from tests.cli.switchover.warehouse import BACK, Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

_CHANGES = ("Put", "Delete", "Create", "Modify", "Reboot", "Start", "Pause", "Disable", "Resume")


class Strike:
    """Lets one call of the command end with an error: before or after it took effect."""

    def __init__(self, number: int, error: BaseException, *, done: bool, changes_only: bool) -> None:
        self.left = number
        self.error = error
        self.done = done
        self.changes_only = changes_only

    def __call__(self, _region: str, operation: str, done: bool) -> None:
        if done != self.done or (self.changes_only and not operation.partition(":")[2].startswith(_CHANGES)):
            return
        self.left -= 1
        if self.left == 0:
            raise self.error


def quiet(warehouse: Warehouse) -> None:
    """No call fails any more. A client that reaches the cluster writes a row."""
    warehouse.account.on_call = lambda _region, _operation, _done: None
    cluster = warehouse.model.cluster(HERE, "sales")
    if cluster is not None and warehouse.is_open(cluster):
        warehouse.write()


def at_each_call(
    run: Callable[[Warehouse, Strike], None],
    error: Callable[[], BaseException],
    *,
    done: bool,
    changes_only: bool = False,
) -> int:
    """Cut a switchover off at its first call, then another one at its second, and so on.

    Args:
        run: what is done with the warehouse, and what must be so then.
        error: how the call ends.
        done: whether it took effect before.
        changes_only: whether only calls that change something are cut off.

    Returns:
        The number of calls.
    """
    number = 0
    while True:
        number += 1
        warehouse = Warehouse()
        strike = Strike(number, error(), done=done, changes_only=changes_only)
        warehouse.account.on_call = strike
        run(warehouse, strike)
        if strike.left > 0:
            return number - 1


def run_again(warehouse: Warehouse, plan: str) -> None:
    """Run the command once more. It may have been at its end already."""
    again = warehouse.switchover("--fence", plan=plan)
    if again.exit_code != 0:
        assert "already" in again.stderr, again.output + again.stderr


def switch_over(warehouse: Warehouse, _strike: Strike) -> None:
    try:
        warehouse.switchover("--fence")
    except SimulatedKill:
        quiet(warehouse)
        run_again(warehouse, PLAN)
    assert warehouse.published(THERE, PLAN)
    assert not warehouse.locked()
    assert warehouse.rows(THERE) == warehouse.rows(HERE)
    assert warehouse.state()["outcome"] == "SwitchedOver"
    assert len(warehouse.account.runs) == 1


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_each_call_it_goes_on_and_loses_nothing(done: bool) -> None:
    # GIVEN a command that is killed at a call, and a client that writes as long as it reaches the cluster
    # WHEN the command is run again
    # THEN the warehouse has moved once, with every row; no lock is left
    assert at_each_call(switch_over, SimulatedKill, done=done) > 70


def go_back(warehouse: Warehouse, _strike: Strike) -> None:
    with suppress(SimulatedKill):
        warehouse.switchover("--fence")
    quiet(warehouse)
    running = any(run.status == "RUNNING" for run in warehouse.account.runs.values())
    moved = warehouse.published(THERE, PLAN)
    result = warehouse.switchover("--unfence")
    assert result.exit_code == (2 if running else 0), result.output + result.stderr
    if not running:
        assert warehouse.is_open(warehouse.cluster)
        assert warehouse.fence() is None
        assert not warehouse.locked()
        assert warehouse.published(THERE, PLAN) == moved


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_each_change_the_way_back_opens_the_cluster(done: bool) -> None:
    # GIVEN a command that is killed at a call that changes something
    # WHEN the operator goes back instead
    # THEN clients reach the cluster, and no lock is left; only a restore that runs is in the way, and is named
    assert at_each_call(go_back, SimulatedKill, done=done, changes_only=True) > 20


def go_home(warehouse: Warehouse, strike: Strike) -> None:
    quiet(warehouse)
    warehouse.away()
    warehouse.write(THERE, 3)
    before = warehouse.rows(THERE)
    warehouse.account.on_call = strike
    try:
        warehouse.switchover("--fence", plan=BACK)
    except SimulatedKill:
        warehouse.account.on_call = lambda _region, _operation, _done: None
        run_again(warehouse, BACK)
    assert warehouse.rows(HERE) == before
    assert not warehouse.published(THERE, PLAN)
    assert not warehouse.published(HERE, BACK)
    assert not warehouse.locked(HERE, BACK)
    retired = [one for (_, name), one in warehouse.model.world.clusters.items() if "-retired-" in name]
    assert retired == [warehouse.cluster]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_each_change_the_way_home_goes_on(done: bool) -> None:
    # GIVEN a way home that is killed at a call that changes something
    # WHEN the command is run again
    # THEN every row is at home, no endpoint is left, and the old cluster was renamed once
    assert at_each_call(go_home, SimulatedKill, done=done, changes_only=True) > 20


def come_through(warehouse: Warehouse, _strike: Strike) -> None:
    result = warehouse.switchover("--fence")
    assert result.exit_code == 0, result.output + result.stderr
    assert warehouse.rows(THERE) == warehouse.rows(HERE)
    assert (len(warehouse.account.runs), warehouse.locked()) == (1, False)


@pytest.mark.parametrize("done", [False, True], ids=["call", "answer"])
def test_a_lost_connection_is_waited_out(done: bool) -> None:
    # GIVEN a connection that breaks at a call that changes something
    def lost() -> BaseException:
        return botocore.exceptions.ReadTimeoutError(endpoint_url="https://example.com")

    # WHEN it comes back THEN the same command has gone on by itself
    assert at_each_call(come_through, lost, done=done, changes_only=True) > 15


class Overtaking:
    """Lets a second operator go the whole way at one call of the first."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.second: Result | None = None

    def __call__(self, _region: str, operation: str, done: bool) -> None:
        if done or not operation.partition(":")[2].startswith(_CHANGES):
            return
        self.left -= 1
        if self.left == 0:
            _quiet(self.warehouse)
            self.second = self.warehouse.switchover("--fence")

    warehouse: Warehouse


def _quiet(warehouse: Warehouse) -> None:
    warehouse.account.on_call = lambda _region, _operation, _done: None


def test_a_second_operator_may_overtake_the_first_at_each_change() -> None:
    # GIVEN an operator who is about to change something, and a second one who runs the same command to its end first
    number = 0
    while True:
        number += 1
        warehouse, overtaking = Warehouse(), Overtaking(number)
        overtaking.warehouse, warehouse.account.on_call = warehouse, overtaking
        # WHEN the first one goes on
        first = warehouse.switchover("--fence")
        if overtaking.second is None:
            break
        # THEN the warehouse has moved once, with every row; the first one ends well, or reads that it was overtaken
        second = overtaking.second
        assert second.exit_code == 0 or "in us-west-2 already" in second.stderr, second.output + second.stderr
        assert first.exit_code == 0 or "another" in first.stderr, first.output + first.stderr
        assert (warehouse.published(THERE, PLAN), warehouse.locked()) == (True, False)
        assert warehouse.rows(THERE) == warehouse.rows(HERE)
        # a state that the first one was about to write may come after the last one of the second (decision record 0021)
        assert warehouse.state().get("outcome") in {None, "SwitchedOver"}
        assert len(warehouse.account.runs) == 1
    assert number > 15
