"""The world around a command: AWS, a screen, a clock. Tests replace each of them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.output import Screen
from resilient_redshift.cli.patience import DEFAULT, Patience

if TYPE_CHECKING:
    from collections.abc import Callable


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Tools:
    """The world around a command.

    Args:
        session: makes AWS sessions, as ``boto3.Session`` does. Default: ``boto3.Session``.
        clock: the time on this machine.
        sleep: waits for some seconds.
        interactive: whether a user can answer a question.
        profile: the option ``--profile``.
        region: the option ``--region``.
        patience: how long to wait for a Region.
        debug: the option ``--debug``.
        json: the option ``--json``.
    """

    session: Callable[..., Any] | None = None
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    interactive: Callable[[], bool] = field(default=lambda: os.isatty(0))
    profile: str | None = None
    region: str | None = None
    patience: Patience = DEFAULT
    debug: bool = False
    json: bool = False

    @cached_property
    def aws(self) -> Aws:
        """AWS with these options."""
        return Aws(
            self.session,
            profile=self.profile,
            region=self.region,
            clock=self.clock,
            waiting=lambda region: click.echo(f"asking {region} ...", err=True),
            patience=self.patience,
        )

    def now(self) -> datetime:
        """The time by AWS's clock, as the last answer showed it. The clock of a workstation may be wrong."""
        return self.clock() + self.aws.skew

    @cached_property
    def screen(self) -> Screen:
        """The text for people: on standard output, or on standard error if JSON goes to standard output."""
        return Screen(to_stderr=self.json)
