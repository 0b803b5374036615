"""Would a failover of a plan start now? One judgement for the watcher and for ``resilient-redshift check``.

Each thing that a failover needs is a line: it is ok, it is not ok, or nobody can tell. This module is pure: it judges
what ``readiness_reading`` and others read in the recovery Region.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore import needs
from resilient_redshift.cloud.restore.needs import CANNOT_TELL, NOT_OK, OK, cannot_tell, not_ok, ok, unread
from resilient_redshift.cloud.restore.seen import failed_in_vain
from resilient_redshift.cloud.watch import readiness_machine
from resilient_redshift.cloud.watch.readiness_reading import NODES_QUOTA, NODES_QUOTA_NAME
from resilient_redshift.cloud.words import span
from resilient_redshift.contract.names import TAG_DRILL, plan_record_name
from resilient_redshift.contract.outcomes import AMBIGUOUS_LINEAGE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.redshift.snapshots import Choice
    from resilient_redshift.cloud.restore.needs import Line, Reply
    from resilient_redshift.cloud.restore.seen import Seen
    from resilient_redshift.cloud.restore.sight import Sight
    from resilient_redshift.cloud.watch.readiness_reading import Replies

_RECORD_PAGE: Final = "docs/recovery.md, 'When the record is gone or changed'"
_QUOTAS: Final = "ask AWS for more nodes: https://console.aws.amazon.com/servicequotas/home/services/redshift/quotas"


def judge(
    record: Mapping[str, Any],
    *,
    lacks: Sequence[str],
    replies: Replies,
    sight: Sight,
    choice: Choice | None,
    now: datetime,
) -> list[Line]:
    """Judge each thing that a failover of a plan needs.

    Args:
        record: what is understood of the plan's record in the recovery Region.
        lacks: what that record lacks so that a failover can be started (``contract.stored.unable_to_start``).
        replies: what was read of the machine, its function and all that a restore needs.
        sight: what was read of the plan. The primary is not looked at.
        choice: what a failover would take (``Standing.choice``). None: that is unknown.
        now: the time.
    """
    recovery = record.get("recovery", {})
    lines = [_record(record, lacks), readiness_machine.machine(replies.machine)]
    lines.append(readiness_machine.function(replies.function, replies.concurrency))
    lines += [
        readiness_machine.rights(f"{which}'s rights", replies.rights.get(which)) for which in ("machine", "function")
    ]
    lines += _cluster_roles(replies)
    if replies.key is not None:
        # each run of the watcher looks at the key
        key = needs.key(recovery["encryption_key"], replies.key, of_the_restore=False)
        lines.append(replace(key, has_finding=True))
    lines.append(_grant(str(recovery.get("snapshot_copy_grant_name", "")), replies.grant))
    if replies.subnet_group is not None:
        lines.append(needs.subnet_group(recovery["subnet_group"], replies.subnet_group))
    if replies.parameter_group is not None:
        lines.append(needs.parameter_group(recovery["parameter_group"], replies.parameter_group))
    if replies.security_groups is not None:
        lines.append(needs.security_groups(recovery["security_groups"], replies.security_groups))
    lines.append(_nodes(record, replies.quota, sight, choice))
    lines.append(_recovery_point(record, sight, choice, now))
    lines.append(_name(record, sight))
    return lines


def without_record(plan: str, problem: str = "") -> list[Line]:
    """The lines of a plan whose record is missing, or is of no use.

    Args:
        plan: the plan's name.
        problem: why the record is of no use. Default: there is none.
    """
    seen = problem or f"there is no record {plan_record_name(plan)}"
    return [not_ok("plan record", seen, _RECORD_PAGE)]


def state_of(lines: Sequence[Line]) -> str:
    """The state of all lines but the advice: not ok if one is, else whether all can be told."""
    states = {line.state for line in lines if not line.advice}
    return NOT_OK if NOT_OK in states else CANNOT_TELL if CANNOT_TELL in states else OK


def findings(lines: Sequence[Line]) -> dict[str, str]:
    """The findings of the watcher: the text of each, by its code.

    A thing for which the watcher has a finding of its own opens none here. So an app that has no copy yet on its first
    day is not reported as one that cannot fail over.
    """
    found = {}
    for code, state, what in (
        ("NotReady", NOT_OK, "a failover would not start now"),
        ("ReadinessUnknown", CANNOT_TELL, "it cannot be told whether a failover would start"),
    ):
        those = [
            f"{line.name}: {line.seen}"
            for line in lines
            if line.state == state and not (line.has_finding or line.advice)
        ]
        if those:
            found[code] = f"{what}: {'; '.join(those)}"
    return found


def _record(record: Mapping[str, Any], lacks: Sequence[str]) -> Line:
    if lacks:
        return not_ok("plan record", "; ".join(lacks), _RECORD_PAGE)
    return ok("plan record", plan_record_name(str(record.get("plan", ""))))


def _cluster_roles(replies: Replies) -> list[Line]:
    """One line for all roles of the cluster: the worst one."""
    lines = [needs.role(arn, reply) for arn, reply in replies.roles.items()]
    for state in (NOT_OK, CANNOT_TELL):
        bad = [line for line in lines if line.state == state]
        if bad:
            return bad[:1]
    names = ", ".join(arn.rpartition("/")[2] for arn in replies.roles)
    return [ok("cluster's roles", names)] if lines else []


def _grant(identifier: str, reply: Reply | None) -> Line:
    """Judge the grant. A restore goes without it, but no new copy arrives without it."""
    name = "copy grant"
    if reply is None:
        return cannot_tell(name, "the plan record does not say which", _RECORD_PAGE)
    if isinstance(reply, Unread) and reply.meaning is not Meaning.MISSING:
        return unread(name, reply)
    if isinstance(reply, Unread) or not reply["SnapshotCopyGrants"]:
        to_do = "make it again by hand under this name, with the key of the copies"
        return not_ok(name, f"not there: {identifier}; no new copy can arrive", to_do)
    return ok(name, identifier)


def _nodes(record: Mapping[str, Any], reply: Reply | None, sight: Sight, choice: Choice | None) -> Line:
    """Judge the quota of nodes against what the plan restores."""
    name, point = "node quota", choice.point if choice else None
    wanted = record.get("restore", {}).get("number_of_nodes") or (point.number_of_nodes if point else None)
    if reply is None or isinstance(reply, Unread):
        return cannot_tell(name, "it was not read") if reply is None else unread(name, reply)
    quota = reply.get("Quota", {})
    value = quota.get("Value")
    if value is None or quota.get("QuotaName") != NODES_QUOTA_NAME:
        seen = f"Service Quotas calls {NODES_QUOTA} {quota.get('QuotaName')!r}, not {NODES_QUOTA_NAME!r}"
        return cannot_tell(name, seen, _QUOTAS)
    if wanted is None:
        seen = f"{value:g} nodes; how many the restore takes is not known without a copy"
        return cannot_tell(name, seen, has_finding=point is None)
    if sight.clusters.problem:
        return cannot_tell(name, f"{value:g} nodes; how many are in use could not be read: {sight.clusters.problem}")
    return _room(name, wanted, value, sight, twice=bool(record.get("restore", {}).get("multi_az")))


def _room(name: str, wanted: int, quota: float, sight: Sight, *, twice: bool) -> Line:
    """Judge whether the nodes fit, without those of drills: a failover that meets the quota deletes their clusters."""
    others = [one.facts.number_of_nodes for one in sight.clusters.value or () if TAG_DRILL not in one.tags]
    used = sum(number or 0 for number in others)
    seen = f"{wanted} more than the {used} in use, of {quota:g}"
    if used + wanted > quota:
        return not_ok(name, seen, _QUOTAS)
    if None in others:
        return cannot_tell(name, f"{seen}; AWS does not say of each cluster how many it has")
    if twice and used + 2 * wanted > quota:
        return cannot_tell(name, f"{seen}; those of a Multi-AZ cluster may count twice", _QUOTAS)
    return ok(name, seen)


def _recovery_point(record: Mapping[str, Any], sight: Sight, choice: Choice | None, now: datetime) -> Line:
    """Judge the newest usable copy. Its age is the watcher's own finding."""
    name = "recovery point"
    if choice is None:
        looks = (sight.points, sight.lineage, sight.published, sight.clusters)
        problems = dict.fromkeys(look.problem for look in looks if look.problem)
        return cannot_tell(name, "; ".join(problems) or "it could not be read", has_finding=True)
    if choice.outcome == AMBIGUOUS_LINEAGE:
        to_do = "say which one with --lineage (resilient-redshift status shows them)"
        return not_ok(name, choice.ambiguous, to_do, has_finding=True)
    if choice.point is None:
        region = record.get("recovery", {}).get("region", "?")
        to_do = "wait for the first copy; resilient-redshift status says what is wrong if none arrives"
        return not_ok(name, f"no usable copy in {region}", to_do, has_finding=True)
    return ok(name, f"{choice.point.identifier}, {span(now - choice.point.created)} old")


