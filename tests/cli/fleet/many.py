"""Many plans in two Regions."""

from __future__ import annotations

import json
from typing import Any

from resilient_redshift.contract import names
from tests.cli.scene import HOUR, THERE, Scene, record


def given_plans(scene: Scene, number: int, *, copies: int = 1, hours: float = 2, **changes: Any) -> list[str]:
    """Plans with a cluster and copies each, the first one the scene's own. All are well."""
    scene.account.parameter_page = 10
    plans = [f"plan-{each:03}" for each in range(number)]
    scene.put_record("us-east-1", None)
    scene.put_record(THERE, None)
    for plan in plans:
        cluster = scene.given_cluster(f"cluster-{plan}")
        scene.put_record(THERE, record(THERE, plan, cluster.identifier, **changes))
        scene.put_record("us-east-1", record("us-east-1", plan, cluster.identifier, **changes))
        for each in range(copies):
            scene.model.given_snapshot(
                THERE, cluster, f"copy:rs:{plan}-{each}", kind="automated", age_days=(hours + each) * HOUR
            )
        last = {"outcome": "Passed", "ended": "2026-11-20T08:15:00Z", "execution": f"drill-{plan}-20261120t074500z"}
        drills = {"version": 1, "since": "2026-11-01T00:00:00Z", "last": last}
        scene.put(THERE, names.drills_name(plan), json.dumps(drills))
    return plans
