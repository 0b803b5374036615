"""How far a run got with the ways to restore: the part of a run that ``ladder.py`` keeps between two phases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003 - run_json reads the annotations


@dataclass(kw_only=True)
class Rung:
    """One way to restore: the configuration that is recorded, another Zone, or fewer or smaller nodes."""

    name: str
    zone: str | None = None
    node_type: str | None = None
    number_of_nodes: int | None = None


@dataclass(kw_only=True)
class Attempt:
    """One call of RestoreFromClusterSnapshot. ``error`` is empty if AWS accepted it."""

    at: datetime
    rung: str
    error: str = ""


@dataclass(kw_only=True)
class Ladder:
    """How far a run got with the ways to restore.

    Args:
        rungs: the ways, in their order.
        rung: the index of the present way.
        until: when the run gives up. None: AWS has not refused for lack of capacity yet.
        round: how often all ways were begun.
        smaller_asked: whether the smaller configurations are among the ways already.
        refusals: how many attempts AWS refused.
        last_refusal: AWS's words on the last one.
        no_capacity: whether the last one was for lack of capacity. Only then does waiting help.
    """

    rungs: list[Rung] = field(default_factory=list)
    rung: int = 0
    until: datetime | None = None
    round: int = 1
    smaller_asked: bool = False
    refusals: int = 0
    last_refusal: str = ""
    no_capacity: bool = False

    @property
    def now(self) -> Rung:
        """The present way."""
        return self.rungs[self.rung]

    def refuse(self, why: str, *, no_capacity: bool) -> None:
        """Record that the present way does not work."""
        self.refusals += 1
        self.last_refusal, self.no_capacity = why, no_capacity
