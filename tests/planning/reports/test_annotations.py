"""Findings as GitHub's workflow commands and as GitLab's Code Quality report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.planning.checks.findings import Finding, Level
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import (
    accepted,
    broken,
    change,
    check,
    fleet,
    kept,
    key,
    not_read,
    region_finding,
    result,
)

if TYPE_CHECKING:
    from pathlib import Path

    from resilient_redshift.planning.reports.formats import Report


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def github(report: Report, **options: Any) -> list[str]:
    return render(report, Format.GITHUB, ReportOptions(**options)).splitlines()


def gitlab(report: Report) -> list[dict[str, Any]]:
    return list(json.loads(render(report, Format.GITLAB, ReportOptions())))


def finding(level: Level, **given: Any) -> Finding:
    return Finding(**{"rule": CheckRule.EXCEPTION_IDLE, "level": level, "message": "m", "file": "r.toml", **given})


def test_an_error_annotates_the_line_of_the_cluster(repository: Path) -> None:
    (repository / "W.json").write_text('{"Resources":\n {"Dw": {}}}')

    first, summary = github(check(broken(file="W.json", logical_id="Dw")))

    assert first == (
        "::error file=W.json,line=2,title=finance%3A RR103 region-lost::finance (us-east-1, stack Warehouse): "
        "nothing protects it in the Region's failure; the policy allows 24 h"
    )
    assert summary == "policy resilience.toml: 0 of 1 cluster keeps it, 1 finding"


def test_each_level_has_its_command() -> None:
    lines = github(check(findings=(finding(Level.NOTE), finding(Level.ERROR), finding(Level.WARNING))))

    assert [line.split()[0] for line in lines[:-1]] == ["::error", "::warning", "::notice"]


def test_a_finding_without_a_file_annotates_the_run() -> None:
    assert github(check(findings=(not_read("x"),)))[0] == "::error title=RR109 not-read::a part was not read: x"


def test_texts_of_a_template_start_no_command_and_end_no_property() -> None:
    cluster = key("100%,a:b\n::error::x\r##[group]y\ud800", file="a,b:%.json")
    found = region_finding(cluster, subject="s")

    lines = github(check(result(cluster, found), findings=(not_read("p\n::stop-commands::z"),)))

    assert lines[0].startswith("::error file=a%2Cb%3A%25.json,line=1,title=100%25%2Ca%3Ab ")
    assert len(lines) == 3
    assert [line.startswith("::") for line in lines] == [True, True, False]
    assert "##[" not in "".join(lines)


def test_what_one_cluster_misses_is_one_annotation() -> None:
    # GIVEN a cluster with two errors and a warning, and another cluster
    cluster = key("finance")
    found = [
        region_finding(cluster),
        finding(Level.ERROR, rule=CheckRule.ZONE_LOST, message="50 %", cluster=cluster),
        finding(Level.WARNING, cluster=cluster),
    ]

    lines = github(check(result(cluster, *found), broken("sales")))

    assert [line.partition("title=")[2].partition("::")[0] for line in lines[:-1]] == [
        "finance%3A RR103 region-lost%2C RR102 zone-lost",
        "sales%3A RR103 region-lost",
        "finance%3A RR110 exception-idle",
    ]
    assert lines[0].endswith(
        "::finance (us-east-1, stack Warehouse):"
        "%0ARR103: nothing protects it in the Region's failure; the policy allows 24 h%0ARR102: 50 %25"
    )


def test_what_github_does_not_show_is_counted() -> None:
    # GIVEN more findings of each level than GitHub shows, the errors last
    many = [*(finding(Level.NOTE),) * 10, *(finding(Level.WARNING),) * 12, *(finding(Level.ERROR),) * 13]

    lines = github(check(findings=tuple(many)))

    assert [line.split()[0] for line in lines[:-2]] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 9
    assert lines[-2].startswith("::notice title=More findings::not annotated: 3 errors, 2 warnings, 1 note; GitHub")
    assert lines[-1].startswith("policy resilience.toml: ")


def test_what_is_accepted_is_not_annotated() -> None:
    assert github(check(accepted(), kept())) == [
        "policy resilience.toml: 2 of 2 clusters keep it, 0 findings, 1 accepted"
    ]


def test_a_comparison_annotates_what_is_new() -> None:
    # GIVEN a change that makes a cluster worse, and a head with findings that the base had
    report = change()

    annotated, summary = github(report)

    assert annotated.startswith("::error file=cdk.out/W.json,line=1,title=finance%3A RR121 protection-worse::")
    assert summary.startswith("change: 1 of 3 clusters gets worse")


def test_the_options_choose_clusters() -> None:
    lines = github(check(broken("finance"), broken("sales")), clusters=("sales",))

    assert ["title=sales%3A RR103" in line for line in lines[:-1]] == [True]


def test_a_code_quality_report() -> None:
    first, second, third = gitlab(fleet())

    assert first == {
        "description": "finance (us-east-1, stack Warehouse): nothing protects it in the Region's failure; "
        "the policy allows 24 h",
        "check_name": "RR103",
        "fingerprint": first["fingerprint"],
        "severity": "critical",
        "location": {"path": "cdk.out/W.json", "lines": {"begin": 1}},
    }
    assert (second["check_name"], second["location"]["path"]) == ("RR109", "standard-input")
    assert third["severity"] == "info"  # somebody accepted it


def test_a_fingerprint_of_code_quality_is_unique() -> None:
    report = check(broken(), broken(), findings=(finding(Level.WARNING),) * 2)

    assert len({each["fingerprint"] for each in gitlab(report)}) == 4


def test_a_path_of_code_quality_is_text() -> None:
    text = render(check(findings=(finding(Level.ERROR, file="a\ud800.json"),)), Format.GITLAB, ReportOptions())

    assert json.loads(text)[0]["location"]["path"] == "a?.json"


def test_an_empty_code_quality_report_is_a_list() -> None:
    assert gitlab(check(kept())) == []


def test_the_code_quality_report_of_a_comparison_has_the_findings_of_the_head_too() -> None:
    # GitLab itself compares the reports of two pipelines, so that what is left out would count as mended
    assert [each["check_name"] for each in gitlab(change())] == ["RR121", "RR103", "RR109", "RR103"]
