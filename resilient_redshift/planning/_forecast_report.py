"""Writes forecasts: as plain text that fits a terminal, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.contract.record import seconds
from resilient_redshift.planning._report import not_read_as_text
from resilient_redshift.planning._terminal import bullets, columns, json_text, paragraph
from resilient_redshift.planning.recovery_point import in_words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from resilient_redshift.planning._forecast import Forecast, RegionForecast
    from resilient_redshift.planning._policies import ClusterPolicy

_HEADINGS = ("Region", "worst age", "mean", "median", "never above", "manual snapshots", "quota")
_COSTS = ("storage and transfer", "Region", "amount", "cost")
_NONE = "none"


def forecasts_as_text(
    found: Sequence[tuple[ClusterPolicy, Forecast | None]], *, not_read: Sequence[str], width: int
) -> str:
    """Forecasts as text.

    Args:
        found: each cluster with its forecast; None where there is none, and a note says why.
        not_read: the parts of templates that were not read.
        width: the columns to fit, as for the protection table.
    """
    texts = [_text(cluster, forecast, width) for cluster, forecast in found]
    return "\n\n".join([*texts, *([not_read_as_text(not_read, width=width)] if not_read else [])])


def _text(cluster: ClusterPolicy, forecast: Forecast | None, width: int) -> str:
    account = "" if cluster.account is None else f"account {cluster.account}, "
    heading = f"{cluster.cluster} ({cluster.region}, {account}stack {cluster.stack})"
    days = "" if forecast is None else f": {forecast.days} days"
    lines = paragraph(f"{heading}{days}", width)
    notes = list(cluster.notes)
    if forecast is not None:
        lines += columns([_HEADINGS, *(_row(region) for region in forecast.regions)], width)
        notes += [f"{region.region}: {region.quota.problem}" for region in forecast.regions if region.quota.problem]
        if forecast.costs:
            lines += ["", *columns([_COSTS, *_costs(forecast)], width)]
            notes += [f"{line.item}, {line.region}: {line.unverified}" for line in forecast.costs if line.unverified]
            notes += [f"{line.item}, {line.region}: billed by {line.billed_by}" for line in forecast.costs]
    return "\n".join([*lines, *bullets(notes, width)])


def _row(region: RegionForecast) -> tuple[str, ...]:
    ages = (region.worst, region.mean, region.median)
    never = "not certain" if region.bounds.recovery_point is None else in_words(region.bounds.recovery_point)
    words = [_NONE if age is None else in_words(age) for age in ages]
    return (region.region, *words, never, str(region.most_manual_snapshots), str(region.quota.quota))


def _costs(forecast: Forecast) -> list[tuple[str, ...]]:
    rows = [
        (line.item, line.region, f"{line.quantity:,.1f} {line.unit}", _money(line.cost, line.price))
        for line in forecast.costs
    ]
    total = "no price" if forecast.cost is None else f"{forecast.cost:,.2f}"
    return [*rows, ("all lines with a price", "", "", total)]


def _money(cost: float | None, price: float | None) -> str:
    return "no price" if cost is None else f"{cost:,.2f} (at {price:g})"


def forecasts_as_json(found: Sequence[tuple[ClusterPolicy, Forecast | None]], *, not_read: Sequence[str]) -> str:
    """Forecasts as JSON. Lengths and times are in whole seconds, and times count from the beginning."""
    clusters = [
        {
            "cluster": cluster.cluster,
            "stack": cluster.stack,
            "region": cluster.region,
            "account": cluster.account,
            "forecast": None if forecast is None else _values(forecast),
            "notes": list(cluster.notes),
        }
        for cluster, forecast in found
    ]
    return json_text({"version": 1, "clusters": clusters, "not_read": list(not_read)})


def _values(forecast: Forecast) -> dict[str, Any]:
    return {
        "begins": forecast.begins.isoformat(),
        "days": forecast.days,
        "regions": [
            {
                "region": region.region,
                "worst_seconds": _seconds(region.worst),
                "mean_seconds": _seconds(region.mean),
                "median_seconds": _seconds(region.median),
                "first_recovery_point_seconds": _seconds(region.first_recovery_point),
                "without_recovery_point_seconds": _seconds(region.without_recovery_point),
                "never_above_seconds": _seconds(region.bounds.recovery_point),
                "manual_snapshots": region.most_manual_snapshots,
                "manual_snapshots_never_above": region.bounds.manual_snapshots,
                "quota": region.quota.quota,
                "quota_full_on_day": region.quota.full_on_day,
                "recovery_points": [[_seconds(since), _seconds(taken)] for since, taken in region.recovery_points],
                "manual_snapshots_over_time": [[_seconds(since), count] for since, count in region.manual_snapshots],
            }
            for region in forecast.regions
        ],
        "costs": [
            {
                "region": line.region,
                "item": line.item,
                "billed_by": line.billed_by,
                "unit": line.unit,
                "quantity": line.quantity,
                "price": line.price,
                "cost": line.cost,
                "unverified": line.unverified or None,
                "gigabytes_by_day": list(line.over_time),
            }
            for line in forecast.costs
        ],
        "cost": forecast.cost,
    }


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else seconds(length)
