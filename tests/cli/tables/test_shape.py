"""The shape of a table, and the SQL that is made of it."""

from __future__ import annotations

import pytest

from resilient_redshift.cli.tables.shape import Column, Shape, copy, create_table, shape_of, shape_query, unload
from resilient_redshift.cli.tables.table_names import TableName

ORDERS = TableName("public", "orders")
ROLE = "arn:aws:iam::123456789012:role/loader"


def test_no_row_is_no_relation_and_a_view_is_no_table() -> None:
    assert shape_of([]) is None
    view = shape_of([["id", "bigint", False, None, None, None, "v", 0]])
    assert view is not None
    assert not view.is_table


@pytest.mark.parametrize(
    ("columns", "style", "end"),
    [
        ([Column(name="id", type="bigint")], 0, '("id" bigint) DISTSTYLE EVEN'),
        ([Column(name="id", type="bigint", encoding="none")], 8, '("id" bigint ENCODE raw) DISTSTYLE ALL'),
        ([Column(name="id", type="bigint", not_null=True)], 11, '("id" bigint NOT NULL) DISTSTYLE AUTO'),
        (
            [Column(name='a"b', type="date", sortkey=2), Column(name="id", type="bigint", sortkey=1, distkey=True)],
            1,
            '("a""b" date, "id" bigint) DISTSTYLE KEY DISTKEY ("id") COMPOUND SORTKEY ("id", "a""b")',
        ),
    ],
    ids=["even", "all", "auto", "keys"],
)
def test_the_new_table_is_like_the_old_one(columns: list[Column], style: int, end: str) -> None:
    shape = Shape(columns=columns, diststyle=style)
    assert create_table(ORDERS, shape) == f'CREATE TABLE "public"."orders" {end}'


def test_no_text_leaves_its_quotes() -> None:
    # GIVEN names and places that hold quotes WHEN statements are made THEN each quote is doubled at each level
    evil = TableName("public", "x'\";drop")
    shape = Shape(columns=[Column(name="id'", type="bigint")])
    assert "c.relname = 'x''\";drop'" in shape_query(evil)
    unloaded = unload(evil, shape, "s3://b/x'y/part-", f"{ROLE}'", "us-east-1")
    assert unloaded.startswith(
        """UNLOAD ('select "id''" from "public"."x''"";drop"') TO 's3://b/x''y/part-' IAM_ROLE"""
    )
    assert f"IAM_ROLE '{ROLE}'' '" in unloaded.replace("'''", "'' '")
    assert "FROM 's3://b/x''y/part-manifest'" in copy(evil, "s3://b/x'y/part-", ROLE)
