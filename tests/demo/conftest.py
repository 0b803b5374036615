"""What every story of these tests has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo import story as steps
from tests.demo.world import FakeAws, FakeCdk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def aws(tmp_path: Path) -> FakeAws:
    return FakeAws(tmp_path)


@pytest.fixture
def cli(aws: FakeAws) -> FakeCdk:
    return FakeCdk(aws)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A story of a few days."""
    monkeypatch.setattr(steps, "MONTH", 2 * steps.DAY)
    monkeypatch.setattr(steps, "WEEK", steps.DAY)
