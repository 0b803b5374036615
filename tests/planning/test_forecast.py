"""The forecast of a policy: examples by hand, and some days against a simulation in steps, written independently."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resilient_redshift import ResilientRedshiftError
from resilient_redshift.planning import (
    Forecast,
    RegionForecast,
    SnapshotPolicy,
    SnapshotRule,
    StoragePrices,
    forecast,
    parse_schedule,
    recovery_point_bounds,
)
from resilient_redshift.rules.retention import FOREVER, Forever

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAYS = 9
END = DAYS * 1440
#: The minutes of a step; every time of a scene is a multiple of it.
STEP = 5
NIGHTLY = SnapshotRule(name="nightly", schedule=parse_schedule("cron(0 3 * * ? *)"), keep=7)


def policy(*rules: SnapshotRule, **others: Any) -> SnapshotPolicy:
    """A policy of manual snapshots alone, unless told otherwise."""
    arguments = {"region": "us-east-1", "automated_snapshot_retention_period": 0, **others}
    return SnapshotPolicy(rules=rules, **arguments)


class TestByHand:
    def test_a_daily_rule(self) -> None:
        # WHEN two weeks of one snapshot a day, at 3:00, are forecast
        [here] = forecast(policy(NIGHTLY), days=14).regions

        # THEN the first one comes at 3:00, and the age goes from 0 to a day again and again
        assert here.first_recovery_point == 3 * HOUR
        assert here.worst == DAY
        assert here.median is not None
        assert abs(here.median - 12 * HOUR) < HOUR
        assert here.age_at(2 * DAY) == 21 * HOUR
        assert here.age_at(HOUR) is None
        assert (here.most_manual_snapshots, here.quota.peak) == (8, 8)

    def test_mean_and_median_are_over_all_moments(self) -> None:
        # GIVEN snapshots at 0:00 and 6:00 of each day: gaps of 6 and 18 hours
        twice = SnapshotRule(name="twice", schedule=parse_schedule("cron(0 0,6 * * ? *)"), keep=7)

        # WHEN two whole days are forecast
        [here] = forecast(policy(twice), days=2).regions

        # THEN half of a day has an age of at most 6 hours in 6 + 6 of 12 hours
        assert here.worst == 18 * HOUR
        assert here.mean == (6 * 6 / 2 + 18 * 18 / 2) / 24 * HOUR
        assert here.median == 6 * HOUR

    def test_the_other_region_is_later_by_the_copy_time(self) -> None:
        both = policy(NIGHTLY, destination_region="us-west-2")

        here, there = forecast(both, days=30, copy_time=2 * HOUR, snapshot_time=HOUR).regions

        assert (here.worst, there.worst) == (DAY + HOUR, DAY + 3 * HOUR)
        assert there.first_recovery_point == 6 * HOUR
        assert there.age_at(2 * DAY + 5 * HOUR) == DAY + 2 * HOUR

    @pytest.mark.parametrize(
        ("change_rate", "nodes", "gap"),
        [
            (0.0, 2, 8 * HOUR),
            (1.0, 2, 8 * HOUR),  # 10 GB would take 10 hours
            (2.5, 2, 4 * HOUR),
            (1000.0, 2, 15 * MINUTE),
            (1e-300, 2, 8 * HOUR),
        ],
    )
    def test_changes_bring_automated_snapshots_closer_together(
        self, change_rate: float, nodes: int, gap: timedelta
    ) -> None:
        automated = policy(automated_snapshot_retention_period=7, number_of_nodes=nodes)

        [here] = forecast(automated, days=7, change_rate=change_rate).regions

        # THEN the forecast follows the changes, and the bound does not count on them
        assert here.worst == gap
        assert here.bounds.recovery_point == 8 * HOUR

    def test_a_weekend_in_which_the_cluster_is_paused(self) -> None:
        # GIVEN a cluster that is paused from Friday at 20:00 to Monday at 6:00, and hourly snapshots
        hourly = SnapshotRule(name="hourly", schedule=parse_schedule("cron(0 * * * ? *)"), keep=30)
        paused = policy(hourly, pausing=["cron(0 20 ? * FRI *)"], resuming=["cron(0 6 ? * MON *)"])

        # WHEN
        [here] = forecast(paused, days=28).regions

        # THEN the snapshot of Friday at 19:00 is the newest one until Monday at 7:00; most of the week is unchanged
        assert here.worst == here.bounds.recovery_point == 60 * HOUR
        assert here.median is not None
        assert here.median < 2 * HOUR

    def test_snapshots_that_are_kept_for_ever_fill_the_quota(self) -> None:
        monthly = SnapshotRule(name="nightly", schedule=parse_schedule("cron(0 3 * * ? *)"), keep=FOREVER)

        [here] = forecast(policy(monthly), days=90, quota=60).regions

        assert here.manual_snapshots[-1] == (89 * DAY + 3 * HOUR, 90)
        assert here.quota.full_on_day == 60

    def test_nothing_takes_snapshots(self) -> None:
        [here] = forecast(policy(), days=1).regions

        assert (here.worst, here.mean, here.median, here.first_recovery_point) == (None, None, None, None)
        assert here.bounds.recovery_point is None
        assert here.age_at(HOUR) is None


@dataclass(frozen=True)
class Times:
    """The times of a cron expression that the simulation understands without a parser."""

    minute: int
    hours: tuple[int, ...]
    weekdays: tuple[int, ...]  # Monday is 0

    @property
    def cron(self) -> str:
        names = ",".join(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")[day] for day in self.weekdays)
        return f"cron({self.minute} {','.join(map(str, self.hours))} ? * {names} *)"

    def fires(self, moment: int) -> bool:
        day, minute = divmod(moment, 1440)  # the forecast begins on a Monday
        return day % 7 in self.weekdays and minute % 60 == self.minute and minute // 60 in self.hours


def times(most: int = 3) -> st.SearchStrategy[Times]:
    return st.builds(
        Times,
        st.sampled_from([0, 20]),
        st.lists(st.integers(0, 23), min_size=1, max_size=most, unique=True).map(lambda each: tuple(sorted(each))),
        st.lists(st.integers(0, 6), min_size=2, max_size=7, unique=True).map(lambda each: tuple(sorted(each))),
    )


@dataclass(frozen=True)
class Scene:
    """A policy in simple values."""

    rules: tuple[tuple[Times | int, int, int], ...]  # when (a number is a rate in minutes), days here, days there
    automated: int
    retention: int
    pause: Times | None
    resume: Times | None
    change_rate: float
    snapshot_time: int
    copy_time: int

    @property
    def policy(self) -> SnapshotPolicy:
        rules = [
            SnapshotRule(
                name=f"r{number}",
                schedule=parse_schedule(when.cron if isinstance(when, Times) else f"rate({when} minutes)"),
                keep=here,
                keep_in_recovery=there,
            )
            for number, (when, here, there) in enumerate(self.rules)
        ]
        return policy(
            *rules,
            automated_snapshot_retention_period=self.automated,
            destination_region="us-west-2",
            retention_period=self.retention,
            node_type="rg.large",
            number_of_nodes=2,
            pausing=[self.pause.cron] if self.pause and self.resume else [],
            resuming=[self.resume.cron] if self.pause and self.resume else [],
        )


SCENES = st.builds(
    Scene,
    st.lists(st.tuples(times() | st.sampled_from([90, 700]), st.integers(1, 4), st.integers(1, 4)), max_size=3).map(
        tuple
    ),
    st.sampled_from([0, 1, 3]),
    st.sampled_from([1, 2]),
    st.none() | times(1),
    st.none() | times(1),
    st.sampled_from([0.0, 1.0, 3.0, 60.0]),
    st.sampled_from([0, 10]),
    st.sampled_from([0, 45, 1000]),
)


#: The only manual snapshot of the first days expires before the first automated one, because of a pause.
GONE_BEFORE_THE_FIRST_AUTOMATED_ONE = Scene(
    rules=((Times(0, (0,), (0, 1)), 1, 1),),
    automated=1,
    retention=1,
    pause=Times(0, (1,), (0, 1)),
    resume=Times(0, (0,), (0, 2)),
    change_rate=0.0,
    snapshot_time=0,
    copy_time=0,
)


def taken_in(scene: Scene) -> Iterator[tuple[int, int | None]]:
    """Go through every step: which rule takes a snapshot; None for an automated one."""
    paused = False
    for minute in range(-7 * 1440, 0, STEP) if scene.pause and scene.resume else ():
        paused = (paused or scene.pause.fires(minute)) and not scene.resume.fires(minute)
    gap = max(15, min(480, -(-60 * 5 * 2 // scene.change_rate) if scene.change_rate else 480))
    last = 0
    for minute in range(0, END, STEP):
        pauses = bool(scene.pause and scene.resume and scene.pause.fires(minute))
        resumes = bool(scene.pause and scene.resume and scene.resume.fires(minute))
        paused = paused or pauses
        if not paused:
            if scene.automated and minute - last == gap:
                last = minute
                yield minute, None
            for number, (when, _, _) in enumerate(scene.rules):
                if when.fires(minute) if isinstance(when, Times) else minute and minute % when == 0:
                    yield minute, number
        if paused and resumes:
            paused, last = False, minute


def newest_by_step(scene: Scene, taken: list[tuple[int, int | None]], *, copied: bool) -> dict[int, int | None]:
    """For every step, when the newest snapshot was taken that somebody can restore from."""
    delay = scene.snapshot_time + (scene.copy_time if copied else 0)
    newest: dict[int, int | None] = {}
    for minute in range(0, END, STEP):
        arrived = [(when, rule) for when, rule in taken if when + delay <= minute]
        newest_automated = max((when for when, rule in arrived if rule is None), default=None)
        usable = [
            when
            for when, rule in arrived
            if minute < when + 1440 * keep_of(scene, rule, copied=copied)
            or (rule is None and not copied and when == newest_automated)
        ]
        newest[minute] = max(usable, default=None)
    return newest


def keep_of(scene: Scene, rule: int | None, *, copied: bool) -> int:
    if rule is None:
        return scene.retention if copied else scene.automated
    return scene.rules[rule][2 if copied else 1]


def minutes(length: timedelta | None) -> float | None:
    return None if length is None else length / MINUTE


@settings(max_examples=15)
@given(SCENES)
@example(GONE_BEFORE_THE_FIRST_AUTOMATED_ONE)
def test_every_step_agrees_with_a_simulation(scene: Scene) -> None:
    # GIVEN what happens in each step
    taken = list(taken_in(scene))

    # WHEN
    regions = forecast(
        scene.policy,
        days=DAYS,
        change_rate=scene.change_rate,
        snapshot_time=scene.snapshot_time * MINUTE,
        copy_time=scene.copy_time * MINUTE,
    ).regions

    # THEN the forecast says the same, in both Regions
    for region, copied in zip(regions, (False, True), strict=True):
        newest = newest_by_step(scene, taken, copied=copied)
        looked_at = list(newest.items())[::17]
        assert [region.age_at(minute * MINUTE) for minute, _ in looked_at] == [
            None if each is None else (minute - each) * MINUTE for minute, each in looked_at
        ]
        # in the middle of a step, the age is its mean over the step
        ages = [minute + STEP / 2 - each for minute, each in newest.items() if each is not None]
        assert minutes(region.worst) == (max(ages) + STEP / 2 if ages else None)
        assert minutes(region.mean) == (pytest.approx(statistics.fmean(ages), abs=1e-6) if ages else None)
        assert minutes(region.median) == (pytest.approx(statistics.median(ages), abs=STEP) if ages else None)
        check_numbers(scene, taken, region, copied=copied)
        # AND no bound is exceeded, and from that long after the beginning on there always is a recovery point
        bound = minutes(region.bounds.recovery_point)
        if bound is not None and region.worst is not None:
            assert region.worst <= region.bounds.recovery_point
            assert not [minute for minute, each in newest.items() if each is None and minute >= bound]


def check_numbers(scene: Scene, taken: list[tuple[int, int | None]], region: RegionForecast, *, copied: bool) -> None:
    lives = [(when, when + 1440 * keep_of(scene, rule, copied=copied)) for when, rule in taken if rule is not None]
    numbers = {when: sum(begins <= when <= ends for begins, ends in lives) for when, _ in lives}
    most = max(numbers.values(), default=0)
    assert region.most_manual_snapshots == most
    assert most <= region.bounds.manual_snapshots


class Blocks:
    """A cluster whose blocks are overwritten one after the other; a snapshot holds each block's version."""

    def __init__(self, size: int, per_minute: int) -> None:
        self.size, self.per_minute = size, per_minute

    def held_at(self, minute: int) -> frozenset[tuple[int, int]]:
        changed = minute * self.per_minute
        return frozenset((block, (changed - block + self.size - 1) // self.size) for block in range(self.size))


@settings(max_examples=10)
@given(
    st.lists(st.tuples(times(), st.integers(1, 4)), min_size=1, max_size=3),
    st.sampled_from(["ra3.large", "rg.large", "dc2.large"]),
    st.sampled_from([1000, 4000]),
)
def test_storage_agrees_with_blocks_that_are_counted_one_by_one(
    rules: list[tuple[Times, int]], node_type: str, size: int
) -> None:
    # GIVEN a GB that changes in each minute
    scene = Scene(tuple((when, keep, keep) for when, keep in rules), 0, 1, None, None, 60.0, 0, 0)
    plain = policy(*scene.policy.rules, node_type=node_type)
    blocks = Blocks(size, per_minute=1)
    lives = [(when, when + 1440 * rules[rule][1]) for when, rule in taken_in(scene) if rule is not None]

    # WHEN
    costs = forecast(plain, days=DAYS, size=size, change_rate=60.0, provisioned_storage=1500.0).costs

    # THEN the GB at the end of each day are those of the snapshots that exist then
    [line] = costs
    for day, gigabytes in enumerate(line.over_time, 1):
        existing = {begins for begins, ends in lives if begins < day * 1440 <= ends}
        held = frozenset[tuple[int, int]]().union(*(blocks.held_at(each) for each in existing))
        times_taken = sum(begins < day * 1440 <= ends for begins, ends in lives)
        expected = {
            "ra3.large": size * times_taken,
            "rg.large": len(held),
            "dc2.large": max(0, len(held) - 1500),
        }[node_type]
        assert gigabytes == pytest.approx(expected)


class TestCosts:
    PRICES = StoragePrices(backup_storage=0.02, transfer=0.01)

    def costs(self, node_type: str | None, **others: Any) -> Forecast:
        both = policy(NIGHTLY, destination_region="us-west-2", node_type=node_type, **others)
        return forecast(both, days=73, size=100.0, change_rate=0.5, prices=self.PRICES)

    def test_lines_and_sum(self) -> None:
        # GIVEN two and a half months, a snapshot a day, and automated snapshots that are copied
        judged = self.costs("ra3.large", automated_snapshot_retention_period=1)

        # THEN what AWS documents no price for is a line of its own, and not part of the sum
        by_item = {(line.region, line.item): line for line in judged.costs}
        unpriced = by_item["us-west-2", "copied automated snapshots"]
        assert (unpriced.cost, unpriced.quantity > 0) == (None, True)
        assert "not verified" in unpriced.unverified
        assert by_item["us-west-2", "transfer of copies"].quantity == pytest.approx(
            100 + 0.5 * (72 * 24 + 16 + 3 - 8), abs=10
        )
        assert judged.cost == pytest.approx(sum(line.cost for line in judged.costs if line.cost is not None))
        assert [line.region for line in judged.costs] == ["us-east-1", *["us-west-2"] * 3]

    def test_a_family_that_is_not_known_is_billed_as_ra3_is(self) -> None:
        assert self.costs(None).cost == self.costs("ra3.large").cost
        assert self.costs("x9.large").cost == self.costs("ra3.large").cost
        assert (self.costs("rg.large").cost or 0) < (self.costs("ra3.large").cost or 0)

    def test_without_a_size_or_a_price_there_is_no_cost(self) -> None:
        assert forecast(policy(NIGHTLY)).costs == ()
        assert forecast(policy(NIGHTLY), size=5.0).cost is None


def test_bounds_do_not_depend_on_when_a_rule_begins() -> None:
    # GIVEN copies of a rule every six hours, over a cluster that sleeps each night
    six = SnapshotRule(name="six", schedule=parse_schedule("rate(6 hours)"), keep=7, keep_in_recovery=1)
    nights = {"pausing": ["cron(0 20 * * ? *)"], "resuming": ["cron(0 7 * * ? *)"]}
    here, there = recovery_point_bounds(
        policy(six, destination_region="eu-west-1", manual_snapshot_retention_period=14, **nights), copy_time=HOUR
    )

    # THEN
    assert (here.region, here.recovery_point, here.manual_snapshots) == ("us-east-1", 23 * HOUR, 29)
    # AND a copy that is kept for a day lives exactly until the next one has arrived
    assert (there.region, there.recovery_point, there.manual_snapshots) == ("eu-west-1", 24 * HOUR, 5)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"region": ""}, "'region' must be a Region's name, got ''"),
        ({"destination_region": "us-east-1"}, "'destination_region' must be another Region's name"),
        ({"rules": ["nightly"]}, "'rules' must be a list of SnapshotRule"),
        ({"schedule_definitions": "rate(8 hours)"}, "'schedule_definitions' must be a list of texts"),
        ({"schedule_definitions": ["rate(48 hours)"]}, "rate(N hours) with N of 1-24"),
        ({"automated_snapshot_retention_period": 36}, "0 to 35 whole days"),
        ({"retention_period": 0}, "1 to 35 whole days"),
        ({"manual_snapshot_retention_period": 0}, "1 to 3653 whole days or FOREVER"),
        ({"number_of_nodes": True}, "a whole number from 1 to 128"),
        ({"node_type": 3}, "a node type such as"),
        ({"pausing": ["at(2027-01-01T00:00:00)"]}, "cron(Minutes Hours"),
        ({"resuming": ["rate(1 day)"]}, "a cron expression of six fields"),
    ],
)
def test_a_policy_that_redshift_does_not_have_is_refused(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        SnapshotPolicy(**{"region": "us-east-1", **changes})
    [reported] = caught.value.problems
    assert problem in reported


@pytest.mark.parametrize("value", [-1, True, "9", 1e30, float("nan"), float("inf"), None, 10**30])
def test_an_argument_out_of_range_is_refused(value: Any) -> None:
    arguments = {"days": value, "change_rate": value, "copy_time": value, "quota": value, "begins": value}
    with pytest.raises(ResilientRedshiftError) as caught:
        forecast(policy(NIGHTLY), **arguments)
    assert [problem.split("'")[1] for problem in caught.value.problems] == [
        "days",
        "change_rate",
        "copy_time",
        "quota",
        "quota_in_recovery",
        "begins",
    ]


def test_too_many_snapshots_are_refused() -> None:
    each_minute = SnapshotRule(name="fast", schedule=parse_schedule("rate(1 minute)"), keep=1)
    with pytest.raises(ResilientRedshiftError, match="'days' must be so few that at most 200000 snapshots are taken"):
        forecast(policy(each_minute), days=3653)


def test_a_price_below_zero_is_refused() -> None:
    with pytest.raises(ResilientRedshiftError, match="'transfer' must be a number from 0"):
        StoragePrices(transfer=-0.01)


def test_the_first_day_can_be_chosen() -> None:
    # GIVEN a rule for Sundays WHEN a forecast begins on a Sunday THEN the first snapshot is of that day
    weekly = SnapshotRule(name="weekly", schedule=parse_schedule("cron(0 3 ? * SUN *)"), keep=Forever.FOREVER)
    [here] = forecast(policy(weekly), begins=date(2030, 1, 6), days=3).regions
    assert here.first_recovery_point == 3 * HOUR
