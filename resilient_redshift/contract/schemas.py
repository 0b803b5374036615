"""JSON Schemas of what machines and tools share: plan record, report, endpoint, its events, drills (no CDK, no AWS)."""

from __future__ import annotations

from typing import Any, Final

from resilient_redshift.contract.drill_points import NEWEST, RANDOM
from resilient_redshift.contract.outcomes import RESTORE_OUTCOMES
from resilient_redshift.rules.limits import HIGHEST_PORT, LOWEST_PORT, MOST_AUTOMATED_DAYS, MOST_MANUAL_DAYS
from resilient_redshift.rules.retention import FOREVER_DAYS

PLAN_RECORD_VERSION: Final = 1
REPORT_VERSION: Final = 1
ENDPOINT_EVENT_VERSION: Final = 1

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_ANY_TEXT: Final = {"type": "string"}
_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_TEXTS: Final = _list(_TEXT)
_WHOLE: Final = {"type": "integer", "minimum": 1}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SECONDS: Final = {"type": "number", "minimum": 0}
_FLAG: Final = {"type": "boolean"}
_PORT: Final = {"type": "integer", "minimum": LOWEST_PORT, "maximum": HIGHEST_PORT}
_AUTOMATED_DAYS: Final = {"type": "integer", "minimum": 1, "maximum": MOST_AUTOMATED_DAYS}
_DAYS: Final = {"anyOf": [{"const": FOREVER_DAYS}, {"type": "integer", "minimum": 1, "maximum": MOST_MANUAL_DAYS}]}

_RECOVERY: Final = {
    "region": _TEXT,
    "site": _TEXT,
    "snapshot_copy_grant_name": _TEXT,
    "encryption_key": _TEXT,
    "subnet_group": _TEXT,
    "security_groups": _TEXTS,
    "parameter_group": _TEXT,
    "notify_topic": _TEXT,
    "report_bucket": _TEXT,
}
_COPY_TO: Final = {
    "region": _TEXT,
    "snapshot_copy_grant_name": _TEXT,
    "keep_automated_days": _AUTOMATED_DAYS,
    "keep_manual_days": _DAYS,
}
_RESTORE: Final = {
    "node_type": _TEXT,
    "number_of_nodes": _WHOLE,
    "multi_az": _FLAG,
    "port": _PORT,
    "iam_role_arns": _TEXTS,
    # one of the roles above
    "default_iam_role_arn": _TEXT,
    "maintenance_track_name": _TEXT,
    "catalog_name": _TEXT,
    "redshift_idc_application_arn": _TEXT,
    # a snapshot does not contain the settings below
    "automated_days": _AUTOMATED_DAYS,
    "snapshot_schedule": _TEXT,
    "log_exports": _TEXTS,
    "dns": _object({"hosted_zone_id": _TEXT, "record_name": _TEXT, "ttl_seconds": _COUNT}),
    # where a failover that publishes its cluster copies the cluster's snapshots, unless its input says it
    "copy_to": _object(_COPY_TO, *list(_COPY_TO)[1:]),
}

#: What is declared of the cluster itself. An absent field is not declared, and nothing is judged by it.
_DECLARED: Final = {
    "automated_days": {"type": "integer", "minimum": 0, "maximum": MOST_AUTOMATED_DAYS},
    "snapshot_schedule": _TEXT,
    "relocation": _FLAG,
    # the ARN of the cluster's own customer-managed key
    "encryption_key": _TEXT,
}
_WATCHED: Final = {
    "declared": _object(_DECLARED, *_DECLARED),
    # the longest time from one snapshot of the cluster to the next, with the time of its copy
    "longest_gap_seconds": _WHOLE,
    # a newest recovery point that is smaller by more than this is a finding; absent: sizes are not compared
    "size_drop_percent": {"type": "integer", "minimum": 1, "maximum": 99},
}
#: What the watcher compares a cluster and its recovery points with, besides the copy and the objectives.
WATCHED: Final = _object(_WATCHED, *_WATCHED)

