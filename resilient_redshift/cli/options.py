"""Options that commands share, and the types of their values. A wrong value is refused before any call to AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from resilient_redshift.cli import words
from resilient_redshift.cli.age_history import MOST_DAYS
from resilient_redshift.cli.tools import Tools
from resilient_redshift.contract import drill_points
from resilient_redshift.errors import Problems
from resilient_redshift.rules import node_types as _node_types
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import LABEL, LABEL_ALLOWED, REGION_ALLOWED
from resilient_redshift.rules.naming import REGION as _REGION_NAME
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from datetime import datetime

    TextType = click.ParamType[str]
    TimeType = click.ParamType[datetime]
    NumberType = click.ParamType[int]
    PointType = click.ParamType[str | int]
else:  # before click 8.2, ParamType takes no type parameters at run time
    TextType = TimeType = NumberType = PointType = click.ParamType

F = TypeVar("F", bound="Callable[..., Any]")
_LONGEST_NUMBER: Final = 6
_LONGEST_WAIT: Final = 7 * 86_400


class _Matching(TextType):
    def __init__(self, name: str, pattern: re.Pattern[str], allowed: str) -> None:
        self.name = name
        self._pattern = pattern
        self._allowed = allowed

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value if it matches the pattern."""
        if self._pattern.fullmatch(value) is None:
            self.fail(f"{value!r} is not {self._allowed}", param, ctx)
        return value


class _Time(TimeType):
    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read a time in ISO 8601."""
        if not isinstance(value, str):
            return value
        try:
            return words.parse_time(value)
        except ValueError:
            allowed = "a time such as 2026-11-23T08:15:00Z (ISO 8601; UTC if there is no offset)"
            self.fail(f"{value!r} is not {allowed}", param, ctx)


class _Days(NumberType):
    name = "days"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of days, or ``forever``."""
        if isinstance(value, int):
            return value
        if value == "forever":
            return FOREVER_DAYS
        digits = value.isascii() and value.isdigit() and len(value) <= len(str(MOST_MANUAL_DAYS))
        if digits and 1 <= int(value) <= MOST_MANUAL_DAYS:
            return int(value)
        raise click.BadParameter(f"{value!r} is neither 1 to {MOST_MANUAL_DAYS} nor 'forever'", ctx, param)


class _Number(NumberType):
    """A number that may be absent behind its option. Then click takes the next word, which may be the plan."""

    def __init__(self, name: str, least: int, most: int) -> None:
        self.name = name
        self._least = least
        self._most = most

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number."""
        if isinstance(value, int):
            return value
        digits = value.isascii() and value.isdigit() and len(value) <= len(str(self._most))
        if digits and self._least <= int(value) <= self._most:
            return int(value)
        hint = "write the plan before the option" if LABEL.fullmatch(value) else f"give a number of {self.name}"
        raise click.BadParameter(f"{value!r} is not {self._least} to {self._most}; {hint}", ctx, param)


class _DrillPoint(PointType):
    name = "point"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> str | int:
        """Read ``newest``, ``random``, or an age in days or hours, which becomes seconds."""
        if value in {drill_points.NEWEST, drill_points.RANDOM} or not isinstance(value, str):
            return value
        number, unit = value[:-1], {"d": 86_400, "h": 3600}.get(value[-1:], 0)
        digits = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
        seconds = int(number) * unit if digits else 0
        if 1 <= seconds <= drill_points.LONGEST_AGE.total_seconds():
            return seconds
        longest = drill_points.LONGEST_AGE.days
        allowed = f"neither 'newest' nor 'random' nor an age such as '30d' or '36h', at most {longest} days"
        raise click.BadParameter(f"{value!r} is {allowed}", ctx, param)


class _Length(NumberType):
    name = "length"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a length such as ``90m`` or ``4h``, in seconds."""
        if isinstance(value, int):
            return value
        number, unit = value[:-1], {"s": 1, "m": 60, "h": 3600, "d": 86_400}.get(value[-1:], 0)
        digits = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
        seconds = int(number) * unit if digits else 0
        if 1 <= seconds <= _LONGEST_WAIT:
            return seconds
        raise click.BadParameter(f"{value!r} is not a length such as '90m' or '4h', at most 7 days", ctx, param)


class _NodeType(TextType):
    name = "node type"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the value if it has the form of a node type."""
        problems = Problems("")
        _node_types.check_node_type(problems, "node_type", value)
        try:
            problems.raise_if_any()
        except ValueError:
            self.fail(f"{value!r} is not a node type such as 'ra3.large'", param, ctx)
        return value


NAME: Final = _Matching("name", LABEL, LABEL_ALLOWED)
REGION: Final = _Matching("region", _REGION_NAME, REGION_ALLOWED)
TIME: Final = _Time()
LENGTH: Final = _Length()
DAYS: Final = _Days()
HISTORY: Final = _Number("days", 1, MOST_DAYS)
WATCH: Final = _Number("seconds", 5, 3600)
DRILL_POINT: Final = _DrillPoint()
NODE_TYPE: Final = _NodeType()
NODES: Final = click.IntRange(1, _node_types.MOST_NODES)

DRY_RUN: Final = click.option(
    "--dry-run",
    is_flag=True,
    help="Show everything, ask and start nothing. Exit status: 0 if it would start, 2 if not.",
)

__all__ = [
    "DAYS",
    "DRILL_POINT",
    "DRY_RUN",
    "HISTORY",
    "LENGTH",
    "NAME",
    "NODES",
    "NODE_TYPE",
    "REGION",
    "TIME",
    "WATCH",
    "as_json",
    "check_nodes",
    "common",
    "plan_argument",
]


def _store(ctx: click.Context, param: click.Parameter, value: object) -> None:
    tools = ctx.ensure_object(Tools)
    if value:
        setattr(tools, str(param.name), value)


def common(command: F) -> F:
    """Add the options that all commands have. They may also come before the name of the command."""
    for option in (
        click.option(
            "--debug", is_flag=True, expose_value=False, callback=_store, help="Show the traceback of an error."
        ),
        click.option(
            "--profile",
            metavar="NAME",
            expose_value=False,
            callback=_store,
            help="A profile of the AWS configuration.  [default: as the AWS configuration says]",
        ),
        click.option(
            "--region",
            type=REGION,
            metavar="REGION",
            expose_value=False,
            callback=_store,
            help="Where the plan record is read: the recovery Region, or the primary Region while it answers.  "
            "[default: as the AWS configuration says]",
        ),
    ):
        command = option(command)
    return command


def as_json(command: F) -> F:
    """Add the option ``--json``."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_store,
        help="Print JSON on standard output; the text for people goes to standard error.",
    )(command)


def plan_argument(command: F) -> F:
    """Add the argument PLAN."""
    return click.argument("plan", type=NAME)(command)


def check_nodes(node_type: str | None, number_of_nodes: int | None) -> None:
    """Check that a node type may have this number of nodes.

    Args:
        node_type: the node type. None for the type that the plan or the snapshot names.
        number_of_nodes: the number. With None nothing is checked.

    Raises:
        ResilientRedshiftError: the node type may not have this number of nodes.
    """
    if number_of_nodes is not None:
        problems = Problems("resilient-redshift")
        _node_types.check_nodes(problems, "--number-of-nodes", node_type or "", number_of_nodes)
        problems.raise_if_any()
