"""docs/recovery.md, "Moving to another Region or key": driven as CloudFormation drives the handler, both stacks."""

from __future__ import annotations

import pytest

from emulator.redshift_model import Clock, RedshiftModel
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import ELSEWHERE, HERE, NAME, THERE, copy, grant, live

MOVED = {"DestinationRegion": ELSEWHERE, "SnapshotCopyGrantName": "site-1"}
REKEYED = {"SnapshotCopyGrantName": "site-2"}


@pytest.fixture
def model() -> RedshiftModel:
    model = RedshiftModel(Clock())
    model.given_cluster(HERE, NAME)
    return model


@pytest.fixture
def site(model: RedshiftModel) -> Stack:
    """The recovery stack with the grant of its first generation."""
    site = Stack(model, "Recovery", THERE)
    assert site.deploy({"Grant": grant(model.given_key(THERE), "Retain")}).ok
    return site


@pytest.fixture
def warehouse(model: RedshiftModel, site: Stack) -> Stack:
    assert site.status == "CREATE_COMPLETE"
    stack = Stack(model, "Warehouse", HERE)
    assert stack.deploy({"Copy": copy(SnapshotCopyGrantName="site-1")}).ok
    return stack


@pytest.mark.parametrize("fails", [False, True])
def test_another_key(model: RedshiftModel, site: Stack, warehouse: Stack, *, fails: bool) -> None:
    # GIVEN the site's second generation: another key and grant, the first one leaves the template and is retained
    assert site.deploy({"Grant2": grant(model.given_key(THERE), "Retain", SnapshotCopyGrantName="site-2")}).ok
    # WHEN the cluster's stack follows
    outcome = warehouse.deploy({"Copy": copy(**REKEYED)}, fails_at_end=fails)
    # THEN the copy is under the new key, or, where the rest failed, under the old one
    assert outcome.ok != fails
    assert model.copy_of(HERE, NAME) == live(grant_name="site-1" if fails else "site-2")


@pytest.mark.parametrize("fails", [False, True])
def test_another_region(model: RedshiftModel, warehouse: Stack, *, fails: bool) -> None:
    # GIVEN a site in the new Region
    assert Stack(model, "NewRecovery", ELSEWHERE).deploy({"Grant": grant(model.given_key(ELSEWHERE), "Retain")}).ok
    # WHEN
    outcome = warehouse.deploy({"Copy": copy(**MOVED)}, fails_at_end=fails)
    # THEN
    assert outcome.ok != fails
    assert model.copy_of(HERE, NAME) == (
        live(grant_name="site-1") if fails else live(region=ELSEWHERE, grant_name="site-1")
    )


def test_the_wrong_order_touches_nothing(model: RedshiftModel, warehouse: Stack) -> None:
    # GIVEN no site in the new Region WHEN the cluster's stack comes first THEN it says which one should
    outcome = warehouse.deploy({"Copy": copy(**MOVED)})
    assert "deploy that Region's stack first" in outcome.reasons[0]
    assert model.copy_of(HERE, NAME) == live(grant_name="site-1")


def test_another_plan_name_is_refused_unless_it_may_replace(model: RedshiftModel, warehouse: Stack) -> None:
    # GIVEN
    assert Stack(model, "NewRecovery", ELSEWHERE).deploy({"Grant": grant(model.given_key(ELSEWHERE), "Retain")}).ok
    # WHEN the construct is renamed in the deployment that moves THEN
    assert "has a snapshot copy already" in warehouse.deploy({"Renamed": copy(**MOVED)}).reasons[0]
    assert warehouse.deploy({"Renamed": copy(ReplaceExisting="true", **MOVED)}).ok
    assert model.copy_of(HERE, NAME) == live(region=ELSEWHERE, grant_name="site-1")
