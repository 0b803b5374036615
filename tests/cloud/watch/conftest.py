"""The worlds of the watcher's tests."""

from __future__ import annotations

import pytest

from tests.cloud.watch.world import WatchWorld


@pytest.fixture
def world() -> WatchWorld:
    return WatchWorld()