#: JSON Schema of the plan record, version 1.
PLAN_RECORD_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift plan record",
    **_object(
        {
            "version": {"const": PLAN_RECORD_VERSION},
            "plan": _TEXT,
            "cluster": _object({"identifier": _TEXT, "region": _TEXT, "account": _TEXT}),
            # only the recovery Region knows the key and the names that CloudFormation chooses
            "recovery": _object(_RECOVERY, *list(_RECOVERY)[3:]),
            "objectives": _object(
                {
                    "recovery_point_seconds": _WHOLE,
                    "recovery_time_seconds": _WHOLE,
                    "expected_copy_time_seconds": _WHOLE,
                },
            ),
            "copy": _object({"keep_automated_days": _AUTOMATED_DAYS, "keep_manual_days": _DAYS}),
            "rules": _list(
                _object(
                    {
                        "rule": _TEXT,
                        "schedule": _TEXT,
                        "keep_days": _DAYS,
                        "keep_in_recovery_days": _DAYS,
                        "enabled": _FLAG,
                    },
                ),
            ),
            "restore": _object(_RESTORE, *_RESTORE),
            "machines": {"type": "object", "additionalProperties": _TEXT},
            "functions": {"type": "object", "additionalProperties": _TEXT},
            "lineage": _TIME,
            "protected_since": _TIME,
            "checks": _list(
                _object({"name": _TEXT, "sql": _TEXT, "expected": _ANY_TEXT, "database": _TEXT}, "database")
            ),
            "drill": _object(
                {
                    "cluster_prefix": _TEXT,
                    "rehearsals": _list(_object({"name": _TEXT, "schedule": _TEXT, "enabled": _FLAG})),
                    "longest_gap_seconds": _WHOLE,
                },
                "rehearsals",
                "longest_gap_seconds",
            ),
            # absent in the record of a former release
            "watch_for": WATCHED,
            # plans with one group come back together
            "group": _TEXT,
            # the plan whose way home this one is, and the plan that is the way home of this one
            "reverse_of": _TEXT,
            "reversed_by": _TEXT,
        },
        "functions",
        "lineage",
        "protected_since",
        "checks",
        "drill",
        "watch_for",
        "group",
        "reverse_of",
        "reversed_by",
    ),
}

_REPORT: Final = {
    "version": {"const": REPORT_VERSION},
    # an empty text if the input of the run did not name it
    "plan": _ANY_TEXT,
    "mode": _ANY_TEXT,
    "outcome": {"enum": list(RESTORE_OUTCOMES)},
    "message": _ANY_TEXT,
    "execution": _TEXT,
    "started": _TIME,
    "ended": _TIME,
    "recovery_point_seconds": _SECONDS,
    "recovery_time_seconds": _SECONDS,
    "restore_seconds": _SECONDS,
    # of the recovery time: as long as AWS had no capacity for the restore, or let it fail; absent without a refusal
    "refused_seconds": _SECONDS,
    "overhead_seconds": _SECONDS,
    "reason": _TEXT,
    # the input's, of a drill: newest, random or an age in seconds; then the recovery point is that of the newest copy
    "point": {"anyOf": [{"enum": [NEWEST, RANDOM]}, _WHOLE]},
    "objectives": _object({"recovery_point_seconds": _WHOLE, "recovery_time_seconds": _WHOLE}),
    "snapshot": _object(
        {
            "identifier": _TEXT,
            "type": _TEXT,
            "created": _TIME,
            "source_region": _TEXT,
            "lineage": _TIME,
            "size_megabytes": _SECONDS,
        },
        "type",
        "created",
        "source_region",
        "lineage",
        "size_megabytes",
    ),
    "cluster": _object(
        {
            "identifier": _TEXT,
            "endpoint": _TEXT,
            "port": _PORT,
            "database": _TEXT,
            "admin_user": _TEXT,
            "secret_arn": _TEXT,
            "node_type": _TEXT,
            "number_of_nodes": _WHOLE,
        },
        "endpoint",
        "port",
        "database",
        "admin_user",
        "secret_arn",
        "node_type",
        "number_of_nodes",
    ),
    "checks": _list(
        _object(
            {
                "name": _TEXT,
                "sql": _TEXT,
                "expected": _ANY_TEXT,
                "got": _ANY_TEXT,
                "passed": _FLAG,
                "error": _ANY_TEXT,
            },
            "got",
            "error",
        )
    ),
    "attempts": _list(_object({"at": _TIME, "rung": _TEXT, "error": _ANY_TEXT}, "error")),
    "warnings": _TEXTS,
    "missing": _TEXTS,
    "candidates": _list(
        _object(
            {"identifier": _TEXT, "type": _TEXT, "created": _TIME, "lineage": _TIME, "status": _TEXT},
            "created",
            "lineage",
        )
    ),
    "leftovers": _TEXTS,
    "cost": _object({"node_type": _TEXT, "number_of_nodes": _WHOLE, "node_hours": _SECONDS}),
}

