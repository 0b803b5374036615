"""Shows many plans, one line each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.errors import FINE
from resilient_redshift.cli.fleet.rows import HEADINGS, RIGHT, Row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from resilient_redshift.cli.errors import CliError
    from resilient_redshift.cli.gather import Observation
    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cli.plans import Plan
    from resilient_redshift.cli.verdict import Verdict

#: The reasons of this many plans are shown, at most.
_MOST_REASONS: Final = 20


def rows_of(verdicts: Sequence[tuple[Observation, Verdict]], now: datetime) -> list[Row]:
    """The rows of judged plans."""
    return [Row(observation, verdict, now) for observation, verdict in verdicts]


def hint_at_groups(of: Sequence[Plan], further: str = "") -> str:
    """What to do where no plan is found: the groups that the plans have, or else where to look.

    Args:
        of: the plans that are there.
        further: another way to look in other Regions. Default: none.
    """
    groups = sorted({str(plan.record["group"]) for plan in of if "group" in plan.record})
    if groups:
        return f"there are the groups: {', '.join(groups)}"
    return f"another Region? --region{further}; another account? --profile"


def show(screen: Screen, rows: Sequence[Row], unread: Mapping[str, CliError] | None = None) -> None:
    """Show a table of plans, the reasons of those that are not fine, and how many are.

    Args:
        screen: where.
        rows: the plans.
        unread: why the records of a Region could not be read, by Region. Default: all were read.
    """
    if rows:
        screen.table(HEADINGS, [row.cells for row in rows], right=RIGHT)
    reasons = [row for row in rows if row.verdict.status != FINE]
    if rows and (reasons or unread):
        screen.say()
    for row in reasons[:_MOST_REASONS]:
        screen.say(f"{row.observation.plan.name}: {row.verdict.line}", "yellow")
    if len(reasons) > _MOST_REASONS:
        screen.say(f"and {len(reasons) - _MOST_REASONS} more that are not fine (--json gives the reasons of all)")
    for region, problem in (unread or {}).items():
        screen.say(f"{region}: unknown: {problem.message}", "yellow")
    counts = Counter(row.verdict.word for row in rows)
    screen.say(f"{words.count(len(rows), 'plan')}: {', '.join(f'{counts[word]} {word}' for word in sorted(counts))}")
