"""The first look at a watch, when its stack is deployed: its alarms begin with data, and a watcher that works."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.watch import tell
from resilient_redshift.cloud.watch.parameters import in_folder
from resilient_redshift.cloud.watch.run import DEFAULT_INTERVAL
from resilient_redshift.contract.names import METRIC_NAMESPACE
from resilient_redshift.contract.stored import read_watch, unusable_watch
from resilient_redshift.contract.watching import METRIC_RECOVERY_POINT_AGE, dimension_of, watch_folder, watch_name

if TYPE_CHECKING:
    from resilient_redshift.cloud.watch.run import Run

#: For so many periods before now the first look writes data, so that an alarm of 3 periods has all of them.
PERIODS: Final = 3
_METRIC: Final = "age"


class NotSeen(Exception):  # noqa: N818 - the name says what is the case
    """The first look measured nothing. The text says why."""


def look(run: Run, *, again: bool) -> dict[str, Any]:
    """Measure one watch, write its data, and say whether CloudWatch shows the data already.

    Args:
        run: the run, for this watch only.
        again: whether to look only whether the data shows.

    Returns:
        ``{"seen": bool}``.

    Raises:
        NotSeen: there is no such watch, or its recovery point could not be read.
        CallFailed: a call failed.
    """
    if not again:
        watched = run.look()
        if not watched:
            raise NotSeen(f"there is no watch {run.only!r} of the watcher {run.watcher!r}")
        [one] = watched
        if one.age is None:
            why = "; ".join(finding.text for finding in one.findings if finding.unknown)
            raise NotSeen(f"the recovery point of {one.record.cluster} could not be read: {why}")
        times = [run.now - number * _period(run) for number in range(PERIODS + 1)]
        tell.put_metrics(run.calls, [metric for at in times for metric in tell.metrics_of(one, at)])
    return {"seen": _shows(run)}


def _period(run: Run) -> timedelta:
    """The period of the alarms: that of the default interval, or the interval if it is longer."""
    return max(run.interval, DEFAULT_INTERVAL)


def _shows(run: Run) -> bool:
    """Whether CloudWatch shows the age of the watch's recovery point, for each of the periods."""
    parameter = watch_name(run.watcher, run.only)
    shown = in_folder(run.calls, watch_folder(run.watcher)).get(parameter)
    stored = read_watch(shown.text if shown else None, parameter)
    if unusable_watch(stored):
        raise NotSeen(f"there is no watch {run.only!r} of the watcher {run.watcher!r}")
    side, value = stored.value["side"], stored.value.get("plan") or stored.value["cluster"]["identifier"]
    now, period = run.now, _period(run)
    query = {
        "Id": _METRIC,
        "MetricStat": {
            "Metric": {
                "Namespace": METRIC_NAMESPACE,
                "MetricName": METRIC_RECOVERY_POINT_AGE,
                "Dimensions": [{"Name": dimension_of(side), "Value": value}],
            },
            "Period": int(period.total_seconds()) // 60 * 60,
            "Stat": "Maximum",
        },
    }
    answer = run.calls.telling().call(
        "cloudwatch",
        "GetMetricData",
        MetricDataQueries=[query],
        StartTime=now - (PERIODS + 2) * period,
        EndTime=now + timedelta(minutes=1),
    )
    values = [len(one["Values"]) for one in answer.get("MetricDataResults", ()) if one.get("Id") == _METRIC]
    return sum(values) >= PERIODS
