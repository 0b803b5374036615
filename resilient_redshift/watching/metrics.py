"""The metrics of a watch, as CDK's type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.contract.names import METRIC_NAMESPACE
from resilient_redshift.contract.watching import METRIC_QUOTA_USED, WATCH_METRICS
from resilient_redshift.stack.alarms import check_metric_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    import aws_cdk as cdk
    from constructs import IConstruct

    from resilient_redshift.errors import Problems

#: The metrics of a watch, and the one of its Region.
WRITTEN: Final = (*WATCH_METRICS, METRIC_QUOTA_USED)


def watch_metric(
    problems: Problems,
    owner: IConstruct,
    metric_name: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str,
    period: cdk.Duration | None,
) -> cloudwatch.Metric:
    """A metric of one watch in the namespace ``ResilientRedshift``.

    Args:
        problems: the problems of the call, which this function raises.
        owner: the construct whose account and Region the metric is of.
        metric_name: the metric's name.
        dimensions: the dimensions of the watch. The metric of the Region has none.
        statistic: such as ``Maximum``.
        period: the length of a data point; None for CDK's default, 5 minutes.

    Raises:
        ResilientRedshiftError: for a metric that is not written.
    """
    check_metric_name(problems, metric_name, WRITTEN)
    problems.raise_if_any()
    of_region = metric_name == METRIC_QUOTA_USED
    return cloudwatch.Metric(
        namespace=METRIC_NAMESPACE,
        metric_name=metric_name,
        dimensions_map=None if of_region else dict(dimensions),
        statistic=statistic,
        period=period,
    ).attach_to(owner)
