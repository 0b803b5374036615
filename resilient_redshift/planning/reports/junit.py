"""Writes a report as JUnit XML: a suite for each cluster, a test case for each requirement and each other finding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from resilient_redshift.planning._terminal import printable
from resilient_redshift.planning.checks.rules import RULE_TEXTS
from resilient_redshift.planning.reports._differences import changes_shown
from resilient_redshift.planning.reports._judgements import Judgement, judgements, results_shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resilient_redshift.planning.changes.comparison import Comparison
    from resilient_redshift.planning.checks.findings import CheckResult, ClusterKey, Finding
    from resilient_redshift.planning.reports.formats import ReportOptions

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
#: The letters that XML 1.0 does not allow, once those that control a terminal are gone.
_NO_XML: Final = re.compile("[^ -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INPUT: Final = "input and policy"
_EVERYTHING_READ: Final = "everything was read"
_MAY_HOLD: Final = "it may hold a Redshift cluster, and nobody can read it here"
_NOT_JUDGED: Final = "a check judges clusters, and no namespace of Redshift Serverless"
_NOT_WORSE: Final = "the change makes no protection worse"


def check_as_junit(result: CheckResult, options: ReportOptions) -> str:
    """Write the result of a check as JUnit XML. An accepted finding is a skipped test case, with the reason."""
    suites = []
    for each in results_shown(result, options):
        name, place = _names(each.cluster)
        required = [judgement for judgement in judgements(each) if judgement.requirement]
        cases = [_case(_required(judgement), place, judgement.finding) for judgement in required]
        shown = [judgement.finding for judgement in required]
        cases += [_finding_case(finding, place) for finding in each.findings if finding not in shown]
        suites.append(_suite(name, cases))
    named = {finding.subject for finding in result.findings}
    cases = [_finding_case(finding, _INPUT) for finding in result.findings]
    cases += _not_read_cases([part for part in result.not_read if part not in named], everything=not result.not_read)
    cases += [_skipped(f"not judged: {each}", _NOT_JUDGED) for each in result.not_judged]
    return _written("resilient-redshift-check", [*suites, _suite(_INPUT, cases)])


def comparison_as_junit(comparison: Comparison, options: ReportOptions) -> str:
    """Write a comparison as JUnit XML. The check of the head is not part of it."""
    suites = []
    for each in changes_shown(comparison, options):
        name, place = _names(each.cluster)
        cases = [_finding_case(finding, place) for finding in each.findings]
        suites.append(_suite(name, cases or [_case(_NOT_WORSE, place, None)]))
    new = comparison.newly_not_read
    named = {f"head: {finding.subject}" for finding in new}
    cases = [_finding_case(finding, _INPUT) for finding in new]
    rest = [part for part in comparison.not_read if part not in named]
    cases += _not_read_cases(rest, everything=not comparison.not_read)
    return _written("resilient-redshift-diff", [*suites, _suite(_INPUT, cases)])


def _names(cluster: ClusterKey) -> tuple[str, str]:
    """The name of a cluster's suite, and the class of its test cases."""
    account = "unknown account" if cluster.account is None else cluster.account
    return cluster.in_words, f"{account}.{cluster.region}.{cluster.stack}.{cluster.name}"


def _required(judgement: Judgement) -> str:
    return f"{judgement.failure}: at most {judgement.allowed} is lost"


def _finding_case(finding: Finding, place: str) -> ET.Element:
    subject = f": {finding.subject}" if finding.subject else ""
    return _case(f"{finding.rule} {RULE_TEXTS[finding.rule].name}{subject}", place, finding)


def _case(name: str, place: str, finding: Finding | None) -> ET.Element:
    case = ET.Element("testcase", name=_text(name), classname=_text(place), time="0")
    if finding is None:
        return case
    if finding.accepted is not None:
        ET.SubElement(case, "skipped", message=_text(f"accepted: {finding.accepted}"))
    elif finding.breaks:
        failure = ET.SubElement(case, "failure", type=str(finding.rule), message=_text(finding.message))
        failure.text = _text(f"{finding.message} To mend: {RULE_TEXTS[finding.rule].fix}")
    else:
        ET.SubElement(case, "system-out").text = _text(f"{finding.level}: {finding.message}")
    return case


def _not_read_cases(parts: Iterable[str], *, everything: bool) -> list[ET.Element]:
    if everything:
        return [_case(_EVERYTHING_READ, _INPUT, None)]
    return [_skipped(f"not read: {part}", _MAY_HOLD) for part in parts]


def _skipped(name: str, why: str) -> ET.Element:
    case = _case(name, _INPUT, None)
    ET.SubElement(case, "skipped", message=why)
    return case


def _suite(name: str, cases: Iterable[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(name))
    suite.extend(cases)
    _count(suite)
    return suite


def _written(name: str, suites: Iterable[ET.Element]) -> str:
    root = ET.Element("testsuites", name=name)
    root.extend(suites)
    _count(root)
    ET.indent(root)
    return f"{_HEAD}{ET.tostring(root, encoding='unicode')}\n"


def _count(element: ET.Element) -> None:
    numbers = {"tests": "testcase", "failures": "failure", "skipped": "skipped"}
    for attribute, tag in numbers.items():
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))
    element.set("errors", "0")
    element.set("time", "0")


def _text(text: str) -> str:
    return _NO_XML.sub("?", printable(text))
