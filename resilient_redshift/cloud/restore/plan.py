"""Reads the record of the plan that a run restores."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.cloud.aws.meanings import Meaning
from resilient_redshift.cloud.restore.calls import MANY, CallFailed, Ended, wait_out
from resilient_redshift.contract.names import plan_record_name
from resilient_redshift.contract.outcomes import RECORD_MISSING, RECORD_NOT_UNDERSTOOD
from resilient_redshift.contract.schemas import PLAN_RECORD_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from resilient_redshift.cloud.restore.calls import Aws
    from resilient_redshift.cloud.restore.run import Run

#: The objectives that a restore is measured by.
OBJECTIVES: Final = ("recovery_point_seconds", "recovery_time_seconds")
_DRILL_PREFIX: Final = re.compile(r"drill-[0-9a-f]{8}-")


def read(run: Run, aws: Aws) -> dict[str, Any]:
    """Read the plan's record.

    Raises:
        Ended: there is no record, or this release does not understand it, or the function may not read it.
        Again: the call failed with an error that passes.
    """
    plan, region = run.request.plan, aws.region
    name = plan_record_name(plan)
    try:
        text = aws.call("ssm", "GetParameter", Name=name)["Parameter"]["Value"]
    except CallFailed as error:
        wait_out(run, aws.now(), error, MANY)
        if error.meaning is Meaning.MISSING:
            raise Ended(RECORD_MISSING, f"there is no record {name}") from error
        raise
    record = _object(text)
    wrong = ["no object"] if record is None else list(_wrong(record, plan, region))
    if record is None or wrong:
        raise Ended(
            RECORD_NOT_UNDERSTOOD,
            f"the record {name} is none of this plan in {region} that this release understands: {', '.join(wrong)}",
        )
    return record


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _wrong(record: Mapping[str, Any], plan: str, region: str) -> Iterator[str]:
    """The parts of a record that a run needs and that are not right."""
    if record.get("version") != PLAN_RECORD_VERSION:
        yield f"version {record.get('version')}"
        return
    cluster, recovery = _part(record, "cluster"), _part(record, "recovery")
    objectives, prefix = _part(record, "objectives"), _part(record, "drill").get("cluster_prefix")
    right = {
        "plan": record.get("plan") == plan,
        "cluster.identifier": _text(cluster.get("identifier")),
        "cluster.region": _text(cluster.get("region")) and cluster["region"] != region,
        "recovery.region": recovery.get("region") == region,
        **{
            f"recovery.{name}": _text(recovery.get(name))
            for name in ("encryption_key", "subnet_group", "parameter_group")
        },
        "recovery.security_groups": bool(recovery.get("security_groups")),
        **{f"objectives.{name}": _number(objectives.get(name)) for name in OBJECTIVES},
        "drill.cluster_prefix": isinstance(prefix, str) and _DRILL_PREFIX.fullmatch(prefix) is not None,
    }
    yield from (name for name, ok in right.items() if not ok)


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
