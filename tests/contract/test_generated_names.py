"""The generated names of grants and schedules: a change of one leaves a deployed resource behind."""

from __future__ import annotations

import pytest

from resilient_redshift.contract.generated_names import (
    grant_name,
    is_generated_grant,
    is_generated_schedule,
    schedule_identifier,
    switch_function_name,
)


def test_the_names_are_frozen() -> None:
    # GIVEN the names that former releases generated for the same stack and path WHEN generated THEN they are the same
    assert grant_name("WarehouseRecovery", "WarehouseRecovery/Site", 1) == "recovery-94f42980"
    assert schedule_identifier("Stack", "Stack", "Often") == "sstackoften3d688eafbc9b"
    name = switch_function_name("WarehouseRecovery", "WarehouseRecovery/Site", "us-east-1")
    assert name == "resilient-redshift-switch-f68dc01a891c"


@pytest.mark.parametrize("path", ["", "Live/Recovery", "A" * 200, "Wärehouse/Ünits"])
def test_generated_names_are_recognized(path: str) -> None:
    assert is_generated_grant(grant_name("stack", path, 2))
    assert is_generated_schedule(schedule_identifier("stack", path, "Schedule"))


@pytest.mark.parametrize("name", [None, 1, "", "mine", "recovery-site", "recovery-94F42980", "recovery-94f429801"])
def test_chosen_names_are_not(name: object) -> None:
    assert not is_generated_grant(name)
    assert not is_generated_schedule(name)
