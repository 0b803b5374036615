"""The record of an owner, as tags."""

from __future__ import annotations

from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.contract import names


def test_handler_writes_the_same_tags() -> None:
    # GIVEN the handler, which is deployed alone WHEN its tags are read THEN they are the package's
    assert ownership.tag_names(ownership.COPY)[0] == names.TAG_COPY_OWNER
