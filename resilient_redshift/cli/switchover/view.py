"""Shows what a switchover will do and how long that took last time, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.switchover.situation import command, last_drill
from resilient_redshift.contract import switchovers
from resilient_redshift.contract.switchovers import MEASURED
from resilient_redshift.contract.understood import read_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.cli.switchover.situation import Situation
    from resilient_redshift.cli.switchover.state import State
    from resilient_redshift.cli.tools import Tools

#: What a fence does not cut off (docs/switchover.md).
NOT_FENCED: Final = (
    "the Data API, query editor v2 and Redshift-managed VPC endpoints still reach it: stop those yourself"
)


def show_plan(tools: Tools, found: Situation, state: State) -> None:
    """Show what the switchover will do.

    Args:
        tools: the world around the command.
        found: what both Regions say.
        state: the switchover that begins or goes on.
    """
    screen, plan = tools.screen, found.plan
    kind = "rehearsal of a switchover" if state.rehearsal else "switchover"
    screen.say(f"{plan.name}: {kind} from {plan.primary} to {plan.recovery}", "bold")
    if found.under_way is not None:
        begun = read_time(state.value["started"])
        screen.fact("goes on", f"begun {words.minute(begun)} by {state.value['by']}")
        screen.fact("done", ", ".join(_done(state)) or "nothing yet")
    if found.cluster is not None:
        screen.fact("cluster", f"{found.cluster.name}, {found.cluster.state.name}")
    for number, (name, text) in enumerate(_steps(found, state), 1):
        screen.fact(f"{number}. {name}", text)
    screen.fact("last time", last_time(found, state))
    if state.rehearsal:
        screen.fact("leaves", "one manual snapshot and its copy; the drill's cluster is deleted")
        return
    screen.fact(
        "nobody writes", "from the fence until clients are let in at the end" if state.fence else "you see to it"
    )
    screen.fact("may stop", "at any point: the same command goes on, from any terminal")
    screen.command(way_back(tools, found), "  way back, until the endpoint is published", "dim")


def way_back(tools: Tools, found: Situation) -> str:
    """The command that ends a switchover before it has published anything."""
    return command(tools, found.plan, "switchover", "--unfence")


def last_time(found: Situation, state: State) -> str:
    """How long the steps took last time."""
    measured = state.value.get("measured")
    if measured:
        parts = ", ".join(f"{name} {words.span(float(measured[name]))}" for name in MEASURED)
        kind = "rehearsal" if measured["rehearsal"] else "switchover"
        return f"{parts} ({kind} of {words.minute_of(measured['at'])})"
    drill = last_drill(found)
    if drill is None:
        return "nothing is measured yet: --rehearse measures it"
    return f"restore {words.span(drill[0])} (drill of {words.minute(drill[1])}); snapshot and copy are not measured yet"


def _done(state: State) -> list[str]:
    return [str(step["name"]) for step in state.value["steps"] if "ended" in step]


def _steps(found: Situation, state: State) -> Iterator[tuple[str, str]]:
    plan = found.plan
    if state.fence:
        group = "gets a security group that lets nobody in, and is rebooted: sessions end"
        yield switchovers.FENCE, f"{plan.cluster} in {plan.primary} {group}. But {NOT_FENCED}"
    else:
        yield switchovers.FENCE, "none: you confirm that nobody writes (--fence cuts clients off)"
    keep = words.retention(int(state.value["keep_days"]))
    on = "" if found.copies_there else f"the copy to {plan.recovery} is switched on first; then "
    yield switchovers.SNAPSHOT, f"{on}a manual snapshot, kept {keep}"
    yield switchovers.COPY, f"waited for in {plan.recovery}, at most 24 h"
    if state.rehearsal:
        yield switchovers.RESTORE, f"a drill in {plan.recovery} from exactly that copy: restore, check, measure, delete"
        return
    if found.there is not None:
        fenced = "fenced by this command" if found.may_rename else "--rename-existing"
        what = f"{found.there.name} ({found.there.state.name}, {fenced})"
        yield switchovers.MAKE_ROOM, f"{what} is copied no more, renamed and paused. It is not deleted"
    yield (
        switchovers.RESTORE,
        f"{plan.cluster} in {plan.recovery} from exactly that copy; checks; publishes the endpoint",
    )
    home = f"the endpoint of {found.other} is withdrawn: the warehouse is at home" if found.goes_home else ""
    yield switchovers.HAND_OVER, home or "the next steps, as commands"


def question(found: Situation, state: State) -> str:
    """What the operator is asked before anything changes."""
    plan = found.plan
    where = f"{plan.cluster} in {plan.primary}"
    if state.rehearsal:
        return f"Rehearse it? It takes a snapshot of {where} and restores it in {plan.recovery}."
    copy = "" if found.copies_there else f" It switches the copy to {plan.recovery} on."
    room = "" if found.there is None else f" It renames {found.there.name}."
    taken = state.time("data_of")
    if state.fence:
        asked = f"Cut all clients off from {where}, and move the warehouse to {plan.recovery}?"
    elif taken is not None:
        since = f"{taken:%Y-%m-%d %H:%M:%S} UTC"
        asked = f"Did nobody write to {where} since {since}? What was written since then is not in the snapshot."
    else:
        asked = f"Are all writers of {where} stopped, and shall the warehouse move to {plan.recovery}?"
    return f"{asked}{copy}{room}"


def recovery_point(state: State) -> str:
    """What is known of the data that the new cluster has."""
    fenced, taken = state.time("fenced_at"), state.time("data_of")
    if state.value["fenced"] and fenced is not None:
        return f"zero: everything until {fenced:%H:%M:%S} UTC, when the fence was complete"
    if taken is None:
        return "not known"
    return (
        f"everything until {taken:%H:%M:%S} UTC, when the snapshot began; nothing was fenced, so it is not known "
        "whether anybody wrote after that"
    )


def show_end(tools: Tools, found: Situation, state: State, outcome: str) -> None:
    """Show how it ended."""
    screen, plan = tools.screen, found.plan
    good = outcome in {switchovers.SWITCHED_OVER, switchovers.REHEARSED, switchovers.CALLED_OFF}
    what = {
        switchovers.SWITCHED_OVER: f"the warehouse is in {plan.recovery}",
        switchovers.REHEARSED: f"a switchover to {plan.recovery} would work",
        switchovers.CALLED_OFF: f"the warehouse stays in {plan.primary}"
        if found.published is None
        else f"{plan.cluster} in {plan.primary} is open beside the published cluster in {plan.recovery}",
    }
    screen.say(f"{outcome}: {what.get(outcome, 'the drill did not pass')}", "bold green" if good else "bold red")
    if outcome == switchovers.SWITCHED_OVER:
        screen.fact("recovery point", recovery_point(state))
    took = [(name, state.seconds(name)) for name in switchovers.STEPS if state.step(name) is not None]
    if took and outcome != switchovers.CALLED_OFF:
        parts = (f"{name} {'not measured' if length is None else words.span(length)}" for name, length in took)
        screen.fact("took", ", ".join(parts))


def as_json(found: Situation, state: State, outcome: str, report: dict[str, Any] | None) -> dict[str, Any]:
    """The end as JSON."""
    plan, fenced = found.plan, state.value["fenced"]
    return {
        "version": 1,
        "plan": plan.name,
        "outcome": outcome,
        "from": plan.primary,
        "to": plan.recovery,
        "recovery_point": {"known": fenced, "until": state.value.get("fenced_at" if fenced else "data_of")},
        "switchover": state.value,
        **({"report": report} if report else {}),
    }
