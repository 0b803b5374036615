"""Executions of a state machine: which run, starting one once, and how one ended (Step Functions API)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import INTERRUPTED, ApiError, CliError, ThrottledError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from resilient_redshift.cli.aws import Aws
    from resilient_redshift.cli.tools import Tools

_LONGEST_NAME: Final = 80
#: Seconds between attempts to start: the same name starts nothing twice (Step Functions API, StartExecution).
_START_AGAIN: Final = (1.0, 2.0, 4.0)
RUNNING: Final = "RUNNING"


class NoExecutionError(CliError):
    """Nothing runs under that name, and nothing did."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"there is no execution {arn}", "'status' names those that run")


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution, as DescribeExecution tells it; ``output`` and ``cause`` are read as JSON where they are."""

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
    def of(cls, described: Mapping[str, Any]) -> Execution:
        """Read an answer of DescribeExecution."""
        return cls(
            arn=described["executionArn"],
            name=described["name"],
            status=described["status"],
            started=described["startDate"],
            ended=described.get("stopDate"),
            input=_json(described.get("input")),
            output=_json(described.get("output")),
            error=described.get("error") or "",
            cause=described.get("cause") or "",
        )

    @property
    def running(self) -> bool:
        """Whether it is not over."""
        return self.status == RUNNING

    @property
    def report(self) -> Mapping[str, Any]:
        """What the machine told at its end: the output, or the cause of a failed run; empty where it told nothing."""
        return self.output or _json(self.cause)

    @property
    def outcome(self) -> str:
        """The named outcome; where nobody named one, what Step Functions says, such as ``TIMED_OUT``."""
        return str(self.report.get("outcome") or self.error or self.status)


def name_for(kind: str, what: str, now: datetime) -> str:
    """A name that says what and when, 80 characters at most; the same in the same second."""
    stamp = words.stamp(now)
    return f"{kind}-{what[: _LONGEST_NAME - len(kind) - len(stamp) - 2]}-{stamp}"


def arn_for(machine: str, execution: str) -> str:
    """The ARN of a machine's execution, from its name or its ARN."""
    return (
        execution if execution.startswith("arn:") else f"{machine.replace(':stateMachine:', ':execution:')}:{execution}"
    )


def region_of(arn: str) -> str:
    """The Region of a machine or an execution."""
    return arn.split(":")[3]


def describe(aws: Aws, arn: str) -> Execution:
    """One execution as it stands.

    Raises:
        CliError: it is not there, or nobody answers.
    """
    try:
        return Execution.of(aws.call(region_of(arn), "stepfunctions", "DescribeExecution", executionArn=arn))
    except ApiError as error:
        if error.code in {"ExecutionDoesNotExist", "InvalidArn"}:
            raise NoExecutionError(arn) from error
        raise


def running(aws: Aws, machine: str) -> list[Execution]:
    """The executions of a machine that are under way, the oldest first, each with its input."""
    region = region_of(machine)
    found = aws.pages(
        region, "stepfunctions", "ListExecutions", "executions", stateMachineArn=machine, statusFilter=RUNNING
    )
    described = [describe(aws, item["executionArn"]) for item in found]
    return sorted((one for one in described if one.running), key=lambda one: one.started)


def start(tools: Tools, machine: str, name: str, given: Mapping[str, Any]) -> str:
    """Start an execution and return its ARN; an answer that was lost is asked for again under the same name.

    Raises:
        CliError: it was not started, or nobody can tell; interrupted (130), likewise.
    """
    try:
        return _started(tools, machine, name, json.dumps(given, separators=(",", ":")))
    except KeyboardInterrupt:
        hint = f"look with 'status', or attach to {name}"
        raise CliError(f"stopped while {name} was started; it may have begun", hint, status=INTERRUPTED) from None


def _started(tools: Tools, machine: str, name: str, text: str) -> str:
    region = region_of(machine)
    for pause in (*_START_AGAIN, None):
        try:
            answer = tools.aws.call(
                region, "stepfunctions", "StartExecution", stateMachineArn=machine, name=name, input=text
            )
            return str(answer["executionArn"])
        except (UnreachableError, ThrottledError) as error:
            if pause is None:
                hint = f"it may have begun all the same: look with 'status', or attach to {name}"
                raise CliError(error.message, hint) from error
            tools.sleep(pause)
        except ApiError as error:
            if error.code == "ExecutionAlreadyExists":
                hint = f"another start in the same second: attach to it, {name}"
                raise CliError(f"an execution {name} was started already, with another input", hint) from error
            if error.code == "StateMachineDoesNotExist":
                hint = "deploy the stack that holds the machine; its plan record is older than it"
                raise CliError(f"there is no state machine {machine}", hint) from error
            raise
    raise AssertionError(name)


def _json(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
