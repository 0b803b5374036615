"""The values of options on the command line."""

from __future__ import annotations

import argparse
import re
from datetime import timedelta
from typing import Final

from resilient_redshift.planning._arguments import MOST
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS

_WIDEST: Final = 1000
_MINUTE: Final = timedelta(minutes=1)
_AMOUNT: Final = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?", re.ASCII)
_RATE: Final = re.compile(r"([0-9.]{1,22}) ?(GB|TB)(?:/| per )(h|hour|d|day)", re.ASCII)
_GB: Final = {"GB": 1.0, "TB": 1024.0}
_HOURS: Final = {"h": 1.0, "hour": 1.0, "d": 24.0, "day": 24.0}


def add_copy_time(parser: argparse.ArgumentParser, name: str = "--expected-copy-time") -> None:
    """Add the option for the time that the copy of a snapshot takes.

    Args:
        parser: the parser of the command.
        name: the option's name. Default: ``--expected-copy-time``.
    """
    parser.add_argument(
        name,
        metavar="MINUTES",
        type=minutes,
        default=DEFAULT_COPY_TIME,
        help="how long the copy of a snapshot to another Region takes (60)",
    )


def columns(text: str) -> int:
    """A number of columns."""
    return whole(text, 1, _WIDEST)


def days(text: str) -> int:
    """A number of days, up to the longest retention."""
    return whole(text, 1, MOST_MANUAL_DAYS)


def length_in_days(text: str) -> timedelta:
    """A length in days."""
    return timedelta(days=days(text))


def minutes(text: str) -> timedelta:
    """A length in minutes."""
    return whole(text, 0, timedelta(days=MOST_MANUAL_DAYS) // _MINUTE) * _MINUTE


def snapshots(text: str) -> int:
    """A quota of snapshots."""
    return whole(text, 0, 1_000_000)


def amount(text: str) -> float:
    """A number with decimals: GB, or a price."""
    if not _AMOUNT.fullmatch(text) or float(text) > MOST:
        raise argparse.ArgumentTypeError(f"must be a number from 0 to 10^12, got {text!r}")
    return float(text)


def change_rate(text: str) -> float:
    """The GB that change in an hour, written as ``5GB/h`` or ``1.2TB/d``; a TB has 1024 GB."""
    match = _RATE.fullmatch(text)
    if match is None or not _AMOUNT.fullmatch(match[1]):
        raise argparse.ArgumentTypeError(f"must be such as 5GB/h or 1.2TB/d, got {text!r}")
    return float(match[1]) * _GB[match[2]] / _HOURS[match[3]]


def whole(text: str, low: int, high: int) -> int:
    """A whole number within limits."""
    digits = text.isascii() and text.isdigit() and len(text) <= len(str(high))
    if not digits or not low <= int(text) <= high:
        raise argparse.ArgumentTypeError(f"must be {low} to {high}, got {text!r}")
    return int(text)
