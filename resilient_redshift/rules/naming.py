"""The rules for names: clusters, snapshot copy grants, snapshot schedules, rules and plans."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from resilient_redshift.errors import Problems

#: The longest label. Source: Redshift API, CreateCluster: ClusterIdentifier.
LONGEST_LABEL: Final = 63
#: The form of the names of clusters, grants, schedules, rules and plans.
LABEL: Final = re.compile(rf"(?=.{{1,{LONGEST_LABEL}}}\Z)[a-z](?:-?[a-z0-9])*")
#: The same form in words, for error texts.
LABEL_ALLOWED: Final = (
    f"1 to {LONGEST_LABEL} lower-case letters, digits and single hyphens, a letter first and no hyphen last"
)

#: The form of the name of a subnet group or parameter group that exists. AWS stores the names in lower case; only names
#: that AWS itself gives, such as ``default.redshift-1.0``, have dots.
_GROUP: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,254}")

#: The form of a Region's name, wide enough for every Region of every partition, and for new ones.
REGION: Final = re.compile(r"[a-z]+(?:-[a-z0-9]+)+-[0-9]{1,2}")
#: The same form in words, for error texts.
REGION_ALLOWED: Final = "a Region's name such as us-west-2"


def short_hash(*parts: str, length: int = 8) -> str:
    """A short hash of some texts, the same in every release and on every machine.

    Args:
        parts: the texts. The border between two texts counts: "a", "bc" and "ab", "c" have different hashes.
        length: how many hexadecimal digits to return, 1 to 64. Default: 8.
    """
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:length]


def stored_identifier(identifier: str) -> str:
    """The identifier as AWS stores it, in lower case. Names in another case name the same cluster.

    Source: Redshift API, CreateCluster: ClusterIdentifier (letters are lower-case); docs/evidence.md.
    """
    return identifier.lower()


def check_region(problems: Problems, argument: str, value: str) -> bool:
    """Record a problem unless a value has the form of a Region's name. A Region that is new passes.

    Returns:
        Whether the value has that form.
    """
    ok = isinstance(value, str) and REGION.fullmatch(value) is not None
    return problems.check(ok, argument, value, REGION_ALLOWED, "the form of the names of all Regions")


def check_cluster_identifier(problems: Problems, argument: str, value: str) -> None:
    """Record a problem unless a value is a cluster identifier; a token passes (Redshift API, CreateCluster)."""
    _check_label(problems, argument, value, "Redshift API: ClusterIdentifier")


def check_grant_name(problems: Problems, argument: str, value: str) -> None:
    """Record a problem unless a value names a grant; a token passes (Redshift API, CreateSnapshotCopyGrant)."""
    _check_label(problems, argument, value, "Redshift API: SnapshotCopyGrantName")


def check_schedule_identifier(problems: Problems, argument: str, value: str) -> None:
    """Record a problem unless a value identifies a snapshot schedule.

    A token does not pass, because the policy of the provider names the schedule. Source: Redshift API,
    CreateSnapshotSchedule. That page allows only alphanumeric characters; hyphens are allowed here because the
    acceptance tests of Terraform use them.
    """
    problems.check(known(value), argument, "a token", "a literal", "the policy of the provider names the schedule")
    _check_label(problems, argument, value, "Redshift API: ScheduleIdentifier")


def name_of_id(problems: Problems, construct_id: str, why: str) -> str:
    """The name that a construct's id makes: the id in lower case. Record a problem unless it is a label.

    Args:
        problems: collects the problems of the call.
        construct_id: the id, as the user wrote it.
        why: why the name has that form.
    """
    name = construct_id.lower()
    allowed = f"1 to {LONGEST_LABEL} letters, digits and single hyphens, a letter first and no hyphen last"
    problems.check(LABEL.fullmatch(name) is not None, "construct_id", construct_id, allowed, why)
    return name


def check_plan_name(problems: Problems, value: str) -> None:
    """Record a problem unless a value is a plan's name; a token is a problem too.

    The plan's record is an SSM parameter of that name in both Regions (Systems Manager API, PutParameter: Name).
    """
    why = "it names an SSM parameter in both Regions"
    if problems.check(known(value), "plan_name", "a token", "a literal", why):
        _check_label(problems, "plan_name", value, why)


def check_plan_group(problems: Problems, value: str) -> None:
    """Record a problem unless a value is the name of a group of plans; a token is a problem too."""
    why = "a command selects the plans by it"
    if problems.check(known(value), "group", "a token", "a literal", why):
        _check_label(problems, "group", value, why)


def check_rule_name(problems: Problems, argument: str, value: str) -> None:
    """Record a problem unless a value is a rule's name; a token passes.

    Each snapshot identifier contains the name of its rule, so the name may hold only the characters that a snapshot
    identifier allows (Redshift API, CreateClusterSnapshot).
    """
    _check_label(problems, argument, value, "each snapshot's identifier contains it")


def check_group_name(problems: Problems, argument: str, value: str) -> None:
    """Record a problem unless a value names a subnet group or a parameter group that exists; a token passes.

    Sources: Redshift API, CreateClusterSubnetGroup and CreateClusterParameterGroup. The form here is wider than the
    form of a new group, because AWS's own groups have dots in their names.
    """
    if not known(value):
        return
    ok = isinstance(value, str) and _GROUP.fullmatch(value) is not None
    allowed = "a group's name as AWS lists it: 1 to 255 lower-case letters, digits, hyphens, dots and underscores"
    problems.check(ok, argument, value, allowed, "Redshift API: ClusterSubnetGroupName, ParameterGroupName")


def _check_label(problems: Problems, argument: str, value: str, why: str) -> None:
    if not known(value):
        return
    ok = isinstance(value, str) and LABEL.fullmatch(value) is not None
    problems.check(ok, argument, value, LABEL_ALLOWED, why)
