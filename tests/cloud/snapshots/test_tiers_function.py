"""The entry that Lambda calls for retention tiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resilient_redshift.cloud.snapshots import tiers_function
from tests.cloud.context import Context
from tests.cloud.snapshots.world import AWAY, FUNCTION_ARN, PLAN, TiersWorld

if TYPE_CHECKING:
    import pytest


def test_the_real_entry_calls_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN what Lambda passes WHEN the entry runs with it THEN the clients are those of the function's own Region
    world = TiersWorld()
    world.copied(age_hours=0)
    monkeypatch.setattr(tiers_function, "client", world.client)
    assert tiers_function.apply_tiers({"plan": PLAN}, Context(FUNCTION_ARN))["outcome"] == "Applied"
    assert {call.region for call in world.model.calls} == {AWAY}
