"""Schedules, against AWS's own examples and a scanner that knows no shortcuts."""

from __future__ import annotations

import time
from bisect import bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.schedules.calendar import steps
from resilient_redshift.schedules.eventbridge import (
    UNBOUNDED,
    CronSchedule,
    check_schedule,
    longest_gap_of,
    parse_schedule,
)

NOW = datetime(2026, 11, 23, 10, 30, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


def firings(expression: str, count: int, after: datetime = NOW) -> list[str]:
    schedule = parse_schedule(expression)
    times = []
    moment: datetime | None = after
    for _ in range(count):
        assert moment is not None
        moment = schedule.next_after(moment)
        times.append(f"{moment:%a %Y-%m-%d %H:%M}" if moment else "never")
    return times


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        # the table of examples in "Cron expressions reference", EventBridge User Guide
        ("cron(0 10 * * ? *)", ["Tue 2026-11-24 10:00", "Wed 2026-11-25 10:00"]),
        ("cron(15 12 * * ? *)", ["Mon 2026-11-23 12:15", "Tue 2026-11-24 12:15"]),
        ("cron(0 18 ? * MON-FRI *)", ["Mon 2026-11-23 18:00", "Tue 2026-11-24 18:00", "Wed 2026-11-25 18:00"]),
        ("cron(0 8 1 * ? *)", ["Tue 2026-12-01 08:00", "Fri 2027-01-01 08:00"]),
        ("cron(0/15 * * * ? *)", ["Mon 2026-11-23 10:45", "Mon 2026-11-23 11:00"]),
        ("cron(0/10 * ? * MON-FRI *)", ["Mon 2026-11-23 10:40", "Mon 2026-11-23 10:50"]),
        ("cron(0/5 8-17 ? * MON-FRI *)", ["Mon 2026-11-23 10:35", "Mon 2026-11-23 10:40"]),
        ("cron(0/30 20-2 ? * MON-FRI *)", ["Mon 2026-11-23 20:00", "Mon 2026-11-23 20:30"]),
        # its sentences about wildcards
        ("cron(1/10 0 * * ? *)", ["Tue 2026-11-24 00:01", "Tue 2026-11-24 00:11", "Tue 2026-11-24 00:21"]),
        ("cron(0 0 3W * ? *)", ["Thu 2026-12-03 00:00", "Mon 2027-01-04 00:00"]),
        ("cron(0 0 ? * 3#2 *)", ["Tue 2026-12-08 00:00", "Tue 2027-01-12 00:00"]),
        (
            "cron(0 0 L * ? *)",
            ["Mon 2026-11-30 00:00", "Thu 2026-12-31 00:00", "Sun 2027-01-31 00:00", "Sun 2027-02-28 00:00"],
        ),
        ("cron(0 0 ? * L *)", ["Sat 2026-11-28 00:00", "Sat 2026-12-05 00:00"]),
        # and what follows from them
        ("cron(15 10 ? * 6L *)", ["Fri 2026-11-27 10:15", "Fri 2026-12-25 10:15"]),
        ("cron(0 0 ? * FRIL *)", ["Fri 2026-11-27 00:00", "Fri 2026-12-25 00:00"]),
        ("cron(0 0 LW * ? *)", ["Mon 2026-11-30 00:00", "Thu 2026-12-31 00:00", "Fri 2027-01-29 00:00"]),
        ("cron(0 0 1W 5 ? *)", ["Mon 2027-05-03 00:00"]),  # May 1 is a Saturday; the month is not left
        ("cron(0 0 31W 1 ? *)", ["Fri 2027-01-29 00:00"]),  # January 31 is a Sunday
        ("cron(0 0 31W * ? *)", ["Thu 2026-12-31 00:00", "Fri 2027-01-29 00:00", "Wed 2027-03-31 00:00"]),
        (
            "cron(0 0 15,L feb,MAR ? 2028-2029)",
            ["Tue 2028-02-15 00:00", "Tue 2028-02-29 00:00", "Wed 2028-03-15 00:00"],
        ),
        ("cron(0 0 ? * SAT-SUN *)", ["Sat 2026-11-28 00:00", "Sun 2026-11-29 00:00", "Sat 2026-12-05 00:00"]),
        ("cron(0 0 29 2 ? *)", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00"]),
        ("cron(0 3 1 1 ? 2027)", ["Fri 2027-01-01 03:00"]),
    ],
)
def test_fires_when_aws_says(expression: str, expected: list[str]) -> None:
    assert firings(expression, len(expected)) == expected


