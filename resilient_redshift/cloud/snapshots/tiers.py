"""Retention tiers: which copies belong to a plan, how long each is to be kept, and what to change.

Redshift has one retention for all copied manual snapshots of a cluster. So each copy arrives with the longest tier of
its plan, and gets the tier of its own rule afterwards. This module decides and calls nothing. docs/recovery.md,
"Retention tiers", describes the same rules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.redshift.tags import tags_of
from resilient_redshift.contract.names import TAG_KEEP_IN_RECOVERY, TAG_RULE, TAG_TIER_APPLIED
from resilient_redshift.contract.stored import not_understood, read_record, unusable_in
from resilient_redshift.contract.understood import read_time
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import DAY, FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from mypy_boto3_redshift.type_defs import SnapshotTypeDef

_AVAILABLE: Final = "available"
#: A resource has at most this many tags (Redshift Management Guide, "Tag resources in Amazon Redshift").
MOST_TAGS: Final = 50
#: A tier that ends this soon counts as over.
OVER_SOON: Final = timedelta(hours=1)
#: The prefix of copied automated snapshots. AWS does not document whether copied manual ones have it.
_COPY_PREFIX: Final = "copy:"
_ON_DEMAND: Final = r"ondemand-[0-9]{8}t[0-9]{6}z(-r1)?"
#: What follows the cluster and the rule in a snapshot's name (docs/manual-snapshots.md, "Names and tags").
END_OF_NAME: Final = re.compile(rf"[0-9]{{8}}t[0-9]{{4}}z(-r1)?|{_ON_DEMAND}")
_ON_DEMAND_NAME: Final = re.compile(rf".*-{_ON_DEMAND}", re.DOTALL)
_DAYS_IN_TAG: Final = re.compile(r"-1|[1-9][0-9]{0,3}")


class RecordNotUnderstood(Exception):  # noqa: N818 - the name reads as the outcome
    """The plan record is not one of this plan and Region that this version can read."""


@dataclass(frozen=True, kw_only=True)
class PlanTiers:
    """What the plan record says about tiers.

    Args:
        cluster: the protected cluster's identifier.
        source_region: the Region of the protected cluster.
        arriving_days: the retention with which copies arrive.
        rules: how many days each rule keeps its copies, by the rule's name; ``FOREVER_DAYS`` for ever.
        lineage: the cluster's ClusterCreateTime. None: the record does not have it.
    """

    cluster: str
    source_region: str
    arriving_days: int
    rules: Mapping[str, int]
    lineage: datetime | None = None

    def owns(self, snapshot: SnapshotTypeDef) -> bool:
        """Whether a snapshot is an available copy of the plan's cluster."""
        return (
            _is_available(snapshot)
            and snapshot.get("ClusterIdentifier") == self.cluster
            and snapshot.get("SourceRegion") == self.source_region
            and self._is_of_lineage(snapshot.get("ClusterCreateTime"))
        )

    def tier_of(self, snapshot: SnapshotTypeDef) -> Tier | None:
        """The tier of one of the plan's copies. None if no rule of the plan gives such a name.

        The longest tier counts if name and tags disagree.
        """
        name = snapshot.get("SnapshotIdentifier", "").lower().removeprefix(_COPY_PREFIX)
        by_name = [days for rule, days in self.rules.items() if self._gives(rule, name)]
        if not by_name:
            return None
        tags = tags_of(snapshot.get("Tags", []))
        asked_for = _days_in(tags.get(TAG_KEEP_IN_RECOVERY, ""))
        by_tag = [self.rules.get(tags.get(TAG_RULE, "")), asked_for]
        return Tier(
            keep_days=longest(*by_name, *(days for days in by_tag if days is not None)),
            # a person who takes a snapshot on demand may ask for more than the rule does, and only a tag shows it
            certain=asked_for is not None or _ON_DEMAND_NAME.fullmatch(name) is None,
        )

    def _gives(self, rule: str, name: str) -> bool:
        prefix = f"{self.cluster}-{rule}-"
        return name.startswith(prefix) and END_OF_NAME.fullmatch(name, len(prefix)) is not None

    def _is_of_lineage(self, created: datetime | None) -> bool:
        if self.lineage is None:
            return True
        return created is not None and created.replace(microsecond=0) == self.lineage.replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """How long a copy is to be kept.

    Args:
        keep_days: the days; ``FOREVER_DAYS`` for ever.
        certain: whether nobody can have asked for more.
    """

    keep_days: int
    certain: bool

    def is_due(self, snapshot: SnapshotTypeDef) -> bool:
        """Whether a copy was not seen before, or is kept for less than its tier."""
        days = snapshot.get("ManualSnapshotRetentionPeriod")
        is_short = days is not None and days != longest(days, self.keep_days)
        return is_short or TAG_TIER_APPLIED not in tags_of(snapshot.get("Tags", []))


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a run does to one copy.

    Args:
        before: the copy's retention in days.
        after: the retention that the copy gets.
        first: whether no run saw the copy before.
        mark: whether the copy gets the tag ``resilient-redshift:tier-applied``.
        doubtful: whether the copy keeps more than its tier, because somebody may have wished it.
    """

    before: int
    after: int
    first: bool
    mark: bool
    doubtful: bool

    @property
    def modifies(self) -> bool:
        """Whether the retention changes."""
        return self.after != self.before

    @property
    def raises(self) -> bool:
        """Whether the copy is kept longer than before."""
        return self.modifies and self.after == longest(self.before, self.after)


def decide(snapshot: SnapshotTypeDef, tier: Tier, *, arriving_days: int, now: datetime) -> Change | None:
    """Decide what to do to a copy that was read just before the change.

    A run lowers a retention only if it sees the copy for the first time and the copy has the retention with which
    copies arrive. Somebody may have wished any other retention, so the longest one wins. A tier that is over leaves the
    copy one more day. The age counts from the earlier start, because AWS does not document from which one it counts.

    Args:
        snapshot: the copy.
        tier: the copy's tier.
        arriving_days: the retention with which copies arrive.
        now: the time.

    Returns:
        The change. None if the copy is going or gone.
    """
    if not _is_available(snapshot):
        return None
    known = snapshot.get("ManualSnapshotRetentionPeriod")
    before = FOREVER_DAYS if known is None else known
    tags = tags_of(snapshot.get("Tags", []))
    first = TAG_TIER_APPLIED not in tags
    # without the mark, the next run could not tell an operator's wish from a first sight
    full = first and len(tags) >= MOST_TAGS
    starts = [
        start
        for start in (snapshot.get("SnapshotCreateTime"), snapshot.get("SnapshotRetentionStartTime"))
        if start is not None
    ]
    certain = first and tier.certain and known == arriving_days and bool(starts) and not full
    lowest = _with_a_day_left(tier.keep_days, now - min(starts)) if starts else tier.keep_days
    is_lower = lowest != FOREVER_DAYS and lowest <= MOST_MANUAL_DAYS and longest(before, lowest) != lowest
    return Change(
        before=before,
        after=lowest if certain and is_lower else longest(before, tier.keep_days),
        first=first,
        mark=not full,
        doubtful=first and (full or lowest > MOST_MANUAL_DAYS or (not certain and before != tier.keep_days)),
    )


def longest(*days: int) -> int:
    """The longest of some retentions in days, where ``FOREVER_DAYS`` is the longest of all."""
    return FOREVER_DAYS if FOREVER_DAYS in days else max(days)


def read_tiers(text: str, *, plan: str, region: str) -> PlanTiers:
    """Read a plan record.

    Args:
        text: the value of the SSM parameter.
        plan: the plan's name.
        region: the recovery Region.

    Raises:
        RecordNotUnderstood: the text is no record of this plan and Region, or its version is unknown.
    """
    stored = read_record(text, plan)
    understood, record = stored.understood, stored.value
    wrong = unusable_in(stored, region) or [
        *understood.wrong("copy.keep_manual_days"),
        *([] if "rules" in record else understood.wrong("rules")),
        *understood.spoiled("rules[].rule", "rules[].keep_in_recovery_days", "lineage"),
    ]
    if wrong:
        raise RecordNotUnderstood(not_understood(f"the record {stored.parameter}", ", ".join(dict.fromkeys(wrong))))
    return PlanTiers(
        cluster=record["cluster"]["identifier"],
        source_region=record["cluster"]["region"],
        arriving_days=record["copy"]["keep_manual_days"],
        rules=_by_name(record["rules"]),
        lineage=read_time(record.get("lineage")),
    )


def _by_name(rules: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for rule in rules:
        days = rule["keep_in_recovery_days"]
        found[rule["rule"]] = longest(days, found.get(rule["rule"], days))
    return found


def _days_in(text: str) -> int | None:
    """The days that a tag holds; None if Redshift does not know such a retention."""
    days = int(text) if _DAYS_IN_TAG.fullmatch(text) else 0
    return days if days == FOREVER_DAYS or 1 <= days <= MOST_MANUAL_DAYS else None


def _with_a_day_left(keep_days: int, age: timedelta) -> int:
    """The tier, or a day and more from now if the tier is over or ends soon."""
    if keep_days == FOREVER_DAYS or age < timedelta(days=keep_days) - OVER_SOON:
        return keep_days
    return max(keep_days, -(-age // DAY) + 1)


def _is_available(snapshot: SnapshotTypeDef) -> bool:
    return str(snapshot.get("Status", "")).lower() == _AVAILABLE
