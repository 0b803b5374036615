"""A composite alarm's suppressor [D] CloudWatch guide, "Suppressing composite alarm actions", with its six examples as tests.

While the suppressor is in the ALARM state, the composite alarm runs no action. A change of the composite alarm waits for WaitPeriod, and the
end of the suppressor's alarm for ExtensionPeriod; then the composite alarm runs the actions of its present state. So a composite alarm that
returns to OK within the wait runs its OK actions after a new wait, and never its ALARM actions [D, example 3]. Nothing runs after an
extension in which there was nothing to run [I]. A suppressor that is missing, or in the state INSUFFICIENT_DATA, suppresses nothing [I].
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from emulator.aws.cloudwatch.judgement import ALARM

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclasses.dataclass
class _Pending:
    """Actions that have not run."""

    run: Callable[[], None]
    number: int = 0  # raised whenever a period begins or is discarded


class Suppression:
    """The actions that composite alarms hold back."""

    def __init__(
        self, state_of: Callable[[str], str | None], later: Callable[[float, Callable[[], None]], None]
    ) -> None:
        """Hold nothing back.

        Args:
            state_of: the state of an alarm of the present Region, by its name.
            later: calls something after a number of seconds.
        """
        self._state_of = state_of
        self._later = later
        self._pending: dict[str, _Pending] = {}  # by the composite alarm's ARN

    def changed(self, composite: dict[str, Any], run: Callable[[], None]) -> None:
        """Run a composite alarm's actions now, later, or not; ``run`` runs those of the state it is in then."""
        if not composite.get("ActionsSuppressor"):
            run()
            return
        pending = self._pending.setdefault(composite["AlarmArn"], _Pending(run))
        pending.run = run
        if self._state_of(suppressor_of(composite)) == ALARM:
            pending.number += 1
        else:
            self._wait(composite, pending, "ActionsSuppressorWaitPeriod")

    def suppressor_changed(self, composite: dict[str, Any], old: str, new: str) -> None:
        """Take notice of a change of a composite alarm's suppressor."""
        pending = self._pending.get(composite["AlarmArn"])
        if pending is None:
            return
        if new == ALARM:
            pending.number += 1
        elif old == ALARM:
            self._wait(composite, pending, "ActionsSuppressorExtensionPeriod")

    def _wait(self, composite: dict[str, Any], pending: _Pending, period: str) -> None:
        pending.number += 1
        number, arn = pending.number, composite["AlarmArn"]

        def over() -> None:
            if self._pending.get(arn) is pending and pending.number == number:
                del self._pending[arn]
                pending.run()

        self._later(float(composite.get(period) or 0), over)


def suppressor_of(composite: dict[str, Any]) -> str:
    """The name of a composite alarm's suppressor, which may be said as an ARN; empty without one."""
    return str(composite.get("ActionsSuppressor") or "").rsplit(":alarm:", 1)[-1]
