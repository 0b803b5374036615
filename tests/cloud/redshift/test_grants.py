"""The present state of a grant: read where it is there, and None or an error where it is not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from emulator.redshift_model import Clock, RedshiftModel
from resilient_redshift.cloud.errors import Busy
from resilient_redshift.cloud.redshift.grants import LiveGrant, find, read

THERE = "eu-west-1"


def client_that_answers(*grants: dict[str, Any]) -> Any:
    """A client whose every description holds these grants."""
    exceptions = SimpleNamespace(SnapshotCopyGrantNotFoundFault=LookupError)
    return SimpleNamespace(
        exceptions=exceptions, describe_snapshot_copy_grants=lambda **_: {"SnapshotCopyGrants": list(grants)}
    )


def test_a_description_is_read() -> None:
    model = RedshiftModel(Clock())
    key = model.given_key(THERE)
    model.given_grant(THERE, "site-1", key, tags={"team": "finance"})
    assert read(model.client(THERE), "site-1") == LiveGrant(key, {"team": "finance"})


def test_a_grant_that_is_not_visible() -> None:
    # GIVEN no grant of the name WHEN read THEN there is none; AWS's own error tells the retry loop how long to wait
    client = RedshiftModel(Clock()).client(THERE)
    assert read(client, "absent") is None
    with pytest.raises(client.exceptions.SnapshotCopyGrantNotFoundFault):
        find(client, "absent")


def test_an_answer_without_a_grant_is_waited_for() -> None:
    client = client_that_answers()
    assert read(client, "site-1") is None
    with pytest.raises(Busy, match="does not show the grant 'site-1' yet"):
        find(client, "site-1")


def test_parts_that_the_answer_leaves_out_are_empty() -> None:
    client = client_that_answers({"Tags": [{"Key": "team"}, {"Value": "nobody's"}]})
    assert find(client, "site-1") == LiveGrant("", {"team": ""})
