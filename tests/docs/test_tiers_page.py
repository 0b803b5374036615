"""What docs/recovery.md says of retention tiers is the code's: outcomes, metrics, tags, numbers."""

from __future__ import annotations

import re

from resilient_redshift.cloud.snapshots import tiers, tiers_run
from resilient_redshift.contract import names
from resilient_redshift.contract.outcomes import TIERS_OUTCOMES
from resilient_redshift.stack.functions import LONGEST_SECONDS
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "recovery.md"
CODE = re.compile(r"`([^`]+)`")


def told(heading: str) -> set[str]:
    return {CODE.findall(row.cells[heading])[0] for row in rows(PAGE, heading)}


def test_the_outcomes_are_those_of_the_contract() -> None:
    assert told("outcome of a run") == set(TIERS_OUTCOMES)


def test_the_good_outcome_is_the_first_one() -> None:
    succeeded = {
        row.cells["outcome of a run"] for row in rows(PAGE, "outcome of a run") if row.cells["the run"] == "succeeds"
    }
    assert succeeded == {f"`{TIERS_OUTCOMES[0]}`"}


def test_the_metrics_are_those_of_the_contract() -> None:
    heading = "metric of a plan (namespace `ResilientRedshift`, dimension `Plan`)"
    assert told(heading) == set(names.TIER_METRICS)


def test_the_tags_are_those_of_the_contract() -> None:
    for tag in (names.TAG_TIER_APPLIED, names.TAG_KEEP_IN_RECOVERY):
        assert f"`{tag}`" in PAGE.read_text()


def test_the_numbers_are_the_codes() -> None:
    # GIVEN the limits that the pages tell WHEN the code is read THEN they are its own
    minutes = int(LONGEST_SECONDS - tiers_run.RESERVE_SECONDS) // 60
    limits, page = (ROOT / "docs" / "limits.md").read_text(), PAGE.read_text()
    assert f"gives copies their tier | {minutes} minutes |" in limits
    assert f"| fails | {minutes} minutes were over" in page
    assert f"manual snapshots of a Region that tiers look at | {tiers_run.MOST_SNAPSHOTS:,} |" in limits
    assert f"more than {tiers_run.MOST_SNAPSHOTS:,} manual snapshots" in page
    assert f"| with {tiers.MOST_TAGS} tags," in page
    assert tiers.OVER_SOON.total_seconds() == 3600  # "will be within the hour"
    assert "| whose tier is over, or will be within the hour," in page
