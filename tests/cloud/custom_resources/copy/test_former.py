"""The memory of a swap, as the value of a tag."""

from __future__ import annotations

import pytest

from resilient_redshift.cloud.custom_resources.copy import former
from resilient_redshift.cloud.redshift.clusters import CopySettings
from tests.cloud.custom_resources.scene import (
    FORMER,
)


@pytest.mark.parametrize(
    "settings", [CopySettings("eu-west-1", "g", 7, -1), CopySettings("us-gov-east-1", None, 35, 3653)]
)
def test_the_record_reads_back(settings: CopySettings) -> None:
    assert former.read({FORMER: former.note(settings)}) == settings


@pytest.mark.parametrize("record", ["", "eu-west-1", "eu-west-1/g/x/-1", "eu-west-1/g/7/-2", "eu-west-1/g/7/-1/more"])
def test_a_record_that_nobody_understands_is_none(record: str) -> None:
    assert former.read({FORMER: record}) is None
