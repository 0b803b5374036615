"""The picture's data: for each Region a lane for each tier, for each snapshot a bar in it. No drawing here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from demo.history import Journal, Life
    from demo.observe import Protected


@dataclass(frozen=True)
class Lane:
    """One tier in one Region.

    Attributes:
        region: the Region.
        tier: what the lane's snapshots were made by.
        copies: whether they came from the other Region.
        lives: its snapshots, the oldest first; each has a row of its own.
    """

    region: str
    tier: str
    copies: bool
    lives: tuple[Life, ...]

    @property
    def kept(self) -> int:
        """How many of them stand at the end."""
        return sum(not life.gone for life in self.lives)


@dataclass(frozen=True)
class Curve:
    """The recovery-point age of one Region: corners, and the highest of them."""

    region: str
    corners: tuple[tuple[datetime, timedelta], ...]
    worst: timedelta


@dataclass(frozen=True)
class Mark:
    """Something that happened, drawn as an upright line."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Timeline:
    """All that the picture shows.

    Attributes:
        title: what it is.
        lanes: the snapshots, by Region and tier.
        curves: the recovery-point age of each Region, as the demo read it.
        watched: the same of the recovery Region, as the watcher measured it.
        objective: the highest age that the plan allows.
        since: when it begins.
        until: the last reading.
        marks: what happened meanwhile.
    """

    title: str
    lanes: tuple[Lane, ...]
    curves: tuple[Curve, ...]
    watched: tuple[tuple[datetime, timedelta], ...]
    objective: timedelta
    since: datetime
    until: datetime
    marks: tuple[Mark, ...]


def timeline(
    who: Protected,
    journal: Journal,
    marks: Sequence[Mark] = (),
    watched: Sequence[tuple[datetime, timedelta]] = (),
) -> Timeline:
    """Lay out what was read: the primary Region first, and the same tiers in both."""
    days = round((journal.until - journal.since).total_seconds() / 86400)
    tiers = sorted(journal.tiers(), key=lambda tier: _order(tier, who.rules))
    return Timeline(
        title=f"Cluster {who.cluster}: {days} days of snapshots, copies and recovery-point age",
        lanes=tuple(_lane(who, journal, region, tier) for region in who.regions for tier in tiers),
        curves=tuple(Curve(region, tuple(journal.ages(region)), journal.worst_age(region)) for region in who.regions),
        watched=tuple(watched),
        objective=who.objective,
        since=journal.since,
        until=journal.until,
        marks=tuple(marks),
    )


def _order(tier: str, rules: Sequence[str]) -> tuple[int, int, str]:
    """Automated, the rules as the plan has them, the rest."""
    if tier in rules:
        return 1, list(rules).index(tier), tier
    return (0, 0, tier) if tier == "automated" else (2, 0, tier)


def _lane(who: Protected, journal: Journal, region: str, tier: str) -> Lane:
    lives = tuple(life for life in journal.lives(region) if life.tier == tier)
    return Lane(region, tier, region == who.recovery, lives)
