"""The past and present runs of plans, as Step Functions remembers them: 90 days after their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import executions
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cloud.restore import rivals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.errors import CliError
    from resilient_redshift.cli.executions import Execution

#: The most executions of one answer (Step Functions API, ListExecutions).
_PAGE: Final = 1000
#: How many executions are read at a time, and at most. Only its input says which plan a scheduled drill is of.
_READ_AT_ONCE: Final = 40
_MOST_READ: Final = 200


@dataclass
class PastRuns:
    """The runs of some plans, the newest first.

    Args:
        runs: the runs.
        unread: the runs that could not be read, each with the reason. One of them may be of the plans.
        older: how many older executions of the machines were not read.
    """

    runs: list[Execution] = field(default_factory=list)
    unread: list[tuple[Execution, CliError]] = field(default_factory=list)
    older: int = 0


def read(aws: Aws, machines: Collection[str], plans: Collection[str], most: int) -> PastRuns:
    """Read the newest runs.

    Args:
        aws: calls to AWS.
        machines: the ARNs of the restore machines.
        plans: the names of the plans.
        most: how many runs to return, at most.

    Raises:
        CliError: the executions of a machine cannot be listed.
    """
    answers = ask_together([partial(executions.listed, aws, machine, maxResults=_PAGE) for machine in sorted(machines)])
    every = [one for answer in answers for one in answer.get()]
    wanted = sorted((one for one in every if _may_be_of(one.name, plans)), key=lambda one: one.started, reverse=True)
    found = PastRuns(older=len(wanted))
    for some in _parts(wanted[:_MOST_READ], min(most, _READ_AT_ONCE)):
        described = ask_together([partial(executions.describe, aws, one.arn) for one in some])
        for one, answer in zip(some, described, strict=True):
            if len(found.runs) == most:
                return found
            found.older -= 1
            if answer.problem is not None:
                found.unread.append((one, answer.problem))
            elif answer.get().input.get("plan") in plans:
                found.runs.append(answer.get())
    return found


def _may_be_of(name: str, plans: Collection[str]) -> bool:
    return any(rivals.by_name(name, plan) is None for plan in plans)


def _parts(items: Sequence[Execution], size: int) -> Iterator[Sequence[Execution]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
