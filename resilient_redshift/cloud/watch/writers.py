"""Names who changed a snapshot copy, as far as CloudTrail tells. A refusal is no failure of the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.watch.calls import CallFailed
from resilient_redshift.cloud.watch.drift import COPY_CODES
from resilient_redshift.cloud.words import iso
from resilient_redshift.contract.understood import object_of
from resilient_redshift.contract.watching import RECOVERY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cloud.watch.calls import Calls
    from resilient_redshift.cloud.watch.watched import Watched

#: The calls that change a snapshot copy (Redshift API).
_CHANGES: Final = ("EnableSnapshotCopy", "DisableSnapshotCopy", "ModifySnapshotCopyRetentionPeriod")
#: CloudTrail shows a call after about 5 minutes (CloudTrail User Guide); a run asks until so long after the finding.
_ASKS_FOR: Final = timedelta(hours=1)
_LOOKS_BACK: Final = timedelta(hours=6)
_MOST_PAGES: Final = 4


def name_writers(calls: Calls, watched: Sequence[Watched], now: datetime) -> None:
    """Add to each finding about a copy who changed it. CloudTrail is asked once for all watches.

    After a repair, who had changed the copy is a remark for an hour.

    Args:
        calls: the calls of the run.
        watched: the watches.
        now: the time.
    """
    asking = [each for each in watched if each.record.side != RECOVERY and _asks(each, now)]
    if asking:
        found = _changes(calls, now)
        for each in asking:
            who = found if isinstance(found, str) else found.get(each.record.cluster, "")
            if isinstance(found, str):
                each.remarks.append(who)
            elif who:
                each.memory.value["changed_by"] = who
    for each in watched:
        who = str(each.memory.value.get("changed_by", ""))
        if who and not _wrong(each):
            each.remarks.append(f"the copy was repaired; before that, {who}")
        each.findings = [
            replace(one, text=f"{one.text}; {who}") if who and one.code in COPY_CODES else one for one in each.findings
        ]


def _asks(watched: Watched, now: datetime) -> bool:
    """Whether somebody changed the copy lately. What is known of a change before that is forgotten."""
    memory, since, wrong = watched.memory, watched.memory.open_since(*COPY_CODES), _wrong(watched)
    repaired = any(now - one < _ASKS_FOR for one in memory.repairs())
    if (wrong and since is None) or not (wrong or repaired):
        memory.forget("changed_by")
    return repaired or (wrong and (since is None or now - since < _ASKS_FOR))


def _wrong(watched: Watched) -> bool:
    return any(one.code in COPY_CODES for one in watched.findings)


def _changes(calls: Calls, now: datetime) -> dict[str, str] | str:
    """The newest change of each cluster's copy, in words; or why CloudTrail does not tell."""
    newest: dict[str, Mapping[str, Any]] = {}
    for name in _CHANGES:
        asked: dict[str, Any] = {
            "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": now - _LOOKS_BACK,
            "EndTime": now,
        }
        for _ in range(_MOST_PAGES):
            try:
                answer = calls.unneeded.call("cloudtrail", "LookupEvents", **asked)
            except CallFailed as failure:
                return f"CloudTrail does not tell who changed the copy: {failure}"
            for event in answer.get("Events", ()):
                cluster = _cluster_of(event)
                if _caller(event).endswith(f"/{calls.function}") and calls.function:
                    continue  # a repair of ours
                if cluster and (cluster not in newest or event["EventTime"] > newest[cluster]["EventTime"]):
                    newest[cluster] = event
            if not answer.get("NextToken"):
                break
            asked["NextToken"] = answer["NextToken"]
    return {cluster: _in_words(event) for cluster, event in newest.items()}


def _cluster_of(event: Mapping[str, Any]) -> str:
    """The cluster of a call that AWS accepted. Empty: it was refused, or names no cluster."""
    detail = object_of(event.get("CloudTrailEvent")) or {}
    parameters = detail.get("requestParameters")
    if detail.get("errorCode") or not isinstance(parameters, dict):
        return ""
    return str(parameters.get("clusterIdentifier") or "")


def _caller(event: Mapping[str, Any]) -> str:
    """The ARN of the caller. Empty: the trail does not say."""
    detail = object_of(event.get("CloudTrailEvent")) or {}
    identity = detail.get("userIdentity")
    return str(identity.get("arn") or "") if isinstance(identity, dict) else ""


def _in_words(event: Mapping[str, Any]) -> str:
    who = _caller(event) or event.get("Username") or "somebody"
    return f"{who} called {event['EventName']} at {iso(event['EventTime'])}"
