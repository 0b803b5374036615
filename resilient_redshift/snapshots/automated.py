"""When Redshift takes the automated snapshots of a cluster, and how long Redshift keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.existing import ExistingCluster
from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.core.typed import typed
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS
from resilient_redshift.rules.node_types import check_automated_retention
from resilient_redshift.rules.retention import days as whole_days
from resilient_redshift.rules.retention import is_span, to_timedelta
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.times import SnapshotTimes, check_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

    from resilient_redshift.rules.retention import Span

_API: Final = "Redshift API: AutomatedSnapshotRetentionPeriod"
OFF_MESSAGE: Final = (
    "automated snapshots are off: everything that was loaded after the last manual snapshot is lost with the cluster, "
    "and only manual snapshots are copied to another Region"
)


@typed
@dataclass(frozen=True, kw_only=True)
class AutomatedSnapshots:
    """When Redshift takes automated snapshots, and how long it keeps them.

    Args:
        keep: how long Redshift keeps each automated snapshot, 1 to 35 whole days, or 0. The value is stored as a
            ``timedelta``; a token is stored unchanged. 0 turns automated snapshots off and **deletes all existing
            automated snapshots at once**; it works on DC2 nodes only, and needs the second key. A lower number deletes
            at once the snapshots that are older; the newest automated snapshot stays. Default: 7 days, the least that
            AWS Security Hub's control Redshift.3 accepts.
        schedule: when Redshift takes the snapshots, in Redshift's own dialect. The snapshots of all definitions
            together must be at least one hour and at most 24 hours apart. A cluster that gets this value makes a
            ``SnapshotSchedule``. Default: no schedule; Redshift takes a snapshot about every 8 hours, or after 5 GB of
            changes for each node.
        accept_loss_of_automated_snapshots: the second key to a ``keep`` of 0. Default: the loss is not accepted.

    Raises:
        ResilientRedshiftError: when ``keep`` is not 0 to 35 whole days, or is 0 without the second key (Redshift API,
            CreateCluster: AutomatedSnapshotRetentionPeriod); when Redshift would refuse the schedule (management guide,
            "Snapshot schedule format"), or when there is a schedule with a ``keep`` of 0.
    """

    keep: Span = timedelta(days=7)
    schedule: Sequence[SnapshotTimes] = ()
    accept_loss_of_automated_snapshots: bool = False

    def __post_init__(self) -> None:
        """Check the values, and store ``keep`` as a timedelta."""
        problems = Problems("AutomatedSnapshots")
        check_keep(problems, self.keep, accept_loss=self.accept_loss_of_automated_snapshots)
        if self.schedule:
            check_times(problems, "schedule", self.schedule)
            why = "a schedule takes automated snapshots, and a 'keep' of 0 turns them off"
            problems.check(not _is_zero(self.keep), "schedule", "a schedule", "empty with a 'keep' of 0", why)
        problems.raise_if_any()
        object.__setattr__(self, "schedule", tuple(self.schedule))
        if known(self.keep):
            object.__setattr__(self, "keep", to_timedelta(self.keep))

    @property
    def days(self) -> int:
        """The retention in days, for the Redshift API; an encoded number where ``keep`` is a token."""
        if isinstance(self.keep, timedelta):
            return self.keep.days
        return self.keep.to_days(integral=False)  # type: ignore[return-value]  # a token; CloudFormation sees the number


@typed
class AutomatedSnapshotRetention(cdk.Mixin):
    """Keeps automated snapshots of any L1 cluster: ``cluster.with_(AutomatedSnapshotRetention(Duration.days(14)))``.

    On an L2 or a scope, ``with_`` reaches every ``CfnCluster`` in it. The retention replaces the cluster's earlier one.

    Args:
        keep: how long Redshift keeps each automated snapshot, 1 to 35 whole days, or 0. 0 turns automated snapshots off
            and **deletes all existing automated snapshots at once**; it works on DC2 nodes only, and needs the second
            key.
        accept_loss_of_automated_snapshots: the second key to a ``keep`` of 0. Default: the loss is not accepted.

    Raises:
        ResilientRedshiftError: at once when ``keep`` is out of its range, or is 0 without the second key (Redshift API,
            CreateCluster: AutomatedSnapshotRetentionPeriod). When you apply the mixin: for 0 on nodes that are known
            not to allow it, and for an ``ExistingCluster`` that this app does not make. Through ``with_`` or ``Mixins``
            you get the same text as a ``RuntimeError``, because the call goes through jsii; a direct call of
            ``apply_to(cluster)`` raises this class.
    """

    def __init__(self, keep: Span, *, accept_loss_of_automated_snapshots: bool = False) -> None:
        super().__init__()
        problems = Problems("AutomatedSnapshotRetention")
        self._days = check_keep(problems, keep, accept_loss=accept_loss_of_automated_snapshots)
        problems.raise_if_any()

    def supports(self, construct: IConstruct) -> bool:
        """Whether the mixin applies to a construct: to an L1 cluster and to an ExistingCluster.

        An ExistingCluster either has an L1 in this app, or :meth:`apply_to` raises an error instead of ignoring it.
        """
        return isinstance(construct, redshift.CfnCluster | ExistingCluster)

    def apply_to(self, construct: IConstruct) -> None:
        """Set the retention on one L1 cluster.

        Args:
            construct: a ``CfnCluster``, or the ``ExistingCluster`` of an alpha cluster that this app makes.

        Raises:
            ResilientRedshiftError: when the construct is not a ``CfnCluster`` of this app, or when its nodes do not
                allow the retention.
        """
        problems = Problems(f"{construct.node.path} (AutomatedSnapshotRetention)")
        l1 = cast("redshift.CfnCluster", _l1_or_itself(construct))
        why = "only its own template can change a cluster"
        if problems.check(
            redshift.CfnCluster.is_cfn_cluster(l1),
            "construct",
            f"an {type(construct).__name__}",
            "a CfnCluster of this app",
            why,
        ):
            check_automated_retention(problems, "keep", self._days, l1.node_type)
        problems.raise_if_any()
        l1.automated_snapshot_retention_period = self._days
        if self._days == 0:
            warn(l1, Warn.AUTOMATED_SNAPSHOTS_OFF, OFF_MESSAGE)


def _l1_or_itself(construct: IConstruct) -> IConstruct:
    """The L1 behind the reference to an alpha cluster of this app; any other construct itself."""
    l1 = facts_of(construct).l1 if isinstance(construct, ExistingCluster) else None
    return construct if l1 is None else l1


def check_keep(problems: Problems, keep: Span, *, accept_loss: bool) -> int:
    """Check a retention of automated snapshots, without its cluster.

    Args:
        problems: collects the problems of the call.
        keep: the retention, 0 to 35 whole days (Redshift API, CreateCluster: AutomatedSnapshotRetentionPeriod).
        accept_loss: the second key, which a retention of 0 needs.

    Returns:
        The days for the Redshift API; 0 after a problem.
    """
    number = whole_days(problems, "keep", keep, minimum=0, maximum=MOST_AUTOMATED_DAYS, why=_API)
    if _is_zero(keep):
        why = "0 deletes every automated snapshot of the cluster at once"
        problems.check(
            accept_loss is True, "accept_loss_of_automated_snapshots", accept_loss, "True with a 'keep' of 0", why
        )
    return number


def _is_zero(keep: Span) -> bool:
    return is_span(keep) and known(keep) and not to_timedelta(keep)
