"""Redshift Serverless is named, because the table does not judge it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from resilient_redshift.planning import Format, ReportOptions, check, not_judged, render
from resilient_redshift.planning.__main__ import main
from tests.planning.templates import cluster, stack

if TYPE_CHECKING:
    from pathlib import Path

NAMESPACE = {"Type": "AWS::RedshiftServerless::Namespace", "Properties": {"NamespaceName": "adhoc"}}
LINE = "stack Warehouse: Redshift Serverless namespace adhoc"


def test_a_namespace_is_named_and_a_relational_database_is_not() -> None:
    database = {"Type": "AWS::RDS::DBCluster", "Properties": {}}

    assert not_judged([stack(Adhoc=NAMESPACE, Database=database)]) == (LINE,)


@pytest.mark.parametrize("resources", [{}, {"Warehouse": cluster()}], ids=["alone", "beside a cluster"])
def test_the_command_names_it(resources: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # GIVEN
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Adhoc": NAMESPACE, **resources}}))

    # WHEN
    assert main([str(file)]) == main([str(file), "--json"]) == 0

    # THEN
    shown = capsys.readouterr().out
    assert "not judged: 1 warehouse of Redshift Serverless" in shown
    assert '"not_judged": [' in shown


@pytest.mark.parametrize("form", [Format.TEXT, Format.MARKDOWN, Format.JSON])
def test_the_report_of_a_check_names_it(form: Format) -> None:
    result = check([stack(Adhoc=NAMESPACE)])

    assert result.not_judged == (LINE,)
    assert "namespace adhoc" in render(result, form, ReportOptions())
