"""The virtual time, without a server: who moves it, how far, and in which order things run."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest

from emulator.aws.threads import counted_pool, counted_threading
from emulator.aws.timeline import Timeline
from emulator.redshift_model import START, Clock

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def timeline() -> Timeline:
    return Timeline(Clock())


class Every:
    """A source that is due every hour and notes when it ran."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.ran: list[dt.datetime] = []

    def next_due(self) -> dt.datetime:
        return (self.ran[-1] if self.ran else START) + HOUR

    def fire(self) -> None:
        self.ran.append(self.timeline.now())


def test_time_stands_still_while_nobody_asks(timeline: Timeline) -> None:
    # GIVEN a timer
    ran = []
    timeline.clock.call_later(10, lambda: ran.append(1))
    # WHEN nothing happens THEN nothing does
    assert (timeline.now(), ran) == (START, [])


def test_advancing_runs_what_is_due_each_at_its_own_time_and_in_order(timeline: Timeline) -> None:
    # GIVEN a timer of the model, a source, and somebody who sleeps
    seen: list[tuple[str, float]] = []

    def note(what: str) -> None:
        seen.append((what, (timeline.now() - START).total_seconds()))

    timeline.clock.call_later(5400, lambda: note("timer"))
    source = Every(timeline)
    timeline.add_source(source)

    def sleeper() -> None:
        timeline.sleep(4000)
        note("sleeper")
        timeline.sleep(1000)
        note("sleeper")

    timeline.spawn(sleeper, "sleeper")
    # WHEN two hours pass
    timeline.advance_to(START + 2 * HOUR)
    # THEN each ran at its own time
    assert seen == [("sleeper", 4000), ("sleeper", 5000), ("timer", 5400)]
    assert source.ran == [START + HOUR, START + 2 * HOUR]
    assert timeline.now() == START + 2 * HOUR


def test_advance_stops_where_it_was_told_with_sleepers_in_flight(timeline: Timeline) -> None:
    # GIVEN somebody who sleeps longer
    done = threading.Event()
    timeline.spawn(lambda: (timeline.sleep(7200), done.set())[0], "sleeper")
    # WHEN an hour passes
    timeline.advance_to(START + HOUR)
    # THEN he still sleeps
    assert (timeline.now(), done.is_set()) == (START + HOUR, False)
    timeline.advance_to(START + 2 * HOUR)
    assert done.is_set()


def test_settle_moves_as_far_as_it_must_and_no_further(timeline: Timeline) -> None:
    timeline.spawn(lambda: timeline.sleep(7200), "sleeper")
    timeline.clock.call_later(90_000, lambda: None)
    assert timeline.settle(dt.timedelta(days=1))
    assert timeline.now() == START + 2 * HOUR


def test_settle_gives_up_on_somebody_who_waits_for_ever(timeline: Timeline) -> None:
    # GIVEN a loop
    def loop() -> None:
        while timeline.now() < START + dt.timedelta(days=3):
            timeline.sleep(600)

    timeline.spawn(loop, "loop")
    # WHEN settling for a day THEN it says that it did not
    assert not timeline.settle(dt.timedelta(days=1))


def test_time_moves_by_itself_only_for_somebody_outside(timeline: Timeline) -> None:
    # GIVEN a sleeper whom nobody waits for
    timeline.spawn(lambda: timeline.sleep(600), "patient")
    # WHEN somebody outside waits for another who sleeps
    with timeline.acting(), timeline.hurrying():
        gate = timeline.gate()
        timeline.spawn(lambda: (timeline.sleep(1200), gate.open())[0], "hurried")
        timeline.wait(gate)
    # THEN time moved for him, and for whoever was on the way, and stands still again
    assert timeline.now() == START + dt.timedelta(seconds=1200)
    timeline.spawn(lambda: timeline.sleep(600), "patient")
    timeline.advance_to(timeline.now())
    assert timeline.now() == START + dt.timedelta(seconds=1200)


def test_a_gate_wakes_before_its_time(timeline: Timeline) -> None:
    # GIVEN somebody who waits for a gate, an hour at most
    gate, seen = timeline.gate(), []
    timeline.spawn(lambda: seen.append((timeline.wait(gate, 3600), timeline.now())), "waiter")
    timeline.spawn(lambda: (timeline.sleep(60), gate.open())[0], "opener")
    # WHEN it settles
    timeline.settle(HOUR)
    # THEN the gate was it, and nobody waits for the rest of the hour
    assert seen == [(True, START + dt.timedelta(seconds=60))]
    assert timeline.describe()["waiting"] == []


def test_a_gate_that_stays_closed_lets_go_in_time(timeline: Timeline) -> None:
    gate, seen = timeline.gate(), []
    timeline.spawn(lambda: seen.append((timeline.wait(gate, 60), timeline.now())), "waiter")
    timeline.settle(HOUR)
    assert seen == [(False, START + dt.timedelta(seconds=60))]


def test_a_joined_thread_hands_its_place_over(timeline: Timeline) -> None:
    # GIVEN a parent that joins a child that sleeps, and a loop beside them
    counted, seen = counted_threading(timeline), []

    def parent() -> None:
        child = counted.Thread(target=lambda: timeline.sleep(100), daemon=True)
        child.start()
        child.join()
        seen.append(timeline.now())

    timeline.spawn(lambda: [timeline.sleep(7) for _ in range(50)] and None, "beside")
    timeline.spawn(parent, "parent")
    # WHEN it settles THEN the parent went on at the very moment
    timeline.settle(HOUR)
    assert seen == [START + dt.timedelta(seconds=100)]


def test_a_pool_runs_so_many_at_a_time(timeline: Timeline) -> None:
    # GIVEN five works of ten seconds, two at a time
    pool_class, wait = counted_pool(timeline)
    seen = []

    def owner() -> None:
        with pool_class(max_workers=2) as pool:
            wait([pool.submit(timeline.sleep, 10) for _ in range(5)])
        seen.append(timeline.now())

    timeline.spawn(owner, "owner")
    timeline.settle(HOUR)
    # THEN they take thirty
    assert seen == [START + dt.timedelta(seconds=30)]


def test_a_timer_that_starts_an_actor_holds_time_until_he_waits(timeline: Timeline) -> None:
    # GIVEN two timers a second apart, the first of which starts somebody
    seen: list[tuple[str, float]] = []

    def note(what: str) -> None:
        seen.append((what, (timeline.now() - START).total_seconds()))

    timeline.clock.call_later(10, lambda: timeline.spawn(lambda: note("actor"), "actor"))
    timeline.clock.call_later(11, lambda: note("second"))
    # WHEN time passes over both THEN he worked in his own moment
    timeline.advance_to(START + HOUR)
    assert seen == [("actor", 10), ("second", 11)]


def test_at_one_moment_a_sleeper_waits_until_nobody_works(timeline: Timeline) -> None:
    # GIVEN an actor who begins at a moment and works for a while, and a sleeper who is due at that moment
    seen: list[str] = []

    def work() -> None:
        time.sleep(0.05)  # real work, not virtual waiting
        seen.append("worker")

    timeline.spawn(lambda: (timeline.sleep(10), seen.append("sleeper"))[0], "sleeper")
    timeline.clock.call_later(10, lambda: timeline.spawn(work, "worker"))
    # WHEN the moment passes THEN they follow each other
    timeline.advance_to(START + HOUR)
    assert seen == ["worker", "sleeper"]
