"""What machines, monitors and tools share: tags, metric names and the plan record. Frozen by a test; no CDK, no AWS.

A tag or a metric name never changes its meaning. The plan record carries a version: readers refuse a version they do
not know.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

#: The plan that a manual snapshot, a rule or a drill's cluster belongs to (its name).
TAG_PLAN: Final = "resilient-redshift:plan"
#: The rule that took a manual snapshot (its name).
TAG_RULE: Final = "resilient-redshift:rule"
#: How many days a copied manual snapshot is kept in the recovery Region; -1 means for ever.
TAG_KEEP_IN_RECOVERY: Final = "resilient-redshift:keep-in-recovery"
#: The execution of the snapshot machine that took a manual snapshot (its name): tells a lost answer from a stranger's.
TAG_EXECUTION: Final = "resilient-redshift:execution"
#: Why a manual snapshot was taken on demand.
TAG_REASON: Final = "resilient-redshift:reason"
#: How many days a copied manual snapshot was given once its rule's tier was applied; -1 means for ever. On the copy.
TAG_TIER_APPLIED: Final = "resilient-redshift:tier-applied"
#: The stack (its id) that owns a cluster's snapshot copy; on the cluster.
TAG_COPY_OWNER: Final = "resilient-redshift:copy-owner"
#: The configuration to return to while a snapshot copy is being swapped; on the cluster.
TAG_COPY_FORMER: Final = "resilient-redshift:copy-former"

METRIC_NAMESPACE: Final = "ResilientRedshift"

METRIC_SNAPSHOT_TAKEN: Final = "ManualSnapshotTaken"
METRIC_SNAPSHOT_SKIPPED: Final = "ManualSnapshotSkipped"
METRIC_SNAPSHOT_FAILED: Final = "ManualSnapshotFailed"
METRIC_SNAPSHOT_MINUTES: Final = "ManualSnapshotMinutes"
METRIC_SNAPSHOT_SIZE: Final = "ManualSnapshotSize"
METRICS: Final = (
    METRIC_SNAPSHOT_TAKEN,
    METRIC_SNAPSHOT_SKIPPED,
    METRIC_SNAPSHOT_FAILED,
    METRIC_SNAPSHOT_MINUTES,
    METRIC_SNAPSHOT_SIZE,
)
#: Of the machine that applies tiers, with the dimension ``Plan``: each run tells all four, so that silence is seen.
METRIC_COPIES_TIERED: Final = "CopiesTiered"
METRIC_COPIES_RAISED: Final = "CopiesRaised"
METRIC_COPIES_IN_DOUBT: Final = "CopiesInDoubt"
METRIC_COPIES_FAILED: Final = "CopiesFailed"
TIER_METRICS: Final = (
    METRIC_COPIES_TIERED,
    METRIC_COPIES_RAISED,
    METRIC_COPIES_IN_DOUBT,
    METRIC_COPIES_FAILED,
)

DIMENSION_CLUSTER: Final = "ClusterIdentifier"
DIMENSION_RULE: Final = "Rule"
DIMENSION_PLAN: Final = "Plan"
DIMENSION_OUTCOME: Final = "Outcome"

PLAN_RECORD_VERSION: Final = 1
#: Parameter Store holds 8 KB at most (Systems Manager API, PutParameter).
PLAN_RECORD_LIMIT: Final = 8192
#: How CDK writes what only the deployment knows, and how long that becomes at most (a key's ARN has about 90 letters).
_TOKEN: Final = re.compile(r"\$\{Token\[[^\]]*\]\}")
_LONGEST_ARN: Final = 128
PLAN_RECORD_FOLDER: Final = "/resilient-redshift/plans/"


def plan_record_name(plan: str) -> str:
    """The name of the SSM parameter that holds a plan's record, the same in both Regions."""
    return PLAN_RECORD_FOLDER + plan


def plan_record(
    *,
    plan: str,
    cluster: Mapping[str, Any],
    recovery: Mapping[str, Any],
    objectives: Mapping[str, int],
    copy: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]] = (),
    restore: Mapping[str, Any] | None = None,
    machines: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build the record of one plan; None is left out, and means: not known here.

    So are ``lineage`` (the cluster's ClusterCreateTime, recorded at first sight in the recovery Region) and
    ``protected_since`` (until it is told: the first version of the plan's parameter, GetParameterHistory).
    """
    return {
        "version": PLAN_RECORD_VERSION,
        "plan": plan,
        "cluster": dict(cluster),
        "recovery": _known(recovery),
        "objectives": dict(objectives),
        "copy": dict(copy),
        "rules": [dict(rule) for rule in rules],
        "restore": _known(restore or {}),
        "machines": dict(machines or {}),
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def plan_record_size(record: Mapping[str, Any]) -> int:
    """The bytes that a record takes in Parameter Store, with every token as long as an ARN may become."""
    return len(_TOKEN.sub("x" * _LONGEST_ARN, json.dumps(record, separators=(",", ":"))).encode())


def seconds(span: timedelta) -> int:
    """A length in the record's unit, whole seconds, rounded up: no objective becomes stricter by rounding."""
    return math.ceil(span.total_seconds())


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_TEXTS: Final = {"type": "array", "items": _TEXT}
_WHOLE: Final = {"type": "integer", "minimum": 1}
_AUTOMATED_DAYS: Final = {"type": "integer", "minimum": 1, "maximum": 35}
_DAYS: Final = {"anyOf": [{"const": -1}, {"type": "integer", "minimum": 1, "maximum": 3653}]}

#: JSON Schema of the plan record, version 1.
PLAN_RECORD_SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "resilient_redshift plan record",
    **_object(
        {
            "version": {"const": PLAN_RECORD_VERSION},
            "plan": _TEXT,
            "cluster": _object({"identifier": _TEXT, "region": _TEXT, "account": _TEXT}),
            # the key and the names that CloudFormation gives are known in the recovery Region only
            "recovery": _object(
                {
                    "region": _TEXT,
                    "site": _TEXT,
                    "snapshot_copy_grant_name": _TEXT,
                    "encryption_key": _TEXT,
                    "subnet_group": _TEXT,
                    "security_groups": _TEXTS,
                    "parameter_group": _TEXT,
                },
                "encryption_key",
                "subnet_group",
                "security_groups",
                "parameter_group",
            ),
            "objectives": _object(
                {
                    "recovery_point_seconds": _WHOLE,
                    "recovery_time_seconds": _WHOLE,
                    "expected_copy_time_seconds": _WHOLE,
                },
            ),
            "copy": _object({"keep_automated_days": _AUTOMATED_DAYS, "keep_manual_days": _DAYS}),
            "rules": {
                "type": "array",
                "items": _object(
                    {
                        "rule": _TEXT,
                        "schedule": _TEXT,
                        "keep_days": _DAYS,
                        "keep_in_recovery_days": _DAYS,
                        "enabled": {"type": "boolean"},
                    },
                ),
            },
            "restore": _object(
                {
                    "node_type": _TEXT,
                    "number_of_nodes": _WHOLE,
                    "multi_az": {"type": "boolean"},
                    "port": {"type": "integer", "minimum": 1150, "maximum": 65535},
                    "iam_role_arns": _TEXTS,
                },
                "node_type",
                "number_of_nodes",
                "multi_az",
                "port",
                "iam_role_arns",
            ),
            "machines": {"type": "object", "additionalProperties": _TEXT},
            "lineage": _TIME,
            "protected_since": _TIME,
        },
        "lineage",
        "protected_since",
    ),
}
