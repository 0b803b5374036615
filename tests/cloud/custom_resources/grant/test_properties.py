"""The properties of a grant: one that is not understood is told, and nothing is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.cloud.custom_resources.grant.properties import WantedGrant
from tests.cloud.custom_resources.cloudformation import Stack
from tests.cloud.custom_resources.scene import HERE, THERE, grant

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"KmsKeyId": f"arn:aws:kms:{THERE}:123456789012:alias/x"}, "not of an alias"),
        ({"KmsKeyId": f"arn:aws:kms:{HERE}:123456789012:key/x"}, f"a key of {THERE}"),
        ({"SnapshotCopyGrantName": "Site"}, "SnapshotCopyGrantName: got 'Site'"),
        ({"Other": "1"}, "Other: got '1'; allowed: nothing"),
        ({"RemovalPolicy": "snapshot"}, "RemovalPolicy"),
    ],
)
def test_a_grants_property_that_is_not_understood_is_told(
    model: RedshiftModel, changes: dict[str, str], words: str
) -> None:
    stack = Stack(model, "Recovery", THERE)
    resource = grant(f"arn:aws:kms:{THERE}:123456789012:key/x", **changes)
    assert words in stack.handler.send("Create", "Grant", resource).reason
    assert stack.handler.send("Delete", "Grant", resource, PhysicalResourceId="snapshot-copy-grant/site-1").ok
    assert model.calls == []


@pytest.mark.parametrize(
    ("live_key", "same"),
    [
        (f"arn:aws:kms:{THERE}:123456789012:key/x", True),
        ("x", True),
        ("y", False),
        ("", False),
        (f"arn:aws:kms:{THERE}:210987654321:key/x", False),
        (f"arn:aws:kms:{THERE}:123456789012:key/xx", False),
    ],
)
def test_a_live_key_is_the_same_by_its_arn_or_its_id(live_key: str, same: bool) -> None:
    want = WantedGrant("site-1", f"arn:aws:kms:{THERE}:123456789012:key/x", destroy=False)
    assert want.has_key(live_key) is same
