"""Advice on the hosted zone of a plan's DNS record: whether Route 53 recovers its control plane fast.

A failover moves the record with ChangeResourceRecordSets. When the Region of Route 53's control plane is lost, that
call works again within about 60 minutes for a public zone with accelerated recovery (Route 53 Developer Guide). The
failover itself does not wait for it, so the line never says that a failover would not start. The watcher does not ask,
because an advice opens no finding.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.errors import Unread
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.needs import AGAIN, NOT_OK, Line, cannot_tell, ok, unread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cloud.restore.needs import Reply
    from resilient_redshift.cloud.watch.readiness_reading import Caller

_NAME: Final = "DNS zone"
_ON: Final = frozenset({"ENABLED", "ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLE_FAILED"})
_OFF: Final = frozenset({"DISABLED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED", "ENABLE_FAILED"})
_UNKNOWN: Final = (
    "AWS does not say whether accelerated recovery is on: it was never switched on, or this botocore is too old"
)


def advice(caller: Caller, record: Mapping[str, Any]) -> list[Line]:
    """The line of the hosted zone of a plan's DNS record. No line for a plan without a record.

    Args:
        caller: calls to AWS in the recovery Region.
        record: what is understood of the plan's record.
    """
    zone = record.get("restore", {}).get("dns", {}).get("hosted_zone_id")
    if zone is None:
        return []
    try:
        reply: Reply = caller.call("route53", "GetHostedZone", Id=zone)
    except Unread as error:
        reply = error
    return [replace(line(zone, reply), advice=True)]


def line(zone: str, reply: Reply) -> Line:
    """Judge the hosted zone by the answer of GetHostedZone.

    Args:
        zone: the zone's id.
        reply: the answer, or why there is none.
    """
    if isinstance(reply, Unread):
        if reply.meaning is Meaning.MISSING:
            return _off(
                f"there is no hosted zone {zone}, so no failover can move the record", "make it, or mend the plan"
            )
        return unread(_NAME, reply)
    found = reply["HostedZone"]
    if found.get("Config", {}).get("PrivateZone"):
        return ok(_NAME, "private; Route 53 accelerates the recovery of public zones only")
    features = found.get("Features") or {}
    status = features.get("AcceleratedRecoveryStatus")
    to_do = f"aws route53 update-hosted-zone-features --hosted-zone-id {zone} --enable-accelerated-recovery"
    if status in _ON:
        return ok(_NAME, f"accelerated recovery is {status}")
    if status in _OFF:
        return _off(f"accelerated recovery is {status}", to_do)
    seen = _UNKNOWN if status is None else f"accelerated recovery is {status!r}, which this release does not know"
    return cannot_tell(_NAME, seen, to_do if status is None else AGAIN)


def _off(seen: str, to_do: str) -> Line:
    return Line(name=_NAME, state=NOT_OK, seen=seen, to_do=to_do)
