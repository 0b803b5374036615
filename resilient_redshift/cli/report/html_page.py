"""The report as one HTML page without scripts and other resources: the frame, the overview and the controls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cli import words
from resilient_redshift.cli.report.controls import SECTIONS
from resilient_redshift.cli.report.markup import Markup, element, joined, lines, table
from resilient_redshift.cli.report.sections import gap_table, section, shares, unmended
from resilient_redshift.cli.report.style import STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: A browser loads and runs nothing, whatever a text of AWS might hold.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_HOW_TO_READ: Final = (
    "Each figure has its source: the call, the object or the execution that says it. Times are UTC.",
    "A run is judged by the objectives that its own report holds. The hours are judged by the objective of today.",
    "An hour counts by its highest age. An hour without data is neither within the objective nor over it.",
    "Each plan lists what AWS no longer keeps, and what could not be read.",
    "The report says what was measured. It does not say that you comply with anything.",
)


def page(document: Mapping[str, Any]) -> str:
    """The page of a report.

    Args:
        document: the JSON of the report (``contract/audit.py``).
    """
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", f"Recovery report of Amazon Redshift clusters, {document['at']}"),
        element("style", Markup(STYLE)),
    )
    body = element("body", element("main", *_frame(document)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _frame(document: Mapping[str, Any]) -> Iterator[Markup]:
    yield element("h1", "Recovery report of Amazon Redshift clusters")
    yield _facts(document)
    yield element("h2", "How to read it")
    yield element("ul", *(element("li", line) for line in _HOW_TO_READ))
    yield element("h2", "Overview", id="overview")
    yield _overview(document["plans"])
    if document["gaps"]:
        yield element(
            "section", element("h2", "Plans that could not be read"), gap_table(document["gaps"]), class_="gaps"
        )
    for number, plan in enumerate(document["plans"], 1):
        parts = joined((section(key, plan) for key in SECTIONS), "\n")
        yield element(
            "section",
            element("h2", plan["plan"], id=f"plan-{number}"),
            element("p", _where(plan)),
            parts,
            class_="plan",
        )
    yield element("section", element("h2", "Which controls a section serves"), _controls(), class_="plan")


def _where(plan: Mapping[str, Any]) -> str:
    said = [f"Cluster {plan['cluster']} in {plan['primary_region']}", f"recovery Region {plan['recovery_region']}"]
    more = (("account", "account"), ("group", "group"), ("reverse_of", "way home of"), ("reversed_by", "way home"))
    return f"{'; '.join([*said, *(f'{what} {plan[name]}' for name, what in more if name in plan)])}."


def _facts(document: Mapping[str, Any]) -> Markup:
    made_by = document.get("made_by")
    who = "not known: sts:GetCallerIdentity could not be read" if made_by is None else made_by["arn"]
    facts = (
        ("From", words.minute_of(document["since"])),
        ("Until", words.minute_of(document["until"])),
        ("Made at", words.minute_of(document["at"])),
        ("Made by", who),
        ("Plans", str(len(document["plans"]))),
        ("Made with", f"resilient-redshift {document['release']}, report version {document['version']}"),
    )
    return element("dl", *(part for name, value in facts for part in (element("dt", name), element("dd", value))))


def _overview(plans: Sequence[Mapping[str, Any]]) -> Markup:
    headings = (
        "Plan",
        "Now",
        "Recovery point promised",
        "Hours within it",
        "Drills: good, failed, no verdict",
        "Failovers: good, failed",
        "Newest measured recovery time (promised)",
        "Failures not mended",
        "Gaps",
    )
    return table("One line for each plan", headings, [_line(number, plan) for number, plan in enumerate(plans, 1)])


def _line(number: int, plan: Mapping[str, Any]) -> tuple[object, ...]:
    def count(mode: str, result: str) -> int:
        return sum(run["mode"] == mode and run["result"] == result for run in plan["runs"])

    objectives, times = plan["objectives"], plan["measured"]["recovery_time"]
    time = words.span(times["newest_seconds"]) if times["measured"] else "none measured"
    status, open_failures = plan["present"]["status"], unmended(plan)
    return (
        lines((element("a", plan["plan"], href=f"#plan-{number}"), plan["cluster"])),
        element("span", status, class_={"fine": "good", "missed": "bad"}.get(status, "")),
        words.span_of(objectives.get("recovery_point_seconds")),
        shares(plan["age"]) if "age" in plan else "could not be read",
        f"{count('drill', 'good')}, {count('drill', 'failed')}, {count('drill', 'no verdict')}",
        f"{count('failover', 'good')}, {count('failover', 'failed')}",
        f"{time} ({words.span_of(objectives.get('recovery_time_seconds'))})",
        element("span", open_failures, class_="" if open_failures == "0" else "bad"),
        element("span", len(plan["gaps"]), class_="bad" if plan["gaps"] else ""),
    )


def _controls() -> Markup:
    rows = [(title, shows, ", ".join(controls) or "-") for title, shows, controls in SECTIONS.values()]
    return table("Controls for which a section can be evidence", ("Section", "What it shows", "Controls"), rows)
