"""SqlCheck: one query, known at synth, that fits into Parameter Store."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from resilient_redshift import ResilientRedshiftError, SqlCheck
from resilient_redshift.errors import Problems
from resilient_redshift.recovery.sql_check import MOST_CHECKS, joined_checks
from tests.scenes.clusters import new_stack, text_parameter

QUERY = "select max(day) >= current_date - 2 from sales"


def test_defaults() -> None:
    # GIVEN only a query WHEN a check is made THEN the answer must be true, and the check has a name of its own
    check = SqlCheck(QUERY)
    assert (check.sql, check.expected) == (QUERY, "true")
    assert check.name.startswith("check-")
    assert check == SqlCheck(f"  {QUERY};\n")
    assert check.name != SqlCheck(QUERY, expected="false").name


@pytest.mark.parametrize(
    "sql",
    [
        "with days as (select 1) select count(*) from days",
        "(select 1) union (select 2)",
        "select ';' as semicolon",
        'select 1 as "a;b";',
        "-- one; two\nselect /* three; */ 1",
        "select $$a;b$$, $x$;$x$",
        "SELECT 1",
        "select count(*) = 0 from pg_proc p join pg_language l on l.oid = p.prolang where l.lanname = 'plpythonu'",
        "s" + "elect" + " " * 1992 + "1",
    ],
)
def test_one_query_passes(sql: str) -> None:
    assert SqlCheck(sql).sql


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("", "'sql' must be 1 to 2000 characters, got '0 characters'"),
        ("select " + "1" * 2000, "'sql' must be 1 to 2000 characters"),
        ("delete from sales", "one query that begins with SELECT or WITH"),
        ("-- nothing", "one query that begins with SELECT or WITH"),
        ("selection", "one query that begins with SELECT or WITH"),
        ("select 1; select 2", "'sql' must be one statement"),
        ("select 'a'; drop table sales;", "'sql' must be one statement"),
        ("select '{{x}}'", "'sql' must be without '{{'"),
        ("create function f(a int) returns int stable as $$ return a $$ language plpythonu;", "no Python UDF since 30"),
        ("CREATE LIBRARY l LANGUAGE plpythonu FROM 's3://b/l.zip'", "must be without a Python UDF"),
    ],
)
def test_refuses_what_is_no_single_query(sql: Any, problem: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        SqlCheck(sql)
    [reported] = caught.value.problems
    assert problem in reported


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"expected": "x" * 257}, "'expected' must be at most 256 characters"),
        ({"expected": "{{x"}, "'expected' must be without '{{'"),
        ({"name": ""}, "'name' must be 1 to 64 letters"),
        ({"name": "a/b"}, "'name' must be 1 to 64 letters"),
        ({"name": "x" * 65}, "'name' must be 1 to 64 letters"),
        ({"name": "tables"}, "'name' must be none of answers, tables, size"),
    ],
)
def test_refuses_answers_and_names(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ResilientRedshiftError) as caught:
        SqlCheck(QUERY, **arguments)
    [reported] = caught.value.problems
    assert problem in reported


@pytest.mark.parametrize("database", ["", "1a", "a/b", "a:b", "a b", "ä", "a" * 65, "{{a}}", 5])
def test_refuses_what_is_no_database(database: Any) -> None:
    with pytest.raises(ResilientRedshiftError, match="SqlCheck: 'database' must be"):
        SqlCheck(QUERY, database=database)


def test_a_check_of_another_database_is_another_check() -> None:
    # GIVEN the same query in two databases WHEN recorded THEN both are there, and the cluster's own is left out
    own, other = SqlCheck(QUERY), SqlCheck(QUERY, database="analytics+1")
    assert own.name != other.name
    assert "database" not in own.as_record()
    assert other.as_record()["database"] == "analytics+1"


def test_a_plan_has_no_more_checks_than_a_run_can_ask() -> None:
    checks = [SqlCheck(f"select {number}") for number in range(MOST_CHECKS + 1)]
    problems = Problems("plan")
    joined_checks(problems, checks[:1], checks[1:-1])
    problems.raise_if_any()
    joined_checks(problems, checks[:1], checks[1:])
    with pytest.raises(ResilientRedshiftError, match="'checks' must be at most 50 checks in a plan, got '51 checks'"):
        problems.raise_if_any()


def test_the_longest_name_and_answer_pass() -> None:
    assert SqlCheck(QUERY, name="x" * 64, expected="").expected == ""
    assert SqlCheck(QUERY, name="Rows of the day_1.2", expected="x" * 256).name == "Rows of the day_1.2"


def test_tokens_are_refused_together() -> None:
    # GIVEN values that only the deployment knows WHEN a check has them THEN one error reports all: the record has them
    token = text_parameter(new_stack())
    with pytest.raises(ResilientRedshiftError) as caught:
        SqlCheck(f"select {token}", expected=token, name=token)
    assert [problem.split("'")[1] for problem in caught.value.problems] == ["sql", "expected", "name"]


def test_equal_checks_count_once_and_each_name_belongs_to_one_check() -> None:
    # GIVEN a plan's checks WHEN an equal check is added THEN the plan has it once; another check of its name is refused
    one, other = SqlCheck(QUERY, name="a"), SqlCheck("select 1", name="a")
    problems = Problems("here")
    assert joined_checks(problems, [one], [one, SqlCheck("select 1", name="b")])[0] is one
    problems.raise_if_any()
    joined_checks(problems, [one], [other])
    with pytest.raises(ResilientRedshiftError, match="'checks' must be checks with different names, got 'a'"):
        problems.raise_if_any()


def test_needs_no_cdk() -> None:
    code = "import sys, resilient_redshift.recovery.sql_check; assert 'aws_cdk' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
