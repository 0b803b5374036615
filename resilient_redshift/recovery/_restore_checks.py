"""The checks of ``RestoreOptions`` in ``protect``, against the cluster's facts and the site.

AWS would refuse such a restore only when it is needed. A value that only the deployment knows is not checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cluster_ref.groups import check_group
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.references import foreign_stack
from resilient_redshift.core.regions import partition_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.recovery._restored_roles import restored_roles
from resilient_redshift.recovery.restore_options import RestoreOptions
from resilient_redshift.rules.arns import check_arn_place, check_default_role
from resilient_redshift.rules.node_types import ZoneArguments, check_nodes, check_port, check_zones
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.errors import Problems
    from resilient_redshift.recovery._restored_roles import RestoredRoles
    from resilient_redshift.recovery._site_base import SiteBase


def check_restore(
    problems: Problems, site: SiteBase, cluster: IClusterRef, facts: ClusterFacts, restore: RestoreOptions | None
) -> None:
    """Record every reason why a restore with these options could not work.

    Args:
        problems: where to record each problem.
        site: the site in which the cluster would be restored.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        restore: the options; None for no options.
    """
    _check_parameters(problems, site, facts, restore)
    options = restore or RestoreOptions()
    _check_hardware(problems, site, facts, options)
    roles = restored_roles(restore, cluster, facts, stack_of(site))
    _check_references(problems, site, options, roles)
    _check_arns(problems, site, options, roles)


def _check_parameters(problems: Problems, site: SiteBase, facts: ClusterFacts, restore: RestoreOptions | None) -> None:
    in_options = restore is not None and restore.parameters is not None
    existing = None if restore is None else restore.parameter_group
    if existing is not None:
        check_group(problems, "restore.parameter_group", existing, stack_of(site))
        return
    in_facts = facts.parameters is not None and all(map(known, facts.parameters.values()))
    why = "a snapshot holds no parameters, and those of this cluster are not known at synth"
    allowed = "RestoreOptions(parameters=...), where {} means AWS's defaults, or RestoreOptions(parameter_group=...)"
    problems.check(in_options or in_facts, "restore", restore, allowed, why)


def _check_hardware(problems: Problems, site: SiteBase, facts: ClusterFacts, options: RestoreOptions) -> None:
    _, node_type = _setting("node_type", options.node_type, facts.node_type)
    nodes_name, nodes = _setting("number_of_nodes", options.number_of_nodes, facts.number_of_nodes)
    port_name, port = _setting("port", options.port, facts.port)
    multi_az_name, multi_az = _setting("multi_az", options.multi_az, facts.multi_az)
    if nodes is not None:
        check_nodes(problems, nodes_name, node_type or "", nodes)
    if port is not None:
        check_port(problems, port_name, node_type or "", port)
    names = ZoneArguments(multi_az=multi_az_name, number_of_nodes=nodes_name, subnets="site.vpc_subnets")
    zones = site.subnet_zones
    check_zones(problems, node_type, nodes, multi_az=multi_az is True, relocation=None, zones=zones, names=names)


def _setting(name: str, option: Any, fact: Any) -> tuple[str, Any]:  # noqa: ANN401 - options of several types
    """The name of a setting in an error, and its value; None where synth does not know the cluster's value."""
    if option is None:
        return f"restore.{name} (default: that of the cluster)", fact
    return f"restore.{name}", option


def _check_references(problems: Problems, site: SiteBase, options: RestoreOptions, roles: RestoredRoles) -> None:
    """Refuse a reference to a stack of another Region, because CDK would carry it across with an export."""
    why = (
        "the recovery Region must not depend on another Region; IAM roles with a role_name of their own are no problem"
    )
    for name, value in _values(options, roles):
        there = foreign_stack(value, stack_of(site))
        if there is not None:
            got = f"a reference to the stack '{path_of(there)}'"
            problems.add(f"restore.{name}", got, f"a literal, or a value of a stack in {site.region}", why)


def _values(options: RestoreOptions, roles: RestoredRoles) -> Iterator[tuple[str, object]]:
    """Every option that may be a token, with its name."""
    for name in (
        "node_type",
        "number_of_nodes",
        "port",
        "parameter_group_family",
        "maintenance_track_name",
        "catalog_name",
        "redshift_idc_application_arn",
    ):
        yield name, getattr(options, name)
    yield "default_iam_role_arn", roles.default
    if options.dns_record is not None:
        yield "dns_record", options.dns_record.hosted_zone_id
    for arn in () if roles.of_the_cluster else roles.arns:
        yield "iam_role_arns", arn
    for name, value in (options.parameters or {}).items():
        yield f"parameters[{name!r}]", value


def _check_arns(problems: Problems, site: SiteBase, options: RestoreOptions, roles: RestoredRoles) -> None:
    partition, account = partition_of(site.region), site.account
    for arn in () if roles.of_the_cluster else roles.arns:
        check_arn_place(problems, "restore.iam_role_arns", arn, partition=partition, account=account)
    if roles.default is not None and roles.of_the_cluster:
        check_default_role(problems, "restore.default_iam_role_arn", roles.default, roles.arns)
    if roles.default is not None and roles.default not in roles.arns:
        check_arn_place(problems, "restore.default_iam_role_arn", roles.default, partition=partition, account=account)
    application = options.redshift_idc_application_arn
    if application is not None:
        argument = "restore.redshift_idc_application_arn"
        check_arn_place(problems, argument, application, partition=partition, account=account, region=site.region)
