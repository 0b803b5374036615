"""Checks one cluster: its table, judged with the times that a policy names, and what the cluster misses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._points import points_of
from resilient_redshift.planning._verdicts import Failure, Verdict
from resilient_redshift.planning.checks.findings import ClusterResult, Finding, Level
from resilient_redshift.planning.checks.requirements import requirements_of
from resilient_redshift.planning.checks.rules import RULE_OF, CheckRule
from resilient_redshift.planning.protection import DEFAULT_NOTICED_AFTER, table_of
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.rules.retention import Forever

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning._verdicts import Protection
    from resilient_redshift.planning.checks.findings import ClusterKey, Requirement
    from resilient_redshift.planning.checks.matching import ClusterFacts
    from resilient_redshift.planning.checks.policy import ResiliencePolicy

_ZERO: Final = timedelta(0)
_WHEN: Final = {
    Failure.NODE: "when a node fails",
    Failure.ZONE: "when a Zone fails",
    Failure.REGION: "when the Region fails",
    Failure.CLUSTER_DELETED: "when the cluster is deleted by mistake",
    Failure.STACK_DELETED: "when the stack is deleted",
    Failure.BAD_LOAD: "after a bad load",
}
_HOW_TO_KNOW: Final = "give the template that contains the cluster as another input, or accept this in the policy"


def check_cluster(
    cluster: ClusterPicture, facts: ClusterFacts, policy: ResiliencePolicy, copy_time: timedelta
) -> ClusterResult:
    """Check one cluster. The exceptions of the policy are not applied yet.

    Args:
        cluster: what the templates say about the cluster.
        facts: what an entry of the policy can ask about the cluster.
        policy: the policy.
        copy_time: how long the copy of a snapshot to another Region is expected to take.

    Returns:
        The result. Its table has one row for each requirement, and for each failure that the policy does not name.
    """
    required = requirements_of(policy, facts)
    for note in required.notes:
        cluster.note(note)
    loads = [each for each in required.survive if each.failure is Failure.BAD_LOAD]
    delays = tuple(each.noticed_within or _ZERO for each in loads) or DEFAULT_NOTICED_AFTER
    within = {each.failure: each.noticed_within for each in required.survive if each.noticed_within is not None}
    table = table_of(cluster, delays, copy_time, within)
    rows = {_about(row.kind, row.noticed_after): row for row in table.rows}
    findings: list[Finding] = []
    for each in required.survive:
        row = rows[_about(each.failure, each.noticed_within)]
        if not _keeps(each, row):
            findings.append(_missed(facts.key, each, row, held=cluster.held))
    if required.rehearsal_every is not None:
        findings += _not_rehearsed(cluster, facts.key, required.rehearsal_every)
    if required.keep_snapshots is not None:
        findings += _expiring(cluster, facts.key, required.keep_snapshots, copy_time)
    return ClusterResult(cluster=facts.key, table=table, requirements=required.survive, findings=tuple(findings))


def _about(failure: Failure, noticed: timedelta | None) -> tuple[Failure, timedelta | None]:
    """What a row and a requirement are about: the failure, and for a bad load the time until it is noticed."""
    return failure, noticed if failure is Failure.BAD_LOAD else None


def _keeps(requirement: Requirement, row: Protection) -> bool:
    """Whether a row is certain to lose no more than a requirement allows."""
    certain = row.verdict is Verdict.PROTECTED and not row.undocumented
    return certain and row.worst_loss is not None and row.worst_loss <= requirement.lose_at_most


def _missed(key: ClusterKey, requirement: Requirement, row: Protection, *, held: bool) -> Finding:
    noticed = requirement.noticed_within
    when = _WHEN[requirement.failure]
    if noticed is not None:
        link = "that somebody notices" if requirement.failure is Failure.BAD_LOAD else "and somebody notices it"
        when = f"{when} {link} {in_words(noticed)} later"
    allowed = f"the policy allows a loss of {in_words(requirement.lose_at_most)}"
    why = f" ({'; '.join(row.notes)})" if row.notes else ""
    if row.verdict is Verdict.UNKNOWN:
        how = "" if held else f"; {_HOW_TO_KNOW}"
        message = f"The loss {when} is unknown{why}; {allowed}{how}."
    elif row.worst_loss is None:
        message = f"No recovery point is certain {when}{why}; {allowed}."
    elif row.undocumented:
        message = f"A loss of {in_words(row.worst_loss)} is likely, but not certain, {when}{why}; {allowed}."
    else:
        message = f"A loss of {in_words(row.worst_loss)} is possible {when}{why}; {allowed}."
    return Finding(
        rule=RULE_OF[requirement.failure],
        level=Level.ERROR,
        message=message,
        cluster=key,
        subject=f"noticed within {in_words(noticed or _ZERO)}" if requirement.failure is Failure.BAD_LOAD else "",
        requirement=requirement,
        row=row,
    )


def _not_rehearsed(cluster: ClusterPicture, key: ClusterKey, every: timedelta) -> Iterator[Finding]:
    plan = cluster.plan
    required = f"the policy requires a rehearsal every {in_words(every)}"
    if plan is None:
        message = f"Nothing rehearses the restore: the templates have no plan for the cluster; {required}."
    elif not plan.rehearsals:
        message = f"Plan {plan.name} has no scheduled rehearsal; {required}."
    elif plan.longest_gap is None:
        message = f"The time between two rehearsals of plan {plan.name} is unknown; {required}."
    elif plan.longest_gap > every:
        message = f"Rehearsals of plan {plan.name} are up to {in_words(plan.longest_gap)} apart; {required}."
    else:
        return
    yield Finding(rule=CheckRule.NOT_REHEARSED, level=Level.ERROR, message=message, cluster=key)


def _expiring(cluster: ClusterPicture, key: ClusterKey, at_least: timedelta, copy_time: timedelta) -> Iterator[Finding]:
    """A finding unless one source of recovery points always has a snapshot, and keeps each one long enough."""
    sources = [point.source for point in points_of(cluster, copy_time) if point.source.survives(_ZERO)]
    kept = [source.keep for source in sources]
    if any(isinstance(each, Forever) or each >= at_least for each in kept):
        return
    required = f"the policy requires {in_words(at_least)}"
    longest = max((each for each in kept if isinstance(each, timedelta)), default=None)
    if cluster.keep_automated is None:
        how = "" if cluster.held else f"; {_HOW_TO_KNOW}"
        message = f"How long automated snapshots are kept is unknown ({cluster.why_unknown}); {required}{how}."
    elif longest is None:
        message = f"No snapshot of the cluster is certain to exist; {required}."
    else:
        message = f"Snapshots are kept for {in_words(longest)} at most; {required}."
    yield Finding(rule=CheckRule.SNAPSHOTS_EXPIRE, level=Level.ERROR, message=message, cluster=key)
