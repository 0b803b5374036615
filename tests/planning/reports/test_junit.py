"""Reports as JUnit XML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resilient_redshift.planning.checks.findings import Finding, Level
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import NOT_READ, broken, change, check, fleet, kept, key, not_read, result


def shown(report: Any, **options: Any) -> ET.Element:
    return ET.fromstring(render(report, Format.JUNIT, ReportOptions(**options)))  # noqa: S314 - our own output


def cases(suite: ET.Element) -> list[tuple[str | None, list[str]]]:
    return [(case.get("name"), [child.tag for child in case]) for case in suite]


def test_each_cluster_is_a_suite_and_each_requirement_a_test_case() -> None:
    root = shown(fleet())

    assert [suite.get("name") for suite in root] == [
        "sales (us-east-1, stack Warehouse)",
        "finance (us-east-1, stack Warehouse)",
        "trial (us-east-1, stack Warehouse)",
        "input and policy",
    ]
    zone, region = "a Zone: at most 8 h is lost", "the Region: at most 1 d is lost"
    assert cases(root[0]) == [(zone, []), (region, [])]
    assert cases(root[1]) == [(zone, []), (region, ["failure"])]
    assert cases(root[2]) == [(zone, []), (region, ["skipped"])]
    assert root[2][1][0].get("message") == "accepted: the copy comes in March"
    assert cases(root[3]) == [(f"RR109 not-read: {NOT_READ}", ["failure"])]


def test_the_numbers_are_those_of_the_test_cases() -> None:
    root = shown(fleet())

    assert {name: root.get(name) for name in ("tests", "failures", "skipped", "errors")} == {
        "tests": "7",
        "failures": "2",
        "skipped": "1",
        "errors": "0",
    }
    assert root[1].get("failures") == "1"


def test_a_finding_about_no_failure_is_a_test_case_too() -> None:
    finding = Finding(rule=CheckRule.NOT_REHEARSED, level=Level.ERROR, message="nothing rehearses it", cluster=key())
    idle = Finding(rule=CheckRule.EXCEPTION_IDLE, level=Level.WARNING, message="it accepts nothing", subject="RR103")

    root = shown(check(result(key(), finding), findings=(idle,)))

    assert cases(root[0])[2] == ("RR107 not-rehearsed", ["failure"])
    assert cases(root[1]) == [("RR110 exception-idle: RR103", ["system-out"]), ("everything was read", [])]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [((), ("everything was read", [])), (("stack A: macro X",), ("not read: stack A: macro X", ["skipped"]))],
)
def test_a_part_that_was_not_read_is_no_success(parts: tuple[str, ...], expected: tuple[str, list[str]]) -> None:
    assert cases(shown(check(kept(), parts=parts))[-1]) == [expected]


def test_a_warehouse_that_is_not_judged_is_no_success() -> None:
    report = replace(check(), not_judged=("stack A: Redshift Serverless namespace x",))
    assert cases(shown(report)[0])[1] == ("not judged: stack A: Redshift Serverless namespace x", ["skipped"])


def test_a_comparison_fails_where_something_gets_worse() -> None:
    root = shown(change())

    assert cases(root[0]) == [("RR121 protection-worse: region", ["failure"])]
    assert cases(root[1]) == cases(root[2]) == [("the change makes no protection worse", [])]


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(), max_size=20))
def test_any_name_gives_valid_xml(name: str) -> None:
    # GIVEN any letters, half pairs and control characters too WHEN written THEN XML's own parser reads it
    text = render(check(broken(name, stack=name), findings=(not_read(name),)), Format.JUNIT, ReportOptions())
    assert ET.fromstring(text.encode())[0].tag == "testsuite"  # noqa: S314 - our own output
