"""The records of one plan, one in each Region: what is written, and when it grows too large."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_ssm as ssm

from resilient_redshift.contract.names import drill_prefix, plan_record_name
from resilient_redshift.contract.record import PLAN_RECORD_LIMIT, plan_record, plan_record_size, seconds
from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import key_arn_of, path_of, ref_of
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._planned_rules import PlannedRule, longest_tier
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS
from resilient_redshift.rules.tokens import known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk import aws_redshift as redshift
    from constructs import Construct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.sql_check import SqlCheck

#: Stands for the ARN of a machine that is not made yet, and is as long when a record is measured.
UNMADE: Final = "${Token[Machine]}"
#: How CDK encodes the token of a list, and about what number it encodes that of a number.
_NO_STRING: Final = re.compile(r"#\{Token\[|e\+289")


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordContents:
    """What a plan tells that later calls still change.

    Attributes:
        rules: its scheduled snapshots.
        checks: what a restored cluster must answer.
        rehearsals: its drills, as the record has them.
        longest_drill_gap: seconds between two drills at most; None without a drill that is on.
        tiers: the ARN of the machine that applies tiers, if one does.
        snapshots: the ARN of the machine that takes snapshots, in the cluster's Region, once there is a rule.
    """

    rules: tuple[PlannedRule, ...] = ()
    checks: tuple[SqlCheck, ...] = ()
    rehearsals: tuple[Mapping[str, Any], ...] = ()
    longest_drill_gap: int | None = None
    tiers: str | None = None
    snapshots: str | None = None


class PlanRecords:
    """Writes the records of one plan.

    Args:
        plan: the plan's construct, in the recovery Region.
        primary: what the plan has in the cluster's Region.
        given: the arguments of ``protect``.
        name: the plan's name.
        site: where copies go.
        facts: what is known about the cluster.
        keep_automated_days: how long copies of automated snapshots live.
        snapshot_schedule: the restored cluster's, kept ready.
        parameter_group: the restored cluster's.
        contents: what the records say at first.
    """

    def __init__(
        self,
        plan: Construct,
        primary: Construct,
        given: PlanArguments,
        *,
        name: str,
        site: SiteBase,
        facts: ClusterFacts,
        keep_automated_days: int,
        snapshot_schedule: str | None,
        parameter_group: redshift.CfnClusterParameterGroup,
        contents: RecordContents,
    ) -> None:
        self._plan, self._primary = plan, primary
        self._name, self._site, self._facts, self._objectives = name, site, facts, given.objectives
        self._keep_automated_days = keep_automated_days
        self._restore = given.restore
        self._brought_back = {**brought_back(given.restore, facts), "snapshot_schedule": snapshot_schedule}
        self._parameter_group = parameter_group
        self._place = f"{path_of(plan)} (RecoveryPlan)"
        #: What the records tell now.
        self.contents = contents
        primary_text, recovery_text = self.texts(self.contents)
        #: The records, in the cluster's Region and in the recovery Region.
        self.primary = self._parameter(primary, primary_text)
        self.recovery = self._parameter(plan, recovery_text)

    def write(self, contents: RecordContents) -> None:
        """Tell something else."""
        self.primary.value, self.recovery.value = self.texts(contents)
        self.contents = contents

    def texts(self, contents: RecordContents) -> tuple[str, str]:
        """The records of both Regions as text.

        Names that CloudFormation gives in one Region are not known in the other.

        Raises:
            ResilientRedshiftError: a record that is too large for Parameter Store.
        """
        problems = Problems(self._place)
        texts = []
        for scope, here in ((self._primary, False), (self._plan, True)):
            record = self._record(contents, in_recovery=here)
            size = plan_record_size(record)
            limit = PLAN_RECORD_LIMIT
            if size > limit:
                problems.add("plan record", f"{size} bytes", f"{limit} bytes at most", _largest(record))
            texts.append(_as_json(scope, record))
        problems.raise_if_any()
        primary, recovery = texts
        return primary, recovery

    def _parameter(self, scope: Construct, record: str) -> ssm.CfnParameter:
        return ssm.CfnParameter(
            scope,
            "Record",
            name=plan_record_name(self._name),
            type="String",
            value=record,
            # standard while it fits into 4 KB; an advanced parameter cannot become standard again, so no fixed tier
            tier="Intelligent-Tiering",
            description=f"resilient_redshift: how {self._facts.identifier} of {self._facts.region} is restored",
        )

    def _record(self, contents: RecordContents, *, in_recovery: bool) -> dict[str, Any]:
        site, facts = self._site, self._facts
        account = facts.account or arn_parts_of(stack_of(self._plan if in_recovery else self._primary)).account
        return plan_record(
            plan=self._name,
            cluster={"identifier": facts.identifier, "region": facts.region, "account": account},
            recovery={
                "region": site.region,
                "site": path_of(site),
                "snapshot_copy_grant_name": site.snapshot_copy_grant.snapshot_copy_grant_name,
                **(_references(site) if in_recovery else {}),
                "parameter_group": ref_of(self._parameter_group) if in_recovery else None,
            },
            objectives={
                "recovery_point_seconds": seconds(self._objectives.recovery_point),
                "recovery_time_seconds": seconds(self._objectives.recovery_time),
                "expected_copy_time_seconds": seconds(self._objectives.expected_copy_time),
            },
            copy={
                "keep_automated_days": self._keep_automated_days,
                "keep_manual_days": longest_tier(contents.rules),
            },
            rules=[
                {
                    "rule": rule.name,
                    "schedule": rule.schedule.expression,
                    "keep_days": rule.keep_days,
                    "keep_in_recovery_days": rule.keep_in_recovery_days,
                    "enabled": rule.enabled,
                }
                for rule in contents.rules
            ],
            restore={
                **restore_record(self._restore, facts),
                **self._brought_back,
                # its zone may be a token of the recovery stack
                "dns": dns_record(self._restore) if in_recovery else None,
            },
            machines=self._machines(contents, in_recovery=in_recovery),
            checks=[{"name": one.name, "sql": one.sql, "expected": one.expected} for one in contents.checks],
            drill={
                "cluster_prefix": drill_prefix(self._name, site.region),
                "rehearsals": list(contents.rehearsals) or None,
                "longest_gap_seconds": contents.longest_drill_gap,
            },
        )

    def _machines(self, contents: RecordContents, *, in_recovery: bool) -> dict[str, str]:
        """Each Region's own: a tool starts a machine where it stands."""
        if not in_recovery:
            return {} if contents.snapshots is None else {"snapshot": contents.snapshots}
        tiers = {} if contents.tiers is None else {"tiers": contents.tiers}
        return {**tiers, "restore": self._site.restore.state_machine_arn}


