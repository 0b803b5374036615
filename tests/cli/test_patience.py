"""A Region that says nothing: a sign at once, a decision soon, and nothing that holds up the user."""

from __future__ import annotations

import time
from threading import Barrier, Event
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cli.patience import DEFAULT, Patience, SilentError, Task, Waiter, abandoned, both, together
from tests.cli.scene import PLAN, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SOON = Patience(sign=0.01, decision=0.05, again=0.02)


class Hanging:
    """A call that answers when the test says so."""

    def __init__(self) -> None:
        self.answer = Event()
        self.ended = Event()
        self.was_abandoned: list[bool] = []

    def __call__(self) -> str:
        self.answer.wait(10)
        self.was_abandoned.append(abandoned())
        return "late"


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    hanging = Hanging()
    yield hanging
    hanging.answer.set()


def waiter(signs: list[str] | None = None, answered: Callable[[BaseException], bool] = lambda _: True) -> Waiter:
    return Waiter(SOON, ([] if signs is None else signs).append, answered)


def test_the_issue_is_kept() -> None:
    # a sign within two seconds, a decision within ten
    assert DEFAULT.sign < 2
    assert DEFAULT.decision <= 10


def test_a_silent_service_is_decided_in_time_and_the_sign_comes_first(hanging: Hanging) -> None:
    # GIVEN a service that says nothing WHEN called THEN the user sees for what it waits, and then that nobody answers
    signs: list[str] = []
    began = time.monotonic()
    with pytest.raises(SilentError, match="no answer within 0 s"):
        waiter(signs).wait_for("us-west-2", "redshift", hanging)
    assert time.monotonic() - began < 5
    assert signs == ["us-west-2"]


def test_the_sign_is_shown_once_and_never_for_an_answer(hanging: Hanging) -> None:
    signs: list[str] = []
    assert Waiter(DEFAULT, signs.append, lambda _: True).wait_for("us-east-1", "redshift", lambda: 1) == 1
    asked = waiter(signs)
    for service in ("redshift", "ssm"):
        with pytest.raises(SilentError):
            asked.wait_for("us-west-2", service, hanging)
    assert signs == ["us-west-2"]


def test_who_was_silent_for_long_gets_less_time_and_others_all_of_it(hanging: Hanging) -> None:
    asked = waiter()
    with pytest.raises(SilentError):
        asked.wait_for("us-west-2", "redshift", hanging)
    assert [_limit(asked, service, hanging) for service in ("redshift", "ssm")] == [SOON.again, SOON.decision]


def test_a_late_answer_ends_the_silence(hanging: Hanging) -> None:
    # GIVEN a slow service, given up once WHEN its answer comes after all THEN the next call gets its whole time
    asked = waiter()
    with pytest.raises(SilentError):
        asked.wait_for("us-west-2", "redshift", hanging)
    hanging.answer.set()
    _until(lambda: not asked._silent_since)
    assert hanging.was_abandoned == [True]
    assert _limit(asked, "redshift", Hanging()) == SOON.decision


@pytest.mark.parametrize(("is_answer", "silent"), [(True, False), (False, True)])
def test_a_late_error_ends_the_silence_if_it_is_an_answer(*, is_answer: bool, silent: bool) -> None:
    hanging = Hanging()

    def fails() -> None:
        hanging()
        raise ValueError

    asked = waiter(answered=lambda _: is_answer)
    with pytest.raises(SilentError):
        asked.wait_for("us-west-2", "redshift", fails)
    hanging.answer.set()
    _until(lambda: bool(hanging.was_abandoned) and bool(asked._silent_since) == silent)


def test_an_error_reaches_the_caller() -> None:
    def fails() -> None:
        raise ValueError("ours")

    asked = Waiter(DEFAULT, lambda _: None, lambda _: True)
    with pytest.raises(ValueError, match="ours"):
        asked.wait_for("us-west-2", "redshift", fails)
    assert not asked._silent_since


def test_a_call_without_a_decision_is_waited_for(hanging: Hanging) -> None:
    Task(lambda: (time.sleep(2 * SOON.decision), hanging.answer.set())).start()
    assert waiter().wait_for("us-west-2", "lambda", hanging, decide=False) == "late"


def test_results_come_in_order_and_not_all_at_once() -> None:
    running: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        running.append(number)
        most.append(len(running))
        time.sleep(0.001)
        running.remove(number)
        return number

    assert together([lambda number=number: work(number) for number in range(9)], 3) == list(range(9))  # type: ignore[misc]
    assert max(most) <= 3
    assert together([], 3) == []


def test_a_defect_in_one_of_several_reaches_the_caller() -> None:
    def fails() -> int:
        raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        together([lambda: 1, fails], 2)
    with pytest.raises(ValueError, match="ours"):
        both(fails, lambda: "x")


def _limit(asked: Waiter, service: str, hanging: Hanging) -> Any:
    """How long the next call of a service is waited for."""
    with pytest.raises(SilentError) as raised:
        asked.wait_for("us-west-2", service, hanging)
    return pytest.approx(raised.value.seconds)


def _until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.002)
    raise AssertionError("it never came")


TOGETHER = {
    "failover": {"ListExecutions", "DescribeClusterSnapshots", "DescribeClusters"},
    "check": {"GetServiceQuota", "DescribeStateMachine", "DescribeKey", "DescribeSecurityGroups", "DescribeClusters"},
}


@pytest.mark.parametrize("verb", TOGETHER)
def test_what_a_command_looks_at_is_asked_at_the_same_time(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    # GIVEN services that answer only when all of them were asked, as hanging ones would add up otherwise
    everybody, answer, first = Barrier(len(TOGETHER[verb]), timeout=10), scene.account._answer, set(TOGETHER[verb])

    def wait_for_the_others(service: str, region: str, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation in first:
            first.remove(operation)
            everybody.wait()
        return answer(service, region, operation, params)

    monkeypatch.setattr(scene.account, "_answer", wait_for_the_others)
    scene.copied()
    # WHEN the command looks THEN it gets every answer
    scene.run(verb, PLAN)
    assert not everybody.broken
    assert first == set()
