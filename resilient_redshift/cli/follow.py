"""Follows an execution live: its steps, what Redshift says, through interrupted connections, until it is over."""

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

#: Seconds between two looks: quick at first, then gently.
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 5.0
_GROWTH: Final = 1.4
#: Seconds without an answer after which nobody watches any more.
_PATIENCE: Final = 3600.0
#: Seconds of silence after which a line is written where no terminal shows a live one: logs of pipelines are watched.
_SILENCE: Final = 300.0
#: At most 1000 events an answer (Step Functions API, GetExecutionHistory).
_EVENTS: Final = 200
_FIRST_EVENTS: Final = 1000
#: States that do something, and those that wait; choices and computations are of no interest to people.
_STEPS: Final = frozenset({"TaskStateEntered", "WaitStateEntered", "MapStateEntered", "ParallelStateEntered"})
#: To ask for something that is not there is how machines look.
_NOT_THERE: Final = re.compile(r"NotFound|NoSuch|DoesNotExist")
_WORDS_AT_MOST: Final = 160


@dataclass
class Follower:
    """Follows one execution.

    ``again`` is the command that attaches to it; ``redshift`` says what Redshift tells about what is made, or nothing.
    """

    tools: Tools
    arn: str
    again: str
    redshift: Callable[[Execution], str] = lambda _: ""
    _seen: int = 0
    _known: set[str] = field(default_factory=set)
    _step: str = ""
    _step_at: tuple[float, datetime] | None = None
    _said: str = ""
    _spoken: datetime | None = None

    def follow(self) -> Execution:
        """Follow to the end.

        Raises:
            CliError: interrupted (130), or nobody answers for an hour (2); the execution runs on.
        """
        name = self.arn.rsplit(":", 1)[-1]
        try:
            with self.tools.screen.line() as line:
                return self._watch(line)
        except KeyboardInterrupt:
            raise CliError(
                f"stopped watching; {name} runs on", f"watch it again: {self.again}", status=INTERRUPTED
            ) from None
        except executions.NoExecutionError:
            raise
        except CliError as error:
            raise CliError(
                f"{error.message}; {name} may run on", f"{error.hint}; then: {self.again}".lstrip("; ")
            ) from error

    def _watch(self, line: Line) -> Execution:
        pause, silent = _FIRST_PAUSE, 0.0
        while True:
            try:
                found = executions.describe(self.tools.aws, self.arn)
                self._tell_steps(found)
                self._tell_redshift(found)
                if silent:
                    self.tools.screen.say("  connected again", "dim")
                silent = 0.0
                if not found.running:
                    return found
                self._tell_that_it_lives(found)
                line("   ".join(filter(None, (words.span(self._elapsed(found)), self._step, self._said))))
            except (UnreachableError, ThrottledError) as error:
                if not silent:
                    self.tools.screen.say(f"  {error.message}; the execution runs on, trying again", "yellow")
                line("no connection; the execution runs on")
                silent += pause
                if silent > _PATIENCE:
                    raise
            self.tools.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)

    def _tell_steps(self, found: Execution) -> None:
        for event in self._new_events():
            elapsed = (event["timestamp"] - found.started).total_seconds()
            self._step_at = (elapsed, self.tools.now())
            if event["type"] in _STEPS:
                self._step = as_words(event["stateEnteredEventDetails"]["name"])
                self._once(elapsed, self._step)
            elif event["type"] == "TaskFailed":
                details = event.get("taskFailedEventDetails", {})
                if _NOT_THERE.search(str(details.get("error", ""))):
                    continue
                cause = " ".join(str(details.get("cause", "")).split())[:_WORDS_AT_MOST]
                self._once(elapsed, f"{self._step}: {details.get('error', 'failed')} {cause}".rstrip(), "dim")

    def _tell_redshift(self, found: Execution) -> None:
        said = self.redshift(found) if found.running else ""
        if said and said != self._said:
            self._say(self._elapsed(found), said, "dim")
        self._said = said

    def _tell_that_it_lives(self, found: Execution) -> None:
        now = self.tools.now()
        if self._spoken is None:
            self._spoken = now
        elif not self.tools.screen.live and (now - self._spoken).total_seconds() >= _SILENCE:
            self._say(self._elapsed(found), ": ".join(filter(None, ("still there", self._step))))

    def _once(self, elapsed: float, text: str, style: str = "") -> None:
        if text not in self._known:
            self._known.add(text)
            self._say(elapsed, text, style)

    def _say(self, elapsed: float, text: str, style: str = "") -> None:
        self._spoken = self.tools.now()
        self.tools.screen.say(f"  {words.span(elapsed):>12}  {text}", style)

    def _elapsed(self, found: Execution) -> float:
        """By AWS's clock as far as events tell, by ours from there: they need not agree."""
        if self._step_at is None:
            return max(0.0, (self.tools.now() - found.started).total_seconds())
        elapsed, at = self._step_at
        return elapsed + (self.tools.now() - at).total_seconds()

    def _new_events(self) -> list[dict[str, Any]]:
        """What happened since the last look, the oldest first; of a long past its two ends."""
        try:
            found = self._history(reverseOrder=True, maxResults=_EVENTS if self._seen else _FIRST_EVENTS)
            if self._seen == 0 and found[-1:] and found[-1]["id"] > 1:  # how it began is worth telling, too
                found += self._history(maxResults=_FIRST_EVENTS)
            elif self._seen and found[-1:] and found[-1]["id"] > self._seen + 1:  # much has happened since
                found += self._history(reverseOrder=True, maxResults=_FIRST_EVENTS)
        except DeniedError:  # the outcome is worth waiting for without the steps
            return []
        new = {int(event["id"]): event for event in found if event["id"] > self._seen}
        self._seen = max([self._seen, *new])
        return [new[number] for number in sorted(new)]

    def _history(self, **how: object) -> list[dict[str, Any]]:
        region = executions.region_of(self.arn)
        answer = self.tools.aws.call(
            region, "stepfunctions", "GetExecutionHistory", executionArn=self.arn, includeExecutionData=False, **how
        )
        return list(answer["events"])
