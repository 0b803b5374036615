"""The metrics that the functions of a site write about one plan, as CDK's type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_cdk import aws_cloudwatch as cloudwatch

from resilient_redshift.contract import names
from resilient_redshift.stack.alarms import check_dimension, check_metric_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import aws_cdk as cdk
    from constructs import IConstruct

    from resilient_redshift.errors import Problems

#: The metrics of the restore machine, and of the hourly clean-up.
RESTORE_METRICS: Final = (*names.DRILL_METRICS, names.METRIC_DRILL_CHECK_FAILED, names.METRIC_RTO_MISSED)


def metric_of_plan(
    problems: Problems,
    owner: IConstruct,
    metric_name: str,
    written: Sequence[str],
    *,
    plan_name: str,
    statistic: str,
    period: cdk.Duration | None,
    check_name: str | None = None,
) -> cloudwatch.Metric:
    """A metric of one plan in the namespace ``ResilientRedshift``.

    Args:
        problems: the problems of the call, which this function raises.
        owner: the construct whose account and Region the metric is of.
        metric_name: the metric's name.
        written: the metrics that are written.
        plan_name: the plan.
        statistic: such as ``Maximum``.
        period: the length of a data point; None for CDK's default, 5 minutes.
        check_name: the check, for ``DrillCheckFailed``. Default: no check.

    Raises:
        ResilientRedshiftError: for a metric that is not written; for a name of a plan or check that has not 1 to 255
            characters (CloudWatch API, Dimension); and for a check with another metric, or this metric without a check.
    """
    check_metric_name(problems, metric_name, written)
    check_dimension(problems, "plan_name", plan_name)
    check_dimension(problems, "check_name", check_name)
    of_checks = metric_name == names.METRIC_DRILL_CHECK_FAILED
    allowed = "the name of a check" if of_checks else f"None for {metric_name}"
    why = f"{names.METRIC_DRILL_CHECK_FAILED} has one value for each check, and every other metric one for each plan"
    problems.check(of_checks == (check_name is not None), "check_name", check_name, allowed, why)
    problems.raise_if_any()
    of_check = {} if check_name is None else {names.DIMENSION_CHECK: check_name}
    return cloudwatch.Metric(
        namespace=names.METRIC_NAMESPACE,
        metric_name=metric_name,
        dimensions_map={names.DIMENSION_PLAN: plan_name, **of_check},
        statistic=statistic,
        period=period,
    ).attach_to(owner)
