"""AWS::Logs::LogGroup: a name that is taken fails the create; ministack would overwrite the group and lose what it holds.

And what a function still has to say when its chosen group is gone makes no new one: the function's role would need logs:CreateLogGroup for
that [D] Lambda guide, "Log group naming"; ministack makes one, which then is in the way of the stack's next deployment.
"""

from __future__ import annotations

from typing import Any

from ministack.services import cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import provisioners

_TYPE = "AWS::Logs::LogGroup"
_original = provisioners._cwlogs_create
_emit = lambda_svc._emit_lambda_logs


def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    """Create the group, unless its name is taken [S] CreateLogGroup's ResourceAlreadyExistsException."""
    name = properties.get("LogGroupName")
    if name and name in cloudwatch_logs._log_groups:
        raise ValueError(
            f"Resource of type '{_TYPE}' with identifier '{{\"/properties/LogGroupName\":\"{name}\"}}' already exists."
        )
    found: tuple[str, dict[str, Any]] = _original(logical_id, properties, stack_name)
    return found


def emit(
    func: dict[str, Any],
    request_id: str,
    log_text: str,
    error: bool,
    duration_ms: int,
    *,
    log_source: str | None = None,
) -> None:
    """Write what a function said, unless the group that it was given is gone."""
    chosen = ((func.get("config") or func).get("LoggingConfig") or {}).get("LogGroup")
    if not chosen or chosen in cloudwatch_logs._log_groups:
        _emit(func, request_id, log_text, error, duration_ms, log_source=log_source)


def install() -> None:
    """Replace ministack's create of log groups, and its writing into them."""
    provisioners._RESOURCE_HANDLERS[_TYPE]["create"] = create
    lambda_svc._emit_lambda_logs = emit
