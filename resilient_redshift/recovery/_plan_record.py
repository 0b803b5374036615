"""The records of one plan, one in each Region: what is written, and when it grows too large."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_ssm as ssm

from resilient_redshift.cluster_ref.source_key import certain_key_arn
from resilient_redshift.contract.names import drill_prefix, plan_record_name
from resilient_redshift.contract.record import PLAN_RECORD_LIMIT, plan_record, plan_record_size, seconds
from resilient_redshift.core.environment import arn_parts_of, stack_of
from resilient_redshift.core.memory import Remembered
from resilient_redshift.core.tree import key_arn_of, path_of
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._planned_rules import PlannedRule, longest_gap, longest_tier
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.recovery._restored_settings import brought_back, copy_to, dns_record, restore_record
from resilient_redshift.snapshots.assigned_schedules import automated_gap
from resilient_redshift.stack.naming_path import naming_path
from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_checks import SynthChecks
from resilient_redshift.watching.declared import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from constructs import Construct

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._restored_roles import RestoredRoles
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.sql_check import SqlCheck

#: A placeholder for the ARN of a machine or a function that is not made yet. It counts for as many bytes as an ARN when
#: a record is measured.
UNMADE: Final = "${Token[Machine]}"
_TO_REMOVE: Final = "remove the plan from the app, which deletes its records too"
#: How CDK encodes a token in a list (``#{Token[``) and a token that is a number (about -1.9e289).
_NON_TEXT_TOKEN: Final = re.compile(r"#\{Token\[|e\+289")


@dataclass(frozen=True, kw_only=True, slots=True)
class WayHome:
    """What a plan's records say of the plan that is its way home.

    Attributes:
        plan: the name of that plan.
        region: the Region that the snapshots of the cluster go back to after a failover.
        snapshot_copy_grant_name: the grant for these copies; None for a cluster that is not encrypted.
    """

    plan: str
    region: str
    snapshot_copy_grant_name: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordContents:
    """The parts of a plan's records that ``keep_manual_snapshots``, ``rehearse`` and ``reverse`` add to.

    Attributes:
        rules: the plan's scheduled snapshots.
        checks: the queries that a restored cluster must answer.
        rehearsals: the plan's drills, in the form of the record.
        longest_drill_gap: the longest time between two drills, in seconds; None without a drill that is on.
        snapshots: the ARN of the machine that takes snapshots, in the cluster's Region; None without a rule.
        way_home: the plan's way home; None where none is prepared.
    """

    rules: tuple[PlannedRule, ...] = ()
    checks: tuple[SqlCheck, ...] = ()
    rehearsals: tuple[Mapping[str, Any], ...] = ()
    longest_drill_gap: int | None = None
    snapshots: str | None = None
    way_home: WayHome | None = None


class PlanRecords:
    """Writes the records of one plan.

    Args:
        plan: the plan's construct, in the recovery Region.
        primary: the construct that holds the plan's parts in the cluster's Region.
        arguments: the arguments of ``protect``.
        name: the plan's name.
        site: the site that receives the copies.
        cluster: the cluster.
        facts: what synth knows about the cluster.
        roles: the IAM roles of the restored cluster.
        keep_automated_days: how long copies of automated snapshots are kept, in days.
        snapshot_schedule: the identifier of the restored cluster's snapshot schedule; None for Redshift's own times.
        parameter_group: the name of the restored cluster's parameter group, in the recovery Region.
        contents: the first contents of the parts that later calls add to.
    """

    def __init__(
        self,
        plan: Construct,
        primary: Construct,
        arguments: PlanArguments,
        *,
        name: str,
        site: SiteBase,
        cluster: IClusterRef,
        facts: ClusterFacts,
        roles: RestoredRoles,
        keep_automated_days: int,
        snapshot_schedule: str | None,
        parameter_group: str,
        contents: RecordContents,
    ) -> None:
        self._plan, self._primary = plan, primary
        self._name, self._site, self._facts, self._objectives = name, site, facts, arguments.objectives
        self._cluster, self._arguments = cluster, arguments
        self._declared = self._declared_of_cluster()
        self._keep_automated_days = keep_automated_days
        self._restore, self._roles = arguments.restore, roles
        self._brought_back = {**brought_back(arguments.restore, facts), "snapshot_schedule": snapshot_schedule}
        self._parameter_group = parameter_group
        self._place = f"{path_of(plan)} (RecoveryPlan)"
        #: The present contents of the parts that later calls add to.
        self.contents = contents
        self._followers: list[Callable[[], None]] = []
        primary_text, recovery_text = self.texts(self.contents)
        #: The records, in the cluster's Region and in the recovery Region.
        self.primary = self._parameter(primary, primary_text)
        self.recovery = self._parameter(plan, recovery_text)

    def write(self, contents: RecordContents) -> None:
        """Replace the contents of both records."""
        self.primary.value, self.recovery.value = self.texts(contents)
        self.contents = contents
        for follow in self._followers:
            follow()

    def follow(self, follow: Callable[[], None]) -> None:
        """Let a function be called after each later change of the records."""
        self._followers.append(follow)

    def copy_record(self, contents: RecordContents) -> dict[str, Any]:
        """The retentions of the copies, in days, in the form of the record."""
        return {
            "keep_automated_days": self._keep_automated_days,
            "keep_manual_days": longest_tier(contents.rules),
        }

    def change_schedule(self, snapshot_schedule: str) -> None:
        """Replace the snapshot schedule of the restored cluster in both records."""
        self._brought_back["snapshot_schedule"] = snapshot_schedule
        self._declared = self._declared_of_cluster()
        self.write(self.contents)

    def texts(self, contents: RecordContents) -> tuple[str, str]:
        """The records of both Regions as text, the cluster's Region first.

        They differ, because a name that CloudFormation gives in one Region is not known in the other.

        Args:
            contents: the contents of the parts that later calls add to.

        Raises:
            ResilientRedshiftError: for a record that is too large for Parameter Store.
        """
        problems = Problems(self._place)
        texts = []
        for scope, in_recovery in ((self._primary, False), (self._plan, True)):
            record = self._record(contents, in_recovery=in_recovery)
            size = plan_record_size(record)
            limit = PLAN_RECORD_LIMIT
            if size > limit:
                problems.add("plan record", f"{size} bytes", f"{limit} bytes at most", _largest_parts(record))
            texts.append(_as_json(scope, record))
        problems.raise_if_any()
        primary, recovery = texts
        return primary, recovery

    def _parameter(self, scope: Construct, record: str) -> ssm.CfnParameter:
        parameter = ssm.CfnParameter(
            scope,
            "Record",
            name=plan_record_name(self._name),
            type="String",
            value=record,
            # With this setting Parameter Store chooses the tier: standard while the value fits into 4 KB. The tier
            # "advanced" would be final, because an advanced parameter cannot become standard again.
            tier="Intelligent-Tiering",
            description=f"resilient_redshift: how {self._facts.identifier} of {self._facts.region} is restored",
        )
        SynthChecks.of(scope).keep(parameter, Declared.of(None, to_remove=_TO_REMOVE))
        return parameter

    def _record(self, contents: RecordContents, *, in_recovery: bool) -> dict[str, Any]:
        site, facts = self._site, self._facts
        automated = automated_gap(self._cluster, facts) if self._declared.get("automated_days") != 0 else None
        gap = longest_gap(self._objectives, automated, contents.rules)
        account = facts.account or arn_parts_of(stack_of(self._plan if in_recovery else self._primary)).account
        return plan_record(
            plan=self._name,
            cluster={"identifier": facts.identifier, "region": facts.region, "account": account},
            recovery=recovery_record(site, self._parameter_group, here=in_recovery),
            objectives=objectives_record(self._objectives),
            copy=self.copy_record(contents),
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
                **restore_record(self._restore, facts, self._roles, in_recovery=in_recovery),
                **self._brought_back,
                # the hosted zone may be a token of the recovery stack, which the other Region cannot resolve
                "dns": dns_record(self._restore) if in_recovery else None,
                "copy_to": self._copy_home(contents) if in_recovery else None,
            },
            machines=self._machines(contents, in_recovery=in_recovery),
            functions=self._functions(contents) if in_recovery else None,
            checks=[check.as_record() for check in contents.checks],
            drill={
                "cluster_prefix": drill_prefix(self._name, site.region),
                "rehearsals": list(contents.rehearsals) or None,
                "longest_gap_seconds": contents.longest_drill_gap,
            },
            watch_for={
                # the key may be a token of the cluster's stack, and only the watcher there looks at the cluster
                "declared": None if in_recovery else self._declared,
                "longest_gap_seconds": None if gap is None else seconds(gap),
                "size_drop_percent": self._arguments.size_drop_percent,
            },
            group=self._arguments.group,
            reversed_by=None if contents.way_home is None else contents.way_home.plan,
        )

    def _copy_home(self, contents: RecordContents) -> dict[str, Any] | None:
        """Where a failover lets the snapshots of its cluster go; None where no way home is prepared."""
        home = contents.way_home
        if home is None:
            return None
        return copy_to(home.region, home.snapshot_copy_grant_name, self.copy_record(contents))

    def _declared_of_cluster(self) -> dict[str, Any]:
        key = self._arguments.cluster_encryption_key
        stack = stack_of(self._cluster)
        arn = key_arn_of(key) if key is not None else certain_key_arn(self._facts, stack)
        return declared(self._cluster, self._facts, key_arn=arn)

    def _machines(self, contents: RecordContents, *, in_recovery: bool) -> dict[str, str]:
        """The ARNs of the machines of one Region: a tool starts a machine in the machine's own Region."""
        if not in_recovery:
            return {} if contents.snapshots is None else {"snapshot": contents.snapshots}
        return {"restore": self._site.restore.state_machine_arn}

    def _functions(self, contents: RecordContents) -> dict[str, str]:
        """The ARN of the function that cleans up after drills. A plan without a rehearsal does not need it."""
        if not contents.rehearsals:
            return {}
        clean_up = parts_of(self._site.restore).clean_up
        return {"clean_up": UNMADE if clean_up is None else clean_up.function_arn}


