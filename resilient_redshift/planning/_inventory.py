"""Finds what protects which cluster in synthesized templates: clusters, copies, rules, and what is not counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from resilient_redshift.contract.names import ASSOCIATION_TYPE, CLUSTER_TYPE, COPY_TYPE
from resilient_redshift.planning import _values as values
from resilient_redshift.planning._pictures import ClusterPicture, Copy, Resource, SynthesizedTemplate
from resilient_redshift.planning._plans import give_plans
from resilient_redshift.planning._rules import read_rule, snapshot_input
from resilient_redshift.planning._schedules import give_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_RULE: Final = "AWS::Events::Rule"
_KEY: Final = "AWS::KMS::Key"
_FOREIGN_COPY: Final = re.compile(r"Custom::.*snapshot-?copy(?!-?grant)", re.IGNORECASE)


def take_inventory(templates: Sequence[SynthesizedTemplate]) -> list[ClusterPicture]:
    """Find every cluster that the templates hold, then every other one that they protect, in their order."""
    resources = [resource for number, template in enumerate(templates) for resource in _resources(number, template)]
    finder = _Finder(resources)
    for resource in resources:
        if resource.kind == COPY_TYPE:
            _add_copy(resource, finder.cluster_of(resource, resource.text("ClusterIdentifier")))
        elif resource.kind == ASSOCIATION_TYPE:
            give_schedule(resource, finder.cluster_of(resource, resource.text("ClusterIdentifier")), resources)
        elif resource.kind == _RULE and (given := snapshot_input(resource)) is not None:
            identifier = values.text(given["cluster_identifier"], resource.pseudo)
            cluster = finder.cluster_of(resource, identifier)
            if _deployed(resource, cluster, "rule"):
                read_rule(resource, given, cluster)
        else:
            _note(resource, finder.clusters_in(resource.template))
    found = [*finder.held.values(), *finder.existing.values()]
    give_plans(resources, found)
    return found


def _resources(number: int, template: SynthesizedTemplate) -> list[Resource]:
    pseudo = {"AWS::Region": template.region, "AWS::AccountId": template.account, "AWS::StackName": template.name}
    known = {name: value for name, value in pseudo.items() if value is not None}
    return [
        Resource(number, template, logical_id, values.mapping(attributes), known)
        for logical_id, attributes in values.mapping(values.mapping(template.template).get("Resources")).items()
    ]


def _cluster(resource: Resource, neighbours: Mapping[tuple[int, str], Resource]) -> ClusterPicture:
    # DeletionPolicy is Delete unless given; only some RDS types differ (CloudFormation User Guide, DeletionPolicy)
    policy = resource.attributes.get("DeletionPolicy", "Delete")
    key = neighbours.get((resource.template, values.reference(resource.text("KmsKeyId")) or ""))
    single = resource.literal("ClusterType") == "single-node"
    return ClusterPicture(
        name=resource.literal("ClusterIdentifier") or resource.logical_id,
        stack=resource.home.name,
        region=resource.home.region,
        held=True,
        node_type=resource.literal("NodeType"),
        # 1 unless given (CloudFormation, AWS::Redshift::Cluster)
        nodes=1 if single else resource.integer("NumberOfNodes", 1),
        multi_az=resource.boolean("MultiAZ"),
        relocation=resource.boolean("AvailabilityZoneRelocation"),
        # one day unless given (Redshift API, CreateCluster)
        keep_automated=resource.integer("AutomatedSnapshotRetentionPeriod", 1),
        deletion_policy=policy if isinstance(policy, str) else None,
        native_copy=not values.absent(resource.properties.get("DestinationRegion")),
        key_dies_with_stack=(
            key is not None and key.kind == _KEY and key.attributes.get("DeletionPolicy", "Delete") == "Delete"
        ),
        condition=resource.condition,
    )


class _Finder:
    """Finds the cluster that an identifier means where it stands."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        by_id = {(resource.template, resource.logical_id): resource for resource in resources}
        self.held = {place: _cluster(found, by_id) for place, found in by_id.items() if found.kind == CLUSTER_TYPE}
        self.existing: dict[tuple[tuple[str | None, str | None], str], ClusterPicture] = {}
        self._named = [
            (template, by_id[template, logical_id].place, cluster)
            for (template, logical_id), cluster in self.held.items()
        ]

    def clusters_in(self, template: int) -> list[ClusterPicture]:
        """The clusters that one template holds."""
        return [cluster for (home, _), cluster in self.held.items() if home == template]

    def cluster_of(self, near: Resource, identifier: str | None) -> ClusterPicture:
        """The cluster that an identifier means: one of its template, one of the same place, or one that exists."""
        referred = self.held.get((near.template, values.reference(identifier) or ""))
        if referred is not None:
            return referred
        same = [
            (template != near.template, cluster)
            for template, place, cluster in self._named
            if identifier is not None and place == near.place and cluster.name.lower() == identifier.lower()
        ]
        if same:
            return min(same, key=lambda found: found[0])[1]
        name = identifier or f"unknown, of {near.logical_id}"
        return self.existing.setdefault(
            (near.place, name),
            ClusterPicture(name=name, stack=near.home.name, region=near.home.region, held=False),
        )


def _deployed(resource: Resource, cluster: ClusterPicture, what: str) -> bool:
    """Whether a resource is deployed wherever its cluster is."""
    if resource.condition in {None, cluster.condition}:
        return True
    where = f"it exists only where condition {resource.condition} holds"
    cluster.note(f"{what} {resource.logical_id} is not counted: {where}")
    return False


def _add_copy(resource: Resource, cluster: ClusterPicture) -> None:
    if not _deployed(resource, cluster, "copy"):
        return
    region = resource.literal("DestinationRegion")
    if region is not None and region == cluster.region:
        cluster.note(f"copy {resource.logical_id} is not counted: it goes to the cluster's own Region")
        return
    # seven days and for ever unless given (Redshift API, EnableSnapshotCopy)
    automated, manual = resource.integer("RetentionPeriod", 7), resource.integer("ManualSnapshotRetentionPeriod", -1)
    for keep, kind in ((automated, "automated"), (manual, "manual")):
        if keep is None:
            cluster.note(f"copied {kind} snapshots are not counted: how long they are kept is decided at deployment")
    cluster.copies.append(Copy(region=region, keep_automated=automated, keep_manual=manual))


def _note(resource: Resource, clusters: Iterable[ClusterPicture]) -> None:
    """Tell the clusters of the same stack about what may protect them but cannot be judged here."""
    name = resource.logical_id
    note = None
    if resource.kind == "AWS::Backup::BackupPlan":
        note = f"AWS Backup's plan {name} is not counted: what it selects is decided at run time"
    elif resource.kind == "AWS::Scheduler::Schedule" and "createClusterSnapshot" in str(resource.properties):
        note = f"schedule {name} is not counted: it calls CreateClusterSnapshot, whose later failure nobody sees"
    elif resource.kind == "AWS::Redshift::SnapshotSchedule":
        note = f"snapshot schedule {name} is not counted: where it is attached, its gap applies instead of about 8 h"
    elif _FOREIGN_COPY.match(resource.kind) or "enableSnapshotCopy" in str(resource.properties):
        note = f"{name} ({resource.kind}) is not counted: whether its copy is on cannot be seen here"
    for cluster in clusters if note else ():
        cluster.note(str(note))
