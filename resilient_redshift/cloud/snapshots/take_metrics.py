"""The metrics that a run of the snapshot machine publishes, by its outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.contract import names, outcomes

if TYPE_CHECKING:
    from resilient_redshift.cloud.snapshots.take_run import Run


def metrics_of(run: Run) -> list[dict[str, Any]]:
    """The metrics of a run that has its outcome, each with the cluster and the rule as its dimensions."""
    dimensions = [
        {"Name": names.DIMENSION_CLUSTER, "Value": run.request.cluster_identifier},
        {"Name": names.DIMENSION_RULE, "Value": run.request.rule},
    ]
    taken = run.outcome == outcomes.SNAPSHOT_TAKEN
    not_taken = (
        names.METRIC_SNAPSHOT_SKIPPED if run.outcome in outcomes.SNAPSHOT_SKIPPED else names.METRIC_SNAPSHOT_FAILED
    )
    name = names.METRIC_SNAPSHOT_TAKEN if taken else not_taken
    found = [_metric(name, dimensions, 1, "Count")]
    if not taken:
        by_outcome = [*dimensions, {"Name": names.DIMENSION_OUTCOME, "Value": run.outcome}]
        return [*found, _metric(name, by_outcome, 1, "Count")]
    if run.megabytes is not None:
        found.append(_metric(names.METRIC_SNAPSHOT_SIZE, dimensions, run.megabytes, "Megabytes"))
    return [*found, _metric(names.METRIC_SNAPSHOT_MINUTES, dimensions, run.minutes or 0, "None")]


def _metric(name: str, dimensions: list[dict[str, str]], value: float, unit: str) -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": dimensions, "Value": value, "Unit": unit}
