"""Registers the Redshift types with ministack's CloudFormation."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from ministack.services.cloudformation import provisioners

from emulator.aws.cloudformation.engine.settings import SETTINGS, is_custom
from emulator.aws.cloudformation.redshift import cluster, cluster_update, event_subscriptions, groups, imports
from emulator.aws.cloudformation.redshift.cluster_properties import CREATE_ONLY, TYPE

if TYPE_CHECKING:
    from emulator.aws.cloudformation.redshift.api import Redshift

_NAME_LENGTHS = {TYPE: 63, groups.SUBNET_GROUP: 255, groups.PARAMETER_GROUP: 255}


def _name(kind: str, stack_name: str, logical_id: str) -> str:
    name: str = provisioners._physical_name(stack_name, logical_id, lowercase=True, max_len=_NAME_LENGTHS[kind])
    return name


def register(redshift: Redshift) -> None:
    """Let templates hold clusters, subnet groups, parameter groups and event subscriptions."""
    handlers = {
        TYPE: {
            "create": lambda lid, props, stack: cluster.create(redshift, props, _name(TYPE, stack, lid)),
            "update": lambda pid, old, new, _stack: cluster_update.update(redshift, pid, old, new),
            "delete": lambda pid, _props: cluster.delete(redshift, pid, snapshot=False),
            "import": lambda given: (
                given["ClusterIdentifier"],
                cluster.attributes(redshift, given["ClusterIdentifier"]),
            ),
        },
        groups.SUBNET_GROUP: {
            "create": lambda lid, props, stack: groups.create_subnet_group(
                redshift, props, _name(groups.SUBNET_GROUP, stack, lid)
            ),
            "update": lambda pid, old, new, _stack: groups.update_subnet_group(redshift, pid, old, new),
            "delete": lambda pid, _props: groups.delete_group(
                redshift, "DeleteClusterSubnetGroup", "ClusterSubnetGroupName", pid
            ),
            "import": lambda given: (given["ClusterSubnetGroupName"], dict(given)),
        },
        groups.PARAMETER_GROUP: {
            "create": lambda lid, props, stack: groups.create_parameter_group(
                redshift, props, _name(groups.PARAMETER_GROUP, stack, lid)
            ),
            "update": lambda pid, old, new, _stack: groups.update_parameter_group(redshift, pid, old, new),
            "delete": lambda pid, _props: groups.delete_group(
                redshift, "DeleteClusterParameterGroup", "ParameterGroupName", pid
            ),
            "import": lambda given: (given["ParameterGroupName"], dict(given)),
        },
        event_subscriptions.EVENT_SUBSCRIPTION: {
            "create": lambda _lid, props, _stack: event_subscriptions.create(redshift, props),
            "update": lambda pid, old, new, _stack: event_subscriptions.update(redshift, pid, old, new),
            "delete": lambda pid, _props: groups.delete_group(
                redshift, "DeleteEventSubscription", "SubscriptionName", pid
            ),
        },
    }
    for kind, functions in handlers.items():
        provisioners._RESOURCE_HANDLERS[kind] = functions
        provisioners._STACK_TAG_PROPERTY[kind] = ("Tags", "list")
    provisioners._REPLACING_PROPERTIES.update(
        {
            TYPE: CREATE_ONLY,
            groups.SUBNET_GROUP: (),
            groups.PARAMETER_GROUP: groups.PARAMETER_GROUP_CREATE_ONLY,
            event_subscriptions.EVENT_SUBSCRIPTION: event_subscriptions.CREATE_ONLY,
        }
    )
    # an explicit name that stays while another create-only property changes: refused before anything is called [D]
    provisioners._CUSTOM_NAME_REPLACEMENT[TYPE] = {"name": "ClusterIdentifier"}
    provisioners._CUSTOM_NAME_REPLACEMENT[event_subscriptions.EVENT_SUBSCRIPTION] = {"name": "SubscriptionName"}
    provisioners._CUSTOM_NAME_REPLACEMENT[groups.PARAMETER_GROUP] = {"name": "ParameterGroupName"}
    SETTINGS.snapshot_deletes[TYPE] = lambda pid, _props: cluster.delete(redshift, pid, snapshot=True)
    SETTINGS.sent_back = _sent_back
    imports.install(TYPE, ("ClusterIdentifier",), lambda name: redshift.cluster(name) is not None)
    for kind, operation, key in (
        (groups.SUBNET_GROUP, "DescribeClusterSubnetGroups", "ClusterSubnetGroupName"),
        (groups.PARAMETER_GROUP, "DescribeClusterParameterGroups", "ParameterGroupName"),
    ):
        imports.install(kind, (key,), functools.partial(groups.group_exists, redshift, operation, key))


def _sent_back(kind: str) -> bool:
    """Redshift's types may have changed something before they failed, as custom resources may."""
    return is_custom(kind) or kind.startswith("AWS::Redshift::") or kind == "AWS::CloudFormation::Stack"
