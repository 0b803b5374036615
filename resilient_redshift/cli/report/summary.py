"""The few lines of a report for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.report.sections import shares, unmended

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resilient_redshift.cli.output import Screen


#: The most plans that the summary shows.
_MOST_ROWS: Final = 20


def _good(plan: Mapping[str, Any]) -> tuple[bool, bool, bool]:
    """The order of plans: those first that are missed, have a failure that is not mended, or a gap."""
    return (plan["present"]["status"] != "missed", unmended(plan) == "0", not plan["gaps"])


def show(screen: Screen, document: Mapping[str, Any], written: str) -> None:
    """Show the summary.

    Args:
        screen: the text for people.
        document: the JSON of the report (``contract/audit.py``).
        written: where the report was written.
    """
    since, until = (words.minute_of(document[name]) for name in ("since", "until"))
    screen.say(f"report of {words.count(len(document['plans']), 'plan')}, {since} to {until}", "bold")
    headings = ("plan", "now", "within", "drills", "failed", "not mended", "gaps")
    rows = [
        (
            plan["plan"],
            plan["present"]["status"],
            shares(plan["age"]).partition(" of ")[0] if "age" in plan else "?",
            str(sum(run["mode"] == "drill" for run in plan["runs"])),
            str(len(plan["failures"])),
            unmended(plan),
            str(len(plan["gaps"])),
        )
        for plan in sorted(document["plans"], key=_good)[:_MOST_ROWS]
    ]
    screen.table(headings, rows, right=(2, 3, 4, 5, 6))
    left_out = len(document["plans"]) - len(rows)
    if left_out:
        screen.say(f"and {words.count(left_out, 'plan')} more, which are no worse: see the report")
    gaps = [*(gap for plan in document["plans"] for gap in plan["gaps"]), *document["gaps"]]
    if gaps:
        first = gaps[0]
        more = f"; {len(gaps) - 1} more in the report" if len(gaps) > 1 else ""
        screen.say(f"not read: {first['what']}: {first['why']}{more}", "yellow")
    screen.fact("report", written)
