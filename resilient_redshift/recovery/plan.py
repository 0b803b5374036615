"""How one cluster survives the loss of its Region: the copy, the scheduled snapshots, and the record for a restore."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs import Construct

from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.contract.drill_points import NEWEST
from resilient_redshift.contract.record import seconds
from resilient_redshift.copies.copy import SnapshotCopy, check_copy_retentions
from resilient_redshift.copies.manual_retention import manual_retention_of
from resilient_redshift.core.environment import remember_place, stack_of
from resilient_redshift.core.tree import after, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._drill_point import drill_input
from resilient_redshift.recovery._plan_checks import check_plan_arguments, default_plan_name
from resilient_redshift.recovery._plan_claims import claim_copies, claim_names
from resilient_redshift.recovery._plan_grants import PlanGrants
from resilient_redshift.recovery._plan_metrics import PlanMetrics
from resilient_redshift.recovery._plan_outputs import PlanOutputs
from resilient_redshift.recovery._plan_places import container, deploy_after, protected_by
from resilient_redshift.recovery._plan_record import UNMADE, PlanRecords, RecordContents
from resilient_redshift.recovery._plan_reverse import PlanReverse
from resilient_redshift.recovery._plan_watch import PlanWatch, repaired_copy
from resilient_redshift.recovery._planned_rules import PlannedRule, has_tiers, longest_tier, objective_findings
from resilient_redshift.recovery._recorded_facts import compare_at_synth, compare_rule_at_synth
from resilient_redshift.recovery._restored_parameters import restored_parameter_group
from resilient_redshift.recovery._restored_roles import restored_roles
from resilient_redshift.recovery._restored_schedules import restored_schedule
from resilient_redshift.recovery.drill import RecoveryDrill, checked_drill_schedule, longest_drill_gap
from resilient_redshift.recovery.sql_check import joined_checks
from resilient_redshift.rules.naming import name_of_id
from resilient_redshift.rules.node_types import family_of
from resilient_redshift.rules.retention import FOREVER, Keep, Span
from resilient_redshift.rules.tokens import literal
from resilient_redshift.snapshots.assigned_schedules import follow_schedule
from resilient_redshift.snapshots.manual import ManualSnapshotRule, check_rule
from resilient_redshift.snapshots.quota import check_quota
from resilient_redshift.stack.outputs import OUTPUTS_ID
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.synth_checks import SynthChecks
from resilient_redshift.watching.redshift_events import subscribe

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.sql_check import SqlCheck
    from resilient_redshift.schedules.eventbridge import Schedule


@typed
class RecoveryPlan(PlanGrants, PlanMetrics, PlanOutputs, PlanReverse, PlanWatch, Construct):
    """The plan of one cluster. ``RecoverySite.protect`` makes it, and documents the arguments."""

    def __init__(self, site: SiteBase, cluster: IClusterRef, arguments: PlanArguments) -> None:
        problems = Problems(f"{path_of(site)} (RecoverySite.protect)")
        facts = facts_of(cluster)
        check_plan_arguments(problems, site, cluster, facts, arguments)
        checks = joined_checks(problems, (), arguments.checks)
        name = arguments.plan_name or default_plan_name(facts)
        primary_stack, stack = stack_of(cluster), stack_of(site)
        claim_names(problems, site, cluster, facts, name)
        problems.raise_if_any()
        assert facts.identifier is not None  # noqa: S101 - without an identifier, the line above raises

        super().__init__(site, name)
        protected_by(site)[name] = path_of(cluster)
        remember_place(self, stack, site, name)
        #: The plan's name, the same in both Regions.
        self.plan_name = name
        #: What the plan promises.
        self.objectives = arguments.objectives
        self._site = site
        self._cluster = cluster
        self._facts = facts
        self._identifier: str = facts.identifier
        self._restore = arguments.restore
        self._notify = arguments.notify_primary
        self._quota = arguments.manual_snapshot_quota
        self._tiered = False
        self._reversed = None
        keep_automated_days, _ = check_copy_retentions(problems, arguments.keep_automated, FOREVER)
        self._primary = Construct(container(primary_stack), name)
        remember_place(self._primary, primary_stack, container(primary_stack), name)
        #: The copy, in the cluster's stack.
        self.copy = SnapshotCopy(
            self._primary,
            "Copy",
            cluster=cluster,
            destination_region=site.region,
            # a grant takes effect for encrypted clusters only
            snapshot_copy_grant_name=None if facts.encrypted is False else site.snapshot_copy_grant_name,
            keep_automated=arguments.keep_automated,
            cluster_encryption_key=arguments.cluster_encryption_key,
            accept_loss_of_copies=arguments.accept_loss_of_copies,
            replace_existing=arguments.replace_existing_copy,
        )
        #: The parameter group of the restored cluster; None where ``restore`` has a group that exists already. It
        #: equals the cluster's group unless ``restore`` differs. Plans with equal groups share one.
        self.parameter_group, self.parameter_group_name = restored_parameter_group(self, stack, self._restore, facts)
        self._roles = restored_roles(arguments.restore, cluster, facts, stack)
        self._warn_of_unknowns()
        restore_policy = self._allow_restore(site)
        self._records = PlanRecords(
            self,
            self._primary,
            arguments,
            name=name,
            site=site,
            cluster=cluster,
            facts=facts,
            roles=self._roles,
            keep_automated_days=keep_automated_days,
            snapshot_schedule=self._restored_schedule(),
            parameter_group=self.parameter_group_name,
            contents=RecordContents(checks=checks),
        )
        #: The plan records, one in each Region.
        self.primary_record, self.recovery_record = self._records.primary, self._records.recovery
        # once the record exists, the function may do everything that the record describes
        after(self.recovery_record, restore_policy)
        if arguments.notify_primary is not None:
            StackServices.of(self._primary).notify(arguments.notify_primary)
            subscribe(self._primary, arguments.notify_primary)
        if site.notify is not None:
            subscribe(site, site.notify)
        self._add_objective_check(stack)
        repaired = repaired_copy(arguments.repair, cluster, facts, arguments.cluster_encryption_key, site.region)
        self._watch(str(facts.region), repaired)
        compare_at_synth(self, facts, arguments.restore, self.parameter_group)
        deploy_after(self, primary_stack, stack)

    def keep_manual_snapshots(
        self,
        construct_id: str,
        *,
        schedule: events.Schedule,
        keep: Keep,
        keep_in_recovery: Keep | None = None,
        enabled: bool = True,
        run_on_deploy: bool = False,
    ) -> ManualSnapshotRule:
        """Take manual snapshots on a schedule, in the cluster's stack. They are copied like all other snapshots.

        As soon as two rules of the plan keep their copies for different times, the site's ``RecoveryTiers`` gives each
        copy the retention of its rule, within about an hour of its arrival. Until then a copy has the longest retention
        of all rules.

        Args:
            construct_id: the id, and in lower case the rule's name, which is a part of each snapshot's identifier.
            schedule: when snapshots are taken, in UTC; any ``events.Schedule``.
            keep: how long each snapshot is kept in the cluster's Region, 1 to 3653 whole days or FOREVER.
            keep_in_recovery: how long its copy is kept in the recovery Region, 1 to 3653 whole days or FOREVER. A lower
                value holds for copies that arrive from then on. Default: ``keep``.
            enabled: whether the rule takes snapshots. Default: it does.
            run_on_deploy: take one snapshot when the rule is deployed, after the copy is on, as ``ManualSnapshotRule``
                does. Default: the first snapshot is the first scheduled one.

        Returns:
            The rule.

        Raises:
            ResilientRedshiftError: for a retention out of range; for more snapshots than the quota of either Region
                allows; for a second rule of this name; for a schedule that EventBridge refuses; and for a plan record
                that grows too large.
        """
        problems = Problems(f"{path_of(self)} (RecoveryPlan.keep_manual_snapshots)")
        name = name_of_id(problems, construct_id, "each snapshot's identifier contains it")
        is_free = all(rule.name != name for rule in self._records.contents.rules)
        allowed = "an id that makes a name which no other rule of the plan has"
        problems.check(is_free, "construct_id", construct_id, allowed)
        parsed, keep_days, copied_days = check_rule(problems, schedule, keep, keep_in_recovery)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - without a schedule, the line above raises
        site = self._site
        quota_share = check_quota(
            problems,
            stack_of(site),
            name=f"copies of {self.plan_name}/{name}",
            schedule=parsed,
            keep_days=copied_days,
            quota=site.manual_snapshot_quota,
            on_deploy=run_on_deploy,
            keep_argument="keep" if keep_in_recovery is None else "keep_in_recovery",
        )
        claim_copies(problems, site, cluster=self._identifier, rule=name, owner=f"{path_of(self)}, rule {name}")
        problems.raise_if_any()
        planned = PlannedRule(
            name=name,
            schedule=parsed,
            keep_days=keep_days,
            keep_in_recovery_days=copied_days,
            enabled=enabled,
        )
        rules = (*self._records.contents.rules, planned)
        contents = replace(self._records.contents, rules=rules, snapshots=UNMADE)
        # a record that is too large is refused here, before the rule is made
        self._records.texts(contents)

        rule = ManualSnapshotRule(
            self._primary,
            construct_id,
            cluster=self._cluster,
            schedule=schedule,
            keep=keep,
            keep_in_recovery=keep_in_recovery,
            rule_name=name,
            plan=self.plan_name,
            notify=self._notify,
            enabled=enabled,
            run_on_deploy=run_on_deploy,
            manual_snapshot_quota=self._quota,
        )
        compare_rule_at_synth(
            self,
            rule.resource,
            schedule=parsed.expression,
            enabled=enabled,
            effect="the record and the objective would count snapshots that are not taken",
        )
        if enabled:
            quota_share.count(rule)
        manual_retention_of(self.copy).change(longest_tier(rules))
        if has_tiers(rules):
            self._apply_tiers()
        self._records.write(replace(contents, snapshots=rule.state_machine_arn))
        return rule

    def rehearse(
        self,
        construct_id: str,
        *,
        schedule: events.Schedule | None = None,
        checks: Sequence[SqlCheck] = (),
        node_type: str | None = None,
        number_of_nodes: int | None = None,
        enabled: bool = True,
        point: str | Span = NEWEST,
    ) -> RecoveryDrill:
        """Restore the cluster on a schedule, check it, measure it, and delete it again.

        A drill costs money: a whole cluster runs for about an hour or more. The report of the drill has its node hours.
        :class:`RecoveryDrill` documents the metrics, and the condition of each alarm.

        Args:
            construct_id: the id, and in lower case the rehearsal's name: 1 to 63 letters, digits and single hyphens, a
                letter first; once in the plan, and not ``Record`` or ``Outputs``.
            schedule: when drills start, in UTC; known at synth, without an end, at least one day apart. Default: once a
                month, at a day, hour and minute that depend on the plan's name.
            checks: queries that a restored cluster must answer, besides the plan's own checks. From then on they are
                checks of the plan, for failovers and for every other rehearsal too. Default: no more checks.
            node_type: such as ``ra3.large``. A smaller cluster is cheaper, and has another recovery time. Default: the
                node type of a failover.
            number_of_nodes: 1 to 128. Fewer nodes are cheaper, and have another recovery time. Default: the number of a
                failover.
            enabled: whether the schedule starts drills. You can start a drill by hand in any case. Default: it does.
            point: which recovery point drills restore: ``newest``, ``random``, or the least age of an older one, a
                Duration of up to 3653 days. Default: ``newest``, as a failover does.

        Returns:
            The drill.

        Raises:
            ResilientRedshiftError: for a name that is not allowed or that another rehearsal has; for a schedule that is
                no schedule, ends, comes too often or is a token; for a node type or number that AWS refuses; for a
                ``point`` that is none; for a check whose name another check has; and for a record that grows too large.
        """
        problems = Problems(f"{path_of(self)} (RecoveryPlan.rehearse)")
        name = construct_id.lower()
        parsed = checked_drill_schedule(
            problems,
            construct_id,
            plan_name=self.plan_name,
            schedule=schedule,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
        )
        drill_input(problems, point)
        contents = self._records.contents
        used_names = {"record", OUTPUTS_ID.lower(), *(str(rehearsal["name"]) for rehearsal in contents.rehearsals)}
        is_free = name not in used_names and self.node.try_find_child(construct_id) is None
        problems.check(is_free, "construct_id", construct_id, "a name that the plan does not have yet")
        all_checks = joined_checks(problems, contents.checks, checks)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - without a schedule, the line above raises
        gap = longest_drill_gap(self._site.restore, self.plan_name, [parsed] if enabled else [])
        rehearsal = {"name": name, "schedule": parsed.expression, "enabled": enabled}
        contents = replace(
            contents,
            checks=all_checks,
            rehearsals=(*contents.rehearsals, rehearsal),
            longest_drill_gap=None if gap is None else seconds(gap),
        )
        # a record that is too large is refused here, before the drill is made
        self._records.texts(contents)

        drill = RecoveryDrill(
            self,
            construct_id,
            restore=self._site.restore,
            plan_name=self.plan_name,
            objectives=self.objectives,
            schedule=schedule,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
            enabled=enabled,
            point=point,
        )
        compare_rule_at_synth(
            self,
            drill.rule,
            schedule=parsed.expression,
            enabled=enabled,
            effect="the record would name drills that do not run",
        )
        # a run without the record fails
        for rule in (drill.rule, drill.cleanup_rule):
            rule.node.add_dependency(self.recovery_record)
        self._records.write(contents)
        return drill

    def _apply_tiers(self) -> None:
        """Let the site's function apply this plan's tiers."""
        if self._tiered:
            return
        self._tiered = True
        rule = self._site.tiers.add_plan(self.plan_name, cluster_identifier=self._identifier)
        # a run without the record fails
        rule.node.add_dependency(self.recovery_record)

    def _allow_restore(self, site: SiteBase) -> iam.CfnPolicy:
        """Let the site's machine restore this plan's cluster; return the policy that allows it."""
        restore = self._restore
        return site.restore.add_plan(
            self.plan_name,
            cluster_identifier=self._identifier,
            encryption_key=site.encryption_key,
            iam_role_arns=self._roles.to_pass,
            dns_record=restore.dns_record if restore is not None else None,
        )

    def _warn_of_unknowns(self) -> None:
        """Warn of roles that are not carried over, and of hardware that this version cannot check."""
        roles = self._roles.warning(self._identifier)
        if roles is not None:
            warn(self, Warn.RECOVERY_PLAN_UNKNOWN_ROLES, roles)
        node_type = None if self._restore is None else literal(self._restore.node_type)
        if node_type is not None and family_of(node_type) is None:
            message = (
                f"this version does not know the family of '{node_type}': it does not check the restored cluster's "
                "port, number of nodes and Availability Zones, so that AWS may refuse the restore"
            )
            warn(self, Warn.RECOVERY_PLAN_UNKNOWN_NODE_TYPE, message)

    def _restored_schedule(self) -> str | None:
        """The identifier of the snapshot schedule that a restored cluster gets; None for Redshift's own times.

        The schedule is kept ready in the recovery Region.
        """
        chosen = self._restore.snapshot_schedule if self._restore is not None else None
        if chosen is not None:
            expressions = tuple(times.expression for times in chosen)
        else:
            schedules = follow_schedule(self._cluster, self._facts, self._change_schedule)
            expressions = tuple(schedule.expression for schedule in schedules)
        return restored_schedule(self._site, expressions) if expressions else None

    def _change_schedule(self, schedules: Sequence[Schedule]) -> None:
        """Give the restored cluster the schedule that its cluster gets after ``protect``."""
        expressions = tuple(schedule.expression for schedule in schedules)
        self._records.change_schedule(restored_schedule(self._site, expressions))

    def _add_objective_check(self, stack: cdk.Stack) -> None:
        """Let synth check the recovery point, in the recovery stack: later calls still change the plan's rules."""

        def findings() -> list[str]:
            rules = self._records.contents.rules
            return objective_findings(self.objectives, self._cluster, self._facts, rules)

        SynthChecks.of(stack).check_objective(findings, resource=self.recovery_record)
