"""JSON Schema of the report for auditors, version 1. A later release may add fields; a changed meaning is version 2.

What is not known is absent, never null. Each figure has its source beside it or in the part that it is in.
"""

from __future__ import annotations

from typing import Any, Final

AUDIT_VERSION: Final = 1
#: What a run proves.
RESULTS: Final = ("good", "failed", "no verdict", "running")
#: What a verdict on the present state can be.
STATUSES: Final = ("fine", "missed", "unknown", "standby")

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ANY_TEXT: Final = {"type": "string"}
_TEXT: Final = {"type": "string", "minLength": 1}
_TIME: Final = {"type": "string", "format": "date-time"}
_COUNT: Final = {"type": "integer", "minimum": 0}
_SECONDS: Final = {"type": "number"}
_PERCENT: Final = {"type": "number", "minimum": 0, "maximum": 100}
_FLAG: Final = {"type": "boolean"}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


_TEXTS: Final = _list(_TEXT)
_GAPS: Final = _list(_object({"what": _TEXT, "why": _TEXT, "source": _TEXT}))
_HOURS: Final = {
    "hours": _COUNT,
    "before_first_data": _COUNT,
    "within": _COUNT,
    "over": _COUNT,
    "over_while_paused": _COUNT,
    "no_data": _COUNT,
    "percent_within": _PERCENT,
    "highest_seconds": _SECONDS,
    "highest_at": _TIME,
}
_UNKNOWN_HOURS: Final = ("percent_within", "highest_seconds", "highest_at")
_MEASURED: Final = {
    "measured": _COUNT,
    "within": _COUNT,
    "over": _COUNT,
    "newest_seconds": _SECONDS,
    "newest_run": _TEXT,
    "newest_at": _TIME,
    "highest_seconds": _SECONDS,
    "highest_run": _TEXT,
    "highest_at": _TIME,
}
_RUN: Final = {
    "execution": _TEXT,
    "mode": _ANY_TEXT,
    "outcome": _TEXT,
    "result": {"enum": list(RESULTS)},
    "started": _TIME,
    "sources": _TEXTS,
    "ended": _TIME,
    "message": _ANY_TEXT,
    "reason": _TEXT,
    "trigger": _TEXT,
    "started_by": _TEXT,
    "started_by_source": _TEXT,
    "recovery_point_seconds": _SECONDS,
    "recovery_point_objective_seconds": _SECONDS,
    "recovery_point_within": _FLAG,
    "recovery_time_seconds": _SECONDS,
    "recovery_time_objective_seconds": _SECONDS,
    "recovery_time_within": _FLAG,
    # as the report of the run has it: absent or newest; or random or an age in seconds, and then the recovery point is
    # that of the newest usable copy
    "point": {"anyOf": [_TEXT, _COUNT]},
    "snapshot": _object({"identifier": _TEXT, "created": _TIME}, "created"),
    "checks": _object({"made": _COUNT, "passed": _COUNT, "failed": _TEXTS}),
    "warnings": _TEXTS,
}
_FAILURE: Final = {
    "execution": _TEXT,
    "mode": _ANY_TEXT,
    "outcome": _TEXT,
    "ended": _TIME,
    "sources": _TEXTS,
    "message": _ANY_TEXT,
    "mended_by": _TEXT,
    "mended_at": _TIME,
    "mended_after_seconds": _SECONDS,
}
_SWITCHOVER: Final = {
    "id": _TEXT,
    "started": _TIME,
    "written": _TIME,
    "source": _TEXT,
    # without the seconds of a step that has not ended, or during which the command was interrupted
    "steps": _list(_object({"name": _TEXT, "started": _TIME, "ended": _TIME, "seconds": _SECONDS}, "ended", "seconds")),
    "rehearsal": _FLAG,
    "by": _TEXT,
    "fenced": _FLAG,
    "snapshot": _TEXT,
    "execution": _TEXT,
    "outcome": _TEXT,
    "ended": _TIME,
    # when the fence was complete, and the time of the data that was restored
    "fenced_at": _TIME,
    "data_of": _TIME,
}
_PLAN: Final = {
    "plan": _TEXT,
    "cluster": _TEXT,
    "primary_region": _TEXT,
    "recovery_region": _TEXT,
    "objectives": _object(
        {
            "recovery_point_seconds": _COUNT,
            "recovery_time_seconds": _COUNT,
            "expected_copy_time_seconds": _COUNT,
            "at": _TIME,
            "source": _TEXT,
        },
        "recovery_point_seconds",
        "recovery_time_seconds",
        "expected_copy_time_seconds",
    ),
    "present": _object(
        {
            "status": {"enum": list(STATUSES)},
            "line": _TEXT,
            "missed": _TEXTS,
            "unknown": _TEXTS,
            "notes": _TEXTS,
            "newest": _object({"identifier": _TEXT, "created": _TIME, "age_seconds": _SECONDS}),
            "at": _TIME,
            "source": _TEXT,
        },
        "newest",
    ),
    "retention": _list(
        _object({"what": _TEXT, "value": _TEXT, "recorded": _TEXT, "at": _TIME, "source": _TEXT}, "recorded")
    ),
    # whether runs may exist that could not be read
    "runs_unread": _FLAG,
    "runs": _list(_object(_RUN, *list(_RUN)[6:])),
    "measured": _object(
        {
            "recovery_point": _object(_MEASURED, *list(_MEASURED)[3:]),
            "recovery_time": _object(_MEASURED, *list(_MEASURED)[3:]),
        }
    ),
    "failures": _list(_object(_FAILURE, *list(_FAILURE)[5:])),
    "switchovers": _list(_object(_SWITCHOVER, *list(_SWITCHOVER)[5:])),
    "alarms": _object(
        {
            "watched": _TEXTS,
            "rang": _list(
                _object({"alarm": _TEXT, "opened": _TIME, "closed": _TIME, "source": _TEXT}, "opened", "closed")
            ),
        }
    ),
    "limits": _GAPS,
    "gaps": _GAPS,
    "account": _TEXT,
    "group": _TEXT,
    "reverse_of": _TEXT,
    "reversed_by": _TEXT,
    "age": _object(
        {
            "from": _TIME,
            "until": _TIME,
            "objective_seconds": _SECONDS,
            **_HOURS,
            "first_data_at": _TIME,
            "percent_with_data": _PERCENT,
            "months": _list(_object({"month": _TEXT, **_HOURS}, *_UNKNOWN_HOURS)),
            "source": _TEXT,
        },
        "objective_seconds",
        "first_data_at",
        "percent_with_data",
        *_UNKNOWN_HOURS,
    ),
}

#: JSON Schema of the report for auditors, version 1.
AUDIT_SCHEMA: Final[dict[str, Any]] = {
    "$schema": _DIALECT,
    "title": "resilient_redshift report for auditors",
    **_object(
        {
            "version": {"const": AUDIT_VERSION},
            "release": _TEXT,
            "at": _TIME,
            "since": _TIME,
            "until": _TIME,
            "made_by": _object({"arn": _TEXT, "account": _TEXT, "source": _TEXT}),
            "plans": _list(_object(_PLAN, "account", "group", "reverse_of", "reversed_by", "age")),
            # what could not be read, and belongs to no plan of the report
            "gaps": _GAPS,
        },
        "made_by",
    ),
}
