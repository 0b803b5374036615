"""One emulated AWS for each module: bootstrapped, and with IAM asked about every call of our roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.scene import PRIMARY, RECOVERY
from tests.emulator.aws import EmulatedAws

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """An account with both Regions bootstrapped."""
    with EmulatedAws.start() as found:
        found.bootstrap(PRIMARY, RECOVERY)
        found.enforce_iam(True)
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs a whole module: its tests look at one story."""
    for item in items:
        if "tests/e2e/" in item.nodeid:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))
