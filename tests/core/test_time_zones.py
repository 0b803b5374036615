"""The UTC schedule that an error proposes instead of a schedule with a time zone."""

from __future__ import annotations

import pytest

from resilient_redshift.core._time_zones import instead_of


@pytest.mark.parametrize(
    ("expression", "zone", "proposal"),
    [
        (
            "cron(0 3 * * ? *)",
            "Europe/Berlin",
            "cron(minute='0', hour='2'), which is 03:00 or 04:00 in Europe/Berlin, w",
        ),
        ("cron(30 22 ? * * *)", "America/New_York", "cron(minute='30', hour='3'), which is 22:30 or 23:30 in"),
        ("cron(0 0 * * ? *)", "Asia/Kolkata", "cron(minute='30', hour='18'), which is 00:00 in Asia/Kolkata"),
    ],
)
def test_a_daily_time_is_named_in_utc_with_its_local_times(expression: str, zone: str, proposal: str) -> None:
    assert proposal in instead_of(expression, zone, year=2026)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [("cron(0 3 ? * MON *)", "Europe/Berlin"), ("rate(1 day)", "Europe/Berlin"), ("cron(0 3 * * ? *)", "Mars/Base")],
)
def test_any_other_time_is_left_to_the_user(expression: str, zone: str) -> None:
    # GIVEN times whose day may differ in UTC, or a zone that this machine does not know
    assert f"write the times of {zone} in UTC" in instead_of(expression, zone, year=2026)


@pytest.mark.parametrize("zone", [None, "Etc/UTC"])
def test_a_schedule_in_utc_is_only_of_another_class(zone: str | None) -> None:
    assert instead_of("rate(1 day)", zone) == "write events.Schedule.expression('rate(1 day)')"