def _name(record: Mapping[str, Any], sight: Sight) -> Line:
    """Judge whether the restored cluster's name is free."""
    name, target = "cluster name", record["cluster"]["identifier"]
    if sight.clusters.problem:
        return cannot_tell(name, sight.clusters.problem)
    holder = next((one for one in sight.clusters.value or () if one.identifier == target), None)
    if holder is None:
        return ok(name, f"{target} is free")
    if sight.published.value is not None and sight.published.value.is_of(holder):
        return ok(name, f"the plan has failed over: {target} is the published cluster")
    if sight.published.problem:
        seen = f"{target} is taken, and what is published could not be read: {sight.published.problem}"
        return cannot_tell(name, seen)
    if holder.made_by and holder.made_by in (sight.running.value or ()):
        return ok(name, f"{holder.made_by} restores {target} now")
    return _taken(name, str(record.get("plan", "")), holder)


def _taken(name: str, plan: str, holder: Seen) -> Line:
    """The line of a name that another cluster has. A failover would end TargetExists."""
    whose = f"made by {holder.made_by}" if holder.made_by else "not made by a run of this plan"
    if failed_in_vain(plan, holder):
        to_do = f"resilient-redshift failover {plan} --replace-failed deletes it and restores"
    elif holder.belongs_to(plan) and holder.state.passes:
        to_do = "wait until it is available; it is being restored"
    else:
        to_do = "take it away, or fail over into another name: --target restored-..."
    return not_ok(name, f"taken: {holder.identifier} is {holder.state.name!r}, {whose}", to_do)
