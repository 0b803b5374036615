"""Fixtures of the tests over the model of Redshift's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from emulator.aws import EmulatedAws
from emulator.redshift_model import Clock, CopyConfig, RedshiftModel
from tests.emulator.scene import HERE, THERE

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def model() -> RedshiftModel:
    return RedshiftModel(Clock())


@pytest.fixture
def copying(model: RedshiftModel) -> RedshiftModel:
    """A warehouse whose snapshots go to the other Region."""
    model.given_cluster(HERE, "warehouse", automated_retention=35, copy=CopyConfig(THERE, 7, 90, None))
    return model


@pytest.fixture(scope="module")
def aws() -> Iterator[EmulatedAws]:
    """One emulated account for all tests of a module: each uses names of its own."""
    with EmulatedAws.start() as found:
        found.cold_start(0)
        yield found


@pytest.fixture(scope="session")
def one_aws() -> Iterator[EmulatedAws]:
    """One emulated account for the modules that ask for it: roles, machines and clusters have names of their own."""
    with EmulatedAws.start() as found:
        found.cold_start(0)
        yield found
