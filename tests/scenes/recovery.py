"""What the tests of copies, sites and plans share: two Regions, clusters of every kind, templates as dictionaries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import aws_cdk as cdk
from aws_cdk import assertions
from aws_cdk import aws_redshift as redshift

from resilient_redshift import ExistingCluster, Objectives, RecoverySite
from tests.scenes.clusters import new_app, vpc_of

if TYPE_CHECKING:
    from aws_cdk import aws_ec2 as ec2

ACCOUNT = "111111111111"
HOME = cdk.Environment(account=ACCOUNT, region="us-east-1")
AWAY = cdk.Environment(account=ACCOUNT, region="us-west-2")
WATCHER = "ResilientRedshiftWatcher"
OBJECTIVES = Objectives(recovery_point=cdk.Duration.hours(26), recovery_time=cdk.Duration.hours(4))


def two_stacks(app: cdk.App | None = None, *, home: Any = HOME, away: Any = AWAY) -> tuple[cdk.Stack, cdk.Stack]:
    app = app or new_app()
    return cdk.Stack(app, "Home", env=home), cdk.Stack(app, "Away", env=away)


def l1_cluster(stack: cdk.Stack, name: str = "Warehouse", **properties: Any) -> redshift.CfnCluster:
    given = {"cluster_identifier": name.lower(), "encrypted": True, **properties}
    return redshift.CfnCluster(
        stack,
        name,
        cluster_type="multi-node",
        number_of_nodes=2,
        db_name="dev",
        master_username="admin1",
        node_type="ra3.large",
        **given,
    )


def existing(stack: cdk.Stack, identifier: str = "legacy", **facts: Any) -> ExistingCluster:
    return ExistingCluster.from_identifier(stack, identifier.title(), identifier, **{"parameters": {}, **facts})


def site_of(stack: cdk.Stack, name: str = "Site", **arguments: Any) -> RecoverySite:
    vpc = cast("ec2.IVpc", stack.node.try_find_child("Vpc") or vpc_of(stack))
    return RecoverySite(stack, name, vpc=vpc, **arguments)


def template_of(stack: cdk.Stack) -> dict[str, Any]:
    return dict(assertions.Template.from_stack(stack).to_json())


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    """The resources of a type, without those of the stack's watcher, which every plan has besides."""
    return {name: found for name, found in of_type_with_watch(template, kind).items() if not name.startswith(WATCHER)}


def of_type_with_watch(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: found for name, found in template["Resources"].items() if found["Type"] == kind}


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    [found] = of_type(template, kind).values()
    return dict(found)