def test_a_firing_is_later_than_the_moment_asked_about() -> None:
    # GIVEN a moment at which the schedule fires, WHEN asked for the next one
    answer = parse_schedule("cron(30 10 * * ? *)").next_after(NOW)

    # THEN it is tomorrow's
    assert answer == NOW + DAY


def test_the_moment_may_be_in_any_zone() -> None:
    tokyo = datetime.fromisoformat("2026-11-24T08:30:00+09:00")  # 23:30 on the 23rd in UTC

    assert parse_schedule("cron(0 0 24 * ? *)").next_after(tokyo) == datetime(2026, 11, 24, tzinfo=UTC)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware of its time zone"):
        parse_schedule("cron(0 0 * * ? *)").next_after(datetime(2026, 11, 23))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("expression", "shortest", "longest"),
    [
        ("cron(0 3 * * ? *)", DAY, DAY),
        ("cron(0 0,12 * * ? *)", DAY / 2, DAY / 2),
        ("cron(0 1,3 * * ? *)", timedelta(hours=2), timedelta(hours=22)),
        ("cron(0 18 ? * MON-FRI *)", DAY, 3 * DAY),
        ("cron(0 8 1 * ? *)", 28 * DAY, 31 * DAY),
        ("cron(0 0 31 * ? *)", 31 * DAY, 61 * DAY),  # the last of March is 61 days before the last of May
        ("cron(0 0 30 * ? *)", 30 * DAY, 60 * DAY),  # January 30 to March 30 of a leap year
        ("cron(0 3 29 2 ? *)", 1461 * DAY, 2921 * DAY),  # 2096 to 2104: 2100 is no leap year
        ("cron(0 0 ? 2 SUN#5 *)", 10227 * DAY, 14609 * DAY),  # 28 years, and 2088 to 2128
        ("cron(0 0 * 1-6 ? *)", DAY, 185 * DAY),
        ("cron(* * * * ? *)", timedelta(minutes=1), timedelta(minutes=1)),
        ("rate(1 minute)", timedelta(minutes=1), timedelta(minutes=1)),
        ("rate(90 minutes)", timedelta(minutes=90), timedelta(minutes=90)),
        ("rate(12 hours)", DAY / 2, DAY / 2),
        ("rate(1 day)", DAY, DAY),
    ],
)
def test_shortest_and_longest_gap(expression: str, shortest: timedelta, longest: timedelta) -> None:
    schedule = parse_schedule(expression)

    assert (schedule.shortest_gap(), schedule.longest_gap()) == (shortest, longest)
    assert schedule.ends_at is None


@pytest.mark.parametrize(
    ("expression", "shortest", "end"),
    [
        ("cron(0 3 * * ? 2026-2030)", DAY, datetime(2030, 12, 31, 3, tzinfo=UTC)),
        ("cron(0 3 1 1 ? 2027)", UNBOUNDED, datetime(2027, 1, 1, 3, tzinfo=UTC)),
        ("cron(0 3 1 1 ? 2027,2029)", 731 * DAY, datetime(2029, 1, 1, 3, tzinfo=UTC)),
    ],
)
def test_years_that_end_leave_a_gap_without_bound(expression: str, shortest: timedelta, end: datetime) -> None:
    schedule = parse_schedule(expression)

    assert schedule.longest_gap() == UNBOUNDED
    assert schedule.shortest_gap() == shortest
    assert schedule.ends_at == end
    assert schedule.next_after(end) is None


