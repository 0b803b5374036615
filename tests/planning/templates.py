"""Templates for the tests of planning."""

from __future__ import annotations

import json
from typing import Any

from resilient_redshift.planning import Protection, ProtectionTable, SynthesizedTemplate, protection_tables

JSON = dict[str, Any]


def cluster(deletion_policy: str | None = None, *, condition: str | None = None, **properties: Any) -> JSON:
    attributes = {"DeletionPolicy": deletion_policy, "Condition": condition}
    all_properties = {"NodeType": "ra3.large", "NumberOfNodes": 2, "ClusterType": "multi-node", **properties}
    return {
        "Type": "AWS::Redshift::Cluster",
        "Properties": {name: value for name, value in all_properties.items() if value is not None},
        **{name: value for name, value in attributes.items() if value is not None},
    }


def rule(
    cluster_identifier: Any = "${Warehouse}",
    schedule: Any = "cron(0 3 * * ? *)",
    keep: Any = 7,
    keep_in_recovery: Any = None,
    *,
    state: Any = None,
    name: str = "nightly",
    condition: str | None = None,
) -> JSON:
    """A rule as ManualSnapshotRule renders it: an input transformer whose template is joined around the cluster's reference."""
    body = json.dumps(
        {
            "cluster_identifier": cluster_identifier,
            "rule": name,
            "scheduled_time": "TIME",
            "keep_days": keep,
            "keep_in_recovery_days": keep if keep_in_recovery is None else keep_in_recovery,
            "gap_seconds": 86400,
        }
    ).replace('"TIME"', "<f1>")
    before, _, after = body.partition("${Warehouse}")
    template: Any = {"Fn::Join": ["", [before, {"Ref": "Warehouse"}, after]]} if after else body
    properties = {
        "ScheduleExpression": schedule,
        "State": state,
        "Targets": [
            {
                "Arn": {"Fn::GetAtt": ["Machine", "Arn"]},
                "Id": "Target0",
                "InputTransformer": {"InputTemplate": template},
            }
        ],
    }
    resource: JSON = {
        "Type": "AWS::Events::Rule",
        "Properties": {key: value for key, value in properties.items() if value is not None},
    }
    return resource if condition is None else {**resource, "Condition": condition}


def copy(cluster_identifier: Any = None, region: Any = "us-west-2", automated: Any = "7", manual: Any = "-1") -> JSON:
    return {
        "Type": "Custom::RedshiftSnapshotCopy",
        "Properties": {
            "ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]},
            "ClusterIdentifier": cluster_identifier or {"Ref": "Warehouse"},
            "DestinationRegion": region,
            "RetentionPeriod": automated,
            "ManualSnapshotRetentionPeriod": manual,
            "RemovalPolicy": "retain",
            "AcceptLossOfCopies": "false",
        },
    }


def stack(name: str = "Warehouse", region: str | None = "us-east-1", **resources: JSON) -> SynthesizedTemplate:
    return SynthesizedTemplate(name, region, {"Resources": resources})


def table(*templates: SynthesizedTemplate, **options: Any) -> ProtectionTable:
    (only,) = protection_tables(templates, **options)
    return only


def row(judgement: ProtectionTable, failure: str) -> Protection:
    (only,) = [row for row in judgement.rows if row.failure == failure]
    return only


def cells(judgement: ProtectionTable, failure: str) -> tuple[str, str, str]:
    only = row(judgement, failure)
    return only.protection, only.recovery_point, only.where
