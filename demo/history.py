"""Lives and recovery-point ages, made of what was read in each Region; no AWS, no plan, nothing computed ahead."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


@dataclass(frozen=True)
class Sight:
    """One snapshot as one answer of DescribeClusterSnapshots told it.

    Attributes:
        identifier: SnapshotIdentifier.
        tier: "automated", or the rule that took it.
        created: SnapshotCreateTime, the time of the data, on a copy too.
        available: whether Status was available, so that it could be restored.
    """

    identifier: str
    tier: str
    created: datetime
    available: bool


@dataclass(frozen=True)
class Life:
    """A snapshot over all that was read of it.

    Attributes:
        tier: as in `Sight`.
        created: the time of the data.
        until: when it was last seen, or first missed if it is gone.
        gone: whether it was missed by a reading of everything.
    """

    identifier: str
    tier: str
    created: datetime
    until: datetime
    gone: bool


@dataclass
class _Region:
    """What is known of one Region so far."""

    newest: datetime
    corners: list[tuple[datetime, timedelta]]
    lives: dict[tuple[str, datetime], Life] = field(default_factory=dict)


class Journal:
    """What was read, Region by Region, in the order of time.

    Args:
        since: when the copy was on: a Region without a recovery point is as old as this.
        regions: the Regions that are read.
    """

    def __init__(self, since: datetime, regions: Sequence[str]) -> None:
        self.since = since
        #: The time of the last reading.
        self.until = since
        self._regions = {region: _Region(since, [(since, timedelta())]) for region in regions}

    def note(self, at: datetime, found: Mapping[str, Sequence[Sight]], *, whole: bool = True) -> None:
        """Add one reading of all Regions.

        Args:
            at: when; not before the reading before.
            found: what each Region answered.
            whole: whether everything was asked for; if only the newest was, what is missing is not taken as gone.

        Raises:
            ValueError: time ran backwards.
        """
        if at < self.until:
            raise ValueError(f"at: got {at}, must not be before {self.until}: time does not run backwards")
        self.until = at
        for region, known in self._regions.items():
            here = {(sight.identifier, sight.created): sight for sight in found[region] if sight.available}
            for key, sight in here.items():
                known.lives[key] = Life(sight.identifier, sight.tier, sight.created, at, gone=False)
            for key, life in known.lives.items():
                if whole and key not in here and not life.gone:
                    known.lives[key] = replace(life, until=at, gone=True)
            self._grow_older(known)

    def _grow_older(self, known: _Region) -> None:
        known.corners.append((self.until, self.until - known.newest))
        newest = max((life.created for life in known.lives.values() if not life.gone), default=self.since)
        if newest != known.newest:
            known.newest = newest
            known.corners.append((self.until, self.until - newest))

    def newest(self, region: str) -> datetime:
        """The time of the newest data that can be restored in the Region; `since` while there is none."""
        return self._regions[region].newest

    def standing(self, region: str) -> list[Life]:
        """What can be restored in the Region, as far as the readings tell."""
        return [life for life in self._regions[region].lives.values() if not life.gone]

    def lives(self, region: str) -> list[Life]:
        """Every snapshot that was ever available in the Region, the oldest first."""
        return sorted(self._regions[region].lives.values(), key=lambda life: (life.created, life.identifier))

    def ages(self, region: str) -> list[tuple[datetime, timedelta]]:
        """The recovery-point age as a curve of corners: it rises with time, and drops where a newer point was read.

        Between two readings the older point counts until the later of them, so the curve never flatters.
        """
        return list(self._regions[region].corners)

    def worst_age(self, region: str) -> timedelta:
        """The highest corner of `ages`."""
        return max(age for _, age in self._regions[region].corners)

    def age(self, region: str) -> timedelta:
        """The age at the last reading."""
        return self._regions[region].corners[-1][1]

    def tiers(self) -> list[str]:
        """Every tier that was seen anywhere: automated first, then by name."""
        found = {life.tier for known in self._regions.values() for life in known.lives.values()}
        return sorted(found, key=lambda tier: (tier != AUTOMATED, tier))


#: The tier of what Redshift takes by itself.
AUTOMATED = "automated"
