"""The check of the manual snapshots of all rules of an app against the quota of each account and Region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.core.environment import stack_environment
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import path_of, root_of
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.planning.quota import DEFAULT_QUOTA, QUOTA_CODE, SnapshotRule, forecast_quota, most_of
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER, Forever

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct

    from resilient_redshift.errors import Problems
    from resilient_redshift.schedules.eventbridge import Schedule


#: A rule that keeps its snapshots for ever gets a warning if they fill the quota within this time.
_LONG_AHEAD: Final = timedelta(days=MOST_MANUAL_DAYS)


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
        risk: when the rule fills the quota later, because it keeps its snapshots for ever; None when it does not.
    """

    place: _Place
    rule: SnapshotRule
    others: int
    quota: int
    bound: int
    risk: str | None

    def count(self, construct: IConstruct) -> None:
        """Count this rule in the checks of later rules of the same account and Region.

        Args:
            construct: the rule's construct, which gets the warning about the quota.
        """
        if self.risk is not None:
            warn(construct, Warn.MANUAL_SNAPSHOT_RULE_FOREVER_FILLS_QUOTA, self.risk)
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
    keep_argument: str = "keep",
) -> Counted:
    """Record a problem when the snapshots of a rule and of all earlier rules of the app exceed a quota.

    Args:
        problems: collects the problems of the call.
        stack: a stack of the account in which the snapshots are, and of their Region unless ``region`` is passed.
        name: the rule's name in the error.
        schedule: when the rule takes a snapshot.
        keep_days: the days that each snapshot is kept there; -1 for ever.
        quota: the quota that the user passed; the largest quota of all rules so far counts. None where the user passed
            no quota: with no quota on an earlier rule either, 700 counts ("Quotas and limits", Redshift Management
            Guide).
        on_deploy: whether the rule takes one more snapshot when it is deployed. Default: it takes none.
        region: the Region of the snapshots. Default: the stack's Region.
        keep_argument: the argument with ``keep_days``, as the user writes it. Default: ``keep``.

    Returns:
        The rule's snapshots, which you count when the call has no problem.
    """
    place = _place(stack, region)
    allowed = max(quota or 0, place.quota) or DEFAULT_QUOTA
    keep: int | Forever = FOREVER if keep_days < 0 else keep_days
    rule = SnapshotRule(name=name, schedule=schedule, keep=keep)
    rules = [*place.rules, rule]
    # The sum of each rule's own worst case is never too low, and it is cheap. Only a sum above the quota needs the
    # exact forecast over all rules.
    bound = place.bound + most_of(rule) + on_deploy
    others = place.others + on_deploy
    if bound > allowed:
        forecast = forecast_quota(rules, quota=allowed, others=others)
        got = "FOREVER" if isinstance(keep, Forever) else f"{keep} days"
        why = (
            f"{forecast.problem}. Fire less often, or keep the snapshots for less time. If AWS has granted this "
            f"account a higher quota in this Region (Service Quotas, {QUOTA_CODE}), pass the granted number as "
            "manual_snapshot_quota; the argument does not ask AWS for more"
        )
        problems.check(forecast.fits, keep_argument, got, "so short that all manual snapshots fit into the quota", why)
    risk = _risk(rules, allowed, others) if isinstance(keep, Forever) else None
    return Counted(place=place, rule=rule, others=others, quota=max(quota or 0, place.quota), bound=bound, risk=risk)


def _risk(rules: list[SnapshotRule], quota: int, others: int) -> str | None:
    """What happens when snapshots that are kept for ever fill the quota within ten years; None when they do not."""
    forecast = forecast_quota(rules, quota=quota, horizon=_LONG_AHEAD, others=others)
    if forecast.full_on_day is None:
        return None
    return (
        f"{rules[-1].name} keeps its snapshots for ever, so that they fill the quota of {quota} manual snapshots as "
        f"early as {forecast.full_on_day} days after the first one; from then on AWS takes and copies no manual "
        "snapshot; pass a retention in days, or delete old snapshots or ask AWS for a higher quota before that day"
    )


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
