"""The page about guardrails: the sizes of the policies."""

from __future__ import annotations

import json
import re

import pytest

from resilient_redshift.contract.guardrails import Guardrails, printed
from resilient_redshift.errors import Problems
from tests.docs.tables import ROOT, rows

PAGE = ROOT / "docs" / "guardrails.md"
POLICIES = Guardrails.checked(
    Problems("the page"),
    partition="aws",
    break_glass_roles=["arn:aws:iam::*:role/BreakGlass"],
    role_paths=["/resilient-redshift/"],
)
SIZES = {
    "SCP": len(printed(POLICIES.service_control_policy())),
    "RCP": len(printed(POLICIES.resource_control_policy())),
    "managed policy": len(json.dumps(POLICIES.managed_policy(), separators=(",", ":"))),
}


@pytest.mark.parametrize("policy", SIZES)
def test_the_size_of_a_policy_is_about_the_one_on_the_page(policy: str) -> None:
    # GIVEN the policies of the page's example WHEN printed THEN the page says how large they are
    [row] = [row for row in rows(PAGE, "policy") if row.section == "Sizes" and row.cells["policy"] == policy]
    said = int(re.sub(r"\D", "", row.cells["one break-glass role"]))
    assert SIZES[policy] == pytest.approx(said, rel=0.05)
