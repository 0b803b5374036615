"""The policy of a check: what each cluster must survive, what else it must have, and the accepted findings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from resilient_redshift.errors import Problems
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.checks import _policy_checks as checks
from resilient_redshift.planning.checks.findings import Requirement
from resilient_redshift.planning.checks.matching import ClusterMatcher
from resilient_redshift.planning.checks.rules import CheckRule

#: A length that an entry for some clusters changes: None leaves it, False takes it away.
ChangedLength: TypeAlias = timedelta | Literal[False] | None

_DAY: Final = timedelta(days=1)
#: The rules about the policy itself. Their findings are warnings, so there is nothing to accept.
ABOUT_THE_POLICY: Final = frozenset({CheckRule.EXCEPTION_IDLE, CheckRule.ENTRY_IDLE})


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterEntry:
    """What a policy changes for some clusters (``[[cluster]]`` in the file).

    Args:
        match: the clusters.
        survive: requirements that replace the policy's own requirement for the same failure. Default: none.
        need_not_survive: failures whose requirement is taken away. Default: none.
        rehearsal_every: the longest time between two rehearsals; more than 0, at most 36500 days. False takes the
            requirement away. Default: the policy's own.
        keep_snapshots: how long snapshots must be kept at least; more than 0, at most 36500 days. False takes the
            requirement away. Default: the policy's own.

    Raises:
        ResilientRedshiftError: for a matcher without a pattern, a failure that is required twice, and a length that is
            out of range.
    """

    match: ClusterMatcher
    survive: tuple[Requirement, ...] = ()
    need_not_survive: tuple[Failure, ...] = ()
    rehearsal_every: ChangedLength = None
    keep_snapshots: ChangedLength = None

    def __post_init__(self) -> None:
        """Refuse what no check can mean."""
        problems = Problems("ClusterEntry")
        checks.check_matcher(problems, self.match)
        required = {each.failure for each in checks.check_survive(problems, self.survive)}
        unneeded = checks.check_each(problems, "need_not_survive", self.need_not_survive, Failure)
        both = [str(failure) for failure in unneeded if failure in required]
        problems.check(not both, "need_not_survive", both, "failures that survive does not require")
        for argument in ("rehearsal_every", "keep_snapshots"):
            value = getattr(self, argument)
            if value is not False:
                checks.check_optional_length(problems, argument, value)
        problems.raise_if_any()

    @property
    def tightens(self) -> bool:
        """Whether the entry requires anything, and does not only take away."""
        return bool(self.survive or self.rehearsal_every or self.keep_snapshots)


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyException:
    """Findings that somebody accepts (``[[exception]]`` in the file).

    Args:
        rule: the rule of the findings. A finding about the policy itself cannot be accepted.
        reason: why the findings are accepted; not empty.
        match: the clusters. Default: every part that ``part`` matches, for ``CheckRule.NOT_READ``.
        part: for ``CheckRule.NOT_READ`` only, and required there: a pattern over the line that names the part.
        until: the last day on which the exception accepts anything. Default: it does not end.

    Raises:
        ResilientRedshiftError: for an empty reason, a matcher without a pattern, a part with another rule, a rule about
            the policy itself, and an ``until`` that is no date.
    """

    rule: CheckRule
    reason: str
    match: ClusterMatcher = field(default_factory=ClusterMatcher)
    part: str | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse what no check can mean."""
        problems = Problems("PolicyException")
        is_reason = isinstance(self.reason, str) and bool(self.reason.strip())
        problems.check(is_reason, "reason", self.reason, "a text that is not empty")
        is_date = self.until is None or (isinstance(self.until, date) and not isinstance(self.until, datetime))
        problems.check(is_date, "until", self.until, "a date without a time of day")
        is_part = isinstance(self.part, str) and bool(self.part)
        if not isinstance(self.rule, CheckRule):
            problems.add("rule", self.rule, "a CheckRule")
        elif self.rule in ABOUT_THE_POLICY:
            problems.add("rule", str(self.rule), "a rule about clusters or parts", "its findings are warnings only")
        elif self.rule is CheckRule.NOT_READ:
            problems.check(is_part, "part", self.part, "a pattern over the line that names the part")
            without = self.match == ClusterMatcher()
            problems.check(without, "match", self.match, "left out", "a part that was not read has no cluster")
        else:
            problems.check(self.part is None, "part", self.part, f"left out, except with {CheckRule.NOT_READ}")
            checks.check_matcher(problems, self.match)
        problems.raise_if_any()

    @property
    def in_words(self) -> str:
        """What the exception accepts, such as ``RR103 of name = "sales-*"``."""
        return f"{self.rule} of " + (self.match.in_words if self.part is None else f'part = "{self.part}"')

    def ended(self, today: date) -> bool:
        """Whether the exception has ended. It still accepts findings on the day ``until``."""
        return self.until is not None and today > self.until


