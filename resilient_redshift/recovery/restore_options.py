"""The settings of a restored cluster that differ from its snapshot, or that only you know; checked when made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.recovery.dns_record import DnsRecord
from resilient_redshift.rules.cluster_settings import check_audit_logs
from resilient_redshift.rules.limits import MOST_CLUSTER_ROLES
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.node_types import check_node_type, check_nodes, check_port, check_zones
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.times import SnapshotTimes, check_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROLE_ARN: Final = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/.+")


@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """The settings of a restored cluster that differ from its snapshot, or that synth cannot find out.

    Args:
        node_type: such as ``ra3.large``. Default: the node type of the cluster.
        number_of_nodes: 1 to 128 compute nodes; a smaller cluster is cheaper and slower. Default: the number of the
            cluster.
        multi_az: whether the restored cluster runs in two Availability Zones. True needs subnets in three or more Zones
            and two or more nodes. With False the cluster runs in one Zone and starts sooner. Default: as AWS restores
            the snapshot.
        port: the port that the restored cluster listens on; RA3 and RG: 5431 to 5455 or 8191 to 8215 (Redshift API,
            Port). Default: the port of the cluster.
        parameters: the database parameters of the parameter group, by name; a snapshot holds none (management guide).
            An empty mapping means AWS's defaults. Default: the parameters of the cluster; required for a cluster whose
            parameters are not known at synth.
        parameter_group_family: such as ``redshift-1.0``. Default: the family of the cluster, or ``redshift-1.0``.
        iam_role_arns: the ARNs of the roles that the restored cluster gets, at most 50; a snapshot holds none. Default:
            no role.
        log_exports: the audit logs that a failover sends to CloudWatch Logs: some of ``connectionlog``, ``userlog`` and
            ``useractivitylog``; empty for none (Redshift API, EnableLogging). Default: the audit logs that the
            cluster's definition in the app sends there; otherwise none.
        dns_record: the DNS record that a failover points at the restored cluster. Default: a failover changes no
            record, and you give clients the new endpoint.
        snapshot_schedule: when automated snapshots of the restored cluster are taken; empty for Redshift's own times,
            about every 8 hours. The recovery stack keeps such a schedule ready, for which it gets another provider of
            custom resources (two more functions). Default: the cluster's own schedule, where the app gave it one before
            the plan; otherwise Redshift's own times.

    Raises:
        ResilientRedshiftError: for a value that AWS refuses.
    """

    node_type: str | None = None
    number_of_nodes: int | None = None
    multi_az: bool | None = None
    port: int | None = None
    parameters: Mapping[str, str] | None = None
    parameter_group_family: str | None = None
    iam_role_arns: Sequence[str] = ()
    log_exports: Sequence[str] | None = None
    dns_record: DnsRecord | None = None
    snapshot_schedule: Sequence[SnapshotTimes] | None = None

    def __post_init__(self) -> None:
        """Check the values, and store copies of them that cannot change."""
        problems = Problems("RestoreOptions")
        if self.node_type is not None:
            check_node_type(problems, "node_type", self.node_type)
        if self.number_of_nodes is not None:
            check_nodes(problems, "number_of_nodes", self.node_type or "", self.number_of_nodes)
        if self.port is not None:
            check_port(problems, "port", self.node_type or "", self.port)
        if self.multi_az and self.node_type and self.number_of_nodes:
            check_zones(problems, self.node_type, self.number_of_nodes, multi_az=True, relocation=None, zones=None)
        _check_roles(problems, self.iam_role_arns)
        for name, value in (self.parameters or {}).items():
            are_texts = isinstance(name, str) and isinstance(value, str)
            problems.check(are_texts, f"parameters[{name!r}]", value, "a string", "Redshift API: ParameterValue")
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
        settings = (self.node_type, self.number_of_nodes, self.multi_az, self.port, parameters, self.iam_role_arns)
        return hash((*settings, self.log_exports, self.dns_record, self.snapshot_schedule))


def _check_brought_back(problems: Problems, options: RestoreOptions) -> None:
    """Check the settings that a snapshot does not carry and a failover sets again."""
    if options.log_exports is not None:
        check_audit_logs(problems, options.log_exports, "log_exports")
    if options.dns_record is not None:
        is_record = isinstance(options.dns_record, DnsRecord)
        problems.check(is_record, "dns_record", options.dns_record, "a DnsRecord")
    times = options.snapshot_schedule
    if isinstance(times, SnapshotTimes | str):
        problems.add("snapshot_schedule", times, "a list of SnapshotTimes")
    elif times:
        check_times(problems, "snapshot_schedule", times)


def _check_roles(problems: Problems, arns: Sequence[str]) -> None:
    if isinstance(arns, str):
        problems.add("iam_role_arns", arns, "a list of ARNs", "Python reads one string as a list of its letters")
        return
    few_enough = len(arns) <= MOST_CLUSTER_ROLES
    allowed = f"{MOST_CLUSTER_ROLES} at most"
    why = "Amazon Redshift quotas: IAM roles for each cluster"
    problems.check(few_enough, "iam_role_arns", f"{len(arns)} roles", allowed, why)
    for arn in arns:
        ok = not known(arn) or (isinstance(arn, str) and _ROLE_ARN.fullmatch(arn) is not None)
        problems.check(ok, "iam_role_arns", arn, "the ARNs of IAM roles", "Redshift API: IamRoles")
