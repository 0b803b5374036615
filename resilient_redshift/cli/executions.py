"""Executions of a state machine: list them, start one only once, read how one ended (Step Functions API)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.aws import ask_together
from resilient_redshift.cli.errors import INTERRUPTED, ApiError, CliError, ThrottledError, UnreachableError
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore import rivals
from resilient_redshift.contract.understood import object_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.aws import Answer, Aws
    from resilient_redshift.cli.tools import Tools

#: Characters of an execution's name (Step Functions API, StartExecution).
_LONGEST_NAME: Final = 80
#: Characters of the time in a name.
_STAMP: Final = len("20261123t081500z")
#: Seconds between attempts to start. A second start under the same name starts nothing (Step Functions API,
#: StartExecution).
_RETRY_PAUSES: Final = (1.0, 2.0, 4.0)
#: The input of this many running executions is read, at most.
_MOST_READ: Final = 10
#: The texts of an input. Whoever may start the machine may write anything there, which only the machine refuses.
_TEXTS: Final = frozenset({"plan", "mode", "reason"})
RUNNING: Final = "RUNNING"
#: Who started an execution.
SCHEDULE: Final = "a schedule"
PERSON: Final = "a person or a program"
#: An execution's ARN: a Region, an account, a machine and a name (Step Functions API, StartExecution).
_EXECUTION: Final = re.compile(r"arn:[^:\s]+:states:[a-z0-9-]+:[0-9]{12}:execution:[^:\s]{1,80}:[^\s]{1,80}")


class NoExecutionError(CliError):
    """An execution does not exist and never did."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"there is no execution {arn}", "'status' names the running ones")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution, as DescribeExecution returns it. ``output`` is read as JSON, and empty if it is not JSON.

    ``input`` has no plan, mode or reason that is not a text.
    """

    arn: str
    name: str
    status: str
    started: datetime
    ended: datetime | None = None
    input: Mapping[str, Any] = field(default_factory=dict)
    output: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> Execution:
        """Read an answer of DescribeExecution."""
        return cls(
            arn=description["executionArn"],
            name=description["name"],
            status=description["status"],
            started=description["startDate"],
            ended=description.get("stopDate"),
            input={
                name: value
                for name, value in as_object(description.get("input")).items()
                if name not in _TEXTS or isinstance(value, str)
            },
            output=as_object(description.get("output")),
            error=description.get("error") or "",
            cause=description.get("cause") or "",
        )

    @property
    def running(self) -> bool:
        """Whether the execution still runs."""
        return self.status == RUNNING

    @property
    def report(self) -> Mapping[str, Any]:
        """The machine's report: the output, or the cause of a failed execution. Empty if neither is a report."""
        return self.output or as_object(self.cause)

    @property
    def outcome(self) -> str:
        """The outcome in the report or the error. Without one, the status of Step Functions, such as ``TIMED_OUT``."""
        return str(self.report.get("outcome") or self.error or self.status)

    @property
    def started_by(self) -> str:
        """:data:`SCHEDULE` or :data:`PERSON`, as the input says. Empty without an input."""
        if not self.input:
            return ""
        return SCHEDULE if "scheduled_time" in self.input else PERSON


def name_for(kind: str, subject: str, now: datetime) -> str:
    """An execution's name: kind, subject and time, at most 80 characters. Two calls in one second give one name."""
    return f"{kind}-{named_subject(kind, subject)}-{words.stamp(now)}"


def named_subject(kind: str, subject: str) -> str:
    """As much of a subject as an execution's name holds."""
    return subject[: _LONGEST_NAME - len(kind) - _STAMP - 2]


def arn_for(machine: str, execution: str) -> str:
    """The ARN of a machine's execution, from the execution's name or ARN."""
    return (
        execution if execution.startswith("arn:") else f"{machine.replace(':stateMachine:', ':execution:')}:{execution}"
    )


def region_of(arn: str) -> str:
    """The Region in the ARN of a machine or an execution."""
    return arn.split(":")[3]


def describe(aws: Aws, arn: str) -> Execution:
    """Read the current state of one execution.

    Raises:
        CliError: the execution does not exist, or the Region does not answer.
    """
    if _EXECUTION.fullmatch(arn) is None:
        raise NoExecutionError(arn)
    try:
        return Execution.of(aws.call(region_of(arn), "stepfunctions", "DescribeExecution", executionArn=arn))
    except ApiError as error:
        if error.meaning is Meaning.MISSING or error.code == "InvalidArn":
            raise NoExecutionError(arn) from error
        raise


