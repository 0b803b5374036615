"""One plan over two Regions."""

from __future__ import annotations

import pytest

from tests.cli.scene import THERE, Scene


@pytest.fixture
def scene() -> Scene:
    """The recovery Region is the one to begin in."""
    scene = Scene()
    scene.region = THERE
    return scene
