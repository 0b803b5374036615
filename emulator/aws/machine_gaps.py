"""What ministack's Step Functions lacks, one function a gap."""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions


def install() -> None:
    """Mend them."""
    _output_of_succeed()
    _assign_at_once()


def _output_of_succeed() -> None:
    """A JSONata Succeed state's Output is its output [D]; ministack passes the input on."""
    original = stepfunctions._apply_output_path

    def apply(state: dict[str, Any], data: Any, ctx: Any = None) -> Any:
        jsonata = stepfunctions._state_query_language(state, ctx) == "JSONata"
        if state.get("Type") == "Succeed" and "Output" in state and jsonata:
            return stepfunctions._apply_jsonata_output(state, data, ctx, default=data)
        return original(state, data, ctx)

    stepfunctions._apply_output_path = apply


def _assign_at_once() -> None:
    """All of an Assign sees the variables as they were when the state was entered [D]; ministack assigns one by one."""
    original = stepfunctions._apply_state_assign

    def assign(state: dict[str, Any], data: Any, ctx: Any, result: Any = None, error_output: Any = None) -> None:
        if ctx is None:
            return
        seen: dict[str, Any] = ctx.setdefault("variables", {})
        found: dict[str, Any] = {}
        for name, template in (state.get("Assign") or {}).items():
            one = {**ctx, "variables": dict(seen)}
            original({**state, "Assign": {name: template}}, data, one, result=result, error_output=error_output)
            found.update({name: one["variables"][name]} if name in one["variables"] else {})
        seen.update(found)

    stepfunctions._apply_state_assign = assign
