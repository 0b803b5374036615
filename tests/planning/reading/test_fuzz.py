"""No input ends in a traceback: templates of every kind are changed at random, and read all the same."""

from __future__ import annotations

import copy as copies
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resilient_redshift.planning import (
    AssemblyError,
    SynthesizedTemplate,
    protection_tables,
    read_templates,
    snapshot_policies,
    unread_parts,
)
from resilient_redshift.planning.reading.local_files import LocalFiles
from resilient_redshift.planning.reading.nested import with_nested
from resilient_redshift.planning.reading.source import documents, template_of
from tests.planning.reading.kinds import KINDS
from tests.planning.reading.test_stacks import TEMPLATE
from tests.planning.templates import cluster, copy, rule

if TYPE_CHECKING:
    from pathlib import Path

OURS = {
    **TEMPLATE,
    "Transform": ["AWS::LanguageExtensions"],
    "Resources": {
        "Warehouse": cluster(
            "Snapshot", condition="Maybe", NumberOfNodes={"Fn::FindInMap": ["Sizes", "prod", "Nodes"]}
        ),
        "Copy": copy(),
        "Nightly": rule(),
        "Inner": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {"TemplateBody": {"Resources": {}}, "Parameters": {"A": {"Ref": "Env"}}},
        },
    },
    "Outputs": {"Id": {"Value": {"Fn::Sub": "${Inner.Outputs.B}"}, "Export": {"Name": {"Fn::Join": ["-", ["a"]]}}}},
}
TEXTS = sorted({text for kind in KINDS.values() for text in kind.files.values() if "Resources" in text})
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["Ref", "Env", "AWS::NoValue", "Maybe", "${A.B}", "{{resolve:ssm:x}}", "Warehouse", "\ud800"]),
)
CALLS = st.builds(
    lambda name, argument: {name: argument},
    st.sampled_from(["Ref", "Fn::GetAtt", "Fn::If", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap"]),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=4)),
)
VALUES = st.recursive(
    st.one_of(SCALARS, CALLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=4,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a template at which something else could be: what contains it, and its key there."""
    inner = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    return [*((value, key) for key, _ in inner), *(place for _, item in inner for place in places(item))]


def templates() -> list[dict[str, Any]]:
    found = [OURS]
    for text in TEXTS:
        try:
            found += [each for content in documents("t", text) if (each := template_of(content)) is not None]
        except AssemblyError:
            continue
    return found


BASES = templates()


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_template_ends_in_a_traceback(data: st.DataObject) -> None:
    # GIVEN a template of any kind, in which values are changed at one to three places
    changed = copies.deepcopy(data.draw(st.sampled_from(BASES)))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(changed) or [(changed, "Resources")]))
        container[key] = data.draw(VALUES)
    root = SynthesizedTemplate("S", "eu-west-1", changed, file="s.yaml", parameters={"Env": None})

    # WHEN it is read beside another template
    everything = [*with_nested(root, LocalFiles([root])), SynthesizedTemplate("T", "eu-west-1", OURS)]

    # THEN there are tables, policies and parts
    assert all(table.rows for table in protection_tables(everything))
    snapshot_policies(everything)
    assert all(isinstance(part, str) for part in unread_parts(everything))


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_text_ends_in_a_traceback(data: st.DataObject) -> None:
    # GIVEN the text of a template of any kind, in which a part is replaced by another text
    text = data.draw(st.sampled_from(TEXTS))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    other = data.draw(
        st.one_of(st.text(max_size=5), st.sampled_from(["&a", "*a", "!Ref", "<<: ", "[", "{", ": ", "---\n"]))
    )

    # WHEN / THEN it is a list of values, or an error that says so
    try:
        contents = documents("t", text[:start] + other + text[end:])
    except AssemblyError:
        return
    assert isinstance(contents, list)


def test_a_bomb_of_aliases_is_an_error(tmp_path: Path) -> None:
    # GIVEN a short text whose aliases mean a thousand million values, and one that contains itself
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)]
    bomb, circle = tmp_path / "bomb.yaml", tmp_path / "circle.yaml"
    bomb.write_text("\n".join([*lines, "Resources: {Dw: {Type: AWS::Redshift::Cluster, Properties: *a8}}"]))
    circle.write_text("Resources: &r {Dw: {Type: AWS::Redshift::Cluster, Properties: *r}}")

    # WHEN the folder is read THEN both are named, at once
    assert [each.split(" once")[0] for each in unread_parts(read_templates(str(tmp_path)))] == [
        "bomb.yaml: bomb.yaml has more than 1000000 values,",
        "circle.yaml: circle.yaml has more than 1000000 values,",
    ]


def test_a_bomb_of_hash_merges_is_an_error() -> None:
    # GIVEN a short text whose hash merges mean a thousand thousand million entries
    lines = [
        "a0: &a0 {k: v}",
        *(f"a{level}: &a{level} {{<<: [*a{level - 1}, *a{level - 1}]}}" for level in range(1, 40)),
    ]

    # WHEN / THEN it is an error, at once
    with pytest.raises(AssemblyError, match=r"^t has more than 1000000 values, once its aliases are replaced"):
        documents("t", "\n".join([*lines, "Resources: {}"]))


def test_a_yaml_that_is_too_deep_is_an_error() -> None:
    # GIVEN values so deep that libyaml would end the process WHEN / THEN it is an error
    with pytest.raises(AssemblyError, match=r"^t has values inside one another more than 1000 times"):
        documents("t", "Resources: " + "[" * 100_000)


@pytest.mark.parametrize("value", ["!!timestamp x", "!!bool x", "!!bool ''", "!!float ''"])
def test_a_value_that_its_tag_does_not_allow_is_an_error(value: str) -> None:
    with pytest.raises(AssemblyError, match=r"^t (has a value that its tag|is neither JSON nor YAML)"):
        documents("t", f"Resources: {value}")


@pytest.mark.parametrize("number", ["''", "0x" + "f" * 9000, "1" * 9000, "0o7", "1:30"])
def test_a_whole_number_in_another_form_is_a_text(number: str) -> None:
    assert documents("t", f"a: !!int {number}") == [{"a": number.strip("'")}]


def test_a_deep_template_is_read(tmp_path: Path) -> None:
    # GIVEN a template with a value that is deeper than any reader goes WHEN read THEN it is unknown
    file = tmp_path / "t.json"
    text = json.dumps({"Resources": {"W": cluster(NumberOfNodes="DEEP")}})
    file.write_text(text.replace('"DEEP"', '{"Fn::Base64": [' * 200 + '"x"' + "]}" * 200))
    (only,) = protection_tables(read_templates(str(file)))
    assert only.rows[0].protection == "unknown"
