"""Starts the failovers of many plans in waves, and follows them all to their ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, words
from resilient_redshift.cli.aws import ask, ask_together
from resilient_redshift.cli.errors import (
    INTERRUPTED,
    ApiError,
    CliError,
    DeniedError,
    ThrottledError,
    UnreachableError,
)
from resilient_redshift.cli.history import History
from resilient_redshift.cli.steps import as_words
from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.request import FAILOVER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.fleet.candidates import Candidate
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.tools import Tools

#: Seconds between two looks at what runs.
_PAUSE: Final = 5.0
#: After this many seconds in which AWS answers nothing, following ends.
_PATIENCE: Final = 3600.0
#: After this many attempts without an answer, a failover counts as not started. Each attempt is four calls.
_MOST_ATTEMPTS: Final = 10


@dataclass(kw_only=True)
class Progress:
    """How far the failover of one plan is.

    Args:
        plan: the plan.
        arn: the execution. Empty: it is not started.
        execution: the execution as it was last read.
        phase: the phase in words. Empty: it is not known.
        problem: why the execution could not be started.
        name: the name of the execution, from the first attempt to start it on.
        attempts: how many attempts to start it got no answer.
    """

    plan: Plan
    arn: str = ""
    execution: Execution | None = None
    phase: str = ""
    problem: str = ""
    name: str = ""
    attempts: int = 0
    history: History | None = None

    @property
    def waits(self) -> bool:
        """Whether the failover is still to be started."""
        return not self.arn and not self.problem

    @property
    def runs(self) -> bool:
        """Whether the failover is under way."""
        return bool(self.arn) and not self.problem and (self.execution is None or self.execution.running)

    @property
    def outcome(self) -> str:
        """The outcome, or what the failover does now."""
        if self.problem:
            return "unknown" if self.arn else "not started"
        if self.waits:
            return "waits"
        if self.runs:
            return self.phase or "started"
        return self.execution.outcome if self.execution else "unknown"


@dataclass
class Waves:
    """The failovers of many plans, some of them at a time.

    Args:
        tools: the world around the command.
        at_once: how many run at the same time, at most.
        show: what is called after each change.
    """

    tools: Tools
    at_once: int
    show: Callable[[Sequence[Progress]], None]
    progress: list[Progress] = field(default_factory=list)
    _silent: float = 0.0

    def run(self, candidates: Sequence[Candidate]) -> list[Progress]:
        """Start and follow all failovers.

        The plans of one group start together as soon as there is room for all of them, or nothing else runs: what
        belongs together comes back together.

        Args:
            candidates: what to start, and what runs already.

        Raises:
            CliError: the user interrupted (130), or AWS did not answer for an hour (2). What was started runs on.
        """
        self.progress = [
            Progress(plan=one.plan, arn=one.execution.arn if one.execution else "", execution=one.execution)
            for one in sorted(candidates, key=_order)
        ]
        try:
            while any(one.waits or one.runs for one in self.progress):
                self._start_more()
                self._look()
                self.show(self.progress)
                if any(one.waits or one.runs for one in self.progress):
                    self.tools.sleep(_PAUSE)
        except KeyboardInterrupt:
            started = sum(one.runs for one in self.progress)
            raise CliError(
                f"stopped watching; {words.count(started, 'failover')} run on, "
                f"{sum(one.waits for one in self.progress)} were not started",
                "the same command goes on with them",
                status=INTERRUPTED,
                facts=self._facts,
            ) from None
        return self.progress

    @property
    def _facts(self) -> dict[str, Any]:
        """What ``--json`` says of what was started, when the command ends before the failovers do."""
        return {"executions": [one.arn for one in self.progress if one.arn]}

    def _start_more(self) -> None:
        tried: list[Progress] = []
        while waiting := [one for one in self.progress if one.waits and one not in tried]:
            running = sum(one.runs for one in self.progress)
            group = waiting[0].plan.record.get("group")
            together = [one for one in waiting if group and one.plan.record.get("group") == group] or waiting[:1]
            if running and running + len(together) > self.at_once:
                return
            for one in together:
                self._start(one)
            tried += together

    def _start(self, one: Progress) -> None:
        """Start a failover. One that gets no answer waits on, and is tried again under the same name."""
        machine = str(one.plan.machine("restore"))
        one.name = one.name or executions.name_for(FAILOVER, one.plan.name, self.tools.now())
        given: dict[str, Any] = {"plan": one.plan.name, "mode": FAILOVER}
        try:
            one.arn = executions.start(self.tools, machine, one.name, given)
        except CliError as error:
            if error.status == INTERRUPTED:
                raise
            cause = error.__cause__
            if one.attempts and isinstance(cause, ApiError) and cause.meaning is Meaning.EXISTS:
                one.arn = executions.arn_for(machine, one.name)  # only the answer to a former attempt was lost
                return
            one.attempts += 1
            if not isinstance(cause, UnreachableError | ThrottledError):
                one.problem = error.message
            elif one.attempts == _MOST_ATTEMPTS:
                one.problem = f"{error.message}; {one.name} may be running"

    def _look(self) -> None:
        running = [one for one in self.progress if one.runs]
        answers = ask_together([partial(executions.describe, self.tools.aws, one.arn) for one in running])
        self._silent = (
            0.0 if any(answer.problem is None for answer in answers) or not running else self._silent + _PAUSE
        )
        if self._silent > _PATIENCE:
            message = "AWS has not answered for an hour; the failovers may run on"
            raise CliError(message, "run the same command again", facts=self._facts)
        for one, answer in zip(running, answers, strict=True):
            if isinstance(answer.problem, DeniedError):
                message = f"{answer.problem.message}; the failovers run on"
                raise CliError(message, answer.problem.hint, facts=self._facts)
            if isinstance(answer.problem, executions.NoExecutionError):
                one.problem = answer.problem.message
            if answer.value is not None:
                one.execution = answer.value
        for one, phase in zip(running, ask_together([partial(self._phase, one) for one in running]), strict=True):
            one.phase = phase.value or one.phase

    def _phase(self, one: Progress) -> str:
        one.history = one.history or History(self.tools.aws, one.arn)
        entered = [event.entered for event in ask(one.history.news).value or () if event.entered]
        return as_words(entered[-1]) if entered else ""


def _order(one: Candidate) -> tuple[bool, str, str]:
    group = str(one.plan.record.get("group") or "")
    return (not group, group, one.plan.name)
