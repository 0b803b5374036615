"""What a comparison of two sets of templates says: each cluster before and after."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from resilient_redshift.planning.checks.rules import CheckRule

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.planning._verdicts import Failure, Protection
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey, Finding


class Direction(StrEnum):
    """What a change does."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    CHANGED = "changed"  # neither better nor worse, such as another key


class Presence(StrEnum):
    """On which side of a comparison a cluster is."""

    BOTH = "both"
    NEW = "new"
    GONE = "gone"


class Aspect(StrEnum):
    """What of a cluster changes, apart from its rows in the protection table."""

    RETENTION = "retention"
    SCHEDULE = "schedule"
    COPY = "copy"
    KEY = "key"
    GRANT = "grant"
    PLAN = "plan"
    COST = "cost"
    DELETION = "deletion"
    IDENTITY = "identity"


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureChange:
    """One failure before and after.

    Attributes:
        failure: the failure.
        noticed_after: the time until somebody notices a bad load; None for the other failures.
        before: the row before; None for a new cluster.
        after: the row after; None for a cluster that is gone.
        direction: what the change does.
    """

    failure: Failure
    noticed_after: timedelta | None
    before: Protection | None
    after: Protection | None
    direction: Direction


@dataclass(frozen=True, kw_only=True, slots=True)
class AspectChange:
    """Something else of a cluster, before and after.

    Attributes:
        aspect: what changes.
        what: the thing in words, such as ``retention of automated snapshots``.
        before: its value before, in words; ``-`` for nothing.
        after: its value after, in words; ``-`` for nothing.
        direction: what the change does.
        snapshots_deleted: how many recovery points the deployment deletes at most; None when it deletes none, or when
            the number is not known.
        note: what the reader must know. Default: nothing.
    """

    aspect: Aspect
    what: str
    before: str
    after: str
    direction: Direction
    snapshots_deleted: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterChange:
    """One cluster before and after.

    Attributes:
        cluster: the cluster, as it is after the change; as it was before when it is gone.
        former: the cluster as it was before; None for a new cluster.
        presence: on which side the cluster is.
        direction: worse when anything is worse, better when something is better and nothing is worse.
        failures: one entry for each failure, those that stay the same too.
        aspects: everything else that changes.
        findings: what the change does, as findings of the rules ``RR121`` and later.
        certain: whether the presence is certain. A cluster that is gone may be in a part of the head that was not read.
            Default: it is.
    """

    cluster: ClusterKey
    former: ClusterKey | None
    presence: Presence
    direction: Direction
    failures: tuple[FailureChange, ...] = ()
    aspects: tuple[AspectChange, ...] = ()
    findings: tuple[Finding, ...] = ()
    certain: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """The comparison of two sets of templates.

    Attributes:
        base: where the templates before the change come from.
        head: where the templates after the change come from.
        clusters: one entry for each cluster; those that change come first.
        check: the check of the head against the policy.
        not_read: the parts of either side that were not read, each with its side.
        fixed: the findings of the base's check that the head's check does not have. Default: none.
    """

    base: str
    head: str
    clusters: tuple[ClusterChange, ...]
    check: CheckResult
    not_read: tuple[str, ...] = ()
    fixed: tuple[Finding, ...] = ()

    @property
    def worse(self) -> bool:
        """Whether the change makes anything worse. A part that nobody can read from now on is worse, too."""
        changed = (finding for cluster in self.clusters for finding in cluster.findings)
        return any(finding.breaks for finding in (*changed, *self.newly_not_read))

    @property
    def newly_not_read(self) -> tuple[Finding, ...]:
        """The findings about parts of the head that were not read, and that the base does not have."""
        return tuple(each for each in self.check.findings if each.new and each.rule is CheckRule.NOT_READ)
