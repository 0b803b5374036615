"""The library: each cluster protected in a second Region, and one scheduled snapshot rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events

import resilient_redshift as rr
from bench.scene import pairs

if TYPE_CHECKING:
    import aws_cdk as cdk

_QUOTA: Final = 100_000  # every snapshot of the bench lies in one account


def build(app: cdk.App, n: int) -> None:
    """Declare ``n`` clusters, as app.py does."""
    for pair in pairs(app, n):
        site = rr.RecoverySite(pair.away, "Site", vpc=pair.away_vpc, manual_snapshot_quota=_QUOTA)
        for name in pair.clusters:
            cluster = rr.ResilientCluster(
                pair.home,
                name.title(),
                cluster_identifier=name,
                vpc=pair.home_vpc,
                node_type="ra3.large",
                number_of_nodes=2,
                automated_snapshots=rr.AutomatedSnapshots(keep=Duration.days(14)),
            )
            plan = site.protect(
                cluster,
                objectives=rr.Objectives(recovery_point=Duration.hours(26), recovery_time=Duration.hours(4)),
                keep_automated=Duration.days(14),
                restore=rr.RestoreOptions(node_type="ra3.large", number_of_nodes=2),
                manual_snapshot_quota=_QUOTA,
            )
            plan.keep_manual_snapshots(
                "Nightly",
                schedule=events.Schedule.cron(hour="3", minute="0"),
                keep=Duration.days(7),
                keep_in_recovery=Duration.days(14),
            )
