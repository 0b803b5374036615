"""Names and the rules AWS has for them."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems

#: The form of the names of clusters, grants, schedules, rules and plans.
LABEL: Final = re.compile(r"(?=.{1,63}\Z)[a-z](?:-?[a-z0-9])*")
LABEL_ALLOWED: Final = "1 to 63 lower-case letters, digits and single hyphens, a letter first and no hyphen last"
LONGEST_LABEL: Final = 63


def short_hash(*parts: str, length: int = 8) -> str:
    """A stable short hash of some parts; each part's borders count."""
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:length]


def check_cluster_identifier(problems: Problems, argument: str, value: str) -> None:
    """Check a cluster's identifier (Redshift API, CreateCluster)."""
    _check_label(problems, argument, value, "Redshift API: ClusterIdentifier")


def check_grant_name(problems: Problems, argument: str, value: str) -> None:
    """Check a snapshot copy grant's name (Redshift API, CreateSnapshotCopyGrant)."""
    _check_label(problems, argument, value, "Redshift API: SnapshotCopyGrantName")


def check_schedule_identifier(problems: Problems, argument: str, value: str) -> None:
    """Check a snapshot schedule's identifier (Redshift API, CreateSnapshotSchedule; hyphens as Terraform has them)."""
    problems.check(known(value), argument, "a token", "a literal", "the provider's rights name it")
    _check_label(problems, argument, value, "Redshift API: ScheduleIdentifier")


def check_rule_name(problems: Problems, argument: str, value: str) -> None:
    """Check a rule's name: it becomes a part of snapshot identifiers, which allow no more (CreateClusterSnapshot)."""
    _check_label(problems, argument, value, "it becomes a part of each snapshot's identifier")


def _check_label(problems: Problems, argument: str, value: str, why: str) -> None:
    if not known(value):
        return
    ok = isinstance(value, str) and LABEL.fullmatch(value) is not None
    problems.check(ok, argument, value, LABEL_ALLOWED, why)
