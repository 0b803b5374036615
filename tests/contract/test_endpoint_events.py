"""The entries of the events that say where a plan's warehouse is: frozen names, and details as their schemas say."""

from __future__ import annotations

import json

import jsonschema  # type: ignore[import-untyped]

from resilient_redshift.contract import schemas
from resilient_redshift.contract.endpoint_events import published, withdrawn

AT = "2026-11-24T05:00:00.000Z"


def test_a_withdrawn_endpoint_is_an_event_of_its_own_type() -> None:
    # GIVEN a switchover home WHEN it withdraws the endpoint
    entry = withdrawn(plan="sales-us-east-1", region="us-west-2", cluster="sales", execution="switchover-1", at=AT)
    # THEN a rule on publications does not match it, and its detail fits
    assert (entry["Source"], entry["DetailType"]) == ("resilient-redshift", "Endpoint Withdrawn")
    jsonschema.validate(json.loads(entry["Detail"]), schemas.ENDPOINT_WITHDRAWN_SCHEMA)


def test_what_is_not_known_is_left_out() -> None:
    entry = published(plan="sales-us-east-1", port=5439, snapshot=None)
    assert (entry["Source"], entry["DetailType"]) == ("resilient-redshift", "Endpoint Published")
    assert json.loads(entry["Detail"]) == {"version": 1, "plan": "sales-us-east-1", "port": 5439}
