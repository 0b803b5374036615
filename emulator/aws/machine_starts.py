"""StartExecution as documented: names and inputs are checked, and a name is used once, but for the same start again."""

from __future__ import annotations

import json
import re
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import stepfunctions

# [D] StartExecution: 1-80 characters; no white space, brackets, wildcards, special or control characters
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")
_MOST_INPUT = 262_144


def install() -> None:
    """Stand before ministack's own start."""
    original = stepfunctions._start_execution

    def start_execution(data: dict[str, Any]) -> Any:
        name, given = data.get("name"), data.get("input", "{}")
        if name is not None and not _NAME.fullmatch(str(name)):
            return error_response_json("InvalidName", f"Invalid Name: '{name}'", 400)
        try:
            json.loads(given)
        except ValueError as error:
            return error_response_json(
                "InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'", 400
            )
        if len(given.encode()) > _MOST_INPUT:
            return error_response_json("ValidationException", f"Member must have length <= {_MOST_INPUT}", 400)
        known = stepfunctions._executions.get(_arn(str(data.get("stateMachineArn", "")), str(name)))
        if known is not None and known["status"] == "RUNNING" and known["input"] == given:
            # [D] the same start again while it runs: the same answer
            return json_response({"executionArn": known["executionArn"], "startDate": known["startDate"]})
        return original(data)

    stepfunctions._start_execution = start_execution


def _arn(machine_arn: str, name: str) -> str:
    machine = machine_arn.rsplit(":", 1)[-1]
    return f"arn:aws:states:{get_region()}:{get_account_id()}:execution:{machine}:{name}"
