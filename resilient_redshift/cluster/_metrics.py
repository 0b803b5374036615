"""The metrics that Redshift publishes about a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.core.typed import typed

if TYPE_CHECKING:
    import aws_cdk as cdk
    from constructs import IConstruct


@typed
class ClusterMetrics:
    """Adds metrics to a construct that has a ``cluster_identifier``."""

    if TYPE_CHECKING:

        @property
        def cluster_identifier(self) -> str: ...

    def metric(
        self,
        metric_name: str,
        *,
        statistic: str = "Average",
        period: cdk.Duration | None = None,
        label: str | None = None,
    ) -> cloudwatch.Metric:
        """A metric of this cluster in ``AWS/Redshift``.

        Args:
            metric_name: such as ``CPUUtilization``.
            statistic: such as ``Average``, ``Maximum``, ``p99``. Default: Average.
            period: the length of a data point. Default: 5 minutes.
            label: the name of the metric in graphs. Default: the metric's name.

        Returns:
            The metric, in the cluster's account and Region.
        """
        return cloudwatch.Metric(
            namespace="AWS/Redshift",
            metric_name=metric_name,
            dimensions_map={"ClusterIdentifier": self.cluster_identifier},
            statistic=statistic,
            period=period,
            label=label,
        ).attach_to(cast("IConstruct", self))

    def metric_cpu_utilization(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The percentage of CPU in use, on average over the nodes."""
        return self.metric("CPUUtilization", period=period)

    def metric_health_status(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """1 while the cluster answers a simple query each minute, and 0 while it does not; the minimum of a period."""
        return self.metric("HealthStatus", statistic="Minimum", period=period)

    def metric_maintenance_mode(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """1 while the cluster is in maintenance; the maximum of a period."""
        return self.metric("MaintenanceMode", statistic="Maximum", period=period)

    def metric_percentage_disk_space_used(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The percentage of disk space in use, on average over the nodes."""
        return self.metric("PercentageDiskSpaceUsed", period=period)

    def metric_database_connections(self, *, period: cdk.Duration | None = None) -> cloudwatch.Metric:
        """The number of connections to the databases; the maximum of a period."""
        return self.metric("DatabaseConnections", statistic="Maximum", period=period)
