"""Reports as the comment of a pull request."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from resilient_redshift.planning.reports._comment import MOST_LETTERS, letters
from resilient_redshift.planning.reports.formats import Format, ReportOptions, render
from tests.planning.reports.samples import (
    accepted,
    broken,
    change,
    check,
    comparison,
    fleet,
    kept,
    new,
    not_read,
    same,
    worse,
)

HOSTILE = [
    "a|b",
    "<script>alert(1)</script>",
    "</details></summary>",
    "`code` **bold** _x_ ~~y~~",
    "1. x",
    "- x",
    "[text](https://example.com)",
    "![](https://example.com/a.png)",
    "www.example.com https://example.com",
    "a\n\n# heading\n",
    "-->",
    "&amp; &lt;",
    "\\| \\",
    ":smile: $x$",
]


def shown(report: Any, **options: Any) -> str:
    return render(report, Format.MARKDOWN, ReportOptions(**options))


class Text(HTMLParser):
    """The text of a page and the tags in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(f"{tag}{attrs or ''}")

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(comment: str) -> Text:
    return Text(MarkdownIt("commonmark").enable("table").render(comment))


@pytest.mark.parametrize(("report", "marker"), [(fleet(), "check"), (change(), "diff")], ids=["check", "diff"])
def test_a_bot_finds_its_comment_by_the_first_line(report: Any, marker: str) -> None:
    assert shown(report).splitlines()[0] == f"<!-- resilient-redshift-{marker} -->"


def test_each_cluster_has_one_line_the_broken_ones_first() -> None:
    lines = [line for line in shown(fleet()).splitlines() if "<code>" in line and line.startswith("|")]

    assert [line.split(" | ")[:3] for line in lines] == [
        ["| \u274c broken", "<code>finance</code>", "us-east-1"],
        ["| \u2611\ufe0f accepted", "<code>trial</code>", "us-east-1"],
        ["| \u2705 kept", "<code>sales</code>", "us-east-1"],
    ]
    assert lines[0].endswith("| 1 | 1 | the Region: none, at most 1 d |")


def test_details_are_folded_and_only_for_clusters_with_findings() -> None:
    comment = shown(fleet())

    summaries = re.findall(r"<details><summary>(.*)</summary>", comment)
    assert summaries == [
        "<code>finance</code> (us-east-1, stack Warehouse): 1 finding",
        "<code>trial</code> (us-east-1, stack Warehouse): 1 finding",
        "input and policy: 1",
    ]
    assert comment.count("</details>") == 3
    assert "<b>RR103</b> region-lost: nothing protects it" in comment
    assert "Reason: the copy comes in March" in comment


def test_a_comparison_lists_what_changes_and_counts_the_rest() -> None:
    comment = shown(comparison(worse(), new(), same(), same("other")))

    assert "1 of 4 clusters gets worse, 1 new, 2 unchanged, 1 finding" in comment
    assert (
        "| \u274c worse | <code>finance</code> | us-east-1 | 2 | 1 | the Region: 9 h in us-west-2 \u2192 none |"
        in comment
    )
    assert "the deployment deletes 21 recovery points at most" in comment
    assert "other" not in comment


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_of_a_template_is_more_than_text(name: str) -> None:
    # GIVEN a name that is Markdown or HTML, everywhere in a report WHEN a service shows it
    plain = seen(shown(check(broken("x"), findings=(not_read("x"),), parts=("x",))))
    page = seen(shown(check(broken(name, stack=name, region=name), findings=(not_read(name),), parts=(name,))))
    # THEN the page has the same elements, and the name's own letters
    assert page.tags == plain.tags
    assert " ".join(name.split()) in page.text.replace("\u2060", "")


@pytest.mark.parametrize("mention", ["@team", "@org/team", "#123", "!123", "~bug", "%v1", "$12", "&3"])
def test_no_text_mentions_anybody(mention: str) -> None:
    # a service looks for references in the text that it shows, but not in code
    page = seen(shown(check(broken("x", stack=f"by {mention}"), parts=(f"part {mention}",))))
    assert mention not in page.text
    assert mention in page.text.replace("\u2060", "")
    code = seen(shown(check(broken(mention))))
    assert mention in code.text


def test_a_comment_is_never_longer_than_github_allows() -> None:
    # GIVEN more clusters than a comment has room for, one of them with a name that fills it alone
    clusters = [broken(f"finance-{number}") for number in range(900)]
    parts = tuple(f"stack {number}: macro X" for number in range(900))
    comment = shown(check(*clusters, broken("a" * 70_000), kept(), accepted(), parts=parts))

    # THEN whole clusters are left out, and their number is there
    assert letters(comment) <= MOST_LETTERS
    lines = [line for line in comment.splitlines() if line.startswith("| \u274c broken | <code>")]
    [left] = re.findall(r"letters: (\d+) clusters\.", comment)
    assert len(lines) + int(left) in {901, 902, 903}
    assert "a" * 100 not in comment
    assert comment.count("<details>") == comment.count("</details>")


def test_details_that_do_not_fit_are_counted() -> None:
    comment = shown(check(*(broken(f"finance-{number}") for number in range(200))))

    shown_details = comment.count("<details>")
    assert letters(comment) <= MOST_LETTERS
    assert 20 < shown_details < 200
    assert f"the details of {200 - shown_details} clusters" in comment


def test_a_list_of_many_parts_is_cut() -> None:
    comment = shown(check(parts=tuple(f"stack {number}: " + "x" * 5_000 for number in range(400))))

    assert letters(comment) <= MOST_LETTERS
    assert "more" in comment


def test_clusters_of_one_name_are_told_apart_in_their_lines() -> None:
    page = shown(check(broken(stack="One"), broken(stack="<Two>")))

    assert "| <code>finance</code> (stack One) |" in page
    assert "| <code>finance</code> (stack &#60;Two&#62;) |" in page