def running(aws: Aws, machine: str, plan: str) -> list[Execution]:
    """The running executions of the restore machine, the oldest first.

    The name of an execution says what it does if it is another plan's. The input is read of the others, of at most ten:
    every command of a fleet makes these calls, and AWS throttles them.

    Args:
        aws: calls to AWS.
        machine: the ARN of the machine.
        plan: the plan whose executions matter. Their input is read.

    Raises:
        CliError: the executions cannot be listed. One that cannot be read has no input.
    """
    return _running(aws, machine, lambda name: rivals.by_name(name, plan))


def running_of_all(aws: Aws, machine: str, plans: Collection[str]) -> list[Execution]:
    """The running executions of the restore machine, the oldest first, to show those of many plans.

    Here the name is enough also for an execution of one of the plans, if it has the plan's whole name.

    Args:
        aws: calls to AWS.
        machine: the ARN of the machine.
        plans: the names of the plans.

    Raises:
        CliError: the executions cannot be listed. One that cannot be read has no input.
    """
    return _running(aws, machine, lambda name: rivals.by_whole_name(name, plans))


def listed(aws: Aws, machine: str, **narrowed: object) -> list[Execution]:
    """The executions of a machine as ListExecutions has them: without input and output.

    Args:
        aws: calls to AWS.
        machine: the ARN of the machine.
        narrowed: further parameters of ListExecutions.

    Raises:
        CliError: the executions cannot be listed.
    """
    items = aws.pages(
        region_of(machine), "stepfunctions", "ListExecutions", "executions", stateMachineArn=machine, **narrowed
    )
    return [Execution.of(item) for item in items]


def _running(aws: Aws, machine: str, by_name: Callable[[str], str | None]) -> list[Execution]:
    named = [replace(one, input=_input(by_name(one.name))) for one in listed(aws, machine, statusFilter=RUNNING)]
    unread = [one.arn for one in named if not one.input][:_MOST_READ]
    read = {arn: answer.value for arn, answer in zip(unread, _described(aws, unread), strict=True)}
    found = [read.get(one.arn) or one for one in named]
    return sorted((one for one in found if one.running), key=lambda one: one.started)


def _input(what_it_does: str | None) -> Mapping[str, Any]:
    """The part of an execution's input that its name says. Empty: only the input says what the execution does."""
    mode, _, of = (what_it_does or "").partition(" ")
    return {"mode": mode, "plan": of} if mode else {}


def _described(aws: Aws, arns: Sequence[str]) -> list[Answer[Execution]]:
    return ask_together([partial(describe, aws, arn) for arn in arns])


def start(tools: Tools, machine: str, name: str, machine_input: Mapping[str, Any]) -> str:
    """Start an execution.

    A lost answer is harmless: the next attempt uses the same name, and Step Functions starts a name only once.

    Args:
        tools: the world around the command.
        machine: the ARN of the state machine.
        name: the name of the execution.
        machine_input: the input of the execution.

    Returns:
        The ARN of the execution.

    Raises:
        CliError: nothing was started, or that is unknown. With exit status 130 the user interrupted the start, and it
            is unknown whether the execution started.
    """
    try:
        return _start(tools, machine, name, json.dumps(machine_input, separators=(",", ":")))
    except KeyboardInterrupt:
        hint = f"check with 'status', or attach to {name}"
        message = f"interrupted during the start of {name}; the execution may be running"
        raise CliError(message, hint, status=INTERRUPTED) from None


def _start(tools: Tools, machine: str, name: str, text: str) -> str:
    region = region_of(machine)
    for pause in (*_RETRY_PAUSES, None):
        try:
            answer = tools.aws.call(
                region, "stepfunctions", "StartExecution", stateMachineArn=machine, name=name, input=text
            )
            return str(answer["executionArn"])
        except (UnreachableError, ThrottledError) as error:
            if pause is None:
                hint = f"the execution may be running: check with 'status', or attach to {name}"
                raise CliError(error.message, hint) from error
            tools.screen.say(f"  {error.message}; trying again under the same name", "yellow")
            tools.sleep(pause)
        except ApiError as error:
            if error.meaning is Meaning.EXISTS:
                hint = f"another command started it in the same second: attach to {name}"
                raise CliError(f"an execution {name} was started already, with another input", hint) from error
            if error.meaning is Meaning.MISSING:
                hint = "deploy the stack that holds the machine: the plan record names a machine that is gone"
                raise CliError(f"there is no state machine {machine}", hint) from error
            raise
    raise AssertionError(name)


def as_object(text: str | None) -> Mapping[str, Any]:
    """Read the input or the output of an execution or a state. Empty if it is no JSON object."""
    return object_of(text) or {}
