"""The age of the newest usable recovery point over time, and its worst and typical values."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.planning._simulation import Snapshot


@dataclass(frozen=True, slots=True)
class Step:
    """From a minute on, the newest usable snapshot was taken at another minute; None while there is none."""

    since: int
    taken: int | None


def newest_over_time(snapshots: Sequence[Snapshot], end: int) -> list[Step]:
    """Which snapshot is the newest usable one, over time.

    Args:
        snapshots: the snapshots of one Region.
        end: where the forecast ends, in minutes.

    Returns:
        The steps, from minute 0 on; neighbours differ.
    """
    arriving = sorted(snapshots, key=lambda snapshot: snapshot.usable)
    moments = {0, *(each.usable for each in snapshots), *(each.expires for each in snapshots if each.expires)}
    usable: list[tuple[int, int]] = []
    steps: list[Step] = []
    place = 0
    for moment in sorted(minute for minute in moments if minute < end):
        while place < len(arriving) and arriving[place].usable <= moment:
            each = arriving[place]
            heappush(usable, (-each.taken, -(end if each.expires is None else each.expires)))
            place += 1
        while usable and -usable[0][1] <= moment:
            heappop(usable)
        taken = -usable[0][0] if usable else None
        if not steps or steps[-1].taken != taken:
            steps.append(Step(moment, taken))
    return steps


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages of the newest usable recovery point, in minutes.

    Attributes:
        first: when the first recovery point is usable; None when none ever is.
        none_for: how long no recovery point is usable after the first one.
        worst: the greatest age; None when none ever is usable.
        mean: the mean age over all moments in which there is one.
        median: the age that is not exceeded in half of those moments.
    """

    first: int | None
    none_for: int
    worst: float | None
    mean: float | None
    median: float | None


def ages_of(steps: Sequence[Step], end: int) -> Ages:
    """The worst and the typical age, exactly: between two steps, the age grows by a minute in each minute.

    Args:
        steps: what :func:`newest_over_time` returned.
        end: where the forecast ends, in minutes.
    """
    first = next((step.since for step in steps if step.taken is not None), None)
    ends = [*(step.since for step in steps[1:]), end]
    spans = [
        (step.since - step.taken, until - step.taken)
        for step, until in zip(steps, ends, strict=True)
        if step.taken is not None and until > step.since
    ]
    total = sum(high - low for low, high in spans)
    if first is None or not total:
        return Ages(first, 0, None, None, None)
    mean = sum((high * high - low * low) / 2 for low, high in spans) / total
    worst = max(high for _, high in spans)
    return Ages(first, end - first - total, worst, mean, _median(spans, total / 2))


def _median(spans: Sequence[tuple[int, int]], half: float) -> float:
    """The age below which half of the time lies, where each span has every age from its first to its last one."""
    changes: dict[int, int] = {}
    for low, high in spans:
        changes[low] = changes.get(low, 0) + 1
        changes[high] = changes.get(high, 0) - 1
    below, before, slope = 0.0, 0, 0
    for age in sorted(changes):
        more = slope * (age - before)
        if slope and below + more >= half:
            return before + (half - below) / slope
        below, before, slope = below + more, age, slope + changes[age]
    return float(before)
