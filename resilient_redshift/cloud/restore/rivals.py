"""Which of the other running executions are rivals of a run.

This module imports no botocore: the command asks the same before it starts a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resilient_redshift.cloud.restore.request import DRILL, FAILOVER, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cloud.restore.run import Run


def what_it_does(given: Mapping[str, Any]) -> str:
    """What an execution does, as ``run.others`` has it: the mode and the plan, as far as its input is right."""
    request = Request.of(given)
    return f"{request.mode} {request.plan}"


def of_this_plan(run: Run) -> list[str]:
    """The other executions that do the same for the same plan."""
    same = f"{run.request.mode} {run.request.plan}"
    return sorted(name for name, what in run.others.items() if what == same)


def drills_of_this_plan(run: Run) -> list[str]:
    """The other drills of the plan."""
    return sorted(name for name, what in run.others.items() if what == f"{DRILL} {run.request.plan}")


def failovers(run: Run) -> list[tuple[str, str]]:
    """The failovers that a drill yields to: the name and the plan of each. A failover yields to none of them."""
    others = ((name, *what.partition(" ")[::2]) for name, what in sorted(run.others.items()))
    return [(name, plan) for name, mode, plan in others if run.is_drill and mode == FAILOVER]
