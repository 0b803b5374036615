"""Follows an execution to its end, through interrupted connections, and shows its steps and its cluster's status."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import executions, words
from resilient_redshift.cli.errors import INTERRUPTED, CliError, DeniedError, ThrottledError, UnreachableError
from resilient_redshift.cli.steps import as_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.output import Line
    from resilient_redshift.cli.tools import Tools

#: Seconds between two polls: short at first, then longer and longer.
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_GROWTH: Final = 1.4
#: After this many seconds without an answer, following ends with an error.
_PATIENCE: Final = 3600.0
#: After this many seconds of silence a line is written, unless a terminal shows a live one. A pipeline may stop a job
#: whose log is silent.
_SILENCE: Final = 300.0
#: An answer holds at most 1000 events (Step Functions API, GetExecutionHistory).
_EVENTS: Final = 200
_MOST_EVENTS: Final = 1000
#: States that do something, and states that wait. Choices and computations are of no interest to people.
_STEPS: Final = frozenset({"TaskStateEntered", "WaitStateEntered", "MapStateEntered", "ParallelStateEntered"})
#: These errors are normal: a machine checks whether something exists by reading it.
_NOT_THERE: Final = re.compile(r"NotFound|NoSuch|DoesNotExist")
_LONGEST_CAUSE: Final = 160


@dataclass
class Follower:
    """Follows one execution.

    Args:
        tools: the world around the command.
        arn: the ARN of the execution.
        watch_command: the command that watches the same execution again.
        cluster_text: what Redshift says about the cluster of the execution, or an empty text. Default: empty.
    """

    tools: Tools
    arn: str
    watch_command: str
    cluster_text: Callable[[Execution], str] = lambda _: ""
    _last_event: int = 0
    _lines: set[str] = field(default_factory=set)
    _step: str = ""
    #: The execution's age at the last event, and the time at which that event was read.
    _last_event_age: tuple[float, datetime] | None = None
    _last_cluster_text: str = ""
    _last_line_at: datetime | None = None

    def follow(self) -> Execution:
        """Follow the execution to its end.

        Raises:
            CliError: the user interrupted (130), or AWS did not answer for an hour (2). The execution keeps running.
        """
        name = self.arn.rsplit(":", 1)[-1]
        try:
            with self.tools.screen.line() as line:
                return self._poll_to_the_end(line)
        except KeyboardInterrupt:
            raise CliError(
                f"stopped watching; {name} runs on", f"watch it again: {self.watch_command}", status=INTERRUPTED
            ) from None
        except executions.NoExecutionError:
            raise
        except CliError as error:
            raise CliError(
                f"{error.message}; {name} may run on", f"{error.hint}; then: {self.watch_command}".lstrip("; ")
            ) from error

    def _poll_to_the_end(self, line: Line) -> Execution:
        pause, silence = _FIRST_PAUSE, 0.0
        while True:
            try:
                execution = executions.describe(self.tools.aws, self.arn)
                self._show_new_steps(execution)
                self._show_cluster(execution)
                if silence:
                    self.tools.screen.say("  connected again", "dim")
                silence = 0.0
                if not execution.running:
                    return execution
                self._break_silence(execution)
                parts = (words.span(self._age(execution)), self._step, self._last_cluster_text)
                line("   ".join(filter(None, parts)))
            except (UnreachableError, ThrottledError) as error:
                if not silence:
                    self.tools.screen.say(f"  {error.message}; the execution runs on, trying again", "yellow")
                line("no connection; the execution runs on")
                silence += pause
                if silence > _PATIENCE:
                    raise
            self.tools.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)

    def _show_new_steps(self, execution: Execution) -> None:
        for event in self._new_events():
            age = (event["timestamp"] - execution.started).total_seconds()
            self._last_event_age = (age, self.tools.now())
            if event["type"] in _STEPS:
                self._step = as_words(event["stateEnteredEventDetails"]["name"])
                self._write_once(age, self._step)
            elif event["type"] == "TaskFailed":
                details = event.get("taskFailedEventDetails", {})
                if _NOT_THERE.search(str(details.get("error", ""))):
                    continue
                cause = " ".join(str(details.get("cause", "")).split())[:_LONGEST_CAUSE]
                self._write_once(age, f"{self._step}: {details.get('error', 'failed')} {cause}".rstrip(), "dim")

    def _show_cluster(self, execution: Execution) -> None:
        text = self.cluster_text(execution) if execution.running else ""
        if text and text != self._last_cluster_text:
            self._write(self._age(execution), text, "dim")
        self._last_cluster_text = text

    def _break_silence(self, execution: Execution) -> None:
        """Write a line if there was none for long, so that a reader of a log knows that the command still works."""
        now = self.tools.now()
        if self._last_line_at is None:
            self._last_line_at = now
        elif not self.tools.screen.live and (now - self._last_line_at).total_seconds() >= _SILENCE:
            self._write(self._age(execution), ": ".join(filter(None, ("still running", self._step))))

    def _write_once(self, age: float, text: str, style: str = "") -> None:
        if text not in self._lines:
            self._lines.add(text)
            self._write(age, text, style)

    def _write(self, age: float, text: str, style: str = "") -> None:
        self._last_line_at = self.tools.now()
        self.tools.screen.say(f"  {words.span(age):>12}  {text}", style)

    def _age(self, execution: Execution) -> float:
        """How long the execution has run, in seconds.

        AWS's clock counts up to the last event and ours from then on: the two clocks may differ.
        """
        if self._last_event_age is None:
            return max(0.0, (self.tools.now() - execution.started).total_seconds())
        age, at = self._last_event_age
        return age + (self.tools.now() - at).total_seconds()

    def _new_events(self) -> list[dict[str, Any]]:
        """The events since the last poll, the oldest first. Of a long history, only its beginning and its end."""
        try:
            events = self._history(reverseOrder=True, maxResults=_EVENTS if self._last_event else _MOST_EVENTS)
            if self._last_event == 0 and events[-1:] and events[-1]["id"] > 1:  # this answer lacks the beginning
                events += self._history(maxResults=_MOST_EVENTS)
            elif self._last_event and events[-1:] and events[-1]["id"] > self._last_event + 1:  # a gap
                events += self._history(reverseOrder=True, maxResults=_MOST_EVENTS)
        except DeniedError:  # go on without the steps: the outcome is still of use
            return []
        new = {int(event["id"]): event for event in events if event["id"] > self._last_event}
        self._last_event = max([self._last_event, *new])
        return [new[number] for number in sorted(new)]

    def _history(self, **options: object) -> list[dict[str, Any]]:
        region = executions.region_of(self.arn)
        answer = self.tools.aws.call(
            region, "stepfunctions", "GetExecutionHistory", executionArn=self.arn, includeExecutionData=False, **options
        )
        return list(answer["events"])
