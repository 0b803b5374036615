"""The check of the manual snapshots of all rules of an app against the quota of each account and Region."""

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
    """The rules of one account and Region.

    Attributes:
        rules: the rules that the app has so far.
        others: the snapshots that these rules take when they are deployed.
        quota: the largest quota that the user passed so far; 0 for none.
        bound: a number of snapshots that the rules cannot exceed: the sum of each rule's own worst case.
    """

    rules: list[SnapshotRule] = field(default_factory=list)
    others: int = 0
    quota: int = 0
    bound: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """The snapshots of one rule in one account and Region, after their check.

    Later rules take no notice of the snapshots until you call :meth:`count`.

    Attributes:
        place: the account and Region.
        rule: the rule.
        others: as in the place, with this rule.
        quota: as in the place, with this rule.
        bound: as in the place, with this rule.
    """

    place: _Place
    rule: SnapshotRule
    others: int
    quota: int
    bound: int

    def count(self) -> None:
        """Count this rule in the checks of later rules of the same account and Region."""
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
    """Record a problem when the snapshots of a rule and of all earlier rules of the app exceed a quota.

    Args:
        problems: collects the problems of the call.
        stack: a stack of the account in which the snapshots are, and of their Region unless ``region`` is passed.
        name: the rule's name in the error.
        schedule: when the rule takes a snapshot.
        keep_days: the days that each snapshot is kept there; -1 for ever.
        quota: the quota that the user passed; the largest quota of all rules so far counts. None where the user passed
            no quota: with no quota on an earlier rule either, 20 counts ("Quotas and limits", Redshift Management
            Guide).
        on_deploy: whether the rule takes one more snapshot when it is deployed. Default: it takes none.
        region: the Region of the snapshots. Default: the stack's Region.

    Returns:
        The rule's snapshots, which you count when the call has no problem.
    """
    place = _place(stack, region)
    allowed = max(quota or 0, place.quota) or DEFAULT_QUOTA
    keep: int | Forever = FOREVER if keep_days < 0 else keep_days
    rule = SnapshotRule(name=name, schedule=schedule, keep=keep)
    retention = DEFAULT_HORIZON if isinstance(keep, Forever) else keep * DAY
    # The sum of each rule's own worst case is never too low, and it is cheap. Only a sum above the quota needs the
    # exact forecast over all rules.
    bound = place.bound + schedule.count_in(min(retention, DEFAULT_HORIZON)) + on_deploy
    others = place.others + on_deploy
    if bound > allowed:
        forecast = forecast_quota([*place.rules, rule], quota=allowed, others=others)
        problem = forecast.problem or ""
        problems.check(forecast.fits, "manual_snapshot_quota", allowed, f"{forecast.peak} or more", problem)
    return Counted(place=place, rule=rule, others=others, quota=max(quota or 0, place.quota), bound=bound)


@Remembered
def _places(_root: IConstruct) -> dict[tuple[str, str], _Place]:
    """The accounts and Regions that the rules of an app use so far."""
    return {}


def _place(stack: cdk.Stack, region: str | None) -> _Place:
    places = _places(root_of(stack))
    environment = stack_environment(stack)
    here = region or environment.region
    # two stacks without an account may be in one account or in two, so each of them has a place of its own
    own = "" if environment.account and here else f"of {path_of(stack)}"
    return places.setdefault((environment.account or own, here or own), _Place())