@pytest.mark.parametrize("years", ["1970-2199", "2026-2199", "*/4", "2026/1", "*"])
def test_years_that_only_the_calendar_of_cron_ends_do_not_end(years: str) -> None:
    schedule = parse_schedule(f"cron(0 3 * * ? {years})")

    assert schedule.ends_at is None
    assert schedule.longest_gap() < 4 * 366 * DAY


def test_an_unbounded_gap_can_be_added_to() -> None:
    assert UNBOUNDED + timedelta(hours=1) > UNBOUNDED


@pytest.mark.parametrize(
    ("expression", "window", "most"),
    [
        ("cron(0 3 * * ? *)", 7 * DAY, 8),  # the one a week old is there when the next is taken
        ("cron(0 3 * * ? *)", 7 * DAY - timedelta(minutes=1), 7),
        ("cron(0 3 * * ? *)", timedelta(0), 1),
        ("cron(0 1,3 * * ? *)", timedelta(hours=2), 2),
        ("cron(0 1,3 * * ? *)", timedelta(hours=1), 1),
        ("cron(0 1,3 * * ? *)", timedelta(hours=22), 2),
        ("cron(0 1,3 * * ? *)", DAY, 3),
        ("cron(0 8 1 * ? *)", 180 * DAY, 6),
        ("cron(0 8 1 * ? *)", 365 * DAY, 13),
        ("cron(0 8 31 * ? *)", 365 * DAY, 8),
        ("cron(0 8 29 2 ? *)", 365 * DAY, 1),
        ("cron(0 8 29 2 ? *)", 3653 * DAY, 3),
        ("cron(0 8 ? 2 SUN#5 *)", 10227 * DAY, 2),  # 2032 and 2060
        ("cron(0 8 ? 2 SUN#5 *)", 10226 * DAY, 1),
        ("cron(0 8 1 3 ? *)", 7 * 365 * DAY, 8),  # 2096 to 2103: seven years without a leap day
        ("cron(0 8 1 3 ? *)", 7 * 365 * DAY - timedelta(minutes=1), 7),
        ("cron(0 18 ? * MON-FRI *)", 7 * DAY, 6),
        ("cron(0 3 * * ? 2027)", 3653 * DAY, 365),
        ("cron(0/15 * * * ? *)", timedelta(hours=1), 5),
        ("rate(1 day)", 7 * DAY, 8),
        ("rate(5 hours)", DAY, 5),
    ],
)
def test_most_firings_in_a_window(expression: str, window: timedelta, most: int) -> None:
    assert parse_schedule(expression).count_in(window) == most


def test_a_negative_window_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative"):
        parse_schedule("rate(1 day)").count_in(-DAY)


