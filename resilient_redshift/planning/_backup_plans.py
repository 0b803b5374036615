"""Reads AWS Backup plans: which clusters a plan certainly selects, and which snapshots it certainly takes and keeps.

AWS Backup takes manual snapshots of a Redshift cluster, and copies none of them to another Region, account or vault
(AWS Backup Developer Guide, "Feature availability by resource"). A selection by tag or by service depends on the
account's opt-in for Redshift; a selection that names the type ``cluster`` does not ("Assign resources with AWS CLI").
"""

from __future__ import annotations

import re
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.errors import Problems
from resilient_redshift.planning._conditions import exists_with, seen_with
from resilient_redshift.planning.quota import SnapshotRule
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.sources import gap_of
from resilient_redshift.rules.limits import MOST_MANUAL_DAYS
from resilient_redshift.rules.naming import stored_identifier
from resilient_redshift.rules.retention import FOREVER_DAYS
from resilient_redshift.schedules.eventbridge import UNBOUNDED, check_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource

BACKUP_PLAN: Final = "AWS::Backup::BackupPlan"
_SELECTION: Final = "AWS::Backup::BackupSelection"
#: The schedule of a rule without one (AWS Backup API, BackupRuleInput).
_DEFAULT_SCHEDULE: Final = "cron(0 5 ? * * *)"
#: A backup starts at any time within this window after its time (Developer Guide, "Backup plan options").
_DEFAULT_START_MINUTES: Final = 8 * 60
_LONGEST_START_MINUTES: Final = 100 * 24 * 60
_UTC: Final = frozenset({"UTC", "Etc/UTC"})
_ARN: Final = re.compile(r"arn:[^:]+:redshift:([^:]*):([^:]*):cluster:(.+)")
_OTHER_SERVICE: Final = re.compile(r"arn:[^:]+:(?!redshift:)[a-z0-9-]+:")
_PLACE: Final = re.compile(r"\$\{AWS::(?:Partition|Region|AccountId)\}")
#: The properties of a lifecycle; Redshift has no cold storage (Developer Guide, "Feature availability by resource").
_LIFECYCLE: Final = frozenset({"DeleteAfterDays", "MoveToColdStorageAfterDays", "OptInToArchiveForSupportedResources"})
_TAG: Final = "aws:ResourceTag/"
_SELECTED: Final = ""


def read_backup_plans(resources: Sequence[Resource], clusters: Iterable[ClusterPicture]) -> None:
    """Count the snapshots that AWS Backup plans certainly take of clusters; each other plan becomes a note.

    Args:
        resources: the resources of all templates.
        clusters: the clusters that these templates contain, and those that they protect.
    """
    selections = [resource for resource in resources if resource.kind == _SELECTION]
    plans = [resource for resource in resources if resource.kind == BACKUP_PLAN]
    if not plans:
        return
    for cluster in clusters:
        for plan in plans:
            chosen = [each for each in selections if _is_of(each, plan)]
            whys = [_why_not_selected(each, plan, cluster) for each in chosen]
            if _SELECTED in whys:
                _read_rules(plan, cluster)
            elif cluster.resource is not None and cluster.resource.template == plan.template:
                reasons = [why for why in whys if why]
                why = reasons[0] if reasons else "it has no selection that names the cluster in these templates"
                cluster.note(f"AWS Backup plan {plan.logical_id} is not counted: {why}")


def _is_of(selection: Resource, plan: Resource) -> bool:
    return selection.referred(selection.text("BackupPlanId")) == (plan.template, plan.logical_id)


def _why_not_selected(selection: Resource, plan: Resource, cluster: ClusterPicture) -> str:
    """Why a selection does not certainly select a cluster; empty when it does."""
    holder = cluster.resource
    here = holder is not None and holder.template == selection.template
    if not here and (None in selection.place or selection.place != (cluster.account, cluster.region)):
        return "it selects clusters of its own account and Region"
    for part in (selection, plan):
        if not exists_with(part, cluster):
            return f"{part.logical_id} exists only where condition {part.condition} holds"
    body = values.mapping(seen_with(selection, cluster).properties.get("BackupSelection"))
    arns = [values.text(arn, selection.pseudo) for arn in values.items(body.get("Resources"))]
    if any(_may_be(arn, selection, cluster) for arn in _texts(body.get("NotResources"), selection)):
        return "it may exclude the cluster"
    if any(arn is not None and _is_arn_of(arn, selection, cluster) for arn in arns):
        return _why_tags_differ(body.get("Conditions"), selection, cluster)
    if not arns:
        return "it selects by tag alone, and the account's opt-in for Redshift in AWS Backup decides"
    return "its selections do not certainly name the cluster"


def _texts(value: object, resource: Resource) -> list[str | None]:
    """The texts of a list; one unknown text for a value that is no list."""
    if values.absent(value):
        return []
    return [values.text(each, resource.pseudo) for each in value] if isinstance(value, list) else [None]


