"""Checks the clusters of templates against a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._arguments import check_length
from resilient_redshift.planning._inventory import take_inventory
from resilient_redshift.planning.checks._cluster_check import check_cluster
from resilient_redshift.planning.checks._entries import idle_entries
from resilient_redshift.planning.checks.accepting import Accepting
from resilient_redshift.planning.checks.findings import CheckResult, ClusterResult, Finding, Level
from resilient_redshift.planning.checks.matching import facts_of
from resilient_redshift.planning.checks.policy import DEFAULT_POLICY
from resilient_redshift.planning.checks.rules import RULE_OF, CheckRule
from resilient_redshift.planning.reading.unread import parts_by_template
from resilient_redshift.planning.recovery_point import DEFAULT_COPY_TIME
from resilient_redshift.planning.unjudged import not_judged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, timedelta

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.checks.policy import ResiliencePolicy
    from resilient_redshift.planning.reading.template import SynthesizedTemplate

#: The rules that a check judges; a comparison judges the others.
CHECKED_RULES: Final = frozenset(
    {*RULE_OF.values(), CheckRule.NOT_REHEARSED, CheckRule.SNAPSHOTS_EXPIRE, CheckRule.NOT_READ}
)


def check(
    templates: Iterable[SynthesizedTemplate],
    policy: ResiliencePolicy = DEFAULT_POLICY,
    *,
    today: date | None = None,
    expected_copy_time: timedelta = DEFAULT_COPY_TIME,
) -> CheckResult:
    """Check every cluster of templates against a policy, in the worst case.

    Args:
        templates: the templates of one cloud assembly; of any shape.
        policy: the policy. Default: the default policy, which docs/policy.md shows.
        today: the day that decides whether an exception has ended. Default: today in UTC.
        expected_copy_time: how long the copy of a snapshot to another Region is expected to take; 0 to 36500 days.
            Default: one hour.

    Returns:
        The result, with one entry for each cluster, in the order of the protection tables.

    Raises:
        ResilientRedshiftError: for a length that is out of range.
    """
    problems = Problems("check")
    check_length(problems, "expected_copy_time", expected_copy_time)
    problems.raise_if_any()
    read = tuple(templates)
    return check_clusters(take_inventory(read), read, policy, today, expected_copy_time)


def check_clusters(
    pictures: Iterable[ClusterPicture],
    templates: Iterable[SynthesizedTemplate],
    policy: ResiliencePolicy,
    today: date | None,
    copy_time: timedelta,
) -> CheckResult:
    """Check the clusters of an inventory; otherwise as :func:`check`.

    Args:
        pictures: what the templates say about each cluster.
        templates: the templates of the inventory.
        policy: the policy.
        today: the day that decides whether an exception has ended; None for today in UTC.
        copy_time: how long the copy of a snapshot to another Region is expected to take.
    """
    accepting = Accepting(policy, today)
    facts, clusters = [], []
    for cluster in pictures:
        facts.append(facts_of(cluster))
        result = check_cluster(cluster, facts[-1], policy, copy_time)
        findings = tuple(accepting.accept(finding, facts[-1]) for finding in result.findings)
        clusters.append(_with_findings(result, findings))
    read = tuple(templates)
    not_read = parts_by_template(read)
    unread = [_not_read(part, template.file) for part, template in not_read] if policy.read_everything else []
    return CheckResult(
        policy=policy.source,
        clusters=tuple(clusters),
        findings=(
            *(accepting.accept(finding) for finding in unread),
            *accepting.idle(CHECKED_RULES),
            *idle_entries(policy, facts),
        ),
        not_read=tuple(part for part, _ in not_read),
        not_judged=not_judged(read),
    )


def _with_findings(result: ClusterResult, findings: tuple[Finding, ...]) -> ClusterResult:
    return ClusterResult(
        cluster=result.cluster, table=result.table, requirements=result.requirements, findings=findings
    )


def _not_read(part: str, file: str | None) -> Finding:
    return Finding(
        rule=CheckRule.NOT_READ,
        level=Level.ERROR,
        message=f"Not read, and it may hold a Redshift cluster: {part}.",
        subject=part,
        file=file,
    )
