"""The manual snapshots of all rules of an app, against the quota of each account and Region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.planning.quota import DEFAULT_HORIZON, DEFAULT_QUOTA, SnapshotRule, forecast_quota
from resilient_redshift.rules.retention import DAY, FOREVER, Forever

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct

    from resilient_redshift.errors import Problems
    from resilient_redshift.schedules.eventbridge import Schedule


@dataclass
class _Place:
    """One account and Region; a stack without them is a place of its own."""

    rules: list[SnapshotRule] = field(default_factory=list)
    others: int = 0
    quota: int = 0
    bound: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """One rule's snapshots in one account and Region, checked but not counted until :meth:`count` is called."""

    place: _Place
    rule: SnapshotRule
    others: int
    quota: int
    bound: int

    def count(self) -> None:
        """Let later rules of the place see this one."""
        self.place.rules.append(self.rule)
        self.place.others = self.others
        self.place.quota = self.quota
        self.place.bound = self.bound


def check_quota(
    problems: Problems,
    stack: cdk.Stack,
    *,
    name: str,
    schedule: Schedule,
    keep_days: int,
    quota: int | None,
    on_deploy: bool = False,
    region: str | None = None,
) -> Counted:
    """Record a problem where a rule's snapshots and those of all earlier rules of the app exceed a quota.

    Args:
        problems: where to record it.
        stack: a stack of the account (and Region) where the snapshots lie.
        name: what the rule is called in the error.
        schedule: when it takes a snapshot.
        keep_days: how long each lives there; -1 for ever.
        quota: what the user says is allowed. Default: the largest that an earlier rule gave, else 20.
        on_deploy: whether it takes one more when it is deployed.
        region: the Region, where it is not the stack's own (the recovery Region).
    """
    place = _place(stack, region)
    allowed = max(quota or 0, place.quota) or DEFAULT_QUOTA
    keep: int | Forever = FOREVER if keep_days < 0 else keep_days
    rule = SnapshotRule(name=name, schedule=schedule, keep=keep)
    kept = DEFAULT_HORIZON if isinstance(keep, Forever) else keep * DAY
    # each rule's own worst, added up, is never too low; only where that does not fit are all rules looked at together
    bound = place.bound + schedule.count_in(min(kept, DEFAULT_HORIZON)) + on_deploy
    others = place.others + on_deploy
    if bound > allowed:
        forecast = forecast_quota([*place.rules, rule], quota=allowed, others=others)
        problem = forecast.problem or ""
        problems.check(forecast.fits, "manual_snapshot_quota", allowed, f"{forecast.peak} or more", problem)
    return Counted(place=place, rule=rule, others=others, quota=max(quota or 0, place.quota), bound=bound)


@Remembered
def _places(_root: IConstruct) -> dict[tuple[str, str], _Place]:
    """The accounts and Regions of an app so far."""
    return {}


def _place(stack: cdk.Stack, region: str | None) -> _Place:
    places = _places(root_of(stack))
    environment = stack_environment(stack)
    here = region or environment.region
    # two stacks without an account may be in one account or in two
    own = "" if environment.account and here else f"of {path_of(stack)}"
    return places.setdefault((environment.account or own, here or own), _Place())
