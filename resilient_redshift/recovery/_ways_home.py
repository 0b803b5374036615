"""The restore machines that bring a site's plans back to the Region of their clusters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resilient_redshift.core.memory import Remembered

if TYPE_CHECKING:
    from collections.abc import Callable

    from constructs import Construct

#: The ARN of a machine, and the pattern of the ARNs of its runs (``RestoreMachine.own_runs``).
Runs = tuple[str, str]


@dataclass(slots=True)
class WaysHome:
    """The machines of a site's reverse plans, by the Region of the machine.

    Attributes:
        runs: what the machines are called, by Region.
        then: who wants to know of each machine, by Region.
    """

    runs: dict[str, list[Runs]] = field(default_factory=dict)
    then: dict[str, list[Callable[[list[Runs]], None]]] = field(default_factory=dict)

    def add(self, region: str, runs: Runs) -> None:
        """Add the machine of a reverse plan. A machine that serves several plans is added once."""
        known = self.runs.setdefault(region, [])
        if runs not in known:
            known.append(runs)
            for each in self.then.get(region, ()):
                each(known)

    def follow(self, region: str, then: Callable[[list[Runs]], None]) -> None:
        """Do something with the machines of a Region: now, and again when one is added."""
        self.then.setdefault(region, []).append(then)
        then(self.runs.get(region, []))


@Remembered
def ways_home_of(_site: Construct) -> WaysHome:
    """The ways home of a site's plans so far. ``plan.reverse`` adds to them."""
    return WaysHome()
