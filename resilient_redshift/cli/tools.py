"""What every command works with: AWS, a screen, a clock; tests put in their own."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from resilient_redshift.cli.aws import Aws
from resilient_redshift.cli.output import Screen

if TYPE_CHECKING:
    from collections.abc import Callable


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Tools:
    """The world around a command.

    ``session`` makes AWS sessions as ``boto3.Session`` does; ``clock`` and ``sleep`` are time; ``interactive`` says
    whether somebody can answer; the rest are the common options.
    """

    session: Callable[..., Any] | None = None
    clock: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    interactive: Callable[[], bool] = field(default=lambda: os.isatty(0))
    profile: str | None = None
    region: str | None = None
    debug: bool = False
    json: bool = False

    @cached_property
    def aws(self) -> Aws:
        """AWS with these options."""
        return Aws(self.session, profile=self.profile, region=self.region, clock=self.clock)

    def now(self) -> datetime:
        """The time by AWS's clock, as far as an answer told it: a workstation's may be wrong."""
        return self.clock() + self.aws.skew

    @cached_property
    def screen(self) -> Screen:
        """Where people read: standard output, or standard error where JSON goes to the former."""
        return Screen(to_stderr=self.json)
