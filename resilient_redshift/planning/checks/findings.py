"""What a check finds: findings, each with its rule, its cluster and its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._verdicts import UNKNOWN_REGION

if TYPE_CHECKING:
    from datetime import timedelta

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning._verdicts import Failure, Protection
    from resilient_redshift.planning.checks.rules import CheckRule
    from resilient_redshift.planning.protection import ProtectionTable
    from resilient_redshift.planning.reading.creation import SourceLine

_FINGERPRINT_LETTERS: Final = 32


class Level(StrEnum):
    """How much a finding weighs. An error breaks the check; a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterKey:
    """Which cluster a report speaks of.

    Attributes:
        name: the cluster's identifier, or the logical id when AWS chooses the identifier.
        stack: the stack that contains the cluster, or a stack that protects it.
        region: the cluster's Region, or ``unknown Region``.
        account: the cluster's account; None when only the deployment decides it.
        logical_id: the logical id; None for a cluster that no template contains.
        path: the construct path; None when the template does not have it.
        file: the path of the file of the template that contains the cluster or names it; None for a template without a
            file.
        named_by: the logical id of the resource that names a cluster that no template contains; else None.
        source: the lines of the app that make the cluster, or the resource that names it, the innermost first; empty
            when they are not known. Two keys that differ only in this and in ``named_by`` are equal.
    """

    name: str
    stack: str
    region: str
    account: str | None = None
    logical_id: str | None = None
    path: str | None = None
    file: str | None = None
    named_by: str | None = field(default=None, compare=False)
    source: tuple[SourceLine, ...] = field(default=(), compare=False)

    @property
    def in_words(self) -> str:
        """The cluster for a reader, such as ``sales (us-east-1, stack Warehouse)``."""
        return f"{self.name} ({self.region}, stack {self.stack})"


def key_of(cluster: ClusterPicture) -> ClusterKey:
    """Which cluster a picture shows."""
    resource = cluster.resource
    place = resource or cluster.named_by
    return ClusterKey(
        name=cluster.name,
        stack=cluster.stack,
        region=cluster.region or UNKNOWN_REGION,
        account=cluster.account,
        logical_id=resource.logical_id if resource else None,
        path=resource.path if resource else None,
        file=place.home.file if place else None,
        named_by=cluster.named_by.logical_id if cluster.named_by else None,
        source=place.created_at if place else (),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        rule: the rule that is broken.
        level: how much the finding weighs.
        message: what is wrong, in one sentence without the cluster's name.
        cluster: the cluster; None for a finding about the input or the policy.
        subject: what distinguishes this finding from others of the same rule and cluster, such as the part that was
            not read. It has no numbers that change from run to run. Default: there is one such finding at most.
        file: the file of a finding without a cluster; None when there is none.
        accepted: the reason of the exception that accepts the finding; None for a finding that nobody accepted.
        requirement: the requirement that is missed; None for a finding that is not about a failure.
        row: how the cluster was judged for that requirement; None for a finding that is not about a failure.
        new: whether a comparison found it in the head alone; False for a check without a base.
    """

    rule: CheckRule
    level: Level
    message: str
    cluster: ClusterKey | None = None
    subject: str = ""
    file: str | None = None
    accepted: str | None = None
    requirement: Requirement | None = None
    row: Protection | None = None
    new: bool = False

    @property
    def breaks(self) -> bool:
        """Whether the finding breaks the check."""
        return self.level is Level.ERROR and self.accepted is None

    @property
    def fingerprint(self) -> str:
        """What stays the same from run to run, while the same thing is wrong: 32 hexadecimal digits.

        It depends on the rule, the cluster's account, Region, stack and name, and the subject. It does not depend on
        the message, the construct path or the file.
        """
        cluster = self.cluster
        whose = () if cluster is None else (cluster.account, cluster.region, cluster.stack, cluster.name)
        parts = "\0".join(str(part) for part in (self.rule, *whose, self.subject))
        return hashlib.sha256(parts.encode(errors="replace")).hexdigest()[:_FINGERPRINT_LETTERS]


@dataclass(frozen=True, kw_only=True, slots=True)
class Requirement:
    """What a policy requires of one cluster in one failure.

    Attributes:
        failure: the failure.
        lose_at_most: the most that may be lost.
        noticed_within: how long after the failure the recovery point must still exist. Default: no longer than the
            failure itself.
    """

    failure: Failure
    lose_at_most: timedelta
    noticed_within: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterResult:
    """What a check says about one cluster.

    Attributes:
        cluster: the cluster.
        table: the protection table of the cluster.
        requirements: what the policy requires of it; a failure that the policy does not name is not here.
        findings: the findings about this cluster, those that somebody accepted too.
    """

    cluster: ClusterKey
    table: ProtectionTable
    requirements: tuple[Requirement, ...]
    findings: tuple[Finding, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing breaks the check here."""
        return not any(finding.breaks for finding in self.findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """The result of a check.

    Attributes:
        policy: where the policy comes from, such as ``resilience.toml`` or ``the default policy``.
        clusters: one result for each cluster.
        findings: the findings that belong to no cluster: parts that were not read, and idle exceptions.
        not_read: the parts of the input that were not read.
        not_judged: the warehouses that a check does not judge, one line each. Default: none.
    """

    policy: str
    clusters: tuple[ClusterResult, ...]
    findings: tuple[Finding, ...] = ()
    not_read: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Every finding, the clusters' first."""
        return (*(finding for cluster in self.clusters for finding in cluster.findings), *self.findings)

    @property
    def kept(self) -> bool:
        """Whether the policy is kept."""
        return not any(finding.breaks for finding in self.all_findings)
