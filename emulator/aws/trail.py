"""CloudTrail: calls of Redshift's and KMS's API that changed something, and StartExecution, for rules and LookupEvents.

* A rule sees an accepted call at once, as "AWS API Call via CloudTrail" [D] EventBridge guide; calls that only read are not sent [D].
* LookupEvents shows it five minutes later ("typically within 5 minutes" [D]), for 90 days [D], newest first.
* It tells of StartExecution, with the execution's ARN in the answer [U].
* A lookup by ResourceName finds the names of clusters, snapshots, grants, schedules and keys in the parameters [U].
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import TYPE_CHECKING, Any, Final

from ministack.core.responses import get_region, request_scope
from ministack.services import cloudtrail

from emulator.aws.events import send
from emulator.aws.sessions import Principal

if TYPE_CHECKING:
    from emulator.aws.call_log import Call
    from emulator.aws.world import EmulatedWorld

_SERVICES: Final = frozenset({"redshift", "kms"})
#: The only call of Step Functions that is kept.
_START: Final = "StartExecution"
_DELAY: Final = dt.timedelta(minutes=5)
_KEPT: Final = dt.timedelta(days=90)
_PAGE: Final = 50
#: Parameters that name a resource, and its type.
_NAMES: Final = {
    "clusterIdentifier": "AWS::Redshift::Cluster",
    "newClusterIdentifier": "AWS::Redshift::Cluster",
    "snapshotIdentifier": "AWS::Redshift::Snapshot",
    "snapshotCopyGrantName": "AWS::Redshift::SnapshotCopyGrant",
    "scheduleIdentifier": "AWS::Redshift::SnapshotSchedule",
    "keyId": "AWS::KMS::Key",
}


class Trail:
    """The calls of one world."""

    def __init__(self, world: EmulatedWorld) -> None:
        """Begin empty."""
        self._world = world
        self._entries: list[tuple[dt.datetime, str, dict[str, Any]]] = []  # when, Region, CloudTrail's record

    def note(self, call: Call, principal: Principal | str, answer: bytes = b"") -> None:
        """Take in a call that has ended; of a start, the answer too, which says what was started."""
        started = call.operation == _START
        if not (started or call.service in _SERVICES) or not call.mutating or call.error is not None:
            return
        service = "states" if started else call.service
        record = {
            "eventVersion": "1.11",
            "userIdentity": self._identity(principal),
            "eventTime": call.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": f"{service}.amazonaws.com",
            "eventName": call.operation,
            "awsRegion": call.region,
            "requestParameters": {
                **json.loads(json.dumps(_lower(call.params), default=str)),
                **({"input": "HIDDEN_DUE_TO_SECURITY_REASONS"} if started else {}),
            },
            "responseElements": json.loads(answer) if started else None,
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": self._world.account,
        }
        self._entries.append((call.at, call.region, record))
        with request_scope(self._world.account, call.region):
            send(f"aws.{service}", "AWS API Call via CloudTrail", record, [])

    def _identity(self, principal: Principal | str) -> dict[str, Any]:
        account = self._world.account
        if isinstance(principal, Principal):
            issuer = {"type": "Role", "arn": principal.role_arn, "userName": principal.role_name, "accountId": account}
            return {
                "type": "AssumedRole",
                "arn": principal.session_arn,
                "accountId": account,
                "sessionContext": {"sessionIssuer": issuer},
            }
        if principal == "root":
            return {"type": "Root", "arn": f"arn:aws:iam::{account}:root", "accountId": account}
        return {"type": "AWSService", "invokedBy": principal}

    def lookup(self, given: dict[str, Any]) -> dict[str, Any]:
        """LookupEvents in the present Region."""
        now, region = self._world.now(), get_region()
        wanted = {each["AttributeKey"]: each["AttributeValue"] for each in given.get("LookupAttributes") or []}
        start, end = (given.get(name) for name in ("StartTime", "EndTime"))
        found = [
            _shown(at, record)
            for at, where, record in reversed(self._entries)
            if where == region
            and now - _KEPT <= at <= now - _DELAY
            and (start is None or at.timestamp() >= float(start))
            and (end is None or at.timestamp() <= float(end))
        ]
        found = [each for each in found if _matches(each, wanted)]
        first, size = int(given.get("NextToken") or 0), min(int(given.get("MaxResults") or _PAGE), _PAGE)
        more = {"NextToken": str(first + size)} if len(found) > first + size else {}
        return {"Events": found[first : first + size], **more}


def _lower(value: Any) -> Any:
    """Parameters in CloudTrail's spelling: ``ClusterIdentifier`` is ``clusterIdentifier`` there."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: _lower(member) for name, member in value.items()}
    return [_lower(member) for member in value] if isinstance(value, list) else value


def _shown(at: dt.datetime, record: dict[str, Any]) -> dict[str, Any]:
    names = record["requestParameters"] or {}
    user = record["userIdentity"]
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": "false",
        "EventTime": at.timestamp(),
        "EventSource": record["eventSource"],
        "Username": str(user.get("arn", user.get("invokedBy", ""))).rsplit("/", 1)[-1],
        "Resources": [
            {"ResourceType": kind, "ResourceName": names[name]} for name, kind in _NAMES.items() if names.get(name)
        ],
        "CloudTrailEvent": json.dumps(record),
    }


def _matches(shown: dict[str, Any], wanted: dict[str, str]) -> bool:
    for key, value in wanted.items():
        if key in {"ResourceName", "ResourceType"}:
            if value not in [resource[key] for resource in shown["Resources"]]:
                return False
        elif shown.get(key) != value:
            return False
    return True


def install(world: EmulatedWorld) -> None:
    """Answer LookupEvents from the world's trail."""
    cloudtrail._DISPATCH["LookupEvents"] = lambda body: cloudtrail._ok(world.trail.lookup(body))
