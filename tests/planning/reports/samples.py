"""Reports for the tests of formats, made without templates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from resilient_redshift.planning import Protection, ProtectionTable, Verdict
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.changes.comparison import (
    Aspect,
    AspectChange,
    ClusterChange,
    Comparison,
    Direction,
    FailureChange,
    Presence,
)
from resilient_redshift.planning.checks.findings import (
    CheckResult,
    ClusterKey,
    ClusterResult,
    Finding,
    Level,
    Requirement,
)
from resilient_redshift.planning.checks.rules import CheckRule

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ZONE = Protection(
    kind=Failure.ZONE,
    verdict=Verdict.PROTECTED,
    protection="restore in another Zone from the newest of the automated snapshots (kept 14 d)",
    recovery_point="8 h",
    where="us-east-1",
    worst_loss=8 * HOUR,
)
REGION_COPIED = Protection(
    kind=Failure.REGION,
    verdict=Verdict.PROTECTED,
    protection="restore from the newest of the copied automated snapshots (kept 14 d)",
    recovery_point="9 h",
    where="us-west-2",
    worst_loss=9 * HOUR,
)
REGION_LOST = Protection(kind=Failure.REGION, verdict=Verdict.UNPROTECTED, protection="none")
BAD_LOAD = Protection(
    kind=Failure.BAD_LOAD,
    noticed_after=7 * DAY,
    verdict=Verdict.UNKNOWN,
    protection="unknown",
    notes=("the retention is decided at deployment",),
)
KEEP_ZONE = Requirement(failure=Failure.ZONE, lose_at_most=8 * HOUR)
KEEP_REGION = Requirement(failure=Failure.REGION, lose_at_most=24 * HOUR)
NOT_READ = "stack Shared: Loop is a nested stack, and its template lies elsewhere"


def key(name: str = "sales", **others: Any) -> ClusterKey:
    return ClusterKey(**{"name": name, "stack": "Warehouse", "region": "us-east-1", "file": "cdk.out/W.json", **others})


def region_finding(cluster: ClusterKey, **others: Any) -> Finding:
    return Finding(
        rule=CheckRule.REGION_LOST,
        level=Level.ERROR,
        message="nothing protects it in the Region's failure; the policy allows 24 h",
        cluster=cluster,
        requirement=KEEP_REGION,
        row=REGION_LOST,
        **others,
    )


def result(cluster: ClusterKey, *findings: Finding, region: Protection | None = None) -> ClusterResult:
    """A cluster with two requirements and three rows; its Region is lost if there is a finding."""
    rows = (ZONE, region or (REGION_LOST if findings else REGION_COPIED), BAD_LOAD)
    table = ProtectionTable(
        cluster=cluster.name, stack=cluster.stack, region=cluster.region, rows=rows, notes=("a note",)
    )
    return ClusterResult(cluster=cluster, table=table, requirements=(KEEP_ZONE, KEEP_REGION), findings=findings)


def kept(name: str = "sales", **others: Any) -> ClusterResult:
    return result(key(name, **others))


def broken(name: str = "finance", **others: Any) -> ClusterResult:
    cluster = key(name, **others)
    return result(cluster, region_finding(cluster))


def accepted(name: str = "trial", **others: Any) -> ClusterResult:
    cluster = key(name, **others)
    return result(cluster, region_finding(cluster, accepted="the copy comes in March"))


def not_read(part: str = NOT_READ) -> Finding:
    return Finding(rule=CheckRule.NOT_READ, level=Level.ERROR, message=f"a part was not read: {part}", subject=part)


def check(*clusters: ClusterResult, findings: tuple[Finding, ...] = (), parts: tuple[str, ...] = ()) -> CheckResult:
    return CheckResult(policy="resilience.toml", clusters=clusters, findings=findings, not_read=parts)


def fleet() -> CheckResult:
    """One cluster that keeps the policy, one that breaks it, one with an exception, and a part that was not read."""
    return check(kept(), broken(), accepted(), findings=(not_read(),), parts=(NOT_READ,))


def worse(name: str = "finance", **others: Any) -> ClusterChange:
    cluster = key(name, **others)
    return ClusterChange(
        cluster=cluster,
        former=cluster,
        presence=Presence.BOTH,
        direction=Direction.WORSE,
        failures=(
            FailureChange(failure=Failure.ZONE, noticed_after=None, before=ZONE, after=ZONE, direction=Direction.SAME),
            FailureChange(
                failure=Failure.REGION,
                noticed_after=None,
                before=REGION_COPIED,
                after=REGION_LOST,
                direction=Direction.WORSE,
            ),
        ),
        aspects=(
            AspectChange(
                aspect=Aspect.RETENTION,
                what="automated snapshots are kept",
                before="14 d",
                after="7 d",
                direction=Direction.WORSE,
                snapshots_deleted=21,
                note="Redshift deletes them at once",
            ),
            AspectChange(aspect=Aspect.COST, what="copies", before="1", after="0", direction=Direction.BETTER),
        ),
        findings=(
            Finding(
                rule=CheckRule.PROTECTION_WORSE,
                level=Level.ERROR,
                message="the Region: 9 h before, none after",
                cluster=cluster,
                subject="region",
            ),
        ),
    )


def same(name: str = "sales") -> ClusterChange:
    return ClusterChange(cluster=key(name), former=key(name), presence=Presence.BOTH, direction=Direction.SAME)


def new(name: str = "trial") -> ClusterChange:
    change = FailureChange(
        failure=Failure.ZONE, noticed_after=None, before=None, after=ZONE, direction=Direction.BETTER
    )
    return ClusterChange(
        cluster=key(name), former=None, presence=Presence.NEW, direction=Direction.BETTER, failures=(change,)
    )


def comparison(*clusters: ClusterChange, parts: tuple[str, ...] = ()) -> Comparison:
    return Comparison(base="base.out", head="cdk.out", clusters=clusters, check=fleet(), not_read=parts)


def change() -> Comparison:
    """One cluster that gets worse, one that is new and one that stays the same."""
    return comparison(worse(), new(), same(), parts=(f"base: {NOT_READ}",))
