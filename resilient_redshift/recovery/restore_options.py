"""Where a restored cluster differs from the snapshot, or what nobody else knows: a value, checked when made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from resilient_redshift.errors import Problems
from resilient_redshift.recovery.dns_record import DnsRecord
from resilient_redshift.rules.cluster_settings import check_audit_logs
from resilient_redshift.rules.naming import short_hash
from resilient_redshift.rules.node_types import check_node_type, check_nodes, check_port, check_zones
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.times import SnapshotTimes, check_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ROLE_ARN: Final = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/.+")
_MOST_ROLES: Final = 50  # Amazon Redshift quotas: IAM roles for each cluster


@dataclass(frozen=True, kw_only=True)
class RestoreOptions:
    """What the restored cluster should be where it should differ from the snapshot, or where nobody could know.

    Args:
        node_type: such as ``ra3.large``. Default: the cluster's.
        number_of_nodes: 1 to 128 compute nodes; a smaller cluster is cheaper and slower. Default: the cluster's.
        multi_az: whether it runs in two Availability Zones (three or more Zones of subnets, two or more nodes).
            False: in one, which starts sooner. Default: as AWS restores the snapshot.
        port: where it listens; RA3 and RG: 5431 to 5455 or 8191 to 8215 (Redshift API, Port). Default: the cluster's.
        parameters: what its parameter group sets, by name; a snapshot holds none (management guide). Default: the
            cluster's own, where they are known; where they are not, this is required, and an empty mapping means AWS's
            defaults.
        parameter_group_family: such as ``redshift-1.0``. Default: the cluster's, or ``redshift-1.0``.
        iam_role_arns: ARNs of the roles it gets, at most 50; a snapshot holds none. Default: no role.
        log_exports: which audit logs a failover switches on, to CloudWatch Logs: some of ``connectionlog``, ``userlog``
            and ``useractivitylog``; empty for none (Redshift API, EnableLogging). Default: the cluster's, where its
            definition in the app sends them there; otherwise none.
        dns_record: the name that a failover points at the restored cluster. Default: none is changed; clients are
            told the new endpoint.
        snapshot_schedule: when automated snapshots of the restored cluster are taken; empty for Redshift's own times,
            about every 8 hours. A schedule is kept ready in the recovery stack, which takes another provider of custom
            resources there (two more functions). Default: the cluster's own schedule, where the app gave it one before
            the plan; otherwise Redshift's own times.

    Raises:
        ResilientRedshiftError: a value that AWS refuses.
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
        """Check the values, and store copies that nobody can change."""
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
            texts = isinstance(name, str) and isinstance(value, str)
            problems.check(texts, f"parameters[{name!r}]", value, "a string", "Redshift API: ParameterValue")
        _check_brought_back(problems, self)
        problems.raise_if_any()
        for name in ("iam_role_arns", "log_exports", "snapshot_schedule"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, tuple(getattr(self, name)))
        if self.parameters is not None:
            object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __hash__(self) -> int:
        """By what it says; a mapping has no hash of its own."""
        parameters = short_hash(*(part for pair in sorted((self.parameters or {}).items()) for part in pair))
        plain = (self.node_type, self.number_of_nodes, self.multi_az, self.port, parameters, self.iam_role_arns)
        return hash((*plain, self.log_exports, self.dns_record, self.snapshot_schedule))


def _check_brought_back(problems: Problems, options: RestoreOptions) -> None:
    """Check what a snapshot does not carry and a failover brings back."""
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
        problems.add("iam_role_arns", arns, "a list of ARNs", "one string would be read letter by letter")
        return
    most = "Amazon Redshift quotas: IAM roles for each cluster"
    problems.check(len(arns) <= _MOST_ROLES, "iam_role_arns", f"{len(arns)} roles", f"{_MOST_ROLES} at most", most)
    for arn in arns:
        ok = not known(arn) or (isinstance(arn, str) and _ROLE_ARN.fullmatch(arn) is not None)
        problems.check(ok, "iam_role_arns", arn, "the ARNs of IAM roles", "Redshift API: IamRoles")
