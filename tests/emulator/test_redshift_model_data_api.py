"""The model: the Redshift Data API of its clusters."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import pytest

from emulator.redshift_model import ApiError, RedshiftModel, Settings
from tests.emulator.restore_scene import asked, ready, restore
from tests.emulator.scene import DAY, HERE, HOUR, THERE

WHO = {"ClusterIdentifier": "warehouse", "Database": "dev", "DbUser": "warehouse_admin"}


@pytest.fixture
def standing(model: RedshiftModel) -> RedshiftModel:
    """A warehouse with two tables."""
    model.given_cluster(HERE, "warehouse")
    model.given_content(HERE, "warehouse", {"orders": (1000, 60_000), "crm.people": (50, 10_000), "empty": (0, 7)})
    return model


def execute(model: RedshiftModel, sql: str = "select 1", **params: Any) -> str:
    found: str = model.data_call(HERE, "ExecuteStatement", {**WHO, "Sql": sql, **params})["Id"]
    return found


def state(model: RedshiftModel, identifier: str) -> str:
    found: str = model.data_call(HERE, "DescribeStatement", {"Id": identifier})["Status"]
    return found


class TestStatements:
    def test_one_is_submitted_then_started_then_finished(self, standing: RedshiftModel) -> None:
        # GIVEN a statement, through a real client
        client = standing.data_client(HERE)
        identifier = client.execute_statement(**WHO, Sql="select 1")["Id"]
        # WHEN time passes
        seen = []
        for seconds in (0, 0.5, 1.9, 0.1):
            standing.clock.advance(seconds)
            seen.append(client.describe_statement(Id=identifier)["Status"])
        # THEN it goes its way, and then has its result
        assert seen == ["SUBMITTED", "STARTED", "STARTED", "FINISHED"]
        found = client.describe_statement(Id=identifier)
        assert (found["HasResultSet"], found["ResultRows"], found["Duration"]) == (True, 1, 2_000_000_000)
        result = client.get_statement_result(Id=identifier)
        assert (result["Records"], result["TotalNumRows"]) == ([[{"longValue": 1}]], 1)
        assert result["ColumnMetadata"][0]["typeName"] == "int8"

    def test_there_is_no_result_before_the_end_nor_without_one(self, standing: RedshiftModel) -> None:
        early, written = execute(standing), execute(standing, "insert into orders values (1)")
        for wait, identifier in ((0, early), (5, written)):
            standing.clock.advance(wait)
            with pytest.raises(ApiError, match="ResourceNotFoundException"):
                standing.data_call(HERE, "GetStatementResult", {"Id": identifier})
        assert standing.data_call(HERE, "DescribeStatement", {"Id": written})["ResultRows"] == 1

    def test_it_can_be_cancelled_while_it_runs(self, standing: RedshiftModel) -> None:
        identifier = execute(standing, "insert into orders values (1)")
        standing.clock.advance(1)
        assert standing.data_call(HERE, "CancelStatement", {"Id": identifier}) == {"Status": True}
        standing.clock.advance(HOUR)
        assert state(standing, identifier) == "ABORTED"
        assert standing.content(HERE, "warehouse").tables["public.orders"].rows == 1000
        with pytest.raises(ApiError, match="ValidationException"):
            standing.data_call(HERE, "CancelStatement", {"Id": identifier})

    def test_one_cancelled_before_it_started_never_starts(self, standing: RedshiftModel) -> None:
        identifier = execute(standing)
        standing.data_call(HERE, "CancelStatement", {"Id": identifier})
        standing.clock.advance(0.5)
        assert state(standing, identifier) == "ABORTED"

    def test_it_is_forgotten_after_a_day(self, standing: RedshiftModel) -> None:
        identifier = execute(standing)
        standing.clock.advance(DAY)
        assert state(standing, identifier) == "FINISHED"
        standing.clock.advance(10)
        with pytest.raises(ApiError, match="ResourceNotFoundException"):
            state(standing, identifier)

    def test_a_token_makes_it_one(self, standing: RedshiftModel) -> None:
        first = execute(standing, ClientToken="a")
        assert execute(standing, ClientToken="a") == first
        assert execute(standing, ClientToken="b") != first
        assert len(standing.statements(HERE, "warehouse")) == 2

    def test_they_are_listed_page_by_page(self, standing: RedshiftModel) -> None:
        for number in range(5):
            execute(standing, StatementName=f"check-{number}")
            standing.clock.advance(3)
        execute(standing)
        pages = standing.data_client(HERE).get_paginator("list_statements").paginate(PaginationConfig={"PageSize": 2})
        names = [[item["StatementName"] for item in page["Statements"]] for page in pages]
        assert names == [["check-4", "check-3"], ["check-2", "check-1"], ["check-0"]]

    def test_a_batch_is_one_transaction(self, standing: RedshiftModel) -> None:
        # GIVEN a batch that writes and then fails, and one that works
        who = {**WHO, "Sqls": ["insert into orders values (1)", "select count(*) from nothing"]}
        bad = standing.data_call(HERE, "BatchExecuteStatement", who)["Id"]
        standing.clock.advance(10)
        assert state(standing, bad) == "FAILED"
        assert standing.content(HERE, "warehouse").tables["public.orders"].rows == 1000
        good = standing.data_call(HERE, "BatchExecuteStatement", {**WHO, "Sqls": ["select 1", "select 2"]})["Id"]
        standing.clock.advance(10)
        # THEN each statement of it has a result of its own
        found = standing.data_call(HERE, "DescribeStatement", {"Id": good})
        assert [item["Id"] for item in found["SubStatements"]] == [f"{good}:1", f"{good}:2"]
        second = standing.data_call(HERE, "GetStatementResult", {"Id": f"{good}:2"})
        assert second["Records"] == [[{"longValue": 2}]]


class TestRefusals:
    @pytest.mark.parametrize(
        "params",
        [
            {"ClusterIdentifier": "nowhere"},
            {"Database": ""},
            {"SecretArn": "arn:aws:secretsmanager:eu-central-1:111122223333:secret:x"},
            {"WaitTimeSeconds": 31},
            {"Sql": "select 1; select 2"},
            {"Sql": " "},
        ],
    )
    def test_what_is_wrong_is_refused_at_once(self, standing: RedshiftModel, params: dict[str, Any]) -> None:
        with pytest.raises(ApiError, match="ValidationException"):
            standing.data_call(HERE, "ExecuteStatement", {**WHO, "Sql": "select 1", **params})
        assert standing.statements(HERE) == []

    def test_a_cluster_that_is_not_there_yet_answers_nothing(self) -> None:
        # GIVEN a restore that goes on WHEN SQL is asked THEN not before it is available
        model = ready()
        restore(model)
        with pytest.raises(ApiError, match="ValidationException"):
            asked(model, "select 1")
        model.clock.advance(HOUR)
        assert asked(model, "select 1") == {"longValue": 1}

    def test_a_busy_cluster_answers_and_a_paused_one_does_not(self, standing: RedshiftModel) -> None:
        standing.faults.busy(HERE, "warehouse", HOUR)
        assert asked(standing, "select 1", region=HERE) == {"longValue": 1}
        standing.faults.busy(HERE, "warehouse", HOUR, status="paused")
        with pytest.raises(ApiError, match="ValidationException"):
            execute(standing)

    def test_too_many_at_once(self, standing: RedshiftModel) -> None:
        standing.settings.statement_quota = 1
        execute(standing)
        with pytest.raises(ApiError, match="ActiveStatementsExceededException"):
            execute(standing)
        standing.clock.advance(5)
        execute(standing)

    def test_a_deleted_clusters_statement_fails(self, standing: RedshiftModel) -> None:
        standing.settings.statement_seconds = HOUR
        identifier = execute(standing)
        standing.call(HERE, "DeleteCluster", {"ClusterIdentifier": "warehouse", "SkipFinalClusterSnapshot": True})
        standing.clock.advance(2 * HOUR)
        assert state(standing, identifier) == "FAILED"

    def test_an_unknown_statement_is_not_found(self, standing: RedshiftModel) -> None:
        with pytest.raises(ApiError, match="ResourceNotFoundException"):
            state(standing, "d9b6c0c9-0747-4bf4-b142-e8883122f766")
        with pytest.raises(ApiError, match="ValidationException"):
            state(standing, "one")


class TestFaults:
    def test_its_own_errors_come_on_demand(self, standing: RedshiftModel) -> None:
        standing.faults.fail_next("ExecuteStatement", "ActiveStatementsExceededException", service="redshift-data")
        standing.faults.fail_for(60, "DescribeStatement", "InternalServerException", service="redshift-data")
        client = standing.data_client(HERE)
        with pytest.raises(client.exceptions.ActiveStatementsExceededException):
            client.execute_statement(**WHO, Sql="select 1")
        identifier = execute(standing)
        with pytest.raises(client.exceptions.InternalServerException) as caught:
            client.describe_statement(Id=identifier)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        standing.clock.advance(60)
        assert state(standing, identifier) == "FINISHED"

    def test_throttling_and_denied_access_reach_it_by_their_json_names(self, standing: RedshiftModel) -> None:
        standing.faults.throttle(operation="ExecuteStatement")
        standing.faults.deny_for(60, "ListStatements")
        for operation, params, name in (
            ("execute_statement", {**WHO, "Sql": "select 1"}, "ThrottlingException"),
            ("list_statements", {}, "AccessDeniedException"),
        ):
            with pytest.raises(botocore.exceptions.ClientError, match=name):
                getattr(standing.data_client(HERE), operation)(**params)
        assert [(call.service, call.error) for call in standing.calls] == [
            ("redshift-data", "ThrottlingException"),
            ("redshift-data", "AccessDeniedException"),
        ]


class TestSql:
    @pytest.mark.parametrize(
        ("sql", "first"),
        [
            ("SELECT  1;", {"longValue": 1}),
            ("select true as ok", {"booleanValue": True}),
            ("select 'word'", {"stringValue": "word"}),
            ("select null", {"isNull": True}),
            ("select count(*) from svv_table_info", {"longValue": 2}),
            ("select count(*) from pg_catalog.svv_table_info where \"schema\" = 'crm'", {"longValue": 1}),
            ("select count(distinct schema) from svv_table_info", {"longValue": 2}),
            ("select count(*) > 1 as ok from svv_table_info", {"booleanValue": True}),
            ("select sum(size) from svv_table_info", {"stringValue": "70000"}),
            ("select sum(size)::bigint from svv_table_info", {"longValue": 70_000}),
            ("select cast(sum(size) as bigint) from svv_table_info", {"longValue": 70_000}),
            ("select sum(size) >= 70001 from svv_table_info", {"booleanValue": False}),
            ("select max(tbl_rows) from svv_table_info", {"longValue": 1000}),
            ("select sum(size) from svv_table_info where schema = 'none'", {"isNull": True}),
            ("select coalesce(sum(size), 0)::bigint from svv_table_info where schema = 'none'", {"longValue": 0}),
            ("select count(*) from orders", {"longValue": 1000}),
            ("select count(*) from crm.people", {"longValue": 50}),
            ("select count(*) from empty", {"longValue": 0}),
        ],
    )
    def test_what_it_understands(self, standing: RedshiftModel, sql: str, first: dict[str, Any]) -> None:
        assert asked(standing, sql, region=HERE) == first

    @pytest.mark.parametrize(
        ("sql", "words"),
        [
            ("selec 1", 'syntax error at or near "selec"'),
            ("select count(*) from nothing", 'relation "nothing" does not exist'),
            ("select sum(nothing) from svv_table_info", 'column "nothing" does not exist'),
            ("drop table nothing", 'relation "nothing" does not exist'),
            ("create table orders (id int)", 'Relation "orders" already exists'),
        ],
    )
    def test_what_fails(self, standing: RedshiftModel, sql: str, words: str) -> None:
        assert words in asked(standing, sql, region=HERE)

    def test_another_user_or_database_is_turned_away(self, standing: RedshiftModel) -> None:
        assert 'user "IAM:someone" does not exist' in asked(standing, "select 1", region=HERE, DbUser="someone")
        assert 'database "lost" does not exist' in asked(standing, "select 1", region=HERE, Database="lost")

    def test_writing_changes_what_is_read(self, standing: RedshiftModel) -> None:
        for sql in (
            "create table if not exists visits (id int, who varchar(10))",
            "create table if not exists visits (id int)",
            "insert into visits (id, who) values (1, 'a'), (2, 'b')",
            "delete from orders",
        ):
            assert asked(standing, sql, region=HERE) == "FINISHED"
        assert asked(standing, "select count(*) from visits", region=HERE) == {"longValue": 2}
        assert asked(standing, "select count(*) from orders", region=HERE) == {"longValue": 0}

    def test_prepared_answers_come_first(self, standing: RedshiftModel) -> None:
        # GIVEN answers of every kind, one of them slow
        answers: dict[str, Any] = {
            "Select Max(day) From  orders": "2026-11-22",
            "select 1": {"error": "ERROR: disk full"},
            "select a, b from t": [[1, None], [2, 1.5]],
            "select slow": {"rows": [[False]], "columns": ["ok"], "seconds": 600},
        }
        standing.given_content(HERE, "warehouse", answers=answers)
        # THEN they stand in place of what the model would say
        assert asked(standing, "select max(day) from orders;", region=HERE) == {"stringValue": "2026-11-22"}
        assert asked(standing, "select 1", region=HERE) == "ERROR: disk full"
        assert asked(standing, "select slow", region=HERE) == "STARTED"
        identifier = execute(standing, "select a, b from t")
        standing.clock.advance(600)
        result = standing.data_call(HERE, "GetStatementResult", {"Id": identifier})
        assert result["Records"] == [[{"longValue": 1}, {"isNull": True}], [{"longValue": 2}, {"doubleValue": 1.5}]]

    def test_long_results_have_pages(self, standing: RedshiftModel) -> None:
        standing.given_content(HERE, "warehouse", answers={"select n": [[n] for n in range(250)]})
        identifier = execute(standing, "select n")
        standing.clock.advance(5)
        pages = standing.data_client(HERE).get_paginator("get_statement_result").paginate(Id=identifier)
        sizes = [len(page["Records"]) for page in pages]
        assert sizes == [100, 100, 50]

    def test_numeric_may_come_as_a_number(self, standing: RedshiftModel) -> None:
        standing.settings = standing.world.settings = Settings(numeric_as_text=False)
        assert asked(standing, "select sum(size) from svv_table_info", region=HERE) == {"longValue": 70_000}

    def test_a_cluster_nobody_described_has_its_size(self, model: RedshiftModel) -> None:
        model.given_cluster(HERE, "warehouse", size_megabytes=5000.0)
        assert asked(model, "select sum(size)::bigint from svv_table_info", region=HERE) == {"longValue": 5000}


def test_another_regions_statements_are_not_seen(standing: RedshiftModel) -> None:
    identifier = execute(standing)
    with pytest.raises(ApiError, match="ResourceNotFoundException"):
        standing.data_call(THERE, "DescribeStatement", {"Id": identifier})
