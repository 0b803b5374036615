"""Reads the resource of a cluster: what its own properties say about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from resilient_redshift.planning._pauses import pauses_of
from resilient_redshift.planning._pictures import ClusterPicture
from resilient_redshift.planning.reading import values
from resilient_redshift.rules.limits import DEFAULT_AUTOMATED_DAYS, MOST_AUTOMATED_DAYS
from resilient_redshift.rules.node_types import family_of

if TYPE_CHECKING:
    from resilient_redshift.planning._keys import Keys
    from resilient_redshift.planning.reading.template import Resource

_SINGLE_NODE: Final = "single-node"
_NODES_FOR_MULTI_AZ: Final = 2


def read_cluster(resource: Resource, keys: Keys) -> ClusterPicture:
    """The picture of a cluster as its resource draws it.

    Args:
        resource: the cluster, as it is where it exists.
        keys: the KMS keys of all templates.
    """
    # the default is Delete; only some RDS types differ (CloudFormation User Guide, DeletionPolicy)
    policy = resource.attributes.get("DeletionPolicy", "Delete")
    picture = ClusterPicture(
        name=resource.literal("ClusterIdentifier") or resource.logical_id,
        stack=resource.home.name,
        region=resource.home.region,
        account=resource.home.account,
        resource=resource,
        node_type=resource.literal("NodeType"),
        nodes=_nodes(resource),
        multi_az=resource.boolean("MultiAZ"),
        relocation=resource.boolean("AvailabilityZoneRelocation"),
        keep_automated=resource.integer("AutomatedSnapshotRetentionPeriod", DEFAULT_AUTOMATED_DAYS),
        deletion_policy=policy if isinstance(policy, str) else None,
        native_copy=not values.absent(resource.properties.get("DestinationRegion")),
        deleted_key=keys.deleted_with(resource),
        pauses=pauses_of(resource),
        condition=resource.condition,
    )
    _drop_what_aws_refuses(picture)
    return picture


def _nodes(resource: Resource) -> int | None:
    """The number of nodes; the default is one (CloudFormation, AWS::Redshift::Cluster)."""
    given = resource.integer("NumberOfNodes", 1)
    if values.absent(resource.properties.get("ClusterType")):
        return given
    kind = resource.literal("ClusterType")
    if kind == _SINGLE_NODE:
        return 1
    # an unknown type may be single-node; several nodes are then not certain
    return None if kind is None and given != 1 else given


def _drop_what_aws_refuses(picture: ClusterPicture) -> None:
    """Count nothing that Redshift refuses or does not have, and say so."""
    family = family_of(picture.node_type)
    if picture.multi_az and family is not None and not family.multi_az:
        picture.multi_az = False
        picture.note(f"Multi-AZ is not counted: {picture.node_type} does not support it")
    elif picture.multi_az and picture.nodes is not None and picture.nodes < _NODES_FOR_MULTI_AZ:
        # source: Redshift Management Guide, "Configuring Multi-AZ deployment"
        picture.multi_az = False
        picture.note("Multi-AZ is not counted: it needs two nodes in each Zone")
    holder = picture.resource
    if picture.relocation and holder is not None and not values.absent(holder.properties.get("ElasticIp")):
        # source: Redshift Management Guide, "Managing cluster relocation"
        picture.relocation = False
        picture.note("relocation is not counted: a cluster with an Elastic IP address does not have it")
    keep = picture.keep_automated
    if keep is not None and not 0 <= keep <= MOST_AUTOMATED_DAYS:
        picture.keep_automated = 0
        picture.note(f"automated snapshots are not counted: Redshift has no retention of {keep} days for them")
