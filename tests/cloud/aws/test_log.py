"""The log: JSON lines without secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from resilient_redshift.cloud.aws import log

if TYPE_CHECKING:
    import pytest


def test_a_field_that_may_hold_a_secret_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    log.write("INFO", "hello", ResponseURL="u", master_password="p", cluster="sales")
    assert json.loads(capsys.readouterr().out) == {"level": "INFO", "message": "hello", "cluster": "sales"}
