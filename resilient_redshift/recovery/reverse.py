"""The way home of one plan: what brings its cluster back to its own Region after a failover or a switchover."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from resilient_redshift.cluster_ref.claims import claim
from resilient_redshift.contract.names import drill_prefix, plan_record_name
from resilient_redshift.contract.record import PLAN_RECORD_LIMIT, plan_record, plan_record_size
from resilient_redshift.core.environment import arn_parts_of, remember_place, stack_of
from resilient_redshift.core.tree import after, path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems
from resilient_redshift.recovery._plan_checks import default_plan_name
from resilient_redshift.recovery._plan_grants import PlanGrants
from resilient_redshift.recovery._plan_places import container
from resilient_redshift.recovery._plan_record import objectives_record, recovery_record
from resilient_redshift.recovery._restore_checks import check_restore
from resilient_redshift.recovery._restore_parts import parts_of
from resilient_redshift.recovery._restored_parameters import restored_parameter_group
from resilient_redshift.recovery._restored_roles import RestoredRoles, restored_roles
from resilient_redshift.recovery._restored_settings import brought_back, copy_to, dns_record, restore_record
from resilient_redshift.recovery._ways_home import ways_home_of
from resilient_redshift.recovery.restore_options import RestoreOptions
from resilient_redshift.rules.tokens import known
from resilient_redshift.stack.removal import Declared
from resilient_redshift.stack.synth_checks import SynthChecks
from resilient_redshift.watching.declared import declared

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.cluster_ref.facts import ClusterFacts, ClusterPlace
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.dns_record import DnsRecord
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.sql_check import SqlCheck

_TO_REMOVE: Final = "remove the call of 'reverse' from the app, which deletes the way home's records too"


@dataclass(frozen=True, kw_only=True, slots=True)
class Forward:
    """The plan whose way home is made.

    Attributes:
        plan: the plan's construct.
        name: the plan's name.
        site: the plan's site, in the recovery Region.
        cluster: the plan's cluster.
        facts: what synth knows about the cluster.
        place: what the cluster runs with; None for a cluster that this library does not make.
        objectives: what the plan promises.
        dns: the DNS record that a failover moves; None for none.
        contents: the plan's checks, and the retentions of its copies in the form of the record, as they are now.
    """

    plan: Construct
    name: str
    site: SiteBase
    cluster: IClusterRef
    facts: ClusterFacts
    place: ClusterPlace | None
    objectives: Objectives
    dns: DnsRecord | None
    contents: Callable[[], tuple[Sequence[SqlCheck], Mapping[str, Any]]]


def reverse_name(forward: Forward) -> str:
    """The name of the way home: the cluster's identifier and the recovery Region."""
    return default_plan_name(replace(forward.facts, region=forward.site.region))


def reverse_options(forward: Forward, restore: RestoreOptions | None) -> RestoreOptions:
    """How the cluster is restored at home: as the options say, otherwise as it is defined.

    A failover may have made the cluster smaller, so that the snapshot's own size would be the wrong one.
    """
    given, facts = restore or RestoreOptions(), forward.facts
    group = None if forward.place is None else forward.place.parameter_group_name
    free = given.parameter_group is None and given.parameters is None and given.parameter_group_family is None
    return replace(
        given,
        node_type=facts.node_type if given.node_type is None else given.node_type,
        number_of_nodes=facts.number_of_nodes if given.number_of_nodes is None else given.number_of_nodes,
        multi_az=facts.multi_az if given.multi_az is None else given.multi_az,
        parameter_group=group if free and group is not None else given.parameter_group,
        dns_record=forward.dns if given.dns_record is None else given.dns_record,
    )


def check_reverse(
    problems: Problems, forward: Forward, site: SiteBase, options: RestoreOptions, restore: RestoreOptions | None
) -> None:
    """Record every problem of one call of ``reverse``, and claim the name of the way home.

    Args:
        problems: where to record each problem.
        forward: the plan.
        site: the site at home.
        options: how the cluster is restored at home.
        restore: the argument of the call.
    """
    facts, home = forward.facts, stack_of(forward.cluster)
    region = facts.region
    is_home = site.region == region and stack_of(site) is not stack_of(forward.site)
    allowed = f"a site in {region}, the Region of the cluster"
    why = "the way home ends where the cluster lives"
    if not problems.check(is_home, "site", f"a site in {site.region}", allowed, why):
        return
    account = site.account
    same = account is None or facts.account is None or account == facts.account
    allowed = f"a site of the account {facts.account}"
    problems.check(same, "site", f"a site of {account}", allowed, "AWS copies within an account only")
    check_restore(problems, site, forward.cluster, facts, options)
    dns = options.dns_record
    if dns is not None and (restore is None or restore.dns_record is None):
        allowed = "a literal zone id in protect, or reverse(restore=RestoreOptions(dns_record=...))"
        why = "a token of the recovery stack does not resolve in the cluster's stack"
        problems.check(known(dns.hosted_zone_id), "restore.dns_record", "a zone id that is a token", allowed, why)
    name, owner = reverse_name(forward), f"the way home of {path_of(forward.plan)}"
    at_home = claim(problems, home, "plan", name, owner)
    holder = claim(problems, stack_of(forward.site), "plan", name, owner) or at_home
    why = f"it is the name of the plan '{holder}', and its SSM parameter exists once in an account and Region"
    problems.check(not holder, "plan name", name, "a name that no other plan of this app has", why)


