"""Who called StartExecution, as far as CloudTrail tells. A Region's trail is read once for all plans."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import CliError
from resilient_redshift.cli.executions import region_of
from resilient_redshift.cli.report.calls import pages
from resilient_redshift.contract.understood import object_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resilient_redshift.cli.report.calls import Reading
    from resilient_redshift.cli.report.evidence import Evidence, Run

#: LookupEvents finds the management events of the last 90 days (CloudTrail API, LookupEvents).
KEPT: Final = timedelta(days=90)
#: An account and Region has two look-ups a second (CloudTrail API, LookupEvents).
_PAUSE: Final = 0.5
#: Pages of 50 events each.
_MOST_PAGES: Final = 60
_SLACK: Final = timedelta(minutes=5)
_SOURCE: Final = "cloudtrail:LookupEvents EventName=StartExecution"


def name(reading: Reading, evidence: Sequence[Evidence]) -> None:
    """Write into each run who started it.

    Args:
        reading: the reading.
        evidence: has the runs, and takes what could not be read.
    """
    regions: dict[str, dict[str, Run]] = defaultdict(dict)
    for one in evidence:
        for run in one.runs.values():
            if run.arn and run.started >= reading.window.at - KEPT:
                regions[region_of(run.arn)][run.arn] = run
    for region, asked in sorted(regions.items()):
        try:
            why = _name(reading, region, asked)
        except CliError as problem:
            why = problem.message
        for one in evidence:
            unnamed = sorted(run.execution for run in one.runs.values() if run.arn in asked and not run.caller)
            if unnamed:
                one.lacks(f"who started {', '.join(unnamed)}", why, f"{_SOURCE} in {region}")


def _name(reading: Reading, region: str, asked: Mapping[str, Run]) -> str:
    """Name the callers. Returns why some have no name."""
    oldest = min(run.started for run in asked.values()) - _SLACK
    newest = max(run.started for run in asked.values()) + _SLACK
    looked = 0

    def ask(marker: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal looked
        if looked:
            reading.tools.sleep(_PAUSE)
        looked += 1
        wanted = [{"AttributeKey": "EventName", "AttributeValue": "StartExecution"}]
        times = {"StartTime": oldest, "EndTime": newest}
        return reading.call(region, "cloudtrail", "LookupEvents", LookupAttributes=wanted, **times, **marker)

    def enough(events: Sequence[Mapping[str, Any]]) -> bool:
        for event in events:
            _take(event, asked, region)
        return all(run.caller for run in asked.values())

    events, whole = pages(ask, "Events", most=_MOST_PAGES, enough=enough)
    if whole:
        return f"CloudTrail has no such event from {words.minute(oldest)} to {words.minute(newest)}"
    first = min((event["EventTime"] for event in events), default=None)
    return f"CloudTrail has more than {len(events)} starts of executions; those before {words.minute(first)} are unread"


def _take(event: Mapping[str, Any], asked: Mapping[str, Run], region: str) -> None:
    detail = object_of(event.get("CloudTrailEvent")) or {}
    answer, identity = detail.get("responseElements"), detail.get("userIdentity")
    if not isinstance(answer, dict) or not isinstance(identity, dict):
        return
    run = asked.get(str(answer.get("executionArn")))
    caller = str(identity.get("arn") or identity.get("invokedBy") or "")
    if run is not None and caller:
        run.caller = caller
        run.caller_source = f"cloudtrail event {event.get('EventId', '')} in {region}"
