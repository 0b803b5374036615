"""What a policy of snapshots gives and costs, before its deployment: pure functions, no CDK, no AWS.

* :func:`forecast_quota`: the manual snapshots that exist at the same time, against the quota of an account and Region.
* :func:`worst_recovery_point`, :func:`objective_must_exceed`, :func:`objective_problem`: the recovery points that a
  policy gives, and the shortest objective that it can keep.
* :func:`forecast` of a :class:`SnapshotPolicy`: recovery points, manual snapshots and costs over time, in each Region;
  :func:`recovery_point_bounds`: what no observation exceeds. :func:`snapshot_policies` reads policies from templates,
  and :func:`as_svg` draws a forecast. On the command line: ``python -m resilient_redshift.planning forecast cdk.out``.
* :func:`monitoring_cost`: what metrics, alarms and runs cost in a month.
* :func:`protection_tables` over :func:`read_templates`: the cost of each failure, from synthesized templates; on the
  command line ``python -m resilient_redshift.planning cdk.out``. :func:`unread_parts` names what was not read.
* :func:`check` of the same templates against a :class:`ResiliencePolicy`; on the command line
  ``resilient-redshift-check cdk.out``. :func:`render` writes the result in one of the formats of :class:`Format`.
* :func:`compare` of the templates before and after a change: a :class:`Comparison`; on the command line
  ``resilient-redshift-diff base.out cdk.out``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from resilient_redshift.planning._forecast import Forecast, RegionForecast, forecast
    from resilient_redshift.planning._policies import ClusterPolicy, snapshot_policies
    from resilient_redshift.planning._report import as_json, as_text
    from resilient_redshift.planning._svg import as_svg
    from resilient_redshift.planning._verdicts import Failure, Protection, Verdict
    from resilient_redshift.planning.changes.compare import compare
    from resilient_redshift.planning.changes.comparison import (
        Aspect,
        AspectChange,
        ClusterChange,
        Comparison,
        Direction,
        FailureChange,
        Presence,
    )
    from resilient_redshift.planning.checks.check import check
    from resilient_redshift.planning.checks.findings import (
        CheckResult,
        ClusterKey,
        ClusterResult,
        Finding,
        Level,
        Requirement,
    )
    from resilient_redshift.planning.checks.guard import guard_rules
    from resilient_redshift.planning.checks.matching import ClusterMatcher
    from resilient_redshift.planning.checks.policy import (
        DEFAULT_POLICY,
        ClusterEntry,
        PolicyException,
        ResiliencePolicy,
    )
    from resilient_redshift.planning.checks.policy_file import find_policy, read_policy
    from resilient_redshift.planning.checks.rules import CheckRule
    from resilient_redshift.planning.monitoring import (
        MonitoringCost,
        MonitoringLine,
        MonitoringPrices,
        monitoring_cost,
    )
    from resilient_redshift.planning.policy import RegionBounds, SnapshotPolicy, recovery_point_bounds
    from resilient_redshift.planning.protection import (
        DEFAULT_NOTICED_AFTER,
        ProtectionTable,
        protection_tables,
    )
    from resilient_redshift.planning.quota import (
        DEFAULT_HORIZON,
        DEFAULT_QUOTA,
        QuotaForecast,
        SnapshotRule,
        forecast_quota,
    )
    from resilient_redshift.planning.reading.assembly import AssemblyError, read_assembly
    from resilient_redshift.planning.reading.parameters import parse_parameters
    from resilient_redshift.planning.reading.template import SynthesizedTemplate
    from resilient_redshift.planning.reading.templates import read_templates
    from resilient_redshift.planning.reading.unread import unread_parts
    from resilient_redshift.planning.recovery_point import (
        CHECK_INTERVAL,
        DEFAULT_AUTOMATED_GAP,
        DEFAULT_COPY_TIME,
        SnapshotSource,
        newest,
        objective_must_exceed,
        objective_problem,
        worst_recovery_point,
    )
    from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
    from resilient_redshift.planning.storage import CostLine, StoragePrices
    from resilient_redshift.planning.unjudged import not_judged
    from resilient_redshift.schedules.eventbridge import UNBOUNDED, Schedule, longest_gap_of, parse_schedule

__all__ = [
    "CHECK_INTERVAL",
    "DEFAULT_AUTOMATED_GAP",
    "DEFAULT_COPY_TIME",
    "DEFAULT_HORIZON",
    "DEFAULT_NOTICED_AFTER",
    "DEFAULT_POLICY",
    "DEFAULT_QUOTA",
    "UNBOUNDED",
    "Aspect",
    "AspectChange",
    "AssemblyError",
    "CheckResult",
    "CheckRule",
    "ClusterChange",
    "ClusterEntry",
    "ClusterKey",
    "ClusterMatcher",
    "ClusterPolicy",
    "ClusterResult",
    "Comparison",
    "CostLine",
    "Direction",
    "Failure",
    "FailureChange",
    "Finding",
    "Forecast",
    "Format",
    "Level",
    "MonitoringCost",
    "MonitoringLine",
    "MonitoringPrices",
    "PolicyException",
    "Presence",
    "Protection",
    "ProtectionTable",
    "QuotaForecast",
    "RegionBounds",
    "RegionForecast",
    "ReportOptions",
    "Requirement",
    "ResiliencePolicy",
    "Schedule",
    "SnapshotPolicy",
    "SnapshotRule",
    "SnapshotSource",
    "StoragePrices",
    "SynthesizedTemplate",
    "Verdict",
    "as_json",
    "as_svg",
    "as_text",
    "check",
    "compare",
    "find_policy",
    "forecast",
    "forecast_quota",
    "guard_rules",
    "longest_gap_of",
    "monitoring_cost",
    "newest",
    "not_judged",
    "objective_must_exceed",
    "objective_problem",
    "parse_parameters",
    "parse_schedule",
    "protection_tables",
    "read_assembly",
    "read_policy",
    "read_templates",
    "recovery_point_bounds",
    "render",
    "snapshot_policies",
    "unread_parts",
    "worst_recovery_point",
]

# Loaded on first use: an app needs the arithmetic alone, and not the tables over its templates.
_HOMES: Final = {
    "CHECK_INTERVAL": "planning.recovery_point",
    "DEFAULT_AUTOMATED_GAP": "planning.recovery_point",
    "DEFAULT_COPY_TIME": "planning.recovery_point",
    "DEFAULT_HORIZON": "planning.quota",
    "DEFAULT_NOTICED_AFTER": "planning.protection",
    "DEFAULT_POLICY": "planning.checks.policy",
    "DEFAULT_QUOTA": "planning.quota",
    "UNBOUNDED": "schedules.eventbridge",
    "Aspect": "planning.changes.comparison",
    "AspectChange": "planning.changes.comparison",
    "AssemblyError": "planning.reading.assembly",
    "CheckResult": "planning.checks.findings",
    "CheckRule": "planning.checks.rules",
    "ClusterChange": "planning.changes.comparison",
    "ClusterEntry": "planning.checks.policy",
    "ClusterKey": "planning.checks.findings",
    "ClusterMatcher": "planning.checks.matching",
    "ClusterPolicy": "planning._policies",
    "ClusterResult": "planning.checks.findings",
    "Comparison": "planning.changes.comparison",
    "CostLine": "planning.storage",
    "Direction": "planning.changes.comparison",
    "Failure": "planning._verdicts",
    "FailureChange": "planning.changes.comparison",
    "Finding": "planning.checks.findings",
    "Forecast": "planning._forecast",
    "Format": "planning.reports.formats",
    "Level": "planning.checks.findings",
    "MonitoringCost": "planning.monitoring",
    "MonitoringLine": "planning.monitoring",
    "MonitoringPrices": "planning.monitoring",
    "PolicyException": "planning.checks.policy",
    "Presence": "planning.changes.comparison",
    "Protection": "planning._verdicts",
    "ProtectionTable": "planning.protection",
    "QuotaForecast": "planning.quota",
    "RegionBounds": "planning.policy",
    "RegionForecast": "planning._forecast",
    "ReportOptions": "planning.reports.formats",
    "Requirement": "planning.checks.findings",
    "ResiliencePolicy": "planning.checks.policy",
    "Schedule": "schedules.eventbridge",
    "SnapshotPolicy": "planning.policy",
    "SnapshotRule": "planning.quota",
    "SnapshotSource": "planning.recovery_point",
    "StoragePrices": "planning.storage",
    "SynthesizedTemplate": "planning.reading.template",
    "Verdict": "planning._verdicts",
    "as_json": "planning._report",
    "as_svg": "planning._svg",
    "as_text": "planning._report",
    "check": "planning.checks.check",
    "find_policy": "planning.checks.policy_file",
    "compare": "planning.changes.compare",
    "forecast": "planning._forecast",
    "forecast_quota": "planning.quota",
    "guard_rules": "planning.checks.guard",
    "longest_gap_of": "schedules.eventbridge",
    "monitoring_cost": "planning.monitoring",
    "newest": "planning.recovery_point",
    "objective_must_exceed": "planning.recovery_point",
    "objective_problem": "planning.recovery_point",
    "parse_parameters": "planning.reading.parameters",
    "parse_schedule": "schedules.eventbridge",
    "protection_tables": "planning.protection",
    "read_assembly": "planning.reading.assembly",
    "read_policy": "planning.checks.policy_file",
    "read_templates": "planning.reading.templates",
    "recovery_point_bounds": "planning.policy",
    "render": "planning.reports.formats",
    "snapshot_policies": "planning._policies",
    "not_judged": "planning.unjudged",
    "unread_parts": "planning.reading.unread",
    "worst_recovery_point": "planning.recovery_point",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"resilient_redshift.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
