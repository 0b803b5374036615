"""A cluster in one Region, a grant in another, and a stack that may copy the one's snapshots to the other."""

from __future__ import annotations

import pytest

from emulator.redshift_model import Clock, Cluster, RedshiftModel
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import HERE, NAME, THERE


@pytest.fixture
def model() -> RedshiftModel:
    model = RedshiftModel(Clock())
    model.given_grant(THERE, "sales-grant", model.given_key(THERE))
    return model


@pytest.fixture
def cluster(model: RedshiftModel) -> Cluster:
    return model.given_cluster(HERE, NAME)


@pytest.fixture
def stack(model: RedshiftModel, cluster: Cluster) -> Stack:
    return Stack(model, "Warehouse", HERE)
