"""What the conditions of a template imply."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate
from resilient_redshift.planning._conditions import implies
from tests.planning.templates import cells, cluster, copy, table

PROD = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}
DEV = {"Fn::Equals": ["dev", {"Ref": "Stage"}]}
BIG = {"Fn::Equals": [{"Ref": "Size"}, "big"]}
DEFINITIONS: dict[str, Any] = {
    "Prod": PROD,
    "SameAsProd": PROD,
    "NotProd": {"Fn::Not": [{"Condition": "Prod"}]},
    "Dev": DEV,
    "Big": BIG,
    "BigProd": {"Fn::And": [{"Condition": "Prod"}, BIG]},
    "BigOrProd": {"Fn::Or": [BIG, {"Condition": "Prod"}]},
    "Always": {"Fn::Or": [PROD, {"Condition": "NotProd"}]},
    "Loop": {"Condition": "Loop"},
    "Many": {"Fn::And": [{"Fn::Equals": [{"Ref": f"P{number}"}, "x"]} for number in range(12)]},
}


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [
        ("Prod", "Prod", True),
        ("Prod", "SameAsProd", True),
        ("BigProd", "Prod", True),
        ("Prod", "BigOrProd", True),
        ("Prod", "BigProd", False),
        ("Prod", "Big", False),
        (None, "Always", True),
        (None, "Prod", False),
        ("Prod", "Undefined", False),
        ("Prod", "Loop", False),
        ("Prod", "Many", False),
    ],
)
def test_a_condition_holds_with_another_only_when_every_case_says_so(
    given: str | None, wanted: str, expected: bool
) -> None:
    assert implies(DEFINITIONS, given, wanted) is expected


@pytest.mark.parametrize(
    ("given", "wanted", "expected"),
    [("Prod", "NotProd", True), ("Prod", "Dev", True), ("NotProd", "Dev", False), ("Prod", "Big", False)],
)
def test_a_condition_is_excluded_by_another(given: str, wanted: str, expected: bool) -> None:
    assert implies(DEFINITIONS, given, wanted, holds=False) is expected


def test_a_condition_of_a_nested_stack_is_not_its_parents_condition_of_the_same_name() -> None:
    # GIVEN a nested stack under a condition, and in it a copy under another condition of that name
    wanted = {"Fn::Equals": [{"Ref": "Open"}, "yes"]}
    declared = {"Parameters": {"Open": {"Type": "String"}}, "Conditions": {"Wanted": wanted}}
    inner = {"Type": "AWS::CloudFormation::Stack", "Condition": "Wanted", "Properties": {}}
    parent = SynthesizedTemplate("P", "us-east-1", {**declared, "Resources": {"Inner": inner}})
    resources = {"Warehouse": cluster(), "Copy": {**copy(), "Condition": "Wanted"}}
    nested = SynthesizedTemplate(
        "P/C", "us-east-1", {**declared, "Resources": resources}, used_by=(parent.key, "Inner")
    )

    # WHEN judged THEN the copy is not certain
    assert cells(table(parent, nested), "the Region") == ("none", "-", "-")