#: JSON Schema of the report of a run of the restore machine, version 1. An unknown value is absent, never null.
REPORT_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift restore report",
    **_object(_REPORT, *list(_REPORT)[8:]),
}

#: JSON Schema of the parameter in which a failover publishes the restored cluster.
ENDPOINT_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift endpoint",
    **_object(
        {
            "cluster": _TEXT,
            "endpoint": _TEXT,
            "port": _PORT,
            "database": _TEXT,
            "admin_user": _TEXT,
            "secret_arn": _TEXT,
            "execution": _TEXT,
            "at": _TIME,
            # whether the cluster answered every check; a former release published only then, and did not write it
            "verified": _FLAG,
            # what the cluster was restored from; a former release did not write it
            "snapshot": _object({"identifier": _TEXT, "created": _TIME, "lineage": _TIME}),
        },
        "secret_arn",
        "verified",
        "snapshot",
    ),
}

_ENDPOINT_EVENT: Final = {
    "version": {"const": ENDPOINT_EVENT_VERSION},
    "plan": _TEXT,
    "cluster": _TEXT,
    # the Region of the cluster, whose default bus has the event
    "region": _TEXT,
    # the run that published the endpoint, or the switchover that withdrew it
    "execution": _TEXT,
    "at": _TIME,
}
#: JSON Schema of the detail of the event ``Endpoint Published``, version 1.
ENDPOINT_PUBLISHED_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift endpoint published",
    **_object(
        {
            **_ENDPOINT_EVENT,
            "endpoint": _TEXT,
            "port": _PORT,
            "database": _TEXT,
            # false: the cluster is available, and its checks are still to come; true: it answered every check
            "verified": _FLAG,
            # what the cluster was restored from, and the time of that data
            "snapshot": _object({"identifier": _TEXT, "created": _TIME}),
        }
    ),
}
#: JSON Schema of the detail of the event ``Endpoint Withdrawn``, version 1.
ENDPOINT_WITHDRAWN_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift endpoint withdrawn",
    **_object(_ENDPOINT_EVENT),
}

_LAST_DRILL: Final = {
    "outcome": _TEXT,
    "ended": _TIME,
    "execution": _TEXT,
    "message": _ANY_TEXT,
    "started": _TIME,
    "recovery_point_seconds": _SECONDS,
    "recovery_time_seconds": _SECONDS,
    "restore_seconds": _SECONDS,
    "snapshot": _TEXT,
}
#: JSON Schema of the parameter that one drill leaves for the next one; ``last`` is a report without its lists.
DRILLS_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift drills",
    **_object(
        {
            "since": _TIME,
            "last": {"type": "object", "properties": _LAST_DRILL, "required": list(_LAST_DRILL)[:3]},
            "inconclusive": _COUNT,
            # since when the clean-up sees each cluster that a drill left
            "leftovers": {"type": "object", "additionalProperties": _TIME},
        },
        "last",
        "inconclusive",
        "leftovers",
    ),
}
