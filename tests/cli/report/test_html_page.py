"""The page: valid, whole by itself, printable, escaped, and equal to the golden one."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from resilient_redshift.cli.report.controls import SECTIONS
from resilient_redshift.cli.report.html_page import page
from tests.cli.report.archive import AGE_ALARM, EVENTS, OPERATOR, Past
from tests.cli.scene import PLAN

GOLDEN = Path(__file__).parent / "golden.html"
EVIL = "</style><script>alert('x')</script>\"&<img src=http://evil>\x1b[31m"
_VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Fails where an end tag does not match, an id is there twice, or a table lacks its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [str(value) for name, value in attrs if name == "id"]
        self.links += [str(value) for name, value in attrs if name == "href"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def story() -> Past:
    """A year of a plan: a failure and its mending, a killed drill, a failover, a switchover, an alarm, gaps."""
    past = Past()
    past.copied(hours=2)
    past.reported("drill-old", 200)
    past.reported("drill-failed", 40, "FailedSlow", recovery_time_seconds=9000)
    past.started_by(past.ran("drill-failed", 40, scheduled_time="2026-10-14T06:00:00Z"), EVENTS, "event-1")
    past.started_by(past.ran("drill-killed", 20, status="TIMED_OUT", reason="before the release"), OPERATOR, "event-2")
    past.reported("drill-good", 10, point="random")
    past.ran("drill-good", 10)
    past.reported("failover-1", 5, "Restored", mode="failover", checks=[])
    past.aged(30 * 24, 0, 3)
    past.aged(12 * 24, 11 * 24, 12)
    past.alarmed()
    past.rang(AGE_ALARM, 12, 11)
    step = {"name": "snapshot", "started": past.ago(3).isoformat(), "ended": past.ago(2.99).isoformat()}
    rehearsal = {"version": 1, "id": "rehearsal-1", "plan": PLAN, "started": past.ago(3).isoformat(), "by": OPERATOR}
    rehearsal |= {"rehearsal": True, "fence": False, "fenced": False, "keep_days": 14, "steps": [step]}
    past.switched({**rehearsal, "outcome": "Rehearsed"})
    return past


def test_the_page_is_the_reviewed_one() -> None:
    # GIVEN the story WHEN its page is made twice THEN both are equal, and equal to the golden one (UPDATE_GOLDEN=1)
    past = story()
    document = past.made()
    text = page(document)
    assert text == page(past.made())
    text = text.replace(f"resilient-redshift {document['release']},", "resilient-redshift RELEASE,")
    text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL).replace("><", ">\n<")
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_page_is_valid_accessible_and_whole_by_itself() -> None:
    text = page(story().made())
    reader = Reader(text)
    # no script, no other resource, and each link leads to a heading of the page
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(reader.tags)
    assert not [
        attribute for attribute in reader.attributes if attribute[1] in {"src", "style"} or attribute[1][:2] == "on"
    ]
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)
    assert len(reader.ids) == len(set(reader.ids))
    assert not re.search(r"url\(|@import|https?://", text)
    # a language, one title of each rank in order, and headings of tables that repeat on paper
    assert ("html", "lang", "en") in reader.attributes
    assert reader.tags.count("h1") == 1
    assert reader.tags.count("table") == reader.tags.count("thead") == reader.tags.count("caption")
    assert {value for tag, name, value in reader.attributes if (tag, name) == ("th", "scope")} == {"col", "row"}
    assert "thead { display: table-header-group; }" in text


def test_texts_of_aws_are_escaped_everywhere() -> None:
    # GIVEN a text that would be markup in every text of the JSON WHEN shown THEN none of it becomes an element
    document = spoil(story().made())
    text = page(document)
    reader = Reader(text)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert "<script" not in text
    assert "\x1b" not in text
    assert "&lt;/style&gt;&lt;script&gt;" in text


def spoil(value: Any, name: str = "") -> Any:
    """The same document, with a hostile text for each text that is not a time or one of a few words."""
    if isinstance(value, dict):
        return {key: spoil(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [spoil(part, name) for part in value]
    kept = name in {"result", "status", "point"} or re.match(r"\d{4}-\d\d", str(value))
    return value if kept or not isinstance(value, str) else EVIL


def test_each_plan_has_each_section_with_its_controls() -> None:
    text = page(story().made())
    for title, _, controls in SECTIONS.values():
        assert f"<h3>{title}</h3>" in text
        assert all(control in text for control in controls)


def test_a_plan_of_which_nothing_is_known_has_a_page() -> None:
    # GIVEN Regions that deny everything but the records WHEN shown THEN the page names the gaps and no figure
    past = Past()
    past.account.denied = {
        f"{service}:{operation}"
        for service, operation in (
            ("redshift", "DescribeClusters"),
            ("redshift", "DescribeClusterSnapshots"),
            ("stepfunctions", "ListExecutions"),
            ("s3", "ListObjectsV2"),
            ("cloudwatch", "GetMetricData"),
            ("cloudwatch", "DescribeAlarms"),
            ("ssm", "GetParametersByPath"),
            ("sts", "GetCallerIdentity"),
        )
    }
    document = past.made()
    text = page(document)
    Reader(text)
    assert len(document["plans"][0]["gaps"]) >= 6
    assert "could not be read" in text
    assert "No known run failed. Not every run was read: see Gaps." in text
    assert '<span class="bad">not known</span>' in text
    assert " % of " not in text