def recovery_record(site: SiteBase, parameter_group: str | None, *, here: bool) -> dict[str, Any]:
    """Where a plan's cluster comes back, as a record names it.

    Args:
        site: the plan's site.
        parameter_group: the parameter group of the restored cluster. None: the default one.
        here: whether the record lies in the site's Region. Another Region does not know the names of its resources.
    """
    return {
        "region": site.region,
        "site": naming_path(site),
        "snapshot_copy_grant_name": site.snapshot_copy_grant_name,
        **(site_references(site) if here else {}),
        "parameter_group": parameter_group if here else None,
    }


def objectives_record(objectives: Objectives) -> dict[str, Any]:
    """The objectives, as a record has them."""
    return {
        "recovery_point_seconds": seconds(objectives.recovery_point),
        "recovery_time_seconds": seconds(objectives.recovery_time),
        "expected_copy_time_seconds": seconds(objectives.expected_copy_time),
    }


@Remembered
def site_references(site: SiteBase) -> dict[str, Any]:
    """The site's resources, as the records of all its plans name them."""
    topic, bucket = site.notify, site.report_bucket
    return {
        "encryption_key": key_arn_of(site.encryption_key),
        "subnet_group": site.subnet_group_name,
        "security_groups": [group.security_group_id for group in site.security_groups],
        "notify_topic": None if topic is None else topic.topic_ref.topic_arn,
        "report_bucket": None if bucket is None else bucket.bucket_ref.bucket_name,
    }


def _largest_parts(record: Mapping[str, Any]) -> str:
    """The source of the limit, and the two largest parts of a record with their bytes."""
    sizes = {name: plan_record_size({name: part}) for name, part in record.items()}
    largest = sorted(sizes, key=lambda name: -sizes[name])[:2]
    parts = ", ".join(f"'{name}' takes {sizes[name]} bytes" for name in largest)
    return f"Systems Manager API: PutParameter; {parts}"


def _as_json(scope: Construct, record: dict[str, Any]) -> str:
    """The record as text.

    A token that is a list or a number does not resolve inside a text, so CDK converts a record that holds one. Python
    converts every other record, because a call to CDK costs time.
    """
    text = json.dumps(record, separators=(",", ":"))
    return stack_of(scope).to_json_string(record) if _NON_TEXT_TOKEN.search(text) else text