@dataclass(frozen=True, kw_only=True, slots=True)
class ResiliencePolicy:
    """What clusters must survive, what else they must have, and which findings are accepted.

    Args:
        survive: one requirement for each failure; for a bad load one for each time until it is noticed. Default: none.
        rehearsal_every: the longest time between two rehearsals of the restore; more than 0, at most 36500 days.
            Default: no rehearsal is required.
        keep_snapshots: how long some kind of snapshot must be kept at least; more than 0, at most 36500 days. Default:
            no retention is required.
        read_everything: whether a part of the input that was not read breaks the policy. Default: it does.
        clusters: what differs for some clusters. Of several entries that match a cluster, each replaces what the former
            ones say about the same thing. Default: nothing.
        exceptions: the findings that are accepted. Default: none.
        source: where the policy comes from, for the reader of a report. Default: ``a policy in Python``.
        file: the path of the policy's file. Default: the policy has no file.

    Raises:
        ResilientRedshiftError: for a failure that is required twice, a length that is out of range, a bad load without
            a time until it is noticed, and two entries or exceptions for the same clusters.
    """

    survive: tuple[Requirement, ...] = ()
    rehearsal_every: timedelta | None = None
    keep_snapshots: timedelta | None = None
    read_everything: bool = True
    clusters: tuple[ClusterEntry, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()
    source: str = "a policy in Python"
    file: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no check can mean."""
        problems = Problems("ResiliencePolicy")
        checks.check_survive(problems, self.survive)
        checks.check_optional_length(problems, "rehearsal_every", self.rehearsal_every)
        checks.check_optional_length(problems, "keep_snapshots", self.keep_snapshots)
        is_choice = isinstance(self.read_everything, bool)
        problems.check(is_choice, "read_everything", self.read_everything, "True or False")
        entries = checks.check_each(problems, "clusters", self.clusters, ClusterEntry)
        for text in checks.repeated(entry.match.in_words for entry in entries):
            problems.add("clusters", text, "one entry for the same clusters")
        exceptions = checks.check_each(problems, "exceptions", self.exceptions, PolicyException)
        for text in checks.repeated(each.in_words for each in exceptions):
            problems.add("exceptions", text, "one exception for the same rule and clusters")
        problems.raise_if_any()


#: The policy of a check without a policy file. docs/policy.md shows it as a file.
DEFAULT_POLICY: Final = ResiliencePolicy(
    survive=(
        Requirement(failure=Failure.NODE, lose_at_most=_DAY),
        Requirement(failure=Failure.ZONE, lose_at_most=_DAY),
        Requirement(failure=Failure.REGION, lose_at_most=_DAY),
        Requirement(failure=Failure.CLUSTER_DELETED, lose_at_most=_DAY, noticed_within=3 * _DAY),
        Requirement(failure=Failure.STACK_DELETED, lose_at_most=_DAY, noticed_within=3 * _DAY),
        Requirement(failure=Failure.BAD_LOAD, lose_at_most=_DAY, noticed_within=7 * _DAY),
    ),
    source="the default policy",
)
