"""What is certain before deployment is in the place of the function that gives it; the rest stays a function."""

from __future__ import annotations

from typing import Any

import pytest

from resilient_redshift.planning import SynthesizedTemplate
from resilient_redshift.planning.reading import resolver
from resilient_redshift.planning.reading.stacks import resources_of

TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Env": {"Type": "String", "Default": "prod"},
        "Nodes": {"Type": "Number", "Default": 2},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a, b"},
        "Open": {"Type": "String"},
        "Ami": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/ami"},
        "Secret": {"Type": "String", "NoEcho": True},
        "Self": {"Type": "String", "Default": "{{resolve:ssm:/x}}"},
    },
    "Mappings": {"Sizes": {"prod": {"Nodes": 4, "Zones": ["a", "b"]}}},
    "Conditions": {
        "Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "Test": {"Fn::Not": [{"Condition": "Prod"}]},
        "Maybe": {"Fn::Equals": [{"Ref": "Open"}, "yes"]},
        "Neither": {"Fn::And": [{"Condition": "Maybe"}, {"Condition": "Test"}]},
        "Either": {"Fn::Or": [{"Condition": "Maybe"}, {"Condition": "Prod"}]},
        "Both": {"Fn::And": [{"Condition": "Maybe"}, {"Condition": "Prod"}]},
        "Circle": {"Condition": "Circle"},
    },
}


def resolved(value: Any, **parameters: str | None) -> Any:
    template = {**TEMPLATE, "Resources": {"R": {"Type": "Acme::A::B", "Properties": {"Value": value}}}}
    found = resources_of([SynthesizedTemplate("S", "eu-west-1", template, parameters=parameters)])
    (only,) = found.present
    return only.properties.get("Value", "absent")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "Nodes"}, "2"),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "Open"}, {"Ref": "Open"}),
        ({"Ref": "Ami"}, {"Ref": "Ami"}),
        ({"Ref": "Secret"}, {"Ref": "Secret"}),
        ({"Ref": "Self"}, {"Ref": "{{resolve:ssm:/x}}"}),
        ("{{resolve:ssm:/x}}", {"Ref": "{{resolve:ssm:/x}}"}),
        ({"Ref": "AWS::NoValue"}, "absent"),
        ([1, {"Ref": "AWS::NoValue"}], [1]),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Ref": "AWS::StackId"}, {"Ref": "AWS::StackId"}),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Env"}, "Nodes"]}, 4),
        ({"Fn::FindInMap": ["Sizes", "test", "Nodes", {"DefaultValue": 1}]}, 1),
        ({"Fn::FindInMap": ["Sizes", "test", "Nodes"]}, {"Fn::FindInMap": ["Sizes", "test", "Nodes"]}),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Open"}, "Nodes", {"DefaultValue": 1}]}, ["unknown"]),
        ({"Fn::Sub": "dw-${Env}-${AWS::Region}-${!Env}"}, "dw-prod-eu-west-1-${Env}"),
        ({"Fn::Sub": ["${A}/${Env}", {"A": {"Ref": "Nodes"}}]}, "2/prod"),
        ({"Fn::Sub": "${Key.Arn}"}, {"Fn::GetAtt": ["Key", "Arn"]}),
        ({"Fn::Sub": "a-${R}"}, {"Fn::Join": ["", ["a-", {"Ref": "R"}]]}),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Select": [1, {"Fn::Split": [",", "x,y"]}]}, "y"),
        ({"Fn::Select": ["9", {"Ref": "Zones"}]}, ["unknown"]),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, {"Fn::Select": [0, {"Fn::GetAZs": ""}]}),
        ({"Fn::Length": {"Ref": "Zones"}}, 2),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::ToJsonString": {"A": {"Ref": "Env"}}}, '{"A": "prod"}'),
        (
            {"Fn::ToJsonString": {"A": {"Ref": "R"}}},
            {"Fn::Join": ["", ['{"A": "', {"Ref": "R"}, '"}']]},
        ),
        ({"Fn::If": ["Prod", 1, 2]}, 1),
        ({"Fn::If": ["Test", 1, {"Ref": "AWS::NoValue"}]}, "absent"),
        ({"Fn::If": ["Either", 1, 2]}, 1),
        ({"Fn::If": ["Neither", 1, 2]}, 2),
        ({"Fn::If": ["Maybe", 1, 1]}, 1),
        ({"Fn::If": ["Maybe", 1, 2]}, {"Fn::If": ["Maybe", 1, 2]}),
        ({"Fn::If": ["Circle", 1, 2]}, {"Fn::If": ["Circle", 1, 2]}),
        ({"Fn::If": ["Nowhere", 1, 2]}, {"Fn::If": ["Nowhere", 1, 2]}),
        ({"Fn::Cidr": ["10.0.0.0/16", {"Ref": "Nodes"}]}, {"Fn::Cidr": ["10.0.0.0/16", "2"]}),
    ],
    ids=str,
)
def test_a_value_is_resolved_as_far_as_it_is_certain(value: Any, expected: Any) -> None:
    found = resolved(value)
    if expected == ["unknown"]:
        assert list(found) in (["Fn::Unknown"], ["Fn::FindInMap"])
    else:
        assert found == expected


