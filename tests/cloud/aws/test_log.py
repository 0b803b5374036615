"""The log: JSON lines without secrets."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from resilient_redshift.cloud.aws import log


def test_a_field_that_may_hold_a_secret_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.write("INFO", "hello", ResponseURL="u", master_password="p", cluster="sales")
    assert json.loads(capsys.readouterr().out) == {"level": "INFO", "message": "hello", "cluster": "sales"}


def test_each_line_is_one_object_whatever_its_fields_hold(capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN a text of two lines, and a value that JSON does not know WHEN both are written
    log.write("WARNING", "two\nlines", at=datetime(2026, 11, 24, tzinfo=UTC))
    log.write("INFO", "next")
    # THEN each call is one line
    first, second = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"level": "WARNING", "message": "two\nlines", "at": "2026-11-24 00:00:00+00:00"}
    assert json.loads(second) == {"level": "INFO", "message": "next"}


@pytest.mark.parametrize("name", ["SessionToken", "X_Amz_Signature", "ClientSecret"])
def test_a_secret_is_known_by_a_part_of_its_name(capsys: pytest.CaptureFixture[str], name: str) -> None:
    log.write("INFO", "hello", **{name: "hidden"})
    assert "hidden" not in capsys.readouterr().out
