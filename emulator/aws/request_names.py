"""What a request is: its parameters, and the name of its operation."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import parse_qs

from ministack.core import iam_actions

_CONCURRENCY: Final = {"GET": "lambda:GetFunctionConcurrency", "DELETE": "lambda:DeleteFunctionConcurrency"}


def action_of(service: str, asked: tuple[str, str, Any, bytes, Any]) -> str:
    """Name a call ``service:Operation``; ministack has no names for Redshift's.

    Args:
        service: as ministack spells it.
        asked: method, path, headers, body and routing parameters.
    """
    method, path, headers, body, _ = asked
    if service == "redshift":
        return f"redshift:{params_of(body).get('Action')}"
    if service == "redshift-data":
        return f"redshift-data:{str(headers.get('x-amz-target', '')).rpartition('.')[2]}"
    return precise(iam_actions.extract_iam_action(service, *asked), method) or f"{service}:{method} {path}"


def precise(action: str | None, method: str) -> str | None:
    """The action of a call. ministack has one name for each call about a function's concurrency."""
    return _CONCURRENCY.get(method, action) if action == "lambda:PutFunctionConcurrency" else action


def params_of(body: bytes) -> dict[str, Any]:
    """The parameters of a call, as JSON or as a form."""
    try:
        found = json.loads(body)
    except ValueError:
        return {key: values[0] for key, values in parse_qs(body.decode("latin-1")).items()}
    return found if isinstance(found, dict) else {"payload": found}
