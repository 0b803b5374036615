"""Finds the clusters of templates, and for each one its copies, its rules and its plan.

A resource that may protect a cluster but cannot be judged from a template becomes a note.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.planning._backup_plans import read_backup_plans
from resilient_redshift.planning._conditions import exists_with
from resilient_redshift.planning._copies import add_copy, keep_one_copy
from resilient_redshift.planning._defaults import note_defaults
from resilient_redshift.planning._finder import Finder
from resilient_redshift.planning._foreign import (
    makes_copies,
    may_pause,
    may_schedule,
    note_about,
    permits_snapshots,
    second_writer,
    takes_snapshots,
)
from resilient_redshift.planning._keys import give_copy_risks
from resilient_redshift.planning._pauses import PAUSE, RESUME, SCHEDULED_ACTION
from resilient_redshift.planning._plans import give_plans
from resilient_redshift.planning._rules import named_in_rule, read_rule, snapshot_input
from resilient_redshift.planning._scheduler import (
    CREATE_SNAPSHOT,
    SCHEDULER_SCHEDULE,
    read_snapshots,
    redshift_call,
    times_of,
)
from resilient_redshift.planning._schedules import give_foreign_schedule, give_schedule
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.stacks import resources_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resilient_redshift.planning._finder import ReadIdentifier
    from resilient_redshift.planning._pauses import Pauses
    from resilient_redshift.planning._pictures import ClusterPicture
    from resilient_redshift.planning.reading.template import Resource, SynthesizedTemplate

_EVENTS_RULE: Final = "AWS::Events::Rule"
_SCHEDULER_ACTIONS: Final = {"pauseCluster": PAUSE, "resumeCluster": RESUME}


def take_inventory(templates: Sequence[SynthesizedTemplate]) -> list[ClusterPicture]:
    """Read everything that templates say about clusters.

    Args:
        templates: the templates of one cloud assembly.

    Returns:
        The clusters that the templates contain, then the other clusters that they protect; each in its order.
    """
    resolved = resources_of(templates)
    return inventory_of(resolved.present, resolved.gone)


def inventory_of(resources: Sequence[Resource], gone: Sequence[Resource] = ()) -> list[ClusterPicture]:
    """Read everything that resources say about clusters.

    Args:
        resources: the resources of all templates of one cloud assembly.
        gone: the resources whose condition certainly does not hold. Default: none.

    Returns:
        The clusters as :func:`take_inventory` returns them.
    """
    finder = Finder(resources)
    for resource in resources:
        _give_pauses(resource, finder)
    for resource in resources:
        _read(resource, resources, finder)
    _read_the_rest(resources, finder)
    clusters = [*finder.held, *finder.existing.values()]
    read_backup_plans(resources, clusters)
    give_plans(resources, clusters)
    for cluster in clusters:
        keep_one_copy(cluster)
    give_copy_risks(resources, clusters)
    note_defaults(clusters, finder, gone)
    return clusters


def _read(resource: Resource, resources: Sequence[Resource], finder: Finder) -> None:
    """Give what a resource says to the clusters that it names."""
    own = own_type(resource.kind, resource.properties)
    if own == COPY_TYPE:
        _read_copy(resource, finder)
    elif own == ASSOCIATION_TYPE:
        for cluster, seen in finder.protected(resource, _identifier):
            give_schedule(seen, cluster, resources)
    elif resource.kind == _EVENTS_RULE and snapshot_input(resource) is not None:
        _read_rule(resource, finder)
    elif resource.kind == SCHEDULER_SCHEDULE:
        _read_schedule(resource, finder)
    elif own is None and not may_schedule(resource):
        _note(note_about(resource), finder.clusters_in(resource.template))


def _read_the_rest(resources: Sequence[Resource], finder: Finder) -> None:
    """Give clusters what other tools may do to them, after everything of this library is known."""
    # a permission says nothing where the template shows who uses it
    explained = {each.template for each in resources if _is_ours(each) or takes_snapshots(each)}
    for resource in resources:
        clusters = finder.clusters_in(resource.template)
        if own_type(resource.kind, resource.properties) is None and may_schedule(resource):
            give_foreign_schedule(resource, finder.may_mean(resource))
        elif own_type(resource.kind, resource.properties) is None and makes_copies(resource):
            for cluster in clusters:
                warning = second_writer(resource, cluster)
                cluster.copies[:] = [replace(copy, risk=warning or copy.risk) for copy in cluster.copies]
        elif clusters and resource.template not in explained:
            _note(permits_snapshots(resource), clusters)


def _is_ours(resource: Resource) -> bool:
    own = own_type(resource.kind, resource.properties)
    return own is not None or (resource.kind == _EVENTS_RULE and snapshot_input(resource) is not None)


def _read_copy(resource: Resource, finder: Finder) -> None:
    for cluster, seen in finder.protected(resource, _identifier):
        if _is_certain(seen, cluster, "copy"):
            add_copy(seen, cluster)


def _read_rule(resource: Resource, finder: Finder) -> None:
    for cluster, seen in finder.protected(resource, named_in_rule):
        if _is_certain(seen, cluster, "rule"):
            read_rule(seen, cluster)


def _read_schedule(resource: Resource, finder: Finder) -> None:
    call = redshift_call(resource)
    if call is not None and call.changes_something_else:
        clusters = [cluster for cluster, _ in finder.named(resource, _called_cluster)] or finder.may_mean(resource)
        _note(f"what schedule {resource.logical_id} changes by {call.action} is not counted", clusters)
    if call is None or call.action != CREATE_SNAPSHOT:
        return
    if call.identifier is None:
        why = "the name of the cluster is decided at deployment"
        _note(f"schedule {resource.logical_id} is not counted: {why}", finder.clusters_in(resource.template))
        return
    for cluster, seen in finder.protected(resource, _called_cluster):
        seen_call = redshift_call(seen)
        if seen_call is not None and _is_certain(seen, cluster, "schedule"):
            read_snapshots(seen, seen_call, cluster)


def _give_pauses(resource: Resource, finder: Finder) -> None:
    """Give clusters what pauses and resumes them."""
    if resource.kind == SCHEDULED_ACTION:
        _give_scheduled_action(resource, finder)
    elif resource.kind == SCHEDULER_SCHEDULE:
        _give_scheduler_pause(resource, finder)
    elif may_pause(resource):
        for cluster in finder.may_mean(resource):
            cluster.pauses.unread.append(resource.logical_id)


def _give_scheduled_action(resource: Resource, finder: Finder) -> None:
    for action in (PAUSE, RESUME):
        if not values.mapping(values.mapping(resource.properties.get("TargetAction")).get(action)):
            continue

        def named(seen: Resource, action: str = action) -> str | None:
            target = values.mapping(values.mapping(seen.properties.get("TargetAction")).get(action))
            return values.text(target.get("ClusterIdentifier"), seen.pseudo)

        enabled = values.boolean(resource.properties.get("Enable"), default=True)
        # an action that starts later or ends pauses at some time, and resumes the cluster only for some time
        bounded = any(not values.absent(resource.properties.get(name)) for name in ("StartTime", "EndTime"))
        for pauses, certain in _paused(resource, named, finder):
            schedule = resource.literal("Schedule")
            pauses.add(resource.logical_id, action, schedule, enabled=enabled, certain=certain and not bounded)


def _give_scheduler_pause(resource: Resource, finder: Finder) -> None:
    call = redshift_call(resource)
    action = _SCHEDULER_ACTIONS.get(call.action) if call is not None else None
    if action is None or resource.literal("State") == "DISABLED":
        return
    times = times_of(resource)
    known = not times.why_not and not times.late
    for pauses, certain in _paused(resource, _called_cluster, finder):
        expression = resource.literal("ScheduleExpression") if known else None
        pauses.add(resource.logical_id, action, expression, enabled=True, certain=certain)


def _paused(resource: Resource, named: ReadIdentifier, finder: Finder) -> Iterable[tuple[Pauses, bool]]:
    """What pauses the clusters that a resource names, and whether the resource certainly exists with each of them.

    A resource without a readable name may mean each cluster of its template, or of its account and Region.
    """
    found = finder.named(resource, named)
    if found:
        return [(cluster.pauses, exists_with(seen, cluster)) for cluster, seen in found]
    identifier = named(resource)
    if identifier is not None and "${" not in identifier:
        return [(finder.pauses_of_existing(resource, identifier), not resource.conditions)]
    return [(cluster.pauses, False) for cluster in finder.may_mean(resource)]


def _identifier(resource: Resource) -> str | None:
    return resource.text("ClusterIdentifier")


def _called_cluster(resource: Resource) -> str | None:
    call = redshift_call(resource)
    return None if call is None else call.identifier


def _is_certain(resource: Resource, cluster: ClusterPicture, what: str) -> bool:
    """Whether a resource exists in every deployment in which its cluster exists; otherwise the cluster gets a note."""
    if exists_with(resource, cluster):
        return True
    where = f"it exists only where condition {resource.condition} holds"
    cluster.note(f"{what} {resource.logical_id} is not counted: {where}")
    return False


def _note(text: str | None, clusters: Iterable[ClusterPicture]) -> None:
    for cluster in clusters if text else ():
        cluster.note(str(text))
