"""Takes one small step after the other until a thing is done, through interrupted connections and busy clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import ApiError, CliError, ThrottledError, UnreachableError
from resilient_redshift.cloud.aws.meanings import Meaning

if TYPE_CHECKING:
    from collections.abc import Callable

    from resilient_redshift.cli.output import Line
    from resilient_redshift.cli.tools import Tools

#: Seconds between two looks: short at first, then longer and longer.
_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 15.0
_GROWTH: Final = 1.4
#: After this many seconds without an answer the command ends with an error. So does it for a thing that stays busy.
_SILENCE: Final = 3600.0
#: After this many seconds a log gets a line again.
_LOG: Final = 300.0


@dataclass
class Pace:
    """Waits for things.

    Args:
        tools: the world around the command.
    """

    tools: Tools

    def until(self, tick: Callable[[], str], what: str, within: float | None = None) -> None:
        """Call a function until nothing is left to wait for.

        Args:
            tick: looks at what is there, changes one thing at most, and returns what it waits for. Empty: it is done.
            what: what is done, in words.
            within: how long this may take, in seconds. Default: any time.

        Raises:
            CliError: a call failed for good, AWS did not answer for an hour, or the time is over.
        """
        with self.tools.screen.line() as line:
            self._tick_to_the_end(tick, what, within, line)

    def _tick_to_the_end(self, tick: Callable[[], str], what: str, within: float | None, line: Line) -> None:
        pause, began = _FIRST_PAUSE, self.tools.now()
        lost = logged = 0.0
        trouble = ""
        while True:
            try:
                waits_for = tick()
                if trouble:
                    self.tools.screen.say("    connected again", "dim")
                lost, trouble = 0.0, ""
                if not waits_for:
                    return
            except (UnreachableError, ThrottledError) as error:
                lost = self._lost(error, lost, pause)
                if not trouble:
                    self.tools.screen.say(f"    {error.message}; trying again", "yellow")
                waits_for = trouble = error.message
            except ApiError as error:
                if error.meaning not in {Meaning.BUSY, Meaning.TRANSIENT}:
                    raise
                lost = self._lost(error, lost, pause)
                waits_for = f"AWS is busy ({error.code})"
            waited = (self.tools.now() - began).total_seconds()
            if within is not None and waited > within:
                raise CliError(f"{what}: not done within {words.span(within)}; {waits_for}")
            line(f"    {words.span(waited)}   {waits_for}")
            if not self.tools.screen.live and waited - logged >= _LOG:
                logged = waited
                self.tools.screen.say(f"    {words.span(waited)}: {waits_for}", "dim")
            self.tools.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * _GROWTH)

    @staticmethod
    def _lost(error: CliError, lost: float, pause: float) -> float:
        if lost + pause > _SILENCE:
            raise error
        return lost + pause
