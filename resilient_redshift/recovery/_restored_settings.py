"""The settings of a restored cluster, as the plan records hold them.

``RestoreOptions`` goes before the definition of the cluster in the app.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.contract.record import seconds
from resilient_redshift.recovery.restore_options import RestoreOptions
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery._restored_roles import RestoredRoles


def restore_record(
    restore: RestoreOptions | None, facts: ClusterFacts, roles: RestoredRoles, *, in_recovery: bool
) -> Mapping[str, object]:
    """The settings that the restore call takes, for the record of one Region.

    Args:
        restore: the options; None for no options.
        facts: what synth knows about the cluster.
        roles: the IAM roles of the restored cluster.
        in_recovery: whether the record is that of the recovery Region. The other record leaves out every option that is
            a token, because a token of the recovery stack does not resolve there.

    Returns:
        The settings. A setting that is None is left out of the record, and the restored cluster is like the snapshot.
    """
    options = restore or RestoreOptions()
    settings = {
        "node_type": options.node_type,
        "number_of_nodes": options.number_of_nodes,
        "multi_az": options.multi_az,
        "port": facts.port if options.port is None else options.port,
        "iam_role_arns": list(roles.arns) or None,
        "default_iam_role_arn": roles.default,
        "maintenance_track_name": options.maintenance_track_name or facts.maintenance_track_name,
        "catalog_name": options.catalog_name,
        "redshift_idc_application_arn": options.redshift_idc_application_arn,
    }
    if in_recovery:
        return settings
    return {
        name: value
        for name, value in settings.items()
        if known(value) or (name == "iam_role_arns" and roles.of_the_cluster)
    }


def dns_record(restore: RestoreOptions | None) -> Mapping[str, object] | None:
    """The DNS record that a failover changes, in the form of the plan record; None without one."""
    if restore is None or restore.dns_record is None:
        return None
    dns = restore.dns_record
    return {
        "hosted_zone_id": dns.hosted_zone_id,
        "record_name": dns.record_name,
        "ttl_seconds": seconds(dns.ttl),
    }


def copy_to(region: str, grant: str | None, retentions: Mapping[str, object]) -> dict[str, object]:
    """Where the snapshots of a restored cluster are copied, in the form of the plan record.

    Args:
        region: the Region.
        grant: the snapshot copy grant of that Region; None for a cluster that is not encrypted.
        retentions: the retentions of the copies, in the form of the record.
    """
    return {
        "region": region,
        **({} if grant is None else {"snapshot_copy_grant_name": grant}),
        **retentions,
    }


def brought_back(restore: RestoreOptions | None, facts: ClusterFacts) -> Mapping[str, object]:
    """The settings that a snapshot does not carry: as the options say, otherwise as the app defines the cluster.

    A setting that neither says is None.
    """
    days = facts.l1.automated_snapshot_retention_period if facts.l1 is not None else None
    chosen = restore.log_exports if restore is not None else None
    exports = chosen if chosen is not None else log_exports_of(facts)
    return {
        "automated_days": int(days) if days is not None and known(days) and 1 <= days <= MOST_AUTOMATED_DAYS else None,
        "log_exports": list(exports) or None,
    }


def log_exports_of(facts: ClusterFacts) -> Sequence[str]:
    """The audit logs that the cluster sends to CloudWatch Logs.

    Audit logs in a bucket do not count, because the cluster's bucket is in the Region that is lost.
    """
    if facts.log_exports is not None:
        return facts.log_exports
    logging: Any = facts.l1.logging_properties if facts.l1 is not None else None
    # the value is a struct of jsii or None; a token has neither of these attributes
    if getattr(logging, "log_destination_type", None) != "cloudwatch":
        return ()
    exports = getattr(logging, "log_exports", None) or ()
    return exports if all(map(known, exports)) else ()
