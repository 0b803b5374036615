"""Comparisons of small templates."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from resilient_redshift.planning.changes.compare import compare
from tests.planning.templates import cluster, copy, rule, stack

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning import SynthesizedTemplate
    from resilient_redshift.planning.changes.comparison import AspectChange, ClusterChange, Comparison
    from resilient_redshift.planning.checks.findings import Finding
    from resilient_redshift.planning.checks.rules import CheckRule

JSON = dict[str, Any]
TODAY = date(2026, 12, 1)
HERE, THERE = "us-east-1", "us-west-2"


def sales(deletion_policy: str | None = "Snapshot", **properties: Any) -> JSON:
    """A cluster with the identifier ``sales``."""
    return cluster(deletion_policy, **{"ClusterIdentifier": "sales", **properties})


def protected(**changed: JSON | None) -> SynthesizedTemplate:
    """A stack with a cluster, its nightly rule and its copy; each part can be changed, or left out with None."""
    parts: dict[str, JSON | None] = {
        "Warehouse": sales(AutomatedSnapshotRetentionPeriod=14),
        "Nightly": rule(keep=35),
        "Copy": copy(automated="14"),
        **changed,
    }
    return stack(**{name: part for name, part in parts.items() if part is not None})


def compared(
    before: Iterable[SynthesizedTemplate] | SynthesizedTemplate,
    after: Iterable[SynthesizedTemplate] | SynthesizedTemplate,
    **options: Any,
) -> Comparison:
    sides = [each if isinstance(each, list | tuple) else [each] for each in (before, after)]
    return compare(*sides, **{"today": TODAY, **options})


def change_of(before: Any, after: Any, **options: Any) -> ClusterChange:
    """The change of the only cluster."""
    (only,) = compared(before, after, **options).clusters
    return only


def aspects(change: ClusterChange) -> dict[str, AspectChange]:
    return {each.what: each for each in change.aspects}


def findings(change: ClusterChange, rule: CheckRule) -> list[Finding]:
    return [each for each in change.findings if each.rule is rule]


def backed_up(**parts: Any) -> Any:
    """A cluster whose snapshots a plan of AWS Backup takes."""
    daily = {"RuleName": "daily", "TargetBackupVault": "Default", "Lifecycle": {"DeleteAfterDays": 35}, **parts}
    plan = {"BackupPlan": {"BackupPlanName": "plan", "BackupPlanRule": [daily]}}
    chosen = {
        "SelectionName": "all",
        "IamRoleArn": "arn:aws:iam::1:role/b",
        "Resources": ["arn:aws:redshift:*:*:cluster:*"],
    }
    return {
        "Plan": {"Type": "AWS::Backup::BackupPlan", "Properties": plan},
        "Selection": {
            "Type": "AWS::Backup::BackupSelection",
            "Properties": {"BackupPlanId": {"Ref": "Plan"}, "BackupSelection": chosen},
        },
    }
