"""A warehouse whose every wait is short: the tests are about the order of things."""

from __future__ import annotations

import pytest

from tests.cli.switchover.warehouse import Warehouse


@pytest.fixture
def warehouse() -> Warehouse:
    """The warehouse is at home, and nothing is wrong."""
    return Warehouse()
