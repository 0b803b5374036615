"""The plan record: one versioned JSON text per plan and Region, in Parameter Store.

A reader refuses a version that it does not know, and passes by fields that it does not know. The schema is in
``schemas.py``.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from resilient_redshift.contract.schemas import PLAN_RECORD_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

#: Parameter Store holds 8 KB at most (Systems Manager API, PutParameter).
PLAN_RECORD_LIMIT: Final = 8192
#: How CDK writes what only the deployment knows, and how long that becomes at most (a key's ARN has about 90 letters).
_TOKEN: Final = re.compile(r"\$\{Token\[[^\]]*\]\}")
_LONGEST_ARN: Final = 128


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
    checks: Sequence[Mapping[str, str]] = (),
    drill: Mapping[str, Any] | None = None,
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
        **({"checks": [dict(check) for check in checks]} if checks else {}),
        **({"drill": _known(drill)} if drill else {}),
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def plan_record_size(record: Mapping[str, Any]) -> int:
    """The bytes that a record takes in Parameter Store, with every token as long as an ARN may become."""
    return len(_TOKEN.sub("x" * _LONGEST_ARN, json.dumps(record, separators=(",", ":"))).encode())


def seconds(span: timedelta) -> int:
    """A length in the record's unit, whole seconds, rounded up: no objective becomes stricter by rounding."""
    return math.ceil(span.total_seconds())
