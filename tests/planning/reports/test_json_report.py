"""Reports as JSON, and their published schemas."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from resilient_redshift.planning import as_json
from resilient_redshift.planning.changes.comparison import Aspect, Comparison, Direction, Presence
from resilient_redshift.planning.checks.rules import CheckRule
from resilient_redshift.planning.reports import formats
from resilient_redshift.planning.reports.formats import Format, ReportOptions
from tests.planning.reports.samples import accepted, broken, change, check, comparison, fleet, kept, key, region_finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resilient_redshift.planning.checks.findings import CheckResult


def schema(name: str) -> dict[str, Any]:
    folder = files("resilient_redshift.planning.reports")
    return dict(json.loads((folder / f"{name}.schema.json").read_text(encoding="utf-8")))


def closed(value: Any) -> Any:
    """A schema that allows no field which it does not name."""
    if isinstance(value, list):
        return [closed(each) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {name: closed(each) for name, each in value.items()}
    return {**inner, "additionalProperties": False} if value.get("type") == "object" else inner


def shown(report: CheckResult | Comparison, **options: Any) -> Any:
    return json.loads(formats.render(report, Format.JSON, ReportOptions(**options)))


@pytest.mark.parametrize("report", [fleet(), check(), check(broken("\ud800\x1b"))], ids=["fleet", "nothing", "hostile"])
def test_every_field_of_a_check_is_in_its_schema(report: CheckResult) -> None:
    jsonschema.validate(shown(report), closed(schema("check")), jsonschema.Draft202012Validator)


@pytest.mark.parametrize("report", [change(), comparison()], ids=["change", "nothing"])
def test_every_field_of_a_comparison_is_in_its_schema(report: Comparison) -> None:
    jsonschema.validate(shown(report), closed(schema("diff")), jsonschema.Draft202012Validator)


def test_a_fixed_finding_names_its_cluster() -> None:
    before = Comparison(base="a", head="b", clusters=(), check=check(), fixed=(region_finding(key()),))

    values = shown(before)

    jsonschema.validate(values, closed(schema("diff")), jsonschema.Draft202012Validator)
    assert values["fixed"][0]["cluster"]["cluster"] == "sales"


@pytest.mark.parametrize("name", ["check", "diff"])
def test_the_schemas_are_schemas(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert closed(schema(name)) != schema(name)


def test_both_schemas_describe_a_check_alike() -> None:
    # GIVEN both schemas WHEN the shared parts are compared THEN they are equal
    of_check, of_diff = schema("check"), schema("diff")
    assert {name: of_diff["$defs"][name] for name in of_check["$defs"]} == of_check["$defs"]
    assert of_diff["$defs"]["check"]["properties"] == of_check["properties"]


def test_the_schemas_name_every_value_of_an_enumeration() -> None:
    texts = set(strings(schema("diff")))
    assert {*Aspect, *Direction, *Presence} <= texts
    assert all(rule.startswith("RR1") for rule in CheckRule)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)


def test_a_cluster_has_the_fields_of_the_protection_table() -> None:
    # GIVEN the same table WHEN shown by both commands THEN the check has the same fields with the same values
    result = broken()
    [table] = json.loads(as_json([result.table]))["clusters"]
    [cluster] = shown(check(result))["clusters"]
    assert {name: cluster[name] for name in table} == table


def test_requirements_have_their_outcome_and_row() -> None:
    [cluster] = shown(check(broken()))["clusters"]
    zone, region = cluster["requirements"]

    assert (zone["id"], zone["outcome"], zone["lose_at_most_seconds"]) == ("zone", "kept", 8 * 3600)
    assert (region["id"], region["outcome"], region["row"]["verdict"]) == ("region", "broken", "none")
    assert cluster["findings"][0]["rule"] == "RR103"


def test_options_choose_clusters_and_change_no_number() -> None:
    values = shown(check(kept(), broken(), accepted()), clusters=("sales",))

    assert [each["cluster"] for each in values["clusters"]] == ["sales"]
    assert values["kept"] is False
    assert values["summary"]["clusters"] == 3