def test_a_rate_fires_one_interval_later_at_the_latest() -> None:
    assert parse_schedule("rate(8 hours)").next_after(NOW) == NOW + timedelta(hours=8)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("every day", r"'schedule' must be cron\(Minutes Hours Day-of-month Month Day-of-week Year\) or rate"),
        ("cron(0 3 * * ?)", "must be six fields: .*the expression has 5"),
        ("cron(0 3 * * ? * *)", "the expression has 7"),
        ("cron(60 3 * * ? *)", "'schedule, Minutes' must be 0-59 with , - . /, got '60'"),
        ("cron(0 24 * * ? *)", "'schedule, Hours' must be 0-23 .*, got '24'"),
        ("cron(0 3 0 * ? *)", "'schedule, Day-of-month' must be 1-31 .*, got '0'"),
        ("cron(0 3 32 * ? *)", "'schedule, Day-of-month' .*, got '32'"),
        ("cron(0 3 32W * ? *)", "a day of 1-31 before W, or LW, got '32W'"),
        ("cron(0 3 5-9W * ? *)", "a day of 1-31 before W, or LW, got '5-9W'"),
        ("cron(0 3 L-3 * ? *)", "'schedule, Day-of-month' .*, got 'L-3'"),
        ("cron(0 3 * 13 ? *)", "'schedule, Month' must be 1-12 or JAN-DEC .*, got '13'"),
        ("cron(0 3 * MAI ? *)", "got 'MAI'"),
        ("cron(0 3 ? * 0 *)", "'schedule, Day-of-week' must be 1-7 or SUN-SAT .*, got '0'"),
        ("cron(0 3 ? * 8L *)", "a weekday before L, got '8L'"),
        ("cron(0 3 ? * 3#6 *)", "a week of 1-5, got '3#6'"),
        ("cron(0 3 ? * 3#1,6#3 *)", "one expression only"),
        ("cron(0 3 * * ? 1969)", "'schedule, Year' must be 1970-2199 .*, got '1969'"),
        ("cron(0 3 * * ? 2030-2026)", "a range from a lower to a higher value, got '2030-2026'"),
        ("cron(0 3 * * ? ?)", "'schedule, Year' .*, got '\\?'"),
        ("cron(? 3 * * ? *)", "'schedule, Minutes' .*, got '\\?'"),
        ("cron(0/0 3 * * ? *)", "a step of 1 to 60, got '0/0'"),
        ("cron(/5 3 * * ? *)", "'schedule, Minutes' .*, got '/5'"),
        ("cron(0/61 3 * * ? *)", "a step of 1 to 60, got '0/61'"),
        ("cron(1, 3 * * ? *)", "'schedule, Minutes' .*, got ''"),
        ("cron(*-5 3 * * ? *)", "got '\\*-5'"),
        ("cron(٣ 3 * * ? *)", "'schedule, Minutes'"),
        ("cron(0 3 1 * 2 *)", "\\? in exactly one of Day-of-month and Day-of-week.*the two fields are '1' and '2'"),
        ("cron(0 3 * * * *)", "\\? in exactly one"),
        ("cron(0 3 ? * ? *)", "\\? in exactly one"),
        ("cron(0 3 30 2 ? *)", "never fires"),
        ("cron(0 3 31 4,6,9,11 ? *)", "never fires"),
        ("cron(0 3 29 2 ? 2027)", "never fires"),
        ("rate(0 days)", "'schedule' must be rate"),
        ("rate(1 days)", "the singular for 1"),
        ("rate(5 minute)", "the plural for more"),
        ("rate(2 weeks)", "'schedule' must be rate"),
        ("rate(1.5 hours)", "'schedule' must be rate"),
    ],
)
def test_a_wrong_expression_says_field_value_and_what_is_allowed(expression: str, message: str) -> None:
    with pytest.raises(ResilientRedshiftError, match=message):
        parse_schedule(expression)


def test_every_wrong_field_is_reported_at_once() -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        parse_schedule("cron(99 24 0 13 ? 1)", argument="rehearsal")

    assert [problem.split("'")[1] for problem in caught.value.problems] == [
        "rehearsal, Day-of-month",
        "rehearsal, Minutes",
        "rehearsal, Hours",
        "rehearsal, Month",
        "rehearsal, Year",
    ]


def test_something_other_than_text_is_refused() -> None:
    with pytest.raises(ResilientRedshiftError, match="got 5"):
        parse_schedule(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expressions", "longest"),
    [
        ([], UNBOUNDED),
        (["cron(0 0 * * ? *)", "cron(0 12 * * ? *)"], DAY / 2),
        (["cron(0 0 ? * MON-FRI *)", "cron(0 0 ? * SAT,SUN *)"], DAY),
        (["cron(0 0 ? * MON *)", "rate(12 hours)"], DAY / 2),
        (["cron(0 0 1 * ? *)", "cron(0 0 ? * MON *)"], 7 * DAY),
        (["cron(0 0 1 1 ? 2027)"], UNBOUNDED),
    ],
)
def test_several_schedules_share_their_gaps(expressions: list[str], longest: timedelta) -> None:
    assert longest_gap_of(map(parse_schedule, expressions)) == longest


