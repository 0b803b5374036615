"""AWS::IAM::Policy: the inline policies of one role may not exceed 10,240 characters; ministack does not count."""

from __future__ import annotations

import json
from typing import Any

from ministack.services import iam
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::IAM::Policy"
_LARGEST = 10_240  # [D] "IAM and AWS STS quotas": role inline policies in all, white space not counted
_original = provisioners._iam_policy_put


def put(properties: dict[str, Any], name: str) -> Any:
    """Put the policy on its roles, unless one of them grows too large."""
    size = _size(properties.get("PolicyDocument"))
    for role in properties.get("Roles") or ():
        others = (iam._roles.get(role) or {}).get("InlinePolicies", {})
        total = size + sum(_size(document) for other, document in others.items() if other != name)
        if total > _LARGEST:
            raise ValueError(f"Maximum policy size of {_LARGEST} bytes exceeded for role {role}")
    return _original(properties, name)


def _size(document: Any) -> int:
    parsed = json.loads(document) if isinstance(document, str) else document
    return len(json.dumps(parsed, separators=(",", ":")))


def install() -> None:
    """Replace what ministack's create and update put through."""
    provisioners._iam_policy_put = put
