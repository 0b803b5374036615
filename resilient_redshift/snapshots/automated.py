"""When Redshift takes the automated snapshots of a cluster, and how long it keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

import aws_cdk as cdk
from aws_cdk import aws_redshift as redshift

from resilient_redshift.cluster_ref.existing import ExistingCluster
from resilient_redshift.cluster_ref.facts import facts_of
from resilient_redshift.core.warnings import Warn, warn
from resilient_redshift.errors import Problems
from resilient_redshift.rules.limits import MOST_AUTOMATED_DAYS
from resilient_redshift.rules.node_types import check_automated_retention
from resilient_redshift.rules.retention import days as whole_days
from resilient_redshift.rules.retention import to_timedelta
from resilient_redshift.rules.tokens import known
from resilient_redshift.snapshots.times import SnapshotTimes, check_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from constructs import IConstruct

    from resilient_redshift.rules.retention import Span

_API: Final = "Redshift API: AutomatedSnapshotRetentionPeriod"
OFF_MESSAGE: Final = (
    "automated snapshots are off: what is loaded after the last manual snapshot is lost with the cluster, "
    "and nothing but manual snapshots is copied to another Region"
)


@dataclass(frozen=True, kw_only=True)
class AutomatedSnapshots:
    """When automated snapshots are taken, and how long they live.

    Args:
        keep: whole days, 1 to 35; stored as a ``timedelta`` (a token stays what it is). 0 turns automated snapshots off
            and **deletes all that exist, at once**: DC2 nodes only, and only with the second key. A lower number
            deletes what falls out of it at once; the newest stays. Default: 7 days.
        schedule: when they are taken, in Redshift's own dialect; together at least one hour and at most 24 hours apart.
            Where this value is used a ``SnapshotSchedule`` is made. Default: no schedule; Redshift takes one about
            every 8 hours or 5 GB of changes for each node.
        accept_loss_of_automated_snapshots: the second key to ``keep`` of 0. Default: not accepted.

    Raises:
        ResilientRedshiftError: when ``keep`` is outside 0 to 35 whole days, or 0 without the second key (Redshift API,
            CreateCluster: AutomatedSnapshotRetentionPeriod); for a schedule that Redshift refuses (management guide,
            "Snapshot schedule format"), or one with a ``keep`` of 0.
    """

    keep: Span = timedelta(days=7)
    schedule: Sequence[SnapshotTimes] = ()
    accept_loss_of_automated_snapshots: bool = False

    def __post_init__(self) -> None:
        """Check the values and store a timedelta."""
        problems = Problems("AutomatedSnapshots")
        check_keep(problems, self.keep, accept_loss=self.accept_loss_of_automated_snapshots)
        if self.schedule:
            check_times(problems, "schedule", self.schedule)
            why = "a schedule takes automated snapshots, and a 'keep' of 0 switches them off"
            problems.check(not _is_zero(self.keep), "schedule", "some", "empty with a 'keep' of 0", why)
        problems.raise_if_any()
        object.__setattr__(self, "schedule", tuple(self.schedule))
        if known(self.keep):
            object.__setattr__(self, "keep", to_timedelta(self.keep))

    @property
    def days(self) -> int:
        """The number of days for the API; an encoded number where ``keep`` is a token."""
        if isinstance(self.keep, timedelta):
            return self.keep.days
        return self.keep.to_days(integral=False)  # type: ignore[return-value]  # a token; CloudFormation sees the number


class AutomatedSnapshotRetention(cdk.Mixin):
    """Keeps automated snapshots of any L1 cluster: ``cluster.with_(AutomatedSnapshotRetention(Duration.days(14)))``.

    On an L2 or a scope, ``with_`` reaches the ``CfnCluster``s in it. What was set before is replaced.

    Args:
        keep: whole days, 1 to 35. 0 turns automated snapshots off and **deletes all that exist, at once**: DC2 nodes
            only, and only with the second key.
        accept_loss_of_automated_snapshots: the second key to ``keep`` of 0. Default: not accepted.

    Raises:
        ResilientRedshiftError: at once for a ``keep`` outside its range or 0 without the second key. When applied: for
            0 on nodes that are known not to allow it, and for an ``ExistingCluster`` that this app does not make.
            Applied through ``with_`` or ``Mixins``, the same text comes as a ``RuntimeError``, because jsii stands
            between; a direct call of ``apply_to(cluster)`` raises this class.
    """

    def __init__(self, keep: Span, *, accept_loss_of_automated_snapshots: bool = False) -> None:
        super().__init__()
        problems = Problems("AutomatedSnapshotRetention")
        self._days = check_keep(problems, keep, accept_loss=accept_loss_of_automated_snapshots)
        problems.raise_if_any()

    def supports(self, construct: IConstruct) -> bool:
        """Whether it applies: to L1 clusters, and to existing ones, to reach their L1 or to refuse them aloud."""
        return isinstance(construct, redshift.CfnCluster | ExistingCluster)

    def apply_to(self, construct: IConstruct) -> None:
        """Set the retention on one L1 cluster.

        Args:
            construct: a ``CfnCluster``, or the ``ExistingCluster`` of an alpha cluster that this app makes.

        Raises:
            ResilientRedshiftError: when it is no ``CfnCluster`` of this app, or its nodes do not allow the retention.
        """
        problems = Problems(f"{construct.node.path} (AutomatedSnapshotRetention)")
        l1 = cast("redshift.CfnCluster", _held(construct))
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


def _held(construct: IConstruct) -> IConstruct:
    """The L1 of an alpha cluster of this app behind its reference; anything else as it is."""
    l1 = facts_of(construct).l1 if isinstance(construct, ExistingCluster) else None
    return construct if l1 is None else l1


def check_keep(problems: Problems, keep: Span, *, accept_loss: bool) -> int:
    """Check an automated retention without its cluster; return the days for the API."""
    found = whole_days(problems, "keep", keep, minimum=0, maximum=MOST_AUTOMATED_DAYS, why=_API)
    if _is_zero(keep):
        why = "0 deletes every automated snapshot of the cluster at once"
        problems.check(
            accept_loss is True, "accept_loss_of_automated_snapshots", accept_loss, "True with a 'keep' of 0", why
        )
    return found


def _is_zero(keep: Span) -> bool:
    if isinstance(keep, timedelta):
        return not keep
    return hasattr(keep, "to_milliseconds") and known(keep) and not to_timedelta(keep)