@Remembered
def _references(site: SiteBase) -> dict[str, Any]:
    """What the records of all plans say about the site's resources."""
    topic, bucket = site.notify, site.report_bucket
    return {
        "encryption_key": key_arn_of(site.encryption_key),
        "subnet_group": site.subnet_group.ref,
        "security_groups": [group.security_group_id for group in site.security_groups],
        "notify_topic": None if topic is None else topic.topic_ref.topic_arn,
        "report_bucket": None if bucket is None else bucket.bucket_ref.bucket_name,
    }


def _largest(record: Mapping[str, Any]) -> str:
    """Where a record's bytes are, and the rule that it breaks."""
    sizes = {name: plan_record_size({name: part}) for name, part in record.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:2]
    largest_parts = ", ".join(f"'{name}' takes {sizes[name]}" for name in largest)
    return f"Systems Manager API: PutParameter; {largest_parts}"


def _as_json(scope: Construct, record: dict[str, Any]) -> str:
    """The record as text; CDK is asked only where a token is no string, which would not resolve inside a text."""
    text = json.dumps(record, separators=(",", ":"))
    return stack_of(scope).to_json_string(record) if _NO_STRING.search(text) else text


def restore_record(restore: RestoreOptions | None, facts: ClusterFacts) -> Mapping[str, object]:
    """What the plan record says about the restored cluster; None is left out and means: like the snapshot."""
    own = facts.port
    if restore is None:
        return {"port": own}
    return {
        "node_type": restore.node_type,
        "number_of_nodes": restore.number_of_nodes,
        "multi_az": restore.multi_az,
        "port": restore.port or own,
        "iam_role_arns": list(restore.iam_role_arns) or None,
    }


def dns_record(restore: RestoreOptions | None) -> Mapping[str, object] | None:
    """The name that a failover moves, as the plan record has it."""
    if restore is None or restore.dns_record is None:
        return None
    dns = restore.dns_record
    return {
        "hosted_zone_id": dns.hosted_zone_id,
        "record_name": dns.record_name,
        "ttl_seconds": seconds(dns.ttl),
    }


def brought_back(restore: RestoreOptions | None, facts: ClusterFacts) -> Mapping[str, object]:
    """What a snapshot does not carry: as the options say, else as the cluster has it in the app; None if unknown."""
    days = facts.l1.automated_snapshot_retention_period if facts.l1 is not None else None
    chosen = restore.log_exports if restore is not None else None
    exports = chosen if chosen is not None else _log_exports(facts)
    return {
        "automated_days": int(days) if days is not None and known(days) and 1 <= days <= MOST_AUTOMATED_DAYS else None,
        "log_exports": list(exports) or None,
    }


def _log_exports(facts: ClusterFacts) -> Sequence[str]:
    """The audit logs that the cluster sends to CloudWatch Logs; a bucket of its own lies in the Region that is lost."""
    if facts.log_exports is not None:
        return facts.log_exports
    logging: Any = facts.l1.logging_properties if facts.l1 is not None else None
    # a struct of jsii, or None; a token holds neither
    if getattr(logging, "log_destination_type", None) != "cloudwatch":
        return ()
    exports = getattr(logging, "log_exports", None) or ()
    return exports if all(map(known, exports)) else ()
