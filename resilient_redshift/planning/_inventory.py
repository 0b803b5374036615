"""Finds the clusters of synthesized templates, and for each one its copies, its rules and its plan.

A resource that may protect a cluster but cannot be judged from a template becomes a note.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, CLUSTER_TYPE, COPY_TYPE, SCHEDULE_TYPE
from resilient_redshift.contract.own_resources import own_type
from resilient_redshift.planning._keys import key_deleted_with_stack
from resilient_redshift.planning._pauses import PAUSE, RESUME, SCHEDULED_ACTION, Pauses
from resilient_redshift.planning._pictures import ClusterPicture, Copy
from resilient_redshift.planning._plans import give_plans
from resilient_redshift.planning._rules import read_rule, snapshot_input
from resilient_redshift.planning._schedules import give_schedule
from resilient_redshift.planning.quota import is_retention
from resilient_redshift.planning.reading import values
from resilient_redshift.planning.reading.stacks import resources_of
from resilient_redshift.rules.limits import DEFAULT_AUTOMATED_DAYS, DEFAULT_COPY_DAYS
from resilient_redshift.rules.naming import stored_identifier
from resilient_redshift.rules.retention import FOREVER_DAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from resilient_redshift.planning.reading.template import Resource, SynthesizedTemplate

_EVENTS_RULE: Final = "AWS::Events::Rule"
_PAUSE_AT_ONCE: Final = "pause-cluster"
_BACKUP_PLAN: Final = "AWS::Backup::BackupPlan"
_SCHEDULER_SCHEDULE: Final = "AWS::Scheduler::Schedule"
_NATIVE_SNAPSHOT_SCHEDULE: Final = "AWS::Redshift::SnapshotSchedule"
_FOREIGN_COPY: Final = re.compile(r"Custom::.*snapshot-?copy(?!-?grant)", re.IGNORECASE)


def take_inventory(templates: Sequence[SynthesizedTemplate]) -> list[ClusterPicture]:
    """Read everything that templates say about clusters.

    Args:
        templates: the templates of one cloud assembly.

    Returns:
        The clusters that the templates contain, then the other clusters that they protect; each in its order.
    """
    resources = resources_of(templates).present
    finder = _Finder(resources)
    _give_pauses(resources, finder)
    for resource in resources:
        own = own_type(resource.kind, resource.properties)
        if own == COPY_TYPE:
            _add_copy(resource, finder.cluster_of(resource, resource.text("ClusterIdentifier")))
        elif own == ASSOCIATION_TYPE:
            give_schedule(resource, finder.cluster_of(resource, resource.text("ClusterIdentifier")), resources)
        elif resource.kind == _EVENTS_RULE and (machine_input := snapshot_input(resource)) is not None:
            identifier = values.text(machine_input["cluster_identifier"], resource.pseudo)
            cluster = finder.cluster_of(resource, identifier)
            if _exists_with(resource, cluster, "rule"):
                read_rule(resource, machine_input, cluster)
        elif own is None:
            _note(resource, finder.clusters_in(resource.template))
    clusters = [*finder.held.values(), *finder.existing.values()]
    give_plans(resources, clusters)
    return clusters


def _deletion_policy(resource: Resource) -> object:
    """The DeletionPolicy. It is Delete by default; only some RDS types differ (CloudFormation User Guide)."""
    return resource.attributes.get("DeletionPolicy", "Delete")


def _cluster(resource: Resource, resources: Mapping[tuple[int, str], Resource]) -> ClusterPicture:
    policy = _deletion_policy(resource)
    single = resource.literal("ClusterType") == "single-node"
    return ClusterPicture(
        name=resource.literal("ClusterIdentifier") or resource.logical_id,
        stack=resource.home.name,
        region=resource.home.region,
        account=resource.home.account,
        resource=resource,
        node_type=resource.literal("NodeType"),
        # the default is one node (CloudFormation, AWS::Redshift::Cluster)
        nodes=1 if single else resource.integer("NumberOfNodes", 1),
        multi_az=resource.boolean("MultiAZ"),
        relocation=resource.boolean("AvailabilityZoneRelocation"),
        keep_automated=resource.integer("AutomatedSnapshotRetentionPeriod", DEFAULT_AUTOMATED_DAYS),
        deletion_policy=policy if isinstance(policy, str) else None,
        native_copy=not values.absent(resource.properties.get("DestinationRegion")),
        key_deleted_with_stack=key_deleted_with_stack(resource, resources),
        pauses=Pauses(at_once=resource.literal("ResourceAction") == _PAUSE_AT_ONCE),
        condition=resource.condition,
    )


def _give_pauses(resources: Iterable[Resource], finder: _Finder) -> None:
    """Give clusters the schedules that pause and resume them."""
    for resource in resources:
        if resource.kind == _SCHEDULER_SCHEDULE and resource.literal("State") != "DISABLED":
            for cluster in _paused_by_scheduler(resource, finder):
                cluster.pauses.unread.append(resource.logical_id)
        if resource.kind != SCHEDULED_ACTION:
            continue
        for action in (PAUSE, RESUME):
            target = values.mapping(values.mapping(resource.properties.get("TargetAction")).get(action))
            identifier = values.text(target.get("ClusterIdentifier"), resource.pseudo)
            named = finder.known(resource, identifier) if target else None
            if named is not None:
                enabled = values.boolean(resource.properties.get("Enable"), default=True)
                certain = resource.condition in {None, named.condition}
                schedule = resource.literal("Schedule")
                named.pauses.add(resource.logical_id, action, schedule, enabled=enabled, certain=certain)


def _paused_by_scheduler(resource: Resource, finder: _Finder) -> list[ClusterPicture]:
    """The clusters that an EventBridge Scheduler schedule pauses. Without a readable name, all of the same template."""
    target = values.mapping(resource.properties.get("Target"))
    if not (values.text(target.get("Arn"), resource.pseudo) or "").endswith(":aws-sdk:redshift:pauseCluster"):
        return []
    identifier = values.decoded(values.text(target.get("Input"), resource.pseudo)).get("ClusterIdentifier")
    cluster = finder.known(resource, identifier) if isinstance(identifier, str) else None
    return [cluster] if cluster is not None else finder.clusters_in(resource.template)


class _Finder:
    """Finds the cluster that another resource names.

    Args:
        resources: the resources of all templates.

    Attributes:
        held: the clusters that the templates contain, by template number and logical id.
        existing: the other clusters that resources name, by account, Region and identifier.
    """

    def __init__(self, resources: Iterable[Resource]) -> None:
        by_id = {(resource.template, resource.logical_id): resource for resource in resources}
        self.held = {key: _cluster(each, by_id) for key, each in by_id.items() if each.kind == CLUSTER_TYPE}
        self.existing: dict[tuple[tuple[str | None, str | None], str], ClusterPicture] = {}
        self._named = [
            (template, by_id[template, logical_id].place, cluster)
            for (template, logical_id), cluster in self.held.items()
        ]

    def clusters_in(self, template: int) -> list[ClusterPicture]:
        """The clusters that one template contains."""
        return [cluster for (home, _), cluster in self.held.items() if home == template]

    def cluster_of(self, resource: Resource, identifier: str | None) -> ClusterPicture:
        """The cluster that a resource names.

        A reference means a cluster of the same template. A literal identifier means a cluster of the same account and
        Region, and the cluster of the same template comes first. Any other identifier means a cluster that exists
        already, and the finder adds it to ``existing``.

        Args:
            resource: the resource that names the cluster.
            identifier: the identifier as text that may hold references; None when it is unknown.
        """
        known = self.known(resource, identifier)
        if known is not None:
            return known
        name = identifier or f"unknown, of {resource.logical_id}"
        return self.existing.setdefault(
            (resource.place, stored_identifier(name)),
            ClusterPicture(
                name=name,
                stack=resource.home.name,
                region=resource.home.region,
                account=resource.home.account,
                named_by=resource,
            ),
        )

    def known(self, resource: Resource, identifier: str | None) -> ClusterPicture | None:
        """The cluster of these templates that a resource names; None when no template contains it.

        Args:
            resource: the resource that names the cluster.
            identifier: as for :meth:`cluster_of`.
        """
        place = resource.referred(identifier)
        referred = self.held.get(place) if place is not None else None
        if referred is not None:
            return referred
        stored = None if identifier is None else stored_identifier(identifier)
        namesakes = [
            (template != resource.template, cluster)
            for template, place, cluster in self._named
            if place == resource.place and stored_identifier(cluster.name) == stored
        ]
        return min(namesakes, key=lambda namesake: namesake[0], default=(False, None))[1]


def _exists_with(resource: Resource, cluster: ClusterPicture, what: str) -> bool:
    """Whether a resource exists in every deployment in which its cluster exists; otherwise the cluster gets a note."""
    if resource.condition in {None, cluster.condition}:
        return True
    where = f"it exists only where condition {resource.condition} holds"
    cluster.note(f"{what} {resource.logical_id} is not counted: {where}")
    return False


def _add_copy(resource: Resource, cluster: ClusterPicture) -> None:
    if not _exists_with(resource, cluster, "copy"):
        return
    region = resource.literal("DestinationRegion")
    if region is not None and region == cluster.region:
        cluster.note(f"copy {resource.logical_id} is not counted: it goes to the cluster's own Region")
        return
    automated = resource.integer("RetentionPeriod", DEFAULT_COPY_DAYS)
    # the default of copied manual snapshots is for ever (Redshift API, EnableSnapshotCopy)
    manual = resource.integer("ManualSnapshotRetentionPeriod", FOREVER_DAYS)
    for keep, kind in ((automated, "automated"), (manual, "manual")):
        if keep is None:
            cluster.note(f"copied {kind} snapshots are not counted: their retention is decided at deployment")
    if manual is not None and not is_retention(manual):
        cluster.note(f"copied manual snapshots are not counted: Redshift has no retention of {manual} days")
        manual = None
    cluster.copies.append(Copy(region=region, keep_automated=automated, keep_manual=manual, resource=resource))


def _note(resource: Resource, clusters: Iterable[ClusterPicture]) -> None:
    """Give clusters of the same template a note about a resource that may protect them but cannot be judged here."""
    name = resource.logical_id
    note = None
    if resource.kind == _BACKUP_PLAN:
        note = f"AWS Backup plan {name} is not counted: AWS Backup selects the clusters at run time"
    elif resource.kind == _SCHEDULER_SCHEDULE and "createClusterSnapshot" in str(resource.properties):
        note = f"schedule {name} is not counted: it calls CreateClusterSnapshot and does not see a snapshot fail later"
    elif resource.kind == _NATIVE_SNAPSHOT_SCHEDULE:
        why = "which clusters use it is unknown; for such a cluster its gap applies instead of about 8 h"
        note = f"snapshot schedule {name} is not counted: {why}"
    elif resource.kind in {SCHEDULE_TYPE, ASSOCIATION_TYPE}:
        note = f"{name} ({resource.kind}) is not counted: it is another tool's, and what it does is not known"
    elif _FOREIGN_COPY.match(resource.kind) or "enableSnapshotCopy" in str(resource.properties):
        note = f"{name} ({resource.kind}) is not counted: a template does not show whether its copy is on"
    for cluster in clusters if note else ():
        cluster.note(str(note))
