"""Chooses the recovery point of a drill that is not asked for the newest one, and says why it is this one.

An audit asks whether the older copies can be restored, too. The choice is the same in each call for the same run, and
for an event that EventBridge delivers twice.

This module imports no botocore: the command shows the same.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from resilient_redshift.cloud.restore.run_json import iso
from resilient_redshift.cloud.words import span
from resilient_redshift.contract.drill_points import RANDOM, is_other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resilient_redshift.cloud.restore.request import Request
    from resilient_redshift.cloud.restore.run import Point, Run


def choose(points: Sequence[Point], run: Run) -> int | None:
    """Choose among the usable recovery points.

    Args:
        points: the usable recovery points, the newest first; at least one.
        run: the run.

    Returns:
        The index of the chosen one. None: the run is asked for an older one than there is.
    """
    wanted = run.request.point
    if not is_other(wanted):
        return 0
    if wanted == RANDOM:
        scheduled = run.request.scheduled_time
        seed = f"{run.request.plan} {iso(scheduled) if scheduled else run.name}"
        return int.from_bytes(hashlib.sha256(seed.encode()).digest()) % len(points)
    latest = run.started - _age(run.request)
    return next((index for index, point in enumerate(points) if point.created <= latest), None)


def which(request: Request, usable: int) -> str:
    """Which recovery point a drill restores, in words. Empty for the newest one.

    Args:
        request: what the run is asked for.
        usable: how many recovery points are usable.
    """
    if not is_other(request.point):
        return ""
    among = f"of {usable} usable recovery point{'' if usable == 1 else 's'}"
    if request.point == RANDOM:
        return f"a random one {among}"
    return f"the newest {among} that is at least {span(_age(request))} old"


def none_so_old(points: Sequence[Point], run: Run) -> str:
    """Why no recovery point was chosen: the oldest usable one is too young."""
    oldest = points[-1]
    return (
        f"no usable recovery point of {run.record['cluster']['identifier']} is {span(_age(run.request))} old; the "
        f"oldest of {len(points)} is {oldest.identifier} of {iso(oldest.created)}"
    )


def _age(request: Request) -> timedelta:
    return timedelta(seconds=float(request.point or 0))
