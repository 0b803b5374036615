"""The record of a plan that the tests of records and schemas share."""

from __future__ import annotations

from typing import Any

from resilient_redshift.contract import record


def a_record(**changes: Any) -> dict[str, Any]:
    """A small plan's record; each change replaces one part."""
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