def test_equal_expressions_are_equal_schedules() -> None:
    assert parse_schedule("cron(0 3 * * ? *)") == parse_schedule("cron(0 3 * * ? *)")
    assert len({parse_schedule("cron(0 3 * * ? *)"), parse_schedule("cron(0 4 * * ? *)")}) == 2


# --- against a scanner -------------------------------------------------------------------------------------------------


def numbers(low: int, high: int) -> st.SearchStrategy[tuple[str, set[int]]]:
    """A field's text beside the values that it means, built separately."""
    value = st.integers(low, high)
    single = value.map(lambda number: (str(number), {number}))
    span = st.tuples(value, value).map(lambda ends: (f"{min(ends)}-{max(ends)}", set(range(min(ends), max(ends) + 1))))
    every = st.just(("*", set(range(low, high + 1))))
    step = st.tuples(value, st.integers(1, high - low)).map(
        lambda pair: (f"{pair[0]}/{pair[1]}", set(range(pair[0], high + 1, pair[1])))
    )
    single_or_more = st.lists(st.one_of(single, span, step), min_size=1, max_size=2).map(
        lambda items: (",".join(text for text, _ in items), set.union(*(values for _, values in items)))
    )
    return st.one_of(single, single_or_more, every)


def month_days(day: date) -> int:
    return monthrange(day.year, day.month)[1]


def nearest_weekday(day: date, wanted: int) -> bool:
    """Whether this day is the weekday nearest to the wanted day of its month: tried in order, one day off, then two."""
    for offset in (0, -1, 1, -2, 2):
        candidate = wanted + offset
        if wanted <= month_days(day) and 1 <= candidate <= month_days(day) and day.replace(day=candidate).weekday() < 5:
            return day.day == candidate
    return False


DAYS = st.one_of(
    numbers(1, 31).map(lambda item: (f"{item[0]} {{}} ?", lambda day: day.day in item[1])),
    numbers(1, 7).map(lambda item: (f"? {{}} {item[0]}", lambda day: day.isoweekday() % 7 + 1 in item[1])),
    st.just(("L {} ?", lambda day: day.day == month_days(day))),
    st.integers(1, 31).map(lambda wanted: (f"{wanted}W {{}} ?", lambda day: nearest_weekday(day, wanted))),
    st.just(("LW {} ?", lambda day: nearest_weekday(day, month_days(day)))),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(
        lambda pair: (
            f"? {{}} {WEEKDAYS[pair[0] - 1]}#{pair[1]}",
            lambda day: day.isoweekday() % 7 + 1 == pair[0] and (day.day - 1) // 7 + 1 == pair[1],
        )
    ),
    st.integers(1, 7).map(
        lambda wanted: (
            f"? {{}} {wanted}L",
            lambda day: day.isoweekday() % 7 + 1 == wanted and day.day + 7 > month_days(day),
        )
    ),
)
ALL_DAYS = [date.fromordinal(day) for day in range(date(1970, 1, 1).toordinal(), date(2199, 12, 31).toordinal() + 1)]


