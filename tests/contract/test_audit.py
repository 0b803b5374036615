"""The schema of the report for auditors: frozen, and strict."""

from __future__ import annotations

import hashlib
import json

from resilient_redshift.cli.report.figures import FAILED, GOOD, NO_VERDICT, RUNNING
from resilient_redshift.contract import audit


def test_the_schema_is_frozen() -> None:
    # GIVEN version 1, which auditors' tools read WHEN it is written down THEN a changed meaning is a new version
    text = json.dumps(audit.AUDIT_SCHEMA, sort_keys=True)
    assert (audit.AUDIT_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (1, "ab8c263a8292903e")


def test_the_results_are_those_that_are_counted() -> None:
    assert audit.RESULTS == (GOOD, FAILED, NO_VERDICT, RUNNING)