def test_a_given_value_comes_before_the_default_and_one_that_is_not_known_hides_it() -> None:
    assert resolved({"Ref": "Env"}, Env="dev") == "dev"
    assert resolved({"Ref": "Env"}, Env=None) == {"Ref": "Env"}
    assert resolved({"Fn::If": ["Maybe", 1, 2]}, Open="yes") == 1


def test_conditions_that_are_decided_leave_the_resources() -> None:
    names = ["Prod", "Test", "Maybe", "Both"]
    resources = {name: {"Type": "Acme::A::B", "Condition": name} for name in names}
    found = resources_of([SynthesizedTemplate("S", None, {**TEMPLATE, "Resources": resources})])

    assert [(each.logical_id, each.condition) for each in found.present] == [
        ("Prod", None),
        ("Maybe", "Maybe"),
        ("Both", "Both"),
    ]
    assert [each.logical_id for each in found.gone] == ["Test"]
    maybe, both = found.present[1:]
    assert maybe.exists_with(both)
    assert both.exists_with(maybe)  # the other half of Both is certain
    assert not maybe.exists_with(found.present[0])


def test_equal_conditions_are_equal_only_within_their_template() -> None:
    # GIVEN two templates with the same condition over a parameter that nobody gave
    one = {**TEMPLATE, "Resources": {"A": {"Type": "Acme::A::B", "Condition": "Maybe"}}}
    found = resources_of([SynthesizedTemplate("S", None, one), SynthesizedTemplate("T", None, one)])

    # WHEN / THEN each deployment decides for itself
    first, second = found.present
    assert not first.exists_with(second)


def test_parameters_that_count_with_their_defaults_are_named_with_what_they_decide() -> None:
    attributes = {
        "Type": "Acme::A::B",
        "Condition": "Prod",
        "Properties": {"A": {"Ref": "Nodes"}, "B": 1, "C": {"Fn::If": ["Prod", 1, 2]}, "D": {"Ref": "Open"}},
    }
    (only,) = resources_of([SynthesizedTemplate("S", None, {**TEMPLATE, "Resources": {"R": attributes}})]).present

    assert only.defaults == {"": {"Env"}, "A": {"Nodes"}, "C": {"Env"}}


def test_a_nested_stack_gets_its_values_from_its_parent_and_gives_outputs_back() -> None:
    # GIVEN a parent with a cluster, whose name it gives to a nested stack, which gives it on
    nested_stack = {
        "Type": "AWS::CloudFormation::Stack",
        "Condition": "Maybe",
        "Properties": {"Parameters": {"Name": {"Ref": "Dw"}, "Size": {"Ref": "Nodes"}}},
    }
    user = {"Type": "Acme::A::B", "Properties": {"Of": {"Fn::GetAtt": "Inner.Outputs.Again"}}}
    parent = SynthesizedTemplate(
        "P", "eu-west-1", {**TEMPLATE, "Resources": {"Inner": nested_stack, "Dw": {"Type": "Acme::D::W"}, "User": user}}
    )
    child = SynthesizedTemplate(
        "P/C",
        "eu-west-1",
        {
            "Parameters": {"Name": {"Type": "String"}, "Size": {"Type": "String", "Default": "9"}},
            "Resources": {"Copy": {"Type": "Acme::C::C", "Properties": {"A": {"Ref": "Name"}, "B": {"Ref": "Size"}}}},
            "Outputs": {"Again": {"Value": {"Fn::Sub": "${Name}"}}},
        },
        used_by=(parent.key, "Inner"),
    )

    # WHEN the child comes first
    found = {each.logical_id: each for each in resources_of([child, parent]).present}

    # THEN
    copy = found["Copy"]
    assert copy.properties == {"A": {"Ref": "1:Dw"}, "B": "2"}
    assert copy.referred(copy.text("A")) == (1, "Dw")
    assert copy.condition == "Maybe of P"
    assert copy.exists_with(found["Inner"])
    assert not copy.exists_with(found["Dw"])
    assert copy.defaults == {"B": {"P:Nodes"}}
    assert found["User"].properties == {"Of": {"Ref": "Dw"}}


