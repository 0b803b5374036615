"""The plan record: one versioned JSON text for each plan and Region, in Parameter Store.

A reader refuses a version that it does not know. It ignores a field that it does not know. The schema is in
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

#: The most bytes of a parameter's value in Parameter Store (Systems Manager API, PutParameter: 8 KB).
PLAN_RECORD_LIMIT: Final = 8192
#: How CDK writes a value that only the deployment knows.
_TOKEN: Final = re.compile(r"\$\{Token\[[^\]]*\]\}")
#: The most characters of the value that replaces a token. A key's ARN has about 90.
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
    functions: Mapping[str, str] | None = None,
    checks: Sequence[Mapping[str, str]] = (),
    drill: Mapping[str, Any] | None = None,
    watch_for: Mapping[str, Any] | None = None,
    group: str | None = None,
    reverse_of: str | None = None,
    reversed_by: str | None = None,
) -> dict[str, Any]:
    """Build the record of one plan. A field whose value is None is left out, which means: not known here.

    This function never writes two fields of the schema. ``lineage`` is the cluster's ClusterCreateTime; the restore
    machine records it in the recovery Region when it first sees the cluster. ``protected_since`` is the time at which
    the protection began; the first version of the plan's parameter has the same time (Systems Manager API,
    GetParameterHistory).

    Args:
        plan: the name of the plan.
        cluster: the identifier, the Region and the account of the protected cluster.
        recovery: what the recovery site has; None for a value that this Region does not know.
        objectives: the plan's objectives and the expected copy time, in whole seconds.
        copy: the retentions of the copies, in days; ``FOREVER_DAYS`` for ever.
        rules: the rules that take manual snapshots. Default: none.
        restore: the settings of the restored cluster; None for a value that is not known. Default: none.
        machines: the ARNs of the state machines, by their name. Default: none.
        functions: the ARNs of the functions that a person may call, by their name. Default: none.
        checks: the queries that a drill runs. Default: none.
        drill: the prefix of the drills' clusters and the rehearsals. Default: the plan has no drills.
        watch_for: what the watcher compares the cluster with. Default: nothing but the copy and the objectives.
        group: the group of plans that come back together. Default: the plan is in no group.
        reverse_of: the plan whose way home this plan is. Default: the plan is no way home.
        reversed_by: the plan that is this plan's way home. Default: no way home is prepared.
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
        **({"functions": dict(functions)} if functions else {}),
        **({"checks": [dict(check) for check in checks]} if checks else {}),
        **({"drill": _known(drill)} if drill else {}),
        **({"watch_for": _known(watch_for)} if watch_for else {}),
        **_known({"group": group, "reverse_of": reverse_of, "reversed_by": reversed_by}),
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def plan_record_size(record: Mapping[str, Any]) -> int:
    """The bytes that a record takes in Parameter Store. Each token counts for the length of the longest ARN."""
    return len(_TOKEN.sub("x" * _LONGEST_ARN, json.dumps(record, separators=(",", ":"))).encode())


def seconds(span: timedelta) -> int:
    """A length in whole seconds, the record's unit. It is rounded up, so that rounding makes no objective stricter."""
    return math.ceil(span.total_seconds())
