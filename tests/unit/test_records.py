"""The schemas that machines and tools share: frozen, and true of what is written."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift import _records as records
from resilient_redshift._provider.handler import ownership


def a_record(**changes: Any) -> dict[str, Any]:
    return records.plan_record(
        **{
            "plan": "sales-us-east-1",
            "cluster": {"identifier": "sales", "region": "us-east-1", "account": "111111111111"},
            "recovery": {
                "region": "us-west-2",
                "site": "Away/Site",
                "snapshot_copy_grant_name": "recovery-0a1b2c3d",
                "subnet_group": None,
            },
            "objectives": {
                "recovery_point_seconds": 3600,
                "recovery_time_seconds": 60,
                "expected_copy_time_seconds": 60,
            },
            "copy": {"keep_automated_days": 7, "keep_manual_days": -1},
            **changes,
        }
    )


def test_schema_of_the_plan_record_is_frozen() -> None:
    # GIVEN version 1, which readers in both Regions know WHEN it is written down
    text = json.dumps(records.PLAN_RECORD_SCHEMA, sort_keys=True)
    # THEN a change is a new version, not another meaning of this one
    assert (records.PLAN_RECORD_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (1, "fa301fd6afa1284c")


def test_tags_and_metrics_are_frozen() -> None:
    # GIVEN names that live in accounts WHEN read THEN they are what they always were
    found = {name: value for name, value in vars(records).items() if name.startswith(("TAG_", "METRIC_", "DIMENSION_"))}
    expected = {
        "TAG_PLAN": "resilient-redshift:plan",
        "TAG_RULE": "resilient-redshift:rule",
        "TAG_KEEP_IN_RECOVERY": "resilient-redshift:keep-in-recovery",
        "TAG_TIER_APPLIED": "resilient-redshift:tier-applied",
        "TAG_COPY_OWNER": "resilient-redshift:copy-owner",
        "TAG_COPY_FORMER": "resilient-redshift:copy-former",
        "METRIC_NAMESPACE": "ResilientRedshift",
        "METRIC_SNAPSHOT_TAKEN": "ManualSnapshotTaken",
        "METRIC_SNAPSHOT_SKIPPED": "ManualSnapshotSkipped",
        "METRIC_SNAPSHOT_FAILED": "ManualSnapshotFailed",
        "METRIC_SNAPSHOT_MINUTES": "ManualSnapshotMinutes",
        "METRIC_SNAPSHOT_SIZE": "ManualSnapshotSize",
        "METRIC_COPIES_TIERED": "CopiesTiered",
        "METRIC_COPIES_RAISED": "CopiesRaised",
        "METRIC_COPIES_IN_DOUBT": "CopiesInDoubt",
        "METRIC_COPIES_FAILED": "CopiesFailed",
        "DIMENSION_CLUSTER": "ClusterIdentifier",
        "DIMENSION_RULE": "Rule",
        "DIMENSION_PLAN": "Plan",
        "DIMENSION_OUTCOME": "Outcome",
    }
    assert {name: found[name] for name in expected} == expected


def test_handler_writes_the_same_tags() -> None:
    # GIVEN the handler, which is deployed alone WHEN its tags are read THEN they are the package's
    assert ownership.tag_names(ownership.COPY)[0] == records.TAG_COPY_OWNER


def test_record_fits_its_schema() -> None:
    # GIVEN a record with every part WHEN validated THEN it fits
    rule = {
        "rule": "nightly",
        "schedule": "cron(0 3 * * ? *)",
        "keep_days": 7,
        "keep_in_recovery_days": -1,
        "enabled": True,
    }
    record = a_record(rules=[rule], restore={"node_type": "ra3.large", "port": None}, machines={"restore": "arn"})
    jsonschema.validate(record, records.PLAN_RECORD_SCHEMA)
    assert record["restore"] == {"node_type": "ra3.large"}
    assert "subnet_group" not in record["recovery"]


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
        jsonschema.validate(a_record(**changes), records.PLAN_RECORD_SCHEMA)


def test_objective_is_rounded_up() -> None:
    # GIVEN a length with a part of a second WHEN written THEN it is never stricter than asked
    assert records.seconds(timedelta(seconds=1, milliseconds=1)) == 2


def test_name_of_the_parameter_is_the_same_everywhere() -> None:
    # GIVEN a plan WHEN its parameter is named THEN nothing but the plan decides
    assert records.plan_record_name("sales-us-east-1") == "/resilient-redshift/plans/sales-us-east-1"


def test_a_records_size_counts_what_the_deployment_fills_in() -> None:
    # GIVEN a record with a token of an ARN WHEN measured THEN the token counts as much as the ARN may become
    record = {"encryption_key": "${Token[Key.1]}"}
    assert records.plan_record_size(record) == len('{"encryption_key":""}') + 128
