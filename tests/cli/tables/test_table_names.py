"""Names of tables: what is taken, and that no name or text leaves its quotes."""

from __future__ import annotations

import click
import pytest

from resilient_redshift.cli.tables.table_names import DATABASE, NEW_TABLE, TABLE, TableName, literal, table_of


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("public.orders", TableName("public", "orders")),
        ("PUBLIC.Orders", TableName("public", "orders")),
        ("crm.Größe", TableName("crm", "größe")),
        ("a b.c-d$1", TableName("a b", "c-d$1")),
    ],
)
def test_a_name_is_folded_as_redshift_folds_it(text: str, name: TableName) -> None:
    assert table_of(TABLE.convert(text, None, None)) == name


@pytest.mark.parametrize(
    "text",
    [
        "orders",
        "a.b.c",
        ".orders",
        "public.",
        'public."x',
        "public.x'y",
        "public.x;drop",
        "public.x\\y",
        "public.x\ny",
        "public.1x",
        "public. x",
        f"public.{'x' * 128}",
        f"public.{'ö' * 64}",
    ],
)
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match=r"is not schema\.table"):
        TABLE.convert(text, None, None)


def test_a_new_name_without_a_schema_gets_the_tables() -> None:
    assert table_of(NEW_TABLE.convert("Before", None, None), "crm") == TableName("crm", "before")
    assert table_of(NEW_TABLE.convert("x.y", None, None), "crm") == TableName("x", "y")
    assert DATABASE.convert("Dev", None, None) == "dev"


def test_quotes_and_backslashes_are_doubled() -> None:
    assert TableName('a"b', "c").sql == '"a""b"."c"'
    assert literal("x' or '1'='1\\") == "'x'' or ''1''=''1\\\\'"
