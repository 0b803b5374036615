"""The properties of a copy: one that is not understood is told, and nothing is called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.cloud.custom_resources import index
from resilient_redshift.cloud.custom_resources.copy.properties import WantedCopy, wanted
from resilient_redshift.cloud.errors import Refused
from resilient_redshift.cloud.redshift.clusters import CopySettings
from tests.cloud.custom_resources.cloudformation import Resource, Stack
from tests.cloud.custom_resources.scene import HERE, ID, THERE, copy, create, event_of, request_of, update

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


def _send(stack: Stack, **changes: Any) -> Any:
    return index.on_event_in({**event_of(stack), **changes}, stack.handler.runtime())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ClusterIdentifier": None}, "ClusterIdentifier: got nothing; allowed: 1 to 63 lower-case"),
        ({"ClusterIdentifier": "sales_1"}, "ClusterIdentifier: got 'sales_1'"),
        ({"ClusterIdentifier": "a--b"}, "ClusterIdentifier: got 'a--b'"),
        ({"ClusterIdentifier": "a" * 64}, "ClusterIdentifier: got 'aaaa"),
        (
            {"DestinationRegion": HERE},
            "DestinationRegion: got 'eu-central-1'; allowed: another Region than eu-central-1",
        ),
        ({"DestinationRegion": "Ireland"}, "DestinationRegion: got 'Ireland'; allowed: a Region's name"),
        ({"SnapshotCopyGrantName": ""}, "SnapshotCopyGrantName: got ''"),
        ({"RetentionPeriod": "0"}, "RetentionPeriod: got '0'; allowed: a whole number of days as a string, 1 to 35"),
        ({"RetentionPeriod": "36"}, "RetentionPeriod: got '36'"),
        ({"RetentionPeriod": "-1"}, "RetentionPeriod: got '-1'"),
        ({"RetentionPeriod": 7}, "RetentionPeriod: got 7;"),
        ({"RetentionPeriod": "7.0"}, "RetentionPeriod: got '7.0'"),
        ({"RetentionPeriod": "٣"}, "RetentionPeriod: got '٣'"),
        (
            {"ManualSnapshotRetentionPeriod": "0"},
            "ManualSnapshotRetentionPeriod: got '0'; allowed: .* 1 to 3653, or -1",
        ),
        ({"ManualSnapshotRetentionPeriod": "3654"}, "ManualSnapshotRetentionPeriod: got '3654'"),
        ({"RemovalPolicy": "delete"}, "RemovalPolicy: got 'delete'; allowed: 'retain', 'destroy'"),
        ({"AcceptLossOfCopies": "yes"}, "AcceptLossOfCopies: got 'yes'; allowed: 'false', 'true'"),
        ({"AcceptLossOfCopies": True}, "AcceptLossOfCopies: got True"),
        ({"ReplaceExisting": "yes"}, "ReplaceExisting: got 'yes'; allowed: 'false', 'true'"),
        ({"Replace": "true"}, "Replace: got 'true'; allowed: nothing; this property is unknown"),
    ],
)
def test_a_property_that_is_not_understood_is_told(
    model: RedshiftModel, stack: Stack, changes: dict[str, Any], words: str
) -> None:
    for answer in (create(stack, **changes), update(stack, **changes)):
        assert not answer.ok
        assert re.search(words, answer.reason), answer.reason
    assert model.calls == []


def test_all_problems_are_told_together(stack: Stack) -> None:
    reason = create(stack, RetentionPeriod="99", RemovalPolicy="x").reason
    assert "RetentionPeriod" in reason
    assert "RemovalPolicy" in reason


def test_removal_and_loss_default_to_the_safe_side(model: RedshiftModel, stack: Stack) -> None:
    assert create(stack, RemovalPolicy=None, AcceptLossOfCopies=None).ok


def test_no_properties_at_all_are_told(stack: Stack) -> None:
    assert (
        "ClusterIdentifier: got nothing"
        in stack.handler.send("Create", "Copy", Resource("Custom::RedshiftSnapshotCopy", {})).reason
    )
    with pytest.raises(Refused, match="got nothing"):
        _send(stack, ResourceProperties=None)


def test_the_properties_of_the_construct_are_read() -> None:
    want = wanted(request_of(copy(RemovalPolicy="destroy", ReplaceExisting="true")))
    settings = CopySettings(THERE, "sales-grant", 7, -1)
    assert want == WantedCopy("sales", settings, destroy=True, accept_loss=False, replace=True)
    assert want.physical_id == ID
