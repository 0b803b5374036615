"""The recovery-point age over the last days as a line of bars and a table, at most 80 columns wide, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cli.age_history import Ages, History
    from resilient_redshift.cli.output import Screen
    from resilient_redshift.cli.plans import Plan

_BARS: Final = "▁▂▃▄▅▆▇█"
#: The same for a file or a terminal that has no such characters.
_PLAIN_BARS: Final = "_.-~=+*#"
#: A period without data.
_GAP: Final = " "
_NONE: Final = "-"


def show(screen: Screen, plan: Plan, history: History) -> None:
    """Show the history of one plan."""
    objective = plan.objective_seconds
    screen.say(f"{plan.name}: the age of the recovery point over {words.count(history.days, 'day')}", "bold")
    screen.fact("each bar", f"the highest of {words.span(history.period)}; blank: no data")
    screen.fact("full height", words.span(_top(history, objective)) if _top(history, objective) else "?")
    for ages in (history.there, history.here):
        if ages.problem:
            screen.fact(ages.region, f"cannot be read: {ages.problem}", "yellow")
        else:
            screen.fact(ages.region, f"|{bars(ages, history, objective, screen.encoding)}|")
    rows = [
        (
            words.minute(start),
            words.span_of(here) if here is not None else _NONE,
            words.span_of(there) if there is not None else _NONE,
            words.span_of(objective),
            "missed" if there is not None and objective is not None and there > objective else "",
        )
        for start, here, there in history.rows()
    ]
    headings = ("from", history.here.region, history.there.region, "objective", "")
    screen.table(headings, rows, right=(1, 2, 3))
    screen.say()


def bars(ages: Ages, history: History, objective: float | None, encoding: str) -> str:
    """One character for each period. The highest bar is the objective, or the highest age if that is more."""
    glyphs, top = _glyphs(encoding), _top(history, objective)
    return "".join(
        _GAP if start not in ages.by_time else _bar(ages.by_time[start], top, glyphs) for start in history.starts
    )


def _bar(age: float, top: float, glyphs: str) -> str:
    share = age / top if top else 0
    return glyphs[min(len(glyphs) - 1, max(0, int(share * len(glyphs))))]


def _top(history: History, objective: float | None) -> float:
    return max([objective or 0, *history.here.by_time.values(), *history.there.by_time.values()])


def _glyphs(encoding: str) -> str:
    try:
        _BARS.encode(encoding)
    except (LookupError, UnicodeError):
        return _PLAIN_BARS
    return _BARS


def as_mapping(history: History) -> dict[str, Any]:
    """The JSON of a history. A period without data is absent."""
    return {
        "days": history.days,
        "period_seconds": int(history.period.total_seconds()),
        "from": words.iso(history.starts[0]),
        "until": words.iso(history.starts[-1] + history.period),
        "regions": [_region(ages, history.starts) for ages in (history.here, history.there)],
    }


def _region(ages: Ages, starts: Sequence[Any]) -> dict[str, Any]:
    points = [{"from": words.iso(one), "age_seconds": ages.by_time[one]} for one in starts if one in ages.by_time]
    return {"region": ages.region, **({"problem": ages.problem} if ages.problem else {"ages": points})}
