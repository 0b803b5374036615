"""Names of the restore tests' scene, and the plan record and inputs that the phases of a restore read, by the contract."""

from __future__ import annotations

import datetime as dt
from typing import Any

from resilient_redshift.contract import names
from resilient_redshift.contract.record import plan_record

HOME, AWAY = "us-east-1", "us-west-2"
ACCOUNT = "111122223333"
CLUSTER, PLAN = "sales", "sales-us-east-1"
PREFIX = names.drill_prefix(PLAN, AWAY)
NOW = dt.datetime(2026, 11, 24, 5, 0, 20, tzinfo=dt.UTC)
SCHEDULED = "2026-11-24T05:00:00Z"
DRILL = f"{PREFIX}202611240500"
MACHINE = f"arn:aws:states:{AWAY}:{ACCOUNT}:stateMachine:restore"
TOPIC = f"arn:aws:sns:{AWAY}:{ACCOUNT}:recovery"
BUCKET = "recovery-reports"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/data/spectrum"
SUBNET_GROUP, PARAMETER_GROUP, SECURITY_GROUP = "site-subnets", "sales-parameters", "sg-0123456789abcdef0"
SCHEDULE = "sales-every-8-hours"
SUBNETS = {"subnet-0a": f"{AWAY}a", "subnet-0b": f"{AWAY}b", "subnet-0c": f"{AWAY}c"}
ZONE_ID, DNS_NAME = "Z0123456789", "warehouse.example.com"
POINT, TIME = 24 * 3600, 4 * 3600
NODE_TYPE, NODES = "ra3.4xlarge", 4
LINEAGES, ENDPOINTS, DRILLS = names.lineage_name(PLAN), names.endpoint_name(PLAN), names.drills_name(PLAN)
RECORD = names.plan_record_name(PLAN)
#: Tags of a cluster that a drill of the plan left.
OURS = {names.TAG_PLAN: PLAN, names.TAG_DRILL: "true", names.TAG_EXECUTION: "drill-of-october"}


def a_record(key: str, **changes: Any) -> dict[str, Any]:
    """The recovery Region's record of the plan; a change of a part is merged into it, None drops a key."""
    record: dict[str, Any] = {
        **plan_record(
            plan=PLAN,
            cluster={"identifier": CLUSTER, "region": HOME, "account": ACCOUNT},
            recovery={
                "region": AWAY,
                "site": "Away/Site",
                "snapshot_copy_grant_name": "recovery-1",
                "encryption_key": key,
                "subnet_group": SUBNET_GROUP,
                "security_groups": [SECURITY_GROUP],
                "parameter_group": PARAMETER_GROUP,
                "notify_topic": TOPIC,
                "report_bucket": BUCKET,
            },
            objectives={
                "recovery_point_seconds": POINT,
                "recovery_time_seconds": TIME,
                "expected_copy_time_seconds": 3600,
            },
            copy={"keep_automated_days": 7, "keep_manual_days": 180},
            rules=[
                {
                    "rule": "nightly",
                    "schedule": "cron(0 3 * * ? *)",
                    "keep_days": 1,
                    "keep_in_recovery_days": 10,
                    "enabled": True,
                }
            ],
            restore={
                "port": 5439,
                "iam_role_arns": [ROLE],
                "automated_days": 8,
                "snapshot_schedule": SCHEDULE,
                "log_exports": ["connectionlog", "userlog"],
            },
            machines={"restore": MACHINE},
        ),
        "drill": {
            "cluster_prefix": PREFIX,
            "rehearsals": [{"name": "monthly", "schedule": "cron(0 5 1 * ? *)", "enabled": True}],
            "longest_gap_seconds": 31 * 86_400,
        },
    }
    for name, change in changes.items():
        old = record.get(name)
        merged = {**old, **change} if isinstance(old, dict) and isinstance(change, dict) else change
        record[name] = merged
        if isinstance(merged, dict):
            record[name] = {key: value for key, value in merged.items() if value is not None}
        if merged is None:
            del record[name]
    return record


def an_input(mode: str, **changes: Any) -> dict[str, Any]:
    """What starts the machine; None drops a key."""
    base = {"plan": PLAN, "mode": mode, **({"scheduled_time": SCHEDULED} if mode == "drill" else {})}
    return {key: value for key, value in {**base, **changes}.items() if value is not None}
