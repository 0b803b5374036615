"""The record of a plan fits its schema, and holds what a restore needs."""

from __future__ import annotations

from datetime import timedelta

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.contract import names, record, schemas
from tests.contract.records import a_record


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
            "iam_role_arns": ["arn:aws:iam::111111111111:role/load"],
            "default_iam_role_arn": "arn:aws:iam::111111111111:role/load",
            "maintenance_track_name": "trailing",
            "catalog_name": "sales",
            "redshift_idc_application_arn": "arn:aws:redshift:us-west-2:111111111111:redshiftidcapplication:1",
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


@pytest.mark.parametrize("field", schemas.PLAN_RECORD_SCHEMA["properties"]["restore"]["properties"])
def test_a_record_without_a_setting_of_the_restore_stays_readable(field: str) -> None:
    # GIVEN records that another release wrote WHEN a setting is missing, or is null THEN the schema has no objection
    assert field not in a_record(restore={field: None})["restore"]
    jsonschema.validate(a_record(restore={field: None}), schemas.PLAN_RECORD_SCHEMA)
    jsonschema.validate(a_record(), schemas.PLAN_RECORD_SCHEMA)


@pytest.mark.parametrize(
    "setting",
    [
        {"default_iam_role_arn": ""},
        {"default_iam_role_arn": ["arn:aws:iam::111111111111:role/load"]},
        {"maintenance_track_name": 1},
        {"catalog_name": ""},
        {"redshift_idc_application_arn": ""},
        {"DefaultIamRoleArn": "arn:aws:iam::111111111111:role/load"},
    ],
)
def test_a_setting_of_another_form_does_not_fit(setting: dict[str, object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(a_record(restore=setting), schemas.PLAN_RECORD_SCHEMA)


def test_objective_is_rounded_up() -> None:
    # GIVEN a length with a part of a second WHEN written THEN it is never stricter than asked
    assert record.seconds(timedelta(seconds=1, milliseconds=1)) == 2


def test_a_records_size_counts_what_the_deployment_fills_in() -> None:
    # GIVEN a record with a token of an ARN WHEN measured THEN the token counts as much as the ARN may become
    unresolved = {"encryption_key": "${Token[Key.1]}"}
    assert record.plan_record_size(unresolved) == len('{"encryption_key":""}') + 128