@pytest.mark.parametrize(
    "request_",
    [
        {"Fn::ImportValue": {"Fn::Sub": "${AWS::Region}-dw"}},
        {"Fn::GetStackOutput": {"StackName": "P", "OutputName": "Dw"}},
        {"Fn::GetStackOutput": {"StackName": "arn:aws:cloudformation:eu-west-1:1:stack/P/*", "OutputName": "Dw"}},
    ],
    ids=["import", "weak", "weak by ARN"],
)
def test_an_output_of_another_stack_is_found(request_: dict[str, Any]) -> None:
    export = {"Name": {"Fn::Join": ["-", [{"Ref": "AWS::Region"}, "dw"]]}}
    producer = {"Outputs": {"Dw": {"Value": {"Ref": "Dw"}, "Export": export}}}
    consumer = {"Resources": {"R": {"Type": "Acme::A::B", "Properties": {"V": request_}}}}
    twice = SynthesizedTemplate("P", "eu-west-1", producer)
    (only,) = resources_of([twice, SynthesizedTemplate("C", "eu-west-1", consumer)]).present
    (elsewhere,) = resources_of([twice, twice, SynthesizedTemplate("C", "eu-west-1", consumer)]).present

    assert only.properties == {"V": {"Ref": "0:Dw"}}
    assert "Ref" not in elsewhere.properties["V"]  # two stacks could be meant


def test_a_value_without_an_end_is_unknown() -> None:
    # GIVEN values that are too deep, and outputs that import one another
    deep: Any = "x"
    for _ in range(400):
        deep = {"Fn::Base64": [deep]}
    circle = {
        "Outputs": {"O": {"Value": {"Fn::ImportValue": "o"}, "Export": {"Name": "o"}}},
        "Resources": {"R": {"Type": "A::B::C", "Properties": {"V": {"Fn::ImportValue": "o"}, "D": deep}}},
    }

    # WHEN / THEN
    (only,) = resources_of([SynthesizedTemplate("S", None, circle)]).present
    assert only.text("V") is None
    assert only.text("D") is None


def test_a_parameter_that_some_instances_of_a_stack_set_override_is_unknown() -> None:
    # GIVEN a stack set with two parameters, of which some accounts get another value of one
    given = [{"ParameterKey": key, "ParameterValue": "7"} for key in ("Days", "Nodes")]
    groups = [{"Regions": ["eu-west-1"]}, {"ParameterOverrides": [{"ParameterKey": "Days", "ParameterValue": "0"}]}]
    properties = {"Parameters": given, "StackInstancesGroup": groups}
    outer = {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}
    parent = SynthesizedTemplate("P", "eu-west-1", outer)
    body = {
        "Parameters": {"Days": {"Type": "Number", "Default": 7}, "Nodes": {"Type": "Number"}},
        "Resources": {"R": {"Type": "A::B::C", "Properties": {"D": {"Ref": "Days"}, "N": {"Ref": "Nodes"}}}},
    }
    child = SynthesizedTemplate("P/Set", "eu-west-1", body, used_by=(parent.key, "Set"))

    # WHEN resolved THEN the other one is known
    *_, inner = resources_of([parent, child]).present
    assert (inner.literal("D"), inner.literal("N")) == (None, "7")


@pytest.mark.parametrize("first", ["x" * 100, {"Fn::Join": ["", ["x", {"Ref": "Unknown"}]]}], ids=["text", "call"])
def test_a_value_that_grows_without_end_is_unknown(monkeypatch: pytest.MonkeyPatch, first: Any) -> None:
    # GIVEN thirty outputs, of which each repeats the one before ten times
    monkeypatch.setattr(resolver, "_MOST_WEIGHT", 100_000)
    outputs: dict[str, Any] = {"O0": {"Value": first, "Export": {"Name": "e0"}}}
    for level in range(1, 30):
        repeated = {"Fn::Join": ["", [{"Fn::ImportValue": f"e{level - 1}"}] * 10]}
        outputs[f"O{level}"] = {"Value": repeated, "Export": {"Name": f"e{level}"}}
    resources = {"R": {"Type": "A::B::C", "Properties": {"V": {"Fn::ImportValue": "e29"}}}}

    # WHEN / THEN
    (only,) = resources_of([SynthesizedTemplate("S", None, {"Outputs": outputs, "Resources": resources})]).present
    assert only.literal("V") is None


@pytest.mark.parametrize("function", ["Fn::Base64", "Fn::ToJsonString"])
def test_a_text_that_a_function_makes_longer_and_longer_is_unknown(function: str) -> None:
    value: Any = '"' * 1000
    for _ in range(50):
        value = {function: value}
    assert not isinstance(resolved(value), str)


def test_a_number_that_python_does_not_write_is_unknown() -> None:
    template = {"Resources": {"R": {"Type": "A::B::C", "Properties": {"V": 10**5000}}}}
    (only,) = resources_of([SynthesizedTemplate("S", None, template)]).present
    assert (only.literal("V"), only.integer("V", 1)) == (None, None)
