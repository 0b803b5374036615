"""The schemas that machines and tools share: frozen, and strict."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.contract import schemas
from tests.contract.records import a_record


def test_schema_of_the_plan_record_is_frozen() -> None:
    # GIVEN version 1, which readers in both Regions know WHEN it is written down
    text = json.dumps(schemas.PLAN_RECORD_SCHEMA, sort_keys=True)
    # THEN a change is a new version, or one more thing that a reader may pass by; not another meaning
    assert (schemas.PLAN_RECORD_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (1, "450bfb6e19a155ca")


def a_report(**changes: Any) -> dict[str, Any]:
    times = {"started": "2026-11-24T03:00:00.000Z", "ended": "2026-11-24T04:00:00.000Z"}
    texts = {"plan": "sales", "mode": "failover", "outcome": "Restored", "message": "", "execution": "failover-sales-1"}
    return {"version": 1, **texts, **times, **changes}


def test_a_report_has_one_shape() -> None:
    # GIVEN the smallest report of a run, and one without the plan that its input lacked WHEN validated THEN it fits
    for changes in ({}, {"plan": "", "mode": "", "outcome": "InvalidRequest"}, {"snapshot": {"identifier": "a"}}):
        jsonschema.validate(a_report(**changes), schemas.REPORT_SCHEMA)


@pytest.mark.parametrize("changes", [{"outcome": "Fine"}, {"version": 2}, {"cluster": None}, {"endpoint": "x"}])
def test_a_report_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(a_report(**changes), schemas.REPORT_SCHEMA)


def test_what_a_failover_publishes_and_drills_remember() -> None:
    # GIVEN what the machine writes WHEN validated THEN it fits, also before the first drill
    endpoint = {
        "cluster": "sales",
        "endpoint": "sales.x.us-west-2.redshift.amazonaws.com",
        "port": 5440,
        "database": "dev",
        "admin_user": "warehouse_admin",
        "secret_arn": "arn",
        "execution": "failover-sales-1",
        "at": "2026-11-24T04:00:00.000Z",
    }
    jsonschema.validate(endpoint, schemas.ENDPOINT_SCHEMA)
    jsonschema.validate({"since": "2026-11-24T04:00:00.000Z"}, schemas.DRILLS_SCHEMA)
    jsonschema.validate({"since": endpoint["at"], "last": a_report(), "inconclusive": 1}, schemas.DRILLS_SCHEMA)


def test_the_schemas_of_the_endpoints_events_are_frozen() -> None:
    # GIVEN version 1, which rules of users match WHEN it is written down THEN a change is a new version
    both = [schemas.ENDPOINT_PUBLISHED_SCHEMA, schemas.ENDPOINT_WITHDRAWN_SCHEMA]
    frozen = hashlib.sha256(json.dumps(both, sort_keys=True).encode()).hexdigest()[:16]
    assert (schemas.ENDPOINT_EVENT_VERSION, frozen) == (1, "c81049934db0af81")


@pytest.mark.parametrize(
    "changes",
    [
        {"copy": {"keep_automated_days": 36, "keep_manual_days": -1}},
        {"copy": {"keep_automated_days": 7, "keep_manual_days": 0}},
        {"cluster": {"identifier": "sales", "region": "us-east-1"}},
        {"restore": {"unknown": 1}},
    ],
)
def test_schema_refuses(changes: dict[str, Any]) -> None:
    # GIVEN a record with a wrong part WHEN validated THEN it is refused
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(a_record(**changes), schemas.PLAN_RECORD_SCHEMA)
