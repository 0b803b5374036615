"""Reports on a terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from resilient_redshift.planning._terminal import width_of
from resilient_redshift.planning._verdicts import Failure
from resilient_redshift.planning.changes.comparison import Aspect, AspectChange, Direction, Presence
from resilient_redshift.planning.checks.findings import Finding, Level, Requirement
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reports._differences import changed_rows
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import (
    HOUR,
    KEEP_REGION,
    ZONE,
    accepted,
    broken,
    change,
    check,
    comparison,
    fleet,
    kept,
    key,
    new,
    region_finding,
    result,
    same,
    worse,
)


def shown(report: object, **options: object) -> list[str]:
    return render(report, Format.TEXT, ReportOptions(**options)).splitlines()  # type: ignore[arg-type]


def words(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def test_one_line_for_each_cluster_comes_first() -> None:
    lines = shown(fleet())

    assert [line.split()[:5] for line in lines[2:5]] == [
        ["kept", "sales", "us-east-1", "2", "0"],
        ["broken", "finance", "us-east-1", "1", "1"],
        ["accepted", "trial", "us-east-1", "1", "0"],
    ]
    assert lines[3].endswith("the Region: none, at most 1 d")


def test_the_worst_gap_is_the_greatest_and_nothing_certain_is_the_worst() -> None:
    # GIVEN a requirement that is missed by 7 h, and one that nothing certainly keeps
    cluster = key()
    strict = Requirement(failure=Failure.ZONE, lose_at_most=HOUR)
    findings = (
        Finding(rule=CheckRule.ZONE_LOST, level=Level.ERROR, message="", cluster=cluster, requirement=strict, row=ZONE),
        region_finding(cluster),
    )
    missed = replace(result(cluster, *findings), requirements=(strict, KEEP_REGION))
    # WHEN shown THEN the line of the cluster names the second one; without it, the first one
    assert "the Region: none, at most 1 d" in shown(check(missed))[2]
    assert "a Zone: 8 h, at most 1 h" in shown(check(replace(missed, findings=findings[:1])))[2]


def test_the_last_line_counts_everything() -> None:
    assert shown(fleet())[-1] == (
        "policy resilience.toml: 2 of 3 clusters keep it, 2 findings, 1 accepted, 1 part not read"
    )


def test_only_clusters_with_open_findings_have_details() -> None:
    text = words(shown(fleet()))

    assert "finance (us-east-1, stack Warehouse)" in text
    assert "error RR103 region-lost: nothing protects it" in text
    assert "To mend: Copy the snapshots to another Region" in text
    assert "sales (us-east-1" not in text
    assert "trial (us-east-1" not in text


def test_a_named_cluster_has_its_details() -> None:
    text = words(shown(fleet(), clusters=("tr*",)))

    assert "trial (us-east-1, stack Warehouse)" in text
    assert "accepted RR103 region-lost" in text
    assert "Reason: the copy comes in March" in text
    assert "finance" not in text
    assert "shown: 1 of 3 clusters; the summary counts all of them" in text
    assert "2 of 3 clusters keep it" in text


def test_only_gaps_leaves_out_what_is_kept() -> None:
    lines = shown(fleet(), only_gaps=True)

    assert [line.split()[0] for line in lines if line.startswith(("kept", "broken", "accepted"))] == ["broken"] * 2
    assert "shown: 1 of 3 clusters" in words(lines)


def test_a_part_that_was_not_read_is_shown_once() -> None:
    assert words(shown(fleet())).count("Loop is a nested stack") == 1
    assert words(shown(check(kept(), parts=("stack A: macro X",)))).count("macro X") == 1


@pytest.mark.parametrize(
    ("parts", "summary"),
    [
        ((), "policy resilience.toml: no Redshift cluster, 0 findings"),
        (
            ("x",),
            "policy resilience.toml: no Redshift cluster in the parts that were read, 0 findings, 1 part not read",
        ),
    ],
)
def test_no_cluster_is_only_said_when_everything_was_read(parts: tuple[str, ...], summary: str) -> None:
    assert shown(check(parts=parts))[-1] == summary


def test_the_summary_counts_what_is_not_judged() -> None:
    report = replace(check(), not_judged=("stack A: Redshift Serverless namespace x",))
    assert shown(report)[-1].endswith("no Redshift cluster, 0 findings, 1 warehouse of Redshift Serverless not judged")


def test_equal_stacks_in_several_accounts_are_told_apart() -> None:
    text = words(shown(check(broken(account="111111111111"), broken(account="222222222222"))))

    assert "finance (us-east-1, account 111111111111, stack Warehouse)" in text
    assert "finance (us-east-1, account 222222222222, stack Warehouse)" in text


@pytest.mark.parametrize(
    ("different", "name"),
    [
        ({"stack": "Two"}, "finance (stack Two)"),
        ({"account": "2"}, "finance (account 2)"),
        ({"account": "2", "stack": "Two"}, "finance (account 2, stack Two)"),
        ({"region": "eu-west-1"}, "finance"),
    ],
    ids=["stack", "account", "both", "region"],
)
def test_clusters_of_one_name_are_told_apart_in_their_lines(different: dict[str, str], name: str) -> None:
    lines = shown(check(broken(account="1", stack="One"), broken(**{"account": "1", "stack": "One", **different})))

    names = [line.removeprefix("broken").strip().split("  ")[0] for line in lines if line.startswith("broken")]
    assert names[1] == name


@pytest.mark.parametrize("width", [80, 100, 140, 200])
def test_no_line_but_the_summary_is_wider_than_the_terminal(width: int) -> None:
    for report in (fleet(), change(), check(broken("倉庫" * 30), accepted("a" * 63))):
        assert max(map(width_of, shown(report, width=width, clusters=("*",))[:-2])) <= width


def test_colours_mark_verdicts_and_nothing_else() -> None:
    # GIVEN the same report WHEN in colour THEN without the colours it is the same
    plain, coloured = shown(fleet()), shown(fleet(), colour=True)

    assert coloured[3].startswith("\x1b[31mbroken\x1b[0m ")
    assert [line.replace("\x1b[0m", "").replace("\x1b[31m", "").replace("\x1b[32m", "").replace("\x1b[33m", "")
            for line in coloured] == plain  # fmt: skip


def test_a_name_cannot_colour_the_terminal() -> None:
    assert "\x1b" not in "".join(shown(check(broken("\x1b[32mkept")), clusters=("*",)))


def test_a_comparison_shows_what_is_worse_and_better() -> None:
    lines = shown(change())

    assert lines[0] == "before: base.out, after: cdk.out"
    assert lines[4].split()[:5] == ["worse", "finance", "us-east-1", "2", "1"]
    text = words(lines)
    assert "worse the Region 9 h in us-west-2 none" in text
    assert "worse automated snapshots are kept 14 d 7 d" in text
    assert "better copies 1 0" in text
    assert "the deployment deletes 21 recovery points at most; Redshift deletes them at once" in text
    assert "error RR121 protection-worse" in text


def test_what_is_better_leads_a_cluster_that_gets_better_before_its_cost() -> None:
    # GIVEN a cluster of which a failure gets better, at a cost
    cost = AspectChange(
        aspect=Aspect.COST, what="recovery points", before="10", after="43", direction=Direction.CHANGED
    )
    better = replace(new(), former=new().cluster, presence=Presence.BOTH, aspects=(cost,))

    # THEN the failure comes first
    assert [row.direction for row in changed_rows(better)] == [Direction.BETTER, Direction.CHANGED]


def test_clusters_that_stay_the_same_are_only_counted() -> None:
    lines = shown(comparison(worse(), new(), same(), same("other")))

    assert "other" not in words(lines)
    assert lines[-2] == "change: 1 of 4 clusters gets worse, 1 new, 2 unchanged, 1 finding"
    assert lines[-1].startswith("policy resilience.toml: 2 of 3")


def test_a_comparison_shows_what_the_policy_newly_misses_and_what_is_fixed() -> None:
    # GIVEN a new cluster that misses the policy, and a former finding that is gone
    cluster = key("trial")
    missed = result(cluster, replace(region_finding(cluster), new=True))
    before = replace(comparison(new()), check=check(missed), fixed=(region_finding(key("old")),))

    text = words(shown(before, only_gaps=True))

    assert "trial (us-east-1, stack Warehouse)" in text
    assert "error RR103 region-lost: nothing protects it" in text
    assert "fixed: 1 finding * old (us-east-1, stack Warehouse): RR103 region-lost" in text
    assert "1 new, 0 findings, 1 fixed" in text


def test_a_note_that_a_finding_tells_is_not_repeated() -> None:
    finding = Finding(
        rule=CheckRule.SNAPSHOTS_LOST,
        level=Level.ERROR,
        message="Automated snapshots are kept: 14 d before, 7 d after; Redshift deletes them at once.",
        subject="automated snapshots are kept",
    )
    text = words(shown(comparison(replace(worse(), findings=(finding,)))))
    assert text.count("Redshift deletes them at once") == 1


def test_the_remedy_of_a_rule_is_shown_once() -> None:
    # GIVEN a cluster with two open findings of a rule, and an accepted one WHEN shown THEN one remedy, and one reason
    cluster = key()
    first = region_finding(cluster)
    findings = (first, replace(first, subject="2"), replace(first, accepted="the copy comes in March", subject="3"))
    text = words(shown(check(result(cluster, *findings))))
    assert (text.count("RR103"), text.count("To mend:"), text.count("Reason:")) == (3, 1, 1)