@settings(max_examples=60)
@given(
    minutes=numbers(0, 59),
    hours=numbers(0, 23),
    days=DAYS,
    months=numbers(1, 12),
    years=st.one_of(st.just(("*", set(range(1970, 2200)))), numbers(1970, 2199)),
    window=st.integers(0, 800 * 1440),
)
def test_agrees_with_a_scan_of_every_day_of_230_years(  # noqa: PLR0917 - one for each field
    minutes: tuple[str, set[int]],
    hours: tuple[str, set[int]],
    days: tuple[str, object],
    months: tuple[str, set[int]],
    years: tuple[str, set[int]],
    window: int,
) -> None:
    # GIVEN every day of cron's calendar, looked at one by one
    text, matches = days
    expression = f"cron({minutes[0]} {hours[0]} {text.format(months[0])} {years[0]})"
    scanned = [
        day.toordinal()
        for day in ALL_DAYS
        if day.month in months[1] and day.year in years[1] and matches(day)  # type: ignore[operator]
    ]
    times = sorted(hour * 60 + minute for hour in hours[1] for minute in minutes[1])

    # WHEN the expression is read
    if not scanned:
        with pytest.raises(ResilientRedshiftError, match="never fires"):
            parse_schedule(expression)
        return
    schedule = parse_schedule(expression)

    # THEN its gaps are the scanned ones
    between_days = [(later - earlier) * 1440 - times[-1] + times[0] for earlier, later in pairwise(scanned)]
    gaps = [*steps(times), *between_days]
    assert schedule.shortest_gap() == (timedelta(minutes=min(gaps)) if gaps else UNBOUNDED)
    if schedule.ends_at is None:
        assert schedule.longest_gap() == timedelta(minutes=max(gaps))
    else:
        assert schedule.longest_gap() == UNBOUNDED
        assert schedule.ends_at.date().toordinal() == scanned[-1]

    # AND no window holds more firings than counted, while one holds as many
    def seen_until(minute: int) -> int:
        day, rest = divmod(minute, 1440)
        full = bisect_right(scanned, day - 1)
        return full * len(times) + (bisect_right(times, rest) if bisect_right(scanned, day) > full else 0)

    opens = {times[0], times[-1], times[len(times) // 2]} if len(times) > 40 else set(times)
    counted = schedule.count_in(timedelta(minutes=window))
    most = max(
        seen_until(day * 1440 + minute + window) - seen_until(day * 1440 + minute - 1)
        for day in scanned[:: 1 if len(scanned) < 6000 else 7]
        for minute in opens
    )
    assert most <= counted
    if len(times) <= 40 and len(scanned) < 6000:
        assert most == counted


@settings(max_examples=60)
@given(
    minutes=numbers(0, 59),
    hours=numbers(0, 23),
    days=DAYS,
    start=st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds it
)
def test_the_next_firing_agrees_with_a_scan_of_every_minute(
    minutes: tuple[str, set[int]], hours: tuple[str, set[int]], days: tuple[str, object], start: datetime
) -> None:
    text, matches = days
    schedule = parse_schedule(f"cron({minutes[0]} {hours[0]} {text.format('*')} *)")
    answer = schedule.next_after(start)

    moment = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(500_000):
        if not matches(moment.date()):  # type: ignore[operator]
            moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC) + DAY
        elif moment.hour not in hours[1] or moment.minute not in minutes[1]:
            moment += timedelta(minutes=1)
        else:
            break
    assert answer == moment


@given(st.text(alphabet="0123456789*?,-/LW#MONJAN ", max_size=30))
def test_any_text_is_a_schedule_or_a_clear_error(text: str) -> None:
    for expression in (text, f"cron({text})", f"rate({text})"):
        problems = Problems("Rule")
        schedule = check_schedule(problems, "schedule", expression)
        if schedule is not None:
            assert schedule.shortest_gap() <= schedule.longest_gap()
        else:
            with pytest.raises(ResilientRedshiftError, match="schedule"):
                problems.raise_if_any()


@pytest.mark.parametrize(
    "expression", ["cron(0 3 * * ? *)", "cron(0 4 1 * ? *)", "cron(0 0 L * ? *)", "cron(0/5 8-17 ? * MON-FRI *)"]
)
def test_typical_expressions_cost_little(expression: str) -> None:
    # GIVEN nothing remembered from before
    from resilient_redshift.schedules import eventbridge as _schedules

    def cost() -> float:
        _schedules._parsed.cache_clear()
        start = time.process_time()
        schedule = parse_schedule(expression)
        schedule.longest_gap()
        schedule.count_in(180 * DAY)
        return time.process_time() - start

    # THEN the quickest of five is far below what synth would notice
    assert isinstance(parse_schedule(expression), CronSchedule)
    assert min(cost() for _ in range(5)) < 0.02