def _is_arn_of(arn: str, selection: Resource, cluster: ClusterPicture) -> bool:
    """Whether an ARN, or a pattern that names the type, certainly means the cluster."""
    # the selection and the cluster have one account and Region, whatever they are
    match = _ARN.fullmatch(_PLACE.sub("*", arn))
    if match is None or match[1] not in {"*", cluster.region} or match[2] not in {"*", cluster.account}:
        return False
    name = match[3]
    if name == "*":
        return True
    holder = cluster.resource
    referred = selection.referred(name)
    if referred is not None:
        return holder is not None and referred == (holder.template, holder.logical_id)
    literal = cluster.name if holder is None else holder.literal("ClusterIdentifier")
    return literal is not None and fnmatchcase(stored_identifier(literal), stored_identifier(name))


def _may_be(arn: str | None, selection: Resource, cluster: ClusterPicture) -> bool:
    """Whether an ARN of the excluded resources may mean the cluster."""
    if arn is None:
        return True
    match = _OTHER_SERVICE.match(_PLACE.sub("*", arn))
    return match is None and ("*" in arn or "$" in arn or _is_arn_of(arn, selection, cluster))


def _why_tags_differ(conditions: object, selection: Resource, cluster: ClusterPicture) -> str:
    """Why the cluster does not certainly fulfil the conditions of a selection; empty when it does."""
    wanted = {name: each for name, each in values.mapping(conditions).items() if values.items(each) or each}
    if values.absent(conditions) or (isinstance(conditions, dict) and not wanted):
        return _SELECTED
    tags = _tags(cluster)
    if not wanted or not wanted.keys() <= {"StringEquals", "StringLike"} or tags is None:
        return "whether the cluster's tags fulfil its conditions is not certain"
    for operator, each in wanted.items():
        for condition in values.items(each) or [each]:
            pair = values.mapping(condition)
            key = values.literal(pair.get("ConditionKey"), selection.pseudo) or ""
            value = values.literal(pair.get("ConditionValue"), selection.pseudo)
            tag = tags.get(key.removeprefix(_TAG)) if key.startswith(_TAG) else None
            equal = fnmatchcase(tag or "", value or "") if operator == "StringLike" else tag == value
            if tag is None or value is None or not equal:
                return "the cluster's tags in the template do not fulfil its conditions"
    return _SELECTED


def _tags(cluster: ClusterPicture) -> Mapping[str, str] | None:
    """The tags of a cluster that its template shows; None when they are not certain."""
    holder = cluster.resource
    # a cluster that is restored from a snapshot gets no tags (RestoreFromClusterSnapshot has none)
    if holder is None or not values.absent(holder.properties.get("SnapshotIdentifier")):
        return None
    pairs = [values.mapping(each) for each in values.items(holder.properties.get("Tags"))]
    known = {
        values.literal(each.get("Key"), holder.pseudo): values.literal(each.get("Value"), holder.pseudo)
        for each in pairs
    }
    return {key: value for key, value in known.items() if key is not None and value is not None}


def _read_rules(plan: Resource, cluster: ClusterPicture) -> None:
    body = values.mapping(plan.properties.get("BackupPlan"))
    for number, each in enumerate(values.items(body.get("BackupPlanRule")), 1):
        rule = values.mapping(each)
        name = values.literal(rule.get("RuleName"), plan.pseudo) or f"{plan.logical_id}-{number}"
        found = _rule(name, rule, plan.pseudo)
        if found is None:
            why = "its schedule, its window or its retention is decided at deployment, or is not in UTC"
        else:
            gap = gap_of(cluster.pauses, [found])
            if isinstance(gap, timedelta) and gap < UNBOUNDED:
                cluster.backups.append(found)
                continue
            why = gap if isinstance(gap, str) else "its schedule ends"
        cluster.note(f"rule {name} of AWS Backup plan {plan.logical_id} is not counted: {why}")
    if any(values.mapping(each).get("CopyActions") for each in values.items(body.get("BackupPlanRule"))):
        # source: AWS Backup Developer Guide, "Feature availability by resource"
        cluster.note(
            f"the copies of AWS Backup plan {plan.logical_id} are not counted: AWS Backup copies no Redshift backup to "
            "another Region, account or vault"
        )


def _rule(name: str, rule: Mapping[str, Any], pseudo: Mapping[str, str]) -> SnapshotRule | None:
    """A rule of a plan; None when something about it is not known."""

    def text(key: str, default: str) -> str | None:
        return default if values.absent(rule.get(key)) else values.literal(rule.get(key), pseudo)

    schedule = check_schedule(Problems("Rule"), "schedule", text("ScheduleExpression", _DEFAULT_SCHEDULE))
    window = values.integer(rule.get("StartWindowMinutes"), pseudo, _DEFAULT_START_MINUTES)
    lifecycle = rule.get("Lifecycle")
    readable = values.absent(lifecycle) or values.mapping(lifecycle).keys() <= _LIFECYCLE
    keep = values.integer(values.mapping(lifecycle).get("DeleteAfterDays"), pseudo, FOREVER_DAYS) if readable else None
    zone = text("ScheduleExpressionTimezone", "UTC")
    if schedule is None or zone not in _UTC or keep is None or keep == 0 or keep < FOREVER_DAYS:
        return None
    if window is None or not 0 <= window <= _LONGEST_START_MINUTES:
        return None
    kept = min(keep, MOST_MANUAL_DAYS)
    return SnapshotRule(name=name, schedule=schedule, keep=kept, late=timedelta(minutes=window))
