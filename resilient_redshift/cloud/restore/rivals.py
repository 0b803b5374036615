"""Which of the other running executions are rivals of a run.

This module imports no botocore: the command asks the same before it starts a run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.restore.request import DRILL, FAILOVER, Request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from resilient_redshift.cloud.restore.run import Run


def what_it_does(given: Mapping[str, Any]) -> str:
    """What an execution does, as ``run.others`` has it: the mode and the plan, as far as its input is right."""
    request = Request.of(given)
    return f"{request.mode} {request.plan}"


#: What the command calls a run: its mode, the beginning of its plan's name, and a time. ``region_switch.py`` has a hash
#: in the place of the time.
_NAMED: Final = re.compile(rf"({FAILOVER}|{DRILL})-([a-z0-9-]+)-(?:[0-9]{{8}}t[0-9]{{6}}z|arc[0-9a-f]{{12}})")


def by_name(name: str, plan: str) -> str | None:
    """What an execution does, as its name says.

    The name is enough for a run of another plan, so that 30 runs side by side need not read one another's input. If
    somebody gave a run a wrong name, two runs may go on beside one another; the name of the cluster is the lock.

    Args:
        name: the execution's name.
        plan: the plan of the run that looks.

    Returns:
        The mode and the beginning of the plan's name, as ``run.others`` has them. None: the name does not say it, or
        it may be of ``plan``, and then only the input is certain.
    """
    found = _NAMED.fullmatch(name)
    if found is None or plan.startswith(found[2]):
        return None
    return f"{found[1]} {found[2]}"


def by_whole_name(name: str, plans: Collection[str]) -> str | None:
    """What an execution does, as its name says, where nothing but a screen depends on it.

    Args:
        name: the execution's name.
        plans: the plans that are looked at.

    Returns:
        The mode and the plan, as ``run.others`` has them. None: the name does not say it, or it may be the beginning of
        a longer plan's.
    """
    found = _NAMED.fullmatch(name)
    if found is None or (found[2] not in plans and any(plan.startswith(found[2]) for plan in plans)):
        return None
    return f"{found[1]} {found[2]}"


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
