"""``resilient-redshift drill --cleanup``: call the function that cleans up after drills."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import plans
from resilient_redshift.cli.confirmation import confirm
from resilient_redshift.cli.errors import FINE, MISSED, CliError
from resilient_redshift.cli.output import print_json
from resilient_redshift.contract.understood import object_of

if TYPE_CHECKING:
    from resilient_redshift.cli.tools import Tools

#: The version of what ``--json`` writes.
JSON_VERSION: Final = 1


def clean_up(tools: Tools, name: str, *, yes: bool) -> int:
    """Delete what drills of a plan left behind, now and not within the hour.

    Args:
        tools: the world around the command.
        name: the plan's name.
        yes: whether ``--yes`` was passed. Then nothing is asked.

    Returns:
        The exit status: 0 if the function did its work, 1 if it failed or something is left behind.

    Raises:
        CliError: the plan has no such function, the user declined, or the call failed.
    """
    plan = plans.find_in_recovery_region(tools.aws, name)
    function = plan.part("functions").get("clean_up")
    if function is None:
        hint = plan.problem_of("functions")
        hint = hint or "the next drill deletes what former ones left; plan.rehearse adds the function"
        raise CliError(f"the plan {name} has no rehearsal, so no function cleans up after its drills", hint)
    confirm(tools, f"Delete the clusters that drills of {name} left behind?", yes=yes)
    payload = json.dumps({"plan": name}).encode()
    answer = tools.aws.call(
        plan.recovery, "lambda", "Invoke", FunctionName=function, InvocationType="RequestResponse", Payload=payload
    )
    value = object_of(answer["Payload"].read()) or {}
    failed = "FunctionError" in answer
    message = str(value.get("errorMessage" if failed else "message", ""))
    outcome = message.partition(":")[0] if failed else str(value.get("outcome", "?"))
    tools.screen.say(message if failed else f"{outcome}: {message}", "bold red" if failed else "bold green")
    if tools.json:
        print_json(
            {"version": JSON_VERSION, "outcome": outcome, "message": message, "deleted": value.get("deleted", [])}
        )
    return MISSED if failed else FINE
