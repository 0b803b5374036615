"""How one cluster survives the loss of its Region: copy, scheduled snapshots, and the record of the way back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary, WeakSet

import aws_cdk as cdk
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from resilient_redshift import _plan_checks as checks
from resilient_redshift import _records as records
from resilient_redshift._cluster_facts import facts_of
from resilient_redshift._copy_owners import claim, claim_copy
from resilient_redshift._naming import check_rule_name
from resilient_redshift._network import names_of, remember_place, stack_of
from resilient_redshift._parameters import FAMILY, parameter_group
from resilient_redshift._snapshot_quota import check_quota
from resilient_redshift._stack_services import StackServices
from resilient_redshift._synth_checks import Rule, SynthChecks
from resilient_redshift._tree import path_of, ref_of
from resilient_redshift._validation import Problems
from resilient_redshift._warnings import Warn, warn
from resilient_redshift.manual_snapshots import ManualSnapshotRule, check_rule
from resilient_redshift.retention import FOREVER, Keep, Span
from resilient_redshift.snapshot_copy import SnapshotCopy, check_copy_retentions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk import aws_events as events
    from aws_cdk import aws_redshift as redshift
    from aws_cdk.interfaces.aws_kms import IKeyRef
    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef

    from resilient_redshift._cluster_facts import ClusterFacts
    from resilient_redshift.objectives import Objectives, RestoreOptions
    from resilient_redshift.recovery_site import RecoverySite

#: What a plan puts into the cluster's stack stands under this id, so that its logical ids depend on the plan's name
#: alone.
PRIMARY_ID: Final = "ResilientRedshiftPlans"
#: How CDK encodes the token of a list, and about what number it encodes that of a number.
_NO_STRING: Final = re.compile(r"#\{Token\[|e\+289")
#: Stands for the ARN of a machine that is not made yet, and is as long when a record is measured.
_UNMADE: Final = "${Token[Tiers]}"

# asking jsii each time costs more than the dictionary
_containers: Final[WeakKeyDictionary[cdk.Stack, Construct]] = WeakKeyDictionary()
_site_references: Final[WeakKeyDictionary[RecoverySite, dict[str, Any]]] = WeakKeyDictionary()
_ordered: Final[WeakKeyDictionary[cdk.Stack, WeakSet[cdk.Stack]]] = WeakKeyDictionary()


class RecoveryPlan(Construct):
    """One cluster's plan; made by ``RecoverySite.protect``, where the arguments are told."""

    def __init__(
        self,
        site: RecoverySite,
        cluster: IClusterRef,
        *,
        objectives: Objectives,
        restore: RestoreOptions | None = None,
        plan_name: str | None = None,
        keep_automated: Span | None = None,
        notify_primary: ITopicRef | None = None,
        cluster_encryption_key: IKeyRef | None = None,
        accept_loss_of_copies: bool = False,
        replace_existing_copy: bool = False,
        manual_snapshot_quota: int | None = None,
    ) -> None:
        problems = Problems(f"{path_of(site)} (RecoverySite.protect)")
        facts = facts_of(cluster)
        checks.check_plan(
            problems,
            site=site,
            cluster=cluster,
            facts=facts,
            objectives=objectives,
            restore=restore,
            plan_name=plan_name,
            keep_automated=keep_automated,
            notify_primary=notify_primary,
            quota=manual_snapshot_quota,
        )
        name = plan_name or checks.default_plan_name(facts)
        primary_stack, stack = stack_of(cluster), stack_of(site)
        _claim_names(problems, site, cluster, facts, name)
        problems.raise_if_any()

        super().__init__(site, name)
        remember_place(self, stack, site, name)
        #: The plan's name, the same in both Regions.
        self.plan_name = name
        #: What the plan promises.
        self.objectives = objectives
        self._site = site
        self._cluster = cluster
        self._facts = facts
        self._restore = restore
        self._notify = notify_primary
        self._quota = manual_snapshot_quota
        self._rules: list[checks.PlannedRule] = []
        self._tiered = False
        self._keep_automated_days, _ = check_copy_retentions(problems, keep_automated, FOREVER)
        self._primary = Construct(_container(primary_stack), name)
        remember_place(self._primary, primary_stack, _container(primary_stack), name)
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
            keep_automated=keep_automated,
            cluster_encryption_key=cluster_encryption_key,
            accept_loss_of_copies=accept_loss_of_copies,
            replace_existing=replace_existing_copy,
        )
        #: The restored cluster's parameter group, equal to the primary's unless told otherwise; plans share equal ones.
        self.parameter_group = self._parameter_group(stack)
        #: The plan records, one in each Region.
        primary_text, recovery_text = self._records(())
        self.primary_record = self._parameter(self._primary, primary_text)
        self.recovery_record = self._parameter(self, recovery_text)
        if notify_primary is not None:
            StackServices.of(self._primary).notify(notify_primary)
        self._add_checks(stack)
        self._order(primary_stack, stack)

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
        planned = checks.PlannedRule(
            name=name,
            schedule=parsed,
            keep_days=keep_days,
            keep_in_recovery_days=copied_days,
            enabled=enabled,
        )
        rules = [*self._rules, planned]
        tiered = checks.has_tiers(rules)
        told = self._records(rules, _UNMADE if tiered else None)

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
        self._rules.append(planned)
        if enabled:
            counted.count()
        self.copy._set_keep_manual(checks.longest_tier(rules))  # noqa: SLF001 - ours: known only once there are rules
        if tiered:
            told = self._records(rules, self._apply_tiers())
        self.primary_record.value, self.recovery_record.value = told
        return rule

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

    def _parameter(self, scope: Construct, record: str) -> ssm.CfnParameter:
        return ssm.CfnParameter(
            scope,
            "Record",
            name=records.plan_record_name(self.plan_name),
            type="String",
            value=record,
            # standard while it fits into 4 KB; an advanced parameter cannot become standard again, so no fixed tier
            tier="Intelligent-Tiering",
            description=f"resilient_redshift: how {self._facts.identifier} of {self._facts.region} is restored",
        )

    def _records(self, rules: Sequence[checks.PlannedRule], tiers: str | None = None) -> tuple[str, str]:
        """What both Regions are told; names that CloudFormation gives in one Region are not known in the other."""
        problems = Problems(f"{path_of(self)} (RecoveryPlan)")
        texts = []
        for scope, here in ((self._primary, False), (self, True)):
            record = self._record(rules, tiers if here else None, in_recovery=here)
            size = records.plan_record_size(record)
            limit = records.PLAN_RECORD_LIMIT
            allowed = f"{limit} bytes at most"
            problems.check(size <= limit, "plan record", f"{size} bytes", allowed, "Systems Manager API: PutParameter")
            texts.append(_as_json(scope, record))
        problems.raise_if_any()
        primary, recovery = texts
        return primary, recovery

    def _record(self, rules: Sequence[checks.PlannedRule], tiers: str | None, *, in_recovery: bool) -> dict[str, Any]:
        site, facts = self._site, self._facts
        account = facts.account or names_of(stack_of(self._cluster if not in_recovery else self)).account
        return records.plan_record(
            plan=self.plan_name,
            cluster={"identifier": facts.identifier, "region": facts.region, "account": account},
            recovery={
                "region": site.region,
                "site": path_of(site),
                "snapshot_copy_grant_name": site.snapshot_copy_grant.snapshot_copy_grant_name,
                **(_references(site) if in_recovery else {}),
                "parameter_group": ref_of(self.parameter_group) if in_recovery else None,
            },
            objectives={
                "recovery_point_seconds": records.seconds(self.objectives.recovery_point),
                "recovery_time_seconds": records.seconds(self.objectives.recovery_time),
                "expected_copy_time_seconds": records.seconds(self.objectives.expected_copy_time),
            },
            copy={"keep_automated_days": self._keep_automated_days, "keep_manual_days": checks.longest_tier(rules)},
            rules=[
                {
                    "rule": rule.name,
                    "schedule": rule.schedule.expression,
                    "keep_days": rule.keep_days,
                    "keep_in_recovery_days": rule.keep_in_recovery_days,
                    "enabled": rule.enabled,
                }
                for rule in rules
            ],
            restore=checks.restore_record(self._restore, facts),
            machines={} if tiers is None else {"tiers": tiers},
        )

    def _add_checks(self, stack: cdk.Stack) -> None:
        """What later calls still change is judged at synth, in the recovery stack."""
        found = SynthChecks.of(stack)
        objective = lambda: checks.objective_findings(self.objectives, self._cluster, self._facts, self._rules)  # noqa: E731
        found.add(Rule.OBJECTIVE_MISSED, objective, resource=self.recovery_record)

    def _order(self, primary: cdk.Stack, recovery: cdk.Stack) -> None:
        """Let the grant stand before the copy needs it, where CDK can order the two stacks."""
        if recovery in _ordered.setdefault(primary, WeakSet()):
            return
        # the new name where this CDK has it; the old one then warns
        order = getattr(primary, "add_stack_dependency", None) or primary.add_dependency
        try:
            order(recovery)
        except RuntimeError as refused:  # across Stages, or where it would close a cycle
            message = (
                f"CDK cannot deploy '{recovery.node.path}' before '{primary.node.path}': deploy them in this order "
                f"yourself, or the first deployment fails while the grant is missing ({str(refused).splitlines()[0]})"
            )
            warn(self, Warn.RECOVERY_PLAN_NOT_ORDERED, message)
        else:
            _ordered[primary].add(recovery)


