"""The sections of one plan on the page. Each shows a part of the JSON with its sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.report.controls import SECTIONS
from resilient_redshift.cli.report.markup import Markup, bullets, element, joined, lines, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

_CLASSES: Final = {"good": "good", "failed": "bad"}


def section(key: str, plan: Mapping[str, Any]) -> Markup:
    """One section of a plan, with the controls that it serves.

    Args:
        key: the section, as ``controls.SECTIONS`` names it.
        plan: the plan's part of the JSON.
    """
    title, _, controls = SECTIONS[key]
    serves = element("p", f"Evidence for: {', '.join(controls)}", class_="control") if controls else ""
    parts = (element("h3", title), serves, _SHOWN[key](plan))
    return element(
        "section", *(part for part in parts if part), class_="gaps" if key == "gaps" and plan["gaps"] else ""
    )


def gap_table(gaps: Sequence[Mapping[str, Any]]) -> Markup:
    """What is not known, why, and what would have said it."""
    rows = [(gap["what"], gap["why"], source(gap["source"])) for gap in gaps]
    return table("What is not known", ("What", "Why", "Source"), rows)


def source(*sources: str) -> Markup:
    """Where something was read."""
    return element("span", lines(sources), class_="source")


def unmended(plan: Mapping[str, Any]) -> str:
    """How many failures are not mended, as far as the runs were read."""
    number = sum("mended_by" not in one for one in plan["failures"])
    if not plan["runs_unread"]:
        return str(number)
    return f"at least {number}" if number else "not known"


def shares(hours: Mapping[str, Any]) -> str:
    """How many of the hours with data were within the objective, in percent, and how many hours have none."""
    if "percent_within" not in hours:
        return "no data" if "highest_seconds" not in hours else "the objective is not known"
    judged = hours["within"] + hours["over"] + hours["over_while_paused"]
    more = f"; {hours['no_data']} h without data" if hours["no_data"] else ""
    return f"{hours['percent_within']:.2f} % of {judged} h{more}"


def _at(part: Mapping[str, Any]) -> Markup:
    return element("p", f"Read {words.minute_of(part['at'])}: {part['source']}", class_="source")


def _facts(facts: Iterable[tuple[str, object]]) -> Markup:
    pairs = [part for name, value in facts for part in (element("dt", name), element("dd", value))]
    return element("dl", *pairs)


def _objectives(plan: Mapping[str, Any]) -> Markup:
    objectives = plan["objectives"]
    return joined(
        (
            _facts(
                (
                    ("Recovery point", words.span_of(objectives.get("recovery_point_seconds"))),
                    ("Recovery time", words.span_of(objectives.get("recovery_time_seconds"))),
                    ("Expected time of a copy", words.span_of(objectives.get("expected_copy_time_seconds"))),
                )
            ),
            _at(objectives),
        )
    )


def _present(plan: Mapping[str, Any]) -> Markup:
    present = plan["present"]
    newest = present.get("newest")
    shown: list[tuple[str, object]] = [("Verdict", present["line"])]
    if newest:
        age = words.span(newest["age_seconds"])
        data = f"{newest['identifier']}, data of {words.minute_of(newest['created'])}, {age} old"
        shown.append(("A failover would restore", data))
    shown += [("Note", note) for note in present["notes"]]
    return joined((_facts(shown), _at(present)))


def _age(plan: Mapping[str, Any]) -> Markup:
    age = plan.get("age")
    if age is None:
        return element("p", "It could not be read: see Gaps and Limits.")
    highest = "no data"
    if "highest_seconds" in age:
        highest = f"{words.span(age['highest_seconds'])}, in the hour of {words.minute_of(age['highest_at'])}"
    facts = (
        ("Time", f"{words.minute_of(age['from'])} to {words.minute_of(age['until'])}, {age['hours']} hours"),
        ("Objective of today", words.span_of(age.get("objective_seconds"))),
        ("Within it", shares(age)),
        ("First data", words.minute_of(age["first_data_at"]) if "first_data_at" in age else "none"),
        ("Hours with data", _data(age)),
        ("Highest age", highest),
    )
    headings = (
        "Month",
        "Within",
        "Over",
        "Over while paused",
        "No data",
        "Before the first data",
        "Within, %",
        "Highest",
    )
    rows = [
        (
            month["month"],
            *(f"{month[name]} h" for name in ("within", "over", "over_while_paused", "no_data", "before_first_data")),
            f"{month['percent_within']:.2f}" if "percent_within" in month else "-",
            words.span(month["highest_seconds"]) if "highest_seconds" in month else "-",
        )
        for month in age["months"]
        if month["before_first_data"] < month["hours"]
    ]
    caption = "The hours of each month, from the first data on"
    months = table(caption, headings, rows, right=range(1, len(headings))) if rows else ""
    return joined((_facts(facts), months, element("p", age["source"], class_="source")))


def _data(age: Mapping[str, Any]) -> str:
    if "percent_with_data" not in age:
        return "none"
    return f"{age['percent_with_data']:.2f} % of those since the first data"


def _runs(plan: Mapping[str, Any]) -> Markup:
    if not plan["runs"]:
        return element("p", "No run is known. Gaps and Limits say how far that can be trusted.")
    headings = (
        "Run",
        "Ended",
        "Outcome",
        "Recovery point (promised)",
        "Recovery time (promised)",
        "Data of",
        "Checks",
        "Started by",
    )
    measured = [
        _measured(name, plan["measured"][name.replace(" ", "_")]) for name in ("recovery point", "recovery time")
    ]
    runs = table("Every run that is known", headings, [_run(run) for run in plan["runs"]])
    return joined((bullets(measured), runs))


def _measured(name: str, figures: Mapping[str, Any]) -> str:
    if not figures["measured"]:
        return f"No run measured its {name}."
    newest, highest = (
        f"{words.span(figures[f'{kind}_seconds'])} ({figures[f'{kind}_run']}, {words.minute_of(figures[f'{kind}_at'])})"
        for kind in ("newest", "highest")
    )
    judged = f"{figures['within']} within the objective, {figures['over']} over it"
    return (
        f"{words.count(figures['measured'], 'run')} measured the {name}: {judged}; newest {newest}; highest {highest}."
    )


def _run(run: Mapping[str, Any]) -> tuple[object, ...]:
    snapshot = run.get("snapshot", {})
    return (
        lines((run["execution"], _kind(run), source(*run["sources"]))),
        words.minute_of(run["ended"]) if "ended" in run else "running",
        lines((element("span", run["outcome"], class_=_CLASSES.get(run["result"], "")), run.get("message", ""))),
        _length(run, "recovery_point"),
        _length(run, "recovery_time"),
        lines((words.minute_of(snapshot["created"]) if "created" in snapshot else "", snapshot.get("identifier", "-"))),
        _checks(run.get("checks")),
        _who(run),
    )


def _kind(run: Mapping[str, Any]) -> str:
    mode, point = run["mode"] or "mode not known", run.get("point", "newest")
    if point == "newest":
        return str(mode)
    return f"{mode} of a random point" if point == "random" else f"{mode} of a point at least {words.span(point)} old"


def _length(run: Mapping[str, Any], name: str) -> object:
    measured, objective = run.get(f"{name}_seconds"), run.get(f"{name}_objective_seconds")
    if measured is None:
        return "not measured"
    verdict = {True: "within", False: "over", None: "not judged"}[run.get(f"{name}_within")]
    style = {"within": "good", "over": "bad"}.get(verdict, "")
    other = name == "recovery_point" and run.get("point", "newest") != "newest"
    of = "that of the newest usable copy" if other else ""
    length = f"{words.span(measured)} ({words.span_of(objective)})"
    return lines((length, of, element("span", verdict, class_=style)))


def _checks(checks: Mapping[str, Any] | None) -> object:
    if checks is None:
        return "none recorded"
    failed = f"failed: {', '.join(checks['failed'])}" if checks["failed"] else ""
    return lines((f"{checks['passed']} of {checks['made']} passed", failed))


def _who(run: Mapping[str, Any]) -> object:
    trigger = run.get("trigger", "its input is not known")
    caller = lines((run["started_by"], source(run["started_by_source"]))) if "started_by" in run else "caller not known"
    reason = f"reason: {run['reason']}" if "reason" in run else ""
    return lines((trigger, caller, reason))


def _failures(plan: Mapping[str, Any]) -> Markup:
    if not plan["failures"]:
        return element(
            "p", f"No known run failed.{' Not every run was read: see Gaps.' if plan['runs_unread'] else ''}"
        )
    headings = ("Failed run", "Ended", "Outcome", "Mended by", "Mended at", "After")
    rows = [
        (
            lines((one["execution"], one["mode"], source(*one["sources"]))),
            words.minute_of(one["ended"]),
            lines((one["outcome"], one.get("message", ""))),
            one.get("mended_by", element("span", "not yet", class_="bad")),
            words.minute_of(one["mended_at"]) if "mended_at" in one else "-",
            words.span_of(one["mended_after_seconds"]) if "mended_after_seconds" in one else "-",
        )
        for one in plan["failures"]
    ]
    return table("Every failed run, and the next good run of the same kind", headings, rows)


def _switchovers(plan: Mapping[str, Any]) -> Markup:
    if not plan["switchovers"]:
        return element("p", "Parameter Store has no state of a switchover, as far as it was read.")
    headings = ("Switchover", "Started", "Outcome", "By", "Snapshot", "Steps")
    rows = [
        (
            lines((one["id"], "rehearsal" if one.get("rehearsal") else "", source(one["source"]))),
            words.minute_of(one["started"]),
            one.get("outcome", "not finished"),
            one.get("by", "not known"),
            lines(
                (
                    one.get("snapshot", "-"),
                    f"fenced at {words.minute_of(one['fenced_at'])}" if "fenced_at" in one else "",
                    f"data of {words.minute_of(one['data_of'])}" if "data_of" in one else "",
                )
            ),
            lines(_step(step) for step in one["steps"]),
        )
        for one in plan["switchovers"]
    ]
    return table("Every switchover that is known", headings, rows)


def _step(step: Mapping[str, Any]) -> str:
    if "seconds" in step:
        return f"{step['name']}: {words.span(step['seconds'])}"
    return f"{step['name']}: {'interrupted' if 'ended' in step else 'not ended'}"


def _alarms(plan: Mapping[str, Any]) -> Markup:
    alarms = plan["alarms"]
    if not alarms["watched"]:
        return element("p", "No alarm is known: see Gaps and Limits.")
    names = element("p", f"Alarms: {', '.join(alarms['watched'])}")
    if not alarms["rang"]:
        return joined((names, element("p", "None of them rang, as far as CloudWatch remembers.")))
    rows = [
        (
            lines((one["alarm"], source(one["source"]))),
            words.minute_of(one["opened"]) if "opened" in one else "before what CloudWatch remembers",
            words.minute_of(one["closed"]) if "closed" in one else "not yet",
        )
        for one in alarms["rang"]
    ]
    return joined((names, table("When they rang", ("Alarm", "From", "Until"), rows)))


def _retention(plan: Mapping[str, Any]) -> Markup:
    if not plan["retention"]:
        return element("p", "It could not be read: see Gaps.")
    rows = [
        (row["what"], row["value"], row.get("recorded", "-"), words.minute_of(row["at"]), source(row["source"]))
        for row in plan["retention"]
    ]
    return table("How long, and how many", ("What", "Now", "As recorded", "Read", "Source"), rows)


def _limits(plan: Mapping[str, Any]) -> Markup:
    return gap_table(plan["limits"]) if plan["limits"] else element("p", "The sources reach back to the beginning.")


def _gaps(plan: Mapping[str, Any]) -> Markup:
    return gap_table(plan["gaps"]) if plan["gaps"] else element("p", "Everything that was asked for was read.")


_SHOWN: Final[dict[str, Callable[[Mapping[str, Any]], Markup]]] = {
    "objectives": _objectives,
    "present": _present,
    "age": _age,
    "runs": _runs,
    "failures": _failures,
    "switchovers": _switchovers,
    "alarms": _alarms,
    "retention": _retention,
    "limits": _limits,
    "gaps": _gaps,
}
