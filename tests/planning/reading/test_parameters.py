"""The values of parameters come in the forms in which AWS's tools take them, and a wrong name is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from resilient_redshift.planning import AssemblyError, SynthesizedTemplate, parse_parameters, read_templates
from resilient_redshift.planning.__main__ import main
from resilient_redshift.planning.reading.parameters import with_parameters

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = """
Parameters:
  Nodes: {Type: Number, Default: 2}
  Env: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Resources:
  Dw: {Type: AWS::Redshift::Cluster, Properties: {ClusterIdentifier: !Sub "dw-${Env}", NumberOfNodes: !Ref Nodes}}
"""


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Nodes=4", {"Nodes": "4"}),
        ("Nodes=", {"Nodes": ""}),
        ("Name=a=b:c", {"Name": "a=b:c"}),
        ("Prod/Db:Nodes=4", {"Prod/Db:Nodes": "4"}),
        ("AWS::Region=eu-west-1", {"AWS::Region": "eu-west-1"}),
        ("Db:AWS::Region=eu-west-1", {"Db:AWS::Region": "eu-west-1"}),
        ("ParameterKey=Nodes,ParameterValue=4", {"Nodes": "4"}),
        ("ParameterKey=Nodes,UsePreviousValue=true", {"Nodes": None}),
    ],
    ids=str,
)
def test_a_word_is_a_value(word: str, expected: dict[str, str | None]) -> None:
    assert parse_parameters([word]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"ParameterKey": "Nodes", "ParameterValue": "4"}]', {"Nodes": "4"}),
        ('[{"ParameterKey": "Nodes", "UsePreviousValue": true}]', {"Nodes": None}),
        ('["Nodes=4", "Env=prod"]', {"Nodes": "4", "Env": "prod"}),
        ('{"Parameters": {"Nodes": 4}, "Tags": {"a": "b"}, "StackPolicy": {}}', {"Nodes": "4"}),
        ('{"Nodes": "4", "Zones": ["a", "b"]}', {"Nodes": "4", "Zones": "a,b"}),
        ("Nodes: 4\nOn: true\n", {"Nodes": "4", "On": "true"}),
    ],
    ids=["AWS CLI", "previous value", "list of words", "CodePipeline", "mapping", "YAML"],
)
@pytest.mark.parametrize("scheme", ["", "file://"], ids=["path", "URL"])
def test_a_file_has_values(tmp_path: Path, text: str, expected: dict[str, str | None], scheme: str) -> None:
    (tmp_path / "values.json").write_text(text)

    assert parse_parameters([f"{scheme}{tmp_path / 'values.json'}"]) == expected


@pytest.mark.parametrize("word", ["Nodes", "/nowhere.json", "", "a\0b", "file://Nodes=4", "x" * 5000])
def test_another_word_is_an_error(word: str) -> None:
    with pytest.raises(AssemblyError, match="is neither Key=Value, nor Stack:Key=Value, nor a file"):
        parse_parameters([word])


def test_a_file_without_values_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text("5")

    with pytest.raises(AssemblyError, match=r"values.json has no parameters"):
        parse_parameters([str(tmp_path / "values.json")])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("Nods=4", "'Nods' is declared by no template of the input; did you mean 'Nodes'?"),
        ("nodes=4", "did you mean 'Nodes'?"),
        ("Unlike=4", "'Unlike' is declared by no template of the input$"),
        ("dww:Nodes=4", "'dww:Nodes' is of no stack of the input; did you mean 'dw"),
        ("Env=test", "'Env' must be one of dev, prod, got 'test'"),
        ("AWS::Region=Europe", "must be a Region such as us-east-1"),
        ("AWS::AccountId=1", "must be an account of 12 digits"),
        ("AWS::Regoin=eu-west-1", "did you mean 'AWS::Region'?"),
    ],
)
def test_a_value_that_no_template_takes_is_an_error(tmp_path: Path, given: str, message: str) -> None:
    (tmp_path / "dw.yaml").write_text(TEMPLATE)

    with pytest.raises(AssemblyError, match=message.replace("?", r"\?")):
        read_templates(str(tmp_path / "dw.yaml"), parameters=parse_parameters([given]))


def test_a_value_for_one_stack_comes_before_one_for_all(tmp_path: Path) -> None:
    # GIVEN two stacks that declare the same parameter
    for name in ("one.yaml", "two.yaml"):
        (tmp_path / name).write_text(TEMPLATE)

    # WHEN one of them gets a value of its own
    one, two = read_templates(str(tmp_path), parameters={"one:Nodes": "8", "Nodes": "4", "AWS::Region": "eu-west-1"})

    # THEN
    assert (one.parameters["Nodes"], two.parameters["Nodes"]) == ("8", "4")
    assert (one.region, two.region) == ("eu-west-1", "eu-west-1")


def test_a_region_that_is_known_stays() -> None:
    template = SynthesizedTemplate("S", "us-east-1", {"Resources": {}}, "111111111111")

    (same,) = with_parameters([template], {"AWS::Region": "eu-west-1", "AWS::AccountId": "222222222222"})

    assert (same.region, same.account) == ("us-east-1", "111111111111")


def test_the_command_takes_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "dw.yaml").write_text(TEMPLATE)
    place = str(tmp_path / "dw.yaml")

    assert main([place, "--parameters", "Env=prod", "--parameters", "AWS::Region=eu-west-1"]) == 0
    assert capsys.readouterr().out.startswith("dw-prod (eu-west-1, stack dw.yaml)")
    assert main([place, "--parameters", "Nods=4"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
