"""One table back: RestoreTableFromClusterSnapshot, and UNLOAD and COPY between two clusters."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from emulator.redshift_model import ApiError
from emulator.redshift_model.content import Column
from tests.emulator.restore_scene import asked, ready, restore
from tests.emulator.scene import HERE, HOUR, THERE

if TYPE_CHECKING:
    from emulator.redshift_model import RedshiftModel

ROLE = "arn:aws:iam::111122223333:role/loader"
FILES = "s3://my-Bucket/run/part-"
END = f"IAM_ROLE '{ROLE}' FORMAT AS PARQUET MANIFEST"
UNLOAD = f"""UNLOAD ('select "id" from "public"."orders"') TO '{FILES}' {END}"""  # noqa: S608 - of ours
COPY = f"""COPY "public"."orders_before" FROM '{FILES}manifest' {END}"""
ATTACHED = {"IamRoles": [{"IamRoleArn": ROLE, "ApplyStatus": "in-sync"}]}


@pytest.fixture
def model() -> RedshiftModel:
    """A bad load after the snapshot ``one``: the table has other rows now."""
    model = ready()
    model.given_content(HERE, "warehouse", {"orders": (7, 1), "people": (50, 10_000)})
    return model


def begin(model: RedshiftModel, new: str = "orders_before", **more: Any) -> dict[str, Any]:
    given = {
        "ClusterIdentifier": "warehouse",
        "SnapshotIdentifier": "one",
        "SourceDatabaseName": "dev",
        "SourceTableName": "orders",
        "NewTableName": new,
        **more,
    }
    found: dict[str, Any] = model.call(HERE, "RestoreTableFromClusterSnapshot", given)["TableRestoreStatus"]
    return found


def refused(model: RedshiftModel, **more: Any) -> str:
    with pytest.raises(ApiError) as caught:
        begin(model, **more)
    return caught.value.code


def statuses(model: RedshiftModel) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = model.call(HERE, "DescribeTableRestoreStatus", {"ClusterIdentifier": "warehouse"})[
        "TableRestoreStatusDetails"
    ]
    return found


def test_a_table_comes_back_beside_the_other(model: RedshiftModel) -> None:
    # GIVEN a bad load WHEN the table is restored THEN it is there after a while, and the other one is as it was
    assert begin(model)["Status"] == "PENDING"
    model.clock.advance(150)
    [half] = statuses(model)
    assert (half["Status"], half["ProgressInMegaBytes"], half["TotalDataInMegaBytes"]) == (
        "IN_PROGRESS",
        30_000,
        60_000,
    )
    model.clock.advance(150)
    assert statuses(model)[0]["Status"] == "SUCCEEDED"
    rows = {name: table.rows for name, table in model.content(HERE, "warehouse").tables.items()}
    assert rows == {"public.orders": 7, "public.people": 50, "public.orders_before": 1000}


def test_a_name_that_is_taken_fails_later(model: RedshiftModel) -> None:
    begin(model, "people")
    model.clock.advance(HOUR)
    assert statuses(model)[0]["Status"] == "FAILED"


def test_one_at_a_time(model: RedshiftModel) -> None:
    begin(model)
    assert refused(model, new="another") == "InProgressTableRestoreQuotaExceededFault"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"SourceTableName": "nothing"}, "InvalidTableRestoreArgument"),
        ({"SnapshotIdentifier": "two"}, "ClusterSnapshotNotFound"),
        ({"ClusterIdentifier": "another"}, "ClusterNotFound"),
    ],
)
def test_what_is_not_there_is_refused(model: RedshiftModel, changes: dict[str, Any], code: str) -> None:
    assert refused(model, **changes) == code


def test_a_snapshot_of_another_cluster_is_refused(model: RedshiftModel) -> None:
    model.given_cluster(HERE, "warehouse")
    assert refused(model) == "ClusterSnapshotNotFound"


def test_another_node_type_and_interleaved_keys_are_refused(model: RedshiftModel) -> None:
    cluster = model.cluster(HERE, "warehouse")
    assert cluster is not None
    cluster.node_type = "rg.large"
    assert refused(model) == "UnsupportedOperation"
    cluster.node_type = "ra3.large"
    content = model.snapshots(HERE)[0].content
    assert content is not None
    content.tables["public.orders"].columns = (Column("id", sortkey=1), Column("day", "date", sortkey=-2))
    assert refused(model) == "UnsupportedOperation"


def test_a_table_goes_from_one_cluster_to_another(model: RedshiftModel) -> None:
    # GIVEN a restored cluster WHEN its table is unloaded and copied home THEN the rows are there, by the role's rights only
    restore(model, "scratch")
    model.clock.advance(HOUR)
    assert "not authorized to assume" in asked(model, UNLOAD, cluster="scratch")
    for region, name in ((THERE, "scratch"), (HERE, "warehouse")):
        cluster = model.cluster(region, name)
        assert cluster is not None
        cluster.described |= ATTACHED
    assert asked(model, UNLOAD, cluster="scratch") == "FINISHED"
    assert "not empty" in asked(model, UNLOAD, cluster="scratch")
    create = 'CREATE TABLE "public"."orders_before" ("id" bigint ENCODE az64 NOT NULL) DISTSTYLE EVEN SORTKEY ("id")'
    assert asked(model, create, region=HERE) == "FINISHED"
    # a bucket elsewhere gives nothing in Parquet
    assert "must be in the Region" in asked(model, COPY, region=HERE)
    assert asked(model, UNLOAD.replace("run/", "2/") + f" REGION '{HERE}'", cluster="scratch") == "FINISHED"
    assert asked(model, COPY.replace("run/", "2/"), region=HERE) == "FINISHED"
    assert asked(model, 'select count(*) from "public"."orders_before"', region=HERE) == {"longValue": 1000}


def test_the_catalog_shows_what_was_created(model: RedshiftModel) -> None:
    columns = '"id" bigint ENCODE raw NOT NULL, "amount" numeric(18,2) ENCODE az64, "day" date ENCODE raw'
    end = 'DISTSTYLE KEY DISTKEY ("id") INTERLEAVED SORTKEY ("day", "id")'
    assert asked(model, f'CREATE TABLE "x"."made" ({columns}) {end}', region=HERE) == "FINISHED"
    table = model.content(HERE, "warehouse").tables["x.made"]
    assert [dataclasses.astuple(column) for column in table.columns] == [
        ("id", "bigint", True, "raw", True, -2),
        ("amount", "numeric(18,2)", False, "az64", False, 0),
        ("day", "date", False, "raw", False, 1),
    ]
    assert table.diststyle == 1
