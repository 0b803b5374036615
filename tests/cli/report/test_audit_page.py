"""docs/audit.md: its sections, controls, policy and summary are those of the command."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from resilient_redshift.cli.report.controls import SECTIONS
from resilient_redshift.contract import operator_rights
from tests.cli.report.test_html_page import story
from tests.cli.scene import PLAN
from tests.docs.tables import ROOT, rows

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs" / "audit.md"
ACCOUNT = "111122223333"


def test_the_sections_and_their_controls_are_those_of_the_report() -> None:
    shown = [row.cells for row in rows(PAGE, "section")]
    assert {row["section"]: row["what it shows"] for row in shown if "what it shows" in row} == {
        title: what for title, what, _ in SECTIONS.values()
    }
    assert {row["section"]: row["controls"] for row in shown if "controls" in row} == {
        title: ", ".join(controls) for title, _, controls in SECTIONS.values() if controls
    }


def test_each_control_is_explained() -> None:
    # GIVEN the controls of all sections WHEN the page is read THEN its last table names each standard and number
    explained = " ".join(row.cells["control"] for row in rows(PAGE, "control"))
    for _, _, controls in SECTIONS.values():
        for control in controls:
            assert control.rpartition(" ")[2].removeprefix("Art. ") in explained, control


def test_the_policy_is_the_auditors() -> None:
    [policy] = [
        json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    ]
    assert policy["Statement"] == operator_rights.audit(
        parameters=f"arn:aws:ssm:*:{ACCOUNT}:{operator_rights.PARAMETERS}",
        reports=["arn:aws:s3:::recovery-reports"],
    )


def test_the_summary_shown_is_the_one_printed(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    printed = story().run("report", PLAN, "--output", str(file)).stdout.replace(str(file), file.name)
    [shown] = re.findall(r"^```text\n(report of .*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert shown == "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
