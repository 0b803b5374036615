"""Redshift's own schedule of automated snapshots, for one or many clusters.

``AWS::Redshift::SnapshotSchedule`` exists in 40 of 45 Regions. It has no property for its clusters, and
``AWS::Redshift::Cluster`` has no property for its schedule. Therefore the schedule and its association with a cluster
are custom resources here, in every Region.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aws_cdk as cdk
from constructs import Construct

from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.contract import generated_names
from resilient_redshift.contract.names import ASSOCIATION_TYPE, SCHEDULE_TYPE
from resilient_redshift.core.arguments import where
from resilient_redshift.core.environment import stack_of
from resilient_redshift.core.tree import path_of
from resilient_redshift.core.typed import typed
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.planning import DEFAULT_AUTOMATED_GAP
from resilient_redshift.planning.recovery_point import in_words
from resilient_redshift.provider.custom_resource import check_removal, custom_resource
from resilient_redshift.provider.schedules import ScheduleProvider
from resilient_redshift.rules.naming import check_schedule_identifier, short_hash
from resilient_redshift.schedules.eventbridge import longest_gap_of
from resilient_redshift.snapshots.assigned_schedules import claim_identifier, claim_schedule, note_schedule
from resilient_redshift.snapshots.times import check_times
from resilient_redshift.stack.conditions import exists_with
from resilient_redshift.stack.naming_path import naming_path, naming_stack
from resilient_redshift.stack.recorded import AnythingBut, Recorded
from resilient_redshift.stack.removal import KEEPING
from resilient_redshift.stack.synth_checks import SynthChecks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aws_cdk.interfaces.aws_redshift import IClusterRef

    from resilient_redshift.schedules.eventbridge import Schedule
    from resilient_redshift.snapshots.times import SnapshotTimes

_KIND: Final = "SnapshotSchedule"
_OFF: Final = "its automated snapshots are off, and a schedule takes automated snapshots only"


@typed
class SnapshotSchedule(Construct):
    """Sets the times at which Redshift takes automated snapshots.

    Without a schedule Redshift takes a snapshot about every 8 hours, or after 5 GB of changes for each node.

    The snapshots of a schedule are automated snapshots. Redshift keeps them as long as the cluster's
    ``AutomatedSnapshots`` say, at most 35 days, and deletes them with the cluster. The clusters keep the schedule when
    you remove the construct or delete its stack. To remove the schedule, turn both keys: deploy with
    ``removal_policy=DESTROY``, then remove the construct and deploy again. Each cluster then has its earlier schedule
    again, or no schedule when it had none.

    Args:
        scope: a scope in the clusters' stack.
        construct_id: the id in that scope.
        times: one or more SnapshotTimes. The snapshots of all of them together must be at least one hour and at most 24
            hours apart (management guide, "Snapshot schedule format"). A change reaches the clusters in place.
        clusters: clusters of this stack: ResilientClusters, CfnClusters or ExistingClusters. Default: no clusters; see
            :meth:`associate`.
        schedule_identifier: the schedule's literal identifier, unique in the account and Region: 1 to 63 lower-case
            letters, digits and single hyphens, a letter first and no hyphen last (Redshift API,
            CreateSnapshotSchedule). A change makes a second schedule and gives it to the clusters. Default: an
            identifier of letters and digits, generated from the stack's name and the construct's path in the stack.
        removal_policy: ``RETAIN`` keeps the schedule and the clusters' associations when you remove the construct or
            delete its stack; ``DESTROY`` removes both, provided that this stack still owns them. Default: ``RETAIN``.
        replace_existing: whether the construct may replace another schedule of a cluster, and the times of an existing
            schedule with this identifier. Default: the deployment fails and changes nothing, unless the times are equal
            or this stack made the schedule that the cluster has.

    Raises:
        ResilientRedshiftError: when Redshift would refuse the times or the identifier, or the identifier is a token;
            when the removal policy is another one; when a cluster is in another stack, has no automated snapshots, or
            has another schedule in the app; when another schedule of the app has this identifier.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        times: Sequence[SnapshotTimes],
        clusters: Sequence[IClusterRef] = (),
        schedule_identifier: str | None = None,
        removal_policy: cdk.RemovalPolicy = cdk.RemovalPolicy.RETAIN,
        replace_existing: bool = False,
    ) -> None:
        place = where(scope, construct_id, _KIND)
        problems = Problems(place)
        stack = stack_of(scope)
        schedules = check_times(problems, "times", times)
        identifier = schedule_identifier or generated_names.schedule_identifier(
            naming_stack(scope), naming_path(scope), construct_id
        )
        if schedule_identifier is not None:
            check_schedule_identifier(problems, "schedule_identifier", schedule_identifier)
        claim_identifier(problems, scope, identifier, place)
        check_removal(problems, removal_policy, "a schedule has no snapshots of its own")
        for number, cluster in enumerate(clusters):
            _check_cluster(problems, f"clusters[{number}]", stack, cluster, place)
        _check_once(problems, clusters)
        problems.raise_if_any()

        super().__init__(scope, construct_id)
        self._place = place
        self._stack = stack
        self._schedules: tuple[Schedule, ...] = schedules
        self._removal_policy = removal_policy
        self._replace_existing = "true" if replace_existing else "false"
        #: The schedule's literal identifier.
        self.schedule_identifier = identifier
        provider = ScheduleProvider.of(stack)
        self.resource = custom_resource(
            self,
            "Resource",
            provider=provider,
            resource_type=SCHEDULE_TYPE,
            properties={
                "ScheduleIdentifier": identifier,
                "ScheduleDefinitions": [schedule.expression for schedule in schedules],
                "ReplaceExisting": self._replace_existing,
            },
            removal_policy=removal_policy,
        )
        policy = provider.schedule_policy(schedule_identifier=identifier, destroy=removal_policy not in KEEPING)
        self.resource.node.add_dependency(policy)
        for cluster in clusters:
            self._associate(cluster)
        self._warn()

    def associate(self, cluster: IClusterRef) -> None:
        """Give this schedule to one more cluster.

        Args:
            cluster: a cluster of this stack.

        Raises:
            ResilientRedshiftError: when the cluster is in another stack, has no automated snapshots, or has a schedule
                in this app.
        """
        problems = Problems(self._place)
        _check_cluster(problems, "cluster", self._stack, cluster, f"{self._place}, associate {path_of(cluster)}")
        problems.raise_if_any()
        self._associate(cluster)

    def _associate(self, cluster: IClusterRef) -> None:
        facts = facts_of(cluster)
        provider = ScheduleProvider.of(self._stack)
        key = facts.identifier or naming_path(cluster)
        resource = custom_resource(
            # The parent is the provider and not this construct. A cluster that changes to another schedule of the
            # stack, or a renamed construct, is then an update of one resource, and a rollback undoes an update. A
            # Create over an existing association would stay after a rollback.
            provider,
            f"Cluster{short_hash(key)}",
            provider=provider,
            resource_type=ASSOCIATION_TYPE,
            properties={
                "ClusterIdentifier": facts.identifier_token,
                "ScheduleIdentifier": self.schedule_identifier,
                "ReplaceExisting": self._replace_existing,
            },
            removal_policy=self._removal_policy,
        )
        policy = provider.association_policy(cluster_key=key, cluster_identifier=facts.identifier_token)
        cluster_resource = facts.l1 if facts.l1 is not None else facts.dependable
        # CloudFormation makes the schedule before the association, and deletes the schedule after it
        resource.node.add_dependency(policy, self.resource, *([] if cluster_resource is None else [cluster_resource]))
        exists_with(facts.l1, resource, policy)
        if facts.l1 is not None:
            taken = {"AutomatedSnapshotRetentionPeriod": AnythingBut(value=0)}
            by = f"the schedule '{path_of(self)}' has recorded"
            SynthChecks.of(self._stack).record(facts.l1, Recorded(by=by, properties=taken, effect=_OFF))
        note_schedule(cluster, facts, self._schedules, identifier=self.schedule_identifier)

    def _warn(self) -> None:
        gap = longest_gap_of(self._schedules)
        if gap >= DEFAULT_AUTOMATED_GAP:
            message = (
                f"up to {in_words(gap)} pass between two snapshots of this schedule; without a schedule Redshift takes "
                "a snapshot about every 8 h, and under load after each 5 GB of changes for each node: add times, or "
                "accept that this schedule may lose more"
            )
            warn(self, Warn.SNAPSHOT_SCHEDULE_LONG_GAP, message)


def _check_cluster(problems: Problems, argument: str, stack: cdk.Stack, cluster: IClusterRef, owner: str) -> None:
    facts = facts_of(cluster)
    if problems.check(
        stack_of(cluster) is stack,
        argument,
        path_of(cluster),
        f"of the stack '{path_of(stack)}'",
        "the association refers to its cluster by token, so that CloudFormation makes it after the cluster; "
        "ExistingCluster.from_identifier refers to a cluster of another stack by its name",
    ):
        off = facts.l1 is not None and facts.l1.automated_snapshot_retention_period == 0
        problems.check(not off, argument, facts.identifier or path_of(cluster), "with automated snapshots", _OFF)
        claim_schedule(problems, cluster, facts, owner)


def _check_once(problems: Problems, clusters: Sequence[IClusterRef]) -> None:
    names: set[str] = set()
    for number, cluster in enumerate(clusters):
        name = facts_of(cluster).identifier or path_of(cluster)
        problems.check(name not in names, f"clusters[{number}]", name, "a cluster that the list has once")
        names.add(name)