def _container(stack: cdk.Stack) -> Construct:
    if stack not in _containers:
        found = stack.node.try_find_child(PRIMARY_ID)
        _containers[stack] = found if isinstance(found, Construct) else Construct(stack, PRIMARY_ID)
    return _containers[stack]


def _primary_path(stack: cdk.Stack, name: str) -> str:
    return f"{path_of(stack)}/{PRIMARY_ID}/{name}"


def _references(site: RecoverySite) -> dict[str, Any]:
    """What names the site's resources, read once for all its plans."""
    if site not in _site_references:
        _site_references[site] = {
            "encryption_key": site.encryption_key.key_ref.key_arn,
            "subnet_group": site.subnet_group.ref,
            "security_groups": [group.security_group_id for group in site.security_groups],
        }
    return _site_references[site]


def _as_json(scope: Construct, record: dict[str, Any]) -> str:
    """The record as text; CDK is asked only where a token is no string, which would not resolve inside a text."""
    text = json.dumps(record, separators=(",", ":"))
    return stack_of(scope).to_json_string(record) if _NO_STRING.search(text) else text


def _claim_names(problems: Problems, site: RecoverySite, cluster: IClusterRef, facts: ClusterFacts, name: str) -> None:
    """Claim the plan's name in both Regions, and the cluster's copy, before anything is made."""
    owner = f"{path_of(site)}/{name} of {path_of(cluster)}"
    primary = stack_of(cluster)
    former = claim(problems, primary, "plan", name, owner)
    former = claim(problems, stack_of(site), "plan", name, owner) or former
    why = f"the plan '{former}' has it already, and the record's name is unique in account and Region"
    problems.check(not former, "plan_name", name, "a name that no other plan of this app has", why)
    claim_copy(problems, cluster, facts, f"{_primary_path(primary, name)}/Copy (SnapshotCopy)")
