"""What a request waits for: what on_event said, or else the default of its kind."""

from __future__ import annotations

import pytest

from resilient_redshift.cloud.custom_resources.expectations import (
    EXPECT_COPY,
    EXPECT_NOTHING,
    EXPECT_OFF,
    expectation,
)
from tests.cloud.custom_resources.scene import copy, request_of


@pytest.mark.parametrize(
    ("kind", "expected"), [("Create", EXPECT_COPY), ("Update", EXPECT_COPY), ("Delete", EXPECT_NOTHING)]
)
def test_a_request_that_does_not_say_has_the_default_of_its_kind(kind: str, expected: str) -> None:
    assert expectation(request_of(copy(), kind), EXPECT_COPY) == expected


@pytest.mark.parametrize("kind", ["Create", "Delete"])
def test_what_on_event_said_counts(kind: str) -> None:
    assert expectation(request_of(copy(), kind, Expect=EXPECT_OFF), EXPECT_COPY) == EXPECT_OFF
