"""Follows an execution to its end, through interrupted connections, and shows its phases and what they say."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import executions, words
from resilient_redshift.cli.errors import INTERRUPTED, CliError, DeniedError, ThrottledError, UnreachableError
from resilient_redshift.cli.history import History
from resilient_redshift.cli.steps import WORDS, as_words

if TYPE_CHECKING:
    from datetime import datetime

    from resilient_redshift.cli.executions import Execution
    from resilient_redshift.cli.history import Event
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


@dataclass
class Follower:
    """Follows one execution.

    Args:
        tools: the world around the command.
        arn: the ARN of the execution.
        watch_command: the command that watches the same execution again.
    """

    tools: Tools
    arn: str
    watch_command: str
    _lines: set[str] = field(default_factory=set)
    #: The present phase in words, what a phase said last, and how far the present phase is.
    _phase: str = ""
    _said: str = ""
    _progress: str = ""
    _may_read: bool = True
    #: The execution's age at the last event, and the time at which that event was read.
    _last_event_age: tuple[float, datetime] | None = None
    _last_line_at: datetime | None = None

    @cached_property
    def _history(self) -> History:
        return History(self.tools.aws, self.arn)

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
                f"stopped watching; {name} runs on",
                f"watch it again: {self.watch_command}",
                status=INTERRUPTED,
                facts={"execution": self.arn},
            ) from None
        except executions.NoExecutionError:
            raise
        except CliError as error:
            raise CliError(
                f"{error.message}; {name} may run on",
                f"{error.hint}; then: {self.watch_command}".lstrip("; "),
                facts={"execution": self.arn},
            ) from error

    def _poll_to_the_end(self, line: Line) -> Execution:
        pause, silence = _FIRST_PAUSE, 0.0
        while True:
            try:
                execution = executions.describe(self.tools.aws, self.arn)
                self._show_news(execution)
                if silence:
                    self.tools.screen.say("  connected again", "dim")
                silence = 0.0
                if not execution.running:
                    return execution
                self._break_silence(execution)
                parts = (words.span(self._age(execution)), self._phase, self._progress)
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

    def _show_news(self, execution: Execution) -> None:
        for event in self._news():
            age = (event.at - execution.started).total_seconds()
            self._last_event_age = (age, self.tools.now())
            if event.entered:
                self._show_phase(age, event.entered)
            elif event.says:
                self._show_words(age, event)
            else:
                self._write_once(age, f"{self._phase}: {event.failed}", "dim")

    def _news(self) -> list[Event]:
        if not self._may_read:
            return []
        try:
            return self._history.news()
        except DeniedError as error:  # the outcome is still of use
            self._may_read = False
            self.tools.screen.say(f"  cannot read the history ({error.code}); the outcome is shown at the end", "dim")
            return []

    def _show_phase(self, age: float, state: str) -> None:
        """Show a phase when the run comes to it. A former release's machine runs in circles: show each state once."""
        phase = as_words(state)
        if phase == self._phase:
            return
        self._phase, self._progress = phase, ""
        if state in WORDS:
            self._write(age, phase)
        else:
            self._write_once(age, phase)

    def _show_words(self, age: float, event: Event) -> None:
        """Show what a phase said, if it is new. How far a phase is stays in the live line of a terminal."""
        if event.again:
            self._progress = event.says
        if event.says == self._said:
            return
        self._said = event.says
        if not (event.again and self.tools.screen.live):
            self._write(age, event.says, "dim")

    def _break_silence(self, execution: Execution) -> None:
        """Write a line if there was none for long, so that a reader of a log knows that the command still works."""
        now = self.tools.now()
        if self._last_line_at is None:
            self._last_line_at = now
        elif not self.tools.screen.live and (now - self._last_line_at).total_seconds() >= _SILENCE:
            self._write(self._age(execution), ": ".join(filter(None, ("still running", self._phase, self._progress))))

    def _write_once(self, age: float, text: str, style: str = "") -> None:
        if text not in self._lines:
            self._lines.add(text)
            self._write(age, text, style)

    def _write(self, age: float, text: str, style: str = "") -> None:
        self._last_line_at = self.tools.now()
        self.tools.screen.say(f"  {words.span(age):>12}  {text}", style, hang=16)

    def _age(self, execution: Execution) -> float:
        """How long the execution has run, in seconds.

        AWS's clock counts up to the last event and ours from then on: the two clocks may differ.
        """
        if self._last_event_age is None:
            return max(0.0, (self.tools.now() - execution.started).total_seconds())
        age, at = self._last_event_age
        return age + (self.tools.now() - at).total_seconds()
