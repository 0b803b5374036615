"""Which findings the exceptions of a policy accept, and which exceptions accept nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from resilient_redshift.planning.checks.findings import Finding, Level
from resilient_redshift.planning.checks.matching import Matched
from resilient_redshift.planning.checks.rules import CheckRule

if TYPE_CHECKING:
    from collections.abc import Collection

    from resilient_redshift.planning.checks.matching import ClusterFacts
    from resilient_redshift.planning.checks.policy import PolicyException, ResiliencePolicy


class Accepting:
    """Accepts findings, and remembers which exceptions were of use.

    Args:
        policy: the policy.
        today: the day on which the check runs. Default: today in UTC.
    """

    def __init__(self, policy: ResiliencePolicy, today: date | None = None) -> None:
        self._policy = policy
        self._today = today or datetime.now(tz=UTC).date()
        self._ended = [each for each in policy.exceptions if each.ended(self._today)]
        self._used: set[PolicyException] = set()
        self._undecided: dict[PolicyException, str] = {}

    def accept(self, finding: Finding, cluster: ClusterFacts | None = None) -> Finding:
        """The finding with the reason of the first exception that accepts it; the same finding when none does.

        An exception accepts a finding of a cluster only if the templates show that the exception means the cluster.

        Args:
            finding: the finding.
            cluster: what the templates say about the finding's cluster. Default: the finding has no cluster.
        """
        accepting = []
        for each in self._policy.exceptions:
            match _means(each, finding, cluster):
                case Matched.YES:
                    accepting.append(each)
                case Matched.AT_DEPLOYMENT if cluster is not None:
                    what = " and ".join(each.match.undecided(cluster))
                    why = f": only the deployment decides the {what} of cluster {cluster.key.name}"
                    self._undecided.setdefault(each, why)
        self._used.update(accepting)
        active = [each for each in accepting if each not in self._ended]
        return replace(finding, accepted=active[0].reason) if active else finding

    def idle(self, rules: Collection[CheckRule]) -> tuple[Finding, ...]:
        """A warning for each exception that has ended, and for each one that accepted nothing.

        Args:
            rules: the rules whose findings were all passed to :meth:`accept`. Exceptions of other rules are left out.
        """
        found = []
        for each in self._policy.exceptions:
            if each.rule not in rules:
                continue
            if each in self._ended:
                problem = f"has ended (until = {each.until})" + ("" if each in self._used else " and accepts nothing")
            elif each not in self._used:
                problem = f"accepts nothing{self._undecided.get(each, '')}"
            else:
                continue
            found.append(
                Finding(
                    rule=CheckRule.EXCEPTION_IDLE,
                    level=Level.WARNING,
                    message=f"The exception for {each.in_words} {problem}.",
                    subject=each.in_words,
                    file=self._policy.file,
                )
            )
        return tuple(found)


def _means(exception: PolicyException, finding: Finding, cluster: ClusterFacts | None) -> Matched:
    if exception.rule is not finding.rule:
        return Matched.NO
    if exception.part is not None:
        return Matched.YES if fnmatchcase(finding.subject, exception.part) else Matched.NO
    return Matched.NO if cluster is None else exception.match.matches(cluster)
