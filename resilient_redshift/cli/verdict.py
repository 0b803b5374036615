"""The verdict on one plan: fine, missed or unknown. Pure functions, without AWS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli.errors import FINE, MISSED, UNKNOWN
from resilient_redshift.cloud.restore.standing_parts import STANDBY
from resilient_redshift.cloud.watch.judge import judge as judge_view

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cloud.redshift.snapshots import Choice
    from resilient_redshift.cloud.restore.standing_parts import Standing

_WORD: Final = {FINE: "fine", MISSED: "missed", UNKNOWN: "unknown"}


@dataclass
class Verdict:
    """The verdict on one plan.

    Args:
        missed: what is certainly missed.
        unknown: what is unknown.
        notes: what is worth knowing, and changes no verdict.
        fine: what is as it should be, when nothing is missed.
        standing: the state of the plan, and what a failover would take now. None if no plan was read.
    """

    missed: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    fine: str = ""
    standing: Standing | None = None

    @property
    def status(self) -> int:
        """The exit status. A certain miss counts more than something unknown."""
        return MISSED if self.missed else UNKNOWN if self.unknown else FINE

    @property
    def word(self) -> str:
        """The verdict in one word: ``fine``, ``missed``, ``unknown``, or ``standby`` for a way home that can wait."""
        if self.status == FINE and self.standing is not None and self.standing.where == STANDBY:
            return STANDBY
        return _WORD[self.status]

    @property
    def choice(self) -> Choice | None:
        """What a failover would take now. None if that is unknown."""
        return self.standing.choice if self.standing else None

    @property
    def line(self) -> str:
        """The verdict in one line, with its reasons. If something is unknown, it also says what is fine."""
        reasons = [*self.missed, *self.unknown, *([self.fine] if self.fine and not self.missed else [])]
        return f"{self.word}: {'; '.join(reasons)}"


def judge(observation: Observation, now: datetime) -> Verdict:
    """Judge a plan by what both Regions say. The watcher judges with the same function (``cloud/watch/judge.py``)."""
    judgement = judge_view(observation.view, now)
    found = judgement.findings
    return Verdict(
        missed=[one.text for one in found if one.is_problem and not one.unknown],
        unknown=[one.text for one in found if one.unknown],
        notes=[*(one.text for one in found if not one.is_problem and not one.unknown), *judgement.remarks],
        fine=judgement.standing.fine,
        standing=judgement.standing,
    )


def worst(verdicts: Iterable[Verdict]) -> int:
    """The exit status of several verdicts: 1 if one is missed, else 2 if one is unknown, else 0."""
    statuses = {verdict.status for verdict in verdicts}
    return MISSED if MISSED in statuses else UNKNOWN if UNKNOWN in statuses else FINE
