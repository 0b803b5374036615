"""How one cluster survives the loss of its Region: copy, scheduled snapshots, and the record of the way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from constructs import Construct

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.cluster_ref.parameter_groups import FAMILY, parameter_group
from resilient_redshift.contract.record import seconds
from resilient_redshift.copies._claims import claim_copy
from resilient_redshift.copies._manual_retention import manual_retention_of
from resilient_redshift.copies.copy import SnapshotCopy, check_copy_retentions
from resilient_redshift.core.environment import remember_place, stack_of
from resilient_redshift.core.tree import after, path_of
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._plan_checks import check_plan, check_sql, default_plan_name
from resilient_redshift.recovery._plan_places import container, deploy_after, plan_names, primary_path
from resilient_redshift.recovery._plan_record import UNMADE, PlanRecords, RecordContents
from resilient_redshift.recovery._planned_rules import PlannedRule, has_tiers, longest_tier, objective_findings
from resilient_redshift.recovery._restored_schedules import restored_schedule
from resilient_redshift.recovery.drill import RecoveryDrill, check_drill, longest_drill_gap
from resilient_redshift.rules.naming import check_rule_name
from resilient_redshift.rules.retention import FOREVER, Keep
from resilient_redshift.snapshots._assigned_schedules import schedules_of
from resilient_redshift.snapshots._quota import check_quota
from resilient_redshift.snapshots.manual import ManualSnapshotRule, check_rule
from resilient_redshift.stack.services import StackServices
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from aws_cdk import aws_events as events
    from aws_cdk import aws_iam as iam
    from aws_cdk import aws_redshift as redshift
    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts
    from resilient_redshift.recovery._plan_arguments import PlanArguments
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.sql_check import SqlCheck


class RecoveryPlan(Construct):
    """One cluster's plan; made by ``RecoverySite.protect``, where the arguments are told."""

    def __init__(self, site: SiteBase, cluster: IClusterRef, given: PlanArguments) -> None:
        problems = Problems(f"{path_of(site)} (RecoverySite.protect)")
        facts = facts_of(cluster)
        sql_checks = check_plan(problems, site, cluster, facts, given)
        name = given.plan_name or default_plan_name(facts)
        primary_stack, stack = stack_of(cluster), stack_of(site)
        _claim_names(problems, site, cluster, facts, name)
        problems.raise_if_any()

        super().__init__(site, name)
        plan_names(site).add(name)
        remember_place(self, stack, site, name)
        #: The plan's name, the same in both Regions.
        self.plan_name = name
        #: What the plan promises.
        self.objectives = given.objectives
        self._site = site
        self._cluster = cluster
        self._facts = facts
        self._restore = given.restore
        self._notify = given.notify_primary
        self._quota = given.manual_snapshot_quota
        self._tiered = False
        keep_automated_days, _ = check_copy_retentions(problems, given.keep_automated, FOREVER)
        self._primary = Construct(container(primary_stack), name)
        remember_place(self._primary, primary_stack, container(primary_stack), name)
        #: The copy, in the cluster's stack.
        self.copy = SnapshotCopy(
            self._primary,
            "Copy",
            cluster=cluster,
            destination_region=site.region,
            # a grant takes effect for encrypted clusters only
            snapshot_copy_grant_name=None
            if facts.encrypted is False
            else site.snapshot_copy_grant.snapshot_copy_grant_name,
            keep_automated=given.keep_automated,
            cluster_encryption_key=given.cluster_encryption_key,
            accept_loss_of_copies=given.accept_loss_of_copies,
            replace_existing=given.replace_existing_copy,
        )
        #: The restored cluster's parameter group, equal to the primary's unless told otherwise; plans share equal ones.
        self.parameter_group = self._parameter_group(stack)
        ready = self._let_in(site)
        self._records = PlanRecords(
            self,
            self._primary,
            given,
            name=name,
            site=site,
            facts=facts,
            keep_automated_days=keep_automated_days,
            snapshot_schedule=self._schedule(),
            parameter_group=self.parameter_group,
            contents=RecordContents(checks=sql_checks),
        )
        #: The plan records, one in each Region.
        self.primary_record, self.recovery_record = self._records.primary, self._records.recovery
        # what the record says can be done when it stands
        after(self.recovery_record, ready)
        if given.notify_primary is not None:
            StackServices.of(self._primary).notify(given.notify_primary)
        self._add_checks(stack)
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
        """Take manual snapshots on a schedule, in the cluster's stack; they are copied like all others.

        As soon as two rules of the plan keep their copies for different times, the site's ``RecoveryTiers`` gives each
        copy its rule's, within about an hour of its arrival; until then it has the longest of them.

        Args:
            construct_id: names the rule, in lower case: a part of each snapshot's identifier.
            schedule: when, in UTC; any ``events.Schedule``.
            keep: how long each snapshot is kept in the cluster's Region, 1 to 3653 whole days or FOREVER.
            keep_in_recovery: how long its copy is kept in the recovery Region, likewise. A lower value holds for
                copies that arrive from then on. Default: ``keep``.
            enabled: whether the rule takes snapshots. Default: it does.
            run_on_deploy: take one snapshot when the rule is deployed, after the copy is on, as ``ManualSnapshotRule``
                says. Default: the first snapshot is the first scheduled one.

        Returns:
            The rule.

        Raises:
            ResilientRedshiftError: a retention out of range, more snapshots than the quota of either Region allows, a
                second rule of this name, a schedule that EventBridge refuses, or a plan record that grows too large.
        """
        problems = Problems(f"{path_of(self)} (RecoveryPlan.keep_manual_snapshots)")
        name = construct_id.lower()
        check_rule_name(problems, "construct_id", name)
        parsed, keep_days, copied_days = check_rule(problems, schedule, keep, keep_in_recovery)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - where there is none, a problem was raised
        site = self._site
        counted = check_quota(
            problems,
            stack_of(site),
            name=f"copies of {self.plan_name}/{name}",
            schedule=parsed,
            keep_days=copied_days,
            quota=site.manual_snapshot_quota,
            on_deploy=run_on_deploy,
        )
        self._claim_copies(problems, name)
        problems.raise_if_any()
        planned = PlannedRule(
            name=name,
            schedule=parsed,
            keep_days=keep_days,
            keep_in_recovery_days=copied_days,
            enabled=enabled,
        )
        rules = (*self._records.contents.rules, planned)
        tiered = has_tiers(rules)
        contents = replace(self._records.contents, rules=rules, snapshots=UNMADE, tiers=UNMADE if tiered else None)
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
        if enabled:
            counted.count()
        manual_retention_of(self.copy).change(longest_tier(rules))
        tiers = self._apply_tiers() if tiered else None
        self._records.write(replace(contents, snapshots=rule.state_machine_arn, tiers=tiers))
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
    ) -> RecoveryDrill:
        """Restore the cluster on a schedule, check it, measure it, and delete it again.

        A drill costs: a whole cluster runs for about an hour or more, and its node hours stand in its report. What it
        tells and when alarms ring: :class:`RecoveryDrill`.

        Args:
            construct_id: names the rehearsal, in lower case: 1 to 63 letters, digits and single hyphens, a letter
                first; once in the plan, and not ``Record``.
            schedule: when, in UTC; known at synth, without an end, at least one day apart. Default: once a month, at a
                day and minute of the plan's own.
            checks: what a restored cluster must answer, besides the plan's own; from then on these are the plan's too,
                for failovers and every other rehearsal. Default: no more.
            node_type: such as ``ra3.large``; a smaller cluster is cheaper, and its recovery time is another. Default:
                as a failover has it.
            number_of_nodes: 1 to 128, likewise. Default: as a failover has it.
            enabled: whether drills start by themselves; by hand they do either way. Default: they do.

        Returns:
            The drill.

        Raises:
            ResilientRedshiftError: another name or one that a rehearsal has, a schedule that is none, ends, comes too
                often or is a token, a node type or number that AWS refuses, a check whose name another one has, or a
                plan record that grows too large.
        """
        problems = Problems(f"{path_of(self)} (RecoveryPlan.rehearse)")
        name = construct_id.lower()
        parsed = check_drill(
            problems,
            construct_id,
            plan_name=self.plan_name,
            objectives=self.objectives,
            schedule=schedule,
            node_type=node_type,
            number_of_nodes=number_of_nodes,
        )
        contents = self._records.contents
        taken = {"record", *(str(rehearsal["name"]) for rehearsal in contents.rehearsals)}
        is_free = name not in taken and self.node.try_find_child(construct_id) is None
        problems.check(is_free, "construct_id", construct_id, "a name that the plan does not have yet")
        sql_checks = check_sql(problems, contents.checks, checks)
        problems.raise_if_any()
        assert parsed is not None  # noqa: S101 - where there is none, a problem was raised
        gap = longest_drill_gap(self._site.restore, self.plan_name, [parsed] if enabled else [])
        rehearsal = {"name": name, "schedule": parsed.expression, "enabled": enabled}
        contents = replace(
            contents,
            checks=sql_checks,
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
        )
        # a run without the record fails
        for rule in (drill.rule, drill.cleanup_rule):
            rule.node.add_dependency(self.recovery_record)
        self._records.write(contents)
        return drill

    def _claim_copies(self, problems: Problems, rule: str) -> None:
        """Copies keep their names as far as we know, and a name is one snapshot's in the recovery Region."""
        names = f"{self._facts.identifier}-{rule}"
        place = f"{path_of(self)}, rule {rule}"
        former = claim(problems, stack_of(self._site), "manual snapshots", names, place)
        why = f"snapshots of '{former}' are called {names}-... in {self._site.region} too, and copies keep their names"
        problems.check(not former, "construct_id", rule, "a name of its own", why)

    def _apply_tiers(self) -> str:
        """Let the site's machine apply this plan's tiers; return its ARN."""
        tiers = self._site.tiers
        if not self._tiered:
            self._tiered = True
            assert self._facts.identifier is not None  # noqa: S101 - checked by protect
            rule = tiers.add_plan(self.plan_name, cluster_identifier=self._facts.identifier)
            # a run without the record fails
            rule.node.add_dependency(self.recovery_record)
        return tiers.state_machine_arn

    def _parameter_group(self, stack: cdk.Stack) -> redshift.CfnClusterParameterGroup:
        told = self._restore.parameters if self._restore is not None else None
        family = self._restore.parameter_group_family if self._restore is not None else None
        parameters = told if told is not None else self._facts.parameters or {}
        return parameter_group(
            self, stack, family or self._facts.parameter_group_family or FAMILY, dict(sorted(parameters.items()))
        )

    def _let_in(self, site: SiteBase) -> iam.CfnPolicy:
        """Let the site's machine restore this plan's cluster."""
        assert self._facts.identifier is not None  # noqa: S101 - checked by protect
        restore = self._restore
        return site.restore.add_plan(
            self.plan_name,
            cluster_identifier=self._facts.identifier,
            encryption_key=site.encryption_key,
            iam_role_arns=restore.iam_role_arns if restore is not None else (),
            dns_record=restore.dns_record if restore is not None else None,
        )

    def _schedule(self) -> str | None:
        """The schedule of automated snapshots that a restored cluster gets, kept ready in the recovery Region."""
        told = self._restore.snapshot_schedule if self._restore is not None else None
        if told is not None:
            expressions = tuple(one.expression for one in told)
        else:
            expressions = tuple(one.expression for one in schedules_of(self._cluster, self._facts))
        return restored_schedule(self._site, expressions) if expressions else None

    def _add_checks(self, stack: cdk.Stack) -> None:
        """What later calls still change is judged at synth, in the recovery stack."""
        found = SynthChecks.of(stack)

        def objective() -> list[str]:
            rules = self._records.contents.rules
            return objective_findings(self.objectives, self._cluster, self._facts, rules)

        found.check_objective(objective, resource=self.recovery_record)


def _claim_names(problems: Problems, site: SiteBase, cluster: IClusterRef, facts: ClusterFacts, name: str) -> None:
    """Claim the plan's name in both Regions, and the cluster's copy, before anything is made."""
    owner = f"{path_of(site)}/{name} of {path_of(cluster)}"
    primary = stack_of(cluster)
    former = claim(problems, primary, "plan", name, owner)
    former = claim(problems, stack_of(site), "plan", name, owner) or former
    why = f"the plan '{former}' has it already, and the record's name is unique in account and Region"
    problems.check(not former, "plan_name", name, "a name that no other plan of this app has", why)
    again = name in plan_names(site)
    allowed = "a cluster that this site does not protect yet"
    problems.check(
        not again, "cluster", f"the one of the plan '{name}'", allowed, "go on with the plan that protect returned"
    )
    claim_copy(problems, cluster, facts, f"{primary_path(primary, name)}/Copy (SnapshotCopy)")
