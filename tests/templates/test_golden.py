"""What users' stacks, dashboards and acknowledgments stand on, against golden files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from resilient_redshift.contract import names, schemas
from resilient_redshift.contract.names import ASSOCIATION_TYPE, COPY_TYPE, GRANT_TYPE, SCHEDULE_TYPE, WATCH_TYPE
from resilient_redshift.core.warnings import Warn
from resilient_redshift.provider.framework import SERVICE_TIMEOUT_MINUTES
from resilient_redshift.stack.synth_rules import RULES, Rule
from tests.templates import golden, shapes
from tests.templates.resolve import of_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LOGICAL_IDS = (
    "A logical id or a resource's type changed. At users', CloudFormation replaces the resource: it deletes a cluster, a key, a log group or a copy, "
    "and makes an empty one. The provider's ids may never change (ServiceToken)."
)


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_logical_ids(name: str, shape_named: Callable[[str], shapes.Shape]) -> None:
    found = {
        stack: {logical_id: resource["Type"] for logical_id, resource in template["Resources"].items()}
        for stack, template in shape_named(name).templates.items()
    }
    golden.check(f"logical_ids_{name}", found, LOGICAL_IDS)


def test_custom_resources(shape_named: Callable[[str], shapes.Shape]) -> None:
    # GIVEN every custom resource of every shape
    found: dict[str, set[str]] = {}
    for name in shapes.SHAPES:
        for template in shape_named(name).templates.values():
            for kind in (COPY_TYPE, GRANT_TYPE, SCHEDULE_TYPE, ASSOCIATION_TYPE, WATCH_TYPE):
                for resource in of_type(template, kind).values():
                    found.setdefault(kind, set()).update(resource["Properties"])
                    assert resource["Properties"]["ServiceTimeout"] == str(SERVICE_TIMEOUT_MINUTES * 60)
    golden.check(
        "custom_resources",
        {kind: sorted(names) for kind, names in found.items()},
        "A custom resource has other properties: a handler deployed by another version of the library meets them in a rollback.",
    )


def test_plan_record() -> None:
    golden.check(
        "plan_record_schema",
        schemas.PLAN_RECORD_SCHEMA,
        "The plan record changed its shape: raise PLAN_RECORD_VERSION, as readers in the other Region may be older.",
    )


def test_names() -> None:
    found = {name: value for name, value in vars(names).items() if name.startswith(("TAG_", "METRIC", "DIMENSION_"))}
    golden.check(
        "names",
        found,
        "A tag, metric or dimension has another name: users' alarms, dashboards and snapshots carry the old one.",
    )


def test_warnings() -> None:
    golden.check(
        "warnings",
        {name: str(value) for name, value in Warn.__members__.items()},
        "A warning's id changed: acknowledgments of it lose their effect.",
    )


def test_synth_rules() -> None:
    assert set(RULES) == set(Rule)
    found = {name: str(value) for name, value in Rule.__members__.items()}
    golden.check("synth_rules", found, "A rule's id changed: acknowledgments of it lose their effect.")


@pytest.mark.parametrize(
    ("golden_file", "actual", "change"),
    [
        (
            {"Key": "AWS::KMS::Key"},
            {"Key2": "AWS::KMS::Key"},
            ["/Key: gone, was 'AWS::KMS::Key'", "/Key2: new, 'AWS::KMS::Key'"],
        ),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["/a/b: was 1, is 2"]),
        ({"a": [1]}, {"a": [1]}, []),
        (None, {}, ["/: was None, is {}"]),
    ],
)
def test_a_change_is_told(golden_file: Any, actual: Any, change: list[str]) -> None:
    assert golden.differences(golden_file, actual) == change


def test_a_change_fails_and_says_what_it_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # GIVEN
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.delenv(golden.UPDATE, raising=False)
    (tmp_path / "ids.json").write_text('{"Key": "AWS::KMS::Key"}')

    # WHEN / THEN
    with pytest.raises(AssertionError, match=r"replaces the resource(?s:.*)UPDATE_GOLDEN=1(?s:.*)/Key: gone"):
        golden.check("ids", {}, LOGICAL_IDS)

    # WHEN somebody means it
    monkeypatch.setenv(golden.UPDATE, "1")
    golden.check("ids", {}, LOGICAL_IDS)
    assert (tmp_path / "ids.json").read_text() == "{}\n"
