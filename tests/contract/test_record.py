"""The schemas that machines and tools share: frozen, and true of what is written."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.cloud.custom_resources import ownership
from resilient_redshift.contract import names, outcomes, record, schemas


def a_record(**changes: Any) -> dict[str, Any]:
    return record.plan_record(
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
    text = json.dumps(schemas.PLAN_RECORD_SCHEMA, sort_keys=True)
    # THEN a change is a new version, or one more thing that a reader may pass by; not another meaning
    assert (schemas.PLAN_RECORD_VERSION, hashlib.sha256(text.encode()).hexdigest()[:16]) == (1, "95aade3f9cd5edba")


def test_tags_and_metrics_are_frozen() -> None:
    # GIVEN names that live in accounts WHEN read THEN they are what they always were
    frozen = {name: value for name, value in vars(names).items() if name.startswith(("TAG_", "METRIC_", "DIMENSION_"))}
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
        "TAG_RESTORED_FROM": "resilient-redshift:restored-from",
        "TAG_DRILL": "resilient-redshift:drill",
        "TAG_FROZEN_FROM": "resilient-redshift:frozen-from",
        "METRIC_DRILL_AGE": "DrillAge",
        "METRIC_DRILL_FAILED": "DrillFailed",
        "METRIC_DRILL_RECOVERY_TIME": "DrillRecoveryTime",
        "METRIC_DRILL_RECOVERY_POINT": "DrillRecoveryPoint",
        "METRIC_DRILLS_INCONCLUSIVE": "DrillsInconclusive",
        "METRIC_DRILL_LEFT_BEHIND": "DrillLeftBehind",
        "METRIC_DRILL_CHECK_FAILED": "DrillCheckFailed",
        "METRIC_RTO_MISSED": "RtoMissed",
        "DIMENSION_CLUSTER": "ClusterIdentifier",
        "DIMENSION_RULE": "Rule",
        "DIMENSION_PLAN": "Plan",
        "DIMENSION_CHECK": "Check",
        "DIMENSION_OUTCOME": "Outcome",
    }
    assert {name: frozen[name] for name in expected} == expected


def test_handler_writes_the_same_tags() -> None:
    # GIVEN the handler, which is deployed alone WHEN its tags are read THEN they are the package's
    assert ownership.tag_names(ownership.COPY)[0] == names.TAG_COPY_OWNER


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
    jsonschema.validate(record, schemas.PLAN_RECORD_SCHEMA)
    assert record["restore"] == {"node_type": "ra3.large"}
    assert "subnet_group" not in record["recovery"]


def test_a_record_with_everything_that_a_restore_needs() -> None:
    # GIVEN a plan with checks and drills WHEN written THEN the schema has a place for each, and what is not known is left out
    record = a_record(
        recovery={
            **a_record()["recovery"],
            "notify_topic": "arn:aws:sns:us-west-2:111111111111:t",
            "report_bucket": "reports",
        },
        restore={
            "automated_days": 7,
            "snapshot_schedule": "sales",
            "log_exports": ["userlog"],
            "dns": {"hosted_zone_id": "Z1", "record_name": "dwh.example.com", "ttl_seconds": 60},
        },
        checks=[{"name": "rows", "sql": "select true", "expected": "true"}],
        drill={
            "cluster_prefix": names.drill_prefix("sales", "us-west-2"),
            "rehearsals": [{"name": "weekly", "schedule": "cron(0 6 ? * SUN *)", "enabled": True}],
            "longest_gap_seconds": None,
        },
    )
    jsonschema.validate(record, schemas.PLAN_RECORD_SCHEMA)
    assert "longest_gap_seconds" not in record["drill"]
    assert {"checks", "drill"}.isdisjoint(a_record())


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


def test_each_outcome_exists_once() -> None:
    assert len(set(outcomes.RESTORE_OUTCOMES)) == len(outcomes.RESTORE_OUTCOMES)


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


def test_a_drills_clusters_are_named_after_plan_and_region() -> None:
    # GIVEN plans whose names begin alike WHEN their drills' clusters are named THEN no prefix is another's
    prefixes = {names.drill_prefix(plan, region) for plan in ("sales", "sales-eu") for region in ("a", "b")}
    assert len(prefixes) == 4
    assert all(re.fullmatch(r"drill-[0-9a-f]{8}-", prefix) for prefix in prefixes)


def test_names_of_what_the_restore_machine_writes() -> None:
    assert names.lineage_name("sales") == "/resilient-redshift/lineages/sales"
    assert names.endpoint_name("sales") == "/resilient-redshift/endpoints/sales"
    assert names.drills_name("sales") == "/resilient-redshift/drills/sales"
    assert names.report_key("sales", "drill-sales-1") == "resilient-redshift/sales/drill-sales-1.json"


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


def test_objective_is_rounded_up() -> None:
    # GIVEN a length with a part of a second WHEN written THEN it is never stricter than asked
    assert record.seconds(timedelta(seconds=1, milliseconds=1)) == 2


def test_name_of_the_parameter_is_the_same_everywhere() -> None:
    # GIVEN a plan WHEN its parameter is named THEN nothing but the plan decides
    assert names.plan_record_name("sales-us-east-1") == "/resilient-redshift/plans/sales-us-east-1"


def test_a_records_size_counts_what_the_deployment_fills_in() -> None:
    # GIVEN a record with a token of an ARN WHEN measured THEN the token counts as much as the ARN may become
    unresolved = {"encryption_key": "${Token[Key.1]}"}
    assert record.plan_record_size(unresolved) == len('{"encryption_key":""}') + 128
