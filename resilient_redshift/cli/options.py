"""Options that commands share, and the types of their values: wrong ones are refused before any call."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from resilient_redshift.cli import words
from resilient_redshift.cli.tools import Tools
from resilient_redshift.errors import Problems
from resilient_redshift.rules import node_types as _node_types

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    TextType = click.ParamType[str]
    TimeType = click.ParamType[datetime]
    NumberType = click.ParamType[int]
else:  # it takes no parameters at run time before click 8.2
    TextType = TimeType = NumberType = click.ParamType

F = TypeVar("F", bound="Callable[..., Any]")

_REGION: Final = re.compile(r"[a-z]{2,6}(-[a-z]+)+-\d{1,2}")
_LABEL: Final = re.compile(r"[a-z](?:-?[a-z0-9]){0,62}")
_SNAPSHOT: Final = re.compile(r"[A-Za-z](?:[A-Za-z0-9:-]{0,253}[A-Za-z0-9])?")
_FOREVER: Final = -1
_MOST_DAYS: Final = 3653


class _Matching(TextType):
    def __init__(self, name: str, pattern: re.Pattern[str], allowed: str) -> None:
        self.name = name
        self._pattern = pattern
        self._allowed = allowed

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take it if it matches."""
        if self._pattern.fullmatch(value) is None:
            self.fail(f"{value!r} is not {self._allowed}", param, ctx)
        return value


class _Time(TimeType):
    name = "time"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read ISO 8601."""
        if not isinstance(value, str):
            return value
        try:
            return words.parsed(value)
        except ValueError:
            wanted = "a time such as 2026-11-23T08:15:00Z (ISO 8601; UTC unless it says)"
            self.fail(f"{value!r} is not {wanted}", param, ctx)


class _Days(NumberType):
    name = "days"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number of days, or for ever."""
        if isinstance(value, int):
            return value
        if value == "forever":
            return _FOREVER
        if value.isascii() and value.isdigit() and 1 <= int(value) <= _MOST_DAYS:
            return int(value)
        raise click.BadParameter(f"{value!r} is neither 1 to {_MOST_DAYS} nor 'forever'", ctx, param)


class _NodeType(TextType):
    name = "node type"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take what reads like a node type."""
        problems = Problems("")
        _node_types.check_node_type(problems, "node_type", value)
        try:
            problems.raise_if_any()
        except ValueError:
            self.fail(f"{value!r} is not a node type such as 'ra3.large'", param, ctx)
        return value


NAME: Final = _Matching("name", _LABEL, "1 to 63 lower-case letters, digits and single hyphens, a letter first")
REGION: Final = _Matching("region", _REGION, "a Region's name such as us-west-2")
SNAPSHOT: Final = _Matching("snapshot", _SNAPSHOT, "a snapshot's identifier")
TIME: Final = _Time()
DAYS: Final = _Days()
NODE_TYPE: Final = _NodeType()
NODES: Final = click.IntRange(1, _node_types.MOST_NODES)

__all__ = [
    "DAYS",
    "NAME",
    "NODES",
    "NODE_TYPE",
    "REGION",
    "SNAPSHOT",
    "TIME",
    "as_json",
    "check_nodes",
    "common",
    "plan_argument",
]


def _stored(ctx: click.Context, param: click.Parameter, value: object) -> None:
    tools = ctx.ensure_object(Tools)
    if value:
        setattr(tools, str(param.name), value)


def common(command: F) -> F:
    """Give a command the options that all have; they may stand before the command's name, too."""
    for option in (
        click.option("--debug", is_flag=True, expose_value=False, callback=_stored, help="Show where an error arose."),
        click.option(
            "--profile",
            metavar="NAME",
            expose_value=False,
            callback=_stored,
            help="A profile of the AWS configuration.  [default: as the AWS configuration says]",
        ),
        click.option(
            "--region",
            type=REGION,
            metavar="REGION",
            expose_value=False,
            callback=_stored,
            help="Where the plan's record is read: the recovery Region, or the primary one while it answers.  "
            "[default: as the AWS configuration says]",
        ),
    ):
        command = option(command)
    return command


def as_json(command: F) -> F:
    """Give a command ``--json``."""
    return click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_stored,
        help="Print JSON on standard output; what people read goes to standard error.",
    )(command)


def plan_argument(command: F) -> F:
    """Give a command the plan."""
    return click.argument("plan", type=NAME)(command)


def check_nodes(node_type: str | None, number_of_nodes: int | None) -> None:
    """Check that a node type may have so many nodes.

    Raises:
        ResilientRedshiftError: it may not.
    """
    if number_of_nodes is not None:
        problems = Problems("resilient-redshift")
        _node_types.check_nodes(problems, "--number-of-nodes", node_type or "", number_of_nodes)
        problems.raise_if_any()
