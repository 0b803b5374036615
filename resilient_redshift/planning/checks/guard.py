"""Writes a policy as rules of CloudFormation Guard, as far as Guard can express it.

Guard sees one resource at a time. So these rules judge the properties of a cluster, and no copy, manual snapshot or
plan beside it. What they pass, the check passes too; what they refuse, the check may pass, because something else
protects the cluster.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import CLUSTER_TYPE
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.checks.policy import DEFAULT_POLICY
from resilient_redshift.planning.checks.rules import RULE_OF, RULE_TEXTS, CheckRule
from resilient_redshift.planning.recovery_point import DEFAULT_AUTOMATED_GAP
from resilient_redshift.rules.limits import DEFAULT_AUTOMATED_DAYS, MOST_AUTOMATED_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resilient_redshift.planning.checks.findings import Requirement
    from resilient_redshift.planning.checks.policy import ResiliencePolicy

_ZERO: Final = timedelta(0)
_DAY: Final = timedelta(days=1)
_TRUE: Final = 'IN [true, "true"]'
_MULTI_AZ: Final = f"Properties.MultiAZ {_TRUE}"
_RELOCATION: Final = f"Properties.AvailabilityZoneRelocation {_TRUE}"
_NODES: Final = ("Properties.NumberOfNodes >= 2", "Properties.NumberOfNodes == /^([2-9]|[1-9][0-9]+)$/")
_STAYS: Final = 'DeletionPolicy IN ["Retain", "RetainExceptOnCreate", "Snapshot"]'
_NO_NATIVE_COPY: Final = "Properties.DestinationRegion not exists"
_RETENTION: Final = "Properties.AutomatedSnapshotRetentionPeriod"
#: What lets a cluster survive a failure without a snapshot.
_SURVIVES: Final = {Failure.NODE: (_MULTI_AZ, *_NODES), Failure.ZONE: (_MULTI_AZ, _RELOCATION)}
_DROPPED: Final = (
    f"CloudFormation drops DestinationRegion when it creates an {CLUSTER_TYPE}, so this property alone copies nothing."
)


def guard_rules(policy: ResiliencePolicy = DEFAULT_POLICY) -> str:
    """Write a policy as a file of rules for CloudFormation Guard 3.

    Guard cannot express the policy's entries for some clusters, its exceptions, rehearsals, and the deletion of a
    cluster by mistake. Of the loss of a Region it only says that ``DestinationRegion`` copies nothing. A value that
    only the deployment decides breaks a rule, as in the check.

    Args:
        policy: the policy. Default: the default policy.

    Returns:
        The text of the file. The name of each rule begins with the id of the check's rule, such as ``RR105``.
    """
    rules = [_rule(rule, clauses) for rule, clauses in _clauses(policy)]
    source = " ".join(policy.source.split())
    head = f"# Written by resilient_redshift.planning.guard_rules from {source}."
    note = "# Guard sees one resource at a time: no copy, manual snapshot or plan beside the cluster is counted."
    clusters = f'let redshift_clusters = Resources.*[ Type == "{CLUSTER_TYPE}" ]'
    return "\n\n".join([f"{head}\n{note}", clusters, *rules]) + "\n"


def _rule(rule: CheckRule, clauses: Sequence[str]) -> str:
    text = RULE_TEXTS[rule]
    sentence = _DROPPED if rule is CheckRule.REGION_LOST else text.sentence
    lines = [*" or\n".join(clauses).splitlines(), f"<<{rule} {text.name}: {sentence} {text.fix}>>"]
    body = "\n".join(f"        {line}" for line in lines)
    name = f"{rule}_{text.name.replace('-', '_')}"
    return f"rule {name} when %redshift_clusters !empty {{\n    %redshift_clusters {{\n{body}\n    }}\n}}"


def _clauses(policy: ResiliencePolicy) -> Iterator[tuple[CheckRule, list[str]]]:
    """For each rule that Guard can express: what of a cluster's properties is enough to keep it."""
    for failure in Failure:
        required = [each for each in policy.survive if each.failure is failure]
        clauses = _enough(failure, required) if required else []
        if clauses:
            yield RULE_OF[failure], clauses
    if policy.keep_snapshots is not None:
        clauses = _kept(policy.keep_snapshots)
        if clauses:
            yield CheckRule.SNAPSHOTS_EXPIRE, clauses


def _enough(failure: Failure, required: Sequence[Requirement]) -> list[str]:
    match failure:
        case Failure.REGION:
            return [_NO_NATIVE_COPY]
        case Failure.STACK_DELETED:
            return [_STAYS]
        case Failure.CLUSTER_DELETED:
            return []
    clauses = list(_SURVIVES.get(failure, ()))
    if min(each.lose_at_most for each in required) >= DEFAULT_AUTOMATED_GAP:
        clauses += _kept(max(each.noticed_within or _ZERO for each in required) + DEFAULT_AUTOMATED_GAP)
    return clauses


def _kept(at_least: timedelta) -> list[str]:
    """That automated snapshots are kept long enough; nothing when Redshift cannot keep them so long."""
    fewest = max(-(-at_least // _DAY), 1)
    days = range(fewest, MOST_AUTOMATED_DAYS + 1)
    if not days:
        return []
    numbers = ", ".join([*map(str, days), *(f'"{each}"' for each in days)])
    default = [f"{_RETENTION} not exists"] if fewest <= DEFAULT_AUTOMATED_DAYS else []
    return [*default, f"{_RETENTION} IN [{numbers}]"]
