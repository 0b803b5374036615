"""Which cluster is a restore that failed, and holds nothing that a new restore does not bring."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from resilient_redshift.cloud.restore.run import Run
from resilient_redshift.cloud.restore.seen import is_failed_restore, seen
from resilient_redshift.contract.names import TAG_AVAILABLE_SINCE, TAG_EXECUTION, TAG_PLAN

OURS = {TAG_PLAN: "sales", TAG_EXECUTION: "failover-1"}
RUN = Run(input={"plan": "sales", "mode": "failover"}, started=dt.datetime(2026, 11, 24, tzinfo=dt.UTC))


def a_cluster(status: str, tags: dict[str, str], **more: Any) -> dict[str, Any]:
    shown = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {"ClusterIdentifier": "sales", "ClusterStatus": status, "Tags": shown, **more}


@pytest.mark.parametrize(
    ("cluster", "failed"),
    [
        (a_cluster("incompatible-restore", OURS), True),
        (a_cluster("creating", OURS, RestoreStatus={"Status": "failed"}), True),
        (a_cluster("incompatible-restore", {**OURS, TAG_AVAILABLE_SINCE: "2026-11-24T00:00:00Z"}), False),
        (a_cluster("incompatible-restore", {**OURS, TAG_PLAN: "crm"}), False),
        (a_cluster("incompatible-restore", {TAG_PLAN: "sales"}), False),
        (a_cluster("incompatible-restore", {}), False),
        # Redshift restores such a cluster to health when its key is enabled
        (a_cluster("inaccessible-kms-key", OURS), False),
        (a_cluster("creating", OURS), False),
        (a_cluster("available", OURS), False),
    ],
)
def test_a_failed_restore_is_of_this_plan_and_was_never_available(cluster: dict[str, Any], failed: bool) -> None:
    # GIVEN a cluster with the target's name WHEN judged THEN it is a failed restore only if nobody can miss it
    assert is_failed_restore(RUN, seen(cluster)) is failed
