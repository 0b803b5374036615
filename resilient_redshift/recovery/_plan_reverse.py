"""The way home of a plan: ``reverse`` prepares it at deploy time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from resilient_redshift.cluster_ref.facts import facts_of, place_of
from resilient_redshift.contract.names import TAG_AVAILABLE_SINCE
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.errors import Problems, ResilientRedshiftError
from resilient_redshift.recovery._plan_record import WayHome
from resilient_redshift.recovery.reverse import Forward, ReversePlan, check_reverse, reverse_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aws_cdk.interfaces.aws_redshift import IClusterRef
    from aws_cdk.interfaces.aws_sns import ITopicRef
    from constructs import Construct

    from resilient_redshift.cluster_ref.facts import ClusterPlace
    from resilient_redshift.recovery._plan_record import PlanRecords
    from resilient_redshift.recovery._site_base import SiteBase
    from resilient_redshift.recovery.objectives import Objectives
    from resilient_redshift.recovery.restore_options import RestoreOptions
    from resilient_redshift.recovery.sql_check import SqlCheck


#: The id of the site that a plan makes at home. The default name of its grant depends on it.
_HOME: Final = "Home"
#: The value of the tag of a cluster that a deployment made. A restore writes the time.
_DEPLOYED: Final = "deployed"


@typed
class PlanReverse:
    """Adds ``reverse`` to a plan that keeps its site, its cluster and its records."""

    if TYPE_CHECKING:
        plan_name: str
        objectives: Objectives
        _site: SiteBase
        _cluster: IClusterRef
        _restore: RestoreOptions | None
        _records: PlanRecords
        _primary: Construct
        _notify: ITopicRef | None
        _quota: int | None
        _reversed: ReversePlan | None

    def reverse(self, site: SiteBase | None = None, *, restore: RestoreOptions | None = None) -> ReversePlan:
        """Prepare the way home, so that going home after a failover or a switchover is one command.

        The cluster's stack gets a recovery site, with the machine that restores the cluster there and the grant for
        copies that come back. The way home is a plan of its own, named after the cluster and the recovery Region, such
        as ``sales-us-west-2``. ``resilient-redshift switchover sales-us-west-2`` goes home.

        From now on a failover lets the snapshots of the new cluster go to the cluster's own Region, as soon as that
        Region answers. A switchover home lets them go to the recovery Region again, with the plan's grant and
        retentions, so that the cluster's stack finds the copy that it declares.

        The machine at home may delete a cluster of this name that never was available, which is a restore that failed.
        So the cluster gets the tag ``resilient-redshift:available-since``, which takes that right away. A cluster whose
        resource is in no stack of this app gets no tag: write it yourself, with any value.

        Nothing runs and nothing is watched until the cluster is in the recovery Region.

        Args:
            site: the site at home: a ``RecoverySite``, or one of another app, in the cluster's Region and account.
                Required for a cluster that ``ResilientCluster`` does not make. Default: a new site with the cluster's
                own VPC, subnet group, security groups and key, so that a cluster restored there has what its stack
                declares.
            restore: where the cluster at home differs from its definition. A DNS record that ``protect`` has is carried
                over. Required as in ``protect`` for a cluster whose parameters are not known at synth. Default: the
                cluster at home has the definition's node type, number of nodes, port, parameter group and roles.

        Returns:
            The way home.

        Raises:
            ResilientRedshiftError: for a second call; without a site for a cluster that ``ResilientCluster`` does not
                make; for a site of another Region or account, or of the recovery stack; for options that AWS would
                refuse in a restore; for a DNS record whose zone is a token of the recovery stack; for a name that
                another plan has; and for a plan record that grows too large.
        """
        problems = Problems(f"{path_of(cast('Construct', self))} (RecoveryPlan.reverse)")
        place = place_of(self._cluster)
        problems.check(self._reversed is None, "reverse", "a second call", "one call for each plan")
        why = "only ResilientCluster knows the network and the key of its cluster"
        allowed = "a RecoverySite in the cluster's Region"
        problems.check(site is not None or place is not None, "site", None, allowed, why)
        problems.raise_if_any()
        forward = self._forward(place)
        options = reverse_options(forward, restore)
        home = site or self._site_at_home(cast("ClusterPlace", place))
        check_reverse(problems, forward, home, options, restore)
        try:
            problems.raise_if_any()
        except ResilientRedshiftError:
            if site is None:  # a call that fails leaves nothing in the tree
                self._primary.node.try_remove_child(_HOME)
            raise

        found = self._reversed = ReversePlan(forward, home, options, place)
        grant = None if forward.facts.encrypted is False else home.snapshot_copy_grant_name
        way_home = WayHome(plan=found.plan_name, region=home.region, snapshot_copy_grant_name=grant)
        self._records.write(replace(self._records.contents, way_home=way_home))
        self._records.follow(found.write)
        if forward.facts.l1 is not None:
            # the machine at home may delete a cluster of this name that never was available: a restore that failed
            forward.facts.l1.tags.set_tag(TAG_AVAILABLE_SINCE, _DEPLOYED)
        return found

    def _forward(self, place: ClusterPlace | None) -> Forward:
        def contents() -> tuple[Sequence[SqlCheck], Mapping[str, Any]]:
            now = self._records.contents
            return now.checks, self._records.copy_record(now)

        return Forward(
            plan=cast("Construct", self),
            name=self.plan_name,
            site=self._site,
            cluster=self._cluster,
            facts=facts_of(self._cluster),
            place=place,
            objectives=self.objectives,
            dns=None if self._restore is None else self._restore.dns_record,
            contents=contents,
        )

    def _site_at_home(self, place: ClusterPlace) -> SiteBase:
        site: SiteBase = self._site._new_site(  # noqa: SLF001 - a site makes plans, and a plan this one site
            self._primary,
            _HOME,
            vpc=place.vpc,
            subnet_group=place.subnet_group,
            encryption_key=place.encryption_key,
            security_groups=place.security_groups,
            notify=self._notify,
            manual_snapshot_quota=self._quota,
            check_every=self._site.check_every,
        )
        return site
