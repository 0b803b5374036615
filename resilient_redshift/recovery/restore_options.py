"""The settings of a restored cluster that differ from its snapshot, or that only you know; checked when made."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.rules.arns import (
    check_default_role,
    check_identity_center_application,
    check_role_arn,
    check_role_arns,
)
from resilient_redshift.rules.cluster_settings import check_audit_logs, check_catalog_name, check_maintenance_track
from resilient_redshift.rules.naming import check_group_name, short_hash
from resilient_redshift.rules.node_types import check_node_type, check_nodes, check_port, check_zones
from resilient_redshift.snapshots.times import SnapshotTimes, check_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cluster_ref.groups import ParameterGroup
    from resilient_redshift.recovery.dns_record import DnsRecord


@typed
@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """The settings of a restored cluster that differ from its snapshot, or that synth cannot find out.

    The value itself checks what it can. ``RecoverySite.protect`` compares it with the cluster and with the site's
    subnets. A token passes unvalidated. A token, such as the ARN of a role that the recovery stack makes, is written
    into the record of the recovery Region only. A reference to a stack of another Region is an error of ``protect``.

    Each rule without another source is one of AWS's page on ``RestoreFromClusterSnapshot`` (Redshift API).

    Args:
        node_type: such as ``ra3.large``. A family that this version does not know passes with a warning. Default: the
            node type of the snapshot.
        number_of_nodes: 1 to 128 compute nodes; with Multi-AZ the number in each Zone, 2 or more. 1 makes a single-node
            cluster, which ra3.4xlarge, ra3.16xlarge, rg.xlarge, rg.4xlarge, rg.12xlarge and dc2.8xlarge do not allow
            (management guide, overview of clusters). A smaller cluster is cheaper and slower. Default: the number of
            the snapshot.
        multi_az: whether the restored cluster runs in two Availability Zones. True needs RA3 or RG nodes, two or more
            of them, and subnets of the site in three or more Zones (management guide, Multi-AZ). With False the cluster
            runs in one Zone and starts sooner. Default: as AWS restores the snapshot; the checks then assume what the
            cluster has.
        port: the port that the restored cluster listens on; RA3 and RG: 5431 to 5455 or 8191 to 8215; DC2: 1150 to
            65535. Default: the port of the cluster.
        parameters: the database parameters of the parameter group, by name; a snapshot holds none (management guide).
            An empty mapping means AWS's defaults. Default: the parameters of the cluster; required for a cluster whose
            parameters are not known at synth.
        parameter_group_family: such as ``redshift-1.0``. Default: the family of the cluster, or ``redshift-1.0``.
        parameter_group: a parameter group of the recovery Region that exists already, instead of ``parameters`` and
            ``parameter_group_family``: its name, a ``CfnClusterParameterGroup``, or the group of
            ``aws_redshift_alpha``. Default: a group of the plan with ``parameters``.
        iam_role_arns: the ARNs of the roles that the restored cluster gets, at most 50 (quotas of Redshift), of the
            site's account and partition; empty for no role. A snapshot holds none. Pass roles of the recovery stack as
            ``role.role_arn``. Default: the roles of the cluster, because IAM is the same in both Regions. A role of the
            cluster whose name only the deployment knows is not carried over, and the plan has a warning.
        default_iam_role_arn: the role that ``IAM_ROLE default`` in SQL means; one of the roles above. Default: no
            default role, because the cluster's definition in CloudFormation cannot name one.
        maintenance_track_name: such as ``current`` or ``trailing``, without blanks. An engine that is older than the
            snapshot's cannot restore it. Default: the track that the cluster's definition names; otherwise the track of
            the snapshot.
        catalog_name: the name of the Glue Data Catalog with which the restored cluster is registered (Redshift
            federated permissions), in the recovery Region: 1 to 64 lower-case letters, digits, ``_`` and ``-``, at
            least one letter. Default: the restored cluster is registered with no catalog.
        redshift_idc_application_arn: the ARN of the Redshift application of IAM Identity Center, of the recovery Region
            and the site's account. Default: the restored cluster has no application.
        log_exports: the audit logs that a failover sends to CloudWatch Logs: some of ``connectionlog``, ``userlog`` and
            ``useractivitylog``; empty for none (Redshift API, EnableLogging). Default: the audit logs that the
            cluster's definition in the app sends there; otherwise none.
        dns_record: the DNS record that a failover points at the restored cluster. Default: a failover changes no
            record, and you give clients the new endpoint.
        snapshot_schedule: when automated snapshots of the restored cluster are taken; empty for Redshift's own times,
            about every 8 hours. The recovery stack keeps such a schedule ready, for which it gets another provider of
            custom resources (two more functions). Default: the cluster's own schedule, where the app gives it one;
            otherwise Redshift's own times.

    Raises:
        ResilientRedshiftError: for a value that AWS refuses. The error names every such value.
    """

    node_type: str | None = None
    number_of_nodes: int | None = None
    multi_az: bool | None = None
    port: int | None = None
    parameters: Mapping[str, str] | None = None
    parameter_group_family: str | None = None
    parameter_group: ParameterGroup | None = None
    iam_role_arns: Sequence[str] | None = None
    default_iam_role_arn: str | None = None
    maintenance_track_name: str | None = None
    catalog_name: str | None = None
    redshift_idc_application_arn: str | None = None
    log_exports: Sequence[str] | None = None
    dns_record: DnsRecord | None = None
    snapshot_schedule: Sequence[SnapshotTimes] | None = None

    def __post_init__(self) -> None:
        """Check the values, and store copies of them that cannot change."""
        problems = Problems("RestoreOptions")
        _check_hardware(problems, self)
        _check_names(problems, self)
        _check_parameter_group(problems, self)
        _check_brought_back(problems, self)
        problems.raise_if_any()
        for name in ("iam_role_arns", "log_exports", "snapshot_schedule"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.parameters is not None:
            object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __hash__(self) -> int:
        """Hash the values; a mapping has no hash, so the parameters count by their text."""
        parameters = short_hash(*(part for pair in sorted((self.parameters or {}).items()) for part in pair))
        hardware = (self.node_type, self.number_of_nodes, self.multi_az, self.port, parameters)
        names = (
            self.parameter_group,
            self.iam_role_arns,
            self.default_iam_role_arn,
            self.maintenance_track_name,
            self.catalog_name,
            self.redshift_idc_application_arn,
        )
        return hash(
            (*hardware, self.parameter_group, *names, self.log_exports, self.dns_record, self.snapshot_schedule)
        )


def _check_hardware(problems: Problems, options: RestoreOptions) -> None:
    """Check what the options say about hardware; ``protect`` checks the rest against the cluster and the site."""
    if options.node_type is not None:
        check_node_type(problems, "node_type", options.node_type)
    if options.number_of_nodes is not None:
        check_nodes(problems, "number_of_nodes", options.node_type or "", options.number_of_nodes)
    if options.port is not None:
        check_port(problems, "port", options.node_type or "", options.port)
    nodes, multi_az = options.number_of_nodes, options.multi_az is True
    check_zones(problems, options.node_type, nodes, multi_az=multi_az, relocation=None, zones=None)


def _check_parameter_group(problems: Problems, options: RestoreOptions) -> None:
    """Check an existing parameter group; ``protect`` checks whether it is of the recovery Region."""
    if options.parameter_group is None:
        return
    if isinstance(options.parameter_group, str):
        check_group_name(problems, "parameter_group", options.parameter_group)
    for name in ("parameters", "parameter_group_family"):
        value = getattr(options, name)
        why = "the group sets the parameters"
        problems.check(value is None, name, value, "left out with parameter_group", why)


def _check_names(problems: Problems, options: RestoreOptions) -> None:
    """Check roles, maintenance track, catalog and application."""
    roles, default = options.iam_role_arns, options.default_iam_role_arn
    if roles is not None:
        check_role_arns(problems, "iam_role_arns", roles)
    if default is not None:
        check_role_arn(problems, "default_iam_role_arn", default)
        if roles is not None:
            check_default_role(problems, "default_iam_role_arn", default, roles)
    if options.maintenance_track_name is not None:
        check_maintenance_track(problems, options.maintenance_track_name)
    if options.catalog_name is not None:
        check_catalog_name(problems, "catalog_name", options.catalog_name)
    if options.redshift_idc_application_arn is not None:
        application = options.redshift_idc_application_arn
        check_identity_center_application(problems, "redshift_idc_application_arn", application)


def _check_brought_back(problems: Problems, options: RestoreOptions) -> None:
    """Check the settings that a snapshot does not carry and a failover sets again."""
    if options.log_exports is not None:
        check_audit_logs(problems, options.log_exports, "log_exports")
    if options.snapshot_schedule:
        check_times(problems, "snapshot_schedule", options.snapshot_schedule)