@typed
class ReversePlan(PlanGrants, Construct):
    """The way home of a plan. ``RecoveryPlan.reverse`` makes it, and documents the arguments.

    It is a plan whose cluster lives in the recovery Region and comes back to the Region where it began. It does nothing
    by itself: no snapshot is taken, nothing is copied and nobody watches it, until a failover or a switchover brings
    the cluster to the recovery Region.
    """

    def __init__(self, forward: Forward, site: SiteBase, options: RestoreOptions, place: ClusterPlace | None) -> None:
        name = reverse_name(forward)
        super().__init__(site, name)
        home, away = stack_of(site), stack_of(forward.site)
        remember_place(self, home, site, name)
        #: The name of the way home, the same in both Regions, such as ``sales-us-west-2``.
        self.plan_name = name
        #: The site at home.
        self.site = site
        self._site: SiteBase = site
        self._forward, self._options = forward, options
        assert forward.facts.identifier is not None  # noqa: S101 - the plan itself needs one
        self._identifier: str = forward.facts.identifier
        _, self._parameter_group = restored_parameter_group(self, home, options, forward.facts)
        self._roles = self._roles_at_home(options, place)
        policy = site.restore.add_plan(
            name,
            cluster_identifier=self._identifier,
            encryption_key=site.encryption_key,
            iam_role_arns=self._roles.to_pass,
            dns_record=options.dns_record,
        )
        # a step for ARC Region switch may start the runs that go home
        ways_home_of(forward.site).add(site.region, parts_of(site.restore).machine.own_runs)
        source = Construct(container(away), name)
        remember_place(source, away, container(away), name)
        #: The records of the way home: at home, where a restore reads it, and in the recovery Region.
        self.home_record, self.away_record = self._parameter(self), self._parameter(source)
        self.write()
        after(self.home_record, policy)

    def write(self) -> None:
        """Write both records, with what the plan has now.

        Raises:
            ResilientRedshiftError: for a record that is too large for Parameter Store.
        """
        problems = Problems(f"{path_of(self)} (ReversePlan)")
        for parameter, at_home in ((self.home_record, True), (self.away_record, False)):
            record = self._record(at_home=at_home)
            size, limit = plan_record_size(record), PLAN_RECORD_LIMIT
            why = "Systems Manager API: PutParameter"
            problems.check(size <= limit, "plan record", f"{size} bytes", f"{limit} bytes at most", why)
            parameter.value = json.dumps(record, separators=(",", ":"))
        problems.raise_if_any()

    def _roles_at_home(self, options: RestoreOptions, place: ClusterPlace | None) -> RestoredRoles:
        """The roles of the cluster at home. Its own stack can write every one of them."""
        facts = self._forward.facts
        if options.iam_role_arns is None and place is not None and stack_of(self) is stack_of(self._forward.cluster):
            return RestoredRoles(
                arns=tuple(facts.iam_role_arns or ()), default=options.default_iam_role_arn, of_the_cluster=True
            )
        return restored_roles(options, self._forward.cluster, facts, stack_of(self))

    def _parameter(self, scope: Construct) -> ssm.CfnParameter:
        identifier = self._identifier
        parameter = ssm.CfnParameter(
            scope,
            "Record",
            name=plan_record_name(self.plan_name),
            type="String",
            value="{}",
            tier="Intelligent-Tiering",
            description=f"resilient_redshift: how {identifier} comes home to {self._site.region}",
        )
        SynthChecks.of(scope).keep(parameter, Declared.of(None, to_remove=_TO_REMOVE))
        return parameter

    def _record(self, *, at_home: bool) -> dict[str, Any]:
        forward, site = self._forward, self._site
        facts, away = forward.facts, forward.site.region
        checks, retentions = forward.contents()
        account = facts.account or arn_parts_of(stack_of(self.home_record if at_home else self.away_record)).account
        encrypted = facts.encrypted is not False
        # only the cluster's own stack can write what the cluster is like
        restore: Mapping[str, object] = {}
        if at_home:
            schedule = declared(forward.cluster, facts, key_arn=None).get("snapshot_schedule")
            restore = {
                **restore_record(self._options, facts, self._roles, in_recovery=True),
                **brought_back(self._options, facts),
                "snapshot_schedule": schedule,
                "dns": dns_record(self._options),
                "copy_to": copy_to(away, forward.site.snapshot_copy_grant_name if encrypted else None, retentions),
            }
        return plan_record(
            plan=self.plan_name,
            cluster={"identifier": self._identifier, "region": away, "account": account},
            recovery=recovery_record(site, self._parameter_group, here=at_home),
            objectives=objectives_record(forward.objectives),
            copy=retentions,
            restore=restore,
            machines={"restore": site.restore.state_machine_arn} if at_home else {},
            checks=[check.as_record() for check in checks],
            drill={"cluster_prefix": drill_prefix(self.plan_name, site.region)},
            reverse_of=forward.name,
        )
