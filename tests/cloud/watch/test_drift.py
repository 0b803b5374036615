"""What differs from what is declared of a cluster, setting by setting."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.cloud.watch.drift import judge_declared


@pytest.mark.parametrize(
    ("declared", "cluster", "severities"),
    [
        ({}, {"AutomatedSnapshotRetentionPeriod": 3, "SnapshotScheduleIdentifier": "one"}, []),
        ({"automated_days": 3}, {"AutomatedSnapshotRetentionPeriod": 3}, []),
        ({"automated_days": 3}, {"AutomatedSnapshotRetentionPeriod": 1}, ["warning"]),
        ({"automated_days": 3}, {"AutomatedSnapshotRetentionPeriod": 0}, ["problem"]),
        ({"automated_days": 3}, {}, []),
        ({"snapshot_schedule": "one"}, {"SnapshotScheduleIdentifier": "one"}, []),
        ({"snapshot_schedule": "one"}, {"SnapshotScheduleIdentifier": "two"}, ["warning"]),
        ({"snapshot_schedule": "one"}, {}, ["warning"]),
        ({"relocation": True}, {"AvailabilityZoneRelocationStatus": "enabled"}, []),
        ({"relocation": True}, {"AvailabilityZoneRelocationStatus": "disabled"}, ["warning"]),
        ({"relocation": False}, {"AvailabilityZoneRelocationStatus": "enabled"}, ["warning"]),
        ({"relocation": True}, {"AvailabilityZoneRelocationStatus": "pending_enabling"}, []),
        ({"encryption_key": "key-1"}, {"KmsKeyId": "key-1"}, []),
        ({"encryption_key": "key-1"}, {"KmsKeyId": "key-2"}, ["warning"]),
        ({}, {"SnapshotScheduleIdentifier": "one", "SnapshotScheduleState": "FAILED"}, ["warning"]),
    ],
)
def test_only_what_is_declared_is_judged(
    declared: dict[str, Any], cluster: dict[str, Any], severities: list[str]
) -> None:
    assert [one.severity for one in judge_declared(declared, cluster)] == severities
