"""A bad load noticed late: a table of 1000 good rows that holds 7 bad ones now, and a machine that restores a scratch cluster."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from emulator.redshift_model.content import Column, Content, Table
from resilient_redshift.contract import names
from tests.cli.restoring import report
from tests.cli.scene import HERE, HOUR, PLAN, THERE, Scene, record

if TYPE_CHECKING:
    from tests.cli.fakes import Run

ROLE = "arn:aws:iam::123456789012:role/loader"
ATTACHED = {"IamRoles": [{"IamRoleArn": ROLE, "ApplyStatus": "in-sync"}]}
COLUMNS = (
    Column("id", "bigint", not_null=True, distkey=True, sortkey=1),
    Column("Größe", "numeric(18,2)"),
    Column("day", "date", encoding="none", sortkey=2),
)
TABLE = ("restore-table", PLAN, "public.orders", "--as", "orders_before")
COPIES = (*TABLE, "--from-copies", "--role", ROLE, "--bucket", "s3://transfer/tables")
#: The hour of the bad load: two hours ago.
LOADED = "2026-11-23T06:15:00Z"


def good(rows: int = 1000, **table: Any) -> Content:
    return Content({"public.orders": Table(rows, 60_000, **{"columns": COLUMNS, "diststyle": 1, **table})})


def spoiled(scene: Scene, **table: Any) -> None:
    """Snapshots at home from before and after the bad load, and what the cluster holds now."""
    for hours, rows in ((5, 1000), (1, 7)):
        content = good(rows, **table)
        scene.model.given_snapshot(
            HERE, scene.cluster, f"rs:sales-{hours}", kind="automated", age_days=hours * HOUR, content=content
        )
    scene.cluster.content = good(7, **table)


def copied(scene: Scene, **table: Any) -> None:
    """The same table, with nothing but a copy from before the bad load; role, bucket and machine are ready."""
    scene.cluster.content = good(7, **table)
    scene.cluster.described = dict(ATTACHED)
    scene.account.buckets["transfer"] = HERE
    scene.put_record(THERE, record(THERE, restore={"iam_role_arns": [ROLE]}))
    scene.copied("copy:rs:sales-5", hours=5, content=good(1000, **table))
    scene.copied("copy:rs:sales-1", hours=1, content=good(7, **table))
    restoring(scene)


def restoring(scene: Scene, outcome: str = "Restored", looks: int = 2, **described: Any) -> None:
    """The machine restores the scratch cluster, as its tags say, and ends after so many looks."""

    def go_on(run: Run) -> None:
        given = json.loads(run.input)
        if run.status != "RUNNING" or "target" not in given:
            return
        if (THERE, given["target"]) not in scene.model.world.clusters:
            snapshot = scene.model.world.snapshots[(THERE, given["snapshot"])]
            assert snapshot.content is not None
            scene.model.given_cluster(
                THERE,
                given["target"],
                create_time=scene.clock.now() + dt.timedelta(seconds=1),
                content=snapshot.content.copy(),
                described={**ATTACHED, **described},
                tags={
                    names.TAG_PLAN: PLAN,
                    names.TAG_EXECUTION: run.name,
                    names.TAG_RESTORED_FROM: given["snapshot"],
                },
            )
        if run.polls >= looks:
            scene.account.end(run, report(outcome), failed=outcome != "Restored")

    scene.account.on_poll = go_on


def rows(scene: Scene, table: str = "public.orders_before") -> int | None:
    """The rows of a table of the live cluster. None: there is no such table."""
    found = scene.model.content(HERE, "sales").tables.get(table)
    return None if found is None else found.rows


def scratch(scene: Scene) -> list[str]:
    """The clusters of the recovery Region."""
    return [name for region, name in scene.model.world.clusters if region == THERE]


def asked(scene: Scene, operation: str) -> list[dict[str, Any]]:
    """The parameters of each call of an operation."""
    return [params for _, name, params in scene.account.calls if name == operation]
